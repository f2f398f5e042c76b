"""A tenant's files at a server as a replica: each file is a key by itself.

What the server was last known to have is kept, and the server asked only whether it still has
that. A push sends the bytes that are not there, and then one change of all files, on the condition
that they are still what the plan was made from; where others came in between, what does not touch
theirs goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anvil_nb.domain.filesets import tenant_path_fault
from anvil_nb.domain.filetree import digest_of_file
from anvil_nb.domain.sync.tree import FileEntries, Problem, Tree
from anvil_nb.errors import PlanMovedError, RemoteMovedError, RemoteNotFoundError
from anvil_nb.remote import known_files
from anvil_nb.store.bulk import in_bulk
from anvil_nb.sync.replica import Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.remote.api import Api, RemoteFiles
    from anvil_nb.sync.replica import Fetch, Run, Wanted

TRIES: Final = 5
"""How often a change is sent that others come in between of."""

_FEW: Final = 16
_FEW_BYTES: Final = 64 << 10
"""So little is sent without asking whether it is there: the question would cost as much."""


class CloudFiles:
    """All files of a tenant.

    Args:
        api: Of the tenant.
        cache: A folder for what may be lost.
    """

    name = "cloud"

    def __init__(self, api: Api, cache: Path) -> None:
        self._api = api
        self.location = f"{api.calls.place}/{api.tenant}"
        self._cache = known_files.path_of(cache, self.location)
        self._files: RemoteFiles | None = None
        self._identity: str | None = None

    def identity(self) -> str:
        """Return the id by which the server's store knows itself."""
        if self._identity is None:
            self._identity = self._api.information().replica
        return self._identity

    def recover(self) -> None:
        """Do nothing: a change there is whole or was not."""

    def tree(self) -> Tree:
        """Return all files."""
        with in_bulk():
            files = self._look()
            return Tree(FileEntries(files.files), gone=files.gone)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return bytes, each checked against its digest.

        Raises:
            ConflictError: when the server does not have them any more.
        """
        try:
            yield from self._api.blobs.fetch([(leaf.digest, leaf.size) for _, leaf in wanted])
        except RemoteNotFoundError as error:
            msg = "files at the server changed since they were listed"
            raise PlanMovedError(msg, "Run the sync again.") from error

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Send what is not there, then change all files at once."""
        possible, refused = _sorted_out(changes)
        yield from refused
        self._send(possible, fetch)
        files = self._files or self._look()
        for number in range(TRIES):
            todo, settled = _as_it_stands(possible, files)
            yield from settled
            if not todo:
                return
            possible = todo
            if run.cancelled():
                return
            try:
                self._change(files, todo)
            except RemoteMovedError:
                if number + 1 == TRIES:
                    raise
                files = self._look(fresh=True)
                self._send(possible, fetch)
            else:
                yield from (Outcome(change.key, Status.DONE) for change in todo)
                return

    def refused(self, changes: Sequence[Change]) -> Iterator[Problem]:
        """Return the changes whose paths the server takes none of."""
        for one in _sorted_out(changes)[1]:
            yield Problem(one.key, one.message, one.hint)

    def _look(self, *, fresh: bool = False) -> RemoteFiles:
        known = self._files or known_files.load(self._cache)
        files = self._api.files(None if fresh else known)
        if files is not known:
            known_files.save(self._cache, files)
        self._files = files
        return files

    def _send(self, changes: Sequence[Change], fetch: Fetch) -> None:
        """Send the bytes of what is to stand there, except those that are there."""
        there = {one for one, _, _ in self._files.files.states.values()} if self._files else set()
        wanted: dict[str, Wanted] = {}
        for change in changes:
            if change.source is not None:
                leaf = change.source.leaves[0]
                if leaf.digest not in there:
                    wanted.setdefault(leaf.digest, (change.source, leaf))
        if not wanted:
            return
        blobs = self._api.blobs
        size = sum(leaf.size for _, leaf in wanted.values())
        lacked = list(wanted)
        if len(wanted) > _FEW or size > _FEW_BYTES:
            lacked = blobs.missing(wanted)
        if lacked:
            arriving = fetch([wanted[digest] for digest in lacked])
            blobs.send(zip(lacked, arriving, strict=True))

    def _change(self, files: RemoteFiles, todo: Sequence[Change]) -> None:
        put = [change.source.leaves[0] for change in todo if change.source is not None]
        delete = [change.key for change in todo if change.source is None]
        digest, revision = self._api.change_files(files.digest, put, delete)
        self._files = known_files.changed(files, put, delete, digest, revision)
        if self._files is not None:
            known_files.save(self._cache, self._files)


def _sorted_out(changes: Sequence[Change]) -> tuple[list[Change], list[Outcome]]:
    """Return the changes that can be, and what is wrong with the others."""
    possible, refused = [], []
    for change in changes:
        fault = "" if change.source is None else tenant_path_fault(change.key)
        if fault:
            msg = f"the path {fault}, and the server takes none such"
            hint = "Rename the file, or name it in .anvilignore."
            refused.append(Outcome(change.key, Status.FAILED, msg, hint))
        else:
            possible.append(change)
    return possible, refused


def _as_it_stands(
    changes: Sequence[Change], files: RemoteFiles
) -> tuple[list[Change], list[Outcome]]:
    """Return the changes whose condition holds, and what became of the others."""
    todo, settled = [], []
    for change in changes:
        found = _digest(files.files, change.key)
        if found == (None if change.source is None else change.source.digest):
            settled.append(Outcome(change.key, Status.DONE))  # an answer to it was lost, perhaps
        elif found == (None if change.standing is None else change.standing.digest):
            todo.append(change)
        else:
            settled.append(Outcome(change.key, Status.MOVED))
    return todo, settled


def _digest(files: Mapping[str, Leaf], path: str) -> str | None:
    leaf = files.get(path)
    return None if leaf is None else digest_of_file(leaf)
