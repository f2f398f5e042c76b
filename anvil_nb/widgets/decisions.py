"""What somebody has decided on conflicts: kept while the page is open, written out, read again.

Its JSON form is the file that ``anvil import --resolutions`` takes, so that decisions made in a
page can be carried out by a script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anvil_nb.bundles.suggesting import first_marker
from anvil_nb.errors import InvalidInputError
from anvil_nb.widgets.conflicts import MERGED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.widgets.conflicts import Conflict

    Decision = str | dict[str, dict[str, str]]


def decision(conflict: Conflict, choice: object, texts: object = None) -> Decision:
    """Return what was decided on a conflict.

    Args:
        conflict: Of which it is.
        choice: One of its choices.
        texts: The merged texts by name, for ``merged`` alone.

    Raises:
        InvalidInputError: for a choice that it does not have, and texts that cannot be taken.
    """
    if choice not in conflict.choices:
        msg = f"'{choice}' is no choice for {conflict.address}"
        raise InvalidInputError(msg, f"Choose one of: {', '.join(conflict.choices)}")
    if choice != MERGED:
        return str(choice)
    if (
        not isinstance(texts, dict)
        or not texts
        or not all(isinstance(text, str) for text in texts.values())
    ):
        msg = f"there is no merged text for {conflict.address}"
        raise InvalidInputError(msg, "Write the result first.")
    for name, text in texts.items():
        check_marks(name, text)
    return {MERGED: dict(texts)}


def check_marks(name: str, text: str) -> None:
    """Refuse a text in which a merge is not finished.

    Raises:
        InvalidInputError: names the line.
    """
    if line := first_marker(text):
        msg = f"{name} still has the mark of a conflict in line {line}"
        raise InvalidInputError(msg, "Choose ours, theirs or both there, and take the marks out.")


def choice_of(made: Decision) -> str:
    """Return the choice of a decision."""
    return made if isinstance(made, str) else MERGED


def read(said: Any, conflicts: Mapping[str, Conflict]) -> tuple[dict[str, Decision], list[str]]:
    """Return decisions that were written out, and the keys of those that are of other conflicts.

    Raises:
        InvalidInputError: for what is no such file, and for a decision that does not fit.
    """
    if not isinstance(said, dict):
        msg = "these are no decisions"
        raise InvalidInputError(msg, "Take a file that was saved here, or a JSON object by key.")
    found: dict[str, Decision] = {}
    unknown = []
    for key, value in said.items():
        if key not in conflicts:
            unknown.append(key)
        elif isinstance(value, dict):
            found[key] = decision(conflicts[key], MERGED, value.get(MERGED))
        else:
            found[key] = decision(conflicts[key], value)
    return found, unknown


def to_json(made: Mapping[str, Decision]) -> dict[str, Json]:
    """Return what ``read`` reads."""
    found: dict[str, Json] = {}
    for key, one in made.items():
        if isinstance(one, str):
            found[key] = one
        else:
            found[key] = {MERGED: {name: text for name, text in one[MERGED].items()}}  # noqa: C416 - of another type
    return found
