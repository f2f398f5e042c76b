"""Staging: the contents of a large bundle, stored a few at a time before the import itself.

A transaction's rows are in memory until it ends, and a bundle may hold more than fits. Contents
need no transaction: nothing that is stored under a digest is seen before an entry names it. What
an import that is then refused, or killed, has staged stays as it is, and is found again by the
next one.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from anvil_nb.access import UnchangedError, again
from anvil_nb.results.moving import Counting
from anvil_nb.store import arrivals
from anvil_nb.store.sparing import MERGED, filling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.bundles.verifying import VerifiedBundle
    from anvil_nb.results.moving import Moving

    Progress = Callable[[Moving], None]

LARGE = 64 * 1024 * 1024
"""Bundles with more bytes of contents than this are staged."""
AT_ONCE_BYTES = 1024 * 1024
"""How much one transaction of staging stores."""


def is_large(bundle: VerifiedBundle) -> bool:
    """Tell whether the contents of a bundle are staged."""
    return sum(bundle.sizes.values()) > LARGE


def stage(
    access: Access, bundle: VerifiedBundle, digests: Sequence[str], progress: Progress | None
) -> None:
    """Store contents of a bundle that are not there, in transactions of their own.

    Raises:
        BundleError: when the file was changed since it was verified.
    """
    if not digests:
        return
    sizes = [bundle.sizes[one] for one in digests]
    counting = Counting(progress, "stored", len(digests), sum(sizes))
    together = most_together(sizes, MERGED)
    with filling(access.engine, access.organisation_id, largest=max(sizes), together=together):
        for part in parts(digests, bundle.sizes, AT_ONCE_BYTES):
            _store(access, bundle, part)
            counting.add(len(part), sum(map(bundle.sizes.__getitem__, part)))


def _store(access: Access, bundle: VerifiedBundle, part: Sequence[str]) -> None:
    def attempt(_: int) -> None:
        with access.write() as tx:
            lost = arrivals.missing(tx, access.organisation_id, part)
            if not lost:
                raise UnchangedError
            bodies = {digest: bundle.body(digest) for digest in lost}
            arrivals.add_bodies(tx, access.organisation_id, bodies)

    again(attempt)


def most_together(sizes: Sequence[int], number: int) -> int:
    """Return the largest sum of so many sizes in a row."""
    up_to = [0, *accumulate(sizes)]
    number = min(number, len(sizes))
    return max(end - start for start, end in zip(up_to, up_to[number:], strict=False))


def parts(
    digests: Iterable[str], sizes: Mapping[str, int], most_bytes: int, most: int = 2_000
) -> Iterator[list[str]]:
    """Return digests in parts of so many contents, or bytes, at most; a large one is alone."""
    part: list[str] = []
    held = 0
    for digest in digests:
        if part and (len(part) >= most or held + sizes[digest] > most_bytes):
            yield part
            part, held = [], 0
        part.append(digest)
        held += sizes[digest]
    if part:
        yield part
