"""Choosing what goes into a bundle, writing it, and handing it to the browser."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from anvil_nb.bundles.trusting import keys_for_export
from anvil_nb.catalog.outline import outline
from anvil_nb.errors import InvalidInputError, NotFoundError, PassphraseError
from anvil_nb.results import html
from anvil_nb.results.text import text_table
from anvil_nb.widgets.calls import WithBytes, call, work
from anvil_nb.widgets.names import published_names, versions_of
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from anvil_nb.catalog.outline import OutlinedSet
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.results.moving import Moving
    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace

_HEADER = ("set", "versions", "latest")
CHUNK = 1024 * 1024
"""How many bytes of a file go to the page at once."""
_MOST = 2_000
"""How many prompts that come along are named."""


class ExportView(View):
    """What is published, to choose from, and the bundle that was written of it.

    Args:
        workspace: Whose prompts they are.
        addresses: What is chosen at first: projects, sets, versions or prompts.
    """

    name = "export"
    title = "Export"

    def __init__(self, workspace: Workspace, addresses: Sequence[str] = ()) -> None:
        super().__init__(workspace)
        self.addresses = tuple(addresses)
        self._sets: tuple[OutlinedSet, ...] = ()
        self._written: BundleInfo | None = None
        self._digest, self._path = "", Path()
        self._look()
        self._chosen = [one for address in self.addresses for one in self._named(address)]

    def _look(self) -> None:
        self._sets = outline(self.ws.access).sets

    def state(self) -> dict[str, Json]:
        """Return sets, versions and counts, and the keys by name; names come by a call."""
        keys = keys_for_export()
        return {
            "sets": versions_of(self._sets),
            "asked": [*self.addresses],
            "addresses": [*self._chosen],
            "location": self.ws.location,
            "path": f"{self._called()}.anvil",
            "own": [{"name": key.name, "locked": key.locked} for key in keys.signing],
            "recipients": [key.name for key in keys.receiving],
            "sign": self.ws.settings.sign,
            "written": self._result(),
        }

    def _named(self, address: str) -> list[str]:
        """Return what an address chooses as the tree names it: versions, and prompts of them.

        Raises:
            AnvilError: says why nothing there can be exported.
        """
        published = [one.address for one in self._sets if one.versions]
        if any(address in (one, one.partition("/")[0]) for one in published):
            return [address]
        found = self.ws.export([address], "bundle.anvil", include_deps=False, dry_run=True)
        return [
            name
            for one in found.sets
            for version in one.versions
            for name in (
                [f"{one.address}@{version.number}"]
                if version.complete
                else [f"{one.address}/{prompt}@{version.number}" for prompt in version.prompts]
            )
        ]

    def to_html(self) -> html.Html:
        """Return what was written, or what there is to choose from."""
        if self._written is not None:
            return self._written.to_html()
        return html.section("Export", html.table(_HEADER, self._rows()))

    def to_text(self) -> str:
        """Return the same for a terminal."""
        if self._written is not None:
            return self._written.to_text()
        return f"Export\n{text_table(_HEADER, self._rows(), whole=(0,))}"

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(one.address, str(len(one.versions)), one.latest or "–") for one in self._sets]

    @call
    def names(self) -> Json:
        """Return the names of the prompts in all versions."""
        return published_names(self._sets)

    @call
    def refresh(self) -> Json:
        """Return what is published now."""
        self._look()
        return self.state()

    @work
    def preview(
        self,
        job: Job,
        addresses: list[str],
        versions: str = "all",
        *,
        labels: bool = False,
        deps: bool = True,
    ) -> Json:
        """Return what a bundle of these would hold, and what of it comes along with them."""

        def gathered(now: Moving) -> None:
            job.progress(now.to_text(), now.items / now.all_items if now.all_items else None)

        info = self.ws.export(
            addresses,
            "bundle.anvil",
            versions=versions,
            labels=labels,
            include_deps=deps,
            dry_run=True,
            progress=gathered,
        )
        along = self._along(info, addresses)
        counts: dict[str, Json] = dict(info.counts)
        return {
            "counts": counts,
            "total": info.total,
            "along": [*along[:_MOST]],
            "along_count": len(along),
            "external": [*info.external],
        }

    @work
    def write(  # noqa: PLR0913 - what an export may say
        self,
        job: Job,
        addresses: list[str],
        path: str,
        *,
        versions: str = "all",
        deps: bool = True,
        labels: bool = False,
        sign: str = "",
        encrypt_to: Sequence[str] = (),
        passphrase: str = "",
        key_passphrase: str = "",
        description: str = "",
        tags: Sequence[str] = (),
        force: bool = False,
    ) -> Json:
        """Write the bundle; the passphrases are used here and kept nowhere."""
        if not path.strip():
            raise InvalidInputError("the bundle has no path", "Say where to write it: desk.anvil")

        def moved(now: Moving) -> None:
            job.progress(now.to_text(), now.size / now.total if now.total else None)

        job.progress("gathering what is needed")
        self._written = self.ws.export(
            addresses,
            path,
            versions=versions,
            include_deps=deps,
            labels=labels,
            sign=[sign] if sign else (),
            encrypt_to=encrypt_to,
            passphrase=passphrase or None,
            description=description,
            tags=tags,
            force=force,
            key_passphrase=_answering(key_passphrase),
            progress=moved,
        )
        self._path = Path(self._written.path).resolve()  # the kernel may go to another folder
        with self._path.open("rb") as file:
            self._digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.changed()
        return self._result()

    @call
    def chunk(self, start: int) -> WithBytes:
        """Return bytes of the file that was written, from ``start`` on."""
        if self._written is None:
            raise NotFoundError("nothing was written here yet", "Write the bundle first.")
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                data = file.read(CHUNK)
        except OSError as error:
            msg = f"{self._path} cannot be read: {error.strerror}"
            raise NotFoundError(msg, "Write the bundle again.") from error
        return WithBytes({"size": len(data)}, (data,))

    def _result(self) -> Json:
        info = self._written
        if info is None:
            return None
        return {
            "path": str(self._path),
            "name": self._path.name,
            "size": info.file_size,
            "sha256": self._digest,
            "signers": [one.name for one in info.signers],
            "encrypted": info.encrypted,
            "text": info.to_text(),
        }

    def _called(self) -> str:
        """Return what a bundle is called at first."""
        first = self.addresses[0] if len(self.addresses) == 1 else "prompts"
        return first.partition("@")[0].rpartition("/")[2] or "prompts"

    @staticmethod
    def _along(info: BundleInfo, addresses: Sequence[str]) -> list[str]:
        """Return the prompts that nobody chose, and that others of the bundle render."""
        asked = set(addresses)
        return [
            f"{one.address}/{prompt}@{version.number}"
            for one in info.sets
            for version in one.versions
            if not version.complete
            for prompt in version.prompts
            if not {f"{one.address}/{prompt}@{version.number}", f"{one.address}/{prompt}"} & asked
        ]


def _answering(passphrase: str) -> Callable[[str], str]:
    def answer(name: str) -> str:
        if not passphrase:
            msg = f"the key {name} takes a passphrase"
            raise PassphraseError(msg, "Type it beside the key, or choose another key.")
        return passphrase

    return answer
