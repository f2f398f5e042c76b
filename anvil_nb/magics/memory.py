"""What one kernel has read and saved: the digests that it expects drafts to have.

A save that expects another digest than the draft has is refused, so nobody's change is saved
over unseen. Only what showed or set the text counts as reading: ``show``, ``save``, ``copy``,
``restore``; not ``render``, which shows what became of it.
"""

from __future__ import annotations

from anvil_nb.catalog.prompts import NEW
from anvil_nb.domain.address import Address, Draft
from anvil_nb.results.done import Done, Saved
from anvil_nb.results.history import Published
from anvil_nb.results.prompt import Prompt
from anvil_nb.results.transfer import Loaded


class Memory:
    """Digests of drafts, by the store they are in and their address."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, str], str] = {}

    def digest(self, store: str, address: str) -> str | None:
        """Return the digest expected at an address, ``new`` for no prompt, ``None`` for any."""
        return self._digests.get((store, Address.parse(address).path))

    def note(self, store: str, result: object) -> None:
        """Take from the result of a command what this kernel knows of drafts now."""
        if isinstance(result, (Saved, Prompt)):
            self._keep(store, result.address, result.digest)
        elif isinstance(result, Done):
            self._note_done(store, result)
        elif isinstance(result, Loaded) and not result.dry_run:
            self._forget(store, result.into)
        elif isinstance(result, Published) and result.reset and not result.dry_run:
            self._forget(store, Address.parse(result.address).set_path)

    def _keep(self, store: str, address: str, digest: str) -> None:
        place = Address.parse(address)
        if isinstance(place.selector, Draft):
            self._digests[store, place.path] = digest

    def _note_done(self, store: str, done: Done) -> None:
        if done.facts.get("dry_run"):
            return
        address, was = done.facts.get("address"), done.facts.get("was")
        if isinstance(was, str) and isinstance(address, str):  # renamed
            digest = self._digests.get((store, was))
            self._digests[store, was] = NEW
            if digest is not None:
                self._digests[store, address] = digest
        elif isinstance(address, str) and "digest" in done.facts:  # removed
            self._digests[store, address] = NEW

    def _forget(self, store: str, set_path: str) -> None:
        for known in [*self._digests]:
            if known[0] == store and known[1].startswith(f"{set_path}/"):
                del self._digests[known]
