"""Diff: how two versions, labels or drafts differ, and the bump that calls for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import snapshot
from anvil_nb.catalog.validation import contents_of, partial_names, sides
from anvil_nb.domain.address import Draft, Latest
from anvil_nb.domain.change import bump_of, compare_parameters, compare_prompts
from anvil_nb.domain.textdiff import compare_text
from anvil_nb.errors import NotFoundError, RefusedError
from anvil_nb.results.comparison import Comparison, MetadataChange, PromptComparison

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.change import Kind, Reason, Side
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.engine import Transaction

Differences = tuple[tuple[str, "Kind", "tuple[Reason, ...]"], ...]


def diff(access: Access, old: Address, new: Address | None = None) -> Comparison:
    """Compare two sets, or two prompts.

    Args:
        access: Whose store.
        old: One side; its latest version where it has no selector.
        new: The other; the draft of the same place when ``None`` or without a selector.

    Raises:
        NotFoundError: when one side is not there.
        RefusedError: when one is a set and the other a prompt.
    """
    other = new or old.with_selector(Draft())
    if (old.prompt is None) != (other.prompt is None):
        msg = "a set and a prompt cannot be compared"
        raise RefusedError(msg, f"Try: anvil diff {old.set_path} {other.set_path}")
    with access.engine.read() as tx:
        before, old_at = _contents(access, tx, old, Latest())
        after, new_at = _contents(access, tx, other, Draft())
    if old.prompt is not None and other.prompt is not None:
        before, after = _alone(before, after, old, other)
    one, two, found = differences(before, after)
    if old.prompt is not None:
        found = tuple(each for each in found if each[0] == other.prompt)
    prompts = tuple(
        _prompt(name, kind, reasons, one.get(name), two.get(name)) for name, kind, reasons in found
    )
    reasons = tuple(reason for each in found for reason in each[2])
    return Comparison(old_at, new_at, prompts, bump_of(reasons).name.lower() if found else "")


def _contents(
    access: Access, tx: Transaction, address: Address, default: Draft | Latest
) -> tuple[dict[str, Content], str]:
    found = snapshot(access, tx, address.as_set(), default=default)
    contents = contents_of(access, tx, found)
    return contents, f"{address.path}@{found.selector}"


def _alone(
    before: dict[str, Content], after: dict[str, Content], old: Address, new: Address
) -> tuple[dict[str, Content], dict[str, Content]]:
    """Put two prompts under one name, so that they can be compared whatever they are called."""
    assert old.prompt is not None
    assert new.prompt is not None
    if old.prompt not in before and new.prompt not in after:
        msg = f"there is no prompt '{old.prompt}' on either side"
        raise NotFoundError(msg, f"Try: anvil ls {old.set_path}")
    if old.prompt != new.prompt and old.prompt in before:
        before = {**before, new.prompt: before[old.prompt]}
    return before, after


def differences(
    before: Mapping[str, Content], after: Mapping[str, Content]
) -> tuple[dict[str, Side], dict[str, Side], Differences]:
    """Return both sides of the prompts that may differ, and how those that do differ.

    A prompt whose own content is the same may take other parameters when its partials changed,
    so prompts with partials are always looked at.
    """
    suspects = {
        name
        for name in before.keys() | after.keys()
        if name not in before
        or name not in after
        or before[name].digest != after[name].digest
        or partial_names(after[name], after)
    }
    one = sides(before, (name for name in suspects if name in before))
    two = sides(after, (name for name in suspects if name in after))
    return one, two, compare_prompts(one, two)


def _prompt(
    name: str, kind: Kind, reasons: tuple[Reason, ...], old: Side | None, new: Side | None
) -> PromptComparison:
    return PromptComparison(
        name=name,
        kind=kind,
        text=compare_text(
            old.content.template if old else "", new.content.template if new else ""
        ),
        parameters=compare_parameters(
            old.parameters if old else (), new.parameters if new else ()
        ),
        metadata=_metadata(old, new),
        reasons=reasons,
    )


def _metadata(old: Side | None, new: Side | None) -> tuple[MetadataChange, ...]:
    before: dict[str, Json] = _fields(old)
    after: dict[str, Json] = _fields(new)
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        MetadataChange(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )


def _fields(side: Side | None) -> dict[str, Json]:
    if side is None:
        return {}
    fields = side.content.metadata.to_json()
    return fields | {"syntax": "plain"} if side.content.syntax == "plain" else fields
