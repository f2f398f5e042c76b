"""Reading prompts and finding them."""

# ruff: noqa: PLC0415 - a method imports its service when called: most programs use few of them

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from anvil_nb.catalog import LIMIT
from anvil_nb.domain.address import parse_prompt_address
from anvil_nb.errors import NotFoundError
from anvil_nb.workspace.arguments import check_texts
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from anvil_nb.results.listing import Hits, Page, Validation
    from anvil_nb.results.prompt import Prompt, Rendered

MAX_CACHED = 10_000
"""Most prompts a workspace keeps in memory."""


class Reading(State):
    """What changes nothing: one prompt, a page of them, a search, a check."""

    def get(self, address: str) -> Prompt:
        """Return the prompt at an address, at its latest version without a selector.

        Read again, it comes from memory for as long as nobody writes to the store.

        Raises:
            AddressError: for an address that is none.
            NotFoundError: when there is nothing, with what there is instead.
        """
        try:
            cached = self._cache.get(address)
        except TypeError:  # a list, say: the parser says what an address is
            cached = None
        if cached is not None and cached[0] == self._generation():
            return cached[1]
        return self._read(address)

    def _read(self, address: str) -> Prompt:
        from anvil_nb.catalog import lookup

        parsed = parse_prompt_address(address)
        access = self._access
        with access.read() as tx:
            prompt = lookup.get_in(access, tx, parsed)
            generation = tx.generation
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[address] = (generation, prompt)
        return prompt

    def find(self, address: str) -> Prompt | None:
        """Return the prompt at an address, or ``None`` when there is none.

        Raises:
            AddressError: for an address that is none.
        """
        try:
            return self.get(address)
        except NotFoundError:
            return None

    def render(
        self, address: str, mapping: Mapping[str, object] | None = None, /, **values: object
    ) -> Rendered:
        """Render the prompt at an address; see ``Prompt.render``."""
        if isinstance(mapping, Mapping):
            return self.get(address).render({**mapping, **values})
        # What is neither is refused by the prompt, which says what it takes.
        return self.get(address).render(values if mapping is None else mapping)

    def ls(self, prefix: str = "", *, limit: int = LIMIT, cursor: str | None = None) -> Page:
        """List projects, the sets of a project, or the prompts of a set, a page at a time."""
        from anvil_nb.catalog import listing

        return listing.ls(self._access, prefix, limit=limit, cursor=cursor)

    def released(self, *, limit: int = LIMIT, cursor: str | None = None) -> Page:
        """List what applications get: prompts at ``@production``, or at ``@latest`` without it."""
        from anvil_nb.catalog import listing

        check_texts(cursor=cursor)
        return listing.released(self._access, limit=limit, cursor=cursor)

    def get_released(self, address: str) -> Prompt:
        """Return a prompt as applications get it, unless the address has a selector.

        Where its set has the label ``production``, that is the version it points to, also when
        the prompt is not in it; else the latest one.

        Raises:
            AddressError: for an address that is none.
            NotFoundError: when there is nothing, with what there is instead.
        """
        from anvil_nb.catalog import listing

        parsed = parse_prompt_address(address)
        return self.get(str(listing.as_released(self._access, parsed)))

    def search(
        self,
        text: str,
        *,
        prefix: str = "",
        limit: int = LIMIT,
        cursor: str | None = None,
    ) -> Hits:
        """Search names, titles, descriptions, tags and templates for all words of ``text``."""
        from anvil_nb.catalog import search

        check_texts(cursor=cursor)
        return search.find_text(self._access, text, prefix=prefix, limit=limit, cursor=cursor)

    def validate(self, address: str) -> Validation:
        """Check a prompt, or all prompts of a set; the draft without a selector."""
        from anvil_nb.catalog import places, validation

        return validation.validate(self._access, places.place_at(self._access, address))
