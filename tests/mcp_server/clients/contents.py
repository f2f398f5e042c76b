"""What the conformance suite reads under fixed names: tools, resources and prompts."""

from __future__ import annotations

import base64
import io
import json
import wave
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import Prompt, UserMessage
from mcp.types import (
    AudioContent,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    EmbeddedResource,
    TextResourceContents,
)
from pydantic import Field

from tests.mcp_server.clients.wire import PNG, answer, image

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server import MCPServer

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
"""A schema with most words of JSON Schema 2020-12, which a list of tools has to hold unchanged."""


def resource(uri: str, text: str, kind: str = "text/plain") -> EmbeddedResource:
    """A resource inside of an answer."""
    return EmbeddedResource(resource=TextResourceContents(uri=uri, text=text, mime_type=kind))


def add_tools(server: MCPServer[Any]) -> None:
    """Add the tools whose answers show each kind of content."""

    def simple() -> CallToolResult:
        return answer("This is a simple text response for testing.")

    def picture() -> CallToolResult:
        return answer(image())

    def sound() -> CallToolResult:
        held = io.BytesIO()
        with wave.open(held, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(8000)
            file.writeframes(b"\x80")
        data = base64.b64encode(held.getvalue()).decode()
        return answer(AudioContent(data=data, mime_type="audio/wav"))

    def embedded() -> CallToolResult:
        return answer(resource("test://embedded-resource", "This is an embedded resource content."))

    def several() -> CallToolResult:
        text = json.dumps({"test": "data", "value": 123})
        held = resource("test://mixed-content-resource", text, "application/json")
        return answer("Multiple content types test:", image(), held)

    def refusing() -> CallToolResult:
        raise ToolError("This tool intentionally returns an error for testing")

    def placed(
        region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
    ) -> CallToolResult:
        return answer(f"In {region}.")

    def schooled(name: str = "") -> CallToolResult:
        return answer(f"Hello, {name}.")

    tools: dict[str, Callable[..., CallToolResult]] = {
        "test_simple_text": simple,
        "test_image_content": picture,
        "test_audio_content": sound,
        "test_embedded_resource": embedded,
        "test_multiple_content_types": several,
        "test_error_handling": refusing,
        "test_region_header": placed,
        "json_schema_2020_12_tool": schooled,
    }
    for name, fn in tools.items():
        server.add_tool(fn, name, description=f"For the suite: {name}.", structured_output=False)
    tool = server._tool_manager.get_tool("json_schema_2020_12_tool")
    assert tool is not None
    tool.parameters = SCHEMA


def add_resources(server: MCPServer[Any]) -> None:
    """Add resources of text, of bytes and of a template."""

    @server.resource("test://static-text", description="Text.", mime_type="text/plain")
    def text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", description="A pixel.", mime_type="image/png")
    def binary() -> bytes:
        return base64.b64decode(PNG)

    @server.resource("test://watched-resource", description="To subscribe to.")
    def watched() -> str:
        return "Watched."

    @server.resource("test://template/{id}/data", description="One for each id.",
                     mime_type="application/json")  # fmt: skip
    def templated(id: str) -> str:  # noqa: A002 - the template's variable has this name
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


def add_prompts(server: MCPServer[Any]) -> None:
    """Add prompts with and without arguments, and what completes those."""

    def simple() -> str:
        return "This is a simple prompt for testing."

    def with_arguments(arg1: str, arg2: str) -> str:
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    def with_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 - the suite's name
        return [
            UserMessage(resource(resourceUri, "Embedded resource content for testing.")),
            UserMessage("Please process the embedded resource above."),
        ]

    def with_image() -> list[UserMessage]:
        return [UserMessage(image()), UserMessage("Please analyze the image above.")]

    prompts: dict[str, Callable[..., Any]] = {
        "test_simple_prompt": simple,
        "test_prompt_with_arguments": with_arguments,
        "test_prompt_with_embedded_resource": with_resource,
        "test_prompt_with_image": with_image,
    }
    for name, fn in prompts.items():
        server.add_prompt(Prompt.from_function(fn, name, description=f"For the suite: {name}."))


def add_completion(server: MCPServer[Any]) -> None:
    """Add a completion where the server has none of its own."""
    if server._lowlevel_server.get_request_handler("completion/complete") is not None:
        return

    async def complete(*_: Any) -> CompleteResult:
        return CompleteResult(completion=Completion(values=["test"]))

    server._lowlevel_server.add_request_handler(
        "completion/complete", CompleteRequestParams, complete
    )
