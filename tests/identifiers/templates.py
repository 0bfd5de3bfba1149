"""Finds every text that the package says to people, by reading its source.

A text stands where an error is made, as its first argument or its fix, in `mended_by`, in a `Notice`
and in a `Phrase`. Written there is a literal, a choice of literals, a name, or an entry of a table;
names are followed to where they are bound: by assignment, import, loop, or as a parameter whose
calls stand in the same module.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import identifiers
from identifiers import errors

PACKAGE = Path(identifiers.__file__).parent
MODULES = [
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in sorted(PACKAGE.rglob("*.py"))
]
"""The modules of the package, without its own name."""

_PLACES = {**dict.fromkeys((*errors.__all__, "mended_by", "Phrase"), 0), "Notice": 1}
"""What takes a template, and which of its arguments that is."""
_KEYWORDS = frozenset({"fix", "template", "expected"})

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class _Home:
    """Where an expression stands, for what its names mean."""

    module: ast.Module
    function: _Function | None = None

    def calls(self) -> "Iterator[tuple[_Home, ast.Call]]":
        """Give the calls here and in what is defined here, each with its own home."""
        waiting: list[tuple[_Home, ast.AST]] = [(self, self.function or self.module)]
        while waiting:
            home, node = waiting.pop()
            for child in ast.iter_child_nodes(node):
                inner = _Home(self.module, child) if isinstance(child, _Function) else home
                if isinstance(child, ast.Call):
                    yield home, child
                waiting.append((inner, child))

    def bindings(self, name: str) -> "list[tuple[_Home, ast.expr]]":
        """Give what a name is bound to, in its function or else in the module."""
        if self.function is not None:
            inner = [*self._bound(self.function, name), *self._passed(self.function, name)]
            return inner or _Home(self.module).bindings(name)
        return list(self._bound(self.module, name))

    def _bound(self, root: ast.AST, name: str) -> "Iterator[tuple[_Home, ast.expr]]":
        whole = self.function is not None
        for node in ast.walk(root) if whole else ast.iter_child_nodes(root):
            match node:
                case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                    yield self, value
                case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                    if target == name:
                        yield self, value
                case ast.ImportFrom(module=str(module), names=names):
                    if module.startswith("identifiers.") and name in {one.name for one in names}:
                        source = _Home(parsed(module.removeprefix("identifiers.")))
                        yield from source.bindings(name)
                case ast.For(target=ast.Tuple(elts=targets), iter=rows):
                    for index, target_node in enumerate(targets):
                        if isinstance(target_node, ast.Name) and target_node.id == name:
                            yield from self._column(rows, index)

    def _column(self, rows: ast.expr, index: int) -> "Iterator[tuple[_Home, ast.expr]]":
        """Give one column of a table that is written out, here or under a name."""
        if isinstance(rows, ast.Name):
            for home, source in self.bindings(rows.id):
                yield from home._column(source, index)
        elif isinstance(rows, ast.Tuple | ast.List):
            for line in rows.elts:
                if isinstance(line, ast.Tuple):
                    yield self, line.elts[index]

    def _passed(self, function: _Function, name: str) -> "Iterator[tuple[_Home, ast.expr]]":
        """Give what the calls of a function in its own module pass for one of its parameters."""
        if isinstance(function, ast.Lambda):
            return
        places = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        place = places.index(name) if name in places else len(places)
        for home, call in _Home(self.module).calls():
            called = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
            if called != function.name:
                continue
            # A method's first parameter stands before the dot.
            at = place - (
                isinstance(call.func, ast.Attribute) and places[:1] in (["self"], ["cls"])
            )
            if name in places and at < len(call.args):
                yield home, call.args[at]
            yield from ((home, word.value) for word in call.keywords if word.arg == name)


@lru_cache
def parsed(module: str) -> ast.Module:
    """Give the syntax tree of a module."""
    path = PACKAGE / module.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _texts(home: _Home, node: ast.expr, seen: frozenset[str]) -> Iterator[str | ast.expr]:
    """Give every literal text that an expression can be; itself where it cannot be told."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(home, body, seen)
            yield from _texts(home, other, seen)
        case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")):
            yield from _texts(home, table, seen)
        case ast.Dict(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            for value in values:
                yield from _texts(home, value, seen)
        case ast.Name(id=name) if name not in seen:
            sources = home.bindings(name)
            for other_home, source in sources:
                yield from _texts(other_home, source, seen | {name})
            if not sources:
                yield node
        case ast.Name():
            return
        case _:
            yield node


def templates(module: str) -> Iterator[str | ast.expr]:
    """Give every template of a module, and each expression in a template's place that is none."""
    for home, call in _Home(parsed(module)).calls():
        called = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
        if called not in _PLACES:
            continue
        if len(call.args) > _PLACES[called]:
            yield from _texts(home, call.args[_PLACES[called]], frozenset())
        for keyword in call.keywords:
            if keyword.arg in _KEYWORDS:
                yield from _texts(home, keyword.value, frozenset())
