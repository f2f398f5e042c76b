"""Step 2: imports of bundles, what they made, and where what they brought came from."""

from __future__ import annotations

from anvil_nb.store.migrations.runner import Migration

IMPORTS = Migration(
    2,
    "imports",
    (
        """
        create table imports (
            id uuid primary key,
            organisation_id uuid not null,
            bundle text not null, -- digest of the bundle's manifest
            file text not null, -- digest of the file that was read
            source text not null, -- the file's name
            signers text not null, -- JSON: key ids and names, empty where nobody signed
            decisions text not null, -- JSON: the strategy, and the choice for each conflict
            made text not null, -- JSON: what it did, for its report and to undo it
            imported_by uuid not null,
            imported_at timestamp not null,
            undone_by uuid,
            undone_at timestamp
        )
        """,
        # A set that came from elsewhere is known again whatever it is called here.
        """
        create table set_origins (
            organisation_id uuid not null,
            origin_id uuid not null, -- its id in the bundle
            path text not null, -- where the bundle, or whoever imported it, wanted it
            set_id uuid not null,
            import_id uuid not null,
            primary key (organisation_id, origin_id, path)
        )
        """,
        """
        create table version_origins (
            version_id uuid primary key,
            organisation_id uuid not null,
            set_id uuid not null,
            number text not null, -- its number in the bundle; here it may have another
            digest text not null, -- of the tree in the bundle
            published_by text not null, -- the name of who published it there
            import_id uuid not null
        )
        """,
        "create index version_origins_by_set on version_origins (set_id)",
    ),
)
