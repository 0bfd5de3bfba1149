"""The JSON-LD context of a document."""

import pytest

from ledger.epcis.context import STANDARD_CONTEXT, Context, parse_context

OTHER = "https://example.com/context.jsonld"


@pytest.mark.parametrize(
    "address",
    [
        STANDARD_CONTEXT,
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld",
    ],
)
def test_the_standard_context_is_not_kept(address: str) -> None:
    """The standard context leaves no entry, under any of its addresses."""
    assert parse_context(address) == Context()
    assert parse_context([address, OTHER]).entries == (OTHER,)


def test_no_context_is_the_standard_one() -> None:
    """A document without a context has no entries of its own."""
    assert parse_context(None).entries == ()


def test_prefixes_expand() -> None:
    """Prefixed names become full URIs; a later entry wins; other text stays as it is."""
    context = parse_context(
        [{"ex": "http://a/", "@version": 1.1, "ex:n": "x"}, {"ex": {"@id": "http://b/"}, "n": 5}]
    )
    assert context.expand("ex:step") == "http://b/step"
    assert context.expand("cbv:BizStep-shipping") == "https://ref.gs1.org/cbv/BizStep-shipping"
    assert context.expand("urn:example:1") == "urn:example:1"
    assert context.expand("ex://step") == "ex://step"
    assert context.expand("shipping") == "shipping"
    assert context.expand("n:a") == "n:a"


def test_an_event_adds_to_its_document() -> None:
    """An event's own entries are appended once, and nothing new leaves the context as it is."""
    context = parse_context([{"a": "http://a/"}])
    assert context.extended(STANDARD_CONTEXT) is context
    assert context.extended([{"a": "http://a/"}]) is context
    both = context.extended([STANDARD_CONTEXT, {"b": "http://b/"}])
    assert both.entries == ({"a": "http://a/"}, {"b": "http://b/"})
    assert both.expand("a:x") == "http://a/x"
    assert both.expand("b:x") == "http://b/x"
