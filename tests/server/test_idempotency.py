"""A write that is sent again under its key is not done again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.server.conftest import PROMPT, SET, error_of

if TYPE_CHECKING:
    import httpx
    import pytest

    from anvil_nb.workspace import Workspace
    from tests.server.conftest import Server
    from tests.services.conftest import Clock

KEY = {"Idempotency-Key": "2f1b"}


def test_a_request_sent_again_is_answered_as_it_was(admin: httpx.Client, ws: Workspace) -> None:
    made = admin.post("projects", json={"name": "desk"}, headers=KEY)
    again = admin.post("projects", json={"name": "desk"}, headers=KEY)
    assert (made.status_code, again.status_code) == (201, 201)
    assert again.content == made.content
    assert again.headers["ETag"] == made.headers["ETag"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in made.headers
    assert len(list(ws.audit())) == 1
    assert admin.post("projects", json={"name": "desk"}).status_code == 409


def test_another_request_under_the_key_is_refused(admin: httpx.Client) -> None:
    admin.post("projects", json={"name": "desk"}, headers=KEY)
    for answer in (
        admin.post("projects", json={"name": "other"}, headers=KEY),
        admin.post("projects/desk/prompt_sets", json={"name": "desk"}, headers=KEY),
        admin.delete("projects/desk", headers=KEY),
    ):
        assert answer.status_code == 422
        assert "idempotency key" in error_of(answer)["message"]


def test_a_key_belongs_to_its_token(server: Server) -> None:
    one, two = server.ask(), server.ask()
    assert one.post("projects", json={"name": "desk"}, headers=KEY).status_code == 201
    assert two.post("projects", json={"name": "desk"}, headers=KEY).status_code == 409
    rival = server.ask(organisation="rival")
    assert rival.post("projects", json={"name": "desk"}, headers=KEY).status_code == 201


def test_a_request_that_failed_may_be_sent_again(admin: httpx.Client, ws: Workspace) -> None:
    assert admin.post(f"{SET}/versions", json={}, headers=KEY).status_code == 404
    ws.save("desk/emails/welcome", "x")
    assert admin.post(f"{SET}/versions", json={}, headers=KEY).status_code == 201
    again = admin.post(f"{SET}/versions", json={}, headers=KEY)
    assert (again.status_code, again.json()["created"]) == (201, True)


def test_of_many_at_once_one_is_done(server: Server, ws: Workspace) -> None:
    client = server.ask()

    def save(_: int) -> httpx.Response:
        return client.post("projects", json={"name": "desk"}, headers=KEY)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(save, range(6)))
    assert {one.status_code for one in answers} <= {201, 409}
    assert len({one.content for one in answers if one.status_code == 201}) == 1
    assert len(list(ws.audit())) == 1


def test_a_key_whose_answer_was_lost_says_that_it_was_done(
    server: Server, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server is killed between the write and its answer."""
    from anvil_nb.store import idempotency

    def lost(*_: object) -> None:
        raise OSError("cut off")

    client = server.ask()
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "keep", lost)
        assert client.post("projects", json={"name": "desk"}, headers=KEY).status_code == 500
    again = client.post("projects", json={"name": "desk"}, headers=KEY)
    assert (again.status_code, error_of(again)["code"]) == (409, "repeated")
    assert [one.address for one in ws.ls()] == ["desk"]


def test_a_token_is_not_kept_to_be_answered_again(server: Server) -> None:
    client = server.ask()
    body = {"name": "ci", "scopes": ["sync"]}
    made = client.post("tokens", json=body, headers=KEY).json()
    again = client.post("tokens", json=body, headers=KEY).json()
    assert made["token"].startswith("ank_")
    assert again == {**made, "token": None}


def test_keys_are_forgotten_after_a_day(server: Server, clock: Clock) -> None:
    client = server.ask(expires="7d")
    assert client.post("projects", json={"name": "desk"}, headers=KEY).status_code == 201
    clock.now += timedelta(days=2)
    server.app.state.instance._forget_at = 0.0
    other = {"Idempotency-Key": "other"}
    assert client.post("projects", json={"name": "other"}, headers=other).status_code == 201
    assert client.post("projects", json={"name": "desk"}, headers=KEY).status_code == 409


def test_what_is_no_key_is_refused(admin: httpx.Client) -> None:
    for key in ("", "a b", "x" * 201):
        answer = admin.put(PROMPT, json={"template": "x"}, headers={"Idempotency-Key": key})
        assert answer.status_code == 422, key
