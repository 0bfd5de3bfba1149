"""Tables around the log: inbox, keys' ranges, cosignatures, time stamps.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-23
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("id", ID, nullable=False),
        sa.Column("log_id", ID, nullable=False),
        sa.Column("submitter", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_submission_log_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "log_id", "submitter", "key", name=op.f("uq_submission_log_id_submitter_key")
        ),
    )
    op.create_index(
        "ix_submission_waiting",
        "submission",
        ["log_id", "id"],
        sqlite_where=sa.text("report IS NULL"),
        postgresql_where=sa.text("report IS NULL"),
    )
    op.create_table(
        "log_key",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("verifier_key", sa.Text(), nullable=False),
        sa.Column("first_size", sa.BigInteger(), nullable=False),
        sa.Column("last_size", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_log_key_log_id")),
        sa.PrimaryKeyConstraint("log_id", "verifier_key", name=op.f("pk_log_key")),
    )
    # Until now a log had one key, for all sizes.
    op.execute(
        "INSERT INTO log_key (log_id, verifier_key, first_size, last_size)"
        " SELECT id, verifier_key, 0, NULL FROM log"
    )
    op.create_table(
        "cosignature",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_cosignature_log_id")),
        sa.PrimaryKeyConstraint("log_id", "size", "witness", name=op.f("pk_cosignature")),
    )
    op.create_table(
        "time_stamp",
        sa.Column("log_id", ID, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name=op.f("fk_time_stamp_log_id")),
        sa.PrimaryKeyConstraint("log_id", "size", name=op.f("pk_time_stamp")),
    )


def downgrade() -> None:
    op.drop_table("time_stamp")
    op.drop_table("cosignature")
    op.drop_table("log_key")
    op.drop_index("ix_submission_waiting", table_name="submission")
    op.drop_table("submission")
