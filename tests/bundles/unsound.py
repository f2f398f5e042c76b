"""Bundles with one thing in them that is not as it must be, and how they are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import BundleError
from tests.bundles.handmade import FOOT, OTHER, Handmade, canonical, content, support_desk
from tests.bundles.stores import plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace

HASH = "0" * 64


@dataclass(frozen=True)
class Case:
    """One thing that is not as it must be.

    Args:
        name: In words.
        clause: Of docs/bundle-format.md.
        change: Makes a sound bundle unsound.
        said: What the error says.
        contents: Whether it lies in the contents, into which only an import looks.
    """

    name: str
    clause: str
    change: Callable[[Handmade], object]
    said: str
    contents: bool = False


def manifest(**changes: Any) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_manifest", lambda found: found.update(changes))


def without(key: str) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_manifest", lambda found: found.pop(key))


def manifest_bytes(change: Callable[[bytes], bytes]) -> Callable[[Handmade], object]:
    def changed(members: dict[str, bytes]) -> None:
        members["manifest.json"] = change(members["manifest.json"])

    return lambda bundle: setattr(bundle, "change_members", changed)


def checksums(change: Callable[[dict[str, Any]], object]) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_checksums", change)


def members(change: Callable[[dict[str, bytes]], object]) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_members", change)


def moved_to_the_end(found: dict[str, bytes], name: str) -> None:
    found[name] = found.pop(name)


def raw(kind: str, at: str, change: Callable[[bytes], bytes]) -> Callable[[Handmade], object]:
    """Change the bytes of a document."""

    def changed(bundle: Handmade) -> None:
        bundle.data[kind][at] = change(canonical(bundle.data[kind][at]))

    return changed


def body(value: dict[str, Any] | bytes) -> Callable[[Handmade], object]:
    """Give ``welcome`` in 1.1.0 another content."""
    return lambda bundle: bundle.set_content(bundle.two, "welcome", value)


def template(text: str) -> Callable[[Handmade], object]:
    return body(content(text))


def entry(bundle: Handmade, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in bundle.two["entries"] if one["name"] == name)
    return found


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def second_set(bundle: Handmade, **changes: Any) -> Handmade:
    """Add a set that is a copy of the first, with a version and a prompt of its own."""
    at, prompt, version = (OTHER[:-1] + digit for digit in "abc")
    bundle.put("prompt_sets", bundle.emails, id=at, labels={}, **{"name": "letters", **changes})
    bundle.put("prompts", bundle.data["prompts"][FOOT], id=prompt, prompt_set_id=at)
    made = bundle.put("versions", bundle.one, id=version, prompt_set_id=at)
    made["entries"] = [{**made["entries"][0], "prompt_id": prompt}]
    bundle.seal(made)
    return bundle


def left_out(**changes: Any) -> Callable[[Handmade], object]:
    """Take the partial out, as --no-deps does, with an external reference in its place."""

    def changed(bundle: Handmade) -> None:
        foot = entry(bundle, "foot")["content"]
        reference = {
            "address": "desk/emails/foot", "content": foot, "needed_by": ["desk/emails/welcome"],
        }  # fmt: skip
        links = bundle.manifest["dependencies"]
        links["external_refs"] = [{**reference, **changes}] if changes != {"none": True} else []
        for one in (bundle.one, bundle.two):
            one["complete"] = False
            one["entries"] = [entry for entry in one["entries"] if entry["name"] != "foot"]
        bundle.emails["labels"] = {}
        del bundle.data["prompts"][FOOT], bundle.objects[foot.removeprefix("sha256:")]

    return changed


def refused(call: Callable[[], object]) -> BundleError:
    with pytest.raises(BundleError) as caught:
        call()
    assert caught.value.hint
    assert caught.value.message.isprintable(), "what a stranger wrote is shown as it is"
    return caught.value


def check_refused(case: Case, reader: Workspace, path: Path) -> None:
    """See that a bundle is refused for what the case says: imported, and looked at."""
    changed = support_desk()
    case.change(changed)
    changed.write(path)
    error = refused(lambda: plan(reader, path))
    assert re.search(case.said, error.message), error.message
    if not case.contents:
        assert refused(lambda: anvil.inspect(path)).message == error.message


def name_of(case: Case) -> str:
    """Return what a case is called in the report of the tests."""
    return f"{case.clause} {case.name}"
