"""The operator's commands, against a Fly that stands in for the real one."""
