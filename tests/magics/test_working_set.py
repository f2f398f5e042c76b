"""Addresses in a notebook: short ones, and drafts where no selector is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.errors import AnvilError, InvalidInputError

if TYPE_CHECKING:
    from tests.magics.conftest import Kernel


def test_drafts_are_read_unless_an_address_says_otherwise(desk: Kernel) -> None:
    assert desk.value("%anvil show welcome").address == "desk/emails/welcome@draft"
    assert desk.value("%anvil show desk/emails/welcome").address == "desk/emails/welcome@draft"
    assert desk.value("%anvil show welcome@latest").address == "desk/emails/welcome@1.0.0"
    assert desk.value("%anvil show 'welcome@>=1 <2'").address == "desk/emails/welcome@1.0.0"
    run = desk.value("%anvil run welcome welcome@production --data [{'customer': 'Ada'}]")
    assert [one.address for one in run.columns] == [
        "desk/emails/welcome@draft",
        "desk/emails/welcome@1.0.0",
    ]


def test_the_working_set_makes_addresses_short(desk: Kernel) -> None:
    assert desk.value("%anvil publish").address == "desk/emails@1.0.1"
    assert desk.value("%anvil label @1.0.1 staging").facts["version"] == "1.0.1"
    assert [one.address for one in desk.value("%anvil ls")] == [
        "desk/emails/refund",
        "desk/emails/welcome",
    ]
    assert [one.address for one in desk.value("%anvil ls *")] == ["desk"]
    assert desk.value("%anvil diff @1.0.0 @1.0.1").new == "desk/emails@1.0.1"
    assert desk.value("%anvil diff welcome @1.0.0").old == "desk/emails/welcome@draft"
    assert desk.value("%anvil diff welcome refund").new == "desk/emails/refund@draft"
    assert desk.value("%anvil diff").old == "desk/emails@1.0.1"
    assert desk.value("%anvil set show").address == "desk/emails"
    assert desk.value("%anvil validate").valid
    desk.value("%anvil mv welcome hello")
    assert desk.value("%anvil copy hello greeting").address == "desk/emails/greeting@draft"


def test_a_working_set_with_a_selector_is_read_there_and_changed_in_its_draft(
    desk: Kernel,
) -> None:
    desk.value("%anvil use desk/emails@production")
    assert desk.value("%anvil show welcome").version == "1.0.0"
    assert desk.value("%%anvil save welcome\nNew").address == "desk/emails/welcome@draft"


def test_use_shows_chooses_warns_and_clears(desk: Kernel) -> None:
    assert desk.value("%anvil use").facts == {"set": "desk/emails"}
    assert "new" not in desk.value("%anvil use desk/emails").message
    assert "Did you mean 'desk/emails'?" in desk.value("%anvil use desk/emials").message
    assert desk.value("%anvil use --none").facts == {"set": None}
    assert isinstance(desk("%anvil publish").error, InvalidInputError)
    assert isinstance(desk("%anvil show welcome").error, AnvilError)
    assert isinstance(desk("%anvil use desk").error, AnvilError)


def test_a_label_alone_is_one_of_the_set_in_use(desk: Kernel) -> None:
    done = desk.value("%anvil unlabel production -m 'Not any more'")
    assert done.facts == {
        "address": "desk/emails",
        "label": "production",
        "version": None,
        "previous": "1.0.0",
    }
    desk.value("%anvil label @1.0.0 production")
    desk.value("%anvil use --none")
    refused = desk("%anvil unlabel production").error
    assert isinstance(refused, InvalidInputError)
    assert refused.message == "missing argument 'SET'"


def test_a_history_is_of_a_set_a_prompt_or_a_project(desk: Kernel) -> None:
    def title(line: str) -> str:
        view = desk.value(f"view = %anvil log {line} --widget\nview.title")
        desk.value("view.close()")
        return str(view)

    assert title("") == "History of desk/emails"
    assert title("welcome") == "History of desk/emails/welcome"
    assert title("desk/emails/refund") == "History of desk/emails/refund"
    assert title("desk") == "History of desk"  # no prompt of the set in use
    assert "'nowhere' in desk/emails" in str(desk("%anvil log nowhere --widget").error)
    desk.value("%anvil use --none")
    assert title("desk") == "History of desk"
    assert title("desk/emails") == "History of desk/emails"
    assert "no project 'nowhere'" in str(desk("%anvil log nowhere --widget").error)
