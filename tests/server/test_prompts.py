"""Prompts over HTTP: read, saved, rendered, renamed, searched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.server.conftest import PROMPT, SET, error_of

if TYPE_CHECKING:
    import httpx

    from anvil_nb.workspace import Workspace


def after_change(client: httpx.Client, tag: str) -> str:
    """Return the draft's tag once it is another: what others write shows within 100 ms."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        now = client.get(PROMPT, params={"at": "draft"}).headers["ETag"]
        if now != tag:
            return now
    raise AssertionError("the change did not show")


def test_a_prompt_is_read_at_any_selector(admin: httpx.Client, desk: Workspace) -> None:
    latest = admin.get(PROMPT)
    assert latest.status_code == 200
    assert latest.json() == desk.get("desk/emails/welcome").to_json()
    assert admin.get(PROMPT, params={"at": "draft"}).json()["template"] == "Welcome {{ name }}"
    assert admin.get(PROMPT, params={"at": "production"}).json()["version"] == "1.0.0"
    assert admin.get(PROMPT, params={"at": "^1.0"}).json() == latest.json()
    assert error_of(admin.get(PROMPT, params={"at": "9.9.9"}))["type"] == "not_found_error"
    refused = admin.get(PROMPT, params={"at": "not a selector"})
    assert (refused.status_code, error_of(refused)["code"]) == (422, "invalid-address")


def test_what_a_client_has_already_is_not_sent_again(admin: httpx.Client, desk: Workspace) -> None:
    tag = admin.get(PROMPT, params={"at": "draft"}).headers["ETag"]
    for said in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = admin.get(PROMPT, params={"at": "draft"}, headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    desk.save("desk/emails/welcome", "Other")
    after_change(admin, tag)
    fresh = admin.get(PROMPT, params={"at": "draft"}, headers={"If-None-Match": tag})
    assert fresh.json()["template"] == "Other"


def test_a_change_of_a_partial_changes_the_tag_of_what_shows_its_parameters(
    admin: httpx.Client, ws: Workspace
) -> None:
    ws.save("desk/emails/part", "{{ a }}")
    ws.save("desk/emails/welcome", "{% render 'part' %}")
    before = admin.get(PROMPT, params={"at": "draft"})
    ws.save("desk/emails/part", "{{ a }}{{ b }}")
    after_change(admin, before.headers["ETag"])
    after = admin.get(PROMPT, params={"at": "draft"})
    assert after.json()["digest"] == before.json()["digest"]
    assert after.json()["parameters"] != before.json()["parameters"]


def test_a_save_makes_what_is_new_and_says_so(admin: httpx.Client, ws: Workspace) -> None:
    body = {
        "template": "Hi {{ name }}",
        "parameters": [{"name": "name", "type": "string", "required": True}],
        "metadata": {"description": "Greets", "tags": ["mail"], "model": "gpt"},
        "message": "Begun",
    }
    made = admin.put(PROMPT, json=body)
    assert (made.status_code, made.json()["changed"]) == (201, True)
    found = ws.get("desk/emails/welcome@draft")
    assert (found.digest, found.metadata.tags) == (made.json()["digest"], ("mail",))
    assert ws.draft_log("desk/emails").changes[0].message == "Begun"
    again = admin.put(PROMPT, json={"template": "Hi {{ name }}"})
    assert (again.status_code, again.json()["changed"]) == (200, False)
    assert ws.get("desk/emails/welcome@draft").parameters[0].required is True


def test_a_save_over_what_somebody_else_saved_is_refused_with_both_sides(
    admin: httpx.Client, desk: Workspace
) -> None:
    tag = admin.get(PROMPT, params={"at": "draft"}).headers["ETag"]
    desk.save("desk/emails/welcome", "Theirs")
    refused = admin.put(PROMPT, json={"template": "Ours"}, headers={"If-Match": tag})
    assert refused.status_code == 412
    context = error_of(refused)["context"]
    assert (context["theirs"], context["ours"]) == ("Theirs", "Ours")
    fresh = after_change(admin, tag)
    saved = admin.put(PROMPT, json={"template": "Ours"}, headers={"If-Match": fresh})
    assert saved.status_code == 200
    # The tag of a save is good for the next one.
    tag = saved.headers["ETag"]
    assert admin.put(PROMPT, json={"template": "2"}, headers={"If-Match": tag}).status_code == 200


def test_a_save_of_what_is_only_to_be_made_never_replaces(
    admin: httpx.Client, desk: Workspace
) -> None:
    del desk
    refused = admin.put(PROMPT, json={"template": "New"}, headers={"If-None-Match": "*"})
    assert refused.status_code == 412
    other = PROMPT.replace("welcome", "other")
    assert admin.put(other, json={"template": "1"}, headers={"If-Match": "*"}).status_code == 412
    made = admin.put(other, json={"template": "1"}, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    assert admin.put(other, json={"template": "2"}, headers={"If-Match": "*"}).status_code == 200
    for said, status in (('"abc"', 412), ("abc", 422), ('W/"abc"', 422)):
        answer = admin.put(other, json={"template": "3"}, headers={"If-Match": said})
        assert answer.status_code == status, said


def test_what_is_no_template_is_refused_with_its_place(admin: httpx.Client) -> None:
    error = error_of(admin.put(PROMPT, json={"template": "{% if %}"}))
    assert (error["code"], error["details"][0]["field"]) == ("invalid-template", "template")
    assert error["context"]["line"] == 1
    error = error_of(admin.put(PROMPT, json={"tmplate": "x"}))
    assert {one["field"] for one in error["details"]} == {"body.template", "body.tmplate"}


def test_a_prompt_is_removed_on_the_condition_that_it_was_read(
    admin: httpx.Client, desk: Workspace
) -> None:
    tag = admin.get(PROMPT, params={"at": "draft"}).headers["ETag"]
    desk.save("desk/emails/welcome", "Theirs")
    assert admin.delete(PROMPT, headers={"If-Match": tag}).status_code == 412
    tag = after_change(admin, tag)
    assert admin.delete(PROMPT, headers={"If-Match": tag}).status_code == 204
    assert admin.get(PROMPT, params={"at": "draft"}).status_code == 404
    assert admin.delete(PROMPT).status_code == 404


def test_a_prompt_is_rendered_with_values(admin: httpx.Client, desk: Workspace) -> None:
    made = admin.post(f"{PROMPT}/render", json={"variables": {"name": "Ada"}}).json()
    assert made["rendered"] == "Hello Ada"
    assert made["messages"] is None
    assert made["metadata"]["template_version"] == "1.0.0"
    assert made["metadata"]["digest"] == desk.get("desk/emails/welcome").digest
    refused = admin.post(f"{PROMPT}/render", json={"at": "draft"})
    assert (refused.status_code, error_of(refused)["code"]) == (422, "missing-value")
    assert error_of(refused)["details"][0]["field"] == "variables"


def test_a_chat_is_rendered_as_messages(admin: httpx.Client, ws: Workspace) -> None:
    block = "{%% message %s %%}%s{%% endmessage %%}"
    ws.save("desk/emails/welcome", block % ("system", "Be kind") + block % ("user", "Hi"))
    messages = admin.post(f"{PROMPT}/render", json={"at": "draft"}).json()["messages"]
    assert messages == [
        {"role": "system", "content": "Be kind"},
        {"role": "user", "content": "Hi"},
    ]


def test_a_prompt_is_renamed_copied_and_restored(admin: httpx.Client, desk: Workspace) -> None:
    first = desk.get("desk/emails/welcome").digest
    renamed = admin.post(f"{PROMPT}/rename", json={"name": "greeting"}).json()
    assert renamed["address"] == "desk/emails/greeting@draft"
    moved = PROMPT.replace("welcome", "greeting")
    copied = admin.post(f"{moved}/copy", json={"to": "desk/letters/greeting"})
    assert copied.status_code == 201
    assert desk.get("desk/letters/greeting@draft").template == "Welcome {{ name }}"
    restored = admin.post(f"{moved}/restore", json={"digest": first})
    assert restored.json()["digest"] == first
    actions = [one["action"] for one in admin.get(f"{moved}/draft_log").json()["data"]]
    assert actions == ["restore", "rename", "save", "save"]
    stale = {"If-Match": f'"{copied.json()["digest"]}"'}
    refused = admin.post(f"{moved}/rename", json={"name": "other"}, headers=stale)
    assert refused.status_code == 412


def test_lists_come_page_by_page(admin: httpx.Client, ws: Workspace) -> None:
    for name in "abcde":
        ws.save(f"desk/emails/{name}", name)
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = admin.get(f"{SET}/prompts", params={"limit": "2", **cursor}).json()
        found += [one["address"] for one in page["data"]]
        assert page["meta"]["has_more"] == (page["meta"]["cursor"] is not None)
        if not page["meta"]["has_more"]:
            break
        cursor = {"cursor": page["meta"]["cursor"]}
    assert found == [f"desk/emails/{name}" for name in "abcde"]
    assert admin.get(f"{SET}/prompts", params={"limit": "0"}).status_code == 422
    assert admin.get(f"{SET}/prompts", params={"cursor": "Ä?"}).status_code == 422


def test_a_search_finds_words_in_templates(admin: httpx.Client, desk: Workspace) -> None:
    del desk
    hits = admin.get("search", params={"q": "welcome", "limit": "1"}).json()
    assert len(hits["data"]) == 1
    more = admin.get("search", params={"q": "welcome", "cursor": hits["meta"]["cursor"]}).json()
    assert more["data"]
    assert admin.get("search", params={"q": "nowhere"}).json()["data"] == []
    assert admin.get("search").status_code == 422


def test_a_write_of_another_process_is_seen(admin: httpx.Client, desk: Workspace) -> None:
    before = admin.get(PROMPT, params={"at": "draft"})
    assert before.json()["template"] == "Welcome {{ name }}"
    desk.save("desk/emails/welcome", "Changed")
    began = time.monotonic()
    after_change(admin, before.headers["ETag"])
    assert time.monotonic() - began < 5
    assert admin.get(PROMPT, params={"at": "draft"}).json()["template"] == "Changed"
