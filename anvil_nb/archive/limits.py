"""How large an archive may be (F9), and the tally that holds one to it.

Sizes are checked where they are stated, before anything is inflated; inflating then stops at the
stated size. So what an archive costs is bounded by these limits, whatever it says of itself.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from anvil_nb.archive.refusals import shown
from anvil_nb.errors import ArchiveLimitError, InvalidInputError

_SMALL = 64 << 10  # F9: up to here a member of its own may have any ratio


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of F9.

    Args:
        members: How many members there may be.
        member_bytes: How large a member may be, inflated.
        total_bytes: How large all of them may be together, inflated.
        ratio: How many times its compressed size a member may have, and all of them together.

    Raises:
        InvalidInputError: for a limit below 1.
    """

    members: int = 100_000
    member_bytes: int = 64 << 20
    total_bytes: int = 1 << 30
    ratio: int = 200

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise InvalidInputError(
                    f"the limit {field.name} of an archive cannot be {getattr(self, field.name)}",
                    "Give a number of 1 or more.",
                )


DEFAULT_LIMITS = Limits()


class Tally:
    """Counts members and bytes as they are named, and refuses at the first that is too much.

    Args:
        limits: What is allowed.
        hint: What to do where it is too little.
    """

    __slots__ = ("_compressed", "_hint", "_limits", "_members", "_total")

    def __init__(self, limits: Limits, hint: str) -> None:
        self._limits = limits
        self._hint = hint
        self._members = self._total = self._compressed = 0

    def expect(self, members: int) -> None:
        """Check a number of members before the first of them is looked at."""
        if members > self._limits.members:
            raise self._over(
                "members", f"it holds {members:,} members; {self._limits.members:,} are allowed"
            )

    def add(self, name: str, size: int, compressed_size: int) -> None:
        """Count one more member.

        Raises:
            ArchiveLimitError: when it, or all up to it, are too large.
        """
        limits = self._limits
        self._members += 1
        self._total += size
        self._compressed += compressed_size
        if self._members > limits.members:
            self.expect(self._members)
        if size > limits.member_bytes:
            raise self._over(
                "member-bytes",
                f"{shown(name)} is {size:,} bytes large; {limits.member_bytes:,} are allowed",
            )
        if self._total > limits.total_bytes:
            raise self._over(
                "total-bytes",
                f"its members are more than {limits.total_bytes:,} bytes large together",
            )
        if size > _SMALL and size > limits.ratio * compressed_size:
            raise self._over(
                "ratio",
                f"{shown(name)} is more than {limits.ratio:,} times as large as it is compressed",
            )

    def close(self) -> None:
        """Check what only all members together show.

        Raises:
            ArchiveLimitError: when they are compressed too well.
        """
        if self._total > self._limits.ratio * self._compressed:
            raise self._over(
                "ratio",
                f"its members are more than {self._limits.ratio:,} times as large as compressed",
            )

    def _over(self, rule: str, message: str) -> ArchiveLimitError:
        return ArchiveLimitError(f"{message} (F9)", self._hint, rule=rule, clause="F9")
