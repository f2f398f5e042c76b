"""Short addresses: completed by the set that is worked in."""

from __future__ import annotations

import pytest

from anvil_nb.domain.address import Address
from anvil_nb.errors import AddressError
from tests.domain.addresses import DIGEST, FIRST, LOWER, NUMBER, WITHIN


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("welcome", "desk/emails/welcome"),
        ("welcome@1.0.0", "desk/emails/welcome@1.0.0"),
        ("@draft", "desk/emails@draft"),
        ("@^1.2 || ^3", "desk/emails@^1.2 || ^3"),
        (f"@{DIGEST}", f"desk/emails@{DIGEST}"),
        ("other/set", "other/set"),
        ("other/set/prompt@draft", "other/set/prompt@draft"),
        ("@acme/desk/letters", "@acme/desk/letters"),
    ],
)
def test_a_short_address_is_completed_by_the_working_set(text: str, whole: str) -> None:
    assert Address.parse(text, within=WITHIN) == Address.parse(whole)


def test_a_short_address_takes_organisation_and_selector_from_the_working_set() -> None:
    def parse(text: str) -> str:
        return str(Address.parse(text, within="@acme/desk/emails@^1"))

    assert parse("welcome") == "@acme/desk/emails/welcome@^1"
    assert parse("welcome@draft") == "@acme/desk/emails/welcome@draft"
    assert parse("desk/letters") == "desk/letters"


@pytest.mark.parametrize(
    ("text", "what", "column", "found"),
    [
        ("", "a name", 1, "the end"),
        ("@", "a selector", 2, "the end"),
        ("welcome@", "a selector", 9, "the end"),
        ("welcome/", "a name", 9, "the end"),
        ("@acme/desk", "'/'", 11, "the end"),
        ("@1..2", NUMBER, 4, "'.'"),
        ("welcome@1..2", NUMBER, 11, "'.'"),
        ("welcome@a/b", LOWER, 10, "'/'"),
        ("Welcome", FIRST, 1, "'W': names are lower case"),
    ],
)
def test_a_short_address_with_a_fault_says_where(
    text: str, what: str, column: int, found: str
) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text, within=WITHIN)
    assert caught.value.message == f"expected {what} at column {column} of {text!r}, found {found}"


def test_a_short_name_in_upper_case_is_told_the_lower_case_one() -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse("Welcome@draft", within=WITHIN)
    assert caught.value.hint == "Did you mean welcome@draft?"


def test_the_working_set_must_be_a_set() -> None:
    with pytest.raises(AddressError, match="names the prompt 'hello'"):
        Address.parse("welcome", within="desk/emails/hello")
