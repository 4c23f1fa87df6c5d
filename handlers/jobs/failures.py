"""What the operator can mend: one sentence, no traceback."""


class Failure(Exception):
    """A job cannot go on; its message says why, and holds no secret."""
