"""What stands beside a log's entries and is signed: its keys, others' signatures, stated losses.

15. a log that has lost entries, and goes on as another one, is as long as the signed statement of
    that says, and has the root that it says (`ledger.recovery`);
16. the keys of the log are those that its entries state, in every place that says which these are
    (`ledger.loggedkeys`);
17. each witness's cosignature holds over the checkpoint that it stands under;
18. each time stamp is over the checkpoint of its size, and holds under a root certificate where one
    is kept beside the keys (`ledger.timestamps`).

Nothing here writes.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ledger.cosignatures import cosignature_findings
from ledger.errors import StoreError
from ledger.log.entry import decode_entry
from ledger.log.report import Finding, Kind
from ledger.log.verify import MAX_FINDINGS
from ledger.loggedkeys import KeyCheck
from ledger.schemas import KEY_SCHEMA
from ledger.statements import statements
from ledger.store.sets import fetch
from ledger.timestamps import time_stamp_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cryptography.x509 import Certificate
    from sqlalchemy import Connection

    from ledger.log.keyring import KeyRing
    from ledger.log.report import Report
    from ledger.organisations import Organisation
    from ledger.recovery import Loss

__all__ = ["loss_findings", "signature_findings", "stamp_findings"]


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


def stamp_findings(
    connection: Connection,
    one: Organisation,
    roots: Callable[[], Sequence[Certificate]],
    tell: Callable[[str], None],
) -> list[Finding]:
    """Step 18, once the log was found to be sound.

    Args:
        connection: The ledger.
        one: The log.
        roots: Gives the trusted root certificates of time stamping authorities.
        tell: Told what could not be checked.
    """
    sql = "SELECT count(*) FROM time_stamp WHERE log_id = {p}"
    [(stamps,)] = fetch(connection, sql, one.row)
    if not stamps:
        return []
    trusted = roots() or None
    try:
        found = list(
            islice(time_stamp_findings(connection, one.row, one.origin, trusted), MAX_FINDINGS)
        )
    except StoreError as error:
        tell(f"Time stamps of {one.origin}: {stamps}, not checked. {error} {error.fix}")
        return []
    if not found and trusted is None:
        tell(
            f"Time stamps of {one.origin}: {stamps}, each over its checkpoint. Who has signed them"
            " wasn't checked, as no root certificate is kept beside the keys."
        )
    return found
