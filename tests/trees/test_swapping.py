"""Writing a tree: killed, raced, out of room, and still nobody's work is lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from itertools import count
from typing import TYPE_CHECKING, Literal, cast, get_args

import pytest

from anvil_nb.errors import AnvilError, ConflictError, InvalidInputError
from anvil_nb.trees import locking
from anvil_nb.trees.changes import FileChange, Swap
from anvil_nb.trees.folder import Folder
from anvil_nb.trees.locking import writing
from anvil_nb.trees.swapping import recover, write
from tests.conftest import REPOSITORY
from tests.trees.steps import (
    NEW,
    OLD,
    at_steps,
    changes,
    found,
    kept,
    lay,
    left,
    state,
    trash,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.trees.steps import Files

OLD_VERSIONS = {data for data, _ in OLD.values()}
GROUPS = {change.together for change in changes()}


Way = Literal["exchange", "plain"]
"""Both kinds of systems: those that exchange two files in one step, and those that do not."""


@pytest.fixture(params=get_args(Way))
def way(request: pytest.FixtureRequest) -> Way:
    return cast("Way", request.param)


def test_a_tree_becomes_another_and_keeps_what_it_was_in_the_trash(
    tmp_path: Path, way: Way
) -> None:
    root = lay(tmp_path)
    with at_steps(lambda *_: None, exchanges=way == "exchange"):
        outcomes = write(Folder(root), changes(), "run-1")
    assert found(root) == NEW
    assert {group: one.swap for group, one in outcomes.items()} == dict.fromkeys(GROUPS, Swap.DONE)
    assert kept(root) >= OLD_VERSIONS
    assert (root / ".anvil/trash/run-1/skill/old.txt").read_bytes() == b"old"
    assert (root / ".anvil/trash/run-1/was-dir/below/y.md").read_bytes() == b"y"
    assert left(root) == []
    assert (root / ".anvil/.gitignore").read_text() == "*\n"
    assert recover(Folder(root)) == ()


def test_a_file_is_executable_as_it_is_said_and_its_rights_are_otherwise_kept(
    tmp_path: Path, way: Way
) -> None:
    root = lay(tmp_path, {"a": (b"a", False), "b": (b"b", True), "c": (b"c", False)})
    (root / "a").chmod(0o600)
    (root / "b").chmod(0o4750)
    (root / "c").chmod(0o664)
    new = {"a": (b"a2", True), "b": (b"b2", False), "c": (b"c2", False), "d": (b"d", True)}
    old = {"a": (b"a", False), "b": (b"b", True), "c": (b"c", False)}
    mask = os.umask(0o027)
    try:
        with at_steps(lambda *_: None, exchanges=way == "exchange"):
            write(Folder(root), changes(old, new), "run-1")
    finally:
        os.umask(mask)
    modes = {name: (root / name).stat().st_mode & 0o7777 for name in new}
    assert modes["a"] == (0o700 if way == "exchange" else modes["a"])
    assert modes["b"] & 0o7111 == 0
    assert modes["c"] == (0o664 if way == "exchange" else modes["c"])
    assert modes["d"] == 0o750
    assert found(root) == new


def test_a_tree_is_the_old_or_the_new_one_wherever_a_sync_was_killed(
    tmp_path: Path, way: Way
) -> None:
    said = subprocess.run(
        [sys.executable, REPOSITORY / "tests/trees/kill_steps.py", tmp_path, way],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    kills = int(said.stdout)
    assert kills > 80
    ended = {}
    for step in range(1, kills + 1):
        root = tmp_path / f"{step}"
        folder = Folder(root)
        recover(folder)
        ended[step] = found(root)
        assert ended[step] in (OLD, NEW), step
        assert kept(root) >= OLD_VERSIONS, step
        assert left(root) == [], step
        assert recover(folder) == (), step
        write(folder, changes(ended[step]), "run-2")
        assert found(root) == NEW, step
    assert ended[1] == OLD
    assert ended[kills] == NEW
    # There is one moment from which on it is done.
    assert sorted(ended, key=lambda step: (ended[step] == NEW, step)) == list(ended)


def few(files: Files) -> Files:
    """One file of each kind: changed, deleted, new, and some that go together."""
    kinds = ("a.md", "b.md", "new/", "skill/")
    return {path: file for path, file in files.items() if path.startswith(kinds)}


def in_place(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(b"edited")


def replaced(path: Path) -> None:
    """As most editors save."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("editing")
    part.write_bytes(b"edited")
    part.replace(path)


def deleted_and_made(path: Path) -> None:
    path.unlink(missing_ok=True)
    in_place(path)


@pytest.mark.parametrize("edit", [in_place, replaced, deleted_and_made])
@pytest.mark.parametrize("edited", ["a.md", "b.md", "new/deep/n.md", "skill/new.txt"])
def test_an_edit_at_any_moment_stays_in_place(
    tmp_path: Path, edit: Callable[[Path], None], edited: str, way: Way
) -> None:
    old, new = few(OLD), few(NEW)
    moved = 0
    for at in count(1):
        root = lay(tmp_path / f"{at}", old)
        reached = []

        def step(number: int, _: str) -> None:
            if number == at:
                reached.append(number)
                try:
                    edit(root / edited)
                except (FileNotFoundError, NotADirectoryError):
                    reached.append(0)  # its folder had just gone

        with at_steps(step, exchanges=way == "exchange"):
            outcomes = write(Folder(root), changes(old, new), "run-1")
        if not reached:
            break
        if len(reached) == 1:
            assert found(root)[edited][0] == b"edited", at
        versions = {data for path, (data, _) in old.items() if path != edited}
        assert kept(root) >= versions, at
        assert left(root) == [], at
        group = "skill" if edited.startswith("skill/") else edited
        others = {name: file for name, file in new.items() if not name.startswith(group)}
        assert {name: found(root).get(name) for name in others} == others, at
        if outcomes[group].swap is Swap.MOVED:
            moved += 1
            if group == "skill":  # what goes together with it is what it was
                assert found(root)["skill/SKILL.md"] == OLD["skill/SKILL.md"], at
                assert found(root)["skill/old.txt"] == OLD["skill/old.txt"], at
        else:
            assert outcomes[group].swap is Swap.DONE
    assert moved


def test_a_change_of_the_executable_bit_alone_is_an_edit_too(tmp_path: Path) -> None:
    root = lay(tmp_path)
    (root / "a.md").chmod(0o755)
    outcome = write(Folder(root), changes(), "run-1")["a.md"]
    assert outcome.swap is Swap.MOVED
    assert found(root)["a.md"] == (b"a", True)
    assert "a.md was changed" in outcome.message


@pytest.mark.parametrize(("number", "how"), [(errno.ENOSPC, "lasting"), (errno.EIO, "once")])
def test_a_step_that_the_system_refuses_loses_nothing(
    tmp_path: Path, number: int, how: str, way: Way
) -> None:
    whole = failed = 0
    for at in count(1):
        root = lay(tmp_path / f"{at}")
        reached = []

        def step(now: int, name: str) -> None:
            # What frees room is always possible on a full disk.
            frees = number == errno.ENOSPC and name in {"unlink", "rmdir"}
            if now == at or (how == "lasting" and now > at and not frees):
                reached.append(now)
                raise OSError(number, os.strerror(number))

        try:
            with at_steps(step, exchanges=way == "exchange"):
                write(Folder(root), changes(), "run-1")
        except AnvilError as error:
            assert "cannot be written" in error.message
            if "what was begun" not in error.hint:
                assert found(root) == OLD, at
            whole += 1
        else:
            failed += 1
        if not reached:
            break
        recover(Folder(root))  # when there is room again
        assert kept(root) >= OLD_VERSIONS, at
        assert left(root) == [], at
        now = found(root)
        for group in GROUPS:
            names = [name for name in {*OLD, *NEW} if name == group or name.startswith(f"{group}/")]
            stands = {name: now.get(name) for name in names}
            wanted = (
                {name: OLD.get(name) for name in names},
                {name: NEW.get(name) for name in names},
            )
            if group in {"was-file", "was-dir", "was-file/x.md", "was-dir/x.md"}:
                continue  # these make room for each other
            assert stands in wanted, (at, group)
        write(Folder(root), changes(now), "run-2")
        assert found(root) == NEW, at
    assert whole > 10
    assert failed > (10 if how == "once" else 0)


def test_a_disk_that_is_too_full_to_stage_changes_nothing(tmp_path: Path) -> None:
    """Here the largest file that a process may write stands for the disk."""
    program = """
import resource, sys
from anvil_nb.errors import AnvilError
from anvil_nb.trees.folder import Folder
from anvil_nb.trees.swapping import write
from tests.trees.steps import changes, OLD
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write(Folder(sys.argv[1]), changes(OLD, OLD | {"large": (b"x" * 200_000, False)}), "run-1")
except AnvilError as error:
    print(error)
"""
    root = lay(tmp_path)
    said = subprocess.run(
        [sys.executable, "-c", program, str(root)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.startswith(f"{root} cannot be written: File too large\n")
    assert found(root) == OLD
    assert left(root) == []


def test_other_bytes_than_were_announced_change_nothing(tmp_path: Path) -> None:
    root = lay(tmp_path)
    *others, one = changes()
    wrong = FileChange(one.path, one.wanted, one.standing, b"something else", one.group)
    with pytest.raises(InvalidInputError, match="other bytes"):
        write(Folder(root), [*others, wrong], "run-1")
    assert found(root) == OLD
    assert left(root) == []


def test_a_source_that_fails_changes_nothing(tmp_path: Path) -> None:
    root = lay(tmp_path)

    def parts() -> Iterator[bytes]:
        yield b"first"
        raise KeyboardInterrupt

    first = changes()[0]
    broken = FileChange("z", state((b"firstlast", False)), None, parts())
    with pytest.raises(KeyboardInterrupt):
        write(Folder(root), [first, broken], "run-1")
    assert found(root) == OLD
    assert left(root) == []


def test_large_files_come_in_parts(tmp_path: Path) -> None:
    data = os.urandom(3 << 20)
    parts = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]
    write(Folder(tmp_path), [FileChange("z", state((data, False)), None, iter(parts))], "run-1")
    assert (tmp_path / "z").read_bytes() == data


@pytest.mark.parametrize(
    "path",
    [
        "../out.md", "/etc/out.md", "a/../../out.md", ".anvil/pair.json", ".anvil", ".git/hooks/x",
        "a\\b.md", "C:/x.md", "con.md", "trailing.", "a//b.md", "nul\0.md", "keys/server.pem",
        "profiles/my-secret.yaml", "q\u202egpj.md", "e\u0301.md", "",
    ],
)  # fmt: skip
def test_a_path_that_the_tree_cannot_have_is_refused_with_its_group(
    tmp_path: Path, path: str
) -> None:
    root = lay(tmp_path / "root")
    wanted = state((b"bad", False))
    bad = FileChange(path, wanted, None, b"bad", "group")
    good = FileChange("good.md", wanted, None, b"bad", "group")
    alone = FileChange("alone.md", wanted, None, b"bad")
    for several in ([good, bad, alone], [bad, good, alone]):
        outcomes = write(Folder(root), several, "run-1")
        assert outcomes["group"].swap is Swap.FAILED
        assert outcomes["group"].hint
        alone = FileChange("alone.md", wanted, wanted, b"bad")
    assert found(root) == {**OLD, "alone.md": (b"bad", False)}
    assert sorted(one.name for one in tmp_path.iterdir()) == ["root"]


def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "there.md").write_bytes(b"theirs")
    root = lay(tmp_path / "root")
    (root / "link").symlink_to(outside)
    (root / "to-file.md").symlink_to(outside / "there.md")
    there, wanted = state((b"theirs", False)), state((b"ours", False))
    outcomes = write(
        Folder(root),
        [
            FileChange("link/new.md", wanted, None, b"ours"),
            FileChange("link/there.md", wanted, there, b"ours"),
            FileChange("link/gone.md", None, there),
            FileChange("to-file.md", wanted, there, b"ours"),
            FileChange("link", wanted, None, b"ours"),
        ],
        "run-1",
    )
    assert {one.swap for one in outcomes.values()} <= {Swap.FAILED, Swap.MOVED, Swap.DONE}
    assert outcomes["link/new.md"].swap is Swap.FAILED
    assert outcomes["to-file.md"].swap is Swap.FAILED
    assert outcomes["link"].swap is Swap.FAILED
    assert (root / "link").is_symlink()
    assert found(outside) == {"there.md": (b"theirs", False)}
    (root / ".anvil").rename(tmp_path / "ours")
    (root / ".anvil").symlink_to(tmp_path / "ours")
    with pytest.raises(AnvilError, match="cannot be written"):
        write(Folder(root), changes(), "run-2")


def test_a_folder_that_holds_ignored_files_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    root = lay(tmp_path)
    (root / "was-dir/.hidden").write_bytes(b"mine")
    outcomes = write(Folder(root), changes(), "run-1")
    assert outcomes["was-dir"].swap is Swap.FAILED
    assert "not synced" in outcomes["was-dir"].message
    assert (root / "was-dir/.hidden").read_bytes() == b"mine"


def test_an_empty_folder_makes_room_for_a_file_and_goes_with_its_last_file(tmp_path: Path) -> None:
    root = lay(tmp_path, {"dir/deep/a.md": (b"a", False)})
    (root / "empty").mkdir()
    old = {"dir/deep/a.md": (b"a", False)}
    write(Folder(root), changes(old, {"empty": (b"file", False)}), "run-1")
    assert found(root) == {"empty": (b"file", False)}
    assert not (root / "dir").exists()


def test_names_that_differ_by_case_alone_do_not_stand_side_by_side(tmp_path: Path) -> None:
    root = lay(tmp_path, {"Read.md": (b"a", False), "Docs/a.md": (b"a", False)})
    wanted = state((b"b", False))
    new = [FileChange(path, wanted, None, b"b") for path in ("read.md", "docs/b.md", "straße.md")]
    outcomes = write(Folder(root), [*new, FileChange("STRASSE.md", wanted, None, b"b")], "run-1")
    failed = {path for path, one in outcomes.items() if one.swap is not Swap.DONE}
    assert {"read.md", "docs/b.md"} < failed
    assert len(failed) == 3
    assert "by case alone" in outcomes["read.md"].message


def test_what_is_there_already_counts_as_done(tmp_path: Path) -> None:
    root = lay(tmp_path, NEW)
    outcomes = write(Folder(root), changes(), "run-1")
    assert {one.swap for one in outcomes.values()} == {Swap.DONE}
    assert found(root) == NEW
    assert trash(root) == set()


def test_a_run_in_portions_keeps_every_version_of_a_file(tmp_path: Path) -> None:
    root = lay(tmp_path, {"a.md": (b"0", False)})
    for number in range(5):
        old, new = (b"%d" % number, False), (b"%d" % (number + 1), False)
        write(Folder(root), changes({"a.md": old}, {"a.md": new}), "run-1")
    write(Folder(root), changes({"a.md": (b"5", False)}, {"a.md/below": (b"6", False)}), "run-1")
    write(Folder(root), changes({"a.md/below": (b"6", False)}, {}), "run-1")
    assert trash(root) == {b"0", b"1", b"2", b"3", b"4", b"5", b"6"}


def test_trash_is_kept_for_ninety_days_and_cleaned_by_the_next_sync(tmp_path: Path) -> None:
    root = lay(tmp_path)
    folder = Folder(root)
    days = 24 * 60 * 60
    for run, age in (("old", 91 * days), ("young", 89 * days)):
        write(folder, changes({}, {run: (b"1", False)}), "first")
        write(folder, changes({run: (b"1", False)}, {}), run)
        at = (root / ".anvil/trash" / run).stat().st_mtime - age
        os.utime(root / ".anvil/trash" / run, (at, at))
    write(folder, [], "next")
    assert sorted(one.name for one in (root / ".anvil/trash").iterdir()) == ["young"]


def test_two_syncs_write_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lay(tmp_path)
    order = []

    def slow() -> Iterator[FileChange]:
        order.append("first begins")
        other.start()
        yield from changes()
        order.append("first ends")

    def second() -> None:
        write(Folder(root), changes({}, {"second.md": (b"2", False)}), "run-2")
        order.append("second ends")

    other = threading.Thread(target=second)
    write(Folder(root), slow(), "run-1")
    other.join()
    assert order == ["first begins", "first ends", "second ends"]
    assert found(root) == {**NEW, "second.md": (b"2", False)}
    monkeypatch.setattr(locking, "PATIENCE", 0.0)
    with (
        writing(str(root)),
        pytest.raises(ConflictError, match="another sync"),
        writing(str(root), 0.0),
    ):
        pytest.fail("it is locked")


def test_a_journal_that_came_with_a_folder_writes_nothing_outside_of_it(tmp_path: Path) -> None:
    root = lay(tmp_path / "root")
    staging = root / ".anvil/staging/evil"
    staging.mkdir(parents=True)
    (staging / "0").write_bytes(b"evil")
    digest = state((b"evil", False))
    for path in ("../out", "/tmp/out", ".anvil/pair.json", "a/../../out"):  # noqa: S108 - refused
        said = f'["{path}","g","0",["{digest.digest}",4,false],null]' if digest else ""
        (staging / "journal.json").write_text(f'{{"format":1,"run":"evil","files":[{said}]}}')
        with pytest.raises(InvalidInputError, match="journal"):
            recover(Folder(root))
    assert [one.name for one in tmp_path.iterdir()] == ["root"]
    assert found(root) == OLD
