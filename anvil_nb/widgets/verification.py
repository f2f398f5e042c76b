"""What is checked of a bundle before it is imported, step by step, and at which one it failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.errors import (
    AnvilError,
    ArchiveError,
    BundleError,
    ChecksumError,
    DecryptionError,
    PassphraseError,
    RevokedKeyError,
    SignatureError,
    SourceError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.domain.digest import Json
    from anvil_nb.results.bundles import BundleInfo, SignerInfo

WAITING, RUNNING, PASSED = "waiting", "running", "passed"
FAILED, NOTED = "failed", "noted"
_TITLES = {
    "file": "The file can be read",
    "container": "The container is sound",
    "signer": "Who signed it, and whether that key is trusted here",
    "checksums": "Every part is what its checksum says",
    "resources": "Documents, versions and templates are sound",
}

_OPENED = {"file", "container"}
"""What is found to be sound before anything else is looked at."""
_BEYOND = {"file": "container", "checksums": "resources"}
"""Where a bundle that is not sound fails while a step is taken, if its error is of none."""


class PassphraseNeededError(AnvilError):
    """The bundle is encrypted, and what opens it was not said yet.

    Args:
        key: The name of the key of one's own whose passphrase is needed; empty for the bundle's.
    """

    code = "passphrase-needed"

    def __init__(self, key: str = "") -> None:
        what = f"your key {key}" if key else "the bundle"
        super().__init__(
            f"the bundle is encrypted: type the passphrase of {what}",
            "It is asked for below, and stays in the memory of the kernel.",
        )
        self.key = key


@dataclass(frozen=True, slots=True)
class Check:
    """One step.

    Args:
        name: Of the step.
        state: ``waiting``, ``running``, ``passed``, ``failed``, or ``noted``: passed, with
            something to see.
        text: What was found.
    """

    name: str
    state: str = WAITING
    text: str = ""

    @property
    def title(self) -> str:
        """What is checked, in words."""
        return _TITLES[self.name]

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {"name": self.name, "title": self.title, "state": self.state, "text": self.text}


def waiting() -> tuple[Check, ...]:
    """Return the steps, in the order in which they are taken."""
    return tuple(map(Check, _TITLES))


def running(name: str, info: BundleInfo | None = None) -> tuple[Check, ...]:
    """Return the steps while one of them is taken.

    Args:
        name: Of the step.
        info: What was found out so far.
    """
    return (*_before(name, info), replace(Check(name), state=RUNNING), *_after(name))


def failed_at(error: AnvilError, name: str) -> tuple[Check, ...]:
    """Return the steps of a bundle that was refused.

    Args:
        error: Says at which step, where it is of one.
        name: The step that was taken then.
    """
    beyond = _BEYOND if isinstance(error, BundleError) else {}
    at = _step_of(error) or beyond.get(name, name)
    failed = replace(Check(at), state=FAILED, text=error.message)
    return (*_before(at, None), failed, *_after(at))


def _before(name: str, info: BundleInfo | None) -> tuple[Check, ...]:
    """Return the steps before one: without ``info``, nobody knows whether the key is trusted."""
    known = waiting() if info is None else passed(info)
    if info is None:
        known = tuple(replace(one, state=PASSED) if one.name in _OPENED else one for one in known)
    return known[: list(_TITLES).index(name)]


def passed(info: BundleInfo) -> tuple[Check, ...]:
    """Return the steps of a bundle that was found to be what it says."""
    signer = _signed(info.signers)
    counts = ", ".join(_counted(kind, count) for kind, count in info.counts.items())
    texts = {
        "file": "encrypted, and opened" if info.encrypted else "not encrypted",
        "container": f"format {info.format_version}",
        "signer": signer,
        "checksums": f"bundle {short(info.digest)}",
        "resources": counts,
    }
    doubtful = not any(one.trusted for one in info.signers)
    return tuple(
        replace(
            one,
            state=NOTED if one.name == "signer" and doubtful else PASSED,
            text=texts[one.name],
        )
        for one in waiting()
    )


def refused(info: BundleInfo, error: AnvilError) -> tuple[Check, ...]:
    """Return the steps of a bundle that is what it says, and is not taken here."""
    at = _step_of(error) or "resources"
    if not isinstance(error, BundleError | RevokedKeyError):
        return passed(info)  # what was said beside it is not sound
    found = []
    for one in passed(info):
        if one.name == at:
            found.append(replace(one, state=FAILED, text=error.message))
        elif one.name == "resources":  # that its templates parse is checked of what is taken
            found.append(replace(one, state=WAITING, text=""))
        else:
            found.append(one)
    return tuple(found)


def about(info: BundleInfo) -> Json:
    """Return what is said of a bundle beside its checks: who made it when, and what for."""
    made: list[Json] = [*info.to_text().splitlines()[1:2]]  # what follows that line the checks say
    return {"lines": made, "description": info.description, "tags": [*info.tags]}


def _signed(signers: Iterable[SignerInfo]) -> str:
    said = []
    for one in signers:
        worth = "trusted" if one.trusted else "revoked" if one.revoked_at else "not trusted"
        said.append(f"{one.name or 'an unknown key'}, {worth}, fingerprint {one.key_id}")
    return "; ".join(said) or "nobody signed it"


def _step_of(error: AnvilError) -> str:
    """Return the step that an error is of; empty for one that may come at any."""
    if isinstance(error, SourceError | DecryptionError | PassphraseError | PassphraseNeededError):
        return "file"
    if isinstance(error, ArchiveError):
        return "container"
    if isinstance(error, SignatureError | RevokedKeyError):
        return "signer"
    return "checksums" if isinstance(error, ChecksumError) else ""


def _counted(kind: str, count: int) -> str:
    noun = kind.replace("_", " ").removesuffix("s")
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _after(name: str) -> tuple[Check, ...]:
    names = list(_TITLES)
    return tuple(map(Check, names[names.index(name) + 1 :]))
