"""Runs the migrations, for `ledger.store.migrate` on its connection, else on one of its own.

Rules kept here:

* Migrations never overlap. On PostgreSQL an advisory lock is held to the end of the transaction; on
  SQLite the transaction begins with the only write lock there is.
* Everything pending is one transaction: a migration that fails leaves the schema as it was.
* On PostgreSQL no migration waits longer than `LOCK_TIMEOUT` for a table that is in use, and no
  statement runs longer than `STATEMENT_TIMEOUT`: it fails, and whoever works is not held up.

The command `alembic` is told the database by `-x db=URL`, else by the environment's `SUYUAN_DB`.
"""

from __future__ import annotations

import os

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, make_url, text

from ledger.store.engine import open_engine, writing
from ledger.store.tables import metadata

MIGRATION_LOCK = 0x5359_4D49  # "SYMI"; any number that nothing else locks in the same database
QUEUE_TIMEOUT = "60s"  # for another program's migration, which may be a long one
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "30s"


def _url() -> str:
    """Return the address of the database that the command line or the environment names."""
    url = context.get_x_argument(as_dictionary=True).get("db") or os.environ.get("SUYUAN_DB")
    if not url:
        raise CommandError("Which database? Name it: alembic -x db=URL, or set SUYUAN_DB.")
    return url


def _take_turns(connection: Connection) -> None:
    """Wait for other migrations to end, then bound the waiting of this one."""
    if connection.dialect.name != "postgresql":
        return
    # Waiting for an advisory lock counts as waiting for a lock: it gets its own, longer limit.
    connection.execute(text(f"SET LOCAL lock_timeout = '{QUEUE_TIMEOUT}'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))


def _run(connection: Connection) -> None:
    """Run what is pending in the connection's open transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=True,
        # SQLite alters a table by copying it, which Alembic calls a batch.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        _take_turns(connection)
        context.run_migrations()


def _print() -> None:
    """Print the SQL instead of running it (`alembic upgrade head --sql`)."""
    url = make_url(_url())
    context.configure(
        dialect_name=url.get_backend_name(), target_metadata=metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
elif context.is_offline_mode():
    _print()
else:
    engine = open_engine(_url())
    try:
        with writing(engine) as own:
            _run(own)
    finally:
        engine.dispose()
