"""Results that list: projects, sets, prompts and search hits, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import text_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from anvil_nb.domain.digest import Json

Kind = Literal["project", "set", "prompt"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a listing.

    Args:
        kind: ``project``, ``set`` or ``prompt``.
        address: Where it is.
        title: Display name, of projects and sets.
        description: One line about it.
        count: Sets of a project, prompts of a set's draft; ``None`` for a prompt.
        version: Latest version number; ``None`` where there is none.
        state: Of a prompt: ``new`` (never published), ``changed`` (since), or ``published``.
        digest: Of a prompt's draft.
    """

    kind: Kind
    address: str
    title: str = ""
    description: str = ""
    count: int | None = None
    version: str | None = None
    state: str = ""
    digest: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the fields that this kind has."""
        fields: dict[str, Json] = {"kind": self.kind, "address": self.address}
        if self.kind == "prompt":
            fields |= {"state": self.state, "digest": self.digest}
        else:
            fields |= {"title": self.title, "count": self.count}
        if self.kind != "project":
            fields["version"] = self.version
        return fields | {"description": self.description}


@dataclass(frozen=True, slots=True)
class Page(Result):
    """A page of a listing.

    Args:
        prefix: What was asked for.
        items: In order of their addresses.
        cursor: Pass it to get the next page; ``None`` on the last.
    """

    prefix: str
    items: tuple[Item, ...]
    cursor: str | None

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def to_text(self) -> str:
        """Return the items as a table."""
        if not self.items:
            where = f" under {self.prefix}" if self.prefix else ""
            return f"Nothing{where} yet."
        table = text_table(self.header(), map(self.row, self.items), whole=[0])
        return f"{table}\nMore: add --cursor {self.cursor}" if self.cursor else table

    def to_html(self) -> html.Html:
        """Return the items as a table."""
        if not self.items:
            return html.section(self.to_text())
        parts = [html.table(self.header(), map(self.row, self.items))]
        if self.cursor:
            parts.append(html.muted(f"More: cursor {self.cursor}"))
        title = f"{self.items[0].kind.capitalize()}s"
        return html.section(title, *parts, address=self.prefix or None)

    def to_json(self) -> Json:
        """Return items and cursor."""
        return {"items": [item.to_json() for item in self.items], "cursor": self.cursor}

    def header(self) -> tuple[str, ...]:
        """Return the titles of the columns that the items have."""
        kind = self.items[0].kind
        if kind == "prompt":
            return ("prompt", "state", "latest", "description")
        if kind == "set":
            return ("set", "prompts", "latest", "title", "description")
        return ("project", "sets", "title", "description")

    def row(self, item: Item) -> tuple[str, ...]:
        """Return an item's cells."""
        if item.kind == "prompt":
            return item.address, item.state, item.version or "–", item.description
        count = str(item.count)
        if item.kind == "set":
            return item.address, count, item.version or "–", item.title, item.description
        return item.address, count, item.title, item.description


@dataclass(frozen=True, slots=True)
class Group(Result):
    """A project or prompt set, shown.

    Args:
        kind: ``project`` or ``set``.
        address: ``project`` or ``project/set``.
        title, description: As given.
        created_at, updated_at: UTC.
        items: The sets of a project, the prompts of a set's draft; the first ones where there
            are very many.
        count: How many there are.
        versions: Number of versions of a set.
        latest: Highest stable version of a set.
        labels: Version by label, of a set.
        id: Stays when it is renamed.
        revision: How often a set was written to.
        state: Tells one state of it from another.
    """

    kind: Literal["project", "set"]
    address: str
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    items: tuple[Item, ...]
    count: int
    versions: int = 0
    latest: str | None = None
    labels: Mapping[str, str] | None = None
    id: str = ""
    revision: int = 0
    state: str = ""

    def to_text(self) -> str:
        """Return what is known of it, and its items."""
        lines = [f"{self.kind} {self.address}"]
        lines += [f"  {name}: {visible(value, keep='')}" for name, value in self._facts()]
        if self.items:
            lines += ["", Page(self.address, self.items, None).to_text(), *self._more()]
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        parts = [html.definition(self._facts())]
        if self.items:
            page = Page(self.address, self.items, None)
            parts.append(html.table(page.header(), map(page.row, self.items)))
            parts += map(html.muted, self._more())
        title = "Project" if self.kind == "project" else "Prompt set"
        return html.section(title, *parts, address=self.address)

    def to_json(self) -> Json:
        """Return all fields."""
        fields: dict[str, Json] = {
            "kind": self.kind,
            "id": self.id,
            "address": self.address,
            "title": self.title,
            "description": self.description,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
            "count": self.count,
            "items": [item.to_json() for item in self.items],
        }
        if self.kind == "set":
            labels: dict[str, Json] = dict(self.labels or {})
            fields |= {"versions": self.versions, "latest": self.latest, "labels": labels}
            fields["revision"] = self.revision
        return fields

    def _more(self) -> list[str]:
        left = self.count - len(self.items)
        return [f"… and {left:,} more: anvil ls {self.address}/"] if left else []

    def _facts(self) -> list[tuple[str, str]]:
        facts = [("title", self.title), ("description", self.description)]
        if self.kind == "set":
            labels = ", ".join(f"{name} → {to}" for name, to in (self.labels or {}).items())
            latest = f"{self.latest} of {self.versions}" if self.latest else "none published"
            facts += [("latest", latest), ("labels", labels)]
        facts.append(("updated", shown(self.updated_at)))
        return [(name, value) for name, value in facts if value]


@dataclass(frozen=True, slots=True)
class Hit:
    """One search hit: a prompt, set or project, and where the words stand."""

    kind: Kind
    address: str
    title: str
    description: str
    snippet: str
    score: int
    digest: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "kind": self.kind,
            "address": self.address,
            "title": self.title,
            "description": self.description,
            "snippet": self.snippet,
            "score": self.score,
            "digest": self.digest,
        }


@dataclass(frozen=True, slots=True)
class Hits(Result):
    """What a search found, best first; ``cursor`` asks for the next page."""

    query: str
    hits: tuple[Hit, ...]
    cursor: str | None

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def to_text(self) -> str:
        """Return the hits as a table."""
        if not self.hits:
            return f"Nothing has {self.query!r}."
        header = ("found", "description", "where")
        table = text_table(header, map(_hit_row, self.hits), whole=[0])
        return f"{table}\nMore: add --cursor {self.cursor}" if self.cursor else table

    def to_html(self) -> html.Html:
        """Return the hits as a table."""
        if not self.hits:
            return html.section(self.to_text())
        table = html.table(("found", "description", "where"), map(_hit_row, self.hits))
        more = [html.muted(f"More: cursor {self.cursor}")] if self.cursor else []
        return html.section(f"Search: {self.query}", table, *more)

    def to_json(self) -> Json:
        """Return query, hits and cursor."""
        hits: Json = [hit.to_json() for hit in self.hits]
        return {"query": self.query, "hits": hits, "cursor": self.cursor}


def _hit_row(hit: Hit) -> tuple[str, str, str]:
    return hit.address, hit.title or hit.description, hit.snippet


@dataclass(frozen=True, slots=True)
class Validation(Result):
    """Whether prompts are sound: errors refuse a publish, notes do not.

    Args:
        address: What was looked at.
        checked: Number of prompts.
        errors, notes: By prompt name.
    """

    address: str
    checked: int
    errors: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]

    @property
    def valid(self) -> bool:
        """Whether there are no errors."""
        return not self.errors

    def to_text(self) -> str:
        """Return the verdict and every finding."""
        lines = [self._verdict()]
        lines += [f"  error  {name}: {visible(text)}" for name, text in self.errors]
        lines += [f"  note   {name}: {visible(text)}" for name, text in self.notes]
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same as a table."""
        rows = [(html.badge("error", "bad"), name, text) for name, text in self.errors]
        rows += [(html.badge("note", "warn"), name, text) for name, text in self.notes]
        table = [html.table(("", "prompt", "finding"), rows)] if rows else []
        return html.section(self._verdict(), *table, address=self.address)

    def to_json(self) -> Json:
        """Return verdict and findings."""
        return {
            "address": self.address,
            "valid": self.valid,
            "checked": self.checked,
            "errors": [{"prompt": name, "message": text} for name, text in self.errors],
            "notes": [{"prompt": name, "message": text} for name, text in self.notes],
        }

    def _verdict(self) -> str:
        count = f"{self.checked} prompt{'s' * (self.checked != 1)}"
        bad = len({name for name, _ in self.errors})
        return f"Valid: {count}" if self.valid else f"Not valid: {bad} of {count}"
