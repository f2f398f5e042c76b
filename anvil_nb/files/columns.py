"""Which column of a table holds what."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAME: Final = "name"
TEMPLATE: Final = "template"
REQUIRED: Final = {
    NAME: ("name", "title", "act", "slug"),
    TEMPLATE: ("template", "prompt", "text", "content", "body"),
}
"""What has to be there, and what its column is usually called, the likeliest first."""

TEXT_FIELDS: Final = ("description", "tags")
JSON_FIELDS: Final = (*TEXT_FIELDS, "parameters", "metadata")
"""What is taken without being asked for, from columns of these names."""

_MOST_SHOWN = 20


def choose_columns(
    names: Iterable[str],
    given: Mapping[str, str],
    *,
    fields: Iterable[str],
    where: str,
    noun: str = "column",
) -> dict[str, str]:
    """Return the column of every field: those given, and those that go by their usual names.

    Capitals do not count unless two columns differ by nothing else.

    Args:
        names: The columns there are.
        given: Columns by field, as the user chose them.
        fields: The fields to take where a column has their name.
        where: What has these columns, for messages.
        noun: What a column is called there.

    Raises:
        SourceError: when a given column is not there, or none is found for what is required:
            with the columns there are and what to type.
    """
    present = {name: name for name in names if name}
    folded = {name.casefold(): name for name in reversed(present)} | present
    chosen: dict[str, str] = {}
    for field, column in given.items():
        found = folded.get(column) or folded.get(column.casefold())
        if found is None:
            near = get_close_matches(column, present, 1) or [*present]
            raise _missing(f"{noun} {column!r} for the {field}", field, near, present, where)
        chosen[field] = found
    for field, usual in ({name: (name,) for name in fields} | REQUIRED).items():
        if field in chosen:
            continue
        free = (folded[one] for one in usual if one in folded)
        found = next((one for one in free if one not in chosen.values()), None)
        if found is not None:
            chosen[field] = found
        elif field in REQUIRED:
            taken = {*chosen.values(), *_usual_for(REQUIRED.keys() - {field, *chosen}, present)}
            near = [name for name in present if name not in taken]
            raise _missing(f"{noun} for the {field}", field, near, present, where)
    return chosen


def _usual_for(fields: Iterable[str], present: Iterable[str]) -> list[str]:
    """Return the columns that are called what those of ``fields`` usually are."""
    usual = {name for field in fields for name in REQUIRED[field]}
    return [name for name in present if name.casefold() in usual]


def _missing(
    what: str, field: str, near: list[str], present: Iterable[str], where: str
) -> SourceError:
    names = list(present)
    listed = ", ".join(names[:_MOST_SHOWN]) + (", …" if len(names) > _MOST_SHOWN else "")
    hint = f"Add one that holds the {field} of each row."
    if near:
        hint = f"Say which. Try: --column {shlex.quote(f'{field}={near[0]}')}"
    separators = [mark for mark in ";\t|" if len(names) == 1 and mark in names[0]]
    if separators:
        hint = f"Its cells seem to be separated by {separators[0]!r}: save it with commas between."
    return SourceError(f"{where} has no {what}; it has {listed or 'none'}", hint)
