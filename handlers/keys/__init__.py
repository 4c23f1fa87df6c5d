"""The keys service: the contents of a vault and its history."""
