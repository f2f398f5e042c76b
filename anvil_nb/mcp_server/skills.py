"""Skills: those of the store, by the protocol's extension for them (SEP-2640).

An entry has the frontmatter of a skill's ``SKILL.md`` as it stands, and a manifest of all of its
files with their digests; the files are resources. Only what the Agent Skills standard calls a
skill is served: a ``SKILL.md`` with ``name``, which is the skill's own, and ``description``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from mcp.server.extension import Extension, MethodBinding
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, PaginatedRequestParams, RequestParams

from anvil_nb.domain.frontmatter import split
from anvil_nb.errors import AnvilError, NotFoundError
from anvil_nb.mcp_server.prompts import refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.library import Item
    from anvil_nb.workspace import Workspace

    Reading = Callable[[Any, Callable[[Workspace], Any]], Awaitable[Any]]

SCHEME: Final = "skill://"
MAIN: Final = "SKILL.md"
PAGE: Final = 50
MOST_FILES: Final = 512
MOST_BYTES: Final = 16 * 1024 * 1024
TTL_MS: Final = 5_000

# Agent Skills specification, "name field".
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME: Final = 64


class GetSkillParams(RequestParams):
    """Which skill."""

    uri: str


class Skills(Extension):
    """The extension.

    Args:
        reading: Runs a function in a thread, on the workspace as the caller of a request sees it.
    """

    identifier = "io.modelcontextprotocol/skills"

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def methods(self) -> list[MethodBinding]:
        """Return what a server that has skills must answer."""
        return [
            MethodBinding("skills/list", PaginatedRequestParams, self._list),
            MethodBinding("skills/get", GetSkillParams, self._get),
        ]

    async def _list(self, ctx: Any, params: PaginatedRequestParams | None) -> dict[str, Any]:
        cursor = None if params is None else params.cursor
        entries, following = await self._reading(ctx, lambda ws: entries_of(ws, cursor))
        more = {} if following is None else {"nextCursor": following}
        return {"skills": entries, **_CACHED, **more}

    async def _get(self, ctx: Any, params: GetSkillParams) -> dict[str, Any]:
        return {"skill": await self._reading(ctx, lambda ws: entry_at(ws, params.uri)), **_CACHED}


_CACHED: Final = {"resultType": "complete", "ttlMs": TTL_MS, "cacheScope": "private"}


def entries_of(ws: Workspace, cursor: str | None) -> tuple[list[dict[str, Json]], str | None]:
    """Return the entries of a page of skills, and the cursor of the next.

    Raises:
        MCPError: for a cursor that is none.
    """
    try:
        page = ws.skills(limit=PAGE, cursor=cursor)
    except AnvilError as error:
        raise refused(error) from error
    found = (_entry(ws, ws.skill(line.key)) for line in page if _NAME.fullmatch(line.key))
    return [one for one in found if one is not None], page.cursor


def entry_at(ws: Workspace, uri: str) -> dict[str, Json]:
    """Return the entry of a skill by the URI of its ``SKILL.md``.

    Raises:
        MCPError: for anything that is not the URI of a skill that is served.
    """
    name, path = split_uri(uri)
    if path == MAIN and _NAME.fullmatch(name):
        try:
            entry = _entry(ws, ws.skill(name))
        except NotFoundError:
            entry = None
        if entry is not None:
            return entry
    msg = f"no skill that is served here has the URI {uri[:200]}"
    raise MCPError(code=INVALID_PARAMS, message=msg, data={"uri": uri[:200]})


def file_at(ws: Workspace, uri: str) -> bytes | None:
    """Return the bytes of a file of a skill that is served, or ``None``."""
    name, path = split_uri(uri)
    if not _NAME.fullmatch(name):
        return None
    try:
        item = ws.skill(name)
        if _entry(ws, item) is None or path not in {leaf.path for leaf in item.files}:
            return None
        return ws.item_file("skill", name, path).data
    except NotFoundError:
        return None


def uri_of(name: str, path: str = MAIN) -> str:
    """Return the URI of a file of a skill."""
    return f"{SCHEME}{name}/{quote(path)}"


def split_uri(uri: str) -> tuple[str, str]:
    """Return the name of a skill and the path in it that a URI names."""
    name, _, path = unquote(uri.removeprefix(SCHEME)).partition("/")
    return (name, path) if uri.startswith(SCHEME) else ("", "")


def frontmatter_of(ws: Workspace, item: Item) -> dict[str, Json] | None:
    """Return the frontmatter of a skill that conforms to the standard, or ``None``."""
    if MAIN not in {leaf.path for leaf in item.files}:
        return None
    try:
        text = ws.item_file("skill", item.key, MAIN).data.decode()
        fields = split(text).fields
    except (AnvilError, UnicodeDecodeError):
        return None
    if fields is None or fields.get("name") != item.key:
        return None
    described = fields.get("description")
    return fields if isinstance(described, str) and described.strip() else None


def _entry(ws: Workspace, item: Item) -> dict[str, Json] | None:
    files = item.files
    if len(files) > MOST_FILES or sum(leaf.size for leaf in files) > MOST_BYTES:
        return None
    if len(item.key) > _LONGEST_NAME or not _NAME.fullmatch(item.key):
        return None
    fields = frontmatter_of(ws, item)
    if fields is None:
        return None
    resources: list[Json] = [
        {"uri": uri_of(item.key, leaf.path), "digest": leaf.digest, "size": leaf.size}
        for leaf in files
    ]
    return {"uri": uri_of(item.key), "frontmatter": fields, "resources": resources}
