"""Published versions as replicas: the store's, and those of a tenant of a server.

A key is ``project/set@number``, and its digest is that of the version. What was published never
changes and is never deleted by a sync; drafts and labels do not travel. What goes over is a signed
bundle, and what comes is verified as one.

A number that stands for other content on both sides is a conflict, and neither side can give its
number up. Taking *theirs* brings theirs beside ours, as ``1.1.0-from-acme.1``; taking *ours* puts
ours beside theirs there. The side that took the other's has both, it is remembered under which
number, and the key counts as agreed from then on.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.bundles import arriving, export
from anvil_nb.bundles.arriving import Manner
from anvil_nb.bundles.gathering import Selection
from anvil_nb.bundles.published import addresses, projects
from anvil_nb.domain.rights import check_right
from anvil_nb.domain.sync.tree import Entry, Problem, Tree
from anvil_nb.errors import BundleConflictError, ConflictError
from anvil_nb.keys import KeyRing
from anvil_nb.remote.bundles import RemoteBundles
from anvil_nb.sync import pairing
from anvil_nb.sync.bundle_terms import Terms, from_server
from anvil_nb.sync.foreseeing import one_of_each_project
from anvil_nb.sync.replica import Outcome, Status
from anvil_nb.sync.seen_versions import Seen, seen_from_here, seen_here, seen_there
from anvil_nb.sync.version_texts import texts_here, texts_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from anvil_nb.access import Access
    from anvil_nb.domain.sync.planning import Change
    from anvil_nb.keys import Signer
    from anvil_nb.remote.api import Api
    from anvil_nb.remote.bundles import RemoteVersions
    from anvil_nb.sync.replica import Fetch, Run, Wanted

    Carry: TypeAlias = Callable[[Sequence[str], str], tuple[str, ...]]
    # Carries versions over by a strategy; returns what was in the way, and then did nothing.

LASTING = "published versions are never deleted by a sync"
PORTION = 2_000
"""How many versions travel in one bundle."""


class StoreVersions:
    """The published versions of the store.

    Args:
        access: The store, and who acts.
        cloud: The other side, where what is pulled comes from.
    """

    name = "store"
    location = "store"

    def __init__(self, access: Access, cloud: CloudVersions) -> None:
        self._access, self._cloud = access, cloud
        self._foreseen: dict[str, str] = {}

    def identity(self) -> str:
        """Return the id of what this store has of the organisation."""
        return pairing.own_identity(self._access)

    def recover(self) -> None:
        """Do nothing: an import is whole or was not."""

    def tree(self) -> Tree:
        """Return all versions, but copies of what the other side has under its own number."""
        theirs = {(one.path, one.number, one.digest) for one in self._cloud.listed()}
        return _tree(
            {
                one.key: one.digest
                for one in seen_here(self._access)
                if not (one.is_copy and one.origin and (one.path, *one.origin) in theirs)
            }
        )

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return nothing: a version has no files."""
        return iter([b"" for _ in wanted])

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Fetch versions as bundles, and import them."""
        del fetch
        yield from _carried(changes, self._bring, lambda: seen_here(self._access), "here", run)

    def refused(self, changes: Sequence[Change]) -> Iterator[Problem]:
        """Return what would give a number another content here."""
        yield from _refused(changes)

    def foresee(self, changes: Sequence[Change]) -> None:
        """Fetch a version of each project, and refuse what an import of them would refuse.

        Raises:
            SignatureError: for versions that are not signed by a key that is trusted here.
            BundleError: for what is no sound bundle.
        """
        probe = one_of_each_project(changes)
        if probe and probe != self._foreseen:
            check_right(self._access.actor.scopes, "write:prompts")
            with self._fetched(list(probe)) as file:
                arriving.foresee(self._access, KeyRing.open(), file, self._manner("manual"))
            self._foreseen = probe

    def texts(self, entry: Entry) -> dict[str, bytes]:
        """Return the prompts of a version."""
        return texts_here(self._access, entry.key)

    def _bring(self, keys: Sequence[str], strategy: str) -> tuple[str, ...]:
        with self._fetched(keys) as file:
            try:
                arriving.arrive(self._access, KeyRing.open(), file, self._manner(strategy))
            except BundleConflictError as error:
                return _addresses_of(error)
        return ()

    @contextmanager
    def _fetched(self, keys: Sequence[str]) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="anvil-pull-") as folder, from_server():
            file = Path(folder, "versions.anvil")
            self._cloud.bundles.fetch(keys, file)
            yield file

    def _manner(self, strategy: str) -> Manner:
        name = f"the bundle of {self._cloud.location}"
        return Manner(strategy, signatures=self._cloud.terms.signatures, name=name)


class CloudVersions:
    """The published versions of a tenant of a server, as far as they are followed here.

    Args:
        api: Of the tenant.
        access: The store here: what is pushed comes from it.
        terms: On which bundles are exchanged.
    """

    name = "cloud"
    lasting = LASTING

    def __init__(self, api: Api, access: Access, terms: Terms | None = None) -> None:
        self._api, self._access = api, access
        self.terms = terms or Terms()
        self.bundles = RemoteBundles(api.calls, api.path)
        self.location = f"{api.calls.place}/{api.tenant}"
        self.sent = 0
        self._known: RemoteVersions | None = None
        self._foreseen: dict[str, str] = {}

    @cached_property
    def _identity(self) -> str:
        return self._api.information().replica

    def identity(self) -> str:
        """Return the id by which the other store knows itself."""
        return self._identity

    def recover(self) -> None:
        """Do nothing: the server imports all of a bundle or nothing."""

    def listed(self) -> tuple[Seen, ...]:
        """Return all that is published there."""
        self._known = self.bundles.versions(self._known)
        return tuple(seen_there(one) for one in self._known.versions)

    def tree(self) -> Tree:
        """Return what is published there, as it is seen from here."""
        following, known = self.terms.following, projects(self._access)

        def follows(one: Seen) -> bool:
            return following.admits(one.path, one.number, known)

        return _tree(seen_from_here(seen_here(self._access), self.listed(), follows))

    def read(self, wanted: Sequence[Wanted]) -> Iterator[bytes]:
        """Return nothing: a version has no files."""
        return iter([b"" for _ in wanted])

    def apply(self, changes: Sequence[Change], fetch: Fetch, run: Run) -> Iterator[Outcome]:
        """Send versions as signed bundles."""
        del fetch
        yield from _carried(changes, self._send, self.listed, "there", run)

    def refused(self, changes: Sequence[Change]) -> Iterator[Problem]:
        """Return what would give a number another content there."""
        yield from _refused(changes)

    def foresee(self, changes: Sequence[Change]) -> None:
        """Sign a version of each project, and let the server say whether it would take them.

        Raises:
            SettingsError: where there is no key to sign with, or nobody said which.
            PassphraseError: for a key that stays locked.
            RemoteError: for what the server refuses.
        """
        probe = one_of_each_project(changes)
        if probe and probe != self._foreseen:
            with self._signed(list(probe)) as file:
                self.bundles.foresee(file)
            self._foreseen = probe

    def texts(self, entry: Entry) -> dict[str, bytes]:
        """Return the prompts of a version there."""
        with tempfile.TemporaryDirectory(prefix="anvil-diff-") as folder:
            file = Path(folder, "version.anvil")
            self.bundles.fetch([entry.key], file)
            return texts_in(file)

    def _send(self, keys: Sequence[str], strategy: str) -> tuple[str, ...]:
        with self._signed(keys) as file:
            return self.bundles.send(file, strategy=strategy).conflicts

    @cached_property
    def _signers(self) -> tuple[Signer, ...]:
        return self.terms.signing()

    @contextmanager
    def _signed(self, keys: Sequence[str]) -> Iterator[Path]:
        options = export.Options(signers=self._signers)
        selection = Selection(addresses(self._access, keys))
        with tempfile.TemporaryDirectory(prefix="anvil-push-") as folder:
            file = Path(folder, "versions.anvil")
            export.export(self._access, selection, file, options)
            self.sent += file.stat().st_size
            yield file


@dataclass(slots=True)
class _Work:
    """What is to be carried over: what is new, and what comes beside a number that is taken."""

    new: list[Change] = field(default_factory=list)
    beside: list[Change] = field(default_factory=list)


def _carried(
    changes: Sequence[Change],
    carry: Carry,
    listed: Callable[[], Collection[Seen]],
    where: str,
    run: Run,
) -> Iterator[Outcome]:
    """Carry versions over, a bundle for each portion; yield what became of them there."""
    work = _Work()
    refused = {one.key: one for one in _refused(changes)}
    for change in changes:
        if one := refused.get(change.key):
            yield Outcome(change.key, Status.FAILED, one.message, one.hint)
        else:
            (work.new if change.standing is None else work.beside).append(change)
    for portion in _portions(work.new):
        if run.cancelled():
            return
        in_the_way = _without_conflicts([one.key for one in portion], carry)
        yield from _stood(portion, listed(), in_the_way, where)
    for portion in _portions(work.beside):
        if run.cancelled():
            return
        carry([one.key for one in portion], "version")
        yield from _settled(portion, listed())


def _refused(changes: Sequence[Change]) -> Iterator[Problem]:
    """Return why changes are none that can be made."""
    for change in changes:
        if change.source is None:
            yield Problem(change.key, LASTING, "Delete the set by hand, if that is meant.")
        elif change.standing is not None and change.base == change.standing.digest:
            yield Problem(
                change.key,
                "the number stands for other content on the other side, which never changes",
                f"Have both: anvil sync resolve bundles/{change.name} --ours, or --theirs",
            )


def _without_conflicts(keys: Sequence[str], carry: Carry) -> frozenset[str]:
    """Carry over all that has no conflict; return the keys of what has.

    Raises:
        ConflictError: for conflicts that none of the keys has.
    """
    left, refused = list(keys), set[str]()
    while left:
        in_the_way = set(carry(left, "manual"))
        if not in_the_way:
            break
        if not in_the_way & set(left):
            msg = f"{', '.join(sorted(in_the_way)[:5])} cannot be told apart by its address"
            raise ConflictError(msg, "Export and import it by hand: anvil export, anvil import")
        refused |= in_the_way
        left = [key for key in left if key not in in_the_way]
    return frozenset(refused)


def _stood(
    changes: Sequence[Change], now: Collection[Seen], refused: frozenset[str], where: str
) -> Iterator[Outcome]:
    standing = {one.key: one.digest for one in now}
    elsewhere: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in now:
        elsewhere[one.number, one.digest].append(one.key)
    for change in changes:
        source = change.source
        assert source is not None
        number = change.key.partition("@")[2]
        if standing.get(change.key) == source.digest:
            yield Outcome(change.key, Status.DONE)
        elif change.key in refused or change.key in standing:
            yield Outcome(
                change.key,
                Status.MOVED,
                f"its number was published {where} meanwhile, with other content; sync again",
            )
        else:
            others = [key for key in elsewhere[number, source.digest] if key != change.key]
            at = f" as {others[0]}: the set has another name" if others else ""
            yield Outcome(
                change.key,
                Status.FAILED,
                f"it did not come to stand {where} at its address{', but' + at if at else ''}",
                "Give the set the same name on both sides: anvil set rename SET NAME",
            )


def _settled(changes: Sequence[Change], now: Collection[Seen]) -> Iterator[Outcome]:
    """Yield whether versions came to stand beside those whose numbers they have elsewhere."""
    beside = {(one.path, *one.origin) for one in now if one.origin is not None}
    for change in changes:
        assert change.source is not None
        path, _, number = change.key.partition("@")
        if (path, number, change.source.digest) in beside:
            yield Outcome(change.key, Status.DONE)
        else:
            yield Outcome(change.key, Status.FAILED, "it did not come to stand beside the other")


def _addresses_of(error: BundleConflictError) -> tuple[str, ...]:
    return tuple(str(one["address"]) for one in error.conflicts)


def _tree(digests: Mapping[str, str]) -> Tree:
    return Tree({key: Entry(key, digest, (), key) for key, digest in digests.items()})


def _portions(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    for start in range(0, len(changes), PORTION):
        yield changes[start : start + PORTION]
