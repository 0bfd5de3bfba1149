"""What a scan means, and whether the ledger knows it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from identifiers import IdentifierError, identify
from identifiers.identification import Identification
from ledger.store.engine import reading
from scanners.scan import Scan, Symbology
from suyuan import lookup
from suyuan.lookup import known_hosts, look_up, read_typed
from tests.ledger.builders import document, instance, ledger_in, seen


def scan(text: str, problem: str | None = None) -> Scan:
    """Return the scan of a GS1 DataMatrix."""
    return Scan(
        raw=text.encode(),
        text=text,
        symbology=Symbology.DATA_MATRIX,
        symbology_identifier="]d2",
        engine="wedge",
        device="dock-3",
        captured_at=0,
        sequence=7,
        problem=problem,
    )


@pytest.fixture
def filled(sqlite_engine: Engine, tmp_path: Path) -> Engine:
    """Give a ledger that knows one item."""
    ledger_in(sqlite_engine, tmp_path).send(document(seen(instance("A"), disposition="active")))
    return sqlite_engine


def test_a_known_code(filled: Engine) -> None:
    """A code that an event names comes with its state."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435221A"))
    assert found.code is not None
    assert found.code.uri == instance("A")
    assert found.item is not None
    assert found.as_dict() == {
        "id": found.scan.id,
        "device": "dock-3",
        "sequence": 7,
        "captured_at": "1970-01-01T00:00:00.000Z",
        "received_at": "1970-01-01T00:00:00.000Z",
        "page": None,
        "symbology": "DataMatrix",
        "symbology_identifier": "]d2",
        "gs1": True,
        "engine": "wedge",
        "step": "",
        "confidence": "single",
        "raw": b"010950600013435221A".hex(),
        "text": "010950600013435221A",
        "code": instance("A"),
        "kind": "instance",
        "known": True,
        "status": "active",
        "verdict": "confirmed",
        "reason": "every rule holds, and the code is known here",
        "problem": None,
        "repairs": [],
        "warnings": [],
    }


def test_a_damaged_scan_is_repaired_and_says_so(filled: Engine) -> None:
    """A separator that a keyboard wedge typed as a symbol doesn't keep an item from being found."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435210L1^21A"))
    assert found.code is not None
    assert found.code.uri == instance("A")
    assert found.item is not None
    assert found.as_dict()["repairs"] == ["^ was read as the control character GS"]


def test_a_guess_is_no_repair(filled: Engine) -> None:
    """A scan that could only be guessed at is a problem, not an item."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435310L1"), language="zh-CN")
    assert found.code is None
    assert "校验码" in (found.problem or "")


def test_a_code_of_another_scheme() -> None:
    """A scan of a credit code or a device is read, whoever issues it."""
    plain = replace(scan("91110000600037341L"), symbology_identifier="]d1")
    found = look_up(None, plain)
    assert found.code is not None
    assert found.code.uri == "urn:suyuan:cn-uscc:91110000600037341L"


def test_an_unknown_code(filled: Engine) -> None:
    """A code that no event names is read all the same; so is any without a ledger."""
    with reading(filled) as connection:
        found = look_up(connection, scan("010950600013435221B"))
    assert (found.item, found.problem) == (None, None)
    assert found.as_dict()["code"] == instance("B")
    assert found.as_dict()["known"] is False
    assert look_up(None, scan("010950600013435221A")).item is None


def test_what_is_no_code() -> None:
    """A text that is no code says why, and a bad reading keeps its own problem."""
    found = look_up(None, scan("0109506000134353"))
    assert found.code is None
    assert found.problem is not None
    assert "check digit" in found.problem
    assert found.as_dict()["kind"] is None
    chinese = look_up(None, scan("0109506000134353"), language="zh-CN").problem
    assert chinese is not None
    assert "校验码应改为 2" in chinese
    assert look_up(None, scan("", problem="too long")).problem == "too long"


def printed(text: str) -> Scan:
    """Return the scan of a plain QR code."""
    return replace(scan(text), symbology=Symbology.QR_CODE, symbology_identifier="]Q1")


def test_a_host_that_feigns_another() -> None:
    """A link of a look-alike host is read, and warned about once; so is one to our own."""
    found = look_up(None, printed("https://id.gs1.org.example.net/01/09506000134352/21/A"))
    assert found.code is not None
    assert found.code.uri == instance("A")
    assert found.warnings == (
        "the host id.gs1.org.example.net only looks like id.gs1.org: its owner is another",
    )
    assert found.as_dict()["warnings"] == list(found.warnings)
    link = "https://trace.examp1e.com/01/09506000134352/21/A"
    assert look_up(None, printed(link)).warnings == ()
    [warning] = look_up(None, printed(link), hosts=("trace.example.com",)).warnings
    assert "trace.example.com" in warning
    [chinese] = look_up(
        None, printed("https://id.gs1.org.example.net/x?y"), language="zh-CN"
    ).warnings
    assert "id.gs1.org.example.net" in chinese
    assert "the host" not in chinese


def test_a_host_that_feigns_another_before_a_code_that_is_none() -> None:
    """Where nothing is read the host is warned about all the same."""
    found = look_up(None, printed("https://id.gs1.org@example.net/ x"))
    assert found.code is None
    assert found.problem
    assert "example.net" in found.warnings[0]


@pytest.mark.parametrize("host", ["example.org", "localhost", "trace:8000"])
def test_a_link_that_is_nearly_of_gs1(host: str) -> None:
    """A link with a wrong check digit is somebody's own code, and it is said that it is."""
    text = f"https://{host}/01/09506000134353"
    found = look_up(None, printed(text))
    assert found.code is not None
    assert found.code.uri == text
    [warning] = found.warnings
    assert "no GS1 Digital Link" in warning
    [chinese] = look_up(None, printed(text), language="zh-CN").warnings
    assert "GS1 " in chinese
    assert "link" not in chinese.replace("Digital Link", "")


def test_a_link_that_is_nobody_elses() -> None:
    """A plain link, with or without a dot in its host, gives no warning."""
    for text in ("https://example.org/machine/ABC", "http://localhost/machine/ABC"):
        assert look_up(None, printed(text)).warnings == ()


def test_a_profile_that_a_label_breaks() -> None:
    """What a profile forbids is told of a scan; who types a code isn't told."""
    text = "(01)06901234567892(10)A%1"
    found = look_up(None, printed(text))
    assert [one.partition(":")[0] for one in found.warnings] == ["gbt33993"]
    code, warnings = read_typed(text)
    assert code == found.code
    assert warnings == ()


def test_what_a_lost_separator_may_hide() -> None:
    """A lot with what looks like a serial in it is a lot, and the doubt is told with its remedy."""
    found = look_up(None, scan("010950600013435210L121ABC"))
    assert found.code is not None
    assert found.code.lot == "https://id.gs1.org/01/09506000134352/10/L121ABC"
    [warning] = found.warnings
    assert "AI 10 may hide (21)ABC" in warning
    assert "separators" in warning
    [chinese] = look_up(None, scan("010950600013435210L121ABC"), language="zh-CN").warnings
    assert "(21)ABC" in chinese
    assert "重新扫描" in chinese
    # Three ways to part it give one warning.
    assert len(look_up(None, scan("010950600013435210L121ABC17270228")).warnings) == 1
    assert look_up(None, scan("010950600013435210L1\x1d21ABC")).warnings == ()


def test_a_scan_is_identified_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings cost one identification, whether or not the text can be read."""
    asked: list[str] = []

    def counted(text: str, **options: object) -> Identification:
        asked.append(text)
        return identify(text)

    monkeypatch.setattr(lookup, "identify", counted)
    for text in ("010950600013435221A", "010950600013435210L1^21A", "0109506000134353"):
        look_up(None, scan(text))
    assert len(asked) == 3


def test_typed_codes_are_read_and_doubted() -> None:
    """A typed code is read without repair, with the same doubts as a scan."""
    code, warnings = read_typed("https://id.gs1.org.example.net/01/09506000134352/21/A")
    assert code.uri == instance("A")
    assert len(warnings) == 1
    assert read_typed("(01)09506000134352(21)A") == (code, ())
    _code, [chinese] = read_typed("https://example.org/01/09506000134353", language="zh-CN")
    assert "GS1" in chinese
    with pytest.raises(IdentifierError):
        read_typed("010950600013435210L1^21A")


PIECES = st.sampled_from(
    (
        *("]d2", "]Q1", "0109506000134352", "10L1", "21ABC", "17270228", "\x1d", "^", "(01)"),
        *("https://", "id.gs1.org", ".example/", "/01/09506000134353", "#x", "\u202e"),
        "00395200010000000011",
    )
)


@given(
    st.lists(PIECES | st.text(max_size=4), max_size=8).map("".join), st.sampled_from(["en", "zh"])
)
def test_every_scan_is_judged(text: str, language: str) -> None:
    """Whatever was scanned, there is a code or a problem, and each warning is a text of its own."""
    found = look_up(None, printed(text), language=language, hosts=("trace.example.com",))
    assert (found.code is None) == (found.problem is not None)
    assert all(found.warnings)
    assert len(set(found.warnings)) == len(found.warnings)


@pytest.mark.parametrize(
    ("stem", "hosts"),
    [
        ("http://127.0.0.1:8000", ()),
        ("http://localhost:8000", ()),
        ("http://[::1]:8000", ()),
        ("http://[x", ()),
        ("https://trace.example.com:8443/x", ("trace.example.com",)),
    ],
)
def test_hosts_of_our_own(stem: str, hosts: tuple[str, ...]) -> None:
    """The host of our links may be feigned; a number or a bare name is too like others."""
    assert known_hosts(stem) == hosts
