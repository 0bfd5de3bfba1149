"""What a wave needs of everything, and what it has at each stage.

Rules kept:

* Amounts are exact, and what a step uses was there: spools hold what their stators take and a rest,
  coils hold their spools, rods their coils.
* Returnable containers are those of the wave's line.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from suyuan.demo.codes import Company, returnable
from suyuan.demo.world.acts import Part
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import PRODUCTS
from suyuan.demo.world.plan import TRIO, Wave

__all__ = ["METRES", "Bike", "Goods", "Unit", "again", "lot_name", "serial"]

METRES = 60
"""Of wire on one stator."""
_PER_LOT = 10
"""Stators of one lot."""
_POOL = Company("9521116")
"""The owner of the returnable containers; it hands nothing in."""
_KINDS = {"box": 1, "rack": 2, "body": 3, "cage": 4}


def lot_name(wave: Wave, letters: str, number: int = 1) -> str:
    """Number a lot."""
    return f"{letters}{wave.number:05d}-{number}"


def serial(wave: Wave, product: str, number: int) -> str:
    """Name an instance."""
    one = PRODUCTS[product]
    return one.gtin.serial(f"{wave.number:05d}{number:03d}")


@dataclass(slots=True)
class Unit:
    """A drive unit and what is in it now."""

    code: str
    motor: str
    controller: str


@dataclass(slots=True)
class Bike:
    """A bicycle, and where it has got to."""

    code: str
    drive: Unit
    battery: str
    carton: str
    shop: str | None = None
    """Set once a shop has unpacked it."""
    sold: int | None = None
    """Minute of its sale."""


@dataclass(slots=True)
class Goods:
    """What a wave has."""

    wave: Wave
    spares: int
    """Drive units beyond those of the bicycles."""
    failing: int
    """Drive units whose controller fails the first test."""
    windings: list[Part] = field(default_factory=list)
    """One for each stator lot, in metres."""
    laminations: list[Part] = field(default_factory=list)
    adhesive: Part | None = None
    stators: list[Part] = field(default_factory=list)
    motors: list[str] = field(default_factory=list)
    controllers: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    batteries: list[str] = field(default_factory=list)
    drives: list[Unit] = field(default_factory=list)
    """Not yet in a bicycle, then those in reserve."""
    bikes: list[Bike] = field(default_factory=list)
    worth: dict[str, str] = field(default_factory=dict)
    """Codes worth asking for."""

    @classmethod
    def of(cls, wave: Wave) -> "Goods":
        """Plan a wave's goods."""
        return cls(wave, spares=max(2, wave.bikes // 10), failing=max(1, wave.bikes // 16))

    @property
    def units(self) -> int:
        """Drive units, and so motors, to be built."""
        return self.wave.bikes + self.spares

    @property
    def stator_lots(self) -> list[int]:
        """Good stators of each lot."""
        lots = max(2, -(-self.units // _PER_LOT))
        return [self.units // lots + (n < self.units % lots) for n in range(lots)]

    @property
    def metres(self) -> list[int]:
        """Metres on each lot's spool: one stator will be rejected, and something is left."""
        return [(good + 1) * METRES + 40 for good in self.stator_lots]

    @property
    def glue(self) -> Part:
        """The lot of adhesive, once it is there."""
        assert self.adhesive is not None  # noqa: S101 - for the type checker: stages have an order
        return self.adhesive

    def lost_cage(self) -> str:
        """Name the cage that the wave loses sight of."""
        return returnable(_POOL.prefix, _KINDS["cage"], f"W{self.wave.number:05d}")

    def container(self, kind: str, number: int = 1) -> str:
        """Name a returnable container of the line: box, rack, body or cage."""
        return returnable(_POOL.prefix, _KINDS[kind], f"L{self.wave.line:04d}N{number}")

    def varnish(self, litres: Decimal | int) -> Part:
        """Name some of the varnish that the wave's trio shares."""
        return Part.lot("varnish", f"VA{self.wave.number // TRIO:05d}", litres)


def again(desk: Desk, goods: Goods, instruments: list[str], standards: list[str]) -> set[str]:
    """Name what an earlier wave has named already."""
    found: set[str] = set()
    if not desk.wave.opens_trio:
        found.add(goods.varnish(0).code)
    if not desk.wave.opens_line:
        found |= {goods.container(kind, n) for kind in _KINDS for n in (1, 2)} | set(instruments)
    if desk.wave.number:
        found |= set(standards)
    return found
