"""Doubles: skills and agents stand at a server twice, among the files and among the records.

The two travel apart, and each is settled by itself: people who settle them in opposite ways would
hand them to and fro for ever. So a sync of everything says which of them differ there, and which
of the two counts: the files, for everybody, so that all who follow end up with the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.items.shelving import disk_paths
from anvil_nb.sync.store_records import kind_of, mapping_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from anvil_nb.domain.filetree import Leaf
    from anvil_nb.domain.sync.tree import Entry
    from anvil_nb.results.sync import SyncReport
    from anvil_nb.sync.engine import Planned

    At: TypeAlias = Callable[[str], Entry | None]

_FOLDERS = {"skill": "skills", "agent": "agents"}
_MOST_NAMED = 5


def notes(
    files: tuple[Planned, SyncReport], records: tuple[Planned, SyncReport]
) -> tuple[str, ...]:
    """Return what there is to say of skills and agents whose files and record differ.

    Args:
        files: The plan of the files, and what became of it, or would.
        records: The same of the records.
    """
    both = _in_both_conflicts(files[0], records[0])
    differ = sorted(name for name in _differing(files, records) if name not in both)
    when = "will differ" if files[1].dry_run else "differ"
    found = []
    if both:
        found.append(
            f"{_named(both)}: in conflict as files, and as database/{both[0]} for one: "
            "settle both the same way"
        )
    if differ:
        found.append(
            f"{_named(differ)}: files and record {when} at the server; the files count: "
            f"anvil sync resolve {differ[0]} --ours, then anvil push"
        )
    return tuple(found)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _differing(
    files: tuple[Planned, SyncReport], records: tuple[Planned, SyncReport]
) -> Iterator[str]:
    _, file_at = _there(*files)
    keys, record_at = _there(*records)
    for key in keys:
        record = record_at(key)
        if record is None:
            continue
        leaves = _on_disk(record)
        found = {path: entry.leaves[0] for path in leaves if (entry := file_at(path))}
        # Where the server has none of its files, they are not synced, and nothing is twice.
        if found and any(
            path not in found or _said(found[path]) != _said(leaf) for path, leaf in leaves.items()
        ):
            yield record.name


def _in_both_conflicts(files: Planned, records: Planned) -> list[str]:
    apart = {one.key for one in files.unsettled}
    return [
        one.name
        for one in records.unsettled
        if any(not apart.isdisjoint(_on_disk(side)) for side in (one.ours, one.theirs) if side)
    ]


def _there(planned: Planned, report: SyncReport) -> tuple[list[str], At]:
    """Return the keys of the far side, and what stands at each once the sync is over."""
    written = {item.key for item in report.items if item.status in {"planned", "done"}}
    changed = {one.key: one.source for one in planned.there if one.key in written}
    standing = planned.far.entries

    def at(key: str) -> Entry | None:
        return changed[key] if key in changed else standing.get(key)

    return [*standing, *(key for key in changed if key not in standing)], at


def _on_disk(record: Entry) -> dict[str, Leaf]:
    """Return the files of a record by the paths that they have among the files; none of some."""
    kind = kind_of(record)
    if kind not in _FOLDERS:
        return {}
    leaves = {leaf.path: leaf for leaf in record.leaves}
    paths = disk_paths(kind, str(record.meta["key"]), mapping_of(record, "place"), leaves)
    return {f"{_FOLDERS[kind]}/{path}": leaves[own] for own, path in paths.items()}


def _said(leaf: Leaf) -> tuple[str, bool]:
    return leaf.digest, leaf.executable
