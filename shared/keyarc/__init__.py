"""KA1, KeyArc's end-to-end encryption, and the client that is built on it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .client import Client
    from .device import Device
    from .encoding import Broken, Mistyped
    from .errors import Failure, Rollback
    from .items import Details, Field, Overview
    from .vaults import Vault

__all__ = [
    "Broken",
    "Client",
    "Details",
    "Device",
    "Failure",
    "Field",
    "Mistyped",
    "Overview",
    "Rollback",
    "Vault",
]

_HOMES: Final = {
    "Broken": "encoding",
    "Client": "client",
    "Details": "items",
    "Device": "device",
    "Failure": "errors",
    "Field": "items",
    "Mistyped": "encoding",
    "Overview": "items",
    "Rollback": "errors",
    "Vault": "vaults",
}


def __getattr__(name: str) -> Any:
    """Load a name from its module when it is first asked for: a server asks for none of them."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
