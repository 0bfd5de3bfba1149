"""Capturing the demo life and asking the ledger the questions that each kind of user asks.

Everything shown is the ledger's own answer. The generator's book (`Highlights`) stands beside it,
and `DemoResult.holds` tells whether they agree.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson

from identifiers import Level, parse_item_code
from labels.sheet import write_sheets
from ledger.capture import capture
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, Trace, trace
from ledger.names import names_of
from ledger.proofs import newest_checkpoint
from ledger.receipts import Status
from ledger.store.engine import reading
from ledger.verification import verify_ledger
from scanners.engines import fallback_available
from scanners.pictures import scan_file
from suyuan.demo.life import Highlights, Story, tell
from suyuan.demo.parties import PARTIES
from suyuan.indexing import walker_of
from suyuan.labelling import labels_of
from suyuan.lookup import look_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.log.report import Report
    from suyuan.workspace import Workspace

__all__ = ["DemoResult", "run_demo"]

_GENEALOGY = (Kind.TRANSFORMED, Kind.PART_OF_LOT, Kind.INSTALLED)
"""What makes an item affected; packed is only a place."""
_MAKER = next(slug for slug, party in PARTIES.items() if party.role == "maker")
_SHOWN = 12
"""Lines of a list that are shown."""


@dataclass(frozen=True, slots=True)
class _Captured:
    counts: Counter[Status]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Labels:
    file: str
    pages: int
    printed: int
    matched: int
    fallback: bool


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the ledger answered, and what the generator expected."""

    highlights: Highlights
    captured: _Captured
    backward: Trace
    forward: Trace
    reports: list[Report]
    checkpoint: str
    labels: _Labels
    names: dict[str, str]
    """English names of products, places and parties, by code."""
    stem: str

    @property
    def origins(self) -> frozenset[str]:
        """The items that the sold pack was made of."""
        return frozenset(item.code for item in self.backward.items)

    @property
    def affected(self) -> frozenset[str]:
        """The items that the bad lot went into."""
        return frozenset(item.code for item in self.forward.items)

    @property
    def holds(self) -> bool:
        """True when every answer equals what the generator's book says."""
        events = sum(self.captured.counts.values())
        return (
            events == self.highlights.events
            and not self.captured.counts[Status.REJECTED]
            and not self.captured.counts[Status.CONFLICT]
            and self.origins == self.highlights.sold_pack_origins
            and self.affected == self.highlights.affected
            and self.labels.matched == self.labels.printed
            and not any(report.findings for report in self.reports)
        )

    def _holders(self) -> Counter[str]:
        return Counter(self._name(item.holder) for item in self.forward.items)

    def _places(self) -> Counter[str]:
        return Counter(self._name(item.location) for item in self.forward.items)

    def _name(self, code: str | None) -> str:
        return self.names.get(code or "", code or "nowhere stated")

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "holds": self.holds,
            "events": {status.value: self.captured.counts[status] for status in Status},
            "backward": {
                "root": self.backward.root,
                "items": len(self.backward.items),
                "lots": list(self._supplier_lots()),
            },
            "forward": {
                "root": self.forward.root,
                "items": len(self.forward.items),
                "holders": dict(self._holders()),
                "places": dict(self._places()),
            },
            "intact": not any(report.findings for report in self.reports),
            "entries": sum(report.size for report in self.reports),
            "checkpoint": self.checkpoint,
            "labels": {
                "file": self.labels.file,
                "printed": self.labels.printed,
                "matched": self.labels.matched,
            },
            "addresses": dict(self._addresses()),
        }

    def _supplier_lots(self) -> list[str]:
        made = {link.target for link in self.backward.links}
        return sorted(
            item.code
            for item in self.backward.items
            if item.kind is Level.LOT and item.code not in made
        )

    def _addresses(self) -> Iterator[tuple[str, str]]:
        yield "sold pack", self._address(self.backward.root)
        yield "bad lot", self._address(self.forward.root)
        yield "swapped module", self._address(self.highlights.swap.old)
        yield "pallet", self._address(self.highlights.pallet)
        yield "search", self.stem + "/"
        yield "GraphQL", self.stem + "/graphql?query={verify{log,intact,size}}"

    def _address(self, code: str) -> str:
        return self.stem + code.removeprefix("https://id.gs1.org")

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """What is printed, as titles with lines."""
        counts = self.captured.counts
        accepted = counts[Status.ACCEPTED]
        rate = sum(counts.values()) / max(self.captured.seconds, 1e-9)
        yield (
            "Captured · 采集",
            [
                f"{accepted} events accepted, {counts[Status.DUPLICATE]} known already"
                f" ({rate:.0f} events/s, {len(self.reports)} organisations)",
            ],
        )
        yield "Backward: what is this sold pack made of? · 反向追溯", self._backward()
        yield "Forward: where did the bad lot go? · 正向追溯", self._forward()
        yield (
            "Verified · 校验",
            [
                *(
                    f"{report.log}: {'NOT intact' if report.findings else 'intact'},"
                    f" {report.size} entries"
                    for report in self.reports
                ),
                "signed checkpoint of the maker's log:",
                *(f"  {line}" for line in self.checkpoint.rstrip().splitlines()),
            ],
        )
        labels = self.labels
        readers = "zxing-cpp, then zbar" if labels.fallback else "zxing-cpp alone (no libzbar0)"
        yield (
            "Labels · 标签",
            [
                f"{labels.file}: {labels.pages} pages, {labels.printed} codes printed,"
                f" {labels.matched} read back and matched ({readers})"
            ],
        )
        yield "Look yourself · 查看", [f"{name}: {url}" for name, url in self._addresses()]
        if not self.holds:
            yield (
                "NOT as expected · 与预期不符",
                ["The ledger's answers differ from the generator's book; this is a defect."],
            )

    def _backward(self) -> list[str]:
        lots = self._supplier_lots()
        depth = max((item.depth for item in self.backward.items), default=0)
        return [
            f"{self.backward.root} ({self._product(self.backward.root)})",
            f"{len(self.backward.items)} items behind it over {depth} levels,"
            f" down to {len(lots)} suppliers' lots:",
            *(f"  {lot}  {self._product(lot)}" for lot in lots[:_SHOWN]),
        ]

    def _forward(self) -> list[str]:
        head = max(self.forward.heads.items(), key=lambda pair: pair[1].size)
        complete = f"complete at {len(self.forward.heads)} log heads, largest {head[0]}"
        return [
            f"{self.forward.root} ({self._product(self.forward.root)})",
            f"{len(self.forward.items)} items affected; "
            + (f"{complete} size {head[1].size}" if self.forward.complete else "CUT"),
            "who has them: "
            + ", ".join(f"{name} {count}" for name, count in self._holders().most_common()),
            "where they are: "
            + ", ".join(f"{name} {count}" for name, count in self._places().most_common(_SHOWN)),
        ]

    def _product(self, code: str) -> str:
        return self._name(parse_item_code(code).product)


def run_demo(workspace: Workspace, folder: Path, *, seed: int, packs: int) -> DemoResult:
    """Capture the life and ask the questions; capturing it again changes nothing."""
    story = tell(seed, packs)
    captured = _capture(workspace, story)
    highlights = story.highlights
    with reading(workspace.engine) as connection:
        asked = partial(
            trace, connection, kinds=_GENEALOGY, walker=walker_of(workspace, connection)
        )
        backward = asked(highlights.sold_pack, Direction.BACKWARD)
        forward = asked(highlights.bad_lot, Direction.FORWARD)
        checkpoint = newest_checkpoint(connection, _MAKER)
        codes = {highlights.sold_pack, *(item.code for item in backward.items)}
        products = {code for text in codes if (code := parse_item_code(text).product)}
        stated = {
            value for item in forward.items for value in (item.holder, item.location) if value
        }
        named = names_of(connection, products | stated)
    names = {code: one.get("en") or one.get("") or code for code, one in named.items()}
    names |= {slug: party.en for slug, party in PARTIES.items()}
    return DemoResult(
        highlights=highlights,
        captured=captured,
        backward=backward,
        forward=forward,
        reports=verify_ledger(workspace.engine, workspace.keys),
        checkpoint=checkpoint,
        labels=_labels(workspace, folder, highlights.labels),
        names=names,
        stem=workspace.settings.stem,
    )


def _capture(workspace: Workspace, story: Story) -> _Captured:
    counts: Counter[Status] = Counter()
    started = perf_counter()
    owners = {}
    for submission in story.submissions:
        slug = submission.organisation
        if slug not in owners:
            owners[slug] = workspace.add_organisation(slug, PARTIES[slug].zh)
        owner = owners[slug]
        report = capture(
            workspace.access(owner),
            io.BytesIO(orjson.dumps(submission.document)),
            submitter=submission.submitter,
        )
        counts.update(report.counts)
    return _Captured(counts, perf_counter() - started)


def _labels(workspace: Workspace, folder: Path, texts: tuple[str, ...]) -> _Labels:
    codes = [parse_item_code(text) for text in texts]
    file = folder / "labels.pdf"
    stem = workspace.settings.stem
    summary = write_sheets(file, labels_of(workspace, codes, stem))
    read: Counter[str] = Counter()
    with reading(workspace.engine) as connection:
        for scan in scan_file(file, captured_at=workspace.now()):
            found = look_up(connection, scan)
            if found.code is not None and found.item is not None:
                read[found.code.uri] += 1
    printed = Counter(
        {label.code.uri: len(label.symbols()) for label in labels_of(workspace, codes, stem)}
    )
    return _Labels(
        file=str(file),
        pages=summary.pages,
        printed=summary.symbols,
        matched=(read & printed).total(),
        fallback=fallback_available(),
    )
