"""Frontmatter: the YAML mapping that a text may open with, between two lines of ``---``.

It owns where frontmatter begins and ends. Nothing here knows what the keys mean: that is
``prompt``'s, and ``dotprompt``'s for Google's format. A text that opens with a rule and prose is
left alone, so any Markdown goes through unharmed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.values import type_name
from anvil_nb.domain.yaml_writer import write_mapping
from anvil_nb.errors import DeclarationError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

MAX_BYTES = 256 * 1024
"""The most frontmatter that is read or written, in bytes of UTF-8."""

_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """A text taken apart.

    Args:
        fields: The frontmatter as JSON values; ``None`` when the text has none.
        body: Everything behind the frontmatter, byte for byte; the whole text when it has none.
    """

    fields: dict[str, Json] | None
    body: str


def split(text: str) -> Document:
    """Take ``text`` apart into frontmatter and body.

    There is frontmatter when the first line is ``---`` (spaces may follow), a later line is too,
    and the YAML between them is a mapping, or nothing but comments.

    Raises:
        DeclarationError: when what stands between the two lines is not sound YAML, goes beyond
            JSON values, or is larger than :data:`MAX_BYTES`.
        InvalidInputError: when ``text`` is no text.
    """
    if not isinstance(text, str):
        msg = f"a template is text, found {type_name(text)}"
        raise InvalidInputError(msg, "Pass the text itself; for a file: ws.load(path, into)")
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return Document(None, text)
    source = text[opening.end() : closing.start()]
    _check_size(source)
    from anvil_nb.domain.yaml_reader import read_mapping  # noqa: PLC0415 - it imports PyYAML

    fields = read_mapping(source, first_line=2)
    return Document(None, text) if fields is None else Document(fields, text[closing.end() :])


def opens_with_frontmatter(text: str) -> bool:
    """Tell whether a template would be taken apart where a text may open with frontmatter."""
    try:
        return split(text).fields is not None
    except DeclarationError:
        return True


def join(fields: Mapping[str, Json], body: str) -> str:
    """Return the text that :func:`split` takes apart into ``fields`` and ``body`` again.

    Raises:
        DeclarationError: for fields that could not be read back.
    """
    source = write_mapping(fields)
    _check_size(source)
    return f"---\n{source}---\n{body}"


def _check_size(source: str) -> None:
    # Encoding is only worth its time where characters alone do not decide it.
    if len(source) * 4 <= MAX_BYTES:
        return
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise DeclarationError(
            f"the frontmatter has {size:,} bytes; at most {MAX_BYTES:,} are taken",
            "Move long text into the body; or, if the text is meant to start with a rule, open "
            "it with an empty frontmatter: '---' twice.",
        )
