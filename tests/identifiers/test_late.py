"""Names that are imported late."""

import sys

import pytest

from identifiers.late import late


def test_a_module_is_imported_when_its_name_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the function imports nothing; the first question does."""
    monkeypatch.delitem(sys.modules, "this", raising=False)
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    find = late("shapes", {"colorsys": ("rgb_to_hsv",), "this": ("s",)})
    assert "colorsys" not in sys.modules
    assert find("rgb_to_hsv")(0, 0, 0) == (0.0, 0.0, 0)
    assert "colorsys" in sys.modules
    assert "this" not in sys.modules


def test_other_names_are_refused_as_python_does() -> None:
    """What is in no module is an attribute error that names package and attribute."""
    with pytest.raises(AttributeError, match=r"^module 'shapes' has no attribute 'colour'$"):
        late("shapes", {"colorsys": ("rgb_to_hsv",)})("colour")
