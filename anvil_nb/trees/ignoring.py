"""Which files of a folder are none of its content: the rules of ``.anvilignore``, and defaults.

Rules are those of gitignore, from one file at the top of the tree. The defaults leave out what
must not travel by accident: dotfiles, keys, secrets of profiles, what programs make. They come
first, so that a rule with ``!`` brings a file back, for example ``!.well-known/``; ``.anvil``
alone stays out whatever a rule says. Defaults go by names in any case.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from pathspec import GitIgnoreSpec

from anvil_nb.domain.digest import digest_of_bytes
from anvil_nb.errors import InvalidInputError
from anvil_nb.trees.reading import open_file

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS: Final = ".anvil"
RULES_FILE: Final = ".anvilignore"
MOST_BYTES: Final = 1 << 20
DEFAULTS: Final = """
.*
*.key
*.pem
*.p12
*.pfx
*.jks
*.keystore
*.kdbx
*.ppk
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
**/profiles/**/*secret*
__pycache__/
*.py[cod]
node_modules/
*~
*.swp
*.tmp
thumbs.db
desktop.ini
"""

_DEFAULT_SPEC: Final = GitIgnoreSpec.from_lines(DEFAULTS.split())


class IgnoreRules:
    """Rules of one tree.

    Args:
        text: Of its ``.anvilignore``.

    Raises:
        InvalidInputError: for a line that is no pattern.
    """

    __slots__ = ("_has_own", "_spec", "digest")

    def __init__(self, text: str = "") -> None:
        try:
            self._spec = GitIgnoreSpec.from_lines(text.splitlines())
        except ValueError as error:
            raise InvalidInputError(
                f"a line of {RULES_FILE} is no pattern of gitignore: {error}",
                f"Correct it in {RULES_FILE}.",
            ) from error
        self._has_own = any(pattern.include is not None for pattern in self._spec.patterns)
        self.digest = digest_of_bytes(f"{DEFAULTS}\0{text}".encode("utf-8", "surrogateescape"))

    def ignores_one(self, path: str, *, folder: bool = False) -> bool:
        """Tell whether a path is ignored by itself, where nothing above it is."""
        return self._by(path, folder=folder) is not None

    def ignores(self, path: str) -> bool:
        """Tell whether a file is ignored, by itself or by a folder above it."""
        return bool(self.rule(path))

    def rule(self, path: str) -> str:
        """Return which rule a file is ignored by, or a folder above it; empty where none is."""
        for above in _above(path):
            if (by := self._by(above, folder=True)) is not None:
                return _told(by)
        by = self._by(path)
        return "" if by is None else _told(by)

    def _by(self, path: str, *, folder: bool = False) -> tuple[GitIgnoreSpec | None, int] | None:
        """Return the rule that a path is ignored by: of which rules, and at which place there."""
        if path == OURS or path.startswith(f"{OURS}/"):
            return None, 0
        place = f"{path}/" if folder else path
        if self._has_own:
            found = self._spec.check_file(place)
            if found.include is not None:
                return (self._spec, found.index or 0) if found.include else None
        found = _DEFAULT_SPEC.check_file(place.lower())
        return (_DEFAULT_SPEC, found.index or 0) if found.include else None


def read_rules(root: str) -> IgnoreRules:
    """Return the rules of the tree at ``root``; the defaults alone where it has no file of them.

    Raises:
        InvalidInputError: when the file cannot be read, or is not one of rules.
    """
    try:
        descriptor = open_file(os.path.join(root, RULES_FILE))  # noqa: PTH118 - a name of bytes, too
    except FileNotFoundError:
        return IgnoreRules()
    except OSError as error:
        raise _unreadable(error.strerror or str(error)) from error
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _unreadable(f"it is larger than {MOST_BYTES:,} bytes")
    try:
        return IgnoreRules(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unreadable("it is not UTF-8") from error


def _unreadable(why: str) -> InvalidInputError:
    return InvalidInputError(
        f"the rules of {RULES_FILE} cannot be read: {why}",
        f"Make {RULES_FILE} a plain text file with one pattern a line, or delete it.",
    )


def _told(by: tuple[GitIgnoreSpec | None, int]) -> str:
    spec, at = by
    if spec is None:
        return f"the rule that {OURS} never travels"
    pattern = getattr(spec.patterns[at], "pattern", "")
    if spec is _DEFAULT_SPEC:
        return f"the default rule {pattern}"
    return f"the rule {pattern} of {RULES_FILE}"


def _above(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
