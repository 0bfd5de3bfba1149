"""The package as a whole: its public names, its examples, and what it costs to import."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import identifiers

MODULES = [f"identifiers.{found.name}" for found in pkgutil.iter_modules(identifiers.__path__)]
HEAVY = {"json", "tempfile", "zipfile", "urllib.request", "asyncio", "importlib.resources"}


def test_public_names_exist() -> None:
    """Whatever __all__ promises is there."""
    assert all(hasattr(identifiers, name) for name in identifiers.__all__)


@pytest.mark.parametrize("name", ["identifiers", *MODULES])
def test_examples(name: str) -> None:
    """The examples in the docstrings say the truth."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_import_is_lean(repository: Path) -> None:
    """Importing the package reads no table and pulls in none of the slow modules."""
    script = "import sys, identifiers; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", script],
        capture_output=True,
        check=True,
        cwd=repository,
        text=True,
    ).stdout.split()
    assert "identifiers.item_code" in loaded
    assert not HEAVY.intersection(loaded)
