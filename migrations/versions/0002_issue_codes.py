"""Tables for issuing codes: versions of the key, serials of a product, batches and their ranges.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "issuing_key",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_issuing_key")),
    )
    op.create_table(
        "serial_space",
        sa.Column("id", ID, nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial_space")),
        sa.UniqueConstraint("product", name=op.f("uq_serial_space_product")),
    )
    op.create_table(
        "serial_batch",
        sa.Column("id", ID, nullable=False),
        sa.Column("space_id", ID, nullable=False),
        sa.Column("log_id", ID, nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("tagged", sa.SmallInteger(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("submitter", sa.Text(), nullable=False),
        sa.Column("dictionary", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_version"], ["issuing_key.version"], name=op.f("fk_serial_batch_key_version")
        ),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_serial_batch_log_id")),
        sa.ForeignKeyConstraint(
            ["space_id"], ["serial_space.id"], name=op.f("fk_serial_batch_space_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial_batch")),
    )
    op.create_table(
        "serial_range",
        sa.Column("id", ID, nullable=False),
        sa.Column("space_id", ID, nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["serial_batch.id"], name=op.f("fk_serial_range_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["key_version"], ["issuing_key.version"], name=op.f("fk_serial_range_key_version")
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["serial_space.id"], name=op.f("fk_serial_range_space_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial_range")),
        sa.UniqueConstraint(
            "space_id",
            "key_version",
            "first",
            name=op.f("uq_serial_range_space_id_key_version_first"),
        ),
    )
    op.create_table(
        "drawn_serial",
        sa.Column("space_id", ID, nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["serial_batch.id"], name=op.f("fk_drawn_serial_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["serial_space.id"], name=op.f("fk_drawn_serial_space_id")
        ),
        sa.PrimaryKeyConstraint("space_id", "serial", name=op.f("pk_drawn_serial")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("drawn_serial")
    op.drop_table("serial_range")
    op.drop_table("serial_batch")
    op.drop_table("serial_space")
    op.drop_table("issuing_key")
