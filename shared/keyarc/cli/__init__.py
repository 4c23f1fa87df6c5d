"""The command ``keyarc``: credentials in vaults that the server cannot read."""

from .main import main

__all__ = ["main"]
