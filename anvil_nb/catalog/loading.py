"""Bringing prompts in from files.

A load is one transaction: interrupted anywhere, it leaves nothing behind. Foreign text is stored
as plain text, because what looks like a template in it was not written as one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from anvil_nb.catalog.groups import change_draft
from anvil_nb.catalog.validation import reached_by
from anvil_nb.domain.frontmatter import join
from anvil_nb.domain.naming import slug_from_title
from anvil_nb.domain.prompt import Content
from anvil_nb.domain.prose import check_message
from anvil_nb.domain.renderer import Renderer, template_of
from anvil_nb.errors import AnvilError, InvalidInputError
from anvil_nb.files import read_source
from anvil_nb.files.tables import SUFFIXES
from anvil_nb.files.text import shown
from anvil_nb.results.transfer import Loaded, LoadedRow
from anvil_nb.store import drafts, entries, objects, sets
from anvil_nb.store.entries import DRAFT, Leaf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.files import SourceRow
    from anvil_nb.results.transfer import Status
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.sets import SetRow

# Possessive, so that no text takes longer than its length.
_TEMPLATE_LIKE = re.compile(r"\{\{-?\s*+[A-Za-z_'\"][^{}]*+\}\}|\{%-?\s*+[a-z][^{}%]*+%\}")


def load(  # noqa: PLR0913 - what a load may say
    access: Access,
    path: str | Path,
    into: Address,
    *,
    columns: Mapping[str, str] | None = None,
    liquid: bool = False,
    dry_run: bool = False,
    message: str = "",
) -> Loaded:
    """Bring prompts from a file or folder into the draft of a set.

    Args:
        access: Whose store.
        path: A CSV, JSON or JSONL file, or a folder of Markdown or ``.prompt`` files.
        into: The set; made when it is new.
        columns: Column names for ``name``, ``template`` and others, where they are not guessed.
        liquid: Take the texts as Liquid templates; otherwise those that do not say so are plain.
        dry_run: Report what would be done, and do nothing.
        message: Why, for the history.

    Raises:
        SourceError: when the file cannot be read as what it is.
    """
    access.check_organisation(into)
    check_message(message)
    if into.selector is not None:
        msg = f"prompts are loaded into the draft of a set, and '{into}' names a version"
        raise InvalidInputError(msg, f"Try: into='{into.set_path}'")
    batch = _Batch(into.set_path, _source(path, columns or {}), liquid=liquid)
    if dry_run:
        with access.read() as tx:
            found = sets.by_path(tx, access.organisation_id, into.set_path)
            batch.compare(_draft(access, tx, found) if found else {})
        return batch.loaded(path, dry_run=True)

    def change(tx: Transaction, row: SetRow) -> tuple[Loaded, bool]:
        batch.compare(_draft(access, tx, row))
        if batch.changed:
            _put(access, tx, row, batch.changed, message or f"from {PurePath(shown(path)).name}")
        return batch.loaded(path, dry_run=False), bool(batch.changed)

    return change_draft(access, into, change)


def _source(path: str | Path, columns: Mapping[str, str]) -> list[SourceRow]:
    """Read all rows, and say their places from the folder that the source is, or is in."""
    path = Path(path)
    is_table = path.suffix.lower() in SUFFIXES and not path.is_dir()
    folder = f"{shown(path if path.is_dir() else path.parent)}/"
    rows = []
    for row in read_source(path, columns=columns):
        place = row.place.removeprefix(folder)
        metadata = row.fields.get("metadata")
        # A column of that name holds metadata; in frontmatter it is a setting like any other.
        if is_table and isinstance(metadata, dict):
            rest = {name: value for name, value in row.fields.items() if name != "metadata"}
            rows.append(replace(row, place=place, fields=metadata | rest))
        else:
            rows.append(replace(row, place=place))
    return rows


def _draft(access: Access, tx: Transaction, row: SetRow) -> dict[str, Content]:
    tree = entries.tree(tx, row.id, DRAFT)
    found = objects.get_many(tx, access.organisation_id, (leaf.digest for leaf in tree.values()))
    return {name: found[leaf.digest] for name, leaf in tree.items()}


class _Batch:
    """Rows on their way to be prompts of the set at ``set_path``."""

    def __init__(self, set_path: str, rows: list[SourceRow], *, liquid: bool) -> None:
        self._set_path = set_path
        self._rows = rows
        self._liquid = liquid
        self._wanted: dict[str, Content] = {}
        self.report: list[LoadedRow] = []
        self.changed: dict[str, Content] = {}

    def compare(self, before: Mapping[str, Content]) -> None:
        """Find out what becomes of each row in a draft that is ``before`` now."""
        self._wanted, self.report = {}, []
        for row in self._rows:
            self._take(row, before)
        refused = self._unsound({**before, **self._wanted})
        self.report = [self._refused(row, refused) for row in self.report]
        self.changed = {
            name: content
            for name, content in self._wanted.items()
            if name not in refused and _status(content, before.get(name)) != "unchanged"
        }

    def loaded(self, path: str | Path, *, dry_run: bool) -> Loaded:
        """Return the report on what was compared."""
        rows = tuple(self.report)
        return Loaded(shown(path), self._set_path, rows, dry_run=dry_run, notes=self._notes())

    def _notes(self) -> tuple[str, ...]:
        """Tell of plain text that may have been meant as a template."""
        if self._liquid:
            return ()
        count = sum(
            row.problem is None
            and "syntax" not in row.fields
            and _TEMPLATE_LIKE.search(row.text) is not None
            for row in self._rows
        )
        if not count:
            return ()
        one = count == 1
        look = "row looks like a template" if one else "rows look like templates"
        taken = f"({{{{ … }}}} or {{% … %}}) and {'is' if one else 'are'} taken as plain text"
        way = "--liquid reads such text as Liquid (in Python: liquid=True)"
        return (f"{count:,} {look} {taken}; {way}",)

    def _take(self, row: SourceRow, before: Mapping[str, Content]) -> None:
        """Give a row its name and content, or refuse it."""
        name = slug_from_title(row.title, taken=self._wanted)
        problem = row.problem
        if problem is None:
            try:
                self._wanted[name] = self._content(row, before.get(name))
            except AnvilError as error:
                problem = error.message
        if problem is not None:
            self.report.append(LoadedRow(row.place, "", "refused", problem))
            return
        alone = slug_from_title(row.title)
        note = f"the name {alone} is taken by another row" if name != alone else ""
        status = _status(self._wanted[name], before.get(name))
        self.report.append(LoadedRow(row.place, f"{self._set_path}/{name}", status, note))

    def _content(self, row: SourceRow, before: Content | None) -> Content:
        fields: dict[str, Any] = dict(row.fields)
        # Who says the syntax says everything, as the files do that `write` makes.
        old = Content("") if before is None or "syntax" in fields else before
        if self._liquid:
            fields["syntax"] = "liquid"
        else:
            fields.setdefault("syntax", "plain")
        content = replace(old, template=row.text).with_fields(fields)
        # Part of its form is checked where it is written: the integers it may hold, say.
        _ = content.digest
        if len(fields) > 1:
            join(content.to_fields(), "")
        if content.syntax == "liquid":
            template_of(content)
        return content

    def _unsound(self, together: Mapping[str, Content]) -> dict[str, str]:
        """Return why templates are refused whose partials go in a circle or are chats."""
        found: dict[str, str] = {}
        for name, content in self._wanted.items():
            if content.syntax == "plain" or "render" not in content.template:
                continue
            try:
                Renderer(content, reached_by(content, together))
            except AnvilError as error:
                found[name] = error.message
        return found

    def _refused(self, row: LoadedRow, why: Mapping[str, str]) -> LoadedRow:
        name = row.address.rpartition("/")[2]
        if name not in why:
            return row
        return replace(row, address="", status="refused", note=why[name])


def _status(content: Content, before: Content | None) -> Status:
    if before is None:
        return "created"
    return "unchanged" if before.digest == content.digest else "updated"


def _put(
    access: Access, tx: Transaction, row: SetRow, changed: Mapping[str, Content], message: str
) -> None:
    tree = entries.tree(tx, row.id, DRAFT)
    ids = drafts.ids_for(tx, row.id, [name for name in changed if name not in tree])
    ids |= {name: tree[name].prompt_id for name in changed if name in tree}
    leaves = {name: Leaf(ids[name], content.digest) for name, content in changed.items()}
    objects.put(tx, access.organisation_id, changed.values())
    entries.put(tx, access.actor, row, DRAFT, leaves)
    changes = [
        drafts.Change(
            leaf.prompt_id, name, "load", leaf.digest, tree[name].digest if name in tree else None
        )
        for name, leaf in leaves.items()
    ]
    drafts.append(tx, access.actor, row, changes, message=message)
