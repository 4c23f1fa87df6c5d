"""What an operator sees of the running whole: logs, metrics, alerts."""
