"""Changing values in a YAML text, and nothing else of it.

What is changed is spliced into the text where the old value stood: comments, the order of keys,
quotes, line endings and everything else stay as they are, to the byte. What cannot be changed so
is refused; nothing is ever written anew from the parsed values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import Json, canonical_json
from anvil_nb.domain.items.layout import same
from anvil_nb.domain.items.paths import Path, with_key_renamed, with_value, without_value
from anvil_nb.domain.items.yaml_nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    column_of,
    compose,
    end_of,
    is_block,
    is_block_scalar,
    last_of,
    line_end,
    line_start,
    pairs,
    start_of,
    starts_line,
)
from anvil_nb.domain.items.yaml_values import indented, inline, literal, scalar
from anvil_nb.domain.yaml_reader import read_mapping
from anvil_nb.domain.yaml_writer import write_mapping
from anvil_nb.errors import DeclarationError, ItemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_STEP = 2
_HEADER = re.compile(r"[|>][0-9+-]*")


@dataclass(frozen=True, slots=True, order=True)
class _Splice:
    """What comes in the place of ``source[start:end]``."""

    start: int
    end: int
    text: str


class _CannotSpliceError(Exception):
    """A value that stands in a way that this module does not change in place."""


def set_value(source: str, path: Path, value: Json, *, newline: str = "\n") -> str:
    """Return a YAML mapping with another value at ``path``.

    Args:
        source: The YAML, which was read before.
        path: Keys; those that are not there yet are added at the end of their mapping.
        value: What stands there afterwards.
        newline: How new lines end.

    Raises:
        ItemError: when it cannot be changed in place.
    """
    before = _read(source)
    after = with_value(before, path, value)
    if same(before, after):
        return source
    return _edited(source, after, newline, path)


def remove_value(source: str, path: Path, *, newline: str = "\n") -> str:
    """Return a YAML mapping without the key at ``path``.

    Raises:
        ItemError: when it cannot be changed in place.
    """
    before = _read(source)
    after = without_value(before, path)
    if same(before, after):
        return source
    return _edited(source, after, newline, path)


def rename_key(source: str, path: Path, name: str) -> str:
    """Return a YAML mapping in which the last key of ``path`` is called ``name``.

    Raises:
        ItemError: when it cannot be changed in place.
    """
    node = compose(source)
    for key in path[:-1]:
        node = _child(node, key)
    if isinstance(node, MappingNode):
        for key, key_node, _ in pairs(node):
            if key == path[-1]:
                text = scalar(name, key_node.style, in_flow=not is_block(node))
                end = int(key_node.end_mark.index)
                made = source[: start_of(key_node)] + text + source[end:]
                return _checked(made, with_key_renamed(_read(source), path, name), path)
    raise _refusal(path)


def _edited(source: str, after: dict[str, Json], newline: str, path: Path) -> str:
    """Return the text that says ``after``: with blocks of lines, or where these fail without."""
    try:
        return _attempt(_Text(source, newline, blocks=True), after, path)
    except ItemError:  # at the end of a file without a last line break, for one
        return _attempt(_Text(source, newline, blocks=False), after, path)


def _attempt(text: _Text, after: dict[str, Json], path: Path) -> str:
    root = compose(text.source)
    try:
        if root is None:
            made = text.with_lines_behind(after)
        else:
            splices = sorted(text.all_changes(root, _read(text.source), after))
            made = _spliced(text.source, splices)
    except _CannotSpliceError as error:
        raise _refusal(path) from error
    return _checked(made, after, path)


def _checked(made: str, after: dict[str, Json], path: Path) -> str:
    """Return what was made, if it says what it should and nothing else."""
    try:
        read = read_mapping(made)
    except DeclarationError as error:
        raise _refusal(path) from error
    if read is None or not same(read, after) or list(read) != list(after):
        raise _refusal(path)
    return made


def _refusal(path: Path) -> ItemError:
    msg = f"'{'.'.join(path)}' stands in its file in a way that cannot be changed in place"
    return ItemError(msg, "Change the file by hand, and save the file.")


def _spliced(source: str, splices: Sequence[_Splice]) -> str:
    parts: list[str] = []
    at = 0
    for one in splices:
        if one.start < at and one.text:
            raise _CannotSpliceError
        parts += [source[at : one.start], one.text]
        at = max(at, one.end)
    made = "".join([*parts, source[at:]])
    # Of a file without a last line break, one may be left over where its last lines went.
    return made if source.endswith("\n") else made.removesuffix("\n").removesuffix("\r")


@dataclass(frozen=True, slots=True)
class _Text:
    """A YAML text that is edited.

    Args:
        source: The text.
        newline: How its lines end.
        blocks: Whether new values may be blocks of lines; otherwise each is on one line.
    """

    source: str
    newline: str
    blocks: bool

    def all_changes(
        self, root: Node, before: dict[str, Json], after: dict[str, Json]
    ) -> Iterator[_Splice]:
        """Yield what makes ``after`` of the whole text; only the root may be left empty."""
        if after or not isinstance(root, MappingNode) or not is_block(root):
            yield from self.changes(root, before, after)
            return
        for _, key_node, value_node in pairs(root):
            yield self._lines_away(start_of(key_node), value_node)

    def changes(self, node: Node, before: Json, after: Json) -> Iterator[_Splice]:
        """Yield what makes ``after`` of a node that says ``before``; it stays of its kind."""
        if same(before, after):
            return
        if isinstance(node, MappingNode) and isinstance(before, dict) and isinstance(after, dict):
            yield from self._mapping(node, before, after)
        elif isinstance(node, SequenceNode) and isinstance(before, list):
            if not isinstance(after, list) or not after or not before:
                raise _CannotSpliceError
            yield from self._sequence(node, before, after)
        else:
            raise _CannotSpliceError

    def with_lines_behind(self, after: Mapping[str, Json]) -> str:
        """Return the text, which holds comments at most, with a mapping behind it."""
        lines = write_mapping(after).replace("\n", self.newline)
        between = self.newline if self.source and not self.source.endswith("\n") else ""
        return f"{self.source}{between}{lines}"

    def _mapping(
        self, node: MappingNode, before: dict[str, Json], after: dict[str, Json]
    ) -> Iterator[_Splice]:
        if not is_block(node):
            yield self._flow_mapping(node, before, after)
            return
        if not after:
            raise _CannotSpliceError
        last: Node | None = None
        for key, key_node, value_node in pairs(node):
            if key not in after:
                yield self._lines_away(start_of(key_node), value_node)
                continue
            yield from self._value(key_node, value_node, before[key], after[key], node)
            last = value_node
        added = {key: value for key, value in after.items() if key not in before}
        if added:
            if last is None:  # no key stays that the new ones could stand behind
                raise _CannotSpliceError
            yield from self._lines_behind(
                last, indented(self._mapping_text(added), column_of(node))
            )

    def _value(
        self, key_node: Node, node: Node, before: Json, after: Json, parent: Node
    ) -> Iterator[_Splice]:
        """Yield what changes the value of a key."""
        if same(before, after):
            return
        if isinstance(node, ScalarNode):
            yield self._in_place_of_scalar(node, after, column_of(parent))
            return
        try:
            yield from list(self.changes(node, before, after))
        except _CannotSpliceError:
            yield from self._in_place_of_block(key_node, node, after)

    def _in_place_of_scalar(self, node: ScalarNode, after: Json, column: int) -> _Splice:
        start, end = start_of(node), end_of(self.source, node)
        is_lines = isinstance(after, str) and "\n" in after and node.style in {None, "|", ">"}
        tail = ""
        if is_block_scalar(node):
            head = self.source[start : line_end(self.source, start)]
            found = _HEADER.match(head)
            tail = head[found.end() if found else 0 :]
        elif is_lines:
            tail = self.source[end : line_end(self.source, end)]
            end = line_end(self.source, end)
        lead = "" if self.source[start - 1 : start] in {" ", "\t"} else " "
        if is_lines and self.blocks and (lines := literal(str(after), column + _STEP)):
            header, *content = lines
            return _Splice(start, end, lead + self.newline.join([header + tail, *content]))
        written = inline(after, node.style, in_flow=False)
        return _Splice(start, end, lead + written + tail)

    def _in_place_of_block(self, key_node: Node, node: Node, after: Json) -> Iterator[_Splice]:
        """Yield what puts another value in the place of a mapping or sequence, on one line."""
        if not is_block(node):
            end = end_of(self.source, node)
            yield _Splice(start_of(node), end, inline(after, None, in_flow=False))
            return
        colon = self.source.find(":", int(key_node.end_mark.index))
        behind = line_end(self.source, colon)
        if colon < 0 or start_of(node) < behind:
            raise _CannotSpliceError
        yield _Splice(colon + 1, colon + 1, f" {inline(after, None, in_flow=False)}")
        yield _Splice(behind, line_end(self.source, end_of(self.source, node)), "")

    def _sequence(
        self, node: SequenceNode, before: list[Json], after: list[Json]
    ) -> Iterator[_Splice]:
        if not is_block(node):
            yield self._flow_sequence(node, before, after)
            return
        dashes = [self._dash(one) for one in node.value]
        old, new = map(_texts, (before, after))
        matches = SequenceMatcher(None, old, new, autojunk=False)
        for what, old_from, old_to, new_from, new_to in matches.get_opcodes():
            if what == "equal":
                continue
            both = min(old_to - old_from, new_to - new_from)
            for at in range(both):
                yield from self._item(node.value[old_from + at], before[old_from + at],
                                      after[new_from + at], column_of(node))  # fmt: skip
            for at in range(old_from + both, old_to):
                yield self._lines_away(dashes[at], node.value[at])
            added = after[new_from + both : new_to]
            if added:
                lines = indented(self._items_text(added), self._column(dashes[0]))
                if old_from + both < len(dashes):
                    start = line_start(self.source, dashes[old_from + both])
                    yield _Splice(start, start, "".join(line + self.newline for line in lines))
                else:
                    yield from self._lines_behind(node, lines)

    def _item(self, node: Node, before: Json, after: Json, column: int) -> Iterator[_Splice]:
        if isinstance(node, ScalarNode):
            yield self._in_place_of_scalar(node, after, column)
            return
        try:
            yield from list(self.changes(node, before, after))
        except _CannotSpliceError:
            end = end_of(self.source, node)
            yield _Splice(start_of(node), end, inline(after, None, in_flow=False))

    def _mapping_text(self, values: Mapping[str, Json]) -> str:
        """Return new keys and their values, each on lines of its own."""
        if self.blocks:
            return write_mapping(values)
        keys = ((scalar(key, None, in_flow=False), one) for key, one in values.items())
        return "".join(f"{key}: {inline(one, None, in_flow=False)}\n" for key, one in keys)

    def _items_text(self, values: Sequence[Json]) -> str:
        """Return new items of a block sequence, each on lines of its own."""
        if not self.blocks:
            return "".join(f"- {inline(one, None, in_flow=False)}\n" for one in values)
        written = write_mapping({"k": list(values)}).removeprefix("k:\n").removesuffix("\n")
        return "".join(f"{line.removeprefix('  ')}\n" for line in written.split("\n"))

    def _dash(self, item: Node) -> int:
        """Return where the dash of an item stands; it begins its line."""
        found = self.source.rfind("-", 0, start_of(item))
        if found < 0 or not starts_line(self.source, found):
            raise _CannotSpliceError
        return found

    def _column(self, index: int) -> int:
        return index - line_start(self.source, index)

    def _lines_away(self, start: int, last: Node) -> _Splice:
        """Return what takes away the lines from ``start`` to the end of a node."""
        if not starts_line(self.source, start):
            raise _CannotSpliceError
        begin, end = line_start(self.source, start), end_of(self.source, last)
        stop = self.source.find("\n", end)
        if stop >= 0:
            return _Splice(begin, stop + 1, "")
        # The last line, which has no line break: the one before gives its own away.
        before = self.source[:begin].removesuffix("\n").removesuffix("\r")
        return _Splice(len(before), len(self.source), "")

    def _lines_behind(self, node: Node, lines: Sequence[str]) -> Iterator[_Splice]:
        """Yield what adds lines behind a node, before the comments that follow it."""
        at = line_end(self.source, end_of(self.source, node))
        last = last_of(node)
        if at == len(self.source) and is_block_scalar(last):
            # Its text ended with the file; now that a line break follows, it has to say so.
            found = _HEADER.match(self.source, start_of(last))
            assert found
            header = f"{found[0].rstrip('+-')}-"
            yield _Splice(found.start(), found.end(), header)
        yield _Splice(at, at, "".join(self.newline + line for line in lines))

    def _flow_mapping(
        self, node: MappingNode, before: dict[str, Json], after: dict[str, Json]
    ) -> _Splice:
        kept = {
            key: self.source[start_of(key_node) : end_of(self.source, value)]
            for key, key_node, value in pairs(node)
            if key in after and same(before[key], after[key])
        }
        parts = [
            kept.get(key) or f"{scalar(key, None, in_flow=True)}: {inline(one, None)}"
            for key, one in after.items()
        ]
        return _Splice(start_of(node), int(node.end_mark.index), f"{{{', '.join(parts)}}}")

    def _flow_sequence(self, node: SequenceNode, before: list[Json], after: list[Json]) -> _Splice:
        written = {
            text: self.source[start_of(one) : end_of(self.source, one)]
            for text, one in zip(_texts(before), node.value, strict=True)
        }
        style = next((one.style for one in node.value if isinstance(one, ScalarNode)), None)
        parts = [
            written.get(text) or inline(one, style)
            for text, one in zip(_texts(after), after, strict=True)
        ]
        return _Splice(start_of(node), int(node.end_mark.index), f"[{', '.join(parts)}]")


def _texts(values: Sequence[Json]) -> list[bytes]:
    return [canonical_json(one) for one in values]


def _read(source: str) -> dict[str, Json]:
    return read_mapping(source) or {}


def _child(node: Node | None, key: str) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for name, _, value in pairs(node) if name == key), None)
    return None
