"""Addresses: ``[@org/]project/set[/prompt][@selector]``, read and written.

Owns the one parser of addresses, selectors and listing prefixes, and says which names may be
labels. Leaves out whether anything stands at an address, and what a selector resolves to.

The first ``@`` that does not open the text begins the selector, which is all that follows. A
plain regular expression reads what is right; only what it refuses is read again, slowly, to say
what was expected at which column (1-based).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias

from anvil_nb.domain.naming import (
    NAME_PATTERN,
    check_name,
    expected,
    is_name,
    name_fault,
    path_fault,
    shown,
    suggested_name,
)
from anvil_nb.domain.semver import Range, Version
from anvil_nb.errors import AddressError, VersionSyntaxError

LONGEST_ADDRESS = 1_000

ADDRESS_HINT = (
    "An address looks like project/set/prompt@selector, for example desk/emails/welcome@^1.2"
)
SELECTOR_HINT = "Use a version (1.2.0), a range (^1.2), latest, draft, a label, or sha256:DIGITS."
PREFIX_HINT = "Begin like desk, desk/emails or desk/emails/wel, without a selector."
LABEL_HINT = "Use a word, for example production or staging."

_ADDRESS = re.compile(
    rf"(?:@({NAME_PATTERN})/)?({NAME_PATTERN})/({NAME_PATTERN})(?:/({NAME_PATTERN}))?(?:@(.+))?",
    re.DOTALL,
)
_VERSION_LIKE = re.compile(r"[\^~<>=*|]|v?[0-9]|[xX](?![A-Za-z0-9-])")
"""How whatever may be a version or a range begins. A label may begin so too, as in 2030-q1."""
_COMPLETE = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(?:-.*)?")
_DIGEST_START = "sha256:"
_HEX = "0123456789abcdef"
_DIGEST_DIGITS = 64
_RESERVED = {"draft": "the working tree", "latest": "the highest stable version"}


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


@dataclass(frozen=True, slots=True)
class Address:
    """Where a prompt set, or a prompt in it, stands, and which of its states is meant.

    Args:
        organisation: ``None`` for the workspace's own.
        project: Name of the project.
        set: Name of the prompt set.
        prompt: Name of the prompt; ``None`` for the whole set.
        selector: ``None`` where the surface decides.

    Raises:
        AddressError: when one of the names is none.
    """

    organisation: str | None
    project: str
    set: str
    prompt: str | None = None
    selector: Selector | None = None

    def __post_init__(self) -> None:
        check_name(self.project, "project name")
        check_name(self.set, "set name")
        if self.prompt is not None:
            check_name(self.prompt, "prompt name")
        if self.organisation is not None:
            check_name(self.organisation, "organisation name")

    @classmethod
    def parse(cls, text: str, *, within: str | None = None) -> Address:
        """Return the address that ``text`` writes.

        Args:
            text: For example ``desk/emails/welcome@^1.2``.
            within: The set that a shorter text is relative to: ``welcome`` is then a prompt in
                it, and ``@draft`` the set itself. Its selector holds where the text has none.

        Raises:
            AddressError: with what was expected, at which column, and what stood there.
        """
        _check_length(text)
        match = _ADDRESS.fullmatch(text)
        if match is None:
            relative = None if within is None else _parse_relative(text, within)
            if relative is not None:
                return relative
            raise _error(text, relative=within is not None)
        organisation, project, set_, prompt, selector = match.groups()
        if selector is None:
            return cls(organisation, project, set_, prompt)
        chosen = parse_selector(selector, at=match.start(5), whole=text)
        return cls(organisation, project, set_, prompt, chosen)

    def __str__(self) -> str:
        start = f"@{self.organisation}/" if self.organisation is not None else ""
        end = f"@{self.selector}" if self.selector is not None else ""
        return f"{start}{self.path}{end}"

    @property
    def set_path(self) -> str:
        """``project/set``."""
        return f"{self.project}/{self.set}"

    @property
    def path(self) -> str:
        """``project/set/prompt``, or ``project/set`` for the whole set."""
        return self.set_path if self.prompt is None else f"{self.set_path}/{self.prompt}"

    def with_selector(self, selector: Selector | None) -> Address:
        """Return the same place with another selector."""
        return replace(self, selector=selector)

    def without_selector(self) -> Address:
        """Return the same place without a selector."""
        return replace(self, selector=None)

    def with_prompt(self, name: str) -> Address:
        """Return the address of the prompt ``name`` in the same set, in the same state."""
        return replace(self, prompt=name)

    def as_set(self) -> Address:
        """Return the address of the whole set, in the same state."""
        return replace(self, prompt=None)


@dataclass(frozen=True, slots=True)
class Prefix:
    """How the addresses to list begin. All parts are whole but the last that is given.

    ``desk`` begins ``desk/emails`` and ``desktop/icons``; ``desk/``, whose set is empty, only the
    former. The organisation is always whole.

    Args:
        organisation: ``None`` for the workspace's own.
        project: ``None`` to list all projects.
        set: ``None``, as the prompt is, where the prefix ends before it.
        prompt: The beginning of a prompt's name, or a whole one.
    """

    organisation: str | None
    project: str | None
    set: str | None
    prompt: str | None

    @property
    def path(self) -> str:
        """What the paths to list begin with."""
        return "/".join(part for part in (self.project, self.set, self.prompt) if part is not None)

    def __str__(self) -> str:
        start = f"@{self.organisation}/" if self.organisation is not None else ""
        return start + self.path


def parse_set_address(text: str, *, within: str | None = None) -> Address:
    """Return the address of a whole set, with or without a selector.

    Raises:
        AddressError: as ``Address.parse`` does, and when a prompt is named.
    """
    address = Address.parse(text, within=within)
    if address.prompt is not None:
        message = f"{shown(text)} names the prompt {address.prompt!r}, and a set was expected"
        raise AddressError(message, f"Try: {address.as_set()}")
    return address


def parse_prompt_address(text: str, *, within: str | None = None) -> Address:
    """Return the address of a prompt, with or without a selector.

    Raises:
        AddressError: as ``Address.parse`` does, and when no prompt is named.
    """
    address = Address.parse(text, within=within)
    if address.prompt is None:
        message = f"{shown(text)} names a set, and a prompt in it was expected"
        raise AddressError(message, f"Add the prompt's name. Try: anvil ls {address.set_path}/")
    return address


def parse_project_name(text: str) -> str:
    """Return ``text`` if it can name a project; raise ``AddressError`` if it cannot."""
    return check_name(text, "project name")


def parse_prefix(text: str) -> Prefix:
    """Return what the addresses to list begin with.

    Args:
        text: For example nothing, ``@org``, ``desk``, ``desk/``, ``desk/emails/wel``, each with
            or without a ``*`` behind it.

    Raises:
        AddressError: with the column of the first character that cannot be there.
    """
    _check_length(text)
    end = len(text.removesuffix("*"))
    fault = path_fault(text, end, 0)
    if fault is None and text.startswith("@") and "/" not in text and end < len(text):
        fault = expected("'/' or the end", text, end)
    if fault is not None:
        raise AddressError(fault, PREFIX_HINT)
    names = text[:end].split("/")
    organisation = names.pop(0)[1:] if text.startswith("@") else None
    project, set_, prompt, *_ = [*names, None, None, None]
    return Prefix(organisation, project or None, set_, prompt)


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
    _check_length(whole)
    at += len(text) - len(text.lstrip(" \t"))
    text = text.strip(" \t")
    if text in _RESERVED:
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
        meant = suggested_name(text)
        raise AddressError(fault, f"Did you mean {meant}?" if meant else SELECTOR_HINT)
    return Label(text)


def check_label(name: str) -> str:
    """Return ``name`` if a label may be called so.

    Raises:
        AddressError: with the reason: a word with a meaning of its own, what reads as a version
            or a range, or no name at all.
    """
    meaning = _RESERVED.get(name)
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
    raise AddressError(fault, SELECTOR_HINT)


def _parse_relative(text: str, within: str) -> Address | None:
    """Return the address that ``text`` writes in the set ``within``, if it is a relative one."""
    name, mark, selector = text.partition("@")
    sound = is_name(name) or (not name and "/" not in selector)
    if not sound or bool(mark) != bool(selector) or not text:
        return None
    base = parse_set_address(within)
    chosen = parse_selector(selector, at=len(name) + 1, whole=text) if mark else base.selector
    return Address(base.organisation, base.project, base.set, name or None, chosen)


def _check_length(text: str) -> None:
    if len(text) > LONGEST_ADDRESS:
        most = f"an address has at most {LONGEST_ADDRESS} characters"
        raise AddressError(f"{most}, and this has {len(text)}: {shown(text)}", ADDRESS_HINT)


def _error(text: str, *, relative: bool) -> AddressError:
    """Return why ``text`` is no address; ``relative`` tells whether a shorter one would do."""
    mark = text.find("@", 1)
    end = mark if mark > 0 else len(text)
    start = "@" if text.startswith("@") else ""
    if relative and start and "/" not in text:
        fault = expected("a selector", text, 1)
    else:
        least = 1 if relative and not start else 2
        fault = path_fault(text, end, least) or expected("a selector", text, end + 1)
    names = [suggested_name(name) or "" for name in text[len(start) : end].split("/")]
    meant = f"{start}{'/'.join(names)}{text[end:]}"
    short = relative and not start and _ADDRESS.fullmatch(f"project/set/{meant}")
    sound = short or _ADDRESS.fullmatch(meant)
    return AddressError(fault, f"Did you mean {meant}?" if sound else ADDRESS_HINT)
