"""Answers as JSON and NDJSON, read back."""

import json

import pytest

from ledger.exporting.known_names import KnownNames
from ledger.exporting.records import whole
from ledger.genealogy.trace import Trace
from tests.ledger.exporting.answers import answer, hostile, large, small, written

ANSWERS = pytest.mark.parametrize(
    "trace",
    [small(), hostile(), answer([], []), large(2_500)],
    ids="small hostile empty large".split(),
)


@ANSWERS
def test_json_is_the_json_form(trace: Trace) -> None:
    """The value is what `suyuan --json trace` prints, key by key in its order."""
    value = json.loads(written("json", trace))
    assert value == whole(trace, KnownNames(None, "en"))
    assert written("json", trace).endswith(b"}\n")


@ANSWERS
def test_ndjson_has_a_line_for_each_part(trace: Trace) -> None:
    """First the question and its completeness, then all members, at last their numbers."""
    lines = [json.loads(line) for line in written("ndjson", trace).splitlines()]
    form = whole(trace, KnownNames(None, "en"))
    head = lines[0].pop("trace")
    assert head == {key: value for key, value in form.items() if not isinstance(value, list)}
    assert [one["item"] for one in lines if "item" in one] == form["items"]
    assert [one["link"] for one in lines if "link" in one] == form["links"]
    assert [one["cut"] for one in lines if "cut" in one] == form["cut"]
    end = lines[-1]["end"]
    assert end["items"] == len(trace.items)
    assert end["links"] == len(trace.links)
    assert sum(end.values()) == len(lines) - 2
    assert all(len(line) == 1 for line in lines[1:])
