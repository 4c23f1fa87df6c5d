"""How it runs: the database, the processes, the commands."""
