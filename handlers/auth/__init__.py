"""The auth service: accounts, and the sessions that prove who asks."""
