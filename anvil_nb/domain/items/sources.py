"""The sources of content: which folders hold pages, as the content config says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.items.pages import SUFFIX
from anvil_nb.domain.items.text import read_yaml
from anvil_nb.domain.values import type_name
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from anvil_nb.domain.digest import Json

CONFIGS: Final = ("content/config.yaml", "content/config.yml")
_FOLDER: Final = "content"
_SKILL: Final = "skill"


@dataclass(frozen=True, slots=True)
class Source:
    """One source.

    Args:
        id: The first part of its pages' keys.
        folder: Where they lie, relative to the services folder.
        recursive: Whether folders below it count.
        kinds: What its pages' ``kind`` may be; anything when empty.
    """

    id: str
    folder: str
    recursive: bool = True
    kinds: tuple[str, ...] = ()


def sources_of(paths: Mapping[str, object], read: Callable[[str], bytes]) -> tuple[Source, ...]:
    """Return the sources of a services folder.

    Without a config, each folder in ``content/`` is one. Those that hold skills, or are not
    enabled, are left out.

    Raises:
        ItemError: for a config that cannot be read, or says what no source can be.
    """
    there = [path for path in CONFIGS if path in paths]
    if not there:
        inside = (path.split("/") for path in paths if path.startswith(f"{_FOLDER}/"))
        names = sorted({parts[1] for parts in inside if len(parts) > 2})  # noqa: PLR2004 - content/source/page
        return tuple(Source(name, f"{_FOLDER}/{name}") for name in names)
    if len(there) > 1:
        msg = f"there are both {there[0]} and {there[1]}"
        raise ItemError(msg, "Keep one of them.")
    path = there[0]
    said = (read_yaml(path, read(path)).fields or {}).get("content_sources") or {}
    if not isinstance(said, dict):
        raise _refusal(path, "content_sources", said, "a mapping by name")
    made = (_source(path, name, one, paths) for name, one in said.items())
    return tuple(one for one in made if one is not None)


def source_of(sources: Iterable[Source], path: str) -> Source | None:
    """Return the source that a file is a page of: the innermost that holds it, if any does."""
    if not path.endswith(SUFFIX):
        return None
    holding = [one for one in sources if path.startswith(f"{one.folder}/")]
    inner = max(holding, key=lambda one: len(one.folder), default=None)
    if inner is None or inner.recursive:
        return inner
    return None if "/" in path.removeprefix(f"{inner.folder}/") else inner


def _source(config: str, name: str, said: Json, paths: Mapping[str, object]) -> Source | None:
    if not isinstance(said, dict):
        raise _refusal(config, f"content_sources.{name}", said, "a mapping")
    types = said.get("allowed_content_types") or []
    if not said.get("enabled", True) or (isinstance(types, list) and _SKILL in types):
        return None
    folder, source_id = said.get("path"), said.get("source_id", name)
    if not isinstance(folder, str):
        raise _refusal(config, f"content_sources.{name}.path", folder, "a path")
    if not isinstance(source_id, str) or not source_id or "/" in source_id:
        what = "a name without slashes"
        raise _refusal(config, f"content_sources.{name}.source_id", source_id, what)
    indexing = said.get("indexing")
    recursive = indexing.get("recursive", True) if isinstance(indexing, dict) else True
    inside = _within(config, name, folder, paths)
    kinds = tuple(map(str, types)) if isinstance(types, list) else ()
    return Source(source_id, inside, recursive=recursive is not False, kinds=kinds)


def _within(config: str, name: str, folder: str, paths: Mapping[str, object]) -> str:
    """Return a folder relative to the services folder; some configs say it from above that."""
    parts = [part for part in folder.split("/") if part not in {"", "."}]
    if folder.startswith("/") or ".." in parts or not parts:
        msg = f"the source '{name}' in {config} lies outside: {folder!r}"
        raise ItemError(msg, "Write its path relative to the services folder: content/blog.")
    inner = "/".join(parts[1:])
    if parts[0] == "services" and inner and not _any_below("/".join(parts), paths):
        return inner
    return "/".join(parts)


def _any_below(folder: str, paths: Mapping[str, object]) -> bool:
    return any(path.startswith(f"{folder}/") for path in paths)


def _refusal(config: str, where: str, found: Json, what: str) -> ItemError:
    return ItemError(
        f"'{where}' in {config} is {type_name(found)}, not {what}", "Correct it there."
    )
