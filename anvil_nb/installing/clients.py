"""The clients: where each keeps the servers of a project, and how it writes one down.

The files of a project are used where there is a choice, so that an agent has the workspace of the
folder it works in and of no other. Claude Desktop has none: its file is for a person to edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.installing.starting import Start


@dataclass(frozen=True, slots=True)
class Client:
    """A program that speaks with MCP servers.

    Args:
        name: As it is chosen.
        title: As people know it.
        file: Of a project's servers, below its folder.
        key: Under which they stand in it.
        listed: Whether they are a list of entries with names, and not an object by name.
        typed: Whether an entry says that it is of the type ``stdio``.
        comments: Whether its reader takes comments and a comma after the last member.
        expands: Whether ``${…}`` in an entry means something to it.
        programs: That are there where it is installed.
        traces: Of it in a project's folder.
        settled: The same in a person's home.
        following: What is to be done next.
    """

    name: str
    title: str
    file: str
    key: str
    following: str
    programs: tuple[str, ...]
    traces: tuple[str, ...]
    settled: tuple[str, ...] = ()
    listed: bool = False
    typed: bool = True
    comments: bool = True
    expands: bool = True

    def entry(self, name: str, start: Start, before: Mapping[str, Json]) -> dict[str, Json]:
        """Return the entry of a server, with the variables that ``before`` sets besides ours."""
        said = self._variables(before.get("env"))
        variables = {key: value for key, value in said.items() if key not in start.own}
        variables.update(start.environment)
        entry: dict[str, Json] = {"name": name} if self.listed else {}
        if self.typed:
            entry["type"] = "stdio"
        entry["command"] = start.command[0]
        entry["args"] = list(start.command[1:])
        if self.listed:
            entry["env"] = [{"name": key, "value": value} for key, value in variables.items()]
        elif variables or "env" in before:
            entry["env"] = variables
        return entry

    def _variables(self, said: Json) -> dict[str, Json]:
        if isinstance(said, dict):
            return dict(said)
        rows = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
        return {str(one["name"]): one.get("value") for one in rows if "name" in one}


CLIENTS: Final = (
    Client(
        name="claude",
        title="Claude Code",
        file=".mcp.json",
        key="mcpServers",
        following="Start claude in that folder and approve the server once; /mcp shows it.",
        programs=("claude",),
        traces=(".mcp.json", ".claude", "CLAUDE.md"),
        settled=(".claude.json", ".claude"),
    ),
    Client(
        name="cursor",
        title="Cursor",
        file=".cursor/mcp.json",
        key="mcpServers",
        following="Open that folder in Cursor anew; Customize, MCPs switches the server on.",
        programs=("cursor", "cursor-agent"),
        traces=(".cursor",),
        settled=(".cursor",),
    ),
    Client(
        name="vscode",
        title="VS Code",
        file=".vscode/mcp.json",
        key="servers",
        following="Open that folder in VS Code, and start the server by MCP: List Servers.",
        programs=("code", "code-insiders", "codium"),
        traces=(".vscode",),
        settled=(".vscode",),
    ),
    Client(
        name="jupyter",
        title="Jupyter AI",
        file=".jupyter/mcp_settings.json",
        key="mcp_servers",
        following="Open a new chat in that folder, or below it: its agents have the server.",
        programs=("jupyter-lab", "jupyter"),
        traces=(".jupyter",),
        listed=True,
        typed=False,
        comments=False,  # it is read by Python's own reader
        expands=False,
    ),
)


def client_named(name: str) -> Client:
    """Return the client of a name.

    Raises:
        InvalidInputError: when there is none.
    """
    for one in CLIENTS:
        if one.name == name:
            return one
    msg = f"there is no client '{name}'"
    raise InvalidInputError(msg, f"They are: {', '.join(one.name for one in CLIENTS)}")
