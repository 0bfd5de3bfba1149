"""JSON pointers (RFC 6901) into values of canonical JSON: read a member, replace some.

>>> value = {"a": [{"b/c": 1}], "d": 2}
>>> member_at(value, "/a/0/b~1c")
1
>>> replaced(value, {"/a/0/b~1c": "x"}), value["d"]
({'a': [{'b/c': 'x'}], 'd': 2}, 2)
"""

import itertools
from collections.abc import Mapping
from typing import Any, Final

from ledger.errors import CanonicalError, shown

__all__ = ["Room", "below", "member_at", "replaced", "unescaped"]

_MOST: Final = 64 * 1024 * 1024
"""Characters of all pointers into one value."""


class Room:
    """Counts what the pointers into one value take.

    Each repeats the keys on its way, so that one long key with many values below it, in less than a
    megabyte, would make gigabytes of pointers.
    """

    __slots__ = ("_left",)

    def __init__(self, characters: int = _MOST) -> None:
        self._left = characters

    def take(self, pointer: str, members: int) -> None:
        """Make room for the pointers of the members of what a pointer leads to.

        Raises:
            CanonicalError: There is none left.
        """
        self._left -= len(pointer) * members
        if self._left < 0:
            raise CanonicalError(
                f"Expected fewer values below {shown(pointer)}: shorten the names."
            )


def below(pointer: str, key: str | int) -> str:
    """Return the pointer of a member of what a pointer leads to."""
    if isinstance(key, int):
        return f"{pointer}/{key}"
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def member_at(value: Any, pointer: str) -> Any:
    """Return what a pointer leads to.

    Raises:
        CanonicalError: It leads nowhere.
    """
    for step in pointer.split("/")[1:]:
        value = _member(value, step, pointer)
    return value


def replaced(value: Any, changes: Mapping[str, Any]) -> Any:
    """Return a value with other members at some pointers; what was handed in stays as it is.

    No pointer may lead into what another one replaces.

    Raises:
        CanonicalError: A pointer leads nowhere.
    """
    root = {"": value}
    copied: dict[str, Any] = {}
    for pointer, new in changes.items():
        holder: Any = root
        path, steps = "", pointer.split("/")
        for step, following in itertools.pairwise(steps):
            path = f"{path}/{step}"
            if path not in copied:
                inner = _member(holder, step, pointer)
                copied[path] = inner.copy() if isinstance(inner, dict | list) else inner
                holder[_key(holder, step)] = copied[path]
            holder = copied[path]
            _member(holder, following, pointer)
        holder[_key(holder, steps[-1])] = new
    return root[""]


def unescaped(step: str) -> str:
    """Return the key that a step of a pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def _key(holder: Any, step: str) -> Any:
    return int(step) if isinstance(holder, list) else unescaped(step)


def _member(holder: Any, step: str, pointer: str) -> Any:
    try:
        if isinstance(holder, list) and not (step.isascii() and step.isdigit()):
            raise ValueError  # noqa: TRY301 - Python also counts from the end and takes "_"
        return holder[_key(holder, step)]
    except (LookupError, TypeError, ValueError):
        raise CanonicalError(f"Expected a value at {shown(pointer)}, got nothing.") from None
