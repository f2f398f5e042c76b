"""The second side of a comparison, which may be written as a selector alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.address import Label, parse_selector

if TYPE_CHECKING:
    from anvil_nb.cli.surface import Surface


def second_side(surface: Surface, first: str, text: str) -> str:
    """Return the address that ``text`` means beside ``first``.

    ``@1.0.0`` and ``1.0.0`` are the place of the first at that version. A word that could be a
    label is one, but where short addresses are taken: there it names a prompt, and the label is
    written ``@production``.

    Raises:
        AddressError: for text that is neither a selector nor an address.
    """
    selector = None
    if text.startswith("@") and "/" not in text:
        selector = parse_selector(text[1:], at=1, whole=text)
    elif "/" not in text and "@" not in text:
        selector = parse_selector(text)
        if isinstance(selector, Label) and surface.working_set is not None:
            selector = None
    if selector is None:
        return surface.to_read(text)
    from anvil_nb.catalog.places import place_at  # noqa: PLC0415 - late, on purpose

    return str(place_at(surface.workspace.access, first).with_selector(selector))
