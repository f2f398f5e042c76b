"""The result of a diff: which prompts differ, how, and the bump that calls for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.results import html
from anvil_nb.results.pointing import marked_words, pointed
from anvil_nb.results.result import Result
from anvil_nb.results.text import indent, json_text, text_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.domain.change import Kind, ParameterChange, Reason
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.parameters import Parameter
    from anvil_nb.domain.textdiff import TextDiff


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """One field of metadata before and after; ``None`` where it was not there."""

    name: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class PromptComparison:
    """How one prompt differs.

    Args:
        name: The prompt's name.
        kind: ``added``, ``removed`` or ``changed``.
        text: Of the templates; all lines are added or removed for a prompt that is.
        parameters, metadata: What differs.
        reasons: What each difference calls for.
    """

    name: str
    kind: Kind
    text: TextDiff
    parameters: tuple[ParameterChange, ...]
    metadata: tuple[MetadataChange, ...]
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Json]:
        """Return all fields; the text as a unified diff, with the words that changed beside it."""
        return {
            "prompt": self.name,
            "change": self.kind,
            "text": self.text.unified() if self.text.changed else "",
            "words": marked_words(self.text),
            "parameters": [
                {
                    "name": one.name,
                    "old": one.old.to_json() if one.old else None,
                    "new": one.new.to_json() if one.new else None,
                }
                for one in self.parameters
            ],
            "metadata": [
                {"name": one.name, "old": one.old, "new": one.new} for one in self.metadata
            ],
            "reasons": [{"bump": one.bump.name.lower(), "text": one.text} for one in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Comparison(Result):
    """How two versions, drafts or labels differ.

    Args:
        old, new: Addresses of the two sides.
        prompts: Those that differ, in order of their names.
        bump: ``major``, ``minor``, ``patch``, or ``""`` where nothing differs.
    """

    old: str
    new: str
    prompts: tuple[PromptComparison, ...]
    bump: str

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return bool(self.prompts)

    def __iter__(self) -> Iterator[PromptComparison]:
        return iter(self.prompts)

    def to_text(self) -> str:
        """Return the differences like ``diff -u``, words marked, and the rest as tables."""
        if not self.prompts:
            return f"{self.old} and {self.new} are the same."
        lines = [f"{self.old} → {self.new}: {self.summary()}"]
        for one in self.prompts:
            lines += ["", f"{one.kind} {one.name}"]
            if one.text.changed:
                lines.append(indent(pointed(one.text), "  "))
            if table := rows(one):
                lines.append(indent(text_table(_HEADER, table), "  "))
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the differences with words marked."""
        parts: list[html.Html] = [html.muted(self.summary())] if self.prompts else []
        for one in self.prompts:
            kind: html.Tone = _KINDS[one.kind]
            blocks = [html.diff_block(one.text)] if one.text.changed else []
            if table := rows(one):
                blocks.append(html.table(_HEADER, table))
            head = html.element("div", html.badge(one.kind, kind), " ", one.name)
            parts.append(html.element("div", head, *blocks))
        title = f"{self.old} → {self.new}" if self.prompts else self.to_text()
        return html.section(title, *parts)

    def to_json(self) -> Json:
        """Return both addresses, the bump, and every prompt that differs."""
        prompts: Json = [one.to_json() for one in self.prompts]
        return {"old": self.old, "new": self.new, "bump": self.bump, "prompts": prompts}

    def summary(self) -> str:
        """Return how many prompts differ in which way, and the bump that calls for."""
        kinds = [one.kind for one in self.prompts]
        counts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
        return f"{', '.join(counts)}; calls for a {self.bump} version"


_HEADER = ("", "old", "new")
_KINDS: dict[Kind, html.Tone] = {"added": "good", "removed": "bad", "changed": "warn"}


def rows(one: PromptComparison) -> list[tuple[str, str, str]]:
    """Return the parameters and the metadata that differ: what it is, the old, the new."""
    parameters = [
        (f"parameter {change.name}", _declaration(change.old), _declaration(change.new))
        for change in one.parameters
    ]
    metadata = [(change.name, _said(change.old), _said(change.new)) for change in one.metadata]
    return parameters + metadata


def _declaration(one: Parameter | None) -> str:
    if one is None:
        return "–"
    fields = one.to_json()
    del fields["name"]
    kind = str(fields.pop("type", "any"))
    required = fields.pop("required", None)
    words = [kind, *(["required" if required else "optional"] if required is not None else [])]
    return ", ".join([*words, *(f"{name} {_said(value)}" for name, value in fields.items())])


def _said(value: Json) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json_text(value)
