"""Step 7: the views of items say whose they are, and can only be read.

Over one table alone, PostgreSQL would let a view be written to, past history and digests. Over a
join neither engine does. Columns are only ever added, at the end.
"""

from __future__ import annotations

from anvil_nb.store.migrations.runner import Migration

VIEWS = Migration(
    7,
    "views",
    (
        """
        create or replace view skills as
        select items.organisation_id, items.id, items.key, items.fields::json ->> 'name' as name,
            items.fields::json ->> 'description' as description,
            (items.fields::json ->> 'enabled')::boolean as enabled,
            items.fields::json ->> 'category' as category, items.fields::json -> 'tags' as tags,
            items.fields::json ->> 'instructions' as instructions, items.fields::json as fields,
            items.digest, items.created_at, items.updated_at, organisations.slug as organisation
        from items join organisations on organisations.id = items.organisation_id
        where items.kind = 'skill'
        """,
        """
        create or replace view contents as
        select items.organisation_id, items.id, items.key,
            items.fields::json ->> 'source_id' as source_id,
            items.fields::json ->> 'slug' as slug, items.fields::json ->> 'title' as title,
            items.fields::json ->> 'description' as description,
            items.fields::json ->> 'kind' as kind, items.fields::json ->> 'author' as author,
            items.fields::json ->> 'published_at' as published_at,
            items.fields::json -> 'tags' as tags,
            (items.fields::json ->> 'public')::boolean as public,
            items.fields::json ->> 'body' as body, items.fields::json as fields, items.digest,
            items.created_at, items.updated_at, organisations.slug as organisation
        from items join organisations on organisations.id = items.organisation_id
        where items.kind = 'content'
        """,
        """
        create or replace view agents as
        select items.organisation_id, items.id, items.key as name,
            items.fields::json ->> 'display_name' as display_name,
            items.fields::json ->> 'description' as description,
            items.fields::json ->> 'system_prompt' as system_prompt,
            items.fields::json ->> 'system_prompt_address' as system_prompt_address,
            (items.fields::json ->> 'enabled')::boolean as enabled,
            items.fields::json -> 'tags' as tags, items.fields::json -> 'skills' as skills,
            items.fields::json as fields, items.digest, items.created_at, items.updated_at,
            organisations.slug as organisation
        from items join organisations on organisations.id = items.organisation_id
        where items.kind = 'agent'
        """,
        """
        create or replace view contexts as
        select items.organisation_id, items.id, items.key as slug,
            items.fields::json ->> 'name' as name,
            items.fields::json ->> 'description' as description, items.fields::json as fields,
            items.digest, items.created_at, items.updated_at, organisations.slug as organisation
        from items join organisations on organisations.id = items.organisation_id
        where items.kind = 'context'
        """,
    ),
)
