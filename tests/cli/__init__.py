"""The command ``keyarc``, started as a process."""
