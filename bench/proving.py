"""Proofs from stored tiles on SQLite, at a million and ten million entries, beside pymerkle.

The tile tables are made of random leaf hashes: a proof reads nothing else. Each kind of question is
measured on its own, for each is somebody's: a server that has just started and one that runs,
entries at random and an export in order.

pymerkle is GPL-3.0-or-later, so it is no dependency of ours: its race runs where somebody has
installed it (`pip install pymerkle`).
"""

from __future__ import annotations

import importlib
import os
import random
import sqlite3
from typing import TYPE_CHECKING, Any

from bench.ledgers import fresh_ledger
from bench.measuring import Figure, best, print_figure, title
from ledger.log import tiles
from ledger.log.merkle import HASH_SIZE, leaf_hash, verify_inclusion
from ledger.log.proving import NodeCache, Prover
from ledger.log.tiles import TILE_WIDTH, MemoryTiles, append_leaves
from ledger.store.engine import open_engine, reading, writing
from ledger.tile_store import StoredTiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Engine

__all__ = ["bench_proofs"]

_LOG = 1
_PORTION = 1 << 16  # leaves that are appended at once
_ASKED = 20_000  # proofs of each race
_RIVAL = 400_000  # leaves of the race against pymerkle
_ENTRY = 200  # bytes of its entries
_NAIVE = 500  # proofs that are folded anew each time: they are slow


def bench_proofs(folder: Path, sizes: Sequence[int], runs: int) -> None:
    """Print proofs a second, by size and by kind of question."""
    for size in sizes:
        title(f"Inclusion proofs of {size:,} entries from stored tiles, SQLite")
        _bench_size(folder / f"proofs-{size}", size, runs)
    title(f"Beside pymerkle, {_RIVAL:,} entries of {_ENTRY} bytes, SQLite")
    _bench_rival(folder / "rival", runs)


def _made(folder: Path, size: int) -> Engine:
    """A ledger that holds nothing but the tiles of so many random leaves."""
    engine = fresh_ledger(folder).engine
    _append(engine, size, lambda _start, count: _random_hashes(count))
    return engine


def _random_hashes(count: int) -> list[bytes]:
    row = os.urandom(count * HASH_SIZE)
    return [row[at : at + HASH_SIZE] for at in range(0, len(row), HASH_SIZE)]


def _append(engine: Engine, size: int, leaves: Callable[[int, int], list[bytes]]) -> None:
    edge: tiles.Tiles = {}
    full = TILE_WIDTH * HASH_SIZE
    for start in range(0, size, _PORTION):
        added = leaves(start, min(_PORTION, size - start))
        changed = append_leaves(MemoryTiles(edge), start, added)
        edge = {key: tile for key, tile in (edge | changed).items() if len(tile) < full}
        with writing(engine) as connection:
            connection.exec_driver_sql(
                'INSERT INTO tile (log_id, level, "index", hashes) VALUES (?, ?, ?, ?)'
                ' ON CONFLICT (log_id, level, "index") DO UPDATE SET hashes = excluded.hashes',
                [(_LOG, level, index, tile) for (level, index), tile in changed.items()],
            )


def _bench_size(folder: Path, size: int, runs: int) -> None:
    engine = _made(folder, size)
    drawn = random.Random(size)  # noqa: S311
    with reading(engine) as connection:
        stored = StoredTiles(connection, _LOG)
        root = tiles.root(stored, size)
        floor = _floor(connection, size, runs)
        asked = drawn.sample(range(size), _NAIVE)
        took, _ = best(1, lambda: [tiles.inclusion_proof(stored, one, size) for one in asked])
        naive = Figure("folded anew each time", _NAIVE, took)
        print_figure(naive, "proofs", [floor])

        def ask(cache: NodeCache, indexes: Sequence[int], *, each: bool = False) -> None:
            prover = Prover(stored, size, root, cache)
            for index in indexes:
                if each:
                    prover = Prover(stored, size, root, cache)
                prover.inclusion(index)

        def show(
            name: str, indexes: Sequence[int], cache: Callable[[], NodeCache], *, each: bool = False
        ) -> None:
            took, _ = best(runs, lambda: ask(cache(), indexes, each=each))
            print_figure(Figure(name, len(indexes), took), "proofs", [naive, floor])

        random_ones = [drawn.randrange(size) for _ in range(_ASKED)]
        show("at random, nothing known", random_ones, NodeCache)
        warm = NodeCache()
        ask(warm, range(0, size, TILE_WIDTH))
        kept = f"{warm.used / 1e6:.0f} MB kept"
        show(f"at random, {kept}", random_ones, lambda: warm)
        show("the same, each question alone", random_ones, lambda: warm, each=True)
        show("in order, nothing known", range(size // 2, size // 2 + _ASKED), NodeCache)
        prover = Prover(stored, size, root, warm)
        for index in random_ones[:200]:
            verify_inclusion(prover.leaf(index), index, size, prover.inclusion(index), root)
    engine.dispose()


def _floor(connection: Connection, size: int, runs: int) -> Figure:
    """Reading one tile of leaves for each proof, by the bare driver."""
    drawn = random.Random(1)  # noqa: S311
    places = [drawn.randrange(size // TILE_WIDTH) for _ in range(_ASKED)]
    cursor: Any = connection.connection.cursor()
    text = 'SELECT hashes FROM tile WHERE log_id = ? AND level = 0 AND "index" = ?'

    def read() -> None:
        for place in places:
            cursor.execute(text, (_LOG, place)).fetchone()

    floor = Figure("bare reads", _ASKED, best(runs, read)[0])
    print_figure(floor, "tiles", note="floor: one stored tile each, by the driver")
    return floor


def _bench_rival(folder: Path, runs: int) -> None:
    try:
        pymerkle = importlib.import_module("pymerkle")
    except ModuleNotFoundError:
        print("  No race: pymerkle isn't installed (pip install pymerkle).")
        return
    folder.mkdir(parents=True, exist_ok=True)
    entries = [os.urandom(_ENTRY) for _ in range(_RIVAL)]
    (folder / "pymerkle.db").unlink(missing_ok=True)
    tree = pymerkle.SqliteTree(str(folder / "pymerkle.db"))
    took, _ = best(1, lambda: tree.append_entries(entries))
    theirs = Figure("pymerkle", _RIVAL, took)
    took, engine = best(1, lambda: _stored(folder / "ours", entries))
    print_figure(Figure("append in bulk, entries and tiles", _RIVAL, took), "entries", [theirs])
    drawn = random.Random(2)  # noqa: S311
    asked = [drawn.randrange(_RIVAL) for _ in range(_ASKED)]
    few = asked[:_NAIVE]
    size = tree.get_size()
    took, _ = best(1, lambda: [tree.prove_inclusion(index + 1, size) for index in few])
    first = Figure("pymerkle, nothing known", len(few), took)
    took, _ = best(1, lambda: [tree.prove_inclusion(index + 1, size) for index in few])
    again = Figure("pymerkle, asked again", len(few), took)
    with reading(engine) as connection:
        stored = StoredTiles(connection, _LOG)
        root = tiles.root(stored, _RIVAL)
        assert root == tree.get_state(size)
        cold, warm = NodeCache(), NodeCache()
        Prover(stored, _RIVAL, root, warm).inclusions(range(0, _RIVAL, TILE_WIDTH))
        for name, cache, rival in (("nothing known", cold, first), ("asked again", warm, again)):
            prover = Prover(stored, _RIVAL, root, cache)
            indexes = few if cache is cold else asked

            def ask(prover: Prover = prover, indexes: Sequence[int] = indexes) -> None:
                for index in indexes:
                    prover.inclusion(index)

            took, _ = best(1 if cache is cold else runs, ask)
            print_figure(Figure(f"inclusion proof, {name}", len(indexes), took), "proofs", [rival])
    engine.dispose()
    tree.close()


def _stored(folder: Path, entries: list[bytes]) -> Engine:
    """Append as pymerkle does, the entry and its hash, and the tiles as well."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = fresh_ledger(folder).engine
    path = engine.url.database
    assert path is not None
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bare (number INTEGER PRIMARY KEY, entry BLOB, hash BLOB)")

    def leaves(start: int, count: int) -> list[bytes]:
        chosen = entries[start : start + count]
        hashes = [leaf_hash(entry) for entry in chosen]
        with sqlite3.connect(path) as connection:
            connection.executemany(
                "INSERT INTO bare VALUES (?, ?, ?)",
                zip(range(start, start + count), chosen, hashes, strict=True),
            )
        return hashes

    _append(engine, len(entries), leaves)
    return open_engine(f"sqlite:///{path}")
