"""The enums of the schema: those of the ledger, each value with its meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import graphene

import ledger.genealogy.roles as links
import ledger.log.report as reports
from identifiers import Level as CodeLevel
from ledger.genealogy.completeness import Reason, Topic
from ledger.genealogy.manners import Manner
from ledger.genealogy.stages import Stage
from ledger.genealogy.trace import Direction as TraceDirection
from ledger.problems import Severity as ProblemSeverity
from ledger.receipts import Mode, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CaptureErrorCode",
    "CaptureFault",
    "CaptureMode",
    "Direction",
    "FindingKind",
    "ItemDetail",
    "ItemField",
    "Language",
    "Level",
    "LifeStage",
    "LinkKind",
    "LinkManner",
    "MessageLanguage",
    "OpenEndReason",
    "QuestionTopic",
    "ReceiptStatus",
    "Severity",
    "enum_argument",
]


class MessageLanguage(StrEnum):
    """The languages of receipts."""

    EN = "en"
    ZH_CN = "zh-CN"


class CaptureFault(StrEnum):
    """Why a capture stored nothing, or not all."""

    UNAUTHENTICATED = "unauthenticated"
    INVALID_DOCUMENT = "invalid_document"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    INVALID_CHECKPOINT = "invalid_checkpoint"
    LOG_REWRITTEN = "log_rewritten"
    UNAVAILABLE = "unavailable"


class ItemDetail(StrEnum):
    """What an answer says of an item, by the names of the ledger's fields."""

    KIND = "kind"
    DEPTH = "depth"
    QUANTITY = "quantity"
    UNIT = "unit"
    STATUS = "status"
    LOCATION = "location"
    HOLDER = "holder"
    INSIDE = "inside"
    CONTAINER = "container"
    EXPOSED_FROM = "exposed_from"
    EXPOSED_UNTIL = "exposed_until"
    STEP = "step"
    LAST_TIME = "last_time"


def enum_argument(kind: Any, default: StrEnum, description: str) -> Any:
    """An argument of an enum that has a default."""
    value: Any = default
    return graphene.Argument(graphene.NonNull(kind), default_value=value, description=description)


def _enum(source: type[StrEnum], name: str, summary: str, meanings: Mapping[str, str]) -> Any:
    """Make the schema's enum of one of ours; a value without a meaning is a KeyError at import."""
    texts = {member: meanings[member.name] for member in source}
    return graphene.Enum.from_enum(
        source, name=name, description=lambda value: summary if value is None else texts[value]
    )


Level: Final = _enum(
    CodeLevel,
    "Level",
    "What a code stands for.",
    {
        "INSTANCE": "One piece: a product with its serial number.",
        "LOT": "A lot or batch of a product.",
        "PRODUCT": "A product class, without lot or serial number.",
        "LOGISTIC": "A logistic unit such as a case or pallet (SSCC).",
        "ASSET": "A returnable or individual asset (GRAI, GIAI).",
        "DOCUMENT": "A document (GDTI).",
        "LOCATION": "A place (GLN).",
        "PARTY": "An organisation (GLN of a party).",
        "OTHER": "A code of another scheme, kept as its own URI.",
    },
)

Direction: Final = _enum(
    TraceDirection,
    "Direction",
    "Which way a trace looks.",
    {
        "FORWARD": "Towards what the item went into.",
        "BACKWARD": "Towards what the item came from.",
        "BOTH": "The forward and the backward trace together.",
    },
)

LinkKind: Final = _enum(
    links.Kind,
    "LinkKind",
    "The kinds of links between items.",
    {
        "TRANSFORMED": "An input became part of an output, for ever.",
        "PART_OF_LOT": "An item belongs to a lot.",
        "INSTALLED": "A part is in an assembly, from a time until another.",
        "PACKED": "An item is in a container, from a time until another: a place only.",
        "MEASURED": "An instrument's reading is about an item, which relies on it from then on.",
    },
)

LinkManner: Final = _enum(
    Manner,
    "LinkManner",
    "What people call that which a link's event did, told from what went in and came out.",
    {
        "RENAMED": "One item in, one out, of the same product: a new code on the same goods.",
        "SPLIT": "One item in, several out, of the same product.",
        "MERGED": "Several items in, one out, of the same product.",
        "REPLACED": "A part was fitted in another one's place.",
    },
)

LifeStage: Final = _enum(
    Stage,
    "LifeStage",
    "The stages of an item's life, by the business step of its newest event.",
    {
        "PROCUREMENT": "Ordered, received, accepted.",
        "PRODUCTION": "Made, assembled, coded.",
        "INSPECTION": "Inspected or sampled.",
        "WAREHOUSING": "Stored, counted, picked, packed.",
        "LOGISTICS": "Shipped, on its way, sold.",
        "AFTER_SALES": "Repaired, replaced, collected, destroyed.",
    },
)

OpenEndReason: Final = _enum(
    Reason,
    "OpenEndReason",
    "Why an end of a trace is open.",
    {
        "ANNOUNCED": "Others mention the item; its own record hasn't come.",
        "IN_TRANSIT": "It was sent off, and nobody has reported its arrival.",
        "ORIGIN_UNKNOWN": "Nobody has said that it was made, nor of what.",
    },
)

QuestionTopic: Final = _enum(
    Topic,
    "QuestionTopic",
    "What is odd about the events of a trace.",
    {
        "NO_LOT": "Goods were used or packed by their product alone: they may be of any lot of it.",
        "NOT_INSIDE": "An item was taken out of what nothing says it was in.",
        "TOO_OLD": "An output is older than every input of its transformation.",
        "NEGATIVE": "A quantity is negative.",
        "MIXED_UNITS": "What was made of an item is stated in units that don't measure the same.",
        "TWO_LEVELS": "One event tells a code as a lot and another one as a single piece.",
        "ITSELF": "Items were made of themselves, directly or in a circle.",
    },
)

ItemField: Final = _enum(
    ItemDetail,
    "ItemField",
    "The fields of an item in a trace, of which two answers may say different things.",
    {
        "KIND": "What the code stands for.",
        "DEPTH": "The fewest links from the root.",
        "QUANTITY": "How much of it was made.",
        "UNIT": "The unit of the quantity.",
        "STATUS": "Its status.",
        "LOCATION": "Where it is.",
        "HOLDER": "Who holds it.",
        "INSIDE": "What it is packed or installed in.",
        "CONTAINER": "Whether it is only a place where others are packed.",
        "EXPOSED_FROM": "Since when it is affected.",
        "EXPOSED_UNTIL": "When it ceased to be affected.",
        "STEP": "The newest business step.",
        "LAST_TIME": "When the newest event happened that it takes part in.",
    },
)

ReceiptStatus: Final = _enum(
    Status,
    "ReceiptStatus",
    "The four ends of an event's way in.",
    {
        "ACCEPTED": "The event is new.",
        "DUPLICATE": "The same content is in the log already; no new entry, no error.",
        "CONFLICT": "The same id is in the log with other content; nothing was overwritten.",
        "REJECTED": "The event is not valid.",
    },
)

CaptureMode: Final = _enum(
    Mode,
    "CaptureMode",
    "What a refused event does to the others of its document (EPCIS 2.0).",
    {
        "ROLLBACK": "All events are stored, or none.",
        "PROCEED": "The others are stored.",
    },
)

Severity: Final = _enum(
    ProblemSeverity,
    "Severity",
    "What a problem does to its event.",
    {"ERROR": "It is refused.", "WARNING": "It is accepted all the same."},
)

FindingKind: Final = _enum(
    reports.Kind,
    "FindingKind",
    "What sort of promise is broken.",
    {
        "LINKAGE": "An entry is missing, moved, inserted or doesn't follow the one before.",
        "CONTENT": "An entry's bytes are not those that were written.",
        "PROJECTION": "A value beside the bytes doesn't say what the bytes say.",
        "CHECKPOINT": "The log is not what was signed, or not signed by a key that is trusted.",
        "ERASURE": "A personal value is gone without the entry that says so, or it is not gone.",
    },
)

Language: Final = _enum(
    MessageLanguage,
    "Language",
    "The language of messages in receipts.",
    {"EN": "English.", "ZH_CN": "Chinese, simplified."},
)

CaptureErrorCode: Final = _enum(
    CaptureFault,
    "CaptureErrorCode",
    "Why a capture stored nothing, or not all.",
    {
        "UNAUTHENTICATED": "There is no API key in the Authorization header, or it isn't in use.",
        "INVALID_DOCUMENT": "The document as a whole can't be read.",
        "REJECTED": "An event is not valid.",
        "CONFLICT": "An event with the same id and other content is in the log.",
        "INVALID_CHECKPOINT": "knownCheckpoint is no signed checkpoint of this log.",
        "LOG_REWRITTEN": "The log doesn't contain knownCheckpoint: it was rolled back or forked.",
        "UNAVAILABLE": "The ledger can't be written now.",
    },
)
