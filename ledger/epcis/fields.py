"""Checks of single fields, and how to put them together to lists and objects.

A check is a function of a value, its JSON pointer and the list that it adds problems to. Numbers
are what the strict decoder makes of them: an `int` or a `DecimalText`, which is no text.
"""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from ledger.epcis.cbv import VOCABULARIES, plain_word, word_pattern
from ledger.epcis.syntax import HEX, IS_DATE_TIME, IS_URI, UNIT, ZONE_OFFSET
from ledger.log.canonical import DecimalText
from ledger.problems import Problem, problem

__all__ = [
    "Check",
    "action",
    "boolean",
    "escaped",
    "hexadecimal",
    "is_comment",
    "list_of",
    "matching",
    "measured",
    "number",
    "object_members",
    "text",
    "time",
    "unit",
    "uri",
    "uri_or_uris",
    "word",
    "wrong_type",
    "zone",
]

Check = Callable[[Any, str, list[Problem]], None]
"""Looks at one value and adds what is wrong with it."""

_NUMBER_TEXT: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII).match


def is_comment(key: str) -> bool:
    """Tell whether a field is a remark for people."""
    return key.startswith("_comment") or key == "comment"


def escaped(key: str) -> str:
    """Return a key as a JSON pointer writes it (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")


_TYPE_NAMES: Final = {
    "an object": "对象",
    "a list": "列表",
    "text": "文本",
    "a number": "数值",
    "true or false": "true 或 false",
    "a URI or a list of URIs": "URI 或 URI 列表",
    "an address or a table of prefixes": "地址或前缀表",
    "text, a number or an object": "文本、数值或对象",
}


def wrong_type(value: Any, pointer: str, out: list[Problem], expected: str) -> None:
    """Add that a value has the wrong type; `expected` is a key of the type names."""
    out.append(
        problem(
            pointer,
            "epcis.wrong-type",
            value,
            expected=expected,
            expected_zh=_TYPE_NAMES[expected],
        )
    )


def text(value: Any, pointer: str, out: list[Problem]) -> None:
    """Ask for text."""
    if type(value) is not str:
        wrong_type(value, pointer, out, "text")


def matching(pattern: Callable[[str], object], rule: str) -> Check:
    """Make the check of a text that `pattern` must take, else `rule` is broken."""

    def check(value: Any, pointer: str, out: list[Problem]) -> None:
        if type(value) is not str:
            wrong_type(value, pointer, out, "text")
        elif not pattern(value):
            out.append(problem(pointer, rule, value))

    return check


uri: Final = matching(IS_URI, "epcis.uri")
time: Final = matching(IS_DATE_TIME, "epcis.time")
zone: Final = matching(re.compile(ZONE_OFFSET).match, "epcis.time-zone")
unit: Final = matching(re.compile(UNIT).match, "epcis.unit")
hexadecimal: Final = matching(re.compile(HEX).match, "epcis.hex")
action: Final = matching(frozenset({"ADD", "OBSERVE", "DELETE"}).__contains__, "epcis.action")


def number(value: Any, pointer: str, out: list[Problem]) -> None:
    """Ask for a number."""
    if type(value) not in (int, DecimalText):
        wrong_type(value, pointer, out, "a number")


def measured(value: Any, pointer: str, out: list[Problem]) -> None:
    """Ask for a number of a sensor report; a number sent as text is forgiven."""
    if type(value) is str and _NUMBER_TEXT(value):
        out.append(problem(pointer, "epcis.number-as-text", value))
    else:
        number(value, pointer, out)


def boolean(value: Any, pointer: str, out: list[Problem]) -> None:
    """Ask for true or false."""
    if type(value) is not bool:
        wrong_type(value, pointer, out, "true or false")


def word(name: str) -> Check:
    """Make the check of a vocabulary's word, with the other forms that are forgiven."""
    matches = re.compile(word_pattern(name)).match
    vocabulary = VOCABULARIES[name]

    def check(value: Any, pointer: str, out: list[Problem]) -> None:
        if type(value) is not str:
            wrong_type(value, pointer, out, "text")
            return
        if matches(value):
            return
        plain = plain_word(name, value)
        if plain is not None and plain in vocabulary.words:
            out.append(problem(pointer, "cbv.urn", value, word=plain))
        elif value in vocabulary.beyond or plain in vocabulary.beyond:
            out.append(problem(pointer, "cbv.outside-schema", value))
        elif IS_URI(value):
            out.append(problem(pointer, "cbv.unknown-urn", value, field=name))
        else:
            near = get_close_matches(value.lower(), sorted(vocabulary.words), n=1)
            suggestion = near[0] if near else min(vocabulary.words)
            out.append(
                problem(pointer, "cbv.unknown-word", value, field=name, suggestion=suggestion)
            )

    return check


def list_of(check: Check, *, at_least: int = 0, unique: bool = False) -> Check:
    """Make the check of a list whose members pass `check`."""

    def check_list(value: Any, pointer: str, out: list[Problem]) -> None:
        if type(value) is not list:
            wrong_type(value, pointer, out, "a list")
            return
        if len(value) < at_least:
            out.append(problem(pointer, "epcis.empty-list", field=pointer.rpartition("/")[2]))
        seen: set[str] = set()
        for index, member in enumerate(value):
            check(member, f"{pointer}/{index}", out)
            if unique and type(member) is str:
                if member in seen:
                    out.append(problem(f"{pointer}/{index}", "epcis.duplicate-value", member))
                seen.add(member)

    return check_list


def object_members(
    owner: str, fields: Mapping[str, Check], required: tuple[str, ...] = (), *, extra: str = "uri"
) -> Check:
    """Make the check of an object.

    Args:
        owner: what messages call it.
        fields: the check of each known field.
        required: fields that must be there.
        extra: which further fields it takes: ``uri`` (extensions), ``none`` or ``any``.
    """

    def check_object(value: Any, pointer: str, out: list[Problem]) -> None:
        if type(value) is not dict:
            wrong_type(value, pointer, out, "an object")
            return
        out += [
            problem(pointer, "epcis.missing-field", field=name)
            for name in required
            if name not in value
        ]
        for key, member in value.items():
            check = fields.get(key)
            at = f"{pointer}/{escaped(key)}"
            if check is not None:
                check(member, at, out)
            elif extra == "any" or (extra == "uri" and IS_URI(key)):
                continue
            elif is_comment(key):
                out.append(problem(at, "epcis.comment", key))
            else:
                out.append(problem(at, "epcis.unknown-field", key, owner=owner, name=key))

    return check_object


def uri_or_uris(value: Any, pointer: str, out: list[Problem]) -> None:
    """Ask for one URI or a list of them."""
    if type(value) is list:
        list_of(uri)(value, pointer, out)
    elif type(value) is str:
        uri(value, pointer, out)
    else:
        wrong_type(value, pointer, out, "a URI or a list of URIs")
