"""An installation for each test of a job."""

from tests.installations import installation, s3, template

__all__ = ["installation", "s3", "template"]
