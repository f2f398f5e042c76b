"""A folder as a tree: what is content, what is refused, and what is read again."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import AnvilError, InvalidInputError, PlanMovedError
from anvil_nb.trees import scanning, stat_cache
from anvil_nb.trees.folder import Folder, FolderLimits
from anvil_nb.trees.marker import read_marker, write_marker
from anvil_nb.trees.reading import FileState, read_state
from tests.conftest import REPOSITORY
from tests.trees.steps import OLD, lay, state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1 << 20


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that scans read."""
    names: list[str] = []
    read = read_state

    def counted(path: str, folder: int | None = None) -> Any:
        names.append(os.path.basename(path))  # noqa: PTH119 - text
        return read(path, folder)

    monkeypatch.setattr(scanning, "read_state", counted)
    # The time of change cannot be set back, so let a moment pass for every file.
    clock = stat_cache.clock
    monkeypatch.setattr(scanning, "clock", lambda root: (clock(root) or 0) + 10**10)
    return names


def test_a_scan_finds_every_file_with_its_digest_size_and_executable_bit(tmp_path: Path) -> None:
    lay(tmp_path, {**OLD, "run": (b"#!", True)})
    (tmp_path / "empty-folder").mkdir()
    found = Folder(tmp_path).scan()
    assert found.files == {
        path: state(file) for path, file in {**OLD, "run": (b"#!", True)}.items()
    }
    assert (found.problems, found.ignored) == ((), ())
    assert found.files["run"] == FileState(digest(b"#!"), 2, executable=True)


def test_an_unchanged_file_is_read_once(tmp_path: Path, reads: list[str]) -> None:
    folder = Folder(lay(tmp_path))
    first = folder.scan()
    assert len(reads) == len(OLD)
    reads.clear()
    assert Folder(tmp_path).scan() == first
    assert reads == []


def saved_as_editors_do(path: Path) -> None:
    path.with_name("new").write_bytes(b"z")
    path.with_name("new").replace(path)


EDITS: dict[str, Callable[[Path], object]] = {
    "same size": lambda path: path.write_bytes(b"b"),
    "other size": lambda path: path.write_bytes(b"longer"),
    "executable": lambda path: path.chmod(0o755),
    "other time": lambda path: os.utime(path, ns=(5, 5)),
    "another file": saved_as_editors_do,
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_that_changed_in_any_way_is_read_again_and_no_other(
    tmp_path: Path, reads: list[str], edit: str
) -> None:
    folder = Folder(lay(tmp_path))
    folder.scan()
    kept = (tmp_path / "a.md").stat()
    reads.clear()
    EDITS[edit](tmp_path / "a.md")
    now = (tmp_path / "a.md").stat()
    if now.st_size == kept.st_size:  # and it may even bear the same time
        os.utime(tmp_path / "a.md", ns=(kept.st_mtime_ns, kept.st_mtime_ns))
    found = folder.scan()
    assert reads == ["a.md"]
    assert found.files["a.md"].digest == digest((tmp_path / "a.md").read_bytes())
    assert found.files["a.md"].executable == bool(now.st_mode & 0o100)


def test_a_file_that_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    """An edit in the same tick of the clock leaves size and times as they were."""
    lay(tmp_path, {"a": (b"1", False)})
    folder = Folder(tmp_path)
    for content in (b"2", b"3", b"4", b"5"):
        (tmp_path / "a").write_bytes(content)
        assert folder.scan().files["a"].digest == digest(content)
    assert not (tmp_path / ".anvil/stats.json").exists()


def test_a_file_whose_time_lies_ahead_is_always_read(tmp_path: Path, reads: list[str]) -> None:
    folder = Folder(lay(tmp_path, {"a": (b"1", False)}))
    ahead = 4 * 10**18
    os.utime(tmp_path / "a", ns=(ahead, ahead))
    folder.scan()
    folder.scan()
    assert reads == ["a", "a"]


@pytest.mark.parametrize(
    ("stamp", "now", "settled"),
    [
        ((1, 0, 10**9 + 1, 1), 10**9 + 2 + 50_000_000, True),
        ((1, 0, 10**9 + 1, 1), 10**9 + 1 + 50_000_000, False),
        ((1, 0, 10**9, 1), 10**9 + 1_900_000_000, False),  # a file system that counts seconds
        ((1, 0, 10**9, 1), 10**9 + 2_000_000_001, True),
        ((1, 10**18, 10**9 + 1, 1), 10**17, False),
    ],
)
def test_a_file_is_settled_when_a_change_would_show(
    stamp: tuple[int, int, int, int],
    now: int,
    settled: bool,  # noqa: FBT001 - a case
) -> None:
    assert stat_cache.is_settled(stamp, now) == settled


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format":1}', "null", "shorter", "wrong"])
def test_a_damaged_memory_of_the_last_scan_costs_time_alone(
    tmp_path: Path, reads: list[str], damage: str
) -> None:
    folder = Folder(lay(tmp_path))
    first = folder.scan()
    file = tmp_path / ".anvil/stats.json"
    text = file.read_text()
    file.write_text(
        {"shorter": text.replace('"digests":[', '"digests":["ab",'), "wrong": text[:-40]}.get(
            damage, damage
        )
    )
    reads.clear()
    assert folder.scan() == first
    assert len(reads) == len(OLD)


def test_the_memory_of_another_place_or_other_rules_is_not_used(
    tmp_path: Path, reads: list[str]
) -> None:
    Folder(lay(tmp_path / "one")).scan()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    reads.clear()
    Folder(tmp_path / "two").scan()
    assert len(reads) == len(OLD)
    reads.clear()
    (tmp_path / "one/.anvilignore").write_text("a.md\n")
    assert "a.md" not in Folder(tmp_path / "one").scan().files
    assert len(reads) == len(OLD) - 1
    (tmp_path / "one/.anvilignore").unlink()
    assert "a.md" in Folder(tmp_path / "one").scan().files


def test_a_deleted_file_is_gone_and_a_new_one_is_there(tmp_path: Path) -> None:
    folder = Folder(lay(tmp_path))
    folder.scan()
    shutil.rmtree(tmp_path / "was-dir")
    (tmp_path / "b.md").rename(tmp_path / "c.md")
    files = folder.scan().files
    assert set(files) == {*OLD, "c.md"} - {"was-dir/x.md", "was-dir/below/y.md", "b.md"}


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        (".env", True), (".env.local", True), (".git/config", True), ("a/.hidden", True),
        ("a/server.pem", True), ("a/Server.PEM", True), ("x.key", True), ("id_rsa", True),
        ("id_ed25519.pub", True), ("profiles/my-secret.yaml", True),
        ("profiles/team/TopSecrets/a.yaml", True), ("services/profiles/secrets.json", True),
        ("a/__pycache__/x.pyc", True), ("node_modules/x/index.js", True), ("note~", True),
        (".anvil/pair.json", True), (".anvilignore", True),
        ("profiles/local.yaml", False), ("skills/secret-santa/SKILL.md", False),
        ("keyboard.md", False), ("a/turn.keys", False), ("env", False),
    ],
)  # fmt: skip
def test_defaults_leave_out_what_must_not_travel_by_accident(
    tmp_path: Path,
    path: str,
    ignored: bool,  # noqa: FBT001 - a case
) -> None:
    lay(tmp_path, {path: (b"x", False)})
    folder = Folder(tmp_path)
    assert (path not in folder.scan().files) == ignored
    assert bool(folder.fault(path)) == ignored
    said = folder.scan().ignored
    assert bool(said) == (ignored and not path.startswith(".anvil/"))


def test_rules_of_gitignore_leave_out_more_and_bring_back(tmp_path: Path) -> None:
    lay(tmp_path, dict.fromkeys(
        ["drafts/a.md", "a.log", "keep.log", "sub/a.log", "build/x", "sub/build/y", "top.md",
         "sub/top.md", ".well-known/x.json", "public.pem", "a\\b"], (b"x", False)))  # fmt: skip
    (tmp_path / ".anvilignore").write_text(
        "# a comment\n\n/top.md\n*.log\n!keep.log\nbuild/\ndrafts\n!.well-known/\n!public.pem\n"
        "!.anvil\na\\\\b\n"
    )
    folder = Folder(tmp_path)
    found = folder.scan()
    assert set(found.files) == {"keep.log", "sub/top.md", ".well-known/x.json", "public.pem"}
    assert found.problems == ()
    assert "drafts/" in found.ignored
    assert folder.fault("drafts/new.md") == "is ignored by the rule drafts of .anvilignore"
    assert folder.fault(".anvil/x")
    assert folder.fault("public.pem") == ""


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (MIB + 1)])
def test_rules_that_cannot_be_read_are_refused_rather_than_passed_over(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / ".anvilignore").write_bytes(content)
    with pytest.raises(InvalidInputError, match=r"\.anvilignore cannot be read") as caught:
        Folder(tmp_path)
    assert ".anvilignore" in caught.value.hint
    (tmp_path / ".anvilignore").unlink()
    (tmp_path / ".anvilignore").symlink_to("/etc/passwd")
    with pytest.raises(InvalidInputError, match=r"\.anvilignore cannot be read"):
        Folder(tmp_path)


def problems(root: Path) -> dict[str, str]:
    found = Folder(root).scan()
    assert all(one.hint for one in found.problems)
    assert not {one.key.removesuffix("/**") for one in found.problems} & set(found.files)
    return {one.key: one.message for one in found.problems}


def test_what_is_no_plain_file_is_a_problem(tmp_path: Path) -> None:
    lay(tmp_path, {"there/a.md": (b"a", False)})
    (tmp_path / "to-file.md").symlink_to("there/a.md")
    (tmp_path / "to-folder").symlink_to("there")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert problems(tmp_path) == {
            "dangling": "dangling is a symbolic link",
            "pipe": "pipe is neither a file nor a folder",
            "s": "s is neither a file nor a folder",
            "to-file.md": "to-file.md is a symbolic link",
            "to-folder/**": "to-folder is a symbolic link",
        }
    assert set(Folder(tmp_path).scan().files) == {"there/a.md"}


GOOD = ["UPPER.md", "x" * 255, "with space.md", "ünïcödé.md", "日本語/説明.md", "a+b=c,d;e!f.md",
        "(x)[y]{z}.md", "'quoted'.md", "100%.md", "#1 & @you.md", "$HOME.md", "-dash", "_x", "a..b",
        "🙂.md", "connect.md", "com10.md"]  # fmt: skip
BAD = {
    b"a\\b": "a backslash", b"a:b": "not every system", b"a*b": "not every system",
    b"q?": "not every system", b'"x"': "not every system", b"<x>|": "not every system",
    b"line\nbreak": "control", b"tab\t": "control", b"del\x7f": "control", b"con": "device",
    b"NUL.txt": "device", b"com1.md": "device", b"dot.": "ends with a dot", b"space ": "ends with",
    b" space": "begins with", b"\xff\xfe.md": "UTF-8", "e\u0301.md".encode(): "NFC",
    "x\u202egpj.md".encode(): "nobody sees",
}  # fmt: skip


def test_names_of_every_kind_are_content_or_a_problem_that_says_why(tmp_path: Path) -> None:
    for name in GOOD:
        lay(tmp_path, {name: (name.encode(), False)})
    for bad in BAD:
        (tmp_path / os.fsdecode(bad)).touch()
    folder = Folder(tmp_path)
    found = folder.scan()
    assert set(found.files) == set(GOOD)
    assert len(found.problems) == len(BAD)
    said = {one.key: one.message for one in found.problems}
    for bad, why in BAD.items():
        assert why in said[bad.decode(errors="replace")]
    assert (
        all(
            message.isprintable() or "\n" in message or "\t" in message for message in said.values()
        )
        or said
    )
    for key in said:
        assert folder.fault(key) or "\ufffd" in key
    lay(tmp_path, {"bad:folder/x.md": (b"x", False)})
    assert "bad:folder/**" in problems(tmp_path)


def test_names_that_some_system_takes_for_one_are_problems(tmp_path: Path) -> None:
    lay(tmp_path, dict.fromkeys(
        ["Read.md", "read.md", "other.md", "STRASSE", "straße", "Docs/a.md", "docs/b.md",
         "file\u2460", "file1"], (b"x", False)))  # fmt: skip
    assert set(problems(tmp_path)) == {
        "Read.md", "read.md", "STRASSE", "straße", "Docs/**", "docs/**", "file\u2460", "file1",
    }  # fmt: skip
    assert set(Folder(tmp_path).scan().files) == {"other.md"}
    assert set(Folder(tmp_path).scan().files) == {"other.md"}
    (tmp_path / "read.md").unlink()
    assert "Read.md" in Folder(tmp_path).scan().files
    (tmp_path / "read.md").touch()
    assert "Read.md" not in Folder(tmp_path).scan().files


def test_only_the_folders_that_are_synced_count(tmp_path: Path) -> None:
    lay(tmp_path, {"skills/a": (b"a", False), "web/b": (b"b", False), "c": (b"c", False)})
    (tmp_path / "link").symlink_to("/")
    folder = Folder(tmp_path, tops=["skills", "agents"])
    assert set(folder.scan().files) == {"skills/a"}
    assert folder.scan().problems == ()
    assert folder.fault("web/x") == "is outside the folders that are synced"
    assert folder.fault("agents/x") == ""
    assert set(Folder(tmp_path).scan().files) == {"skills/a", "web/b", "c"}


def test_a_tree_is_held_to_its_limits(tmp_path: Path) -> None:
    lay(tmp_path, {"small": (b"x" * 10, False), "large": (b"x" * 11, False)})
    found = Folder(tmp_path, limits=FolderLimits(file_bytes=10)).scan()
    assert set(found.files) == {"small"}
    assert [one.message for one in found.problems] == ["large is 11 bytes large; 10 are allowed"]
    with pytest.raises(InvalidInputError, match="more than 1 files"):
        Folder(tmp_path, limits=FolderLimits(files=1)).scan()


def test_large_files_are_digested_too(tmp_path: Path) -> None:
    contents = {f"{number}": os.urandom(number * MIB + 7) for number in (1, 2, 3)}
    lay(tmp_path, {path: (data, False) for path, data in contents.items()})
    found = Folder(tmp_path).scan().files
    assert {path: one.digest for path, one in found.items()} == {
        path: digest(data) for path, data in contents.items()
    }


def test_bytes_are_those_that_were_wanted_or_none(tmp_path: Path) -> None:
    folder = Folder(lay(tmp_path))
    wanted = [(path, one.digest) for path, one in folder.scan().files.items()]
    assert list(folder.read_all(wanted)) == [OLD[path][0] for path, _ in wanted]
    assert folder.read("a.md") == b"a"
    (tmp_path / "a.md").write_bytes(b"other")
    with pytest.raises(PlanMovedError, match="a.md changed"):
        folder.read("a.md", digest(b"a"))
    (tmp_path / "a.md").unlink()
    with pytest.raises(PlanMovedError, match="a.md changed"):
        folder.read("a.md", digest(b"a"))
    (tmp_path / "a.md").symlink_to("b.md")
    with pytest.raises(PlanMovedError, match="a.md changed"):
        folder.read("a.md", digest(b"b"))


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "nothing"):
        with pytest.raises(InvalidInputError, match="is no folder"):
            Folder(tmp_path / name)
    gone = Folder(lay(tmp_path / "gone"))
    shutil.rmtree(tmp_path / "gone")
    with pytest.raises(InvalidInputError, match="cannot be listed"):
        gone.scan()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users reach: those of pytest are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_without_rights_is_read_as_far_as_it_goes_and_not_written(
    open_folder: Path,
) -> None:
    """As another user, whom rights bind."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    program = """
import os, sys
from anvil_nb.errors import AnvilError
from anvil_nb.trees.changes import FileChange, Swap
from anvil_nb.trees.folder import Folder
from anvil_nb.trees.marker import write_marker
from anvil_nb.trees.swapping import write
from tests.trees.steps import state
os.setgid(65534), os.setgroups([]), os.setuid(65534)
folder = Folder(sys.argv[1])
for _ in range(2):
    found = folder.scan()
    print(sorted(found.files), [(one.key, one.message) for one in found.problems])
for work in (lambda: write(folder, [FileChange("n", state((b"n", False)), None, b"n")], "r"),
             lambda: write_marker(sys.argv[1], "files", "pair")):
    try:
        work()
    except AnvilError as error:
        print(error.message)
"""
    root = lay(open_folder / "root", {"a": (b"a", False), "b": (b"b", False), "c/d": (b"d", False)})
    root.chmod(0o755)
    (root / "b").chmod(0o600)
    (root / "c").chmod(0o700)
    said = subprocess.run(
        [sys.executable, "-c", program, str(root)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    seen = (
        "['a'] [('b', 'b cannot be read: Permission denied'), "
        "('c/**', 'c cannot be listed: Permission denied')]"
    )
    denied = f"{root} cannot be written: Permission denied"
    assert said == [seen, seen, denied, denied]
    assert sorted(one.name for one in root.iterdir()) == ["a", "b", "c"]


def test_ten_thousand_files_are_scanned_and_read_once(tmp_path: Path, reads: list[str]) -> None:
    for number in range(100):
        (tmp_path / f"d{number}").mkdir()
        for other in range(100):
            (tmp_path / f"d{number}/f{other}.md").write_bytes(b"%d/%d" % (number, other))
    folder = Folder(tmp_path)
    first = folder.scan()
    assert len(first.files) == len(reads) == 10_000
    assert first.files["d7/f9.md"].digest == digest(b"7/9")
    reads.clear()
    (tmp_path / "d7/f9.md").write_bytes(b"new")
    again = folder.scan()
    assert reads == ["f9.md"]
    assert {path for path in again.files if again.files[path] != first.files[path]} == {"d7/f9.md"}


def test_a_tree_says_to_which_pairs_it_belongs(tmp_path: Path) -> None:
    assert read_marker(tmp_path) == {}
    write_marker(tmp_path, "files", "pair-1")
    write_marker(tmp_path, "skills", "pair-2")
    write_marker(tmp_path, "files", "pair-3")
    assert read_marker(tmp_path) == {"files": "pair-3", "skills": "pair-2"}
    assert (tmp_path / ".anvil/.gitignore").read_text() == "*\n"
    assert Folder(tmp_path).scan().files == {}
    for damage in ("", "[]", "{}", '{"format":2,"pairs":{}}', '{"format":1,"pairs":{"a":"/"}}'):
        (tmp_path / ".anvil/pair.json").write_text(damage)
        with pytest.raises(AnvilError, match="marker"):
            read_marker(tmp_path)
        with pytest.raises(AnvilError, match="marker"):
            write_marker(tmp_path, "files", "pair-4")
