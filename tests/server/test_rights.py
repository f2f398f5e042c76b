"""Who may do what: tokens, scopes, tenants."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from anvil_nb.access import acting_in
from anvil_nb.domain.rights import RIGHTS
from anvil_nb.errors import ForbiddenError, NotFoundError
from tests.server.calls import ADMIN, CALLS, ELSEWHERE, OTHERS, READ, WRITE, Call
from tests.server.conftest import API, PROMPT, error_of

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace
    from tests.server.conftest import Server, Starter
    from tests.services.conftest import Clock

_WRITES = [call for call in CALLS if call.method != "GET" and call.operation != "render_prompt"]


def ids_of(server: Server) -> dict[str, str]:
    """Return ids of what ``acme`` has."""
    ws = server.workspaces["acme"]
    token = ws.create_token(f"t-{uuid4().hex}", ["read:prompts"]).token
    return {
        "project": ws.project("desk").id,
        "set": ws.set("desk/emails").id,
        "token": token.id,
        "member": str(ws.access.actor.user_id),
    }


def sound(call: Call, ws: Workspace) -> Call:
    """Return a call whose body names what is there."""
    if call.operation != "restore_prompt":
        return call
    return replace(call, body={"digest": ws.get("desk/emails/welcome").digest})


def test_every_operation_is_called_here(server: Server) -> None:
    described = [
        operation["operationId"]
        for path, methods in server.app.openapi()["paths"].items()
        if not path.startswith(ELSEWHERE)
        for operation in methods.values()
    ]
    assert sorted(described) == sorted([*OTHERS, *(call.operation for call in CALLS)])


def test_every_operation_succeeds_with_the_one_scope_that_it_needs(
    server: Server, desk: Workspace
) -> None:
    clients = {scope: server.ask(scope) for scope in (READ, WRITE, ADMIN)}
    ids = ids_of(server)
    for call in CALLS:
        answer = sound(call, desk).send(clients[call.scope], ids)
        assert answer.status_code in {200, 201, 204}, (call, answer.text)
        if call.operation == "remove_prompt":  # for those that come after it
            desk.publish("desk/emails") if desk.find("desk/emails/copied@draft") else None


def test_no_operation_succeeds_without_its_scope(server: Server, desk: Workspace) -> None:
    covering = {READ: {READ, WRITE, ADMIN}, WRITE: {WRITE, ADMIN}, ADMIN: {ADMIN}}
    clients = {scope: server.ask(scope) for scope in RIGHTS}
    ids, before = ids_of(server), _state(desk)
    for call in CALLS:
        for scope in set(RIGHTS) - covering[call.scope]:
            answer = call.send(clients[scope], ids)
            assert answer.status_code == 403, (call, scope)
            said = f"this needs a token with the scope '{call.scope}'"
            assert error_of(answer)["message"] == said
    assert _state(desk) == before


def test_no_operation_succeeds_without_a_token_that_holds(
    server: Server, desk: Workspace, clock: Clock
) -> None:
    ids = ids_of(server)
    late = server.ask("admin", expires="1h")
    revoked = server.ask("admin")
    names = [one.name for one in desk.tokens()]
    desk.revoke_token(names[0])
    clock.now += timedelta(hours=2)
    headers: list[dict[str, str]] = [
        {},
        {"Authorization": "Bearer ank_" + "x" * 43},
        {"Authorization": "Bearer nothing"},
        {"Authorization": "Basic YWRhOmFkYQ=="},
        {"Authorization": str(late.headers["Authorization"])},
        {"Authorization": str(revoked.headers["Authorization"])},
    ]
    said: set[str] = set()
    with httpx.Client(base_url=server.url + API) as anybody:
        for call in CALLS:
            for one in headers:
                answer = call.send(anybody, ids, headers=one)
                assert answer.status_code == 401, call
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
                error = error_of(answer)
                said.add(str({**error, "request_id": ""}))
    assert len(said) == 1
    assert desk.get("desk/emails/welcome@draft").template == "Welcome {{ name }}"


def test_a_token_of_another_organisation_finds_exactly_what_it_would_without_this_one(
    start: Starter,
) -> None:
    """All that it is answered is the same before and after ``acme`` has anything."""
    server = start()
    rival = server.ask("admin", organisation="rival")
    nothing = {name: str(uuid4()) for name in ("project", "set", "token", "member")}
    reads = [call for call in CALLS if call.method == "GET"]
    named = [call for call in CALLS if call.names_it]
    before = {call.operation: _told(call.send(rival, nothing)) for call in reads + named}
    ws = server.workspaces["acme"]
    ws.save("desk/emails/welcome", "Welcome {{ name }}")
    ws.publish("desk/emails")
    ws.label("desk/emails@1.0.0", "production")
    ids = ids_of(server)
    state = _state(ws)
    for call in reads + named:
        answer = sound(call, ws).send(rival, ids)
        if call.operation != "list_audit":
            assert _told(answer) == before[call.operation], call
        if call.names_it and call.operation != "create_set":
            assert answer.status_code == 404, call
    for call in CALLS:  # what a path does not name lands in the token's own organisation
        sound(call, ws).send(rival, ids)
    assert _state(ws) == state
    body = {"to": "@acme/desk/emails/stolen", "at": "latest"}
    rival.put("prompts/by_address/desk/emails/welcome", json={"template": "Mine"})
    assert rival.post(f"{PROMPT}/copy", json=body).status_code == 404
    assert _state(ws) == state


def _told(answer: httpx.Response) -> tuple[int, str]:
    """Return what was answered, without ids and times."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}", "ID", answer.text)
    text = re.sub(r"20\d\d-\d\d-\d\dT[0-9:.]+Z", "TIME", text)
    return answer.status_code, text


def _state(ws: Workspace) -> list[Any]:
    """Return all that an organisation has of prompts."""
    with ws.access.engine.read() as tx:
        who = ws.access.organisation_id
        return [
            tx.rows("select slug, title from projects where organisation_id = $1", who),
            tx.rows(
                "select path, title, revision from prompt_sets where organisation_id = $1", who
            ),
            tx.rows(
                "select address, digest from entries where organisation_id = $1 order by address",
                who,
            ),
            tx.rows("select count(*) from objects where organisation_id = $1", who),
            tx.rows("select count(*) from audit where organisation_id = $1", who),
            tx.rows("select slug, title from organisations where id = $1", who),
            tx.rows(
                "select id, revoked_at from tokens where organisation_id = $1 order by id", who
            ),
        ]


def test_services_refuse_what_the_scopes_do_not_grant_whatever_the_surface_does(
    desk: Workspace,
) -> None:
    from anvil_nb.accounts import tokens
    from anvil_nb.catalog import groups, lookup, prompts
    from anvil_nb.domain.address import Address

    access = desk.access
    reader = replace(access, actor=replace(access.actor, scopes=frozenset({READ})))
    address = Address.parse("desk/emails/welcome")
    with reader.read() as tx:
        assert lookup.get_in(reader, tx, address).template == "Hello {{ name }}"
    with pytest.raises(ForbiddenError):
        prompts.save(reader, address, "Other")
    with pytest.raises(ForbiddenError):
        groups.create_project(reader, "new")
    with pytest.raises(ForbiddenError):
        tokens.ls(reader)
    nobody = replace(access, actor=replace(access.actor, scopes=frozenset()))
    with pytest.raises(ForbiddenError):
        groups.show_project(nobody, "desk")


def test_whoever_acts_by_a_token_stays_in_its_organisation(server: Server) -> None:
    access = server.workspaces["acme"].access
    assert acting_in(access, "rival").actor.organisation == "rival"
    bearer = replace(access, actor=replace(access.actor, scopes=frozenset({ADMIN})))
    with pytest.raises(NotFoundError):
        acting_in(bearer, "rival")


def test_a_revoked_token_ends_at_once_and_its_name_is_free_again(
    server: Server, desk: Workspace
) -> None:
    del desk
    admin = server.ask("admin")
    made = admin.post("tokens", json={"name": "ci", "scopes": ["read:prompts"]}).json()
    assert admin.post("tokens", json={"name": "ci", "scopes": ["sync"]}).status_code == 409
    with httpx.Client(
        base_url=server.url + API, headers={"Authorization": f"Bearer {made['token']}"}
    ) as ci:
        assert ci.get("organisation").status_code == 200
        assert admin.delete(f"tokens/{made['id']}").status_code == 204
        assert ci.get("organisation").status_code == 401
    assert admin.delete(f"tokens/{uuid4()}").status_code == 404
    again = admin.post("tokens", json={"name": "ci", "scopes": ["sync"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (201, "no-store")


def test_a_token_is_shown_once_and_kept_nowhere(server: Server) -> None:
    admin = server.ask("admin")
    body = {"name": "ci", "scopes": [READ], "expires": "never"}
    made = admin.post("tokens", json=body, headers={"Idempotency-Key": "k"}).json()
    assert made["expires_at"] is None
    secret = made["token"]
    assert re.fullmatch(r"ank_[A-Za-z0-9_-]{43}", secret)
    assert secret not in admin.get("tokens").text
    with server.workspaces["acme"].access.engine.read() as tx:
        for kept in (
            tx.rows("select * from tokens"),
            tx.rows("select * from audit"),
            tx.rows("select * from idempotency_keys"),
        ):
            assert kept
            assert secret.removeprefix("ank_") not in str(kept)


def test_the_last_use_of_a_token_is_recorded_at_most_once_a_minute(
    server: Server, desk: Workspace
) -> None:
    del desk
    admin = server.ask("admin")
    bearers = server.app.state.instance.bearers

    def last_used() -> Any:
        return admin.get("tokens").json()["data"][0]["last_used_at"]

    used = None
    deadline = time.monotonic() + 10
    while used is None and time.monotonic() < deadline:  # it is recorded behind an answer
        used = last_used()
    assert used is not None
    for _ in range(20):
        assert admin.get(PROMPT).status_code == 200
        assert bearers.has_uses is False
    assert last_used() == used


def test_writes_are_entered_in_the_audit_with_their_transaction(
    server: Server, desk: Workspace
) -> None:
    admin = server.ask("admin")
    ids = ids_of(server)
    assert list(desk.audit()) == []  # what is done at a workspace is not entered
    for call in _WRITES:
        answer = sound(call, desk).send(admin, ids)
        assert answer.status_code in {200, 201, 204}, (call, answer.text)
        entry = desk.audit(limit=1).entries[0]
        assert entry.request_id == answer.headers["X-Request-Id"], call
        assert (entry.actor, entry.token is not None) == ("ada", True)
        assert entry.action
        assert entry.resource
        if call.operation == "remove_prompt":
            desk.publish("desk/emails")
    saved = next(one for one in desk.audit() if one.action == "save")
    assert saved.resource == "desk/emails/welcome"
    assert (saved.before or "").startswith("sha256:")
    assert (saved.after or "").startswith("sha256:")
    assert saved.before != saved.after


def test_a_write_that_fails_or_changes_nothing_enters_nothing(
    server: Server, desk: Workspace
) -> None:
    admin = server.ask("admin")
    assert admin.put(PROMPT, json={"template": "Welcome {{ name }}"}).status_code == 200
    assert admin.put(PROMPT, json={"template": "{% if %}"}).status_code == 422
    assert admin.post("projects", json={"name": "desk"}).status_code == 409
    assert list(desk.audit()) == []


def test_a_service_that_notes_nothing_is_entered_under_its_route(desk: Workspace) -> None:
    from anvil_nb.store.audit import Note, Trail

    access = desk.access
    trail = Trail("request-1", uuid4(), Note("some_route", "/api/v1/some"))
    with replace(access, trail=trail).write() as tx:
        tx.execute("update organisations set title = $1", "Touched")
    entry = desk.audit().entries[0]
    assert (entry.action, entry.resource) == ("some_route", "/api/v1/some")


def test_the_audit_comes_page_by_page_and_by_resource(server: Server, desk: Workspace) -> None:
    del desk
    admin = server.ask("admin")
    for number in range(3):
        admin.put(PROMPT, json={"template": f"{number}"})
    admin.post("projects", json={"name": "attic"})
    first = admin.get("audit", params={"limit": "2"}).json()
    rest = admin.get("audit", params={"cursor": first["meta"]["cursor"]}).json()
    assert [one["resource"] for one in first["data"] + rest["data"]] == [
        "attic", "desk/emails/welcome", "desk/emails/welcome", "desk/emails/welcome",
    ]  # fmt: skip
    some = admin.get("audit", params={"resource": "attic"}).json()["data"]
    assert [one["action"] for one in some] == ["create"]
    assert admin.get("audit", params={"cursor": "x"}).status_code == 422
