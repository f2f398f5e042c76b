"""Tables and blocks in plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.results.text import indent, shorten, text_table, width

CELLS = st.text(st.sampled_from("ab 漢字ｶé\u0301\n\r\t\x1b\u200d👩\ud800|…"), max_size=30)


def test_columns_are_aligned_and_numbers_are_flush_right() -> None:
    table = text_table(
        ["name", "uses", "note"],
        [["welcome", "7", "short"], ["refund-request", "1204", ""]],
        numeric=[1],
    )
    assert table.splitlines() == [
        "name            uses  note",
        "──────────────  ────  ─────",
        "welcome            7  short",
        "refund-request  1204",
    ]


def test_wide_characters_take_two_cells_and_combining_ones_none() -> None:
    assert [width(text) for text in ("abc", "漢字", "ｶ", "e\u0301", "👩", "")] == [3, 4, 1, 1, 2, 0]
    assert text_table(["x", "y"], [["漢字", "1"], ["e\u0301", "2"]]).splitlines() == [
        "x     y",
        "────  ─",
        "漢字  1",
        "e\u0301     2",
    ]


def test_a_row_is_one_line_whatever_it_holds() -> None:
    table = text_table(["text"], [["one\ntwo\r\n\tthree\x1b[2J\u202e"]])
    assert table.splitlines()[2:] == ["one␊two␍␊␉three␛[2J[U+202E]"]


def test_the_widest_columns_give_way_first() -> None:
    table = text_table(["id", "a", "b"], [["7", "x" * 90, "y" * 12]], max_width=40)
    assert table.splitlines()[2] == f"7   {'x' * 21}…  {'y' * 12}"
    even = text_table(["a", "b"], [["x" * 90, "y" * 80]], max_width=21)
    assert even.splitlines()[2] == f"{'x' * 9}…  {'y' * 8}…"


def test_columns_that_people_copy_are_never_cut() -> None:
    address, note = f"{'p' * 64}/{'s' * 64}", "n" * 90
    table = text_table(["at", "state", "note"], [[address, "new", note]], max_width=60, whole=[0])
    assert table.splitlines()[2] == f"{address}  new    {'n' * 29}…"
    fits = text_table(["at", "note"], [["a" * 30, note]], max_width=72, whole=[0])
    assert fits.splitlines()[2] == f"{'a' * 30}  {'n' * 39}…"


def test_a_row_may_be_shorter_than_the_header() -> None:
    assert text_table(["a", "b"], [["1"], []]).split("\n") == ["a  b", "─  ─", "1", ""]


def test_a_table_without_rows_is_its_header() -> None:
    assert text_table(["name", "uses"], []).splitlines() == ["name  uses", "────  ────"]


@pytest.mark.parametrize(
    ("text", "cells", "short"),
    [
        ("abcd", 4, "abcd"),
        ("abcde", 4, "abc…"),
        ("漢字漢", 5, "漢字…"),
        ("漢字漢", 4, "漢…"),
        ("ae\u0301bcd", 3, "ae\u0301…"),
        ("abc", 1, "…"),
        ("", 1, ""),
    ],
)
def test_a_long_text_is_cut_where_it_leaves_room_for_the_ellipsis(
    text: str, cells: int, short: str
) -> None:
    assert shorten(text, cells) == short


@given(
    st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(CELLS, min_size=columns, max_size=columns), min_size=1, max_size=6
        )
    ),
    st.integers(20, 60),
)
def test_every_line_stays_within_the_width_and_can_be_encoded(
    rows: list[list[str]], max_width: int
) -> None:
    table = text_table(rows[0], rows[1:], max_width=max_width, numeric=[0])
    table.encode("utf-8")
    lines = table.split("\n")
    assert len(lines) == len(rows) + 1
    assert all(width(line) <= max_width for line in lines)
    assert not any(line.endswith(" ") for line in lines)


def test_indent_prefixes_every_line_and_leaves_no_white_space_at_the_end() -> None:
    assert indent("a\n\n  b\n", "  ") == "  a\n\n    b\n"
    assert indent("a\n\nb\x0bc", "> ") == "> a\n>\n> b\x0bc"
