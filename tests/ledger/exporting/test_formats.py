"""The registry of formats."""

from pathlib import Path

import pytest

from ledger.errors import UsageError
from ledger.exporting.formats import (
    FORMATS,
    FormatName,
    format_by_media_type,
    format_by_name,
    format_of_file,
)
from tests.ledger.exporting.answers import large, options, small, written


def test_every_format_is_found_by_name_suffix_and_media_type() -> None:
    """Each name has one format; case doesn't matter, nor parameters of a media type."""
    assert [one.name for one in FORMATS] == [*FormatName]
    for one in FORMATS:
        assert format_by_name(one.name.upper()) is one
        assert format_by_media_type(f"{one.media_type.upper()}; charset=utf-8") is one
        for suffix in one.suffixes:
            assert format_of_file(Path(f"a.b{suffix.upper()}")) is one


@pytest.mark.parametrize("name", ["", "pdf", "x" * 500])
def test_what_is_no_format_is_refused(name: str) -> None:
    """One short sentence names the formats there are."""
    for find in (format_by_name, format_by_media_type, lambda text: format_of_file(Path(text))):
        with pytest.raises(UsageError, match="ndjson") as caught:
            find(name)
        assert len(str(caught.value)) < 250


@pytest.mark.parametrize("name", sorted({*FormatName} - {FormatName.EPCIS, FormatName.EVIDENCE}))
def test_the_same_answer_is_the_same_file(name: str) -> None:
    """Byte for byte, in both languages."""
    for language in ("en", "zh-CN"):
        assert written(name, small(), language=language) == written(
            name, small(), language=language
        )


@pytest.mark.parametrize("name", ["ndjson", "json", "csv", "xlsx", "dot"])
def test_a_large_answer_comes_in_pieces(name: str) -> None:
    """No piece is the whole file."""
    pieces = [*format_by_name(name).write(large(6_000), options())]
    assert len(pieces) > 1
    assert max(map(len, pieces)) < 400_000
