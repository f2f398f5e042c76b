"""Prompts: ``/prompts/by_address/{project}/{set}/{prompt}``.

Reading one is what programs do all day: its answer is kept, ready to send, until the store
changes; ``hot`` sends it then, and what is here answers the first time.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from fastapi import Request, Response
from starlette.responses import JSONResponse

from anvil_nb.access import Access
from anvil_nb.catalog import lookup, prompts
from anvil_nb.catalog.history import draft_log
from anvil_nb.domain.address import Draft, parse_prompt_address
from anvil_nb.errors import MovedSinceError
from anvil_nb.server import conditions
from anvil_nb.server.answers import Ready, tag_of
from anvil_nb.server.auth import instance_of
from anvil_nb.server.conditions import ANY, IfMatch, IfNoneMatch
from anvil_nb.server.models import (
    Copy,
    DraftChange,
    Page,
    Prompt,
    Rename,
    Render,
    Rendered,
    Restore,
    Saved,
    SavedPrompt,
    page_of,
)
from anvil_nb.server.places import At, PromptAddress, Reader, Writer, at
from anvil_nb.server.routing import (
    DEFAULT_LIMIT,
    NOT_MODIFIED,
    READ,
    WRITE,
    ChangeCursor,
    Limit,
    api_router,
    once,
)
from anvil_nb.store import entries

if TYPE_CHECKING:
    from anvil_nb.domain.address import Address
    from anvil_nb.server.instance import Instance

router = api_router("/prompts", "prompts")
AT_ADDRESS = "/by_address/{project}/{set}/{prompt}"


@router.get(
    AT_ADDRESS,
    response_model=Prompt,
    operation_id="get_prompt",
    responses=READ | NOT_MODIFIED,
)
async def get_prompt(
    access: Reader, address: PromptAddress, request: Request, selector: At = None
) -> Response:
    """Return a prompt: its latest version, or what `at` says."""
    instance = instance_of(request)
    key = (access.organisation_id, address.path, selector or "")
    ready = instance.answers.find(key)
    if ready is None:
        wanted = at(address, selector)
        ready = await anyio.to_thread.run_sync(_read, instance, access, wanted, key)
    if conditions.is_unchanged(request, ready.etag):
        return conditions.unchanged(ready.etag)
    return ready.response()


def _read(instance: Instance, access: Access, address: Address, key: Any) -> Ready:
    with access.read() as tx:
        prompt = lookup.get_in(access, tx, address)
        generation = tx.generation
    body = JSONResponse(prompt.to_json()).body
    # The digest first: it is what a write under If-Match goes by.
    ready = Ready.of(bytes(body), f'"{prompt.digest}.{tag_of(bytes(body))[1:13]}"')
    instance.answers.keep(key, generation, ready)
    return ready


@router.put(
    AT_ADDRESS,
    response_model=Saved,
    operation_id="save_prompt",
    responses=WRITE | {201: {"model": Saved, "description": "A prompt that is new"}},
    dependencies=[once],
)
def save_prompt(
    access: Writer,
    address: PromptAddress,
    body: SavedPrompt,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """Save a prompt in the draft; project and set are made when they are new.

    With `If-Match` the draft must be what was read; with `If-None-Match: *` there must be none.
    """
    fields = dict(body.metadata)
    if body.parameters is not None:
        fields["parameters"] = body.parameters
    if body.syntax is not None:
        fields["syntax"] = body.syntax
    saved = prompts.save(
        access,
        address,
        body.template,
        fields=fields,
        message=body.message,
        expect=_expected(access, address, if_match, if_none_match),
    )
    if saved.previous is None:
        response.status_code = 201
    return _told(saved, response)


@router.delete(
    AT_ADDRESS,
    status_code=204,
    operation_id="remove_prompt",
    responses=WRITE,
    dependencies=[once],
)
def remove_prompt(access: Writer, address: PromptAddress, if_match: IfMatch = None) -> None:
    """Remove a prompt from the draft; versions and history keep it."""
    prompts.remove(access, address, expect=conditions.expected_digest(if_match))


@router.post(
    f"{AT_ADDRESS}/render",
    response_model=Rendered,
    operation_id="render_prompt",
    responses=WRITE,
)
def render_prompt(
    access: Reader, address: PromptAddress, body: Render, request: Request
) -> dict[str, Any]:
    """Render a prompt with values."""
    now: datetime = instance_of(request).clock()
    with access.read() as tx:
        prompt = lookup.get_in(access, tx, at(address, body.at))
    made = prompt.render(body.variables, at=now)
    messages = [one.to_json() for one in made.messages]
    return {
        "rendered": made.text,
        "messages": messages or None,
        "metadata": {
            "address": made.address,
            "template_version": prompt.version,
            "digest": made.digest,
            "rendered_at": now,
        },
    }


@router.post(
    f"{AT_ADDRESS}/rename",
    response_model=Prompt,
    operation_id="rename_prompt",
    responses=WRITE,
    dependencies=[once],
)
def rename_prompt(
    access: Writer, address: PromptAddress, body: Rename, if_match: IfMatch = None
) -> Any:
    """Give a prompt of the draft another name; it keeps its history."""
    expect = conditions.expected_digest(if_match)
    prompts.rename(access, address, body.name, message=body.message, expect=expect)
    renamed = address.with_prompt(body.name).with_selector(Draft())
    with access.read() as tx:
        return lookup.get_in(access, tx, renamed).to_json()


@router.post(
    f"{AT_ADDRESS}/copy",
    response_model=Saved,
    status_code=201,
    operation_id="copy_prompt",
    responses=WRITE,
    dependencies=[once],
)
def copy_prompt(access: Writer, address: PromptAddress, body: Copy, response: Response) -> Any:
    """Copy a prompt, from the draft or a version, into a draft at another address."""
    target = parse_prompt_address(body.to)
    copied = prompts.copy(access, at(address, body.at), target, message=body.message)
    return _told(copied, response)


@router.post(
    f"{AT_ADDRESS}/restore",
    response_model=Saved,
    operation_id="restore_prompt",
    responses=WRITE,
    dependencies=[once],
)
def restore_prompt(
    access: Writer, address: PromptAddress, body: Restore, response: Response
) -> Any:
    """Put a content that the draft once had back into it."""
    return _told(prompts.restore(access, address, body.digest, message=body.message), response)


@router.get(
    f"{AT_ADDRESS}/draft_log",
    response_model=Page[DraftChange],
    operation_id="list_prompt_changes",
    responses=READ,
)
def list_changes(
    access: Reader,
    address: PromptAddress,
    limit: Limit = DEFAULT_LIMIT,
    cursor: ChangeCursor = None,
) -> dict[str, Any]:
    """List the changes of a prompt in the draft, under all its names, the newest first."""
    page = draft_log(access, address, limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in page], page.cursor)


def _expected(
    access: Access, address: Address, if_match: str | None, if_none_match: str | None
) -> str | None:
    """Return the digest that the draft must have, ``new``, or ``None`` for any."""
    if if_none_match is not None:
        return prompts.NEW
    if if_match != ANY:
        return conditions.expected_digest(if_match)
    with access.read() as tx:
        entry = entries.lookup(tx, access.organisation_id, f"{address.path}@{entries.DRAFT}")
    if entry is None:
        msg = f"there is no {address.path} in the draft"
        raise MovedSinceError(msg, "Leave out If-Match to make it.")
    return entry.digest


def _told(saved: Any, response: Response) -> Any:
    response.headers["ETag"] = f'"{saved.digest}"'
    return saved.to_json()
