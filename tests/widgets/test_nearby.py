"""What a view says of a place."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from anvil_nb.widgets.places import nearby

ROOT = Path("/srv/prompts")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/srv/prompts/.anvil/store.duckdb", ".anvil/store.duckdb"),
        (f"{platform.node()}:/srv/prompts/services", "services"),
        ("/srv/other/store.duckdb", "/srv/other/store.duckdb"),
        ("elsewhere.invalid:/srv/prompts/services", "elsewhere.invalid:/srv/prompts/services"),
        ("postgresql://db/anvil", "postgresql://db/anvil"),
        ("https://anvil.example/api", "https://anvil.example/api"),
        ("store", "store"),
    ],
)
def test_a_place_is_said_from_where_one_works(place: str, said: str) -> None:
    assert nearby(place, ROOT) == said


def test_without_a_folder_of_ones_own_a_path_stays_whole() -> None:
    assert nearby("/srv/prompts/store.duckdb", None) == "/srv/prompts/store.duckdb"


def test_what_is_at_home_is_said_from_there() -> None:
    assert nearby(f"{Path.home()}/prompts/store.duckdb", ROOT) == "~/prompts/store.duckdb"
