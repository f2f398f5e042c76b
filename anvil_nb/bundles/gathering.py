"""Gathering: from the addresses that were asked for to all documents that a bundle needs.

Versions travel, not drafts. A project or a set brings the versions that were chosen, whole; a
prompt brings its newest chosen version and the partials that it renders. Everything is gathered
once, whatever asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from anvil_nb.bundles.documents import (
    ExternalReference,
    ProjectDocument,
    PromptDocument,
    SetDocument,
    VersionDocument,
    check_visible,
)
from anvil_nb.catalog.lookup import missing, missing_project, set_row, version_number
from anvil_nb.catalog.validation import partial_names
from anvil_nb.domain.address import Address, Draft, parse_project_name
from anvil_nb.domain.semver import Range, Version, latest
from anvil_nb.errors import BundleError, InvalidInputError, NotFoundError, RefusedError
from anvil_nb.results.moving import Counting
from anvil_nb.store import objects, projects, sets, transfer
from anvil_nb.store.sparing import sparing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.bundles.documents import Document
    from anvil_nb.domain.prompt import Content
    from anvil_nb.results.moving import Moving
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Tree
    from anvil_nb.store.projects import ProjectRow
    from anvil_nb.store.sets import SetRow
    from anvil_nb.store.versions import VersionRow

    Progress = Callable[[Moving], None]

MAX_ANCESTORS = 100
"""How many former contents of a prompt a bundle names (F19)."""
_MOST, _MOST_BYTES = 2_000, 4 * 1024 * 1024
"""How many contents are measured at once: DuckDB reads them for that."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for.

    Args:
        addresses: Projects, sets and prompts; a selector chooses one version.
        versions: For those without a selector: ``all``, ``latest``, or a range.
        include_deps: Whether the partials of single prompts come too.
        labels: Whether the labels of the sets come too.
    """

    addresses: tuple[str, ...]
    versions: str = "all"
    include_deps: bool = True
    labels: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a bundle is to hold: documents, and the sizes in bytes of contents by digest."""

    bundle_type: str
    projects: tuple[ProjectDocument, ...]
    sets: tuple[SetDocument, ...]
    prompts: tuple[PromptDocument, ...]
    versions: tuple[VersionDocument, ...]
    external: tuple[ExternalReference, ...]
    sizes: Mapping[str, int]

    @property
    def documents(self) -> dict[str, tuple[Document, ...]]:
        """All documents, by the kinds of ``FOLDERS``."""
        return {
            "project": self.projects,
            "prompt_set": self.sets,
            "prompt": self.prompts,
            "version": self.versions,
        }


@dataclass(slots=True)
class _Wanted:
    """What of one set is wanted: by version number the prompts, ``None`` for all of them."""

    row: SetRow
    prompts: dict[str, set[str] | None] = field(default_factory=dict)

    def add(self, number: str, prompt: str | None) -> None:
        if prompt is None:
            self.prompts[number] = None
        elif (names := self.prompts.setdefault(number, set())) is not None:
            names.add(prompt)


def gather(access: Access, selection: Selection, progress: Progress | None = None) -> Gathered:
    """Find everything that a selection needs, in one state of the store.

    Args:
        access: Whose store.
        selection: What is asked for.
        progress: Is told how many of the sets and prompts that were asked for, and then of their
            contents, are gathered.

    Raises:
        NotFoundError: for an address at which there is nothing, or no version.
        RefusedError: for a draft, or where nothing is published.
    """
    if not selection.addresses:
        raise InvalidInputError(
            "there is nothing to export", "Try: anvil export desk -o desk.anvil"
        )
    with access.read() as tx:
        found = _Gathering(access, tx, selection, progress).gathered()
    digests = {leaf.digest for one in found.versions for leaf in one.tree.values()}
    return replace(found, sizes=_sizes(access, sorted(digests), progress))


class _Gathering:
    """One gathering, in one transaction."""

    def __init__(
        self,
        access: Access,
        tx: Transaction,
        selection: Selection,
        progress: Progress | None,
    ) -> None:
        self.access, self.tx, self.selection = access, tx, selection
        self.progress = progress
        self.contents: tuple[UUID | None, str, dict[str, Content]] = (None, "", {})
        self.wanted: dict[UUID, _Wanted] = {}
        self.projects: dict[UUID, ProjectRow] = {}
        self.largest = 2
        self.rendered: list[tuple[_Wanted, str, str, str]] = []
        self.versions: Mapping[UUID, list[VersionRow]] = {}
        self.trees: Mapping[UUID, Mapping[str, Tree]] = {}

    def gathered(self) -> Gathered:
        """Return all documents."""
        asked = Counting(self.progress, "gathered", len(self.selection.addresses), 0)
        found: list[tuple[Address | None, SetRow]] = []
        for text in self.selection.addresses:
            address, rows = self._asked(text)
            found += [(address, row) for row in rows]
            asked.again()
        ids = {row.id for _, row in found}
        self.versions = transfer.versions_of(self.tx, ids)
        self.trees = transfer.trees_of(self.tx, ids)
        counting = Counting(self.progress, "gathered", len(found), 0)
        for address, row in found:
            self._want(address, row)
            counting.add(1, 0)
        self.wanted = {key: one for key, one in self.wanted.items() if one.prompts}
        if not self.wanted:
            what = ", ".join(self.selection.addresses)
            msg = f"nothing of {what} is published, and bundles carry published versions"
            raise RefusedError(
                msg, f"Try: anvil publish {found[0][1].path if found else 'desk/emails'}"
            )
        versions = tuple(self._versions())
        prompts = tuple(self._prompts(versions))
        return Gathered(
            bundle_type=("project", "prompt_set", "selection")[self.largest],
            projects=tuple(self._projects()),
            sets=tuple(self._sets(versions)),
            prompts=prompts,
            versions=versions,
            external=tuple(self._external()),
            sizes={},
        )

    def _asked(self, text: str) -> tuple[Address | None, list[SetRow]]:
        """Return the sets that an address means, and the address if it is no project's."""
        path, at, _ = text.partition("@") if not text.startswith("@") else (text, "", "")
        if "/" not in path and not at:
            return None, self._sets_of(parse_project_name(text))
        address = Address.parse(text)
        if isinstance(address.selector, Draft):
            msg = f"{address} is a draft, and bundles carry published versions"
            raise RefusedError(msg, f"Try: anvil publish {address.set_path}")
        self.largest = min(self.largest, 2 if address.prompt else 1)
        row = set_row(self.access, self.tx, address)
        self._keep_project(address.project)
        return address, [row]

    def _sets_of(self, name: str) -> list[SetRow]:
        self.largest = 0
        project = self._keep_project(name)
        found = sets.of_project(self.tx, project.id)
        if not found:
            msg = f"the project '{name}' has no prompt sets"
            raise RefusedError(msg, f"Save a prompt first: anvil save {name}/SET/NAME FILE")
        return found

    def _keep_project(self, name: str) -> ProjectRow:
        project = projects.by_slug(self.tx, self.access.organisation_id, name)
        if project is None:
            raise missing_project(self.access, self.tx, name)
        self.projects[project.id] = project
        return project

    def _want(self, address: Address | None, row: SetRow) -> None:
        wanted = self.wanted.setdefault(row.id, _Wanted(row))
        prompt = address.prompt if address else None
        numbers = self._numbers(address, row)
        if prompt is None:
            for number in numbers:
                wanted.add(number, None)
            return
        holding = [number for number in numbers if prompt in self.trees[row.id].get(number, {})]
        if not holding:
            raise missing(self.access, self.tx, address or Address.parse(row.path))
        self._want_prompt(wanted, holding[-1], prompt)

    def _numbers(self, address: Address | None, row: SetRow) -> list[str]:
        """Return the chosen versions of a set, ascending."""
        if address is not None and address.selector is not None:
            return [version_number(self.access, self.tx, row, address)]
        known = sorted(Version.parse(one.number) for one in self.versions.get(row.id, ()))
        chosen = self.selection.versions
        if chosen == "all":
            return list(map(str, known))
        if chosen == "latest":
            top = latest(known)
            return [] if top is None else [str(top)]
        inside = Range.parse(chosen)
        return [str(one) for one in known if inside.contains(one)]

    def _want_prompt(self, wanted: _Wanted, number: str, prompt: str) -> None:
        """Want a prompt of a version, and what it renders."""
        wanted.add(number, prompt)
        others = self._contents(wanted.row.id, number)
        for name in partial_names(others[prompt], others):
            if self.selection.include_deps:
                wanted.add(number, name)
            else:
                self.rendered.append((wanted, number, prompt, name))

    def _contents(self, set_id: UUID, number: str) -> dict[str, Content]:
        """Return the contents of a version by name; asked for one after another, read once."""
        if self.contents[:2] != (set_id, number):
            tree = self.trees[set_id][number]
            found = objects.get_many(
                self.tx, self.access.organisation_id, (leaf.digest for leaf in tree.values())
            )
            named = {name: found[leaf.digest] for name, leaf in tree.items()}
            self.contents = (set_id, number, named)
        return self.contents[2]

    def _versions(self) -> Iterable[VersionDocument]:
        for set_id, wanted in self.wanted.items():
            rows = self.versions[set_id]
            digests = {Version.parse(one.number): one.digest for one in rows}
            ordered = sorted(digests)
            before = dict(zip(ordered[1:], ordered, strict=False))
            for row in rows:
                if row.number not in wanted.prompts:
                    continue
                names = wanted.prompts[row.number]
                whole = self.trees[set_id][row.number]
                tree = whole if names is None else {n: whole[n] for n in whole if n in names}
                previous = before.get(Version.parse(row.number))
                yield VersionDocument(
                    id=row.id,
                    set_id=set_id,
                    number=row.number,
                    digest=row.digest,
                    complete=names is None,
                    tree=tree,
                    previous=None if previous is None else (str(previous), digests[previous]),
                    rolled_back_to=row.source,
                    message=row.message,
                    bump=row.bump,
                    reasons=row.reasons,
                    published_at=row.published_at,
                    published_by=row.published_by,
                )

    def _prompts(self, versions: Sequence[VersionDocument]) -> Iterable[PromptDocument]:
        newest: dict[UUID, tuple[UUID, str]] = {}
        for one in versions:
            for name, leaf in one.tree.items():
                newest[leaf.prompt_id] = (one.set_id, name)
        had: defaultdict[UUID, dict[str, None]] = defaultdict(dict)
        for set_id in self.wanted:
            for row in reversed(self.versions[set_id]):
                for leaf in self.trees[set_id][row.number].values():
                    if leaf.prompt_id in newest:
                        had[leaf.prompt_id].setdefault(leaf.digest)
        for prompt_id, (set_id, name) in newest.items():
            yield PromptDocument(prompt_id, set_id, name, tuple(had[prompt_id])[:MAX_ANCESTORS])

    def _projects(self) -> Iterable[ProjectDocument]:
        needed = {wanted.row.project_id for wanted in self.wanted.values()}
        for row in self.projects.values():
            if row.id in needed:
                title = _title("project", row.slug, row.title)
                yield ProjectDocument(row.id, row.slug, title, row.description)

    def _sets(self, versions: Sequence[VersionDocument]) -> Iterable[SetDocument]:
        ids = {(one.set_id, one.number): one.id for one in versions if one.complete}
        labels = transfer.labels_of(self.tx, self.wanted) if self.selection.labels else {}
        for set_id, wanted in self.wanted.items():
            row = wanted.row
            pointing = {
                name: ids[set_id, number]
                for name, number in labels.get(set_id, {}).items()
                if (set_id, number) in ids
            }
            title = _title("set", row.path, row.title)
            yield SetDocument(set_id, row.project_id, row.slug, title, row.description, pointing)

    def _external(self) -> Iterable[ExternalReference]:
        """Return the partials that are not wanted in the version that renders them."""
        needed_by: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for wanted, number, prompt, name in self.rendered:
            names = wanted.prompts[number]
            if names is not None and name not in names:
                digest = self.trees[wanted.row.id][number][name].digest
                path = wanted.row.path
                needed_by[f"{path}/{name}", digest].add(f"{path}/{prompt}")
        for (address, digest), needing in sorted(needed_by.items()):
            yield ExternalReference(address, digest, tuple(sorted(needing)))


def _sizes(
    access: Access, digests: Sequence[str], progress: Progress | None = None
) -> dict[str, int]:
    """Return the sizes of contents: what a digest names stays as it is."""
    found: dict[str, int] = {}
    start, number = 0, 1
    counting = Counting(progress, "gathered", len(digests), 0)
    with sparing(access.engine):
        while start < len(digests):
            with access.read() as tx:
                part = digests[start : start + number]
                found |= transfer.sizes(tx, access.organisation_id, part)
            start += number
            counting.add(len(part), 0)
            # Digests are in no order of size, so what follows is as large as what was.
            fitting = _MOST_BYTES * start // (sum(found.values()) + 1)
            number = max(1, min(_MOST, 8 * number, fitting))
    if lost := [digest for digest in digests if digest not in found]:
        msg = f"the store names the content {lost[0]} and does not have it"
        raise NotFoundError(msg, "Put a copy of the store in its place.")
    return dict(sorted(found.items()))


def _title(kind: str, path: str, title: str) -> str:
    """Return a title, if readers take it (F33)."""
    try:
        return check_visible(f"the title of {path}", title)
    except BundleError as error:
        hint = f"Give it another: anvil {kind} describe {path} --title TEXT"
        raise RefusedError(error.message, hint) from error
