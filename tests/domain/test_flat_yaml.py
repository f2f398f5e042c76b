"""Plain YAML is read without the parser, and says what the parser says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anvil_nb.domain.flat_yaml import flat_mapping
from anvil_nb.domain.yaml_reader import read_mapping
from anvil_nb.domain.yaml_writer import write_mapping
from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

CLOSE = "nulltrueTRUENOyesabcdz09 :#-'\"\\\n\r\t,.[]{}&*!|>%@`?~_=<+/é\u00a0\u0085\u2028\ufeff😀\0"
"""Characters that YAML gives a meaning to, and some that it gives none."""
LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from("abcdefgh")
    | st.sampled_from(["true", "null", "Name-1", "é", "", "- a", "'a'", "?", "  b"])
    | st.text(CLOSE, max_size=2),
    st.just(": ") | st.sampled_from([": ", ":", ":  ", ":\t", " : ", ""]),
    st.sampled_from(["text", "some text", "12", "true", "'text'", '""'])
    | st.sampled_from([
        "text", "null", "false", "12", "-0", "007", "0x1f", "1e3", "1.5", "2024-01-01", "12:30",
        '"in quotes"', "'in quotes'", "''", '""', "'it''s'", r'"a\tb"', '"a" ', "| ", "|", ">-",
        "https://example.org/a:b", "a: b", "a # b", "a#b", "a:", "a ", "b:c", "{a: b}", "[a]",
        "&a b", "*a", "!!str a", "...", "---", "a, b", "a [b] {c}", "a 'b' \"c\"", "@a", "%a",
    ])
    | st.text(CLOSE, max_size=8),
)  # fmt: skip
TEXTS = st.builds(
    lambda lines, ends, last: ends.join(lines) + last,
    st.lists(LINES, max_size=4),
    st.just("\n") | st.sampled_from(["\n", "\r\n", "\n\n", "\n ", "\n  ", "\r"]),
    st.just("\n") | st.sampled_from(["", "\r\n", "\n\n", " ", "\n...\n", "\n---\n"]),
)


def _parsed(text: str) -> object:
    try:
        return read_mapping(f"# Which takes the parser.\n{text}")
    except DeclarationError as error:
        return error


@given(TEXTS | st.text(CLOSE, max_size=30).map("name: {}".format))
@example("a: b\n c: d")
@example("a: b:\u00a0c")
def test_what_is_read_without_the_parser_is_what_the_parser_reads(text: str) -> None:
    flat = flat_mapping(text)
    if flat is not None:
        assert repr(flat) == repr(_parsed(text))


@given(
    st.dictionaries(
        st.sampled_from("abcdefgh"),
        st.text(CLOSE.replace("\n", ""), max_size=6).map("a{}".format)
        | st.text("ab :#-'{}[],é\u00a0", max_size=8).map('"{}"'.format)
        | st.integers(-10_000, 10_000).map(str)
        | st.sampled_from(["true", "null", "yes", "on", "Null", "nullx", "''", "'a b'"]),
        min_size=1,
    ).map(lambda said: "\n".join(f"{key}: {value}" for key, value in said.items()))
)
def test_lines_that_nearly_all_are_plain_say_what_the_parser_says(text: str) -> None:
    flat = flat_mapping(text)
    if flat is not None:
        assert repr(flat) == repr(_parsed(text))


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,8}", fullmatch=True).filter(lambda key: key != "null"),
        st.from_regex(r"[ -~é]{0,30}", fullmatch=True) | st.booleans() | st.integers(-999, 9999),
        min_size=1,
    )
)
def test_what_we_write_of_short_values_is_read_back_with_or_without_the_parser(
    said: dict[str, Json],
) -> None:
    written = write_mapping(said)
    assert read_mapping(written) == said
    assert _parsed(written) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name: Daily report\ndescription: "What\'s new: all of it"\n', 2),
        ("a: 'x'\r\nb: -12\r\nc: true", 3),
        ("home: https://example.org/a\n", 1),
    ],
)
def test_plain_lines_need_no_parser(text: str, said: int) -> None:
    assert len(flat_mapping(text) or {}) == said


@pytest.mark.parametrize(
    "text",
    [
        "", "a: b\na: c\n", "true: a\n", "a: b\n\tc: d", "a: b #c", "a: b: c", "a: |\n  b\n",
        "a:\n  b: c\n", "a: b\n  c\n", "a: [b]\n", "a: 1.5\n", "a: 1234567890123456\n", "a: &b c\n",
        'a: "b\\n"\n', "a: 'b''c'\n", "a: b\rc: d", "a: b\u2028c: d", "a: b \n", "# a\n",
    ],
)  # fmt: skip
def test_what_takes_the_parser_is_left_to_it(text: str) -> None:
    assert flat_mapping(text) is None
