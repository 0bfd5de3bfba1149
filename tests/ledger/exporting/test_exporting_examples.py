"""The examples in the docstrings."""

import doctest
from types import ModuleType

import pytest

from ledger.exporting import csv_files, dot_files, naming, readable


@pytest.mark.parametrize("module", [csv_files, dot_files, naming, readable])
def test_examples(module: ModuleType) -> None:
    """Each example gives what it says."""
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
