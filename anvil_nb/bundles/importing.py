"""Importing: a plan made, and carried out in one transaction, all of it or nothing.

Only contents of a large bundle are stored before it (``staging``): nobody sees them until then.

Only a ``VerifiedBundle`` can be imported. The plan is made again in the transaction that carries
it out: where its id is not the one that was looked at, the bundle or the store has moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.access import UnchangedError, again
from anvil_nb.bundles.applying import Applying
from anvil_nb.bundles.planning import Planning
from anvil_nb.bundles.staging import is_large, stage
from anvil_nb.errors import BundleConflictError, PlanMovedError
from anvil_nb.results.exchange import ImportReport
from anvil_nb.store import imports
from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from anvil_nb.access import Access
    from anvil_nb.bundles.choosing import Choices
    from anvil_nb.bundles.landing import Landing, NewDraft
    from anvil_nb.bundles.target import Target
    from anvil_nb.bundles.verifying import VerifiedBundle
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.exchange import ImportPlan
    from anvil_nb.results.moving import Moving
    from anvil_nb.store.sets import SetRow

    Progress = Callable[[Moving], None]


def preview(
    access: Access, bundle: VerifiedBundle, choices: Choices, progress: Progress | None = None
) -> ImportPlan:
    """Return what an import would do; nothing is done.

    Args:
        access: Whose store.
        bundle: To be imported.
        choices: What is decided.
        progress: Is told how far the plan is.
    """
    with access.read() as tx:
        return Planning(access, tx, bundle, choices, progress).planned().plan


def carry_out(  # noqa: PLR0913 - what an import may say
    access: Access,
    bundle: VerifiedBundle,
    choices: Choices,
    *,
    file_digest: str,
    expect: str | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a bundle.

    Args:
        access: Whose store.
        bundle: To be imported.
        choices: What is decided.
        file_digest: Of the file it was read from, for the record.
        expect: The id of the plan that was looked at; any goes when ``None``.
        progress: Is told how far it is; what it raises ends the import, and nothing is done. It is
            told last before the transaction that does all of it ends.

    Raises:
        PlanMovedError: when the plan is not the one expected any more; nothing was done.
        BundleConflictError: when conflicts are still open; nothing was done.
    """
    if staged := is_large(bundle):
        stage(access, bundle, _contents(access, bundle, choices, expect, progress), progress)

    def attempt(_: int) -> ImportReport:
        done = ""
        with access.write() as tx:
            planning = Planning(access, tx, bundle, choices, progress)
            planned = planning.planned()
            _check(planned.plan, expect)
            landing = planned.landing
            if landing.empty:
                raise UnchangedError
            import_id = new_id()
            source = bundle.path.replace("\\", "/").rpartition("/")[2]
            rows = Applying(
                access, tx, bundle, planning.target, landing, import_id, f"import of {source}"
            ).apply(progress, staged=staged)
            row = imports.ImportRow(
                id=import_id,
                bundle=bundle.digest,
                file=file_digest,
                source=source,
                signers=[one.to_json() for one in bundle.signers],
                decisions=_decisions(planned.plan, choices),
                made=_made(planned.plan, landing, planning.target, rows),
                by=access.actor.name,
                at=access.now(),
                undone_at=None,
            )
            imports.insert(tx, access.actor, row)
            done = str(import_id)
        return _report(planned.plan, done)

    return again(attempt)


def _contents(
    access: Access,
    bundle: VerifiedBundle,
    choices: Choices,
    expect: str | None,
    progress: Progress | None,
) -> list[str]:
    """Return the digests of the contents that an import would need, if it could be done now."""
    with access.read() as tx:
        planned = Planning(access, tx, bundle, choices, progress).planned()
    _check(planned.plan, expect)
    return sorted(planned.landing.digests & bundle.sizes.keys())


def _check(plan: ImportPlan, expect: str | None) -> None:
    if expect is not None and expect != plan.id:
        msg = (
            f"the plan {expect} does not hold any more: the bundle, the choices or the store moved"
        )
        raise PlanMovedError(
            msg, f"Look at what would be done now: anvil import {plan.path} --dry-run"
        )
    if plan.open:
        keys = ", ".join(one.key for one in plan.open)
        first = plan.open[0]
        every = all("version" in one.choices for one in plan.open)  # skip is always one
        raise BundleConflictError(
            f"{len(plan.open)} to decide before {plan.path} can be imported: {keys}",
            f"See them: anvil import {plan.path} --dry-run   Decide one: "
            f"--resolve {first.key}={next(iter(first.choices))}   or all: "
            f"--strategy {'version' if every else 'skip'}",
            conflicts=[one.to_json() for one in plan.open],
        )


def _report(plan: ImportPlan, import_id: str) -> ImportReport:
    return ImportReport(import_id, plan.path, plan.bundle, plan.steps, plan.conflicts)


def _decisions(plan: ImportPlan, choices: Choices) -> dict[str, Json]:
    made: dict[str, Json] = {one.key: one.choice for one in plan.conflicts}
    return {**choices.to_json(), "made": made, "merged": [*sorted(choices.merged)]}


def _made(
    plan: ImportPlan, landing: Landing, target: Target, rows: Mapping[UUID, SetRow]
) -> dict[str, Json]:
    """Return what an import did, with what undoing it needs."""
    new, writes = {one.id for one in landing.sets}, landing.writes
    latest: dict[str, Json] = {
        str(one.set_id): _text(target.top(one.set_id))
        for one in landing.latest
        if one.set_id not in new
    }
    counts: dict[str, Json] = dict(plan.counts)
    return {
        "counts": counts,
        "projects": [str(one.id) for one in landing.projects],
        "sets": [str(one.id) for one in landing.sets],
        "renamed": [[str(one.set_id), one.was] for one in landing.renamed],
        "versions": [
            [str(one.set_id), one.number] for one in landing.versions if one.set_id not in new
        ],
        "latest": latest,
        "drafts": {
            str(one.set_id): _before(one) for one in landing.drafts if one.set_id not in new
        },
        "labels": [
            [str(one.set_id), one.name, one.was] for one in landing.labels if one.set_id not in new
        ],
        "revisions": {str(set_id): row.revision for set_id, row in rows.items()},
        "revisions_before": {
            str(set_id): row.revision - writes[set_id]
            for set_id, row in rows.items()
            if set_id not in new
        },
    }


def _text(version: object) -> str | None:
    return None if version is None else str(version)


def _before(draft: NewDraft) -> Json:
    """Return what stood in a draft: id and digest of those prompts that the import changed."""
    return {
        name: [str(draft.was[name].prompt_id), draft.was[name].digest]
        if name in draft.was
        else None
        for name in draft.was.keys() | draft.tree.keys()
        if draft.was.get(name) != draft.tree.get(name)
    }
