"""Merging: an entry put into the text of a configuration, with all else left as it stands.

The text is edited where the entry is and nowhere else: other servers, keys that are not known
here, comments, indentation and line ends stay byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from anvil_nb.errors import RefusedError
from anvil_nb.installing.commented import Placed, parse_commented

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.installing.clients import Client
    from anvil_nb.installing.starting import Start

NAME: Final = "anvil"
"""What the entry is called."""

State: TypeAlias = Literal["new", "added", "changed", "same"]
"""A file is made, gets an entry, has one changed, or has it already."""

_ELSEWHERE: Final = frozenset({"url", "serverUrl", "headers"})
"""Keys of an entry that starts nothing, but names a server."""
_INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Merged:
    """A configuration with its entry.

    Args:
        text: All of it.
        state: How it differs from what was there.
    """

    text: str
    state: State


def merged(text: str, client: Client, start: Start, place: str) -> Merged:
    """Return a configuration that has the entry of the server.

    An entry that is there keeps the keys that are not ours; one that names a server elsewhere is
    replaced.

    Args:
        text: The configuration; empty where there is none.
        client: Whose it is.
        start: What starts the server.
        place: Where it stands, for messages.

    Raises:
        SourceError: for a text that is not JSON.
        RefusedError: for one that is no configuration of that client.
    """
    made = text if text.strip() else "{}\n"
    root = _object(_parsed(made, client, place), place, "the whole file")
    if client.key not in root.members:
        made = _put(made, root, client.key, [] if client.listed else {})
        root = _parsed(made, client, place)
    servers, found = root.members[client.key], entry_in(root, client, place)
    if found is None:
        entry = client.entry(NAME, start, {})
        added = _put(made, servers, None if client.listed else NAME, entry)
        return Merged(added, "added" if text.strip() else "new")
    before = found.value
    if not isinstance(before, dict) or _ELSEWHERE & before.keys() or "command" not in before:
        entry = client.entry(NAME, start, {})
        return Merged(_replaced(made, found, entry), "changed")
    for key, value in client.entry(NAME, start, before).items():
        now = entry_in(_parsed(made, client, place), client, place)
        assert now is not None  # it was there before
        if key not in now.members:
            made = _put(made, now, key, value)
        elif now.members[key].value != value:
            made = _replaced(made, now.members[key], value)
    return Merged(made, "same" if made == text else "changed")


def entry_in(root: Placed, client: Client, place: str) -> Placed | None:
    """Return the entry of the server in a configuration; ``None`` where there is none.

    Raises:
        RefusedError: for what is no configuration of that client.
    """
    servers = root.members.get(client.key)
    if servers is None:
        return None
    find = _listed if client.listed else _named
    return find(servers, client, place)


def _parsed(text: str, client: Client, place: str) -> Placed:
    return parse_commented(text, place, comments=client.comments)


def _object(placed: Placed, place: str, what: str) -> Placed:
    if not isinstance(placed.value, dict):
        msg = f"{what} in {place} is an object in braces, and something else stands there"
        raise RefusedError(msg, "Correct it there; it was left as it is.")
    return placed


def _named(servers: Placed, client: Client, place: str) -> Placed | None:
    return _object(servers, place, f"'{client.key}'").members.get(NAME)


def _listed(servers: Placed, client: Client, place: str) -> Placed | None:
    if not isinstance(servers.value, list):
        msg = f"'{client.key}' in {place} is a list in brackets, and something else stands there"
        raise RefusedError(msg, "Correct it there; it was left as it is.")
    found = [
        one
        for one in servers.items
        if isinstance(one.value, Mapping) and one.value.get("name") == NAME
    ]
    if len(found) > 1:
        msg = f"there are {len(found)} servers '{NAME}' in {place}"
        raise RefusedError(msg, "Take the others out first; it was left as it is.")
    return found[0] if found else None


def _put(text: str, inside: Placed, key: str | None, value: Json) -> str:
    """Return a text with one more member of an object, or item of a list, after the last one."""
    closing = inside.end - 1
    # After the comments that follow the last value, too: they belong to that one.
    tail = len(text[:closing].rstrip())
    head = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
    if inside.last is None:
        if _is_line(text) and text.strip() != "{}":
            return f"{text[:tail]}{head}{_dumped(value)}{text[closing:]}"
        outer = _indent_at(text, inside.start)
        member = _member(text, head, value, outer + _unit(text))
        end = "" if "\n" in text[tail:closing] else _line_end(text) + outer
        return f"{text[:tail]}{member}{end}{text[tail:closing]}{text[closing:]}"
    comma = "" if inside.comma else ","
    before = f"{text[: inside.last]}{comma}{text[inside.last : tail]}"
    if "\n" not in text[inside.start : inside.end]:
        return f"{before} {head}{_dumped(value)}{text[tail:]}"
    assert inside.first is not None  # what has a last one
    own = _own_indent(text, inside.first)
    indent = _indent_at(text, inside.start) + _unit(text) if own is None else own
    return f"{before}{_member(text, head, value, indent)}{text[tail:]}"


def _member(text: str, head: str, value: Json, indent: str) -> str:
    written = _dumped(value, _unit(text)).replace("\n", f"{_line_end(text)}{indent}")
    return f"{_line_end(text)}{indent}{head}{written}"


def _replaced(text: str, placed: Placed, value: Json) -> str:
    if "\n" in text[placed.start : placed.end] or (placed.last is None and not _is_line(text)):
        lines = _dumped(value, _unit(text))
        written = lines.replace("\n", _line_end(text) + _indent_at(text, placed.start))
    else:
        written = _dumped(value)
    return f"{text[: placed.start]}{written}{text[placed.end :]}"


def _dumped(value: Json, indent: str | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _is_line(text: str) -> bool:
    return "\n" not in text.strip()


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _indent_at(text: str, at: int) -> str:
    """Return what the line of a place begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _own_indent(text: str, at: int) -> str | None:
    """Return what stands before a place on its line; ``None`` where that is more than blanks."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return None if before.strip() else before


def _unit(text: str) -> str:
    """Return what one more level is indented by: what the first line that is, is."""
    for line in text.splitlines():
        blank = line[: len(line) - len(line.lstrip())]
        if blank and line.strip().startswith(('"', "{", "[")):
            return blank
    return _INDENT
