"""What a trace over GraphQL may be made of, and how long it may take."""

import pytest

from ledger.organisations import add_organisation
from ledger.verification import Scope, verify_ledger
from ledger.verifying.marks import MarkFolder
from tests.trace_api.house import LOT, PACK, House, document, event

ASK = """query($c: String!, $t: [String!], $v: Boolean! = false) {
  trace(code: $c, toldBy: $t, verified: $v) {
    complete itemCount heads { log size } cut { reason count at(first: 5) }
  }
}"""


def test_logs_that_may_not_be_read(house: House) -> None:
    """Another organisation goes on with a pack: that is said, and no more."""
    resources = house.resources
    other = add_organisation(
        resources.engine, resources.keys, slug="other", name="Other", host="localhost"
    )
    used = event(
        7,
        "TransformationEvent",
        inputEPCList=[f"{PACK}/21/S1"],
        outputEPCList=[f"{PACK}/21/NEW"],
    )
    House(resources, other, house.client).capture(document([used]))
    assert house.data(ASK, {"c": LOT})["trace"]["itemCount"] == 5
    told = house.data(ASK, {"c": LOT, "t": ["main"]})["trace"]
    assert told["itemCount"] == 4
    assert told["cut"] == [{"reason": "rights", "count": 1, "at": [f"{PACK}/21/S1"]}]
    assert [one["log"] for one in told["heads"]] == ["localhost/log/main"]
    difference = house.data(
        """query($c: String!, $t: [String!]) {
          traceDifference(code: $c, before: "2020-01-01T00:00:00Z", toldBy: $t) {
            added { edges { node { code } } } after { cut { reason } } } }""",
        {"c": LOT, "t": ["main"]},
    )["traceDifference"]
    assert len(difference["added"]["edges"]) == 4
    assert difference["after"]["cut"] == [{"reason": "rights"}]
    assert house.refusal(ASK, {"c": f"{PACK}/21/NEW", "t": ["main"]})[0] == "NOT_FOUND"
    assert house.refusal(ASK, {"c": LOT, "t": ["nobody"]})[0] == "NOT_FOUND"


def test_entries_that_are_not_verified(house: House) -> None:
    """The marks are those of `suyuan verify`; one that can't be trusted is an error."""
    assert house.refusal(ASK, {"c": LOT, "v": True})[0] == "NOT_FOUND"
    marks = MarkFolder.beside(house.resources.keys)
    verify_ledger(house.resources.engine, house.resources.keys, scope=Scope(marks=marks))
    assert house.data(ASK, {"c": LOT, "v": True})["trace"]["complete"]
    [file] = marks.folder.glob("*.verified")
    file.write_bytes(b"forged")
    code, message = house.refusal(ASK, {"c": LOT, "v": True})
    assert code == "UNAVAILABLE"
    assert "verification" in message


@pytest.mark.parametrize("seconds", [0, -1, 21])
def test_seconds_have_a_limit(house: House, seconds: int) -> None:
    """A request may not take a thread for as long as it likes."""
    ask = f'{{ trace(code: "urn:a:b", maxSeconds: {seconds}) {{ complete }} }}'
    assert house.refusal(ask) == (
        "LIMIT_EXCEEDED",
        f"Expected maxSeconds from 1 to 20, got {seconds}.",
    )
