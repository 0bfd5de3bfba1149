"""Scans, looked up and judged, and what is said of each."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ledger.errors import StoreError
from ledger.issuance.keys import IssuingKeys
from ledger.store.engine import reading
from suyuan.cli.visible import visible
from suyuan.label_reading import look_up_labels
from suyuan.lookup import known_hosts, look_up
from suyuan.screening import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanners.scan import Scan
    from suyuan.cli.output import Session
    from suyuan.lookup import LookedUp
    from suyuan.workspace import Workspace

__all__ = ["Judge", "remarks_of", "shortened"]

_SHOWN = 60
"""Characters shown of what was read and is no code."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Looks scans up in the ledger, where there is one, and judges them."""

    workspace: Workspace | None
    language: str
    stem: str

    @staticmethod
    def of(session: Session) -> Judge:
        """The judge of a run; it is said where there is no ledger."""
        workspace = None
        try:
            workspace = session.ledger()
        except StoreError as error:
            session.warn(f"Codes are read and not looked up: {error}")
        return Judge(workspace, session.settings.language, session.settings.stem)

    def all(self, scans: Iterable[Scan]) -> list[LookedUp]:
        """Judge scans by one state of the ledger."""
        asked: dict[str, Any] = {"language": self.language, "hosts": known_hosts(self.stem)}
        with ExitStack() as stack:
            connection = None
            if self.workspace is not None:
                asked["keys"] = IssuingKeys(self.workspace.keys.folder)
                connection = stack.enter_context(reading(self.workspace.engine))
            look = partial(look_up, connection, **asked)
            return list(look_up_labels(scans, look, language=self.language))


def remarks_of(one: LookedUp) -> Iterator[str]:
    """What a person should know of a scan, a phrase each."""
    if one.problem:
        yield one.problem
    elif one.judged.verdict is Verdict.DOUBTFUL:
        yield one.judged.reason
    yield from one.repairs
    yield from (f"warning: {warning}" for warning in one.warnings)


def shortened(text: str) -> str:
    """What was read, in one cell of a table: a long text is cut."""
    shown = visible(text)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
