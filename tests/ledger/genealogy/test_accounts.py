"""The account of one strand: receipts find their shipments, and stocks are what they should be."""

import time

from ledger.genealogy.accounts import Account, GapKind, Reason, keep_account
from ledger.genealogy.flows import EventRow, Flow, FlowKind

SHIPPED, RECEIVED, PRODUCED = FlowKind.SHIPPED, FlowKind.RECEIVED, FlowKind.PRODUCED


def flow(kind: FlowKind, minute: int, amount: int, to: str | None = None, log: int = 1) -> Flow:
    """Return a flow of an event of its own."""
    number = minute * 10 + log
    event = EventRow(number, log, str(number), 0, 2, minute, kind.value, None, None, to)
    return Flow(kind, event, amount)


def gaps(account: Account) -> list[tuple[GapKind, int, int]]:
    """Return kind, amount and time of each gap."""
    return [(gap.kind, int(gap.amount), gap.flow.event.time) for gap in account.gaps]


def test_the_shipment_of_the_same_amount_is_closed_first() -> None:
    """Of two shipments the one that fits is received, whichever is older."""
    account = keep_account(
        [flow(PRODUCED, 0, 30), flow(SHIPPED, 1, 20), flow(SHIPPED, 2, 10), flow(RECEIVED, 3, 10)]
    )
    assert (account.transit, gaps(account)) == (20, [])
    assert [(one.event.time, rest) for one, rest in account.under_way] == [(1, 20)]


def test_a_shipment_that_was_received_in_parts() -> None:
    """The rest of a shipment is found by what is left of it, not by what it was."""
    account = keep_account(
        [
            flow(SHIPPED, 1, 20),
            flow(SHIPPED, 2, 20),
            flow(RECEIVED, 3, 5),
            flow(RECEIVED, 4, 20),
            flow(RECEIVED, 5, 15),
        ]
    )
    assert (account.transit, gaps(account)) == (0, [])


def test_parties_are_not_mixed() -> None:
    """What was shipped to one party is not received by another; who names none may be either."""
    sent = [flow(SHIPPED, 1, 10, "bob"), flow(SHIPPED, 2, 10, "eve")]
    assert keep_account([*sent, flow(RECEIVED, 3, 10, "eve", 2)]).under_way[0][0].event.to == "bob"
    assert keep_account([*sent, flow(RECEIVED, 3, 10, "joe", 2)]).transit == 20
    assert keep_account([*sent, flow(RECEIVED, 3, 10, None, 2)]).under_way[0][0].event.to == "eve"


def test_a_receipt_before_its_shipping() -> None:
    """A shipping that is told with a later time is found, and the times are a question."""
    account = keep_account([flow(RECEIVED, 1, 10, log=2), flow(SHIPPED, 2, 10)])
    assert account.transit == 0
    reasons = {doubt.reason for doubt in account.doubts}
    assert reasons == {Reason.TIMES_CONTRADICT, Reason.NO_SOURCE}
    assert account.unknown == {1}


def test_many_shipments_take_no_square_of_time() -> None:
    """Receipts look their shipments up, so that a hostile log can't make a balance crawl."""
    many = 20_000
    flows = [flow(PRODUCED, 0, many * many)]
    flows += [flow(SHIPPED, number, number, "bob") for number in range(1, many)]
    flows += [flow(RECEIVED, many + number, number, "bob", 2) for number in range(1, many // 2)]
    started = time.process_time()
    account = keep_account(flows)
    assert len(account.under_way) == many // 2
    assert time.process_time() - started < 20
