"""Large files that appear whole or not at all, with a name only when they are done."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anvil_nb.errors import AnvilError, ExistsError, RefusedError
from anvil_nb.files.whole import whole_file
from anvil_nb.files.writing import write_atomically


@pytest.fixture(params=["unnamed", "named"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of writing: without a name where the system can, else under a temporary one."""
    way: str = request.param
    if way == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no files without a name")
    return way


def in_folder(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_stands_there_when_the_block_ends(tmp_path: Path, way: str) -> None:
    path = tmp_path / "a.anvil"
    with whole_file(path) as file:
        file.write(b"one")
        file.seek(0)
        assert file.read() == b"one"
        assert not path.exists()
        assert bool(in_folder(tmp_path)) == (way == "named")
        file.write(b" two")
    assert in_folder(tmp_path) == {"a.anvil": b"one two"}
    with whole_file(str(tmp_path / "empty")):
        pass
    assert (tmp_path / "empty").read_bytes() == b""


def test_its_rights_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with whole_file(tmp_path / "whole"):
        pass
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("usual", "whole")}
    assert len(modes) == 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, BrokenPipeError])
@pytest.mark.parametrize("force", [False, True])
def test_a_block_that_fails_leaves_nothing_new(
    tmp_path: Path,
    error: type[BaseException],
    force: bool,  # noqa: FBT001 - a case
) -> None:
    path = tmp_path / "a.anvil"
    if force:
        path.write_bytes(b"old")
    before = in_folder(tmp_path)
    with pytest.raises(error), whole_file(path, force=force) as file:
        file.write(b"new")
        raise error
    assert in_folder(tmp_path) == before


def test_a_file_that_is_there_stays_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.anvil"
    path.write_bytes(b"old")
    with (
        pytest.raises(ExistsError, match=r"there is a file .*a\.anvil already") as caught,
        whole_file(path),
    ):
        pytest.fail("the block is not begun")
    assert "--force" in caught.value.hint
    with whole_file(path, force=True) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert in_folder(tmp_path) == {"a.anvil": b"new"}


def test_a_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.anvil"
    with pytest.raises(ExistsError), whole_file(path) as file:
        file.write(b"ours")
        path.write_bytes(b"theirs")
    assert in_folder(tmp_path) == {"a.anvil": b"theirs"}
    with whole_file(tmp_path / "b.anvil", force=True) as file:
        (tmp_path / "b.anvil").write_bytes(b"theirs")
        file.write(b"ours")
    assert (tmp_path / "b.anvil").read_bytes() == b"ours"


def test_of_several_writers_at_once_one_is_first(tmp_path: Path) -> None:
    barrier = threading.Barrier(4)

    def write(number: int) -> str:
        barrier.wait()
        try:
            with whole_file(tmp_path / "a.anvil") as file:
                file.write(f"{number}".encode() * 1000)
        except ExistsError:
            return "late"
        return f"{number}"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(write, range(4)))
    (first,) = [one for one in said if one != "late"]
    assert in_folder(tmp_path) == {"a.anvil": first.encode() * 1000}


def test_what_is_no_plain_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"file")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("folder", "a folder"), ("link", "a symbolic link"),
                       ("dangling", "a symbolic link"), ("pipe", "no plain file"),
                       ("nowhere/a.anvil", "there is no folder")):  # fmt: skip
        for force in (False, True):
            with pytest.raises(RefusedError, match=said), whole_file(tmp_path / name, force=force):
                pytest.fail("the block is not begun")
    assert (tmp_path / "file").read_bytes() == b"file"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    with pytest.raises(RefusedError, match="no plain file"), whole_file("/dev/null", force=True):
        pytest.fail("the block is not begun")


def test_a_place_that_became_a_folder_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.anvil"
    for force in (False, True):
        with pytest.raises(AnvilError), whole_file(path, force=force) as file:
            file.write(b"ours")
            path.mkdir()
            (path / "inside").touch()
        assert [one.name for one in tmp_path.iterdir()] == ["a.anvil"]
        (path / "inside").unlink()
        path.rmdir()


def test_a_full_disk_is_said_with_a_hint(tmp_path: Path) -> None:
    """Here the largest file that a process may write stands for the disk."""
    program = """
import resource, sys
from anvil_nb.errors import AnvilError
from anvil_nb.files.whole import whole_file
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with whole_file(sys.argv[1]) as file:
        for _ in range(100):
            file.write(b"x" * 5_000)
except AnvilError as error:
    print(error)
"""
    path = tmp_path / "a.anvil"
    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert said.stdout == (
        f"{path} cannot be written: File too large\n"
        "Make room or get the right to write there, or choose another place.\n"
    )
    assert in_folder(tmp_path) == {}


def test_a_full_disk_at_the_end_is_said_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    said = pytest.raises(AnvilError, match="cannot be written: No space left")
    with said as caught, whole_file(tmp_path / "a.anvil") as file:
        file.write(b"new")
        monkeypatch.setattr(os, "fsync", full)
    assert caught.value.hint.startswith("Make room")
    assert in_folder(tmp_path) == {}


PROGRAM = """
import os, sys
from anvil_nb.files.whole import whole_file
if sys.argv[3] == "named" and hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
with whole_file(sys.argv[1], force=sys.argv[2] == "force") as file:
    file.write(b"new" * 100_000)
    file.flush()
    print("written", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("force", ["force", "new"])
def test_a_killed_process_leaves_nothing_behind_where_files_need_no_name(
    tmp_path: Path, way: str, force: str
) -> None:
    path = tmp_path / "a.anvil"
    if force == "force":
        path.write_bytes(b"old")
    before = in_folder(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), force, way],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = {name for name in in_folder(tmp_path) if name not in before}
    if way == "unnamed":
        assert left == set()
    else:  # a temporary name, that says what it is
        assert [name.startswith(".anvil-") and name.endswith(".tmp") for name in left] == [True]
    assert {name: data for name, data in in_folder(tmp_path).items() if name in before} == before
    with whole_file(tmp_path / "b.anvil"):
        pass
    assert in_folder(tmp_path) == {**before, "b.anvil": b""}


def test_a_process_that_is_killed_while_it_renames_leaves_what_the_next_one_removes(
    tmp_path: Path, way: str
) -> None:
    path = tmp_path / "a.anvil"
    path.write_bytes(b"old")
    dies = "import pathlib, os\npathlib.Path.replace = lambda *_: os.kill(os.getpid(), 9)"
    done = subprocess.run(
        [sys.executable, "-c", dies + PROGRAM, str(path), "force", way], input=b"\n", check=False
    )
    assert done.returncode == -signal.SIGKILL
    (left,) = in_folder(tmp_path).keys() - {"a.anvil"}
    assert in_folder(tmp_path) == {"a.anvil": b"old", left: b"new" * 100_000}
    with whole_file(path, force=True) as file:
        file.write(b"newer")
    assert in_folder(tmp_path) == {"a.anvil": b"newer"}


def test_what_another_one_is_writing_is_not_taken_for_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the moment in which a file that had no name has a temporary one."""
    path, rename = tmp_path / "a.anvil", Path.replace
    path.write_bytes(b"old")

    def beside(name: Path, target: Path) -> Path:
        if target == path:
            with whole_file(tmp_path / "b.anvil", force=True):
                pass
            write_atomically(tmp_path / "c.anvil", b"")
        return rename(name, target)

    monkeypatch.setattr(Path, "replace", beside)
    with whole_file(path, force=True) as file, whole_file(tmp_path / "d.anvil"):
        file.write(b"new")
    assert in_folder(tmp_path) == {
        "a.anvil": b"new", "b.anvil": b"", "c.anvil": b"", "d.anvil": b"",
    }  # fmt: skip
    write_atomically(path, b"newer")
    assert in_folder(tmp_path)["a.anvil"] == b"newer"


def test_what_has_another_name_or_is_no_file_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / ".anvil-my-notes.tmp").write_bytes(b"mine")
    os.mkfifo(tmp_path / f".anvil-{'0' * 16}.tmp")
    before = {path.name for path in tmp_path.iterdir()}
    with whole_file(tmp_path / "a.anvil"):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {*before, "a.anvil"}


def test_what_replaces_a_private_file_is_private_before_anything_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sync = tmp_path / "tokens.json", os.fsync
    path.write_bytes(b"{}")
    path.chmod(0o600)
    seen = []

    def noted(descriptor: int) -> None:
        seen.append(os.fstat(descriptor).st_mode & 0o777)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    write_atomically(path, b'{"token": 1}')
    assert seen[0] == 0o600
    assert path.stat().st_mode & 0o777 == 0o600
