"""The machines of a test of the whole: a server in a process of its own, and laptops."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

ANVIL = [sys.executable, "-c", "from anvil_nb.cli import main; main()"]
_LIMITED = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({0}, {0}))\n"
_RATE = "9999999/minute"
_PATIENCE = 120
"""Seconds after which whoever does not answer is taken to hang."""


class KilledError(Exception):
    """The process was killed, as the test wanted it."""


@dataclass
class Cloud:
    """A server, on a store of its own, which may be killed and started again.

    Args:
        folder: Of its log and its uploads.
        store: Where its store is.
        port: Where it listens.
        starts: How often it was started.
        options: Words of the command line besides; they win over the usual ones.
        largest: How large (bytes) the files that it writes may become.
    """

    folder: Path
    store: str
    port: int = 0
    starts: int = 0
    options: tuple[str, ...] = ()
    largest: int | None = None
    process: subprocess.Popen[str] | None = None

    @property
    def log(self) -> Path:
        """What it said."""
        return self.folder / "log"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; it says where it is."""
        python, option, program = ANVIL
        if self.largest is not None:
            program = _LIMITED.format(self.largest) + program
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [python, option, program, "--store", self.store, "--actor", "server", "serve",
                 "--port", "0", "--json", "--rate", _RATE, "--write-rate", _RATE, "--grace", "2",
                 "--uploads", str(self.folder / "uploads"), *self.options],
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "ANVIL_ORGANISATION": "acme"},
                text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first, self.log.read_text("utf-8")
        self.port = int(json.loads(first)["url"].rpartition(":")[2])
        self.starts += 1

    def kill(self) -> None:
        """Kill it, whatever it does."""
        if self.process is not None:
            self.process.kill()
            self._forget()

    def stop(self) -> int:
        """Let it finish what it took; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(_PATIENCE)
        return self._forget()

    def _forget(self) -> int:
        assert self.process is not None
        self.process.wait(_PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        code, self.process = self.process.returncode, None
        return code

    def workspace(self) -> Workspace:
        """Open its store beside it."""
        return Workspace(Settings(None, self.store, "acme", "server"))

    def token(self, *scopes: str) -> str:
        """Make a token of it."""
        with self.workspace() as ws:
            name = f"test-{len(ws.tokens().tokens)}"
            return ws.create_token(name, scopes or ("sync",), expires="1d").secret


@dataclass
class Laptop:
    """A workspace with a folder of services, and the process that works in it.

    Args:
        name: Of it.
        folder: Of the workspace.
        url: Of the server, or of a line to it.
        token: Of the server.
        tenant: The organisation there, where it is not the usual one.
        kills: How often its process was killed.
    """

    name: str
    folder: Path
    url: str
    token: str = field(repr=False)
    tenant: str = "acme"
    kills: int = 0
    process: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.services.mkdir(parents=True, exist_ok=True)
        self.write_settings()

    def write_settings(self) -> None:
        """Write its ``anvil.toml``."""
        said = (
            f'store = ".anvil/store.duckdb"\norganisation = "acme"\nactor = "{self.name}"\n'
            f'remote = "{self.url}"\ntenant = "{self.tenant}"\nsign = "ada"\nfollow = ["*"]\n'
        )
        (self.folder / "anvil.toml").write_text(said)

    @property
    def services(self) -> Path:
        """Its folder of skills, content and agents."""
        return self.folder / "services"

    @property
    def log(self) -> Path:
        """What its processes said, other than answers."""
        return self.folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find there."""
        return {**os.environ, "ANVIL_TOKEN": self.token}

    def ask(self, do: str, **said: Any) -> dict[str, Any]:
        """Let its process do something; return the answer.

        Raises:
            KilledError: when it was killed meanwhile.
        """
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        line = ""
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps({"do": do, **said}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        if line.endswith("\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        code = process.wait(_PATIENCE)
        self.close()
        if code == -9:
            raise KilledError
        raise AssertionError(f"{self.name} ended with {code}: {self.log.read_text('utf-8')}")

    def sync(self, target: str, direction: str, **how: Any) -> dict[str, Any]:
        """Let its process sync."""
        return self.ask("sync", target=target, direction=direction, how=how)

    def kill(self) -> None:
        """Kill its process, whatever it does."""
        with self._lock:
            if self.process is not None:
                self.kills += 1
                self.process.kill()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command line in its folder, as a person does; the output goes to its log too."""
        done = subprocess.run(
            [*ANVIL, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        with self.log.open("a") as log:
            log.write(f"{words}\n{done.stdout}{done.stderr}")
        return done

    def workspace(self) -> Workspace:
        """Open its workspace beside its process."""
        settings = Settings(None, str(self.folder / ".anvil/store.duckdb"), "acme", self.name)
        return Workspace(settings)

    def close(self) -> None:
        """End its process, if there is one."""
        with self._lock:
            process, self.process = self.process, None
        if process is not None:
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait(_PATIENCE)
            process.stdout.close()

    def _running(self) -> subprocess.Popen[str]:
        with self._lock:
            if self.process is None:
                with self.log.open("a") as log:
                    self.process = subprocess.Popen(
                        [sys.executable, "-m", "tests.faults.client", str(self.folder), self.url],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=log,
                        env=self.environment,
                        text=True,
                    )
            return self.process

    def files(self) -> dict[str, tuple[bytes, bool]]:
        """All files of its services, without ours: bytes, and whether they are executable."""
        found = {}
        for place in self.services.rglob("*"):
            name = place.relative_to(self.services).as_posix()
            if name.partition("/")[0] != ".anvil" and place.is_file():
                found[name] = (place.read_bytes(), place.stat().st_mode & 0o100 > 0)
        return found

    def trash(self) -> set[bytes]:
        """The bytes of all that is in its trash."""
        trash = self.services / ".anvil/trash"
        return {place.read_bytes() for place in trash.rglob("*") if place.is_file()}

    def left_over(self) -> list[str]:
        """What syncs that were killed left behind."""
        staging = self.services / ".anvil/staging"
        stale = [*staging.iterdir()] if staging.is_dir() else []
        return [str(place) for place in (*stale, *self.folder.rglob("*.new"))]
