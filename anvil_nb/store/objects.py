"""Objects: contents by digest. What is the same is stored once; nothing here ever changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.digest import from_canonical_json
from anvil_nb.domain.prompt import Content, content_from_json
from anvil_nb.errors import StoreDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from anvil_nb.store.engine import Transaction


def put(tx: Transaction, organisation_id: UUID, contents: Iterable[Content]) -> None:
    """Store contents that are not there yet."""
    # In one order for everybody: writers of the same contents never wait for each other crosswise.
    fresh = dict(sorted({content.digest: content for content in contents}.items()))
    tx.execute(
        """
        insert into objects (organisation_id, digest, body, summary, content)
        select $1::uuid, unnest($2::text[]), unnest($3::text[]), unnest($4::text[]),
               unnest($5::text[])
        on conflict (organisation_id, digest) do nothing
        """,
        organisation_id,
        list(fresh),
        [content.body for content in fresh.values()],
        [_summary(content) for content in fresh.values()],
        [content.template.casefold() for content in fresh.values()],
    )


def put_one(tx: Transaction, organisation_id: UUID, content: Content) -> None:
    """Store a content that may be there; faster than ``put``.

    Raises:
        UniqueViolationError: when another writer stores the same at the same time (PostgreSQL);
            it is there when the transaction is tried again.
    """
    tx.execute(
        """
        insert into objects (organisation_id, digest, body, summary, content)
        select $1::uuid, $2::text, $3::text, $4::text, $5::text
        where not exists (select 1 from objects where organisation_id = $1 and digest = $2)
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
        raise StoreDamagedError(
            f"the store names the content {digest} and does not have it",
            "Put a copy of the store in its place.",
        )
    return content_from_json(from_canonical_json(row[0]))


def get_many(tx: Transaction, organisation_id: UUID, digests: Iterable[str]) -> dict[str, Content]:
    """Return the contents of ``digests`` by digest; those that are not there are left out."""
    rows = tx.rows(
        "select digest, body from objects where organisation_id = $1 and digest = any($2::text[])",
        organisation_id,
        sorted(set(digests)),
    )
    return {digest: content_from_json(from_canonical_json(body)) for digest, body in rows}


def _summary(content: Content) -> str:
    return "\n".join((content.metadata.description, *content.metadata.tags)).casefold()
