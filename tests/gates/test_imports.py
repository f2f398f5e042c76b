"""What importing the package costs and offers."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import anvil_nb

HEAVY = {"IPython", "anyio", "asyncio", "click", "duckdb", "liquid", "psycopg", "yaml"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import sys, anvil_nb; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = set(listed.stdout.split())
    assert "anvil_nb" in loaded
    assert loaded & HEAVY == set()


def test_every_public_name_is_there() -> None:
    missing = [name for name in anvil_nb.__all__ if not hasattr(anvil_nb, name)]
    assert missing == []


def test_the_public_names_are_sorted_and_listed_once() -> None:
    assert list(anvil_nb.__all__) == sorted(set(anvil_nb.__all__))


def test_the_installed_version_is_the_one_in_the_source() -> None:
    assert importlib.metadata.version("anvil-nb") == anvil_nb.__version__
