"""How a new value is written into a YAML text that is there: on one line, or over several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anvil_nb.domain.yaml_writer import double_quoted, write_mapping

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

_IN_FLOW = re.compile(r"[,\[\]{}]")
_STEP = 2


def literal(text: str, indent: int) -> list[str]:
    """Return header and lines of a literal block; nothing where ``text`` makes none.

    Args:
        text: Of several lines.
        indent: How far its lines stand in.
    """
    header, *lines = write_mapping({"k": text}).removesuffix("\n").split("\n")
    header = header.removeprefix("k: ")
    if header not in {"|", "|-"}:  # one that keeps its empty lines would keep those behind it
        return []
    return [header, *indented("\n".join(lines), indent - _STEP)]


def indented(text: str, column: int) -> list[str]:
    """Return the lines of a text, each with spaces before it; empty ones stay so."""
    return [" " * column + line if line else line for line in text.removesuffix("\n").split("\n")]


def inline(value: Json, style: str | None, *, in_flow: bool = True) -> str:
    """Return a value on one line."""
    if isinstance(value, list):
        return f"[{', '.join(inline(one, None) for one in value)}]"
    if isinstance(value, dict):
        parts = (f"{scalar(key, None, in_flow=True)}: {inline(one, None)}"
                 for key, one in value.items())  # fmt: skip
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, str):
        return scalar(value, style, in_flow=in_flow)
    return write_mapping({"k": value}).removeprefix("k: ").removesuffix("\n")


def scalar(text: str, style: str | None, *, in_flow: bool) -> str:
    """Return a text on one line, in the quotes that stood there where they can hold it."""
    if style == '"' or "\n" in text:
        return double_quoted(text)
    plain = write_mapping({"k": text}).removeprefix("k: ").removesuffix("\n")
    if style == "'" and text.isprintable():
        return f"'{text.replace(chr(39), chr(39) * 2)}'"
    return double_quoted(text) if in_flow and _IN_FLOW.search(plain) else plain
