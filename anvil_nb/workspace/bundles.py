"""Bundles: prompts that travel to other instances, and come from them."""

# ruff: noqa: PLC0415 - a method imports its service when called: this one loads the ciphers

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.bundles.verifying import VerifiedBundle
    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.results.done import Done
    from anvil_nb.results.exchange import ImportPlan, ImportReport, Imports
    from anvil_nb.results.moving import Moving

    Progress = Callable[[Moving], None]
    Ask = Callable[[str], str]


class Bundles(State):
    """What moves prompts between instances."""

    def export(  # noqa: PLR0913 - what an export may say
        self,
        addresses: str | Sequence[str],
        path: str | Path,
        *,
        versions: str = "all",
        include_deps: bool = True,
        labels: bool = False,
        sign: str | Sequence[str] = (),
        encrypt_to: str | Sequence[str] = (),
        passphrase: str | None = None,
        description: str = "",
        tags: Sequence[str] = (),
        force: bool = False,
        dry_run: bool = False,
        key_passphrase: Ask | None = None,
        progress: Progress | None = None,
    ) -> BundleInfo:
        """Write published prompts to a bundle, which appears whole or not at all.

        Args:
            addresses: Projects, sets and prompts; a selector chooses one version.
            path: Of the file.
            versions: For addresses without a selector: ``all``, ``latest``, or a range.
            include_deps: Whether the partials that single prompts render come too.
            labels: Whether the labels of the sets come too.
            sign: Names of keys of one's own.
            encrypt_to: Names of the keys that are to open it.
            passphrase: What opens it too.
            description: For people.
            tags: For people.
            force: Replace a file that stands there.
            dry_run: Say what would be written, and write nothing.
            key_passphrase: Is asked for the passphrase of a key, by the key's name.
            progress: Is told how far it is, in items and in bytes; what it raises ends the work,
                and nothing is written.

        Raises:
            NotFoundError: for an address at which there is nothing, or a key that is not there.
            RefusedError: for drafts, and where nothing is published.
            ExistsError: when there is a file, and it may not be replaced.
        """
        from anvil_nb.bundles import export
        from anvil_nb.bundles.gathering import Selection
        from anvil_nb.bundles.trusting import signing_with
        from anvil_nb.keys import KeyRing

        ring = KeyRing.open() if sign or encrypt_to else None
        options = export.Options(
            signers=signing_with(ring, _several(sign), key_passphrase) if ring else (),
            recipients=[ring.recipient(name) for name in _several(encrypt_to)] if ring else (),
            passphrase=passphrase,
            description=description,
            tags=tuple(tags),
            force=force,
        )
        selection = Selection(
            tuple(_several(addresses)), versions, include_deps=include_deps, labels=labels
        )
        if dry_run:
            return export.preview(self._access, selection, options, path, progress=progress)
        return export.export(self._access, selection, path, options, progress=progress)

    def import_bundle(  # noqa: PLR0913 - what an import may say
        self,
        path: str | Path,
        *,
        strategy: str = "manual",
        resolutions: Mapping[str, str | Mapping[str, Any]] | None = None,
        renames: Mapping[str, str] | None = None,
        into: str | None = None,
        organisation: str | None = None,
        labels: bool = False,
        dry_run: bool = False,
        plan: str | None = None,
        allow_unsigned: bool = False,
        passphrase: str | Callable[[], str] | None = None,
        key_passphrase: Ask | None = None,
        progress: Progress | None = None,
    ) -> ImportPlan | ImportReport:
        """Import a bundle in one transaction, all of it or nothing.

        Args:
            path: Of the file.
            strategy: What to choose for conflicts: ``skip``, ``overwrite``, ``version``, or
                ``manual`` to leave them open.
            resolutions: Choices by the keys of conflicts; ``{"merged": {name: text}}`` for texts
                that are given.
            renames: New paths or project names by those of the bundle.
            into: The project that all sets go to.
            organisation: Whose prompts they become; the actor's own when ``None``.
            labels: Move labels as the bundle has them.
            dry_run: Say what would be done, and do nothing.
            plan: The id of the plan that was looked at; refused when it does not hold any more.
            allow_unsigned: Take a bundle that nobody signed, this once.
            passphrase: Of an encrypted bundle, or asks for it.
            key_passphrase: Is asked for the passphrase of a key, by the key's name.
            progress: Is told how far it is, in items and in bytes: all is checked, planned, and
                what is new is stored; of a plan, up to the second. What it raises ends the work,
                and nothing is imported.

        Raises:
            BundleError: for a file that is not a sound bundle.
            SignatureError: when it is not signed by a key that is trusted.
            BundleConflictError: when conflicts are still open; nothing was done.
            PlanMovedError: when ``plan`` does not hold any more; nothing was done.
        """
        from anvil_nb.bundles import importing
        from anvil_nb.bundles.choosing import choices
        from anvil_nb.bundles.opening import file_digest

        here = self._access if dry_run else self._to_write
        access = here if organisation is None else self._acting_in(organisation)
        chosen = choices(strategy, resolutions or {}, renames or {}, into, labels=labels)
        with self._verified(
            access, path, passphrase, key_passphrase, progress, allow_unsigned=allow_unsigned
        ) as bundle:
            if dry_run:
                return importing.preview(access, bundle, chosen, progress)
            return importing.carry_out(
                access,
                bundle,
                chosen,
                file_digest=file_digest(path),
                expect=plan,
                progress=progress,
            )

    def imports(self, *, limit: int = 100) -> Imports:
        """Return what was imported, newest first."""
        from anvil_nb.bundles import undoing

        return undoing.listed(self._access, limit=limit)

    def undo_import(
        self,
        import_id: str,
        *,
        organisation: str | None = None,
        progress: Progress | None = None,
    ) -> Done:
        """Take back an import while nothing was built on it.

        Args:
            import_id: Or the first eight characters of it, or more.
            organisation: Whose prompts it brought; the actor's own when ``None``.
            progress: Is told how much is taken back; what it raises ends the work, and nothing is.

        Raises:
            NotFoundError: when there is no such import.
            RefusedError: when one of its sets was changed since.
        """
        from anvil_nb.bundles import undoing

        access = self._access if organisation is None else self._acting_in(organisation)
        return undoing.undo(access, import_id, progress)

    def _acting_in(self, organisation: str) -> Access:
        from anvil_nb.access import acting_in

        return acting_in(self._access, organisation)

    @contextmanager
    def _verified(  # noqa: PLR0913 - how a bundle is read
        self,
        access: Access,
        path: str | Path,
        passphrase: str | Callable[[], str] | None,
        key_passphrase: Ask | None,
        progress: Progress | None,
        *,
        allow_unsigned: bool,
    ) -> Iterator[VerifiedBundle]:
        from anvil_nb.bundles.opening import Reader, opened
        from anvil_nb.bundles.trusting import known_contents, trusting
        from anvil_nb.keys import KeyRing

        ring = KeyRing.open()
        check = trusting(
            access, ring, self.settings.signatures, allow_unsigned=allow_unsigned, path=path
        )

        def known(digests: Collection[str]) -> Collection[str]:
            return known_contents(access, digests)

        reader = Reader(ring, passphrase, key_passphrase)
        with opened(path, reader, check, known=known, progress=progress) as bundle:
            yield bundle


def inspect_bundle(
    path: str | Path,
    *,
    passphrase: str | Callable[[], str] | None = None,
    key_passphrase: Ask | None = None,
    progress: Progress | None = None,
) -> BundleInfo:
    """Verify a bundle and return what it holds; no workspace is needed.

    That everything in it is what its maker wrote is checked, and who signed it. Whether its
    templates parse is checked when it is imported.

    Raises:
        BundleError: for a file that is not a sound bundle.
        SignatureError: for a signature that does not hold.
    """
    from anvil_nb.bundles.opening import Reader, opened
    from anvil_nb.bundles.trusting import showing
    from anvil_nb.keys import KeyRing

    ring = KeyRing.open()
    reader = Reader(ring, passphrase, key_passphrase)
    with opened(path, reader, showing(ring), progress=progress, contents=False) as bundle:
        return bundle.information()


def _several(one_or_more: str | Sequence[str]) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else list(one_or_more)
