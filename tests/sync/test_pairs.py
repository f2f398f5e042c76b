"""Which folder belongs to which store: moved, copied, emptied and exchanged folders are told."""

from __future__ import annotations

import json
import platform
import shutil
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError, SyncGuardError
from anvil_nb.store import sync_pairs
from tests.sync.laptops import beside, skill, statuses, stored, tables

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.store.sync_pairs import Pair
    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop

NAMES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture
def synced(one: Laptop) -> Laptop:
    """A laptop with six skills, on both sides."""
    for name in NAMES:
        one.skill(name)
    one.push()
    return one


def pairs(one: Laptop) -> list[Pair]:
    with one.ws.access.read("sync") as tx:
        return sync_pairs.pairs(tx, one.ws.access.organisation_id)


def refused(one: Laptop, way: str = "push", *, delete: bool = False) -> tuple[str, ...]:
    """The guards that refuse a sync, which changes nothing; a dry run names them too."""
    before = one.bodies(), stored(one.ws), tables(one.ws)["sync_pairs"]
    with pytest.raises(SyncGuardError) as caught:
        one.ws.sync("skills", way, dry_run=False, delete=delete)
    assert "--force" in caught.value.hint
    assert (one.bodies(), stored(one.ws), tables(one.ws)["sync_pairs"]) == before
    preview = one.ws.sync("skills", way, delete=delete)
    names = tuple(guard.partition(":")[0] for guard in preview.guards)
    assert names == caught.value.guards
    if preview.state == "planned" and preview.items:
        assert "--force" in preview.to_text()
    return names


def test_a_moved_folder_is_known_by_its_marker(synced: Laptop, make: Maker) -> None:
    synced.services.rename(synced.services.with_name("moved"))
    moved = make("moved")
    moved.skill("a", "Edited after the move.")
    assert statuses(moved.push()) == {"a": "done"}
    assert [pair.near for pair in pairs(moved)] == [f"{platform.node()}:{moved.services}"]


def test_a_folder_is_itself_by_whatever_path_it_is_named(synced: Laptop, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(synced.services)
    linked = beside(synced, tmp_path / "link")
    with linked.ws:
        linked.skill("a", "Edited through the link.")
        assert statuses(linked.push()) == {"a": "done"}


def test_a_copy_of_a_folder_never_takes_the_other_s_word_for_its_own(
    synced: Laptop, make: Maker
) -> None:
    shutil.copytree(synced.services, synced.services.with_name("copy"))
    copy = make("copy")
    synced.skill("a", "Edited in the original.")
    synced.push()
    assert refused(copy) == ("wrong-pair",)
    report = copy.push(force=True, on_conflict="keep")  # and not: a is put back to what it was
    assert [one.key for one in report.conflicts] == ["skills/a"]
    assert stored(copy.ws)["a"] == {"SKILL.md": skill("a", "Edited in the original.")}
    copy.ws.sync_resolve("skills/a", "theirs")
    assert copy.push().unchanged == len(NAMES)
    assert synced.push().unchanged == len(NAMES)
    assert len(pairs(copy)) == 2


def test_an_emptied_folder_is_no_deletion(synced: Laptop) -> None:
    synced.rm("skills")
    assert refused(synced, delete=True) == ("empty-side", "many-deleted")
    assert refused(synced, "pull") == ("empty-side",)
    assert synced.pull(force=True).items == ()
    assert set(stored(synced.ws)) == set(NAMES)


def test_a_folder_made_anew_in_its_place_has_no_marker_and_is_first_contact_when_forced(
    synced: Laptop,
) -> None:
    shutil.rmtree(synced.services)
    synced.services.mkdir()
    synced.skill("a", "Another one.")
    assert refused(synced, delete=True) == ("marker-missing",)
    assert refused(synced, "pull", delete=True) == ("marker-missing",)
    report = synced.pull(force=True, delete=True, on_conflict="keep")
    assert statuses(report) == dict.fromkeys(NAMES[1:], "done")
    assert [one.key for one in report.conflicts] == ["skills/a"]
    assert synced.bodies()["skills/a/SKILL.md"] == skill("a", "Another one.")
    assert stored(synced.ws)["a"] == {"SKILL.md": skill("a")}
    assert synced.push(on_conflict="keep").unchanged == len(NAMES) - 1


def test_a_folder_that_is_not_there_is_no_deletion(synced: Laptop) -> None:
    shutil.rmtree(synced.services)
    assert refused(synced, delete=True) == ("marker-missing",)


def test_a_folder_of_another_store_is_refused_and_merged_when_forced(
    synced: Laptop, make: Maker, tmp_path: Path
) -> None:
    other = make("services", str(tmp_path / "other.duckdb"))
    assert refused(other, delete=True) == ("wrong-pair",)
    assert statuses(other.push(force=True)) == dict.fromkeys(NAMES, "done")
    assert refused(synced, delete=True) == ("wrong-pair",)
    assert synced.push(force=True).unchanged == len(NAMES)


def test_a_marker_that_cannot_be_read_is_said_and_nothing_is_done(synced: Laptop) -> None:
    marker = synced.services / ".anvil/pair.json"
    said = json.loads(marker.read_text())
    for damaged in ("{", json.dumps({**said, "pairs": {"skills": "no-pair"}})):
        marker.write_text(damaged)
        with pytest.raises(InvalidInputError, match=r"marker|no pair") as caught:
            synced.push()
        assert "Delete" in caught.value.hint


def test_what_changed_altogether_is_refused(synced: Laptop) -> None:
    for name in NAMES:
        synced.skill(name, "Rewritten by a tool.")
    assert refused(synced) == ("all-changed",)
    synced.push(force=True)
    assert stored(synced.ws)["a"] == {"SKILL.md": skill("a", "Rewritten by a tool.")}


def test_most_of_it_deleted_is_refused_and_half_of_it_is_not(synced: Laptop) -> None:
    for name in NAMES[:4]:
        synced.rm(f"skills/{name}")
    assert refused(synced, delete=True) == ("many-deleted",)
    synced.skill("a")
    assert len(synced.push(delete=True).items) == 3


def test_nothing_is_settled_in_a_folder_that_may_be_another(synced: Laptop) -> None:
    synced.skill("a", "Edited.")
    (synced.services / ".anvil/pair.json").unlink()
    with pytest.raises(SyncGuardError, match="marker-missing") as caught:
        synced.ws.sync_resolve("skills/a", "theirs")
    assert "--force" in caught.value.hint
    assert synced.bodies()["skills/a/SKILL.md"] == skill("a", "Edited.")


def test_the_targets_of_a_folder_have_pairs_of_their_own(synced: Laptop) -> None:
    synced.write("agents/helper.yaml", b"name: helper\n")
    synced.push("agents")
    marker = json.loads((synced.services / ".anvil/pair.json").read_text())
    assert {pair.target: str(pair.id) for pair in pairs(synced)} == marker["pairs"]
    assert set(marker["pairs"]) == {"skills", "agents"}


def test_a_folder_copied_to_another_machine_that_shares_the_store_is_told(
    postgres_store: str, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make("services", postgres_store)
    one.skill("a")
    one.push()
    monkeypatch.setattr(platform, "node", lambda: "another-machine")
    elsewhere = make("services", postgres_store)
    assert refused(elsewhere) == ("wrong-pair",)
    assert elsewhere.push(force=True).unchanged == 1
    hosts = [pair.near.partition(":")[0] for pair in pairs(elsewhere)]
    assert hosts[1:] == ["another-machine"]
    assert hosts[0] != "another-machine"


@pytest.mark.usefixtures("synced")
def test_another_name_of_the_machine_does_not_part_a_folder_from_a_store_of_its_own(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "renamed")
    renamed = make()
    renamed.skill("a", "Edited.")
    assert statuses(renamed.push()) == {"a": "done"}


def test_folders_at_one_path_on_two_machines_are_two_pairs(
    postgres_store: str, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make("services", postgres_store)
    one.skill("a")
    one.push()
    shutil.rmtree(one.services)  # as on the other machine, where it never was
    with monkeypatch.context() as patch:
        patch.setattr(platform, "node", lambda: "another-machine")
        elsewhere = make("services", postgres_store)
        assert statuses(elsewhere.pull()) == {"a": "done"}
        assert len({pair.id for pair in pairs(elsewhere)}) == 2
