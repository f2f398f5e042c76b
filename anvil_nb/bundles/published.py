"""What is published: every version of an organisation, as another instance has to know it.

A version that came under another number than it has where it was published (its own was taken
here by other content) says so. It is a *copy* where its number is a prerelease: what stands beside
ours, and is never the latest.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of
from anvil_nb.domain.semver import Version
from anvil_nb.errors import NotFoundError
from anvil_nb.results.result import utc
from anvil_nb.store import published as rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from anvil_nb.access import Access
    from anvil_nb.domain.digest import Json


@dataclass(frozen=True, slots=True)
class Origin:
    """Under which number, and with which digest, a version was published elsewhere."""

    number: str
    digest: str


@dataclass(frozen=True, slots=True)
class Published:
    """One version.

    Args:
        path: ``project/set``.
        number: Of the version.
        digest: Of its tree.
        published_at: When, with its zone.
        origin: Where it came from; ``None`` where it was published here.
    """

    path: str
    number: str
    digest: str
    published_at: datetime
    origin: Origin | None = None

    @property
    def key(self) -> str:
        """``project/set@number``."""
        return f"{self.path}@{self.number}"

    @property
    def is_copy(self) -> bool:
        """Whether it stands here beside the version whose number it has elsewhere."""
        origin = self.origin
        moved = origin is not None and origin.number != self.number
        return moved and Version.parse(self.number).is_prerelease

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        origin = self.origin
        return {
            "set": self.path,
            "version": self.number,
            "digest": self.digest,
            "published_at": self.published_at.isoformat().replace("+00:00", "Z"),
            "origin": None
            if origin is None
            else {"version": origin.number, "digest": origin.digest},
        }


def published(access: Access) -> tuple[Published, ...]:
    """Return all versions of the actor's organisation, by path.

    Raises:
        ForbiddenError: when the actor may not read prompts.
    """
    with access.read() as tx:
        found = rows.of_organisation(tx, access.organisation_id)
    return tuple(
        Published(
            row.path,
            row.number,
            row.digest,
            utc(row.published_at),
            None
            if row.origin_number is None or row.origin_digest is None
            else Origin(row.origin_number, row.origin_digest),
        )
        for row in found
    )


def projects(access: Access) -> frozenset[str]:
    """Return the names of all projects of the actor's organisation, published or not."""
    with access.read() as tx:
        return rows.projects_of(tx, access.organisation_id)


def state_of(found: Sequence[Published]) -> str:
    """Return what tells one state of a list from another."""
    return digest_of([[one.key, one.digest, *_origin(one)] for one in found])


def addresses(access: Access, keys: Iterable[str]) -> tuple[str, ...]:
    """Return few addresses that mean just these versions: a set, where all of it is wanted.

    Args:
        access: Whose store.
        keys: ``project/set@number``.

    Raises:
        NotFoundError: for a version that is not there.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        path, _, number = key.partition("@")
        wanted[path].add(number)
    known: defaultdict[str, set[str]] = defaultdict(set)
    for one in published(access):
        known[one.path].add(one.number)
    found: list[str] = []
    for path, numbers in sorted(wanted.items()):
        if lost := sorted(numbers - known[path]):
            msg = f"there is no published version {path}@{lost[0]}"
            raise NotFoundError(msg, f"See what there is: anvil log {path}")
        if numbers == known[path]:
            found.append(path)
        else:
            found += [f"{path}@{number}" for number in sorted(numbers)]
    return tuple(found)


def _origin(one: Published) -> list[Json]:
    return [] if one.origin is None else [one.origin.number, one.origin.digest]
