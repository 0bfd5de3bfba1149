"""`suyuan trace` and `suyuan item`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.builders import declared_wrong, family, instance, lot, made, seen, some
from tests.suyuan.conftest import CommandLine

PALLET = "https://id.gs1.org/00/095060001343520000"
PLACE = "https://id.gs1.org/414/9506000134352"

CELLS = made(
    [some(lot("POWDER"), 5, "KGM")],
    [instance("CELL")],
    at="2026-03-01T08:00:00Z",
    eventID="urn:uuid:00000000-0000-4000-8000-000000000001",
)
INSTALLED = family(
    instance("PACK"), instance("CELL"), at="2026-03-02T08:00:00Z", kind="AssociationEvent"
)
PACKED = family(PALLET, instance("PACK"), at="2026-03-03T08:00:00Z")
SHIPPED = seen(
    PALLET,
    at="2026-03-04T08:00:00Z",
    bizStep="arriving",
    disposition="in_transit",
    bizLocation={"id": PLACE},
)


@pytest.fixture
def chain(suyuan: CommandLine) -> CommandLine:
    """Give a ledger in which powder became a cell in a pack on a pallet."""
    suyuan.capture(CELLS, INSTALLED, PACKED, SHIPPED)
    return suyuan


def codes(value: Any) -> dict[str, int]:
    """Return the items of a trace with their depths."""
    return {one["code"]: one["depth"] for one in value["items"]}


def test_the_shape_of_a_trace(chain: CommandLine) -> None:
    """The JSON holds what was asked, the items, the links and the heads it is complete to."""
    value = chain.json("trace", "(01)09506000134352(10)POWDER")
    assert value["root"] == lot("POWDER")
    assert value["direction"] == "forward"
    assert value["as_of"] is None
    assert value["known_at"] is None
    assert value["complete"] is True
    [(origin, head)] = value["heads"].items()
    assert origin == "localhost/log/main"
    assert head["size"] == 4
    assert head["root"] == chain.json("verify")["logs"][0]["root"]
    assert codes(value) == {instance("CELL"): 1, instance("PACK"): 2, PALLET: 3}
    first = value["items"][0]
    wanted = {"code", "kind", "depth", "quantity", "unit", "status", "location", "holder"}
    assert wanted <= first.keys()
    assert first["kind"] == "instance"
    link = value["links"][0]
    assert {"from", "to", "kind", "event", "time", "until", "quantity", "unit"} <= link.keys()
    assert (link["from"], link["to"]) == (lot("POWDER"), instance("CELL"))
    assert (link["kind"], link["quantity"], link["unit"]) == ("transformed", "5", "KGM")
    assert link["event"] == "urn:uuid:00000000-0000-4000-8000-000000000001"
    assert link["time"].startswith("2026-03-01T08:00:00")


def test_links_run_the_same_way_in_every_direction(chain: CommandLine) -> None:
    """`from` is the input or child and `to` the output or parent, also backward."""
    value = chain.json("trace", instance("PACK"), "--direction", "backward")
    assert codes(value) == {instance("CELL"): 1, lot("POWDER"): 2}
    assert {(link["from"], link["to"]) for link in value["links"]} == {
        (lot("POWDER"), instance("CELL")),
        (instance("CELL"), instance("PACK")),
    }
    both = chain.json("trace", instance("CELL"), "--direction", "both")
    assert codes(both) == {lot("POWDER"): 1, instance("PACK"): 1, PALLET: 2}


def test_a_trace_can_be_narrowed(chain: CommandLine) -> None:
    """Kinds of links, depth and event time narrow a trace, and a cut is told."""
    made_only = chain.json("trace", lot("POWDER"), "--links", "transformed")
    assert codes(made_only) == {instance("CELL"): 1}
    two = chain.json("trace", lot("POWDER"), "--links", "transformed", "--links", "installed")
    assert codes(two) == {instance("CELL"): 1, instance("PACK"): 2}
    shallow = chain.json("trace", lot("POWDER"), "--depth", "1")
    assert codes(shallow) == {instance("CELL"): 1}
    assert shallow["complete"] is False
    early = chain.json("trace", lot("POWDER"), "--as-of", "2026-03-01")
    assert codes(early) == {instance("CELL"): 1}
    assert early["as_of"].startswith("2026-03-01T23:59:59")


def test_a_trace_as_it_was_known(chain: CommandLine) -> None:
    """An error that is declared later is not applied to what was known before."""
    assert codes(chain.json("trace", lot("POWDER")))
    chain.capture(declared_wrong(CELLS))
    assert codes(chain.json("trace", lot("POWDER"))) == {}
    before = chain.json("trace", lot("POWDER"), "--known-at", "2020-01-01")
    assert codes(before) == {}
    assert before["known_at"].startswith("2020-01-01T23:59:59")
    assert codes(chain.json("trace", lot("POWDER"), "--known-at", "9999-12-31")) == {}


def test_a_trace_for_people(chain: CommandLine) -> None:
    """Without --json the items, the links and the completeness are printed."""
    answer = chain("trace", lot("POWDER"))
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert lines[0] == f"{lot('POWDER')}: 3 items forward, 1 of them only as a place"
    assert any(line.split()[:2] == ["1", instance("CELL")] for line in lines)
    assert f"{PALLET} (place)" in answer.out
    assert lines[-1] == "complete at localhost/log/main size 4"
    cut = chain("trace", lot("POWDER"), "--depth", "1").out.splitlines()
    assert cut[-1].startswith("cut by depth")
    assert not any(line.startswith("complete") for line in cut)


def test_the_state_of_an_item(chain: CommandLine) -> None:
    """An item tells where it is, inside what, and its status, now and at an earlier time."""
    value = chain.json("item", instance("PACK"))
    assert value.keys() == {
        "code",
        "kind",
        "status",
        "location",
        "holder",
        "inside",
        "last_time",
    }
    assert (value["location"], value["inside"]) == (PLACE, PALLET)
    before = chain.json("item", instance("PACK"), "--as-of", "2026-03-02T12:00:00Z")
    assert (before["location"], before["inside"]) == (None, None)
    shown = chain("item", PALLET)
    assert shown.status == 0
    assert PLACE in shown.out
    assert "in_transit" in shown.out


@pytest.mark.parametrize("command", ["trace", "item", "proof"])
def test_an_unknown_code_is_a_finding(suyuan: CommandLine, command: str) -> None:
    """Of a code that no event names nothing is known, which is exit status 1."""
    answer = suyuan("--json", command, instance("NEVER"))
    assert answer.status == 1
    assert "No event" in answer.sentence()
    assert not answer.out


@pytest.mark.parametrize("command", ["trace", "item"])
@pytest.mark.parametrize(
    "code", ["", "hello", "(01)09506000134353", "(01)09506000134352(17)261332"]
)
def test_a_refused_code_is_a_finding(suyuan: CommandLine, command: str, code: str) -> None:
    """What is no code is refused with what was expected."""
    answer = suyuan(command, code)
    assert answer.status == 1
    assert "xpected" in answer.sentence()


@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
@pytest.mark.parametrize(
    "time", ["", "yesterday", "2026-02-30", "2026-03-01T25:00:00Z", "-" * 9999]
)
@pytest.mark.parametrize("command", ["trace", "item"])
def test_an_impossible_time_is_wrong_usage(
    chain: CommandLine, command: str, option: str, time: str
) -> None:
    """A time that can't be is exit status 2 with an example."""
    answer = chain(command, instance("PACK"), option, time)
    assert answer.status == 2
    assert "2026-03-01T08:00:00Z" in answer.sentence()


def test_times_at_the_edges(chain: CommandLine) -> None:
    """The first and last times that can be written are answered."""
    for time in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31"):
        assert chain("trace", instance("PACK"), "--as-of", time).status == 0


def test_catena_x_twins(suyuan: CommandLine, vectors: Path) -> None:
    """Of a captured Catena-X file every named trace equals the expected one."""
    folder = vectors / "datasets" / "catenax-irs"
    report = suyuan.json("capture", folder / "smallTestdata.json")
    assert report["committed"]
    assert not report["rejected"]
    expected = json.loads((folder / "expected_traces_smallTestdata.json").read_text("utf-8"))
    cathode = next(one for one in _ids(expected) if one.endswith("34fc4893b351"))
    value = suyuan.json("trace", cathode)
    assert len(value["items"]) == 41


def _ids(value: Any) -> list[str]:
    """Return all texts of a JSON value, keys included."""
    if isinstance(value, dict):
        return [text for key, one in value.items() for text in (key, *_ids(one))]
    if isinstance(value, list):
        return [text for one in value for text in _ids(one)]
    return [value] if isinstance(value, str) else []


def test_the_ways_to_an_item(chain: CommandLine) -> None:
    """With --to only what lies between is told, and what doesn't fit such a question is refused."""
    answer = chain("--json", "trace", lot("POWDER"), "--to", instance("CELL"))
    assert [one["code"] for one in answer.json["items"]] == [instance("CELL")]
    assert answer.json["target"] == instance("CELL")
    shown = chain("trace", lot("POWDER"), "--to", instance("CELL"))
    assert f"items on the ways to {instance('CELL')}" in shown.out
    for more in (("--depth", "1"), ("--since", "2026-03-01"), ("--direction", "backward")):
        refused = chain("trace", lot("POWDER"), "--to", instance("CELL"), *more)
        assert (refused.status, "--to" in refused.err) == (2, True)


def test_why_an_item_is_affected(chain: CommandLine) -> None:
    """With --why each link is a sentence, in the language of the program."""
    said = chain("trace", lot("POWDER"), "--why", instance("CELL"))
    assert (said.status, "was given the new code" in said.out) == (0, True)
    chinese = chain("--language", "zh-CN", "trace", lot("POWDER"), "--why", instance("CELL"))
    assert "换码为" in chinese.out
    value = chain("--json", "trace", lot("POWDER"), "--why", instance("CELL")).json
    assert len(value["explanation"]) == 1
    nobody = chain("trace", lot("POWDER"), "--why", instance("NOBODY"))
    assert (nobody.status, "isn't in the answer" in nobody.err) == (1, True)
    assert chain("trace", lot("POWDER"), "--why", "x", "--out", "x.json").status == 2


def test_what_a_link_is_called(chain: CommandLine) -> None:
    """Behind the kind of a link stands what people call it."""
    assert "transformed (renamed)" in chain("trace", lot("POWDER")).out


def test_what_changed_since(chain: CommandLine) -> None:
    """With --changed-since what was added, removed and changed is told."""
    long_ago = chain("trace", lot("POWDER"), "--changed-since", "2020-01-01T00:00:00Z")
    assert "3 items added since 2020-01-01T00:00:00.000Z, 0 removed" in long_ago.out
    value = chain("--json", "trace", lot("POWDER"), "--changed-since", "2020-01-01T00:00:00Z").json
    assert len(value["added"]) == 3
    nothing = chain("trace", lot("POWDER"), "--changed-since", "2100-01-01T00:00:00Z")
    assert "0 items added" in nothing.out
    moment = datetime.now(UTC).isoformat()
    chain.capture(seen(instance("CELL"), at="2026-03-05T08:00:00Z", disposition="recalled"))
    changed = chain("trace", lot("POWDER"), "--changed-since", moment)
    assert f"changed: {instance('CELL')} (status, last_time)" in changed.out
    value = chain("--json", "trace", lot("POWDER"), "--changed-since", moment).json
    assert value["changed"][0]["changed"]["status"] == ["in_transit", "recalled"]


def test_a_part_of_an_answer(chain: CommandLine) -> None:
    """Items are shown by stage, party, place and product; the others are counted."""
    none = chain("trace", lot("POWDER"), "--stage", "after_sales")
    assert "0 items forward, 3 more are not shown" in none.out
    some = chain(
        "--json", "trace", lot("POWDER"), "--product", instance("CELL")[:-8], "--party", "main"
    )
    assert some.json["left_out"] + len(some.json["items"]) == 3
    assert (
        chain("trace", lot("POWDER"), "--place", "https://id.gs1.org/414/9506000134376").status == 0
    )
