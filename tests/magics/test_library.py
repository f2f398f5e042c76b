"""Skills in a notebook: saved from a line and from the body of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.magics.conftest import Kernel


def test_quotes_on_the_line_are_no_part_of_the_value(desk: Kernel) -> None:
    desk('%anvil skill save triage --set description=\'Sorts mail\' --set tags=["a", "b"]')

    shown = desk.value("%anvil skill show triage")

    assert shown["description"] == "Sorts mail"
    assert shown["tags"] == ["a", "b"]


def test_the_body_of_a_cell_is_the_text_to_save(desk: Kernel) -> None:
    desk("%%anvil skill save triage -\n# Do\n")

    assert desk.value("%anvil skill show triage")["instructions"] == "# Do"
