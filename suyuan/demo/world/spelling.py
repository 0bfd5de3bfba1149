"""The same code as an EPC URN, for partners whose systems write those.

All company prefixes of the demo have seven digits, so that a key's digits tell where it ends. A
form that has no URN, such as a label with lot and serial, stays the link it is.

EPC Tag Data Standard section 6.
"""

import re
from functools import lru_cache
from typing import Any

__all__ = ["as_urns"]

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(r"https://id\.gs1\.org/" + path), urn)
    for path, urn in (
        (r"01/0(\d{7})(\d{5})\d/21/([^/]+)", r"urn:epc:id:sgtin:\1.0\2.\3"),
        (r"01/0(\d{7})(\d{5})\d/10/([^/]+)", r"urn:epc:class:lgtin:\1.0\2.\3"),
        (r"00/(\d)(\d{7})(\d{9})\d", r"urn:epc:id:sscc:\2.\1\3"),
        (r"8003/0(\d{7})(\d{5})\d(.+)", r"urn:epc:id:grai:\1.\2.\3"),
        (r"8004/(\d{7})(.+)", r"urn:epc:id:giai:\1.\2"),
        (r"414/(\d{7})(\d{5})\d", r"urn:epc:id:sgln:\1.\2.0"),
        (r"417/(\d{7})(\d{5})\d", r"urn:epc:id:pgln:\1.\2"),
    )
)


@lru_cache(maxsize=4096)
def _as_urn(code: str) -> str:
    for form, urn in _FORMS:
        found = form.fullmatch(code)
        if found:
            return found.expand(urn)
    return code


def as_urns(value: Any) -> Any:
    """Return an event, or a part of one, with every code in it spelt as a URN."""
    if isinstance(value, str):
        return _as_urn(value) if value.startswith("https://id.gs1.org/") else value
    if isinstance(value, list):
        return [as_urns(one) for one in value]
    if isinstance(value, dict):
        return {name: as_urns(one) for name, one in value.items()}
    return value
