"""Keys on the command line: no workspace, no secrets on screens, and passphrases from elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from anvil_nb.keys import KeyRing
from anvil_nb.keys.private import PrivateKey
from tests.keys.conftest import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Anvil

LINE = "anvil-key-1 iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w= grace"
FINGERPRINT = "sha256:04df8dbe745eae0759687510c19cf5686decf66a1f378ac4b508f22be89f2ee4"
WORDS = "correct horse"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of keys, which is there only once a key is."""
    folder = tmp_path / "of keys"
    monkeypatch.setenv("ANVIL_KEYS", str(folder))
    return folder


def test_a_key_is_made_shown_and_exported_without_a_workspace(anvil: Anvil, folder: Path) -> None:
    assert anvil("keys", "ls").out == f"No keys yet in {folder}\n"
    made = anvil("keys", "generate", "ada")
    (key,) = KeyRing.open().ls()
    line = key.public_key.line("ada")
    assert made.out.splitlines() == [
        "Made the key ada",
        f"  {key.key_id}",
        f"Keep a copy of {folder}/ada.key in a safe place.",
        "It has no passphrase: whoever can read that file can use the key.",
        f"Others trust it by this line: {line}",
    ]
    shown = anvil("keys", "ls").out
    assert shown == (
        f"ada: yours, trusted since {key.trusted_at:%Y-%m-%d}; signs everything\n  {key.key_id}\n"
    )
    assert anvil("keys", "export", "ada").out == f"{line}\n"
    assert anvil("keys", "export", key.key_id[7:19], "--json").json == {
        "name": "ada",
        "key_id": key.key_id,
        "line": line,
    }


def test_nothing_that_is_written_holds_a_secret(anvil: Anvil, folder: Path) -> None:
    made = anvil("keys", "generate", "ada")
    seed = PrivateKey.from_bytes((folder / "ada.key").read_bytes())._seed
    assert seed is not None
    (folder / "ada.key").write_bytes((folder / "ada.key").read_bytes() + b"}")
    answers = [made, anvil("--debug", "keys", "ls"), anvil("keys", "export", "ada", "--json")]
    assert [one.code for one in answers] == [0, 1, 1]
    text = PrivateKey.make("ada", seed, NOW).to_bytes().decode().split('"seed": "')[1][:44]
    for one in answers:
        for secret in (text, seed.hex(), repr(seed)[2:-1]):
            assert secret not in one.out + one.err


def test_a_key_is_trusted_by_its_line_or_a_file_with_it(
    anvil: Anvil, folder: Path, tmp_path: Path
) -> None:
    said = anvil("keys", "trust", *LINE.split(), "--scope", "desk", "--scope", "shop-*")
    assert said.out == f"Trusted grace to sign desk, shop-*\n  {FINGERPRINT}\n"
    assert anvil("keys", "trust", LINE).out.startswith("Trusted grace to sign all projects\n")
    assert anvil("keys", "trust", FINGERPRINT, "--scope", "desk").code == 0
    (shown,) = anvil("keys", "ls", "--json").json["keys"]
    assert (shown["name"], shown["own"], shown["scope"]) == ("grace", False, ["desk"])
    (tmp_path / "mail.txt").write_text(f"Dear Ada,\r\n\r\n  {LINE}\r\n\r\nYours, Grace\r\n")
    assert anvil("keys", "trust", "mail.txt").out.startswith("Trusted grace to sign all")
    assert folder.is_dir()


def test_a_file_with_no_line_or_several_is_refused(anvil: Anvil, tmp_path: Path) -> None:
    (tmp_path / "none").write_text("Dear Ada")
    (tmp_path / "two").write_text(f"{LINE}\n{LINE}\n")
    assert "none holds no line with a public key" in anvil("keys", "trust", "none").err
    assert "two holds 2 lines with a public key" in anvil("keys", "trust", "two").err
    assert "there is no file missing" in anvil("keys", "trust", "missing").err


@pytest.mark.usefixtures("folder")
def test_an_unknown_fingerprint_says_how_to_trust_it(anvil: Anvil) -> None:
    answer = anvil("keys", "trust", FINGERPRINT)
    assert answer.code == 1
    assert f"anvil keys trust {FINGERPRINT} --from FILE" in answer.err


@pytest.mark.usefixtures("folder")
def test_the_signer_of_a_bundle_is_trusted_by_the_whole_fingerprint(
    desk: Anvil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk("keys", "generate", "ada")
    key_id = desk("keys", "ls", "--json").json["keys"][0]["key_id"]
    assert desk("export", "desk", "-o", "desk.anvil", "--sign", "ada").code == 0
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "hers"))
    trust = ("keys", "trust", "--from", "desk.anvil")
    assert "not whole" in desk(*trust, key_id[:-1], "--name", "ada").err
    assert f"another fingerprint: {key_id}" in desk(*trust, FINGERPRINT, "--name", "ada").err
    assert "no name yet" in desk(*trust, key_id).err
    assert desk("keys", "ls", "--json").json["keys"] == []
    said = desk(*trust, key_id, "--name", "ada", "--scope", "desk")
    assert said.out == f"Trusted ada to sign desk\n  {key_id}\n"
    assert desk("export", "desk", "-o", "unsigned.anvil").code == 0
    unsigned = desk("keys", "trust", "--from", "unsigned.anvil", key_id, "--name", "x")
    assert "nobody signed the bundle" in unsigned.err


@pytest.mark.usefixtures("folder")
def test_a_key_is_revoked_for_ever(anvil: Anvil) -> None:
    anvil("keys", "trust", LINE)
    assert anvil("keys", "revoke", "grace", "--reason", "left\x1b[31m").out == (
        f"Revoked grace\n  {FINGERPRINT}\n"
    )
    assert "grace was revoked before" in anvil("keys", "revoke", FINGERPRINT[7:19]).out
    shown = anvil("keys", "ls").out
    assert "left␛[31m; signs nothing" in shown
    again = anvil("keys", "trust", LINE, "--json")
    assert (again.code, again.error["code"], again.error["name"]) == (1, "revoked-key", "grace")
    anvil("keys", "generate", "mine")
    assert "Tell those who trust it" in anvil("keys", "revoke", "mine").out


@pytest.mark.usefixtures("folder")
def test_a_key_is_renamed(anvil: Anvil) -> None:
    anvil("keys", "trust", LINE)
    assert anvil("keys", "rename", "grace", "hopper").out.startswith("The key is called hopper now")
    assert anvil("keys", "rename", "grace", "x").code == 1
    assert anvil("keys", "rename", "hopper", "Grace").code == 2
    anvil("keys", "generate", "ada")
    assert anvil("keys", "rename", "ada", "hopper").code == 3


@pytest.mark.usefixtures("folder")
def test_a_taken_name_is_refused_before_a_passphrase_is_asked_for(anvil: Anvil) -> None:
    assert anvil("keys", "generate", "ada").code == 0
    again = anvil("keys", "generate", "ada", "--passphrase")
    assert (again.code, "is taken" in again.err) == (3, True)
    assert anvil("keys", "generate", "Ada", "--passphrase").code == 2


def unlocks(words: str) -> bool:
    return KeyRing.open().signer("ada", words).name == "ada"


@pytest.mark.usefixtures("folder")
def test_a_passphrase_comes_from_the_environment(
    anvil: Anvil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_KEY_PASSPHRASE", WORDS)
    made = anvil("keys", "generate", "ada")
    assert "no passphrase" not in made.out
    assert WORDS not in made.out
    assert unlocks(WORDS)


@pytest.mark.usefixtures("folder")
def test_a_passphrase_comes_from_a_file(anvil: Anvil, tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(f"{WORDS}\r\nand more\n".encode())
    assert anvil("keys", "generate", "ada", "--passphrase-file", "words").code == 0
    assert unlocks(WORDS)


def test_a_passphrase_cannot_stand_on_the_command_line(anvil: Anvil, folder: Path) -> None:
    assert anvil("keys", "generate", "ada", f"--passphrase={WORDS}").code == 2
    assert anvil("keys", "generate", "ada", "--passphrase", WORDS).code == 2
    assert not folder.exists()


def at_a_terminal(folder: Path, *typed: str) -> tuple[int, str]:
    """Run ``anvil keys generate`` at a terminal where ``typed`` is typed; return what it shows."""
    ours, theirs = pty.openpty()
    code = "from anvil_nb.cli import main; main()"
    arguments = [sys.executable, "-c", code, "keys", "generate", "ada", "--passphrase"]
    with subprocess.Popen(
        arguments,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "ANVIL_KEYS": str(folder)},
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        for words in typed:
            while not shown.endswith(b": "):  # it asks
                shown += os.read(ours, 1024)
            os.write(ours, words.encode() + b"\n")
            shown += os.read(ours, 1024)
        while True:
            try:
                shown += os.read(ours, 1024)
            except OSError:  # the other end is closed
                break
    os.close(ours)
    return process.returncode, shown.decode()


def test_a_new_passphrase_is_typed_twice_and_never_shown(folder: Path) -> None:
    code, shown = at_a_terminal(folder, WORDS, WORDS)
    assert code == 0, shown
    assert shown.startswith("Passphrase of the key ada: ")
    assert "The same again: " in shown
    assert WORDS not in shown
    assert unlocks(WORDS)


def test_two_passphrases_that_differ_make_no_key(folder: Path) -> None:
    code, shown = at_a_terminal(folder, WORDS, "correct house")
    assert code == 2
    assert "the two passphrases differ" in shown
    assert not folder.exists()


def test_where_nobody_can_be_asked_no_key_is_made(folder: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from anvil_nb.cli import main; main()"),
            *("keys", "generate", "ada", "--passphrase"),
        ],
        input=f"{WORDS}\n{WORDS}\n",
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 2
    assert "there is nobody to ask" in done.stderr
    assert "ANVIL_KEY_PASSPHRASE" in done.stderr
    assert not folder.exists()


def test_a_folder_that_is_open_to_others_is_refused_with_the_command(
    anvil: Anvil, folder: Path
) -> None:
    anvil("keys", "generate", "ada")
    folder.chmod(0o755)
    answer = anvil("keys", "ls")
    assert answer.code == 1
    assert f"chmod 700 '{folder}'" in answer.err


def test_the_tab_key_knows_the_names_of_keys(anvil: Anvil, folder: Path) -> None:
    anvil("keys", "generate", "ada")
    anvil("keys", "trust", LINE)

    def offered(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": "3", "_ANVIL_COMPLETE": "bash_complete"}
        done = subprocess.run(
            [sys.executable, "-c", "from anvil_nb.cli import main; main()"],
            env={**os.environ, **words},
            check=True,
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        return [one.partition(",")[2] for one in done.stdout.splitlines() if "," in one]

    assert "grace" in offered("anvil keys revoke g")
    assert "ada" not in offered("anvil keys revoke g")
    assert {"ada", "grace"} <= set(offered("anvil keys export "))
    folder.chmod(0o755)  # the Tab key does not complain
    assert "ada" not in offered("anvil keys export ")
