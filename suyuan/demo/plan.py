"""How much the line will make of everything: decided first, so that every balance closes.

Rules kept:

* All amounts are exact decimals: kilograms in steps of a gram, metres in steps of half a metre,
  pieces whole.
* Each step's input equals its output times the recipe plus the loss it states, to the last digit.
* The trays of cells follow the cores they came from, the cores their coils, the coils their
  powder lots, so a lot's share of the packs can be told from the plan alone.

Recipe of one 50 Ah prismatic LFP cell: 6 m of double-side coated cathode at 56 g of LFP a metre
(336 g, 150 mAh/g), 6.5 m of anode at 26 g of graphite a metre (N/P about 1.15), 2.4 m2 of
separator, 190 g of electrolyte.
"""

import random
from dataclasses import dataclass
from decimal import Decimal

__all__ = [
    "CELLS_PER_MODULE",
    "MINIMUM_PACKS",
    "MODULES_PER_PACK",
    "RECIPE",
    "SPARE_MODULES",
    "TRAY",
    "Coil",
    "Core",
    "Plan",
    "Tray",
    "draw_plan",
]

MINIMUM_PACKS = 4
"""Fewer packs cannot reach two distributors and still be sold, swapped and kept."""

MODULES_PER_PACK = 7
CELLS_PER_MODULE = 16
SPARE_MODULES = 3
TRAY = 48
"""Cells in one formation tray."""

_TRAYS_PER_CORE_LOT = 3
_POWDER_LOTS = 3
_MIXED = Decimal("0.2")
"""Share of the previous powder lot's remainder in the first slurry of the next."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    cathode_metres: Decimal = Decimal(6)
    anode_metres: Decimal = Decimal("6.5")
    lfp_kg_per_metre: Decimal = Decimal("0.056")
    graphite_kg_per_metre: Decimal = Decimal("0.026")
    separator_m2: Decimal = Decimal("2.4")
    electrolyte_kg: Decimal = Decimal("0.190")


RECIPE = _Recipe()
"""What one cell takes, without loss."""


@dataclass(frozen=True, slots=True)
class Tray:
    """One formation tray of serialised cells."""

    shorted: int
    """Cores that failed after filling and never became a cell."""

    graded_out: tuple[int, ...]
    """Positions of cells whose capacity is below grade."""

    electrolyte_loss: Decimal
    """Kilograms."""

    @property
    def cores(self) -> int:
        """Wound cores that enter."""
        return TRAY + self.shorted

    @property
    def electrolyte(self) -> Decimal:
        """Kilograms of electrolyte that enter."""
        return self.cores * RECIPE.electrolyte_kg + self.electrolyte_loss


@dataclass(frozen=True, slots=True)
class Core:
    """One lot of wound cores."""

    trays: tuple[Tray, ...]
    rejected: int
    """Cores that failed the insulation test after winding."""

    cathode_loss: Decimal
    """Metres cut away at start and splice."""

    anode_loss: Decimal
    """Metres."""

    separator_loss: Decimal
    """Square metres."""

    @property
    def good(self) -> int:
        """Cores that go on, all of them into the trays."""
        return sum(tray.cores for tray in self.trays)

    @property
    def wound(self) -> int:
        """Cores wound, good and rejected."""
        return self.good + self.rejected

    @property
    def cathode(self) -> Decimal:
        """Metres of cathode coil that enter."""
        return self.wound * RECIPE.cathode_metres + self.cathode_loss

    @property
    def anode(self) -> Decimal:
        """Metres of anode coil that enter."""
        return self.wound * RECIPE.anode_metres + self.anode_loss

    @property
    def separator(self) -> Decimal:
        """Square metres of separator that enter."""
        return self.wound * RECIPE.separator_m2 + self.separator_loss


@dataclass(frozen=True, slots=True)
class Coil:
    """One pair of coating runs: a cathode coil and an anode coil of the same number."""

    cores: tuple[Core, ...]
    cathode_stock: Decimal
    """Metres left on the coil at the end."""

    anode_stock: Decimal
    lfp_loss: Decimal
    """Kilograms lost as slurry residue and coating scrap."""

    graphite_loss: Decimal
    powder: int
    """Number of the main LFP lot."""

    mixed_with: int | None
    """Number of the LFP lot whose remainder went into the same slurry."""

    @property
    def cathode(self) -> Decimal:
        """Metres of cathode made."""
        return sum((core.cathode for core in self.cores), self.cathode_stock)

    @property
    def anode(self) -> Decimal:
        """Metres of anode made."""
        return sum((core.anode for core in self.cores), self.anode_stock)

    @property
    def lfp(self) -> dict[int, Decimal]:
        """Kilograms of each LFP lot that enter."""
        total = self.cathode * RECIPE.lfp_kg_per_metre + self.lfp_loss
        if self.mixed_with is None:
            return {self.powder: total}
        rest = (total * _MIXED).quantize(Decimal("0.001"))
        return {self.mixed_with: rest, self.powder: total - rest}

    @property
    def graphite(self) -> Decimal:
        """Kilograms of graphite that enter."""
        return self.anode * RECIPE.graphite_kg_per_metre + self.graphite_loss


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole campaign."""

    packs: int
    coils: tuple[Coil, ...]

    @property
    def modules(self) -> int:
        """Modules built, spares included."""
        return self.packs * MODULES_PER_PACK + SPARE_MODULES

    @property
    def cores(self) -> tuple[Core, ...]:
        """All core lots in order."""
        return tuple(core for coil in self.coils for core in coil.cores)

    @property
    def trays(self) -> tuple[Tray, ...]:
        """All trays in order."""
        return tuple(tray for core in self.cores for tray in core.trays)

    def lfp(self, lot: int) -> Decimal:
        """Kilograms of one LFP lot that the campaign takes."""
        return sum((coil.lfp.get(lot, Decimal(0)) for coil in self.coils), Decimal(0))


def draw_plan(rng: random.Random, packs: int) -> Plan:
    """Draw a campaign that yields the packs wanted.

    Raises:
        ValueError: Too few packs are wanted for the story to be told.
    """
    if packs < MINIMUM_PACKS:
        raise ValueError(f"Expected at least {MINIMUM_PACKS} packs, got {packs}.")
    wanted = (packs * MODULES_PER_PACK + SPARE_MODULES) * CELLS_PER_MODULE
    # Grading takes at most one cell of a tray, 2.1 %; 3 % more is always enough.
    trays = -(-wanted * 103 // (100 * TRAY))
    coils = max(_POWDER_LOTS, -(-trays // (2 * _TRAYS_PER_CORE_LOT)))
    drawn = [_tray(rng) for _ in range(trays)]
    cores = [
        _core(rng, drawn[n * trays // (2 * coils) : (n + 1) * trays // (2 * coils)])
        for n in range(2 * coils)
    ]
    return Plan(packs, tuple(_coil(rng, n, coils, cores[2 * n : 2 * n + 2]) for n in range(coils)))


def _tray(rng: random.Random) -> Tray:
    return Tray(
        shorted=rng.choice((0, 0, 0, 1)),
        graded_out=tuple(sorted(rng.sample(range(TRAY), rng.choice((0, 0, 0, 1, 1))))),
        electrolyte_loss=Decimal(rng.randint(20, 90)) / 1000,
    )


def _core(rng: random.Random, trays: list[Tray]) -> Core:
    return Core(
        trays=tuple(trays),
        rejected=rng.randint(0, 3),
        cathode_loss=Decimal(rng.randint(6, 24)) / 2,
        anode_loss=Decimal(rng.randint(6, 24)) / 2,
        separator_loss=Decimal(rng.randint(10, 60)) / 10,
    )


def _coil(rng: random.Random, number: int, coils: int, cores: list[Core]) -> Coil:
    powder = _POWDER_LOTS * number // coils
    before = _POWDER_LOTS * (number - 1) // coils if number else powder
    # The last slurry is never mixed: the spare modules come from it and must be clean.
    mixed = before != powder and number < coils - 1
    return Coil(
        cores=tuple(cores),
        cathode_stock=Decimal(rng.randint(20, 80)) / 2,
        anode_stock=Decimal(rng.randint(20, 80)) / 2,
        lfp_loss=Decimal(rng.randint(1200, 2600)) / 1000,
        graphite_loss=Decimal(rng.randint(600, 1300)) / 1000,
        powder=powder,
        mixed_with=before if mixed else None,
    )
