"""Diff: how two versions, labels or drafts differ, and the bump that calls for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import get_in, missing, snapshot
from anvil_nb.catalog.validation import contents_of, partial_names, sides
from anvil_nb.domain.address import DigestPrefix, Draft, Latest
from anvil_nb.domain.change import alike, bump_of, compare_parameters, compare_prompts
from anvil_nb.errors import RefusedError
from anvil_nb.results.comparison import Comparison, MetadataChange, PromptComparison

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Address, Selector
    from anvil_nb.domain.change import Kind, Reason, Side
    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.prompt import Content
    from anvil_nb.store.engine import Transaction

    Differences: TypeAlias = tuple[tuple[str, Kind, tuple[Reason, ...]], ...]
    _Compared: TypeAlias = tuple[dict[str, Side], dict[str, Side], Differences]


def diff(access: Access, old: Address, new: Address | None = None) -> Comparison:
    """Compare two sets, or two prompts, of one name or of two.

    Args:
        access: Whose store.
        old: One side; its latest version where it has no selector.
        new: The other; the draft of the same place when ``None`` or without a selector.

    Raises:
        NotFoundError: when one side is not there. A prompt that only one of two versions has is
            shown as added or removed.
        RefusedError: when one is a set and the other a prompt.
    """
    other = new or old.with_selector(Draft())
    if (old.prompt is None) != (other.prompt is None):
        msg = "a set and a prompt cannot be compared"
        raise RefusedError(msg, f"Try: anvil diff {old.set_path} {other.set_path}")
    one, two = _with(old, Latest()), _with(other, Draft())
    with access.read() as tx:
        before, old_at = _contents(access, tx, one)
        after, new_at = _contents(access, tx, two)
        for here, there, address in ((before, after, one), (after, before, two)):
            # That a version lacks it is a difference, but only from one that has it.
            lacks = address.prompt is not None and address.prompt not in here
            if lacks and (old.path != other.path or address.prompt not in there):
                raise missing(access, tx, address)
    left, right, found = (
        differences(before, after)
        if old.prompt is None or other.prompt is None
        else _alone(before, after, old.prompt, other.prompt)
    )
    prompts = tuple(
        _prompt(name, kind, reasons, left.get(name), right.get(name))
        for name, kind, reasons in found
    )
    reasons = tuple(reason for each in found for reason in each[2])
    return Comparison(old_at, new_at, prompts, bump_of(reasons).name.lower() if found else "")


def _with(address: Address, selector: Selector) -> Address:
    return address.with_selector(address.selector or selector)


def _contents(access: Access, tx: Transaction, address: Address) -> tuple[dict[str, Content], str]:
    if address.prompt is not None and isinstance(address.selector, DigestPrefix):
        # A digest may name a text that the draft once had, and that no tree has any more.
        prompt = get_in(access, tx, address)
        return {**prompt.partials, address.prompt: prompt.content}, prompt.address
    found = snapshot(access, tx, address.as_set(), default=Draft())
    return contents_of(access, tx, found), f"{address.path}@{found.selector}"


def _alone(
    before: Mapping[str, Content], after: Mapping[str, Content], old: str, new: str
) -> _Compared:
    """Compare two prompts under the name of the new one, whatever they are called."""
    left = {new: sides(before, [old])[old]} if old in before else {}
    right = sides(after, [new] if new in after else [])
    return left, right, compare_prompts(left, right)


def differences(before: Mapping[str, Content], after: Mapping[str, Content]) -> _Compared:
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
    from anvil_nb.domain.textdiff import compare_text  # noqa: PLC0415 - publishing needs none

    return PromptComparison(
        name=name,
        kind=kind,
        text=compare_text(old.content.template if old else "", new.content.template if new else ""),
        parameters=compare_parameters(old.parameters if old else (), new.parameters if new else ()),
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
        if not alike(before.get(name), after.get(name))
    )


def _fields(side: Side | None) -> dict[str, Json]:
    if side is None:
        return {}
    fields = side.content.metadata.to_json()
    return fields | {"syntax": "plain"} if side.content.syntax == "plain" else fields
