"""Tables of settings, read key by key: what is unknown, or of another kind, is refused by name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LONGEST_SECONDS: Final = 24 * 3600


class Table:
    """A table of ``anvil.toml``.

    Args:
        said: As it stands there.
        name: What messages call it: ``[deploy]``.
        known: The keys that it may have.
    """

    def __init__(self, said: object, name: str, known: tuple[str, ...]) -> None:
        if not isinstance(said, dict):
            msg = f"{name} in anvil.toml is a table, found {said!r}"
            raise SettingsError(msg, f"See docs/deploy.md for what {name} may say.")
        for key in said:
            if key not in known:
                near = get_close_matches(str(key), known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}"
                msg = f"{name} in anvil.toml has an unknown key '{key}'"
                raise SettingsError(msg, hint)
        self._said: Mapping[str, Any] = said
        self.name = name

    def __contains__(self, key: str) -> bool:
        """Whether it says anything of a key."""
        return key in self._said

    def raw(self, key: str) -> Any:
        """Return what stands at a key; ``None`` where nothing does."""
        return self._said.get(key)

    def text(self, key: str) -> str | None:
        """Return a text; ``None`` where there is none."""
        value = self._said.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value or "\x00" in value:
            raise self.fault(key, "is text")
        return value

    def needed(self, key: str, example: str) -> str:
        """Return a text that has to be there."""
        value = self.text(key)
        if value is None:
            msg = f"{self.name} in anvil.toml does not say {key}"
            raise SettingsError(msg, f'For example: {key} = "{example}"')
        return value

    def seconds(self, key: str, otherwise: float) -> float:
        """Return a number of seconds."""
        value = self._said.get(key, otherwise)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 < value <= LONGEST_SECONDS:
            raise self.fault(key, f"is a number of seconds, at most {LONGEST_SECONDS}")
        return float(value)

    def flag(self, key: str) -> bool:
        """Return whether something holds."""
        value = self._said.get(key, False)
        if not isinstance(value, bool):
            raise self.fault(key, "is true or false")
        return value

    def folder(self, key: str, base: Path) -> Path:
        """Return a folder; the one below which it counts where it is not said."""
        return (base / (self.text(key) or ".")).resolve()

    def argv(self, key: str) -> tuple[str, ...]:
        """Return a command: a list of words, or a line for the shell."""
        value = self._said.get(key)
        if isinstance(value, str) and value.strip() and "\x00" not in value:
            return ("/bin/sh", "-c", value)
        if (
            isinstance(value, list)
            and value
            and value[0]
            and all(isinstance(one, str) and "\x00" not in one for one in value)
        ):
            return tuple(value)
        raise self.fault(key, 'is a list of words, or one line: ["docker", "build", "."]')

    def fault(self, key: str, what: str) -> SettingsError:
        """Return the refusal of what stands at a key."""
        msg = f"{key} of {self.name} in anvil.toml {what}, found {self._said.get(key)!r}"
        return SettingsError(msg, "See docs/deploy.md for examples.")
