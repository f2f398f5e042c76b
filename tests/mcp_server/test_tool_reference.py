"""The guide for agents has every tool with every argument, as they are."""

from __future__ import annotations

import re
import runpy
from typing import TYPE_CHECKING

from anvil_nb.mcp_server import jupyter, replies
from anvil_nb.mcp_server.desk import TOOLSETS
from anvil_nb.mcp_server.server import TOOLS

if TYPE_CHECKING:
    from pathlib import Path


def test_the_reference_of_the_tools_is_up_to_date(repository: Path) -> None:
    written = (repository / "docs" / "mcp.md").read_text("utf-8")
    made = runpy.run_path(str(repository / "scripts" / "tool_reference.py"))["document"](written)
    assert written == made, "type: python scripts/tool_reference.py"


def test_it_has_every_tool_with_every_argument(repository: Path) -> None:
    written = (repository / "docs" / "mcp.md").read_text("utf-8")
    found = re.findall(r"^#### `(\w+)`\n(.*?)(?=^###|\Z)", written, re.MULTILINE | re.DOTALL)
    sections = dict(found)
    assert sections.keys() == {one.name for one in TOOLS}
    for tool in TOOLS:
        said = re.findall(r"^- `(\w+)`", sections[tool.name], re.MULTILINE)
        assert said == list(tool.input_schema()["properties"])


def test_the_table_says_of_each_tool_whether_it_changes_things(repository: Path) -> None:
    written = (repository / "docs" / "mcp.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", written, re.MULTILINE))
    assert rows.keys() == {one.name for one in TOOLS}
    for tool in TOOLS:
        assert (rows[tool.name] == "nothing") is not tool.writes, tool.name


def test_the_limits_and_names_that_it_tells_are_those_of_the_code(repository: Path) -> None:
    written = " ".join((repository / "docs" / "mcp.md").read_text("utf-8").split())
    assert f"at most {replies.MOST_BYTES:,} bytes" in written
    assert f"at most {replies.MOST_ROWS} rows" in written
    assert ", ".join(f"`{one}`" for one in TOOLSETS) in written
    for spec in jupyter.TOOLS:
        assert f"`{spec.rpartition(':')[2]}`" in written
