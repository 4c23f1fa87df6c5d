"""What a device keeps of a vault, so that the next command fetches only what changed.

The rows stay sealed as they came; they are settled against the pin that is kept with them whenever
they are read. A file is under a MAC of the account's own key, so what it says this device has seen
is what this device has seen; one that does not fit is as good as none.
"""

import contextlib
import hmac
import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from . import hkdf
from .answers import Head
from .commits import State
from .device import Device
from .encoding import (
    Broken,
    ObjectType,
    Reader,
    b64,
    check_blob,
    lp32,
    parse_u64,
    strict_json,
    u32,
    u64,
    unb64,
)
from .listings import ListedSecret, Listing
from .memories import AuditPin
from .pins import decode_pin, encode_pin, members
from .sync import VaultView

MAGIC: Final = b"keyarc/cache/1\0"
MAC: Final = 32


@dataclass(frozen=True)
class Cached:
    """A vault as it was kept: its public state, the list that it signs, and what was heard."""

    state: State
    listing: Listing
    tag: str


class Cache:
    """The folder ``cache`` of a device, for one account."""

    def __init__(self, device: Device, user_key: bytes, user_id: UUID) -> None:
        self._folder = device.home / "cache" / str(user_id)
        self._key = hkdf.expand(user_key, b"keyarc/cache\0" + user_id.bytes, MAC)

    def load(self, vault_id: UUID) -> Cached | None:
        """Give what was kept of a vault, None where there is nothing or it is not whole."""
        try:
            reader = self._read(vault_id, "rows")
            state = decode_pin(vault_id, strict_json(reader.lp32()))
            secrets = [_read_row(reader) for _ in range(reader.u32())]
            deleted = {reader.id(): reader.u64() for _ in range(reader.u32())}
            reader.end()
            heard = _Heard.of(strict_json(self._read(vault_id, "heard").lp32()))
        except (Broken, OSError):
            return None
        head = Head(state.seq, state.head, state.signed)
        tag = heard.tag if heard.seq == state.seq else ""
        return Cached(state, Listing(head, heard.audit, secrets, deleted), tag)

    def keep(self, view: VaultView, tag: str, *, rows: bool) -> None:
        """Keep a verified view; without *rows* only where its access log ends, and the tag."""
        if view.audit is None:
            return
        heard = _Heard(view.state.seq, view.audit, tag)
        with contextlib.suppress(OSError):  # a full disk makes the next command slower, no more
            if rows:
                self._write(view.vault_id, "rows", _rows(view))
            self._write(view.vault_id, "heard", lp32(json.dumps(heard.media).encode()))

    def forget(self) -> None:
        """Keep nothing of this account any more."""
        import shutil  # noqa: PLC0415 - 2 ms that only a logout needs

        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # other accounts keep theirs
            self._folder.parent.rmdir()

    def _read(self, vault_id: UUID, name: str) -> Reader:
        content = self._path(vault_id, name).read_bytes()
        body = content[:-MAC]
        if not hmac.compare_digest(content[-MAC:], self._mac(vault_id, name, body)):
            raise Broken
        return Reader(body)

    def _write(self, vault_id: UUID, name: str, body: bytes) -> None:
        for folder in (self._folder.parent, self._folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        path = self._path(vault_id, name)
        fresh = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.write(self._mac(vault_id, name, body))
        fresh.replace(path)

    def _mac(self, vault_id: UUID, name: str, body: bytes) -> bytes:
        mac = hmac.new(self._key, MAGIC + vault_id.bytes + name.encode() + b"\0", sha256)
        mac.update(body)
        return mac.digest()

    def _path(self, vault_id: UUID, name: str) -> Path:
        return self._folder / f"{vault_id}.{name}"


@dataclass(frozen=True)
class _Heard:
    """Where the access log ended, and the tag of an answer that had nothing after *seq*."""

    seq: int
    audit: AuditPin
    tag: str

    @property
    def media(self) -> dict[str, Any]:
        audit = [str(self.audit.seq), b64(self.audit.hash)]
        return {"seq": str(self.seq), "audit": audit, "tag": self.tag}

    @classmethod
    def of(cls, media: Any) -> Self:
        heard = members(media, "seq", "audit", "tag")
        seq, hash_ = heard["audit"]
        return cls(
            parse_u64(heard["seq"]), AuditPin(parse_u64(seq), unb64(hash_, 32)), heard["tag"]
        )


def _rows(view: VaultView) -> bytes:
    parts = [lp32(json.dumps(encode_pin(view.state)).encode()), u32(len(view.secrets))]
    for secret in view.secrets.values():
        put = secret.put
        parts += (
            put.secret_id.bytes,
            u64(put.version),
            u64(put.epoch),
            put.details_hash,
            lp32(secret.sealed),
        )
    parts.append(u32(len(view.state.deleted)))
    for secret_id, version in view.state.deleted.items():
        parts += (secret_id.bytes, u64(version))
    return b"".join(parts)


def _read_row(reader: Reader) -> ListedSecret:
    secret_id, version, epoch = reader.id(), reader.u64(), reader.u64()
    details_hash, overview = reader.take(32), reader.lp32()
    check_blob(overview, ObjectType.SECRET_OVERVIEW)
    return ListedSecret(secret_id, version, epoch, overview, details_hash)
