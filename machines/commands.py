"""What ``python3 machines`` understands; standard library only, until the environment stands."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from machines import environment
from machines.failures import Failure

INTERRUPTED = 130


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
        return _run(options)
    except Failure as ex:
        sys.stderr.write(f"{ex}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; the same command goes on from here.\n")
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    """Import the command only now: it needs what the environment holds."""
    if options.command == "up":
        from machines import up  # noqa: PLC0415

        return up.run(options.data, options.port, options.database)
    if options.command == "test":
        from machines import suite  # noqa: PLC0415

        return suite.run(options.k)
    if options.command == "openapi":
        from machines import openapi  # noqa: PLC0415

        openapi.write()
        return 0
    from machines import bench  # noqa: PLC0415

    return bench.run(options.name, as_json=options.json, strict=options.strict)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 machines",
        description="Run, test and measure KeyArc on this machine. What a command needs it "
        "installs itself, into .venv and web/node_modules.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    _describe_up(
        commands.add_parser(
            "up",
            help="start the whole of KeyArc and print its address",
            description="Start the database, the four services and the page behind one port of "
            "this machine. Ctrl-C stops all of it; the data stays.",
        )
    )

    test = commands.add_parser(
        "test",
        help="check and test everything; the last line counts",
        description="Lint, types, import rules, the tests of the servers, the library, the "
        "command line and the page, and the journeys in a browser.",
    )
    test.add_argument("-k", metavar="EXPRESSION", help="only the tests of pytest that match")

    commands.add_parser(
        "openapi",
        help="write the OpenAPI documents anew",
        description="Write handlers/*/openapi.json from the routes and schemas of the services.",
    )

    bench = commands.add_parser(
        "bench",
        help="measure, each figure beside its yardstick",
        description="Print figures, each beside a yardstick measured in the same run.",
    )
    bench.add_argument("name", nargs="*", help="which (default: all)")
    bench.add_argument("--json", action="store_true", help="one JSON object a line")
    bench.add_argument("--strict", action="store_true", help="fail where an aim is missed")
    return parser


def _describe_up(up: argparse.ArgumentParser) -> None:
    up.add_argument("--port", type=_port, default=8080, help="where to listen (default: 8080)")
    up.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        default=environment.ROOT / ".keyarc",
        help="folder for the database, the secrets and the logs (default: .keyarc)",
    )
    up.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("DATABASE_URL"),
        help="a PostgreSQL to use instead of an own one, as a user who may create roles "
        "(default: the variable DATABASE_URL, if it is set)",
    )


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and 65535")
    return port
