"""Selectors: what each text means as one, and what can be a label."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.address import (
    Address,
    DigestPrefix,
    Draft,
    Exact,
    InRange,
    Label,
    Latest,
    check_label,
    parse_selector,
)
from anvil_nb.domain.semver import Range, Version
from anvil_nb.errors import AddressError
from tests.domain.addresses import DIGEST, WITHIN, may_be_label, names, selectors

if TYPE_CHECKING:
    from anvil_nb.domain.address import Selector


@given(selectors)
def test_a_selector_reads_back_as_itself(selector: Selector) -> None:
    assert parse_selector(str(selector)) == selector
    relative = Address.parse(f"@{selector}", within=WITHIN)
    assert relative == Address(None, "desk", "emails", None, selector)


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


def test_a_label_in_upper_case_is_told_the_lower_case_one() -> None:
    with pytest.raises(AddressError, match="names are lower case") as caught:
        Address.parse("desk/emails@Production")
    assert caught.value.hint == "Did you mean production?"


def test_build_metadata_in_a_selector_is_refused_with_the_reason() -> None:
    with pytest.raises(AddressError, match=r"column 18 of .* could not be told apart"):
        Address.parse("desk/emails@1.2.3+build")


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
