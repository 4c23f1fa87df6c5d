"""Tests of backups, as an operator makes and restores them."""
