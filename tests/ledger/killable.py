"""A writer that is meant to be killed: `python -m tests.ledger.killable URL KEYS NAME FROM`.

It captures events with the eventIDs `urn:x:NAME:FROM`, `FROM + 1` and so on, from several threads, and
tells each one's id on a line of its own once the ledger has acknowledged it. What is told may never be
lost; what isn't may be there or not, but never twice.
"""

import io
import itertools
import json
import sys
import threading
from pathlib import Path

from ledger.capture import capture
from ledger.errors import StoreError
from ledger.jobs import settle, submit
from ledger.keys import KeyFolder
from ledger.organisations import find_organisation
from ledger.receipts import Mode
from ledger.sequencing import LogAccess, Sequencer
from ledger.store.engine import open_engine, reading
from tests.ledger.builders import FIRST_TIME, document, instance, seen

THREADS = 3
"""Two capture and wait, one hands in and lets others store it."""


def main(url: str, keys: str, name: str, start: str) -> None:
    """Write until somebody ends it."""
    engine = open_engine(url)
    with reading(engine) as connection:
        owner = find_organisation(connection, "main")
    ticks = itertools.count(FIRST_TIME)
    access = LogAccess.by_keys(engine, KeyFolder(Path(keys)), owner, lambda: next(ticks))
    sequencer, numbers, telling = Sequencer(), itertools.count(int(start)), threading.Lock()

    def write(*, waits: bool) -> None:
        while True:
            number = next(numbers)
            event_id = f"urn:x:{name}:{number}"
            one = seen(instance(f"{name}-{number % 7}"), eventID=event_id)
            body = json.dumps(document(one)).encode()
            try:
                if waits:
                    done = capture(access, io.BytesIO(body), submitter=name, sequencer=sequencer)
                    said = "in" if done.committed else "refused"
                else:
                    submit(access, body, submitter=name, key=event_id, mode=Mode.ROLLBACK)
                    said = "kept"
                    if number % 5 == 0:
                        settle(access)
            except StoreError as error:
                said = f"failed {error}"
            with telling:
                sys.stdout.write(f"{said} {event_id}\n")
                sys.stdout.flush()

    for number in range(THREADS):
        threading.Thread(target=write, kwargs={"waits": number + 1 < THREADS}, daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
