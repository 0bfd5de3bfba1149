"""How many codes are read a second, and how long the floor takes to import."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.measuring import Figure, best, print_figure, race, title
from bench.rivals import bench_rivals
from identifiers import parse_item_code

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["bench_identifiers"]

_COUNT = 50_000
_FORMS = {
    "Digital Link on id.gs1.org": "https://id.gs1.org/01/09506000134352/21/S{:07d}",
    "Digital Link elsewhere": "https://example.com/01/09506000134352/21/S{:07d}",
    "EPC URN": "urn:epc:id:sgtin:9506000.013435.S{:07d}",
    "element string": "]d2010950600013435221S{:07d}",
}


def bench_identifiers(runs: int) -> None:
    """Print codes a second by form; every code is new, so nothing is remembered."""
    title("Item codes read, each one new")
    links = [_FORMS["Digital Link on id.gs1.org"].format(n) for n in range(_COUNT)]
    floor = Figure("urlsplit", _COUNT, best(runs, lambda: [urlsplit(one) for one in links])[0])
    print_figure(floor, "codes", note="floor: the standard library splits the same links")
    for name, form in _FORMS.items():
        codes = [form.format(n) for n in range(_COUNT)]
        took, _ = best(runs, lambda codes=codes: [parse_item_code(one) for one in codes])  # type: ignore[misc]
        print_figure(Figure(name, _COUNT, took), "codes", [floor])
    bench_rivals(runs)
    title("Import")
    bare = _import_time(runs, "urllib.parse, json, dataclasses, decimal")
    print_figure(Figure("import of the parts of the standard library", 1, bare), "")
    took = _import_time(runs, "identifiers")
    rival = Figure("the standard library's", 1, bare)
    print_figure(Figure("import identifiers", 1, took), "", [rival])


def _import_time(runs: int, names: str) -> float:
    """Seconds of a fresh interpreter that imports, without those of one that doesn't.

    Modules are compiled once, as they are on an installed system, whatever the environment says.
    """
    with tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def interpreter(code: str) -> Callable[[], object]:
            command = [sys.executable, "-c", code]
            return lambda: subprocess.run(command, check=True, env=environment)

        nothing, something = race(runs * 5, [interpreter("pass"), interpreter(f"import {names}")])
    return max(something - nothing, 1e-6)
