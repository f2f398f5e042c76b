"""Addresses: every form reads and writes back, and every fault is told at its column."""

from __future__ import annotations

import string
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
    DigestPrefix,
    Draft,
    Exact,
    InRange,
    Label,
    Latest,
    Prefix,
    Selector,
    check_label,
    parse_prefix,
    parse_project_name,
    parse_prompt_address,
    parse_selector,
    parse_set_address,
)
from anvil_nb.domain.semver import Range, Version
from anvil_nb.errors import AddressError, VersionSyntaxError

WITHIN = "desk/emails"
DIGEST = "sha256:" + "0123456789abcdef" * 4


def may_be_label(name: str) -> bool:
    try:
        check_label(name)
    except AddressError:
        return False
    return True


def is_version(text: str) -> bool:
    try:
        Version.parse(text)
    except VersionSyntaxError:
        return False
    return True


names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)
numbers = st.integers(0, 12)
words = st.from_regex(r"[0-9]?[A-Za-z-][0-9A-Za-z-]{0,4}", fullmatch=True)
whole_versions = st.builds(
    Version, numbers, numbers, numbers, st.lists(numbers | words, max_size=2).map(tuple)
)
partial_versions = st.sampled_from(["1", "1.2", "0.x", "1.2.*", "x", "*", "v2", "10.0.0-rc.1"])
comparators = st.builds(
    lambda operator, space, version: f"{operator}{space}{version}",
    st.sampled_from(["", "^", "~", ">", ">=", "<", "<=", "="]),
    st.sampled_from(["", " "]),
    partial_versions | whole_versions.map(str),
)
sides = st.lists(comparators, min_size=1, max_size=3).map(" ".join) | st.builds(
    "{} - {}".format, partial_versions, partial_versions
)
ranges = (
    st.lists(sides, min_size=1, max_size=3)
    .flatmap(lambda some: st.sampled_from(["||", " || "]).map(lambda bar: bar.join(some)))
    .filter(lambda text: not is_version(text.strip()))
    .map(Range.parse)
)
digests = st.text(alphabet="0123456789abcdef", min_size=6, max_size=64).map("sha256:{}".format)
selectors: st.SearchStrategy[Selector] = st.one_of(
    st.just(Draft()),
    st.just(Latest()),
    whole_versions.map(Exact),
    ranges.map(InRange),
    names.filter(may_be_label).map(Label),
    digests.map(DigestPrefix),
)
addresses = st.builds(
    Address, st.none() | names, names, names, st.none() | names, st.none() | selectors
)
odd_texts = st.text(alphabet="aZ09-_/@.*^~<>=| x\t\n\x00é\u0435", max_size=40)


@given(addresses)
def test_an_address_reads_back_as_itself(address: Address) -> None:
    assert Address.parse(str(address)) == address
    assert Address.parse(str(address), within="other/set") == address


@given(selectors)
def test_a_selector_reads_back_as_itself(selector: Selector) -> None:
    assert parse_selector(str(selector)) == selector
    relative = Address.parse(f"@{selector}", within=WITHIN)
    assert relative == Address(None, "desk", "emails", None, selector)


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


@given(odd_texts.map(lambda text: "desk/emails@" + text) | odd_texts)
def test_any_text_is_a_prefix_or_an_address_error(text: str) -> None:
    try:
        prefix = parse_prefix(text)
    except AddressError:
        return
    assert parse_prefix(str(prefix)) == prefix


def test_all_parts_are_read() -> None:
    address = Address.parse("@acme/desk/emails/welcome@^1.2")
    assert address == Address("acme", "desk", "emails", "welcome", InRange(Range.parse("^1.2")))
    assert address.set_path == "desk/emails"
    assert address.path == "desk/emails/welcome"
    assert Address.parse("desk/emails") == Address(None, "desk", "emails", None, None)
    assert Address.parse("desk/emails").path == "desk/emails"


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("draft", Draft()),
        ("latest", Latest()),
        ("1.2.3", Exact(Version(1, 2, 3))),
        ("v1.2.3", Exact(Version(1, 2, 3))),
        ("1.2.3-rc.1", Exact(Version(1, 2, 3, ("rc", 1)))),
        ("1.2.3-x", Exact(Version(1, 2, 3, ("x",)))),
        (" 1.2.3 ", Exact(Version(1, 2, 3))),
        ("=1.2.3", InRange(Range.parse("=1.2.3"))),
        ("1.2.3||2.0.0", InRange(Range.parse("1.2.3||2.0.0"))),
        ("1.2.3-a||2.0.0", InRange(Range.parse("1.2.3-a||2.0.0"))),
        ("1", InRange(Range.parse("1"))),
        ("v1", InRange(Range.parse("v1"))),
        ("1.x", InRange(Range.parse("1.x"))),
        ("x", InRange(Range.parse("x"))),
        ("*", InRange(Range.parse("*"))),
        (">=1 <2 || ^3", InRange(Range.parse(">=1 <2 || ^3"))),
        ("1.2 - 2", InRange(Range.parse("1.2 - 2"))),
        ("production", Label("production")),
        ("v1-beta", Label("v1-beta")),
        ("2030-q1", Label("2030-q1")),
        ("xylophone", Label("xylophone")),
        ("drafts", Label("drafts")),
        ("sha256", Label("sha256")),
        ("sha256:abcdef", DigestPrefix("sha256:abcdef")),
        (DIGEST, DigestPrefix(DIGEST)),
    ],
)
def test_a_selector_is_what_it_reads_as_first(text: str, selector: Selector) -> None:
    assert parse_selector(text) == selector
    assert Address.parse(f"desk/emails/welcome@{text}").selector == selector


LOWER = "a lower-case letter, a digit or '-'"
FIRST = "a lower-case letter or a digit"
NUMBER = "a number or 'x'"


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


def test_a_label_in_upper_case_is_told_the_lower_case_one() -> None:
    with pytest.raises(AddressError, match="names are lower case") as caught:
        Address.parse("desk/emails@Production")
    assert caught.value.hint == "Did you mean production?"


def test_build_metadata_in_a_selector_is_refused_with_the_reason() -> None:
    with pytest.raises(AddressError, match=r"column 18 of .* could not be told apart"):
        Address.parse("desk/emails@1.2.3+build")


def test_an_address_is_at_most_1000_characters() -> None:
    longest = "a/b@^1" + "||1" * 331
    assert len(longest) == LONGEST_ADDRESS - 1
    assert str(Address.parse(longest + " ")) == longest
    for parse in (Address.parse, parse_prefix, parse_selector):
        with pytest.raises(AddressError, match="at most 1000 characters, and this has 1001"):
            parse(longest + "  ")


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


@pytest.mark.parametrize("text", ["abcdef", "sha256:abcde", "sha512:abcdef", f"{DIGEST}0", ""])
def test_a_digest_prefix_cannot_be_built_of_what_begins_no_digest(text: str) -> None:
    with pytest.raises(AddressError, match="expected"):
        DigestPrefix(text)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("latest", "it means the highest stable version"),
        ("draft", "it means the working tree"),
        ("1", "it means the versions 1"),
        ("v2", "it means the versions v2"),
        ("x", "it means the versions x"),
        ("1.2.3", "it means the versions 1.2.3"),
        ("v1.2.3-rc.1", "it means the versions v1.2.3-rc.1"),
        ("^1", r"it means the versions \^1"),
        ("1.x", "it means the versions 1.x"),
    ],
)
def test_what_has_a_meaning_of_its_own_cannot_be_a_label(name: str, reason: str) -> None:
    for make in (check_label, Label):
        with pytest.raises(AddressError, match=f"cannot be a label: in an address {reason}"):
            make(name)


@pytest.mark.parametrize("name", ["", "Production", "a_b", "1..2", "a" * 65, "sha256:abcdef"])
def test_what_is_no_name_cannot_be_a_label(name: str) -> None:
    for make in (check_label, Label):
        with pytest.raises(AddressError, match=f"of the label {name!r}"):
            make(name)


@given(names | st.text(alphabet="0123vx.-", min_size=1, max_size=6))
def test_a_label_reads_back_as_a_label_and_everything_else_cannot_be_one(name: str) -> None:
    if may_be_label(name):
        assert parse_selector(name) == Label(name)
    else:
        try:
            assert not isinstance(parse_selector(name), Label)
        except AddressError:
            assert not set(name) <= set(string.ascii_lowercase)


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


@pytest.mark.parametrize(
    ("text", "prefix", "path"),
    [
        ("", Prefix(None, None, None, None), ""),
        ("*", Prefix(None, None, None, None), ""),
        ("@acme", Prefix("acme", None, None, None), ""),
        ("@acme/", Prefix("acme", None, None, None), ""),
        ("@acme/*", Prefix("acme", None, None, None), ""),
        ("@acme/de", Prefix("acme", "de", None, None), "de"),
        ("desk", Prefix(None, "desk", None, None), "desk"),
        ("desk*", Prefix(None, "desk", None, None), "desk"),
        ("desk/", Prefix(None, "desk", "", None), "desk/"),
        ("desk/*", Prefix(None, "desk", "", None), "desk/"),
        ("desk/emails", Prefix(None, "desk", "emails", None), "desk/emails"),
        ("desk/emails/", Prefix(None, "desk", "emails", ""), "desk/emails/"),
        ("desk/emails/wel*", Prefix(None, "desk", "emails", "wel"), "desk/emails/wel"),
        ("@acme/desk/emails/wel", Prefix("acme", "desk", "emails", "wel"), "desk/emails/wel"),
    ],
)
def test_a_listing_begins_with_whole_parts_and_perhaps_a_begun_one(
    text: str, prefix: Prefix, path: str
) -> None:
    assert parse_prefix(text) == prefix
    assert prefix.path == path
    assert parse_prefix(str(prefix)) == prefix


@pytest.mark.parametrize(
    ("text", "what", "column", "found"),
    [
        ("/", "a name", 1, "'/'"),
        ("desk//", "a name", 6, "'/'"),
        ("@", "a name", 2, "the end"),
        ("@ac*", "'/' or the end", 4, "'*'"),
        ("desk**", LOWER, 5, "'*'"),
        ("de*k/emails", LOWER, 3, "'*'"),
        ("desk/emails@draft", LOWER, 12, "'@'"),
        ("a/b/c/", "the end", 6, "'/'"),
        ("a/b/c/d", "the end", 6, "'/'"),
        ("Desk", FIRST, 1, "'D': names are lower case"),
    ],
)
def test_what_no_address_begins_with_is_refused(
    text: str, what: str, column: int, found: str
) -> None:
    with pytest.raises(AddressError) as caught:
        parse_prefix(text)
    assert caught.value.message == f"expected {what} at column {column} of {text!r}, found {found}"
    assert "without a selector" in caught.value.hint


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
