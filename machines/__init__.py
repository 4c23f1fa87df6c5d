"""How KeyArc runs: `python3 machines up | test | bench`."""
