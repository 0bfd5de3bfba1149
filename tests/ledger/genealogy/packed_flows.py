"""Random flows of lots and serials in pallets between parties, with the books kept where the goods are.

Goods lie loose at a party, or in a pallet that is at a party or on its way, and each event is drawn from what can be done with
them. So what should be told is simply counted: no rule of the ledger is used for it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from tests.ledger.builders import Event, family, instance, lot, some
from tests.ledger.genealogy.asking import clock
from tests.ledger.genealogy.random_genealogies import sscc
from tests.ledger.genealogy.test_balance import create, receive, ship, told

if TYPE_CHECKING:
    from collections.abc import Callable

PARTIES = [
    f"https://id.gs1.org/417/{gln}" for gln in ("9506000134352", "9506000134376", "9506000134383")
]
UNITS = {"KGM": Fraction(1), "GRM": Fraction(1, 1000), "TNE": Fraction(1000)}

MINUTES = 24
"""The most events of a flow: one a minute."""

Content = dict[str, Fraction]
"""Kilograms of lots and pieces of serials, by code."""


@dataclass
class Pallet:
    """A pallet or a truck."""

    code: str
    party: int
    """Where it is; on its way: who sent it."""
    to: int | None = None
    """Whom it is on its way to."""
    inside: "Pallet | None" = None
    content: Content = field(default_factory=lambda: defaultdict(Fraction))
    gone: bool = False


@dataclass(frozen=True)
class Books:
    """What is true of one item after an event."""

    in_stock: Fraction
    in_transit: Fraction
    gaps: tuple[tuple[str, Fraction, int], ...]
    """(kind, amount, minute)"""


class Flow:
    """Goods, and all that happens to them."""

    def __init__(self, random: Random, number: int) -> None:
        self.random = random
        self.lots = [lot(f"F{number}{name}") for name in "AB"]
        self.serials = [instance(f"F{number}{name}") for name in "abc"]
        self.pallets = [
            Pallet("https://id.gs1.org/00/" + sscc(900_000_000 + number * 4 + one), one % 3)
            for one in range(4)
        ]
        self.truck = self.pallets[3]
        self.loose: list[Content] = [defaultdict(Fraction) for _ in PARTIES]
        self.made: set[str] = set()
        self.gaps: dict[str, list[tuple[str, Fraction, int]]] = defaultdict(list)
        self.short: set[tuple[str, int | None]] = set()
        """Lots of which a party is owed some: more of it that comes short may be meant by that."""
        self.events: list[tuple[int, Event]] = []
        """(party, event)"""
        self.minute = 0
        self.history: list[dict[str, Books]] = []
        """By minute, from 1 on, of the items that were made by then."""
        doings: list[Callable[[], None]] = [
            self.make,
            self.pack,
            self.pack,
            self.take_off,
            self.empty,
            self.load,
            self.send,
            self.send,
            self.arrive,
            self.arrive,
            self.arrive_short,
            self.send_back_in_books,
            self.use,
            self.lose_pallet,
            self.count,
        ]
        for _attempt in range(300):  # in the end nothing may be left to do anything with
            if self.minute < MINUTES:
                random.choice(doings if self.made else [self.make])()

    def tell(self, party: int, event: Event) -> None:
        """Note an event, and what is true after it."""
        self.events.append((party, event))
        self.history.append({code: self.books(code) for code in self.made})

    def books(self, code: str) -> Books:
        """Count where an item is."""
        there = sum((one[code] for one in self.loose), Fraction(0))
        packed = [one for one in self.pallets if not one.gone]
        there += sum((one.content[code] for one in packed if one.to is None), Fraction(0))
        away = sum((one.content[code] for one in packed if one.to is not None), Fraction(0))
        return Books(there, away, tuple(self.gaps[code]))

    def now(self) -> int:
        """Go on to the next minute, which is the event's."""
        self.minute += 1
        return self.minute

    def thing(self, code: str, amount: Fraction) -> Any:
        """Return an element of an event."""
        if code in self.serials:
            return code
        unit = self.random.choice(sorted(UNITS))
        return some(code, float(amount / UNITS[unit]), unit)

    def family(self, minute: int, parent: Pallet, content: Content, action: str) -> Event:
        """Return a packing or unpacking."""
        things = [self.thing(code, amount) for code, amount in content.items()]
        lists = {"childQuantityList": [one for one in things if not isinstance(one, str)]}
        codes = [one for one in things if isinstance(one, str)]
        fields = {name: value for name, value in lists.items() if value}
        return family(parent.code, *codes, action=action, at=clock(minute), **fields)

    def some_of(self, content: Content) -> Content:
        """Draw some of what is there: not always all of a lot."""
        there = [code for code, amount in content.items() if amount]
        picked = self.random.sample(there, self.random.randint(min(1, len(there)), len(there)))
        return {
            code: content[code]
            if code in self.serials
            else self.random.choice([content[code], content[code] / 2])
            for code in picked
        }

    def standing(self, *, filled: bool = False) -> list[Pallet]:
        """Return the pallets that are at a party and in nothing else."""
        return [
            one
            for one in self.pallets
            if one.to is None
            and one.inside is None
            and not one.gone
            and (not filled or any(self.within(one).values()))
        ]

    def within(self, pallet: Pallet) -> Content:
        """Return all that is in a pallet, or in pallets in it."""
        found: Content = defaultdict(Fraction)
        for one in self.pallets:
            if one is pallet or one.inside is pallet:
                for code, amount in one.content.items():
                    found[code] += amount
        return found

    def all_of(self, pallet: Pallet) -> list[Pallet]:
        """Return a pallet and those in it."""
        return [one for one in self.pallets if one is pallet or one.inside is pallet]

    def make(self) -> None:
        """A party makes a lot, or a piece."""
        new = [one for one in (*self.lots, *self.serials) if one not in self.made]
        if not new:
            return
        code, party = self.random.choice(new), self.random.randrange(3)
        amount = Fraction(1 if code in self.serials else self.random.choice([8, 16, 24]))
        self.made.add(code)
        self.loose[party][code] += amount
        self.tell(party, create(self.now(), self.thing(code, amount)))

    def pack(self) -> None:
        """Loose goods are put on a pallet."""
        for pallet in self.random.sample(self.standing(), len(self.standing())):
            content = self.some_of(self.loose[pallet.party])
            if pallet is not self.truck and content:
                for code, amount in content.items():
                    self.loose[pallet.party][code] -= amount
                    pallet.content[code] += amount
                self.tell(pallet.party, self.family(self.now(), pallet, content, "ADD"))
                return

    def take_off(self) -> None:
        """Some goods are taken off a pallet."""
        for pallet in self.standing(filled=True):
            content = self.some_of(pallet.content)
            if content:
                for code, amount in content.items():
                    pallet.content[code] -= amount
                    self.loose[pallet.party][code] += amount
                self.tell(pallet.party, self.family(self.now(), pallet, content, "DELETE"))
                return

    def unload(self, pallet: Pallet) -> None:
        """All that is in a pallet, or a truck, stands beside it."""
        for code, amount in pallet.content.items():
            self.loose[pallet.party][code] += amount
        pallet.content.clear()
        for one in self.pallets:
            if one.inside is pallet:
                one.inside = None
        event = family(pallet.code, action="DELETE", at=clock(self.now()))
        self.tell(pallet.party, event)

    def empty(self) -> None:
        """All is taken off a pallet, or out of the truck."""
        if pallets := self.standing(filled=True):
            self.unload(self.random.choice(pallets))

    def load(self) -> None:
        """A pallet goes into the truck, which has come to where it is."""
        pallets = [one for one in self.standing() if one is not self.truck]
        if self.truck in self.standing() and pallets:
            pallet = self.random.choice(pallets)
            if not any(self.within(self.truck).values()) and len(self.all_of(self.truck)) == 1:
                self.truck.party = pallet.party
            if self.truck.party == pallet.party:
                pallet.inside = self.truck
                minute = self.now()
                self.tell(pallet.party, family(self.truck.code, pallet.code, at=clock(minute)))

    def send(self) -> None:
        """A pallet or the truck is sent to another party, with all that is in it."""
        if pallets := self.standing(filled=True):
            pallet = self.random.choice(pallets)
            to = self.random.choice([one for one in range(3) if one != pallet.party])
            for one in self.all_of(pallet):
                one.to = to
            self.tell(pallet.party, ship(self.now(), pallet.code, to=PARTIES[to]))

    def outermost_away(self) -> list[Pallet]:
        """Return what is on its way and in nothing else."""
        return [one for one in self.pallets if one.to is not None and one.inside is None]

    def settle(self, pallet: Pallet, party: int) -> None:
        """Let a pallet be at a party, with what is in it."""
        for one in self.all_of(pallet):
            one.party, one.to = party, None

    def arrive(self) -> None:
        """What is on its way arrives."""
        if away := self.outermost_away():
            pallet = self.random.choice(away)
            assert pallet.to is not None
            party = pallet.to
            self.settle(pallet, party)
            self.tell(party, receive(self.now(), pallet.code, to=PARTIES[party]))

    def alone(self, pallet: Pallet) -> bool:
        """Tell whether nothing else is on its way of what is in it, so that nothing can be mistaken."""
        mine = self.all_of(pallet)
        if any((code, pallet.to) in self.short for code in self.within(pallet)):
            return False
        return not any(
            one.content[code]
            for one in self.pallets
            if one.to is not None and one not in mine
            for code, amount in self.within(pallet).items()
            if amount
        )

    def arrive_short(self) -> None:
        """Half of a lot arrives; the receipt says so, and the pallet is emptied."""
        for pallet in self.outermost_away():
            lots = [code for code in self.lots if pallet.content[code]]
            if lots and pallet is not self.truck and self.alone(pallet):
                assert pallet.to is not None
                code, party, minute = lots[0], pallet.to, self.now()
                half = pallet.content[code] / 2
                pallet.content[code] = half
                self.gaps[code].append(("transit", -half, minute))
                self.short.add((code, party))
                self.settle(pallet, party)
                things = pallet.code, self.thing(code, half)
                self.tell(party, receive(minute, *things, to=PARTIES[party]))
                self.unload(pallet)
                return

    def send_back_in_books(self) -> None:
        """A shipping didn't take place."""
        for pallet in self.outermost_away():
            if self.alone(pallet):
                self.settle(pallet, pallet.party)
                self.tell(pallet.party, told(self.now(), "void_shipping", pallet.code))
                return

    def use(self) -> None:
        """Loose goods are sold or destroyed."""
        party = self.random.randrange(3)
        if content := self.some_of(self.loose[party]):
            for code, amount in content.items():
                self.loose[party][code] -= amount
            things = [self.thing(code, amount) for code, amount in content.items()]
            step = self.random.choice(["retail_selling", "destroying"])
            self.tell(party, told(self.now(), step, *things))

    def lose_pallet(self) -> None:
        """A pallet is sold or destroyed with all that is in it."""
        if self.random.random() < 0.5 and (pallets := self.standing(filled=True)):
            pallet = self.random.choice(pallets)
            for one in self.all_of(pallet):
                one.gone = True
            step = self.random.choice(["retail_selling", "destroying"])
            self.tell(pallet.party, told(self.now(), step, pallet.code))

    def count(self) -> None:
        """A party counts a lot, and finds less or more of it than should be there."""
        party, code = self.random.randrange(3), self.random.choice(self.lots)
        loose = self.loose[party]
        if loose[code]:
            there = loose[code] + sum(
                one.content[code]
                for one in self.pallets
                if one.party == party and one.to is None and not one.gone
            )
            minute = self.now()
            wrong = self.random.choice([Fraction(0), -loose[code] / 2, Fraction(1)])
            loose[code] += wrong
            if wrong:
                self.gaps[code].append(("count", wrong, minute))
            self.tell(party, told(minute, "stock_taking", self.thing(code, there + wrong)))
