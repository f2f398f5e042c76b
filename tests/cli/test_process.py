"""The process: its streams, its signals, its exit codes, and what it costs to start."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ANVIL = [sys.executable, "-c", "from anvil_nb.cli import main; main()"]


@pytest.fixture
def desk(desk_folder: Path, tmp_path: Path) -> Path:
    shutil.copytree(desk_folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


def anvil(
    *arguments: str, folder: Path, text: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*ANVIL, *arguments],
        cwd=folder,
        input=text,
        capture_output=True,
        check=False,
        env=os.environ | (environment or {}),
    )


def test_a_prompt_goes_from_an_empty_folder_to_a_rendered_version(tmp_path: Path) -> None:
    def run(*arguments: str, text: str = "") -> str:
        done = anvil(*arguments, folder=tmp_path, text=text.encode())
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()

    run("init")
    run("save", "desk/emails/welcome", "-", text="Hello {{ customer }}, ☃!\n")
    run("publish", "desk/emails")
    assert run("render", "desk/emails/welcome", "--var", "customer=Zoë") == "Hello Zoë, ☃!\n"
    assert json.loads(run("ls", "desk/emails", "--json"))["items"][0]["version"] == "1.0.0"


def test_exit_codes_and_streams_are_those_of_the_process(desk: Path) -> None:
    for arguments, code in (
        (["ls"], 0),
        (["show", "a/b/c"], 1),
        (["shwo"], 2),
        (["init", "--actor", "x"], 3),
    ):
        done = anvil(*arguments, folder=desk)
        assert done.returncode == code
        assert bool(done.stdout) == (code == 0)
        assert bool(done.stderr) == (code != 0)


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"LC_ALL": "en_US.ISO-8859-1"},
    ],
)
def test_output_is_utf8_whatever_the_locale(desk: Path, environment: dict[str, str]) -> None:
    saved = anvil(
        "save",
        "desk/emails/snow",
        "-",
        folder=desk,
        text="☃ 漢字".encode(),
        environment=environment,
    )
    assert saved.returncode == 0
    shown = anvil("render", "desk/emails/snow@draft", folder=desk, environment=environment)
    assert (shown.returncode, shown.stdout) == (0, "☃ 漢字\n".encode())
    error = anvil("--json", "show", "desk/emails/sn☃w", folder=desk, environment=environment)
    assert json.loads(error.stderr)["error"]["code"] == "invalid-address"


def test_a_reader_that_has_read_enough_gets_no_complaint(desk: Path) -> None:
    (desk / "many.jsonl").write_text(
        "\n".join(json.dumps({"name": f"p{n}", "template": "x" * 500}) for n in range(500))
    )
    loaded = anvil("load", "many.jsonl", "--into", "many/prompts", "--json", folder=desk)
    assert loaded.returncode == 0
    with subprocess.Popen(
        [*ANVIL, "ls", "many/prompts", "--limit", "500", "--json"],
        cwd=desk,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Unbuffered, Python does not notice that only a part was written.
        env=os.environ | {"PYTHONUNBUFFERED": ""},
    ) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        assert listing.stdout.read(1) == b"{"
        listing.stdout.close()
        assert listing.stderr.read() == b""
    assert listing.returncode == 141


def test_a_result_that_cannot_be_written_is_a_failure(desk: Path) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [*ANVIL, "ls"], cwd=desk, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(b"anvil: error: the result cannot be written: No space left")


def test_an_interrupt_ends_quietly_and_leaves_nothing_behind(desk: Path) -> None:
    with subprocess.Popen(
        [*ANVIL, "save", "desk/emails/late", "-"],
        cwd=desk,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as saving:
        assert saving.stdin is not None
        assert saving.stdout is not None
        assert saving.stderr is not None
        wait_until_it_reads(saving.pid)
        saving.send_signal(signal.SIGINT)
        assert saving.wait(timeout=60) == 130
        assert (saving.stdout.read(), saving.stderr.read()) == (b"", b"")
    assert anvil("show", "desk/emails/late@draft", folder=desk).returncode == 1


def test_an_interrupted_load_loads_nothing_or_everything(desk: Path) -> None:
    prompts = [json.dumps({"name": f"p{n}", "template": f"Prompt {n}"}) for n in range(20_000)]
    (desk / "many.jsonl").write_text("\n".join(prompts))
    with subprocess.Popen(
        [*ANVIL, "load", "many.jsonl", "--into", "many/prompts"],
        cwd=desk,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as loading:
        wait_until_it_holds_the_store(loading.pid, desk / ".anvil" / "store.duckdb.lock")
        loading.send_signal(signal.SIGINT)
        out, err = loading.communicate(timeout=120)
    assert loading.returncode in {0, 130}
    assert err == b""
    assert bool(out) == (loading.returncode == 0)
    listed = anvil("ls", "many/prompts*", "--limit", "1000", "--json", folder=desk)
    assert listed.stderr == b""
    found = len(json.loads(listed.stdout)["items"])
    assert found == (1000 if loading.returncode == 0 else 0)


def wait_until_it_holds_the_store(pid: int, lock: Path) -> None:
    """Return once the process has signed the lock of the store."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if f'"pid": {pid},' in lock.read_text():
            return
        os.sched_yield()
    pytest.fail("the process never took the store")


def test_a_terminal_shows_the_progress_of_a_long_run_on_standard_error(desk: Path) -> None:
    rows = "".join(f'{{"customer": "{n}"}}\n' for n in range(8))
    (desk / "rows.jsonl").write_text(rows)
    (desk / "slowly.py").write_text(
        "import asyncio\n"
        "async def answer(prompt):\n    await asyncio.sleep(0.2)\n    return prompt.text\n"
    )
    arguments = ["run", "desk/emails/welcome", "--data", "rows.jsonl", "--with", "slowly:answer"]
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*ANVIL, *arguments, "--concurrency", "1", "--json"],
        cwd=desk,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert len(json.loads(done.stdout)["rows"]) == 8
    assert "8/8" in shown
    assert shown.count("\r\n") == shown.count("\n") == 1


def wait_until_it_reads(pid: int) -> None:
    """Return once the process waits for its standard input, a pipe."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with open(f"/proc/{pid}/wchan") as file:  # noqa: PTH123 - a device
            if "pipe_read" in file.read():
                return
        os.sched_yield()
    pytest.fail("the process never read its standard input")


def test_a_function_is_found_in_the_current_folder(desk: Path) -> None:
    (desk / "rows.jsonl").write_text('{"customer": "Ada"}\n')
    (desk / "beside.py").write_text("def shout(prompt):\n    return prompt.text.upper()\n")
    done = anvil(
        "run", "desk/emails/welcome", "--data", "rows.jsonl", "--with", "beside:shout", "--json",
        folder=desk,
    )  # fmt: skip
    assert done.stderr == b""
    assert json.loads(done.stdout)["rows"][0]["cells"][0]["output"] == "HELLO ADA!"


LIST_MODULES = """
import sys
from anvil_nb.cli.process import run
try:
    run(sys.argv[1:])
except SystemExit:
    print(*sys.modules, file=sys.stderr)
"""


def loaded_by(*arguments: str, folder: Path) -> set[str]:
    listed = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(listed.stderr.split())


def test_help_imports_only_click_and_what_parses(tmp_path: Path) -> None:
    loaded = loaded_by("--help", folder=tmp_path)
    assert "click" in loaded
    assert not loaded & {"duckdb", "liquid", "yaml", "IPython", "anyio", "asyncio", "hashlib"}
    assert "anvil_nb.workspace" not in loaded
    assert not any(name.startswith(("anvil_nb.store", "anvil_nb.catalog")) for name in loaded)


def test_a_listing_imports_neither_a_parser_nor_another_service(desk: Path) -> None:
    loaded = loaded_by("ls", "desk/emails", folder=desk)
    assert "anvil_nb.catalog.listing" in loaded
    assert not loaded & {"liquid", "yaml", "asyncio", "traceback"}
    services = ("anvil_nb.catalog.", "anvil_nb.versions", "anvil_nb.runs")
    assert {name for name in loaded if name.startswith(services)} == {"anvil_nb.catalog.listing"}


def test_plain_text_is_shown_and_rendered_without_a_parser(desk: Path) -> None:
    (desk / "acts.csv").write_text("name,prompt\nGuide,Act as a {{ guide }}.\n")
    assert anvil("load", "acts.csv", "--into", "desk/acts", folder=desk).returncode == 0
    for command in ("show", "render"):
        loaded = loaded_by(command, "desk/acts/guide@draft", folder=desk)
        assert "anvil_nb.catalog.lookup" in loaded
        assert "liquid" not in loaded


@pytest.mark.alone
def test_help_costs_at_most_200_ms_over_bare_python(tmp_path: Path) -> None:
    # With bytecode kept, as an installed program has it.
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}

    def seconds(*arguments: str) -> float:
        started = time.perf_counter()
        subprocess.run(arguments, check=True, capture_output=True, env=environment)
        return time.perf_counter() - started

    seconds(*ANVIL, "--help")
    bare = statistics.median(seconds(sys.executable, "-c", "pass") for _ in range(7))
    helped = statistics.median(seconds(*ANVIL, "--help") for _ in range(7))
    assert helped - bare <= 0.2
