"""A whole world: waves of campaigns as one stream of documents, and what its book says of it.

Rules kept:

* A wave runs stage by stage, and hands over the documents that nothing earlier can precede; the
  waves that are open at one time are merged by the minute of arrival. Nothing else is kept.
* Each firm's first document carries its master data.
* The book is kept by running the waves of one trio again, without looking at any document.

Equal numbers of items and equal seeds give equal bytes.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from suyuan.demo.script import Submission
from suyuan.demo.world import aftersales, assembly, materials, motors, parts, trips
from suyuan.demo.world.book import Book
from suyuan.demo.world.desk import Desk, Sent
from suyuan.demo.world.firms import FIRMS, vocabulary
from suyuan.demo.world.gauges import GAUGES, gauge, standard
from suyuan.demo.world.goods import Goods, again
from suyuan.demo.world.plan import DAY, TRIO, Plan, Wave

__all__ = ["Asked", "Known", "World"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A code worth tracing, and what the book says of it."""

    why: str
    code: str
    direction: str
    """`forward` or `backward`."""
    items: frozenset[str]
    """All that the trace must reach, the code itself not among it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the book of one trio of waves says."""

    book: Book
    asked: tuple[Asked, ...]
    instrument: str
    """One that was found out of tolerance."""
    window: tuple[int, int]
    """Minutes of the world from its last good calibration to that."""
    judged: frozenset[str]
    """The items that it judged in the window."""


@dataclass(slots=True)
class World:
    """All that happens in a world of about so many items.

    Raises:
        ValueError: Less than one item, or more than `plan.MOST_ITEMS`.
    """

    items: int
    seed: int = 1
    named: int = 0
    """Items that the documents handed over so far name; whole waves count."""
    events: int = 0
    """Events of these waves."""
    _plan: Plan = field(init=False)

    def __post_init__(self) -> None:
        self._plan = Plan(self.items, self.seed)

    def documents(self) -> Iterator[Submission]:
        """Yield the documents of the world in order of arrival."""
        self.named = self.events = 0
        introduced: set[str] = set()
        for submission in self._merged():
            slug = submission.organisation
            if slug not in introduced:
                introduced.add(slug)
                header = {"epcisMasterData": {"vocabularyList": vocabulary(FIRMS[slug])}}
                submission.document["epcisHeader"] = header
            yield submission

    def _merged(self) -> Iterator[Submission]:
        heap: list[tuple[int, int, int, Submission, Iterator[Sent]]] = []

        def advance(number: int, stream: Iterator[Sent]) -> None:
            sent = next(stream, None)
            if sent is not None:
                heapq.heappush(heap, (sent[0], number, sent[1], sent[2], stream))

        def release(until: int | None) -> Iterator[Submission]:
            while heap and (until is None or heap[0][0] < until):
                _, number, _, submission, stream = heapq.heappop(heap)
                yield submission
                advance(number, stream)

        for wave in self._plan.waves():
            yield from release(wave.start)
            advance(wave.number, self._run(wave))
        yield from release(None)

    def _run(self, wave: Wave) -> Iterator[Sent]:
        desk = self._desk(wave, Book(kept=False))
        goods = Goods.of(wave)
        yield from _stages(desk, goods)
        known = again(desk, goods, *_instruments(wave))
        self.named += len(desk.codes - known)
        self.events += desk.events

    def _desk(self, wave: Wave, book: Book) -> Desk:
        return Desk(f"{self.items}/{self.seed}", wave, book)

    @property
    def trios(self) -> int:
        """How many trios of waves there are."""
        return -(-sum(1 for _ in self._plan.waves()) // TRIO)

    def known(self, trio: int = 0) -> Known:
        """Ask the book of one trio of waves.

        Args:
            trio: Its number. The instruments of the first wave are found wanting in every third.
        """
        waves = self._plan.trio(trio)
        book = Book()
        worth: list[dict[str, str]] = []
        for wave in waves:
            goods = Goods.of(wave)
            for _ in _stages(self._desk(wave, book), goods):
                pass
            worth.append(goods.worth)
        first = waves[0]
        instrument = worth[0]["instrument"]
        window = first.start + 22 * DAY, first.start + 28 * DAY
        return Known(
            book=book,
            asked=tuple(_asked(book, worth[0])),
            instrument=instrument,
            window=window,
            judged=book.judged_by(instrument, *window),
        )


_BACKWARD = {"sold bicycle", "repaired bicycle", "refurbished bicycle", "carton"}
_UNASKED = {"instrument"}


def _asked(book: Book, worth: dict[str, str]) -> Iterator[Asked]:
    for why, code in worth.items():
        if why in _BACKWARD:
            yield Asked(why, code, "backward", book.backward(code))
        elif why not in _UNASKED:
            yield Asked(why, code, "forward", book.forward(code))


def _instruments(wave: Wave) -> tuple[list[str], list[str]]:
    return [gauge(wave, sort) for sort in GAUGES], [standard(sort) for sort in GAUGES]


def _stages(desk: Desk, goods: Goods) -> Iterator[Sent]:
    """Run a wave; each stage is preceded by the documents that arrived before its first day."""
    before = (
        (0, materials.smelt),
        (0, materials.supply),
        (5, materials.cut),
        (6, parts.buy_frames),
        (6, materials.draw),
        (7, parts.buy_batteries),
        (8, parts.buy_controllers),
        (9, materials.spool),
        (12, motors.wind),
        (14, motors.assemble_motors),
        (19, motors.send_motors),
        (22, assembly.build_drives),
        (28, assembly.build_bikes),
    )
    for day, stage in before:
        yield from desk.until(desk.at(day, 0))
        stage(desk, goods)
    for number in range(-(-desk.wave.bikes // trips.PER_TRIP)):
        day = trips.FIRST_DAY + trips.TRIP_DAYS * number
        yield from desk.until(desk.at(day, 0))
        trips.trip(desk, goods, number)
        some = goods.bikes[trips.PER_TRIP * number : trips.PER_TRIP * (number + 1)]
        aftersales.sell(desk, some, day + 4)
    yield from desk.until(desk.at(61, 0))
    aftersales.serve(desk, goods)
    yield from desk.until()
