"""What a server does with an image: its hook, its health, one at a time."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from anvil_nb.deploying.hooks import Hook, parse_hooks
from anvil_nb.errors import SettingsError
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.server.conftest import API, error_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.deploying.conftest import HealthStarter, Host, HostStarter

IMAGE = "registry.example.org/acme/app:v1"
PATIENCE = 30.0


def client_of(host: Host, *scopes: str, organisation: str = "acme") -> httpx.Client:
    with Workspace(Settings(None, host.ws.settings.store, organisation, "ada")) as ws:
        name = f"t-{time.monotonic_ns()}"
        token = ws.create_token(name, scopes or ("deploy",), expires="1d").secret
    headers = {"Authorization": f"Bearer {token}"}
    base = f"{host.url}{API}/cloud/tenants/{organisation}"
    return httpx.Client(base_url=base, headers=headers, timeout=30)


def ended(client: httpx.Client, id_: str) -> dict[str, Any]:
    """Return a deployment once it has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.get(f"/deploy/{id_}").json()
        if found["status"] != "running":
            return found
    raise AssertionError("it does not end")


def started(client: httpx.Client, image: str = IMAGE) -> dict[str, Any]:
    answer = client.post("/deploy", json={"image": image})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert found["status"] == "running"
    return found


def test_the_hook_gets_the_image_and_the_health_is_asked_until_it_is_good(
    host: HostStarter, health: HealthStarter, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    script = f'echo "$ANVIL_IMAGE $ANVIL_TENANT ${{ANVIL_TOKEN:-none}}" > {mark}'
    hook = Hook(
        ("/bin/sh", "-c", script), tmp_path, health=health(503, 503, 200), url="https://a.test"
    )
    with client_of(host({"acme": hook})) as client:
        begun = started(client)
        found = ended(client, begun["id"])
        assert (found["status"], found["detail"]) == ("live", "")
        assert found["app_url"] == "https://a.test"
        assert found["ended_at"] is not None
        assert mark.read_text() == f"{IMAGE} acme none\n"
        [listed] = client.get("/deploy").json()["deployments"]
        assert listed == found


def test_a_health_check_that_stays_bad_says_so(
    host: HostStarter, health: HealthStarter, tmp_path: Path
) -> None:
    url = health(500)
    hook = Hook(("/bin/sh", "-c", "true"), tmp_path, health=url, health_seconds=0.6)
    with client_of(host({"acme": hook})) as client:
        found = ended(client, started(client)["id"])
    assert found["status"] == "failed"
    assert found["detail"].startswith(f"the health check failed: {url} did not answer 200")
    assert "it answered 500" in found["detail"]


def test_an_application_that_does_not_listen_is_no_healthy_one(
    host: HostStarter, tmp_path: Path
) -> None:
    hook = Hook(
        ("/bin/sh", "-c", "true"), tmp_path, health="http://127.0.0.1:9/", health_seconds=0.3
    )
    with client_of(host({"acme": hook})) as client:
        found = ended(client, started(client)["id"])
    assert found["status"] == "failed"
    assert "could not be reached" in found["detail"]


def test_a_hook_that_fails_says_its_last_lines(host: HostStarter, tmp_path: Path) -> None:
    hook = Hook(("/bin/sh", "-c", "echo no room; exit 5"), tmp_path)
    with client_of(host({"acme": hook})) as client:
        found = ended(client, started(client)["id"])
    assert found["status"] == "failed"
    assert found["detail"] == "the deploy hook failed: it ended with status 5\nno room"


def test_a_hook_that_takes_too_long_is_ended(host: HostStarter, tmp_path: Path) -> None:
    hook = Hook(("/bin/sh", "-c", "sleep 60"), tmp_path, seconds=0.4)
    with client_of(host({"acme": hook})) as client:
        found = ended(client, started(client)["id"])
    assert "longer than 0.4 s" in found["detail"]


def test_a_tenant_deploys_one_at_a_time_and_again_afterwards(
    host: HostStarter, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    hook = Hook(("/bin/sh", "-c", f"while [ ! -e {go} ]; do sleep 0.02; done"), tmp_path)
    running = host({"acme": hook, "rival": Hook(("/bin/sh", "-c", "true"), tmp_path)})
    with client_of(running) as client, client_of(running, organisation="rival") as rival:
        first = started(client)
        refused = client.post("/deploy", json={"image": IMAGE})
        assert refused.status_code == 409
        assert "is being deployed" in error_of(refused)["message"]
        assert ended(rival, started(rival)["id"])["status"] == "live"
        go.touch()
        assert ended(client, first["id"])["status"] == "live"
        assert ended(client, started(client)["id"])["status"] == "live"


def test_a_tenant_without_a_hook_is_told_what_is_missing(host: HostStarter) -> None:
    with client_of(host({})) as client:
        refused = client.post("/deploy", json={"image": IMAGE})
    assert refused.status_code == 409
    assert "[deploy_hooks.acme]" in error_of(refused)["hint"]


def test_another_tenant_s_deployments_are_not_there(host: HostStarter, tmp_path: Path) -> None:
    hook = Hook(("/bin/sh", "-c", "true"), tmp_path)
    running = host({"acme": hook})
    with client_of(running) as client, client_of(running, organisation="rival") as rival:
        mine = started(client)["id"]
        ended(client, mine)
        assert rival.get(f"/deploy/{mine}").status_code == 404
        assert rival.get("/deploy").json() == {"deployments": []}
        other = httpx.URL(str(client.base_url)).copy_with(path=f"{API}/cloud/tenants/acme/deploy")
        assert rival.get(other).status_code == 404


def test_it_takes_the_scope_deploy(host: HostStarter, tmp_path: Path) -> None:
    hook = Hook(("/bin/sh", "-c", "true"), tmp_path)
    with client_of(host({"acme": hook}), "sync") as client:
        assert client.post("/deploy", json={"image": IMAGE}).status_code == 403
        assert client.get("/deploy").status_code == 403


@pytest.mark.parametrize("image", ["", "-x", "a b", "a\n", "a;b", "$(x)", "x" * 300])
def test_what_is_no_image_is_refused(host: HostStarter, tmp_path: Path, image: str) -> None:
    hook = Hook(("/bin/sh", "-c", "true"), tmp_path)
    with client_of(host({"acme": hook})) as client:
        assert client.post("/deploy", json={"image": image}).status_code == 422


def test_what_is_no_id_is_refused_and_what_is_no_deployment_not_found(host: HostStarter) -> None:
    with client_of(host({})) as client:
        assert client.get("/deploy/nothing").status_code == 422
        assert client.get("/deploy/00000000-0000-7000-8000-000000000000").status_code == 404


def test_a_server_that_stops_ends_the_hook_and_says_so(host: HostStarter, tmp_path: Path) -> None:
    running = host({"acme": Hook(("/bin/sh", "-c", "exec sleep 60"), tmp_path)})
    with client_of(running) as client:
        begun = started(client)["id"]
        running.app.state.instance.hosting.close()
        found = client.get(f"/deploy/{begun}").json()
    assert found["status"] == "failed"
    assert "whoever ran it stops" in found["detail"]


KILLED = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from anvil_nb.access import Access
from anvil_nb.deploying.hooks import Hook
from anvil_nb.deploying.hosting import Hosting
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
ws = Workspace(Settings(None, sys.argv[1], "acme", "ada"))
now = lambda: datetime.now(UTC).replace(tzinfo=None)
hook = Hook(("/bin/sh", "-c", "sleep 60 & echo $! > " + sys.argv[2] + "; wait"), Path("/"))
print(Hosting(ws.access.engine, now, {"acme": hook}).start(ws.access, "app:v1").id, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""


def test_a_deployment_whose_server_was_killed_counts_as_failed_and_lets_the_next_one_by(
    host: HostStarter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = host({"acme": Hook(("/bin/sh", "-c", "true"), tmp_path)})
    store, mark = running.ws.settings.store, tmp_path / "pid"
    program = subprocess.Popen(
        [sys.executable, "-c", KILLED, store, str(mark)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    lost = program.stdout.readline().strip()
    program.communicate("go\n", timeout=PATIENCE)
    with client_of(running) as client:
        assert client.get(f"/deploy/{lost}").json()["status"] == "running"
        assert client.post("/deploy", json={"image": IMAGE}).status_code == 409
        monkeypatch.setattr("anvil_nb.deploying.hosting.SILENT", timedelta(0))
        found = client.get(f"/deploy/{lost}").json()
        assert (found["status"], found["detail"]) == ("failed", "the server that ran it was ended")
        next_one = started_anyhow(client)
        monkeypatch.undo()
        assert ended(client, next_one)["status"] == "live"
    subprocess.run(["pkill", "-F", str(mark)], check=False)


def started_anyhow(client: httpx.Client) -> str:
    answer = client.post("/deploy", json={"image": IMAGE})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_the_audit_has_who_deployed_what(host: HostStarter, tmp_path: Path) -> None:
    running = host({"acme": Hook(("/bin/sh", "-c", "true"), tmp_path)})
    with client_of(running) as client:
        begun = started(client)["id"]
        ended(client, begun)
    assert [one.resource for one in running.ws.audit() if one.action == "deploy"] == [
        f"deployments/{begun}"
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"Bad Name": {"run": ["x"]}}, "deploy_hooks"),
        ({"acme": []}, "is a table"),
        ({"acme": {}}, "is a list of words"),
        ({"acme": {"run": ["x"], "helth": "x"}}, "unknown key 'helth'"),
        ({"acme": {"run": ["x"], "health": "ftp://x"}}, "http or https URL"),
        ({"acme": {"run": ["x"], "health": "http://[x"}}, "http or https URL"),
        ({"acme": {"run": ["x"], "timeout": "long"}}, "number of seconds"),
    ],
)
def test_what_a_hook_says_wrong_is_named(
    said: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=message):
        parse_hooks(said, tmp_path)


def test_a_hook_is_read_from_the_settings(tmp_path: Path) -> None:
    said = {
        "acme": {"run": "deploy-it", "health": "http://127.0.0.1:1/h", "timeout": 5, "cwd": "x"}
    }
    assert parse_hooks(said, tmp_path) == {
        "acme": Hook(("/bin/sh", "-c", "deploy-it"), tmp_path / "x", 5.0, "http://127.0.0.1:1/h")
    }
