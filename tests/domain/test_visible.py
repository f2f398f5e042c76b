"""Hidden characters, written out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.visible import visible

ANY_TEXT = st.text(st.characters())  # lone surrogates included


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\r\n", "a␍\n"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x00\x07\x7f", "␀␇␡"),
        ("\x85\x9b", "[U+0085][U+009B]"),
        ("zero\u200bwidth\ufeff", "zero[U+200B]width[U+FEFF]"),
        ("access\u202e\u2066level", "access[U+202E][U+2066]level"),
        ("hi\U000e0041\U000e007f", "hi[U+E0041][U+E007F]"),
        ("soft\xadhyphen\u2028", "soft[U+00AD]hyphen[U+2028]"),
        ("\ud83d", "[U+D83D]"),
    ],
)
def test_a_hidden_character_is_written_out(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@pytest.mark.parametrize(
    "text",
    ["café \u2013 “quoted” {{ x }}\tend\n", "你好、世界", "می‌خواهم", "👨‍👩‍👧 ❤️", "עברית\u200f!"],
)
def test_text_as_people_write_it_is_left_alone(text: str) -> None:
    assert visible(text) == text


def test_line_feeds_and_tabs_are_kept_only_where_they_are_asked_for() -> None:
    assert visible("a\tb\n") == "a\tb\n"
    assert visible("a\tb\n", keep="\t") == "a\tb␊"
    assert visible("a\tb\n", keep="") == "a␉b␊"


@given(ANY_TEXT)
def test_what_is_shown_can_be_encoded_and_holds_no_control_character(text: str) -> None:
    shown = visible(text, keep="")
    shown.encode("utf-8")
    assert not any(ord(character) < ord(" ") or character == "\x7f" for character in shown)
    assert visible(shown, keep="") == shown
