"""Words marked in a terminal."""

from __future__ import annotations

from anvil_nb.domain.textdiff import compare_text
from anvil_nb.results.pointing import marked_words, pointed


def test_changed_words_are_pointed_at_from_the_line_below() -> None:
    diff = compare_text("Hello dear Ada,\nbye\n", "Hello good old Ada,\nbye\n")
    assert pointed(diff).splitlines() == [
        "@@ -1,2 +1,2 @@",
        "-Hello dear Ada,",
        "?      ^^^^",
        "+Hello good old Ada,",
        "?      ^^^^^^^^",
        " bye",
    ]


def test_marks_stand_below_wide_and_hidden_characters() -> None:
    lines = pointed(compare_text("日本\ta b\n", "日本\ta c\n")).splitlines()
    assert lines[1].endswith("a b")
    assert lines[2] == "?" + " " * (len(lines[1]) - 1 + 2 - 1) + "^"


def test_a_line_without_a_counterpart_is_not_marked() -> None:
    assert pointed(compare_text("a\n", "a\nb\n")).splitlines()[1:] == [" a", "+b"]


def test_a_missing_newline_is_said_where_it_matters() -> None:
    said = pointed(compare_text("a", "a\n"))
    assert "No newline" in said
    assert "No newline" not in pointed(compare_text("a", "b"))


def test_programs_get_the_words_by_side_and_line() -> None:
    diff = compare_text("one\nHello dear Ada,\n", "one\nHello old Ada,\n")
    assert marked_words(diff) == [
        {"side": "old", "line": 2, "words": ["dear"]},
        {"side": "new", "line": 2, "words": ["old"]},
    ]
