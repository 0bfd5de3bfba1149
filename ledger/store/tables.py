"""The tables of the ledger, once, for SQLite and PostgreSQL.

The kinds of tables, told apart by what may be rebuilt from what:

* **The log** (`log`, `entry`, `tile`, `checkpoint`): `entry.bytes` is the truth. Every other column
  of `entry`, and every other table below, can be rebuilt from it and is checked against it.
* **Projections** (`event`, `item`, `link`, `vocabulary`): what queries read. Surrogate ids are
  handed out in order of arrival, so "as known at" is a comparison of integers.
* **Proofs from elsewhere** (`cosignature`, `time_stamp`) and **keys** (`log_key`): signed by
  others, or pinned beside the ledger; each is verified by its signature.
* **Personal values** (`personal_value`): what entries commit to, readable until it is erased. The
  commitment is in the entry, the value only here (`ledger.personal`).
* **The inbox** (`submission`): what was handed in, until it is in the log; then the answer to it.
* **Access** (`token`): who may write.
* **Issuance** (`issuing_key`, `serial_space`, `serial_batch`, `serial_range`, `drawn_serial`):
  which serials were given out and to whom. No projection of the log: a code enters the log when an
  event about it is captured, so verification neither reads these tables nor vouches for them.

Times are integers: microseconds since 1970-01-01T00:00:00Z. Quantities are exact decimals as text.
An item is linked to the *node* of an event, never to every other item of the event, so a batch of
1,000 inputs and 1,000 outputs takes 2,000 rows.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = [
    "checkpoint",
    "cosignature",
    "drawn_serial",
    "entry",
    "event",
    "issuing_key",
    "item",
    "link",
    "log",
    "log_key",
    "metadata",
    "personal_value",
    "serial_batch",
    "serial_range",
    "serial_space",
    "submission",
    "tile",
    "time_stamp",
    "token",
    "vocabulary",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite hands out row ids only for a column that is spelt INTEGER."""

log = Table(
    "log",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("organisation", Text, nullable=False, unique=True),  # slug: lower case, digits, hyphen
    Column("origin", Text, nullable=False, unique=True),  # <host>/log/<organisation>
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),  # entries so far; the next entry's seq
    Column(
        "head", LargeBinary, nullable=False
    ),  # leaf hash of the newest entry, 32 zero bytes at 0
    Column("verifier_key", Text, nullable=False),  # C2SP vkey, for readers who pinned no other
)

entry = Table(
    "entry",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),  # the entry itself
    Column("leaf", LargeBinary, nullable=False),  # SHA-256(0x00 || bytes)
    Column("prev", LargeBinary, nullable=False),  # leaf of seq - 1
    Column("received_at", BigInteger, nullable=False),
    Column("schema", Text, nullable=False),
    Column("submitter", Text, nullable=False),
    UniqueConstraint("log_id", "prev"),
    # The entries that are no events are few, and some are looked for by what they are.
    Index(
        "ix_entry_statement",
        "log_id",
        "schema",
        "seq",
        sqlite_where=text("schema <> 'suyuan/event/1'"),
        postgresql_where=text("schema <> 'suyuan/event/1'"),
    ),
)

tile = Table(
    "tile",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("level", SmallInteger, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),  # up to 256 hashes of 32 bytes
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("size", BigInteger, primary_key=True),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),  # the signed note, whole
)

event = Table(
    "event",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("log_id", _Id, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),  # eventID as sent, or the ni: name of the content
    Column("declaration", SmallInteger, nullable=False),  # 1 when it carries an errorDeclaration
    Column("digest", LargeBinary, nullable=False),  # of the content
    Column("type", SmallInteger, nullable=False),
    Column("action", SmallInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("biz_step", Text),
    Column("disposition", Text),
    Column("location", Text),  # bizLocation, else readPoint, canonical
    Column("holder", Text),  # possessing, else owning party it went to, canonical
    Column("declared_by", BigInteger),  # the event that declares this one an error
    UniqueConstraint("log_id", "seq"),
    UniqueConstraint("log_id", "event_id", "declaration"),
    Index("ix_event_received_at", "received_at"),
    Index(
        "ix_event_declared_by",
        "declared_by",
        sqlite_where=text("declared_by IS NOT NULL"),
        postgresql_where=text("declared_by IS NOT NULL"),
    ),
)

item = Table(
    "item",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("code", Text, nullable=False, unique=True),  # canonical
    Column("level", SmallInteger, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("item_id", _Id, primary_key=True, autoincrement=False),
    Column("role", SmallInteger, primary_key=True, autoincrement=False),
    Column("event_row", BigInteger, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),  # 0, unless listed again
    Column("node", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("peer", BigInteger),  # a child's parent
    Column("quantity", Text),
    Column("unit", Text),  # UN/ECE Rec 20; none for a count
    Index("ix_link_node", "node", "role", "item_id", "time"),
    sqlite_with_rowid=False,
)

vocabulary = Table(
    "vocabulary",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("code", Text, primary_key=True),  # canonical
    Column("type", Text, nullable=False),  # EPCIS vocabulary type, its bare word
    Column("attributes", Text, nullable=False),  # canonical JSON, attribute id to value
    Column("seq", BigInteger, nullable=False),
)

log_key = Table(
    "log_key",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("verifier_key", Text, primary_key=True),  # C2SP vkey
    Column("first_size", BigInteger, nullable=False),  # of the first checkpoint it signs
    Column("last_size", BigInteger),  # of the last one; none while it is in use
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("size", BigInteger, primary_key=True),  # of the checkpoint
    Column("witness", Text, primary_key=True),  # C2SP vkey of the witness
    Column("line", Text, nullable=False),  # the signature line, without its newline
)

personal_value = Table(
    "personal_value",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),  # of the entry that commits to it
    Column("pointer", Text, primary_key=True),  # JSON pointer into its event or element
    Column("commitment", LargeBinary, nullable=False),  # SHA-256(0x10 || salt || value)
    Column("salt", LargeBinary),  # 16 bytes; none once the value is erased
    Column("value", LargeBinary),  # canonical JSON; none once it is erased
    Column("erased_log", _Id),  # the log and the seq of the entry that says so
    Column("erased_seq", BigInteger),
    Index(
        "ix_personal_value_erased",
        "erased_log",
        "erased_seq",
        sqlite_where=text("erased_log IS NOT NULL"),
        postgresql_where=text("erased_log IS NOT NULL"),
    ),
)

time_stamp = Table(
    "time_stamp",
    metadata,
    Column("log_id", _Id, ForeignKey("log.id"), primary_key=True),
    Column("size", BigInteger, primary_key=True),  # of the checkpoint
    Column("token", LargeBinary, nullable=False),  # RFC 3161, DER
)

submission = Table(
    "submission",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("log_id", _Id, ForeignKey("log.id"), nullable=False),
    Column("submitter", Text, nullable=False),
    Column("key", Text, nullable=False),  # the submitter's idempotency key
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the body
    Column("mode", Text, nullable=False),  # rollback or proceed
    Column("received_at", BigInteger, nullable=False),
    Column("body", LargeBinary),  # as it was received; none once it is in the log
    Column("report", LargeBinary),  # JSON; none while it waits
    Column("finished_at", BigInteger),
    UniqueConstraint("log_id", "submitter", "key"),
    Index(
        "ix_submission_waiting",
        "log_id",
        "id",
        sqlite_where=text("report IS NULL"),
        postgresql_where=text("report IS NULL"),
    ),
)

token = Table(
    "token",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("log_id", _Id, ForeignKey("log.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of the key
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

issuing_key = Table(
    "issuing_key",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("identifier", Text, nullable=False),  # names the secret, which is in no database
)

serial_space = Table(
    "serial_space",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("product", Text, nullable=False, unique=True),  # canonical
    Column("issued", BigInteger, nullable=False),  # serials in all modes, lost ones included
)

serial_batch = Table(
    "serial_batch",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("space_id", _Id, ForeignKey("serial_space.id"), nullable=False),
    Column("log_id", _Id, ForeignKey("log.id"), nullable=False),  # the organisation's
    Column("key_version", Integer, ForeignKey("issuing_key.version"), nullable=False),
    Column("mode", Text, nullable=False),  # permuted or random
    Column("count", BigInteger, nullable=False),
    Column("tagged", SmallInteger, nullable=False),  # 1 when the links carry a tag
    Column("lot", Text),  # as it stands in AI (10)
    Column("supplier", Text),  # whom the codes were made for
    Column("submitter", Text, nullable=False),
    Column("dictionary", Text, nullable=False),  # version of the GS1 dictionary that judged them
    Column("created_at", BigInteger, nullable=False),
)

serial_range = Table(
    "serial_range",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("space_id", _Id, ForeignKey("serial_space.id"), nullable=False),
    Column("key_version", Integer, ForeignKey("issuing_key.version"), nullable=False),
    Column("first", BigInteger, nullable=False),  # counter; ranges of a version leave no gap
    Column("count", BigInteger, nullable=False),
    Column("batch_id", _Id, ForeignKey("serial_batch.id"), nullable=False),
    UniqueConstraint("space_id", "key_version", "first"),
)

drawn_serial = Table(
    "drawn_serial",
    metadata,
    Column("space_id", _Id, ForeignKey("serial_space.id"), primary_key=True),
    Column("serial", BigInteger, primary_key=True),  # as a number below 32^10
    Column("batch_id", _Id, ForeignKey("serial_batch.id"), nullable=False),
    sqlite_with_rowid=False,
)
