"""Versions: their numbers, their notes, their wheels and their pages."""
