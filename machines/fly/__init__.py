"""The operator's commands for Fly, on top of its own program ``flyctl``."""
