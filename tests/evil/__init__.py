"""A server that lies, in the middle of everything: what it can try, and what comes of it."""
