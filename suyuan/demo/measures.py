"""Characteristics, their limits, and the instruments that measure them.

Rules kept:

* Every number is an exact decimal in steps of its instrument's resolution; `number` refuses one
  that a JSON reader's binary float would not give back digit for digit.
* A reading carries limits and verdict beside its value. EPCIS `minValue` and `maxValue` are
  measured extremes, not limits, so limits are extension fields.
* Units are UN/ECE Recommendation 20 codes (4H micrometre, 59 parts per million, AMH ampere hour,
  E45 milliohm, ...).

EPCIS 2.0, SensorElement; CBV 2.0, sensor measurement types; UN/ECE Recommendation 20.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from suyuan.demo.codes import asset, document

__all__ = [
    "CHARACTERISTICS",
    "INSTRUMENTS",
    "Characteristic",
    "Instrument",
    "draw",
    "number",
    "report",
    "sensor_element",
]

_LABORATORY = "9521001"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One gauge with its valid calibration."""

    code: str
    """GIAI as a Digital Link URI."""

    zh: str
    en: str
    certificate: str
    """GDTI of the calibration certificate."""

    calibrated_on: str
    """ISO date."""

    due_on: str
    """ISO date of the next calibration."""


def _instrument(reference: str, zh: str, en: str, calibrated: str, due: str) -> Instrument:
    certificate = document(_LABORATORY, 700, f"CAL{reference}")
    return Instrument(asset(_LABORATORY, reference), zh, en, certificate, calibrated, due)


INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "sizer": _instrument(
            "PSD01", "激光粒度仪", "Laser particle sizer", "2024-09-12", "2025-09-11"
        ),
        "tap": _instrument("TAP02", "振实密度仪", "Tap density tester", "2024-10-08", "2025-10-07"),
        "titrator": _instrument(
            "KF03", "卡尔费休水分仪", "Karl Fischer titrator", "2024-11-20", "2025-11-19"
        ),
        "acid": _instrument(
            "POT02", "电位滴定仪", "Potentiometric titrator", "2024-11-21", "2025-11-20"
        ),
        "porosimeter": _instrument(
            "POR01", "压汞仪", "Mercury porosimeter", "2024-09-25", "2025-09-24"
        ),
        "icp": _instrument(
            "ICP01", "电感耦合等离子体质谱仪", "ICP mass spectrometer", "2024-12-03", "2025-12-02"
        ),
        "conductivity": _instrument(
            "CON01", "电导率仪", "Conductivity meter", "2024-08-15", "2025-08-14"
        ),
        "thickness": _instrument(
            "THK04", "薄膜测厚仪", "Film thickness gauge", "2024-12-18", "2025-12-17"
        ),
        "multimeter": _instrument(
            "DMM11", "六位半数字万用表", "6.5-digit multimeter", "2024-12-16", "2025-12-15"
        ),
        "cycler": _instrument(
            "FCT05", "分容柜", "Formation and grading cycler", "2024-12-10", "2025-12-09"
        ),
        "impedance": _instrument(
            "ACR06", "交流内阻测试仪", "AC resistance tester", "2024-11-05", "2025-11-04"
        ),
        "insulation": _instrument(
            "INS02", "绝缘耐压测试仪", "Insulation and hipot tester", "2024-10-22", "2025-10-21"
        ),
        "leak": _instrument(
            "LKT01", "气密性测试仪", "Pressure decay leak tester", "2024-12-27", "2025-12-26"
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One measurable property with its specification."""

    name: str
    """Identifier, stable across documents."""

    zh: str
    en: str
    kind: str
    """GS1 measurement type."""

    unit: str
    """UN/ECE Recommendation 20 code."""

    nominal: Decimal
    step: Decimal
    """Resolution of a reading."""

    spread: int
    """Largest usual distance from nominal, in steps."""

    lower: Decimal | None
    upper: Decimal | None
    instrument: str
    """Key into `INSTRUMENTS`."""


# Of what, name, Chinese, English, measurement type, unit, nominal, step, spread in steps, limits,
# instrument.
_TABLE = """
lfp|d50|中值粒径|Median particle size|Length|4H|1.35|0.01|20|0.80..2.00|sizer
lfp|tapDensity|振实密度|Tap density|Density|23|0.98|0.01|8|0.80..|tap
lfp|moisture|水分|Moisture|Dimensionless|59|320|1|90|..500|titrator
lfp|magneticImpurity|磁性异物|Magnetic impurities|Dimensionless|61|210|1|110|..500|icp
graphite|d50|中值粒径|Median particle size|Length|4H|16.0|0.1|12|13.0..19.0|sizer
graphite|tapDensity|振实密度|Tap density|Density|23|1.05|0.01|6|0.90..|tap
graphite|moisture|水分|Moisture|Dimensionless|59|240|1|80|..500|titrator
electrolyte|water|水分|Water|Dimensionless|59|9.0|0.1|40|..20.0|titrator
electrolyte|hydrogenFluoride|氢氟酸|Hydrogen fluoride|Dimensionless|59|22|1|14|..50|acid
electrolyte|conductivity|电导率|Conductivity|Conductivity|H61|10.8|0.1|5|10.0..12.0|conductivity
separator|thickness|厚度|Thickness|Length|4H|12.0|0.1|6|11.0..13.0|thickness
separator|porosity|孔隙率|Porosity|VolumeFraction|P1|40.5|0.1|15|37.0..44.0|porosimeter
bms|voltageError|电压采样误差|Sensing error|Voltage|2Z|0.0|0.1|12|-2.0..2.0|multimeter
bms|sleepCurrent|休眠电流|Sleep current|ElectricCurrent|B84|120|1|35|..200|multimeter
cell|capacity|容量|Capacity|ElectricCharge|AMH|50.80|0.01|60|50.00..|cycler
cell|acResistance|交流内阻|AC resistance, 1 kHz|Resistance|E45|0.72|0.01|8|..0.90|impedance
cell|openCircuitVoltage|开路电压|Open circuit|Voltage|VLT|3.292|0.001|5|3.280..3.310|multimeter
module|openCircuitVoltage|开路电压|Open circuit|Voltage|VLT|52.67|0.01|5|52.40..53.00|multimeter
module|cellVoltageSpread|单体压差|Cell voltage spread|Voltage|2Z|4|1|3|..10|multimeter
module|insulationResistance|绝缘电阻|Insulation|Resistance|B75|1250|10|40|500..|insulation
pack|openCircuitVoltage|开路电压|Open circuit|Voltage|VLT|368.7|0.1|4|366.8..371.0|multimeter
pack|capacity|容量|Capacity|ElectricCharge|AMH|50.6|0.1|4|50.0..|cycler
pack|insulationResistance|绝缘电阻|Insulation|Resistance|B75|820|10|20|500..|insulation
pack|pressureDecay|气密压降|Pressure decay in 60 s|Pressure|PAL|45|1|20|..100|leak
"""


def _read_table(table: str) -> Iterator[tuple[str, Characteristic]]:
    for row in table.strip().splitlines():
        what, name, zh, en, kind, unit, nominal, step, spread, limits, instrument = (
            cell.strip() for cell in row.split("|")
        )
        lower, upper = (Decimal(limit) if limit else None for limit in limits.split(".."))
        yield (
            what,
            Characteristic(
                name=name,
                zh=zh,
                en=en,
                kind=kind,
                unit=unit,
                nominal=Decimal(nominal),
                step=Decimal(step),
                spread=int(spread),
                lower=lower,
                upper=upper,
                instrument=instrument,
            ),
        )


def _by_subject(table: str) -> dict[str, tuple[Characteristic, ...]]:
    found: dict[str, tuple[Characteristic, ...]] = {}
    for what, characteristic in _read_table(table):
        found[what] = (*found.get(what, ()), characteristic)
    return found


CHARACTERISTICS: Mapping[str, tuple[Characteristic, ...]] = MappingProxyType(_by_subject(_TABLE))
"""What is measured on each subject: a material, a cell, a module, a pack."""


def draw(rng: random.Random, characteristic: Characteristic) -> Decimal:
    """Draw a usual reading: the middle of two draws, so that most lie near nominal."""
    spread = characteristic.spread
    steps = (rng.randint(-spread, spread) + rng.randint(-spread, spread)) // 2
    return characteristic.nominal + characteristic.step * steps


def number(value: Decimal) -> int | float:
    """Give a decimal as the JSON number that reads back as the same decimal.

    Raises:
        ValueError: A binary float cannot carry the digits.
    """
    if value == value.to_integral_value():
        return int(value)
    as_float = float(value)
    if Decimal(repr(as_float)) != value:
        raise ValueError(f"Expected a decimal that a binary float can carry, got {value}.")
    return as_float


def report(characteristic: Characteristic, value: Decimal) -> dict[str, Any]:
    """Write one reading as an EPCIS sensorReport with limits and verdict beside it."""
    fields: dict[str, Any] = {
        "type": characteristic.kind,
        "value": number(value),
        "uom": characteristic.unit,
        "suyuan:characteristic": characteristic.name,
    }
    too_low = characteristic.lower is not None and value < characteristic.lower
    too_high = characteristic.upper is not None and value > characteristic.upper
    if characteristic.lower is not None:
        fields["suyuan:lowerLimit"] = number(characteristic.lower)
    if characteristic.upper is not None:
        fields["suyuan:upperLimit"] = number(characteristic.upper)
    if too_low or too_high:
        fields["exception"] = "ALARM_CONDITION"
    fields["suyuan:verdict"] = "non_conformant" if too_low or too_high else "conformant"
    return fields


def sensor_element(instrument_key: str, time: str, reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Tie readings to the instrument they were made with and to its calibration."""
    instrument = INSTRUMENTS[instrument_key]
    return {
        "sensorMetadata": {
            "time": time,
            "deviceID": instrument.code,
            "suyuan:calibrationCertificate": instrument.certificate,
            "suyuan:calibratedOn": instrument.calibrated_on,
            "suyuan:calibrationDue": instrument.due_on,
        },
        "sensorReport": reports,
    }
