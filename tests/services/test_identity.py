"""Ids are unique and in order of making, whatever the clock does."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

from anvil_nb.store.identity import new_id, new_ids

if TYPE_CHECKING:
    import pytest


def test_ids_are_version_seven_and_in_order() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert {one.version for one in ids} == {7}
    assert {one.variant for one in ids} == {"specified in RFC 4122"}
    assert all(one < other for one, other in pairwise(ids))
    assert abs((ids[-1].int >> 80) - time.time() * 1000) < 60_000


def test_many_ids_at_once_are_in_order_with_those_before_and_after() -> None:
    ids = [new_id(), *new_ids(5_000), *new_ids(0), new_id(), *new_ids(2)]
    assert len(ids) == 5_004
    assert {one.version for one in ids} == {7}
    assert {one.variant for one in ids} == {"specified in RFC 4122"}
    assert all(one < other for one, other in pairwise(ids))


def test_a_clock_that_goes_backwards_puts_no_id_before_an_older_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, now = new_id(), time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - 10**15)
    later = [new_id() for _ in range(10_000)]
    assert all(one < other for one, other in pairwise([before, *later]))


def test_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    ids = [one for some in made for one in some]
    assert len(set(ids)) == len(ids)
    assert len({one.int >> 64 for one in ids}) == len(ids)
    assert all(one < other for some in made for one, other in pairwise(some))
