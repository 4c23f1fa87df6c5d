"""What ``backup``, ``restore`` and ``cost`` understand; standard library only."""

import argparse
from pathlib import Path


def backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep",
        metavar="DAYS/WEEKS/MONTHS",
        help="the newest backups of how many of each stay (default: BACKUP_KEEP, else 7/4/12)",
    )
    _dry_run(parser)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listed = actions.add_parser("ls", help="list the backups, the oldest first")
    listed.add_argument("--json", action="store_true", help="their manifests as JSON")
    key = actions.add_parser(
        "key",
        help="make the key pair that seals and opens backups",
        description="Make an age key pair. The public key is BACKUP_AGE_RECIPIENT. Keep the "
        "private one off the server: who has it can read every backup, and who has lost it none.",
    )
    key.add_argument(
        "file", metavar="FILE", help="where the private key goes, a new file; - for the output"
    )
    for each in (listed, key):
        _dry_run(each, default=argparse.SUPPRESS)


def restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", default="latest", metavar="NAME", help="which (default: latest)"
    )
    parser.add_argument(
        "--identity", type=Path, metavar="FILE", help="the private key, from `backup key FILE`"
    )
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument(
        "--into",
        nargs="?",
        const="",
        metavar="URL",
        help="an empty database, as a user who may create roles (default: DIRECT_DATABASE_URL, "
        "which no list of processes shows)",
    )
    target.add_argument(
        "--drill",
        action="store_true",
        help="into a new PostgreSQL of this machine, which is removed when all was checked",
    )
    parser.add_argument(
        "--force", action="store_true", help="remove what the database holds, if all goes well"
    )
    _dry_run(parser)


def cost(parser: argparse.ArgumentParser) -> None:
    awake = parser.add_mutually_exclusive_group()
    awake.add_argument(
        "--duty",
        action="append",
        metavar="[APP=]SHARE",
        help="how much of the time the apps are awake, 5%% or 0.05; again for one app, as in "
        "keys=1%% (default: 5%%)",
    )
    awake.add_argument(
        "--access-log",
        type=Path,
        metavar="FILE",
        help="lines of the web server's access log: what is awake is worked out from them",
    )
    parser.add_argument(
        "--database",
        choices=("neon", "mpg", "single", "none"),
        default="neon",
        help="where PostgreSQL is: neon sleeps when nobody calls (default), mpg is Fly's managed "
        "one, single an unmanaged machine, none leaves it out",
    )
    parser.add_argument(
        "--rootfs",
        type=float,
        default=0.15,
        metavar="GB",
        help="an image's size, which is paid for asleep (default: 0.15)",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="one JSON object: apps by their names on Fly (keyarc-auth)",
    )


def _dry_run(parser: argparse.ArgumentParser, default: object = False) -> None:
    parser.add_argument(
        "--dry-run",
        action="store_true",
        default=default,
        help="only say what would be done; needs no variable and no network",
    )
