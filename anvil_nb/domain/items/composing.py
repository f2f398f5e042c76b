"""New items: the few files that a skill, page, agent or context needs to begin with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.frontmatter import join
from anvil_nb.domain.items.agents import SCHEME
from anvil_nb.domain.items.contexts import FILE
from anvil_nb.domain.items.kinds import NOUNS, check_key
from anvil_nb.domain.items.parsing import parse
from anvil_nb.domain.naming import slug_from_title
from anvil_nb.domain.yaml_writer import write_mapping
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.kinds import Kind
    from anvil_nb.domain.items.parsing import Place

_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")
_BLOG: Final = "blog"
"""The source whose pages have a folder each."""


def compose(
    kind: Kind, key: str, fields: Mapping[str, Json], *, taken: Container[str] = ()
) -> tuple[dict[str, bytes], Place]:
    """Return the files and the place of an item that is not there yet.

    Args:
        kind: What it is.
        key: By which it will be found.
        fields: What it says; those that are ``None`` are left out.
        taken: Names of folders and files that others have: of skills' folders, of agents' files
            and of the source's pages without their endings.

    Raises:
        ItemError: for a key or fields that make no such item.
    """
    check_key(kind, key)
    said: dict[str, Json] = {one: value for one, value in fields.items() if value is not None}
    files, place = _MAKERS[kind](key, said, taken)
    made = parse(kind, files, place)
    if made.key != key:
        msg = f"these fields make the {NOUNS[kind]} '{made.key}', not '{key}'"
        raise ItemError(msg, "Leave out the field that names it.")
    return files, place


def _skill(
    key: str, said: dict[str, Json], taken: Container[str]
) -> tuple[dict[str, bytes], Place]:
    folder = safe_name(key, taken)
    body = _taken(said, "instructions")
    said.pop("file", None)
    named = said.pop("id", key)
    head: dict[str, Json] = {} if folder == key == named else {"id": named}
    head |= {"name": said.pop("name", key), "description": said.pop("description", "")}
    return {"SKILL.md": _markdown(head | said, body)}, {"folder": folder}


def _page(key: str, said: dict[str, Json], taken: Container[str]) -> tuple[dict[str, bytes], Place]:
    source, _, slug = key.partition("/")
    if said.pop("source_id", source) != source:
        raise ItemError(f"'{key}' is of the source '{source}'", "Leave out 'source_id'.")
    body = _taken(said, "body")
    title = said.pop("title", slug or source)
    head: dict[str, Json] = {"title": title, "slug": said.pop("slug", slug)}
    path = _path(slug, "/index" if source == _BLOG and slug else "", taken)
    return {path: _markdown(head | said, body)}, {"source": source}


def _agent(
    key: str, said: dict[str, Json], taken: Container[str]
) -> tuple[dict[str, bytes], Place]:
    address = said.pop("system_prompt_address", None)
    if address is not None:
        said["system_prompt"] = f"{SCHEME}{address}"
    head: dict[str, Json] = {"name": said.pop("name", key)}
    return {f"{safe_name(key, taken)}.yaml": write_mapping(head | said).encode()}, {}


def _context(
    key: str, said: dict[str, Json], taken: Container[str]
) -> tuple[dict[str, bytes], Place]:
    del taken
    name, slug = said.pop("name", key), said.pop("slug", key)
    head: dict[str, Json] = {"name": name} if name == slug else {"name": name, "slug": slug}
    return {FILE: write_mapping(head | said).encode()}, {}


_MAKERS = {"skill": _skill, "content": _page, "agent": _agent, "context": _context}


def safe_name(key: str, taken: Container[str] = ()) -> str:
    """Return a name for a file or folder: the key where that is safe and free, else a slug."""
    if _SAFE.fullmatch(key) and key not in taken:
        return key
    return slug_from_title(key, taken=taken)


def _path(slug: str, ending: str, taken: Container[str]) -> str:
    """Return where a page lies in the folder of its source: somewhere free."""
    path = "/".join(map(safe_name, slug.split("/"))) if slug else "index"
    number, free = 1, f"{path}{ending}"
    while free in taken:
        number += 1
        free = f"{path}-{number}{ending}"
    return f"{free}.md"


def _taken(said: dict[str, Json], name: str) -> str:
    body = said.pop(name, "")
    if isinstance(body, str):
        return body.strip()
    raise ItemError(f"'{name}' is text", "Pass the text itself.")


def _markdown(head: Mapping[str, Json], body: str) -> bytes:
    return join(head, f"\n{body}\n" if body else "").encode()
