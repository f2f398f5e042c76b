"""Filters: which names a sync is about."""

from __future__ import annotations

import pytest

from anvil_nb.domain.sync.filters import parse_filter
from anvil_nb.errors import InvalidInputError

NAMES = [
    "agents/support.yaml",
    "skills/triage/SKILL.md",
    "skills/triage/scripts/run.sh",
    "skills/webapp-testing/SKILL.md",
    "skills.md",
    "content/blog/",
]


def passed(text: str | list[str]) -> list[str]:
    chosen = parse_filter(text)
    return [name for name in NAMES if chosen.matches(name)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NAMES),
        (" , ", NAMES),
        ("skills/", NAMES[1:4]),
        ("skills", NAMES[1:4]),
        ("skills/**", NAMES[1:4]),
        ("./skills/triage", NAMES[1:3]),
        ("skills/*", []),
        ("skills/*/SKILL.md", [NAMES[1], NAMES[3]]),
        ("skills/*/", NAMES[1:4]),
        ("**/SKILL.md", [NAMES[1], NAMES[3]]),
        ("**/*.md", [NAMES[1], NAMES[3], NAMES[4]]),
        ("*.md", [NAMES[4]]),
        ("s*", [NAMES[4]]),
        ("s**", NAMES[1:5]),
        ("agents/support.yam?", NAMES[:1]),
        ("agents/support?yaml", NAMES[:1]),
        ("agents/support.yaml,content/blog", [NAMES[0], NAMES[5]]),
        ("content/blog/", [NAMES[5]]),
        ("Skills/", []),
        ("skills/triage/SKILL+md", []),
        ("**", NAMES),
    ],
)
def test_a_glob_means_these(text: str, expected: list[str]) -> None:
    assert passed(text) == expected


def test_several_globs_are_one_filter_however_they_are_given() -> None:
    assert passed(["agents", "skills.md"]) == passed("skills.md , agents") == [NAMES[0], NAMES[4]]
    assert str(parse_filter(["b,a", "a"])) == "a,b"
    assert not parse_filter([])
    assert parse_filter("a")


@pytest.mark.parametrize("text", ["../x", "a/../b", "a\\b"])
def test_a_glob_that_can_match_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot match"):
        parse_filter(text)


def test_a_filter_that_matches_nothing_is_refused_with_what_is_there() -> None:
    parse_filter("skills,agents").check(NAMES)
    with pytest.raises(InvalidInputError, match="'skils/' matches nothing") as caught:
        parse_filter("agents,skils/").check(NAMES)
    assert caught.value.hint == (
        "Did you mean skills? There is: agents/, content/, skills.md, skills/."
    )
    with pytest.raises(InvalidInputError) as caught:
        parse_filter("x").check(f"d{number}/a" for number in range(10_000))
    assert caught.value.hint.endswith("and 9,992 more.")
    with pytest.raises(InvalidInputError) as caught:
        parse_filter("x").check([])
    assert "nothing on either side" in caught.value.hint
