"""Short ways to write what a tool answers on the wire: content, and questions to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.types import (
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    ImageContent,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
    TextContent,
)

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context
    from mcp.types import ContentBlock

    Question = ElicitRequest | CreateMessageRequest | ListRootsRequest

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
"""One red pixel."""


def answer(*content: ContentBlock | str) -> CallToolResult:
    """An answer of some content; a string is text."""
    return CallToolResult(
        content=[TextContent(text=one) if isinstance(one, str) else one for one in content]
    )


def image() -> ImageContent:
    """A picture of one pixel."""
    return ImageContent(data=PNG, mime_type="image/png")


def form(message: str, **properties: str | dict[str, Any]) -> ElicitRequest:
    """A question by a form: each property a type, or a schema."""
    return ElicitRequest(
        params=ElicitRequestFormParams(
            message=message,
            requested_schema={
                "type": "object",
                "properties": {
                    name: {"type": said} if isinstance(said, str) else said
                    for name, said in properties.items()
                },
                "required": list(properties),
            },
        )
    )


def completion(text: str, most: int) -> CreateMessageRequest:
    """A question to the client's model."""
    message = SamplingMessage(role="user", content=TextContent(text=text))
    return CreateMessageRequest(
        params=CreateMessageRequestParams(messages=[message], max_tokens=most)
    )


def asked(state: str | None = None, **questions: Question) -> InputRequiredResult:
    """An answer that asks back, as there is since 2026-07-28."""
    return InputRequiredResult(input_requests=dict(questions), request_state=state)


def said(context: Context, key: str, field: str) -> Any:
    """What was put into a field of the form of a key; ``None`` where it was not answered."""
    given = (context.input_responses or {}).get(key)
    if not isinstance(given, ElicitResult) or given.action != "accept":
        return None
    return (given.content or {}).get(field)
