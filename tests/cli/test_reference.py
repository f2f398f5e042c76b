"""The reference in the documents follows from the commands."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_the_reference_of_the_commands_is_up_to_date(repository: Path) -> None:
    written = (repository / "docs" / "commands.md").read_text("utf-8")
    made = runpy.run_path(str(repository / "scripts" / "reference.py"))["document"](written)
    assert written == made, "type: python scripts/reference.py"


def test_it_has_every_command_with_its_options(repository: Path) -> None:
    written = (repository / "docs" / "commands.md").read_text("utf-8")
    for said in (
        "### `anvil save ADDRESS FILE|-`",
        "### `%anvil use [SET]`",
        "- `--expect DIGEST`: ",
    ):
        assert said in written
