"""What a restore says before and after the backup's own words, in one transaction with them."""

import re

from psycopg.sql import SQL, Composed, Identifier, Literal

from handlers.jobs.manifests import Manifest
from machines.failures import Failure

ROLE = re.compile(r"keyarc_[a-z]+")
SETTING = re.compile(r"([a-z_]+)=([a-z0-9]+)")

BEGIN = """
SET client_min_messages = warning;
BEGIN;
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '5s';
"""

OBJECTS = """
    SELECT format('TABLE %s', oid::regclass) AS object
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace
       AND relkind IN ('r', 'p', 'f')
       AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
     UNION ALL
    SELECT format(CASE relkind WHEN 'v' THEN 'VIEW %s' ELSE 'SEQUENCE %s' END, oid::regclass)
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace
       AND relkind IN ('v', 'S')
       AND NOT EXISTS (
               SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('e', 'a', 'i'))
     UNION ALL
    SELECT format('ROUTINE %s', oid::regprocedure)
      FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""

# A view may be gone with its table when its turn comes. All names are read before the first goes.
EMPTY = f"""
DO $empty$
DECLARE
    gone text;
BEGIN
    FOREACH gone IN ARRAY (SELECT coalesce(array_agg(object), '{{}}') FROM ({OBJECTS}) AS all_)
    LOOP
        EXECUTE 'DROP ' || overlay(gone PLACING ' IF EXISTS ' FROM position(' ' IN gone) FOR 1)
                || ' CASCADE';
    END LOOP;
END $empty$;
"""  # noqa: S608 - of two constants

ADD_ROLE = SQL("""
DO $role$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = {name}) THEN
        CREATE ROLE {role} NOLOGIN;
        {settings}
        GRANT {role} TO CURRENT_USER;
    END IF;
END $role$;
""")
SET = SQL("ALTER ROLE {role} SET {setting} = {value};")

ADD_OWNER = SQL("CREATE ROLE {role} LOGIN CREATEROLE PASSWORD {password}")
ADD_DATABASE = SQL("CREATE DATABASE {role} OWNER {role}")

COUNT = SQL("""
DO $count$
BEGIN
    IF (SELECT count(*) FROM {table}) <> {rows} THEN
        RAISE EXCEPTION USING MESSAGE = {message};
    END IF;
END $count$;
""")


def before(manifest: Manifest, *, force: bool) -> bytes:
    """Begin; make the roles that the backup grants rights to; with *force* remove what is there."""
    roles = [_role(name, settings) for name, settings in manifest.contents.roles.items()]
    return (BEGIN + "".join(roles) + (EMPTY if force else "")).encode()


def after(manifest: Manifest) -> bytes:
    """Count, and commit."""
    counts = [
        COUNT.format(
            table=Identifier("public", table),
            rows=Literal(rows),
            message=Literal(f"error: {table} has not the {rows} rows that the manifest says"),
        )
        for table, rows in manifest.contents.rows.items()
    ]
    return "".join([*map(_text, counts), "COMMIT;\n"]).encode()


def owner(name: str, password: str) -> Composed:
    """Make somebody who may make roles, and is no superuser."""
    return ADD_OWNER.format(role=Identifier(name), password=Literal(password))


def database(name: str) -> Composed:
    """Make the database of the owner *name*."""
    return ADD_DATABASE.format(role=Identifier(name))


def _role(name: str, settings: list[str]) -> str:
    """Return what makes a role unless it is there; it cannot log in before it has a password."""
    found = [SETTING.fullmatch(setting) for setting in settings]
    if not ROLE.fullmatch(name) or not all(found):
        raise Failure(f"The manifest names a role that is none of KeyArc's: {name}.")
    role = Identifier(name)
    changes = [
        SET.format(role=role, setting=Identifier(match[1]), value=Literal(match[2]))
        for match in found
        if match
    ]
    return _text(ADD_ROLE.format(name=Literal(name), role=role, settings=SQL("").join(changes)))


def _text(composed: Composed) -> str:
    return composed.as_string(None)
