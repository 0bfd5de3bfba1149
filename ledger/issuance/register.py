"""The register of serials that were given out: spaces, batches, ranges and drawn serials.

Rules kept:

* Whoever takes serials of a product first locks its space (a row on PostgreSQL, the whole ledger
  on SQLite) and holds it to the commit: two programs at once never take the same.
* The ranges of a product and a version follow one another from counter 0, so a counter was given
  out exactly when it is below the end of the last one. (A gap is what a ledger that was restored
  from an older backup has forgotten; see `ledger.issuance.marks`.)
* What was committed is never taken back. A crash after the commit and before the codes were
  written loses them: their serials are not given out again.
* A key that isn't the one which earlier codes were issued with is refused under their version.

The register is no projection of the log and stands outside `suyuan verify`: it holds what was
given out, the log what was reported to have happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ledger.errors import IssuanceError, StoreError
from ledger.issuance.serials import SPACE, Range
from ledger.store import tables
from ledger.store.sets import fetch, fetch_in, insert_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from ledger.issuance.keys import IssuingKeys, KeyVersion

__all__ = [
    "Batch",
    "Mode",
    "Space",
    "add_batch",
    "add_drawn",
    "batch_of_drawn",
    "drawn_among",
    "has_drawn",
    "key_for_issuing",
    "lock_space",
    "range_of",
    "ranges_of",
    "reserve_range",
    "reserved_counters",
    "space_of",
    "verified_versions",
]


class Mode(StrEnum):
    """How serials are chosen."""

    PERMUTED = "permuted"
    """A keyed permutation of a counter: the way back needs no database."""
    RANDOM = "random"
    """Drawn, and kept unique by the register."""


@dataclass(frozen=True, slots=True)
class Space:
    """All serials of one product."""

    row: int
    product: str
    """Canonical URI."""
    issued: int
    """Serials given out so far, in all modes and versions, lost ones included."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were issued together."""

    row: int
    """Its id, which people name it by."""
    product: str
    """Canonical URI."""
    organisation: str
    """Slug of the organisation that issued them."""
    submitter: str
    """Who asked for them."""
    supplier: str | None
    """Whom they were made for; None when for ourselves."""
    mode: Mode
    version: int
    """Version of the issuing key."""
    count: int
    tagged: bool
    """Whether the links carry a tag."""
    lot: str | None
    """As it stands in AI (10)."""
    dictionary: str
    """Version of the GS1 syntax dictionary that the codes were judged by."""
    created_at: int
    """Microseconds since 1970 UTC."""


def verified_versions(connection: Connection, keys: IssuingKeys) -> tuple[KeyVersion, ...]:
    """All versions of the key, oldest first; none that codes were issued with is missing.

    Without that key a code of ours can't be told from a guess, and a new key would take its number.

    Raises:
        StoreError: A version that codes were issued with is missing, or is another key now.
    """
    versions = keys.versions()
    used = dict(fetch(connection, "SELECT version, identifier FROM issuing_key"))
    here = {one.number: one.identifier for one in versions}
    for number, identifier in sorted(used.items()):
        if here.get(number) != identifier:
            what = "is another one now" if number in here else "is missing"
            raise StoreError(
                f"Version {number} of the issuing key, which codes were issued with, {what}.",
                "Put its file back from your backup of the keys.",
            )
    return versions


def key_for_issuing(connection: Connection, keys: IssuingKeys) -> tuple[KeyVersion, ...]:
    """All versions of the key, the one to issue with last; the first is made on the way.

    Raises:
        StoreError: A version that codes were issued with is missing, or is another key now.
    """
    versions = verified_versions(connection, keys)
    # A crash after the key is made and before the commit leaves a key that the next call uses.
    newest = keys.newest() or keys.begin(1)
    fetch(
        connection,
        "INSERT INTO issuing_key (version, identifier) VALUES ({p}, {p})"
        " ON CONFLICT (version) DO NOTHING RETURNING version",
        newest.number,
        newest.identifier,
    )
    [(identifier,)] = fetch(
        connection, "SELECT identifier FROM issuing_key WHERE version = {p}", newest.number
    )
    if identifier != newest.identifier:  # another program with another folder was faster
        raise StoreError(
            f"Version {newest.number} of the issuing key is another one elsewhere.",
            "Let every program that issues codes use the same folder of keys.",
        )
    return (*(one for one in versions if one.number != newest.number), newest)


def lock_space(connection: Connection, product: str, count: int) -> Space:
    """Lock the serials of a product to the end of the transaction, and count some as given out.

    Raises:
        IssuanceError: There are not so many left.
    """
    fetch(
        connection,
        "INSERT INTO serial_space (product, issued) VALUES ({p}, 0)"
        " ON CONFLICT (product) DO NOTHING RETURNING id",
        product,
    )
    [(row, issued)] = fetch(
        connection,
        "UPDATE serial_space SET issued = issued + {p} WHERE product = {p} RETURNING id, issued",
        count,
        product,
    )
    if issued > SPACE:
        raise IssuanceError(
            f"{product} has {SPACE - issued + count:,} of {SPACE:,} serials left, not {count:,}."
        )
    return Space(row, product, issued)


def space_of(connection: Connection, product: str) -> Space | None:
    """The serials of a product; None before the first was given out."""
    rows = fetch(
        connection, "SELECT id, product, issued FROM serial_space WHERE product = {p}", product
    )
    return Space(*rows[0]) if rows else None


def add_batch(
    connection: Connection,
    space: Space,
    *,
    log: int,
    submitter: str,
    supplier: str | None,
    mode: Mode,
    version: int,
    count: int,
    tagged: bool,
    lot: str | None,
    dictionary: str,
    now: int,
) -> int:
    """Write a batch down; return its id."""
    row: int = connection.execute(
        tables.serial_batch.insert()
        .values(
            space_id=space.row,
            log_id=log,
            key_version=version,
            mode=mode.value,
            count=count,
            tagged=int(tagged),
            lot=lot,
            supplier=supplier,
            submitter=submitter,
            dictionary=dictionary,
            created_at=now,
        )
        .returning(tables.serial_batch.c.id)
    ).scalar_one()
    return row


def reserved_counters(connection: Connection, space: Space) -> dict[int, int]:
    """By version of the key: the first counter that was not given out yet."""
    return dict(
        fetch(
            connection,
            "SELECT key_version, max(first + count) FROM serial_range"
            " WHERE space_id = {p} GROUP BY key_version",
            space.row,
        )
    )


def reserve_range(
    connection: Connection, space: Space, *, version: int, first: int, count: int, batch: int
) -> Range:
    """Take counters of a version, from the first free one; the space is locked by the caller.

    Raises:
        IssuanceError: There are not so many left.
    """
    if first + count > SPACE:
        raise IssuanceError(
            f"Version {version} has {SPACE - first:,} serials of {space.product} left, not"
            f" {count:,}. Begin another one with 'suyuan code rotate'."
        )
    connection.execute(
        tables.serial_range.insert().values(
            space_id=space.row, key_version=version, first=first, count=count, batch_id=batch
        )
    )
    return Range(version, first, count, batch, None)


def drawn_among(connection: Connection, space: Space, serials: Collection[int]) -> set[int]:
    """Those of some serials that were drawn before."""
    rows = fetch_in(
        connection,
        "SELECT serial FROM drawn_serial WHERE serial {ids} AND space_id = {p}",
        serials,
        space.row,
    )
    return {serial for (serial,) in rows}


def has_drawn(connection: Connection, space: Space) -> bool:
    """Tell whether any serial of a product was drawn."""
    return bool(
        fetch(connection, "SELECT 1 FROM drawn_serial WHERE space_id = {p} LIMIT 1", space.row)
    )


def add_drawn(connection: Connection, space: Space, batch: int, serials: Iterable[int]) -> None:
    """Write drawn serials down; the unique index is the last to refuse a second one."""
    insert_rows(
        connection,
        tables.drawn_serial,
        "space_id serial batch_id",
        [(space.row, serial, batch) for serial in serials],
    )


_BATCH = (
    "SELECT serial_batch.id, product, organisation, submitter, supplier, mode, key_version, count,"
    " tagged, lot, dictionary, created_at FROM serial_batch"
    " JOIN serial_space ON serial_space.id = space_id JOIN log ON log.id = log_id"
    " WHERE serial_batch.id = {p}"
)
_RANGE = (
    "SELECT serial_range.key_version, first, serial_range.count, batch_id, supplier"
    " FROM serial_range JOIN serial_batch ON serial_batch.id = batch_id"
)


def _batch(connection: Connection, row: int) -> Batch:
    [found] = fetch(connection, _BATCH, row)
    values = list(found)
    values[5], values[8] = Mode(values[5]), bool(values[8])
    return Batch(*values)


def ranges_of(connection: Connection, space: Space) -> list[Range]:
    """All ranges of a product, in the order in which they were given out."""
    rows = fetch(
        connection,
        f"{_RANGE} WHERE serial_range.space_id = {{p}} ORDER BY serial_range.id",
        space.row,
    )
    return [Range(*row) for row in rows]


def range_of(
    connection: Connection, space: Space, counters: dict[int, int]
) -> tuple[Range, Batch] | None:
    """The range that a serial was given out from.

    Args:
        connection: An open transaction.
        space: The serials of its product.
        counters: By version of the key, the counter that the serial has under it.
    """
    found = []
    for version, counter in counters.items():
        # The last range that begins at or before the counter; an index leads there.
        found += fetch(
            connection,
            f"SELECT serial_range.id, {_RANGE.removeprefix('SELECT ')}"
            " WHERE serial_range.space_id = {p} AND serial_range.key_version = {p}"
            " AND first <= {p} ORDER BY first DESC LIMIT 1",
            space.row,
            version,
            counter,
        )
    # A later range passes over what an earlier one has given out, so the earliest is the one.
    for _, *values in sorted(found):
        one = Range(*values)
        if counters[one.version] in one:
            return one, _batch(connection, one.batch)
    return None


def batch_of_drawn(connection: Connection, space: Space, serial: int) -> Batch | None:
    """The batch that a serial was drawn for."""
    rows = fetch(
        connection,
        "SELECT batch_id FROM drawn_serial WHERE space_id = {p} AND serial = {p}",
        space.row,
        serial,
    )
    return _batch(connection, rows[0][0]) if rows else None
