"""Where the fields of an item stand in its files.

A field may have several places: a name in ``config.yaml`` and a title in the frontmatter. The
first place that says something counts, a place that says something else is noted, and a change
goes to the place that counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import canonical_json
from anvil_nb.domain.values import type_name
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.items.text import FileText


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a field: a file, and the keys that lead to the value in its YAML."""

    file: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of an item that say something, and where each field stands.

    Args:
        kind: Of the item.
        key: Of the item.
        texts: The files by path, the one that counts first.
        roots: The keys that lead to the item's own mapping in each file.
        places: Where fields of this kind may stand in a mapping, the telling place first.
        home: The file that a new field goes to.
        prose: The file whose body is a field; ``None`` where there is none.
        prose_field: What that field is called.
        made: Fields that stand in no YAML: a file's name, a source.
        notes: What was noticed before any field was read.
    """

    kind: Kind
    key: str
    texts: Mapping[str, FileText]
    roots: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[tuple[str, ...], ...]]
    home: str
    prose: str | None = None
    prose_field: str = ""
    made: Mapping[str, Json] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def slots(self, name: str) -> Iterator[Slot]:
        """Yield the places where a field may stand, those of the first file first."""
        for file in self.texts:
            for path in self.places.get(name, ((name,),)):
                yield Slot(file, self.roots[file] + path)

    def value(self, slot: Slot) -> Json:
        """Return what stands at a place; ``None`` where nothing does."""
        return value_at(self.texts[slot.file].fields, slot.path)

    def standing(self, name: str) -> Slot | None:
        """Return the place of a field that says something, if any does."""
        return next((slot for slot in self.slots(name) if self.value(slot) is not None), None)

    def home_of(self, name: str) -> Slot:
        """Return the place of a field that nothing says yet."""
        root = self.roots[self.home]
        mapping = value_at(self.texts[self.home].fields, root)
        paths = self.places.get(name, ((name,),))
        deep = (path for path in paths if len(path) > 1)
        known = (path for path in deep if isinstance(value_at(mapping, path[:1]), dict))
        shallow = next((path for path in paths if len(path) == 1), (name,))
        return Slot(self.home, root + next(known, shallow))

    def free(self) -> dict[str, Json]:
        """Return what the files say besides the fields of the kind, the first file over others."""
        said: dict[str, Json] = {}
        for file, text in reversed(list(self.texts.items())):
            mapping = value_at(text.fields, self.roots[file])
            said |= mapping if isinstance(mapping, dict) else {}
        return said

    def differences(self, names: Mapping[str, object]) -> Iterator[str]:
        """Yield a note for each field that two places name differently."""
        here = self._keys() if len(self.texts) == 1 else None
        for name in names:
            places = self.places.get(name, ())
            if here is not None and (len(places) <= 1 or _named_once(places, here)):
                continue  # of thousands of items, nearly all of their fields
            said = [one for one in self._values(name) if one[2] is not None]
            for file, path, value in said[1:]:
                if not _agree(name, said[0][2], value):
                    first = _place(Slot(*said[0][:2]))
                    yield (
                        f"{name}: {first} says {_shown(said[0][2])}, "
                        f"{_place(Slot(file, path))} says {_shown(value)}; the first counts"
                    )

    def _keys(self) -> Mapping[str, Json]:
        """Return the mapping of the item in its one file."""
        (text,) = self.texts.values()
        mapping = value_at(text.fields, self.roots[text.path])
        return mapping if isinstance(mapping, dict) else {}

    def _values(self, name: str) -> Iterator[tuple[str, tuple[str, ...], Json]]:
        """Yield file, keys and value of each place of a field; `slots`, for thousands of items."""
        places = self.places.get(name) or ((name,),)
        for file, text in self.texts.items():
            root, fields = self.roots[file], text.fields
            for place in places:
                path = root + place
                yield file, path, value_at(fields, path)

    def with_text(self, text: FileText) -> Layout:
        """Return the layout with a file changed."""
        return replace(self, texts={**self.texts, text.path: text})

    def text(self, name: str) -> str | None:
        """Return a field that is text.

        Raises:
            ItemError: when it is something else.
        """
        value = self._said(name)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(name, "text", value, f'Put it in quotes: {name}: "{_shown(value)}".')

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a field that is true or false.

        Raises:
            ItemError: when it is something else.
        """
        value = self._said(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        raise self._wrong(name, "true or false", value, f"Write {name}: true, or {name}: false.")

    def texts_of(self, name: str) -> list[Json]:
        """Return a field that is a list of texts; one text is taken apart at its commas.

        Raises:
            ItemError: when it is something else.
        """
        value = self._said(name)
        if value is None:
            return []
        if isinstance(value, str):
            return [one.strip() for one in value.split(",") if one.strip()]
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return value
        raise self._wrong(name, "a list of texts", value, f"Write {name}: [first, second].")

    def _said(self, name: str) -> Json:
        """Return what the first place says that says something; there are thousands of items."""
        places = self.places.get(name) or ((name,),)
        for file, text in self.texts.items():
            mapping: Json = text.fields
            for key in self.roots[file]:
                mapping = mapping.get(key) if isinstance(mapping, dict) else None
            if not isinstance(mapping, dict):
                continue
            for place in places:
                if place[0] in mapping:
                    value = value_at(mapping, place)
                    if value is not None:
                        return value
        return None

    def _wrong(self, name: str, what: str, value: Json, hint: str) -> ItemError:
        slot = self.standing(name)
        where = f" of {_place(slot)}" if slot else ""
        return ItemError(f"'{name}'{where} is {type_name(value)}, not {what}", hint)


def _named_once(places: Collection[tuple[str, ...]], mapping: Mapping[str, Json]) -> bool:
    """Tell whether at most one of some places can say anything."""
    return len([place for place in places if place[0] in mapping]) <= 1


def same(one: Json, other: Json) -> bool:
    """Tell whether two values are the same, and of the same type."""
    return canonical_json(one) == canonical_json(other)


def value_at(fields: Json, path: tuple[str, ...]) -> Json:
    """Return the value to which keys lead; ``None`` where they lead nowhere."""
    value = fields
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _agree(name: str, one: Json, other: Json) -> bool:
    if name == "id" and isinstance(one, str) and isinstance(other, str):
        return one.replace("-", "_") == other.replace("-", "_")  # a slug is an id with hyphens
    return one == other


def _place(slot: Slot) -> str:
    return f"{'.'.join(slot.path)} in {slot.file}"


_LONGEST_SHOWN = 60


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    cut = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return f"'{cut}'" if isinstance(value, str) else cut
