"""The digest of content: what it is computed over, and how it is written.

The rule, with test vectors, is ``docs/digests.md``. In short: a value is written as canonical
JSON (RFC 8785), hashed with SHA-256, and named ``sha256:`` and 64 hex digits. Changing anything
here changes every digest that exists, so nothing here changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, TypeAlias

import rfc8785

from anvil_nb.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

ALGORITHM = "sha256"
PREFIX = f"{ALGORITHM}:"
SHORTEST_PREFIX = 6
"""The fewest hex digits by which a digest may be abbreviated."""

TREE_KIND = "tree/1"
"""What the digested form of a version calls itself."""

_MOST = 2**53 - 1
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARTIAL = re.compile(rf"sha256:[0-9a-f]{{{SHORTEST_PREFIX},64}}")


def canonical_json(value: Json) -> bytes:
    """Return ``value`` as canonical JSON (RFC 8785), UTF-8 bytes.

    Raises:
        InvalidInputError: for what RFC 8785 cannot write: a number that is not finite, an integer
            beyond ±(2**53 - 1), a lone surrogate, a key that is not text.
    """
    try:
        return _simple(value) or rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise InvalidInputError(
            f"this value cannot be written as canonical JSON: {error}",
            "Use finite numbers, integers up to 2**53 - 1, and text that is valid Unicode.",
        ) from error


def from_canonical_json(text: str) -> Any:
    """Return the value that canonical JSON writes.

    RFC 8785 writes a large float without a point: what looks like an integer beyond ±(2**53 - 1)
    was one, and comes back as one.
    """
    return _DECODER.decode(text)


def _number(digits: str) -> float:
    number = int(digits)
    return number if -_MOST <= number <= _MOST else float(number)


_DECODER = json.JSONDecoder(parse_int=_number)


def _simple(value: object) -> bytes:
    """Return what the standard library writes in a tenth of the time, where that is canonical.

    It is but for floats, and for keys beyond ASCII, which RFC 8785 sorts by UTF-16. Returns
    nothing for those, and for what cannot be written.
    """
    try:
        return _write(value).encode() if _is_simple(value) else b""
    except UnicodeEncodeError:
        return b""  # a lone surrogate


def _is_simple(value: object) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -_MOST <= value <= _MOST  # type: ignore[operator]
    if kind is list:
        return all(map(_is_simple, value))  # type: ignore[call-overload]
    if kind is dict:
        # Most values are texts, which need no call; there are thousands of such objects.
        return not any(
            type(key) is not str
            or not key.isascii()
            or (type(one) is not str and not _is_simple(one))
            for key, one in value.items()  # type: ignore[attr-defined]
        )
    return False


def digest_of_bytes(data: bytes) -> str:
    """Return the digest of raw bytes, for example ``sha256:9f86d0…``."""
    return PREFIX + hashlib.sha256(data).hexdigest()


def digest_of(value: Json) -> str:
    """Return the digest of a JSON value: that of its canonical form."""
    return digest_of_bytes(canonical_json(value))


def digest_of_tree(prompts: Mapping[str, str]) -> str:
    """Return the digest of a version: that of its prompts' names and their contents' digests."""
    return digest_of({"kind": TREE_KIND, "prompts": dict(prompts)})


def is_digest(text: str) -> bool:
    """Tell whether ``text`` is a whole digest."""
    return _DIGEST.fullmatch(text) is not None


def is_digest_prefix(text: str) -> bool:
    """Tell whether ``text`` is a digest, or the beginning of one that is long enough to use."""
    return _PARTIAL.fullmatch(text) is not None


def short(digest: str) -> str:
    """Return the form of a digest for people: the algorithm and twelve digits."""
    return digest[: len(PREFIX) + 12]
