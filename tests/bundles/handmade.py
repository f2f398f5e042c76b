"""Bundles made by hand: documents that a test can change, and all that has to follow from them.

Digests, checksums and canonical JSON are written out here once more, on purpose: what is forged
by the code under test would be forged by its mistakes.
"""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from anvil_nb.archive import ArchiveWriter
from anvil_nb.bundles.signing import sign
from anvil_nb.keys.private import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from anvil_nb.keys import Signer

PROJECT = "01900000-0000-7000-8000-000000000001"
EMAILS = "01900000-0000-7000-8000-000000000002"
WELCOME = "01900000-0000-7000-8000-000000000003"
FOOT = "01900000-0000-7000-8000-000000000004"
ONE = "01900000-0000-7000-8000-000000000005"
TWO = "01900000-0000-7000-8000-000000000006"
MAKER = "01900000-0000-7000-8000-000000000007"
OTHER = "01900000-0000-7000-8000-000000000099"
KINDS = ("projects", "prompt_sets", "prompts", "versions")


def canonical(value: object) -> bytes:
    """Write JSON as RFC 8785 does, for the values that are used here."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def content(template: str, **settings: Any) -> dict[str, Any]:
    """Return the JSON form of a prompt's content."""
    return {
        "kind": "prompt/1",
        "syntax": "liquid",
        "template": template,
        "parameters": [],
        "metadata": {"description": "", "tags": [], "settings": settings},
    }


def signer(number: int = 1) -> Signer:
    """Return a key whose seed is 32 times the number."""
    made = datetime(2026, 11, 21, tzinfo=UTC)
    return PrivateKey.make(f"key-{number}", bytes([number]) * 32, made).signer(None)


@dataclass
class Handmade:
    """A bundle in the making: ``data`` are its documents by kind and id.

    What follows from the documents is computed when the bundle is built; ``change_manifest``,
    ``change_checksums`` and ``change_members`` are called in between, with what can be changed.
    """

    data: dict[str, dict[str, Any]]
    objects: dict[str, bytes] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, bytes] = field(default_factory=dict)
    signers: Sequence[Signer] = ()
    change_manifest: Callable[[dict[str, Any]], object] = lambda _: None
    change_checksums: Callable[[dict[str, Any]], object] = lambda _: None
    change_members: Callable[[dict[str, bytes]], object] = lambda _: None

    @property
    def project(self) -> dict[str, Any]:
        return self.document("projects", PROJECT)

    @property
    def emails(self) -> dict[str, Any]:
        return self.document("prompt_sets", EMAILS)

    @property
    def welcome(self) -> dict[str, Any]:
        return self.document("prompts", WELCOME)

    @property
    def one(self) -> dict[str, Any]:
        """The version 1.0.0."""
        return self.document("versions", ONE)

    @property
    def two(self) -> dict[str, Any]:
        """The version 1.1.0."""
        return self.document("versions", TWO)

    def document(self, kind: str, at: str) -> dict[str, Any]:
        found: dict[str, Any] = self.data[kind][at]
        return found

    def put(self, kind: str, document: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Add a document, a changed copy of another one."""
        made = {**deepcopy(document), **changes}
        self.data[kind][made["id"]] = made
        return made

    def add(self, value: dict[str, Any] | bytes) -> str:
        """Add a content and return its digest."""
        data = value if isinstance(value, bytes) else canonical(value)
        self.objects[sha256(data)] = data
        return f"sha256:{sha256(data)}"

    def set_content(
        self, version: dict[str, Any], name: str, value: dict[str, Any] | bytes
    ) -> None:
        """Give a prompt of a version another content; the old one goes, unless it is used."""
        for entry in version["entries"]:
            if entry["name"] == name:
                entry["content"] = self.add(value)
        self.seal(version)
        used = {
            entry["content"]
            for one in self.data["versions"].values()
            for entry in one["entries"]
        }  # fmt: skip
        self.objects = {key: body for key, body in self.objects.items() if f"sha256:{key}" in used}

    def seal(self, version: dict[str, Any]) -> None:
        """Give a version the digest of its entries."""
        prompts = {entry["name"]: entry["content"] for entry in version["entries"]}
        version["digest"] = f"sha256:{sha256(canonical({'kind': 'tree/1', 'prompts': prompts}))}"

    def members(self) -> dict[str, bytes]:
        """Return all members in their order."""
        rest = {f"data/objects/{key}.json": data for key, data in self.objects.items()}
        for kind, documents in self.data.items():
            for at, one in documents.items():
                data = one if isinstance(one, bytes) else canonical(one)
                rest[f"data/{kind}/{at}.json"] = data
        rest |= self.extra
        sums = {name: {"size": len(data), "sha256": sha256(data)} for name, data in rest.items()}
        checksums = {"algorithm": "sha256", "members": sums}
        self.change_checksums(checksums)
        head = {"meta/checksums.json": canonical(checksums)}
        manifest = deepcopy(self.manifest) | {
            "contents": {kind: sorted(self.data[kind]) for kind in KINDS},
            "checksums": f"sha256:{sha256(head['meta/checksums.json'])}",
        }
        self.change_manifest(manifest)
        first = {"manifest.json": canonical(manifest)}
        if self.signers:
            head["meta/signature.json"] = sign(first["manifest.json"], self.signers)
        found = {**first, **head, **dict(sorted(rest.items()))}
        self.change_members(found)
        return found

    def write(self, path: Path) -> Path:
        """Write the bundle."""
        with path.open("wb") as file:
            archive = ArchiveWriter(file)
            for name, data in self.members().items():
                archive.add(name, data)
            archive.finish()
        return path


def support_desk() -> Handmade:
    """Return the bundle of a set with two prompts and two versions."""
    made = Handmade(
        data={
            "projects": {
                PROJECT: {"id": PROJECT, "name": "desk", "title": "Support", "description": ""}
            },
            "prompt_sets": {},
            "prompts": {},
            "versions": {},
        },
        manifest={
            "format_version": "1.0",
            "minimum_reader": "1.0",
            "created_at": "2026-11-21T05:12:00Z",
            "created_by": {"user_id": MAKER, "name": "bob", "organisation": "umbra"},
            "bundle_type": "prompt_set",
            "dependencies": {"external_refs": [], "anvil_version": "0.1.0"},
            "metadata": {"description": "made by hand", "tags": ["support"]},
        },
    )
    hello = made.add(content("Hello {{ name }}!{% render 'foot' %}"))
    good_day = made.add(content("Good day, {{ name }}.{% render 'foot' %}", model="a-model"))
    bye = made.add(content("Bye."))
    for at, name, ancestors in ((WELCOME, "welcome", [good_day, hello]), (FOOT, "foot", [bye])):
        made.data["prompts"][at] = {
            "id": at, "prompt_set_id": EMAILS, "name": name, "ancestors": ancestors,
        }  # fmt: skip
    for at, number, text, day in ((ONE, "1.0.0", hello, 1), (TWO, "1.1.0", good_day, 2)):
        made.data["versions"][at] = {
            "id": at,
            "prompt_set_id": EMAILS,
            "number": number,
            "complete": True,
            "entries": [
                {"prompt_id": FOOT, "name": "foot", "content": bye},
                {"prompt_id": WELCOME, "name": "welcome", "content": text},
            ],
            "previous": None,
            "rolled_back_to": None,
            "message": f"the version of day {day}",
            "bump": "first" if day == 1 else "minor",
            "reasons": [],
            "published_at": f"2026-03-0{day}T12:00:00Z",
            "published_by": "bob",
        }
        made.seal(made.document("versions", at))
    made.two["previous"] = {"number": "1.0.0", "digest": made.one["digest"]}
    made.data["prompt_sets"][EMAILS] = {
        "id": EMAILS,
        "project_id": PROJECT,
        "name": "emails",
        "title": "Emails",
        "description": "What customers get.",
        "labels": {"production": ONE},
    }
    return made


def many_sets(number: int) -> Handmade:
    """Return a bundle of many sets, each with three prompts and two versions."""
    made = support_desk()
    made.manifest["bundle_type"] = "project"
    kinds = {"0": "prompt_sets", "1": "prompts", "2": "prompts", "3": "prompts", "4": "versions",
             "5": "versions"}  # fmt: skip
    made.data |= {kind: {} for kind in kinds.values()}
    made.objects = {}
    for at in range(number):
        ids = [f"01910000-0000-7000-8000-{at:08x}000{digit}" for digit in kinds]
        made.data["prompt_sets"][ids[0]] = {
            "id": ids[0], "project_id": PROJECT, "name": f"set-{at}", "title": "",
            "description": "", "labels": {},
        }  # fmt: skip
        bodies = [made.add(content(f"prompt {at} {digit}\n" + "text " * 40)) for digit in "1234"]
        for prompt, ancestor in zip(ids[1:4], bodies, strict=False):
            made.data["prompts"][prompt] = {
                "id": prompt, "prompt_set_id": ids[0], "name": f"p{prompt[-1]}",
                "ancestors": [ancestor],
            }  # fmt: skip
        for version, third, number_of_it in ((ids[4], 2, "1.0.0"), (ids[5], 3, "1.0.1")):
            made.data["versions"][version] = {
                "id": version, "prompt_set_id": ids[0], "number": number_of_it, "complete": True,
                "entries": [
                    {"prompt_id": prompt, "name": f"p{prompt[-1]}", "content": body}
                    for prompt, body in zip(ids[1:4], [*bodies[:2], bodies[third]], strict=True)
                ],
                "previous": None, "rolled_back_to": None, "message": "", "bump": "patch",
                "reasons": [], "published_at": f"2026-03-01T12:00:0{third}Z", "published_by": "bob",
            }  # fmt: skip
            made.seal(made.data["versions"][version])
    return made
