"""`suyuan trace` with logs that may not be read, entries that are not verified, and a time limit."""

import json
from pathlib import Path

import pytest

from tests.ledger.builders import document, instance, made
from tests.suyuan.conftest import CommandLine


def step(hour: int, source: str, target: str) -> dict[str, object]:
    """Return a transformation of one item into another."""
    return made([instance(source)], [instance(target)], at=f"2026-03-01T{hour:02}:00:00Z")


def take(suyuan: CommandLine, organisation: str, *events: dict[str, object]) -> None:
    """Capture events for an organisation."""
    file = suyuan.write("captured.json", document(*events))
    assert suyuan("capture", file, "--organisation", organisation).status == 0


@pytest.fixture
def two(suyuan: CommandLine) -> CommandLine:
    """Give a ledger in which one firm made a, and another one used b."""
    for slug in ("one", "other"):
        assert suyuan("org", "add", slug).status == 0
    take(suyuan, "one", step(8, "a", "b"))
    take(suyuan, "other", step(9, "b", "c"))
    return suyuan


def test_only_what_an_organisation_tells(two: CommandLine) -> None:
    """The rest is said to lie beyond, in the reader's language, and nowhere told."""
    value = two.json("trace", instance("a"), "--told-by", "one")
    assert [one["code"] for one in value["items"]] == [instance("b")]
    assert value["cut"] == [{"reason": "rights", "at": [instance("b")]}]
    assert [*value["heads"]] == ["localhost/log/one"]
    lines = two("trace", instance("a"), "--told-by", "one").out.splitlines()
    assert lines[-1] == f"cut by rights (logs that were not read) at 1 items: {instance('b')}"
    chinese = two("--language", "zh-CN", "trace", instance("a"), "--told-by", "one").out
    assert chinese.splitlines()[-1] == f"已截断（无权查阅的日志），共 1 处：{instance('b')}"
    both = two.json("trace", instance("a"), "--told-by", "one", "--told-by", "other")
    assert both["complete"]
    assert two("trace", instance("c"), "--told-by", "one").status == 1
    assert "No organisation 'none'" in two("trace", instance("c"), "--told-by", "none").sentence()
    ways = two.json("trace", instance("a"), "--to", instance("b"), "--told-by", "one")
    assert ways["cut"] == [{"reason": "rights", "at": [instance("b")]}]


@pytest.mark.parametrize("suffix", "ndjson json csv xlsx jsonld dot svg zip".split())
def test_no_file_tells_more(two: CommandLine, suffix: str) -> None:
    """Whatever the format, nothing of the withheld event is in it."""
    out = two.folder / f"trace.{suffix}"
    answer = two("trace", instance("a"), "--told-by", "one", "--out", out)
    assert answer.out.endswith("cut by rights\n")
    assert instance("c").encode() not in out.read_bytes()
    if suffix == "jsonld":
        events = json.loads(out.read_bytes())["epcisBody"]["eventList"]
        assert [one["outputEPCList"] for one in events] == [[instance("b")]]


def test_evidence_is_checked_without_the_ledger(two: CommandLine) -> None:
    """With the keys of the logs, each named once or in a file; a changed byte is found."""
    out = two.folder / "evidence.zip"
    assert two("trace", instance("a"), "--out", out).out.endswith("forward, complete\n")
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (two.folder / name).unlink(missing_ok=True)
    keys = sorted(two.folder.rglob("localhost+log+*.vkey"))
    assert len(keys) == 2
    one, other = keys
    both = ("--key", one, "--key", other.read_text().strip(), "--key", one)
    value = two.json("check-proof", out, *both)
    assert value["holds"]
    assert (value["root"], value["links"], value["events"]) == (instance("a"), 2, 2)
    assert [log["log"] for log in value["logs"]] == ["localhost/log/one", "localhost/log/other"]
    assert two("check-proof", out, *both).out.startswith("holds: the evidence of the trace of")
    assert "Add --key" in two("check-proof", out, "--key", one).sentence()
    raw = out.read_bytes()
    out.write_bytes(raw.replace(b"inputEPCList", b"inputEPCLixt", 1))
    answer = two("check-proof", out, *both)
    assert answer.status == 1
    assert "damaged or changed" in answer.sentence()
    plain = two.write("plain.tlog-proof", b"c2sp.org/tlog-proof@v1\n")
    assert "of one log" in two("check-proof", plain, *both).sentence()


def test_only_verified_entries(two: CommandLine) -> None:
    """Nothing is verified before the first verification; a forged mark is an error."""
    assert "run 'suyuan verify'" in two("trace", instance("a"), "--verified").sentence()
    assert two("verify").status == 0
    assert two.json("trace", instance("a"), "--verified")["complete"]
    take(two, "other", step(10, "c", "d"))
    value = two.json("trace", instance("a"), "--verified")
    assert value["cut"] == [{"reason": "unverified", "at": [instance("c")]}]
    assert {origin: head["size"] for origin, head in value["heads"].items()} == {
        "localhost/log/one": 1,
        "localhost/log/other": 1,
    }
    [mark] = [*Path(two.folder).rglob("*other.verified")]
    mark.write_bytes(b"forged")
    sentence = two("trace", instance("a"), "--verified").sentence()
    assert "verified-mark of localhost/log/other can't be used" in sentence


def test_no_time_at_all(two: CommandLine) -> None:
    """The limit is told with the items that were not looked at."""
    value = two.json("trace", instance("a"), "--seconds", "0")
    assert value["cut"] == [{"reason": "time", "at": [instance("a")]}]
    assert two.json("trace", instance("a"), "--seconds", "600")["complete"]
