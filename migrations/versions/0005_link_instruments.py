"""Links between instruments and what their readings are about, of events that are there already.

The tables stay as they are. The rows are made from the entries by the program, right after this
(`ledger.refilling`), in the same transaction.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-23
"""

from __future__ import annotations

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
