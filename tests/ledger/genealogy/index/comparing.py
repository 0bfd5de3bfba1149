"""What the tests of the index compare: walks over it, and over the database."""

from typing import Any

from ledger.genealogy.index.view import View
from ledger.genealogy.index.walker import IndexWalker
from ledger.genealogy.links import LinkReader
from ledger.genealogy.walk import Walk, walk

__all__ = ["compare", "told"]


def told(found: Walk) -> dict[str, Any]:
    """Return all that a walk says."""
    return {name: getattr(found, name) for name in Walk.__slots__}


def compare(view: View, links: LinkReader, root: int, **asked: Any) -> None:
    """Fail unless walks that become wide at once, soon or never find what the database finds."""
    expected = told(walk(links, root, **asked))
    for wide in (1, 2, 4, 1000):
        walker = IndexWalker(view, wide)
        assert told(walker(links, root, **asked)) == expected
        if "spans" in asked:
            continue  # ids and depths are asked of the whole root only
        reach = walker.reach(links, root, **asked)
        depths = dict(zip(reach.items.tolist(), reach.depths.tolist(), strict=True))
        assert depths == expected["depth"]
        assert reach.stopped_by == expected["stopped_by"]
