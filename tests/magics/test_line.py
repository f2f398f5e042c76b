"""The line of a magic falls into words the way its writer meant it."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.errors import InvalidInputError
from anvil_nb.magics.line import scan, split

WRITTEN = frozenset({"--var", "--data", "--set"})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  show   desk/emails/welcome ", ["show", "desk/emails/welcome"]),
        ("show 'desk/emails@>=1 <2'", ["show", "desk/emails@>=1 <2"]),
        ("show desk/emails@'>=1 <2'", ["show", "desk/emails@>=1 <2"]),
        ('publish -m "first version"', ["publish", "-m", "first version"]),
        ('publish --message="it\'s \\"good\\""', ["publish", '--message=it\'s "good"']),
        (r"load C:\new\table.csv", ["load", r"C:\new\table.csv"]),
        (r"-m 'a\b' ''", ["-m", r"a\b", ""]),
        ("save {x} $HOME {{ y }} ~ *", ["save", "{x}", "$HOME", "{{", "y", "}}", "~", "*"]),
        ("ls # no comment", ["ls", "#", "no", "comment"]),
    ],
)
def test_words_are_split_and_quotes_dropped_as_in_a_terminal(line: str, words: list[str]) -> None:
    assert split(line, WRITTEN) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--var rows=[1, 2] -m x", ["--var", "rows=[1, 2]", "-m", "x"]),
        ('--var who="Ada Lovelace" b', ["--var", 'who="Ada Lovelace"', "b"]),
        ("--var who='it''s' b", ["--var", "who='it''s'", "b"]),
        ('--var d={"a b": [1, {"c": 2}]} b', ["--var", 'd={"a b": [1, {"c": 2}]}', "b"]),
        ('--var t=f"{x} and $y" b', ["--var", 't=f"{x} and $y"', "b"]),
        (r'--var t="a \" b" c', ["--var", r't="a \" b"', "c"]),
        ("--var t='''a ' b''' c", ["--var", "t='''a ' b'''", "c"]),
        ('--var t=")]}" c', ["--var", 't=")]}"', "c"]),
        ("--var total=(a + b) c", ["--var", "total=(a + b)", "c"]),
        ("--var total=a + b", ["--var", "total=a", "+", "b"]),
        (
            "--var n=[o for o in orders if o['x'] > 1]",
            ["--var", "n=[o for o in orders if o['x'] > 1]"],
        ),
        ("--var=rows=[1, 2] c", ["--var=rows=[1, 2]", "c"]),
        ("--var 'rows=[1, 2]' c", ["--var", "rows=[1, 2]", "c"]),
        ("--var \"who='Ada Lovelace'\" c", ["--var", "who='Ada Lovelace'", "c"]),
        ("--data 'my file.csv' c", ["--data", "'my file.csv'", "c"]),
        ("--data rows[:3] c", ["--data", "rows[:3]", "c"]),
        ("--data (lambda n: [n, n])(2) c", ["--data", "(lambda n: [n, n])(2)", "c"]),
        ('--set stop=["\\n", "x y"]', ["--set", 'stop=["\\n", "x y"]']),
        ("a--var=[1, 2]", ["a--var=[1,", "2]"]),
    ],
)
def test_what_is_python_keeps_its_quotes_and_goes_on_through_brackets(
    line: str, words: list[str]
) -> None:
    assert split(line, WRITTEN) == words


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("show 'desk/emails", "the quote ' is not closed in 'desk/emails"),
        ('save -m "x', 'the quote " is not closed in "x'),
        ("render --var a=[1, 2", "']' is missing in a=[1, 2"),
        ("render --var a=(1, [2)", "']' is missing in a=(1, [2)"),
        ("render --var=a='x", "the quote ' is not closed in --var=a='x"),
    ],
)
def test_what_is_not_closed_is_refused_and_named(line: str, missing: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        split(line, WRITTEN)
    assert caught.value.message == missing
    assert "quotes" in caught.value.hint


WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=5)


@given(WORDS)
def test_words_in_quotes_come_back_whatever_they_hold(words: list[str]) -> None:
    quoted = " ".join("'" + word.replace("'", "'\"'\"'") + "'" for word in words)
    assert split(quoted, frozenset()) == words


@given(WORDS)
def test_a_line_without_backslashes_splits_as_in_a_terminal(words: list[str]) -> None:
    line = shlex.join([word.replace("\\", "/") for word in words])
    assert split(line, frozenset()) == shlex.split(line)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=8,
    )
)
def test_any_value_written_as_python_is_one_word(value: object) -> None:
    assert split(f"render x --var v={value!r} --json", WRITTEN) == [
        "render", "x", "--var", f"v={value!r}", "--json",
    ]  # fmt: skip


@given(st.text(st.sampled_from("ab '\"\\[](){}=-v\t\n")))
def test_the_places_of_words_cover_all_but_white_space(line: str) -> None:
    at = 0
    for word in scan(f"--var {line}", WRITTEN):
        assert not f"--var {line}"[at : word.start].strip()
        assert word.start < word.end
        at = word.end
    assert not f"--var {line}"[at:].strip()
