"""Arriving: bundles that come over a sync, or are sent to a server, imported without questions.

In a sync the address says what a thing is: a set that arrives at the path of one of ours is that
set, and one whose id is that of another of ours is a set of its own. What is left to decide are
versions whose numbers stand for other content, and those follow the strategy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anvil_nb.access import TRIES
from anvil_nb.bundles import importing
from anvil_nb.bundles.choosing import Choices
from anvil_nb.bundles.opening import Reader, file_digest, opened
from anvil_nb.bundles.trusting import known_contents, trusting
from anvil_nb.domain.rights import check_right
from anvil_nb.errors import BundleConflictError, ConflictError, InvalidInputError, PlanMovedError

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import AbstractContextManager
    from pathlib import Path

    from anvil_nb.access import Access
    from anvil_nb.bundles.verifying import VerifiedBundle
    from anvil_nb.keys import KeyRing
    from anvil_nb.results.exchange import ImportPlan, ImportReport

_BY_ADDRESS = {"name": "merge", "id": "version"}
"""What is chosen for a conflict of a kind where addresses say what a thing is."""
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Manner:
    """How a bundle is taken.

    Args:
        strategy: What to choose for conflicts; ``manual`` leaves them open.
        by_address: Whether sets at the same path are the same.
        labels: Whether labels move as the bundle has them.
        signatures: Whether it must be signed: ``required``, ``always`` or ``optional``.
        name: What messages and records call it.
    """

    strategy: str = "manual"
    by_address: bool = True
    labels: bool = False
    signatures: str = "required"
    name: str = "the bundle"


def arrive(access: Access, ring: KeyRing, path: Path, manner: Manner) -> ImportReport:
    """Verify a file and import it, all of it or nothing.

    Raises:
        BundleError: for a file that is not a sound bundle.
        SignatureError: when it is not signed by a key that is trusted here.
        BundleConflictError: when conflicts are still open; nothing was done.
        ForbiddenError: when the actor may not write prompts.
    """
    check_right(access.actor.scopes, "write:prompts")
    digest = file_digest(path)
    with _open(access, ring, path, manner) as bundle:
        named = replace(bundle, path=manner.name)
        for attempt in range(TRIES):
            choices, plan = _chosen(access, named, manner)
            if plan.open:
                raise _open_conflicts(plan)
            try:
                return importing.carry_out(
                    access, named, choices, file_digest=digest, expect=plan.id
                )
            except (PlanMovedError, InvalidInputError):
                # A writer came in between; what was chosen is to be chosen again.
                if attempt == TRIES - 1:
                    raise
    msg = "other writers keep changing the same sets, and nothing was imported"
    raise ConflictError(msg, "Try again.")


def foresee(access: Access, ring: KeyRing, path: Path, manner: Manner) -> ImportPlan:
    """Verify a file, and return what importing it would do."""
    check_right(access.actor.scopes, "read:prompts")
    with _open(access, ring, path, manner) as bundle:
        return _chosen(access, replace(bundle, path=manner.name), manner)[1]


def _open(
    access: Access, ring: KeyRing, path: Path, manner: Manner
) -> AbstractContextManager[VerifiedBundle]:
    check = trusting(access, ring, manner.signatures, allow_unsigned=False, path="")

    def known(digests: Collection[str]) -> Collection[str]:
        return known_contents(access, digests)

    return opened(path, Reader(ring), check, known=known)


def _chosen(access: Access, bundle: VerifiedBundle, manner: Manner) -> tuple[Choices, ImportPlan]:
    """Return choices that settle all that addresses can tell, and the plan that they make."""
    resolutions: dict[str, str] = {}
    for _ in range(_ROUNDS):
        choices = Choices(manner.strategy, resolutions, labels=manner.labels)
        plan = importing.preview(access, bundle, choices)
        told = {one.key: _BY_ADDRESS[one.kind] for one in plan.conflicts if one.kind in _BY_ADDRESS}
        if not manner.by_address or told.keys() <= resolutions.keys():
            break
        # What was a set of its own becomes one of ours, whose versions may have conflicts.
        resolutions = {**resolutions, **told}
    return choices, plan


def _open_conflicts(plan: ImportPlan) -> BundleConflictError:
    keys = ", ".join(one.key for one in plan.open[:5])
    more = f" and {len(plan.open) - 5:,} more" if len(plan.open) > 5 else ""  # noqa: PLR2004 - few
    return BundleConflictError(
        f"{len(plan.open):,} to decide before it can be imported: {keys}{more}; nothing was done",
        "Leave these out, or send it with a strategy: skip, overwrite or version.",
        conflicts=[one.to_json() for one in plan.open],
    )
