"""Secrets are masked, however the bytes come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.deploying.processes import MASK, Masked

SECRETS = st.lists(st.text("ab", min_size=2, max_size=5), max_size=3)


@given(SECRETS, st.lists(st.text("abc", max_size=6), max_size=8))
def test_no_secret_is_seen_wherever_the_pieces_are_cut(
    secrets: list[str], pieces: list[str]
) -> None:
    masked = Masked(secrets)
    seen = b"".join([*(masked.feed(piece.encode()) for piece in pieces), masked.rest()])
    shown = seen.replace(MASK, b"\x00")
    assert not [one for one in secrets if one.encode() in shown]


@given(SECRETS, st.text("abc", max_size=40), st.integers(1, 7))
def test_what_is_no_secret_is_left_as_it_is(secrets: list[str], text: str, size: int) -> None:
    clean = text
    for secret in secrets:
        clean = clean.replace(secret, "c")
    clean = "" if any(secret in clean for secret in secrets) else clean
    masked = Masked(secrets)
    data = clean.encode()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join([*map(masked.feed, pieces), masked.rest()]) == data
