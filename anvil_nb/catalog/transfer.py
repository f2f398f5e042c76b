"""Bringing prompts in from files, and putting them out as files that load back the same.

A load is one transaction: interrupted anywhere, it leaves nothing behind. Foreign text is stored
as plain text, because what looks like a template in it was not written as one.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from anvil_nb.catalog.groups import ensure_set
from anvil_nb.catalog.lookup import snapshot
from anvil_nb.catalog.validation import contents_of, reached_by
from anvil_nb.domain.address import Draft, parse_prefix, parse_set_address
from anvil_nb.domain.frontmatter import join
from anvil_nb.domain.naming import slug_from_title
from anvil_nb.domain.prompt import Content
from anvil_nb.domain.renderer import Renderer, template_of
from anvil_nb.errors import AnvilError, NotFoundError
from anvil_nb.files import read_source, write_files
from anvil_nb.results.transfer import Loaded, LoadedRow, Written
from anvil_nb.store import drafts, entries, objects, sets
from anvil_nb.store.entries import DRAFT, Leaf
from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.files import SourceRow
    from anvil_nb.results.transfer import Status
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.sets import SetRow

_PAGE = 1_000


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
    source = list(read_source(path, columns=columns or {}))
    with access.engine.write() as tx:
        row = None if dry_run else ensure_set(access, tx, into, access.now())
        found = row or sets.by_path(tx, access.organisation_id, into.set_path)
        tree = entries.tree(tx, found.id, DRAFT) if found else {}
        old = objects.get_many(tx, access.organisation_id, (leaf.digest for leaf in tree.values()))
        before = {name: old[leaf.digest] for name, leaf in tree.items()}
        wanted, report = _named(source, before, into, liquid=liquid)
        wanted, report = _sound(wanted, before, report)
        changed = {
            name: content
            for name, content in wanted.items()
            if name not in before or before[name].digest != content.digest
        }
        if row is not None and changed:
            _put(access, tx, row, tree, changed, message or f"from {PurePath(path).name}")
    return Loaded(str(path), into.set_path, tuple(report), dry_run)


def _named(
    source: list[SourceRow], before: Mapping[str, Content], into: Address, *, liquid: bool
) -> tuple[dict[str, Content], list[LoadedRow]]:
    """Give each row its name and content; those that cannot have one are refused."""
    wanted: dict[str, Content] = {}
    report: list[LoadedRow] = []
    for row in source:
        if row.problem is not None:
            report.append(LoadedRow(row.place, "", "refused", row.problem))
            continue
        name = slug_from_title(row.title, taken=wanted)
        address = f"{into.set_path}/{name}"
        try:
            content = _content(row, before.get(name), liquid=liquid)
            template_of(content)
        except AnvilError as error:
            report.append(LoadedRow(row.place, "", "refused", error.message))
            continue
        wanted[name] = content
        alone = slug_from_title(row.title)
        note = f"the name {alone} is taken by another row" if name != alone else ""
        report.append(LoadedRow(row.place, address, _status(content, before.get(name)), note))
    return wanted, report


def _content(row: SourceRow, before: Content | None, *, liquid: bool) -> Content:
    fields: dict[str, Any] = dict(row.fields)
    metadata = fields.pop("metadata", None)
    if isinstance(metadata, dict):
        fields = metadata | fields
    if liquid:
        fields["syntax"] = "liquid"
    else:
        fields.setdefault("syntax", "plain")
    old = before or Content("")
    return replace(old, template=row.text).with_fields(fields)


def _status(content: Content, before: Content | None) -> Status:
    if before is None:
        return "created"
    return "unchanged" if before.digest == content.digest else "updated"


def _sound(
    wanted: dict[str, Content], before: Mapping[str, Content], report: list[LoadedRow]
) -> tuple[dict[str, Content], list[LoadedRow]]:
    """Refuse templates whose partials go in a circle or are chats, among all of the set."""
    refused: dict[str, str] = {}
    together = {**before, **wanted}
    for name, content in wanted.items():
        if content.syntax == "plain" or "render" not in content.template:
            continue
        try:
            Renderer(content, reached_by(content, together))
        except AnvilError as error:
            refused[name] = error.message
    if not refused:
        return wanted, report
    kept = {name: content for name, content in wanted.items() if name not in refused}
    return kept, [_refused(row, refused) for row in report]


def _refused(row: LoadedRow, refused: Mapping[str, str]) -> LoadedRow:
    name = row.address.rpartition("/")[2]
    return replace(row, address="", status="refused", note=refused[name]) if name in refused else row


def _put(  # noqa: PLR0913 - many changes of one draft
    access: Access,
    tx: Transaction,
    row: SetRow,
    tree: entries.Tree,
    changed: Mapping[str, Content],
    message: str,
) -> None:
    sequence, now = sets.touch(tx, row.id, access.now())
    known = drafts.last_ids(tx, row.id)
    leaves = {
        name: Leaf(
            tree[name].prompt_id if name in tree else known.get(name) or new_id(), content.digest
        )
        for name, content in changed.items()
    }
    objects.put(tx, access.organisation_id, changed.values())
    entries.put(tx, access.actor, row, DRAFT, leaves)
    changes = [
        drafts.Change(
            leaf.prompt_id, name, "load", leaf.digest, tree[name].digest if name in tree else None
        )
        for name, leaf in leaves.items()
    ]
    drafts.append(tx, access.actor, row.id, sequence, changes, message=message, at=now)


def write(access: Access, prefix: str, folder: str | Path, *, force: bool = False) -> Written:
    """Put prompts out as files that load back to the same digests.

    Args:
        access: Whose store.
        prefix: A set with or without a selector, or what addresses begin with; drafts then.
        folder: Where to; a set's prompts lie in it, those of a project in a folder a set.
        force: Replace files that hold something else.

    Raises:
        NotFoundError: when there is nothing there.
        ExistsError: when files hold something else; nothing was written.
    """
    files: dict[str, bytes] = {}
    with access.engine.read() as tx:
        for place, contents in _chosen(access, tx, prefix):
            for name, content in contents.items():
                text = join(content.to_fields(), content.template)
                files[f"{place}{name}.md"] = text.encode()
    if not files:
        msg = f"there is nothing to write under '{prefix}'"
        raise NotFoundError(msg, "Try: anvil ls")
    changed = write_files(folder, files, force=force)
    return Written(str(folder), tuple(files), tuple(str(path) for path in changed))


def _chosen(
    access: Access, tx: Transaction, prefix: str
) -> Iterable[tuple[str, dict[str, Content]]]:
    """Yield the folder and the contents of each set that ``prefix`` means."""
    if "@" in prefix[1:]:
        found = snapshot(access, tx, parse_set_address(prefix), default=Draft())
        yield "", contents_of(access, tx, found)
        return
    wanted = parse_prefix(prefix)
    access.check_organisation(wanted)
    path = wanted.path
    exact = wanted.set and sets.by_path(tx, access.organisation_id, path.rstrip("/"))
    for one in _sets_under(access, tx, path.rstrip("/") if exact else path, wanted.set is not None):
        contents = contents_of(
            access, tx, snapshot(access, tx, parse_set_address(one), default=Draft())
        )
        chosen = {
            name: content
            for name, content in contents.items()
            if wanted.prompt is None or name.startswith(wanted.prompt)
        }
        below = "" if exact or wanted.prompt is not None else _below(one, wanted.project)
        yield below, chosen


def _below(path: str, project: str | None) -> str:
    return f"{path.partition('/')[2]}/" if project == path.partition("/")[0] else f"{path}/"


def _sets_under(access: Access, tx: Transaction, path: str, named: bool) -> list[str]:  # noqa: FBT001 - one caller
    start = "/".join(path.split("/")[:2]) if named else path
    found: list[str] = []
    after = ""
    while page := sets.page(tx, access.organisation_id, start, after, _PAGE):
        found += [row[0] for row in page]
        after = found[-1]
    exact = [one for one in found if one == start]
    inside = [one for one in found if not named and one.startswith(f"{path}/")]
    return exact or inside or found
