"""KA1 in Python."""
