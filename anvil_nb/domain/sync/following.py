"""Following: which published versions of another instance a workspace wants to have.

A line names projects or sets, with ``*`` for what may vary, and perhaps a range of versions:
``desk``, ``desk/emails``, ``desk/emails@^1``, ``desk-*``. Without any line, everything of the
projects that are known here is followed, and all there is where none is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.semver import Range, Version
from anvil_nb.errors import SettingsError, VersionSyntaxError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_PATH: Final = re.compile(r"[a-z0-9*-]{1,64}(?:/[a-z0-9*-]{1,64})?")


@dataclass(frozen=True, slots=True)
class Followed:
    """One line: a project or a set, with ``*`` for what may vary, and a range of versions."""

    path: str
    range: Range | None = None

    def admits(self, path: str, number: str) -> bool:
        """Tell whether a version of a set is meant."""
        project = path.partition("/")[0]
        named = fnmatchcase(path if "/" in self.path else project, self.path)
        return named and (self.range is None or self.range.contains(Version.parse(number)))


@dataclass(frozen=True, slots=True)
class Following:
    """What is followed: lines, or ``None`` where nobody said."""

    lines: tuple[Followed, ...] | None = None

    def admits(self, path: str, number: str, known: Collection[str]) -> bool:
        """Tell whether a version is followed.

        Args:
            path: ``project/set``.
            number: Of the version.
            known: The projects that are here.
        """
        if self.lines is None:
            return not known or path.partition("/")[0] in known
        return any(line.admits(path, number) for line in self.lines)


def parse_following(lines: Iterable[str] | None) -> Following:
    """Return what lines say is followed.

    Raises:
        SettingsError: for a line that says nothing.
    """
    return Following(None if lines is None else tuple(map(_line, lines)))


def _line(text: str) -> Followed:
    path, at, wanted = text.partition("@")
    try:
        inside = Range.parse(wanted) if at else None
    except VersionSyntaxError as error:
        msg = f"'{text}' cannot be followed: {error.message}"
        raise SettingsError(msg, 'For example: follow = ["desk", "desk/emails@^1"]') from error
    if not _PATH.fullmatch(path):
        msg = f"'{text}' cannot be followed: it names no project and no set"
        raise SettingsError(msg, 'For example: follow = ["desk", "desk/emails@^1"]')
    return Followed(path, inside)
