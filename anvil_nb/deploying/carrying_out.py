"""Carrying out a deployment: step by step, each with its log; the first that fails is the last."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from anvil_nb.deploying.plan import ANNOUNCE, Variable
from anvil_nb.deploying.processes import Command, Masked, run
from anvil_nb.errors import AnvilError, SettingsError
from anvil_nb.results.deploying import DeployReport, DeployStep
from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from anvil_nb.deploying.plan import Plan, Step
    from anvil_nb.remote.deployments import RemoteDeployment, RemoteDeployments

    Remote = Callable[[], RemoteDeployments]
    Progress = Callable[[int, int], None]

OURS: Final = ("ANVIL_TOKEN", "ANVIL_KEY_PASSPHRASE", "ANVIL_BUNDLE_PASSPHRASE", "PGPASSWORD")
"""Secrets of this program, which no step is handed and no log shows."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0


def deploy(
    plan: Plan,
    remote: Remote,
    *,
    dry_run: bool,
    environment: Mapping[str, str] = os.environ,
    progress: Progress | None = None,
) -> DeployReport:
    """Carry out a deployment, or show what it would run. A dry run starts no process at all.

    Args:
        plan: What is to be done.
        remote: Returns what speaks to the server; asked before the first step is run.
        dry_run: Only say what would be done.
        environment: Of the steps; secrets are taken from it.
        progress: Is told how many steps are done, of how many.

    Raises:
        SettingsError: for a secret that is not set, or no server; nothing was run.
    """
    if dry_run:
        return DeployReport(plan.image, True, "planned", tuple(_planned(plan, environment)))  # noqa: FBT003 - a record
    plan.check(environment)
    return _Deploying(plan, remote(), environment, progress).run()


def _planned(plan: Plan, environment: Mapping[str, str]) -> Iterator[DeployStep]:
    masked = _masking(plan, environment)
    for step in plan.steps:
        if step.name in plan.left_out:
            yield DeployStep(step.name, "skipped", "left out, since it builds")
            continue
        unset = sorted(name for name in step.variables if not environment.get(name))
        lacks = f"   ({', '.join(unset)} is not set)" if unset else ""
        yield DeployStep(step.name, "skipped", f"would run: {masked(step.shown)}{lacks}")
    yield DeployStep(ANNOUNCE, "skipped", f"would announce {plan.image} to the server")


@dataclass(slots=True)
class _Deploying:
    """One deployment being carried out."""

    plan: Plan
    remote: RemoteDeployments
    environment: Mapping[str, str]
    progress: Progress | None

    def run(self) -> DeployReport:
        plan, began = self.plan, time.monotonic()
        folder = _log_folder(plan.folder)
        done: list[DeployStep] = []
        failed = False
        total = len(plan.steps) + 1
        for number, step in enumerate(plan.steps, 1):
            if failed:
                done.append(_not_reached(step.name))
            elif step.name in plan.left_out:
                done.append(DeployStep(step.name, "skipped", "left out, since it builds"))
            else:
                done.append(self._step(number, step, folder))
                failed = done[-1].status == "failed"
            if self.progress is not None:
                self.progress(number, total)
        found: RemoteDeployment | None = None
        if failed:
            done.append(_not_reached(ANNOUNCE))
        else:
            last, found = self._announce()
            done.append(last)
            failed = last.status == "failed"
        if self.progress is not None:
            self.progress(total, total)
        return DeployReport(
            plan.image,
            dry_run=False,
            state="failed" if failed else "completed",
            steps=tuple(done),
            url=None if found is None else found.app_url,
            id=None if found is None else found.id,
            duration_ms=_since(began),
        )

    def _step(self, number: int, step: Step, folder: Path) -> DeployStep:
        began = time.monotonic()
        secrets = _secrets(self.plan, self.environment)
        path = folder / f"{number:02}-{_file_name(step.name)}.log"
        command = Command(
            step.argv,
            step.folder,
            self._environment_of(step),
            step.seconds,
            None if step.given is None else self.environment[step.given.name].encode(),
        )
        shown = _masking(self.plan, self.environment)(step.shown)
        with _log(path) as log:
            log.write(f"$ {shown}\n".encode())
            ended = run(command, log, secrets)
        took = _since(began)
        if ended.fault:
            message = f"{ended.fault}: {shown}"
            return DeployStep(step.name, "failed", message, took, ended.lines, str(path))
        return DeployStep(step.name, "success", shown, took, (), str(path))

    def _environment_of(self, step: Step) -> dict[str, str]:
        """Return the variables of a step: its own, and those of all but for their secrets."""
        hidden = {*self.plan.variables, *OURS}
        found = {name: value for name, value in self.environment.items() if name not in hidden}
        for name, value in step.environment.items():
            found[name] = self.environment[value.name] if isinstance(value, Variable) else value
        return {**found, "ANVIL_IMAGE": self.plan.image, "ANVIL_TAG": self.plan.tag}

    def _announce(self) -> tuple[DeployStep, RemoteDeployment | None]:
        """Tell the server, and wait for what it makes of it."""
        began = time.monotonic()
        found: RemoteDeployment | None = None
        try:
            found = self.remote.start(self.plan.image)
            pause = _FIRST_PAUSE
            while found.status == "running":
                if time.monotonic() - began > self.plan.wait:
                    message = f"the server was not done within {self.plan.wait:g} s; it goes on"
                    return DeployStep(ANNOUNCE, "failed", message, _since(began)), found
                time.sleep(pause)
                pause = min(_LONGEST_PAUSE, pause * 1.5)
                found = self.remote.get(found.id)
        except AnvilError as error:
            lines = tuple(error.hint.splitlines())
            return DeployStep(ANNOUNCE, "failed", error.message, _since(began), lines), found
        if found.status == "failed":
            first, *rest = found.detail.splitlines() or ["it failed there"]
            return DeployStep(ANNOUNCE, "failed", first, _since(began), tuple(rest)), found
        where = f" at {found.app_url}" if found.app_url else ""
        return DeployStep(ANNOUNCE, "success", f"live{where}", _since(began)), found


def _not_reached(name: str) -> DeployStep:
    return DeployStep(name, "skipped", "not reached")


def _secrets(plan: Plan, environment: Mapping[str, str]) -> list[str]:
    names = (*plan.variables, *OURS)
    return [value for name in names if (value := environment.get(name))]


def _masking(plan: Plan, environment: Mapping[str, str]) -> Callable[[str], str]:
    secrets = _secrets(plan, environment)

    def masked(text: str) -> str:
        one = Masked(secrets)
        return (one.feed(text.encode()) + one.rest()).decode(errors="replace")

    return masked


def _log_folder(root: Path) -> Path:
    folder = root / ".anvil" / "deploys" / str(new_id())
    try:
        folder.mkdir(parents=True, mode=0o700)
        ignored = root / ".anvil" / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")
    except OSError as error:
        msg = f"the logs of a deployment cannot be kept in {folder}: {error.strerror}"
        raise SettingsError(msg, "Make the folder of the workspace writable.") from error
    return folder


@contextmanager
def _log(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file


def _file_name(name: str) -> str:
    return "-".join("".join(one if one.isalnum() else " " for one in name).split()) or "step"


def _since(began: float) -> int:
    return max(1, round((time.monotonic() - began) * 1000))
