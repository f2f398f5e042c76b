"""Step 1: organisations, users, projects, prompt sets, drafts, objects, versions, labels.

The same text runs on both engines, which settles some of it:

- No foreign keys: DuckDB makes an update of a row that is referred to a delete and an insert, and
  then refuses the delete.
- JSON is canonical text: DuckDB has no ``jsonb``, and the digests are over the bytes.
- Times are ``timestamp``, naive and UTC: DuckDB needs another package for ``timestamptz``.
- DuckDB uses an index for a look-up only when the index is on one column. So a key of two columns
  that is looked up has, besides, an index on the column that tells rows apart.

Ids are UUIDv7, made by the program. Every table has ``organisation_id``: a row belongs to one.
"""

from __future__ import annotations

from anvil_nb.store.migrations.runner import Migration

FOUNDATION = Migration(
    1,
    "foundation",
    (
        """
        create table schema_migrations (
            number int primary key,
            name text not null,
            applied_at timestamp not null
        )
        """,
        """
        create table organisations (
            id uuid primary key,
            slug text not null unique,
            title text not null,
            personal boolean not null, -- made with a workspace, for its owner alone
            created_at timestamp not null
        )
        """,
        """
        create table users (
            id uuid primary key,
            organisation_id uuid not null,
            name text not null,
            created_at timestamp not null,
            unique (organisation_id, name)
        )
        """,
        """
        create table projects (
            id uuid primary key,
            organisation_id uuid not null,
            slug text not null,
            title text not null,
            description text not null,
            created_at timestamp not null,
            created_by uuid not null,
            updated_at timestamp not null,
            unique (organisation_id, slug)
        )
        """,
        """
        create table prompt_sets (
            id uuid primary key,
            organisation_id uuid not null,
            project_id uuid not null,
            path text not null, -- project/set: kept here too, so that a look-up needs no join
            slug text not null,
            title text not null,
            description text not null,
            -- counts every write to the set: taking the next number puts writers one after another
            revision bigint not null,
            created_at timestamp not null,
            created_by uuid not null,
            updated_at timestamp not null,
            unique (organisation_id, path)
        )
        """,
        """
        create table objects (
            organisation_id uuid not null,
            digest text not null,
            body text not null, -- canonical JSON: the bytes that the digest is over
            summary text not null, -- description and tags, case-folded, for the search
            content text not null, -- the template, case-folded, for the search
            primary key (organisation_id, digest)
        )
        """,
        # For DuckDB's look-ups: 0.5 ms with any number of objects, a scan without.
        "create index objects_by_digest on objects (digest)",
        """
        create table entries (
            organisation_id uuid not null,
            address text not null, -- project/set/prompt@selector: the one row that a look-up reads
            set_id uuid not null,
            selector text not null, -- draft, latest, a version's number, or a label
            slug text not null,
            prompt_id uuid not null, -- stays when the prompt is renamed
            digest text not null,
            version text, -- the number that the selector stands for; none for the draft
            tree text, -- digest of the whole version; none for the draft, which moves
            primary key (organisation_id, address)
        )
        """,
        # For DuckDB's look-ups, as above.
        "create index entries_by_address on entries (address)",
        # For PostgreSQL, to read and replace the tree at a selector; DuckDB scans its columns.
        "create index entries_by_set on entries (set_id, selector)",
        """
        create table draft_log (
            id uuid primary key,
            organisation_id uuid not null,
            set_id uuid not null,
            sequence bigint not null, -- the set's revision after this write
            prompt_id uuid not null,
            slug text not null,
            action text not null, -- save, remove, rename, restore, reset, copy, load
            digest text, -- what the write left; none where it removed the prompt
            previous text, -- what stood there before; none where there was no prompt
            message text not null,
            actor_id uuid not null,
            saved_at timestamp not null
        )
        """,
        # For PostgreSQL, to page through a set's or a prompt's history.
        "create index draft_log_by_prompt on draft_log (set_id, prompt_id)",
        """
        create table versions (
            id uuid primary key,
            organisation_id uuid not null,
            set_id uuid not null,
            number text not null,
            digest text not null, -- of the whole tree
            message text not null,
            bump text not null,
            reasons text not null, -- JSON: per prompt, why the bump is what it is
            source text, -- the number that was rolled back to
            sequence bigint not null, -- the set's revision after this write
            published_by uuid not null,
            published_at timestamp not null,
            unique (set_id, number)
        )
        """,
        """
        create table labels (
            organisation_id uuid not null,
            set_id uuid not null,
            name text not null,
            version text not null,
            moved_at timestamp not null,
            primary key (set_id, name)
        )
        """,
        """
        create table label_moves (
            id uuid primary key,
            organisation_id uuid not null,
            set_id uuid not null,
            name text not null,
            from_version text, -- none where the label was made
            to_version text, -- none where it was removed
            message text not null,
            moved_by uuid not null,
            moved_at timestamp not null,
            sequence bigint not null -- the set's revision after this write
        )
        """,
        # For PostgreSQL, to list a set's moves.
        "create index label_moves_by_set on label_moves (set_id)",
    ),
)
