"""The store: two engines, one SQL, and a module of literal SQL for each aggregate.

``engine`` says what an engine is and opens one; ``duckdb`` keeps everything in one file that many
processes share under ``lock``, with ``generation`` telling each of them when another has written;
``postgres`` serves many machines. ``migrations`` holds the schema. ``docs/store.md`` describes
the model. Nothing outside this package knows SQL, DuckDB or PostgreSQL.
"""

from anvil_nb.store.engine import Engine, Transaction, UniqueViolationError, open_engine

__all__ = ["Engine", "Transaction", "UniqueViolationError", "open_engine"]
