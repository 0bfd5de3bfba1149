"""Instruments, what they read, and how they are calibrated.

Rules kept:

* A reading names its instrument as `deviceID`, beside the limits and the verdict.
* Each line has an instrument of each sort. It is calibrated against its firm's standard before the
  wave's readings and after them; in every ninth wave the second one finds it out of tolerance, and
  whatever it judged between the two is in doubt.

EPCIS 2.0 section 7.3.7 (sensor elements); CBV 2.0 section 7.1 (inspecting).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from suyuan.demo.codes import asset, document
from suyuan.demo.measures import number
from suyuan.demo.world.acts import Part, pieces, seen
from suyuan.demo.world.desk import Desk
from suyuan.demo.world.firms import FIRMS
from suyuan.demo.world.plan import Wave

__all__ = ["DOUBTFUL", "GAUGES", "calibrate", "gauge", "judge", "standard"]

DOUBTFUL = 9
"""One wave in so many has its instruments found out of tolerance."""


@dataclass(frozen=True, slots=True)
class _Gauge:
    firm: str
    letters: str
    characteristic: str
    kind: str
    """Word of the GS1 Web Vocabulary."""
    unit: str
    nominal: Decimal
    step: Decimal
    """Resolution."""
    limit: int
    """Steps from nominal that are allowed."""


GAUGES: Final = {
    "bench": _Gauge(
        "yunqi", "TB", "torqueRipple", "Torque", "NU", Decimal("42.0"), Decimal("0.1"), 30
    ),
    "winding": _Gauge(
        "dianji", "WR", "windingResistance", "Resistance", "E45", Decimal(118), Decimal(1), 9
    ),
    "cycler": _Gauge(
        "haineng", "CY", "capacity", "ElectricCharge", "AMH", Decimal("14.20"), Decimal("0.01"), 60
    ),
}
"""Instruments by sort."""


def gauge(wave: Wave, sort: str) -> str:
    """Name the instrument of a wave's line (GIAI)."""
    one = GAUGES[sort]
    return asset(FIRMS[one.firm].company.prefix, f"{one.letters}{wave.line:04d}")


def standard(sort: str) -> str:
    """Name what the instruments of a sort are compared with (GIAI)."""
    one = GAUGES[sort]
    return asset(FIRMS[one.firm].company.prefix, f"{one.letters}STD")


def _element(desk: Desk, sort: str, device: str, event: int, steps: int) -> dict[str, Any]:
    """One reading, so many steps from nominal."""
    one = GAUGES[sort]
    good = abs(steps) <= one.limit
    report: dict[str, Any] = {
        "type": one.kind,
        "value": number(one.nominal + one.step * steps),
        "uom": one.unit,
        "suyuan:characteristic": one.characteristic,
        "suyuan:lowerLimit": number(one.nominal - one.step * one.limit),
        "suyuan:upperLimit": number(one.nominal + one.step * one.limit),
        "suyuan:verdict": "conformant" if good else "non_conformant",
    }
    if not good:
        report["exception"] = "ALARM_CONDITION"
    prefix = FIRMS[one.firm].company.prefix
    certificate = document(prefix, 700, f"{one.letters}{desk.wave.number:05d}")
    metadata = {"deviceID": device, "suyuan:calibrationCertificate": certificate}
    metadata["time"] = desk.time(event)
    return {"sensorMetadata": metadata, "sensorReport": [report]}


def judge(
    desk: Desk, sort: str, when: int, items: Sequence[Part], *, good: bool = True
) -> dict[str, Any]:
    """Read an instrument on items, and judge them by it."""
    one = GAUGES[sort]
    device = gauge(desk.wave, sort)
    steps = desk.random.randint(-one.limit, one.limit)
    if not good:
        steps = one.limit + desk.random.randint(1, one.limit)
    desk.book.measured(device, [item.code for item in items], when)
    return seen(
        desk,
        FIRMS[one.firm],
        when,
        items,
        "inspecting",
        place="lab",
        disposition="conformant" if good else "non_conformant",
        sensorElementList=[_element(desk, sort, device, when, steps)],
    )


def calibrate(desk: Desk, sort: str, when: int, *, after: bool) -> None:
    """Compare an instrument with its firm's standard, before a wave's readings or after them."""
    one = GAUGES[sort]
    firm = FIRMS[one.firm]
    device = gauge(desk.wave, sort)
    reference = standard(sort)
    doubtful = after and desk.wave.number % DOUBTFUL == 0
    steps = desk.random.randint(-one.limit // 6, one.limit // 6)
    if doubtful:
        steps = one.limit + desk.random.randint(1, one.limit)
    desk.book.measured(reference, [device], when)
    event = seen(
        desk,
        firm,
        when,
        pieces([device]),
        "inspecting",
        place="lab",
        disposition="non_conformant" if doubtful else "conformant",
        sensorElementList=[_element(desk, sort, reference, when, steps)],
        **{"suyuan:calibration": "as found" if after else "as left"},
    )
    desk.submit(firm, "cal", event)
