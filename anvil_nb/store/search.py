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

SAME_NAME = 100
IN_NAME = 40
IN_SUMMARY = 20
IN_PATH = 15
IN_TITLES = 10
IN_TEXT = 5


@dataclass(frozen=True, slots=True)
class HitRow:
    """One prompt that was found, with the body to cut a snippet from."""

    path: str
    selector: str
    version: str | None
    digest: str
    body: str
    score: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A project, which has no ``set_id``, or a set."""

    project_id: UUID
    set_id: UUID | None
    path: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Titled:
    """A set that has a term in its title or description, or in its project's."""

    set_id: UUID
    term: str


def prompts(  # noqa: PLR0913 - what to look for, and which page
    tx: Transaction,
    organisation_id: UUID,
    terms: Sequence[str],
    titled: Sequence[Titled],
    *,
    prefix: str,
    offset: int,
    limit: int,
) -> list[HitRow]:
    """Return the prompts that have all ``terms`` (case-folded), best first."""
    rows = tx.rows(
        """
        with places as (
            select s.path || '/' || e.slug as path, e.slug, s.path as set_path, e.set_id,
                   e.selector, e.version, e.digest, o.summary, o.content
            from entries e
            join prompt_sets s on s.id = e.set_id
            join objects o on o.organisation_id = e.organisation_id and o.digest = e.digest
            left join entries d
                on d.organisation_id = e.organisation_id
                   and d.address = s.path || '/' || e.slug || '@draft'
            where e.organisation_id = $1 and starts_with(s.path || '/' || e.slug, $3)
                  and (e.selector = 'draft'
                       or (e.selector = 'latest' and d.digest is distinct from e.digest))
        ),
        terms as (select unnest($2::text[]) as term),
        titled as (select unnest($6::uuid[]) as set_id, unnest($7::text[]) as term),
        scores as (
            select path, selector, count(*) as found, sum(score) as score
            from (
                select p.path, p.selector,
                       case when p.slug = t.term then $8::int else 0 end
                       + case when strpos(p.slug, t.term) > 0 then $9::int else 0 end
                       + case when strpos(p.summary, t.term) > 0 then $10::int else 0 end
                       + case when strpos(p.set_path, t.term) > 0 then $11::int else 0 end
                       + case when n.set_id is not null then $12::int else 0 end
                       + case when strpos(p.content, t.term) > 0 then $13::int else 0 end
                       as score
                from places p
                cross join terms t
                left join titled n on n.set_id = p.set_id and n.term = t.term
            ) matches
            where score > 0
            group by path, selector
        )
        select c.path, c.selector, places.version, places.digest, o.body, c.score::bigint
        from scores c
        join places on places.path = c.path and places.selector = c.selector
        join objects o on o.organisation_id = $1 and o.digest = places.digest
        where c.found = (select count(*) from terms)
        order by c.score desc, c.path collate "C", c.selector
        limit $5 offset $4
        """,
        organisation_id,
        list(terms),
        prefix,
        offset,
        limit,
        [one.set_id for one in titled],
        [one.term for one in titled],
        SAME_NAME,
        IN_NAME,
        IN_SUMMARY,
        IN_PATH,
        IN_TITLES,
        IN_TEXT,
    )
    return [HitRow(*row) for row in rows]


def groups(tx: Transaction, organisation_id: UUID) -> list[GroupRow]:
    """Return all projects and sets, a project before its sets."""
    rows = tx.rows(
        """
        select id as project_id, null::uuid as set_id, slug as path, title, description
        from projects where organisation_id = $1
        union all
        select project_id, id, path, title, description
        from prompt_sets where organisation_id = $1
        """,
        organisation_id,
    )
    found = [GroupRow(*row) for row in rows]
    return sorted(found, key=lambda row: row.path)
