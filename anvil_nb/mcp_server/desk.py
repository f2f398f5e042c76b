"""The desk that agents work at: a workspace, what they may use of it, and where files may lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from anvil_nb.errors import ForbiddenError, InvalidInputError, RefusedError
from anvil_nb.sync.targets import ALL, LOCAL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from mcp.server.mcpserver import Context

    from anvil_nb.domain.rights import Right
    from anvil_nb.settings import Settings
    from anvil_nb.workspace import Workspace

    Acting = Callable[[Context, Right, str], Workspace]
    Counting = Callable[[Context], Awaitable[None]]

Toolset: TypeAlias = Literal["prompts", "sync", "bundles", "skills"]
TOOLSETS: tuple[Toolset, ...] = get_args(Toolset)
"""What can be offered and left out: tools, and the prompts and resources of the same noun."""


BEYOND_STORE: frozenset[Toolset] = frozenset({"sync", "bundles"})
"""Whose tools reach the files, keys and servers of a workspace."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where agents work.

    Args:
        workspace: What is open, for whoever started the server.
        read_only: Whether no tool that writes is offered.
        toolsets: What is offered.
        roots: The folders outside of which no file is read or written, resolved.
        acting: Returns the workspace as the caller of a request sees it, for a right and the name
            of what is done; ``workspace`` itself when ``None``.
        counting: Refuses a request that writes, where its caller has made too many of them.
    """

    workspace: Workspace
    read_only: bool = False
    toolsets: tuple[Toolset, ...] = TOOLSETS
    roots: tuple[Path, ...] = ()
    acting: Acting | None = field(default=None, repr=False)
    counting: Counting | None = field(default=None, repr=False)

    def workspace_for(self, context: Context, right: Right, doing: str) -> Workspace:
        """Return the workspace with the rights of whoever asks.

        Raises:
            ForbiddenError: when the caller has no such right.
        """
        return self.workspace if self.acting is None else self.acting(context, right, doing)

    def is_own(self, workspace: Workspace) -> bool:
        """Tell whether whoever sees a workspace so may reach beyond the store.

        The files, keys and servers of the workspace are its own organisation's.
        """
        if workspace is self.workspace:
            return True
        return workspace.access.actor.organisation == self.workspace.settings.organisation

    def check_own(self, workspace: Workspace) -> None:
        """Refuse to reach beyond the store for another organisation.

        Raises:
            ForbiddenError: for one.
        """
        if not self.is_own(workspace):
            own = self.workspace.settings.organisation
            msg = f"files, keys and servers here are those of @{own}, and the token is another's"
            raise ForbiddenError(msg, f"Use a token of @{own}, or prompts of your own.")

    async def count_write(self, context: Context) -> None:
        """Count a request that writes.

        Raises:
            TooManyRequestsError: for one too many.
        """
        if self.counting is not None:
            await self.counting(context)

    def inside(self, said: str) -> Path:
        """Return the path of a file that an agent named, counted from the workspace's folder.

        Raises:
            RefusedError: for one outside of the roots, however it is spelt.
            InvalidInputError: for what is no path.
        """
        base = self.workspace.root or Path.cwd()
        try:
            path = (base / said).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            msg = "that is no path of a file"
            raise InvalidInputError(msg, "For example: desk.anvil") from error
        if not said:
            msg = "no file was named"
            raise InvalidInputError(msg, "For example: desk.anvil")
        self.check_inside(path)
        return path

    def check_target(self, target: str) -> None:
        """Refuse a sync that touches files where agents may not.

        Args:
            target: Of the sync, or of a key.

        Raises:
            RefusedError: for one.
        """
        if target in {"files", ALL, *LOCAL}:
            self.check_inside(self.workspace.settings.services)

    def check_inside(self, path: Path) -> None:
        """Refuse a path outside of the roots.

        Raises:
            RefusedError: for one.
        """
        if not any(path.resolve().is_relative_to(root) for root in self.roots):
            msg = f"{path} lies outside of the folders that agents may touch here"
            allowed = ", ".join(map(str, self.roots)) or "none"
            hint = f"Those are: {allowed}. Another one: anvil mcp --root FOLDER"
            raise RefusedError(msg, hint)


def usual_roots(settings: Settings, said: Iterable[str | Path] = ()) -> tuple[Path, ...]:
    """Return the folders that agents may touch: those that were said, or the workspace's own.

    Args:
        settings: Of the workspace.
        said: What a person allowed.

    Raises:
        InvalidInputError: for a folder that is not there.
    """
    wanted = [Path(one).expanduser() for one in said]
    for one in wanted:
        if not one.is_dir():
            msg = f"there is no folder {one}"
            raise InvalidInputError(msg, "Name one that is there: anvil mcp --root FOLDER")
    own = [settings.root or Path.cwd(), settings.services]
    return tuple(dict.fromkeys(one.resolve() for one in wanted or own))


def parse_toolsets(said: str) -> tuple[Toolset, ...]:
    """Return the toolsets of a list with commas; all of them for an empty one.

    Raises:
        InvalidInputError: for one that there is none of.
    """
    names = [name.strip() for name in said.split(",") if name.strip()]
    for name in names:
        if name not in TOOLSETS:
            msg = f"there is no toolset '{name}'"
            raise InvalidInputError(msg, f"They are: {', '.join(TOOLSETS)}")
    return tuple(one for one in TOOLSETS if one in names) or TOOLSETS
