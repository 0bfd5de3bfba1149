"""Which code a URI is: the surest scheme's, and nobody's when two are equally sure."""

import string
from dataclasses import replace
from random import Random

import pytest

from identifiers.item_code import Level
from identifiers.schemes import settling
from identifiers.schemes.reading import Reading
from identifiers.schemes.registry import READERS, Reader


@pytest.mark.parametrize(
    "text",
    ["https://example.org/about", "urn:nothing:known", "urn:suyuan:none:1", "mailto:a@b.test"],
)
def test_nobodys_uri_settles_to_itself_or_nothing(text: str) -> None:
    """A link or URN of no scheme is no other code than itself."""
    code = settling.settle(text)
    assert code is None or (code.uri, code.level) == (text, Level.OTHER)


def test_equally_sure_readings_settle_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two schemes that are equally sure of different things leave the URI its own code."""

    def reader(name: str) -> Reader:
        reading = Reading(name, name, f"urn:{name}:1", Level.OTHER)
        return replace(READERS[0], scheme=name, read=lambda _: (reading,))

    readers = [reader("one"), reader("other")]
    monkeypatch.setattr(settling, "readers_for", lambda _: readers)
    assert settling.settle("https://a.test/") is None
    monkeypatch.setattr(settling, "readers_for", lambda _: readers[:1])
    found = settling.settle("https://a.test/")
    assert found is not None
    assert found.uri == "urn:one:1"


def test_short_links_are_hardly_ever_taken_for_compressed_ones() -> None:
    """Of 20,000 random paths, at most a handful satisfy every rule of a compressed link."""
    source = Random(1)  # noqa: S311  the same paths in every run
    letters = string.ascii_letters + string.digits
    paths = ("".join(source.choices(letters, k=source.randint(6, 22))) for _ in range(20_000))
    codes = (settling.settle(f"https://example.org/{path}") for path in paths)
    assert sum(code is not None and bool(code.keys) for code in codes) <= 5
