# mypy: disallow-subclassing-any=False
"""The schema, and the committed copy of it.

`python -m trace_api.schema --check` compares the code with `schema.graphql`, `--write` rewrites the
file. In the source tree it stands beside this package, in an installed wheel inside of it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import graphene

from trace_api.balances import BALANCE
from trace_api.captures import CAPTURE
from trace_api.differences import TRACE_DIFFERENCE
from trace_api.items import EVENTS, ITEM
from trace_api.logs import ORGANISATIONS, VERIFY
from trace_api.traces import TRACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import GraphQLSchema

__all__ = ["SCHEMA", "main", "schema_file", "schema_text"]


class Query(graphene.ObjectType):
    """Questions about items and logs; each request is answered from one snapshot of the ledger."""

    item = ITEM
    events = EVENTS
    trace = TRACE
    trace_difference = TRACE_DIFFERENCE
    balance = BALANCE
    verify = VERIFY
    organisations = ORGANISATIONS


class Mutation(graphene.ObjectType):
    """What adds to the ledger; nothing changes or removes."""

    capture = CAPTURE


_SCHEMA: Final = graphene.Schema(query=Query, mutation=Mutation)
SCHEMA: Final[GraphQLSchema] = _SCHEMA.graphql_schema
"""The schema as graphql-core executes it."""


def schema_text() -> str:
    """The schema in GraphQL's own language, as it is committed."""
    return str(_SCHEMA).strip() + "\n"


def schema_file(package: Path = Path(__file__).parent) -> Path:
    """Where the committed schema stands: in the package when installed, beside it in the source."""
    inside = package / "schema.graphql"
    return inside if inside.is_file() else package.parent / "schema.graphql"


def main(arguments: Sequence[str] | None = None, file: Path | None = None) -> int:
    """Compare or rewrite the committed schema; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m trace_api.schema", description=main.__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="exit 1 when code and file differ")
    what.add_argument("--write", action="store_true", help="rewrite the file from the code")
    chosen = parser.parse_args(arguments)
    path = file or schema_file()
    if chosen.write:
        path.write_text(schema_text(), "utf-8")
        return 0
    try:
        committed = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return _differs(f"{path} can't be read ({error})")
    if committed != schema_text():
        return _differs(f"{path.name} is not the schema of the code")
    return 0


def _differs(what: str) -> int:
    sys.stderr.write(f"{what}: run 'python -m trace_api.schema --write' and commit it.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
