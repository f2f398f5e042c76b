"""What the conformance suite has the server ask: in the middle of a call, and as its answer.

Where the suite leaves open how a question is put, it is put by the server's own ``consent``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from mcp import MCPError
from mcp.server.mcpserver import Context  # noqa: TC002 - the SDK reads what is annotated
from mcp.server.mcpserver.prompts.base import Prompt
from mcp.shared.message import ServerMessageMetadata
from mcp.types import (
    CallToolResult,
    ClientCapabilities,
    CreateMessageResult,
    ElicitResult,
    InputRequiredResult,
    ListRootsRequest,
    ListRootsResult,
    Result,
    SamplingCapability,
    TextContent,
)
from mcp.types.jsonrpc import MISSING_REQUIRED_CLIENT_CAPABILITY

from anvil_nb.mcp_server import consent
from tests.mcp_server.clients.wire import answer, asked, completion, form, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server import MCPServer
    from mcp.types import ServerRequest

    from tests.mcp_server.clients.wire import Question

Answer = CallToolResult | InputRequiredResult
Given = TypeVar("Given", bound=Result)


def add_questions(server: MCPServer[Any]) -> None:
    """Add the tools that ask."""
    for name, fn in {**IN_A_CALL, **AS_AN_ANSWER}.items():
        server.add_tool(fn, name, description=f"For the suite: {name}.", structured_output=False)
    server.add_prompt(
        Prompt.from_function(about, PROMPT, description="For the suite: a prompt that asks.")
    )


async def put(context: Context, question: ServerRequest, result: type[Given]) -> Given:
    """Ask in the middle of a call, as was done until 2025-11-25.

    The question goes out on the stream of the call. On the other stream it would be lost where the
    client has not opened that one yet.
    """
    stream = ServerMessageMetadata(related_request_id=context.request_id)
    given: Given = await context.session.send_request(question, result, metadata=stream)
    return given


async def ask_user(message: str, ctx: Context) -> CallToolResult:
    given = await put(ctx, form(message, username="string", email="string"), ElicitResult)
    return answer(f"User response: action={given.action}, content={given.content}")


async def ask_model(prompt: str, ctx: Context) -> CallToolResult:
    given = await put(ctx, completion(prompt, 100), CreateMessageResult)
    assert isinstance(given.content, TextContent)
    return answer(f"LLM response: {given.content.text}")


async def ask_with_defaults(ctx: Context) -> CallToolResult:
    question = form(
        "Who are you?",
        name={"type": "string", "default": "John Doe"},
        age={"type": "integer", "default": 30},
        score={"type": "number", "default": 95.5},
        status={"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        verified={"type": "boolean", "default": True},
    )
    given = await put(ctx, question, ElicitResult)
    return answer(f"Elicitation completed: action={given.action}, content={given.content}")


async def ask_with_choices(ctx: Context) -> CallToolResult:
    plain = ["option1", "option2", "option3"]
    titled = [{"const": f"value{n}", "title": f"The {n}. choice"} for n in (1, 2, 3)]
    question = form(
        "Which ones?",
        untitledSingle={"type": "string", "enum": plain},
        titledSingle={"type": "string", "oneOf": titled},
        legacyEnum={
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        untitledMulti={"type": "array", "items": {"type": "string", "enum": plain}},
        titledMulti={"type": "array", "items": {"anyOf": titled}},
    )
    given = await put(ctx, question, ElicitResult)
    return answer(f"Elicitation completed: action={given.action}")


async def hello(ctx: Context) -> Answer:
    name = said(ctx, "user_name", "name")
    if name is None:
        return asked(user_name=form("What is your name?", name="string"))
    return answer(f"Hello, {name}!")


async def capital(ctx: Context) -> Answer:
    given = (ctx.input_responses or {}).get("capital_question")
    if not isinstance(given, CreateMessageResult) or not isinstance(given.content, TextContent):
        return asked(capital_question=completion("What is the capital of France?", 100))
    return answer(given.content.text)


async def roots(ctx: Context) -> Answer:
    given = (ctx.input_responses or {}).get("client_roots")
    if not isinstance(given, ListRootsResult):
        return asked(client_roots=ListRootsRequest())
    return answer(", ".join(str(root.uri) for root in given.roots))


async def confirmed(ctx: Context) -> Answer:
    given = await consent.ask(ctx, "Please confirm", "the plan that was shown")
    return given if isinstance(given, InputRequiredResult) else answer(f"state-ok, {given}")


async def everything(ctx: Context) -> Answer:
    given = ctx.input_responses or {}
    questions: dict[str, Question] = {
        "user_name": form("What is your name?", name="string"),
        "greeting": completion("Generate a greeting", 50),
        "client_roots": ListRootsRequest(),
    }
    if ctx.request_state != "all at once" or questions.keys() - given:
        return asked("all at once", **questions)
    return answer("All was answered.")


async def in_rounds(ctx: Context) -> Answer:
    if said(ctx, "step1", "name"):
        return asked("step2", step2=form("Step 2: What is your favorite color?", color="string"))
    if ctx.request_state == "step2" and (color := said(ctx, "step2", "color")):
        return answer(f"You like {color}.")
    return asked("step1", step1=form("Step 1: What is your name?", name="string"))


async def as_declared(ctx: Context) -> Answer:
    questions: dict[str, Question] = {}
    if consent.can_ask(ctx):
        questions["user_name"] = form("What is your name?", name="string")
    declared = ctx.client_capabilities
    if declared is not None and declared.sampling is not None:
        questions["greeting"] = completion("Generate a greeting", 50)
    return asked(None, **questions)


async def needing_a_model(ctx: Context) -> CallToolResult:
    needed = ClientCapabilities(sampling=SamplingCapability())
    if not ctx.session.check_client_capability(needed):
        raise MCPError(
            code=MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="This tool needs a client with a model",
            data={"requiredCapabilities": {"sampling": {}}},
        )
    return answer("The client has a model.")


PROMPT = "test_input_required_result_prompt"


async def about(ctx: Context) -> str | InputRequiredResult:
    context = said(ctx, "user_context", "context")
    if context is None:
        return asked(user_context=form("What context should the prompt use?", context="string"))
    return f"In the context of {context}"


IN_A_CALL: dict[str, Callable[..., Any]] = {
    "test_elicitation": ask_user,
    "test_sampling": ask_model,
    "test_elicitation_sep1034_defaults": ask_with_defaults,
    "test_elicitation_sep1330_enums": ask_with_choices,
}
AS_AN_ANSWER: dict[str, Callable[..., Any]] = {
    "test_input_required_result_elicitation": hello,
    "test_input_required_result_sampling": capital,
    "test_input_required_result_list_roots": roots,
    "test_input_required_result_request_state": confirmed,
    "test_input_required_result_tampered_state": confirmed,
    "test_input_required_result_multiple_inputs": everything,
    "test_input_required_result_multi_round": in_rounds,
    "test_input_required_result_capabilities": as_declared,
    "test_streaming_elicitation": confirmed,
    "test_missing_capability": needing_a_model,
}
