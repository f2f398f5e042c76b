"""Documents that a reader must refuse each by itself: their JSON, versions, times, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bundles.handmade import (
    FOOT,
    ONE,
    PROJECT,
    WELCOME,
)
from tests.bundles.unsound import (
    Case,
    check_refused,
    entry,
    manifest,
    manifest_bytes,
    name_of,
    nested,
    raw,
    without,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

BIDI = "Desk \u202egnitset"

DOCUMENTS = [
    Case("a duplicated key", "F10",
         manifest_bytes(lambda data: data.replace(b"{", b'{"format_version":"1.0",', 1)),
         "manifest.json is not sound: .* has the key 'format_version' twice"),
    Case("a duplicated key in a version", "F10",
         raw("versions", ONE, lambda data: data.replace(b'"bump"', b'"id":"x","bump"')),
         f"data/versions/{ONE}.json is not sound: .* has the key 'id' twice"),
    Case("NaN", "F10",
         raw("prompts", FOOT, lambda data: data.replace(b'"ancestors"', b'"new":NaN,"ancestors"')),
         "NaN is no JSON"),
    Case("an integer that readers round", "F10",
         raw("prompts", FOOT, lambda data: data[:-1] + b',"new":9007199254740993}'),
         r"9007199254740993 is beyond"),
    Case("half of a surrogate pair", "F10",
         raw("projects", PROJECT, lambda data: data.replace(b'"Support"', rb'"\ud800"')),
         "half of a surrogate pair"),
    Case("a byte-order mark", "F10", manifest_bytes(lambda data: b"\xef\xbb\xbf" + data),
         "byte-order mark"),
    Case("two values", "F10", manifest_bytes(lambda data: data + b"{}"), "is not JSON"),
    Case("bytes that are not UTF-8", "F10",
         raw("projects", PROJECT, lambda data: data.replace(b"Support", b"Suppor\xff")),
         "not UTF-8"),
    Case("deep nesting", "F9", lambda bundle: bundle.project.update(new=nested(32)),
         "nests deeper than 32"),
    Case("a billion-nested document", "F9",
         raw("projects", PROJECT, lambda data: b"[" * 500_000 + data + b"]" * 500_000),
         "nests deeper than 32"),
    Case("a document that is no object", "F10", raw("prompts", WELCOME, lambda _: b"[]"),
         "is no JSON object"),
    Case("a version of a future major", "F14", manifest(format_version="2.0"),
         "is of bundle format 2.0, and this program reads 1.x"),
    Case("a version of a past major", "F14", manifest(format_version="0.9"), "format 0.9"),
    Case("a version without a minor", "F14", manifest(format_version="1"),
         "no sound format_version"),
    Case("a version with an empty minor", "F14", manifest(format_version="1."),
         "no sound format_version"),
    Case("a version that is no number", "F14", manifest(format_version="1.x"),
         "no sound format_version"),
    Case("a version of three parts", "F14", manifest(format_version="1.0.1"),
         "no sound format_version"),
    Case("a version of many digits", "F14", manifest(format_version="1." + "9" * 5_000),
         "no sound format_version"),
    Case("a version in other digits", "F14", manifest(format_version="1.\u0661"),
         "no sound format_version"),
    Case("a version that is no text", "F14", manifest(format_version=1.0),
         "no sound format_version"),
    Case("a newer reader wanted", "F14", manifest(minimum_reader="1.1"),
         "asks for a reader of bundle format 1.1, and this one knows 1.0"),
    Case("a reader of the next major wanted", "F14", manifest(minimum_reader="2.0"),
         "asks for a reader of bundle format 2.0, and this one knows 1.0"),
    Case("a reader that is no version wanted", "F14", manifest(minimum_reader="1."),
         "no sound minimum_reader"),
    *(Case(f"no {key}", "F13", without(key), f"must contain .*'{key}'")
      for key in ("created_at", "created_by", "bundle_type", "dependencies", "metadata",
                  "checksums", "contents")),
    Case("no format version", "F13", without("format_version"), "no sound format_version"),
    Case("an unknown type", "F13", manifest(bundle_type="everything"), "bundle_type"),
    Case("a time of no zone", "F12", manifest(created_at="2026-11-21T05:12:00"), "created_at"),
    Case("a time that is none", "F12", manifest(created_at="2026-13-21T05:12:00Z"),
         "time that is none"),
    Case("a time in other digits", "F12",
         manifest(created_at="\u0662\u0660\u0662\u0666-11-21T05:12:00Z"), "created_at|time"),
    Case("an id in upper case", "F12",
         manifest(created_by={"user_id": WELCOME.upper().replace("0", "A"), "name": "b",
                              "organisation": "u"}), "user_id"),
    Case("a digest of another algorithm", "F12", manifest(checksums="md5:" + "0" * 32),
         "checksums"),
]  # fmt: skip

NAMES = [
    Case("a project by a name that is none", "F17",
         lambda bundle: bundle.project.update(name="Desk"), "keep to the format: .*name"),
    Case("a set by a name that is none", "F18",
         lambda bundle: bundle.emails.update(name="../emails"), "keep to the format: .*name"),
    Case("a prompt by a name that is none", "F19",
         lambda bundle: bundle.welcome.update(name="wel come"), "keep to the format: .*name"),
    Case("an entry by a name that is none", "F21",
         lambda bundle: entry(bundle, "welcome").update(name="welcome\n"), "keep to the format"),
    Case("a name that is too long", "F17", lambda bundle: bundle.project.update(name="d" * 65),
         "keep to the format"),
    Case("a label that reads as a version", "F18",
         lambda bundle: bundle.emails.update(labels={"1": ONE}), "is not sound"),
    Case("a label that is taken", "F18",
         lambda bundle: bundle.emails.update(labels={"latest": ONE}), "is not sound"),
    Case("a project's title that runs backwards", "F33",
         lambda bundle: bundle.project.update(title=BIDI), r"title holds the character U\+202E"),
    Case("a set's title that runs backwards", "F33",
         lambda bundle: bundle.emails.update(title="\u2066Emails"), r"U\+2066"),
    Case("a title that drives the terminal", "F33",
         lambda bundle: bundle.project.update(title="\x1b[2JSupport"), r"U\+001B"),
    Case("a title of two lines", "F33",
         lambda bundle: bundle.emails.update(title="Emails\nadd version"), r"U\+000A"),
    Case("a title with a C1 control", "F33",
         lambda bundle: bundle.emails.update(title="Emails\x9b31m"), r"U\+009B"),
    Case("a title that hides text in tags", "F33",
         lambda bundle: bundle.emails.update(title="Emails\U000e0041"), r"U\+E0041"),
    Case("a title with NUL", "F33", lambda bundle: bundle.project.update(title="Sup\0port"),
         "title holds"),
    Case("a description with NUL", "F33",
         lambda bundle: bundle.project.update(description="Sup\0port"),
         "description holds what is no text"),
    Case("a publisher whose name runs backwards", "F33",
         lambda bundle: bundle.one.update(published_by="bob\u202e"), r"U\+202E"),
    Case("a maker whose name runs backwards", "F33",
         lambda bundle: bundle.manifest["created_by"].update(name="bob\u202e"), r"U\+202E"),
    Case("a maker's organisation that drives the terminal", "F33",
         lambda bundle: bundle.manifest["created_by"].update(organisation="\x07"), r"U\+0007"),
    Case("a title that is too long", "F17", lambda bundle: bundle.project.update(title="t" * 201),
         "title"),
    Case("a message with NUL", "F21", lambda bundle: bundle.one.update(message="\0"),
         "message holds what is no text"),
    Case("a number that is no version", "F21", lambda bundle: bundle.one.update(number="1.0.0.0"),
         "is not sound: .*the version"),
    Case("a number with a long part", "F21",
         lambda bundle: bundle.one.update(number=f"1.0.{'9' * 20}"), "is not sound"),
    Case("a number rolled back to that is no version", "F21",
         lambda bundle: bundle.one.update(rolled_back_to="1.0\0.0"), "is not sound"),
    Case("a bump that is none", "F21", lambda bundle: bundle.one.update(bump="\x1b[2J"), "bump"),
]  # fmt: skip


@pytest.mark.parametrize("case", [*DOCUMENTS, *NAMES], ids=name_of)
def test_a_bundle_is_refused_for(case: Case, reader: Workspace, bundle: Path) -> None:
    check_refused(case, reader, bundle)
