"""Both engines, with a table to keep words in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from anvil_nb.store import Engine


@pytest.fixture
def engine(engine: Engine) -> Engine:
    with engine.write() as tx:
        tx.execute("create table kept (id uuid primary key, word text)")
    return engine
