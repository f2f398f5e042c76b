"""A notebook: a fresh IPython in this process, in a folder of its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import anvil_nb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.magics.magic import AnvilMagics


@dataclass(frozen=True)
class Ran:
    """What came of a cell: its last value, its error, and what was shown on the way."""

    value: Any
    error: BaseException | None
    out: str
    err: str
    displayed: list[Any]

    @property
    def shown_error(self) -> list[str]:
        """The lines that IPython shows for the error."""
        assert self.error is not None
        rendered: list[str] = self.error._render_traceback_()  # type: ignore[attr-defined]  # ours
        return rendered


class Kernel:
    """An IPython with ``%anvil`` loaded."""

    def __init__(self, ip: InteractiveShell) -> None:
        self.ip = ip

    def __call__(self, cell: str) -> Ran:
        """Run a cell; its error is part of the answer."""
        with capture_output() as captured:
            done = self.ip.run_cell(cell)  # type: ignore[no-untyped-call]  # IPython's own
        error = done.error_before_exec or done.error_in_exec
        return Ran(done.result, error, captured.stdout, captured.stderr, captured.outputs)

    @property
    def magics(self) -> AnvilMagics:
        """What ``%anvil`` goes by."""
        (found,) = (one for one in self.ip.configurables if type(one).__name__ == "AnvilMagics")
        return cast("AnvilMagics", found)

    def find(self, kind: str) -> Any:
        """Return the magic that ``%anvil`` or ``%%anvil`` calls."""
        return self.ip.magics_manager.magics[kind].get("anvil")

    def value(self, cell: str) -> Any:
        """Run a cell that must not fail, and return its value."""
        ran = self(cell)
        assert ran.error is None, ran.error
        return ran.value


@pytest.fixture
def ip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A fresh IPython, without history and without anybody's settings."""
    monkeypatch.chdir(tmp_path)
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    yield shell
    anvil_nb.unload_ipython_extension(shell)
    shell.restore_sys_module_state()  # type: ignore[no-untyped-call]  # IPython's own
    InteractiveShell.clear_instance()


@pytest.fixture
def bare(ip: InteractiveShell) -> Kernel:
    """A notebook without the extension."""
    return Kernel(ip)


@pytest.fixture
def empty(bare: Kernel) -> Kernel:
    """A notebook with the extension loaded, and no workspace."""
    kernel = bare
    assert kernel("%load_ext anvil_nb").error is None
    return kernel


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
def desk(empty: Kernel, desk_folder: Path, tmp_path: Path) -> Kernel:
    """A notebook in a workspace of its own like ``desk_folder``, with its set in use."""
    shutil.copytree(desk_folder, tmp_path, dirs_exist_ok=True)
    empty.value("%anvil use desk/emails")
    return empty
