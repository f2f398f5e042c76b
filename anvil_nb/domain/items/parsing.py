"""From the files of an item to its record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from anvil_nb.domain.digest import canonical_json
from anvil_nb.domain.items import agents, contexts, pages, skills
from anvil_nb.domain.items.kinds import ParsedItem
from anvil_nb.domain.prose import is_keepable
from anvil_nb.errors import InvalidInputError, ItemError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.items.layout import Layout

Files: TypeAlias = Mapping[str, bytes]
"""The files of an item, by their paths in its own folder."""
Place: TypeAlias = "Mapping[str, Json]"
"""Where an item belongs on disk: a skill's ``folder``, a page's ``source``."""

_LAID_OUT: Final[Mapping[Kind, Callable[[Files, Place], Layout]]] = {
    "skill": skills.lay_out,
    "content": pages.lay_out,
    "agent": agents.lay_out,
    "context": contexts.lay_out,
}
_FIELDS: Final[Mapping[Kind, Callable[[Layout], dict[str, Json]]]] = {
    "skill": skills.fields,
    "content": pages.fields,
    "agent": agents.fields,
    "context": contexts.fields,
}


class Lazy(Mapping[str, bytes]):
    """The files of an item, each read when it is first asked for.

    Args:
        paths: What ``read`` is to be handed for each file, by its path in the item.
        read: Returns the bytes.
    """

    def __init__(self, paths: Mapping[str, str], read: Callable[[str], bytes]) -> None:
        self._paths = paths
        self._read = read

    def __getitem__(self, path: str) -> bytes:
        return self._read(self._paths[path])

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class Over(Lazy):
    """Files with others over them, without reading any."""

    def __init__(self, files: Files, changed: Files) -> None:
        read = {**dict.fromkeys(files, files), **dict.fromkeys(changed, changed)}
        super().__init__({path: path for path in read}, lambda path: read[path][path])


def parse(kind: Kind, files: Files, place: Place) -> ParsedItem:
    """Return the record that files make.

    Args:
        kind: What they should be.
        files: By their paths in the item's own folder. Only those that say something are read;
            the others are there so that they are known.
        place: Where they belong: a skill's ``folder``, a page's ``source``.

    Raises:
        ItemError: when they are none.
    """
    return record_of(lay_out(kind, files, place))


def lay_out(kind: Kind, files: Files, place: Place) -> Layout:
    """Return where the fields of an item stand in its files.

    Raises:
        ItemError: when they are no such item.
    """
    return _LAID_OUT[kind](files, place)


def record_of(layout: Layout) -> ParsedItem:
    """Return the record that a layout makes.

    Raises:
        ItemError: when a field is not what it should be.
    """
    try:
        known = _FIELDS[layout.kind](layout)
        said = known | {key: one for key, one in layout.free().items() if key not in known}
        if not _are_plain(said):
            _check_keepable(said)
    except InvalidInputError as error:
        raise ItemError(error.message, error.hint, keys=(layout.key,)) from error
    notes = (*layout.notes, *layout.differences(said))
    return ParsedItem(layout.kind, layout.key, said, notes)


def _are_plain(said: dict[str, Json]) -> bool:
    """Tell at a look that values can be kept, which is so for nearly all of thousands."""
    texts = [*said]
    for value in said.values():
        if type(value) is str:
            texts.append(value)
        elif type(value) is list:
            words = [one for one in value if type(one) is str]
            if len(words) < len(value):
                return False
            texts += words
        elif value is not None and type(value) is not bool:
            return False
    return is_keepable("".join(texts))


def _check_keepable(said: dict[str, Json]) -> None:
    # Refuses half of a surrogate pair, and a number that no store keeps.
    written = canonical_json(said)
    if rb"\u0000" in written and _has_nul(said):
        raise ItemError("a value holds a NUL character, which is no text", "Remove it.")


def _has_nul(value: Json) -> bool:
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(one) for key, one in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value
