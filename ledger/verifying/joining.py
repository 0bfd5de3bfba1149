"""Putting the segments of one log together: chain, tree, checkpoints, tiles, accounts.

What is held is a few hashes, a row of tile hashes for each level, and the account of the entries;
it doesn't grow with the log but by one byte for each item.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ledger.log.entry import FIRST_PREV
from ledger.log.merkle import CompactRange
from ledger.log.segments import fold, joined_root
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH
from ledger.verifying.projecting import Account, Difference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.verifying.segments import Answer

    ReadTiles = Callable[[int, int, int], list[tuple[Any, Any]]]

__all__ = ["Joint", "tiles_of"]


def tiles_of(size: int) -> int:
    """Return how many tiles, full and partial, stand over so many entries (C2SP tlog-tiles)."""
    count = 0
    while size:
        count += -(-size // TILE_WIDTH)
        size >>= TILE_HEIGHT
    return count


@dataclass(slots=True)
class _Tower:
    """The tiles above the segments, which are compared with the stored ones as they get full."""

    read: ReadTiles
    level: int
    """Of the tiles whose hashes are roots of segments."""
    rows: list[list[bytes]] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """Hashes of each level so far."""
    sound: bool = True

    def add(self, node: bytes) -> None:
        height = 0
        while True:
            if height == len(self.rows):
                self.rows.append([])
                self.counts.append(0)
            self.rows[height].append(node)
            self.counts[height] += 1
            if len(self.rows[height]) < TILE_WIDTH:
                return
            node = fold(self.rows[height])
            self.compare(height)
            height += 1

    def compare(self, height: int) -> None:
        hashes = b"".join(self.rows[height])
        index = (self.counts[height] - 1) // TILE_WIDTH
        if self.read(self.level + height, index, index + 1) != [(index, hashes)]:
            self.sound = False
        self.rows[height].clear()

    def finish(self) -> None:
        for height, row in enumerate(self.rows):
            if row:
                self.compare(height)


class Joint:
    """The segments of one log, taken in order."""

    def __init__(self, width: int, known: Sequence[tuple[int, bytes]], read: ReadTiles) -> None:
        """Begin with none.

        Args:
            width: of segments.
            known: size and root of trees that are known from elsewhere.
            read: the stored tiles of a level, from an index to below another.
        """
        self.tree = CompactRange()
        """Over the segments so far."""
        self.earlier = CompactRange()
        """The tree without the last segment and the one before it: the exact walk begins there, for
        what an entry is blamed for depends on those around it."""
        self.earlier_event = 0
        """The last event of `earlier`."""
        self._before, self._before_event = self.earlier, 0
        self.account = Account()
        self.whole = 0
        """Links of the whole segments."""
        self.proven: int | None = None
        """Size of the newest checkpoint that holds."""
        self.tiles_sound = True
        self.read = 0
        """Entries of the segments that were read."""
        self._width = width
        self._known = known
        self._height = width.bit_length() - 1
        self._tower = _Tower(read, self._height // TILE_HEIGHT)
        self._last_leaf: bytes | None = FIRST_PREV

    def vouch(self, links: int) -> None:
        """Say how many links the segments have that are skipped, or taken with their root."""
        self.account.links = self.whole = links

    def skip(self, root: bytes) -> None:
        """Take a whole segment that isn't read, by its root."""
        self._advance()
        self._add_whole(root)
        self._last_leaf = None

    def take(self, answer: Answer, root: bytes | None = None) -> bool:
        """Take the next segment; tell whether it is sound and fits behind those before.

        Args:
            answer: what was found out about it.
            root: the root that is vouched for, so that its links are counted already.
        """
        segment = answer.segment
        self._advance()
        if not segment.sound or segment.start != self.tree.size:
            return False
        if self._last_leaf is not None and segment.first_prev != self._last_leaf:
            return False
        if root is not None and segment.nodes != (root,):
            return False
        for size, signed in (*answer.signed, *self._known):
            if size in segment.roots and joined_root(self.tree, segment.roots[size]) != signed:
                return False
        links = self.account.links
        try:
            self.account.add(answer.account)
        except Difference:
            return False
        if root is not None:
            self.account.links = links
        for size, _ in (*answer.signed, *self._known):
            if size in segment.roots or not size:
                self.proven = max(size, self.proven or 0)
        self.tiles_sound &= segment.tiles_sound
        self.read += segment.end - segment.start
        self._last_leaf = segment.last_leaf
        if segment.end - segment.start == self._width:
            self._add_whole(segment.nodes[0])
            self.whole = self.account.links
        else:
            self._add_rest(segment.end - segment.start, segment.nodes)
        return True

    def finish(self) -> None:
        """Compare the tiles of the right edge."""
        self._tower.finish()
        self.tiles_sound &= self._tower.sound

    def _advance(self) -> None:
        self.earlier, self.earlier_event = self._before, self._before_event
        self._before, self._before_event = self.tree.copy(), self.account.last_event

    def _add_whole(self, root: bytes) -> None:
        self.tree.append_subtree(root, self._height)
        self._tower.add(root)

    def _add_rest(self, size: int, nodes: Sequence[bytes]) -> None:
        for node in nodes:
            height = size.bit_length() - 1
            self.tree.append_subtree(node, height)
            size -= 1 << height
