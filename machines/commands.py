"""What ``python3 machines`` understands; standard library only, until the environment stands."""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from machines import environment
from machines.failures import Failure
from machines.sleepy import durations

INTERRUPTED = 130


@dataclass(frozen=True)
class Command:
    """One command: ``run(options)`` of *module*, which is imported when the environment stands."""

    module: str
    help: str
    description: str
    arguments: Callable[[argparse.ArgumentParser], None] = lambda _parser: None


def main(arguments: Sequence[str]) -> int:
    """Run one command inside the environment, making that first; the exit code."""
    options = _parser().parse_args(arguments)
    # A shell starts what it puts in the background with Ctrl-C ignored, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        python = environment.python()
        if Path(sys.prefix).resolve() != environment.VENV.resolve():
            sys.stdout.flush()
            os.execv(python, [str(python), str(environment.ROOT / "machines"), *arguments])  # noqa: S606 # the same command again, in its environment
        code: int = importlib.import_module(COMMANDS[options.command].module).run(options)
    except Failure as ex:
        sys.stderr.write(f"{ex}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; the same command goes on from here.\n")
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 machines",
        description="Run, test, measure and operate KeyArc. What a command needs it installs "
        "itself, into .venv and web/node_modules.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.arguments(
            commands.add_parser(name, help=command.help, description=command.description)
        )
    return parser


def _up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8080, help="where to listen (default: 8080)")
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
    _form(parser)


def _duration(text: str) -> float:
    try:
        return durations.seconds(text)
    except ValueError as ex:
        raise argparse.ArgumentTypeError(str(ex)) from ex


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 65535")
    return port


def _test(parser: argparse.ArgumentParser) -> None:
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


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", help="which (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--strict", action="store_true", help="fail where an aim is missed")


COMMANDS = {
    "up": Command(
        "machines.up",
        "start the whole of KeyArc and print its address",
        "Start the database, the four services and the page behind one port of this machine. "
        "Ctrl-C stops all of it; the data stays.",
        _up,
    ),
    "test": Command(
        "machines.suite",
        "check and test everything; the last line counts",
        "Lint, types, import rules, the tests of the servers, the library, the command line and "
        "the page, and the journeys in a browser.",
        _test,
    ),
    "bench": Command(
        "machines.bench",
        "measure, each figure beside its yardstick",
        "Print figures, each beside a yardstick measured in the same run.",
        _bench,
    ),
    "openapi": Command(
        "machines.openapi",
        "write the OpenAPI documents anew",
        "Write handlers/*/openapi.json from the routes and schemas of the services.",
    ),
}
