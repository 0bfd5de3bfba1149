"""Names from master data beside the codes of an answer.

Rules kept:

* An instance bears the name of its product; any other item its own, else that of its product. A
  holder that is an organisation of the ledger bears the name it was added with.
* Names are those of now, in the language of the file, else in any (`ledger.names`). They help
  people to read; what an answer says it says in codes.
* Thousands of codes are asked for at a time, and each once, up to a number that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from identifiers import Level
from ledger.exporting.naming import class_of
from ledger.names import name_for, names_of
from ledger.store.sets import fetch_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from ledger.problems import Language

__all__ = ["KnownNames"]

_KEPT: Final = 20_000
"""Codes that are remembered; some megabytes."""


@dataclass(slots=True)
class KnownNames:
    """What master data calls the codes of one answer."""

    connection: Connection | None
    """A reading transaction; without one nothing has a name."""
    language: Language
    _known: dict[str | None, str | None] = field(default_factory=dict)

    def of(self, codes: Sequence[str | None]) -> list[str | None]:
        """The name of each code, None where it has none."""
        if self.connection is None:
            return [None] * len(codes)
        self._learn({*codes})
        known = self._known
        return [known[code] for code in codes]

    def of_items(self, codes: Sequence[str], kinds: Iterable[str]) -> list[str | None]:
        """The name of each item, by its code and its kind of code."""
        if self.connection is None:
            return [None] * len(codes)
        instance = Level.INSTANCE.value
        own = [None if kind == instance else code for code, kind in zip(codes, kinds, strict=True)]
        classes = list[str | None](map(class_of, codes))
        self._learn({*own, *classes})
        known = self._known
        return [known[code] or known[of] for code, of in zip(own, classes, strict=True)]

    def _learn(self, codes: set[str | None]) -> None:
        if len(self._known) > _KEPT:
            self._known.clear()
        missing = {code for code in codes if code and code not in self._known}
        self._known.update(dict.fromkeys(codes - self._known.keys()))
        if missing and self.connection is not None:
            for code, names in names_of(self.connection, missing).items():
                self._known[code] = name_for(names, self.language)
            # A holder that no event states is whoever reported, by the short name of its log.
            slugs = {code for code in missing if ":" not in code}
            sql = "SELECT organisation, name FROM log WHERE organisation {ids}"
            self._known.update(fetch_in(self.connection, sql, slugs) if slugs else ())
