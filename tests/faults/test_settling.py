"""Conflicts of the database that are settled by both: either version comes to every folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.soak import on_disk
from tests.faults.test_full_disks import check_quiet, done

if TYPE_CHECKING:
    from tests.faults.conftest import Maker
    from tests.faults.machines import Cloud


def test_an_agent_of_which_both_versions_are_kept_has_two_files_in_every_folder(
    cloud: Cloud, make: Maker
) -> None:
    cloud.start()
    ada, bob = make("ada"), make("bob")
    for laptop in (ada, bob):
        text = f"name: helper\nsystem_prompt: of {laptop.name}\n"
        assert "done" in laptop.ask("save", kind="agent", name="helper", text=text)
    done(ada.sync("database", "push"))
    bob.sync("database", "push", on_conflict="keep")
    assert "done" in bob.ask("resolve", key="database/agents/helper", choice="both")
    done(bob.sync("database", "push"))
    done(ada.sync("database", "pull"))
    for laptop in (ada, bob):
        done(laptop.sync("agents", "pull"))
        assert done(laptop.sync("agents", "push"))["items"] == []
    assert {path: data.decode() for path, (data, _) in ada.files().items()} == {
        "agents/helper.yaml": "name: helper\nsystem_prompt: of bob\n",
        "agents/helper.theirs.yaml": "name: helper-theirs\nsystem_prompt: of ada\n",
    }
    assert on_disk(ada) == on_disk(bob)
    check_quiet(ada, bob)
