"""Differences inline: nothing of either text is lost, and no more is marked than differs."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.results.marks import marked_text, pieces

LINES = st.lists(
    st.lists(st.sampled_from(["one", "two", "three", " ", "\r", "<b>", "漢"]), max_size=6).map(
        " ".join
    ),
    max_size=6,
).map("\n".join)
TEXTS = LINES | st.text()


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_the_marked_one(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(text for kind, text in found if kind != "added") == old
    assert "".join(text for kind, text in found if kind != "removed") == new
    assert all(text for _, text in found)
    assert all(before[0] != after[0] for before, after in pairwise(found))


@given(TEXTS)
def test_equal_texts_have_no_marks(text: str) -> None:
    assert pieces(text, text) == ([("equal", text)] if text else [])


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        (
            "Dear Ada, your order ships today.",
            "Dear Bob, your order ships soon.",
            "Dear <del>Ada</del><ins>Bob</ins>, your order ships <del>today</del><ins>soon</ins>.",
        ),
        ("a b", "a very b", "a <ins>very </ins>b"),
        ("a very b", "a b", "a <del>very </del>b"),
        ("one\ntwo\n", "one\nnew\ntwo\n", "one\n<ins>new\n</ins>two\n"),
        (
            "first a\nold\nlast a",
            "first b\nlast b",
            "first <del>a</del><ins>b</ins>\n<del>old\n</del>last <del>a</del><ins>b</ins>",
        ),
        (
            "x 1\nx 2\n",
            "x 3\nx 4\n",
            "x <del>1</del><ins>3</ins>\nx <del>2</del><ins>4</ins>\n",
        ),
        ("", "all", "<ins>all</ins>"),
        ("all", "", "<del>all</del>"),
        ("same", "same", "same"),
    ],
)
def test_words_are_marked_where_they_stand(old: str, new: str, marked: str) -> None:
    assert marked_text(old, new) == marked


def test_the_text_of_both_is_escaped() -> None:
    shown = marked_text("<script>a</script>", "<img>\x1b")
    assert "<script>" not in shown
    assert "<img>" not in shown
    assert "␛" in shown
