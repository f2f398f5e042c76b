"""Keys in a notebook."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError, NotFoundError, RevokedKeyError
from anvil_nb.keys import KeyRing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.magics.conftest import Kernel

FINGERPRINT = "sha256:04df8dbe745eae0759687510c19cf5686decf66a1f378ac4b508f22be89f2ee4"
LINE = "anvil-key-1 iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w= grace"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of keys."""
    monkeypatch.setenv("ANVIL_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


def test_keys_are_made_trusted_and_listed_without_a_workspace(empty: Kernel) -> None:
    made = empty.value("%anvil keys generate ada")
    assert made.key.own
    assert empty.value(f"%anvil keys trust {LINE} --scope desk").key.scope == ("desk",)
    shown = empty.value("%anvil keys ls")
    assert [one.name for one in shown] == ["ada", "grace"]
    assert len(shown) == 2
    markup = shown._repr_mimebundle_()["text/html"]
    assert FINGERPRINT in markup
    assert "<th" in markup
    line = empty.value("%anvil keys export grace")
    assert str(line) == LINE
    assert LINE in line._repr_mimebundle_()["text/html"]


def test_what_others_wrote_is_escaped(empty: Kernel) -> None:
    empty.value(f"%anvil keys trust {LINE}")
    revoked = empty.value("%anvil keys revoke grace --reason '<script>alert(1)</script>'")
    assert revoked.key.reason == "<script>alert(1)</script>"
    for shown in (revoked, empty.value("%anvil keys ls")):
        assert "<script>" not in shown._repr_mimebundle_()["text/html"]
    assert "&lt;script&gt;" in shown._repr_mimebundle_()["text/html"]


def test_hints_name_the_magic(empty: Kernel) -> None:
    error = empty(f"%anvil keys trust {FINGERPRINT}").error
    assert isinstance(error, NotFoundError)
    assert f"%anvil keys trust {FINGERPRINT} --from FILE" in error.hint
    empty.value(f"%anvil keys trust {LINE}")
    empty.value("%anvil keys revoke grace")
    assert isinstance(empty(f"%anvil keys trust {LINE}").error, RevokedKeyError)


def test_a_passphrase_is_asked_for_where_the_notebook_asks(
    empty: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel puts its own question in the place of getpass, and so does this."""
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "correct horse"

    monkeypatch.setattr(getpass, "getpass", ask)
    made = empty.value("%anvil keys generate ada --passphrase")
    assert made.key.locked
    assert asked == ["Passphrase of the key ada: ", "The same again: "]
    assert KeyRing.open().signer("ada", "correct horse").key_id == made.key.key_id


def test_where_the_notebook_cannot_ask_it_says_what_to_do(
    empty: Kernel, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    def ask(_: str) -> str:
        raise NotImplementedError  # what a kernel raises that is run without anybody there

    monkeypatch.setattr(getpass, "getpass", ask)
    error = empty("%anvil keys generate ada --passphrase").error
    assert isinstance(error, InvalidInputError)
    assert "ANVIL_KEY_PASSPHRASE" in error.hint
    assert not folder.exists()
