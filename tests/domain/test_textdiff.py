"""Comparing two texts: what is the same, what differs, and how it is written."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anvil_nb.domain.matching import Work, anchored_matches, matches
from anvil_nb.domain.textdiff import Line, Span, TextDiff, compare_text
from anvil_nb.domain.words import MARKED_CHARACTERS, MARKED_LINES, words
from anvil_nb.errors import InvalidInputError

# Few different pieces, so that two texts share many of them and in the wrong order too.
PIECES = st.sampled_from(
    [
        *("a", "b", "Dear ", "{{ name }}", " ", "  ", "\t", "\n", "\n", "\r\n", "\r", "."),
        *("é", "e\u0301", "你", "好", "한국", "👨\u200d👩\u200d👧", "🇩🇪", "न\u094dद"),
        *("\u2028", "\x0b", "\x00"),
    ]
)
MIXED = st.lists(PIECES, max_size=40).map("".join)
TEXTS = st.one_of(MIXED, st.text(max_size=60))
HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")


def marked(line: Line) -> list[str]:
    return [span.text for span in line.spans if span.changed]


def only(diff: TextDiff, kind: str) -> list[Line]:
    return [line for line in diff.lines if line.kind == kind]


def lines_of(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def apply(unified: str, old: str) -> str:
    """Apply hunks as ``patch`` does, without any slack: every number and line must be right."""
    source, result, at = lines_of(old), [], 0
    body = lines_of(unified)
    while body:
        numbers = HEADER.fullmatch(body.pop(0))
        assert numbers is not None
        old_start, new_start = int(numbers[1]), int(numbers[3])
        old_count, new_count = int(numbers[2] or 1), int(numbers[4] or 1)
        start = old_start - 1 if old_count else old_start
        result += source[at:start]
        at = start
        assert len(result) == (new_start - 1 if new_count else new_start)
        while old_count or new_count:
            sign, line = body[0][0], body.pop(0)[1:]
            if body and body[0] == "\\ No newline at end of file\n":
                body.pop(0)
                line = line.removesuffix("\n")
            if sign in " -":
                assert source[at] == line
                at, old_count = at + 1, old_count - 1
            if sign in " +":
                result.append(line)
                new_count -= 1
    return "".join(result + source[at:])


def closed(text: str) -> str:
    """The text as it reads where it is not said that its last line has no line feed."""
    return text if text.endswith("\n") or not text else f"{text}\n"


@given(TEXTS, TEXTS)
@example("a\n", "a")
@example("", "a")
def test_equal_and_removed_lines_are_the_old_text_and_equal_and_added_the_new(
    old: str, new: str
) -> None:
    diff = compare_text(old, new)
    assert "".join(line.text for line in diff.lines if line.kind != "added") == old
    assert "".join(line.text for line in diff.lines if line.kind != "removed") == new


@given(TEXTS, TEXTS)
def test_line_numbers_count_up_from_one_without_a_gap_on_both_sides(old: str, new: str) -> None:
    diff = compare_text(old, new)
    old_numbers = [line.old_number for line in diff.lines if line.kind != "added"]
    new_numbers = [line.new_number for line in diff.lines if line.kind != "removed"]
    assert old_numbers == list(range(1, len(lines_of(old)) + 1))
    assert new_numbers == list(range(1, len(lines_of(new)) + 1))
    assert all(line.new_number is None for line in only(diff, "removed"))
    assert all(line.old_number is None for line in only(diff, "added"))


@given(TEXTS)
def test_a_text_compared_with_itself_has_no_change(text: str) -> None:
    diff = compare_text(text, text)
    assert not diff.changed
    assert (diff.added, diff.removed, diff.hunks(), diff.unified()) == (0, 0, (), "")
    assert "".join(line.text for line in diff.lines) == text


@given(TEXTS, TEXTS)
def test_texts_that_differ_in_any_way_show_a_change(old: str, new: str) -> None:
    diff = compare_text(old, new)
    assert diff.changed == (old != new)
    assert diff.changed == bool(diff.added + diff.removed)


@given(TEXTS, TEXTS)
def test_spans_are_never_empty_and_neighbours_differ(old: str, new: str) -> None:
    for line in compare_text(old, new).lines:
        assert all(span.text for span in line.spans)
        changes = [span.changed for span in line.spans]
        assert all(one != other for one, other in pairwise(changes))
        assert line.kind != "equal" or changes == [False]


@given(MIXED, MIXED, st.integers(0, 4))
@example("a\nb\nc\nd\n", "a\nb\nX\nd", 1)
@example("a\nb\n", "", 3)
def test_the_unified_form_can_be_applied_to_the_old_text(old: str, new: str, context: int) -> None:
    # What is written out cannot be read back, so these two hold nothing of the kind.
    plain = str.maketrans("\r\x00\u2028\x0b", "rzuv")
    old, new = old.translate(plain), new.translate(plain)
    diff = compare_text(old, new)
    if not diff.ends_matter:
        old, new = closed(old), closed(new)
    assert apply(diff.unified(context), old) == new


def test_the_unified_form_is_what_diff_u_writes() -> None:
    old = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n"
    new = "one\ntwo\nthree\nFOUR\nfive\nsix\nseven\neight\nnine\nten"
    assert compare_text(old, new).unified(context=1) == (
        "@@ -3,3 +3,3 @@\n three\n-four\n+FOUR\n five\n"
        "@@ -9,2 +9,2 @@\n nine\n-ten\n+ten\n\\ No newline at end of file\n"
    )
    assert compare_text("", "x\n").unified() == "@@ -0,0 +1 @@\n+x\n"
    assert compare_text("x\ny\n", "").unified() == "@@ -1,2 +0,0 @@\n-x\n-y\n"
    assert compare_text("a\nb\n", "a\nnew\nb\n").unified(context=0) == "@@ -1,0 +2 @@\n+new\n"


def test_a_missing_line_feed_at_the_end_is_said_only_where_it_matters() -> None:
    said = "\\ No newline at end of file\n"
    assert compare_text("a\nb", "a\nc").unified() == "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    assert compare_text("", "a").unified() == "@@ -0,0 +1 @@\n+a\n"
    assert compare_text("a\n", "a").unified() == f"@@ -1 +1 @@\n-a\n+a\n{said}"
    # Without it the line that goes and the one that comes would read the same.
    assert compare_text("a", "a\nb").unified() == f"@@ -1 +1,2 @@\n-a\n{said}+a\n+b\n{said}"


def test_changes_closer_than_twice_the_context_share_a_hunk() -> None:
    old = "".join(f"{n}\n" for n in range(20))
    near = old.replace("\n3\n", "\nthree\n").replace("\n8\n", "\neight\n")
    assert len(compare_text(old, near).hunks(context=2)) == 1
    assert len(compare_text(old, near).hunks(context=1)) == 2


def test_a_negative_context_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="-1 lines of context") as error:
        compare_text("a", "b").hunks(context=-1)
    assert error.value.hint


def test_the_words_that_differ_are_marked_on_both_sides() -> None:
    diff = compare_text("You are a helpful agent.\n", "You are a kind and helpful person.\n")
    assert [marked(line) for line in diff.lines] == [["agent"], ["kind and ", "person"]]


def test_a_replaced_phrase_is_marked_as_one() -> None:
    diff = compare_text("Say to the old man that we go.\n", "Say to my young woman that we go.\n")
    assert [marked(line) for line in diff.lines] == [["the old man"], ["my young woman"]]


def test_a_line_is_compared_with_the_one_it_is_like_and_not_with_the_one_in_its_place() -> None:
    diff = compare_text(
        "Greet the customer by name.\nSign as the desk.\n",
        "Be brief and never rude!\nGreet the customer by first name.\nSign as the whole desk.\n",
    )
    removed, added = only(diff, "removed"), only(diff, "added")
    assert [marked(line) for line in removed] == [[], []]
    assert [marked(line) for line in added] == [[], ["first "], ["whole "]]
    assert [line.counterpart for line in removed] == [2, 3]
    assert [line.counterpart for line in added] == [None, 1, 2]


def test_a_line_without_a_counterpart_has_nothing_marked() -> None:
    diff = compare_text("a\n", "a\nb c\n")
    assert diff.lines[1] == Line("added", None, 2, (Span("b c\n", changed=False),))


def test_a_changed_line_ending_is_a_difference_and_is_marked() -> None:
    diff = compare_text("Dear  \r\nyou\n", "Dear  \nyou\n")
    assert [marked(line) for line in diff.lines] == [["\r"], [], []]
    assert diff.unified() == "@@ -1,2 +1,2 @@\n-Dear  ␍\n+Dear  \n you\n"


def test_white_space_at_the_end_of_a_line_is_a_difference_and_is_marked() -> None:
    assert [marked(line) for line in compare_text("a b\n", "a b  \n").lines] == [[], ["  "]]
    assert [marked(line) for line in compare_text("    \n", "  \n").lines] == [["    "], ["  "]]


def test_a_missing_last_newline_is_marked_where_it_is_there() -> None:
    assert [marked(line) for line in compare_text("end\n", "end").lines] == [["\n"], []]


def test_only_a_line_feed_ends_a_line() -> None:
    assert len(compare_text("a\rb\x0bc\x0cd\x85e\u2028f\n", "").lines) == 1


def test_chinese_japanese_and_korean_are_compared_character_by_character() -> None:
    diff = compare_text("请用中文回答客户。\n", "请用英文回答客户。\n")
    assert [marked(line) for line in diff.lines] == [["中"], ["英"]]
    assert words("カキ한국") == ["カ", "キ", "한", "국"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("don't stop_now 42%\n", ["don", "'", "t", " ", "stop_now", " ", "42", "%", "\n"]),
        ("a \t b\r\n", ["a", " \t ", "b", "\r", "\n"]),
        ("caf\u0065\u0301s", ["cafe\u0301s"]),
        ("नमस्ते हिन्दी", ["नमस्ते", " ", "हिन्दी"]),
        ("か\u3099き", ["か\u3099", "き"]),
        ("👨\u200d👩\u200d👧👍🏽🇩🇪🇩🇰", ["👨\u200d👩\u200d👧", "👍🏽", "🇩🇪", "🇩🇰"]),
        ("", []),
    ],
)
def test_a_line_is_split_into_words(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@given(TEXTS)
def test_words_joined_are_the_line(line: str) -> None:
    assert "".join(words(line)) == line


def test_many_equal_lines_do_not_make_the_comparison_cubic() -> None:
    # Unbounded, difflib works on these for hours: every line matches hundreds of others.
    chance = random.Random(7)  # noqa: S311 - a fixed shuffle, not a secret
    old = "".join(f"{chance.choice('abcdefgh')}\n" for _ in range(8_000))
    new = "".join(f"{chance.choice('abcdefgh')}\n" for _ in range(8_000))
    diff = compare_text(old, new)
    assert "".join(line.text for line in diff.lines if line.kind != "added") == old
    assert "".join(line.text for line in diff.lines if line.kind != "removed") == new
    assert not any(marked(line) for line in diff.lines)


def test_small_changes_in_a_long_text_are_found_one_by_one() -> None:
    old = [f"{n} is the number of this line\n" if n % 3 else "\n" for n in range(30_000)]
    new = [line.replace("number", "place") if n % 100 == 1 else line for n, line in enumerate(old)]
    expected = sum(one != other for one, other in zip(old, new, strict=True))
    diff = compare_text("".join(old), "".join(new))
    assert (diff.removed, diff.added) == (expected, expected)
    assert [marked(line) for line in only(diff, "added")] == [["place"]] * expected


def test_a_line_that_is_too_long_has_no_words_marked() -> None:
    word = "word " * (MARKED_CHARACTERS // 5 - 1)
    assert [marked(line) for line in compare_text(f"{word}a", f"{word}b").lines] == [["a"], ["b"]]
    assert [marked(line) for line in compare_text(f"{word}aaaaaa", f"{word}bbbbbb").lines] == [
        [],
        [],
    ]


def test_a_block_of_too_many_lines_has_no_words_marked() -> None:
    def block(word: str, lines: int) -> str:
        return "".join(f"this is line {word}{n} of many\n" for n in range(lines))

    few = compare_text(block("a", MARKED_LINES), block("b", MARKED_LINES))
    many = compare_text(block("a", MARKED_LINES + 1), block("b", MARKED_LINES + 1))
    assert any(marked(line) for line in few.lines)
    assert not any(marked(line) for line in many.lines)


SEQUENCES = st.lists(st.sampled_from("abcd"), max_size=25)


@given(SEQUENCES, SEQUENCES, st.integers(0, 400))
def test_matches_are_real_in_order_and_within_their_allowance(
    a: list[str], b: list[str], steps: int
) -> None:
    for find in (matches, anchored_matches):
        work = Work(steps)
        blocks = find(a, b, work)
        assert 0 <= work.left <= steps
        assert tuple(blocks[-1]) == (len(a), len(b), 0)
        i = j = 0
        for x, y, size in blocks:
            assert x >= i
            assert y >= j
            assert a[x : x + size] == b[y : y + size]
            i, j = x + size, y + size


def test_without_any_work_left_only_the_ends_are_matched() -> None:
    blocks = matches(list("abxxcd"), list("abyxzcd"), Work(0))
    assert [tuple(block) for block in blocks] == [(0, 0, 2), (4, 5, 2), (6, 7, 0)]
    assert (2, 3, 1) in [tuple(x) for x in matches(list("abxxcd"), list("abyxzcd"), Work(100))]


def test_lines_that_stand_once_hold_the_alignment_without_any_work() -> None:
    a, b = list("-1-2-3-"), list("+1+2+3+")
    found = [(block.a, block.b) for block in anchored_matches(a, b, Work(0))]
    assert found == [(1, 1), (3, 3), (5, 5), (7, 7)]
