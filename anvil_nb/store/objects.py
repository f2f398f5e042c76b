"""Objects: contents by digest. What is the same is stored once; nothing here ever changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anvil_nb.domain.prompt import Content, content_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from anvil_nb.store.engine import Transaction


def put(tx: Transaction, organisation_id: UUID, contents: Iterable[Content]) -> None:
    """Store contents that are not there yet."""
    fresh = {content.digest: content for content in contents}
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


def get(tx: Transaction, organisation_id: UUID, digest: str) -> Content | None:
    """Return the content of ``digest``, or ``None``."""
    row = tx.row(
        "select body from objects where organisation_id = $1 and digest = $2",
        organisation_id,
        digest,
    )
    return None if row is None else content_from_json(json.loads(row[0]))


def get_many(
    tx: Transaction, organisation_id: UUID, digests: Iterable[str]
) -> dict[str, Content]:
    """Return the contents of ``digests`` by digest; those that are not there are left out."""
    rows = tx.rows(
        "select digest, body from objects where organisation_id = $1 and digest = any($2::text[])",
        organisation_id,
        sorted(set(digests)),
    )
    return {digest: content_from_json(json.loads(body)) for digest, body in rows}


def _summary(content: Content) -> str:
    return "\n".join((content.metadata.description, *content.metadata.tags)).casefold()
