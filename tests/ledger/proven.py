"""What a proof file shows, for tests that only want to go on with it."""

from collections.abc import Iterable

from ledger.log.checkpoint import Checkpoint
from ledger.log.entry import Entry
from ledger.log.note import Key
from ledger.proof_files import CheckedInclusion, check_proof_file


def proven_entry(text: str | bytes, keys: Iterable[Key]) -> tuple[Checkpoint, Entry]:
    """Check a proof file that holds its entry; return the checkpoint and the entry."""
    checked = check_proof_file(text, keys)
    assert isinstance(checked, CheckedInclusion)
    assert checked.entry is not None
    return checked.checkpoint, checked.entry
