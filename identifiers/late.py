"""Names of a package that are imported when they are first asked for (PEP 562).

Standard: https://peps.python.org/pep-0562/

>>> late("shapes", {"decimal": ("Decimal",)})("Decimal")
<class 'decimal.Decimal'>
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["late"]


def late(package: str, names: Mapping[str, Iterable[str]]) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a package.

    Args:
        package: Its full name.
        names: What it has from each module that it does not import itself, by the module's name.

    Returns:
        The function, which Python calls for the names only that the package has not.
    """
    homes = {name: module for module, found in names.items() for name in found}

    def find(name: str) -> Any:
        if name not in homes:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        return getattr(import_module(homes[name]), name)

    return find
