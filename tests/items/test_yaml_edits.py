"""Values change in YAML where they stand, and nothing else of the text does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anvil_nb.domain.items.yaml_edits import remove_value, rename_key, set_value
from anvil_nb.domain.yaml_reader import read_mapping
from anvil_nb.domain.yaml_writer import write_mapping
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json

words = st.text("abc xyz", min_size=1, max_size=12).map(str.strip).filter(bool)
texts = st.one_of(
    words,
    st.sampled_from(
        ["", "yes", "null", "12", "a: b", "a #b", "- x", "'q'", '"d"', "[x", "é, ü", "ends ", "\\"]
    ),
    st.lists(words, min_size=2, max_size=4).map("\n".join),
    st.lists(words, min_size=2, max_size=4).map(lambda lines: "\n".join(lines) + "\n"),
    st.lists(words, min_size=2, max_size=3).map(lambda lines: "\n\n".join(lines) + "\n\n\n"),
    st.text(st.characters(max_codepoint=0xFFFD, exclude_categories=["Cs"]), max_size=8),
)
scalars: st.SearchStrategy[Json] = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
values: st.SearchStrategy[Json] = st.one_of(
    scalars,
    st.lists(scalars, max_size=4),
    st.dictionaries(words, scalars, max_size=3),
    st.lists(st.dictionaries(words, scalars, min_size=1, max_size=2), max_size=3),
)


def inline(value: Json) -> str:
    """JSON, which YAML takes once what it takes for line breaks is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[^ -~\u00a1-\ud7ff]", lambda m: f"\\u{ord(m[0]):04x}", text)


def block(key: str, value: Json) -> str:
    return write_mapping({key: value})


def plain(key: str, value: Json) -> str:
    return f"{key}: {inline(value)}\n"


def commented(key: str, value: Json) -> str:
    return f"{key}:   {inline(value)}   # about {key}: [x]\n"


def single(key: str, value: Json) -> str:
    if not isinstance(value, str) or not value.isprintable():
        return block(key, value)
    return f"{key}: '{value.replace(chr(39), chr(39) * 2)}' # quoted\n"


def spread(key: str, value: Json) -> str:
    """A list over lines, with a comment at each item, not indented."""
    if not isinstance(value, list) or not value:
        return commented(key, value)
    items = (f"# before\n-   {inline(one)} # item\n" for one in value)
    return f"{key}: # list\n{''.join(items)}"


def kept(key: str, value: Json) -> str:
    if not isinstance(value, str) or "\n" not in value or not value.strip() or value[0] in " \n\t":
        return plain(key, value)
    return block(key, value) + "\n\n"


writers: st.SearchStrategy[Callable[[str, Json], str]] = st.sampled_from(
    [block, plain, commented, single, spread, kept]
)
between = st.sampled_from(["", "\n", "# a comment\n", "\n# one\n# two\n\n", " # indented\n"])


@st.composite
def documents(draw: st.DrawFn) -> list[tuple[str, str, Json]]:
    """Parts of a document: what stands before a key, and the lines of the key, and its value."""
    keys = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5, unique=True))
    made = []
    for key in keys:
        value = draw(values)
        made.append((draw(between), draw(writers)(key, value), value))
    return [(before, lines, value) for before, lines, value in made]


def keys_of(parts: list[tuple[str, str, Json]]) -> list[str]:
    return [lines.partition(":")[0] for _, lines, _ in parts]


@given(parts=documents(), data=st.data(), crlf=st.booleans(), ended=st.booleans())
def test_a_change_touches_the_lines_of_its_own_value_only(
    parts: list[tuple[str, str, Json]], data: st.DataObject, *, crlf: bool, ended: bool
) -> None:
    ends = "\r\n" if crlf else "\n"
    raw = "".join(before + lines for before, lines, _ in parts)
    at = data.draw(st.integers(0, len(parts) - 1))
    head = "".join(before + lines for before, lines, _ in parts[:at]) + parts[at][0]
    tail = "".join(before + lines for before, lines, _ in parts[at + 1 :])
    if not ended and not raw.endswith("\n\n"):
        raw, tail = raw.removesuffix("\n"), tail.removesuffix("\n")
    source, head, tail = (one.replace("\n", ends) for one in (raw, head, tail))
    said = read_mapping(source)
    assume(said is not None)
    assert said is not None
    key = keys_of(parts)[at]
    new = data.draw(values)

    made = set_value(source, (key,), new, newline=ends)

    assert read_mapping(made) == {**said, key: new}
    assert made.startswith(head)
    assert made.endswith(tail)
    assert made.endswith("\n") == source.endswith("\n")
    if crlf:
        assert "\n" not in made.replace("\r\n", "")


@given(parts=documents(), crlf=st.booleans())
def test_the_value_that_stands_there_changes_no_byte(
    parts: list[tuple[str, str, Json]], *, crlf: bool
) -> None:
    raw = "".join(before + lines for before, lines, _ in parts)
    source = raw.replace("\n", "\r\n") if crlf else raw
    for key, value in (read_mapping(source) or {}).items():
        assert set_value(source, (key,), value) == source


@given(parts=documents(), value=values, ended=st.booleans())
def test_a_new_key_comes_behind_the_last_one(
    parts: list[tuple[str, str, Json]], value: Json, *, ended: bool
) -> None:
    source = "".join(before + lines for before, lines, _ in parts)
    if not ended and not source.endswith("\n\n"):
        source = source.removesuffix("\n")
    said = read_mapping(source) or {}

    made = set_value(source, ("new",), value)

    read = read_mapping(made) or {}
    assert read == {**said, "new": value}
    assert list(read) == [*said, "new"]
    lost = [line for line in source.splitlines() if line not in made.splitlines()]
    assert not lost or (not source.endswith("\n") and lost == [made_open(lost[0])])


def made_open(line: str) -> str:
    """The header of a last block whose value ended where the file did: it has to say so now."""
    assert line.rstrip().endswith(("|", "|+", ">"))
    return line


@given(documents(), st.data())
def test_a_key_taken_away_takes_its_lines_and_no_others(
    parts: list[tuple[str, str, Json]], data: st.DataObject
) -> None:
    source = "".join(before + lines for before, lines, _ in parts)
    assume("|+" not in source)  # empty lines behind the key would become part of such a block
    key = data.draw(st.sampled_from(keys_of(parts)))
    at = keys_of(parts).index(key)

    made = remove_value(source, (key,))

    said = read_mapping(source) or {}
    assert read_mapping(made) == {name: one for name, one in said.items() if name != key}
    head = "".join(before + lines for before, lines, _ in parts[:at]) + parts[at][0]
    tail = "".join(before + lines for before, lines, _ in parts[at + 1 :])
    assert made.startswith(head)
    assert made.endswith(tail)


CONFIG = """\
# Of the desk
id: triage   # never changes
name: "Triage"
tags:
  # the first
  - mail   # incoming
  - desk
  # the last
  - urgent

card: {displayName: 'Desk', version: 1}
prompt: |
  Be brief.

  Be kind.

limits:
    depth: 3  # levels
    notes:
"""


def test_one_tag_leaves_the_lines_of_the_others() -> None:
    made = set_value(CONFIG, ("tags",), ["mail", "help", "desk", "late"])

    assert made == CONFIG.replace(
        "  - mail   # incoming\n  - desk\n  # the last\n  - urgent\n",
        "  - mail   # incoming\n  - help\n  - desk\n  # the last\n  - late\n",
    )


def test_a_value_keeps_the_quotes_and_the_comment_of_the_old_one() -> None:
    assert set_value('a: "x"  # why\n', ("a",), "y") == 'a: "y"  # why\n'
    assert set_value("a: 'x' # why\n", ("a",), "it's") == "a: 'it''s' # why\n"
    assert set_value("a: x # why\n", ("a",), "yes") == 'a: "yes" # why\n'


def test_lines_stay_lines() -> None:
    made = set_value(CONFIG, ("prompt",), "Be exact.\n\nBe calm.\n")

    assert made == CONFIG.replace("brief", "exact").replace("kind", "calm")


def test_a_value_inside_a_mapping_is_changed_alone() -> None:
    assert set_value(CONFIG, ("card", "version"), 2) == CONFIG.replace("version: 1", "version: 2")
    assert set_value(CONFIG, ("limits", "notes"), "few") == CONFIG.replace("notes:", "notes: few")
    assert set_value(CONFIG, ("limits", "width"), 80) == CONFIG + "    width: 80\n"


def test_an_emptied_list_says_so() -> None:
    made = set_value(CONFIG, ("tags",), [])

    assert "tags: []\n\ncard" in made


def test_text_that_holds_only_comments_gets_its_first_key() -> None:
    assert set_value("# nothing yet", ("a",), 1) == "# nothing yet\na: 1\n"
    assert set_value("", ("a", "b"), 1) == "a:\n  b: 1\n"


def test_a_key_is_renamed_where_it_stands() -> None:
    source = "agents: # all\n  'old': # this one\n    name: old\n"

    made = rename_key(source, ("agents", "old"), "new")

    assert made == source.replace("'old'", "'new'")


def test_what_cannot_be_changed_in_place_is_refused() -> None:
    with pytest.raises(ItemError, match="no mapping"):
        set_value("a: 1\n", ("a", "b"), 2)
    with pytest.raises(ItemError, match="cannot be changed in place"):
        set_value("? a\n: - x\n", ("a",), [])
