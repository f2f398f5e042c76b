"""Projects and sets: made, shown, renamed, described, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import (
    AddressError,
    ExistsError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

SET = "desk/emails"
WELCOME = f"{SET}/welcome"


def test_a_project_is_made_shown_and_described(ws: Workspace) -> None:
    made = ws.create_project("desk", title="Support", description="for customers")
    assert (made.kind, made.address, made.title, made.items) == ("project", "desk", "Support", ())
    ws.create_set(SET)
    shown = ws.update_project("desk", title="Help")
    assert (shown.title, shown.description) == ("Help", "for customers")
    assert ws.update_project("desk", description="").description == ""
    assert [item.address for item in ws.project("desk").items] == [SET]
    assert ws.project("desk").count == 1
    assert shown.updated_at > shown.created_at
    assert "project desk\n  title: Help" in shown.to_text()


def test_a_set_is_made_with_its_project_shown_and_described(ws: Workspace) -> None:
    made = ws.create_set(SET, title="Letters", description="by post")
    assert (made.kind, made.address, made.versions, made.latest) == ("set", SET, 0, None)
    ws.save(WELCOME, "one")
    ws.publish(SET)
    ws.label(SET, "production")
    shown = ws.update_set(SET, title="Mails")
    assert (shown.title, shown.description) == ("Mails", "by post")
    assert (shown.versions, shown.latest, shown.labels) == (1, "1.0.0", {"production": "1.0.0"})
    assert (shown.count, [item.address for item in shown.items]) == (1, [WELCOME])
    assert ws.update_set(SET, description="").to_json() == ws.set(SET).to_json()
    assert "latest: 1.0.0 of 1" in ws.set(SET).to_text()


def test_a_name_that_is_taken_or_none_is_refused(ws: Workspace) -> None:
    for name in ("desk", "help"):
        ws.create_project(name)
    for name in ("desk/a", "desk/b"):
        ws.create_set(name)
    for call in (
        lambda: ws.create_project("desk"),
        lambda: ws.create_set("desk/a"),
        lambda: ws.update_project("desk", rename="help"),
        lambda: ws.update_set("desk/a", rename="b"),
        lambda: ws.update_set("desk/a", rename="desk/b"),
    ):
        with pytest.raises(ExistsError, match="already") as caught:
            call()
        assert " show " in caught.value.hint
    for call in (
        lambda: ws.create_project("Desk"),
        lambda: ws.create_project("desk/a"),
        lambda: ws.create_set("desk"),
        lambda: ws.create_set("desk/a/b"),
        lambda: ws.update_project("desk", rename=""),
        lambda: ws.update_set("desk/a", rename=""),
        lambda: ws.update_set("desk/a", rename="B"),
    ):
        with pytest.raises(AddressError):
            call()
    for call in (
        lambda: ws.set("desk/a@1.0.0"),
        lambda: ws.create_set("desk/c@1.0.0"),
        lambda: ws.update_set("desk/a", rename="desk/c@1.0.0"),
        lambda: ws.create_project("new", title="x" * 201),
        lambda: ws.create_set("desk/new", description="x" * 4_001),
    ):
        with pytest.raises((InvalidInputError, RefusedError)):
            call()
    assert [item.address for item in ws.ls("desk")] == ["desk/a", "desk/b"]


def test_what_is_not_there_is_named_with_what_is(ws: Workspace) -> None:
    ws.create_set(SET)
    for call in (
        lambda: ws.project("dask"),
        lambda: ws.update_project("dask", title="x"),
        lambda: ws.delete_project("dask"),
    ):
        with pytest.raises(NotFoundError, match="there is no project 'dask'") as caught:
            call()
        assert "Did you mean 'desk'?" in caught.value.hint
    for call in (
        lambda: ws.set("desk/email"),
        lambda: ws.update_set("desk/email", title="x"),
        lambda: ws.delete_set("desk/email"),
    ):
        with pytest.raises(NotFoundError, match="no prompt set 'desk/email'") as caught:
            call()
        assert f"Did you mean '{SET}'?" in caught.value.hint


def filled(ws: Workspace, tmp_path: Path) -> None:
    """Fill three sets of the project ``desk``; one has ten versions of 20 prompts."""
    file = tmp_path / "many.csv"
    file.write_text("name,prompt\n" + "".join(f"p{number},text\n" for number in range(20)))
    ws.load(file, "desk/many")
    for number in range(10):
        ws.save("desk/many/p0", f"text {number}")
        ws.publish("desk/many")
    ws.label("desk/many@1.0.3", "production")
    ws.save("desk/one/p", "one")
    ws.publish("desk/one")
    ws.create_set("desk/empty")
    ws.save("desktop/icons/p", "another project")


def seen(ws: Workspace, project: str) -> dict[str, object]:
    """Return what is found under the name of a project at every kind of address."""
    addresses = [
        *(f"{project}/many/p0{selector}" for selector in ("", "@draft", "@1.0.4", "@^1")),
        f"{project}/many/p0@production",
        f"{project}/many/p19@1.0.9",
        f"{project}/one/p",
    ]
    return {
        **{
            one.removeprefix(project): (ws.get(one).template, ws.get(one).tree) for one in addresses
        },
        "log": [version.digest for version in ws.log(f"{project}/many")],
        "draft": [one.digest for one in ws.draft_log(f"{project}/many")],
        "sets": [item.address.removeprefix(project) for item in ws.project(project).items],
        "search": len(ws.search("text", prefix=f"{project}/").hits),
    }


def test_renaming_a_project_moves_all_its_sets_and_versions(ws: Workspace, tmp_path: Path) -> None:
    with ws.burst():
        filled(ws, tmp_path)
        before = seen(ws, "desk")
        ws.update_project("desk", rename="help")
        assert seen(ws, "help") == before
        assert ws.find("desk/many/p0") is None
        with pytest.raises(NotFoundError, match="there is no project 'desk'"):
            ws.project("desk")
        assert ws.get("desktop/icons/p@draft").template == "another project"
        # Back again, and a new one at the old name.
        ws.update_project("help", rename="desk")
        assert seen(ws, "desk") == before
        ws.update_project("desk", rename="other")
        ws.save("desk/many/p0", "new")
        assert ws.get("desk/many/p0@draft").template == "new"
        assert seen(ws, "other") == before
        with pytest.raises(ExistsError):
            ws.update_project("desk", rename="other")


def test_renaming_a_set_moves_its_versions_labels_and_history(
    ws: Workspace, tmp_path: Path
) -> None:
    with ws.burst():
        filled(ws, tmp_path)
        before = seen(ws, "desk")
        assert ws.update_set("desk/many", rename="lots").address == "desk/lots"
        assert ws.get("desk/lots/p0@production").version == "1.0.3"
        assert ws.find("desk/many/p0@draft") is None
        assert len(ws.log("desk/lots")) == 10
        ws.publish("desk/lots", bump="minor")
        ws.update_set("desk/lots", rename="desk/many", title="Many", description="of them")
        assert seen(ws, "desk") == before
        assert ws.set("desk/many").title == "Many"


def test_a_set_may_take_the_name_of_a_deleted_one(ws: Workspace) -> None:
    ws.save("desk/a/p", "of a")
    ws.save("desk/b/p", "of b")
    ws.publish("desk/a")
    ws.delete_set("desk/a", force=True)
    ws.update_set("desk/b", rename="a")
    assert ws.get("desk/a/p@draft").template == "of b"
    assert ws.log("desk/a").versions == ()
    ws.save("desk/b/p", "new b")
    assert [one.action for one in ws.draft_log("desk/b")] == ["save"]


def test_a_set_stays_in_its_project(ws: Workspace, tmp_path: Path) -> None:
    ws.save(WELCOME, "Hello {{ name }}", metadata={"tags": ["t"]})
    ws.create_project("other")
    with pytest.raises(RefusedError, match="a set stays in its project") as caught:
        ws.update_set(SET, rename="other/emails")
    # The way that the hint names is one.
    assert caught.value.hint == (
        "Try: anvil write desk/emails DIR   then: anvil load DIR --into other/emails"
    )
    ws.write(SET, tmp_path / "moved")
    ws.load(tmp_path / "moved", "other/emails")
    assert ws.get("other/emails/welcome@draft").digest == ws.get(f"{WELCOME}@draft").digest


def test_a_set_with_versions_is_deleted_only_by_force(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.publish(SET)
    with pytest.raises(RefusedError, match="desk/emails has 1 published version\\n") as caught:
        ws.delete_set(SET)
    assert caught.value.hint == f"To delete all of it: anvil set delete {SET} --force"
    assert ws.delete_set(SET, force=True).facts == {"set": SET, "versions": 1}
    assert ws.find(WELCOME) is None
    with pytest.raises(NotFoundError):
        ws.log(SET)
    assert not ws.search("one").hits
    ws.create_set(SET)
    ws.delete_set(SET)
    assert ws.ls("desk").items == ()


def test_a_project_with_sets_is_deleted_only_by_force(ws: Workspace, tmp_path: Path) -> None:
    with ws.burst():
        filled(ws, tmp_path)
        with pytest.raises(RefusedError) as caught:
            ws.delete_project("desk")
        assert caught.value.message == "project 'desk' has 3 sets with 11 published versions"
        done = ws.delete_project("desk", force=True)
        assert done.facts == {"project": "desk", "sets": 3}
        assert [item.address for item in ws.ls()] == ["desktop"]
        assert ws.find("desk/one/p") is None
        assert not ws.search("text").hits
        ws.save("desk/one/p", "again")
        assert len(ws.draft_log("desk/one")) == 1
        ws.delete_set("desk/one")
        ws.delete_project("desk")


def test_what_was_deleted_leaves_nothing_behind_but_texts(ws: Workspace, tmp_path: Path) -> None:
    with ws.burst():
        filled(ws, tmp_path)
        ws.delete_project("desk", force=True)
        ws.delete_project("desktop", force=True)
    with ws.access.engine.read() as tx:
        for table in ("projects", "prompt_sets", "entries", "draft_log", "versions", "labels",
                      "label_moves"):  # fmt: skip
            assert tx.rows(f"select count(*) from {table}") == [(0,)]  # noqa: S608 - the names above
