"""What is verified before anything is imported, and what is no reason to refuse a bundle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import anvil_nb as anvil
from anvil_nb.errors import BundleError
from tests.bundles.handmade import (
    EMAILS,
    ONE,
    PROJECT,
    canonical,
    content,
    sha256,
    signer,
    support_desk,
)
from tests.bundles.stores import (
    done,
    everything,
    plan,
    take,
)
from tests.bundles.unsound import (
    left_out,
    refused,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.results.moving import Moving
    from anvil_nb.workspace import Workspace


def test_the_bundle_made_by_hand_is_sound(reader: Workspace, bundle: Path) -> None:
    """Otherwise the others would be refused for something else than they say."""
    support_desk().write(bundle)
    assert done(plan(reader, bundle)) == [
        "add project desk",
        "add prompt_set desk/emails",
        "add version desk/emails@1.0.0",
        "add version desk/emails@1.1.0",
    ]
    found = anvil.inspect(bundle)
    shown = found.to_json()
    assert isinstance(shown, dict)
    assert shown | {"path": "", "file_size": 0, "digest": "", "total": 0, "sets": []} == {
        "path": "",
        "file_size": 0,
        "digest": "",
        "format_version": "1.0",
        "created_at": "2026-11-21T05:12:00+00:00",
        "created_by": {"name": "bob", "organisation": "umbra"},
        "bundle_type": "prompt_set",
        "sets": [],
        "counts": {
            "projects": 1, "prompt_sets": 1, "prompts": 2, "versions": 2, "contents": 3,
        },
        "total": 0,
        "external": [],
        "signers": [],
        "encrypted": False,
        "description": "made by hand",
        "tags": ["support"],
    }  # fmt: skip


def test_a_later_minor_version_is_read_with_what_it_has_more(
    reader: Workspace, bundle: Path
) -> None:
    made = support_desk()
    made.manifest["format_version"] = "1.7"
    made.manifest["licence"] = {"spdx": "CC0-1.0"}
    made.manifest["created_by"]["title"] = "Dr"
    made.project["colour"] = "blue"
    made.emails["owners"] = [MAKER_OF_THE_FUTURE]
    made.welcome["stars"] = 5
    made.two["approved_by"] = None
    made.two["entries"][0]["position"] = 1
    made.extra["data/datasets/questions.json"] = b'{"rows": []}'
    made.extra[f"assets/{sha256(b'logo')}"] = b"logo"
    made.change_checksums = lambda found: found.update(root="unknown")
    made.write(bundle)
    assert anvil.inspect(bundle).format_version == "1.7"
    assert len(done(plan(reader, bundle))) == 4


MAKER_OF_THE_FUTURE = {"name": "grace", "roles": ["owner"]}


def test_a_missing_minimum_reader_is_the_first(reader: Workspace, bundle: Path) -> None:
    made = support_desk()
    del made.manifest["minimum_reader"]
    made.write(bundle)
    assert len(done(plan(reader, bundle))) == 4


def test_documents_need_not_be_canonical_but_objects(reader: Workspace, bundle: Path) -> None:
    made = support_desk()
    for kind, at in (("projects", PROJECT), ("prompt_sets", EMAILS), ("versions", ONE)):
        spaced = json.dumps(made.data[kind][at], indent=2).encode() + b"\n"
        made.data[kind][at] = spaced
    made.write(bundle)
    assert len(done(plan(reader, bundle))) == 4


@pytest.mark.parametrize(
    "title",
    [
        "Réponses\u00a0: bienvenue",
        "メール\u3000返信",
        "دسك\u200fبريد",
        "Team 👩‍👩‍👧",
        "می‌خواهم",
    ],
)
def test_titles_of_all_languages_are_taken(reader: Workspace, bundle: Path, title: str) -> None:
    made = support_desk()
    made.project["title"] = made.emails["title"] = title
    made.write(bundle)
    assert anvil.inspect(bundle).sets[0].title == title
    assert len(done(plan(reader, bundle))) == 4


def test_what_a_stranger_wrote_is_shown_with_nothing_hidden(
    reader: Workspace, bundle: Path
) -> None:
    made = support_desk()
    made.manifest["metadata"] = {"description": "\x1b[2Jnothing\u202e", "tags": ["\x07tag"]}
    made.one["message"] = "\x1b[31m"
    made.write(bundle)
    for found in (anvil.inspect(bundle), plan(reader, bundle)):
        for shown in (found.to_text(), str(found.to_html())):
            assert not {"\x1b", "\u202e", "\x07"} & set(shown)


def test_large_numbers_that_are_no_integers_are_kept(reader: Workspace, bundle: Path) -> None:
    """RFC 8785 writes them without a point, as if they were integers."""
    made = support_desk()
    body = canonical(content("x", seed=0)).replace(b":0}", b":100000000000000000000}")
    made.set_content(made.two, "welcome", body)
    made.write(bundle)
    assert len(done(plan(reader, bundle))) == 4


def test_a_part_of_a_version_may_lack_what_it_names(reader: Workspace, bundle: Path) -> None:
    made = support_desk()
    left_out(address="desk/emails/foot")(made)
    made.write(bundle)
    assert anvil.inspect(bundle).external == ("desk/emails/foot",)
    assert [one.kind for one in plan(reader, bundle).conflicts] == ["dependency"]


def test_nothing_is_parsed_before_the_signature_holds(reader: Workspace, bundle: Path) -> None:
    """F27: a manifest that would be refused is not looked at when somebody else wrote it."""
    made = support_desk()
    made.signers = [signer()]
    made.change_members = lambda found: found.update({"manifest.json": b'{"format_version":"9.9"}'})
    made.write(bundle)
    for call in (lambda: plan(reader, bundle), lambda: anvil.inspect(bundle)):
        error = refused(call)
        assert error.code == "signature"
        assert "does not hold: the manifest was changed" in error.message


def test_a_file_that_is_changed_after_it_was_verified_is_noticed(
    reader: Workspace, bundle: Path
) -> None:
    """A content is read again when it is stored, and what was written over it is not taken."""
    made = support_desk()
    made.write(bundle)
    sound = bundle.read_bytes()
    body = next(iter(made.objects.values()))
    before = everything(reader)

    def written_over(now: Moving) -> None:
        if now.size == now.total:
            data = bytearray(sound)
            at = sound.index(b"data/objects/") + 90
            data[at] ^= 1
            bundle.write_bytes(data)

    with pytest.raises(BundleError):
        take(reader, bundle, progress=written_over)
    assert everything(reader) == before
    assert body
