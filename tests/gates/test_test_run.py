"""The rules that tests/conftest.py sets hold: tried on small test files of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Connecting a datagram socket sends nothing, so the test is harmless where the guard fails;
# the address is set aside for documentation (RFC 5737).
REACHING_OUT = """
import contextlib, socket

def connect(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.connect((host, 9))

def test_within(): connect("127.0.0.1")
def test_outside(): connect("192.0.2.1")
def test_outside_and_caught():
    with contextlib.suppress(AssertionError):
        connect("192.0.2.1")
"""

ALONE = """
import os, pytest

def work(name):
    log = os.open(os.environ["LOG"], os.O_WRONLY | os.O_APPEND)
    os.write(log, f"begin {name}\\n".encode())
    sum(range(1_000_000))
    os.write(log, f"end {name}\\n".encode())

@pytest.mark.parametrize("number", range(20))
def test_beside_others(number): work("beside")

@pytest.mark.alone
@pytest.mark.parametrize("number", range(10))
def test_alone(number): work("alone")
"""

GROUPED = """
import os, pytest

@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("group", [pytest.param(name, marks=pytest.mark.xdist_group(name))
                                   for name in ("one", "two", "three")])
def test_grouped(group, number):
    log = os.open(os.environ["LOG"], os.O_WRONLY | os.O_APPEND)
    os.write(log, f"{group} {os.environ['PYTEST_XDIST_WORKER']}\\n".encode())
    sum(range(100_000))
"""


def run(
    repository: Path, folder: Path, source: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``source`` as a test file under the project's own conftest and settings."""
    shutil.copy(repository / "tests" / "conftest.py", folder)
    (folder / "test_tried.py").write_text(source, "utf-8")
    settings = ["-c", str(repository / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *settings, *arguments, str(folder)],
        cwd=folder,
        env={"PATH": "", **environment},
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_test_that_connects_to_another_machine_fails(repository: Path, tmp_path: Path) -> None:
    done = run(repository, tmp_path, REACHING_OUT)
    assert "OutsideConnectionError: a test may not connect to 192.0.2.1:9" in done.stdout
    assert "connections to other machines: ['192.0.2.1:9']" in done.stdout
    assert "1 failed, 2 passed, 2 errors" in done.stdout


def test_a_test_marked_alone_runs_while_no_other_does(repository: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    done = run(repository, tmp_path, ALONE, "--numprocesses=2", LOG=str(log))
    assert done.returncode == 0, done.stdout
    lines = log.read_text("utf-8").splitlines()
    begun = [number for number, line in enumerate(lines) if line == "begin alone"]
    assert len(begun) == len([line for line in lines if line == "end alone"])
    assert [lines[number + 1] for number in begun] == ["end alone"] * len(begun)
    assert [lines[number - 1] for number in begun if number and "begin" in lines[number - 1]] == []


def test_the_tests_of_a_group_run_on_one_worker(repository: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    done = run(repository, tmp_path, GROUPED, "--numprocesses=2", "--dist=loadgroup", LOG=str(log))
    assert done.returncode == 0, done.stdout
    ran = {tuple(line.split()) for line in log.read_text("utf-8").splitlines()}
    assert sorted(group for group, _ in ran) == ["one", "three", "two"]
