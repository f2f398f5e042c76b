"""Prefixes: what a listing begins with."""

from __future__ import annotations

import pytest
from hypothesis import given

from anvil_nb.domain.address import Prefix, parse_prefix
from anvil_nb.errors import AddressError
from tests.domain.addresses import FIRST, LOWER, odd_texts


@given(odd_texts.map(lambda text: "desk/emails@" + text) | odd_texts)
def test_any_text_is_a_prefix_or_an_address_error(text: str) -> None:
    try:
        prefix = parse_prefix(text)
    except AddressError:
        return
    assert parse_prefix(str(prefix)) == prefix


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
