"""``import``: the variables of a .env file, as one change."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import dotenv
from ..changes import Edit, Write, new_value
from ..client import Client
from ..errors import Conflict, Failure
from ..items import Details, Field, Overview
from ..sync import Secret, VaultView
from .home import open_client
from .terminal import Usage, agree, emit, interactive, note, shown


@dataclass(frozen=True)
class Preview:
    """What an import would do, by name, and the edits that do it."""

    new: list[str]
    changed: list[str]
    equal: list[str]
    edits: list[Edit]

    @property
    def summary(self) -> str:
        """The counts, for a person."""
        return f"{len(self.new)} new, {len(self.changed)} changed, {len(self.equal)} equal"


def import_file(arguments: Namespace) -> None:
    """Show what would change; then, if that is agreed to, change it."""
    wanted = _read(arguments.file)
    path = _folder(arguments.path)
    client = open_client()
    vault = client.vault(arguments.vault)

    def preview(view: VaultView) -> Preview:
        return _preview(client, view, wanted, path, arguments.kind)

    first = preview(client.sync(vault.id))
    if not arguments.json:
        _show(first)
    committed = bool(first.edits) and not arguments.dry_run and _agreed(arguments, first)
    if committed:

        def plan(view: VaultView) -> Sequence[Edit]:
            again = preview(view)
            if (again.new, again.changed) != (first.new, first.changed):
                raise Conflict("the vault was changed just now, so this preview is old: try again")
            return again.edits

        client.change(vault.id, plan)
    if arguments.json:
        names = {"new": first.new, "changed": first.changed, "equal": first.equal}
        emit({"vault": vault.name, "path": path, **names, "committed": committed})
    else:
        note(f"Imported: {first.summary}." if committed else f"Nothing imported: {first.summary}.")


def _read(file: str) -> list[dotenv.Assignment]:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as ex:
        raise Failure(f"{file} cannot be read ({ex.strerror})") from ex
    try:
        return dotenv.parse(dotenv.decode(content))
    except dotenv.Malformed as ex:
        raise Failure(f"{file}, {ex}; nothing was imported") from ex


def _folder(path: str) -> str:
    folder = path.strip("/")
    if "" in folder.split("/") and folder:
        raise Usage(f"--path {path} has an empty folder in it")
    return folder


def _preview(
    client: Client, view: VaultView, wanted: list[dotenv.Assignment], path: str, kind: str
) -> Preview:
    named = _by_address(view)
    known = {one.name: _known(view, named, path, one.name) for one in wanted}
    details = client.details(view, [secret.id for secret in known.values() if secret])
    preview = Preview([], [], [], [])
    for one in wanted:
        secret = known[one.name]
        if secret is None:
            preview.new.append(one.name)
            overview = Overview(name=one.name, path=path, kind=kind)
            preview.edits.append(Write(overview, Details((Field("value", one.value),))))
        elif details[secret.id].value == one.value:
            preview.equal.append(one.name)
        else:
            preview.changed.append(one.name)
            old = details[secret.id]
            preview.edits.append(new_value(secret, secret.overview, old, one.value))
    return preview


def _by_address(view: VaultView) -> dict[str, list[Secret]]:
    """Give the secrets by path and name, found once: `VaultView.find` looks at every one."""
    found: dict[str, list[Secret]] = {}
    for secret in view.secrets.values():
        found.setdefault(secret.overview.address, []).append(secret)
    return found


def _known(view: VaultView, named: dict[str, list[Secret]], path: str, name: str) -> Secret | None:
    address = f"{path}/{name}" if path else name
    found = named.get(address, [])
    # several of one name: let the view say so
    return view.find(address) if len(found) > 1 else next(iter(found), None)


def _show(preview: Preview) -> None:
    for mark, names in (("+", preview.new), ("~", preview.changed), ("=", preview.equal)):
        for name in names:
            print(f"{mark} {shown(name)}")


def _agreed(arguments: Namespace, preview: Preview) -> bool:
    if arguments.yes:
        return True
    if arguments.file == "-" or not interactive():
        raise Usage("there is no terminal to ask on: look with --dry-run, then give --yes")
    return agree(f"Import {preview.summary}?", "give --yes")
