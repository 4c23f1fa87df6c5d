"""What the world can ask for: one folder per service."""
