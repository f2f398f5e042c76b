"""A terminal: the command line in this process, its streams and its exit code."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest

import anvil_nb
from anvil_nb.cli.process import run

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The one JSON document on standard error."""
        return json.loads(self.err)["error"]


class Anvil(Protocol):
    """Types ``anvil`` and ``arguments``; ``text`` is on standard input."""

    def __call__(self, *arguments: str, text: str = "") -> Answer: ...


@pytest.fixture
def anvil(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Anvil:
    """The command line, run in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def typed(*arguments: str, text: str = "") -> Answer:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
            with pytest.raises(SystemExit) as ended:
                run(arguments)
        written = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Answer(ended.value.code, written.out, written.err)

    return typed


@pytest.fixture(scope="session")
def desk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a set of two prompts, published once, labelled, and changed since."""
    folder = tmp_path_factory.mktemp("desk")
    with anvil_nb.init(folder) as ws:
        customer = {"customer": "string"}
        ws.save("desk/emails/welcome", "Hello {{ customer }}!", parameters=customer)
        ws.save("desk/emails/refund", "Back: {{ amount }}", parameters={"amount": "number"})
        ws.publish("desk/emails", message="First")
        ws.label("desk/emails@1.0.0", "production")
        ws.save("desk/emails/welcome", "Welcome {{ customer }}!")
    return folder


@pytest.fixture
def desk(anvil: Anvil, desk_folder: Path, tmp_path: Path) -> Anvil:
    """The command line in a workspace of its own like ``desk_folder``."""
    shutil.copytree(desk_folder, tmp_path, dirs_exist_ok=True)
    return anvil
