"""Names: which texts are names, what titles become, and how a fault is told."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.naming import LONGEST_NAME, check_name, expected, is_name, slug_from_title
from anvil_nb.errors import AddressError

slugs = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)


@given(slugs)
def test_a_slug_is_a_name(text: str) -> None:
    assert check_name(text) == text


@given(st.text(max_size=70) | st.text(alphabet="aZ0-_/@. é", max_size=70))
def test_what_is_no_slug_is_refused(text: str) -> None:
    if re.fullmatch(r"[a-z0-9][a-z0-9-]*", text) and len(text) <= LONGEST_NAME:
        assert is_name(text)
        return
    assert not is_name(text)
    with pytest.raises(AddressError):
        check_name(text)


LOWER = "a lower-case letter, a digit or '-'"
FIRST = "a lower-case letter or a digit"


@pytest.mark.parametrize(
    ("text", "what", "column", "found", "hint"),
    [
        ("", "a name", 1, "the end", "Use lower-case letters, digits and hyphens"),
        ("Desk", FIRST, 1, "'D': names are lower case", "Did you mean desk?"),
        ("deSk", LOWER, 3, "'S': names are lower case", "Did you mean desk?"),
        ("-desk", FIRST, 1, "'-'", "Did you mean desk?"),
        ("--", FIRST, 1, "'-'", "Use lower-case letters, digits and hyphens"),
        ("help_desk", LOWER, 5, "'_'", "Did you mean help-desk?"),
        ("desk\n", LOWER, 5, r"'\n'", "Did you mean desk?"),
        ("desk\x00", LOWER, 5, r"'\x00'", "Did you mean desk?"),
        ("d\u0435sk", LOWER, 2, "'\u0435' (U+0435 CYRILLIC SMALL LETTER IE)", "Did you mean desk?"),
        ("\ud800", FIRST, 1, r"'\ud800' (U+D800)", "Use lower-case letters, digits and hyphens"),
    ],
)
def test_a_refused_name_says_what_is_wrong_where(
    text: str, what: str, column: int, found: str, hint: str
) -> None:
    with pytest.raises(AddressError) as caught:
        check_name(text, "set name")
    place = f"at column {column} of the set name {text!r}"
    assert caught.value.message == f"expected {what} {place}, found {found}"
    assert caught.value.hint.startswith(hint)


def test_a_name_of_65_characters_is_refused_with_its_length() -> None:
    with pytest.raises(AddressError) as caught:
        check_name("a" * 65)
    assert caught.value.message.endswith("has 65 characters, and a name has at most 64")
    assert check_name("a" * 64) == "a" * 64


def test_a_long_text_is_cut_in_messages() -> None:
    message = expected("a name", "x" * 500, 400)
    assert message == f"expected a name at column 401 of '{'x' * 80}'…, found 'x'"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Welcome", "welcome"),
        ("Linux Terminal", "linux-terminal"),
        ("  Refund -- request!  ", "refund-request"),
        ("Don't panic", "don-t-panic"),
        ("AI/ML (v2.0)", "ai-ml-v2-0"),
        ("Übergröße", "ubergrosse"),
        ("Привет мир", "privet-mir"),
        ("ﬁle №1", "file-no1"),
        ("İstanbul", "istanbul"),
        ("", "untitled"),
        ("!?… ---", "untitled"),
        ("\x00\ud800", "untitled"),
    ],
)
def test_a_title_becomes_a_name_by_transliteration(title: str, slug: str) -> None:
    assert slug_from_title(title) == slug


def test_a_long_title_is_cut_without_a_hyphen_at_its_end() -> None:
    assert slug_from_title("a" * 63 + " b") == "a" * 63
    assert slug_from_title("a" * 100) == "a" * 64


@given(st.text(max_size=90) | st.text(alphabet="aB -é", min_size=55, max_size=90))
def test_any_title_becomes_a_name_and_stays_it(title: str) -> None:
    slug = slug_from_title(title)
    assert check_name(slug) == slug
    assert slug_from_title(slug) == slug


def test_a_second_of_the_same_title_gets_a_two_and_so_on() -> None:
    taken: list[str] = []
    for _ in range(12):
        taken.append(slug_from_title("Welcome!", taken=taken))
    assert taken == ["welcome", *(f"welcome-{number}" for number in range(2, 13))]


def test_a_number_does_not_make_a_name_too_long() -> None:
    long = "a" * LONGEST_NAME
    assert slug_from_title(long, taken={long}) == "a" * 62 + "-2"
    title = "b" * 61 + "-cc"
    assert slug_from_title(title, taken={title}) == "b" * 61 + "-2"


@given(st.sampled_from(["a", "A!", "é", "", "a" * 70]), st.sets(st.integers(1, 40)))
def test_a_name_is_never_one_that_is_taken(title: str, numbers: set[int]) -> None:
    first = slug_from_title(title)
    taken = {first} | {f"{first[: LONGEST_NAME - 1 - len(str(n))]}-{n}" for n in numbers}
    slug = slug_from_title(title, taken=taken)
    assert slug not in taken
    assert check_name(slug) == slug


def test_ten_thousand_of_the_same_title_do_not_try_every_number() -> None:
    class Counted(set[str]):
        asked = 0

        def __contains__(self, name: object) -> bool:
            self.asked += 1
            return super().__contains__(name)

    taken = Counted(["same", *(f"same-{number}" for number in range(2, 10_001))])
    assert slug_from_title("Same", taken=taken) == "same-10001"
    assert taken.asked < 50


def test_the_tables_of_transliteration_are_loaded_only_when_needed() -> None:
    code = (
        "import sys; from anvil_nb.domain.naming import slug_from_title as slug; slug('Plain'); "
        "print('anyascii' in sys.modules); slug('Größe'); print('anyascii' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["False", "True"]
