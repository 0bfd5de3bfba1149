"""`suyuan code`: identify and convert; and what holds for every command's arguments."""

import json
import subprocess

import pytest

from identifiers.gs1 import aitable
from tests.suyuan.conftest import PROGRAM, CommandLine

PACK = "https://id.gs1.org/01/09506000134352/21/ABC"
LOT = "https://id.gs1.org/01/09506000134352/10/L1"
BRACKETED = "(01)09506000134352(21)ABC"


def test_every_form_is_identified(bare: CommandLine) -> None:
    """A code is the same item in any form, and no ledger is needed to say so."""
    forms = (PACK, BRACKETED, "010950600013435221ABC", "urn:epc:id:sgtin:9506000.013435.ABC")
    found = bare.json("code", "identify", *forms)
    assert [one["text"] for one in found] == list(forms)
    assert {one["code"] for one in found} == {PACK}
    assert not bare.database.exists()


def test_one_code_is_one_value(bare: CommandLine) -> None:
    """The JSON of one code is an object that holds its parts, and all that it may be."""
    text = "(01)09506000134352(10)L1(21)ABC"
    found = bare.json("code", "identify", text)
    (candidate,) = found.pop("candidates")
    assert found == {
        "text": text,
        "code": PACK,
        "kind": "instance",
        "product": "https://id.gs1.org/01/09506000134352",
        "lot": LOT,
        "serial": "ABC",
        "parts": [["01", "09506000134352"], ["10", "L1"], ["21", "ABC"]],
        "refusals": [],
        "warnings": [],
    }
    assert candidate["scheme"] == "gs1-element-string"
    assert candidate["confidence"] == 1.0
    assert candidate["dictionary"] == aitable.version()
    assert candidate["repairs"] == []


def test_identify_for_people(bare: CommandLine) -> None:
    """Without --json a code is one line, with a further one for each remark and other reading."""
    answer = bare("code", "identify", BRACKETED, "urn:x-part:y:z", "00395200010000000011")
    assert answer.status == 0
    pack, part, unit, drug = answer.out.splitlines()
    assert pack == f"{PACK}  instance  (01)09506000134352 (21)ABC"
    assert part == "urn:x-part:y:z  other  uri"
    assert unit.startswith("https://id.gs1.org/00/395200010000000011  logistic  ")
    assert drug.startswith("  or cn-drug-trace-20 00395200010000000011: ")


def test_a_repair_is_told_and_can_be_forbidden(bare: CommandLine) -> None:
    """What was changed to read a code is said; forbidden, the code is refused as it is."""
    damaged = "０１０９５０６０００１３４３５２"
    answer = bare("code", "identify", damaged)
    assert answer.status == 0
    assert "  repair: the full-width" in answer.out
    found = bare.json("code", "identify", damaged)
    assert [one["kind"] for one in found["candidates"][0]["repairs"]] == ["full-width"]
    for option in (["--no-repair"], ["--without", "full-width"]):
        assert bare("code", "identify", *option, damaged).status == 1


def test_profiles_and_hosts_warn(bare: CommandLine) -> None:
    """A profile warns of what it forbids, and a host that feigns ours is told."""
    answer = bare("code", "identify", "--profile", "eu-fmd", "(01)09506000134352")
    assert answer.status == 0
    assert "  warning: " in answer.out
    link = "https://trace.examp1e/01/09506000134352"
    found = bare.json("code", "identify", "--host", "trace.example", link)
    assert [one["kind"] for one in found["warnings"]] == ["look-alike-host"]


def test_faults_are_told_in_chinese(bare: CommandLine) -> None:
    """The language option holds for what is wrong with a code."""
    answer = bare("--language", "zh-CN", "code", "identify", "(01)09506000134353")
    assert answer.status == 1
    assert "校验码" in answer.out


LINES = (
    b'"(01)09506000134352(21)ABC"\n'
    b'{"id": 7, "text": "(01)09506000134353"}\n'
    b"\n"
    b"nope\n"
    b'{"hex": "zz"}\n'
    b'{"hex": "303645190C3480C000000001", "id": "tag"}\n'
    b"[1]\n"
)


def test_codes_stream_through(bare: CommandLine) -> None:
    """Each line of standard input is answered by a line, whether or not it can be read."""
    answer = bare("--json", "code", "identify", stdin=LINES)
    assert answer.status == 1
    rows = [json.loads(line) for line in answer.out.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 4, 5, 6, 7]
    assert rows[0]["code"] == PACK
    assert (rows[1]["id"], rows[1]["class"], rows[1]["position"]) == (7, "check_digit", 17)
    assert "no JSON" in rows[2]["error"]
    assert "hex" in rows[3]["error"]
    assert (rows[4]["id"], rows[4]["candidates"][0]["scheme"]) == ("tag", "epc-binary")
    assert "no code" in rows[5]["error"]


def test_lines_are_codes_on_request(bare: CommandLine) -> None:
    """With --lines nothing is JSON: a line is the scan, byte for byte."""
    scan = b"]d2010950600013435210L1\x1d21ABC\n"
    answer = bare("--json", "code", "convert", "--lines", "--to", "bracketed", stdin=scan)
    assert answer.json["bracketed"] == "(01)09506000134352(10)L1(21)ABC"


def test_lines_as_programs_write_them(bare: CommandLine) -> None:
    """The end of a line is no part of the code, an empty one is no code; bytes are hexadecimal."""
    lines = f"{BRACKETED}\r\n\r\n\n{PACK}".encode()
    answer = bare("code", "convert", "--lines", "--to", "bracketed", stdin=lines)
    assert (answer.status, answer.out) == (0, f"{BRACKETED}\n{BRACKETED}\n")
    answer = bare("--json", "code", "identify", "--lines", stdin=b"(01)1\n\xff\n")
    assert [json.loads(line)["text"] for line in answer.out.splitlines()] == ["(01)1", "ff"]


@pytest.mark.parametrize(
    ("name", "comes_back"),
    [
        ("[[1.5, null]]", True),
        ("9007199254740991.0", True),
        ("18446744073709551615", True),
        ("18446744073709551616", False),
        ("1e300", False),
        ("[" * 300 + "]" * 300, False),
    ],
)
def test_an_id_comes_back_or_is_refused(bare: CommandLine, name: str, comes_back: bool) -> None:  # noqa: FBT001
    """What can't be written as it was read spoils its own line alone."""
    lines = f'{{"id": {name}, "text": "{PACK}"}}\n"{PACK}"\n'.encode()
    answer = bare("--json", "code", "identify", stdin=lines)
    assert answer.status == (not comes_back)
    first, second = [json.loads(line) for line in answer.out.splitlines()]
    assert second["code"] == PACK
    if comes_back:
        assert first["id"] == json.loads(name)
    else:
        assert "id that can't be repeated" in first["error"]


def test_a_closed_input_is_wrong_usage(bare: CommandLine) -> None:
    """Where the shell closed standard input there is none to read."""
    done = subprocess.run(
        ["sh", "-c", f"{PROGRAM} code identify <&-"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "No codes given" in done.stderr


@pytest.mark.parametrize("options", ["", "--json"])
def test_an_endless_input_ends_with_its_reader(bare: CommandLine, options: str) -> None:
    """After `head` has seen enough nothing more is read."""
    done = subprocess.run(
        ["sh", "-c", f"yes '\"{PACK}\"' | {PROGRAM} {options} code identify | head -n 1"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert PACK in done.stdout
    assert not done.stderr


def test_a_line_without_end_is_passed_over(bare: CommandLine) -> None:
    """A line of megabytes is answered once, and the next one is read."""
    answer = bare(
        "--json", "code", "convert", stdin=b"1" * 5_000_000 + b'\n"' + PACK.encode() + b'"\n'
    )
    long, right = [json.loads(line) for line in answer.out.splitlines()]
    assert "longer than" in long["error"]
    assert right["link"] == PACK


def test_no_code_at_all_is_wrong_usage(bare: CommandLine) -> None:
    """Without arguments and lines the user is told what to do."""
    answer = bare("code", "identify", stdin=b"\n")
    assert answer.status == 2
    assert "standard input" in answer.sentence()


def test_codes_are_no_emoji_and_no_markup(bare: CommandLine) -> None:
    """What looks like a console's own language is printed as it is."""
    answer = bare("code", "identify", "urn:part:smile:x:1", "https://a.example/[bold]x[/bold]")
    assert "urn:part:smile:x:1" in answer.out
    assert "[bold]x[/bold]" in answer.out


def test_a_long_code_is_never_folded(bare: CommandLine) -> None:
    """A code of hundreds of characters stays on its line."""
    code = "urn:long:" + "a" * 900
    assert bare("code", "identify", code).out.splitlines() == [f"{code}  other  uri"]


def test_a_refused_code_says_where_and_why(bare: CommandLine) -> None:
    """A wrong check digit is a finding, with position, expectation and fix; others still count."""
    answer = bare("--json", "code", "identify", "(01)09506000134353", BRACKETED)
    assert answer.status == 1
    wrong, right = answer.json
    assert (wrong["position"], wrong["expected"], wrong["found"]) == (17, "check digit 2", "3")
    assert wrong["fix"]
    assert right["code"] == PACK
    plain = bare("code", "identify", "(01)09506000134353")
    assert plain.status == 1
    assert plain.out.startswith("(01)09506000134353: AI (01): expected check digit 2")


@pytest.mark.parametrize(
    "text",
    ["", "hello", "(01)", "(17)261332(01)09506000134352", "A\x00B", "\u202e", "1" * 1_000_000],
)
def test_what_is_no_code_is_a_finding(bare: CommandLine, text: str) -> None:
    """Nonsense of any length is refused in one sentence of bearable length."""
    answer = bare("--json", "code", "identify", text)
    assert answer.status == 1
    assert len(answer.json["error"]) < 500


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("link", PACK),
        ("bracketed", BRACKETED),
        ("elements", "010950600013435221ABC"),
        ("urn", "urn:epc:id:sgtin:9506000.013435.ABC"),
    ],
)
def test_convert(bare: CommandLine, form: str, written: str) -> None:
    """A code is written in each form, as text and as JSON."""
    assert bare("code", "convert", "--to", form, BRACKETED).out == f"{written}\n"
    assert bare.json("code", "convert", "--to", form, BRACKETED) == {
        "text": BRACKETED,
        form: written,
    }


def test_tags_are_written_and_read(bare: CommandLine) -> None:
    """A code becomes the bits of a tag, and the bits the code."""
    options = ["--tag-scheme", "sgtin-198", "--filter", "1"]
    bits = bare("code", "convert", "--to", "binary", *options, BRACKETED).out.strip()
    assert bare("code", "convert", "--to", "bracketed", bits).out == f"{BRACKETED}\n"
    uri = bare("code", "convert", "--to", "tag", *options, BRACKETED).out
    assert uri == "urn:epc:tag:sgtin-198:1.9506000.013435.ABC\n"
    refused = bare("code", "convert", "--to", "tag", BRACKETED)
    assert refused.status == 1  # 96 bits hold no letters


def test_nothing_is_dropped_on_the_way(bare: CommandLine) -> None:
    """A code with more than a URN can hold is refused, not cut."""
    full = "(01)09506000134352(17)270228(21)ABC"
    assert bare("code", "convert", "--to", "urn", full).status == 1
    link = bare("code", "convert", full).out
    assert link == f"{PACK}?17=270228\n"


def test_convert_options(bare: CommandLine) -> None:
    """The stem and the length of the company prefix are the user's."""
    options = ["--stem", "https://trace.example/x", BRACKETED, LOT]
    assert bare.json("code", "convert", *options) == [
        {"text": BRACKETED, "link": "https://trace.example/x/01/09506000134352/21/ABC"},
        {"text": LOT, "link": "https://trace.example/x/01/09506000134352/10/L1"},
    ]
    answer = bare("code", "convert", "--to", "urn", "--prefix-length", "9", BRACKETED)
    assert answer.out == "urn:epc:id:sgtin:950600013.0435.ABC\n"


def test_what_cannot_be_converted_is_a_finding(bare: CommandLine) -> None:
    """A code that a form can't hold is refused; nothing is dropped silently."""
    answer = bare("code", "convert", "--to", "urn", "urn:uuid:x", BRACKETED)
    assert answer.status == 1
    refused, converted = answer.out.splitlines()
    assert refused.startswith("urn:uuid:x: ")
    assert converted == "urn:epc:id:sgtin:9506000.013435.ABC"


@pytest.mark.parametrize("stem", ["", "javascript:alert(1)", "https://", "https://a b/", "//x"])
def test_a_stem_must_be_an_address(bare: CommandLine, stem: str) -> None:
    """What a printed link begins with is http or https and a host."""
    answer = bare("code", "convert", "--stem", stem, BRACKETED)
    assert answer.status == 2
    assert "https://trace.example.com" in answer.sentence()


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["code", "nonsense"],
        ["code", "identify", "--without", "everything", BRACKETED],
        ["code", "identify", "--profile", "nobody", BRACKETED],
        ["code", "convert", "--to", "xml", BRACKETED],
        ["code", "convert", "--prefix-length", "3", BRACKETED],
        ["--nonsense", "verify"],
        ["trace", BRACKETED, "--depth", "0"],
        ["trace", BRACKETED, "--depth", "many"],
        ["trace", BRACKETED, "--links", "foo"],
        ["trace", BRACKETED, "--direction", "up"],
        ["token", "revoke", "99999999999999999999999999"],
        ["serve", "--port", "0"],
        ["check-proof", "x"],
        ["capture", "--mode", "maybe", "x"],
        ["demo", "--packs", "3"],
    ],
)
def test_wrong_usage(bare: CommandLine, arguments: list[str]) -> None:
    """Wrong usage is one sentence that names the help, and exit status 2."""
    answer = bare(*arguments)
    assert answer.status == 2
    assert answer.sentence().endswith("--help'.")
    assert not answer.out


@pytest.mark.parametrize("arguments", [[], ["code"], ["org"], ["token"], ["key"]])
def test_a_group_alone_shows_its_help(bare: CommandLine, arguments: list[str]) -> None:
    """Without a command the help is printed as it should be read, line by line."""
    answer = bare(*arguments)
    assert answer.status == 2
    assert answer.err.startswith("Usage: suyuan ")
    assert len(answer.err.splitlines()) > 5


def test_help_and_version(bare: CommandLine) -> None:
    """The first screen names every command in a whole sentence, and how to begin."""
    answer = bare("--help")
    assert answer.status == 0
    assert "'suyuan demo'" in answer.out
    commands = answer.out.partition("Commands:")[2].splitlines()[1:]
    assert len(commands) >= 16
    assert all(line.endswith(".") and not line.endswith("...") for line in commands), commands
    assert bare("--version").out.startswith("suyuan ")


def test_arguments_must_be_text(bare: CommandLine) -> None:
    """Bytes that are no UTF-8 reach us as lone surrogates, and are refused before anything is done."""
    for arguments in (
        ["code", "identify", "urn:x:\udcff"],
        ["org", "add", "x", "--name", "\udcff"],
        ["--db", "sqlite:///\udcff", "migrate"],
    ):
        answer = bare("--json", *arguments)
        assert answer.status == 2
        assert "UTF-8" in answer.sentence()
    assert list(bare.folder.iterdir()) == []
