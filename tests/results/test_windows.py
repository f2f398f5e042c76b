"""What is shown of texts side by side: the part in which they differ."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from anvil_nb.results.text import ELLIPSIS, width
from anvil_nb.results.windows import differs_at, windows

ROOM = 30
LONG = "We will do all that we can to make it right again, "


def test_texts_that_differ_late_are_shown_from_a_few_words_before() -> None:
    assert windows([f"{LONG}today.", f"{LONG}tomorrow."], ROOM) == [
        "…again, today.",
        "…again, tomorrow.",
    ]


def test_texts_that_differ_early_are_shown_from_their_start() -> None:
    assert windows([f"Dear {LONG}", f"Hello {LONG}"], ROOM) == [f"Dear {LONG}", f"Hello {LONG}"]


def test_a_text_like_the_first_is_shown_like_the_first() -> None:
    first, same, other = windows([f"{LONG}today.", f"{LONG}today.", f"{LONG}tomorrow."], ROOM)
    assert first == same == "…again, today."
    assert other == "…again, tomorrow."


def test_each_text_is_shown_from_its_own_difference_and_the_first_from_the_earliest() -> None:
    base = f"{LONG}and {LONG}today."
    late, early = f"{LONG}and {LONG}tomorrow.", f"{LONG}or {LONG}today."
    shown = windows([base, late, early], ROOM)
    assert shown[0].startswith("…again, and We")
    assert shown[1] == "…again, tomorrow."
    assert shown[2].startswith("…again, or We")


def test_the_line_end_that_all_texts_have_is_left_out_once() -> None:
    assert windows(["a\n", "b\n"], ROOM) == ["a", "b"]
    assert windows(["a\r\n", "b\r\n"], ROOM) == ["a", "b"]
    assert windows(["a\n\n"], ROOM) == ["a\n"]


def test_a_line_end_that_not_all_texts_have_is_a_difference() -> None:
    assert windows(["a\n", "a"], ROOM) == ["a\n", "a"]


def test_wide_characters_take_their_room() -> None:
    same = "とても長い文章です、" * 2
    shown = windows([f"{same}今日", f"{same}明日"], ROOM)
    assert [one[-2:] for one in shown] == ["今日", "明日"]
    assert all(one.startswith(ELLIPSIS) and width(one) < ROOM for one in shown)


def test_there_may_be_nothing_to_show() -> None:
    assert windows([], ROOM) == []


texts = st.text(alphabet="ab \nö字", max_size=80)


@given(st.lists(texts, min_size=1, max_size=4), st.integers(min_value=6, max_value=40))
@example(["a" * 80, "a" * 79], 6)
def test_the_first_difference_is_always_in_sight(found: list[str], room: int) -> None:
    shown = windows(found, room)
    whole = [text.removesuffix("\n") for text in found]
    if not all(text.endswith("\n") for text in found):
        whole = found
    for text, part in zip(whole, shown, strict=True):
        assert text.endswith(part.removeprefix(ELLIPSIS))
        at = differs_at(whole[0], text)
        if at is not None:
            left_out = len(text) - len(part.removeprefix(ELLIPSIS))
            assert left_out <= at
            assert width(text[left_out:at]) < room


@given(texts, texts)
def test_the_first_difference_is_the_first(one: str, other: str) -> None:
    at = differs_at(one, other)
    if one == other:
        assert at is None
    else:
        assert at is not None
        assert one[:at] == other[:at]
        assert one[at : at + 1] != other[at : at + 1]


def test_very_long_texts_are_compared_at_once() -> None:
    long = "x" * 5_000_000
    assert differs_at(f"{long}a", f"{long}b") == len(long)
