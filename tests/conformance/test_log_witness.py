"""Cosignatures, policies and the witness protocol against the shared vectors, strict both ways."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LedgerError, NoteError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.cosignature import COSIGNERS, Cosigner, parse_cosigner, verify_cosignatures
from ledger.log.note import Verifier, parse_note
from ledger.log.policy import parse_policy
from ledger.log.proof import check_proof, parse_proof
from ledger.log.witness import format_request, parse_request
from tests.ledger.cosigning import MemoryWitness, WitnessKey


def loaded(vectors: Path, name: str) -> Any:
    """Read a file of the log's vectors, or skip the test where there is none."""
    path = vectors / "tlog" / name
    if not path.is_file():
        pytest.skip(f"no vectors: {path} is missing")
    return json.loads(path.read_text("utf-8"))


def told(name: str, wrong: Mapping[str, str], total: int) -> None:
    """Print how many agree, and hold that all do."""
    print(f"{name}: {total - len(wrong)} of {total} agree")  # noqa: T201
    assert total
    assert wrong == {}


def known_keys(vkeys: list[str]) -> list[Cosigner]:
    """Return the witnesses' keys of the types that are built in; the others are named."""
    keys = []
    for vkey in vkeys:
        kind = base64.b64decode(vkey.split("+", 2)[2])[:1]
        if kind in COSIGNERS:
            keys.append(parse_cosigner(vkey))
        else:
            print(f"type {kind.hex()} is not built in: {vkey[:40]}...")  # noqa: T201
            with pytest.raises(NoteError, match=f"got {kind.hex()}"):
                parse_cosigner(vkey)
    assert keys
    return keys


def refuses(action: Any) -> bool:
    """Tell whether an action is refused with an error of ours."""
    try:
        action()
    except LedgerError:
        return True
    return False


def test_a_quorum_is_reached_or_not(vectors: Path) -> None:
    """Each case of so many witnesses out of all is accepted or rejected as it should be."""
    given = loaded(vectors, "own/quorum.json")
    keys = known_keys(given["witness_vkeys"])
    whole = len(keys) == len(given["witness_vkeys"])
    wrong, total = {}, 0
    for case in given["cases"]:
        if case["quorum"] > len(keys):
            assert not whole
            continue
        total += 1
        text = f"log {given['log_vkey']}\n"
        text += "".join(f"witness W{n} {key.vkey}\n" for n, key in enumerate(keys))
        names = " ".join(f"W{number}" for number in range(len(keys)))
        policy = parse_policy(f"{text}group Q {case['quorum']} {names}\nquorum Q\n")
        refused = refuses(lambda note=case["note"], policy=policy: policy.verify(note))
        if refused is (case["want"] == "accept"):
            wrong[case["id"]] = "refused" if refused else "accepted"
        if case["want"] == "accept":
            # Strict the other way: no signature of a witness may change by a character.
            lines = case["note"].rstrip("\n").split("\n")
            for at, line in enumerate(lines):
                if any(line.startswith(f"\u2014 {key.name} ") for key in keys):
                    middle = len(line) - 40
                    other = "A" if line[middle] != "A" else "B"
                    changed = [*lines]
                    changed[at] = line[:middle] + other + line[middle + 1 :]
                    total += 1
                    note = "\n".join(changed) + "\n"
                    if not refuses(lambda note=note, policy=policy: policy.verify(note)):
                        wrong[f"{case['id']}, line {at}"] = "accepted"
    told("quorum", wrong, total)


def test_cosigned_checkpoints(vectors: Path) -> None:
    """Witnesses' lines are verified or ignored, and never keep a checkpoint of the log from holding."""
    given = loaded(vectors, "own/checkpoints.json")
    keys = known_keys(given["witness_vkeys"])
    wrong: dict[str, str] = {}
    cosigned = 0
    for case in given["cases"]:
        note = base64.b64decode(case["note_b64"])
        verifiers = [Verifier.from_vkey(vkey) for vkey in case["log_vkeys"]]

        def judge(note: bytes = note, verifiers: list[Verifier] = verifiers) -> int:
            checkpoint = open_checkpoint(note, given["origin"], verifiers)
            assert checkpoint.origin == given["origin"]
            return len(verify_cosignatures(parse_note(note), keys))

        refused = refuses(judge)
        if refused is (case["want"] == "accept"):
            wrong[case["id"]] = "refused" if refused else "accepted"
        if not refused:
            cosigned += judge()
    told("checkpoints", wrong, len(given["cases"]))
    assert cosigned >= len(keys)


def test_the_examples_of_the_standards(vectors: Path) -> None:
    """The standard's cosigned checkpoint parses into what it says; its elided policy is no policy."""
    given = loaded(vectors, "note/c2sp_examples.json")
    wrong = {}
    note = parse_note(given["cosigned_checkpoint"])
    line = note.signatures[1]
    if (line.name, int.from_bytes(line.signature[:8], "big")) != (
        "witness.example.com/w1",
        1_679_315_147,
    ):
        wrong["cosigned_checkpoint"] = f"{line}"
    # A key that is not the example's, under the same name, changes nothing: its id differs.
    stranger = WitnessKey.of(line.name).cosigner
    if verify_cosignatures(note, [stranger]):
        wrong["stranger"] = "accepted"
    if not refuses(lambda: parse_policy(given["policy_elided"])):
        wrong["policy_elided"] = "accepted"
    whole = given["policy_elided"]
    log = parse_proof_key(vectors)
    whole = whole.replace("<vkey>", log, 1)
    for number in range(6):
        whole = whole.replace("<vkey>", WitnessKey.of(f"w{number}").cosigner.vkey, 1)
    if len(parse_policy(whole).witnesses) != 6:
        wrong["policy"] = "not six witnesses"
    told("examples of the standards", wrong, 4)


def parse_proof_key(vectors: Path) -> str:
    """Return a log's key of the vectors."""
    return str(loaded(vectors, "own/tlog_proof.json")["log_vkey"])


def test_a_cosigned_mirror(vectors: Path) -> None:
    """A witness's and a mirror's cosignature of a real log hold, with keys published beside them."""
    folder = vectors / "tlog" / "tiles" / "rome300"
    if not folder.is_dir():
        pytest.skip(f"no vectors: {folder} is missing")
    wrong = {}
    for name, checkpoint in (("witness", "witness-cosigned-checkpoint"), ("mirror", "checkpoint")):
        published = json.loads((folder / f"{name}.v0.json").read_text("utf-8"))
        keys = [parse_cosigner(vkey) for vkey in published["verifier_keys"]]
        raw = (folder / checkpoint).read_bytes()
        if [key.name for key in verify_cosignatures(parse_note(raw), keys)] != [published["name"]]:
            wrong[name] = "not cosigned"
        changed = raw.replace(b"\n300\n", b"\n301\n")
        assert changed != raw
        if not refuses(
            lambda changed=changed, keys=keys: verify_cosignatures(parse_note(changed), keys)
        ):
            wrong[f"{name}, another size"] = "accepted"
    told("rome300", wrong, 4)


def test_proofs_with_cosignatures(vectors: Path) -> None:
    """Proof files hold or not; the cosignatures in those that do are verified."""
    given = loaded(vectors, "own/tlog_proof.json")
    keys = known_keys(given["witness_vkeys"])
    log = Verifier.from_vkey(given["log_vkey"])
    entry = base64.b64decode(given["entry_b64"])
    wrong = {}
    for case in given["cases"]:

        def judge(text: str = case["proof"]) -> None:
            check_proof(text, entry, [log])
            note = parse_note(parse_proof(text).checkpoint)
            assert len(verify_cosignatures(note, keys)) == len(keys)

        refused = refuses(judge)
        if refused is (case["want"] == "accept"):
            wrong[case["id"]] = "refused" if refused else "accepted"
    told("proofs with cosignatures", wrong, len(given["cases"]))


def test_a_recorded_conversation_with_a_witness(vectors: Path) -> None:
    """Our requests are byte for byte those recorded, and a witness by the standard answers alike."""
    given = loaded(vectors, "witness/add_checkpoint_sequence.json")
    log = Verifier(given["log_origin"], bytes.fromhex(given["log_ed25519_pub_hex"]))
    witness = MemoryWitness(WitnessKey.of("example.com/witness"), {log.name: log})
    wrong = {}
    for step in given["steps"]:
        raw = step["request"].encode()
        status = witness.answer(raw).status
        if refuses(lambda raw=raw: parse_request(raw)):
            # The recorded server reads base64 with stray bits, and then misses the signature.
            if (step["status"], status) != (403, 400):
                wrong[f"{step['step']}, malformed"] = str(status)
            continue
        request = parse_request(raw)
        if format_request(request.old, request.proof, request.note) != raw:
            wrong[f"{step['step']}, written"] = "another spelling"
        # It is of version 1.0, which had no status of its own for unknown logs.
        if (step["status"], status) not in {(status, status), (403, 404)}:
            wrong[f"{step['step']}, answered"] = str(status)
    told("recorded conversation", wrong, 2 * len(given["steps"]))
