"""What ``up``, ``test``, ``bench``, ``image`` and ``lock`` understand; standard library only."""

import argparse
import os
from pathlib import Path

from machines import environment
from machines.sleepy import durations


def up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=_port,
        default=8080,
        help="where to listen (default: 8080; 0: any free one)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=environment.ROOT / ".keyarc",
        help="folder for the database, the secrets and the logs (default: .keyarc)",
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("DATABASE_URL"),
        help="a PostgreSQL to use instead of an own one, as a user who may create roles "
        "(default: the variable DATABASE_URL, if it is set)",
    )
    parser.add_argument(
        "--sleepy",
        action="store_true",
        help="let the services sleep until somebody asks, as they do on Fly",
    )
    parser.add_argument(
        "--idle",
        type=_duration,
        metavar="TIME",
        help="with --sleepy: asleep after so long without a request (default: 30s)",
    )
    parser.add_argument(
        "--by",
        choices=("stop", "suspend"),
        help="with --sleepy: how they fall asleep (default: what each toml says)",
    )
    _recovery_delay(parser)
    _form(parser)


def _recovery_delay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recovery-delay",
        metavar="TIME",
        help="how long a recovery waits before it hands the key out, such as 0s or 30m "
        "(default: the variable RECOVERY_DELAY, else 24h)",
    )


def _duration(text: str) -> float:
    try:
        return durations.seconds(text)
    except ValueError as ex:
        raise argparse.ArgumentTypeError(str(ex)) from ex


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 65535")
    return port


def test(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-k", metavar="EXPRESSION", help="only the tests of pytest that match")
    _form(parser)


def _form(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--processes",
        type=int,
        choices=range(1, 10),
        default=1,
        metavar="N",
        help="how many processes each service has, behind one address (default: 1)",
    )
    parser.add_argument(
        "--pooled", action="store_true", help="reach the database through PgBouncer"
    )


def bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", help="which (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--strict", action="store_true", help="fail where an aim is missed")


def image(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="auth, gateway, account, keys, jobs, …")
    parser.add_argument(
        "--into",
        type=Path,
        metavar="DIR",
        help="a new folder that keeps the files (default: one that is gone afterwards)",
    )


def lock(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--upgrade", action="store_true", help="take the newest versions that are allowed"
    )
