"""``verify-site``: whether a server delivers the page of a release."""

import argparse
import sys
from pathlib import Path

from .. import site
from ..encoding import Broken
from .terminal import required


def verify(arguments: argparse.Namespace) -> int:
    """Say what differs, and raise `Broken` if anything does."""
    server = required(arguments.server, "--server", "KEYARC_SERVER")
    manifest = site.Manifest.read(Path(arguments.manifest).read_bytes())
    found = 0
    for sentence in site.differences(server, manifest, plain_http=arguments.plain_http):
        found += 1
        print(sentence, file=sys.stderr)
    if found:
        raise Broken(f"{server} does not deliver the page of {manifest.version}")
    print(f"{server} delivers the page of {manifest.version}, all {len(manifest.paths)} paths.")
    return 0
