"""``verify-site``."""

from typing import Any

from .forms import PLAIN_HTTP, add


def add_to(commands: Any) -> None:
    """Add the command that checks the page."""
    example = (
        "The manifest is a file of a release, whose signature GitHub's own client checks:\n"
        "  gh attestation verify page-manifest.json --repo OWNER/REPOSITORY\n\n"
        "A server that shows you another page than others is not found out, and neither is what\n"
        "it shows a minute later.\n\n"
        "example:\n  keyarc verify-site page-manifest.json --server https://keyarc.example"
    )
    what = "compare the page of a server with a release"
    verifying = add(commands, "verify-site", "site:verify", what, example)
    verifying.add_argument("manifest", metavar="MANIFEST", help="the release's page-manifest.json")
    verifying.add_argument("--server", metavar="URL", help="such as https://keyarc.example")
    verifying.add_argument("--plain-http", action="store_true", help=PLAIN_HTTP)
