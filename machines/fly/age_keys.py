"""The age key pair of backups: the public half seals on the server, the private one stays away."""

import sys
from pathlib import Path

import pyrage
from pyrage import x25519

from machines.failures import Failure

STDOUT = "-"


def make(file: str) -> None:
    """Make a pair; the private key goes to a new file for its owner's eyes, or to the output."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    text = f"# public key: {public}\n{identity}\n"
    if file == STDOUT:
        sys.stdout.write(text)
        return
    path = Path(file)
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text)
    except OSError as ex:
        raise Failure(f"{file} cannot be written: {ex.strerror}.") from ex
    print(f"BACKUP_AGE_RECIPIENT={public}")
    print(f"The private key is in {file}. Keep it off the server, and a copy in another place:")
    print("without it no backup can ever be read.")


def read(file: Path) -> x25519.Identity:
    """Read the private key of a file, as age-keygen and `make` write it."""
    try:
        lines = file.read_text().split()
    except (OSError, UnicodeDecodeError) as ex:
        raise Failure(f"The key file {file} cannot be read.") from ex
    keys = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        (key,) = keys
        return x25519.Identity.from_str(key)
    except (ValueError, pyrage.IdentityError):
        # Without what was raised: it might quote the key.
        raise Failure(f"{file} does not hold one private key of age (AGE-SECRET-KEY-1…).") from None
