"""Units of quantities: UN/ECE Recommendation 20 common codes, and exact conversion between them.

Rules kept:

* A unit has one dimension and one factor, an exact fraction, to the SI unit of that dimension; of
  counts to the piece. Units whose factor is not exact (the month, the acre of two surveys) or
  depends on conditions (the normal cubic metre) are left out.
* A quantity is converted inside its dimension only. A code that isn't in the table is a dimension
  of its own, in which 1 is 1: kilograms are never added to something unknown.
* No unit means a count, and so do `H87` (piece), `EA` (each), `C62` (one) and `NAR` (articles).
* Temperatures have a dimension and no sums: two lots of 4 °C are not one of 8 °C.
* Results are exact decimals where they end; else they are rounded, half to even, to `PLACES`
  places, and say so.

https://unece.org/trade/uncefact/cl-recommendations (Recommendation 20); EPCIS 2.0 section 7.3.3.3
(QuantityElement).

>>> convert("2.5", "TNE", "KGM")
Amount(text='2500', exact=True)
>>> convert("1", "KGM", "LBR")
Amount(text='2.204622621849', exact=False)
"""

from __future__ import annotations

import re
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from ledger.errors import UsageError

__all__ = [
    "PLACES",
    "UNITS",
    "Amount",
    "Dimension",
    "Unit",
    "amount_of",
    "as_amount",
    "convert",
    "dimension_of",
    "factor_of",
    "is_additive",
    "si_unit",
    "unit_name",
]

PLACES: Final = 12
"""Places behind the point of a result that doesn't end."""
_LONGEST: Final = 60
"""Characters of a quantity that is reckoned with: no real one needs as many."""
_QUANTITY: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


class Dimension(StrEnum):
    """What is measured; only quantities of one dimension are added."""

    MASS = "mass"
    VOLUME = "volume"
    LENGTH = "length"
    AREA = "area"
    COUNT = "count"
    TIME = "time"
    ENERGY = "energy"
    TEMPERATURE = "temperature"


class Unit(NamedTuple):
    """A unit of the recommendation."""

    code: str
    dimension: Dimension
    factor: Fraction
    """How much of the SI unit it is; of a count, how many pieces. Of temperatures the step only."""
    en: str
    zh: str


class Amount(NamedTuple):
    """A quantity as text."""

    text: str
    """A decimal without exponent."""
    exact: bool
    """False when it was rounded to `PLACES` places."""


_TABLE: Final = {
    Dimension.MASS: """
        KGM 1 kilogram 千克
        GRM 0.001 gram 克
        MGM 0.000001 milligram 毫克
        MC 0.000000001 microgram 微克
        CGM 0.00001 centigram 厘克
        DG 0.0001 decigram 分克
        DJ 0.01 decagram 十克
        HGM 0.1 hectogram 百克
        DTN 100 decitonne 公担
        TNE 1000 tonne 吨
        2U 1000 megagram 兆克
        KTN 1000000 kilotonne 千吨
        CTM 0.0002 metric_carat 克拉
        GRN 0.00006479891 grain 格令
        DRI 0.0017718451953125 dram_(UK) 打兰
        DWT 0.00155517384 pennyweight 英钱
        ONZ 0.028349523125 ounce 盎司
        APZ 0.0311034768 troy_ounce 金衡盎司
        LBT 0.3732417216 troy_pound 金衡磅
        LBR 0.45359237 pound 磅
        STI 6.35029318 stone 英石
        CWA 45.359237 hundredweight_(US) 美担
        CWI 50.80234544 hundredweight_(UK) 英担
        STN 907.18474 short_ton 短吨
        LTN 1016.0469088 long_ton 长吨
    """,
    Dimension.VOLUME: """
        MTQ 1 cubic_metre 立方米
        LTR 0.001 litre 升
        MLT 0.000001 millilitre 毫升
        CLT 0.00001 centilitre 厘升
        DLT 0.0001 decilitre 分升
        4G 0.000000001 microlitre 微升
        A44 0.01 decalitre 十升
        HLT 0.1 hectolitre 百升
        K6 1 kilolitre 千升
        MAL 1000 megalitre 兆升
        DMQ 0.001 cubic_decimetre 立方分米
        CMQ 0.000001 cubic_centimetre 立方厘米
        MMQ 0.000000001 cubic_millimetre 立方毫米
        INQ 0.000016387064 cubic_inch 立方英寸
        FTQ 0.028316846592 cubic_foot 立方英尺
        YDQ 0.764554857984 cubic_yard 立方码
        OZA 0.0000295735295625 fluid_ounce_(US) 美制液量盎司
        OZI 0.0000284130625 fluid_ounce_(UK) 英制液量盎司
        PTL 0.000473176473 liquid_pint_(US) 美制液量品脱
        PTI 0.00056826125 pint_(UK) 英制品脱
        QTL 0.000946352946 liquid_quart_(US) 美制液量夸脱
        QTI 0.0011365225 quart_(UK) 英制夸脱
        GLL 0.003785411784 gallon_(US) 美制加仑
        GLI 0.00454609 gallon_(UK) 英制加仑
        BUA 0.03523907016688 bushel_(US) 美制蒲式耳
        BUI 0.03636872 bushel_(UK) 英制蒲式耳
        BLL 0.158987294928 barrel_(US) 美制石油桶
    """,
    Dimension.LENGTH: """
        MTR 1 metre 米
        KMT 1000 kilometre 千米
        HMT 100 hectometre 百米
        A45 10 decametre 十米
        DMT 0.1 decimetre 分米
        CMT 0.01 centimetre 厘米
        MMT 0.001 millimetre 毫米
        4H 0.000001 micrometre 微米
        C45 0.000000001 nanometre 纳米
        INH 0.0254 inch 英寸
        FOT 0.3048 foot 英尺
        YRD 0.9144 yard 码
        SMI 1609.344 statute_mile 英里
        NMI 1852 nautical_mile 海里
    """,
    Dimension.AREA: """
        MTK 1 square_metre 平方米
        DMK 0.01 square_decimetre 平方分米
        CMK 0.0001 square_centimetre 平方厘米
        MMK 0.000001 square_millimetre 平方毫米
        ARE 100 are 公亩
        HAR 10000 hectare 公顷
        KMK 1000000 square_kilometre 平方千米
        INK 0.00064516 square_inch 平方英寸
        FTK 0.09290304 square_foot 平方英尺
        YDK 0.83612736 square_yard 平方码
        MIK 2589988.110336 square_mile 平方英里
    """,
    Dimension.COUNT: """
        H87 1 piece 件
        EA 1 each 个
        C62 1 one 一
        NAR 1 article 物品
        PR 2 pair 双
        NPR 2 pair 双
        DZN 12 dozen 打
        DPC 12 dozen_pieces 打
        GRO 144 gross 罗
        GGR 1728 great_gross 大罗
        CEN 100 hundred 百
        MIL 1000 thousand 千
        T3 1000 thousand_pieces 千件
        MIO 1000000 million 百万
    """,
    Dimension.TIME: """
        SEC 1 second 秒
        C26 0.001 millisecond 毫秒
        B98 0.000001 microsecond 微秒
        MIN 60 minute 分钟
        HUR 3600 hour 小时
        DAY 86400 day 天
        WEE 604800 week 周
    """,
    Dimension.ENERGY: """
        JOU 1 joule 焦耳
        KJO 1000 kilojoule 千焦
        3B 1000000 megajoule 兆焦
        GV 1000000000 gigajoule 吉焦
        D30 1000000000000 terajoule 太焦
        WHR 3600 watt_hour 瓦时
        KWH 3600000 kilowatt_hour 千瓦时
        MWH 3600000000 megawatt_hour 兆瓦时
        GWH 3600000000000 gigawatt_hour 吉瓦时
        D70 4.1868 calorie 卡路里
        E14 4186.8 kilocalorie 千卡
        BTU 1055.05585262 British_thermal_unit 英热单位
    """,
    Dimension.TEMPERATURE: """
        KEL 1 kelvin 开尔文
        CEL 1 degree_Celsius 摄氏度
        FAH 5/9 degree_Fahrenheit 华氏度
    """,
}
"""A line a unit: code, factor, English name (a blank written as _), Chinese name. The SI unit of a
dimension comes first."""


def _read() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for dimension, lines in _TABLE.items():
        for line in lines.strip().splitlines():
            code, factor, en, zh = line.split()
            found[code] = Unit(code, dimension, Fraction(factor), en.replace("_", " "), zh)
    return found


UNITS: Final = _read()
"""By code."""

_SI: Final = {
    unit.dimension.value: unit.code
    for unit in reversed(UNITS.values())
    if unit.dimension is not Dimension.COUNT
} | {Dimension.COUNT.value: None}


def dimension_of(code: str | None) -> str:
    """The dimension of a unit, by name; a code that isn't in the table is its own dimension."""
    if code is None:
        return Dimension.COUNT.value
    unit = UNITS.get(code)
    return f"unit {code}" if unit is None else unit.dimension.value


def factor_of(code: str | None) -> Fraction:
    """How much of its dimension's SI unit, or how many pieces, a unit is."""
    unit = None if code is None else UNITS.get(code)
    return Fraction(1) if unit is None else unit.factor


def si_unit(dimension: str) -> str | None:
    """The unit with the factor 1 that sums are told in; None counts pieces."""
    return _SI[dimension] if dimension in _SI else dimension.removeprefix("unit ")


def is_additive(dimension: str) -> bool:
    """Whether quantities of a dimension may be added."""
    return dimension != Dimension.TEMPERATURE.value


def unit_name(code: str | None, language: str = "en") -> str:
    """The name of a unit for people; a code that isn't in the table stands for itself.

    Args:
        code: Of the recommendation; None counts pieces.
        language: "zh-CN" or any other, which is answered in English.
    """
    unit = UNITS.get("H87" if code is None else code)
    if unit is None:
        return str(code)
    return unit.zh if language.startswith("zh") else unit.en


def amount_of(text: str | None) -> Fraction | None:
    """Read a quantity as it is stored; None where there is none that can be reckoned with."""
    if text is None or len(text) > _LONGEST or not _QUANTITY.fullmatch(text):
        return None
    return Fraction(text)


def as_amount(value: Fraction) -> Amount:
    """Write a quantity as a decimal: exactly if it ends, else rounded half to even."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    exact = rest == 1
    places = max(twos, fives) if exact else PLACES
    digits = str(abs(round(value * 10**places))).rjust(places + 1, "0")
    whole, behind = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    number = f"{whole}.{behind}" if behind else whole
    return Amount(f"-{number}" if value < 0 and number != "0" else number, exact)


def convert(quantity: str, source: str | None, target: str | None) -> Amount:
    """Convert a quantity from one unit to another.

    Raises:
        UsageError: It is no decimal, or the units don't measure the same.
    """
    value = amount_of(quantity)
    if value is None:
        raise UsageError(f"Expected a decimal such as 12.5, got {quantity[:_LONGEST]!r}.")
    one, other = dimension_of(source), dimension_of(target)
    if one != other or not is_additive(one):
        raise UsageError(
            f"Expected two units that measure the same, got {unit_name(source)} ({one}) and"
            f" {unit_name(target)} ({other})."
        )
    return as_amount(value * factor_of(source) / factor_of(target))
