"""Rows: what a list, a file or a data frame holds, in one form.

It owns where rows come from, and how a row's cells become a prompt's values. Data frames are known
by what they can do: neither library is needed to be without them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anvil_nb.domain.reading import read_values
from anvil_nb.domain.values import type_name
from anvil_nb.errors import InvalidInputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.parameters import Parameter

MAX_ROWS = 10_000
"""The most rows that one run takes."""

_HINT = "Pass a list of dicts, a data frame, or the path of a CSV, JSON or JSONL file."
# The missing values of pandas, which compare to nothing.
_MISSING_TYPES = frozenset({"NAType", "NaTType"})


@dataclass(frozen=True, slots=True)
class Rows:
    """The data of a run.

    Args:
        rows: Their cells by column.
        text: Whether all cells are text, to be read by the type of the parameter.
    """

    rows: tuple[dict[str, object], ...]
    text: bool

    def values(
        self, row: Mapping[str, object], parameters: Mapping[str, Parameter]
    ) -> dict[str, Any]:
        """Return the values that a row has for the parameters; its other columns are ignored.

        Raises:
            ValueTypeError: for text that is not of the declared type.
        """
        found = {name: value for name, value in row.items() if name in parameters}
        if not self.text:
            return found
        texts = {name: str(value) for name, value in found.items()}
        return dict(read_values(parameters.values(), texts, empty_is_absent=True))


def rows_of(data: object) -> Rows:
    """Return the rows of any data that a run takes.

    Args:
        data: Mappings of text to values; the path of a table, where the cells of CSV and TSV are
            text; or a data frame of pandas or polars, whose missing cells are absent.

    Raises:
        InvalidInputError: when it is none of these, has no rows or too many.
        SourceError: when the file cannot be read.
    """
    text = False
    if isinstance(data, (str, os.PathLike)):
        found, text = _from_file(data)
    elif callable(getattr(data, "to_dicts", None)):
        found = _from_frame(data, lambda frame: frame.to_dicts())
    elif hasattr(data, "columns") and callable(getattr(data, "to_dict", None)):
        found = _from_frame(data, lambda frame: frame.to_dict(orient="records"))
    else:
        found = _from_mappings(data)
    if not found:
        raise InvalidInputError("there are no rows to run over", "Give the data at least one row.")
    return Rows(tuple(found), text)


def _from_file(path: str | os.PathLike[str]) -> tuple[list[dict[str, object]], bool]:
    from anvil_nb.files.tables import DELIMITERS, read_rows  # noqa: PLC0415 - only here

    source = path if isinstance(path, str) else Path(path)
    found: list[dict[str, object]] = [dict(row) for row in read_rows(source)]
    if len(found) > MAX_ROWS:
        fault = _too_many(f"{len(found):,}")
        raise SourceError(fault.message, fault.hint)
    return found, Path(source).suffix.lower() in DELIMITERS


def _from_frame(frame: Any, records: Callable[[Any], object]) -> list[dict[str, object]]:
    if len(frame) > MAX_ROWS:
        raise _too_many(f"{len(frame):,}")
    for name, count in Counter(frame.columns).items():
        if count > 1:
            msg = f"the data frame has {count} columns named {name!r}"
            raise InvalidInputError(msg, "Rename all but one of them.")
    return [
        {name: value for name, value in row.items() if not _is_missing(value)}
        for row in _from_mappings(records(frame))
    ]


def _from_mappings(data: object) -> list[dict[str, object]]:
    if isinstance(data, Mapping):
        msg = "the data of a run is a list of rows, found one mapping"
        raise InvalidInputError(msg, "Put it into a list when it is one row: [row]")
    if not isinstance(data, Iterable):
        msg = f"a {type(data).__name__} is no data to run over"
        raise InvalidInputError(msg, _HINT)
    # One more than is allowed, because a generator may have no end.
    found = [_row(number, row) for number, row in enumerate(islice(data, MAX_ROWS + 1), 1)]
    if len(found) > MAX_ROWS:
        raise _too_many(f"more than {MAX_ROWS:,}")
    return found


def _row(number: int, row: object) -> dict[str, object]:
    if not isinstance(row, Mapping):
        msg = f"row {number} is no mapping of columns to values, found {type_name(row)}"
        raise InvalidInputError(msg, _HINT)
    for name in row:
        if not isinstance(name, str):
            msg = f"row {number} has a column that is not named by text: {name!r}"
            raise InvalidInputError(msg, "Name the columns after the prompt's parameters.")
    return dict(row)


def _is_missing(value: object) -> bool:
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return True
    return isinstance(value, (float, Decimal)) and value != value  # noqa: PLR0124 - so is NaN known


def _too_many(found: str) -> InvalidInputError:
    msg = f"a run takes at most {MAX_ROWS:,} rows, found {found}"
    return InvalidInputError(msg, "Run over a part of them at a time.")
