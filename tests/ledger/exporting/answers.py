"""Answers to write: small ones by hand, hostile ones, and one with very many items."""

from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from msgspec import Struct

from identifiers import Level
from ledger.exporting.formats import format_by_name
from ledger.exporting.options import Options
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, LogHead, Trace, TraceItem, TraceLink
from tests.ledger.builders import instance, lot

CREATED = 1_772_323_200_000_000
"""2026-03-01T00:00:00Z."""

HOSTILE = (
    '"quoted" \\ back\\n slash',
    "two\nlines\r\nand a tab\t",
    "<script>alert(1)</script>&amp;]]>",
    "=cmd|' /C calc'!A0",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "＝1",
    "\t=1",
    "\r=1",
    "'quoted",
    "urn:x:\u202egnp.exe\u202c",
    "urn:x:\x1b[2J\x00\x07",
    "urn:x:\ufeff\u200b\ufffe\U000e0041",
    "溯源,批次；一号",
    '\\" -> "x',
    "%s {0} ${x} \\N \\G",
    "",
    "a" * 5_000,
)
"""Texts that mean something to one format or another."""

T = TypeVar("T")


def _made(of: type[T], given: dict[str, Any]) -> T:
    """Return a value of a dataclass or struct; what isn't given and has no default is None."""
    if issubclass(of, Struct):
        names = of.__struct_fields__
        required = dict.fromkeys(names[: len(names) - len(of.__struct_defaults__)])
    else:
        required = {
            field.name: None
            for field in fields(of)  # type: ignore[arg-type]
            if field.default is MISSING and field.default_factory is MISSING
        }
    return of(**(required | given))


def item(code: str, depth: int = 1, **given: Any) -> TraceItem:
    """Return an item of an answer, by default an instance of which nothing is known."""
    stated: dict[str, Any] = {"kind": Level.INSTANCE, "container": False}
    return _made(TraceItem, {"code": code, "depth": depth} | stated | given)


def link(source: str, target: str, kind: Kind = Kind.TRANSFORMED, **given: Any) -> TraceLink:
    """Return a link of an answer."""
    stated: dict[str, Any] = {"event": "urn:uuid:1", "time": CREATED}
    named = {"source": source, "target": target, "kind": kind}
    return _made(TraceLink, named | stated | given)


def answer(items: list[TraceItem], links: list[TraceLink], **given: Any) -> Trace:
    """Return an answer about the lot "bad"."""
    stated: dict[str, Any] = {
        "root": lot("bad"),
        "direction": Direction.FORWARD,
        "heads": {"localhost/log/main": LogHead(7, "root=")},
        "items": tuple(items),
        "links": tuple(links),
    }
    return _made(Trace, stated | given)


PALLET = "https://id.gs1.org/00/095060001343520000"
PLANT = "https://id.gs1.org/414/9506000134352"
MAKER = "https://id.gs1.org/417/9506000134352"


def small(**given: Any) -> Trace:
    """Return an answer with every kind of link, a container, and an item that was only mentioned."""
    a, b, c = instance("a"), instance("b"), instance("c")
    later = CREATED + 1
    items = [
        item(a, quantity="2.50", unit="KGM", status="in_transit", location=PLANT, holder=MAKER),
        item(b, status="announced", holder=MAKER, location=PLANT),
        item(c, 2, inside=PALLET, quantity="3"),
        item(PALLET, 3, kind=Level.LOGISTIC, container=True, holder=MAKER, location=PLANT),
    ]
    links = [
        link(lot("bad"), a, quantity="0.10", unit="KGM"),
        link(lot("bad"), b, Kind.PART_OF_LOT),
        link(a, c, Kind.INSTALLED, until=later),
        link(c, PALLET, Kind.PACKED),
    ]
    return answer(items, links, **given)


def hostile() -> Trace:
    """Return an answer whose every text is hostile."""
    items = [
        item(text, status=text, unit=text, quantity=text, location=text, holder=text, inside=text)
        for text in HOSTILE
    ]
    links = [link(HOSTILE[0], text, event=text, quantity=text, unit=text) for text in HOSTILE]
    cut = (("depth", HOSTILE),)
    return answer(
        items, links, root="root" + HOSTILE[2], heads={HOSTILE[2]: LogHead(1, "r")}, cut=cut
    )


def large(count: int) -> Trace:
    """Return an answer with many items, each linked to the one before its place."""
    codes = [instance(f"{number:07}") for number in range(count)]
    items = [
        item(code, 1 + number % 7, quantity="1.5", unit="KGM", holder=MAKER, location=PLANT)
        for number, code in enumerate(codes)
    ]
    links = [link(codes[number // 2], code) for number, code in enumerate(codes) if number]
    return answer(items, [link(lot("bad"), codes[0]), *links])


def options(**given: Any) -> Options:
    """Return options with the tests' clock."""
    return Options(**({"created": CREATED} | given))


def written(name: str, trace: Trace, **given: Any) -> bytes:
    """Return an answer in a format, by its name."""
    return b"".join(format_by_name(name).write(trace, options(**given)))


@dataclass(frozen=True)
class Later(Trace):
    """An answer as a later version may give it: with another list, and another number."""

    left_out: int = 0
    oddities: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, with both."""
        found = Trace.as_dict(self)
        return found | {"left_out": self.left_out, "oddities": [*self.oddities]}


def later(oddities: list[dict[str, Any]], left_out: int = 0) -> Trace:
    """Return the small answer with what a later version may add."""
    given = {field.name: getattr(small(), field.name) for field in fields(Trace)}
    return Later(**(given | {"oddities": tuple(oddities), "left_out": left_out}))
