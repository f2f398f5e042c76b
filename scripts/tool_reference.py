"""Write the part of docs/mcp.md that follows from the tools' own definitions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from anvil_nb.mcp_server.desk import TOOLSETS
from anvil_nb.mcp_server.server import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.mcp_server.tool import Tool

DOCUMENT = Path(__file__).parents[1] / "docs" / "mcp.md"
MARK = "<!-- What follows is written by scripts/tool_reference.py: change the tools instead. -->\n"


def reference() -> str:
    """Return the reference of all tools, as Markdown."""
    parts = []
    for toolset in TOOLSETS:
        tools = [one for one in TOOLS if one.toolset == toolset]
        if tools:
            parts.append(f"### Toolset `{toolset}`")
        for one in tools:
            parts += _described(one)
    return "\n\n".join(parts) + "\n"


def _described(tool: Tool) -> Iterator[str]:
    schema = tool.input_schema()
    needed = schema.get("required", [])
    arguments = [
        f"- `{name}`{_form(one, needed=name in needed)}{_said(one)}"
        for name, one in schema["properties"].items()
    ]
    yield f"#### `{tool.name}`"
    yield f"{tool.description} *{_kind(tool)}; scope `{tool.right}`.*"
    yield "\n".join(arguments)


def _kind(tool: Tool) -> str:
    if not tool.writes:
        return "Only reads"
    planned = "dry_run" in tool.arguments.model_fields
    return "Changes things, by a dry run first" if planned else "Changes a draft"


_FORMS = {"boolean": "true or false", "integer": "number", "array": "list", "string": "text"}


def _form(schema: dict[str, Any], *, needed: bool) -> str:
    choices = ", ".join(f"`{one}`" for one in schema.get("enum", ()) if one)
    form = choices or _FORMS.get(schema["type"], schema["type"])
    default = schema.get("default")
    if needed:
        return f" ({form}; needed)"
    if default in ("", [], {}, None):
        return f" ({form})"
    return f" ({form}; {str(default).lower()} unless said)"


def _said(schema: dict[str, Any]) -> str:
    return f": {schema['description']}" if "description" in schema else ""


def document(text: str) -> str:
    """Return the document with the part behind the mark written anew."""
    return text.partition(MARK)[0] + MARK + "\n" + reference()


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
    print(f"wrote {DOCUMENT}")
