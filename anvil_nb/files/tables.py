"""Tables on disk as records: CSV, TSV, JSON lines, a JSON array.

A record that is broken by itself (a cell too many, a line that is not JSON) is a record with a
problem. What makes the rest of the file doubtful (a quote that never closes, bytes that are not
UTF-8 in the middle of a CSV file) is a :class:`SourceError` for the file.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import SourceError
from anvil_nb.files.text import MAX_FILE, STANDARD_INPUT, decode, parse_json, read_bytes, shown

if TYPE_CHECKING:
    from _csv import Reader as CsvReader
    from collections.abc import Iterator

    from anvil_nb.domain.digest import Json

DELIMITERS: Final = {".csv": ",", ".tsv": "\t"}
JSON_LINES: Final = frozenset({".jsonl", ".ndjson"})
SUFFIXES: Final = (*DELIMITERS, *sorted(JSON_LINES), ".json")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a table.

    Args:
        place: ``file:line`` where the record starts, or ``file[index]`` (from 0) in a JSON array.
        cells: Its values by column or key; all of them text in CSV and TSV.
        problem: Why it cannot be used; ``None`` when it can.
    """

    place: str
    cells: dict[str, Json]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table, read as far as its header.

    Args:
        columns: The header of a CSV or TSV file; ``None`` where every record has its own keys.
        records: The rest; iterating it may raise :class:`SourceError`.
    """

    columns: tuple[str, ...] | None
    records: Iterator[Record]


def read_rows(source: str | Path) -> list[dict[str, Json]]:
    """Return all records of a table; ``-`` is JSON from standard input, lines or one array.

    Raises:
        SourceError: when the file cannot be read, or any record cannot be used: with its place.
    """
    return _sound(read_table(source), shown(source))


def rows_in(text: str, place: str) -> list[dict[str, Json]]:
    """Return the records of a text that somebody typed: JSON lines, or one array.

    Args:
        text: What was typed.
        place: What messages call it.

    Raises:
        SourceError: when it has none, or any of them cannot be used: with its place.
    """
    data = text.encode("utf-8", "surrogatepass")
    read = _json_array if text.lstrip().startswith("[") else _json_lines
    return _sound(Table(None, read(data, place)), place)


def _sound(table: Table, place: str) -> list[dict[str, Json]]:
    rows: list[dict[str, Json]] = []
    for record in table.records:
        if record.problem is not None:
            raise SourceError(f"{record.place}: {record.problem}", "Correct or remove that record.")
        rows.append(record.cells)
    if not rows:
        raise SourceError(f"{place} has no records", "Put at least one record into it.")
    return rows


def read_table(source: str | Path) -> Table:
    """Open a table by the ending of its name.

    Raises:
        SourceError: when it is no table, cannot be read, is empty, or has no sound header.
    """
    suffix = Path(source).suffix.lower()
    if suffix not in SUFFIXES and source != STANDARD_INPUT:
        raise SourceError(
            f"{shown(source)} is not a table that can be read",
            f"Give it one of these endings: {', '.join(SUFFIXES)}",
        )
    data = read_bytes(source)
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SourceError(f"{shown(source)} is empty", "Put at least one record into it.")
    if suffix in DELIMITERS:
        return _separated(data, shown(source), DELIMITERS[suffix])
    if suffix in JSON_LINES or (source == STANDARD_INPUT and not data.lstrip().startswith(b"[")):
        return Table(None, _json_lines(data, shown(source)))
    return Table(None, _json_array(data, shown(source)))


def _separated(data: bytes, place: str, delimiter: str) -> Table:
    decode(data, place)  # all of it first: a record misread halfway is worse than none
    # The limit is the whole process's: raise it, never lower it.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_FILE))
    # Some programs put a space before the opening quote, where RFC 4180 has none. Leaving spaces
    # out changes cells without quotes too, so it is only done where more records fit that way.
    verbatim, spaced = (_misfits(data, delimiter, skip_spaces=skip) for skip in (False, True))
    numbered = _numbered(data, place, delimiter, skip_spaces=spaced < verbatim)
    _, header = next(numbered)
    columns = tuple(name.strip() for name in header)
    for name, count in Counter(columns).items():
        if name and count > 1:
            raise SourceError(
                f"{place} has {count} columns named {name!r}", "Rename all but one of them."
            )
    return Table(columns, _rows(numbered, columns, place))


def _misfits(data: bytes, delimiter: str, *, skip_spaces: bool) -> float:
    """Return how many records do not have as many cells as the header."""
    reader = _reader(data, delimiter, skip_spaces=skip_spaces)
    try:
        counts = Counter(len(row) for row in reader if row)
    except csv.Error:
        return math.inf
    width = next(iter(counts))
    return counts.total() - counts[width]


def _reader(data: bytes, delimiter: str, *, skip_spaces: bool) -> CsvReader:
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=skip_spaces)


def _numbered(
    data: bytes, place: str, delimiter: str, *, skip_spaces: bool
) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not blank, with the number of the line it starts on."""
    reader = _reader(data, delimiter, skip_spaces=skip_spaces)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SourceError(
                f"{place} cannot be read from line {line} on: {error}",
                "Put quotes around cells that hold quotes or line breaks, and double the quotes "
                "inside them.",
            ) from error
        if row:
            yield line, row


def _rows(
    numbered: Iterator[tuple[int, list[str]]], columns: tuple[str, ...], place: str
) -> Iterator[Record]:
    for line, row in numbered:
        problem = None
        if len(row) != len(columns):
            cells_found = f"{len(row)} cell{'s' * (len(row) != 1)}"
            problem = f"it has {cells_found} where the header has {len(columns)}"
        elif any("\0" in cell for cell in row):
            problem = "it holds a NUL byte, which is not text"
        cells: dict[str, Json] = {
            name: cell for name, cell in zip(columns, row, strict=False) if name
        }
        yield Record(f"{place}:{line}", cells, problem)


def _json_lines(data: bytes, place: str) -> Iterator[Record]:
    first_byte = 0
    for number, line in enumerate(io.BytesIO(data), 1):
        if line.strip():
            where = f"{place}:{number}"
            try:
                text = decode(line.rstrip(b"\r\n"), place, first_byte=first_byte, first_line=number)
                yield _record(where, parse_json(text, place, first_line=number))
            except SourceError as error:
                yield Record(where, {}, error.message)
        first_byte += len(line)


def _json_array(data: bytes, place: str) -> Iterator[Record]:
    items = parse_json(decode(data, place), place)
    if not isinstance(items, list):
        raise SourceError(
            f"{place} is not a JSON array of objects",
            "Put the objects between [ and ]; or name the file .jsonl, with one object a line.",
        )
    return (_record(f"{place}[{index}]", item) for index, item in enumerate(items))


def _record(place: str, value: Json) -> Record:
    if isinstance(value, dict):
        return Record(place, value)
    return Record(place, {}, "it is not a JSON object")
