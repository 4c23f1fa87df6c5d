"""Images made as the Dockerfile says, without Docker."""
