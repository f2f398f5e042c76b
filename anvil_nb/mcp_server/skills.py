"""Skills: those of the store that the Agent Skills standard would call so, by name and URI.

An entry has the frontmatter of a skill's ``SKILL.md`` as it stands, and a manifest of all of its
files with their digests (the protocol's extension for skills, SEP-2640). Only what conforms is
served: a ``SKILL.md`` with ``name``, which is the skill's own, and ``description``. A skill of
another form is not made into one, for its bytes would be nobody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from anvil_nb.domain.frontmatter import split
from anvil_nb.domain.visible import visible
from anvil_nb.errors import AnvilError, InvalidInputError, NotFoundError
from anvil_nb.mcp_server.replies import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.results.library import Item
    from anvil_nb.workspace import Workspace

SCHEME: Final = "skill://"
MAIN: Final = "SKILL.md"
PAGE: Final = 50
# SEP-2640, "Limits".
MOST_FILES: Final = 512
MOST_BYTES: Final = 16 * 1024 * 1024

# Agent Skills specification, "name field" and "description field".
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME: Final = 64
_LONGEST_DESCRIPTION: Final = 1_024
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Served:
    """A skill that is served.

    Args:
        name: Of the skill, and of its folder.
        files: All of them.
        frontmatter: Of its ``SKILL.md``.
    """

    name: str
    files: Sequence[Leaf]
    frontmatter: dict[str, Json]

    def to_entry(self) -> dict[str, Json]:
        """Return the entry of the skill; SEP-2640, "Skill Entries"."""
        resources: list[Json] = [
            {"uri": uri_of(self.name, leaf.path), "digest": leaf.digest, "size": leaf.size}
            for leaf in self.files
        ]
        return {
            "uri": uri_of(self.name),
            "frontmatter": self.frontmatter,
            "resources": resources,
        }


def entries_of(ws: Workspace, cursor: str | None) -> tuple[list[dict[str, Json]], str | None]:
    """Return the entries of a page of skills, and the cursor of the next.

    Raises:
        InvalidInputError: for a cursor that is none.
    """
    if cursor is not None and cursor != visible(cursor, keep=""):
        msg = "that is no cursor of a list of skills"
        raise InvalidInputError(msg, "Leave it out to begin with the first page.")
    with ws.burst():
        page = ws.skills(limit=PAGE, cursor=cursor)
        found = [served(ws, line.key) for line in page]
    return [one.to_entry() for one in found if one is not None], page.cursor


def entry_at(ws: Workspace, uri: str) -> dict[str, Json]:
    """Return the entry of a skill by the URI of its ``SKILL.md``.

    Raises:
        NotFoundError: for anything that is not the URI of a skill that is served.
    """
    name, path = split_uri(uri)
    found = served(ws, name) if path == MAIN else None
    if found is None:
        raise NotFoundError(f"no skill that is served here has the URI {cut(uri, _SHOWN)}")
    return found.to_entry()


def file_at(ws: Workspace, name: str, path: str) -> bytes:
    """Return the bytes of a file of a skill.

    Raises:
        NotFoundError: when no such skill is served, or it has no such file.
    """
    if served(ws, name) is None:
        raise NotFoundError(f"no skill '{cut(name, _SHOWN)}' is served here")
    return ws.item_file("skill", name, path).data


def served(ws: Workspace, name: str) -> Served | None:
    """Return a skill that is served, or ``None``."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        return None
    try:
        item = ws.skill(name)
    except NotFoundError:
        return None
    if len(item.files) > MOST_FILES or sum(leaf.size for leaf in item.files) > MOST_BYTES:
        return None
    fields = _frontmatter(ws, item)
    return None if fields is None else Served(name, item.files, fields)


def uri_of(name: str, path: str = MAIN) -> str:
    """Return the URI of a file of a skill."""
    return f"{SCHEME}{name}/{quote(path)}"


def split_uri(uri: str) -> tuple[str, str]:
    """Return the name of a skill and the path in it that a URI names."""
    name, _, path = unquote(uri.removeprefix(SCHEME)).partition("/")
    return (name, path) if uri.startswith(SCHEME) else ("", "")


def _frontmatter(ws: Workspace, item: Item) -> dict[str, Json] | None:
    """Return the frontmatter of a skill that conforms to the standard, or ``None``."""
    if MAIN not in {leaf.path for leaf in item.files}:
        return None
    try:
        fields = split(ws.item_file("skill", item.key, MAIN).data.decode()).fields
    except (AnvilError, UnicodeDecodeError):
        return None
    if fields is None or fields.get("name") != item.key:
        return None
    said = fields.get("description")
    sound = isinstance(said, str) and said.strip() and len(said) <= _LONGEST_DESCRIPTION
    return fields if sound else None
