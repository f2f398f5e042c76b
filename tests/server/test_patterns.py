"""The regular expressions of the specification say what the parsers take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.address import parse_prefix
from anvil_nb.domain.selector import check_label, parse_selector
from anvil_nb.domain.semver import Version
from anvil_nb.errors import InvalidInputError
from anvil_nb.server.patterns import NO_LABEL, PREFIX, SELECTOR, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 200
PIECES = (
    *("0", "1", "12", "007", "1.2", "1.2.3", "1.2.3-rc.1", "-rc", "-0.x", "v", "x", "X", "*", "."),
    *("^", "~", ">=", "<", "=", "|", "||", " ", "\t", "-", " - ", "latest", "draft", "production"),
    *("sha256:", "abcdef", "0123456789abcdef", "a", "A", "@", "/", "é", "+", "999999999999999"),
)
NEAR = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)


def takes(parse: Callable[[str], Any], text: str) -> bool:
    """Tell whether a parser takes a text."""
    try:
        parse(text)
    except InvalidInputError:
        return False
    return True


# Made once: hypothesis takes far longer to make one of a pattern than to draw from it.
TEXTS = {
    pattern: st.one_of(
        NEAR,
        st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")).filter(
            lambda one: len(one) <= LONGEST
        ),
    )
    for pattern in (SELECTOR, VERSION, PREFIX)
}


@pytest.mark.parametrize(
    ("pattern", "parse"),
    [(SELECTOR, parse_selector), (VERSION, Version.parse), (PREFIX, parse_prefix)],
)
@given(data=st.data())
def test_what_a_pattern_matches_is_what_the_parser_takes(
    pattern: str, parse: Callable[[str], Any], data: st.DataObject
) -> None:
    text = data.draw(TEXTS[pattern])
    assert (re.fullmatch(pattern[1:-1], text) is not None) == takes(parse, text)


@given(text=st.one_of(NEAR, st.from_regex(NO_LABEL, fullmatch=True)))
def test_a_name_that_means_something_else_is_no_label(text: str) -> None:
    name = re.fullmatch("[a-z0-9][a-z0-9-]{0,63}", text) is not None
    forbidden = re.fullmatch(NO_LABEL[1:-1], text) is not None
    assert takes(check_label, text) == (name and not forbidden)
