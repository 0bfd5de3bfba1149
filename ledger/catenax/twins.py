"""Twins as they stand in a document: who they are and which aspects they have.

Two kinds of documents hold twins:

* the test-data container: ``{"https://catenax.io/schema/TestDataContainer/1.0.0": [twin, ...]}``,
  a twin being ``{"catenaXId", "bpnl", aspect URN: [payload, ...]}``;
* Trace-X's import file: ``{"assets": [asset, ...]}``, an asset being ``{"assetMetaInfo",
  "submodels": [{"aspectType", "payload"}, ...]}``.

Aspects go by their name, whatever the version, so that a partner who moves from
``urn:bamm:io.catenax.batch:1.0.0#Batch`` to ``urn:samm:io.catenax.batch:3.0.0#Batch`` is
understood.
The document's usage policies are terms of its exchange and tell nothing about items: they are not
read.

https://eclipse-tractusx.github.io/sldt-semantic-models/
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from ledger.catenax.errors import CatenaxError
from ledger.catenax.values import child, item_id, member

__all__ = ["Aspect", "Twin", "document_twins", "is_catenax", "parse_twin"]

_CONTAINER: Final = "https://catenax.io/schema/TestDataContainer/"
_ASPECT: Final = re.compile(r"urn:[bs]amm:[A-Za-z0-9_.:-]+#([A-Za-z0-9_]+)")
_ID_KEYS: Final = ("catenaXId", "globalAssetId")


@dataclass(frozen=True, slots=True)
class Aspect:
    """One payload of a twin."""

    urn: str
    """The model it follows, with namespace and version."""

    name: str
    """The model's name in lower case, without its version: ``singlelevelbomasbuilt``."""

    payload: Any
    """The content as it came."""

    pointer: str
    """Where the payload stands in the document."""


@dataclass(frozen=True, slots=True)
class Twin:
    """One part, batch, part type or other thing, as one partner describes it."""

    item: str
    """The item code: its Catena-X id as a URI."""

    aspects: tuple[Aspect, ...]
    """In the order of the document."""

    members: dict[str, Any]
    """What else the document says of it, such as the ``bpnl`` of the sender."""


def is_catenax(document: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a parsed document is one of the two kinds that hold twins."""
    if not isinstance(document, dict):
        return False
    if any(isinstance(key, str) and key.startswith(_CONTAINER) for key in document):
        return True
    assets = document.get("assets")
    return isinstance(assets, list) and any(
        isinstance(asset, dict) and "assetMetaInfo" in asset for asset in assets
    )


def document_twins(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the pointer and the raw value of each twin.

    Raises:
        CatenaxError: the document has something else than a list where its twins should stand.
    """
    keys = [key for key in document if key.startswith(_CONTAINER)]
    for key in keys or ["assets"]:
        pointer = child("", key)
        for index, raw in enumerate(member(document, key, list, "")):
            yield child(pointer, index), raw


def parse_twin(raw: object, pointer: str) -> Twin:
    """Return the twin that stands at `pointer`.

    Raises:
        CatenaxError: it has no id, or is built differently.
    """
    if not isinstance(raw, dict):
        raise CatenaxError(pointer, "a twin (an object)", raw)
    return _asset(raw, pointer) if "assetMetaInfo" in raw else _contained(raw, pointer)


def _contained(raw: dict[str, Any], pointer: str) -> Twin:
    aspects: list[Aspect] = []
    members: dict[str, Any] = {}
    for key, value in raw.items():
        model = _ASPECT.fullmatch(key)
        if model is None:
            members[key] = value
        elif isinstance(value, list):
            at = child(pointer, key)
            aspects += (
                Aspect(key, model[1].lower(), payload, child(at, index))
                for index, payload in enumerate(value)
            )
        else:
            aspects.append(Aspect(key, model[1].lower(), value, child(pointer, key)))
    return Twin(item_id(raw, _ID_KEYS, pointer), tuple(aspects), _without_id(members))


def _asset(raw: dict[str, Any], pointer: str) -> Twin:
    about = member(raw, "assetMetaInfo", dict, pointer)
    aspects: list[Aspect] = []
    at = child(pointer, "submodels")
    for index, submodel in enumerate(member(raw, "submodels", list, pointer)):
        here = child(at, index)
        if not isinstance(submodel, dict):
            raise CatenaxError(here, "a submodel (an object)", submodel)
        urn = submodel.get("aspectType")
        model = _ASPECT.fullmatch(urn) if isinstance(urn, str) else None
        if model is None:
            raise CatenaxError(child(here, "aspectType"), "the URN of an aspect model", urn)
        payload = submodel.get("payload")
        aspects.append(Aspect(model[0], model[1].lower(), payload, child(here, "payload")))
    rest = {key: value for key, value in raw.items() if key not in {"assetMetaInfo", "submodels"}}
    item = item_id(about, _ID_KEYS, child(pointer, "assetMetaInfo"))
    return Twin(item, tuple(aspects), _without_id(rest | about))


def _without_id(members: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if key not in _ID_KEYS}
