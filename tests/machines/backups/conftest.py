"""An installation for each test of what an operator does with backups."""

from tests.installations import installation, s3, template

__all__ = ["installation", "s3", "template"]
