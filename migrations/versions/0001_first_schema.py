"""The first schema: logs, projections of their events, and keys to write with.

Revision ID: 0001
Revises: none
Create Date: 2026-11-22
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("log_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("declaration", sa.SmallInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("action", sa.SmallInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("biz_step", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("declared_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "log_id", "event_id", "declaration", name=op.f("uq_event_log_id_event_id_declaration")
        ),
        sa.UniqueConstraint("log_id", "seq", name=op.f("uq_event_log_id_seq")),
    )
    op.create_index(
        "ix_event_declared_by",
        "event",
        ["declared_by"],
        unique=False,
        sqlite_where=sa.text("declared_by IS NOT NULL"),
        postgresql_where=sa.text("declared_by IS NOT NULL"),
    )
    op.create_index("ix_event_received_at", "event", ["received_at"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("code", name=op.f("uq_item_code")),
    )
    op.create_table(
        "link",
        sa.Column("item_id", ID, autoincrement=False, nullable=False),
        sa.Column("role", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("event_row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("node", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("peer", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", "role", "event_row", "line", name=op.f("pk_link")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_node", "link", ["node", "role", "item_id", "time"], unique=False)
    op.create_table(
        "log",
        sa.Column("id", ID, nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("verifier_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log")),
        sa.UniqueConstraint("organisation", name=op.f("uq_log_organisation")),
        sa.UniqueConstraint("origin", name=op.f("uq_log_origin")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_checkpoint_log_id")),
        sa.PrimaryKeyConstraint("log_id", "size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "entry",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.Column("submitter", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_entry_log_id")),
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_entry")),
        sa.UniqueConstraint("log_id", "prev", name=op.f("uq_entry_log_id_prev")),
    )
    op.create_table(
        "tile",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_tile_log_id")),
        sa.PrimaryKeyConstraint("log_id", "level", "index", name=op.f("pk_tile")),
    )
    op.create_table(
        "token",
        sa.Column("id", ID, nullable=False),
        sa.Column("log_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_token_log_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_token_digest")),
    )
    op.create_table(
        "vocabulary",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_vocabulary_log_id")),
        sa.PrimaryKeyConstraint("log_id", "code", name=op.f("pk_vocabulary")),
    )


def downgrade() -> None:
    op.drop_table("vocabulary")
    op.drop_table("token")
    op.drop_table("tile")
    op.drop_table("entry")
    op.drop_table("checkpoint")
    op.drop_table("log")
    op.drop_index("ix_link_node", table_name="link")
    op.drop_table("link")
    op.drop_table("item")
    op.drop_index("ix_event_received_at", table_name="event")
    op.drop_index(
        "ix_event_declared_by",
        table_name="event",
        sqlite_where=sa.text("declared_by IS NOT NULL"),
        postgresql_where=sa.text("declared_by IS NOT NULL"),
    )
    op.drop_table("event")
