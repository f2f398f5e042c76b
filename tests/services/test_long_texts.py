"""Texts too long to be kept in memory are saved like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anvil_nb as anvil
from anvil_nb.store.objects import MAX_RECENT_CHARACTERS

if TYPE_CHECKING:
    from pathlib import Path


def test_a_long_text_that_the_store_has_is_saved_again(tmp_path: Path) -> None:
    text, other = ("x" * (MAX_RECENT_CHARACTERS + 1), "y" * (MAX_RECENT_CHARACTERS + 1))
    with anvil.init(tmp_path) as ws:
        ws.save("desk/one/first", text)
        ws.save("desk/one/second", text)
        ws.save("desk/two/first", text)
        ws.save("desk/one/first", other, expect=ws.get("desk/one/first@draft").digest)
        ws.save("desk/one/first", text, expect=ws.get("desk/one/first@draft").digest)
        assert ws.get("desk/one/first@draft").template == text
