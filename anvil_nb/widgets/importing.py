"""Importing a bundle: it arrives, is verified step by step, and what it would do is settled."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from anvil_nb.errors import (
    AnvilError,
    InvalidInputError,
    PassphraseError,
    RefusedError,
    UntrustedSignerError,
)
from anvil_nb.results import html
from anvil_nb.results.text import text_table
from anvil_nb.widgets import verification
from anvil_nb.widgets.calls import call, work
from anvil_nb.widgets.import_choices import organisations, renames_in
from anvil_nb.widgets.import_settlement import ImportSettlement
from anvil_nb.widgets.job import CancelledError
from anvil_nb.widgets.settling import ConflictsView
from anvil_nb.widgets.uploading import MOST, PIECE, Arrivals, progress_text, shown_name
from anvil_nb.widgets.verification import PassphraseNeededError
from anvil_nb.widgets.verified_file import VerifiedFile
from anvil_nb.widgets.view import View
from anvil_nb.workspace.bundles import inspect_bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.results.html import Html
    from anvil_nb.results.moving import Moving
    from anvil_nb.widgets.calls import Binary
    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace

_HOW = {"renames", "into", "organisation", "labels", "allow_unsigned", "passphrase"}
_SECRET = {PassphraseNeededError.code, "decryption", "passphrase"}
_ANOTHER = "cancelled: another file was chosen meanwhile"
_HEADER = ("checked", "", "what was found")
_UNTOUCHED = "It is not verified yet; the view does that as soon as a page shows it."


class ImportView(View):
    """A bundle, from a file here or from the browser, on its way into the store.

    Args:
        workspace: Whose store.
        path: Of the file; ``None`` for one that is chosen or dropped in the page.
        strategy: The choice for every conflict that has it.
        resolutions: Decisions by key, as ``import_bundle`` takes them.
        how: What else ``import_bundle`` is told, and a ``passphrase`` among it.
    """

    name = "import"

    def __init__(
        self,
        workspace: Workspace,
        path: str | Path | None = None,
        *,
        strategy: str = "manual",
        resolutions: Any = None,
        **how: Any,
    ) -> None:
        if unknown := sorted(how.keys() - _HOW):
            msg = f"an import takes no '{unknown[0]}' here"
            raise InvalidInputError(msg, f"It takes: {', '.join(sorted(_HOW))}")
        super().__init__(workspace)
        self._secret: Any = how.pop("passphrase", None)
        self._key_secrets: dict[str, str] = {}
        self._locked = ""  # the key of one's own whose passphrase would open it, where one would
        self._begin = {"strategy": strategy, "resolutions": resolutions}
        self._given, self._how = how, how
        self._arrivals = Arrivals()
        self._path = "" if path is None else os.fspath(path)
        self._file = "" if path is None else shown_name(str(Path(path).name))
        self.title = f"Import {self._file or 'a bundle'}"
        self._own, self._organisations = organisations(self.ws)
        self._checks = verification.waiting()
        self._error: AnvilError | None = None
        self._info: BundleInfo | None = None
        self.settlement: ImportSettlement | None = None
        self._turn, self._step = 0, "file"
        self._taking = Lock()

    def state(self) -> dict[str, Json]:
        """Return which file it is, and what was found out of it."""
        error, info = self._error, self._info
        verified = None if self.settlement is None else self.settlement.verified
        needs: Json = None
        if error is not None and error.code in _SECRET:
            needs = {"key": self._locked}
        trusting: Json = None
        signers = () if info is None else info.signers
        if isinstance(error, UntrustedSignerError) and not any(one.trusted for one in signers):
            first, file = error.fingerprints[0], shlex.quote(self._path)
            trusting = f"%anvil keys trust {first} --from {file} --name NAME"
        failure = None if error is None else cast("Json", error.to_json())
        return {
            "file": self._file,
            "piece": PIECE,
            "most": MOST,
            "checks": [one.to_json() for one in self._checks],
            "error": failure,
            "needs": needs,
            "trusting": trusting,
            "info": None if info is None else verification.about(info),
            "verified": self.settlement is not None,
            "digest": None if verified is None else verified.digest,
            "done": self._done,
            "into": self._how.get("into") or "",
            "labels": bool(self._how.get("labels")),
            "map": [f"{was}={new}" for was, new in (self._how.get("renames") or {}).items()],
            "organisation": self._how.get("organisation") or self._own,
            "own": self._own,
            "organisations": [*self._organisations],
            "unsigned": self._unsigned(),
            "allow_unsigned": bool(self._how.get("allow_unsigned")),
        }

    def to_html(self) -> Html:
        """Return what was checked, and what is decided or was done."""
        if not self._file:
            return html.section("Import", html.muted("No bundle was chosen yet."))
        if self._untouched:
            return html.section(self.title, html.muted(_UNTOUCHED))
        rows = [(one.title, one.state, one.text) for one in self._checks]
        parts = [html.table(_HEADER, rows)]
        if self._error is not None:
            parts.append(html.code_block(str(self._error)))
        if self.settlement is not None:
            parts.append(self.settlement.to_html())
        return html.section(self.title, *parts)

    def to_text(self) -> str:
        """Return the same for a terminal."""
        if not self._file:
            return "Import: no bundle was chosen yet."
        if self._untouched:
            return f"{self.title}\n{_UNTOUCHED}"
        rows = [(one.title, one.state, one.text) for one in self._checks]
        lines = [self.title, text_table(_HEADER, rows, whole=(0,))]
        if self._error is not None:
            lines.append(str(self._error))
        if self.settlement is not None:
            lines.append(self.settlement.to_text())
        return "\n".join(lines)

    @property
    def _untouched(self) -> bool:
        """Whether nothing was found out of the file yet, good or bad."""
        return self._error is None and self._checks == verification.waiting()

    # A file that comes from the page

    @call
    def begin(self, name: str, size: int) -> Json:
        """Begin to take a file; what was here before it is forgotten."""
        self.forget()
        upload = self._arrivals.begin(name, size)
        return {"upload": upload.number, "name": upload.name, "received": 0}

    @call
    def piece(self, upload: int, at: int, buffers: Sequence[Binary] = ()) -> Json:
        """Take the next piece of it, which comes with the message."""
        if len(buffers) != 1:
            msg = f"one piece comes with a message, found {len(buffers)}"
            raise InvalidInputError(msg, "Choose the file again.")
        found = self._arrivals.of(upload)
        received = found.add(at, bytes(cast("Any", buffers[0])))
        return {"received": received, "text": progress_text(found)}

    @call
    def finish(self, upload: int, sha256: str) -> Json:
        """End the file, when it is what the page has sent; it is verified next."""
        found = self._arrivals.of(upload)
        try:
            found.finish(sha256)
        except AnvilError:
            self._arrivals.drop()
            raise
        self._path, self._file = str(found.path), found.name
        self.title = f"Import {self._file}"
        self.changed()
        return self.state()

    @call
    def cancel(self, upload: int) -> Json:
        """Remove what came of a file that is not to come."""
        current = self._arrivals.current
        if current is not None and current.number == upload and str(current.path) != self._path:
            self._arrivals.drop()
        return None

    @call
    def forget(self) -> Json:
        """Begin anew, with another file; not before what is done with this one was seen."""
        if self.settlement is not None and self.settlement.doing:
            msg = f"{self._file} is being imported, or taken back"
            raise RefusedError(msg, "Wait for its end, or cancel it, and choose another file then.")
        with self._taking:
            self._turn += 1  # what is under way for the file before comes to nothing
            if self._path:  # these were about that file
                self._begin = {**self._begin, "resolutions": None}
            self._arrivals.drop()
            self._path = self._file = ""
            self._secret, self._key_secrets, self._locked = None, {}, ""
            self._how = self._given
            self._checks, self._error, self._info = verification.waiting(), None, None
            self.settlement = None
        self.title = "Import a bundle"
        self.changed()
        return self.state()

    # What is done with it

    @work
    def verify(
        self,
        job: Job,
        passphrase: str | None = None,
        key_passphrase: str | None = None,
        *,
        allow_unsigned: bool = False,
    ) -> Json:
        """Check the file, and find out what importing it would do.

        Args:
            job: Is told how far it is.
            passphrase: What opens it, where it is encrypted; kept in the kernel's memory alone.
            key_passphrase: That of the key that was asked for.
            allow_unsigned: Take this bundle although nobody signed it.
        """
        if self._unsigned():
            allowed = allow_unsigned or bool(self._given.get("allow_unsigned"))
            self._how = {**self._how, "allow_unsigned": allowed}
        if passphrase:
            self._secret = passphrase
        if key_passphrase and self._locked:
            self._key_secrets[self._locked] = key_passphrase
        with self._taking:
            self._turn += 1
            turn = self._turn
            self._error = self._info = self.settlement = None
            self._checks = verification.waiting()
        try:
            self._verify(job, turn)
        except AnvilError as error:
            if turn != self._turn:
                raise CancelledError(_ANOTHER) from error
            if error.code == "cancelled":
                self._info = None
                self.changed()
                raise
            self._refused(error)
        self.changed()
        return self.state()

    @work
    def arrange(
        self,
        job: Job,
        into: str,
        *,
        labels: bool,
        renames: str = "",
        organisation: str = "",
    ) -> Json:
        """Plan the import anew; what was decided on conflicts that are still there is kept.

        Args:
            job: Is told how far it is.
            into: The project that all sets go to; empty for those of the bundle.
            labels: Whether labels are moved as the bundle has them.
            renames: Another name for a project, or path for a set, ``OLD=NEW`` in each line.
            organisation: Whose prompts they become; empty for one's own.
        """
        mapped = renames_in(renames)
        before, turn = self._settling(), self._turn
        with before.turn:  # an import that is under way is waited for
            if self._done:
                msg = "this bundle is imported already"
                raise RefusedError(msg, "Take the import back first, or choose the file anew.")
            how = {
                **self._how,
                "into": into.strip() or None,
                "labels": labels,
                "renames": mapped,
                "organisation": organisation if organisation not in {"", self._own} else None,
            }
            said = {**how, **self._secrets()}
            settlement = ImportSettlement(self.ws, self._path, self._file, said, before.verified)
            settlement.begin(job.progress, self._begin["strategy"])
            settlement.take_over(before, job.progress)
            job.check()
            with self._taking:
                self._check_turn(turn)
                self._how, self.settlement = how, settlement
        self.changed()
        return self.state()

    @call
    def settle(self) -> Json:
        """Open what settles the import, below what was verified."""
        settlement = self._settling()
        return self.open(ConflictsView(self.ws, lambda _: settlement, self._settled))

    def close(self) -> None:
        """Let go of the store, and of the file that came."""
        self._arrivals.close()
        self._secret, self._key_secrets = None, {}
        super().close()

    @property
    def _done(self) -> bool:
        """Whether it was imported, and not taken back."""
        settlement = self.settlement
        return settlement is not None and settlement.done is not None and not settlement.undone

    def _settling(self) -> ImportSettlement:
        if self.settlement is None:
            raise InvalidInputError("the bundle is not verified", "Verify it first.")
        return self.settlement

    def _settled(self) -> None:
        self.tell("settled", self._done)
        self.changed()

    def _unsigned(self) -> bool:
        """Whether the bundle that was looked into has no signature at all."""
        return self._info is not None and not self._info.signers

    def _secrets(self) -> dict[str, Any]:
        return {"passphrase": self._passphrase(), "key_passphrase": self._key_passphrase}

    def _check_turn(self, turn: int) -> None:
        if turn != self._turn:
            raise CancelledError(_ANOTHER)

    def _verify(self, job: Job, turn: int) -> None:
        def progress(moving: Moving) -> None:
            self._check_turn(turn)
            # Before the first part is checked, the container is, and who signed the manifest.
            if moving.items == 1:
                self._running("checksums")
            job.progress(moving.to_text(), moving.items / max(1, moving.all_items))

        self._running("file")
        file, secrets = VerifiedFile(self._path), self._secrets()
        info = inspect_bundle(self._path, progress=progress, **secrets)
        with self._taking:
            self._check_turn(turn)
            self._info = info
            said = {**self._how, **secrets}
            settlement = ImportSettlement(self.ws, self._path, self._file, said, file)
        self._running("resources", info)
        settlement.begin(job.progress, **self._begin)
        with self._taking:
            self._check_turn(turn)
            self._checks = verification.passed(info)
            self.settlement = settlement

    def _running(self, step: str, info: BundleInfo | None = None) -> None:
        self._step = step
        self.tell("checks", [one.to_json() for one in verification.running(step, info)])

    def _refused(self, error: AnvilError) -> None:
        self._error = error
        if isinstance(error, PassphraseError):
            self._error = PassphraseError(error.message, "Type it again below.")
        if self._info is None:
            self._checks = verification.failed_at(error, self._step)
        else:
            self._checks = verification.refused(self._info, error)
        if error.code in {"decryption", "passphrase"}:
            self._secret = None
            self._key_secrets = {}

    def _passphrase(self) -> Any:
        if self._secret is not None:
            return self._secret

        def ask() -> str:
            raise PassphraseNeededError

        return ask

    def _key_passphrase(self, name: str) -> str:
        self._locked = name
        if name not in self._key_secrets:
            raise PassphraseNeededError(name)
        return self._key_secrets[name]
