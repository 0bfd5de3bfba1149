"""Trust policies: what a quorum is, and every way to write one wrongly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError, UsageError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.note import Signer
from ledger.log.policy import parse_policy
from tests.ledger.cosigning import NOW, WitnessKey, policy_text

LOG = Signer.from_seed("example.org/log", bytes(32))
NOTE = sign_checkpoint(Checkpoint("example.org/log", 3, b"\x07" * 32), [LOG])
KEYS = [WitnessKey.of(f"w.example/{number}") for number in range(6)]
V = [key.cosigner.vkey for key in KEYS]
W = f"witness A {V[0]}\n"

TWO_LEVELS = f"""# The example of the standard.
log {LOG.verifier.vkey} https://log.example/

\t witness X1 {V[0]} https://x.example/
witness X2 {V[1]}
witness X3 {V[2]}
group X-witnesses 2 X1 X2 X3

witness Y1 {V[3]}
witness Y2 {V[4]}
witness Y3 {V[5]}\t
group Y-witnesses any Y1 Y2 Y3

  # indented
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_standard() -> None:
    """Two of the one group and one of the other are needed."""
    policy = parse_policy(TWO_LEVELS)
    assert [log.url for log in policy.logs] == ["https://log.example/"]
    assert [(one.name, one.url) for one in policy.witnesses][:2] == [
        ("X1", "https://x.example/"),
        ("X2", None),
    ]
    assert policy.is_reached(["X1", "X3", "Y2"])
    assert policy.is_reached(["X1", "X2", "X3", "Y1", "Y2", "Y3"])
    for missing in ([], ["X1", "Y1", "Y2"], ["X1", "X2", "X3"], ["X-witnesses"], ["stranger"]):
        assert not policy.is_reached(missing)


@given(st.sets(st.sampled_from(["X1", "X2", "X3", "Y1", "Y2", "Y3"])))
def test_a_quorum_is_what_its_words_say(names: set[str]) -> None:
    """All combinations, counted by hand."""
    wanted = len(names & {"X1", "X2", "X3"}) >= 2 and bool(names & {"Y1", "Y2", "Y3"})
    assert parse_policy(TWO_LEVELS).is_reached(names) is wanted


def test_a_checkpoint_with_a_quorum() -> None:
    """It is verified with the log's key and the witnesses', and says who cosigned when."""
    policy = parse_policy(TWO_LEVELS)
    note = NOTE + "".join(KEYS[number].cosign(NOTE, NOW + number) for number in (0, 2, 4))
    checkpoint, times = policy.verify(note, origin="example.org/log")
    assert checkpoint.size == 3
    assert {one.name: time for one, time in times.items()} == {
        "X1": NOW,
        "X3": NOW + 2,
        "Y2": NOW + 4,
    }
    with pytest.raises(NoteError, match="quorum 'X-and-Y' over size 3, got those of 'X1'"):
        policy.verify(NOTE + KEYS[0].cosign(NOTE))
    with pytest.raises(NoteError, match="nobody"):
        policy.verify(NOTE)
    with pytest.raises(NoteError, match="trusted key"):
        parse_policy(policy_text(*KEYS)).verify(note)
    bad = NOTE + KEYS[1].cosign(NOTE.replace("\n3\n", "\n4\n"))
    with pytest.raises(NoteError, match="does not hold"):
        policy.verify(note + bad.removeprefix(NOTE))


def test_no_quorum_needs_nobody() -> None:
    """`quorum none` accepts what the log alone has signed; the caller may name the log."""
    policy = parse_policy("quorum none\n")
    assert policy.verify(NOTE, logs=[LOG.verifier])[1] == {}
    with pytest.raises(NoteError):
        policy.verify(NOTE)


def test_a_single_witness_is_a_quorum() -> None:
    """The quorum may name a witness."""
    policy = parse_policy(f"{W}quorum A\n")
    assert policy.is_reached(["A"])
    assert not policy.is_reached([])


def test_bytes_that_are_no_text_are_opaque() -> None:
    """Names are compared as bytes, and neither a Kelvin sign nor Latin 1 is anything else."""
    raw = W.encode().replace(b" A ", b" \xe9 ") + b"quorum \xe9\n"
    assert parse_policy(raw).quorum == "\udce9"
    with pytest.raises(UsageError, match="a line before defines"):
        parse_policy(W.replace(" A ", " K ") + "quorum \u212a\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "quorum <name>"),
        (W, "quorum <name>"),
        (f"{W}quorum A", "end in a newline"),
        (f"{W}quorum A\r\n", "0x0D"),
        (f"{W}quorum A\x00\n", "0x00"),
        (f"{W}quorum\x7fA\n", "0x7F"),
        (f"{W}quorum A\nquorum A\n", "Line 3 .* a second"),
        (f"quorum A\n{W}", "Line 1 .* a line before defines"),
        (f"{W}quorum A B\n", "quorum <name>"),
        (f"{W}quorum\n", "quorum <name>"),
        (f"{W}Quorum A\n", "log, witness, group or quorum"),
        (f"{W}quorum\xa0A\n", "log, witness, group or quorum"),
        ("log\nquorum none\n", "log <vkey>"),
        ("log x\nquorum none\n", "key of a log"),
        (f"log {V[0]}\nquorum none\n", "key of a log.*type 01"),
        (f"log {LOG.verifier.vkey} u more\nquorum none\n", "log <vkey>"),
        (f"log {LOG.verifier.vkey}\nlog {LOG.verifier.vkey}\nquorum none\n", "once"),
        (
            f"log {LOG.verifier.vkey}\nlog {Signer.from_seed('b', bytes(32)).verifier.vkey}\n",
            "once",
        ),
        ("witness A\n", "witness <name> <vkey>"),
        (f"witness A {V[0]} u more\n", "witness <name> <vkey>"),
        (f"witness A {LOG.verifier.vkey}\n", "key of a witness"),
        (f"witness none {V[0]}\n", "a name that nothing else has"),
        (f"{W}witness A {V[1]}\n", "a name that nothing else has"),
        (f"{W}witness B {V[0]}\n", "each witness's key once"),
        (f"{W}group G all\n", "group <name>"),
        (f"{W}group A all A\n", "a name that nothing else has"),
        (f"{W}group none all A\n", "a name that nothing else has"),
        (f"{W}group G all none\n", "a line before defines"),
        (f"{W}group G all G\n", "a line before defines"),
        (f"{W}group G all A A\n", "as a member once"),
        (f"{W}group G all A\ngroup H all A\n", "as a member once"),
        *[
            (f"{W}group G {k} A\n", "all, any or a number from 1 to 1")
            for k in ("0", "2", "01", "+1", "1_", "1.0", "١", "ALL", "99999999999")
        ],
    ],
)
def test_what_is_no_policy(text: str, message: str) -> None:
    """Each line has one way to be written."""
    with pytest.raises(UsageError, match=message):
        parse_policy(text)


def test_a_policy_is_bounded() -> None:
    """A hundred of each kind, a megabyte in all."""
    keys = [WitnessKey.of(str(number)).cosigner.vkey for number in range(101)]
    hundred = "".join(f"witness {number} {key}\n" for number, key in enumerate(keys[:100]))
    assert len(parse_policy(hundred + "quorum none\n").witnesses) == 100
    with pytest.raises(UsageError, match="at most 100 witnesses"):
        parse_policy(f"{hundred}witness more {keys[100]}\nquorum none\n")
    with pytest.raises(UsageError, match="at most 1000000 bytes"):
        parse_policy("#" * 1_000_000 + "\n")
