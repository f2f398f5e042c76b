"""A notebook never saves over somebody else's change unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import anvil_nb
from anvil_nb.errors import DraftConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.magics.conftest import Kernel

ADDRESS = "desk/emails/welcome"


@pytest.fixture
def colleague(desk: Kernel) -> Iterator[Workspace]:
    """Somebody else on the same store."""
    del desk
    with anvil_nb.open(actor="colleague") as ws:
        yield ws


def save(desk: Kernel, text: str = "Mine", line: str = "welcome") -> BaseException | None:
    return desk(f"%%anvil save {line}\n{text}").error


def test_saving_over_a_change_is_refused_and_shows_both_sides(
    desk: Kernel, colleague: Workspace
) -> None:
    assert save(desk, "First") is None
    colleague.save(ADDRESS, "Theirs")
    ran = desk("%%anvil save welcome\nMine")
    assert isinstance(ran.error, DraftConflictError)
    assert (ran.error.theirs, ran.error.ours) == ("Theirs", "Mine")
    assert 2 <= len(ran.shown_error) <= 3
    (both,) = ran.displayed
    assert "-Theirs" in both.data["text/plain"]
    assert "+Mine" in both.data["text/plain"]
    assert "Theirs" in both.data["text/html"]
    assert colleague.get(f"{ADDRESS}@draft").template == "Theirs"


def test_it_is_saved_all_the_same_by_force(desk: Kernel, colleague: Workspace) -> None:
    save(desk)
    colleague.save(ADDRESS, "Theirs")
    assert save(desk, "Mine too", "welcome --force") is None
    assert save(desk, "And on") is None


def test_it_is_saved_once_the_other_side_was_shown(desk: Kernel, colleague: Workspace) -> None:
    save(desk)
    colleague.save(ADDRESS, "Theirs")
    assert isinstance(save(desk, "Mine too"), DraftConflictError)
    desk.value("%anvil render welcome --var customer='x'")
    assert isinstance(save(desk, "Mine too"), DraftConflictError), "rendering is not reading"
    desk.value("%anvil show welcome@latest")
    assert isinstance(save(desk, "Mine too"), DraftConflictError), "a version is not the draft"
    desk.value("%anvil show welcome")
    assert save(desk, "Mine too") is None


def test_the_first_save_of_a_kernel_expects_nothing(desk: Kernel, colleague: Workspace) -> None:
    colleague.save(ADDRESS, "Theirs")
    assert save(desk) is None


def test_a_prompt_shown_and_then_changed_elsewhere_is_not_saved_over(
    desk: Kernel, colleague: Workspace
) -> None:
    desk.value("p = %anvil show welcome -o q")
    colleague.save(ADDRESS, "Theirs")
    assert isinstance(save(desk), DraftConflictError)


def test_the_same_text_from_both_is_no_conflict(desk: Kernel, colleague: Workspace) -> None:
    save(desk)
    colleague.save(ADDRESS, "Same")
    assert save(desk, "Same") is None


def test_what_was_removed_here_is_expected_to_be_gone(desk: Kernel, colleague: Workspace) -> None:
    desk.value("%anvil show welcome")
    desk.value("%anvil rm welcome")
    assert save(desk, "Back") is None
    desk.value("%anvil rm welcome")
    colleague.save(ADDRESS, "Theirs")
    assert isinstance(save(desk), DraftConflictError)


@pytest.mark.parametrize("dry", ["rm welcome", "mv welcome hello"])
def test_a_dry_run_changes_nothing_that_is_known(
    desk: Kernel, colleague: Workspace, dry: str
) -> None:
    desk.value("%anvil show welcome")
    desk.value(f"%anvil {dry} --dry-run")
    assert save(desk, "Mine") is None
    colleague.save(ADDRESS, "Theirs")
    assert isinstance(save(desk), DraftConflictError)


def test_a_renamed_prompt_is_followed(desk: Kernel, colleague: Workspace) -> None:
    save(desk)
    desk.value("%anvil mv welcome hello")
    assert save(desk, "Mine", "hello") is None
    colleague.save("desk/emails/hello", "Theirs")
    assert isinstance(save(desk, "Mine too", "hello"), DraftConflictError)
    assert save(desk, "A new one", "welcome") is None


def test_a_rollback_or_a_load_of_ones_own_is_no_conflict(
    desk: Kernel, tmp_path: Path, colleague: Workspace
) -> None:
    save(desk)
    desk.value("%anvil rollback @1.0.0 --draft")
    assert save(desk, "After the rollback") is None
    for harmless in ("--draft --dry-run", "--message Again"):
        desk.value(f"%anvil rollback @1.0.0 {harmless}")
        colleague.save(ADDRESS, f"Theirs {harmless}")
        assert isinstance(save(desk), DraftConflictError), "it has not changed the draft"
        desk.value("%anvil show welcome@draft")
    (tmp_path / "p.jsonl").write_text('{"name": "welcome", "template": "Loaded"}\n')
    desk.value("%anvil load p.jsonl --into desk/emails --dry-run")
    colleague.save(ADDRESS, "Theirs")
    assert isinstance(save(desk), DraftConflictError), "a dry run loads nothing"
    desk.value("%anvil load p.jsonl --into desk/emails")
    assert save(desk, "After the load") is None


def test_restored_and_copied_drafts_are_known(desk: Kernel, colleague: Workspace) -> None:
    digest = desk.value("%anvil show welcome@1.0.0").digest
    save(desk)
    desk.value(f"%anvil restore welcome --to {digest}")
    desk.value("%anvil copy welcome other")
    assert save(desk, "Mine", "other") is None
    colleague.save(ADDRESS, "Theirs")
    assert isinstance(save(desk), DraftConflictError)


def test_another_store_with_the_same_address_is_another_draft(desk: Kernel, tmp_path: Path) -> None:
    anvil_nb.init(tmp_path / "other").close()
    save(desk)
    assert save(desk, "Elsewhere", f"{ADDRESS} -o x") is None
    ran = desk(f"%%anvil --workspace other save {ADDRESS}\nThere")
    assert ran.error is None


def test_an_expectation_that_is_said_wins_over_what_was_read(
    desk: Kernel, colleague: Workspace
) -> None:
    save(desk)
    theirs = colleague.save(ADDRESS, "Theirs")
    assert save(desk, "Mine too", f"welcome --expect {theirs.digest}") is None
    assert isinstance(save(desk, "Mine", "welcome --expect new"), DraftConflictError)
