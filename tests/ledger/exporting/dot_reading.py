"""A strict reader of the part of Graphviz DOT that we write, from its published grammar."""

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_][A-Za-z_0-9]*|[0-9]+)|(?P<mark>->|[{}\[\]=,;]))',
    re.DOTALL,
)


@dataclass
class Dot:
    """A graph that was read."""

    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    edges: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    graph: dict[str, str] = field(default_factory=dict)


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        token = _TOKEN.match(text, at)
        assert token, text[at : at + 60]
        found.append(token[0].strip())
        at = token.end()
    return found


def _unquoted(token: str) -> str:
    return token[1:-1].replace('\\"', '"') if token.startswith('"') else token


def label_lines(label: str) -> list[str]:
    r"""Return the lines that Graphviz shows of a label (escString): \n ends one, \\ is a backslash."""
    lines = [""]
    for piece in re.findall(r"\\.|[^\\]", label, re.DOTALL):
        if piece == "\\n":
            lines.append("")
        else:
            assert piece[0] != "\\" or piece in {"\\\\", '\\"'}, piece
            lines[-1] += piece[-1]
    return lines


def read_dot(text: str) -> Dot:
    """Read a graph; whatever the grammar doesn't have fails."""
    tokens = _tokens(text)
    assert tokens[:3] == ["digraph", "trace", "{"]
    assert tokens[-1] == "}"
    dot, at = Dot(), 3
    while at < len(tokens) - 1:
        name = _unquoted(tokens[at])
        ends = [name]
        is_word = not tokens[at].startswith('"')
        at += 1
        if tokens[at] == "->":
            assert tokens[at + 1].startswith('"')
            ends.append(_unquoted(tokens[at + 1]))
            at += 2
        given: dict[str, str] = {}
        assert tokens[at] == "["
        at += 1
        while tokens[at] != "]":
            assert re.fullmatch(r"[a-z]+", tokens[at])
            assert tokens[at + 1] == "="
            given[tokens[at]] = _unquoted(tokens[at + 2])
            at += 3
            if tokens[at] == ",":
                at += 1
        assert tokens[at + 1] == ";"
        at += 2
        if is_word:
            assert name in {"graph", "node", "edge"}
            if name == "graph":
                dot.graph = given
        elif len(ends) == 1:
            assert name not in dot.nodes
            dot.nodes[name] = given
        else:
            assert set(ends) <= dot.nodes.keys()
            dot.edges.append((ends[0], ends[1], given))
    return dot
