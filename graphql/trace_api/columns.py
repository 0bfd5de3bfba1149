# mypy: disallow-subclassing-any=False
"""Lists completed column by column, so that a page of ten thousand rows doesn't crawl.

graphql-core completes each field of each row with a path, an info, a resolver and a serialiser of
its own: some microseconds, where the value stands there ready. Of a list whose selection reads
nothing but attributes, the attribute is read of all rows at once here, then serialised, then put
into the answer's rows under its alias.

Rules kept:

* A field is read so when its resolver is graphene's own, which reads an attribute, or `attribute`,
  and it takes no arguments. Nothing has to be declared, and nothing can be declared wrongly.
* Whatever is not as simple as that makes graphql-core complete the whole list, as if this module
  weren't there: other resolvers, interfaces, an error, a null where none may be. Only it tells of
  errors, so their places and texts are its own.
* Which fields are asked for (aliases, fragments, directives) is found out by graphql-core.

`complete_list_value` is not promised by graphql-core; `tests/trace_api/test_columns.py` holds both
ways against one another.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import chain, islice
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from graphene.types.resolver import attr_resolver, dict_or_attr_resolver
from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    ExecutionContext,
    GraphQLBoolean,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
    Undefined,
    is_leaf_type,
)
from msgspec import Struct, defstruct

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import FieldNode, GraphQLResolveInfo
    from graphql.pyutils import Path

__all__ = ["ColumnContext", "Columnar", "attribute"]

_Row = TypeVar("_Row", covariant=True)  # noqa: PLC0105 - as in `Sequence`
_READERS: Final = (attr_resolver, dict_or_attr_resolver)
_AS_THEY_ARE: Final = {GraphQLString: str, GraphQLBoolean: bool, GraphQLInt: int}
"""The type whose values a scalar leaves alone; of integers, where they have 32 bits."""
_REFUSED: Final = (Exception, type(Undefined))
"""What a resolver may return and graphql-core takes for something else than a value."""


def attribute(name: str) -> Callable[..., Any]:
    """A resolver that reads an attribute of another name than the field's."""
    return partial(attr_resolver, name, None)


class Columnar(Sequence[_Row]):
    """Rows that are cheaper to have by column than one by one."""

    @abstractmethod
    def column(self, name: str) -> list[Any]:
        """An attribute of every row, in order."""


class _NotSimpleError(Exception):
    """The list is for graphql-core."""


class ColumnContext(ExecutionContext):
    """Executes as graphql-core does, simple lists by column."""

    def complete_list_value(
        self,
        return_type: GraphQLList[Any],
        field_nodes: list[FieldNode],
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,
    ) -> Any:
        """Complete a list."""
        if isinstance(result, list | tuple | Columnar) and self.middleware_manager is None:
            try:
                return list(self._values(return_type.of_type, field_nodes, result))
            except Exception:  # noqa: BLE001, S110 - graphql-core meets it again, and says where
                pass
        return super().complete_list_value(return_type, field_nodes, info, path, result)

    def _values(self, kind: Any, nodes: list[FieldNode], values: Sequence[Any]) -> Sequence[Any]:
        """Complete a column of one type."""
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(values, Columnar):
            return self._present(inner, nodes, values, set())
        types = set(map(type, values))
        if inner is not kind and NoneType in types:
            raise _NotSimpleError
        if any(issubclass(one, _REFUSED) for one in types):
            raise _NotSimpleError
        if _stay(inner, types, values):
            return values
        if NoneType not in types:
            return self._present(inner, nodes, values, types)
        there = [value for value in values if value is not None]
        done = iter(self._present(inner, nodes, there, types - {NoneType}))
        return [None if value is None else next(done) for value in values]

    def _present(
        self, kind: Any, nodes: list[FieldNode], values: Sequence[Any], types: set[type]
    ) -> list[Any]:
        """Complete a column without nulls."""
        if is_leaf_type(kind):
            return self._leaves(kind, values, types)
        if isinstance(kind, GraphQLObjectType):
            return self._objects(kind, nodes, values, types)
        if isinstance(kind, GraphQLList) and types <= {list, tuple}:
            flat = list(chain.from_iterable(values))
            done = iter(self._values(kind.of_type, nodes, flat))
            return [list(islice(done, len(value))) for value in values]
        raise _NotSimpleError

    def _leaves(self, kind: Any, values: Sequence[Any], types: set[type]) -> list[Any]:
        column = getattr(getattr(kind, "graphene_type", None), "serialize_column", None)
        if column is not None and types == {int}:
            return cast("list[Any]", column(values))
        # By identity, for equal values needn't be written alike: 1 == True. Enums have few values.
        names = list(map(id, values))
        different = dict(zip(names, values, strict=True))
        done = {name: self.complete_leaf_value(kind, one) for name, one in different.items()}
        return list(map(done.__getitem__, names))

    def _objects(
        self, kind: GraphQLObjectType, nodes: list[FieldNode], rows: Sequence[Any], types: set[type]
    ) -> list[Any]:
        if kind.is_type_of is not None:
            raise _NotSimpleError
        fields = self.collect_subfields(kind, nodes)
        columns = [self._field(kind, same, rows, types) for same in fields.values()]
        return list(map(_row_type(tuple(fields)), *columns)) if columns else [{} for _row in rows]

    def _field(
        self, kind: GraphQLObjectType, nodes: list[FieldNode], rows: Sequence[Any], types: set[type]
    ) -> Sequence[Any]:
        """Complete one field of all rows."""
        name = nodes[0].name.value
        if name == "__typename":
            return [kind.name] * len(rows)
        field = kind.fields[name]
        resolve = field.resolve
        if field.args or not (isinstance(resolve, partial) and resolve.func in _READERS):
            raise _NotSimpleError
        column: Sequence[Any]
        if isinstance(rows, Columnar):
            column = rows.column(resolve.args[0])
        elif any(issubclass(one, dict) for one in types):
            column = [resolve(row, None) for row in rows]
        else:
            # An attribute that isn't there is an error here, and the field's default over there.
            column = _reader(resolve.args[0])(rows)
        return self._values(field.type, nodes, column)


@lru_cache(maxsize=256)
def _reader(name: str) -> Callable[[Sequence[Any]], list[Any]]:
    """Reads an attribute, named by the schema, of many rows.

    Python is quick where the name stands in the code: half of what `attrgetter` takes, which for a
    page of ten fields is a fifth of all.
    """
    if not name.isidentifier():
        raise _NotSimpleError
    return cast(
        "Callable[[Sequence[Any]], list[Any]]",
        eval(f"lambda rows: [row.{name} for row in rows]"),  # noqa: S307
    )


@lru_cache(maxsize=256)
def _row_type(names: tuple[str, ...]) -> type[Struct]:
    """The type of rows with these names; a fifth of a dictionary's time and memory."""
    fields = [f"field{number}" for number in range(len(names))]
    return defstruct("Row", fields, rename=dict(zip(fields, names, strict=True)), gc=False)


def _stay(kind: Any, types: set[type], values: Sequence[Any]) -> bool:
    """Whether these values, nulls among them, are their own serialisation."""
    plain = _AS_THEY_ARE.get(kind)
    if plain is None or not types <= {plain, NoneType}:
        return False
    if kind is not GraphQLInt:
        return True
    numbers = values if NoneType not in types else [one for one in values if one is not None]
    return not numbers or (min(numbers) >= GRAPHQL_MIN_INT and max(numbers) <= GRAPHQL_MAX_INT)
