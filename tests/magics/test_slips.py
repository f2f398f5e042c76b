"""Slips in a notebook are answered with what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import anvil_nb
from anvil_nb.errors import AddressError, InvalidInputError, NotFoundError, ValueTypeError

if TYPE_CHECKING:
    from tests.magics.conftest import Kernel


@pytest.mark.parametrize("written", ["{name}", "{{name}}", "{{ name }}", "$name", "${name}"])
def test_a_value_in_braces_is_told_to_stand_as_it_is(desk: Kernel, written: str) -> None:
    desk.value("name = 'Ada'")
    error = desk(f"%anvil render welcome --var customer={written}").error
    assert isinstance(error, InvalidInputError)
    assert error.hint == "A magic's values are Python as it stands. Write: --var customer=name"
    assert desk.value("%anvil render welcome --var customer=name").text == "Welcome Ada!"


def test_rows_and_functions_in_braces_are_told_so_too(desk: Kernel) -> None:
    desk.value("rows = [{'customer': 'Ada'}]")
    error = desk("%anvil run welcome --data {rows}").error
    assert isinstance(error, InvalidInputError)
    assert "Write: --data rows" in error.hint
    error = desk("%anvil run welcome --data rows --with {print}").error
    assert isinstance(error, InvalidInputError)
    assert "Write: --with print" in error.hint


def test_a_lambda_without_parentheses_is_told_to_have_some(desk: Kernel) -> None:
    desk.value("rows = [{'customer': 'Ada'}]")
    error = desk("%anvil run welcome --data rows --with lambda prompt: prompt.text").error
    assert isinstance(error, InvalidInputError)
    assert error.hint == "Write: --with (lambda prompt: prompt.text)"
    run = desk.value(error.hint.replace("Write:", "%anvil run welcome --data rows"))
    assert [row.cells[0].output for row in run.rows] == ["Welcome Ada!"]
    assert desk("%anvil publish -m lambda").error is None


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("export desk --encrypt-to ada --widget", "--encrypt-to"),
        ("export desk --output desk.anvil --widget", "--output"),
        ("log --limit 3 --widget", "--limit"),
    ],
)
def test_an_option_that_a_view_asks_for_in_its_page_is_not_left_without_a_word(
    desk: Kernel, line: str, option: str
) -> None:
    error = desk(f"%anvil {line}").error
    assert error is not None
    assert f"leave out {option}" in str(error)


def test_sets_and_dicts_that_are_meant_stay_what_they_are(desk: Kernel) -> None:
    assert desk.value("%anvil render welcome --vars {'customer': 'Ada'}").text == "Welcome Ada!"
    desk.value("%%anvil save any\n{{ x }}")
    assert desk.value("%anvil render any --var x={'a': 1}").text == '{"a": 1}'


def test_using_a_project_or_a_name_is_told_the_sets_it_may_stand_for(desk: Kernel) -> None:
    with anvil_nb.open() as ws:
        ws.create_project("vacant")
    for said, message, hint in (
        ("desk", "'desk' is a project, and what is used is a set in it", "desk/emails"),
        ("emails", "a set is written project/set, and 'emails' is one name alone", "desk/emails"),
        ("desk@1.0.0", "'desk' is a project, and what is used is a set in it", "desk/emails@1.0.0"),
        ("vacant", "'vacant' is a project, and what is used is a set in it", "vacant/emails"),
        ("none", "a set is written project/set, and 'none' is one name alone", "none/emails"),
    ):
        error = desk(f"%anvil use {said}").error
        assert isinstance(error, AddressError)
        assert error.message == message
        assert error.hint.endswith(f"Try: %anvil use {hint}")
    assert desk.value("%anvil use").facts == {"set": "desk/emails"}
    assert desk.value("%anvil use desk/emails@1.0.0").facts == {"set": "desk/emails@1.0.0"}


@pytest.mark.parametrize("line", ["show welcome", "publish desk", "rollback @1.0.0", "diff draft"])
def test_a_short_address_without_a_set_in_use_is_told_how_to_use_one(
    desk: Kernel, line: str
) -> None:
    desk.value("%anvil use --none")
    error = desk(f"%anvil {line}").error
    assert isinstance(error, AddressError)
    assert "is a short address, and no set is in use" in error.message
    assert error.hint == "Try: %anvil use desk/emails   or in full: desk/emails/welcome"


def test_a_set_in_use_may_be_listed_before_it_is_there(desk: Kernel) -> None:
    desk.value("%anvil use desk/new")
    assert desk.value("%anvil ls").to_text() == "Nothing under desk/new yet."
    assert isinstance(desk("%anvil ls desk/new").error, NotFoundError)
    desk.value("%anvil use desk/emails@1.0.0")
    assert len(desk.value("%anvil ls")) == 2


def test_the_examples_of_a_question_mark_are_few_and_under_headings(empty: Kernel) -> None:
    found = empty.ip.inspector.info(empty.find("line"), oname="%anvil")["docstring"]
    assert found is not None
    lines = found.partition("Examples:\n")[2].splitlines()
    assert len(lines) <= 40
    headings = [line for line in lines if line.endswith(":")]
    assert headings[:4] == ["  Prompts:", "  Drafts:", "  Versions:", "  Finding:"]
    assert headings[-1] == "  Workspace:"
    for heading in headings:
        assert lines[lines.index(heading) + 1].startswith("    %")
    assert any("%anvil run" in line for line in lines)


def test_a_value_of_the_wrong_type_is_told_how_a_notebook_writes_one(desk: Kernel) -> None:
    desk.value("%%anvil save typed --param lines:integer\n{{ lines }}")
    error = desk("%anvil render typed --var lines='3'").error
    assert isinstance(error, ValueTypeError)
    assert error.hint == "Convert it first: --var lines=int(…)"
    assert desk.value("%anvil render typed --var lines=int('3')").text == "3"
