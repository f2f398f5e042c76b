"""From what was typed to the choices of an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.naming import check_name
from anvil_nb.domain.prompt import check_text
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

STRATEGIES = ("manual", "skip", "overwrite", "version")
"""What to choose for conflicts that no resolution names."""

MERGED = "merged"
_EXAMPLE = '{"version:desk/emails@1.1.0": {"merged": {"welcome": "Hello!"}}}'


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever imports has decided.

    Args:
        strategy: One of ``STRATEGIES``; ``manual`` leaves conflicts open.
        resolutions: Choices by the keys of conflicts.
        merged: Merged templates, by key and prompt, for those that are resolved by ``merged``.
        into: The project that all sets go to.
        renames: New paths or project names by those of the bundle.
        labels: Whether labels move as the bundle has them.
    """

    strategy: str = "manual"
    resolutions: Mapping[str, str] = field(default_factory=dict)
    merged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    into: str | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    labels: bool = False

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            msg = f"a strategy is one of {', '.join(STRATEGIES)}, found '{self.strategy}'"
            raise InvalidInputError(msg, "Try: --strategy version")
        if self.into is not None:
            check_name(self.into, "project name")
        for was, new in self.renames.items():
            for part in new.split("/"):
                check_name(part, "name")
            if was.count("/") != new.count("/") or was.count("/") > 1:
                msg = f"'{was}={new}' does not say what becomes of a project or a set"
                raise InvalidInputError(msg, "Try: --map desk=support   or: --map desk/a=desk/b")

    def to_json(self) -> dict[str, Json]:
        """Return all fields, for the record."""
        return {
            "strategy": self.strategy,
            "resolutions": dict(sorted(self.resolutions.items())),
            "merged": {key: dict(sorted(texts.items())) for key, texts in self.merged.items()},
            "into": self.into,
            "map": dict(sorted(self.renames.items())),
            "labels": self.labels,
        }


def choices(
    strategy: str,
    resolutions: Mapping[str, str | Mapping[str, Any]],
    renames: Mapping[str, str],
    into: str | None,
    *,
    labels: bool,
) -> Choices:
    """Return the choices of an import.

    Args:
        strategy: One of ``STRATEGIES``.
        resolutions: By the key of a conflict a choice, or ``{"merged": {name: text}}``.
        renames: New paths or project names by those of the bundle.
        into: The project that all sets go to.
        labels: Whether labels move.

    Raises:
        InvalidInputError: for what is no choice.
    """
    chosen: dict[str, str] = {}
    merged: dict[str, dict[str, str]] = {}
    for key, resolution in resolutions.items():
        if isinstance(resolution, str):
            chosen[key] = resolution
        else:
            merged[key] = _texts(key, resolution)
            chosen[key] = MERGED
    return Choices(strategy, chosen, merged, into, dict(renames), labels=labels)


def _texts(key: str, resolution: Mapping[str, Any]) -> dict[str, str]:
    texts = resolution.get(MERGED) if isinstance(resolution, dict) else None
    texts = texts if isinstance(texts, dict) and len(resolution) == 1 else {}
    if not texts or not all(isinstance(text, str) for text in texts.values()):
        msg = f"the resolution of {key} is neither a choice nor merged texts"
        raise InvalidInputError(msg, f"For example: {_EXAMPLE}")
    for text in texts.values():
        check_text(text)
    return dict(texts)
