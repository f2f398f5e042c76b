"""From what was typed to the choices of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.bundles.planning import Choices
from anvil_nb.domain.prompt import check_text
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MERGED = "merged"
_EXAMPLE = '{"version:desk/emails@1.1.0": {"merged": {"welcome": "Hello!"}}}'


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
