"""A table for personal values, which entries commit to; an index of the entries that are no events.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "personal_value",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("erased_log", ID, nullable=True),
        sa.Column("erased_seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_personal_value_log_id")),
        sa.PrimaryKeyConstraint("log_id", "seq", "pointer", name=op.f("pk_personal_value")),
    )
    op.create_index(
        "ix_personal_value_erased",
        "personal_value",
        ["erased_log", "erased_seq"],
        sqlite_where=sa.text("erased_log IS NOT NULL"),
        postgresql_where=sa.text("erased_log IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # All entries are looked at once: some 20 s for each ten million.
        op.execute("SET LOCAL statement_timeout = '10min'")
    op.create_index(
        "ix_entry_statement",
        "entry",
        ["log_id", "schema", "seq"],
        sqlite_where=sa.text("schema <> 'suyuan/event/1'"),
        postgresql_where=sa.text("schema <> 'suyuan/event/1'"),
    )


def downgrade() -> None:
    op.drop_index("ix_entry_statement", table_name="entry")
    op.drop_table("personal_value")
