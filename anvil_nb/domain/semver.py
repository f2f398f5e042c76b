"""Semantic versions (SemVer 2.0.0) and the ranges that npm writes over them.

Owns what a version is and how versions are ordered, what a range admits, and how a version is
raised. Leaves out which versions exist, and what kind of change calls for which bump.

A range admits exactly what npm's ``semver`` 7 says it admits. What is refused here and tolerated
there: an empty range or an empty side of ``||``, a lone operator, build metadata, numbers or
prereleases behind a wildcard, ``~>``, and operators or a ``v`` in odd places. Each of them is
more often a slip than a wish, and most of them would silently mean "any version".
"""

from __future__ import annotations

import operator as comparison
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import total_ordering
from typing import NoReturn, TypeAlias

from anvil_nb.domain.naming import expected, shown
from anvil_nb.errors import VersionSyntaxError

MOST_DIGITS = 15
"""The most digits in one number: more would not survive JSON readers that use doubles."""
LONGEST_VERSION = 256
LONGEST_RANGE = 1_000

VERSION_HINT = "Write a version like 1.2.3 or 2.0.0-rc.1."
RANGE_HINT = "Write a range like ^1.2, ~1.2.3, 1.x, >=1 <2 or ^1 || ^2."

Precedence: TypeAlias = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]
"""A version as a value that compares the way versions do."""

_Numbers: TypeAlias = tuple[int, ...]
_Prerelease: TypeAlias = tuple[int | str, ...]
_Bound: TypeAlias = tuple[Callable[[Precedence, Precedence], bool], Precedence]

_CORE = 3
_TOO_MUCH = 10**MOST_DIGITS
_OPERATORS: dict[str, Callable[[Precedence, Precedence], bool]] = {
    "": comparison.eq,
    "=": comparison.eq,
    "<": comparison.lt,
    "<=": comparison.le,
    ">": comparison.gt,
    ">=": comparison.ge,
}

_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"[0-9]*[A-Za-z-][0-9A-Za-z-]*")
_WILDCARD = re.compile(r"[xX*]")
_LEADING_V = re.compile(r"v(?=[0-9])|")
_OPERATOR = re.compile(r"[<>]=?|[=^~]|")
_BLANK = re.compile(r"[ \t]*")
_HYPHEN = re.compile(r"[ \t]+-[ \t]+")


class Bump(IntEnum):
    """Which number of a version a change raises."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version, ordered by precedence (SemVer 2.0.0, clause 11).

    Build metadata (clause 10) is refused: it does not take part in precedence, so two versions
    that differ only there could not be told apart.

    Args:
        major: Raised by a change that breaks who depends on it.
        minor: Raised by an addition.
        patch: Raised by anything less.
        prerelease: Its identifiers, numbers as ``int``; empty for a release.

    Raises:
        VersionSyntaxError: for numbers of more than 15 digits and identifiers that are not such.
    """

    major: int
    minor: int
    patch: int
    prerelease: tuple[int | str, ...] = ()

    def __post_init__(self) -> None:
        for part in (self.major, self.minor, self.patch, *self.prerelease):
            if not (0 <= part < _TOO_MUCH if isinstance(part, int) else _WORD.fullmatch(part)):
                message = (
                    f"{part!r} is no part of a version: numbers have 1 to {MOST_DIGITS} digits"
                )
                raise VersionSyntaxError(message, VERSION_HINT)
        if self.prerelease:
            _check_length("version", len(str(self)), LONGEST_VERSION)

    @classmethod
    def parse(cls, text: str) -> Version:
        """Return the version that ``text`` writes; a leading ``v`` is dropped.

        Raises:
            VersionSyntaxError: with the column of the first character that cannot be there.
        """
        return cls(*_Reader(text, "the version ", VERSION_HINT).version())

    def __str__(self) -> str:
        core = f"{self.major}.{self.minor}.{self.patch}"
        return f"{core}-{'.'.join(map(str, self.prerelease))}" if self.prerelease else core

    def __lt__(self, other: object) -> bool:
        return self.precedence < other.precedence if isinstance(other, Version) else NotImplemented

    @property
    def is_prerelease(self) -> bool:
        """Whether the version comes before the release of the same numbers."""
        return bool(self.prerelease)

    @property
    def core(self) -> Version:
        """The release of the same numbers."""
        return Version(self.major, self.minor, self.patch)

    @property
    def precedence(self) -> Precedence:
        """The key by which versions are sorted."""
        return _precedence((self.major, self.minor, self.patch), self.prerelease)


@dataclass(frozen=True, slots=True)
class Range:
    """Which versions will do, as npm writes it. Made by ``Range.parse``.

    A prerelease is admitted only where the range itself names a prerelease of the same numbers:
    ``>=1.2.0-rc.1`` admits ``1.2.0-rc.2`` but not ``1.3.0-rc.1``.

    Args:
        text: The range as typed, runs of white space made one space.
        alternatives: What ``text`` means: one side of ``||`` each, all of whose bounds must hold.
    """

    text: str
    alternatives: tuple[tuple[_Bound, ...], ...] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, *, at: int = 0, whole: str | None = None) -> Range:
        """Return the range that ``text`` writes.

        Args:
            text: For example ``^1.2``, ``~1.2.3``, ``1.x``, ``1 - 2.3``, ``>=1 <2 || 3``.
            at: Index of ``text`` in ``whole``; columns in errors count from there.
            whole: What the user typed, where the range is only the end of it.

        Raises:
            VersionSyntaxError: with the column of the first character that cannot be there.
        """
        _check_length("range", len(text), LONGEST_RANGE)
        of = "the range " if whole is None else ""
        alternatives = _Reader(whole or text, of, RANGE_HINT, at).alternatives()
        return cls(" ".join(text.split()), alternatives)

    def __str__(self) -> str:
        return self.text

    def contains(self, version: Version) -> bool:
        """Tell whether ``version`` will do."""
        key = version.precedence
        return any(
            all(holds(key, bound) for holds, bound in bounds)
            # A bound names a prerelease of the same numbers where all but the last part agree.
            and (not version.prerelease or any(bound[:4] == key[:4] for _, bound in bounds))
            for bounds in self.alternatives
        )

    def highest(self, versions: Iterable[Version]) -> Version | None:
        """Return the highest of ``versions`` that will do, or ``None``."""
        return max(filter(self.contains, versions), default=None)


def latest(versions: Iterable[Version]) -> Version | None:
    """Return the highest of ``versions`` that is no prerelease, or ``None``."""
    return max((version for version in versions if not version.prerelease), default=None)


def bump(version: Version, change: Bump) -> Version:
    """Return ``version`` raised by ``change``, as npm raises it.

    A prerelease stands before its release: where that release is high enough, it is the result,
    so that a patch, and a minor change too, makes 1.2.0 out of 1.2.0-rc.1.

    Raises:
        VersionSyntaxError: when the number would need more than 15 digits.
    """
    major, minor, patch = version.major, version.minor, version.patch
    lowest = Bump.PATCH if patch else Bump.MINOR if minor else Bump.MAJOR
    if version.prerelease and change <= lowest:
        return version.core
    if change is Bump.MAJOR:
        return Version(major + 1, 0, 0)
    return (
        Version(major, minor + 1, 0) if change is Bump.MINOR else Version(major, minor, patch + 1)
    )


def next_version(latest: Version | None, change: Bump) -> Version:
    """Return the version to publish after ``latest``.

    Args:
        latest: What was published last; ``None`` when nothing was, which makes 1.0.0.
        change: What the change calls for. Below 1.0.0 each kind moves one place lower, which is
            how the caret reads such versions: ``^0.2.3`` stays within 0.2.

    Raises:
        VersionSyntaxError: when the number would need more than 15 digits.
    """
    if latest is None:
        return Version(1, 0, 0)
    return bump(latest, change if latest.major else Bump(max(Bump.PATCH, change - 1)))


class _Reader:
    """Reads a version or a range to the end of a text, and says where the text stops being one.

    It reads ``text``, which errors call ``of``, from index ``place`` on.
    """

    def __init__(self, text: str, of: str, hint: str, place: int = 0) -> None:
        self.text = text
        self.of = of
        self.hint = hint
        self.place = place

    def version(self) -> tuple[int, int, int, _Prerelease]:
        start = self.place
        self._take(_LEADING_V)
        numbers = [self._number()]
        while len(numbers) < _CORE:
            if not self._skip("."):
                self._fail("'.'")
            numbers.append(self._number())
        prerelease = self._prerelease(start)
        if self.place < len(self.text):
            self._fail("'.' or the end" if prerelease else "'-' or the end")
        return (*_padded(tuple(numbers)), prerelease)

    def alternatives(self) -> tuple[tuple[_Bound, ...], ...]:
        """Read a range: sides with ``||`` between them."""
        alternatives = [self._alternative()]
        while self._skip("||"):
            alternatives.append(self._alternative())
        # As npm has it: one side that admits anything is all there is, so that `* || >=1.0.0-rc`
        # admits no prerelease.
        return ((),) if () in alternatives else tuple(alternatives)

    def _alternative(self) -> tuple[_Bound, ...]:
        """Read one side: a hyphen range, or comparators with spaces between them."""
        self._take(_BLANK)
        operator, numbers, prerelease = self._comparator()
        if not operator and self._take(_HYPHEN):
            bounds = _bounds(">=", numbers, prerelease) + _bounds("<=", *self._partial())
            if not self._side_ends():
                self._fail("'||' or the end")
        else:
            bounds = _bounds(operator, numbers, prerelease)
            while not self._side_ends():
                bounds += _bounds(*self._comparator())
        return tuple(bound for bound in bounds if bound != _ANYTHING)

    def _side_ends(self) -> bool:
        """Pass over white space; tell whether no further comparator follows."""
        blank = self._take(_BLANK)
        if self.place == len(self.text) or self.text.startswith("||", self.place):
            return True
        if not blank or self.text[self.place] == "|":
            self._fail("'||' or the end" if blank else "a space, '||' or the end")
        return False

    def _comparator(self) -> tuple[str, _Numbers, _Prerelease]:
        operator = self._take(_OPERATOR)
        self._take(_BLANK)
        return (operator, *self._partial())

    def _partial(self) -> tuple[_Numbers, _Prerelease]:
        """Read a version that may end early or in wildcards; return what was given of it."""
        start = self.place
        self._take(_LEADING_V)
        numbers: list[int] = []
        parts = 0
        while parts == 0 or (parts < _CORE and self._skip(".")):
            if not self._take(_WILDCARD):
                if parts > len(numbers):
                    self._fail("another wildcard, 'x' or '*',")
                numbers.append(self._number(" or 'x'"))
            parts += 1
        return tuple(numbers), self._prerelease(start) if len(numbers) == _CORE else ()

    def _number(self, otherwise: str = "") -> int:
        start = self.place
        digits = self._take(_DIGITS)
        if not digits:
            self._fail(f"a number{otherwise}")
        if digits[0] == "0" and len(digits) > 1:
            self._fail("a number without a leading zero", start)
        if len(digits) > MOST_DIGITS:
            self._fail(f"a number of at most {MOST_DIGITS} digits", start)
        return int(digits)

    def _prerelease(self, start: int) -> _Prerelease:
        """Read the prerelease, if there is one, of the version that begins at ``start``."""
        identifiers: list[int | str] = []
        while self._skip("." if identifiers else "-"):
            identifiers.append(self._take(_WORD) or self._number(", a letter or '-'"))
        _check_length("version", self.place - start, LONGEST_VERSION)
        return tuple(identifiers)

    def _take(self, pattern: re.Pattern[str]) -> str:
        """Read what matches ``pattern`` here; return it, or nothing."""
        match = pattern.match(self.text, self.place)
        if match is None:
            return ""
        self.place = match.end()
        return match[0]

    def _skip(self, token: str) -> bool:
        """Read ``token`` if it stands here; tell whether it did."""
        if not self.text.startswith(token, self.place):
            return False
        self.place += len(token)
        return True

    def _fail(self, what: str, place: int | None = None) -> NoReturn:
        index = self.place if place is None else place
        if self.text.startswith("+", index) and self.text[index - 1 : index].isalnum():
            message = (
                f"build metadata, at column {index + 1} of {self.of}{shown(self.text)}, cannot "
                "be used: two versions that differ only there could not be told apart"
            )
            raise VersionSyntaxError(message, f"Leave out the '+' and what follows. {self.hint}")
        raise VersionSyntaxError(expected(what, self.text, index, of=self.of), self.hint)


def _bounds(operator: str, numbers: _Numbers, prerelease: _Prerelease) -> tuple[_Bound, ...]:
    """Return what a comparator asks for, as npm's "Advanced Range Syntax" spells it out.

    ``numbers`` are those given up to the first wildcard; only all three have a prerelease.
    """
    if not numbers:
        return (_NOTHING,) if operator in {"<", ">"} else ()
    floor = _precedence(_padded(numbers), prerelease)
    fixed = len(numbers)
    if operator == "^":
        fixed = next((place for place, number in enumerate(numbers, 1) if number), fixed)
    elif operator == "~":
        fixed = min(fixed, 2)
    elif fixed == _CORE:
        return ((_OPERATORS[operator], floor),)
    above = _raised(numbers[:fixed])
    if operator in {">", ">="}:
        return ((comparison.ge, floor if operator == ">=" else _precedence(above)),)
    below = (comparison.lt, _before(_padded(numbers) if operator == "<" else above))
    return (below,) if operator in {"<", "<="} else ((comparison.ge, floor), below)


def _padded(numbers: _Numbers) -> tuple[int, int, int]:
    major, minor, patch = (*numbers, 0, 0)[:_CORE]
    return major, minor, patch


def _raised(numbers: _Numbers) -> tuple[int, int, int]:
    """Return the first release above all that begin with ``numbers``."""
    return _padded((*numbers[:-1], numbers[-1] + 1))


def _precedence(numbers: tuple[int, int, int], prerelease: _Prerelease = ()) -> Precedence:
    """Return the sort key: a prerelease before its release, and there numbers before words."""
    words = tuple((False, i, "") if isinstance(i, int) else (True, 0, i) for i in prerelease)
    return (*numbers, not prerelease, words)


def _before(numbers: tuple[int, int, int]) -> Precedence:
    """Return the lowest prerelease: an upper bound that shuts out the later ones as well."""
    return _precedence(numbers, (0,))


def _check_length(what: str, length: int, most: int) -> None:
    if length > most:
        message = f"a {what} has at most {most} characters, and this has {length}"
        raise VersionSyntaxError(message, VERSION_HINT if what == "version" else RANGE_HINT)


_ANYTHING: _Bound = (comparison.ge, _precedence((0, 0, 0)))
_NOTHING: _Bound = (comparison.lt, _before((0, 0, 0)))
