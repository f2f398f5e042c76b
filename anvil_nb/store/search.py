"""Search: a ranked scan over names, titles, descriptions, tags and template texts.

Each term must occur somewhere. A prompt ranks by where: its name before its set's name and
title, these before description and tags, these before the template. Drafts and latest versions
are searched; where both hold the same content it is found once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from anvil_nb.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class HitRow:
    """One prompt that was found, with the body to cut a snippet from."""

    path: str
    selector: str
    version: str | None
    digest: str
    title: str
    body: str
    score: int


def prompts(  # noqa: PLR0913 - what to look for, and which page
    tx: Transaction,
    organisation_id: UUID,
    terms: Sequence[str],
    *,
    prefix: str,
    offset: int,
    limit: int,
) -> list[HitRow]:
    """Return the prompts that have all ``terms`` (case-folded), best first."""
    rows = tx.rows(
        """
        with places as (
            select s.path || '/' || e.slug as path, e.slug, s.path as set_path,
                   lower(s.title || ' ' || p.title || ' ' || s.description || ' '
                         || p.description) as titles,
                   s.title as title, e.selector, e.version, e.digest, o.summary, o.content
            from entries e
            join prompt_sets s on s.id = e.set_id
            join projects p on p.id = s.project_id
            join objects o on o.organisation_id = e.organisation_id and o.digest = e.digest
            left join entries d
                on d.set_id = e.set_id and d.slug = e.slug and d.selector = 'draft'
            where e.organisation_id = $1 and starts_with(s.path || '/' || e.slug, $3)
                  and (e.selector = 'draft'
                       or (e.selector = 'latest' and d.digest is distinct from e.digest))
        ),
        terms as (select unnest($2::text[]) as term),
        scores as (
            select path, selector, count(*) as found, sum(score) as score
            from (
                select path, selector,
                       case when slug = term then 100 else 0 end
                       + case when strpos(slug, term) > 0 then 40 else 0 end
                       + case when strpos(set_path, term) > 0 then 15 else 0 end
                       + case when strpos(titles, term) > 0 then 10 else 0 end
                       + case when strpos(summary, term) > 0 then 20 else 0 end
                       + case when strpos(content, term) > 0 then 5 else 0 end as score
                from places cross join terms
            ) matches
            where score > 0
            group by path, selector
        )
        select c.path, c.selector, places.version, places.digest, places.title, o.body,
               c.score::bigint
        from scores c
        join places on places.path = c.path and places.selector = c.selector
        join objects o on o.organisation_id = $1 and o.digest = places.digest
        where c.found = (select count(*) from terms)
        order by c.score desc, c.path, c.selector
        limit $5 offset $4
        """,
        organisation_id,
        list(terms),
        prefix,
        offset,
        limit,
    )
    return [HitRow(*row) for row in rows]


def groups(
    tx: Transaction, organisation_id: UUID, terms: Sequence[str], limit: int
) -> list[tuple[str, str, str]]:
    """Return path, title and description of projects and sets that have all ``terms``."""
    return tx.rows(
        """
        with places as (
            select slug as path, title, description from projects where organisation_id = $1
            union all
            select path, title, description from prompt_sets where organisation_id = $1
        )
        select path, title, description from places
        where (select count(*) from (select unnest($2::text[]) as term) terms
               where strpos(lower(path || ' ' || title || ' ' || description), term) > 0)
              = cardinality($2::text[])
        order by path limit $3
        """,
        organisation_id,
        list(terms),
        limit,
    )
