"""Versions and ranges: the order of SemVer 2.0.0, npm's reading of ranges, and exact errors."""

from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.semver import (
    LONGEST_RANGE,
    LONGEST_VERSION,
    Bump,
    Range,
    Version,
    bump,
    latest,
    next_version,
)
from anvil_nb.errors import VersionSyntaxError

# What npm's semver 7.8 answers: a range, versions it admits, versions it does not.
DECIDED_BY_NPM = [
    ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 2.0.0-rc.1 1.3.0-rc.1"),
    ("^1.2", "1.2.0 1.99.0", "1.1.9 2.0.0"),
    ("^1.x", "1.0.0 1.9.9", "2.0.0 0.9.9"),
    ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2 1.0.0"),
    ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
    ("^0.0", "0.0.0 0.0.9", "0.1.0"),
    ("^0.x", "0.0.1 0.9.0", "1.0.0"),
    ("^0", "0.0.0 0.99.1", "1.0.0"),
    ("^0.0.x", "0.0.7", "0.1.0"),
    ("^0.0.0", "0.0.0", "0.0.1"),
    ("^*", "0.0.0 9.9.9", "1.0.0-rc.1"),
    ("^1.2.3-rc.1", "1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.4.0", "1.2.3-beta 1.2.4-rc.2 2.0.0"),
    ("^0.0.3-rc.1", "0.0.3-rc.1 0.0.3", "0.0.4 0.0.4-rc.1"),
    ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
    ("~1.2", "1.2.0 1.2.9", "1.3.0"),
    ("~1", "1.0.0 1.9.9", "2.0.0"),
    ("~0.2.3", "0.2.3 0.2.9", "0.3.0"),
    ("~1.2.3-rc.1", "1.2.3-rc.2 1.2.9", "1.2.4-rc.2 1.3.0"),
    ("1.x", "1.0.0 1.9.9", "2.0.0 1.1.0-rc.1"),
    ("1.2.*", "1.2.0 1.2.9", "1.3.0"),
    ("1.x.x", "1.5.0", "2.0.0"),
    ("1.2.X", "1.2.4", "1.3.0"),
    ("1", "1.0.0 1.9.9", "2.0.0"),
    ("v1", "1.9.9", "2.0.0"),
    ("=1.2", "1.2.0 1.2.9", "1.3.0"),
    ("*", "0.0.0 9.9.9", "1.0.0-rc.1"),
    ("x", "0.0.0 9.9.9", "1.0.0-rc.1"),
    ("1.2.3", "1.2.3", "1.2.4 1.2.3-rc.1"),
    ("= 1.2.3-rc.1", "1.2.3-rc.1", "1.2.3"),
    ("1.2.3 - 2.3.4", "1.2.3 2.3.4", "1.2.2 2.3.5"),
    ("1.2 - 2.3.4", "1.2.0 2.3.4", "1.1.9 2.3.5"),
    ("1.2.3 - 2.3", "2.3.9", "2.4.0 2.4.0-rc.1"),
    ("1.2.3 - 2", "2.9.9", "3.0.0"),
    ("1.2.3-rc.1 - 2.0.0", "1.2.3-rc.2 2.0.0", "1.2.3-beta 2.0.0-rc.1"),
    ("* - 2", "0.0.0 2.9.9", "3.0.0"),
    (">1.2", "1.3.0", "1.2.9"),
    (">1", "2.0.0", "1.9.9"),
    (">=1.2", "1.2.0", "1.1.9"),
    ("<1.2", "1.1.9", "1.2.0 1.2.0-rc.1"),
    ("<=1.2", "1.2.9", "1.3.0"),
    ("<=1", "1.9.9", "2.0.0"),
    ("> 1.2.3", "1.2.4", "1.2.3"),
    ("<= 1.2.3", "1.2.3", "1.2.4"),
    (">=1 <2", "1.0.0 1.9.9", "2.0.0 0.9.9"),
    (">=1.2.3-rc.1 <2", "1.2.3-rc.1 1.2.3", "1.3.0-rc.1"),
    (">1.2.3-rc.1", "1.2.3-rc.2 1.2.3 9.0.0", "1.2.3-rc.1 1.2.4-rc.2"),
    ("<2.0.0", "1.9.9", "2.0.0-rc.1 2.0.0"),
    ("<2.0.0-rc.2", "2.0.0-rc.1 1.9.9", "2.0.0-rc.2 1.9.9-rc.1"),
    ("^1 || ^3", "1.5.0 3.5.0", "2.0.0 4.0.0"),
    ("1||2.x", "1.0.0 2.5.0", "3.0.0"),
    ("1.2.7 || >=1.2.9 <2.0.0", "1.2.7 1.4.6", "1.2.8 2.0.0"),
    ("* || >=1.0.0-rc.1", "1.0.0", "1.0.0-rc.2"),
    (">=0 || >=1.0.0-rc.1", "1.0.0", "1.0.0-rc.2"),
    (">*", "", "0.0.0 1.0.0"),
    ("<x || 1", "1.0.0", "0.0.0"),
    ("<0.0.1-0", "0.0.0", "0.0.1 0.0.1-0"),
]

# SemVer 2.0.0, clause 11, and npm's reading of single hyphens.
IN_ORDER = (
    "0.0.0 0.0.1 0.1.0 1.0.0-0 1.0.0-2 1.0.0-10 1.0.0-- 1.0.0-A 1.0.0-alpha 1.0.0-alpha.1 "
    "1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0 "
    "2.0.0"
)


def versions(texts: str) -> list[Version]:
    return [Version.parse(text) for text in texts.split()]


words = st.from_regex(r"[0-9]{0,3}[A-Za-z-][0-9A-Za-z-]{0,5}", fullmatch=True)
small = st.integers(0, 4)
any_version = st.builds(
    Version,
    small | st.integers(0, 10**15 - 1),
    small,
    small,
    st.lists(small | words, max_size=3).map(tuple),
)
near_a_range = st.text(alphabet="0123.xX*-+|^~<>= v\tarc", max_size=25)


@pytest.mark.parametrize(("text", "admitted", "refused"), DECIDED_BY_NPM)
def test_a_range_admits_what_npm_says_it_admits(text: str, admitted: str, refused: str) -> None:
    wanted = Range.parse(text)
    assert [str(version) for version in versions(admitted) if not wanted.contains(version)] == []
    assert [str(version) for version in versions(refused) if wanted.contains(version)] == []


def test_versions_are_ordered_by_precedence() -> None:
    ordered = versions(IN_ORDER)
    assert all(low < high and high > low and low != high for low, high in pairwise(ordered))
    jumbled = ordered[::2] + ordered[1::2]
    assert jumbled != ordered
    assert sorted(jumbled) == ordered


@given(any_version)
def test_a_version_reads_back_as_itself(version: Version) -> None:
    assert Version.parse(str(version)) == version
    assert hash(Version.parse(f"v{version}")) == hash(version)


@given(any_version, any_version)
def test_the_order_of_versions_is_total_and_agrees_with_equality(a: Version, b: Version) -> None:
    assert [a < b, a == b, a > b].count(True) == 1
    assert (a <= b) == (not a > b)
    assert (a == b) == (str(a) == str(b))


def test_a_leading_v_is_dropped() -> None:
    assert str(Version.parse("v1.2.3-rc.1")) == "1.2.3-rc.1"


def test_a_prerelease_is_one_until_its_core() -> None:
    version = Version.parse("1.2.3-rc.1")
    assert version.prerelease == ("rc", 1)
    assert version.is_prerelease
    assert version.core == Version(1, 2, 3)
    assert not version.core.is_prerelease


@pytest.mark.parametrize(
    ("text", "what", "column", "found"),
    [
        ("1..2", "a number", 3, "'.'"),
        ("", "a number", 1, "the end"),
        ("1.2", "'.'", 4, "the end"),
        ("1.2.3.4", "'-' or the end", 6, "'.'"),
        ("1.2.3-rc!", "'.' or the end", 9, "'!'"),
        ("V1.2.3", "a number", 1, "'V'"),
        ("x.1.2", "a number", 1, "'x'"),
        (" 1.2.3", "a number", 1, "' '"),
        ("1.2.3\n", "'-' or the end", 6, r"'\n'"),
        ("1.02.3", "a number without a leading zero", 3, "'0'"),
        ("1.2.3-rc.01", "a number without a leading zero", 10, "'0'"),
        ("1.2.3-", "a number, a letter or '-'", 7, "the end"),
        ("1.2.3-a..b", "a number, a letter or '-'", 9, "'.'"),
        ("1.2.1234567890123456", "a number of at most 15 digits", 5, "'1'"),
        ("1.2.\uff13", "a number", 5, "'\uff13' (U+FF13 FULLWIDTH DIGIT THREE)"),
    ],
)
def test_what_is_no_version_is_refused_at_its_column(
    text: str, what: str, column: int, found: str
) -> None:
    with pytest.raises(VersionSyntaxError) as caught:
        Version.parse(text)
    place = f"at column {column} of the version {text!r}"
    assert caught.value.message == f"expected {what} {place}, found {found}"
    assert caught.value.hint == "Write a version like 1.2.3 or 2.0.0-rc.1."


@pytest.mark.parametrize("text", ["1.2.3+build", "1.2.3-rc.1+7"])
def test_build_metadata_is_refused_with_the_reason(text: str) -> None:
    for parse in (Version.parse, Range.parse):
        with pytest.raises(VersionSyntaxError, match="could not be told apart") as caught:
            parse(text)
        assert f"column {text.index('+') + 1} " in caught.value.message
        assert "Leave out the '+'" in caught.value.hint


def test_fifteen_digits_are_the_most_a_number_may_have() -> None:
    most = 10**15 - 1
    assert Version.parse(f"{most}.0.0-{most}").prerelease == (most,)
    with pytest.raises(VersionSyntaxError, match="1000000000000000 is no part of a version"):
        bump(Version(1, 0, most), Bump.PATCH)
    assert Range.parse(f"^{most}").contains(Version(most, 1, 0))


def test_a_version_has_at_most_256_characters() -> None:
    longest = "1.2.3-" + "a" * (LONGEST_VERSION - 6)
    assert str(Version.parse(longest)) == longest
    for parse in (Version.parse, Range.parse):
        with pytest.raises(VersionSyntaxError, match="at most 256 characters, and this has 257"):
            parse(longest + "a")
    with pytest.raises(VersionSyntaxError, match="at most 256 characters"):
        Version(1, 2, 3, ("a" * LONGEST_VERSION,))


@pytest.mark.parametrize(
    "parts",
    [(-1, 0, 0), (0, 0, 10**15), (0, 0, 0, (-1,)), (0, 0, 0, ("1",)), (0, 0, 0, ("a b",))],
)
def test_a_version_that_could_not_be_read_back_cannot_be_built(
    parts: tuple[int, int, int] | tuple[int, int, int, tuple[int | str, ...]],
) -> None:
    with pytest.raises(VersionSyntaxError, match="is no part of a version"):
        Version(*parts)


def test_white_space_in_a_range_is_made_even_and_means_nothing_more() -> None:
    loose = Range.parse("  >=  1.2\t<2   ||3 ")
    assert str(loose) == ">= 1.2 <2 ||3"
    assert loose == Range.parse(str(loose))
    assert loose.alternatives == Range.parse(">=1.2 <2 || 3").alternatives


@pytest.mark.parametrize(
    ("text", "what", "column", "found"),
    [
        ("", "a number or 'x'", 1, "the end"),
        ("^", "a number or 'x'", 2, "the end"),
        (">", "a number or 'x'", 2, "the end"),
        ("1..2", "a number or 'x'", 3, "'.'"),
        ("1 ||", "a number or 'x'", 5, "the end"),
        ("|| 1", "a number or 'x'", 1, "'|'"),
        ("1 |||| 2", "a number or 'x'", 5, "'|'"),
        ("1 | 2", "'||' or the end", 3, "'|'"),
        ("1, 2", "a space, '||' or the end", 2, "','"),
        (">1<2", "a space, '||' or the end", 3, "'<'"),
        ("1.2.3.4", "a space, '||' or the end", 6, "'.'"),
        ("1.2-rc", "a space, '||' or the end", 4, "'-'"),
        ("1.2.x-rc", "a space, '||' or the end", 6, "'-'"),
        ("1.x.3", "another wildcard, 'x' or '*',", 5, "'3'"),
        ("~>1.2", "a number or 'x'", 2, "'>'"),
        ("^>1", "a number or 'x'", 2, "'>'"),
        ("vx", "a number or 'x'", 1, "'v'"),
        ("1 -2", "a number or 'x'", 3, "'-'"),
        ("1 - 2 3", "'||' or the end", 7, "'3'"),
        ("1 - >2", "a number or 'x'", 5, "'>'"),
        ("^01", "a number without a leading zero", 2, "'0'"),
    ],
)
def test_what_is_no_range_is_refused_at_its_column(
    text: str, what: str, column: int, found: str
) -> None:
    with pytest.raises(VersionSyntaxError) as caught:
        Range.parse(text)
    place = f"at column {column} of the range {text!r}"
    assert caught.value.message == f"expected {what} {place}, found {found}"
    assert "^1.2" in caught.value.hint


def test_columns_count_from_the_start_of_what_the_user_typed() -> None:
    with pytest.raises(VersionSyntaxError) as caught:
        Range.parse("^1.", at=5, whole="a/bc@^1.")
    assert caught.value.message.endswith("at column 9 of 'a/bc@^1.', found the end")


def test_a_range_longer_than_any_that_is_meant_is_refused() -> None:
    assert Range.parse("1" + "||1" * ((LONGEST_RANGE - 1) // 3)).contains(Version(1, 0, 0))
    with pytest.raises(VersionSyntaxError, match="at most 1000 characters, and this has 1001"):
        Range.parse("1" * (LONGEST_RANGE + 1))


@given(st.text(max_size=20) | near_a_range)
def test_any_text_is_a_version_or_a_version_syntax_error(text: str) -> None:
    try:
        version = Version.parse(text)
    except VersionSyntaxError:
        return
    assert str(version) == text.removeprefix("v")
    assert Range.parse(text).contains(version)


@given(st.text(max_size=20) | near_a_range, any_version)
def test_any_text_is_a_range_that_reads_back_or_a_version_syntax_error(
    text: str, version: Version
) -> None:
    try:
        wanted = Range.parse(text)
    except VersionSyntaxError:
        return
    again = Range.parse(str(wanted))
    assert again == wanted
    assert again.contains(version) == wanted.contains(version)


@given(any_version, any_version)
def test_comparators_agree_with_the_order(a: Version, b: Version) -> None:
    b = b.core
    assert Range.parse(f">={a}").contains(b) == (b >= a)
    assert Range.parse(f"<{a}").contains(b) == (b < a)
    assert Range.parse(f"={a}").contains(b) == (a == b)


@given(any_version.filter(lambda version: version.major < 10**15 - 1))
def test_a_caret_ends_where_the_next_breaking_version_begins(version: Version) -> None:
    wanted = Range.parse(f"^{version.core}")
    assert wanted.contains(version.core)
    assert not wanted.contains(next_version(version.core, Bump.MAJOR))
    # npm holds even patches to break what stands below 0.1.0.
    below = (version.major, version.minor) == (0, 0)
    assert wanted.contains(next_version(version.core, Bump.PATCH)) is not below


def test_the_highest_is_picked_among_those_admitted() -> None:
    known = versions("1.2.0 2.0.0 1.10.0 1.9.0 2.0.0-rc.1 1.11.0-rc.1")
    assert Range.parse("^1").highest(known) == Version(1, 10, 0)
    assert Range.parse(">=1.11.0-rc.1 <2").highest(iter(known)) == Version(1, 11, 0, ("rc", 1))
    assert Range.parse("^3").highest(known) is None


def test_the_latest_is_the_highest_that_is_no_prerelease() -> None:
    assert latest(versions("1.2.0 1.10.0 2.0.0-rc.1 1.9.9")) == Version(1, 10, 0)
    assert latest(versions("2.0.0-rc.1")) is None
    assert latest([]) is None


@pytest.mark.parametrize(
    ("text", "patch", "minor", "major"),
    [
        ("1.2.3", "1.2.4", "1.3.0", "2.0.0"),
        ("1.2.0-rc.1", "1.2.0", "1.2.0", "2.0.0"),
        ("1.2.1-rc.1", "1.2.1", "1.3.0", "2.0.0"),
        ("2.0.0-rc.1", "2.0.0", "2.0.0", "2.0.0"),
        ("0.0.1", "0.0.2", "0.1.0", "1.0.0"),
        ("0.1.0-0", "0.1.0", "0.1.0", "1.0.0"),
    ],
)
def test_a_bump_raises_as_npm_does(text: str, patch: str, minor: str, major: str) -> None:
    version = Version.parse(text)
    raised = [bump(version, change) for change in (Bump.PATCH, Bump.MINOR, Bump.MAJOR)]
    assert raised == versions(f"{patch} {minor} {major}")


@given(any_version.filter(lambda version: version.major < 10**15 - 1), st.sampled_from(Bump))
def test_a_bump_always_goes_up_to_a_release(version: Version, change: Bump) -> None:
    raised = bump(version, change)
    assert raised > version
    assert not raised.is_prerelease


@pytest.mark.parametrize(
    ("before", "patch", "minor", "major"),
    [
        ("1.2.3", "1.2.4", "1.3.0", "2.0.0"),
        ("0.2.3", "0.2.4", "0.2.4", "0.3.0"),
        ("0.0.3", "0.0.4", "0.0.4", "0.1.0"),
    ],
)
def test_below_one_each_change_moves_one_place_lower(
    before: str, patch: str, minor: str, major: str
) -> None:
    version = Version.parse(before)
    following = [next_version(version, change) for change in (Bump.PATCH, Bump.MINOR, Bump.MAJOR)]
    assert following == versions(f"{patch} {minor} {major}")


@pytest.mark.parametrize("change", Bump)
def test_the_first_version_is_one(change: Bump) -> None:
    assert next_version(None, change) == Version(1, 0, 0)


def test_bumps_are_ordered_by_how_much_they_change() -> None:
    assert max(Bump.PATCH, Bump.MAJOR, Bump.MINOR) is Bump.MAJOR


def test_versions_and_ranges_travel_between_processes() -> None:
    wanted = pickle.loads(pickle.dumps(Range.parse("^1.2 || 3")))  # noqa: S301 - our own bytes
    assert wanted == Range.parse("^1.2 || 3")
    assert wanted.contains(pickle.loads(pickle.dumps(Version(1, 4, 0))))  # noqa: S301 - the same


def test_importing_semver_brings_no_version_library_along() -> None:
    code = "import sys, anvil_nb.domain.semver; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "anvil_nb.domain.semver" in modules
    assert {"semver", "nodesemver", "logging", "anyascii"}.isdisjoint(modules)
