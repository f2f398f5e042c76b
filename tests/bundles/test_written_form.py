"""The short way of checking documents: it takes what this program writes, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.bundles.document_checks import check_schema, checked_document, json_object
from anvil_nb.bundles.document_reading import read_checksums
from anvil_nb.bundles.written_form import checksums_as_written, is_as_written
from anvil_nb.domain.digest import canonical_json
from anvil_nb.errors import BundleError
from tests.bundles.handmade import EMAILS, ONE, PROJECT, TWO, WELCOME, canonical, support_desk

if TYPE_CHECKING:
    from collections.abc import Callable

DESK = support_desk()
DESK.emails["labels"] = {}
DESK.two["reasons"] = ["welcome: it is friendlier", ""]
DOCUMENTS: dict[str, bytes] = {
    "project": canonical(DESK.data["projects"][PROJECT]),
    "prompt_set": canonical(DESK.data["prompt_sets"][EMAILS]),
    "prompt": canonical(DESK.data["prompts"][WELCOME]),
    "version": canonical(DESK.data["versions"][TWO]),
}
CHECKSUMS = DESK.members()["meta/checksums.json"]
PIECES = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"0", b"-1", b"\n"]


def soundness(kind: str, data: bytes) -> dict[str, Any]:
    """Check a document the long way, and that it is canonical."""
    found = json_object("it", data)
    check_schema(kind, "it", found)
    assert canonical_json(found) == data
    return found


def changed(data: bytes, draw: Callable[..., Any]) -> bytes:
    """Replace up to forty bytes somewhere by others, perhaps by a part of the same document."""
    at, end = (draw(st.integers(0, len(data))) for _ in range(2))
    pieces = st.sampled_from(PIECES) | st.binary(max_size=3)
    part = data[at : max(at, end)] if draw(st.booleans()) else draw(pieces)
    gone = draw(st.integers(0, 40))
    return data[:at] + part + data[at + gone :]


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_what_is_written_is_known_at_once(kind: str) -> None:
    assert is_as_written(kind, DOCUMENTS[kind])
    assert checked_document(kind, "it", DOCUMENTS[kind]) == soundness(kind, DOCUMENTS[kind])


@pytest.mark.parametrize("at", [ONE, TWO])
def test_versions_with_and_without_a_previous_one_are_known(at: str) -> None:
    assert is_as_written("version", canonical(support_desk().data["versions"][at]))


def test_a_prompt_without_ancestors_is_known() -> None:
    assert is_as_written("prompt", canonical({**DESK.welcome, "ancestors": []}))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_other_letters_escapes_and_new_keys_go_the_long_way(kind: str) -> None:
    sound = json.loads(DOCUMENTS[kind])
    free = "message" if kind == "version" else "title"
    others = [{**sound, "new": 1}] + [
        {**sound, free: text} for text in ("ü", 'a "word"', "a\\b", "two\nlines") if free in sound
    ]
    for one in others:
        data = canonical(one)
        assert not is_as_written(kind, data)
        assert checked_document(kind, "it", data) == one


@pytest.mark.parametrize("kind", DOCUMENTS)
@given(data=st.data())
def test_whatever_is_known_at_once_is_sound_and_canonical(kind: str, data: st.DataObject) -> None:
    other = changed(DOCUMENTS[kind], data.draw)
    if is_as_written(kind, other):
        soundness(kind, other)


@pytest.mark.parametrize("kind", DOCUMENTS)
@given(data=st.data())
def test_values_that_the_schema_refuses_are_not_known(kind: str, data: st.DataObject) -> None:
    """Each value in turn is replaced by another; what is known at once then must be sound."""
    other = json.loads(DOCUMENTS[kind])
    key = data.draw(st.sampled_from(sorted(other)))
    texts = st.text(max_size=8) | st.sampled_from(["a" * 65, "m" * 4001, EMAILS + "\n", "1.0"])
    other[key] = data.draw(st.none() | st.booleans() | st.integers() | texts | st.lists(texts))
    if is_as_written(kind, canonical(other)):
        soundness(kind, canonical(other))


def test_checksums_that_are_written_are_known_at_once() -> None:
    known = checksums_as_written(CHECKSUMS)
    assert known is not None
    assert known == {
        name: (one["size"], one["sha256"]) for name, one in json.loads(CHECKSUMS)["members"].items()
    }
    assert list(known) == sorted(known)


def test_checksums_that_name_a_member_twice_are_refused() -> None:
    row = CHECKSUMS[CHECKSUMS.index(b'"data/') : CHECKSUMS.index(b"},") + 2]
    twice = CHECKSUMS.replace(row, row + row)
    assert checksums_as_written(twice) is None
    with pytest.raises(BundleError, match="twice"):
        read_checksums(twice)


@given(data=st.data())
def test_checksums_that_are_known_at_once_are_sound(data: st.DataObject) -> None:
    other = changed(CHECKSUMS, data.draw)
    known = checksums_as_written(other)
    if known is not None:
        found = json_object("it", other)
        check_schema("checksums", "it", found)
        assert known == {
            name: (one["size"], one["sha256"]) for name, one in found["members"].items()
        }
