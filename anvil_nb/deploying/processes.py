"""Processes of a deployment: run with a limit of time, ended with all that they started.

What they say goes to a log, without the secrets that are known. A secret is handed over on
standard input, or in the environment of the one step that asks for it; no other step has it.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

LAST_LINES: Final = 15
MASK: Final = b"***"
_LONGEST_LINE: Final = 300
_GRACE_SECONDS: Final = 5.0
_WAKE_SECONDS: Final = 0.2
_AT_ONCE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Command:
    """What is run.

    Args:
        argv: The program and its arguments.
        folder: Where.
        environment: All of its variables.
        seconds: How long it may take.
        given: What it reads from standard input; nothing when ``None``.
    """

    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    seconds: float
    given: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Args:
        fault: Why it failed; empty where it did not.
        lines: The last that it said.
    """

    fault: str
    lines: tuple[str, ...]


class Masked:
    """Bytes on their way, without secrets; one that is cut in two by a read is still found.

    Args:
        secrets: What is not to be seen.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {one.encode() for one in secrets}
        found |= {line for one in found for line in one.splitlines()}
        self._secrets = sorted(found - {b""}, key=len, reverse=True)
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Return what can be shown by now."""
        held = self._held + data
        for secret in self._secrets:
            held = held.replace(secret, MASK)
        at = len(held) - self._begun(held)
        self._held = held[at:]
        return held[:at]

    def rest(self) -> bytes:
        """Return what is left at the end."""
        held, self._held = self._held, b""
        return held

    def _begun(self, held: bytes) -> int:
        """Return how many bytes at the end may be the beginning of a secret."""
        longest = max(map(len, self._secrets), default=1) - 1
        for size in range(min(longest, len(held)), 0, -1):
            if any(secret.startswith(held[-size:]) for secret in self._secrets):
                return size
        return 0


def run(
    command: Command,
    log: IO[bytes],
    secrets: Iterable[str],
    *,
    awake: Callable[[], bool] = lambda: True,
) -> Ended:
    """Run a command to its end, or to the end of its time.

    Args:
        command: What to run.
        log: Where what it says goes.
        secrets: What is masked there.
        awake: Is asked several times a second; when it is false, the command is ended.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - it is what the settings say to run
            list(command.argv),
            cwd=command.folder,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL if command.given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        place = "" if command.folder.is_dir() else f" in {command.folder}, which is no folder"
        return Ended(f"{command.argv[0]} cannot be run{place}: {what}", ())
    running = _Running(process, command, log, Masked(secrets), awake)
    try:
        with process:
            return running.to_the_end()
    except BaseException:
        end(process)
        raise


def end(process: subprocess.Popen[bytes], grace: float = _GRACE_SECONDS) -> None:
    """End a process and all that it started: asked first, then killed."""
    _signal(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


class _Running:
    """One process at work."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        command: Command,
        log: IO[bytes],
        masked: Masked,
        awake: Callable[[], bool],
    ) -> None:
        self.process, self.command, self.log, self.masked = process, command, log, masked
        self.awake = awake
        self.lines: deque[bytes] = deque(maxlen=LAST_LINES)
        self.line = b""

    def to_the_end(self) -> Ended:
        deadline = time.monotonic() + self.command.seconds
        self._give()
        fault = self._listen(deadline)
        if fault:
            end(self.process)
        code = self.process.wait()
        self._take(self.masked.rest())
        self._end_line()
        if not fault and code:
            how = f"signal {-code}" if code < 0 else f"status {code}"
            fault = f"it ended with {how}"
        return Ended(fault, tuple(line.decode(errors="replace") for line in self.lines))

    def _give(self) -> None:
        stdin = self.process.stdin
        if stdin is not None:
            with suppress(BrokenPipeError):
                stdin.write(self.command.given or b"")
                stdin.flush()
            with suppress(BrokenPipeError):
                stdin.close()

    def _listen(self, deadline: float) -> str:
        """Take down what it says until it ends; return why it has to be ended before."""
        stdout = self.process.stdout
        assert stdout is not None
        os.set_blocking(stdout.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    return f"it took longer than {self.command.seconds:g} s, and was ended"
                if not self.awake():
                    return "it was ended, since whoever ran it stops"
                ready = selector.select(min(left, _WAKE_SECONDS))
                data = os.read(stdout.fileno(), _AT_ONCE) if ready else None
                if data:
                    self._take(self.masked.feed(data))
                elif data is not None or self.process.poll() is not None:
                    # Nothing more comes; or what it left behind holds on to its output.
                    return self._wait(deadline)

    def _wait(self, deadline: float) -> str:
        """Wait for one that says nothing more."""
        while self.process.poll() is None:
            if time.monotonic() >= deadline:
                return f"it took longer than {self.command.seconds:g} s, and was ended"
            if not self.awake():
                return "it was ended, since whoever ran it stops"
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_WAKE_SECONDS)
        return ""

    def _take(self, data: bytes) -> None:
        self.log.write(data)
        self.log.flush()
        *whole, self.line = (self.line + data).split(b"\n")
        self.lines.extend(line.rstrip(b"\r")[:_LONGEST_LINE] for line in whole)

    def _end_line(self) -> None:
        if self.line:
            self.lines.append(self.line[:_LONGEST_LINE])
