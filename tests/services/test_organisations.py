"""Two organisations on one store, which never see each other's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import AnvilError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.services.conftest import Opener


ADDRESS = "desk/emails/welcome"


@pytest.fixture
def rival(ws: Workspace, open_workspace: Opener) -> Workspace:
    """Another organisation with the same addresses."""
    other = open_workspace(actor="bob", organisation="rival")
    for one, text in ((ws, "acme's text"), (other, "rival's text")):
        one.save(ADDRESS, text, metadata={"description": f"{text} described"})
        one.publish("desk/emails", message=f"{text} published")
        one.label("desk/emails@1.0.0", "production")
    return other


def test_the_same_address_is_another_prompt_in_each(ws: Workspace, rival: Workspace) -> None:
    for selector in ("", "@draft", "@1.0.0", "@^1", "@production"):
        assert ws.get(ADDRESS + selector).template == "acme's text"
        assert rival.get(ADDRESS + selector).template == "rival's text"


def test_an_address_of_the_other_is_not_found(ws: Workspace, rival: Workspace) -> None:
    for reader, name in ((ws, "rival"), (rival, "acme")):
        with pytest.raises(NotFoundError, match=f"no organisation '@{name}'"):
            reader.get(f"@{name}/{ADDRESS}")


CALLS: list[Callable[[Workspace], object]] = [
    lambda ws: ws.get(f"@rival/{ADDRESS}"),
    lambda ws: ws.save(f"@rival/{ADDRESS}", "stolen"),
    lambda ws: ws.remove(f"@rival/{ADDRESS}"),
    lambda ws: ws.rename(f"@rival/{ADDRESS}", "mine"),
    lambda ws: ws.copy(f"@rival/{ADDRESS}", "desk/emails/copy"),
    lambda ws: ws.copy(ADDRESS, "@rival/desk/emails/copy"),
    lambda ws: ws.restore(f"@rival/{ADDRESS}", "sha256:000000"),
    lambda ws: ws.draft_log(f"@rival/{ADDRESS}"),
    lambda ws: ws.publish("@rival/desk/emails", version="9.0.0"),
    lambda ws: ws.rollback("@rival/desk/emails@1.0.0"),
    lambda ws: ws.label("@rival/desk/emails@1.0.0", "stolen"),
    lambda ws: ws.unlabel("@rival/desk/emails", "production"),
    lambda ws: ws.log("@rival/desk/emails"),
    lambda ws: ws.diff("@rival/desk/emails@1.0.0", "desk/emails@draft"),
    lambda ws: ws.diff("desk/emails@1.0.0", "@rival/desk/emails@draft"),
    lambda ws: ws.validate("@rival/desk/emails"),
    lambda ws: ws.ls("@rival/desk/emails"),
    lambda ws: ws.search("text", prefix="@rival/desk"),
    lambda ws: ws.set("@rival/desk/emails"),
    lambda ws: ws.create_set("@rival/desk/new"),
    lambda ws: ws.update_set("@rival/desk/emails", title="Stolen"),
    lambda ws: ws.update_set("desk/emails", rename="@rival/desk/mine"),
    lambda ws: ws.delete_set("@rival/desk/emails", force=True),
    lambda ws: ws.write("@rival/desk/emails", "nowhere"),
    lambda ws: ws.write("@rival/desk/emails@1.0.0", "nowhere"),
]


def test_no_service_reads_or_changes_the_others_rows(ws: Workspace, rival: Workspace) -> None:
    before = [one.draft_log("desk/emails").to_json() for one in (ws, rival)]
    for number, call in enumerate(CALLS):
        with pytest.raises(NotFoundError, match="no organisation '@rival'"):
            pytest.fail(f"call {number} returned {call(ws)}")
    assert [one.draft_log("desk/emails").to_json() for one in (ws, rival)] == before


def test_a_load_into_the_other_is_refused(ws: Workspace, rival: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "prompts.csv"
    file.write_text("name,prompt\nwelcome,stolen\n")
    for dry_run in (True, False):
        with pytest.raises(NotFoundError):
            ws.load(file, "@rival/desk/emails", dry_run=dry_run)
    assert rival.get(f"{ADDRESS}@draft").template == "rival's text"


def test_lists_searches_and_histories_hold_only_ones_own(ws: Workspace, rival: Workspace) -> None:
    rival.save("secret/plans/takeover", "buy acme", metadata={"tags": ["hidden"]})
    rival.create_project("secret-two", title="Takeover")
    shown = [
        ws.ls(),
        ws.ls("desk"),
        ws.ls("desk/emails"),
        ws.search("text"),
        ws.log("desk/emails"),
        ws.draft_log("desk/emails"),
        ws.set("desk/emails"),
        ws.project("desk"),
    ]
    for result in shown:
        assert "rival" not in result.to_text()
        assert "secret" not in result.to_text()
    for query in ("takeover", "hidden", "rival's", "buy"):
        assert not ws.search(query).hits
    with pytest.raises(NotFoundError) as caught:
        ws.project("secrets")
    assert "secret" not in caught.value.hint


def test_a_digest_of_the_other_finds_nothing(ws: Workspace, rival: Workspace) -> None:
    content, tree = rival.get(ADDRESS).digest, rival.log("desk/emails").versions[0].digest
    for digest in (content, tree):
        assert ws.find(f"{ADDRESS}@{digest}") is None
        with pytest.raises(NotFoundError):
            ws.restore(ADDRESS, digest)


def test_the_same_text_in_both_is_kept_for_each(ws: Workspace, open_workspace: Opener) -> None:
    other = open_workspace(organisation="rival")
    first, second = ws.save(ADDRESS, "one text"), other.save(ADDRESS, "one text")
    assert first.digest == second.digest
    other.save(ADDRESS, "another text")
    other.delete_project("desk", force=True)
    assert ws.get(f"{ADDRESS}@{first.digest}").template == "one text"


def test_deleting_everything_of_one_leaves_the_other_as_it_was(
    ws: Workspace, rival: Workspace
) -> None:
    before = ws.log("desk/emails").to_json()
    rival.delete_set("desk/emails", force=True)
    rival.delete_project("desk")
    assert ws.log("desk/emails").to_json() == before
    assert ws.get(ADDRESS).template == "acme's text"
    with pytest.raises(AnvilError):
        rival.get(ADDRESS)
