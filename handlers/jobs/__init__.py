"""What the clock asks for: ``python -m handlers.jobs NAME`` in a machine that lives as long."""
