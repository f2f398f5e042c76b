"""Results about skills, content, agents and contexts: one, a page of them, what was saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import json_text, text_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf

_PROSE = ("instructions", "body", "system_prompt")
"""The fields that are shown as texts of their own, below the others."""
_FILES = ("file", "mode", "digest", "bytes")


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of a listing; ``enabled`` is false for what is disabled or not public."""

    key: str
    title: str
    description: str
    enabled: bool
    files: int
    digest: str
    updated_at: datetime
    updated_by: str

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "key": self.key,
            "title": self.title,
            "description": self.description,
            "enabled": self.enabled,
            "files": self.files,
            "digest": self.digest,
            "updated_at": self.updated_at.isoformat(),
            "updated_by": self.updated_by,
        }


@dataclass(frozen=True, slots=True)
class ItemPage(Result):
    """A page of the items of a kind, in the order of their keys.

    Args:
        kind: ``skill``, ``content``, ``agent`` or ``context``.
        items: The lines.
        cursor: Pass it to get the next page; ``None`` on the last.
    """

    kind: str
    items: tuple[ItemLine, ...]
    cursor: str | None

    def __iter__(self) -> Iterator[ItemLine]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def to_text(self) -> str:
        """Return a table, and the cursor of the next page."""
        if not self.items:
            return f"No {self.kind} here."
        table = text_table(_HEADER, map(_row, self.items), whole=[0])
        return f"{table}\nMore: add --cursor {self.cursor}" if self.cursor else table

    def to_html(self) -> html.Html:
        """Return a table."""
        if not self.items:
            return html.section(f"No {self.kind} here.")
        more = [html.muted(f"More: cursor {self.cursor}")] if self.cursor else []
        return html.section(self.kind.title(), html.table(_HEADER, map(_row, self.items)), *more)

    def to_json(self) -> Json:
        """Return kind, items and cursor."""
        lines: Json = [one.to_json() for one in self.items]
        return {"kind": self.kind, "items": lines, "cursor": self.cursor}


_HEADER = ("name", "title", "files", "changed", "description")


def _row(one: ItemLine) -> tuple[str, ...]:
    title = one.title if one.enabled else f"{one.title} (off)"
    return one.key, title, str(one.files), shown(one.updated_at), one.description


@dataclass(frozen=True, slots=True)
class Item(Result):
    """A skill, page, agent or context as it stands.

    Args:
        kind: Which of these.
        key: By which it is found.
        id: Its lasting id.
        digest: Of its files.
        fields: What its files say.
        files: Each with path, digest, size and whether it may be executed.
        place: Where on disk it belongs.
        extra: What another program's record said besides.
        notes: What deserves attention: places that name the same thing differently.
        created_at: When it came to be here.
        updated_at: When it was changed last.
        updated_by: By whom.
        resolved: The text of an agent's system prompt, where that was asked for.
    """

    kind: str
    key: str
    id: str
    digest: str
    fields: Mapping[str, Json]
    files: tuple[Leaf, ...]
    place: Mapping[str, Json]
    extra: Mapping[str, Json]
    notes: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    updated_by: str
    resolved: str | None = None

    def __getitem__(self, name: str) -> Json:
        return self.fields[name]

    def to_text(self) -> str:
        """Return the fields, the files where there are several, the notes and the text."""
        lines = [f"{self.kind} {visible(self.key)}  {short(self.digest)}"]
        lines += [f"  {name}: {visible(said, keep='')}" for name, said in self._said()]
        lines += [f"  note: {visible(note, keep='')}" for note in self.notes]
        if len(self.files) > 1:
            lines += ["", text_table(_FILES, self._rows(), numeric=[3], whole=[0])]
        for text in self._texts():
            lines += ["", visible(text)]
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        parts: list[html.Child] = [html.definition(self._said())]
        parts += [html.element("div", html.badge("note", "warn"), " ", note) for note in self.notes]
        if len(self.files) > 1:
            table = html.table(_FILES, self._rows(), numeric=[3])
            parts.append(html.details(f"{len(self.files)} files", table))
        parts += map(html.code_block, self._texts())
        return html.section(self.kind.title(), *parts, address=self.key)

    def to_json(self) -> Json:
        """Return everything but the bytes of the files."""
        files: Json = [
            {
                "path": leaf.path,
                "digest": leaf.digest,
                "size": leaf.size,
                "executable": leaf.executable,
            }
            for leaf in self.files
        ]
        said: dict[str, Json] = {
            "kind": self.kind,
            "key": self.key,
            "id": self.id,
            "digest": self.digest,
            "fields": dict(self.fields),
            "files": files,
            "place": dict(self.place),
            "extra": dict(self.extra),
            "notes": list(self.notes),
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
            "updated_by": self.updated_by,
        }
        return said if self.resolved is None else said | {"resolved": self.resolved}

    def _said(self) -> list[tuple[str, str]]:
        return [
            (name, value if isinstance(value, str) else json_text(value))
            for name, value in self.fields.items()
            if name not in _PROSE and value not in (None, "", [])
        ]

    def _texts(self) -> list[str]:
        if self.resolved is not None:
            return [self.resolved]
        texts = (self.fields.get(name) for name in _PROSE)
        return [text for text in texts if isinstance(text, str) and text]

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for leaf in self.files:
            mode = "executable" if leaf.executable else ""
            yield leaf.path, mode, short(leaf.digest), f"{leaf.size:,}"


@dataclass(frozen=True, slots=True)
class ItemFile(Result):
    """One file of an item, with its bytes."""

    kind: str
    key: str
    leaf: Leaf
    data: bytes

    def to_text(self) -> str:
        """Return the text of the file; of one that is no text, what it is."""
        try:
            return visible(self.data.decode())
        except UnicodeDecodeError:
            return f"{visible(self.leaf.path)}: {self.leaf.size:,} bytes that are no text"

    def to_html(self) -> html.Html:
        """Return the text as a block."""
        return html.section(self.leaf.path, html.code_block(self.to_text()), address=self.key)

    def to_json(self) -> Json:
        """Return where it is, and its text; ``null`` for what is no text."""
        try:
            text = self.data.decode()
        except UnicodeDecodeError:
            text = None
        return {
            "kind": self.kind,
            "key": self.key,
            "path": self.leaf.path,
            "digest": self.leaf.digest,
            "size": self.leaf.size,
            "executable": self.leaf.executable,
            "text": text,
        }


@dataclass(frozen=True, slots=True)
class ItemSaved(Result):
    """An item was saved.

    Args:
        kind: Of the item.
        key: Of the item.
        digest: Of what stands now.
        previous: Of what stood before; ``None`` for a new one.
        notes: What deserves attention.
    """

    kind: str
    key: str
    digest: str
    previous: str | None
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the save changed anything."""
        return self.digest != self.previous

    def to_text(self) -> str:
        """Return one line, and a line for each note."""
        head = f"{self._what()} the {self.kind} {visible(self.key)}  {short(self.digest)}"
        return "\n".join([head, *(f"  note: {visible(note, keep='')}" for note in self.notes)])

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        notes = [html.element("div", html.muted(note)) for note in self.notes]
        title = f"{self._what()} the {self.kind}"
        return html.section(title, html.muted(short(self.digest)), *notes, address=self.key)

    def to_json(self) -> Json:
        """Return key, digests, whether it changed, and notes."""
        return {
            "kind": self.kind,
            "key": self.key,
            "digest": self.digest,
            "previous": self.previous,
            "changed": self.changed,
            "notes": list(self.notes),
        }

    def _what(self) -> str:
        if not self.changed:
            return "Unchanged:"
        return "Saved" if self.previous else "Created"


@dataclass(frozen=True, slots=True)
class ItemStep:
    """One change of an item; ``digest`` is what it left, ``None`` where it was removed."""

    key: str
    action: str
    digest: str | None
    previous: str | None
    message: str
    actor: str
    at: datetime

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "key": self.key,
            "action": self.action,
            "digest": self.digest,
            "previous": self.previous,
            "message": self.message,
            "actor": self.actor,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class ItemHistory(Result):
    """Every change of an item, newest first; nothing saved is ever lost."""

    kind: str
    key: str
    steps: tuple[ItemStep, ...]
    cursor: str | None

    def __iter__(self) -> Iterator[ItemStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def to_text(self) -> str:
        """Return the changes as a table."""
        table = text_table(_STEPS, map(_step_row, self.steps), whole=[0])
        return f"{table}\nMore: add --cursor {self.cursor}" if self.cursor else table

    def to_html(self) -> html.Html:
        """Return the changes as a table."""
        more = [html.muted(f"More: cursor {self.cursor}")] if self.cursor else []
        table = html.table(_STEPS, map(_step_row, self.steps))
        return html.section(f"History of the {self.kind}", table, *more, address=self.key)

    def to_json(self) -> Json:
        """Return kind, key, changes and cursor."""
        steps: Json = [one.to_json() for one in self.steps]
        return {"kind": self.kind, "key": self.key, "steps": steps, "cursor": self.cursor}


_STEPS = ("name", "action", "digest", "when", "by", "message")


def _step_row(one: ItemStep) -> tuple[str, ...]:
    digest = short(one.digest or one.previous or "")
    return one.key, one.action, digest, shown(one.at), one.actor, one.message
