"""``python3 machines page-manifest``: what the built page is, for whoever wants to compare."""

import argparse
import json
import subprocess
import tomllib
from hashlib import sha256
from pathlib import Path

from machines import environment
from machines.failures import Failure
from shared.keyarc import errors, site
from shared.keyarc.site import Manifest

SOURCES = ("web", "shared/keyarc")


def run(options: argparse.Namespace) -> int:
    """Build the page and write its manifest, or compare a server with it."""
    environment.ensure_page()
    manifest = made(environment.WEB / "dist")
    if options.compare:
        return _compare(options.compare, manifest)
    text = json.dumps(manifest.media, indent=2) + "\n"
    if options.out is None:
        print(text, end="")
    else:
        options.out.write_text(text)
    return 0


def made(built: Path) -> Manifest:
    """Read a build of the page: the folder with ``site`` and ``headers.json``."""
    folder = built / "site"
    files = {
        f"/{file.relative_to(folder).as_posix()}": sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    rules = json.loads((built / "headers.json").read_bytes())["rules"]
    headers = {rule["path"]: rule["headers"] for rule in rules}
    return Manifest(version(environment.ROOT), _commit(), files, headers)


def version(folder: Path) -> str:
    """Read the version of a checkout."""
    found: str = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"]
    return found


def _compare(server: str, manifest: Manifest) -> int:
    found = 0
    try:
        for sentence in site.differences(server, manifest):
            found += 1
            print(sentence)
    except errors.Failure as ex:
        raise Failure(f"{ex}.") from ex
    print(f"{server}: {found} of {len(manifest.paths)} paths differ from this checkout's page.")
    return 1 if found else 0


def _commit() -> str | None:
    """Name the commit that the page was built from, if nothing else is in it."""
    status, head = (
        subprocess.run(
            ["git", *arguments],
            cwd=environment.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        for arguments in (["status", "--porcelain", "--", *SOURCES], ["rev-parse", "HEAD"])
    )
    clean = status.returncode == 0 and not status.stdout.strip()
    return head.stdout.strip() if clean else None
