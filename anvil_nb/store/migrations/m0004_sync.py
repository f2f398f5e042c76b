"""Step 4: sync: who this store is, what two sides agreed on last, and what is to be decided."""

from __future__ import annotations

from anvil_nb.store.migrations.runner import Migration

SYNC = Migration(
    4,
    "sync",
    (
        """
        create table replicas (
            organisation_id uuid primary key,
            id uuid not null, -- by which other replicas know what this store has of it
            made_at timestamp not null
        )
        """,
        """
        create table sync_pairs (
            id uuid primary key,
            organisation_id uuid not null,
            target text not null, -- files, database, skills, content, agents or bundles
            near text not null, -- a folder, or the store
            far text not null, -- the store, or the address of a cloud and its tenant
            far_identity text not null, -- the name by which the far replica knows itself
            made_at timestamp not null
        )
        """,
        """
        create table sync_bases (
            organisation_id uuid not null,
            pair_id uuid not null,
            key text not null,
            digest text not null, -- what both sides had when they last agreed
            files text not null, -- JSON: its files, to suggest a merge from
            primary key (pair_id, key)
        )
        """,
        """
        create table sync_conflicts (
            id uuid primary key,
            organisation_id uuid not null,
            pair_id uuid not null,
            key text not null,
            name text not null,
            kind text not null,
            base text, -- JSON: the entry on each side, none where it was absent
            ours text,
            theirs text,
            opened_by uuid not null,
            opened_at timestamp not null,
            choice text, -- ours, theirs, both or merged; none while it is open
            settled_by uuid,
            settled_at timestamp
        )
        """,
        "create index sync_conflicts_by_pair on sync_conflicts (pair_id)",
        """
        create table sync_runs (
            id uuid primary key,
            organisation_id uuid not null,
            pair_id uuid not null,
            target text not null,
            direction text not null,
            plan text not null, -- its id
            state text not null, -- planned, running, completed, partial or failed
            inputs text not null, -- JSON: the digests it was made from, where they differ
            report text not null, -- JSON: what was done
            begun_by uuid not null,
            begun_at timestamp not null,
            ended_at timestamp
        )
        """,
        "create index sync_runs_by_pair on sync_runs (pair_id)",
    ),
)
