"""Bundles that were made elsewhere, and what is in conflict with them here."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anvil_nb as anvil
from anvil_nb.keys import KeyRing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.workspace import Workspace

SET = "desk/emails"
BASE = "Dear {{ name }},\nthank you.\nBye\n"
OURS = "Dear {{ name }},\nmany thanks.\nBye\n"
THEIRS = "Dear {{ name }},\nthanks a lot.\nBye!\n"
VERSION = f"version:{SET}@1.0.1"


def publish(ws: Workspace, **texts: str) -> None:
    """Save prompts of the set, and publish it."""
    for name, text in texts.items():
        ws.save(f"{SET}/{name}", text)
    ws.publish(SET)


def in_conflict(ours: Workspace, folder: Path, **how: Any) -> Path:
    """Return a bundle whose 1.0.1 is another one here, where a line was changed on both sides."""
    bundle = folder / "desk.anvil"
    with anvil.init(folder / "theirs", actor="bob") as theirs:
        publish(theirs, welcome=BASE, foot="Yours")
        theirs.export("desk", bundle)
        ours.import_bundle(bundle, allow_unsigned=True)
        publish(theirs, welcome=THEIRS, foot="Yours truly")
        publish(ours, welcome=OURS)
        theirs.export("desk", bundle, force=True, **how)
    return bundle


def declared_in_conflict(ours: Workspace, folder: Path, *, whole: bool) -> Path:
    """Return a bundle with a prompt that declares a parameter and was changed on both sides.

    Args:
        ours: Where it is to be imported.
        folder: For it, and for the store that it comes from.
        whole: Of the whole set, so that two versions are in conflict; else of the one prompt.
    """
    bundle = folder / "declared.anvil"
    what = "desk" if whole else f"{SET}/welcome"
    declared = [{"name": "name", "required": True}]

    def save(ws: Workspace, text: str) -> None:
        ws.save(f"{SET}/welcome", text, parameters=declared)
        ws.publish(SET)

    with anvil.init(folder / "theirs", actor="bob") as theirs:
        theirs.save(f"{SET}/foot", "Yours")
        save(theirs, BASE)
        theirs.export("desk", bundle)
        ours.import_bundle(bundle, allow_unsigned=True)
        save(theirs, THEIRS)
        save(ours, OURS)
        theirs.export(what, bundle, versions="latest", force=True)
    return bundle


def many_conflicts(ours: Workspace, folder: Path, count: int) -> Path:
    """Return a bundle of single prompts, each of which was changed on both sides."""
    bundle = folder / "many.anvil"
    names = [f"prompt-{number:04}" for number in range(count)]

    def rewrite(ws: Workspace, second: str) -> None:
        rows = [{"name": name, "prompt": f"One of {name}\n{second}\n"} for name in names]
        file = folder / "many.jsonl"
        file.write_text("".join(f"{json.dumps(one)}\n" for one in rows), "utf-8")
        ws.load(file, SET, liquid=True)

    with anvil.init(folder / "theirs", actor="bob") as theirs:
        rewrite(theirs, "Two")
        theirs.publish(SET)
        theirs.export("desk", bundle)
        ours.import_bundle(bundle, allow_unsigned=True)
        rewrite(theirs, "Two there")
        theirs.publish(SET)
        rewrite(ours, "Two here")
        theirs.export([f"{SET}/{name}" for name in names], bundle, force=True)
    return bundle


def many_sets(ours: Workspace, folder: Path, count: int) -> Path:
    """Return a bundle of sets, of each of which there is another one of that name here."""
    bundle = folder / "sets.anvil"
    with anvil.init(folder / "theirs", actor="bob") as theirs:
        for ws, text in ((theirs, "There"), (ours, "Here")):
            with ws.burst():
                for number in range(count):
                    ws.save(f"desk/set-{number:04}/one", text)
                    ws.publish(f"desk/set-{number:04}")
        theirs.export("desk", bundle)
    return bundle


@contextmanager
def keys_elsewhere(folder: Path) -> Iterator[KeyRing]:
    """Work with the keys of somebody else, who has one called bob."""
    before = os.environ.get("ANVIL_KEYS")
    os.environ["ANVIL_KEYS"] = str(folder / "keys-elsewhere")
    try:
        ring = KeyRing.open()
        ring.generate("bob")
        yield ring
    finally:
        if before is None:
            del os.environ["ANVIL_KEYS"]
        else:
            os.environ["ANVIL_KEYS"] = before
