"""Digests: the documented vectors, and what cannot have one."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.digest import (
    canonical_json,
    digest_of,
    digest_of_bytes,
    is_digest,
    is_digest_prefix,
)
from anvil_nb.domain.prompt import Content, content_from_json
from anvil_nb.errors import InvalidInputError, TemplateSyntaxError

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.domain.digest import Json

VECTOR = re.compile(r"^\| `(.+)` \| `(sha256:[0-9a-f]{64})` \|$", re.MULTILINE)


def test_the_documented_vectors_hold(repository: Path) -> None:
    vectors = VECTOR.findall((repository / "docs" / "digests.md").read_text("utf-8"))
    assert len(vectors) == 4
    for text, digest in vectors:
        assert canonical_json(json.loads(text)).decode() == text
        assert digest_of(json.loads(text)) == digest
        assert digest_of_bytes(text.encode()) == digest


def test_the_documented_prompt_is_what_a_prompt_is_digested_as(repository: Path) -> None:
    page = (repository / "docs" / "digests.md").read_text("utf-8")
    body = next(json.loads(text) for text, _ in VECTOR.findall(page) if "prompt/1" in text)
    content = Content("Hello {{ customer }}!").with_fields({"parameters": {"customer": "string"}})
    assert content.to_json() == body


@given(
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.dictionaries(st.text("abc", min_size=1), st.integers(-9, 9) | st.text("xyz"), max_size=3),
)
def test_a_content_survives_the_way_through_its_body(
    template: str, settings: dict[str, int]
) -> None:
    content = Content(template).with_fields({"tags": ["a"], "description": "d", **settings})
    again = content_from_json(json.loads(content.body))
    assert again == content
    assert again.digest == content.digest == digest_of_bytes(content.body.encode())


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**54), 2**54)
        | st.floats()
        | st.text()
        | st.text('\0\x1f\x7f\u2028\ud800/\\"é\U0001f600'),
        lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
        max_leaves=20,
    )
)
def test_canonical_json_is_what_the_library_for_it_writes(value: Json) -> None:
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        with pytest.raises(InvalidInputError):
            canonical_json(value)
    else:
        assert canonical_json(value) == expected


def test_the_order_of_keys_does_not_matter_and_the_order_of_items_does() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of([1, 2]) != digest_of([2, 1])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800"])
def test_what_canonical_json_cannot_write_has_no_digest(value: float | str) -> None:
    with pytest.raises(InvalidInputError):
        digest_of({"x": value})


def test_only_whole_digests_are_digests() -> None:
    whole = digest_of({})
    assert is_digest(whole)
    assert is_digest_prefix(whole[:13])
    assert not is_digest(whole[:13])
    assert not is_digest_prefix("sha256:abc")
    assert not is_digest_prefix(whole.upper())


def test_a_template_that_cannot_be_kept_has_no_content() -> None:
    for text in ("a\0", "\udfff", "x" * (1024 * 1024 + 1)):
        with pytest.raises(TemplateSyntaxError):
            Content(text)
