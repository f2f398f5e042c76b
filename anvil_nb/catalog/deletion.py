"""What a deletion takes, and who renders it: said before it is done, and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.catalog import groups, prompts
from anvil_nb.catalog.lookup import missing, set_row, snapshot
from anvil_nb.catalog.validation import contents_of
from anvil_nb.domain.address import Draft
from anvil_nb.errors import AnvilError
from anvil_nb.results.done import Done
from anvil_nb.store import entries, labels, sets, versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.sets import SetRow

_NAMED = 8
"""How many a sentence names; the facts have all."""
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
    with access.read() as tx:
        found = snapshot(access, tx, address.as_set(), default=Draft())
        name = address.prompt or ""
        if name not in found.tree:
            raise missing(access, tx, address.with_selector(Draft()))
        contents = contents_of(access, tx, found)
    rendering = renderers(contents, name)
    said: dict[str, Json] = {"rendered_by": [*rendering]}
    if dry_run:
        facts: dict[str, Json] = {"address": address.path, "digest": contents[name].digest}
        told = f"Would remove {address.path} from the draft; versions and history keep it."
        return Done(told + _rendered(rendering, "could "), {**facts, **said, "dry_run": True})
    done = prompts.remove(access, address, message=message)
    return Done(done.message + _rendered(rendering, "can", "\n"), {**done.facts, **said})


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


def renderers(contents: Mapping[str, Content], name: str) -> list[str]:
    """Return the prompts of a tree that render one, by themselves or through others, in order."""
    from anvil_nb.domain.template import partials_in  # noqa: PLC0415 - loads the parser

    direct: dict[str, set[str]] = {}
    for one, content in contents.items():
        if content.syntax != "liquid" or "render" not in content.template:
            continue
        try:
            partials = partials_in(content.template)
        except AnvilError:  # what does not parse renders nothing
            continue
        for partial in partials:
            direct.setdefault(partial, set()).add(one)
    found: set[str] = set()
    waiting = [name]
    while waiting:
        more = direct.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return sorted(found - {name})


def _rendered(names: Sequence[str], can: str, joint: str = " ") -> str:
    """Say who renders what goes."""
    if not names:
        return f"{joint}No other prompt renders it." if can == "could " else ""
    count = "1 other prompt renders" if len(names) == 1 else f"{len(names):,} other prompts render"
    named = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{joint}{count} it, and {can}not be rendered without it: {named}{more}."


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
    told = "; ".join(one.to_text() for one in goes[:_NAMED])
    more = f"; and {len(goes) - _NAMED:,} more" if len(goes) > _NAMED else ""
    parts = [f"Would delete {what}" + (f", with {told}{more}." if goes else ", which is empty.")]
    parts += [_ALONE] * any(one.prompts for one in goes)
    parts += ["It takes --force."] * (needed and not force)
    said: dict[str, Json] = {
        "inside": [one.to_json() for one in goes],
        "force": needed,
        "rendered_by": [],
        "dry_run": True,
    }
    return Done(" ".join(parts), {**facts, **said})
