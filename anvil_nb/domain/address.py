"""Addresses: ``[@org/]project/set[/prompt][@selector]``, read and written.

Owns the one parser of addresses and listing prefixes; that of selectors is `selector`. Leaves out
whether anything stands at an address, and what a selector resolves to.

The first ``@`` that does not open the text begins the selector, which is all that follows. A
plain regular expression reads what is right; only what it refuses is read again, slowly, to say
what was expected at which column (1-based).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from anvil_nb.domain.naming import (
    NAME_PATTERN,
    check_name,
    expected,
    is_name,
    path_fault,
    shown,
    suggested_name,
)
from anvil_nb.domain.selector import (
    ADDRESS_HINT,
    LONGEST_ADDRESS,
    RESERVED,
    DigestPrefix,
    Draft,
    Exact,
    InRange,
    Label,
    Latest,
    Selector,
    check_label,
    check_typed,
    parse_selector,
)
from anvil_nb.errors import AddressError

PREFIX_HINT = "Begin like desk, desk/emails or desk/emails/wel, without a selector."

_ADDRESS = re.compile(
    rf"(?:@({NAME_PATTERN})/)?({NAME_PATTERN})/({NAME_PATTERN})(?:/({NAME_PATTERN}))?(?:@(.+))?",
    re.DOTALL,
)


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
        check_typed(text)
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
        AddressError: as ``Address.parse`` does, and when a prompt or a project is named.
    """
    _check_more_than_project(text, "a set in it", f"{text}/emails", within)
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
    _check_more_than_project(text, "a prompt in one of its sets", f"{text}/emails/welcome", within)
    address = Address.parse(text, within=within)
    if address.prompt is None:
        message = f"{shown(text)} names a set, and a prompt in it was expected"
        raise AddressError(message, f"Add the prompt's name. Try: anvil ls {address.set_path}/")
    return address


def parse_place(text: str) -> Address:
    """Return the address of a set or of a prompt, with or without a selector.

    Raises:
        AddressError: as ``Address.parse`` does, and when a project is named.
    """
    _check_more_than_project(text, "a set or a prompt in it", f"{text}/emails", None)
    return Address.parse(text)


def _check_more_than_project(text: str, what: str, example: str, within: str | None) -> None:
    if within is None and isinstance(text, str) and is_name(text):
        message = f"{shown(text)} is the name of a project, and {what} was expected"
        raise AddressError(message, f"For example {example}. Try: anvil ls {text}")


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
    check_typed(text)
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


def _parse_relative(text: str, within: str) -> Address | None:
    """Return the address that ``text`` writes in the set ``within``, if it is a relative one."""
    name, mark, selector = text.partition("@")
    sound = is_name(name) or (not name and "/" not in selector)
    if not sound or bool(mark) != bool(selector) or not text:
        return None
    base = parse_set_address(within)
    chosen = parse_selector(selector, at=len(name) + 1, whole=text) if mark else base.selector
    return Address(base.organisation, base.project, base.set, name or None, chosen)


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
    if not sound and text[:end] in RESERVED and end < len(text):
        return AddressError(fault, _turned_round(text[:end], text[end + 1 :]))
    return AddressError(fault, f"Did you mean {meant}?" if sound else ADDRESS_HINT)


def _turned_round(selector: str, path: str) -> str:
    """Return what to type where the selector was put in front of the address."""
    if _ADDRESS.fullmatch(f"{path}@{selector}"):
        return f"A selector stands behind the address. Did you mean {path}@{selector}?"
    return f"A selector stands behind the address: desk/emails/welcome@{selector}"


__all__ = [
    "ADDRESS_HINT",
    "LONGEST_ADDRESS",
    "Address",
    "DigestPrefix",
    "Draft",
    "Exact",
    "InRange",
    "Label",
    "Latest",
    "Prefix",
    "Selector",
    "check_label",
    "parse_place",
    "parse_prefix",
    "parse_project_name",
    "parse_prompt_address",
    "parse_selector",
    "parse_set_address",
]
