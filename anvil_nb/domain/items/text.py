"""The text of one file of an item: where its YAML stands and where its body, byte for byte.

A file becomes text and the same bytes again: byte-order mark, line endings and the last line as
they were. What the keys of its YAML mean is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anvil_nb.domain.flat_yaml import flat_mapping
from anvil_nb.domain.frontmatter import MAX_BYTES
from anvil_nb.errors import DeclarationError, ItemError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

MAX_TEXT = 4 * 1024 * 1024
"""The largest file that is read as text, in bytes."""

_BOM = "\ufeff"
_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileText:
    """The text of a file, taken apart.

    Args:
        path: Of the file, for messages.
        text: All of it, without a byte-order mark.
        start: Where its YAML begins.
        end: Where that ends; the same as ``start`` where it has none.
        body: Where the body behind the frontmatter begins; the end, for a file of YAML alone.
        fields: What the YAML says; ``None`` for a text without frontmatter.
        marked: Whether a byte-order mark stood before it.
    """

    path: str
    text: str
    start: int
    end: int
    body: int
    fields: dict[str, Json] | None
    marked: bool = False

    @property
    def source(self) -> str:
        """The YAML."""
        return self.text[self.start : self.end]

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def prose(self) -> str:
        """The body for people: without white space around it, lines ending in a line feed."""
        return self.text[self.body :].replace("\r\n", "\n").strip()

    def to_bytes(self) -> bytes:
        """Return the file."""
        return (_BOM * self.marked + self.text).encode()

    def with_source(self, source: str) -> FileText:
        """Return the text with other YAML; a text that had no frontmatter gets some."""
        if self.fields is None:
            ends = self.newline
            source = source if source.endswith(ends) or not source else source + ends
            blank = ends if self.text and not self.text[:1].isspace() else ""
            return _again(self, f"---{ends}{source}---{ends}{blank}{self.text}")
        return _again(self, self.text[: self.start] + source + self.text[self.end :])

    def with_prose(self, prose: str) -> FileText:
        """Return the text with another body; white space around it stays as it is."""
        if prose.replace("\r\n", "\n").strip() == self.prose:
            return self
        body, ends = self.text[self.body :], self.newline
        lead = body[: len(body) - len(body.lstrip())]
        tail = body[len(body.rstrip()) :] if body.strip() else ""
        if not body.strip():
            lead, tail = lead or ends * (self.fields is not None), ends
        written = prose.replace("\r\n", "\n").strip().replace("\n", ends)
        head = self.text[: self.body]
        if self.fields is not None and not head.endswith("\n"):
            head += ends
        if not written:
            return _again(self, head)
        if self.fields is None and _OPENING.match(f"{lead}{written}{tail}"):
            head = f"---{ends}---{ends}{ends}"  # or its first lines would be its frontmatter
        return _again(self, f"{head}{lead}{written}{tail}")


def _again(was: FileText, text: str) -> FileText:
    if was.path.endswith(_YAML):
        return replace(_yaml(was.path, text), marked=was.marked)
    return replace(_markdown(was.path, text), marked=was.marked)


_YAML = (".yaml", ".yml")


def read_markdown(path: str, data: bytes) -> FileText:
    """Return a text that may open with YAML between two lines of ``---``.

    Raises:
        ItemError: when it is not UTF-8 or too large, the frontmatter is not closed, or its YAML is
            not sound.
    """
    text, marked = _decoded(path, data)
    found = _markdown(path, text)
    return replace(found, marked=True) if marked else found


def read_yaml(path: str, data: bytes) -> FileText:
    """Return a text that is YAML, a mapping.

    Raises:
        ItemError: when it is not.
    """
    text, marked = _decoded(path, data)
    found = _yaml(path, text)
    return replace(found, marked=True) if marked else found


def _markdown(path: str, text: str) -> FileText:
    opening = _OPENING.match(text)
    if opening is None:
        return FileText(path, text, 0, 0, 0, None)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise ItemError(
            f"{path} opens with '---', and no later line closes that",
            "Close the frontmatter with a line of '---'; if it is meant as a rule, put an empty "
            "line before it.",
        )
    start, end = opening.end(), closing.start()
    fields = _mapping(f"the frontmatter of {path}", text[start:end], 2)
    if fields is None:
        return FileText(path, text, 0, 0, 0, None)
    return FileText(path, text, start, end, closing.end(), fields)


def _yaml(path: str, text: str) -> FileText:
    fields = _mapping(path, text, 1)
    if fields is None:
        msg = f"{path} is no YAML mapping"
        raise ItemError(msg, "Write one key and value a line: name: research")
    return FileText(path, text, 0, len(text), len(text), fields)


def _decoded(path: str, data: bytes) -> tuple[str, bool]:
    if len(data) > MAX_TEXT:
        msg = f"{path} has {len(data):,} bytes; at most {MAX_TEXT:,} are read as text"
        raise ItemError(msg, "Move what is large into a file beside it.")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 at byte {error.start + 1:,}"
        raise ItemError(msg, "Save it as UTF-8.") from error
    if "\0" in text:
        msg = f"{path} holds a NUL character, which is no text"
        raise ItemError(msg, "Save it as UTF-8, without that character.")
    return text.removeprefix(_BOM), text.startswith(_BOM)


def _mapping(what: str, source: str, first_line: int) -> dict[str, Json] | None:
    # Encoded only where characters alone do not decide it.
    size = len(source) if len(source) * 4 <= MAX_BYTES else len(source.encode())
    if size > MAX_BYTES:
        msg = f"{what} has {size:,} bytes; at most {MAX_BYTES:,} are taken"
        raise ItemError(msg, "Move long text into a file beside it.")
    if (plain := flat_mapping(source)) is not None:
        return plain  # of thousands of items, nearly all
    from anvil_nb.domain.yaml_reader import read_mapping  # noqa: PLC0415 - it imports PyYAML

    try:
        return read_mapping(source, first_line=first_line, what=what)
    except DeclarationError as error:
        raise ItemError(error.message, error.hint) from error
