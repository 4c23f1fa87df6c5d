"""What a machine may do to a service at any moment, done to the real services."""
