"""Issuing: so many codes for a product, written down before the first of them is handed out.

Rules kept:

* The register is committed first, the codes are made afterwards, a few thousand at a time: a
  million need no more memory than a thousand. Codes that were not taken any more, or that a crash
  cut off, are lost; no serial is given out twice, not even by a ledger restored from a backup.
* A serial that another version of the key, or the random mode, has given out for the product is
  passed over and counted. In the random mode a serial is drawn again at most `_MOST_DRAWS` times.
* Suppliers get finished codes and never a key: who holds the key of serials can foresee those of
  everybody, and a key of a supplier's own would be another permutation, whose serials collide with
  ours. Their ranges are disjoint, so they may print offline, in any order and at any time.
* The codes are plain Digital Links, judged by `identifiers`; the batch says by which version of
  the GS1 syntax dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from identifiers import (
    IdentifierError,
    as_digital_link,
    parse_digital_link,
    parse_item_code,
)
from identifiers.characters import escape, is_digits
from identifiers.gs1 import aitable
from identifiers.gs1.digital_link import CANONICAL_STEM
from identifiers.gs1.elements import verify_value
from ledger.errors import IssuanceError, UsageError, shown
from ledger.issuance import register
from ledger.issuance.register import Mode
from ledger.issuance.risk import Risk
from ledger.issuance.serials import LENGTH, draw, series_of, spelt
from ledger.issuance.tags import tag_of, with_tag
from ledger.store.engine import reading, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from ledger.issuance.keys import IssuingKeys, KeyVersion
    from ledger.issuance.marks import Marks
    from ledger.issuance.register import Space
    from ledger.issuance.serials import Range, Series
    from ledger.organisations import Organisation

__all__ = ["MOST", "Issued", "IssuedCode", "Tally", "gtin_of", "issue"]

MOST: Final = 100_000_000
"""Codes of one batch. What is reserved by a slip of the finger is gone, and a product has 10^15."""
_GROUP: Final = 4096  # codes that are made at once; more are no faster, and need more memory
_MOST_DRAWS: Final = 16  # for one group, until the source of randomness counts as broken
_GTIN_LENGTHS: Final = {8, 12, 13, 14}
_ELEMENT_STRING: Final = 16  # digits of AI 01 with its GTIN
_LONGEST_NAME: Final = 200  # characters of a supplier or submitter


class IssuedCode(NamedTuple):
    """One code; a tuple, for a million are made in a few seconds."""

    serial: str
    code: str
    """Canonical: (01) and (21)."""
    link: str
    """What is printed: the Digital Link, with the lot and the tag."""
    tag: str | None


@dataclass(slots=True)
class Tally:
    """What happened while codes were made; it grows as they are taken."""

    made: int = 0
    clashes: int = 0
    """Serials that were passed over because they had been given out before."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A batch that was written down, and its codes."""

    batch: int
    """Its id."""
    product: str
    """Canonical URI."""
    mode: Mode
    version: int
    """Version of the issuing key."""
    count: int
    range: Range | None
    """The counters of the permuted mode; serials passed over are replaced by later counters."""
    dictionary: str
    """Version of the GS1 syntax dictionary that the codes were judged by."""
    risk: Risk
    """With all codes of this batch."""
    codes: Iterator[IssuedCode]
    """The codes, made as they are taken; once."""
    tally: Tally


def gtin_of(text: str) -> str:
    """Read a product: a GTIN of 8, 12, 13 or 14 digits, or a code in any form.

    Returns:
        The GTIN with 14 digits.

    Raises:
        IdentifierError: It is no valid code.
        UsageError: The code names something else than a product.
    """
    if is_digits(text) and len(text) in _GTIN_LENGTHS:
        gtin = text.zfill(14)
        try:
            verify_value(aitable.entry("01"), gtin)
        except IdentifierError as error:
            # The position in what was given, not in the digits that were put in front of it.
            raise error.within(len(text) - len(gtin), "01") from None
        return gtin
    if is_digits(text) and len(text) < _ELEMENT_STRING:
        raise UsageError(
            f"Expected a GTIN of 8, 12, 13 or 14 digits, got {len(text)}; count them again."
        )
    keys = parse_item_code(text).keys
    if [ai for ai, _ in keys] != ["01"]:
        raise UsageError(
            f"Expected a product, as its GTIN or as (01) alone, got {shown(text)}."
            " A lot is named with --lot."
        )
    return keys[0][1]


def issue(
    engine: Engine,
    keys: IssuingKeys,
    product: str,
    count: int,
    *,
    organisation: Organisation,
    submitter: str,
    now: int,
    mode: Mode = Mode.PERMUTED,
    supplier: str | None = None,
    lot: str | None = None,
    stem: str = CANONICAL_STEM,
    tagged: bool = True,
    drawing: Callable[[int], list[int]] = draw,
) -> Issued:
    """Issue codes for a product.

    Args:
        engine: The ledger.
        keys: Its issuing keys; the first is made on the way.
        product: See `gtin_of`.
        count: How many codes, from 1 to `MOST`.
        organisation: Who issues them.
        submitter: Who asked for them.
        now: Microseconds since 1970 UTC.
        mode: How serials are chosen.
        supplier: Whom they are made for, when not for ourselves.
        lot: Value of AI (10) in every link.
        stem: What the links begin with.
        tagged: Whether the links carry a tag.
        drawing: Gives so many random numbers below 32^10, for the random mode.

    Returns:
        The batch, which is committed; its codes are made as they are taken.

    Raises:
        IdentifierError: The product, lot or stem can't stand in a Digital Link.
        UsageError: A value can't be meant.
        IssuanceError: The product's serials are used up.
        StoreError: The ledger or the keys can't be read or written.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"Expected from 1 to {MOST:,} codes at once, got {count:,}.")
    for name in (submitter, supplier):
        if name is not None and not (
            name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME
        ):
            raise UsageError(
                f"Expected a name of 1 to {_LONGEST_NAME} printable characters, got {shown(name)}."
            )
    start, link_start, dictionary = _starts(gtin_of(product), lot, stem)
    uri = start.removesuffix("/21/")
    with writing(engine) as connection:
        versions = register.key_for_issuing(connection, keys)
        space = register.lock_space(connection, uri, count)
        batch = register.add_batch(
            connection,
            space,
            log=organisation.row,
            submitter=submitter,
            supplier=supplier,
            mode=mode,
            version=versions[-1].number,
            count=count,
            tagged=tagged,
            lot=lot,
            dictionary=dictionary,
            now=now,
        )
        series = tuple(series_of(uri, one.number, one.serial_key) for one in versions)
        maker = _Maker(engine, space, batch, series, keys.marks, Tally())
        reserved = maker.reserve(connection, count) if mode is Mode.PERMUTED else None
    numbers = maker.permuted(reserved) if reserved else maker.drawn(count, drawing)
    return Issued(
        batch,
        uri,
        mode,
        versions[-1].number,
        count,
        reserved.range if reserved else None,
        dictionary,
        Risk(space.issued, sum(not one.revoked for one in versions) if tagged else 0),
        _written(numbers, start, link_start, versions[-1] if tagged else None, maker.tally),
        maker.tally,
    )


def _starts(gtin: str, lot: str | None, stem: str) -> tuple[str, str, str]:
    """What canonical codes and links begin with, up to the serial, and the dictionary's version.

    One code stands for all: they differ only in characters of the serial, each of which AI (21) and
    a URI allow unescaped.
    """
    sample = "2" * LENGTH
    path = f"/01/{gtin}"
    if lot is not None:
        try:
            verify_value(aitable.entry("10"), lot)
        except IdentifierError as error:
            raise error.within(0, "10") from None
        path += f"/10/{escape(lot)}"
    message = parse_digital_link(f"{CANONICAL_STEM}{path}/21/{sample}")
    link = as_digital_link(message, stem=stem)
    judged = parse_digital_link(with_tag(link, sample))
    start = f"{CANONICAL_STEM}/01/{gtin}/21/"
    return start, link.removesuffix(sample), judged.dictionary


def _written(
    groups: Iterator[Sequence[int]],
    start: str,
    link_start: str,
    key: KeyVersion | None,
    tally: Tally,
) -> Iterator[IssuedCode]:
    for numbers in groups:
        for serial in spelt(numbers):
            code, link, tag = start + serial, link_start + serial, None
            if key is not None:
                tag = tag_of(code, key)
                link = with_tag(link, tag)
            tally.made += 1
            yield IssuedCode(serial, code, link, tag)


@dataclass(frozen=True, slots=True)
class _Reserved:
    """A range, and what had been given out before it."""

    range: Range
    earlier: dict[int, int]
    """By other versions of the key: the first counter that wasn't given out."""
    any_drawn: bool


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the serials of one batch, as numbers, in groups."""

    engine: Engine
    space: Space
    batch: int
    series: tuple[Series, ...]
    """By version of the key; the last one is issued with."""
    marks: Marks
    tally: Tally

    def reserve(self, connection: Connection, count: int) -> _Reserved:
        """Take a range; the space is locked by the caller."""
        own = self.series[-1].version
        earlier = self._ends(connection)
        first = earlier.pop(own, 0)
        taken = register.reserve_range(
            connection, self.space, version=own, first=first, count=count, batch=self.batch
        )
        # A crash from here to the commit loses the range.
        self.marks.raise_to(self.space.product, own, first + count)
        return _Reserved(taken, earlier, register.has_drawn(connection, self.space))

    def permuted(self, reserved: _Reserved) -> Iterator[Sequence[int]]:
        """The serials of a range; those passed over are replaced from another one."""
        missing = reserved.range.count
        while missing:
            start, end, missing = reserved.range.first, reserved.range.first + missing, 0
            for first in range(start, end, _GROUP):
                numbers = self.series[-1].numbers(range(first, min(first + _GROUP, end)))
                taken = self._counted(numbers, reserved.earlier)
                if reserved.any_drawn:
                    with reading(self.engine) as connection:
                        taken |= register.drawn_among(connection, self.space, numbers)
                missing += len(taken)
                self.tally.clashes += len(taken)
                yield [one for one in numbers if one not in taken] if taken else numbers
            if missing:
                with writing(self.engine) as connection:
                    register.lock_space(connection, self.space.product, 0)
                    reserved = self.reserve(connection, missing)

    def drawn(self, count: int, drawing: Callable[[int], list[int]]) -> Iterator[Sequence[int]]:
        """Random serials, each group written down before it is handed out."""
        for start in range(0, count, _GROUP):
            with writing(self.engine) as connection:
                register.lock_space(connection, self.space.product, 0)
                numbers = self._fresh(connection, min(_GROUP, count - start), drawing)
                register.add_drawn(connection, self.space, self.batch, numbers)
            yield numbers

    def _fresh(
        self, connection: Connection, count: int, drawing: Callable[[int], list[int]]
    ) -> list[int]:
        """Draw numbers that nobody has; the space is locked by the caller."""
        reserved = self._ends(connection)
        chosen: dict[int, None] = {}  # in the order in which they were drawn
        for _ in range(_MOST_DRAWS):
            before = len(chosen)
            numbers = drawing(count - before)
            taken = self._counted(numbers, reserved)
            taken |= register.drawn_among(connection, self.space, numbers)
            chosen |= dict.fromkeys(one for one in numbers if one not in taken)
            self.tally.clashes += len(numbers) - (len(chosen) - before)
            if len(chosen) == count:
                return list(chosen)
        raise IssuanceError(
            f"After {_MOST_DRAWS} draws serials of {self.space.product} still were ones given out"
            " before. The source of randomness is broken, or the serials are used up."
        )

    def _ends(self, connection: Connection) -> dict[int, int]:
        """By version of the key: the first counter that wasn't given out, whatever was restored."""
        ends = register.reserved_counters(connection, self.space)
        marks = self.marks.read(self.space.product)
        return {one: max(ends.get(one, 0), marks.get(one, 0)) for one in ends.keys() | marks.keys()}

    def _counted(self, numbers: Sequence[int], reserved: dict[int, int]) -> set[int]:
        """Those of some serials that a range has given out, by the way back."""
        taken: set[int] = set()
        for series in self.series:
            end = reserved.get(series.version, 0)
            if end:
                counters = series.counters(numbers)
                taken |= {
                    one for one, counter in zip(numbers, counters, strict=True) if counter < end
                }
        return taken
