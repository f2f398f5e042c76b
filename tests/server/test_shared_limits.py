"""Rate limits that several servers share through their one PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from anvil_nb.server import Options, limits
from anvil_nb.store import postgres_counts
from tests.server.conftest import API, GENEROUS, PROMPT, error_of

if TYPE_CHECKING:
    from tests.server.conftest import Starter

pytestmark = pytest.mark.parametrize("store", ["postgres"], indirect=True)
FEW = Options(rate="5/hour", write_rate="2/hour", failed_rate="3/hour", rates_in="database")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the counts as long as it takes, however busy this machine is."""
    monkeypatch.setattr(postgres_counts, "_WAIT_SECONDS", 30.0)
    monkeypatch.setattr(postgres_counts, "_SETTINGS", {})
    monkeypatch.setattr(limits, "_ANSWER_SECONDS", 30.0)


def counted(store: str) -> list[tuple[str, int]]:
    """Return the names and requests of all windows."""
    with psycopg.connect(store) as connection:
        rows = connection.execute("select name, requests from rate_counts order by name")
        return [(name, requests) for name, requests in rows]


def test_two_servers_count_together_in_their_database(start: Starter) -> None:
    one, two = start(FEW), start(FEW)
    client = one.ask()
    with httpx.Client(base_url=two.url + API, headers=client.headers) as other:
        answers = [asker.get("organisation") for asker in (client, other) for _ in range(3)]
        left = [answer.headers["X-RateLimit-Remaining"] for answer in answers]
        assert left == ["4", "3", "2", "1", "0", "0"]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 3601
        assert error_of(answers[-1])["type"] == "rate_limit_error"
        # The first server has not counted it to the end itself.
        assert client.get("organisation").status_code == 429
    assert one.ask().get("organisation").status_code == 200


def test_writes_and_guesses_are_counted_together_too(start: Starter) -> None:
    one, two = start(FEW), start(FEW)
    client = one.ask()
    guess = {"Authorization": "Bearer ank_" + "x" * 43}
    with httpx.Client(base_url=two.url + API, headers=client.headers) as other:
        statuses = [
            asker.put(PROMPT, json={"template": f"{n}"}).status_code
            for n, asker in enumerate((client, other, client))
        ]
        assert statuses == [201, 200, 429]
        assert other.get("organisation").status_code == 200
        guesses = [
            httpx.get(f"{server.url}{API}/organisation", headers=guess).status_code
            for server in (one, two, one, two)
        ]
        assert guesses == [401, 401, 401, 429]


def test_not_one_request_more_is_taken_however_many_come_at_once(start: Starter) -> None:
    options = replace(GENEROUS, rate="20/hour", rates_in="database")
    servers = start(options), start(options)
    headers = servers[0].ask().headers

    def ask(number: int) -> int:
        url = f"{servers[number % 2].url}{API}/organisation"
        return httpx.get(url, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask, range(40)))
    assert sorted(statuses) == [200] * 20 + [429] * 20


def test_who_is_refused_for_a_second_window_has_not_used_up_the_first(
    start: Starter, store: str
) -> None:
    client = start(replace(FEW, rate="2/hour;10/day")).ask()
    statuses = [client.get("organisation").status_code for _ in range(8)]
    assert statuses == [200, 200] + [429] * 6
    assert [requests for _, requests in counted(store)] == [2, 2]


@pytest.mark.parametrize("gives_up", ["database", "server"])
def test_a_database_that_does_not_answer_fails_no_request(
    start: Starter, store: str, gives_up: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gives_up == "database":
        monkeypatch.setattr(postgres_counts, "_WAIT_SECONDS", 0.25)
    client = start(FEW).ask()
    assert client.get("organisation").headers["X-RateLimit-Remaining"] == "4"
    if gives_up == "server":
        monkeypatch.setattr(limits, "_ANSWER_SECONDS", 0.25)
    with psycopg.connect(store) as other:
        other.execute("lock table rate_counts in access exclusive mode")
        answers = [client.get("organisation") for _ in range(6)]
    # Counted by the server alone, from the beginning.
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


def test_a_count_tells_nobody_that_the_store_has_changed(start: Starter) -> None:
    engines = [start(FEW).app.state.instance.engine for _ in range(2)]
    before = [engine.generation() for engine in engines]
    for engine in engines:
        engine.counts().count([("a", 60)])
    assert [engine.generation() for engine in engines] == before


def test_windows_that_are_over_are_begun_anew_and_removed(start: Starter, store: str) -> None:
    server = start(FEW)
    counts = server.app.state.instance.engine.counts()
    assert counts.count([("a", 60), ("b", 60)]).keys() == {"a", "b"}
    assert counts.count([("a", 60)])["a"][0] == 2
    with psycopg.connect(store) as connection:
        connection.execute("update rate_counts set ends_at = '2020-01-01'")
    requests, left = counts.count([("a", 60)])["a"]
    assert requests == 1
    assert 59 < left <= 60
    counts.forget()
    assert counted(store) == [("a", 1)]
