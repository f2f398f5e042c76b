"""What all statements of the store keep to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import anvil_nb.store

STORE = Path(anvil_nb.store.__file__).parent
COLUMN = re.compile(r"unnest\(\$\d+::\w+\[\]\)(?! as \w)")


@pytest.mark.parametrize("path", sorted(STORE.glob("*.py")), ids=lambda path: path.stem)
def test_a_column_of_a_list_has_a_name(path: Path) -> None:
    """DuckDB names one that has none by its values: thousands of them, written out as text."""
    nameless = COLUMN.findall(re.sub(r"\s+", " ", path.read_text("utf-8")))
    assert nameless == []
