"""`suyuan personal` and `erase`: what is declared, shown, erased and said about it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.builders import Event, document, element, instance, seen
from tests.suyuan.conftest import CommandLine

NS = "https://example.com/ns/"
NAME, PHONE = NS + "name", NS + "phone"
WANG = "Wang Li 5550100"
NASTY = "Li\x1b[2J\u202e\nentry  received\t\x00'; DROP TABLE entry; --"


def sale(serial: str, name: object, **fields: Any) -> Event:
    """Return an event about an item with a personal value."""
    return seen(instance(serial), eventID=f"urn:x:{serial}") | {NAME: name} | fields


@pytest.fixture
def sold(suyuan: CommandLine) -> CommandLine:
    """Give a ledger with values in two events."""
    suyuan.json("org", "add", "main")
    suyuan.json("personal", "declare", NAME, PHONE)
    suyuan.capture(sale("A", WANG), sale("B", "Zhang Wei", **{PHONE: 7}))
    return suyuan


def raw(line: CommandLine) -> bytes:
    """Return the bytes of the ledger's files."""
    return b"".join(file.read_bytes() for file in line.folder.glob("ledger.db*"))


def test_fields_are_declared_and_withdrawn(suyuan: CommandLine) -> None:
    """Each answer lists all that are declared then, as JSON and as text."""
    suyuan.json("org", "add", "main")
    said = suyuan("personal", "declare", NAME)
    assert (said.status, said.out) == (0, f"personal in localhost/log/main:\n{NAME}\n")
    assert suyuan.json("personal", "declare", PHONE, "--submitter", "dpo") == {
        "log": "localhost/log/main",
        "fields": [NAME, PHONE],
    }
    assert suyuan.json("personal", "withdraw", NAME)["fields"] == [PHONE]
    assert suyuan("personal", "withdraw", PHONE).out == "personal in localhost/log/main:\nnothing\n"
    assert suyuan("personal", "list").out == (
        "personal in localhost/log/main:\nnothing\nvalues: 0, erased: 0\n"
    )
    assert suyuan.size() == 4


@pytest.mark.parametrize("field", ["customer", "eventTime", "", "ex:\x1b[2J", "ex:" + "x" * 10_000])
def test_what_cant_be_declared(sold: CommandLine, field: str) -> None:
    """A name that no field has is one sentence and exit status 2; nothing changes."""
    answer = sold("personal", "declare", NS + "fine", field)
    assert answer.status == 2
    assert answer.sentence().isprintable()
    assert len(answer.sentence()) < 1000
    assert sold.json("personal", "list")["fields"] == [NAME, PHONE]


def test_values_are_shown(sold: CommandLine) -> None:
    """Values are listed for who has to know them, and chosen by what is said."""
    assert sold.json("personal", "list") == {
        "log": "localhost/log/main",
        "fields": [NAME, PHONE],
        "values": 3,
        "erased": 0,
    }
    shown = sold.json("personal", "show", "--code", "(01)09506000134352(21)B")
    assert [(one["seq"], one["field"], one["value"]) for one in shown] == [
        (2, NAME, "Zhang Wei"),
        (2, PHONE, 7),
    ]
    assert shown[0]["log"] == "localhost/log/main"
    assert sold.json("personal", "show", "--field", PHONE, "--value", "7")[0]["value"] == 7
    assert sold.json("personal", "show", "--older-than", "1") == []
    assert len(sold.json("personal", "show", "--older-than", "0")) == 3
    assert WANG in sold("personal", "show", "--event", "urn:x:A").out
    assert sold("personal", "show", "--code", "(01)09506000134353(21)B").status == 1


def test_without_yes_nothing_is_erased(sold: CommandLine) -> None:
    """What would be erased is shown, and nothing is changed."""
    answer = sold("erase", "--value", WANG, "--reason", "asked")
    assert answer.status == 0
    assert WANG in answer.out
    assert "Nothing was erased" in answer.out
    assert [one["value"] for one in sold.json("erase", "--value", WANG)] == [WANG]
    assert sold.json("personal", "list")["erased"] == 0
    assert sold.size() == 3


def test_erasing_with_a_certificate(sold: CommandLine) -> None:
    """The values are gone, the ledger verifies, and the certificate is checked without it."""
    [key] = sold.json("key", "list")
    said = sold.json(
        *("erase", "--value", WANG, "--reason", "asked", "--yes"),
        *("--certificate", "gone.tlog-proof", "--submitter", "dpo"),
    )
    assert said == {
        "erased": [{"log": "localhost/log/main", "seq": 1, "field": NAME}],
        "entries": [3],
        "certificates": ["gone.tlog-proof"],
        "log": "localhost/log/main",
        "scrubbed": True,
    }
    assert WANG.encode() not in raw(sold)
    assert sold.size() == 4
    assert sold.json("personal", "list")["erased"] == 1
    sold.database.rename(sold.folder / "away.db")
    checked = sold.json("check-proof", "gone.tlog-proof", "--key", key["key"])
    assert (checked["holds"], checked["seq"]) == (True, 3)
    assert checked["erases"] == f"localhost/log/main 1 /{NAME.replace('/', '~1')}"
    assert (checked["reason"], checked["by"]) == ("asked", "dpo")
    assert checked["erased_at"].endswith("Z")
    assert "asked" in sold("check-proof", "gone.tlog-proof", "--key", key["key"]).out


def test_erasing_as_text(sold: CommandLine) -> None:
    """A sentence says how many values are gone and where that stands."""
    answer = sold("erase", "--event", "urn:x:B", "--reason", "x", "--yes", "--certificate", "c.p")
    assert answer.out == (
        "erased: 2; entries of localhost/log/main that say so: 3\nc.p: the certificate\n"
    )
    again = sold("erase", "--event", "urn:x:B", "--reason", "x", "--yes", "--certificate", "d.p")
    assert again.out == "erased: 0; entries of localhost/log/main that say so: none\n"
    assert not Path("d.p").exists()


def test_several_certificates(sold: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where several entries say so, the further certificates get numbers."""
    monkeypatch.setattr("ledger.erasing._AT_ONCE", 2)
    said = sold.json(
        *("erase", "--older-than", "0", "--reason", "x", "--yes", "--certificate", "c.proof")
    )
    assert said["certificates"] == ["c.proof", "c-2.proof"]
    assert all((sold.folder / name).read_text("utf-8") for name in said["certificates"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--yes", "--reason", "x"], "Say which values"),
        ([], "Say which values"),
        (["--event", "urn:x:A", "--yes"], "Give a reason"),
        (["--event", "urn:x:A", "--yes", "--reason", " "], "Give a reason"),
    ],
)
def test_what_has_to_be_said(sold: CommandLine, options: list[str], said: str) -> None:
    """Without a choice or a reason nothing is erased, and the exit status is 2."""
    answer = sold("erase", *options)
    assert answer.status == 2
    assert said in answer.sentence()
    assert sold.json("personal", "list")["erased"] == 0


def test_a_reader_is_in_the_way(sold: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """That old pages aren't clean yet is said; the values are erased all the same."""
    monkeypatch.setattr("suyuan.cli.personal.scrub", lambda _: False)
    answer = sold("erase", "--event", "urn:x:A", "--reason", "x", "--yes")
    assert answer.status == 0
    assert "aren't clean yet" in answer.out
    said = sold.json("erase", "--event", "urn:x:B", "--reason", "x", "--yes")
    assert said["scrubbed"] is False


def test_a_certificate_that_cant_be_written(sold: CommandLine) -> None:
    """Where the file can't be made nothing is erased, as the certificate would be lost."""
    answer = sold(
        *("erase", "--event", "urn:x:A", "--reason", "x", "--yes"),
        *("--certificate", "no/such/folder/c.p"),
    )
    assert answer.status == 3
    answer.sentence()
    assert sold.json("personal", "list")["erased"] == 0


@pytest.mark.parametrize(
    "value",
    [
        NASTY,
        "x" * 100_000,
        None,
        True,
        [],
        {},
        {"a~b/c": [NASTY, {"~1": None}], "": 0.5},
        "urn:suyuan:personal:" + "0" * 64,
    ],
)
def test_hostile_values(sold: CommandLine, value: Any) -> None:
    """Whatever stands in a field is sealed, shown without harm, erased, and known again."""
    event = sale("C", value) | {NS + "a~b/c": {NS + "phone": value}}
    report = sold.capture(event)
    assert report["accepted"] == 1
    shown = sold.json("personal", "show", "--event", "urn:x:C")
    assert len(shown) == 2
    text = sold("personal", "show", "--event", "urn:x:C").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x00" not in text
    assert sold.capture(event)["duplicate"] == 1
    assert len(sold.json("erase", "--event", "urn:x:C", "--reason", NASTY, "--yes")["erased"]) == 2
    assert sold.capture(event)["duplicate"] == 1
    assert sold.size() == 5
    proof = sold.json("proof", "urn:x:C")["proof"]
    [key] = sold.json("key", "list")
    assert sold.json("check-proof", sold.write("p", proof), "--key", key["key"])["holds"]


def test_deep_values(sold: CommandLine) -> None:
    """A value nested as deep as an event may be is sealed and erased; a deeper one is refused."""
    deep: Any = WANG
    for _ in range(90):
        deep = [deep]
    sold.capture(sale("C", deep))
    assert len(sold.json("erase", "--value", WANG, "--reason", "x", "--yes")["erased"]) == 2
    for _ in range(200):
        deep = [deep]
    answer = sold("capture", sold.write("deep.json", document(sale("D", deep))))
    assert answer.status == 1
    assert sold.size() == 5


def test_many_values_in_one_event(sold: CommandLine) -> None:
    """A hundred thousand values of one event are sealed, erased by ten entries, and verify."""
    rows = [{NAME: f"Wang {n}"} for n in range(100_000)]
    sold.capture(seen(instance("C"), eventID="urn:x:C") | {NS + "rows": rows})
    assert sold.json("personal", "list")["values"] == 100_003
    said = sold.json("erase", "--event", "urn:x:C", "--reason", "x", "--yes")
    assert (len(said["erased"]), len(said["entries"])) == (100_000, 10)
    assert sold.size() == 14
    assert b"Wang 99999" not in raw(sold)


def test_nothing_else_tells_a_value(sold: CommandLine) -> None:
    """Neither proof, export, item, trace nor receipt holds what is sealed."""
    captured = sold.capture(seen(instance("A"), at="2026-03-04T08:00:00Z") | {NAME: WANG})
    assert WANG not in json.dumps(captured)
    code = instance("A")
    for command in (
        ("proof", code),
        ("item", code),
        ("trace", code, "--direction", "forward"),
        ("verify",),
    ):
        for options in ((), ("--json",)):
            answer = sold(*options, *command)
            assert answer.status == 0, answer
            assert WANG not in answer.out + answer.err
    assert WANG not in sold("personal", "list").out


def test_values_of_sealed_master_data(sold: CommandLine) -> None:
    """An attribute of master data is declared, found by its code, and erased."""
    sold.json("personal", "declare", "urn:example:mda:city")
    place = "https://id.gs1.org/414/9506000134376"
    sold.capture(vocabularies={"Location": [element(place, city=WANG)]})
    shown = sold.json("personal", "show", "--code", place)
    assert [(one["field"], one["value"]) for one in shown] == [("urn:example:mda:city", WANG)]
    sold.json("erase", "--code", place, "--reason", "x", "--yes")
    assert sold.json("personal", "show", "--code", place) == []
    sold.size()


def test_a_value_that_vanished_is_found(sold: CommandLine) -> None:
    """`verify` names the entry whose value is gone without one that says so, with exit status 1."""
    with closing(sqlite3.connect(sold.database)) as connection, connection:
        connection.execute("UPDATE personal_value SET salt = NULL, value = NULL WHERE seq = 1")
    answer = sold("--json", "verify", "--full")
    assert answer.status == 1
    [log] = answer.json["logs"]
    [finding] = log["findings"]
    assert (finding["seq"], finding["column"], finding["kind"]) == (
        1,
        "personal_value.value",
        "erasure",
    )
