"""Published versions between two stores: one here, one behind a real server on loopback."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from anvil_nb.bundles.published import published as all_published
from anvil_nb.errors import (
    SyncConflictError,
)
from tests.bundles.stores import numbers, publish, published, texts
from tests.sync.bundles import SET, keys_of, pull, push
from tests.sync.clouds import Cloud, Opener, cloud, keys, opener, ours, there

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

__all__ = ["cloud", "keys", "opener", "ours", "there"]


def versions(ws: Workspace) -> set[tuple[str, str]]:
    return {(one.key, one.digest) for one in all_published(ws.access)}


def test_a_push_sends_what_the_server_lacks_and_a_second_one_nothing(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(ours, SET, welcome="Hello")
    publish(ours, SET, welcome="Hello {{ name }}")
    publish(ours, "desk/letters", dear="Dear")
    foreseen = ours.sync("bundles", "push")
    assert keys_of(foreseen) == ["desk/emails@1.0.0", "desk/emails@2.0.0", "desk/letters@1.0.0"]
    assert not cloud.ws.ls("")
    report = push(ours, plan=foreseen.plan)
    assert report.state == "completed"
    assert keys_of(report) == keys_of(foreseen)
    assert versions(cloud.ws) == versions(ours)
    assert texts(cloud.ws, SET) == {"welcome": "Hello {{ name }}"}
    assert report.sent
    again = push(ours)
    assert (again.state, again.items, again.unchanged) == ("completed", (), 3)
    assert len(cloud.ws.imports().records) == 1


def test_only_what_is_new_travels_and_drafts_and_labels_never_do(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(ours, SET, welcome="Hello")
    ours.label(f"{SET}@1.0.0", "production")
    push(ours)
    publish(ours, SET, welcome="Hello again")
    ours.save(f"{SET}/welcome", "a draft")
    assert keys_of(push(ours)) == ["desk/emails@1.0.1"]
    assert texts(cloud.ws, f"{SET}@draft") == {"welcome": "Hello again"}
    assert not [label for one in cloud.ws.log(SET) for label in one.labels]


def test_a_pull_brings_everything_into_an_empty_store_and_then_what_its_projects_get(
    opener: Opener, cloud: Cloud
) -> None:
    publish(cloud.ws, SET, welcome="Hello")
    publish(cloud.ws, "shop/offers", new="New")
    ours = opener()
    assert keys_of(pull(ours)) == ["desk/emails@1.0.0", "shop/offers@1.0.0"]
    assert not pull(ours).items
    publish(cloud.ws, "shop/offers", new="Newer")
    publish(cloud.ws, "other/set", one="One")
    assert keys_of(pull(ours)) == ["shop/offers@1.0.1"]
    assert texts(ours, "shop/offers") == {"new": "Newer"}


def test_what_is_followed_is_said_in_the_settings(opener: Opener, cloud: Cloud) -> None:
    for text in ("Hello", "Hello you", "Hello {{ name }}"):
        publish(cloud.ws, SET, welcome=text)
    publish(cloud.ws, "desk/letters", dear="Dear")
    publish(cloud.ws, "shop-a/offers", new="New")
    assert numbers(cloud.ws) == ["2.0.0", "1.0.1", "1.0.0"]
    ours = opener(follow=("desk/emails@^1", "shop-*"))
    expected = ["desk/emails@1.0.0", "desk/emails@1.0.1", "shop-a/offers@1.0.0"]
    assert keys_of(ours.sync("bundles", "pull")) == expected
    assert keys_of(pull(ours)) == expected
    assert not ours.sync("bundles", "pull").items


def test_what_is_not_followed_is_not_sent_again(opener: Opener) -> None:
    ours = opener(follow=("shop",))
    publish(ours, SET, welcome="Hello")
    push(ours)
    assert not push(ours).items


def test_a_number_with_other_content_is_a_conflict_and_changes_nothing(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(ours, SET, welcome="ours")
    publish(cloud.ws, SET, welcome="theirs")
    for way in ("push", "pull"):
        with pytest.raises(SyncConflictError) as caught:
            ours.sync("bundles", way, dry_run=False)
        [conflict] = caught.value.report.conflicts
        assert (conflict.key, conflict.kind) == ("bundles/desk/emails@1.0.0", "first-contact")
    assert texts(ours, SET) == {"welcome": "ours"}
    assert texts(cloud.ws, SET) == {"welcome": "theirs"}
    assert numbers(ours) == numbers(cloud.ws) == ["1.0.0"]


def test_a_conflict_is_looked_at_prompt_by_prompt(ours: Workspace, cloud: Cloud) -> None:
    publish(ours, SET, welcome="Hello\nours", foot="Bye")
    publish(cloud.ws, SET, welcome="Hello\ntheirs", foot="Bye")
    difference = ours.sync_diff("bundles/desk/emails@1.0.0")
    [(_, what, text)] = [one for one in difference.files if one[0] == "welcome"]
    assert "differ" in what
    assert "-ours" in text
    assert "+theirs" in text
    assert not [one for one in difference.files if one[0].startswith("foot")]


def test_a_conflict_keeps_nothing_else_from_going_where_that_is_said(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(ours, SET, welcome="ours")
    publish(ours, SET, welcome="ours too")
    publish(cloud.ws, SET, welcome="theirs")
    report = push(ours, on_conflict="keep")
    assert (keys_of(report), report.state) == (["desk/emails@1.0.1"], "partial")
    assert numbers(cloud.ws) == ["1.0.1", "1.0.0"]
    assert texts(cloud.ws, f"{SET}@1.0.0") == {"welcome": "theirs"}


@pytest.mark.parametrize("choice", ["ours", "theirs"])
@pytest.mark.parametrize("how", ["resolve", "on_conflict"])
def test_a_conflict_that_is_settled_has_both_versions_and_stays_settled(
    ours: Workspace, cloud: Cloud, choice: str, how: str
) -> None:
    publish(ours, SET, welcome="ours")
    publish(cloud.ws, SET, welcome="theirs")
    before = published(ours), published(cloud.ws)
    if how == "resolve":
        ours.sync_resolve("bundles/desk/emails@1.0.0", choice)
    else:
        push(ours, on_conflict=choice)
    assert before[0] <= published(ours)
    assert before[1] <= published(cloud.ws)
    here, other = (cloud.ws, "ours") if choice == "ours" else (ours, "theirs")
    assert numbers(here) == ["1.0.0-from-acme.1", "1.0.0"]
    assert texts(here, f"{SET}@1.0.0-from-acme.1") == {"welcome": other}
    for way in ("push", "pull", "push"):
        report = ours.sync("bundles", way, dry_run=False)
        assert (report.state, report.items, report.waiting) == ("completed", (), ())
    assert not ours.sync_conflicts().conflicts
    publish(ours, SET, welcome="after")
    assert keys_of(push(ours)) == ["desk/emails@1.0.1"]


def test_a_third_store_gets_the_copies_of_both(opener: Opener, cloud: Cloud) -> None:
    ours = opener()
    publish(ours, SET, welcome="ours")
    publish(cloud.ws, SET, welcome="theirs")
    ours.sync_resolve("bundles/desk/emails@1.0.0", "ours")
    third = opener("third")
    pull(third)
    assert texts(third, f"{SET}@1.0.0") == {"welcome": "theirs"}
    assert texts(third, f"{SET}@1.0.0-from-acme.1") == {"welcome": "ours"}
    assert not push(third).items


def test_sets_that_were_made_apart_at_one_address_are_one(ours: Workspace, cloud: Cloud) -> None:
    publish(ours, SET, welcome="ours")
    cloud.ws.save(f"{SET}/welcome", "theirs")
    cloud.ws.publish(SET, version="3.0.0")
    push(ours)
    assert numbers(cloud.ws) == ["1.0.0", "3.0.0"]
    pull(ours)
    assert sorted(numbers(ours)) == ["1.0.0", "3.0.0"]
    assert not push(ours).items
    assert not pull(ours).items


def test_versions_are_never_deleted(ours: Workspace, cloud: Cloud) -> None:
    publish(ours, SET, welcome="Hello")
    publish(ours, "desk/letters", dear="Dear")
    push(ours)
    ours.delete_set("desk/letters", force=True)
    report = push(ours, delete=True)
    assert report.sound
    assert not report.items
    [left] = report.waiting
    assert left.key == "bundles/desk/letters@1.0.0"
    assert "never deleted" in left.why
    assert numbers(cloud.ws, "desk/letters") == ["1.0.0"]
    assert not pull(ours).items


def test_a_number_that_got_other_content_later_is_refused_and_can_be_settled(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(ours, SET, welcome="Hello")
    push(ours)
    ours.delete_set(SET, force=True)
    publish(ours, SET, welcome="another")
    report = push(ours)
    assert not report.sound
    [problem] = report.problems
    assert "never changes" in problem.why
    assert texts(cloud.ws, SET) == {"welcome": "Hello"}
    ours.sync_resolve("bundles/desk/emails@1.0.0", "ours")
    assert texts(cloud.ws, f"{SET}@1.0.0-from-acme.1") == {"welcome": "another"}
    assert push(ours).sound


def test_a_set_that_was_renamed_here_comes_there_as_another_one(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(ours, SET, welcome="Hello")
    push(ours)
    ours.update_set(SET, rename="mails")
    report = push(ours)
    assert keys_of(report) == ["desk/mails@1.0.0"]
    assert report.state == "completed"
    assert numbers(cloud.ws, "desk/mails") == numbers(cloud.ws, SET) == ["1.0.0"]
    assert not push(ours).items


def test_a_set_that_was_renamed_there_is_said_to_have_another_name(
    ours: Workspace, cloud: Cloud
) -> None:
    publish(cloud.ws, SET, welcome="theirs")
    publish(ours, SET, welcome="ours")
    ours.sync_resolve("bundles/desk/emails@1.0.0", "ours")  # theirs knows ours by its own id
    cloud.ws.update_set(SET, rename="post")
    publish(ours, SET, welcome="more")
    report = push(ours, on_conflict="keep")
    assert report.state == "partial"
    messages = {item.key: item.message for item in report.items}
    assert "as desk/post@1.0.1" in messages["desk/emails@1.0.1"]


def test_a_filter_takes_sets_and_versions(ours: Workspace, cloud: Cloud) -> None:
    publish(ours, SET, welcome="Hello")
    publish(ours, SET, welcome="Hello you")
    publish(ours, "shop/offers", new="New")
    assert keys_of(push(ours, filter="desk/emails@1.0.1")) == ["desk/emails@1.0.1"]
    assert keys_of(push(ours, filter="shop")) == ["shop/offers@1.0.0"]
    assert keys_of(push(ours)) == ["desk/emails@1.0.0"]
    assert numbers(cloud.ws) == ["1.0.0", "1.0.1"]
    assert texts(cloud.ws, SET) == {"welcome": "Hello you"}


KILLED = """
import os, sys
from pathlib import Path
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
root, url, way = sys.argv[1:]
said = Settings(Path(root), root + "/store.duckdb", "acme", "ada", remote=url)
ws = Workspace(said)
moment = int(sys.stdin.readline())
calls = 0
def count(frame, event, argument):
    global calls
    if event == "call" and "/anvil_nb/" in frame.f_code.co_filename:
        calls += 1
        if calls == moment:
            os.kill(os.getpid(), 9)
print("begun", flush=True)
sys.setprofile(count)
ws.sync("bundles", way, dry_run=False)
sys.setprofile(None)
ws.close()
print(calls, flush=True)
"""


def killed_at(ws_root: Path, url: str, way: str, moment: int) -> int | None:
    """Sync in another process, which is killed at its n-th call; return how many it made."""
    command = [sys.executable, "-c", KILLED, str(ws_root), url, way]
    done = subprocess.run(
        command, input=f"{moment}\n", capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("way", ["push", "pull"])
def test_whoever_is_killed_in_the_middle_loses_nothing_and_goes_on(
    opener: Opener, cloud: Cloud, way: str
) -> None:
    sample = opener("sample")
    source = cloud.ws if way == "pull" else sample
    for text in ("Hello", "Hello you"):
        publish(source, SET, welcome=text)
    sample.close()
    root = sample.root
    assert root is not None
    total = killed_at(root, cloud.url, way, -1)
    assert total
    for part in range(1, 9):
        name = f"at-{part}"
        ours = opener(name)
        target = f"desk-{part}/emails"
        giver = cloud.ws if way == "pull" else ours
        publish(giver, target, welcome="Hello")
        publish(giver, target, welcome="Hello you")
        ours.close()
        assert ours.root is not None
        killed_at(ours.root, cloud.url, way, total * part // 9)
        after = opener(name)
        report = after.sync("bundles", way, dry_run=False, filter=f"desk-{part}")
        assert report.state == "completed"
        taker = after if way == "pull" else cloud.ws
        assert numbers(taker, target) == ["1.0.1", "1.0.0"]
        assert not after.sync("bundles", way, filter=f"desk-{part}").items


def test_two_who_push_the_same_number_at_once_are_both_told(opener: Opener, cloud: Cloud) -> None:
    one, other = opener("one"), opener("other")
    publish(one, SET, welcome="one")
    publish(other, SET, welcome="other")
    publish(other, "shop/offers", new="New")
    sides = other._sides("bundles")
    far, near = sides.far.tree(), sides.near.tree()
    push(one)  # while the other has its plan already
    from anvil_nb.domain.sync.planning import Direction, make_plan
    from anvil_nb.store.identity import new_id
    from anvil_nb.sync.replica import Run, Status

    made = make_plan(
        target="bundles", direction=Direction.PUSH, base={}, near=near, far=far, delete=False
    )
    outcomes = {
        one.key: one.status for one in sides.far.apply(made.changes, sides.near.read, Run(new_id()))
    }
    assert outcomes == {"desk/emails@1.0.0": Status.MOVED, "shop/offers@1.0.0": Status.DONE}
    assert texts(cloud.ws, SET) == {"welcome": "one"}
    with pytest.raises(SyncConflictError):
        push(other)


def test_a_large_store_travels_in_several_bundles(
    ours: Workspace, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anvil_nb.sync.bundles.PORTION", 2)
    for text in ("1", "2", "3", "4", "5"):
        publish(ours, SET, welcome=text)
    report = push(ours)
    assert (report.state, len(report.items)) == ("completed", 5)
    assert len(cloud.ws.imports().records) == 3
    assert texts(cloud.ws, SET) == {"welcome": "5"}
    assert numbers(cloud.ws)[0] == numbers(ours)[0]
