"""What a deletion takes, and who renders it: said before it is done, and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.catalog import groups, prompts
from anvil_nb.catalog.lookup import set_row
from anvil_nb.catalog.renderers import MOST_NAMED, in_draft, told
from anvil_nb.results.done import Done
from anvil_nb.store import entries, labels, sets, versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.sets import SetRow

_WOULD = "could not be rendered without it"
_DOES = "cannot be rendered without it"
_ALONE = "Prompts are rendered by those of their own set alone, and these go with it."


def remove(access: Access, address: Address, *, message: str = "", dry_run: bool = False) -> Done:
    """Remove a prompt from the draft, and say which others of it render that prompt.

    Args:
        access: Whose store.
        address: Of the prompt.
        message: Why, for the draft's history.
        dry_run: Only say what would be done.

    Raises:
        NotFoundError: when it is not in the draft.
        RefusedError: for a version, which never changes.
    """
    prompts.only_draft(address)
    digest, rendering = in_draft(access, address)
    said: dict[str, Json] = {"rendered_by": [*rendering]}
    if dry_run:
        facts: dict[str, Json] = {"address": address.path, "digest": digest}
        would = f"Would remove {address.path} from the draft; versions and history keep it. "
        return Done(would + told(rendering, _WOULD), {**facts, **said, "dry_run": True})
    done = prompts.remove(access, address, message=message)
    names = f"\n{told(rendering, _DOES)}" if rendering else ""
    return Done(done.message + names, {**done.facts, **said})


def delete_set(
    access: Access, address: Address, *, force: bool = False, dry_run: bool = False
) -> Done:
    """Delete a set with its draft, its versions and its history, or say what that takes.

    Raises:
        NotFoundError: when there is none at that address.
        RefusedError: when it has published versions, unless ``force``.
    """
    if not dry_run:
        return groups.delete_set(access, address, force=force)
    with access.read() as tx:
        goes = _going(access, tx, set_row(access, tx, address))
    said: dict[str, Json] = {"set": goes.address}
    return _would(f"set {goes.address}", said, [goes], needed=bool(goes.versions), force=force)


def delete_project(
    access: Access, name: str, *, force: bool = False, dry_run: bool = False
) -> Done:
    """Delete a project, or say what that takes.

    Raises:
        NotFoundError: when there is none of that name.
        RefusedError: when it has sets, unless ``force``.
    """
    if not dry_run:
        return groups.delete_project(access, name, force=force)
    with access.read() as tx:
        row = groups.project_row(access, tx, name)
        goes = [_going(access, tx, one) for one in sets.of_project(tx, row.id)]
    said: dict[str, Json] = {"project": name}
    return _would(f"project {name}", said, goes, needed=bool(goes), force=force)


@dataclass(frozen=True, slots=True)
class _Going:
    """What a set holds that goes with it."""

    address: str
    prompts: int
    versions: int
    labels: tuple[str, ...]

    def to_text(self) -> str:
        """Return it in words."""
        label = f", label{'s' * (len(self.labels) != 1)} {', '.join(self.labels)}"
        parts = [groups.counted(self.prompts, "prompt"), groups.counted(self.versions, "version")]
        return f"{self.address}: {' in the draft, '.join(parts)}" + (label if self.labels else "")

    def to_json(self) -> dict[str, Json]:
        """Return all fields, and the words."""
        return {
            "address": self.address,
            "prompts": self.prompts,
            "versions": self.versions,
            "labels": [*self.labels],
            "text": self.to_text(),
        }


def _going(access: Access, tx: Transaction, row: SetRow) -> _Going:
    return _Going(
        row.path,
        entries.count(tx, row.id, entries.DRAFT),
        len(versions.numbers(tx, access.organisation_id, row.path)),
        tuple(labels.of_set(tx, row.id)),
    )


def _would(
    what: str, facts: dict[str, Json], goes: Sequence[_Going], *, needed: bool, force: bool
) -> Done:
    """Say what a deletion would take, and whether it has to be meant."""
    named = "; ".join(one.to_text() for one in goes[:MOST_NAMED])
    more = f"; and {len(goes) - MOST_NAMED:,} more" if len(goes) > MOST_NAMED else ""
    parts = [f"Would delete {what}" + (f", with {named}{more}." if goes else ", which is empty.")]
    parts += [_ALONE] * any(one.prompts for one in goes)
    parts += ["It takes --force."] * (needed and not force)
    said: dict[str, Json] = {
        "inside": [one.to_json() for one in goes],
        "force": needed,
        "rendered_by": [],
        "dry_run": True,
    }
    return Done(" ".join(parts), {**facts, **said})
