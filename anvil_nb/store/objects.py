"""Objects: contents by digest. What is the same is stored once; nothing here ever changes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import from_canonical_json
from anvil_nb.domain.prompt import Content, content_from_json
from anvil_nb.errors import StoreDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from anvil_nb.store.engine import Transaction


MAX_RECENT = 1_000
"""Most contents that are kept in memory."""

MAX_RECENT_CHARACTERS = 65_536
"""The longest template that is."""


class Recent:
    """Contents read or written lately. What a digest names never changes, so none is ever stale.

    They spare a look-up and its parsing. Whether the store still has them they do not say.
    """

    __slots__ = ("_contents",)

    def __init__(self) -> None:
        self._contents: OrderedDict[str, Content] = OrderedDict()

    def find(self, digest: str) -> Content | None:
        """Return the content of a digest, if it is among them."""
        return self._contents.get(digest)

    def keep(self, digest: str, content: Content) -> None:
        """Add the content of a digest, in the place of the one added longest ago."""
        if len(content.template) <= MAX_RECENT_CHARACTERS:
            self._contents[digest] = content
            if len(self._contents) > MAX_RECENT:
                self._contents.popitem(last=False)


def put(tx: Transaction, organisation_id: UUID, contents: Iterable[Content]) -> None:
    """Store contents that are not there yet."""
    # In one order for everybody: writers of the same contents never wait for each other crosswise.
    fresh = dict(sorted({content.digest: content for content in contents}.items()))
    tx.execute(
        """
        insert into objects (organisation_id, digest, body, summary, content)
        select $1::uuid, unnest($2::text[]) as digest, unnest($3::text[]) as body,
               unnest($4::text[]) as summary, unnest($5::text[]) as content
        on conflict (organisation_id, digest) do nothing
        """,
        organisation_id,
        list(fresh),
        [content.body for content in fresh.values()],
        [_summary(content) for content in fresh.values()],
        [content.template.casefold() for content in fresh.values()],
    )


def put_new(tx: Transaction, organisation_id: UUID, content: Content) -> None:
    """Store a content that is not there, as far as is known; faster than ``put``.

    Raises:
        UniqueViolationError: when it is there; that ends the transaction.
    """
    tx.execute(
        """
        insert into objects (organisation_id, digest, body, summary, content)
        values ($1, $2, $3, $4, $5)
        """,
        organisation_id,
        content.digest,
        content.body,
        _summary(content),
        content.template.casefold(),
    )


def get(tx: Transaction, organisation_id: UUID, digest: str) -> Content:
    """Return the content of a digest that an entry or a history names.

    Raises:
        StoreDamagedError: when it is not there.
    """
    row = tx.row(
        "select body from objects where organisation_id = $1 and digest = $2",
        organisation_id,
        digest,
    )
    if row is None:
        raise _lost(digest)
    return content_from_json(from_canonical_json(row[0]))


def get_many(tx: Transaction, organisation_id: UUID, digests: Iterable[str]) -> dict[str, Content]:
    """Return the contents of ``digests`` by digest; those that are not there are left out."""
    rows = tx.rows(
        "select digest, body from objects where organisation_id = $1 and digest = any($2::text[])",
        organisation_id,
        sorted(set(digests)),
    )
    return {digest: content_from_json(from_canonical_json(body)) for digest, body in rows}


def get_all(tx: Transaction, organisation_id: UUID, digests: Iterable[str]) -> dict[str, Content]:
    """Return the contents of digests that entries or a history name.

    Raises:
        StoreDamagedError: when one of them is not there.
    """
    wanted = sorted(set(digests))
    found = get_many(tx, organisation_id, wanted) if wanted else {}
    for digest in wanted:
        if digest not in found:
            raise _lost(digest)
    return found


def _lost(digest: str) -> StoreDamagedError:
    return StoreDamagedError(
        f"the store names the content {digest} and does not have it",
        "Put a copy of the store in its place.",
    )


def _summary(content: Content) -> str:
    return "\n".join((content.metadata.description, *content.metadata.tags)).casefold()
