"""The log against every vector of transparency logs: trees, notes, checkpoints, tiles, JSON, proofs, requests.

Strict in both directions: what a vector accepts must be accepted and come back in the very spelling, what it rejects
must be refused by an error of ours. Cosignatures and quorums have tests of their own.
"""

import base64
import json
import re
import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import CanonicalError, LedgerError, NoteError
from ledger.log import tiles
from ledger.log.canonical import canonical_bytes, decimal_pointers, parse_canonical, parse_strict
from ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.log.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from ledger.log.note import Verifier, parse_note, verify_note
from ledger.log.proof import check_proof, format_proof, parse_proof
from ledger.log.proving import Prover
from ledger.log.subtree import verify_subtree_consistency, verify_subtree_inclusion
from ledger.log.tiles import MemoryTiles, append_leaves, tile_path
from tests.conformance.rows import report

Case = dict[str, Any]
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")


def read(vectors: Path, name: str) -> Any:
    """Read a vector file, or skip the test where there is none."""
    path = vectors / "tlog" / name
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    return json.loads(path.read_text("utf-8"))


def decoded(text: str | None) -> bytes:
    """Decode a hash."""
    return base64.b64decode(text or "")


def hashes(values: list[str] | None) -> list[bytes]:
    """Decode a proof."""
    return [decoded(value) for value in values or []]


def answer(call: Callable[..., object], *given: object, accepted: bool) -> str:
    """Say what is wrong with an answer: nothing where it is as wanted."""
    try:
        call(*given)
    except LedgerError as error:
        return f"refused: {error}" if accepted else ""
    return "" if accepted else "accepted"


def same(found: object, wanted: object) -> None:
    """Refuse a value that isn't the wanted one, as an error that `answer` sees."""
    if found != wanted:
        raise NoteError(f"Expected {wanted!r}, got {found!r}.")


def _acceptable(case: Case) -> bool:
    """Tell whether a case must hold.

    Declared: upstream takes two equal roots that are no hashes, of two trees of one size; a root is
    32 bytes with us.
    """
    roots = [case[name] for name in ("root", "root1", "root2") if name in case]
    return not case["wantErr"] and all(len(decoded(one)) == HASH_SIZE for one in roots)


def _inclusion(case: Case) -> None:
    verify_inclusion(
        decoded(case["leafHash"]),
        case["leafIdx"],
        case["treeSize"],
        hashes(case["proof"]),
        decoded(case["root"]),
    )


def _consistency(case: Case) -> None:
    verify_consistency(
        case["size1"],
        case["size2"],
        decoded(case["root1"]),
        decoded(case["root2"]),
        hashes(case["proof"]),
    )


def _subtree_inclusion(case: Case) -> None:
    verify_subtree_inclusion(
        decoded(case["leafHash"]),
        case["leafIdx"],
        range(case["start"], case["end"]),
        hashes(case["proof"]),
        decoded(case["root"]),
    )


def _subtree_consistency(case: Case) -> None:
    verify_subtree_consistency(
        range(case["start"], case["end"]),
        case["size"],
        decoded(case["root1"]),
        decoded(case["root2"]),
        hashes(case["proof"]),
    )


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("inclusion", _inclusion),
        ("consistency", _consistency),
        ("subtreeinclusion", _subtree_inclusion),
        ("subtreeconsistency", _subtree_consistency),
    ],
)
def test_merkle_proofs(vectors: Path, name: str, check: Callable[[Case], None]) -> None:
    """Every proof of the file is accepted or refused as it says."""
    cases = read(vectors, f"merkle/{name}.json")
    answers = {case["id"]: answer(check, case, accepted=_acceptable(case)) for case in cases}
    report(f"tlog/merkle/{name}.json", cases, answers, f"{name}.json")


def numbered(count: int) -> list[bytes]:
    """Return the leaf hashes of the vectors' numbered entries."""
    return [leaf_hash(b"entry-%d" % number) for number in range(count)]


def test_tree_roots(vectors: Path) -> None:
    """The roots over numbered entries are those of the vectors, grown, whole and from tiles."""
    wanted = {
        int(size): text for size, text in read(vectors, "own/tree_roots.json")["roots_hex"].items()
    }
    leaves = numbered(max(wanted))
    stored = MemoryTiles(append_leaves(MemoryTiles({}), 0, leaves))
    tree = CompactRange()
    answers = {}
    for before, size in pairwise([0, *sorted(wanted)]):
        for leaf in leaves[before:size]:
            tree.append(leaf)
        found = {tree.root().hex(), root(leaves[:size]).hex(), tiles.root(stored, size).hex()}
        answers[str(size)] = "" if found == {wanted[size]} else f"{found}, not {wanted[size]}"
    report("tlog/own/tree_roots.json", answers, answers)


def _made_inclusion(case: Case) -> None:
    leaves = numbered(case["size"])
    same(leaves[case["index"]], decoded(case["leafHash"]))
    same(root(leaves), decoded(case["root"]))
    stored = MemoryTiles(append_leaves(MemoryTiles({}), 0, leaves))
    path = hashes(case["proof"])
    same(inclusion_proof(leaves, case["index"]), path)
    same(tiles.inclusion_proof(stored, case["index"], case["size"]), path)
    same(Prover(stored, case["size"], root(leaves)).inclusion(case["index"]), path)
    verify_inclusion(leaves[case["index"]], case["index"], case["size"], path, root(leaves))


def _made_consistency(case: Case) -> None:
    leaves = numbered(case["size2"])
    old, new = root(leaves[: case["size1"]]), root(leaves)
    same((old, new), (decoded(case["root1"]), decoded(case["root2"])))
    stored = MemoryTiles(append_leaves(MemoryTiles({}), 0, leaves))
    path = hashes(case["proof"])
    same(consistency_proof(leaves, case["size1"]), path)
    same(tiles.consistency_proof(stored, case["size1"], case["size2"]), path)
    asked = Prover(stored, case["size2"], new)
    same((asked.consistency(case["size1"]), asked.root(case["size1"])), (path, old))
    verify_consistency(case["size1"], case["size2"], old, new, path)


@pytest.mark.parametrize(
    ("kind", "make"), [("inclusion", _made_inclusion), ("consistency", _made_consistency)]
)
def test_made_proofs(vectors: Path, kind: str, make: Callable[[Case], None]) -> None:
    """The vectors' proofs over numbered entries are the ones that we make, in every way we can."""
    cases = read(vectors, "own/proofs.json")[kind]
    answers = {f"{kind}/{at}": answer(make, case, accepted=True) for at, case in enumerate(cases)}
    report(f"tlog/own/proofs.json {kind}", cases, answers)


def _body(text: str) -> None:
    same(parse_checkpoint(text).text(), text)


def test_checkpoint_bodies(vectors: Path) -> None:
    """Every text of a checkpoint is accepted, and written again alike, or refused as it says."""
    cases = read(vectors, "note/checkpoint_body_cases.json")
    answers = {
        case["id"]: answer(_body, case["body"], accepted=not case["wantErr"]) for case in cases
    }
    report("tlog/note/checkpoint_body_cases.json", cases, answers, "checkpoint_body_cases.json")


def _opened(found: Case, case: Case) -> Checkpoint:
    keys = [Verifier.from_vkey(text) for text in case["log_vkeys"]]
    opened = open_checkpoint(base64.b64decode(case["note_b64"]), found["origin"], keys)
    same((opened.size, opened.root), (found["size"], decoded(found["root"])))
    return opened


def test_signed_checkpoints(vectors: Path) -> None:
    """Every signed checkpoint is accepted, refused, or refused for its origin alone."""
    found = read(vectors, "own/checkpoints.json")
    answers = {}
    for case in found["cases"]:
        wrong = answer(_opened, found, case, accepted=case["want"] == "accept")
        if not wrong and case["want"] == "reject-origin":
            with pytest.raises(NoteError, match="checkpoint of"):
                _opened(found, case)
            note = parse_note(base64.b64decode(case["note_b64"]))
            verify_note(note, [Verifier.from_vkey(text) for text in case["log_vkeys"]])
        answers[case["id"]] = wrong
    report("tlog/own/checkpoints.json", found["cases"], answers, "checkpoints.json")


def _rekor(case: Case, keys: list[Verifier], origin: str) -> None:
    opened = open_checkpoint(case["checkpoint"], origin, keys)
    leaf = decoded(case["leafHash"])
    verify_inclusion(leaf, case["index"], opened.size, hashes(case["proof"]), opened.root)
    same((opened.size, opened.root), (case["treeSize"], decoded(case["root"])))


def test_rekor_checkpoints(vectors: Path) -> None:
    """Checkpoints and proofs of a public log hold where its key is Ed25519; other keys aren't ours."""
    cases = read(vectors, "rekor2/checkpoints.json")
    answers, foreign = {}, 0
    for case in cases:
        origin = case["checkpoint"].split("\n")[0]
        ours = [key for key in case["logKeys"] if key["url"] == f"https://{origin}"]
        keys = [
            Verifier(origin, decoded(key["spki"]).removeprefix(ED25519_SPKI))
            for key in ours
            if key["details"] == "PKIX_ED25519"
        ]
        foreign += not case["wantErr"] and not keys
        answers[case["id"]] = answer(
            _rekor, case, keys, origin, accepted=not case["wantErr"] and bool(keys)
        )
    report(f"tlog/rekor2/checkpoints.json ({foreign} of ECDSA logs, refused)", cases, answers)


def _again(note: str, signers: int) -> None:
    parsed = parse_note(note)
    lines = "".join(one.line() for one in parsed.signatures)
    same((parsed.text + "\n" + lines, len(parsed.signatures)), (note, signers))


def test_c2sp_examples(vectors: Path) -> None:
    """The examples of the standards parse, what their keys signed verifies, elided ones are refused."""
    found = read(vectors, "note/c2sp_examples.json")
    foo = found["signed_note_foo"]
    key = Verifier.from_vkey(foo["vkey"])
    answers = {
        "vkey": answer(lambda: same(key.vkey, foo["vkey"]), accepted=True),
        "foo": answer(
            lambda: same(verify_note(parse_note(foo["note"]), [key]), (key,)), accepted=True
        ),
        "foo changed": answer(
            lambda: verify_note(parse_note("x" + foo["note"]), [key]), accepted=False
        ),
    }
    for name, signers in (
        ("signed_note_quasimodo", 1),
        ("checkpoint", 1),
        ("cosigned_checkpoint", 2),
    ):
        answers[name] = answer(_again, found[name], signers, accepted=True)
        if "checkpoint" in name:
            body = parse_note(found[name]).text
            answers[f"{name} body"] = answer(_body, body, accepted=True)
    # Elided with "[...]": no base64, so no proof and no note.
    answers["proof elided"] = answer(
        lambda: parse_note(parse_proof(found["tlog_proof_elided"]).checkpoint), accepted=False
    )
    report("tlog/note/c2sp_examples.json", answers, answers)


def _key(text: str, name: str) -> None:
    key = Verifier.from_vkey(text)
    same((key.vkey, key.name), (text, name))


def test_go_keys(vectors: Path) -> None:
    """Verifier keys of another implementation parse and come back, and its bad ones do not."""
    found = read(vectors, "note/go_sumdb_note.json")
    answers = {
        name: answer(_key, text, name, accepted=True) for name, text in found["vkeys"].items()
    }
    for text in found["bad_vkeys"]:
        answers[text] = answer(Verifier.from_vkey, text, accepted=False)
    report("tlog/note/go_sumdb_note.json", answers, answers)


def test_proof_files(vectors: Path) -> None:
    """Every proof file is accepted, and written again alike, or refused as it says."""
    found = read(vectors, "own/tlog_proof.json")
    key = Verifier.from_vkey(found["log_vkey"])
    entry = decoded(found["entry_b64"])

    def check(text: str) -> None:
        same(check_proof(text, entry, [key]).origin, key.name)
        parsed = parse_proof(text)
        same(parsed.index, found["index"])
        same(format_proof(parsed.index, parsed.path, parsed.checkpoint, parsed.extra), text)

    answers = {
        case["id"]: answer(check, case["proof"], accepted=case["want"] == "accept")
        for case in found["cases"]
    }
    report("tlog/own/tlog_proof.json", found["cases"], answers, "tlog_proof.json")


_TILE = re.compile(r"tile/(\d+)/((?:x\d{3}/)*\d{3})(?:\.p/(\d+))?")


def _tiles_of(folder: Path) -> Iterator[tuple[str, int, int, bytes]]:
    """Yield path, level, index and hashes of each tile below a log's folder."""
    for file in sorted((folder / "tile").rglob("*")):
        path = file.relative_to(folder).as_posix()
        found = _TILE.fullmatch(path)
        if file.is_file() and found:
            yield path, int(found[1]), int(re.sub("[x/]", "", found[2])), file.read_bytes()


def test_tiles(vectors: Path) -> None:
    """Tiles of real logs have the paths, widths and hashes of ours, and give their checkpoints' roots."""
    folders = sorted(one for one in (vectors / "tlog/tiles").glob("*") if one.is_dir())
    if not folders:
        pytest.skip("no vectors: tlog/tiles has no log")
    answers = {}
    for folder in folders:
        found = list(_tiles_of(folder))
        leaves: dict[int, bytes] = {}
        for _, level, index, raw in found:
            # Of several widths of one tile the widest counts.
            if level == 0 and len(raw) > len(leaves.get(index, b"")):
                leaves[index] = raw
        row = b"".join(leaves[index] for index in sorted(leaves))
        run = [row[at : at + 32] for at in range(0, len(row), 32)]
        # Where a log's first tiles are not here, nothing above the leaves can be computed.
        whole = sorted(leaves) == list(range(len(leaves)))
        ours = append_leaves(MemoryTiles({}), 0, run) if whole else {}
        for path, level, index, raw in found:
            name = f"{folder.name}/{path}"
            answers[name] = (
                "" if tile_path(level, index, len(raw) // 32) == path else "another path"
            )
            if whole and not ours.get((level, index), b"").startswith(raw):
                answers[name] = "another tile"
        if whole and (folder / "checkpoint").is_file():
            name = f"{folder.name}/checkpoint"
            answers[name] = answer(_signed_tree, folder, ours, run, accepted=True)
    report("tlog/tiles", answers, answers)


def _signed_tree(folder: Path, stored: tiles.Tiles, leaves: list[bytes]) -> None:
    """Compare a checkpoint with the tiles, and prove entries from them."""
    head = parse_checkpoint(parse_note((folder / "checkpoint").read_bytes()).text)
    same(tiles.root(MemoryTiles(stored), head.size), head.root)
    asked = Prover(MemoryTiles(stored), head.size, head.root)
    for index in {0, head.size // 2, 255 % head.size, 256 % head.size, head.size - 1}:
        same(asked.leaf(index), leaves[index])
        verify_inclusion(leaves[index], index, head.size, asked.inclusion(index), head.root)
    for old in {0, 1, head.size // 3, 256 % head.size, head.size}:
        path = asked.consistency(old)
        verify_consistency(old, head.size, root(leaves[:old]), head.root, path)


def _canonical(value: object, published: bytes) -> None:
    same(canonical_bytes(value), published)
    same(parse_canonical(published), value)


def test_canonical_json(vectors: Path) -> None:
    """The published JCS files are written as published, byte for byte, but for what we do not take."""
    folder = vectors / "tlog" / "jcs"
    sources = sorted((folder / "input").glob("*.json"))
    if not sources:
        pytest.skip(f"no vectors: {folder / 'input'} is empty")
    answers, untaken = {}, []
    for source in sources:
        published = (folder / "output" / source.name).read_bytes()
        listed = folder / "outhex" / f"{source.stem}.txt"
        if listed.is_file():
            same(bytes.fromhex(listed.read_text("ascii")), published)
        try:
            value = parse_strict(source.read_bytes())
        except CanonicalError as error:
            untaken.append(source.name)
            ascii_keys = all(key.isascii() for key in json.loads(published))
            answers[source.name] = "" if "ASCII" in str(error) and not ascii_keys else str(error)
            continue
        if decimal_pointers(value):
            # Decimals are text of their exact value with us, so that no float gets inside.
            untaken.append(source.name)
            answers[source.name] = "" if canonical_bytes(value) != published else "a float inside"
            continue
        answers[source.name] = answer(_canonical, value, published, accepted=True)
    report(f"tlog/jcs ({', '.join(untaken) or 'none'} outside our subset)", sources, answers)


def test_numbers(vectors: Path) -> None:
    """Every number keeps the exact value it is written with, or is refused as absurdly long."""
    cases = read(vectors, "jcs/es6_numbers.json")["cases"]
    answers, absurd = {}, 0
    for pattern, text in cases:
        number = struct.unpack(">d", bytes.fromhex(pattern))[0]
        try:
            value = parse_strict(text)
        except CanonicalError:
            absurd += 1
            answers[pattern] = "" if len(format(Decimal(text), "f")) > 100 else "refused"
        else:
            kept = Decimal(value) == Decimal(text) and float(text) == number
            answers[pattern] = "" if kept else f"{value!r} for {text}"
    report(f"tlog/jcs/es6_numbers.json ({absurd} too long to write out)", cases, answers)


def test_json_traps(vectors: Path) -> None:
    """Equal values have equal bytes, others have others, floats are refused or become exact text."""
    cases = read(vectors, "own/json_traps.json")
    answers = {}
    for case in cases:
        first = parse_strict(case["a"])
        if "b" not in case:
            refused = answer(canonical_bytes, json.loads(case["a"]), accepted=False)
            answers[case["id"]] = refused or ("" if decimal_pointers(first) else "taken as it is")
            continue
        equal = canonical_bytes(first) == canonical_bytes(parse_strict(case["b"]))
        answers[case["id"]] = "" if equal == case["want"].startswith("same") else f"equal: {equal}"
    report("tlog/own/json_traps.json", cases, answers)


def test_witness_requests(vectors: Path) -> None:
    """What a witness must accept or refuse, it can tell by our parsers and checks alone."""
    found = read(vectors, "witness/add_checkpoint_sequence.json")
    key = Verifier(found["log_origin"], bytes.fromhex(found["log_ed25519_pub_hex"]))
    seen = Checkpoint(found["log_origin"], 0, EMPTY_ROOT)
    answers = {}
    for step in found["steps"]:
        status, seen = _witnessed(step["request"], key, seen)
        wanted = step["status"]
        answers[str(step["step"])] = "" if status == wanted else f"{status}, not {wanted}"
    report("tlog/witness/add_checkpoint_sequence.json", found["steps"], answers)


def _witnessed(request: str, key: Verifier, seen: Checkpoint) -> tuple[int, Checkpoint]:
    """Answer as a witness does (tlog-witness, section add-checkpoint): a status and the newest head."""
    head, _, note = request.partition("\n\n")
    first, *lines = head.split("\n")
    try:
        checkpoint = open_checkpoint(note, key.name, [key])
    except NoteError:
        return 403, seen
    old = int(first.removeprefix("old "))
    if old > checkpoint.size:
        return 400, seen
    if old != seen.size or (old == checkpoint.size and checkpoint.root != seen.root):
        return 409, seen
    path = [base64.b64decode(line, validate=True) for line in lines]
    try:
        verify_consistency(old, checkpoint.size, seen.root, checkpoint.root, path)
    except LedgerError:
        return 422, seen
    return 200, checkpoint
