"""Targets: which two replicas each of them keeps equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.errors import InvalidInputError, SettingsError
from anvil_nb.sync.conflicts import Sides
from anvil_nb.sync.variants import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.remote.api import Api

LOCAL = ("skills", "content", "agents")
"""Disk and store."""
CLOUD = ("files", "database", "bundles")
"""Here and a server."""
TARGETS = (*LOCAL, *CLOUD)
ALL = "all"
"""All of ``CLOUD``, in its order; a push deploys after it, where that is configured."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sides of a sync are.

    Args:
        services: The folder of skills, content, agents and the like.
        directories: The folders in it that a sync of files takes along.
        cache: A folder for what may be lost.
        cloud: Returns what speaks to the server.
        signers: Names of the keys that sign the bundles which are pushed.
        key_passphrase: Is asked for the passphrase of such a key, by its name.
        signatures: Whether bundles that are pulled must be signed.
        follow: Which versions are pulled; ``None`` for those of the projects that are here.
    """

    services: Path
    directories: tuple[str, ...]
    cache: Path
    cloud: Callable[[], Api] = field(repr=False)
    signers: tuple[str, ...] = ()
    key_passphrase: Callable[[str], str] | None = field(default=None, repr=False)
    signatures: str = "required"
    follow: tuple[str, ...] | None = None


def check_target(name: str, *, also: tuple[str, ...] = ()) -> str:
    """Return a target's name.

    Raises:
        InvalidInputError: for one that there is none of.
    """
    known = (*TARGETS, *also)
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]}?" if near else f"It is one of: {', '.join(known)}"
        msg = f"there is nothing called '{name}' to sync"
        raise InvalidInputError(msg, hint)
    return name


def sides_of(access: Access, places: Places, target: str) -> Sides:
    """Return the two replicas of a target.

    Raises:
        InvalidInputError: for a target that there is none of.
        SettingsError: where no server is configured, or there is no folder of services.
    """
    check_target(target)
    if target in KINDS:
        from anvil_nb.sync.disk_items import DiskItems  # noqa: PLC0415 - loads the YAML reader
        from anvil_nb.sync.store_items import StoreItems  # noqa: PLC0415 - see above

        store = StoreItems(access, KINDS[target], f"sync {target}")
        return Sides(target, DiskItems(places.services, KINDS[target], access), store)
    if target == "files":
        from anvil_nb.sync.cloud_files import CloudFiles  # noqa: PLC0415 - loads the client
        from anvil_nb.sync.disk_files import DiskFiles  # noqa: PLC0415 - see above

        near = DiskFiles(places.services, places.directories)
        return Sides(target, near, CloudFiles(places.cloud(), places.cache))
    if target == "database":
        from anvil_nb.sync.cloud_records import CloudRecords  # noqa: PLC0415 - see above
        from anvil_nb.sync.store_records import StoreRecords  # noqa: PLC0415 - see above

        return Sides(target, StoreRecords(access), CloudRecords(places.cloud()))
    from anvil_nb.domain.sync.following import parse_following  # noqa: PLC0415 - see above
    from anvil_nb.sync.bundle_terms import Terms  # noqa: PLC0415 - see above
    from anvil_nb.sync.bundles import CloudVersions, StoreVersions  # noqa: PLC0415 - see above

    terms = Terms(
        places.signers, places.key_passphrase, places.signatures, parse_following(places.follow)
    )
    versions = CloudVersions(places.cloud(), access, terms)
    return Sides(target, StoreVersions(access, versions), versions)


def split_key(key: str) -> tuple[str, str]:
    """Return target and name of a key such as ``skills/inspect_agents``.

    Raises:
        InvalidInputError: for one that names no target.
    """
    target, slash, name = key.partition("/")
    if not slash:
        msg = f"'{key}' does not say what it is a key of"
        raise InvalidInputError(msg, f"Put the target before it: skills/{key}, or another one.")
    return check_target(target), name


def no_remote() -> SettingsError:
    """Return the refusal of a sync with a server where none is configured."""
    return SettingsError(
        "there is no server to sync with",
        'Add to anvil.toml: remote = "https://anvil.example.org"\n'
        "Then keep a token of it: anvil login",
    )
