"""Many conflicts are settled at once, and told one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError, SyncGuardError
from anvil_nb.results.settled import SyncSettled
from tests.cli.conftest import anvil
from tests.magics.conftest import bare, empty, ip
from tests.sync.clouds import Cloud, Opener, cloud, keys, opener, ours
from tests.sync.laptops import put_skill, skill, stored
from tests.sync.test_surfaces import desk

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.cli.conftest import Anvil
    from tests.magics.conftest import Kernel
    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop

__all__ = ["anvil", "bare", "cloud", "desk", "empty", "ip", "keys", "opener", "ours"]

NAMES = ("call", "mail", "mail-triage")


@pytest.fixture
def there(tmp_path: Path) -> str:
    """Where the server's store is."""
    return str(tmp_path / "cloud.duckdb")


@pytest.fixture
def many(make: Maker) -> Laptop:
    """Three skills that both sides changed apart, and one that is the same on both."""
    one = make()
    for name in (*NAMES, "same"):
        one.skill(name, files={"notes.txt": name.encode()})
    one.push()
    for name in NAMES:
        one.skill(name, "Ours.")
        put_skill(one.ws, name, "Theirs.")
    return one


def resolve(ws: Workspace, glob: str, choice: str, *, dry_run: bool = False) -> SyncSettled:
    settled = ws.sync_resolve(glob, choice, dry_run=dry_run)
    assert isinstance(settled, SyncSettled)
    return settled


def statuses(settled: SyncSettled) -> dict[str, str]:
    return {item.key: item.status for item in settled.items}


@pytest.mark.parametrize(("choice", "body"), [("ours", "Ours."), ("theirs", "Theirs.")])
def test_all_that_are_like_a_glob_are_settled_and_no_others(
    many: Laptop, choice: str, body: str
) -> None:
    before = (many.bodies(), stored(many.ws))
    seen = resolve(many.ws, "skills/mail*", choice, dry_run=True)
    assert statuses(seen) == {"skills/mail": "planned", "skills/mail-triage": "planned"}
    assert (many.bodies(), stored(many.ws)) == before
    assert many.ws.sync_conflicts().conflicts == ()
    done = resolve(many.ws, "skills/mail*", choice)
    assert statuses(done) == {"skills/mail": "done", "skills/mail-triage": "done"}
    for name in ("mail", "mail-triage"):
        assert many.bodies()[f"skills/{name}/SKILL.md"] == skill(name, body)
        assert stored(many.ws)[name]["SKILL.md"] == skill(name, body)
    left = many.push(dry_run=True)
    assert [one.key for one in left.conflicts] == ["skills/call"]
    assert left.unchanged == 3


def test_both_of_many_stand_beside_each_other_under_names_of_their_own(many: Laptop) -> None:
    seen = resolve(many.ws, "skills/**", "both", dry_run=True)
    done = resolve(many.ws, "skills/**", "both")
    made = {f"{name}-theirs" for name in NAMES}
    assert {one for item in seen.items for one in item.made} == made
    assert {one for item in done.items for one in item.made} == made
    assert set(stored(many.ws)) == {*NAMES, "same", *made}
    assert b"Theirs." in many.bodies()["skills/mail-theirs/SKILL.md"]
    assert many.push(delete=True).unchanged == 7


def test_conflicts_that_were_kept_are_closed_by_the_choice(many: Laptop) -> None:
    many.push(on_conflict="keep")
    assert len(many.ws.sync_conflicts().conflicts) == 3
    resolve(many.ws, "skills/*", "theirs")
    assert many.ws.sync_conflicts().conflicts == ()
    assert many.trash() >= {skill(name, "Ours.") for name in NAMES}


def test_one_that_moved_since_it_was_kept_is_left_and_the_others_are_settled(many: Laptop) -> None:
    many.push(on_conflict="keep")
    many.skill("mail", "Ours, later.")
    expected = {"skills/call": "done", "skills/mail": "moved", "skills/mail-triage": "done"}
    done = resolve(many.ws, "skills/*", "theirs")
    assert (statuses(done), done.sound) == (expected, False)
    assert "moved since" in done.to_text()
    assert many.bodies()["skills/mail/SKILL.md"] == skill("mail", "Ours, later.")
    assert statuses(resolve(many.ws, "skills/*", "theirs")) == {"skills/mail": "done"}
    assert many.trash() >= {skill("mail", "Ours, later.")}


def test_what_was_deleted_on_a_side_is_told(many: Laptop) -> None:
    many.rm("skills/mail")
    done = resolve(many.ws, "skills/*", "ours")
    notes = {item.key: item.message for item in done.items}
    assert notes["skills/mail"] == "it is deleted there too"
    assert set(stored(many.ws)) == {"call", "mail-triage", "same"}


def test_what_a_side_does_not_take_is_known_before_and_left(many: Laptop) -> None:
    many.rm("skills/mail")
    many.write(".anvilignore", "skills/mail/\n")
    for dry_run in (True, False):
        report = resolve(many.ws, "skills/*", "theirs", dry_run=dry_run)
        assert statuses(report)["skills/mail"] == "failed"
        assert report.sound is False
    assert stored(many.ws)["mail"]["SKILL.md"] == skill("mail", "Theirs.")
    assert statuses(report)["skills/call"] == "done"


def test_a_glob_that_nothing_is_like_says_what_there_is(many: Laptop) -> None:
    with pytest.raises(InvalidInputError, match=r"no conflict is like skills/same\*") as caught:
        many.ws.sync_resolve("skills/same*", "ours")
    assert caught.value.hint == "There is: skills/call, skills/mail, skills/mail-triage."
    resolve(many.ws, "skills/*", "ours")
    with pytest.raises(InvalidInputError) as caught:
        many.ws.sync_resolve("skills/*", "ours", dry_run=True)
    assert "Nothing of skills is in conflict" in caught.value.hint


def test_a_text_settles_one_key_alone(many: Laptop) -> None:
    for dry_run in (False, True):
        with pytest.raises(InvalidInputError, match="a text settles one key"):
            many.ws.sync_resolve("skills/*", "merged", merged="Both.", dry_run=dry_run)


def test_one_key_can_be_looked_at_before(many: Laptop) -> None:
    seen = resolve(many.ws, "skills/mail", "both", dry_run=True)
    assert statuses(seen) == {"skills/mail": "planned"}
    assert "beside it as mail-theirs" in seen.to_text()
    assert "Do it: anvil sync resolve 'skills/mail' --both" in seen.to_text()
    assert set(stored(many.ws)) == {*NAMES, "same"}


def test_nothing_is_settled_between_sides_that_may_not_belong_together(many: Laptop) -> None:
    many.push(on_conflict="keep")
    (many.services / ".anvil/pair.json").unlink()
    with pytest.raises(SyncGuardError):
        many.ws.sync_resolve("skills/*", "theirs")
    assert stored(many.ws)["mail"]["SKILL.md"] == skill("mail", "Theirs.")


@pytest.mark.parametrize("choice", ["ours", "theirs", "both"])
def test_conflicts_with_a_server_are_settled_together(
    opener: Opener, cloud: Cloud, choice: str
) -> None:
    del cloud
    first, second = opener("first"), opener("second")
    for ws in (first, second):
        for number in range(20):
            folder = ws.settings.services / f"skills/s{number}"
            folder.mkdir(parents=True)
            (folder / "SKILL.md").write_bytes(skill(f"s{number}", f"By {id(ws)}."))
        ws.sync("skills", "push", dry_run=False)
    for target in ("files", "database"):
        first.sync(target, "push", dry_run=False)
        seen = second.sync(target, "push")
        assert f"Settle all: anvil sync resolve '{target}/**'" in seen.to_text()
        done = resolve(second, f"{target}/**", choice)
        assert len(done.items) == 20
        assert done.sound
        after = second.sync(target, "push")
        assert (after.conflicts, after.items, after.waiting) == ((), (), ())


def test_a_terminal_settles_by_a_glob_and_says_what_was_left(anvil: Anvil, desk: Laptop) -> None:
    import anvil_nb

    anvil("sync", "skills", "push")
    for name in ("mail", "call"):
        desk.skill(name, "Ours.")
        with anvil_nb.open(desk.services.parent) as ws:
            put_skill(ws, name, "Theirs.")
    seen = anvil("sync", "resolve", "skills/*", "--theirs", "--dry-run")
    assert seen.code == 0
    assert "Would settle 2 by theirs" in seen.out
    assert "\nDo it: anvil sync resolve 'skills/*' --theirs --plan " in seen.out
    assert anvil("sync", "resolve", "skills/*", "--merged", "x.md", "--dry-run").code == 2
    assert anvil("sync", "resolve", "skills/x*", "--ours").code == 2
    anvil("sync", "skills", "push", "--on-conflict", "keep")
    desk.skill("mail", "Later.")
    done = anvil("sync", "resolve", "skills/*", "--theirs", "--json")
    assert done.code == 1
    assert {one["key"]: one["status"] for one in done.json["items"]} == {
        "skills/call": "done",
        "skills/mail": "moved",
    }


def test_a_notebook_settles_by_a_glob(empty: Kernel, desk: Laptop) -> None:
    import anvil_nb

    root = desk.services.parent
    with anvil_nb.open(root) as ws:
        ws.sync("skills", "push", dry_run=False)
        for name in ("mail", "call"):
            desk.skill(name, "Ours.")
            put_skill(ws, name, "Theirs.")
    settled = empty.value("%anvil sync resolve skills/* --ours")
    assert isinstance(settled, SyncSettled)
    assert statuses(settled) == {"skills/call": "done", "skills/mail": "done"}
