"""The schema, one step after the other: a module for each step, and the runner that takes them."""

from anvil_nb.store.migrations.m0001_foundation import FOUNDATION
from anvil_nb.store.migrations.m0002_imports import IMPORTS
from anvil_nb.store.migrations.m0003_library import LIBRARY
from anvil_nb.store.migrations.m0004_sync import SYNC
from anvil_nb.store.migrations.m0005_server import SERVER
from anvil_nb.store.migrations.m0006_rates import RATES
from anvil_nb.store.migrations.m0007_views import VIEWS
from anvil_nb.store.migrations.runner import (
    Migration,
    applied_number,
    build,
    migrate,
    recorded_number,
)

MIGRATIONS: tuple[Migration, ...] = (FOUNDATION, IMPORTS, LIBRARY, SYNC, SERVER, RATES, VIEWS)
"""All steps in order. One that was ever released is never changed; a new one is added."""

__all__ = ["MIGRATIONS", "Migration", "applied_number", "build", "migrate", "recorded_number"]
