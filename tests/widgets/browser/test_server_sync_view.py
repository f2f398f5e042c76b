"""Syncs with a real server on loopback, and what they leave in conflict, in a real browser."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

import anvil_nb as anvil
from anvil_nb.server import create_app
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.cloud.conftest import Tenant, hexed
from tests.server.conftest import API, GENEROUS, listening
from tests.sync.laptops import Laptop, put_skill, skill, stored
from tests.widgets.browser.lab import begin_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator
    from starlette.types import ASGIApp

    from tests.widgets.browser.lab import Notebook

FILE = "skills/greet/SKILL.md"


@dataclass
class Pair:
    """Two sides of a sync.

    Args:
        here: The folder and the store of the notebook.
        there: A workspace on the server's store.
        tenant: The server, as a plain HTTP client sees it.
        token: What opens it.
        url: Of the server.
        app: What the server serves.
        running: Ends the server that runs.
    """

    here: Laptop
    there: Workspace
    tenant: Tenant
    token: str
    url: str
    app: ASGIApp
    running: ExitStack


@pytest.fixture(autouse=True)
def pair(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """A skill that is on disk and in the store here, and a server that has nothing yet."""
    assert ws.root is not None
    store = str(tmp_path / "cloud.duckdb")
    with ExitStack() as running:
        there = running.enter_context(Workspace(Settings(None, store, "acme", "bob")))
        app = create_app(store, GENEROUS)
        server = running.enter_context(ExitStack())
        url = server.enter_context(listening(app))
        token = there.create_token("sync", ["sync"], expires="1d").secret
        monkeypatch.setenv("ANVIL_TOKEN", token)
        with (ws.root / "anvil.toml").open("a") as file:
            file.write(f'\nremote = "{url}"\ntenant = "acme"\n')
        own = running.enter_context(anvil.open(ws.root))
        here = Laptop(own, own.settings.services)
        here.skill("greet", "Say hello.")
        here.push()
        headers = {"Authorization": f"Bearer {token}"}
        client = httpx.Client(base_url=url + API, headers=headers, timeout=30)
        tenant = Tenant(running.enter_context(client), "acme")
        yield Pair(here, there, tenant, token, url, app, server)


@pytest.fixture
def view(notebook: Notebook, pair: Pair) -> Locator:
    """The view of syncs, in a kernel that has the token."""
    notebook.run(f"import os\nos.environ['ANVIL_TOKEN'] = {pair.token!r}")
    view = notebook.view("%anvil ui")
    view.get_by_role("button", name="Sync", exact=True).click()
    return view


def test_records_and_files_are_pushed_to_a_server(view: Locator, pair: Pair) -> None:
    plan = view.get_by_role("region", name="Plan")
    for target, name in (("database", "skills/greet"), ("files", FILE)):
        view.get_by_role("button", name=f"Plan push of {target}").click()
        expect(plan.get_by_role("heading", name=f"Push of {target}")).to_be_visible()
        expect(plan.get_by_role("list", name="Would be written")).to_have_text(f"+ add {name}")
        begin_at(plan.get_by_role("button", name="Apply this plan"))
        for _ in range(2):  # the second one finds the first under way
            view.page.keyboard.press("Enter")
        expect(plan.get_by_role("list", name="Was written")).to_have_text(f"+ add {name}")
        expect(plan.get_by_role("heading", name=f"Push of {target}")).to_be_focused()
        expect(view.get_by_role("alert")).to_be_hidden()
    assert stored(pair.there) == {"greet": {"SKILL.md": skill("greet", "Say hello.")}}
    assert pair.tenant.files() == {FILE: hexed(skill("greet", "Say hello."))}
    put_skill(pair.there, "greet", "Said there.")
    view.get_by_role("button", name="Plan pull of database").click()
    expect(plan.get_by_role("heading", name="Pull of database")).to_be_visible()
    expect(plan.get_by_role("list", name="Would be written")).to_have_text("~ change skills/greet")
    plan.get_by_role("button", name="Apply this plan").click()
    expect(plan.get_by_role("list", name="Was written")).to_have_text("~ change skills/greet")
    assert stored(pair.here.ws) == {"greet": {"SKILL.md": skill("greet", "Said there.")}}


def test_a_server_that_is_down_is_told_in_words_and_works_once_it_is_back(
    view: Locator, pair: Pair
) -> None:
    plan = view.get_by_role("region", name="Plan")
    view.get_by_role("button", name="Plan push of files").click()
    expect(plan.get_by_role("list", name="Would be written")).to_have_text(f"+ add {FILE}")
    pair.running.close()
    apply = plan.get_by_role("button", name="Apply this plan")
    apply.click()
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text(f"{pair.url} cannot be reached")
    expect(alert).to_contain_text("Check the address, and that `anvil serve` runs there.")
    row = view.get_by_role("listitem", name="files", exact=True)
    expect(row).to_contain_text("cannot be reached")
    expect(apply).to_be_enabled()
    pair.running.enter_context(listening(pair.app, int(pair.url.rpartition(":")[2])))
    apply.click()
    expect(plan.get_by_role("list", name="Was written")).to_have_text(f"+ add {FILE}")
    expect(alert).to_have_count(0)
    expect(row).to_contain_text("0 to push")
    assert pair.tenant.files() == {FILE: hexed(skill("greet", "Say hello."))}


def test_a_token_that_was_revoked_is_told_in_words_and_another_one_goes_on(
    view: Locator, notebook: Notebook, pair: Pair
) -> None:
    plan = view.get_by_role("region", name="Plan")
    view.get_by_role("button", name="Plan push of database").click()
    expect(plan.get_by_role("list", name="Would be written")).to_have_text("+ add skills/greet")
    pair.there.revoke_token("sync")
    apply = plan.get_by_role("button", name="Apply this plan")
    apply.click()
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("token")
    expect(view).not_to_contain_text(pair.token)
    assert stored(pair.there) == {}
    token = pair.there.create_token("another", ["sync"], expires="1d").secret
    notebook.run(f"os.environ['ANVIL_TOKEN'] = {token!r}")
    apply.click()
    expect(plan.get_by_role("list", name="Was written")).to_have_text("+ add skills/greet")
    expect(alert).to_have_count(0)
    assert stored(pair.there) == {"greet": {"SKILL.md": skill("greet", "Say hello.")}}


@pytest.fixture
def apart(pair: Pair) -> Pair:
    """Both sides had the same, and each changed it."""
    for target in ("database", "files"):
        pair.here.push(target)
    put_skill(pair.there, "greet", "Said there, as a record.")
    theirs = {FILE: skill("greet", "Said there, as a file.")}
    assert pair.tenant.put(theirs).status_code == 200
    pair.here.skill("greet", "Said here.")
    pair.here.push()
    return pair


def test_what_a_server_has_otherwise_is_settled_in_the_page(apart: Pair, view: Locator) -> None:
    plan = view.get_by_role("region", name="Plan")
    for target in ("database", "files"):
        view.get_by_role("button", name=f"Plan push of {target}").click()
        expect(plan.get_by_role("heading", name=f"Push of {target}")).to_be_visible()
        expect(plan.get_by_role("list", name="Conflicts")).to_contain_text("greet")
        plan.get_by_role("button", name="Do the rest, and keep these to settle").click()
        expect(plan.get_by_role("button", name="Settle them…")).to_be_visible()
    plan.get_by_role("button", name="Settle them…").click()
    settling = view.get_by_role("region", name="Conflicts of syncs")
    expect(settling.get_by_text("2 of 2 left")).to_be_visible()
    for key, choice in (("database/skills/greet", "Ours"), (f"files/{FILE}", "Theirs")):
        settling.get_by_role("option").filter(has_text=key).click()
        conflict = settling.get_by_role("region", name="Conflict", exact=True)
        expect(conflict.get_by_role("heading", name=key)).to_be_visible()
        conflict.get_by_role("button", name=choice, exact=True).click()
    expect(settling.get_by_text("0 of 2 left")).to_be_visible()
    settling.get_by_role("button", name="Preview the plan").click()
    expect(settling.get_by_role("region", name="Plan").get_by_text(FILE)).to_be_visible()
    settling.get_by_role("button", name="Settle", exact=True).click()
    expect(settling.get_by_role("region", name="Result")).to_contain_text("Settled 2")
    expect(view.get_by_role("listitem", name="database")).to_contain_text("0 conflicts")
    ours, theirs = skill("greet", "Said here."), skill("greet", "Said there, as a file.")
    assert stored(apart.here.ws) == stored(apart.there) == {"greet": {"SKILL.md": ours}}
    assert apart.here.bodies()[FILE] == theirs
    assert apart.tenant.files() == {FILE: hexed(theirs)}
    assert apart.here.ws.sync_conflicts().conflicts == ()
