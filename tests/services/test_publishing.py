"""Publishing: what a version is, what refuses one, and the way back to an old one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import (
    AddressError,
    InvalidInputError,
    NotFoundError,
    PublishRaceError,
    RefusedError,
    VersionSyntaxError,
    VersionTakenError,
)

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

SET = "desk/emails"
WELCOME = f"{SET}/welcome"


def numbers(ws: Workspace) -> list[str]:
    return [version.number for version in ws.log(SET)]


def publish(ws: Workspace, text: str, **arguments: Any) -> str:
    """Publish a draft with this text; return the version's number."""
    ws.save(WELCOME, text)
    return ws.publish(SET, **arguments).version


def test_a_version_is_what_the_draft_was(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.save(f"{SET}/farewell", "bye")
    made = ws.publish(SET, message="the first")
    assert made.to_text() == "Published desk/emails@1.0.0 (first)"
    ws.save(WELCOME, "two")
    ws.remove(f"{SET}/farewell")
    assert ws.get(f"{WELCOME}@1.0.0").template == "one"
    assert ws.get(f"{SET}/farewell").template == "bye"
    (version,) = ws.log(SET)
    assert (version.number, version.digest) == ("1.0.0", made.digest)
    assert (version.message, version.published_by) == ("the first", "ada")
    assert version.published_at.isoformat().startswith("2026-03-01T12:00:")


def test_a_version_is_whole_with_its_partials(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello. {% render 'foot' %}")
    ws.save(f"{SET}/foot", "Bye.")
    ws.publish(SET)
    ws.save(f"{SET}/foot", "See you.")
    assert ws.get(WELCOME).render().text == "Hello. Bye."
    assert ws.get(f"{WELCOME}@draft").render().text == "Hello. See you."
    ws.remove(f"{SET}/foot")
    assert ws.get(f"{WELCOME}@^1").render().text == "Hello. Bye."


def test_the_digest_of_a_version_is_that_of_its_names_and_contents(ws: Workspace) -> None:
    from anvil_nb.domain.digest import digest_of

    digests = {name: ws.save(f"{SET}/{name}", name).digest for name in ("b", "a", "c-1")}
    expected = digest_of({"kind": "tree/1", "prompts": dict(digests)})
    assert ws.publish(SET).digest == expected
    for name in ("c-1", "a", "b"):
        ws.save(f"other/set/{name}", name)
    assert ws.publish("other/set", version="3.0.0").digest == expected


def test_an_empty_or_unsound_draft_is_not_published(ws: Workspace) -> None:
    with pytest.raises(NotFoundError):
        ws.publish(SET)
    ws.create_set(SET)
    with pytest.raises(RefusedError, match="the draft of desk/emails is empty"):
        ws.publish(SET)
    ws.save(WELCOME, "{% render 'foot' %}")
    with pytest.raises(RefusedError, match="welcome is not sound: renders 'foot', and there is no"):
        ws.publish(SET)
    assert not ws.validate(SET).valid
    ws.save(f"{SET}/foot", "Bye")
    assert ws.validate(SET).valid
    assert ws.publish(SET).version == "1.0.0"


def test_only_a_draft_is_published(ws: Workspace) -> None:
    publish(ws, "one")
    for address in (f"{SET}@1.0.0", f"{SET}@latest", f"{SET}@^1"):
        with pytest.raises(RefusedError, match="only the draft can be published") as caught:
            ws.publish(address)
        assert f"anvil rollback {address}" in caught.value.hint
    assert not ws.publish(f"{SET}@draft").created
    with pytest.raises(AddressError):
        ws.publish(WELCOME)


def test_the_same_tree_makes_no_version_and_says_so(ws: Workspace) -> None:
    publish(ws, "one")
    before = ws.set(SET).to_json()
    for arguments in ({}, {"bump": "major"}, {"version": "1.0.0"}, {"version": "7.0.0"}):
        asked: dict[str, Any] = arguments
        again = ws.publish(SET, **asked)
        assert (again.created, again.version) == (False, "1.0.0")
        assert again.to_text() == (
            "Nothing to publish: the draft is what desk/emails@1.0.0 is already"
        )
    assert numbers(ws) == ["1.0.0"]
    assert ws.set(SET).to_json() == before


def test_a_number_stands_for_one_content_for_ever(ws: Workspace) -> None:
    publish(ws, "one")
    publish(ws, "two")
    ws.save(WELCOME, "three")
    for taken in ("1.0.0", "1.0.1"):
        with pytest.raises(VersionTakenError, match=f"{taken} was published with other") as caught:
            ws.publish(SET, version=taken)
        assert "next free number is 1.0.2" in caught.value.hint
    # The content of 1.0.0 again, under its own number, is just said to be there.
    ws.save(WELCOME, "one")
    assert ws.publish(SET, version="1.0.0").created is False


def test_what_cannot_be_asked_for_is_refused(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    for asked, error in (
        ({"bump": "huge"}, InvalidInputError),
        ({"bump": ""}, InvalidInputError),
        ({"bump": "minor", "version": "1.0.0"}, InvalidInputError),
        ({"version": "1.0"}, VersionSyntaxError),
        ({"version": ""}, VersionSyntaxError),
        ({"version": "^1"}, VersionSyntaxError),
        ({"version": "1.0.0+build"}, VersionSyntaxError),
        ({"expect": "1.0.0"}, PublishRaceError),
    ):
        arguments: dict[str, Any] = asked
        with pytest.raises(error):
            ws.publish(SET, **arguments)
    assert numbers(ws) == []


def test_a_prerelease_is_never_the_latest(ws: Workspace) -> None:
    publish(ws, "stable")
    for number in (1, 2):
        assert publish(ws, f"try {number}", version=f"1.1.0-rc.{number}") == f"1.1.0-rc.{number}"
    assert ws.get(WELCOME).template == "stable"
    assert ws.get(f"{WELCOME}@^1").template == "stable"
    assert ws.get(f"{WELCOME}@1.1.0-rc.1").template == "try 1"
    assert ws.set(SET).latest == "1.0.0"
    assert ws.ls("desk").items[0].version == "1.0.0"


def test_a_prerelease_is_promoted_by_publishing_the_same_tree(ws: Workspace) -> None:
    publish(ws, "one")
    ws.save(f"{SET}/second", "added")
    candidate = ws.publish(SET, version="1.1.0-rc.1")
    again = ws.publish(SET, version="1.1.0-rc.2")
    assert (again.created, again.version) == (False, "1.1.0-rc.1")
    made = ws.publish(SET)
    assert (made.created, made.version, made.bump) == (True, "1.1.0", "minor")
    assert made.digest == candidate.digest
    assert ws.get(WELCOME).version == "1.1.0"
    assert numbers(ws) == ["1.1.0", "1.1.0-rc.1", "1.0.0"]


def test_the_first_release_is_the_one_that_its_prereleases_announced(ws: Workspace) -> None:
    publish(ws, "try 1", version="0.3.0-alpha")
    publish(ws, "try 2", version="0.3.0-beta.1")
    assert publish(ws, "there") == "0.3.0"
    ws.save("desk/other/p", "x")
    ws.publish("desk/other", version="2.0.0-rc.1")
    assert ws.publish("desk/other").version == "2.0.0"


def test_who_expects_another_latest_version_has_lost_the_race(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    with pytest.raises(PublishRaceError, match="is at no version now, not at 1.0.0"):
        ws.publish(SET, expect="1.0.0")
    assert ws.publish(SET, expect="none").created
    assert not ws.publish(SET).created
    ws.save(WELCOME, "two")
    for stale in ("none", "", "0.9.0"):
        with pytest.raises(PublishRaceError, match="is at 1.0.0 now, not at") as caught:
            ws.publish(SET, expect=stale)
        assert caught.value.hint.startswith("See what was published: anvil log desk/emails ")
    assert ws.publish(SET, expect="1.0.0").version == "1.0.1"
    publish(ws, "three", version="2.0.0-rc.1")
    assert publish(ws, "four", expect="1.0.1") == "1.0.2"


def test_a_rollback_publishes_old_content_forward(ws: Workspace) -> None:
    for text in ("one", "two", "three"):
        publish(ws, text)
    ws.save(WELCOME, "in the draft")
    before = ws.draft_log(SET).to_json()
    made = ws.rollback(f"{SET}@1.0.0", message="two and three were wrong")
    assert made.to_text().startswith("Published desk/emails@1.0.3, the content of 1.0.0")
    assert (made.version, made.source, made.created) == ("1.0.3", "1.0.0", True)
    assert ws.get(WELCOME).template == "one"
    assert ws.get(f"{WELCOME}@draft").template == "in the draft"
    assert ws.draft_log(SET).to_json() == before
    newest = ws.log(SET).versions[0]
    assert (newest.source, newest.message) == ("1.0.0", "two and three were wrong")
    assert "rollback to 1.0.0" in ws.log(SET).to_text()


def test_a_rollback_with_a_number_that_is_too_low_is_told_to_roll_back(ws: Workspace) -> None:
    publish(ws, "one")
    publish(ws, "two {{ more }}")
    with pytest.raises(RefusedError) as caught:
        ws.rollback(f"{SET}@1.0.0", bump="patch")
    assert caught.value.hint == f"Try: anvil rollback {SET}@1.0.0"
    with pytest.raises(VersionTakenError) as taken:
        ws.rollback(f"{SET}@1.0.0", version="2.0.0")
    assert taken.value.hint.endswith(f"anvil rollback {SET}@1.0.0")


def test_a_rollback_says_that_it_reset_the_draft(ws: Workspace) -> None:
    publish(ws, "one")
    ws.save(WELCOME, "two")
    made = ws.rollback(f"{SET}@1.0.0", draft=True)
    said = "the draft is what 1.0.0 was; its history keeps the old one"
    assert (made.created, made.reset) == (False, True)
    assert made.to_text().endswith(f"\n  {said}")
    assert said in made.to_html()
    assert made.to_json()["reset"] is True  # type: ignore[call-overload,index]
    again = ws.rollback(f"{SET}@1.0.0", draft=True)
    assert not again.reset
    assert said not in again.to_text()


def test_a_rollback_infers_its_bump_too(ws: Workspace) -> None:
    publish(ws, "{{ name }}")
    publish(ws, "{{ name }}{{ more }}")
    with pytest.raises(RefusedError, match="call for 3.0.0 at least"):
        ws.rollback(f"{SET}@1.0.0", bump="patch")
    made = ws.rollback(f"{SET}@^1")
    assert (made.version, made.bump) == ("3.0.0", "major")
    assert made.reasons[0] == "welcome: parameter 'more' removed (major)"


def test_a_rollback_may_reset_the_draft_which_stays_in_the_history(ws: Workspace) -> None:
    ws.save(f"{SET}/kept", "kept")
    publish(ws, "one")
    ws.save(f"{SET}/added", "added later")
    ws.remove(f"{SET}/kept")
    lost = ws.save(WELCOME, "in the draft").digest
    ws.publish(SET)
    ws.rollback(f"{SET}@1.0.0", draft=True)
    listed = [item.address for item in ws.ls(f"{SET}")]
    assert listed == [f"{SET}/kept", WELCOME]
    assert ws.get(f"{WELCOME}@draft").template == "one"
    told = {(one.prompt, one.action, one.digest is None) for one in ws.draft_log(SET, limit=3)}
    assert told == {
        ("added", "reset", True),
        ("kept", "reset", False),
        ("welcome", "reset", False),
    }
    assert ws.draft_log(SET).changes[0].message == "rollback to 1.0.0"
    ws.restore(WELCOME, lost)
    ws.restore(f"{SET}/added", ws.get(f"{SET}/added@2.0.0").digest)
    assert ws.get(f"{WELCOME}@draft").template == "in the draft"


def test_a_rollback_to_what_is_the_latest_makes_no_version(ws: Workspace) -> None:
    publish(ws, "one")
    ws.save(WELCOME, "in the draft")
    made = ws.rollback(f"{SET}@1.0.0")
    assert not made.created
    assert made.to_text() == "Nothing to publish: 1.0.0 is what desk/emails@1.0.0 is already"
    ws.rollback(f"{SET}@1.0.0", draft=True)
    assert ws.get(f"{WELCOME}@draft").template == "one"
    assert numbers(ws) == ["1.0.0"]


def test_a_rollback_needs_a_version_that_is_there(ws: Workspace) -> None:
    publish(ws, "one")
    for address in (SET, f"{SET}@draft"):
        with pytest.raises(RefusedError, match="needs the version to go back to"):
            ws.rollback(address)
    for address in (f"{SET}@2.0.0", f"{SET}@production", "desk/absent@1.0.0"):
        with pytest.raises(NotFoundError):
            ws.rollback(address)


def test_a_removed_and_republished_prompt_is_the_same_one(ws: Workspace) -> None:
    ws.save(f"{SET}/farewell", "bye")
    publish(ws, "one")
    ws.remove(f"{SET}/farewell")
    assert ws.publish(SET).version == "2.0.0"
    ws.rollback(f"{SET}@1.0.0", draft=True)
    assert ws.get(f"{SET}/farewell").version == "2.1.0"
    assert [one.action for one in ws.draft_log(f"{SET}/farewell")] == ["reset", "remove", "save"]
