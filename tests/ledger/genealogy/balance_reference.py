"""A mass balance worked out the slow way, from docs/tracing.md alone.

One lot in kilograms, or some pieces, in a few logs. Events have times of their own. Every rule is a loop over
all that happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

INWARD = {"make", "receive", "void"}


@dataclass(frozen=True)
class Doing:
    """An event, as the reference and the ledger are both told of it."""

    number: int
    kind: str
    """make, use, ship, receive, void, sell or count."""
    minute: int
    log: int
    amount: Fraction
    to: int | None = None
    """The party that a shipping or receipt names."""


@dataclass
class Answer:
    """What is told of a window."""

    stock: dict[int, Fraction | None] = field(default_factory=dict)
    """By log; None where it isn't known."""
    transit: Fraction = Fraction(0)
    gaps: set[tuple[str, Fraction, int]] = field(default_factory=set)
    """(kind, amount, minute)"""
    questions: set[tuple[str, int]] = field(default_factory=set)
    """(reason, minute)"""


def reckon(doings: Iterable[Doing]) -> Answer:
    """Balance what happened."""
    ordered = sorted(doings, key=lambda one: one.minute)
    answer = Answer()
    for log in {one.log for one in ordered}:
        _stock([one for one in ordered if one.log == log], log, answer)
    _transit(ordered, answer)
    return answer


def _stock(own: list[Doing], log: int, answer: Answer) -> None:
    if not any(one.kind in INWARD | {"count"} for one in own):
        answer.stock[log] = None
        answer.questions |= {("no_source", one.minute) for one in own}
        return
    first = next((number for number, one in enumerate(own) if one.kind in INWARD | {"count"}))
    counts = [number for number, one in enumerate(own) if one.kind == "count"]
    since, level = 0, Fraction(0)
    for number in [*counts, len(own)]:
        levels = []
        for one in own[since:number]:
            level += one.amount if one.kind in INWARD else -one.amount
            levels.append((level, one))
        _below(levels, answer, last=number == len(own))
        if number < len(own):
            count = own[number]
            if number > first and count.amount != level:
                answer.gaps.add(("count", count.amount - level, count.minute))
            level = count.amount
        since = number + 1
    answer.stock[log] = level


def _below(levels: list[tuple[Fraction, Doing]], answer: Answer, *, last: bool) -> None:
    """Tell each stretch below zero: one that ends is a contradiction, the last one a gap."""
    began: Doing | None = None
    for level, one in levels:
        if level < 0:
            began = began or one
        elif began is not None:
            answer.questions.add(("times_contradict", began.minute))
            began = None
    if last and began is not None:
        answer.gaps.add(("overdrawn", -levels[-1][0], began.minute))


def _transit(ordered: list[Doing], answer: Answer) -> None:
    rest = {one.number: one.amount for one in ordered if one.kind in {"ship", "sell"}}
    touched: dict[int, Doing] = {}
    alone: list[Doing] = []
    for one in ordered:
        if one.kind not in {"receive", "void"}:
            continue
        left = one.amount
        while left:
            able = [
                other
                for other in ordered
                if other.kind == "ship"
                and other.minute < one.minute
                and rest[other.number]
                and _fits(other, one)
            ]
            if not able:
                break
            exact = [other for other in able if rest[other.number] == one.amount]
            exact.sort(key=lambda other: other.amount != one.amount)  # whole ones first
            other = exact[0] if exact and left == one.amount else able[0]
            taken = min(left, rest[other.number])
            rest[other.number] -= taken
            left -= taken
            if one.kind == "receive":
                touched[other.number] = one
        if left and one.kind == "void":
            answer.questions.add(("nothing_to_void", one.minute))
            answer.transit -= left
        elif left == one.amount:
            alone.append(one)
        elif left:
            answer.gaps.add(("transit", left, one.minute))
    made = [one.minute for one in ordered if one.kind == "make"]
    for one in alone:
        later = [
            other
            for other in ordered
            if other.kind == "ship" and rest[other.number] == one.amount and _fits(other, one)
        ]
        if later:
            later.sort(key=lambda other: other.amount != one.amount)
            rest[later[0].number] = Fraction(0)
            touched.setdefault(later[0].number, one)
            answer.questions.add(("times_contradict", one.minute))
        elif made and made[0] < one.minute:
            answer.transit -= one.amount
            answer.questions.add(("not_shipped", one.minute))
    for one in ordered:
        if one.kind == "ship" and rest[one.number]:
            if one.number in touched:
                answer.gaps.add(("transit", -rest[one.number], touched[one.number].minute))
            else:
                answer.transit += rest[one.number]


def _fits(shipped: Doing, one: Doing) -> bool:
    if one.kind == "void":
        return shipped.log == one.log
    return None in {shipped.to, one.to} or shipped.to == one.to
