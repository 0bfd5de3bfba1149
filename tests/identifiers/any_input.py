"""Texts that try the parsers of item codes: near-valid seeds, and shapes that grow to 64 kB."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import identifiers
from identifiers.errors import IdentifierError
from identifiers.gs1.components import CHECKS, verify_component

GS, RS, EOT = "\x1d", "\x1e", "\x04"
GTIN = "09506000134352"
LARGEST = 65_536
"""Bytes of the largest text that we promise to answer."""

SEEDS = (
    f"(01){GTIN}(10)ABC(21)1\\(2(17)270228",
    f"01{GTIN}10ABC{GS}211{GS}17270228",
    f"]C101{GTIN}10ABC{GS}211",
    f"]d201{GTIN}21A|{GS}10B",
    "]E09506000134352",
    "]E495050003",
    f"]Q1https://id.gs1.org/01/{GTIN}",
    f"https://id.gs1.org/01/{GTIN}/22/2A/10/ABC/21/1%2F2?17=270228&3103=000123&lang=zh#x",
    "https://example.org/CxFKk4XBoMxZyf3GxCzWT6aaag?17=270228",
    f"https://example.org/x/gtin/{GTIN}/lot/A/ser/B",
    "urn:epc:id:sgtin:9506000.013435.A%2F1",
    "urn:epc:tag:sgtin-96:1.9506000.013435.12345",
    "urn:epc:id:sgln:9506000.13437.0",
    "urn:epc:class:lgtin:9506000.013435.L7",
    "3074257BF7194E4000001A85",
    f"[)>{RS}06{GS}25PLEXX1{GS}SABC{GS}16D20260228{RS}{EOT}",
    f"[)>{RS}05{GS}01{GTIN}{GS}10AB{RS}{EOT}",
    f"[)>{RS}12{GS}SEQ 123{GS}MFR 17V{RS}{EOT}",
    "25SLEABC123",
    "MA.156.M0.100001.0001.M10000.S123.C7",
    "88.118.8/6901234567892",
    "urn:oid:1.2.156.3088",
    "1.2.156.3088",
    "81000010000000000001",
    "100000000000000000000001",
    "91110000600037341L",
    "5493001KJTIIGC8Y1R12",
    "https://www.example.com.cn/01/06901234567892/10/A?11=260101",
    "+A123BJC5D6E71",
    "=A99971312345600=>014032",
    "６９０１２３４５６７８９２",
    "https://id.example.com/i/9?P=1&S=2",
    "\ufeff(01)09506000134352\r\n",
    "",
)
"""One text or more of every form, most of them valid."""

PIECES = (
    *"()[]<>{}%/\\|^~+=&?#:;.,-_*!'\"@$` \t\r\n\0\x1c\x7f\x80\u200b\ufeff\ud800\U0010ffff",
    *(
        GS,
        RS,
        EOT,
        "７",
        "Ａ",
        "（",
        "）",
        "²",
        "٣",
        "é",
        "[)>",
        "]C1",
        "]d2",
        "(01)",
        "(10)",
        "(99)",
    ),
    *(
        "01",
        "10",
        "17",
        "21",
        "00",
        "8006",
        "723x",
        "%2F",
        "%00",
        "%25",
        "%GG",
        "%",
        "/01/",
        "/21/",
    ),
    *(
        "urn:epc:id:",
        "urn:oid:",
        "https://",
        "http://[",
        "id.gs1.org",
        "9" * 30,
        "0" * 30,
        "A" * 91,
    ),
    *(
        "MA.",
        "88.",
        "1.2.",
        "25S",
        "06",
        "DI",
        "0x",
        "1e9",
        "-1",
        "NaN",
        "１",
        "９９",
        "{GS}",
        "<GS>",
    ),
)
"""What is put into, or in place of, a part of a seed."""


def repeated(piece: str, start: str = "", end: str = "") -> Callable[[int], str]:
    """Give a shape: so many characters of one piece repeated, between a start and an end."""

    def shape(length: int) -> str:
        return start + piece * max(1, (length - len(start) - len(end)) // len(piece)) + end

    return shape


LINK = f"https://id.gs1.org/01/{GTIN}"
SHAPES: dict[str, Callable[[int], str]] = {
    **{
        f"{piece!r} alone": repeated(piece)
        for piece in (
            *"()[]<%/\\|?&=#:.;-+ 09Aa\0\r\n",
            *(GS, RS, EOT, "７", "\ud800", "\u200b", "(01)", "(10)A", "\\(", "%25", "%2", "10A" + GS),
            *("]C1", "[)>", "/01", "1.", "1.2.156.", "a:", "MA.", "&1=1", "A/", "21", "0109506000134352"),
            *("<GS>", "{GS}", "^", "\\x1d", "（", "\r\n", " A", "A ", "é", "Ａ０", "=A", "+A"),
        )
    },
    "digits of a scan": repeated("0", "]C1"),
    "serial of a scan": repeated("A", "]C121"),
    "separators of a scan": repeated(GS, "]C1"),
    "separators within": repeated(GS, f"01{GTIN}21A", "10A"),
    "one AI again and again": repeated("10A" + GS, f"]d201{GTIN}"),
    "internal AIs": repeated("91A" + GS + "92B" + GS, f"]d201{GTIN}"),
    "bars": repeated("|" + GS, f"01{GTIN}21A"),
    "escaped brackets": repeated("\\(", "(10)"),
    "backslashes": repeated("\\", "(10)"),
    "opening brackets": repeated("(", "(10)"),
    "bars in brackets": repeated("|(10)A", "(01)"),
    "long value in brackets": repeated("A", f"(01){GTIN}(21)"),
    "long AI in brackets": repeated("0", "(", ")1"),
    "host of a link": repeated("a.", "https://", f"/01/{GTIN}"),
    "brackets of a host": repeated("[", "https://", f"/01/{GTIN}"),
    "users of a host": repeated("a@", "https://", f"/01/{GTIN}"),
    "stem of a link": repeated("x/", "https://example.com/", f"01/{GTIN}"),
    "keys of a link": repeated(f"/01/{GTIN}", "https://id.gs1.org"),
    "qualifiers of a link": repeated("/10/A", LINK),
    "words of a link": repeated("/gtin/ser", "https://example.com"),
    "serial of a link": repeated("A", f"{LINK}/21/"),
    "escapes of a link": repeated("%25", f"{LINK}/21/"),
    "nested escapes of a link": repeated("25", f"{LINK}/21/%"),
    "slashes of a link": repeated("/", LINK),
    "query of a link": repeated("A", f"{LINK}?91="),
    "attributes of a link": repeated("17=270228&", f"{LINK}?"),
    "foreign parameters of a link": repeated("a=b&", f"{LINK}?"),
    "ampersands of a link": repeated("&", f"{LINK}?"),
    "fragment of a link": repeated("#", LINK),
    "compressed zeros": repeated("A", "https://example.org/"),
    "compressed ones": repeated("_", "https://example.org/"),
    "compressed foreign parameters": repeated("8AEEAE" * 7, "https://example.org/"),
    "dots of a URN": repeated(".", "urn:epc:id:sgtin:"),
    "digits of a URN": repeated("9", "urn:epc:id:sgtin:", ".1.1"),
    "serial of a URN": repeated("%2F", "urn:epc:id:sgtin:9506000.013435."),
    "colons of a URN": repeated(":", "urn:epc:"),
    "tag of a URN": repeated("1", "urn:epc:tag:sgtin-96:1.9506000.013435."),
    "raw tag": repeated("F", "urn:epc:raw:96.x"),
    "arcs of an OID": repeated(".1", "urn:oid:1"),
    "digits of an OID": repeated("1", "urn:oid:1.2."),
    "formats of a message": repeated(f"06{GS}SA{RS}", f"[)>{RS}", EOT),
    "fields of a message": repeated(f"SA{GS}", f"[)>{RS}06{GS}", RS + EOT),
    "one long field": repeated("A", f"[)>{RS}06{GS}S", RS + EOT),
    "empty fields": repeated(GS, f"[)>{RS}06", RS + EOT),
    "empty formats": repeated(RS, "[)>", EOT),
    "digits of a data identifier": repeated("1", "", "P"),
    "parts of an MA code": repeated(".A", "MA.156.M0"),
    "suffix of a handle": repeated("1", "88.118.8/"),
    "dots of a handle": repeated(".1", "88", "/1"),
}  # fmt: skip
"""Worst cases by what grows in them; each gives a text of about the length that is asked for."""


_TEXTS = {"text", "data", "digits"}
"""What a parameter is called that takes foreign text; others are names that a program chooses."""


def _public() -> Iterator[tuple[str, Callable[..., object]]]:
    for module in pkgutil.walk_packages(identifiers.__path__, "identifiers."):
        found = importlib.import_module(module.name)
        for name in getattr(found, "__all__", ()):
            value = getattr(found, name)
            if inspect.isfunction(value) and value.__module__ == module.name:
                yield f"{module.name}.{name}", value


def _needed(function: Callable[..., object]) -> list[inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()
    return [one for one in parameters if one.default is inspect.Parameter.empty]


@cache
def functions() -> dict[str, Callable[[str], object]]:
    """Find every public function of the package that takes one text alone, by its full name.

    The named checks of the dictionary and the lenient readings of parsers stand beside them.
    """
    found: dict[str, Callable[[str], object]] = {}
    for name, function in _public():
        needed = _needed(function)
        inner = name.rpartition(".")[2].startswith("encode_")  # takes what is verified already
        if inner or len(needed) != 1 or needed[0].name not in _TEXTS:
            continue
        found[name] = function
        options = inspect.signature(function).parameters
        lenient = {
            option: option != "requisites"
            for option in ("requisites", "unknown_ais", "zero_suppressed_gtin")
            if option in options
        }
        if lenient:
            found[f"{name}, lenient"] = partial(function, **lenient)
    for check in CHECKS:
        found[f"verify_component {check}"] = partial(verify_component, check)
    return found


def takes_bytes(function: Callable[..., object]) -> bool:
    """Tell whether a function promises to take bytes too."""
    needed = _needed(function)
    return bool(needed) and "bytes" in str(needed[0].annotation)


def answer(function: Callable[[Any], object], text: str | bytes) -> object:
    """Give what a function makes of a text: its result in full, or its error in full.

    Any error but ours passes through, and so does a message that can't be put together.
    """
    try:
        result = function(text)
        return list(result) if isinstance(result, Iterator) else result
    except IdentifierError as error:
        return [str(error), error.message("zh"), error.as_dict("zh")]
