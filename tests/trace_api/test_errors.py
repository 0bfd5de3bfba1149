"""What callers are told, and what stands in the log instead."""

import logging
from typing import Any

import pytest
from graphql import build_schema, execute_sync, parse
from sqlalchemy import Connection, Engine, event

from ledger.errors import StoreError
from ledger.store.engine import open_engine
from tests.trace_api.house import LOT, House
from trace_api.errors import told

ITEM = "query($code: String!) { item(code: $code) { code } }"


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ('{ item(code: "urn:uuid:none") { code } }', "NOT_FOUND", "No event"),
        ('{ trace(code: "urn:uuid:none") { root } }', "NOT_FOUND", "No event"),
        ('{ events(code: "urn:uuid:none") { edges { cursor } } }', "NOT_FOUND", "No event"),
        ('{ verify(organisation: "none") { log } }', "NOT_FOUND", "No organisation"),
        ('{ item(code: "(01)09506000134353") { code } }', "INVALID_CODE", "check digit"),
        ('{ item(code: "pump 7") { code } }', "INVALID_CODE", "Expected"),
        ('{ item(code: "") { code } }', "INVALID_CODE", "Expected"),
        ('{ events(bizStep: "a\\u0000b") { edges { cursor } } }', "INVALID_ARGUMENT", "bizStep"),
        ('{ events(bizStep: "\\uD800") { edges { cursor } } }', "INVALID_QUERY", "Syntax"),
        ('{ verify(organisation: "a\\u0000") { log } }', "INVALID_ARGUMENT", "organisation"),
        ('{ events(after: "x") { edges { cursor } } }', "INVALID_ARGUMENT", "cursor"),
        ('{ item(code: "urn:a:b", asOf: "soon") { code } }', "INVALID_QUERY", "Expected a time"),
        ('{ item(code: "urn:a:b", asOf: 5) { code } }', "INVALID_QUERY", "in quotes"),
        ("{ item { code } }", "INVALID_QUERY", "'code'"),
        ("{ nothing }", "INVALID_QUERY", "nothing"),
        ("{", "INVALID_QUERY", "Syntax Error"),
        ("type T { a: Int }", "INVALID_QUERY", "one operation"),
        ("query A { __typename } query B { __typename }", "INVALID_QUERY", "operationName"),
        ("subscription { events }", "INVALID_QUERY", "subscription"),
    ],
)
def test_what_the_caller_did(house: House, query: str, code: str, says: str) -> None:
    """The caller's own mistakes are told in a sentence, each with its code."""
    found, message = house.refusal(query)
    assert found == code, message
    assert says in message


@pytest.mark.parametrize(
    ("variables", "code", "says"),
    [
        ({}, "INVALID_QUERY", "$code"),
        ({"code": 5}, "INVALID_QUERY", "String"),
        ({"code": "\0"}, "INVALID_ARGUMENT", "can't be stored"),
        ({"code": "\ud800"}, "INVALID_ARGUMENT", "can't be stored"),
        ({"code": "urn:x:" + "a" * 2000}, "INVALID_ARGUMENT", "2000"),
    ],
)
def test_wrong_variables(house: House, variables: dict[str, Any], code: str, says: str) -> None:
    """Values of variables are checked like those in the document."""
    found, message = house.refusal(ITEM, variables)
    assert found == code, message
    assert says in message


def test_null_for_what_must_be_there(house: House) -> None:
    """A null that only the execution finds out about is still the caller's mistake."""
    query = 'query($c: String = "x") { item(code: $c) { code } }'
    assert house.refusal(query, {"c": None})[0] == "INVALID_QUERY"


def test_times_in_variables(house: House) -> None:
    """A time in a variable is text, and a real one."""
    query = "query($c: String!, $t: DateTime) { trace(code: $c, asOf: $t) { asOf } }"
    for wrong in (5, True, "soon", "2026-02-30", "2026-03-01T08:00:00+99:00"):
        code, message = house.refusal(query, {"c": LOT, "t": wrong})
        assert code == "INVALID_QUERY"
        assert "Expected a time" in message
    for right, said in {
        None: None,
        "2026-03-01": "2026-03-01T23:59:59.999999Z",
        "2026-03-01T08:00:00+08:00": "2026-03-01T00:00:00.000Z",
    }.items():
        assert house.data(query, {"c": LOT, "t": right})["trace"] == {"asOf": said}


def test_defects_at_the_end_are_masked(house: House) -> None:
    """An exception when the snapshot is closed is masked like any other."""

    def refuse(_connection: Connection) -> None:
        raise OSError("/secret/path")

    event.listen(house.resources.engine, "commit", refuse)
    answer = house.ask(ITEM, {"code": LOT})
    event.remove(house.resources.engine, "commit", refuse)
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert "secret" not in answer["errors"][0]["message"]


def test_long_texts_are_shortened(empty_house: House) -> None:
    """A message never repeats a long text of the caller's whole."""
    _code, message = empty_house.refusal("{ " + "a" * 10_000 + " }")
    assert len(message) < 600


def test_store_errors(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A store that fails is told in general words; file names stand in the log only."""
    engine = open_engine("sqlite:////proc/nothing.db")
    broken = house.with_resources(engine=engine)
    with caplog.at_level(logging.ERROR, "trace_api"):
        code, message = broken.refusal(ITEM, {"code": LOT})
    assert code == "UNAVAILABLE"
    assert "nothing.db" not in message
    (record,) = caplog.records
    assert record.args is not None
    assert str(record.args[0]) in message  # type: ignore[index]
    assert isinstance(record.exc_info[1] if record.exc_info else None, StoreError)


def test_missing_tables(empty_house: House, empty_database_url: str) -> None:
    """A database without tables is unavailable, not a defect."""
    engine = open_engine(empty_database_url)
    try:
        broken = empty_house.with_resources(engine=engine)
        assert broken.refusal(ITEM, {"code": LOT})[0] == "UNAVAILABLE"
    finally:
        engine.dispose()


@pytest.mark.parametrize("debug", [False, True])
def test_defects_are_masked(
    house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    *,
    debug: bool,
) -> None:
    """An unexpected exception is told as an internal error with an id, and logged under it."""

    def defect(_engine: Engine) -> None:
        raise ZeroDivisionError("password=swordfish")

    monkeypatch.setattr("trace_api.resources.reading", defect)
    with caplog.at_level(logging.ERROR, "trace_api"):
        answer = house.with_resources(debug=debug).ask(ITEM, {"code": LOT})
    (error,) = answer["errors"]
    assert answer["data"] == {"item": None}
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["path"] == ["item"]
    assert error["message"].startswith("Internal error ")
    assert ("swordfish" in error["message"]) is debug
    assert "ZeroDivisionError" in caplog.text
    assert caplog.records[0].getMessage().removeprefix("error ") in error["message"]


def test_damaged_entries_are_masked(house: House) -> None:
    """An entry that can't be read is told as such, without its bytes."""
    with house.resources.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET bytes = leaf WHERE seq = 1")
    code, message = house.refusal("{ events { edges { node { eventId } } } }")
    assert code == "UNAVAILABLE"
    assert message.startswith("A stored record can't be read")


def test_values_we_fail_to_write_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    """A value that doesn't fit its type is our defect, and is told as one."""
    result = execute_sync(build_schema("type Query { n: Int }"), parse("{ n }"), {"n": "swordfish"})
    with caplog.at_level(logging.ERROR, "trace_api"):
        (error,) = told(result.errors or (), debug=False)
    assert error.extensions == {"code": "INTERNAL"}
    assert "swordfish" not in error.message
    assert "swordfish" in caplog.text
