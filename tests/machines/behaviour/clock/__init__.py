"""A folder for PYTHONPATH: the processes of a test find their wrong clock here."""
