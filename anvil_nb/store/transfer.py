"""Many sets at once, for bundles: their versions and trees out of the store, and into it.

What one set needs stands with its aggregate; here are the same rows by the thousand, each with
one statement.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from anvil_nb.store.entries import Leaf
from anvil_nb.store.sets import SetRow
from anvil_nb.store.versions import VersionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.entries import Tree

_FEW = 50
"""DuckDB looks for so many values by themselves."""


def versions_of(tx: Transaction, set_ids: Iterable[UUID]) -> dict[UUID, list[VersionRow]]:
    """Return the versions of sets by the set, in the order they were published."""
    rows = tx.rows(
        """
        select v.id, v.set_id, v.number, v.digest, v.message, v.bump, v.reasons, v.source,
               v.sequence, coalesce(o.published_by, u.name, ''), v.published_at
        from versions v
        left join users u on u.id = v.published_by
        left join version_origins o on o.version_id = v.id
        where v.set_id = any($1::uuid[]) order by v.sequence, v.id
        """,
        list(set_ids),
    )
    found: defaultdict[UUID, list[VersionRow]] = defaultdict(list)
    for row in rows:
        found[row[1]].append(VersionRow(*(*row[:6], tuple(json.loads(row[6])), *row[7:])))
    return found


def trees_of(tx: Transaction, set_ids: Iterable[UUID]) -> dict[UUID, dict[str, Tree]]:
    """Return the trees of all versions of sets: by set, number and name."""
    rows = tx.rows(
        """
        select set_id, selector, slug, prompt_id, digest from entries
        where set_id = any($1::uuid[]) and selector = version
        order by set_id, selector, slug collate "C"
        """,
        list(set_ids),
    )
    found: defaultdict[UUID, dict[str, Tree]] = defaultdict(dict)
    for set_id, number, slug, prompt_id, digest in rows:
        found[set_id].setdefault(number, {})[slug] = Leaf(prompt_id, digest)
    return found


def trees_at(tx: Transaction, set_ids: Iterable[UUID], selector: str) -> dict[UUID, Tree]:
    """Return the trees of sets at one selector: their drafts, say."""
    rows = tx.rows(
        """
        select set_id, slug, prompt_id, digest from entries
        where set_id = any($1::uuid[]) and selector = $2 order by set_id, slug collate "C"
        """,
        list(set_ids),
        selector,
    )
    found: defaultdict[UUID, Tree] = defaultdict(dict)
    for set_id, slug, prompt_id, digest in rows:
        found[set_id][slug] = Leaf(prompt_id, digest)
    return found


def labels_of(tx: Transaction, set_ids: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """Return the version numbers that the labels of sets point to."""
    rows = tx.rows(
        "select set_id, name, version from labels where set_id = any($1::uuid[]) order by name",
        list(set_ids),
    )
    found: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for set_id, name, number in rows:
        found[set_id][name] = number
    return found


def sets_at(tx: Transaction, organisation_id: UUID, paths: Iterable[str]) -> dict[str, SetRow]:
    """Return the sets at paths, by path."""
    rows = tx.rows(
        """
        select id, project_id, path, slug, title, description, revision, created_at, updated_at
        from prompt_sets where organisation_id = $1 and path = any($2::text[])
        """,
        organisation_id,
        list(paths),
    )
    return {row[2]: SetRow(*row) for row in rows}


def sets_with(tx: Transaction, organisation_id: UUID, ids: Iterable[UUID]) -> dict[UUID, SetRow]:
    """Return the sets of an organisation with these ids, by id."""
    rows = tx.rows(
        """
        select id, project_id, path, slug, title, description, revision, created_at, updated_at
        from prompt_sets where organisation_id = $1 and id = any($2::uuid[])
        """,
        organisation_id,
        list(ids),
    )
    return {row[0]: SetRow(*row) for row in rows}


def sizes(tx: Transaction, organisation_id: UUID, digests: Sequence[str]) -> dict[str, int]:
    """Return how many bytes contents have, by digest; those that are not there are left out."""
    few = """
        select digest, bit_length(body) / 8 from objects
        where organisation_id = $1 and digest in (select unnest($2::text[]) as digest)
        """
    many = """
        select digest, bit_length(body) / 8 from objects
        where organisation_id = $1 and digest = any($2::text[]) and digest between $3 and $4
        """
    rows = _of_contents(tx, organisation_id, digests, few, many)
    return {digest: int(size) for digest, size in rows}


def bodies(tx: Transaction, organisation_id: UUID, digests: Sequence[str]) -> Mapping[str, str]:
    """Return the canonical JSON of contents by digest; those that are not there are left out."""
    few = """
        select digest, body from objects
        where organisation_id = $1 and digest in (select unnest($2::text[]) as digest)
        """
    many = """
        select digest, body from objects
        where organisation_id = $1 and digest = any($2::text[]) and digest between $3 and $4
        """
    return dict(_of_contents(tx, organisation_id, digests, few, many))


def _of_contents(
    tx: Transaction, organisation_id: UUID, digests: Sequence[str], few: str, many: str
) -> list[tuple[Any, ...]]:
    """Ask for contents: DuckDB reads only those that are few, else all between two of them."""
    if len(digests) <= _FEW:
        return tx.rows(few, organisation_id, list(digests))
    return tx.rows(many, organisation_id, list(digests), min(digests), max(digests))


def ids_in_use(tx: Transaction, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of ``ids`` that a project, set or version of any organisation has."""
    wanted = list(ids)
    rows = tx.rows(
        """
        select id from projects where id = any($1::uuid[])
        union all select id from prompt_sets where id = any($1::uuid[])
        union all select id from versions where id = any($1::uuid[])
        """,
        wanted,
    )
    return frozenset(row[0] for row in rows)
