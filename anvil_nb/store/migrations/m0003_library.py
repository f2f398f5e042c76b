"""Step 3: skills, content, agents and contexts: their files byte for byte, and every change."""

from __future__ import annotations

from anvil_nb.store.migrations.runner import Migration

LIBRARY = Migration(
    3,
    "library",
    (
        """
        create table blobs (
            organisation_id uuid not null,
            digest text not null, -- of the bytes as they were before packing
            size bigint not null, -- of those, in bytes
            packing text not null, -- none, or zlib
            body bytea not null,
            primary key (organisation_id, digest)
        )
        """,
        # For DuckDB's look-ups, as for objects.
        "create index blobs_by_digest on blobs (digest)",
        """
        create table items (
            organisation_id uuid not null,
            id uuid not null,
            kind text not null, -- skill, content, agent or context
            key text not null,
            digest text not null, -- of its files
            files text not null, -- JSON: a list of [path, digest, size, executable]
            place text not null, -- JSON: where on disk it belongs, a skill's folder for example
            fields text not null, -- JSON: the record parsed from the files
            extra text not null, -- JSON: what other programs' records said besides
            created_at timestamp not null,
            updated_at timestamp not null,
            updated_by uuid not null,
            primary key (organisation_id, id),
            unique (organisation_id, kind, key)
        )
        """,
        """
        create table item_log (
            id uuid primary key,
            organisation_id uuid not null,
            item_id uuid not null,
            kind text not null,
            key text not null,
            action text not null, -- created, changed, deleted or renamed
            digest_before text,
            digest_after text,
            files text not null, -- as it was left; as it was before, where it was deleted
            place text not null,
            extra text not null,
            why text not null,
            changed_by uuid not null,
            changed_at timestamp not null
        )
        """,
        "create index item_log_by_item on item_log (item_id)",
        """
        create table tombstones (
            organisation_id uuid not null,
            item_id uuid not null,
            kind text not null,
            key text not null,
            digest text not null, -- of what was deleted
            deleted_by uuid not null,
            deleted_at timestamp not null,
            primary key (organisation_id, item_id)
        )
        """,
        # For people who open the store in a SQL shell; the program itself does not read them.
        """
        create view skills as
        select organisation_id, id, key, fields::json ->> 'name' as name,
               fields::json ->> 'description' as description,
               (fields::json ->> 'enabled')::boolean as enabled,
               fields::json ->> 'category' as category, fields::json -> 'tags' as tags,
               fields::json ->> 'instructions' as instructions, fields::json as fields, digest,
               created_at, updated_at
        from items where kind = 'skill'
        """,
        """
        create view contents as
        select organisation_id, id, key, fields::json ->> 'source_id' as source_id,
               fields::json ->> 'slug' as slug, fields::json ->> 'title' as title,
               fields::json ->> 'description' as description, fields::json ->> 'kind' as kind,
               fields::json ->> 'author' as author,
               fields::json ->> 'published_at' as published_at, fields::json -> 'tags' as tags,
               (fields::json ->> 'public')::boolean as public, fields::json ->> 'body' as body,
               fields::json as fields, digest, created_at, updated_at
        from items where kind = 'content'
        """,
        """
        create view agents as
        select organisation_id, id, key as name, fields::json ->> 'display_name' as display_name,
               fields::json ->> 'description' as description,
               fields::json ->> 'system_prompt' as system_prompt,
               fields::json ->> 'system_prompt_address' as system_prompt_address,
               (fields::json ->> 'enabled')::boolean as enabled, fields::json -> 'tags' as tags,
               fields::json -> 'skills' as skills, fields::json as fields, digest, created_at,
               updated_at
        from items where kind = 'agent'
        """,
        """
        create view contexts as
        select organisation_id, id, key as slug, fields::json ->> 'name' as name,
               fields::json ->> 'description' as description, fields::json as fields, digest,
               created_at, updated_at
        from items where kind = 'context'
        """,
    ),
)
