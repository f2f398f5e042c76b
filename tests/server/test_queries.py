"""Query parameters: what a route does not have is refused, on every route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import PROMPT, error_of

if TYPE_CHECKING:
    import httpx

    from anvil_nb.workspace import Workspace
    from tests.server.conftest import Server

pytestmark = pytest.mark.parametrize("store", ["duckdb"], indirect=True)


def test_every_route_refuses_a_parameter_that_it_does_not_have(server: Server) -> None:
    client = server.ask("admin")
    specification = client.get(f"{server.url}/openapi.json").json()
    asked = 0
    for path, operations in specification["paths"].items():
        place = path.format_map(Places())
        for method in operations:
            answer = client.request(method, f"{server.url}{place}?nonsense=1")
            assert answer.status_code == 422, (method, path)
            if method != "head":
                fields = [one["field"] for one in error_of(answer)["details"]]
                assert fields == ["query.nonsense"], (method, path)
            asked += 1
    assert asked >= 64


class Places(dict[str, str]):
    """Something for each part of a path."""

    def __missing__(self, name: str) -> str:
        return "0" * 64 if name == "checksum" else "acme"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("projects?limt=1", "the route has no such parameter; did you mean limit?"),
        ("organisation?a", "the route has no such parameter; it has none"),
        (f"{PROMPT}?xyz=1", "the route has no such parameter; it has at"),
        ("projects?zzz=1", "the route has no such parameter; it has cursor, limit"),
        ("projects?limit=1&limit=2", "it was sent more than once"),
        (f"{PROMPT}?at=draft&at=latest", "it was sent more than once"),
    ],
)
def test_what_may_have_been_meant_is_told(
    admin: httpx.Client, desk: Workspace, path: str, message: str
) -> None:
    assert desk.get("desk/emails/welcome")
    assert admin.get(PROMPT).status_code == 200  # so that its answer is kept
    refused = admin.get(path)
    assert refused.status_code == 422
    assert [one["message"] for one in error_of(refused)["details"]] == [message]


def test_a_long_name_is_not_said_again_in_full(admin: httpx.Client) -> None:
    refused = admin.get("projects", params={"x" * 5_000: "1"})
    assert refused.status_code == 422
    assert len(refused.content) < 1_000


def test_who_may_not_ask_learns_nothing_of_parameters(server: Server) -> None:
    reader = server.ask("read:prompts")
    reader.headers["Authorization"] = "Bearer nothing"
    assert reader.get("projects?nonsense=1").status_code == 401
