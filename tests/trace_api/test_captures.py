"""The mutation: keys, receipts and its own errors."""

import dataclasses
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ledger.access import revoke_token, tokens
from ledger.capture import capture
from ledger.keys import KeyFolder
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.organisations import add_organisation
from ledger.query import events
from ledger.store.engine import reading, writing
from tests.trace_api.house import CASE, PACK, House, document, event, life

Operation = Callable[[str], str]
SEEN = event(5, "ObjectEvent", action="OBSERVE", epcList=[CASE])


def test_without_a_key(house: House, operation: Operation) -> None:
    """Without a key nothing is stored, and the error says how to send one."""
    done = house.data(operation("capture"), {"document": document([SEEN])})["capture"]
    assert [error["code"] for error in done["errors"]] == ["UNAUTHENTICATED"]
    assert "Authorization" in done["errors"][0]["message"]
    assert (done["log"], done["committed"], done["receipts"]) == (None, False, [])
    with reading(house.resources.engine) as connection:
        assert len(events(connection, first=10)) == 4


@pytest.mark.parametrize("key", ["", "x", "suyuan_", "密钥".encode().decode("latin-1"), "a" * 5000])
def test_with_a_wrong_key(empty_house: House, operation: Operation, key: str) -> None:
    """A key that was never issued is as good as none."""
    response = empty_house.client.send(
        "POST",
        json={"query": operation("capture"), "variables": {"document": document([SEEN])}},
        headers=[(b"authorization", f"Bearer {key}".encode("latin-1"))],
    )
    (error,) = response.json()["data"]["capture"]["errors"]
    assert error["code"] == "UNAUTHENTICATED"


def test_with_another_scheme(empty_house: House, operation: Operation) -> None:
    """A key counts only as a bearer token, whose scheme is spelt in any case."""
    key = empty_house.key()
    sent = {"query": operation("capture"), "variables": {"document": document(life())}}
    committed = {}
    for scheme in ("Basic", "Bearer", "bearer"):
        headers = {"Authorization": f"{scheme} {key}"}
        answer = empty_house.client.send("POST", json=sent, headers=headers).json()
        committed[scheme] = answer["data"]["capture"]["committed"]
    assert committed == {"Basic": False, "Bearer": True, "bearer": True}


def test_with_a_revoked_key(house: House, operation: Operation) -> None:
    """A revoked key is refused from then on."""
    key = house.key()
    with writing(house.resources.engine) as connection:
        (token,) = tokens(connection)
        revoke_token(connection, token.row, house.resources.now())
    done = house.data(operation("capture"), {"document": document([SEEN])}, key)["capture"]
    assert [error["code"] for error in done["errors"]] == ["UNAUTHENTICATED"]


def test_the_key_decides_the_log(house: House, operation: Operation) -> None:
    """Events go to the log of the key's organisation, with the key's name as their submitter."""
    resources = house.resources
    other = add_organisation(
        resources.engine, resources.keys, slug="other", name="Other", host="localhost"
    )
    key = dataclasses.replace(house, organisation=other).key("gate 7")
    done = house.data(operation("capture"), {"document": document([SEEN])}, key)["capture"]
    assert done["log"] == "localhost/log/other"
    with reading(resources.engine) as connection:
        last = events(connection, first=10)[-1]
    assert (last.log, last.seq, last.submitter) == ("localhost/log/other", 0, "other/gate 7")


def test_duplicates_and_conflicts(house: House, operation: Operation) -> None:
    """The same event again is a duplicate; the same id with other content is a conflict."""
    key = house.key()
    again = house.data(operation("capture"), {"document": document(life())}, key)["capture"]
    assert (again["duplicate"], again["accepted"], again["errors"]) == (4, 0, [])
    changed = {**life()[0], "disposition": "damaged"}
    done = house.data(operation("capture"), {"document": document([changed])}, key)["capture"]
    assert (done["conflict"], done["committed"]) == (1, False)
    assert [(error["code"], error["rule"]) for error in done["errors"]] == [
        ("CONFLICT", "capture.conflict")
    ]


@pytest.mark.parametrize(("mode", "stored"), [("ROLLBACK", 0), ("PROCEED", 1)])
def test_modes(house: House, operation: Operation, mode: str, stored: int) -> None:
    """Under rollback a refused event takes the others with it; under proceed they stay."""
    bad = event(6, "ObjectEvent", action="SEE", epcList=[CASE])
    variables = {"document": document([SEEN, bad]), "mode": mode}
    done = house.data(operation("capture"), variables, house.key())["capture"]
    assert done["mode"] == mode
    assert done["committed"] is bool(stored)
    # Only the cause is an error of its own, not what fell with it.
    assert [(error["code"], error["pointer"]) for error in done["errors"]] == [
        ("REJECTED", "/epcisBody/eventList/1/action")
    ]
    with reading(house.resources.engine) as connection:
        assert len(events(connection, first=10)) == 4 + stored


def test_chinese_messages(house: House, operation: Operation) -> None:
    """Messages come in the language that was asked for."""
    bad = event(6, "ObjectEvent", action="SEE", epcList=[CASE])
    variables = {"document": document([bad]), "language": "ZH_CN"}
    done = house.data(operation("capture"), variables, house.key())["capture"]
    assert "应为 ADD" in done["errors"][0]["message"]
    assert done["receipts"][0]["problems"][0]["severity"] == "ERROR"


@pytest.mark.parametrize(
    "text", ["", "{", "<epcis/>", "pump 7", "[1]", '{"a": "\ud800"}', "[" * 9999]
)
def test_what_is_no_document(house: House, operation: Operation, text: str) -> None:
    """A document that can't be read is an error of the mutation, with a sentence."""
    sent = json.dumps({"query": operation("capture"), "variables": {"document": text}})
    headers = {"Authorization": f"Bearer {house.key()}", "Content-Type": "application/json"}
    answer = house.client.send("POST", content=sent, headers=headers).json()
    assert "errors" not in answer, answer
    done = answer["data"]["capture"]
    assert done["committed"] is False
    assert done["errors"][0]["code"] in {"INVALID_DOCUMENT", "REJECTED"}
    assert done["errors"][0]["message"].endswith((".", ")", "。"))


def test_a_missing_signing_key(house: House, operation: Operation, tmp_path: Path) -> None:
    """When the store can't be written the caller learns that, and no path of the server."""
    without = house.with_resources(keys=KeyFolder(tmp_path / "nowhere"))
    done = without.data(operation("capture"), {"document": document([SEEN])}, house.key())[
        "capture"
    ]
    (error,) = done["errors"]
    assert error["code"] == "UNAVAILABLE"
    assert str(tmp_path) not in error["message"]
    assert done["committed"] is False


def test_receipts_are_capped(house: House, operation: Operation) -> None:
    """No more receipts are returned than were asked for; the counts tell the rest."""
    seen = [
        event(5, "ObjectEvent", action="OBSERVE", epcList=[f"{PACK}/21/S{n}"]) for n in range(9)
    ]
    for number, one in enumerate(seen):
        one["eventID"] += f"-{number}"
    variables = {"document": document(seen), "first": 3}
    done = house.data(operation("capture"), variables, house.key())["capture"]
    assert (done["accepted"], len(done["receipts"])) == (9, 3)


def test_memory_of_reports(house: House) -> None:
    """What was captured past the API has the same receipts as what came through it."""
    resources = house.resources
    report = capture(
        resources.access(house.organisation),
        BytesIO(document(life()).encode()),
        submitter="test",
    )
    ask = "mutation($d: String!) {capture(document: $d) {receipts {pointer event seq}}}"
    done = house.data(ask, {"d": document(life())}, house.key())["capture"]
    assert done["receipts"] == [
        {"pointer": one.pointer, "event": one.event_id, "seq": one.seq} for one in report.receipts
    ]


def test_a_key_makes_it_the_same_capture(house: House) -> None:
    """What is sent again with its key gets the same receipts; another document gets a conflict."""
    ask = 'mutation($d: String!) {capture(document: $d, key: "k") {accepted receipts {seq} errors {code}}}'
    bearer = house.key()
    new = document([event(10, "ObjectEvent", action="OBSERVE", epcList=[CASE])])
    first = house.data(ask, {"d": new}, bearer)["capture"]
    assert first["accepted"] == 1
    assert house.data(ask, {"d": new}, bearer)["capture"] == first
    other = house.data(ask, {"d": "[]"}, bearer)["capture"]
    assert [one["code"] for one in other["errors"]] == ["CONFLICT"]


def test_a_known_checkpoint_is_compared(house: House, operation: Operation) -> None:
    """What the log contains is taken, what is none of its checkpoints and what it lost is refused."""
    key, resources = house.key(), house.resources

    def send(number: int, known: str | None) -> Any:
        seen = event(number, "ObjectEvent", action="OBSERVE", epcList=[CASE])
        variables = {"document": document([seen]), "knownCheckpoint": known}
        return house.data(operation("capture"), variables, key)["capture"]

    held = send(6, None)["checkpoint"]
    assert isinstance(held, str)
    assert send(7, held)["committed"]
    for text in ("", held.replace("\n5\n", "\n9\n")):
        done = send(8, text)
        assert [error["code"] for error in done["errors"]] == ["INVALID_CHECKPOINT"]
        assert not done["committed"]
    ask = 'mutation($d: String!, $k: String) {capture(document: $d, key: "k", knownCheckpoint: $k)'
    keyed = ask + " {committed errors {code}}}"
    later = document([event(9, "ObjectEvent", action="OBSERVE", epcList=[CASE])])
    done = house.data(keyed, {"d": later, "k": ""}, key)["capture"]
    assert [error["code"] for error in done["errors"]] == ["INVALID_CHECKPOINT"]
    assert house.data(keyed, {"d": later, "k": held}, key)["capture"]["committed"]
    lost = sign_checkpoint(
        Checkpoint(house.organisation.origin, 5, bytes(32)),
        [resources.keys.signer(house.organisation.origin)],
    )
    done = send(8, lost)
    [error] = done["errors"]
    assert error["code"] == "LOG_REWRITTEN"
    assert "main/line-1 holds" in error["message"]
    done = send(8, None)
    assert [error["code"] for error in done["errors"]] == ["UNAVAILABLE"]
