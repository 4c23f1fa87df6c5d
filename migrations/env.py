"""Runs the migrations on the database that DIRECT_DATABASE_URL, else DATABASE_URL, names."""

import os

import psycopg
from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

# Two machines may migrate one database at once: the second waits, and finds nothing left to do.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('keyarc/migrations'))")


def connect() -> psycopg.Connection:
    """Connect past a pooler where there is one: migrations hold a lock of their session."""
    url = os.environ.get("DIRECT_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("DATABASE_URL is not set.")
    return psycopg.connect(url, connect_timeout=5)


engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        connection.execute(LOCK)
        context.run_migrations()
