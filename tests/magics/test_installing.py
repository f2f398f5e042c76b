"""``%anvil mcp install`` in a notebook, where nobody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.magics.conftest import Kernel


def test_a_notebook_shows_the_change_and_yes_writes_it(empty: Kernel, tmp_path: Path) -> None:
    empty.value("%anvil init")
    path = tmp_path / ".jupyter" / "mcp_settings.json"
    shown = empty.value("%anvil mcp install --client jupyter")
    assert [one.state for one in shown.clients] == ["planned"]
    assert '"name": "anvil"' in shown.to_text()
    assert not path.exists()
    done = empty.value("%anvil mcp install --client jupyter --yes")
    assert [one.state for one in done.clients] == ["written"]
    assert path.exists()
