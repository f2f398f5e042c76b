"""Strict JSON: what is read, and everything that two readers could take differently is not."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.digest import canonical_json
from anvil_nb.domain.strict_json import DEPTH, strict_json
from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

MOST = 2**53 - 1
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MOST, MOST)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda one: abs(one) <= MOST)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)

REFUSED = {
    "a key that stands there twice": (b'{"a": 1, "b": 2, "a": 1}', "the key 'a' twice"),
    "a key twice, spelt differently": (rb'{"a": 1, "\u0061": 1}', "the key 'a' twice"),
    "a key twice, deep inside": (b'[{"x": [{"a": 1, "a": 2}]}]', "the key 'a' twice"),
    "a key that hides something": (rb'{"\u202e": 1, "\u202e": 2}', "the key '[U+202E]' twice"),
    "not a number": (b"[NaN]", "NaN is no JSON"),
    "infinity": (b'{"a": Infinity}', "Infinity is no JSON"),
    "minus infinity": (b"-Infinity", "-Infinity is no JSON"),
    "a number that overflows": (b"[1e400]", "the number 1e400 is too large"),
    "an integer that overflows": (b"9007199254740992", "9007199254740992 is beyond"),
    "a negative integer that overflows": (b"-9007199254740992", "-9007199254740992 is beyond"),
    "an integer of a million digits": (b"1" * 1_000_000, "11111111111111111111… is beyond"),
    "half of a surrogate pair": (rb'["\ud83d"]', "half of a surrogate pair"),
    "the other half, as a key": (rb'{"\uDE00": 1}', "half of a surrogate pair"),
    "the halves in the wrong order": (rb'"\ude00\ud83d"', "half of a surrogate pair"),
    "half of a surrogate pair in UTF-8": (b'"\xed\xa0\xbd"', "bytes from 1 on are not UTF-8"),
    "bytes that are no UTF-8": (b'"\xff"', "bytes from 1 on are not UTF-8"),
    "an overlong encoding": (b'"\xc0\xaf"', "bytes from 1 on are not UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "are not UTF-8"),
    "a byte-order mark": (b"\xef\xbb\xbf{}", "begins with a byte-order mark"),
    "nothing": (b"", "not JSON at line 1, column 1"),
    "two values": (b"{} {}", "not JSON at line 1, column 4"),
    "a value and a NUL": (b"{}\0", "not JSON at line 1, column 3"),
    "a comma at the end": (b"[1,]", "not JSON"),
    "a line feed in a text": (b'"a\nb"', "not JSON"),
    "a comment": (b"{} // no", "not JSON"),
    "single quotes": (b"{'a': 1}", "not JSON"),
    "a text that does not end": (b'"' + rb"\"" * 1_000_000, "not JSON"),
}


@given(VALUES)
def test_what_is_written_canonically_is_read_as_it_was(value: Json) -> None:
    assert strict_json(canonical_json(value), depth=100) == value


@pytest.mark.parametrize("what", REFUSED)
def test_a_document_is_refused_for(what: str) -> None:
    data, reason = REFUSED[what]
    with pytest.raises(InvalidInputError) as caught:
        strict_json(data)
    assert reason in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_both_halves_of_a_surrogate_pair_are_a_character() -> None:
    assert strict_json(rb'"\ud83d\ude00"') == "😀"


def test_escapes_that_only_look_like_surrogates_are_text() -> None:
    assert strict_json(rb'"\\ud83d"') == r"\ud83d"


def test_the_largest_integers_are_read() -> None:
    assert strict_json(b"[9007199254740991, -9007199254740991]") == [MOST, -MOST]


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_is_allowed_to_its_limit_and_no_further(start: str, end: str) -> None:
    deep = start.count("[") + start.count("{")

    def nested(times: int) -> bytes:
        return (start * times + "1" + end * times).encode()

    value = strict_json(nested(DEPTH // deep))
    assert json.dumps(value, separators=(",", ":")).encode() == nested(DEPTH // deep)
    with pytest.raises(InvalidInputError, match="deeper than 32"):
        strict_json(nested(DEPTH // deep + 1))


def test_brackets_in_texts_and_side_by_side_are_no_nesting() -> None:
    value: Json = {"text": "[{" * 100, "list": [[one] for one in range(100)]}
    assert strict_json(canonical_json(value), depth=3) == value
    with pytest.raises(InvalidInputError, match="deeper than 2"):
        strict_json(canonical_json(value), depth=2)


def test_no_nesting_at_all_can_be_asked_for() -> None:
    assert strict_json(b"1", depth=0) == 1
    with pytest.raises(InvalidInputError, match="deeper than 0"):
        strict_json(b"[]", depth=0)


@pytest.mark.parametrize("data", [b"[" * 50_000_000, b'{"a":' * 10_000_000])
def test_a_document_that_nests_without_end_is_refused_at_once(data: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises(InvalidInputError, match="deeper than 32"):
        strict_json(data)
    assert time.perf_counter() - begun < 2
