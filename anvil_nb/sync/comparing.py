"""Comparing: what two sides have at one key, file by file, and a merge where both had a base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.bundles.suggesting import merged
from anvil_nb.domain.textdiff import compare_text
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.standing import SyncDifference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.sync.tree import Entry

    Bodies = Mapping[str, bytes]


def compared(  # noqa: PLR0913, PLR0917 - the sides, and what is known of them
    key: str,
    base_digest: str | None,
    ours: Bodies | None,
    theirs: Bodies | None,
    base: Bodies | None,
    runs: Mapping[str, str],
) -> SyncDifference:
    """Return how two sides differ, and a merge of both where that can be suggested.

    Args:
        key: Target and name.
        base_digest: What both had last; ``None`` where they never agreed.
        ours: Files by path; ``None`` where our side has nothing.
        theirs: Files by path; ``None`` where their side has nothing.
        base: Files by path that both had, as far as they are known.
        runs: What is to be said of files that one side alone may execute, by path.
    """
    if ours is None or theirs is None:
        where = "here" if theirs is None else "there"
        had = ", and was on both sides before" if base_digest else ""
        there = ours if ours is not None else theirs or {}
        files = [(path, f"only {where}", _text(data) or "") for path, data in there.items()]
        state = f"it is only {where}{had}" if there else "it is on neither side any more"
        return SyncDifference(key, state, tuple(files), base=base, ours=ours, theirs=theirs)
    files = [
        (path, _what(ours.get(path), theirs.get(path)), _diff(ours.get(path), theirs.get(path)))
        for path in sorted({*ours, *theirs})
        if ours.get(path) != theirs.get(path)
    ]
    files += [(path, said, "") for path, said in runs.items()]
    if not files:
        return SyncDifference(key, "the bytes are the same on both sides", ())
    suggestion, clean = _suggested(ours, theirs, base)
    return SyncDifference(
        key, "ours (-) and theirs (+)", tuple(files), suggestion, clean, base, ours, theirs
    )


def one_path(ours: Entry | None, theirs: Entry | None) -> str:
    """Return the path of the one file in which two sides differ, or that they have at all.

    Raises:
        InvalidInputError: where one text does not say what is to become of all that differs.
    """
    sides = [
        {} if entry is None else {leaf.path: leaf.digest for leaf in entry.leaves}
        for entry in (ours, theirs)
    ]
    there = [side for side in sides if side]
    if there and all(len(side) == 1 for side in there):
        return next(iter(there[0]))
    paths = sorted({path for path, _ in sides[0].items() ^ sides[1].items()})
    if len(paths) == 1:
        return paths[0]
    msg = f"{len(paths)} files differ: {', '.join(paths)}" if paths else "no text differs"
    raise InvalidInputError(msg, "Merge them in a folder, and name that: --merged FOLDER")


def _suggested(ours: Bodies, theirs: Bodies, base: Bodies | None) -> tuple[dict[str, str], bool]:
    """Return texts that have both changes, and whether none of them has conflict markers."""
    suggestion: dict[str, str] = {}
    clean = True
    for path in sorted({*ours, *theirs}) if base is not None else ():
        before, one, other = (side.get(path) for side in (base or {}, ours, theirs))
        if one == other:
            continue
        texts = [_text(side) for side in (before, one, other)]
        if None in texts:
            return {}, False
        text, sound = merged(*(str(one) for one in texts))
        if text is None:
            return {}, False
        suggestion[path] = text
        clean = clean and sound
    return suggestion, clean and bool(suggestion)


def _what(ours: bytes | None, theirs: bytes | None) -> str:
    if ours is None:
        return "only there"
    if theirs is None:
        return "only here"
    return (
        "differs" if _text(ours) is not None and _text(theirs) is not None else "differs, no text"
    )


def _diff(ours: bytes | None, theirs: bytes | None) -> str:
    before, after = _text(ours or b""), _text(theirs or b"")
    if before is None or after is None:
        return ""
    return compare_text(before, after).unified()


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
