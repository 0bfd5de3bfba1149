"""Tag URIs of EPC."""

import pytest

from identifiers.epc import parse_epc_urn
from identifiers.errors import ComponentError, IdentifierError, SyntaxError_, UnknownSchemeError


@pytest.mark.parametrize(
    ("tag", "identity"),
    [
        ("sgtin-96:3.9506000.013435.274877906943", "sgtin:9506000.013435.274877906943"),
        ("sgtin-198:3.9506000.013435.0A", "sgtin:9506000.013435.0A"),
        ("sscc-96:0.0614141.1234567890", "sscc:0614141.1234567890"),
        ("giai-96:0.0614141.12", "giai:0614141.12"),
        ("giai-202:0.0614141.0012", "giai:0614141.0012"),
        ("cpi-96:0.0614141.12.77", "cpi:0614141.12.77"),
    ],
)
def test_tags_name_their_identity(tag: str, identity: str) -> None:
    """A tag URI is its pure identity with a size and a filter."""
    assert parse_epc_urn(f"urn:epc:tag:{tag}") == parse_epc_urn(f"urn:epc:id:{identity}")


@pytest.mark.parametrize(
    ("tag", "kind", "position"),
    [
        ("sgtin-97:3.9506000.013435.1", UnknownSchemeError, 18),
        ("pgln-96:3.0614141.12345", UnknownSchemeError, 17),
        ("sgtin-96:8.9506000.013435.1", SyntaxError_, 21),
        ("sgtin-96:3", SyntaxError_, 21),
        ("sgtin-96:3.9506000.013435.274877906944", ComponentError, 38),
        ("sgtin-96:3.9506000.013435.01", ComponentError, 38),
        ("sgtin-96:3.9506000.013435.A", ComponentError, 38),
        ("giai-96:0.0614141.0012", ComponentError, 30),
        ("cpi-96:0.0614141.A.77", ComponentError, 29),
    ],
)
def test_faults(tag: str, kind: type[IdentifierError], position: int) -> None:
    """A field that does not fit the tag is refused with its place in the URN."""
    with pytest.raises(kind) as caught:
        parse_epc_urn(f"urn:epc:tag:{tag}")
    assert caught.value.position == position
