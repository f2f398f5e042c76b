"""Projects, prompt sets, versions and labels over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.server.conftest import SET, error_of

if TYPE_CHECKING:
    import httpx

    from anvil_nb.workspace import Workspace


def test_a_project_is_made_described_renamed_and_deleted(
    admin: httpx.Client, ws: Workspace
) -> None:
    made = admin.post("projects", json={"name": "desk", "title": "The desk"})
    assert (made.status_code, made.headers["Location"]) == (201, "projects/desk")
    assert admin.post("projects", json={"name": "desk"}).status_code == 409
    by_id = admin.get(f"projects/{made.json()['id']}")
    assert by_id.json() == made.json() == admin.get("projects/desk").json()
    changed = admin.patch("projects/desk", json={"name": "office", "description": "All"}).json()
    assert (changed["address"], changed["title"]) == ("office", "The desk")
    assert changed["id"] == made.json()["id"]
    admin.post("projects/office/prompt_sets", json={"name": "emails"})
    assert admin.delete("projects/office").status_code == 409
    assert admin.delete("projects/office", params={"force": "true"}).status_code == 204
    assert [one.address for one in ws.ls()] == []
    assert admin.get(f"projects/{uuid4()}").status_code == 404


def test_lists_of_projects_and_sets(admin: httpx.Client, desk: Workspace) -> None:
    desk.create_project("attic")
    assert [one["address"] for one in admin.get("projects").json()["data"]] == ["attic", "desk"]
    desk.create_set("attic/box")
    sets = admin.get("prompt_sets", params={"limit": "1"}).json()
    assert [one["address"] for one in sets["data"]] == ["attic/box"]
    rest = admin.get("prompt_sets", params={"cursor": sets["meta"]["cursor"]}).json()
    assert [one["address"] for one in rest["data"]] == ["desk/emails"]
    for path in ("projects/desk/prompt_sets", "prompt_sets?project=desk"):
        assert [one["version"] for one in admin.get(path).json()["data"]] == ["1.0.0"]
    assert admin.get("projects/nowhere/prompt_sets").status_code == 404
    desk.create_project("empty")
    assert admin.get("projects/empty/prompt_sets").json()["data"] == []


def test_a_write_to_a_project_or_set_that_moved_is_refused(
    admin: httpx.Client, desk: Workspace
) -> None:
    tag = admin.get("projects/desk").headers["ETag"]
    assert admin.get("projects/desk", headers={"If-None-Match": tag}).status_code == 304
    desk.update_project("desk", title="Moved")
    stale = admin.patch("projects/desk", json={"title": "Ours"}, headers={"If-Match": tag})
    assert (stale.status_code, error_of(stale)["code"]) == (412, "moved")
    assert admin.delete("projects/desk?force=true", headers={"If-Match": tag}).status_code == 412
    tag = admin.get("projects/desk").headers["ETag"]
    fresh = admin.patch("projects/desk", json={"title": "Ours"}, headers={"If-Match": tag})
    assert (fresh.status_code, fresh.json()["title"]) == (200, "Ours")

    shown = admin.get(SET)
    tag = shown.headers["ETag"]
    assert admin.get(SET, headers={"If-None-Match": tag}).status_code == 304
    desk.save("desk/emails/other", "x")
    for answer in (
        admin.patch(SET, json={"title": "Ours"}, headers={"If-Match": tag}),
        admin.delete(f"{SET}?force=true", headers={"If-Match": tag}),
        admin.post(f"{SET}/versions", json={}, headers={"If-Match": tag}),
        admin.post(f"{SET}/rollback", json={"to": "1.0.0"}, headers={"If-Match": tag}),
        admin.put(f"{SET}/labels/beta", json={"version": "1.0.0"}, headers={"If-Match": tag}),
        admin.delete(f"{SET}/labels/production", headers={"If-Match": tag}),
    ):
        assert answer.status_code == 412
    after = admin.get(SET)
    assert after.json()["revision"] == shown.json()["revision"] + 1
    fresh = admin.patch(SET, json={"title": "Ours"}, headers={"If-Match": after.headers["ETag"]})
    assert fresh.json()["title"] == "Ours"
    assert admin.get(f"prompt_sets/{fresh.json()['id']}").json() == fresh.json()


def test_a_set_is_renamed_and_deleted(admin: httpx.Client, desk: Workspace) -> None:
    renamed = admin.patch(SET, json={"name": "letters"}).json()
    assert renamed["address"] == "desk/letters"
    assert admin.get(SET).status_code == 404
    moved = SET.replace("emails", "letters")
    assert admin.delete(moved).status_code == 409
    assert admin.delete(moved, params={"force": "true"}).status_code == 204
    assert desk.project("desk").count == 0


def test_versions_are_published_once_shown_compared_and_gone_back_to(
    admin: httpx.Client, desk: Workspace
) -> None:
    published = admin.post(f"{SET}/versions", json={"message": "Second", "expect": "1.0.0"})
    assert (published.status_code, published.json()["version"]) == (201, "1.0.1")
    again = admin.post(f"{SET}/versions", json={})
    assert (again.status_code, again.json()["created"]) == (200, False)
    race = admin.post(f"{SET}/versions", json={"expect": "1.0.0"})
    assert (race.status_code, error_of(race)["code"]) == (409, "publish-race")
    first = admin.get(f"{SET}/versions", params={"limit": "1"}).json()
    assert [one["version"] for one in first["data"]] == ["1.0.1"]
    rest = admin.get(f"{SET}/versions", params={"cursor": first["meta"]["cursor"]}).json()
    assert [(one["version"], one["labels"]) for one in rest["data"]] == [("1.0.0", ["production"])]
    shown = admin.get(f"{SET}/versions/production")
    assert shown.json()["prompts"] == {"welcome": desk.get("desk/emails/welcome@1.0.0").digest}
    tag = {"If-None-Match": shown.headers["ETag"]}
    assert admin.get(f"{SET}/versions/production", headers=tag).status_code == 304
    assert admin.get(f"{SET}/versions/draft").status_code == 409
    assert admin.get(f"{SET}/versions/9.9.9").status_code == 404
    compared = admin.get(f"{SET}/diff", params={"old": "1.0.0", "new": "1.0.1"}).json()
    assert compared == desk.diff("desk/emails@1.0.0", "desk/emails@1.0.1").to_json()
    back = admin.post(f"{SET}/rollback", json={"to": "1.0.0", "draft": True}).json()
    assert (back["version"], back["source"], back["reset"]) == ("1.0.2", "1.0.0", True)
    assert admin.post(f"{SET}/versions", json={"version": "1.x"}).status_code == 422


def test_labels_are_pointed_and_removed(admin: httpx.Client, desk: Workspace) -> None:
    listed = admin.get(f"{SET}/labels").json()["data"]
    assert listed == [{"label": "production", "version": "1.0.0"}]
    desk.publish("desk/emails")
    moved = admin.put(f"{SET}/labels/production", json={"version": "latest", "message": "Go"})
    assert (moved.json()["version"], moved.json()["previous"]) == ("1.0.1", "1.0.0")
    late = {"version": "1.0.0", "expect": "1.0.0"}
    refused = admin.put(f"{SET}/labels/production", json=late)
    assert (refused.status_code, error_of(refused)["code"]) == (409, "label-moved")
    assert admin.delete(f"{SET}/labels/production", params={"expect": "1.0.0"}).status_code == 409
    assert admin.delete(f"{SET}/labels/production").status_code == 204
    assert admin.delete(f"{SET}/labels/production").status_code == 404


def test_a_set_is_checked(admin: httpx.Client, desk: Workspace) -> None:
    desk.save("desk/emails/welcome", "{{ a }}{% render 'gone' %}")
    found = admin.get(f"{SET}/validation").json()
    assert found == desk.validate("desk/emails").to_json()
    assert found["valid"] is False
    assert admin.get(f"{SET}/validation", params={"at": "1.0.0"}).json()["valid"] is True
    changes = admin.get(f"{SET}/draft_log", params={"limit": "1"}).json()
    assert changes["data"][0]["action"] == "save"
    assert changes["meta"]["has_more"] is True


def test_the_organisation_and_its_members(admin: httpx.Client) -> None:
    found = admin.get("organisation").json()
    assert (found["slug"], found["personal"]) == ("acme", True)
    changed = admin.patch("organisation", json={"title": "Acme & Co"}).json()
    assert changed == {**found, "title": "Acme & Co"}
    members = admin.get("organisation/members").json()["data"]
    assert [one["name"] for one in members] == ["ada"]
    for named in ("ada", members[0]["id"]):
        assert admin.get(f"organisation/members/{named}").json() == members[0]
    assert admin.get("organisation/members/grace").status_code == 404
