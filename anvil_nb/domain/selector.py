"""Selectors: which state of a set or prompt an address means, read and written.

Owns what stands behind the ``@`` of an address, and which names may be labels. Leaves out what a
selector resolves to.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from anvil_nb.domain.naming import check_name, expected, is_name, name_fault, shown, suggested_name
from anvil_nb.domain.semver import Range, Version
from anvil_nb.errors import AddressError, VersionSyntaxError

LONGEST_ADDRESS = 1_000

ADDRESS_HINT = (
    "An address looks like project/set/prompt@selector, for example desk/emails/welcome@^1.2"
)
SELECTOR_HINT = "Use a version (1.2.0), a range (^1.2), latest, draft, a label, or sha256:DIGITS."
DIGEST_HINT = "Give six digits or more, as in sha256:9f86d0. A draft's: anvil log --draft SET"
LABEL_HINT = "Use a word, for example production or staging."

_VERSION_LIKE = re.compile(r"[\^~<>=*|]|v?[0-9]|[xX](?![A-Za-z0-9-])")
"""How whatever may be a version or a range begins. A label may begin so too, as in 2030-q1."""
_COMPLETE = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(?:-.*)?")
_DIGEST_START = "sha256:"
_HEX = "0123456789abcdef"
_DIGEST_DIGITS = 64

RESERVED = {"draft": "the working tree", "latest": "the highest stable version"}
"""Selectors that are words with a meaning of their own, and what they mean."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The working tree of the set."""

    def __str__(self) -> str:
        return "draft"


@dataclass(frozen=True, slots=True)
class Latest:
    """The highest version that is no prerelease."""

    def __str__(self) -> str:
        return "latest"


@dataclass(frozen=True, slots=True)
class Exact:
    """One version."""

    version: Version

    def __str__(self) -> str:
        return str(self.version)


@dataclass(frozen=True, slots=True)
class InRange:
    """The highest version that a range admits."""

    range: Range

    def __str__(self) -> str:
        return str(self.range)


@dataclass(frozen=True, slots=True)
class Label:
    """The version that a label points to.

    Raises:
        AddressError: when the name cannot be a label.
    """

    name: str

    def __post_init__(self) -> None:
        check_label(self.name)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class DigestPrefix:
    """The version whose digest begins so.

    Args:
        text: ``sha256:`` and 6 to 64 lower-case hex digits.

    Raises:
        AddressError: when it is not that.
    """

    text: str

    def __post_init__(self) -> None:
        _check_digest_prefix(self.text, 0, self.text)

    def __str__(self) -> str:
        return self.text


Selector: TypeAlias = Draft | Latest | Exact | InRange | Label | DigestPrefix


def parse_selector(text: str, *, at: int = 0, whole: str | None = None) -> Selector:
    """Return the selector that ``text`` writes, white space around it left out.

    Args:
        text: What follows the ``@``.
        at: Index of ``text`` in ``whole``; columns in errors count from there.
        whole: What the user typed, where the selector is only the end of it.

    Raises:
        AddressError: with what was expected, at which column, and what stood there.
    """
    whole = text if whole is None else whole
    check_typed(whole)
    at += len(text) - len(text.lstrip(" \t"))
    text = text.strip(" \t")
    if text in RESERVED:
        return Draft() if text == "draft" else Latest()
    if text.startswith(_DIGEST_START):
        _check_digest_prefix(text, at, whole)
        return DigestPrefix(text)
    if _VERSION_LIKE.match(text):
        if _COMPLETE.fullmatch(text):
            with suppress(VersionSyntaxError):
                return Exact(Version.parse(text))
        try:
            return InRange(Range.parse(text, at=at, whole=whole))
        except VersionSyntaxError as error:
            if not is_name(text):
                raise AddressError(error.message, error.hint) from error
    if not is_name(text):
        fault = name_fault(whole, at, at + len(text)) if text else expected("a selector", whole, at)
        raise AddressError(fault, _meant(text, whole[:at]) or SELECTOR_HINT)
    return Label(text)


def _meant(text: str, before: str) -> str:
    """Return what somebody who typed ``text``, which is no selector, behind ``before`` may mean."""
    first, second, _ = text.partition("@")
    if second and is_name(first):
        return f"An address has one selector. Did you mean {before}{first}?"
    meant = suggested_name(text)
    return f"Did you mean {meant}?" if meant else ""


def check_label(name: str) -> str:
    """Return ``name`` if a label may be called so.

    Raises:
        AddressError: with the reason: a word with a meaning of its own, what reads as a version
            or a range, or no name at all.
    """
    check_typed(name, "a label")
    meaning = RESERVED.get(name)
    if meaning is None and _VERSION_LIKE.match(name):
        with suppress(VersionSyntaxError):
            meaning = f"the versions {Range.parse(name)}"
    if meaning is not None:
        message = f"{shown(name)} cannot be a label: in an address it means {meaning}"
        raise AddressError(message, LABEL_HINT)
    return check_name(name, "label")


def _check_digest_prefix(text: str, at: int, whole: str) -> None:
    """Refuse ``text``, which stands at index ``at`` of ``whole``, if no digest begins so."""
    from anvil_nb.domain.digest import (  # noqa: PLC0415 - brings hashlib along
        SHORTEST_PREFIX,
        is_digest_prefix,
    )

    if is_digest_prefix(text):
        return
    begin = at + len(_DIGEST_START)
    stop = next((i for i in range(begin, len(whole)) if whole[i] not in _HEX), len(whole))
    if not text.startswith(_DIGEST_START):
        fault = expected(f"'{_DIGEST_START}'", whole, at)
    else:
        most = begin + _DIGEST_DIGITS
        what = f"{SHORTEST_PREFIX} to {_DIGEST_DIGITS} hex digits, 0-9a-f,"
        fault = expected(what if stop <= most else "the end", whole, min(stop, most))
    raise AddressError(fault, DIGEST_HINT)


def check_typed(text: object, what: str = "an address") -> None:
    """Refuse what nobody can have typed for an address: anything but text, and too much of it.

    Raises:
        AddressError: for these.
    """
    if not isinstance(text, str):
        from anvil_nb.domain.values import type_name  # noqa: PLC0415 - rarely needed

        raise AddressError(f"{what} is text, found {type_name(text)}", ADDRESS_HINT)
    if len(text) > LONGEST_ADDRESS:
        most = f"an address has at most {LONGEST_ADDRESS} characters"
        raise AddressError(f"{most}, and this has {len(text)}: {shown(text)}", ADDRESS_HINT)
