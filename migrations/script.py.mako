"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

# House rules of a migration. Delete this comment once they hold.
#
# * The file is called NNNN_what_it_does.py, and NNNN is its revision; the first sentence above says it to an operator.
# * It says the whole change itself and imports nothing of ours: tables.py goes on changing, history does not.
# * The version of the product before it still runs while it is applied: add first, fill in a later one, drop in a third.
# * No column of `entry`, and no byte in it, is ever rewritten. Projections may be: they are rebuilt from the bytes.
# * On PostgreSQL it waits 4 s for a lock and 30 s for a statement, then fails. A migration that truly needs
#   longer says so and why:      op.execute("SET LOCAL statement_timeout = '10min'")
# * A big table's index takes a lock for as long as it is built: measure it on a copy before raising the limit.
# * SQLite alters a table by copying it (op.batch_alter_table). A table that others refer to can't be copied so while
#   foreign keys are enforced: add columns with op.add_column instead.
# * The way down is for a developer's database. A ledger is never downgraded: it is restored from its backup.

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | None = ${repr(branch_labels)}
depends_on: str | None = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
