"""Files appear whole or not at all, and nothing is overwritten unasked."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import AnvilError, ExistsError, RefusedError
from anvil_nb.files import write_atomically, write_files

if TYPE_CHECKING:
    from pathlib import Path


def everything_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_files_are_written_below_a_folder_that_is_made(tmp_path: Path) -> None:
    files = {"a.prompt": b"a\r\n", "emails/deep/b.prompt": b"", "emails/c.md": b"\xff"}

    written = write_files(tmp_path / "new" / "desk", files)

    assert written == [tmp_path / "new" / "desk" / name for name in files]
    assert everything_below(tmp_path / "new" / "desk") == files


def test_files_that_hold_the_same_bytes_are_left_untouched(tmp_path: Path) -> None:
    write_files(tmp_path, {"a": b"1", "b": b"2"})
    before = (tmp_path / "a").stat()

    assert write_files(tmp_path, {"a": b"1", "c": b"3", "b": b"2"}) == [tmp_path / "c"]
    after = (tmp_path / "a").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_files_that_hold_something_else_are_listed_and_nothing_is_written(tmp_path: Path) -> None:
    files = {"a": b"1", "b/c": b"2", "d": b"3"}
    write_files(tmp_path, files)

    with pytest.raises(ExistsError) as caught:
        write_files(tmp_path, {"new": b"0", "a": b"x", "b/c": b"yy", "d": b"3"})

    assert f"{tmp_path}/a, {tmp_path}/b/c" in caught.value.message
    assert f"{tmp_path}/d" not in caught.value.message
    assert "Pass force=True" in caught.value.hint
    assert everything_below(tmp_path) == files


def test_a_long_list_of_taken_files_is_cut(tmp_path: Path) -> None:
    write_files(tmp_path, {f"f{number:02}": b"1" for number in range(12)})

    with pytest.raises(ExistsError, match="f09 and 2 more"):
        write_files(tmp_path, {f"f{number:02}": b"2" for number in range(12)})


def test_force_replaces_what_differs(tmp_path: Path) -> None:
    write_files(tmp_path, {"a": b"1", "b": b"2"})

    written = write_files(tmp_path, {"a": b"x", "b": b"2"}, force=True)

    assert written == [tmp_path / "a"]
    assert everything_below(tmp_path) == {"a": b"x", "b": b"2"}


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../../b", "a/..", "..", ".", "", "/etc/a", "a//b", "./a", "a/", "a\\b", "a\0b"],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_path_that_leaves_the_folder_or_is_none_is_refused(
    tmp_path: Path, name: str, *, force: bool
) -> None:
    folder = tmp_path / "desk"

    with pytest.raises(RefusedError, match="not the path of a file below a folder"):
        write_files(folder, {"fine": b"1", name: b"2"}, force=force)

    assert everything_below(tmp_path) == {}


@pytest.mark.parametrize("name", ["link", "linked/a", "sub/linked/a", "dangling"])
def test_symbolic_links_are_not_written_through(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    folder = tmp_path / "desk"
    write_files(outside, {"a": b"theirs"})
    write_files(folder, {"sub/x": b"x"})
    (folder / "link").symlink_to(outside / "a")
    (folder / "dangling").symlink_to(outside / "gone")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    (folder / "sub" / "linked").symlink_to(outside, target_is_directory=True)

    with pytest.raises(RefusedError, match="symbolic link"):
        write_files(folder, {"fine": b"1", name: b"ours"}, force=True)

    assert everything_below(outside) == {"a": b"theirs"}
    assert not (folder / "fine").exists()


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "desk").symlink_to(tmp_path / "real", target_is_directory=True)

    write_files(tmp_path / "desk", {"a/b": b"1"})

    assert everything_below(tmp_path / "real") == {"a/b": b"1"}


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"fine": b"1", "folder": b"2"}, "folder is a folder"),
        ({"fine": b"1", "file/a": b"2"}, "file is a file where a folder"),
        ({"fine": b"1", "new": b"2", "new/a": b"3"}, "new would have to be a file and a folder"),
    ],
)
def test_a_file_and_a_folder_of_one_name_are_refused_before_anything_is_written(
    tmp_path: Path, files: dict[str, bytes], what: str
) -> None:
    write_files(tmp_path, {"folder/x": b"x", "file": b"y"})

    with pytest.raises(RefusedError, match=what):
        write_files(tmp_path, files, force=True)

    assert not (tmp_path / "fine").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "desk").write_bytes(b"x")

    with pytest.raises(RefusedError, match="desk is a file where a folder"):
        write_files(tmp_path / "desk", {"a": b"1"})


def test_what_the_system_refuses_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    write_files(folder, {"a": b"old"})

    with pytest.raises(AnvilError, match="cannot be written: File name too long"):
        write_files(folder, {"a": b"new", "x" * 300: b"1"}, force=True)
    with pytest.raises(AnvilError, match="cannot be written: Not a directory"):
        write_atomically(folder / "a" / "b" / "c", b"1")
    with pytest.raises(RefusedError, match="desk/a is a file where a folder has to be"):
        write_atomically(folder / "a" / "b", b"1")

    assert everything_below(folder) == {"a": b"old"}


def test_a_write_that_fails_halfway_leaves_the_old_file_and_no_scrap(tmp_path: Path) -> None:
    # A limit on the size of files fails a write in its middle, as a full disk does.
    program = (
        "import resource, signal, sys\n"
        "from anvil_nb.errors import AnvilError\n"
        "from anvil_nb.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    write_atomically(sys.argv[1], b'x' * 100_000)\n"
        "except AnvilError as error:\n"
        "    print(error.message)\n"
    )
    write_atomically(tmp_path / "a", b"old")

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a")], capture_output=True, check=True
    )

    assert b"cannot be written: File too large" in done.stdout
    assert everything_below(tmp_path) == {"a": b"old"}


def test_a_kill_at_any_moment_leaves_the_old_bytes_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "a"
    old, new = b"1" * 300_000, b"2" * 300_000
    program = (
        "import sys\n"
        "from anvil_nb.files import write_atomically\n"
        "print(flush=True)\n"
        "while True:\n"
        "    write_atomically(sys.argv[1], b'1' * 300_000)\n"
        "    write_atomically(sys.argv[1], b'2' * 300_000)\n"
    )
    path.write_bytes(old)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            seen = {path.read_bytes() for _ in range(200)}
            writer.send_signal(signal.SIGKILL)
        assert seen | {path.read_bytes()} <= {old, new}


def test_an_interrupted_write_leaves_no_scrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    write_atomically(tmp_path / "a", b"old")
    monkeypatch.setattr(os, "fsync", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", b"new")

    assert everything_below(tmp_path) == {"a": b"old"}


def test_a_new_file_has_the_usual_rights_and_a_replaced_one_keeps_its_own(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new", b"1")
        write_atomically(tmp_path / "script", b"1")
        (tmp_path / "script").chmod(0o751)
        write_atomically(tmp_path / "script", b"2")
    finally:
        os.umask(umask)

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "script").stat().st_mode) == 0o751


@pytest.mark.parametrize("make", ["link", "folder"])
def test_one_file_is_not_written_over_a_link_or_a_folder(tmp_path: Path, make: str) -> None:
    path = tmp_path / "a"
    if make == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RefusedError):
        write_atomically(path, b"1")

    assert not (tmp_path / "elsewhere").exists()
