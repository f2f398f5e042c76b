"""Addresses and odd texts for hypothesis to choose from, and the words that faults are told in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from anvil_nb.domain.address import (
    Address,
    DigestPrefix,
    Draft,
    Exact,
    InRange,
    Label,
    Latest,
    check_label,
)
from anvil_nb.domain.semver import Range, Version
from anvil_nb.errors import AddressError, VersionSyntaxError

if TYPE_CHECKING:
    from anvil_nb.domain.address import Selector

WITHIN = "desk/emails"
DIGEST = "sha256:" + "0123456789abcdef" * 4


def may_be_label(name: str) -> bool:
    try:
        check_label(name)
    except AddressError:
        return False
    return True


def is_version(text: str) -> bool:
    try:
        Version.parse(text)
    except VersionSyntaxError:
        return False
    return True


names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)
numbers = st.integers(0, 12)
words = st.from_regex(r"[0-9]?[A-Za-z-][0-9A-Za-z-]{0,4}", fullmatch=True)
whole_versions = st.builds(
    Version, numbers, numbers, numbers, st.lists(numbers | words, max_size=2).map(tuple)
)
partial_versions = st.sampled_from(["1", "1.2", "0.x", "1.2.*", "x", "*", "v2", "10.0.0-rc.1"])

comparators = st.builds(
    lambda operator, space, version: f"{operator}{space}{version}",
    st.sampled_from(["", "^", "~", ">", ">=", "<", "<=", "="]),
    st.sampled_from(["", " "]),
    partial_versions | whole_versions.map(str),
)

sides = st.lists(comparators, min_size=1, max_size=3).map(" ".join) | st.builds(
    "{} - {}".format, partial_versions, partial_versions
)

ranges = (
    st.lists(sides, min_size=1, max_size=3)
    .flatmap(lambda some: st.sampled_from(["||", " || "]).map(lambda bar: bar.join(some)))
    .filter(lambda text: not is_version(text.strip()))
    .map(Range.parse)
)

digests = st.text(alphabet="0123456789abcdef", min_size=6, max_size=64).map("sha256:{}".format)

selectors: st.SearchStrategy[Selector] = st.one_of(
    st.just(Draft()),
    st.just(Latest()),
    whole_versions.map(Exact),
    ranges.map(InRange),
    names.filter(may_be_label).map(Label),
    digests.map(DigestPrefix),
)

addresses = st.builds(
    Address, st.none() | names, names, names, st.none() | names, st.none() | selectors
)
odd_texts = st.text(alphabet="aZ09-_/@.*^~<>=| x\t\n\x00é\u0435", max_size=40)
LOWER = "a lower-case letter, a digit or '-'"
FIRST = "a lower-case letter or a digit"
NUMBER = "a number or 'x'"
