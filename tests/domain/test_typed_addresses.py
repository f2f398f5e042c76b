"""Slips in addresses that are not about a character: what was meant is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.domain.address import (
    Address,
    DigestPrefix,
    check_label,
    parse_prefix,
    parse_project_name,
    parse_prompt_address,
    parse_selector,
    parse_set_address,
)
from anvil_nb.errors import AddressError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    "parse",
    [
        Address.parse,
        parse_set_address,
        parse_prompt_address,
        parse_prefix,
        parse_selector,
        parse_project_name,
        check_label,
    ],
)
@pytest.mark.parametrize(("found", "kind"), [(3, "integer"), (None, "null"), (b"a/b", "bytes")])
def test_what_is_no_text_is_refused_by_what_it_is(
    parse: Callable[[Any], object], found: object, kind: str
) -> None:
    with pytest.raises(AddressError, match=f"is text, found {kind}") as caught:
        parse(found)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["sha256:", "sha256:12345", "sha256:zzzzzz"])
def test_a_digest_that_is_cut_too_short_is_told_how_much_is_enough(text: str) -> None:
    for parse in (DigestPrefix, parse_selector):
        with pytest.raises(AddressError) as caught:
            parse(text)
        assert "six digits or more, as in sha256:9f86d0" in caught.value.hint
        assert "anvil log --draft" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a/b/c@draft@x", "An address has one selector. Did you mean a/b/c@draft?"),
        ("a/b@production@1.0.0", "An address has one selector. Did you mean a/b@production?"),
        ("draft@a/b/c", "A selector stands behind the address. Did you mean a/b/c@draft?"),
        ("latest@a/b", "A selector stands behind the address. Did you mean a/b@latest?"),
        ("draft@x", "A selector stands behind the address: desk/emails/welcome@draft"),
    ],
)
def test_a_selector_in_the_wrong_place_is_told_the_right_one(text: str, hint: str) -> None:
    with pytest.raises(AddressError) as caught:
        Address.parse(text)
    assert caught.value.hint == hint


def test_a_project_alone_is_told_what_it_lacks() -> None:
    with pytest.raises(AddressError) as caught:
        parse_set_address("desk")
    assert caught.value.message == "'desk' is the name of a project, and a set in it was expected"
    assert caught.value.hint == "For example desk/emails. Try: anvil ls desk"
    with pytest.raises(AddressError, match="a prompt in one of its sets was expected"):
        parse_prompt_address("desk")
    assert str(parse_prompt_address("desk", within="a/b")) == "a/b/desk"
