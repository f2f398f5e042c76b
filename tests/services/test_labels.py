"""Labels: names for versions, each move of which is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import AddressError, LabelMovedError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace

SET = "desk/emails"
WELCOME = f"{SET}/welcome"


@pytest.fixture
def published(ws: Workspace) -> Workspace:
    """A set with the versions 1.0.0 to 1.0.2, which hold the texts 0 to 2."""
    with ws.burst():
        for number in range(3):
            ws.save(WELCOME, str(number))
            ws.publish(SET)
    return ws


def test_a_label_moves_and_each_move_is_told(published: Workspace) -> None:
    ws = published
    ws.label(f"{SET}@1.0.0", "production", message="first")
    assert ws.get(f"{WELCOME}@production").version == "1.0.0"
    moved = ws.label(f"{SET}@1.0.2", "production", message="better")
    assert moved.message == "Labelled desk/emails@1.0.2 as production, which was 1.0.0"
    assert ws.get(f"{WELCOME}@production").template == "2"
    ws.unlabel(SET, "production", message="not needed")
    assert ws.find(f"{WELCOME}@production") is None
    moves = [(one.from_version, one.to_version, one.message) for one in ws.log(SET).moves]
    assert moves == [
        ("1.0.2", None, "not needed"),
        ("1.0.0", "1.0.2", "better"),
        (None, "1.0.0", "first"),
    ]
    assert {one.moved_by for one in ws.log(SET).moves} == {"ada"}
    assert ws.set(SET).labels == {}


def test_versions_tell_their_labels(published: Workspace) -> None:
    ws = published
    for name in ("staging", "production", "a-b", "ab"):
        ws.label(f"{SET}@1.0.1", name)
    ws.label(SET, "newest")
    shown = {one.number: one.labels for one in ws.log(SET)}
    assert shown == {
        "1.0.2": ("newest",),
        "1.0.1": ("a-b", "ab", "production", "staging"),
        "1.0.0": (),
    }
    assert list(ws.set(SET).labels or {}) == ["a-b", "ab", "newest", "production", "staging"]


def test_labelling_what_is_labelled_so_already_is_no_move(published: Workspace) -> None:
    published.label(f"{SET}@^1", "production")
    again = published.label(f"{SET}@1.0.2", "production", expect="1.0.2")
    assert again.message == "Already desk/emails@1.0.2 as production"
    assert len(published.log(SET).moves) == 1


def test_a_label_that_moved_since_it_was_read_is_a_conflict(published: Workspace) -> None:
    ws = published
    ws.label(f"{SET}@1.0.0", "production", expect="none")
    ws.label(f"{SET}@1.0.1", "production", expect="1.0.0")
    for stale in ("1.0.0", "none"):
        with pytest.raises(LabelMovedError, match=f"is at 1.0.1 now, not at {stale}"):
            ws.label(f"{SET}@1.0.2", "production", expect=stale)
        with pytest.raises(LabelMovedError):
            ws.unlabel(SET, "production", expect=stale)
    with pytest.raises(LabelMovedError, match="is at no version now, not at 1.0.0") as caught:
        ws.label(f"{SET}@1.0.0", "new", expect="1.0.0")
    assert caught.value.hint.startswith("See who moved it: anvil log desk/emails   ")
    assert len(ws.log(SET).moves) == 2
    ws.unlabel(SET, "production", expect="1.0.1")


def test_a_label_may_be_set_from_another_label_or_a_digest(published: Workspace) -> None:
    ws = published
    ws.label(f"{SET}@1.0.1", "staging")
    ws.label(f"{SET}@staging", "production")
    ws.label(f"{SET}@{ws.log(SET).versions[2].digest}", "first")
    assert ws.set(SET).labels == {"staging": "1.0.1", "production": "1.0.1", "first": "1.0.0"}


def test_what_reads_as_something_else_cannot_be_a_label(published: Workspace) -> None:
    for name in (
        "latest", "draft", "1.0.0", "v1", "1", "1.x", "x", "*", "^1", "~1.2", ">=1", "2.0.0-rc.1",
        "", "Production", "with space", "sha256:000000", "a" * 65, "ünïcode", "-a", "a/b", "a@b",
    ):  # fmt: skip
        with pytest.raises(AddressError):
            published.label(SET, name)
    for name in ("2030-q1", "none", "new", "xx", "v", "production-2", "a" * 64):
        published.label(SET, name)
        assert published.get(f"{WELCOME}@{name}").version == "1.0.2"


def test_a_label_points_to_a_version_that_is_there(published: Workspace) -> None:
    with pytest.raises(RefusedError, match="never to the draft") as refused:
        published.label(f"{SET}@draft", "production")
    assert refused.value.hint == "Publish it first: anvil publish desk/emails"
    for address in (f"{SET}@9.0.0", f"{SET}@^9", f"{SET}@nowhere", f"{SET}@sha256:000000"):
        with pytest.raises(NotFoundError):
            published.label(address, "production")
    with pytest.raises(NotFoundError, match="desk/emails has no label 'production'"):
        published.unlabel(SET, "production")
    assert published.log(SET).moves == ()


def test_a_label_shows_the_prompts_of_its_version_only(ws: Workspace) -> None:
    for name in ("a", "b"):
        ws.save(f"{SET}/{name}", name)
    ws.publish(SET)
    ws.remove(f"{SET}/b")
    ws.save(f"{SET}/c", "c")
    ws.publish(SET)
    ws.label(f"{SET}@1.0.0", "production")
    ws.label(f"{SET}@2.0.0", "production")
    assert ws.find(f"{SET}/b@production") is None
    assert ws.get(f"{SET}/c@production").template == "c"
    with pytest.raises(NotFoundError, match=r"in desk/emails@2\.0\.0 \(production\)"):
        ws.get(f"{SET}/b@production")
    ws.label(f"{SET}@1.0.0", "production")
    assert ws.get(f"{SET}/b@production").template == "b"
