"""Runs the steps inside the caller's transaction, so that a schema is never half changed.

earnd hands over its own connection (`config.attributes["connection"]`) with a transaction open.
The `alembic` command may list, write and print steps (`--sql`), but changes no ledger: a ledger
is locked and copied before it is changed, which is what `earnd migrate` does.
"""

from __future__ import annotations

from alembic import context
from alembic.util import CommandError


def run_offline() -> None:
    """Prints the steps as SQL."""
    context.configure(dialect_name="sqlite", literal_binds=True)
    context.run_migrations()


def run_online() -> None:
    """Runs the steps on the connection that was handed over."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise CommandError("a ledger is changed by `earnd migrate` only: it locks and copies first")
    context.configure(connection=connection)
    context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
