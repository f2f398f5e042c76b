"""Addresses: every form reads and writes back, and every fault is told at its column."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anvil_nb.domain.address import (
    ADDRESS_HINT,
    LONGEST_ADDRESS,
    Address,
    Draft,
    InRange,
    parse_prefix,
    parse_project_name,
    parse_prompt_address,
    parse_selector,
    parse_set_address,
)
from anvil_nb.domain.semver import Range
from anvil_nb.errors import AddressError
from tests.domain.addresses import DIGEST, FIRST, LOWER, NUMBER, WITHIN, addresses, odd_texts


@given(addresses)
def test_an_address_reads_back_as_itself(address: Address) -> None:
    assert Address.parse(str(address)) == address
    assert Address.parse(str(address), within="other/set") == address


@given(st.text(max_size=60) | odd_texts, st.sampled_from([None, WITHIN]))
@example("@", None)
@example("a/b@", WITHIN)
@example("a/b@1.2.3-" + "9" * 16, None)
@example("a/b@sha256:", None)
@example("\ud800/\ud800", None)
def test_any_text_is_an_address_or_an_address_error(text: str, within: str | None) -> None:
    try:
        address = Address.parse(text, within=within)
    except AddressError:
        return
    assert Address.parse(str(address)) == address


def test_all_parts_are_read() -> None:
    address = Address.parse("@acme/desk/emails/welcome@^1.2")
    assert address == Address("acme", "desk", "emails", "welcome", InRange(Range.parse("^1.2")))
    assert address.set_path == "desk/emails"
    assert address.path == "desk/emails/welcome"
    assert Address.parse("desk/emails") == Address(None, "desk", "emails", None, None)
    assert Address.parse("desk/emails").path == "desk/emails"


@pytest.mark.parametrize(
    ("text", "what", "column", "found"),
    [
        ("", "a name", 1, "the end"),
        ("desk", "'/'", 5, "the end"),
        ("desk@draft", "'/'", 5, "'@'"),
        ("desk/", "a name", 6, "the end"),
        ("desk//welcome", "a name", 6, "'/'"),
        ("/desk/emails", "a name", 1, "'/'"),
        ("desk/emails/", "a name", 13, "the end"),
        ("desk/emails/@draft", "a name", 13, "'@'"),
        ("a/b/c/d", "'@' or the end", 6, "'/'"),
        ("a/b/c/", "'@' or the end", 6, "'/'"),
        ("@", "a name", 2, "the end"),
        ("@/desk/emails", "a name", 2, "'/'"),
        ("@org", "'/'", 5, "the end"),
        ("@org/desk", "'/'", 10, "the end"),
        ("@org/desk@draft", "'/'", 10, "'@'"),
        ("@@org/desk/emails", "a name", 2, "'@'"),
        ("desk/emails@", "a selector", 13, "the end"),
        ("desk/emails@  ", "a selector", 15, "the end"),
        ("desk/emails@1..2", NUMBER, 15, "'.'"),
        ("desk/emails@ ^1.", NUMBER, 17, "the end"),
        ("desk/emails@^1 ||", NUMBER, 18, "the end"),
        ("desk/emails@1.2.3.4", "a space, '||' or the end", 18, "'.'"),
        ("desk/emails@1/2", "a space, '||' or the end", 14, "'/'"),
        ("desk/emails@draft@draft", LOWER, 18, "'@'"),
        ("desk/emails@a b", LOWER, 14, "' '"),
        ("desk/emails@xy_z", LOWER, 15, "'_'"),
        ("desk/emails@v_z", LOWER, 14, "'_'"),
        ("desk/emails@^1\n", "a space, '||' or the end", 15, r"'\n'"),
        ("desk/emails@sha256:abc", "6 to 64 hex digits, 0-9a-f,", 23, "the end"),
        ("desk/emails@sha256:ABCDEF", "6 to 64 hex digits, 0-9a-f,", 20, "'A'"),
        (f"desk/emails@{DIGEST}0", "the end", 84, "'0'"),
    ],
)
def test_a_fault_says_what_was_expected_and_what_was_found(
    text: str, what: str, column: int, found: str
) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)
    shown = repr(text) if len(text) <= 80 else f"{text[:80]!r}…"
    assert caught.value.message == f"expected {what} at column {column} of {shown}, found {found}"


@pytest.mark.parametrize("text", ["", "desk", "desk//welcome", "a/b/c/d", "@org/desk", "a/b@"])
def test_a_fault_in_the_form_shows_an_example(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)
    assert caught.value.hint == ADDRESS_HINT
    assert "desk/emails/welcome@^1.2" in ADDRESS_HINT


@pytest.mark.parametrize(
    ("text", "what", "column", "found", "meant"),
    [
        ("Desk/emails", FIRST, 1, "'D': names are lower case", "desk/emails"),
        ("desk/eMails@^1", LOWER, 7, "'M': names are lower case", "desk/emails@^1"),
        ("@Acme/desk/emails", FIRST, 2, "'A': names are lower case", "@acme/desk/emails"),
        ("help desk/emails", LOWER, 5, "' '", "help-desk/emails"),
        ("desk/e_mails/Hi", LOWER, 7, "'_'", "desk/e-mails/hi"),
        ("-desk/emails", FIRST, 1, "'-'", "desk/emails"),
        ("desk/em\x00ails", LOWER, 8, r"'\x00'", "desk/em-ails"),
        (
            "d\u0435sk/emails",
            LOWER,
            2,
            "'\u0435' (U+0435 CYRILLIC SMALL LETTER IE)",
            "desk/emails",
        ),
        ("desk/emails\u202e", LOWER, 12, r"'\u202e' (U+202E RIGHT-TO-LEFT OVERRIDE)", WITHIN),
        ("desk/ema\u0301ils", LOWER, 9, "'\u0301' (U+0301 COMBINING ACUTE ACCENT)", WITHIN),
    ],
)
def test_a_name_that_is_none_is_told_with_what_may_have_been_meant(
    text: str, what: str, column: int, found: str, meant: str
) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)
    assert caught.value.message == f"expected {what} at column {column} of {text!r}, found {found}"
    assert caught.value.hint == f"Did you mean {meant}?"
    assert str(Address.parse(meant)) == meant


def test_a_name_is_at_most_64_characters() -> None:
    longest = "a" * 64
    assert Address.parse(f"{longest}/{longest}/{longest}").prompt == longest
    with pytest.raises(AddressError, match=r"the name at column 66 of .* has 65 characters"):
        Address.parse(f"{longest}/{longest}a")
    with pytest.raises(AddressError, match=r"the name at column 13 of .* has 65 characters"):
        Address.parse(f"desk/emails@{longest}a")


def test_an_address_is_at_most_1000_characters() -> None:
    longest = "a/b@^1" + "||1" * 331
    assert len(longest) == LONGEST_ADDRESS - 1
    assert str(Address.parse(longest + " ")) == longest
    for parse in (Address.parse, parse_prefix, parse_selector):
        with pytest.raises(AddressError, match="at most 1000 characters, and this has 1001"):
            parse(longest + "  ")


def test_parts_are_exchanged_without_touching_the_rest() -> None:
    address = Address.parse("@acme/desk/emails/welcome@^1")
    assert str(address.without_selector()) == "@acme/desk/emails/welcome"
    assert str(address.with_selector(Draft())) == "@acme/desk/emails/welcome@draft"
    assert str(address.with_prompt("bye")) == "@acme/desk/emails/bye@^1"
    assert str(address.as_set()) == "@acme/desk/emails@^1"
    assert str(address) == "@acme/desk/emails/welcome@^1"


@pytest.mark.parametrize("position", range(4))
def test_an_address_cannot_be_built_of_what_is_no_name(position: int) -> None:
    names = ["acme", "desk", "emails", "welcome"]
    names[position] = "No name"
    organisation, project, set_, prompt = names
    with pytest.raises(AddressError, match="'No name'"):
        Address(organisation, project, set_, prompt)


def test_a_prompt_that_is_no_name_cannot_be_put_in() -> None:
    with pytest.raises(AddressError, match="the prompt name 'a/b'"):
        Address.parse("desk/emails").with_prompt("a/b")


def test_a_set_is_not_addressed_by_a_prompt() -> None:
    assert parse_set_address("desk/emails@1.0.0") == Address.parse("desk/emails@1.0.0")
    assert parse_set_address("@draft", within=WITHIN) == Address.parse("desk/emails@draft")
    with pytest.raises(AddressError) as caught:
        parse_set_address("desk/emails/welcome@1.0.0")
    assert caught.value.message == (
        "'desk/emails/welcome@1.0.0' names the prompt 'welcome', and a set was expected"
    )
    assert caught.value.hint == "Try: desk/emails@1.0.0"


def test_a_prompt_is_not_addressed_by_its_set() -> None:
    assert parse_prompt_address("desk/emails/hi") == Address.parse("desk/emails/hi")
    assert parse_prompt_address("hi", within=WITHIN) == Address.parse("desk/emails/hi")
    with pytest.raises(AddressError) as caught:
        parse_prompt_address("desk/emails@draft")
    assert caught.value.message == (
        "'desk/emails@draft' names a set, and a prompt in it was expected"
    )
    assert caught.value.hint.endswith("Try: anvil ls desk/emails/")


def test_a_project_is_called_by_one_name() -> None:
    assert parse_project_name("desk") == "desk"
    with pytest.raises(AddressError, match="column 5 of the project name 'desk/emails'"):
        parse_project_name("desk/emails")


@pytest.mark.alone
@pytest.mark.parametrize(
    "text",
    [
        "/" * 1000,
        "@" * 1000,
        "a-" * 500,
        "a/" * 500,
        "a/b@" + "1." * 498,
        "a/b@" + " " * 995 + "!",
        "a/b@" + "1 - " * 249,
        "a/b@" + "1||" * 331 + "|",
        "a/b@1.2.3-" + "a." * 495,
        "a/b@" + "9" * 996,
        "a/b@sha256:" + "a" * 989,
        "\u4e2d/" * 500,
    ],
)
def test_no_text_of_the_longest_length_takes_long(text: str) -> None:
    def attempt() -> float:
        start = time.perf_counter()
        with pytest.raises(AddressError):
            Address.parse(text)
        return time.perf_counter() - start

    assert len(text) <= LONGEST_ADDRESS
    assert min(attempt() for _ in range(3)) < 0.02


def test_importing_addresses_brings_nothing_heavy_along() -> None:
    code = "import sys, anvil_nb.domain.address; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "anvil_nb.domain.address" in modules
    assert {"hashlib", "rfc8785", "anyascii", "unicodedata", "logging"}.isdisjoint(modules)
