"""Text from outside, for people."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.exporting.readable import readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 溯源", "plain 溯源"),
        ("a\u202eb", "a\\u202eb"),
        ("\x1b[2J\n", "\\x1b[2J\\n"),
        ("\ud800", "\\ud800"),
        ("\u0645\u200c\u0645\u3000\u00a0", "\u0645\u200c\u0645\u3000\u00a0"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    """What can't be seen is an escape; scripts keep their joiners and spaces."""
    assert readable(text) == shown


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_may_stand_in_xml_on_one_line(text: str) -> None:
    """No character is left that XML or UTF-8 refuses, or that begins a line."""
    shown = readable(text)
    assert len(shown.splitlines()) <= 1
    element = ET.Element("a")
    element.text = shown
    assert ET.fromstring(ET.tostring(element, "utf-8")).text == (shown or None)  # noqa: S314 - ours
