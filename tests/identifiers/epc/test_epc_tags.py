"""Tags: what they hold, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.epc import (
    as_epc_binary,
    as_epc_tag,
    as_epc_tag_uri,
    parse_epc_binary,
    parse_epc_tag_uri,
)
from identifiers.errors import (
    ComponentError,
    ConversionError,
    IdentifierError,
    LengthError,
    SyntaxError_,
    UnknownSchemeError,
)
from identifiers.gs1.elements import parse_bracketed
from identifiers.parsing import parse_item_code

# The examples of EPC Tag Data Standard 2.3, annex E.3: scheme, filter, digits of the company prefix.
EXAMPLES = [
    ("SGTIN-96", 3, 11, "(01)09506000134352(21)123456789", "3066C4409047E140075BCD15"),
    ("SGTIN-198", 3, 11, "(01)09506000134352(21)32a/b", "3666C4409047E159B2C2BF1"),
    ("SGTIN+", 3, 7, "(01)79521141123453(21)32a/b", "F73795211411234538566CB0AFC4"),
    ("DSGTIN+", 3, 7, "(01)79521141123453(21)32a/b(17)220630", "FB342CDE795211411234538566CB0AFC4"),
    ("SSCC-96", 0, 6, "(00)095201234567891235", "311BA1B300CE0A6A83"),
    ("SSCC+", 0, 7, "(00)095201234567891235", "F90095201234567891235"),
    ("SGLN-96", 3, 7, "(414)9521141123454(254)5678", "3276451FD46072000000162E"),
    ("SGLN-195", 3, 7, "(414)9521141123454(254)32a/b", "3976451FD46072CD9615F88"),
    ("SGLN+", 3, 7, "(414)9521141123454(254)32a/b", "F2395211411234548566CB0AFC4"),
    ("GRAI-96", 3, 7, "(8003)095211411234545678", "3376451FD40C0E400000162E"),
    ("GRAI-170", 3, 7, "(8003)0952114112345432a/b", "3776451FD40C0E59B2C2BF1"),
    ("GRAI+", 3, 7, "(8003)0952114112345432a/b", "F13095211411234548566CB0AFC4"),
    ("GIAI-96", 3, 7, "(8004)95211415678", "3476451FD40000000000162E"),
    ("GIAI-202", 3, 7, "(8004)952114132a/b", "3876451FD59B2C2BF1"),
    ("GIAI+", 3, 7, "(8004)952114132a/b", "FA3952114132E83C2BF1"),
    ("GSRN-96", 3, 7, "(8018)952114112345678906", "2D76451FD4499602D2"),
    ("GSRN+", 3, 7, "(8018)952114112345678906", "F43952114112345678906"),
    ("GSRNP-96", 3, 7, "(8017)952114112345678906", "2E76451FD4499602D2"),
    ("GSRNP+", 3, 7, "(8017)952114112345678906", "F53952114112345678906"),
    ("GDTI-96", 3, 7, "(253)95211411234545678", "2C76451FD46072000000162E"),
    (
        "GDTI-174",
        3,
        7,
        "(253)9521141987650ABCDefgh012345678",
        "3E76451FD7039B061438997367D0C18B266D1AB66EE",
    ),
    ("GDTI+", 3, 7, "(253)95211411234545678", "F6395211411234540458B8"),
    ("CPI-96", 3, 7, "(8010)952114198765(8011)12345", "3C76451FD400C0E680003039"),
    ("CPI-var", 3, 7, "(8010)95211415PQ7/Z43(8011)12345", "3D76451FD75411DEF6B4CC00000003039"),
    ("CPI+", 3, 7, "(8010)95211415PQ7/Z43(8011)12345", "F0395211415E87A145BAFB4D19A8C0E4"),
    ("SGCN-96", 3, 7, "(255)952114167890904711", "3F76451FD612640000019907"),
    ("SGCN+", 3, 7, "(255)952114167890904711", "F839521141678909509338"),
    ("ITIP-110", 3, 7, "(8006)095211411234540102(21)981", "4076451FD40C0E40820000000F54"),
    ("ITIP-212", 3, 7, "(8006)095211411234540102(21)mw133", "4176451FD40C0E4082DBDD8B366"),
    ("ITIP+", 3, 7, "(8006)095211411234540102(21)rif981", "F3309521141123454010266AE27FDF35"),
]
HOSTED = [
    ("SGTIN++", 3, "(01)79521141123453(21)32a/b", "FD3795211411234538566CB0AFC525065F1876F0D996D8"),
    (
        "DSGTIN++",
        3,
        "(01)79521141123453(21)32a/b(17)220630",
        "FC342CDE795211411234538566CB0AFC525065F1876F0D996D8",
    ),
    ("SSCC++", 0, "(00)095201234567891235", "EF009520123456789123592832F8C3B786CCB6C"),
    ("SGLN++", 3, "(414)9521141123454(254)32a/b", "E9395211411234548566CB0AFC525065F1876F0D996D8"),
    ("GRAI++", 3, "(8003)0952114112345432a/b", "EB3095211411234548566CB0AFC525065F1876F0D996D8"),
    ("GIAI++", 3, "(8004)952114132a/b", "EE3952114132E83C2BF1494197C61DBC3665B6"),
    ("GSRN++", 3, "(8018)952114112345678906", "E7395211411234567890692832F8C3B786CCB6C"),
    ("GSRNP++", 3, "(8017)952114112345678906", "E8395211411234567890692832F8C3B786CCB6C"),
    ("GDTI++", 3, "(253)95211411234545678", "EA395211411234540458BA4A0CBE30EDE1B32DB"),
    (
        "CPI++",
        3,
        "(8010)95211415PQ7/Z43(8011)12345",
        "E6395211415E87A145BAFB4D19A8C0E64A0CBE30EDE1B32DB",
    ),
    ("SGCN++", 3, "(255)952114167890904711", "EC3952114167890950933C94197C61DBC3665B6"),
    (
        "ITIP++",
        3,
        "(8006)095211411234540102(21)rif981",
        "ED309521141123454010266AE27FDF3592832F8C3B786CCB6C",
    ),
]
"""The same with id.example.com; two that are printed with the header of "+" have their own here."""


@pytest.mark.parametrize(("scheme", "number", "length", "bracketed", "digits"), EXAMPLES)
def test_examples_of_the_standard(
    scheme: str, number: int, length: int, bracketed: str, digits: str
) -> None:
    """Each coding scheme gives the bits that the standard shows, and is read from them."""
    code = parse_bracketed(bracketed)
    memory = as_epc_binary(code, scheme=scheme, filter_value=number, company_prefix_length=length)
    assert memory.hex().upper().rstrip("0") == digits.rstrip("0")
    tag = parse_epc_binary(memory)
    assert (tag.scheme, tag.filter_value, tag.code) == (scheme, number, code)
    assert (tag.tag_uri is None) is (tag.pure_identity is None) is scheme.endswith("+")


@pytest.mark.parametrize(("scheme", "number", "bracketed", "digits"), HOSTED)
def test_examples_with_a_host(scheme: str, number: int, bracketed: str, digits: str) -> None:
    """A "++" tag holds the host name of its link besides."""
    code = parse_bracketed(bracketed)
    memory = as_epc_binary(code, scheme=scheme, filter_value=number, host="id.example.com")
    assert memory.hex().upper().rstrip("0") == digits.rstrip("0")
    tag = parse_epc_binary(memory)
    assert (tag.scheme, tag.code, tag.host) == (scheme, code, "id.example.com")


def test_a_tag_of_an_item_code() -> None:
    """What an item code says besides its identity goes on tags that can hold it alone."""
    code = parse_item_code("(01)09506000134352(10)L7(21)12")
    assert as_epc_tag_uri(code) == "urn:epc:tag:sgtin-96:0.9506000.013435.12"
    assert as_epc_tag(code, scheme="SGTIN+").data == (("10", "L7"),)


@pytest.mark.parametrize(
    ("bracketed", "options", "kind"),
    [
        ("(01)09506000134352(21)274877906944", {}, ComponentError),
        ("(01)09506000134352(21)0012", {}, ComponentError),
        ("(01)09506000134352(21)A", {}, ComponentError),
        ("(01)09506000134352", {}, LengthError),
        ("(01)09506000134352(10)L(21)1", {}, ConversionError),
        ("(00)106141412345678908", {}, ConversionError),
        ("(01)09506000134352(21)1", {"scheme": "sgtin-97"}, UnknownSchemeError),
        ("(01)09506000134352(21)1", {"scheme": "lgtin-96"}, UnknownSchemeError),
        ("(01)09506000134352(21)1", {"scheme": "gid-96"}, UnknownSchemeError),
        ("(01)09506000134352(21)1", {"scheme": "sgtin+++"}, UnknownSchemeError),
        ("(01)09506000134352(21)1", {"filter_value": 8}, ConversionError),
        ("(01)09506000134352(21)1", {"filter_value": -1}, ConversionError),
        ("(01)09506000134352(21)1", {"company_prefix_length": 13}, ConversionError),
        ("(01)09506000134352(21)1", {"scheme": "sscc+"}, ConversionError),
        ("(01)09506000134352(21)1", {"scheme": "sgtin++"}, ConversionError),
        ("(01)09506000134352(21)1", {"scheme": "sgtin+"}, ConversionError),
    ],
)
def test_codes_without_such_a_tag(
    bracketed: str, options: dict[str, object], kind: type[IdentifierError]
) -> None:
    """A code that a tag would change is refused, and no place in an unseen URN is named."""
    with pytest.raises(kind) as caught:
        as_epc_tag_uri(parse_bracketed(bracketed), **options)  # type: ignore[arg-type]
    assert caught.value.position is None


def test_hosts_stand_on_tags_that_hold_them() -> None:
    """A host name is refused where it would be lost, and asked for where it belongs."""
    code = parse_bracketed("(01)09506000134352(21)1")
    for scheme, host in (("sgtin-96", "a.cn"), ("sgtin+", "a.cn"), ("sgtin++", "")):
        with pytest.raises(ConversionError, match="host name"):
            as_epc_binary(code, scheme=scheme, host=host)


def test_a_location_without_extension() -> None:
    """A GLN alone has the extension 0 on its tag."""
    code = parse_bracketed("(414)9521141123454")
    for scheme in ("sgln-96", "sgln-195", "sgln+"):
        tag = as_epc_tag(code, scheme=scheme)
        assert tag.code is not None
        assert tag.code.elements == (*code.elements, ("254", "0"))


@pytest.mark.parametrize(
    ("digits", "position"), [("E2003412", 0), ("00", 0), ("FE3795211411234538566CB0AFC4", 0)]
)
def test_unknown_headers(digits: str, position: int) -> None:
    """Bits that begin like no EPC are refused, also those of schemes to come."""
    with pytest.raises(UnknownSchemeError) as caught:
        parse_epc_binary(digits)
    assert (caught.value.position, caught.value.found) == (position, digits[:2])


def test_a_pure_identity_is_no_tag() -> None:
    """The two kinds of URN are not mixed up."""
    with pytest.raises(SyntaxError_, match="urn:epc:tag:"):
        parse_epc_tag_uri("urn:epc:id:sgtin:9506000.013435.1")


@given(st.text(max_size=60) | st.text("0129.%*A-", max_size=40))
def test_only_our_errors(text: str) -> None:
    """Arbitrary text is refused with an error of ours or read as a tag."""
    for uri in (text, f"urn:epc:tag:{text}", f"urn:epc:tag:sgln-195:1.{text}"):
        try:
            tag = parse_epc_tag_uri(uri)
        except IdentifierError:
            continue
        assert parse_epc_binary(tag.memory) == tag
