"""Step 6: how many requests were taken, for servers that count together."""

from __future__ import annotations

from anvil_nb.store.migrations.runner import Migration

RATES = Migration(
    6,
    "rates",
    (
        # Of no organisation: whoever has no token that holds is counted, too. Used on PostgreSQL
        # alone; a DuckDB file has one server, which counts in memory.
        """
        create table rate_counts (
            name text primary key, -- what is counted, whose, and in windows of which length
            requests bigint not null,
            ends_at timestamp not null -- of the window; what is over is removed
        )
        """,
    ),
)
