"""The named checks of the dictionary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.errors import IdentifierError
from identifiers.gs1 import aitable
from identifiers.gs1.components import CHECKS, check_rule, code_list, verify_component


def test_every_check_of_the_table_exists() -> None:
    """Each check that an AI asks for is one of ours."""
    asked = {
        check
        for prefix in range(10_000)
        for ai in (f"{prefix:02}", f"{prefix:03}", f"{prefix:04}")
        if (found := aitable.find(ai)) is not None
        for part in found.components
        for check in part.checks
    }
    assert asked <= CHECKS.keys()
    assert len(asked) > 25


def _place_of_fault(name: str, text: str) -> int | None:
    try:
        verify_component(name, text)
    except IdentifierError as error:
        return error.position
    return 0


@given(
    st.sampled_from(sorted(CHECKS)),
    st.text(max_size=80) | st.text(alphabet="0123456789", max_size=80),
)
def test_only_our_errors(name: str, text: str) -> None:
    """Whatever a check gets, it passes or raises an error of ours with a place in the text."""
    place = _place_of_fault(name, text)
    assert place is not None
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("iso3166", "156"),
        ("iso3166999", "999"),
        ("iso3166999", "156"),
        ("iso3166alpha2", "CN"),
        ("iso4217", "156"),
        ("iban", "GB98MIDL07009312345678"),
        ("latitude", "1800000000"),
        ("pieceoftotal", "0102"),
        ("posinseqslash", "2/12"),
        ("posinseqslash", "999/1000"),
        ("pcenc", "a%20b"),
        ("cset64", "ab-_"),
        ("couponposoffer", "001234561234560123456"),
        ("couponcode", "106141410222223100110222111101231023456721104561045678991201"),
        ("couponcode", "01234561234561111012335006064500606"),
        ("couponcode", "01234561234561111012350123456" + "6" + "1" + "1234567"),
        ("gcppos2", "09506000134352"),
    ],
)
def test_sound_components(name: str, text: str) -> None:
    """Examples that hold."""
    verify_component(name, text)
    assert name in CHECKS


@pytest.mark.parametrize(
    ("name", "text", "expected", "position"),
    [
        ("iso3166", "999", "country", 0),
        ("iso3166999", "998", "or 999", 0),
        ("iban", "GB99MIDL07009312345678", "check digits 98", 2),
        ("iban", "XX361234567890", "country", 0),
        ("iban", "GB98midl", "upper-case", 4),
        ("iban", "GB98", "account", 0),
        ("iban", "G" * 35, "34", 34),
        ("latitude", "1800000001", "from 0 to", 0),
        ("longitude", "1", "10 digits", 0),
        ("pieceoftotal", "0302", "up to the total", 0),
        ("pieceoftotal", "0002", "piece number from 1", 0),
        ("pieceoftotal", "0200", "pieces from 1", 2),
        ("pieceoftotal", "123", "as many", 0),
        ("posinseqslash", "12", "slash", 0),
        ("posinseqslash", "1/02", "leading zero", 2),
        ("posinseqslash", "3/2", "up to the end", 0),
        ("pcenc", "a%2", "hexadecimal", 1),
        ("cset64", "1=", "padding", 1),
        ("gcppos1", "123", "at least 4", 0),
        ("gcppos2", "1123A", "digits of a GS1", 4),
        ("importeridx", "", "one character", 0),
        ("importeridx", "=", "hyphen", 0),
        ("yesno", "2", "0 or 1", 0),
        ("zero", "1", "zero", 0),
        ("nonzero", "00", "other than zero", 0),
        ("nozeroprefix", "01", "leading zero", 0),
        ("hasnondigit", "12", "no digit", 0),
        ("couponcode", "01234561", "offer code", 7),
        ("couponcode", "012345612345611110123" + "8", "optional field", 21),
        ("couponcode", "012345612345611110123" + "3200230", "day", 26),
        ("couponcode", "812345678901234", "length indicator", 0),
        ("couponcode", "01234561234561111012335006064500607", "start date up to", 29),
        ("couponposoffer", "0012345612345601234567", "the end", 21),
    ],
)
def test_faults(name: str, text: str, expected: str, position: int) -> None:
    """Each fault is told with what was expected and where."""
    with pytest.raises(IdentifierError) as caught:
        verify_component(name, text)
    assert expected in caught.value.expected
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("name", "text", "fix"),
    [
        ("couponcode", "01234567", "add what is missing, or mend a length indicator before it"),
        (
            "couponcode",
            "012345612345611110123" + "8",
            "put the fields in the order of their digits",
        ),
        ("couponposoffer", "0012345612345601234567", "leave out what follows"),
        ("csum", "09506000134353", "check digit should be 2"),
        ("iban", "GB99MIDL07009312345678", "check digits should be 98"),
        ("iban", "GB98 MIDL", "in capitals and without blanks"),
        ("latitude", "1800000001", "in units of 10^-7 degree"),
        ("nozeroprefix", "01", "leave out the leading zeros"),
        ("posinseqslash", "01/2", "leave out the leading zeros"),
        ("posinseqslash", "3/2", "write the position first"),
        ("pieceoftotal", "0302", "write the piece first"),
        ("pcenc", "100%", "%25"),
        ("yymmdd", "311299", "write 991231 if the day came first"),
    ],
)
def test_fixes(name: str, text: str, fix: str) -> None:
    """A fault that has a likely repair names it, and the check as the rule that asks for it."""
    with pytest.raises(IdentifierError) as caught:
        verify_component(name, text)
    assert fix in caught.value.fix
    assert caught.value.rule == check_rule(name)


def test_parts_of_a_coupon_are_named_in_chinese() -> None:
    """The fields of a coupon have their Chinese names, of one digit and of several."""
    with pytest.raises(IdentifierError) as caught:
        verify_component("couponcode", "01234561")
    assert caught.value.message("zh").startswith("应为 6 位数字的优惠代码，实为“1”")
    with pytest.raises(IdentifierError) as caught:
        verify_component("couponcode", "0123456123456")
    assert caught.value.message("zh").startswith("应为一位数字的优惠值，实为空")


def test_lists() -> None:
    """The lists hold China, the yuan and pallets, and are not empty."""
    assert "156" in code_list("iso3166")
    assert "CN" in code_list("iso3166alpha2")
    assert "156" in code_list("iso4217")
    assert "201" in code_list("packagetype")
    assert "01" in code_list("mediatype")
