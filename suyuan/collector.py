"""The garbage collector, set for a program that makes many small values that live long.

Rows, links and items are tuples without cycles; the reference counts free them. At Python's default
the collector looks through all of them every 700 new ones: measured, a third of a wide trace's time
and a seventh of a capture's. What does form cycles (errors with their tracebacks) is small and is
still collected, only later.
"""

from __future__ import annotations

import gc
from typing import Final

__all__ = ["relax_collector"]

_YOUNG: Final = 50_000
"""New containers between two looks at the young ones; 700 by default."""


def relax_collector() -> None:
    """Make the collector look less often, for the whole process."""
    gc.set_threshold(_YOUNG, 20, 50)
