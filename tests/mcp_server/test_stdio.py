"""``anvil mcp`` as a client starts it: a process that is spoken with over its standard streams."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from anvil_nb.workspace import open_workspace
from tests.mcp_server.conftest import put_skill
from tests.mcp_server.places import ANVIL, check_one_did_it, over_stdio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
MANY = 4_000
"""So many skills are written in four steps, between which an apply can be stopped."""
"""Of files that the store takes one at a time."""


class Raw:
    """A server that is sent lines as they are."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.send(INITIALIZE)
        self.answer(1)
        self.send(INITIALIZED)

    def send(self, *messages: Any) -> None:
        assert self.process.stdin is not None
        for one in messages:
            self.process.stdin.write(json.dumps(one) + "\n")
        self.process.stdin.flush()

    def answer(self, number: int) -> dict[str, Any]:
        """Return the answer to a request, past what was told in between."""
        while (said := self.next()).get("id") != number:
            pass
        return said

    def next(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server has ended"
        said: dict[str, Any] = json.loads(line)
        return said

    def call(self, number: int, tool: str, **arguments: Any) -> None:
        params = {"name": tool, "arguments": arguments, "_meta": {"progressToken": number}}
        self.send({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})


@contextmanager
def started(folder: Path, *command: str) -> Iterator[Raw]:
    """Start a server in a folder; it is killed if it still runs in the end."""
    with (
        (folder.parent / "errors").open("w") as errors,
        subprocess.Popen(
            command or (*ANVIL, "mcp"),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Raw(process)
        finally:
            process.kill()
            with suppress(BrokenPipeError):
                process.stdin.close()  # type: ignore[union-attr]  # it has one


@pytest.fixture
def raw(folder: Path) -> Iterator[Raw]:
    """A server."""
    with started(folder) as one:
        yield one


async def test_an_agent_reads_plans_and_applies_over_standard_streams(
    folder: Path, era: str
) -> None:
    async with over_stdio(folder, era=era) as agent:
        listed = {one.name for one in (await agent.client.list_tools()).tools}
        assert {"prompt_get", "sync", "bundle_import"} <= listed
        got = await agent.done(
            "prompt_get", address="desk/emails/welcome", values={"customer": "Ada"}
        )
        assert "Hello Ada!" in got.quoted
        await agent.planned("sync", target="skills", direction="push")
    with open_workspace(folder) as ws:
        assert {one.key for one in ws.skills()} == {"triage", "escalate"}


async def test_what_is_offered_can_be_narrowed(folder: Path) -> None:
    module = (sys.executable, "-m", "anvil_nb.mcp_server")
    said = ("--workspace", str(folder), "--actor=bob", "--read-only", "--toolsets", "prompts")
    async with over_stdio(folder.parent, *said, command=module) as agent:
        tools = (await agent.client.list_tools()).tools
        assert {one.name.partition("_")[0] for one in tools} == {"prompt"}
        assert all(one.annotations and one.annotations.read_only_hint for one in tools)
        assert "there is no tool" in await agent.refused(
            "prompt_save", address="desk/emails/x", template="Hi", expect="new"
        )


async def test_files_outside_of_the_roots_are_refused(folder: Path) -> None:
    allowed = folder.parent / "bundles"
    allowed.mkdir()
    async with over_stdio(folder, "--root", str(allowed)) as agent:
        said = await agent.refused("bundle_export", addresses=["desk"], path="desk.anvil")
        assert str(allowed) in said
        await agent.done("bundle_export", addresses=["desk"], path=str(allowed / "desk.anvil"))


def test_an_idle_server_holds_nothing(raw: Raw, folder: Path) -> None:
    raw.call(2, "prompt_get", address="desk/emails/welcome")
    raw.answer(2)
    with open_workspace(folder) as ws:
        ws.save("desk/emails/welcome", "Written while the server is idle")
    raw.call(3, "prompt_get", address="desk/emails/welcome@draft", render=False)
    assert "while the server is idle" in json.dumps(raw.answer(3))


def test_a_client_that_closes_its_end_ends_the_server(raw: Raw) -> None:
    assert raw.process.stdin is not None
    raw.process.stdin.close()
    assert raw.process.wait(60) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_server_whose_client_keeps_its_end_open(raw: Raw, number: int) -> None:
    raw.process.send_signal(number)
    assert raw.process.wait(60) == 0


def test_a_server_ends_when_nobody_reads_what_it_says(raw: Raw) -> None:
    assert raw.process.stdout is not None
    raw.process.stdout.close()
    raw.call(2, "prompt_search")
    assert raw.process.wait(60) == 0


@pytest.mark.parametrize("how", ["closed", "killed", "terminated"])
def test_an_apply_that_is_cut_off_stops_and_the_next_one_goes_on(folder: Path, how: str) -> None:
    for number in range(MANY):
        put_skill(folder / "services", f"skill-{number}")
    with started(folder) as raw:
        raw.call(2, "sync", target="skills", direction="push")
        plan = raw.answer(2)["result"]["structuredContent"]["plan_id"]
        raw.call(3, "sync", target="skills", direction="push", dry_run=False, plan_id=plan)
        while not raw.next()["params"]["progress"]:
            pass
        if how == "closed":
            assert raw.process.stdin is not None
            raw.process.stdin.close()
        else:
            raw.process.send_signal(signal.SIGKILL if how == "killed" else signal.SIGTERM)
        assert raw.process.wait(60) == (-signal.SIGKILL if how == "killed" else 0)
    with open_workspace(folder) as ws:
        left = ws.sync("skills", "push")
        assert 0 < left.counts()["added"] < MANY + 2
        ws.sync("skills", "push", dry_run=False)
        assert ws.sync("skills", "push").counts()["unchanged"] == MANY + 2


def test_what_is_printed_goes_to_standard_error(folder: Path) -> None:
    script = folder.parent / "printing.py"
    script.write_text(
        """
import atexit, subprocess, sys
from datetime import UTC, datetime
from anvil_nb.mcp_server import stdio
from anvil_nb.mcp_server.desk import Desk
from anvil_nb.mcp_server.streams import take_streams
from anvil_nb.settings import resolve
from anvil_nb.workspace import Workspace
from pathlib import Path

out = sys.stdout
atexit.register(print, "printed at the exit", file=out)

def clock():
    print("printed in a callback")
    out.write("and left in a buffer")
    subprocess.run([sys.executable, "-c", "print('printed by a child')"], check=True)
    return datetime.now(UTC)

streams = take_streams()
with Workspace(resolve(Path.cwd()), clock=clock) as ws:
    stdio.serve(Desk(ws), streams)
print("printed behind it")
""",
        "utf-8",
    )
    with started(folder, sys.executable, str(script)) as raw:
        raw.call(2, "prompt_save", address="desk/emails/new", template="Hi", expect="new")
        assert not raw.answer(2)["result"].get("isError")
        rest, _ = raw.process.communicate(timeout=60)
        assert rest == ""
        assert raw.process.returncode == 0
    errors = (folder.parent / "errors").read_text("utf-8")
    for said in ("in a callback", "by a child", "behind it", "at the exit"):
        assert f"printed {said}" in errors
    assert "and left in a buffer" in errors


async def test_an_argument_of_five_megabytes_is_refused_and_the_next_call_answered(
    folder: Path, era: str
) -> None:
    async with over_stdio(folder, era=era) as agent:
        said = await agent.refused(
            "prompt_save", address="desk/emails/x", template="x" * 5_000_000, expect="new"
        )
        assert "longer than" in said
        await agent.done("prompt_search")


def test_a_broken_line_breaks_nothing(raw: Raw) -> None:
    assert raw.process.stdin is not None
    raw.process.stdin.write("{no json\n\n[]\n")
    raw.call(2, "prompt_search")
    assert "result" in raw.answer(2)


async def test_two_agents_and_a_notebook_work_on_one_store(folder: Path) -> None:
    ended: list[str] = []

    async def write(name: str) -> None:
        async with over_stdio(folder) as agent:
            for number in range(10):
                await agent.done(
                    "prompt_save", address=f"desk/{name}/p{number}", template=name, expect="new",
                )  # fmt: skip
        ended.append(name)

    def notebook() -> None:
        with open_workspace(folder) as ws:
            for number in range(30):
                ws.save(f"desk/notebook/p{number}", "Written beside them")

    async with anyio.create_task_group() as group:
        group.start_soon(write, "one")
        group.start_soon(write, "two")
        await anyio.to_thread.run_sync(notebook)
    assert sorted(ended) == ["one", "two"]
    with open_workspace(folder) as ws:
        assert len(list(ws.ls("desk/one"))) == len(list(ws.ls("desk/two"))) == 10
        assert len(list(ws.ls("desk/notebook"))) == 30


async def test_of_two_agents_that_apply_one_plan_one_does_it(folder: Path) -> None:
    async with over_stdio(folder) as one, over_stdio(folder) as two:
        plan = (await one.done("sync", target="skills", direction="push")).data["plan_id"]
        how = {"target": "skills", "direction": "push", "dry_run": False, "plan_id": plan}
        answers = []

        async def apply(agent: Any) -> None:
            answers.append(await agent.call("sync", **how))

        async with anyio.create_task_group() as group:
            group.start_soon(apply, one)
            group.start_soon(apply, two)
    check_one_did_it(answers)
    with open_workspace(folder) as ws:
        assert {one.key for one in ws.skills()} == {"triage", "escalate"}
