"""Step 5: the server: tokens, who wrote what, answers to repeat, tenants' files, deployments."""

from __future__ import annotations

from anvil_nb.store.migrations.runner import Migration

SERVER = Migration(
    5,
    "server",
    (
        """
        create table tokens (
            id uuid primary key,
            organisation_id uuid not null,
            user_id uuid not null, -- on whose behalf it acts
            name text not null,
            hash text not null unique, -- SHA-256 of the token, which itself is kept nowhere
            scopes text not null, -- JSON list
            created_by uuid not null,
            created_at timestamp not null,
            expires_at timestamp,
            revoked_at timestamp,
            last_used_at timestamp
        )
        """,
        """
        create table audit (
            id uuid primary key,
            organisation_id uuid not null,
            written_at timestamp not null,
            user_id uuid not null,
            token_id uuid,
            action text not null,
            resource text not null,
            digest_before text,
            digest_after text,
            request_id text not null
        )
        """,
        """
        create table idempotency_keys (
            organisation_id uuid not null,
            key text not null,
            request text not null, -- digest of method, path and body
            status int not null,
            headers text not null, -- JSON
            body text not null,
            made_at timestamp not null,
            primary key (organisation_id, key)
        )
        """,
        """
        create table tenant_files (
            organisation_id uuid not null,
            path text not null,
            digest text not null,
            size bigint not null,
            executable boolean not null,
            updated_by uuid not null,
            updated_at timestamp not null,
            primary key (organisation_id, path)
        )
        """,
        """
        create table tenant_manifests (
            organisation_id uuid primary key,
            digest text not null, -- of all paths, digests and executable bits
            files bigint not null,
            size bigint not null, -- in bytes, of all files together
            revision bigint not null,
            updated_at timestamp not null
        )
        """,
        """
        create table tenant_file_tombstones (
            organisation_id uuid not null,
            path text not null,
            digest text not null,
            deleted_by uuid not null,
            deleted_at timestamp not null,
            primary key (organisation_id, path)
        )
        """,
        """
        create table deployments (
            id uuid primary key,
            organisation_id uuid not null,
            image text not null,
            status text not null, -- running, live or failed
            detail text not null,
            app_url text not null,
            requested_by uuid not null,
            requested_at timestamp not null,
            alive_at timestamp not null, -- it said so last, while it runs
            ended_at timestamp
        )
        """,
    ),
)
