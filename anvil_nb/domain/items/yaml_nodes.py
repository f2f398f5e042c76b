"""Where the values of a YAML text stand in it, to the character.

PyYAML marks where a node begins and ends, but that of a block ends where the next token begins,
behind comments and empty lines that belong to nobody. What ends where is settled here.

This module imports PyYAML, which takes a while: import it where it is needed, not at the top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "column_of",
    "compose",
    "end_of",
    "is_block",
    "is_block_scalar",
    "last_of",
    "line_end",
    "line_start",
    "pairs",
    "start_of",
    "starts_line",
]


def compose(source: str) -> Node | None:
    """Return the root of a text that was read before, or ``None`` where it holds nothing."""
    # The loader in Python: its marks count characters whatever the line endings are.
    root: Node | None = yaml.compose(source, Loader=yaml.BaseLoader)
    return root


def pairs(node: MappingNode) -> Iterator[tuple[str, ScalarNode, Node]]:
    """Yield the key, its node and the node of its value, for each key of a mapping."""
    pair: tuple[Any, Any]
    for pair in node.value:
        key, value = pair
        yield str(key.value), key, value


def start_of(node: Node) -> int:
    """Return the index of the first character of a node."""
    return int(node.start_mark.index)


def column_of(node: Node) -> int:
    """Return in which column a node begins, from 0."""
    return int(node.start_mark.column)


def is_block(node: Node) -> bool:
    """Tell whether a node is a mapping or sequence over lines, without brackets."""
    return isinstance(node, (MappingNode, SequenceNode)) and not node.flow_style


def is_block_scalar(node: Node) -> bool:
    """Tell whether a node is a text behind ``|`` or ``>``."""
    return isinstance(node, ScalarNode) and node.style in {"|", ">"}


def last_of(node: Node) -> Node:
    """Return the innermost node that stands last in a node over lines, or the node itself."""
    while is_block(node):
        last = node.value[-1]
        node = last[1] if isinstance(node, MappingNode) else last
    return node


def end_of(source: str, node: Node) -> int:
    """Return the index behind the last character that belongs to a node."""
    node = last_of(node)
    end = int(node.end_mark.index)
    if not is_block_scalar(node):
        return end
    start = start_of(node)
    header, _, content = source[start:end].partition("\n")
    if not content.strip():
        return start + len(header.rstrip("\r"))
    if "+" in header.partition("#")[0]:  # its empty lines are its own
        return end - len(_break_at_end(source[start:end]))
    lines = content.split("\n")
    while not lines[-1].strip():
        lines.pop()
    return start + len(header) + 1 + len("\n".join(lines).rstrip("\r"))


def _break_at_end(text: str) -> str:
    return text[len(text.removesuffix("\n").removesuffix("\r")) :] if text.endswith("\n") else ""


def line_start(source: str, index: int) -> int:
    """Return where the line begins in which ``index`` stands."""
    return source.rfind("\n", 0, index) + 1


def line_end(source: str, index: int) -> int:
    """Return where the line ends in which ``index`` stands, before its line break."""
    found = source.find("\n", index)
    if found < 0:
        return len(source)
    return found - 1 if found > index and source[found - 1] == "\r" else found


def starts_line(source: str, index: int) -> bool:
    """Tell whether nothing but spaces stands before ``index`` in its line."""
    return not source[line_start(source, index) : index].strip(" ")
