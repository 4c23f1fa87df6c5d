"""What a person can mend: one sentence, no traceback."""


class Failure(Exception):
    """A command cannot go on; its message says why and what helps."""
