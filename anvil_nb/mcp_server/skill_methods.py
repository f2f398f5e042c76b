"""The protocol's extension for skills (SEP-2640): its methods, over the skills that are served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mcp.server.extension import Extension, MethodBinding
from mcp.types import PaginatedRequestParams, RequestParams, Resource

from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.mcp_server import skills
from anvil_nb.mcp_server.replies import cut
from anvil_nb.mcp_server.resources import type_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anvil_nb.mcp_server.views import View
    from anvil_nb.workspace import Workspace

    Reading = Callable[[Any, Callable[[View], Any]], Awaitable[Any]]

TTL_MS: Final = 5_000
DIRECTORY: Final = "inode/directory"
_CACHED: Final = {"resultType": "complete", "ttlMs": TTL_MS, "cacheScope": "private"}
_SHOWN: Final = 200


class GetSkillParams(RequestParams):
    """Which skill."""

    uri: str


class ReadDirectoryParams(PaginatedRequestParams):
    """Which folder of a skill."""

    uri: str


class Skills(Extension):
    """The extension.

    Args:
        reading: Runs a function in a thread, on what the caller of a request may see.
    """

    identifier = "io.modelcontextprotocol/skills"

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def settings(self) -> dict[str, Any]:
        """Return what is told of the extension: that folders can be read."""
        return {"directoryRead": True}

    def methods(self) -> list[MethodBinding]:
        """Return what a server that has skills and their folders must answer."""
        return [
            MethodBinding("skills/list", PaginatedRequestParams, self._list),
            MethodBinding("skills/get", GetSkillParams, self._get),
            MethodBinding("resources/directory/read", ReadDirectoryParams, self._directory),
        ]

    async def _list(self, ctx: Any, params: PaginatedRequestParams) -> dict[str, Any]:
        entries, following = await self._reading(
            ctx, lambda view: skills.entries_of(view.of("skills"), params.cursor)
        )
        more = {} if following is None else {"nextCursor": following}
        return {"skills": entries, **_CACHED, **more}

    async def _get(self, ctx: Any, params: GetSkillParams) -> dict[str, Any]:
        entry = await self._reading(
            ctx, lambda view: skills.entry_at(view.of("skills"), params.uri)
        )
        return {"skill": entry, **_CACHED}

    async def _directory(self, ctx: Any, params: ReadDirectoryParams) -> dict[str, Any]:
        found = await self._reading(
            ctx, lambda view: children(view.of("skills"), params.uri, params.cursor)
        )
        listed = [one.model_dump(by_alias=True, mode="json", exclude_none=True) for one in found]
        return {"resultType": "complete", "resources": listed}


def children(ws: Workspace, uri: str, cursor: str | None = None) -> list[Resource]:
    """Return what lies in a folder of a skill: its files and folders, in order, on one page.

    Raises:
        NotFoundError: for anything that is no such folder.
        InvalidInputError: for a cursor, which no page gives.
    """
    if cursor is not None:
        msg = "what lies in a folder comes on one page, which gives no cursor"
        raise InvalidInputError(msg, "Leave it out.")
    name, path = skills.split_uri(uri)
    skill = skills.served(ws, name)
    within = f"{path}/" if path else ""
    found: dict[str, Resource] = {}
    for leaf in sorted(skill.files if skill else (), key=lambda leaf: leaf.path):
        if not leaf.path.startswith(within):
            continue
        child, deeper, _ = leaf.path.removeprefix(within).partition("/")
        place = skills.uri_of(name, within + child)
        if deeper:
            found[child] = Resource(uri=place, name=child, mime_type=DIRECTORY)
        else:
            found[child] = Resource(
                uri=place, name=child, mime_type=type_of(leaf.path), size=leaf.size
            )
    if not found or uri.endswith("/"):
        raise NotFoundError(f"{cut(uri, _SHOWN)} is no folder of a skill that is served here")
    return list(found.values())
