"""What a request may ask at most, found out before the document is validated.

Validation itself costs time that an attacker can choose, so these checks come first and are linear
in the length of the document:

 1. the text: its length;
 2. its tokens: how many, how many directives, how deep brackets nest (parsing recurses);
 3. its fragments: how many, and none that leads back to itself;
 4. each operation with its fragments unfolded: depth, fields, aliases, root fields, cost.

Fragments are measured once each, innermost first, so a document that would unfold to billions of
fields is measured as fast as any other. The cost of a field is 1, or what `_COSTS` says; a paged
field multiplies the cost of what is selected in it with its `first`. A page that is completed by
column counts for a third: measured, it takes a twentieth of the time, and two thirds of the room.

Variables are checked in the same spirit: how many values, how deep.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    Source,
    TokenKind,
    VariableNode,
)

from trace_api.errors import LimitError
from trace_api.paging import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import DocumentNode, InlineFragmentNode, SelectionSetNode

__all__ = ["check_document", "check_text", "check_variables"]

MOST_CHARACTERS: Final = 20_000
MOST_TOKENS: Final = 2_000
MOST_BRACKETS: Final = 40  # nested in one another
MOST_DIRECTIVES: Final = 20
MOST_FRAGMENTS: Final = 30
MOST_OPERATIONS: Final = 10
MOST_DEPTH: Final = 16  # the usual introspection query has 15
MOST_FIELDS: Final = 500
MOST_ALIASES: Final = 20
MOST_ROOTS: Final = 10
MOST_COST: Final = 150_000
CELLS: Final = 3  # of a page by column, that count as much as one of another
MOST_VALUES: Final = 200  # in all variables together
MOST_VALUE_DEPTH: Final = 5

_COSTS: Final = {
    "trace": 10_000,
    "traceDifference": 20_000,
    "explanation": 500,
    "balance": 20_000,
    "history": 500,
    "verify": 50_000,
    "capture": 50_000,
}
"""Fields that work more than their selection shows."""

_OPENING: Final = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING: Final = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


def check_text(text: str) -> None:
    """Check the text of a document before it is parsed (steps 1 and 2).

    Raises:
        LimitError: It is too long or too deep.
        GraphQLSyntaxError: It has a character that no token begins with.
    """
    _most("characters", len(text), MOST_CHARACTERS)
    lexer = Lexer(Source(text))
    tokens = depth = directives = 0
    while (kind := lexer.advance().kind) is not TokenKind.EOF:
        tokens += 1
        _most("tokens", tokens, MOST_TOKENS)
        if kind in _OPENING:
            depth += 1
            _most("nested brackets", depth, MOST_BRACKETS)
        elif kind in _CLOSING:
            depth -= 1
        elif kind is TokenKind.AT:
            directives += 1
            _most("directives", directives, MOST_DIRECTIVES)


def check_variables(variables: Mapping[str, Any] | None) -> None:
    """Check the variables' number and depth; a text is one value, however long.

    Raises:
        LimitError: There are too many, or they nest too deep.
    """
    seen = 0
    level: list[Any] = [variables or {}]
    depth = 0
    while level:
        _most("levels in variables", depth, MOST_VALUE_DEPTH)
        below: list[Any] = []
        for value in level:
            inner = value.values() if isinstance(value, dict) else value
            seen += len(inner)
            _most("values in variables", seen, MOST_VALUES)
            below += [one for one in inner if isinstance(one, dict | list)]
        level = below
        depth += 1


@dataclass(frozen=True, slots=True)
class _Size:
    """What a selection unfolds to."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    roots: int = 0
    """Fields at its own level."""
    cost: int = 0


def check_document(document: DocumentNode, variables: Mapping[str, Any] | None) -> None:
    """Check a document whose text has been checked (steps 3 and 4).

    Raises:
        LimitError: It asks too much, or a fragment leads back to itself.
    """
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    _most("fragments", len(document.definitions) - len(operations), MOST_FRAGMENTS)
    _most("operations", len(operations), MOST_OPERATIONS)
    graph = {name: set(_spreads(node.selection_set)) for name, node in fragments.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError:
        raise LimitError("A fragment leads back to itself: take one of its spreads out.") from None
    measure = _Measure(variables or {}, {})
    for name in order:
        if name in fragments:  # an unknown one is for the validation to name
            measure.fragments[name] = measure.selection(fragments[name].selection_set)
            _check(measure.fragments[name], roots=MOST_FIELDS)
    for operation in operations:
        _check(measure.selection(operation.selection_set), roots=MOST_ROOTS)


def _spreads(selection: SelectionSetNode | None) -> Iterator[str]:
    for node in selection.selections if selection else ():
        if isinstance(node, FragmentSpreadNode):
            yield node.name.value
        else:
            yield from _spreads(cast("FieldNode | InlineFragmentNode", node).selection_set)


@dataclass(frozen=True, slots=True)
class _Measure:
    variables: Mapping[str, Any]
    fragments: dict[str, _Size]

    def selection(self, selection: SelectionSetNode | None) -> _Size:
        depth = fields = aliases = roots = cost = 0
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                size = self._field(node)
            elif isinstance(node, FragmentSpreadNode):
                size = self.fragments.get(node.name.value, _Size())
            else:  # there is no fourth kind of selection
                size = self.selection(cast("InlineFragmentNode", node).selection_set)
            depth = max(depth, size.depth)
            fields += size.fields
            aliases += size.aliases
            roots += size.roots
            cost += size.cost
        return _Size(depth, fields, aliases, roots, cost)

    def _field(self, node: FieldNode) -> _Size:
        inner = self.selection(node.selection_set)
        name = node.name.value
        return _Size(
            depth=inner.depth + 1,
            fields=inner.fields + 1,
            aliases=inner.aliases + (node.alias is not None),
            roots=1,
            cost=_COSTS.get(name, 1) + self._repeated(name, node, inner.cost),
        )

    def _repeated(self, name: str, node: FieldNode, cost: int) -> int:
        """The cost of what is selected in a field, for all of its values."""
        if name not in SIZES:
            return cost
        cells = self._times(name, node) * cost
        return -(-cells // CELLS) if SIZES[name].by_column else cells

    def _times(self, name: str, node: FieldNode) -> int:
        times: Any = SIZES[name].usual
        for argument in node.arguments:
            if argument.name.value == "first":
                value = argument.value
                if isinstance(value, IntValueNode):
                    # Longer numbers don't fit GraphQL's Int; the validation says so.
                    times = int(value.value[:12])
                elif isinstance(value, VariableNode):
                    times = self.variables.get(value.name.value, SIZES[name].most)
        if not isinstance(times, int):
            return SIZES[name].most  # 5.0 is an Int for GraphQL too; the rest will be refused
        return max(1, min(times, SIZES[name].most))


def _check(size: _Size, *, roots: int) -> None:
    _most("levels", size.depth, MOST_DEPTH)
    _most("fields", size.fields, MOST_FIELDS)
    _most("aliases", size.aliases, MOST_ALIASES)
    _most("root fields", size.roots, roots)
    if size.cost > MOST_COST:
        raise LimitError(
            f"Expected a cost of at most {MOST_COST}, got {_shown(size.cost)}. "
            "Ask for smaller pages, or in several requests."
        )


def _most(what: str, found: int, most: int) -> None:
    if found > most:
        raise LimitError(f"Expected at most {most} {what}, got {_shown(found)} or more.")


def _shown(number: int) -> str:
    # An unfolded bomb has a count of hundreds of digits, which Python wouldn't even print.
    return str(number) if number < 10**12 else "over 10^12"
