"""What stands beside a log's entries and is signed: its keys, others' signatures, stated losses.

15. a log that has lost entries, and goes on as another one, is as long as the signed statement of
    that says, and has the root that it says (`ledger.recovery`);
16. the keys of the log are those that its entries state, in every place that says which these are
    (`ledger.loggedkeys`);
17. each witness's cosignature holds over the checkpoint that it stands under.

Nothing here writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.cosignatures import cosignature_findings
from ledger.log.entry import decode_entry
from ledger.log.report import Finding, Kind
from ledger.loggedkeys import KeyCheck
from ledger.schemas import KEY_SCHEMA
from ledger.statements import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from ledger.log.keyring import KeyRing
    from ledger.log.report import Report
    from ledger.organisations import Organisation
    from ledger.recovery import Loss

__all__ = ["loss_findings", "signature_findings"]


def loss_findings(loss: Loss, report: Report) -> Iterator[Finding]:
    """Step 15."""
    said = loss.recovery
    if (report.size, report.root) != (said.size, loss.root):
        text = f"The recovery {loss.successor} says that {said.size} entries were left of this log."
        yield Finding(report.log, None, "seq", Kind.CHECKPOINT, text)


def signature_findings(connection: Connection, one: Organisation, ring: KeyRing) -> list[Finding]:
    """Steps 16 and 17, once the log was found to be sound.

    Args:
        connection: The ledger.
        one: The log.
        ring: Its keys, as `ledger.loggedkeys.trusted_keys` gave them.
    """
    check = KeyCheck(one, ring)
    found: list[Finding] = []
    for seq, raw in statements(connection, one.row, KEY_SCHEMA):
        found += check.take(seq, decode_entry(raw))
    found += check.findings(connection)
    found += cosignature_findings(connection, one.row, one.origin)
    return found
