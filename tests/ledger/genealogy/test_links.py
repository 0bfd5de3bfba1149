"""The reader of links: what is seen at a moment, and how questions without an object end."""

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.genealogy.intervals import FOREVER
from ledger.genealogy.links import LinkReader
from ledger.genealogy.roles import Role
from ledger.store.engine import reading
from tests.ledger.builders import Ledger
from tests.ledger.genealogy.asking import at, declare, make, see


@contextmanager
def opened(
    ledger: Ledger, *, as_of: int | None = None, known_at: int | None = None
) -> Iterator[LinkReader]:
    """Open a reader on a ledger."""
    with reading(ledger.engine) as connection:
        yield LinkReader.open(connection, as_of=as_of, known_at=known_at)


def test_now_is_everything_that_is_not_taken_back(ledger: Ledger) -> None:
    """Without times, all links are read but those of events declared errors."""
    wrong = make(2, "b", "c", eventID="urn:uuid:5a0c1c58-0d8e-4fb5-8f44-000000000001")
    ledger.take(make(1, "a", "b"), wrong, declare(wrong))
    with opened(ledger) as links:
        assert (links.as_of, links.newest_event) == (FOREVER, FOREVER)
        assert len(links.hidden) == 1
        found = links.of_items(range(1, 9), (Role.INPUT, Role.OUTPUT))
        assert sorted((row[1], row[4]) for row in found) == [
            (Role.INPUT, at(1)),
            (Role.OUTPUT, at(1)),
        ]


def test_only_the_roles_that_are_asked_for(ledger: Ledger) -> None:
    """A reader gives the links of items or nodes in the roles it is asked about."""
    ledger.take(make(1, "a", "b"), see(2, "a"))
    with opened(ledger) as links:
        [row] = links.of_items(range(1, 9), (Role.INPUT,))
        assert [one[0] for one in links.of_nodes({row[3]}, (Role.OUTPUT, Role.INPUT))] != [row[0]]
        assert links.of_nodes({row[3]}, (Role.OBSERVED,)) == []


def test_no_ids_or_no_roles_is_no_link(ledger: Ledger) -> None:
    """A question about nothing is answered without the database."""
    ledger.take(make(1, "a", "b"))
    with opened(ledger) as links:
        assert links.of_items((), (Role.INPUT,)) == []
        assert links.of_items({1, 2}, ()) == []
        assert links.of_nodes({1, 2}, ()) == []


def test_before_the_first_event_nothing_is_known(ledger: Ledger) -> None:
    """An empty ledger, or a time before the first event, gives no link and no error."""
    with opened(ledger, known_at=at(1)) as links:
        assert links.newest_event == 0
    ledger.take(make(1, "a", "b"), now=lambda: at(100))
    with opened(ledger, known_at=at(99)) as links:
        assert links.of_items({1, 2}, (Role.INPUT, Role.OUTPUT)) == []


def test_both_times_hold_together(ledger: Ledger) -> None:
    """As of one time and as known at another leaves what satisfies both."""
    ledger.take(make(5, "a", "b"), now=lambda: at(100))
    ledger.take(make(1, "a", "c"), now=lambda: at(200))
    with opened(ledger, as_of=at(4), known_at=at(150)) as links:
        assert links.of_items(range(1, 9), (Role.OUTPUT,)) == []
    with opened(ledger, as_of=at(4), known_at=at(200)) as links:
        assert [row[4] for row in links.of_items(range(1, 9), (Role.OUTPUT,))] == [at(1)]
    with opened(ledger, as_of=at(5), known_at=at(150)) as links:
        assert [row[4] for row in links.of_items(range(1, 9), (Role.OUTPUT,))] == [at(5)]
