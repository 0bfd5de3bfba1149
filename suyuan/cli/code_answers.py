"""What `suyuan code identify` answers: as JSON, and as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from identifiers import ElementString, IdentifierError, as_item_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from identifiers.candidates import Candidate
    from identifiers.identification import Identification
    from identifiers.notices import Notice
    from identifiers.schemes.reading import Part
    from suyuan.cli.given_codes import Given

__all__ = ["answer_of", "lines_of", "message_of", "refusal_of", "unread"]


def message_of(candidate: Candidate) -> ElementString | None:
    """The application identifiers of a candidate with their values; None for other schemes."""
    elements = candidate.elements
    return ElementString(elements, candidate.dictionary) if elements else None


def _notices(notices: tuple[Notice, ...], language: str) -> list[dict[str, Any]]:
    return [
        {"kind": one.kind, "message": one.message(language), "position": one.position}
        for one in notices
    ]


def _plain(part: Part | tuple[str, str]) -> Any:
    return [_plain(one) for one in part] if isinstance(part, tuple) else part


def _candidate(candidate: Candidate, language: str) -> dict[str, Any]:
    return {
        "scheme": candidate.scheme,
        "code": candidate.code,
        "uri": candidate.uri,
        "kind": candidate.level.value,
        "confidence": float(candidate.confidence),
        "reason": candidate.reason.message(language),
        "parts": {name: _plain(part) for name, part in candidate.parts.items()},
        "dictionary": candidate.dictionary,
        "repairs": _notices(candidate.repairs, language),
        "warnings": _notices(candidate.warnings, language),
        "unverified": _notices(candidate.unverified, language),
    }


def _summary(best: Candidate) -> dict[str, Any]:
    """The likeliest reading in the words of the ledger."""
    code = None
    message = message_of(best)
    if message is not None:
        try:
            code = as_item_code(message)
        except IdentifierError:  # a message that names nothing
            code = None
    return {
        "code": best.uri or None,
        "kind": best.level.value,
        "product": code.product if code else None,
        "lot": code.lot if code else None,
        "serial": code.serial if code else None,
        "parts": [list(pair) for pair in message.elements] if message else [],
    }


def refusal_of(error: IdentifierError, language: str) -> dict[str, Any]:
    """What is wrong with a code: the sentence, its class, and the parts of the error."""
    told = error.as_dict(language)
    return {"error": told.pop("message"), "class": told.pop("kind"), **told}


def unread(given: Given, problem: str) -> dict[str, Any]:
    """The answer to a line that can't be read."""
    return given.as_dict() | {"error": problem}


def answer_of(given: Given, found: Identification, language: str) -> dict[str, Any]:
    """The answer to one code: the likeliest reading, all candidates, and what it nearly was."""
    best = found.best
    answer = given.as_dict()
    if best is not None:
        answer |= _summary(best)
    else:
        scheme, error = found.refusals[0]
        answer |= {"scheme": scheme, **refusal_of(error, language)}
    answer["candidates"] = [_candidate(one, language) for one in found.candidates]
    answer["refusals"] = [
        {"scheme": scheme, **error.as_dict(language)} for scheme, error in found.refusals
    ]
    answer["warnings"] = _notices(found.warnings, language)
    return answer


def lines_of(answer: dict[str, Any]) -> Iterator[str]:
    """The answer for people: a line for the code, and one for each remark on it."""
    if "error" in answer:
        yield f"{answer['text']}: {answer['error']}"
        return
    first, *others = answer["candidates"]
    parts = " ".join(f"({ai}){value}" for ai, value in answer["parts"])
    yield f"{answer['code'] or first['code']}  {answer['kind']}  {parts or first['scheme']}"
    for kind in ("repairs", "warnings", "unverified"):
        for notice in first[kind]:
            yield f"  {kind.removesuffix('s')}: {notice['message']}"
    for other in others:
        yield f"  or {other['scheme']} {other['code']}: {other['reason']}"
