"""The examples in the modules' docstrings hold."""

import doctest
from types import ModuleType

import pytest

from ledger.log import canonical, checkpoint, entry, merkle, note, tiles


@pytest.mark.parametrize("module", [canonical, checkpoint, entry, merkle, note, tiles])
def test_examples(module: ModuleType) -> None:
    """Each module has an example, and it prints what it says."""
    result = doctest.testmod(module)
    assert result.attempted
    assert result.failed == 0
