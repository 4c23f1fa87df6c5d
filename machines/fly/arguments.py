"""What the operator's commands understand; standard library only."""

import argparse
import re

APPS = ("auth", "account", "keys", "gateway", "frontend")


def create(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prefix", metavar="NAME", help="names on Fly: NAME-auth, … (now in machines/*.toml)"
    )
    parser.add_argument(
        "--origin", metavar="URL", help="public address, https://keyarc.io (now in machines/*.toml)"
    )
    parser.add_argument("--org", metavar="SLUG", help="whose apps they are, of several of yours")
    parser.add_argument(
        "--region", metavar="CODE", help="iad, dfw, ord, … (now in machines/*.toml)"
    )
    _dry_run(parser)


def secrets(parser: argparse.ArgumentParser) -> None:
    _dry_run(parser)
    parser.set_defaults(action="check")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    check = actions.add_parser("check", help="hold what Fly has against the table; 1 if it differs")
    put = actions.add_parser(
        "set", help="set one wherever it belongs; the value is read from stdin"
    )
    put.add_argument("name", metavar="NAME")
    put.add_argument("--stage", action="store_true", help="leave it for the next deployment")
    rotate = actions.add_parser(
        "rotate",
        help="make new ones while the old ones are in use",
        description="JWT_SECRET: in two steps, nobody has to sign in again; the second is "
        "--finish, ten minutes later. DATABASE_URL: a new password for the role of each service, "
        "one after the other; until its restart, some seconds, a service gets no new connection.",
    )
    rotate.add_argument("name", metavar="NAME", choices=("JWT_SECRET", "DATABASE_URL"))
    rotate.add_argument("--finish", action="store_true", help="accept the old JWT_SECRET no more")
    _probing(rotate)
    for each in (check, put, rotate):
        _dry_run(each, default=argparse.SUPPRESS)


def deploy(parser: argparse.ArgumentParser) -> None:
    _apps(parser, "what changed")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="all five")
    which.add_argument(
        "--changed",
        nargs="?",
        const="",
        metavar="SINCE",
        help="what changed since a commit (default: since the one that is deployed)",
    )
    which.add_argument(
        "--rollback", action="store_true", help="let serve what served before (default: all five)"
    )
    parser.add_argument("--dirty", action="store_true", help="with what is in no commit")
    _probing(parser)
    _dry_run(parser)


def status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object")
    _dry_run(parser)


def logs(parser: argparse.ArgumentParser) -> None:
    _apps(parser, "all")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--follow", "-f", action="store_true", help="go on with what comes")
    how.add_argument("--no-tail", action="store_true", help="what there is, and end (the default)")
    parser.add_argument(
        "--request", metavar="ID", help="only the lines of one request, in all apps"
    )
    parser.add_argument("--raw", action="store_true", help="as the services wrote them")
    _dry_run(parser)


def jobs(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("ls", help="list them")
    run = actions.add_parser("run", help="run one; its exit code is the command's")
    run.add_argument("name", metavar="NAME")
    run.add_argument("--again", action="store_true", help="though it ran today")
    run.add_argument("--local", action="store_true", help="here, on DIRECT_DATABASE_URL's database")
    run.add_argument("--image", help="another image than that of the release which serves")
    run.add_argument(
        "--patience", type=float, default=3600, metavar="SECONDS", help="wait so long (1 h)"
    )
    _dry_run(run)


def _apps(parser: argparse.ArgumentParser, default: str) -> None:
    told = f"{', '.join(APPS)} (default: {default})"
    parser.add_argument("apps", nargs="*", metavar="APP", type=_app, help=told)


def _app(text: str) -> str:
    if text not in APPS:
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(APPS)}")
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^/\s?#]+/?", text):
        raise argparse.ArgumentTypeError(f"{text} is no address like https://keyarc.io")
    return text.removesuffix("/")


def _probing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--probe",
        metavar="URL",
        type=_address,
        help="ask the apps there from outside (default: the origin)",
    )
    parser.add_argument("--no-probe", action="store_true", help="believe Fly's own checks alone")
    parser.add_argument(
        "--patience", type=float, default=90, metavar="SECONDS", help="for an answer (default: 90)"
    )


def _dry_run(parser: argparse.ArgumentParser, default: object = False) -> None:
    parser.add_argument(
        "--dry-run",
        action="store_true",
        default=default,
        help="print the commands (of secrets the names) and change nothing; needs no flyctl",
    )
