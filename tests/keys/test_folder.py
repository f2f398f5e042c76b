"""The folder of keys: where it is, who may see it, and several processes that write to it."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import KeyStoreError
from anvil_nb.keys import KeyRing
from anvil_nb.keys.folder import KeyFolder, key_folder
from tests.keys.conftest import line_of

if TYPE_CHECKING:
    from tests.keys.conftest import MakeRing


def test_the_environment_says_where_the_keys_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.chdir(tmp_path)
    home = Path("/home/ada")
    assert key_folder({}) == home / ".local/share/anvil/keys"
    assert key_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/anvil/keys")
    assert key_folder({"XDG_DATA_HOME": "data"}) == home / ".local/share/anvil/keys"
    assert key_folder({"XDG_DATA_HOME": ""}) == home / ".local/share/anvil/keys"
    assert key_folder({"ANVIL_KEYS": "/k", "XDG_DATA_HOME": "/data"}) == Path("/k")
    assert key_folder({"ANVIL_KEYS": "~/k"}) == home / "k"
    assert key_folder({"ANVIL_KEYS": "k"}) == tmp_path / "k"
    assert key_folder({"ANVIL_KEYS": ""}) == home / ".local/share/anvil/keys"


def test_a_ring_is_opened_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "here"))
    KeyRing.open().generate("ada")
    assert (tmp_path / "here" / "ada.key").is_file()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_folder_and_files_are_for_their_user_alone(ring: KeyRing, mask: int) -> None:
    before = os.umask(mask)
    try:
        ring.generate("ada")
        ring.rename("ada", "lovelace")
    finally:
        os.umask(before)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in ring.folder.iterdir()}
    assert modes == {"keys.lock": 0o600, "lovelace.key": 0o600, "trusted.json": 0o600}
    assert stat.S_IMODE(ring.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o720, 0o777])
def test_a_folder_that_is_open_to_others_is_refused(ring: KeyRing, mode: int) -> None:
    ring.generate("ada")
    ring.folder.chmod(mode)
    for use in (ring.ls, lambda: ring.generate("b"), lambda: KeyRing.open(ring.folder)):
        with pytest.raises(KeyStoreError, match=f"its mode is {mode:04o}") as caught:
            use()
        assert f"chmod 700 {ring.folder}" in caught.value.hint
    ring.folder.chmod(0o700)
    assert [one.name for one in ring.ls()] == ["ada"]


@pytest.mark.parametrize("file", ["ada.key", "trusted.json"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_is_open_to_others_is_refused(ring: KeyRing, file: str, mode: int) -> None:
    ring.generate("ada")
    path = ring.folder / file
    path.chmod(mode)
    for use in (ring.ls, lambda: ring.signer("ada"), lambda: ring.revoke("ada")):
        with pytest.raises(KeyStoreError, match=f"{file} .* its mode is {mode:04o}") as caught:
            use()
        assert f"chmod 600 {path}" in caught.value.hint
    path.chmod(0o600)
    ring.signer("ada")


def test_a_folder_of_another_user_is_refused(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.generate("ada")
    monkeypatch.setattr(os, "geteuid", lambda: ring.folder.stat().st_uid + 1)
    with pytest.raises(KeyStoreError, match="belongs to another user"):
        ring.ls()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("x")
    with pytest.raises(KeyStoreError, match="is no folder"):
        KeyRing.open(tmp_path / "keys")
    with pytest.raises(KeyStoreError, match="cannot be used"):
        KeyRing.open(tmp_path / "keys" / "deeper").generate("ada")


def test_what_is_no_plain_file_is_refused_without_waiting_for_it(ring: KeyRing) -> None:
    ring.generate("ada")
    os.mkfifo(ring.folder / "pipe.key", 0o600)
    with pytest.raises(KeyStoreError, match="pipe.key is no file of keys"):
        ring.ls()
    (ring.folder / "pipe.key").unlink()
    (ring.folder / "folder.key").mkdir(mode=0o700)
    with pytest.raises(KeyStoreError):
        ring.ls()


def test_a_file_that_is_far_too_large_is_not_read(ring: KeyRing) -> None:
    ring.generate("ada")
    with (ring.folder / "large.key").open("wb") as file:
        file.truncate(10**12)
    (ring.folder / "large.key").chmod(0o600)
    with pytest.raises(KeyStoreError, match="large.key is no file of keys"):
        ring.ls()


def test_a_folder_can_be_read_where_nothing_can_be_written(ring: KeyRing) -> None:
    ring.generate("ada")
    (ring.folder / "keys.lock").unlink()
    ring.folder.chmod(0o500)
    try:
        assert [one.name for one in ring.ls()] == ["ada"]
        ring.signer("ada")
        if os.geteuid() != 0:  # nothing is closed to root
            with pytest.raises(KeyStoreError, match="cannot be used: Permission denied"):
                ring.generate("grace")
    finally:
        ring.folder.chmod(0o700)


def test_a_writer_that_is_killed_leaves_the_old_list(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.generate("ada")
    before = (ring.folder / "trusted.json").read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "fsync", killed)
        ring.revoke("ada")
    assert (ring.folder / "trusted.json").read_bytes() == before
    ring.revoke("ada")
    assert {one.name for one in ring.folder.iterdir()} == {"ada.key", "keys.lock", "trusted.json"}


def test_a_writer_waits_for_its_turn_and_says_when_it_does_not_come(ring: KeyRing) -> None:
    ring.generate("ada")
    folder = KeyFolder(ring.folder)
    with (ring.folder / "keys.lock").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(KeyStoreError, match="another process is writing"), folder.turn(0.05):
            pytest.fail("two had the turn")
        fcntl.flock(other, fcntl.LOCK_UN)
    with folder.turn(0.05):
        pass


TRUSTING = """
import sys
from pathlib import Path
from anvil_nb.keys import KeyRing
ring = KeyRing.open(Path(sys.argv[1]))
for line in sys.stdin:
    ring.trust(line)
    ring.generate("own-of-" + line.split()[-1])
"""


def test_processes_that_write_at_once_lose_nothing(ring: KeyRing, make_ring: MakeRing) -> None:
    theirs = make_ring("theirs")
    names = [f"key-{one}" for one in range(24)]
    lines = [theirs.export(theirs.generate(name).name) for name in names]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TRUSTING, str(ring.folder)], stdin=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for at, process in enumerate(started):
        process.communicate("\n".join(lines[at::3]))
    assert [process.returncode for process in started] == [0, 0, 0]
    assert sorted(one.name for one in ring.ls() if not one.own) == sorted(names)
    assert sorted(one.name for one in ring.ls() if one.own) == sorted(f"own-of-{n}" for n in names)


BUSY = """
import sys
from pathlib import Path
from anvil_nb.keys import KeyRing
ring = KeyRing.open(Path(sys.argv[1]))
for number in range(10_000):
    ring.rename(ring.ls()[0].name, f"name-{number}-{sys.argv[2]}")
    ring.trust(sys.argv[3], scope=[f"project-{number}"])
    print(number, flush=True)
"""


def test_a_process_that_is_killed_at_any_time_leaves_a_sound_folder(
    ring: KeyRing, make_ring: MakeRing
) -> None:
    made, line = ring.generate("ada"), line_of(make_ring)
    for seed in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", BUSY, str(ring.folder), str(seed), line],
            stdout=subprocess.PIPE,
            text=True,
        ) as busy:
            assert busy.stdout is not None
            for _ in range(1 + seed):
                assert busy.stdout.readline()
            busy.kill()
        own, theirs = ring.ls()
        assert own.key_id == made.key_id
        assert made.public_key.verifies(b"x", ring.signer(own.name).sign(b"x"))
        assert theirs.scope[0].startswith("project-")
    ring.rename(own.name, "ada")
    assert {one.name for one in ring.folder.iterdir()} == {
        "ada.key",
        "keys.lock",
        "trusted.json",
    }
