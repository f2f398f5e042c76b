"""Results about versions: one published, the history of a set, the history of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import text_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from anvil_nb.domain.digest import Json


@dataclass(frozen=True, slots=True)
class Published(Result):
    """A version was published, or nothing had changed.

    Args:
        address: ``project/set@version``.
        version: Its number.
        digest: Of its tree.
        previous: The latest version before; ``None`` for the first.
        bump: What the changes called for: ``major``, ``minor``, ``patch``, or ``first``.
        reasons: Why, per prompt.
        created: ``False`` when the tree was that of ``version`` already.
        source: The version that was gone back to, of a rollback.
        reset: Whether a rollback has changed the draft, too.
        plan: The id of the plan that this was, or would be.
        dry_run: Whether it was only to be said what would be published.
    """

    address: str
    version: str
    digest: str
    previous: str | None
    bump: str
    reasons: tuple[str, ...]
    created: bool
    source: str | None = None
    reset: bool = False
    plan: str = ""
    dry_run: bool = False

    def to_text(self) -> str:
        """Return one line, and a line for each reason."""
        return "\n".join([self._what(), *(f"  {line}" for line in self._lines())])

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        lines = [html.element("div", line) for line in self._lines()]
        return html.section(
            self._what(), *lines, html.muted(short(self.digest)), address=self.address
        )

    def to_json(self) -> Json:
        """Return all fields."""
        return {
            "address": self.address,
            "version": self.version,
            "digest": self.digest,
            "previous": self.previous,
            "bump": self.bump,
            "reasons": list(self.reasons),
            "created": self.created,
            "source": self.source,
            "reset": self.reset,
            **({"plan": self.plan, "dry_run": True} if self.dry_run else {}),
        }

    def _lines(self) -> list[str]:
        be = "would be" if self.dry_run else "is"
        reset = f"the draft {be} what {self.source} was; its history keeps the old one"
        return [*self.reasons, *[reset] * self.reset]

    def _what(self) -> str:
        if not self.created:
            what = self.source or "the draft"
            plan = f"  plan {self.plan}" if self.dry_run and self.reset else ""
            return f"Nothing to publish: {what} is what {self.address} is already{plan}"
        source = f", the content of {self.source}" if self.source else ""
        if self.dry_run:
            return f"Would publish {self.address} ({self.bump}){source}  plan {self.plan}"
        return f"Published {self.address}{source or f' ({self.bump})'}"


@dataclass(frozen=True, slots=True)
class Version:
    """One published version in a history."""

    number: str
    digest: str
    message: str
    bump: str
    reasons: tuple[str, ...]
    source: str | None
    published_by: str
    published_at: datetime
    labels: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "version": self.number,
            "digest": self.digest,
            "message": self.message,
            "bump": self.bump,
            "reasons": list(self.reasons),
            "source": self.source,
            "published_by": self.published_by,
            "published_at": self.published_at.isoformat(),
            "labels": list(self.labels),
        }


@dataclass(frozen=True, slots=True)
class VersionTree(Result):
    """One version and what is in it.

    Args:
        address: ``project/set@version``.
        version: What is known of it.
        prompts: Digest of each prompt's content, by name.
    """

    address: str
    version: Version
    prompts: Mapping[str, str]

    def to_text(self) -> str:
        """Return the version, and a line for each prompt."""
        head = text_table(_VERSION_HEADER, [_version_row(self.version)], whole=[0, 1])
        rows = [(name, short(digest)) for name, digest in self.prompts.items()]
        return f"{head}\n\n{text_table(('prompt', 'digest'), rows, whole=[0])}"

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        rows = [(name, short(digest)) for name, digest in self.prompts.items()]
        head = html.table(_VERSION_HEADER, [_version_row(self.version)])
        return html.section(
            "Version", head, html.table(("prompt", "digest"), rows), address=self.address
        )

    def to_json(self) -> Json:
        """Return all fields."""
        prompts: Json = dict(self.prompts)
        return {"address": self.address, **self.version.to_json(), "prompts": prompts}


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a label."""

    label: str
    from_version: str | None
    to_version: str | None
    message: str
    moved_by: str
    moved_at: datetime

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "label": self.label,
            "from": self.from_version,
            "to": self.to_version,
            "message": self.message,
            "moved_by": self.moved_by,
            "moved_at": self.moved_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class History(Result):
    """The versions of a set and the moves of its labels, newest first."""

    address: str
    versions: tuple[Version, ...]
    moves: tuple[Move, ...]

    def __iter__(self) -> Iterator[Version]:
        return iter(self.versions)

    def __len__(self) -> int:
        return len(self.versions)

    def to_text(self) -> str:
        """Return versions and moves as tables."""
        if not self.versions:
            return f"{self.address} has no published version."
        text = text_table(_VERSION_HEADER, map(_version_row, self.versions), whole=[0, 1])
        if self.moves:
            text += "\n\n" + text_table(_MOVE_HEADER, map(_move_row, self.moves), whole=[0])
        return text

    def to_html(self) -> html.Html:
        """Return versions and moves as tables."""
        if not self.versions:
            return html.section(self.to_text())
        parts = [html.table(_VERSION_HEADER, map(_version_row, self.versions))]
        if self.moves:
            moves = html.table(_MOVE_HEADER, map(_move_row, self.moves))
            count = "1 label move" if len(self.moves) == 1 else f"{len(self.moves)} label moves"
            parts.append(html.details(count, moves))
        return html.section("History", *parts, address=self.address)

    def to_json(self) -> Json:
        """Return address, versions and moves."""
        return {
            "address": self.address,
            "versions": [one.to_json() for one in self.versions],
            "moves": [one.to_json() for one in self.moves],
        }


_VERSION_HEADER = ("version", "labels", "published", "by", "change", "message")
_MOVE_HEADER = ("label", "from", "to", "moved", "by", "message")


def _version_row(one: Version) -> tuple[str, ...]:
    change = f"rollback to {one.source}" if one.source else one.bump
    when = shown(one.published_at)
    return one.number, ", ".join(one.labels), when, one.published_by, change, one.message


def _move_row(one: Move) -> tuple[str, ...]:
    when = shown(one.moved_at)
    return (
        one.label, one.from_version or "–", one.to_version or "removed", when, one.moved_by,
        one.message,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DraftChange:
    """One change of a draft; ``digest`` is what it left, ``None`` where it removed the prompt."""

    sequence: int
    prompt: str
    action: str
    digest: str | None
    previous: str | None
    message: str
    actor: str
    at: datetime

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "sequence": self.sequence,
            "prompt": self.prompt,
            "action": self.action,
            "digest": self.digest,
            "previous": self.previous,
            "message": self.message,
            "actor": self.actor,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class DraftHistory(Result):
    """Every save, removal and rename of a draft, newest first; nothing saved is ever lost."""

    address: str
    changes: tuple[DraftChange, ...]
    cursor: str | None

    def __iter__(self) -> Iterator[DraftChange]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def to_text(self) -> str:
        """Return the changes as a table."""
        if not self.changes:
            return f"Nothing was saved in {self.address} yet."
        table = text_table(_DRAFT_HEADER, map(_draft_row, self.changes), whole=[0])
        return f"{table}\nMore: add --cursor {self.cursor}" if self.cursor else table

    def to_html(self) -> html.Html:
        """Return the changes as a table."""
        if not self.changes:
            return html.section(self.to_text())
        table = html.table(_DRAFT_HEADER, map(_draft_row, self.changes))
        more = [html.muted(f"More: cursor {self.cursor}")] if self.cursor else []
        return html.section("Draft history", table, *more, address=self.address)

    def to_json(self) -> Json:
        """Return address, changes and cursor."""
        changes: Json = [one.to_json() for one in self.changes]
        return {"address": self.address, "changes": changes, "cursor": self.cursor}


_DRAFT_HEADER = ("prompt", "action", "digest", "saved", "by", "message")


def _draft_row(one: DraftChange) -> tuple[str, ...]:
    digest = short(one.digest) if one.digest else "–"
    return one.prompt, one.action, digest, shown(one.at), one.actor, one.message
