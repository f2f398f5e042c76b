"""What prompts are loaded from: a table of them, a folder of files, or one file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anvil_nb.domain import frontmatter
from anvil_nb.domain.dotprompt import from_dotprompt
from anvil_nb.domain.prompt import MAX_TEMPLATE
from anvil_nb.errors import DeclarationError, SourceError
from anvil_nb.files import tables
from anvil_nb.files.columns import (
    JSON_FIELDS,
    NAME,
    REQUIRED,
    TEMPLATE,
    TEXT_FIELDS,
    choose_columns,
)
from anvil_nb.files.text import MIB, decode, read_bytes, shown, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.files.tables import Record

DOTPROMPT: Final = ".prompt"
PROMPT_FILES: Final = (".md", ".markdown", DOTPROMPT, ".txt", ".liquid")
MAX_PROMPT_FILE: Final = MAX_TEMPLATE + frontmatter.MAX_BYTES


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One prompt as it was found.

    Args:
        place: ``prompts.csv:17``, ``prompts.json[3]`` or ``folder/welcome.prompt``.
        title: What to name it after; may be empty where there is a problem.
        text: The template, verbatim.
        fields: What was found about it, in the form of our frontmatter.
        problem: Why it cannot be used; ``None`` when it can.
    """

    place: str
    title: str
    text: str
    fields: dict[str, Json] = field(default_factory=dict)
    problem: str | None = None


def read_source(
    path: str | Path, *, columns: Mapping[str, str] | None = None
) -> Iterator[SourceRow]:
    """Return the prompts in a table, a folder or a file, one at a time.

    Args:
        path: A CSV, TSV, JSON lines or JSON file; a folder of prompt files, read with the folders
            in it, without dotfiles and symbolic links; or one prompt file.
        columns: Which column holds what, for tables: ``name``, ``template``, ``description``,
            ``tags`` or any other field. Names and templates are found without it where their
            columns are called what they usually are.

    Raises:
        SourceError: at once, or while iterating: for what makes the whole source unusable.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    is_table = suffix in tables.SUFFIXES and not path.is_dir()
    if is_table:
        return _table(path, columns or {})
    if columns:
        raise SourceError(
            f"{shown(path)} is not a table, so it has no columns to choose from",
            "Leave --column out.",
        )
    if path.is_dir():
        return _folder(path)
    if suffix in PROMPT_FILES:
        return iter([_prompt(shown(path), path.stem, suffix, _read_prompt(path))])
    if not path.exists():
        raise unreadable(path, FileNotFoundError())
    raise SourceError(
        f"{shown(path)} is of no kind that prompts are loaded from",
        f"Give it one of these endings: {', '.join((*tables.SUFFIXES, *PROMPT_FILES))}",
    )


def _table(path: Path, given: Mapping[str, str]) -> Iterator[SourceRow]:
    table = tables.read_table(path)
    if table.columns is None:
        rows = _rows_by_key(table.records, given, shown(path))
    else:
        chosen = choose_columns(table.columns, given, fields=TEXT_FIELDS, where=shown(path))
        rows = (_row(record, chosen) for record in table.records)
    first = next(rows, None)
    if first is None:
        raise SourceError(f"{shown(path)} has no records", "Put at least one record into it.")
    return chain([first], rows)


def _rows_by_key(
    records: Iterator[Record], given: Mapping[str, str], place: str
) -> Iterator[SourceRow]:
    """Yield the rows of records that each have their own keys, often the same ones."""
    choices: dict[tuple[str, ...], dict[str, str]] = {}
    unseen = set(given) - set(REQUIRED)
    for record in records:
        keys = tuple(record.cells)
        try:
            if record.problem is None and keys not in choices:
                here = {name: key for name, key in given.items() if name in REQUIRED or key in keys}
                choices[keys] = choose_columns(
                    keys, here, fields=JSON_FIELDS, where="the record", noun="key"
                )
                unseen -= here.keys()
        except SourceError as error:
            yield SourceRow(record.place, "", "", problem=f"{error.message}. {error.hint}")
        else:
            yield _row(record, choices.get(keys, {}))
    if unseen:
        name = min(unseen)
        raise SourceError(
            f"no record of {place} has the key {given[name]!r} for the {name}",
            "Correct --column, or leave it out.",
        )


def _row(record: Record, chosen: Mapping[str, str]) -> SourceRow:
    cells = {name: record.cells.get(column) for name, column in chosen.items()}
    title, text = cells.pop(NAME, None), cells.pop(TEMPLATE, None)
    problem = record.problem or _problem(NAME, title) or _problem(TEMPLATE, text)
    if isinstance(cells.get("tags"), str):
        cells["tags"] = [tag.strip() for tag in re.split("[,;]", str(cells["tags"])) if tag.strip()]
    return SourceRow(
        record.place,
        title.strip() if isinstance(title, str) else "",
        text if isinstance(text, str) else "",
        {name: value for name, value in cells.items() if value not in (None, "", [])},
        problem,
    )


def _problem(what: str, value: Json) -> str | None:
    if not isinstance(value, str):
        return f"the {what} is not text" if value is not None else f"the {what} is missing"
    if not value.strip():
        return f"the {what} is empty"
    return "it holds a NUL character, which is not text" if "\0" in value else None


def _folder(folder: Path) -> Iterator[SourceRow]:
    names = sorted(_prompt_files(folder))
    if not names:
        raise SourceError(
            f"{shown(folder)} holds no prompt files",
            f"They end in {', '.join(PROMPT_FILES)}; dotfiles and symbolic links are left out.",
        )
    return (_prompt_in_folder(folder, name) for name in names)


def _prompt_files(folder: Path) -> Iterator[str]:
    """Yield the paths of prompt files below ``folder``, with ``/`` between their parts."""
    below = [""]
    while below:
        parent = below.pop()
        try:
            with os.scandir(folder / parent) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    # Links may lead anywhere, and opening a pipe would wait for ever.
                    if entry.is_dir(follow_symlinks=False):
                        below.append(f"{parent}{entry.name}/")
                    elif entry.is_file(follow_symlinks=False) and _suffix(entry.name):
                        yield f"{parent}{entry.name}"
        except OSError as error:
            raise unreadable(folder / parent, error) from error


def _suffix(name: str) -> str:
    """Return the ending of a prompt file's name in small letters; nothing for other files."""
    suffix = f".{name.rpartition('.')[2]}".lower()
    return suffix if suffix in PROMPT_FILES else ""


def _prompt_in_folder(folder: Path, name: str) -> SourceRow:
    path = folder / name
    place, suffix = shown(path), _suffix(name)
    title = _printable(name[: -len(suffix)].replace("/", "-"))
    try:
        return _prompt(place, title, suffix, _read_prompt(path))
    except SourceError as error:
        return SourceRow(place, title, "", problem=error.message)


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")


def _read_prompt(path: Path) -> bytes:
    data = read_bytes(path, MAX_PROMPT_FILE)
    if not data:
        raise SourceError(f"{shown(path)} is empty", "Write a template into it.")
    return data


def _prompt(place: str, title: str, suffix: str, data: bytes) -> SourceRow:
    """Return the row of one file's bytes; what is wrong with them is its problem."""
    try:
        document = frontmatter.split(decode(data, place))
    except SourceError as error:
        return SourceRow(place, title, "", problem=error.message)
    except DeclarationError as error:
        return SourceRow(place, title, "", problem=f"{error.message}. {error.hint}")
    fields = document.fields or {}
    if suffix == DOTPROMPT:
        fields = from_dotprompt(fields)
    name = fields.get(NAME)
    # A file that says its syntax was written by us, and `name` is a setting of its prompt.
    if isinstance(name, str) and name.strip() and "syntax" not in fields:
        title = name.strip()
        del fields[NAME]
    problem = None
    if len(document.body) * 4 > MAX_TEMPLATE < len(document.body.encode()):
        problem = f"its text is larger than {MAX_TEMPLATE / MIB:g} MiB"
    elif "\0" in document.body:
        problem = "it holds a NUL character, which is not text"
    return SourceRow(place, title, document.body, fields, problem)
