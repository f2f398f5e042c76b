"""Entries: which object each address stands for.

There is one row for every prompt at every selector that has one: the draft, each version, the
latest version, and each label. A look-up by full address reads one row by its key. The rows of a
version never change; those of ``latest`` and of labels are rewritten when these move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from anvil_nb.store.engine import Transaction
    from anvil_nb.store.organisations import Actor
    from anvil_nb.store.sets import SetRow

DRAFT = "draft"
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Entry:
    """What an address stands for."""

    set_id: UUID
    prompt_id: UUID
    digest: str
    version: str | None
    tree: str | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A prompt in a tree: its lasting id and its content's digest."""

    prompt_id: UUID
    digest: str


Tree: TypeAlias = "dict[str, Leaf]"
"""The prompts of a draft or version, by name."""


def lookup(tx: Transaction, organisation_id: UUID, address: str) -> Entry | None:
    """Return what ``project/set/prompt@selector`` stands for, or ``None``."""
    row = tx.row(
        """
        select set_id, prompt_id, digest, version, tree
        from entries where organisation_id = $1 and address = $2
        """,
        organisation_id,
        address,
    )
    return None if row is None else Entry(*row)


def lookup_many(
    tx: Transaction, organisation_id: UUID, addresses: Iterable[str]
) -> dict[str, Entry]:
    """Return what each of ``addresses`` stands for; those that are not there are left out."""
    rows = tx.rows(
        """
        select address, set_id, prompt_id, digest, version, tree
        from entries where organisation_id = $1 and address = any($2::text[])
        """,
        organisation_id,
        list(addresses),
    )
    return {row[0]: Entry(*row[1:]) for row in rows}


def tree(tx: Transaction, set_id: UUID, selector: str) -> Tree:
    """Return the tree of a set at ``selector``, in order of the names."""
    rows = tx.rows(
        """
        select slug, prompt_id, digest from entries
        where set_id = $1 and selector = $2 order by slug collate "C"
        """,
        set_id,
        selector,
    )
    return {slug: Leaf(prompt_id, digest) for slug, prompt_id, digest in rows}


def of_prompt(tx: Transaction, set_id: UUID, slug: str) -> dict[str, str]:
    """Return the digest that a prompt's name stands for in each version, and in ``draft``."""
    rows = tx.rows(
        """
        select selector, digest from entries
        where set_id = $1 and slug = $2 and (selector = version or selector = $3)
        """,
        set_id,
        slug,
        DRAFT,
    )
    return dict(rows)


def count(tx: Transaction, set_id: UUID, selector: str) -> int:
    """Return how many prompts a set has at ``selector``."""
    rows = tx.rows(
        "select count(*) from entries where set_id = $1 and selector = $2", set_id, selector
    )
    return int(rows[0][0])


def put(  # noqa: PLR0913 - a tree and where it belongs
    tx: Transaction,
    actor: Actor,
    row: SetRow,
    selector: str,
    leaves: Mapping[str, Leaf],
    *,
    version: str | None = None,
    tree_digest: str | None = None,
) -> None:
    """Write entries of a set at ``selector``; those that are there are replaced."""
    if not leaves:
        return
    tx.execute(
        """
        insert into entries
            (organisation_id, address, set_id, selector, slug, prompt_id, digest, version, tree)
        select $1::uuid, unnest($2::text[]) as address, $3::uuid, $4::text,
               unnest($5::text[]) as slug, unnest($6::uuid[]) as prompt_id,
               unnest($7::text[]) as digest, $8::text, $9::text
        on conflict (organisation_id, address) do update
        set prompt_id = excluded.prompt_id, digest = excluded.digest,
            version = excluded.version, tree = excluded.tree
        """,
        actor.organisation_id,
        [f"{row.path}/{slug}@{selector}" for slug in leaves],
        row.id,
        selector,
        list(leaves),
        [leaf.prompt_id for leaf in leaves.values()],
        [leaf.digest for leaf in leaves.values()],
        version,
        tree_digest,
    )


def put_one(  # noqa: PLR0913, PLR0917 - an entry and where it belongs
    tx: Transaction, actor: Actor, row: SetRow, selector: str, slug: str, leaf: Leaf, *, new: bool
) -> None:
    """Write one entry of a set that is locked; faster than ``put``, since it knows if it is new."""
    address = f"{row.path}/{slug}@{selector}"
    if new:
        tx.execute(
            """
            insert into entries
                (organisation_id, address, set_id, selector, slug, prompt_id, digest)
            values ($1, $2, $3, $4, $5, $6, $7)
            """,
            actor.organisation_id,
            address,
            row.id,
            selector,
            slug,
            leaf.prompt_id,
            leaf.digest,
        )
        return
    tx.execute(
        """
        update entries set prompt_id = $3, digest = $4
        where organisation_id = $1 and address = $2
        """,
        actor.organisation_id,
        address,
        leaf.prompt_id,
        leaf.digest,
    )


def slug_of(tx: Transaction, set_id: UUID, prompt_id: UUID) -> str | None:
    """Return the name that a prompt has in the draft by now, or ``None``."""
    row = tx.row(
        "select slug from entries where set_id = $1 and selector = 'draft' and prompt_id = $2",
        set_id,
        prompt_id,
    )
    return None if row is None else row[0]


def remove(tx: Transaction, set_id: UUID, selector: str, slugs: Iterable[str]) -> None:
    """Remove entries of a set at ``selector``."""
    tx.execute(
        "delete from entries where set_id = $1 and selector = $2 and slug = any($3::text[])",
        set_id,
        selector,
        list(slugs),
    )


def replace(  # noqa: PLR0913 - a tree and where it belongs
    tx: Transaction,
    actor: Actor,
    row: SetRow,
    selector: str,
    leaves: Mapping[str, Leaf],
    *,
    version: str | None,
    tree_digest: str | None,
) -> None:
    """Make the entries at ``selector`` exactly ``leaves``."""
    gone = tree(tx, row.id, selector).keys() - leaves.keys()
    if gone:
        remove(tx, row.id, selector, gone)
    put(tx, actor, row, selector, leaves, version=version, tree_digest=tree_digest)


def rename_set(tx: Transaction, set_id: UUID) -> None:
    """Give all entries of a set the addresses of its new path."""
    tx.execute(
        """
        update entries set address = s.path || '/' || entries.slug || '@' || entries.selector
        from prompt_sets s where s.id = $1 and entries.set_id = $1
        """,
        set_id,
    )


def rename_project(tx: Transaction, project_id: UUID) -> None:
    """Give all entries of a project's sets the addresses of their new paths."""
    tx.execute(
        """
        update entries set address = s.path || '/' || entries.slug || '@' || entries.selector
        from prompt_sets s where s.project_id = $1 and entries.set_id = s.id
        """,
        project_id,
    )


def page(
    tx: Transaction, organisation_id: UUID, prefix: str, after: str, limit: int
) -> list[tuple[str, str, str | None, str | None, str]]:
    """Return the prompts of the drafts below a path, in order of their paths.

    Args:
        tx: Where to read.
        organisation_id: Whose.
        prefix: How the paths begin.
        after: The last path of the page before, or ``""``.
        limit: How many at most.

    Returns:
        Path, digest in the draft, digest in the latest version, that version's number, and body
        of each.
    """
    return tx.rows(
        """
        select s.path || '/' || e.slug as path, e.digest, l.digest, l.version, o.body
        from prompt_sets s
        join entries e on e.set_id = s.id and e.selector = 'draft'
        join objects o on o.organisation_id = e.organisation_id and o.digest = e.digest
        left join entries l
            on l.organisation_id = e.organisation_id
               and l.address = s.path || '/' || e.slug || '@latest'
        where s.organisation_id = $1 and starts_with(s.path || '/' || e.slug, $2)
              and (s.path || '/' || e.slug) collate "C" > $3
        order by (s.path || '/' || e.slug) collate "C" limit $4
        """,
        organisation_id,
        prefix,
        after,
        limit,
    )


def released(
    tx: Transaction, organisation_id: UUID, label: str, after: str, limit: int
) -> list[tuple[str, str, str, str]]:
    """Return the prompts of the versions that a label points to, in order of their paths.

    A set without that label is there with its latest version; one without a version is not.

    Args:
        tx: Where to read.
        organisation_id: Whose.
        label: For example ``production``.
        after: The last path of the page before, or ``""``.
        limit: How many at most.

    Returns:
        Path, selector, version and body of each.
    """
    return tx.rows(
        """
        select s.path || '/' || e.slug as path, e.selector, e.version, o.body
        from prompt_sets s
        join entries e on e.set_id = s.id
        join objects o on o.organisation_id = e.organisation_id and o.digest = e.digest
        where s.organisation_id = $1
              and e.selector = case
                  when exists (select 1 from entries l where l.set_id = s.id and l.selector = $2)
                  then $2 else 'latest' end
              and (s.path || '/' || e.slug) collate "C" > $3
        order by (s.path || '/' || e.slug) collate "C" limit $4
        """,
        organisation_id,
        label,
        after,
        limit,
    )
