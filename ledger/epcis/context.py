"""The JSON-LD ``@context`` of a document: which prefixes its extension fields use.

* The standard EPCIS context is understood, not stored; every further entry is kept with the event,
  so that ``example:lot`` still means what its sender meant when the document is long gone.
* Nothing is ever fetched: contexts of others named by address are kept by address.
* An event with a ``@context`` of its own adds to that of its document.

https://www.w3.org/TR/json-ld11/ section 3.1, EPCIS 2.0 section 9.3

>>> context = parse_context(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
...                          {"ex": "https://example.com/steps/"}])
>>> context.entries
({'ex': 'https://example.com/steps/'},)
>>> context.expand("ex:polishing")
'https://example.com/steps/polishing'
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["STANDARD_CONTEXT", "Context", "parse_context"]

STANDARD_CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
"""The address under which documents of ours name the standard context."""

_IS_STANDARD: Final = re.compile(
    r"https?://(?:ref\.gs1\.org/standards/epcis(?:/\d+(?:\.\d+)*)?|gs1\.github\.io/EPCIS)"
    r"/epcis-context\.jsonld\Z"
).match

# Prefixes of the standard context, with which values (not only fields) may be shortened.
_STANDARD_PREFIXES: Final = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a document's ``@context`` says beyond the standard one."""

    entries: tuple[Any, ...] = ()
    """Addresses and prefix tables in the order sent, without the standard context."""
    prefixes: dict[str, str] = field(default_factory=lambda: _STANDARD_PREFIXES)
    """Namespace by prefix; a later entry wins, as in JSON-LD."""

    def expand(self, text: str) -> str:
        """Return a prefixed name as the full URI, any other text as it is."""
        prefix, colon, name = text.partition(":")
        if not colon or name.startswith("//"):
            return text
        namespace = self.prefixes.get(prefix)
        return text if namespace is None else namespace + name

    def extended(self, value: Any) -> "Context":
        """Return the context of an event that has a ``@context`` of its own."""
        own = parse_context(value)
        fresh = tuple(entry for entry in own.entries if entry not in self.entries)
        if not fresh:
            return self
        return _make((*self.entries, *fresh))


def parse_context(value: Any) -> Context:
    """Read an ``@context``; its form is checked elsewhere, so a wrong one is simply kept."""
    if value is None:
        return Context()
    entries = value if isinstance(value, list) else [value]
    return _make(
        tuple(e for e in entries if not (isinstance(e, str) and _IS_STANDARD(e) is not None))
    )


def _make(entries: tuple[Any, ...]) -> Context:
    prefixes = dict(_STANDARD_PREFIXES)
    for entry in entries:
        if isinstance(entry, dict):
            for name, meaning in entry.items():
                namespace = meaning.get("@id") if isinstance(meaning, dict) else meaning
                if isinstance(namespace, str) and not name.startswith("@") and ":" not in name:
                    prefixes[name] = namespace
    return Context(entries, prefixes)
