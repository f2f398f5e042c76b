"""Servers on loopback whose pages a browser shows, JupyterLab first, and what kernels come from."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING
from urllib.request import urlopen

from tests.widgets.browser import forked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


STARTING = 60.0
"""How long a server may take to start on a busy machine, in seconds."""


class Server:
    """A server on loopback, of which a browser shows pages.

    Args:
        folder: Where it is started.
        log: The file that takes what it says.
        program: What it is called.
        asked: A path that answers once the server is there.

    Attributes:
        temporary: The folder for temporary files, of its own.
    """

    def __init__(self, folder: Path, log: Path, program: str, asked: str) -> None:
        self.folder = folder
        self.program = program
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._asked = f"{self.url}{asked}"
        self._log = log.open("w")
        self.temporary = log.parent / "temporary"

    def start(self, command: Sequence[str | Path], **environment: str) -> None:
        """Start the server with this beside the environment, and wait until it answers."""
        self.temporary.mkdir(exist_ok=True)
        programs = os.path.dirname(command[0])  # noqa: PTH120 - a text, for a text
        self._process = subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=os.environ
            | {"PATH": f"{programs}:{os.environ['PATH']}", "TMPDIR": str(self.temporary)}
            | environment,
        )
        end = time.monotonic() + STARTING
        while True:
            assert self._process.poll() is None, f"the server ended: see {self._log.name}"
            with contextlib.suppress(OSError), urlopen(self._asked) as answer:  # noqa: S310 - on loopback
                if answer.status == 200:
                    return
            assert time.monotonic() < end, f"the server did not start: see {self._log.name}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server by its own process id, and its kernels with it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Lab(Server):
    """A JupyterLab server whose root is ``folder``.

    Args:
        folder: Of the notebooks.
        log: The file that takes what the server says.
        program: ``jupyterlab``, or ``notebook`` for Notebook 7.
        forge: Where to ask for kernels, which are started as usual when it is ``None``.
    """

    def __init__(
        self, folder: Path, log: Path, program: str = "jupyterlab", forge: str | None = None
    ) -> None:
        super().__init__(folder, log, program, "/api/status")
        settings = folder / ".lab"
        if forge is not None:
            kernel = settings / "data" / "kernels" / "python3"
            kernel.mkdir(parents=True)
            command = [sys.executable, "-I", "-S", forked.__file__, forge, "{connection_file}"]
            said = {"argv": command, "display_name": "Python 3", "language": "python"}
            (kernel / "kernel.json").write_text(json.dumps(said))
        news = settings / "user" / "@jupyterlab" / "apputils-extension"
        news.mkdir(parents=True)
        (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        self.start(
            [
                sys.executable,
                "-m",
                program,
                "--no-browser",
                "--allow-root",
                "--ip=127.0.0.1",
                f"--port={self.port}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=",
                "--ServerApp.password=",
                "--ServerApp.disable_check_xsrf=True",
                "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True",
                f"--LabApp.user_settings_dir={settings / 'user'}",
                f"--LabApp.workspaces_dir={settings / 'workspaces'}",
                f"--ServerApp.root_dir={folder}",
            ],
            JUPYTER_PATH=str(settings / "data"),
        )


@contextlib.contextmanager
def forging(log: Path) -> Iterator[str]:
    """Start what kernels are forked from; the value is where to ask for them."""
    # A path of its own: that of a socket is at most some 100 bytes long.
    with tempfile.TemporaryDirectory(prefix="anvil-") as folder, log.open("w") as said:
        address = os.path.join(folder, "forge")  # noqa: PTH118 - a text, for a text
        process = subprocess.Popen(
            [sys.executable, forked.__file__, address], stdout=said, stderr=subprocess.STDOUT
        )
        try:
            end = time.monotonic() + STARTING
            while not os.path.exists(address):  # noqa: PTH110 - as above
                assert process.poll() is None, f"no kernels: see {log}"
                assert time.monotonic() < end, f"no kernels: see {log}"
                time.sleep(0.02)
            yield address
        finally:
            process.kill()
            process.wait()


def running(
    folder: Path, log: Path, program: str = "jupyterlab", forge: str | None = None
) -> Iterator[Lab]:
    """Yield a server, and end it."""
    lab = Lab(folder, log, program, forge)
    try:
        yield lab
    finally:
        lab.stop()
