"""Two laptops and a server, in a short storm; the long one is run by hand: see ``soak``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_bytes
from tests.faults.ledger import SERVER, Known, Ledger, lost
from tests.faults.soak import soak

if TYPE_CHECKING:
    from pathlib import Path


def test_in_a_short_storm_nothing_is_lost_and_all_are_equal_when_it_is_over(
    tmp_path: Path,
) -> None:
    counts = soak(tmp_path, seed=11, seconds=5)
    assert counts["server killed"] >= 1
    assert counts["versions written"] >= 3
    assert counts["sync"] >= 3


def test_the_checker_notices_what_is_nowhere() -> None:
    ledger = Ledger()
    for name in ("here", "in-trash", "over-there", "kept-of-a-conflict", "own-doing", "lost"):
        ledger.wrote(f"config/{name}", name.encode())
    ledger.destroys(b"own-doing")
    ledger.saved("ada", "sha256:saved")
    ledger.published(SERVER, "sha256:published")
    kept, over_there = digest_of_bytes(b"kept-of-a-conflict"), digest_of_bytes(b"over-there")
    stores = {
        "ada": Known(frozenset({kept}), frozenset(), frozenset({kept})),
        SERVER: Known(frozenset({over_there}), frozenset(), frozenset()),
    }
    found = lost(ledger, [b"here", b"in-trash"], stores)
    assert [line.split()[0] for line in found] == ["config/lost", "the", "the"]
    assert "item sha256:saved, which ada" in found[1]
    assert "version sha256:published, which server" in found[2]
