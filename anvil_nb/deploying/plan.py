"""The plan of a deployment: from ``[deploy]`` of ``anvil.toml`` to the steps that are run.

The steps of the file come first; where it names a Dockerfile, docker's own follow: build, login
where there is a user, push. Announcing the image to the server is always the last.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.deploying.images import check_image, check_tag, registry_of
from anvil_nb.deploying.revision import short_revision
from anvil_nb.deploying.table import Table
from anvil_nb.errors import InvalidInputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

ANNOUNCE: Final = "deploy"
"""The name of the last step."""

_KEYS: Final = (
    "image", "tag", "dockerfile", "context", "registry", "username", "password", "timeout",
    "wait", "steps",
)  # fmt: skip
_STEP: Final = ("name", "run", "timeout", "cwd", "env", "stdin", "build")
_EXAMPLE: Final = 'password = { env = "REGISTRY_PASSWORD" }'
_STEP_SECONDS: Final = 1800.0
_WAIT_SECONDS: Final = 900.0
_LONGEST_NAME: Final = 60
_NAMED: Final = re.compile(r"\{\{(?P<kept>image|tag)\}\}|\{(?P<name>image|tag)\}")
"""What a word names: ``{image}`` or ``{tag}``; in double braces it stands for itself."""
_IN_A_LINE: Final = re.compile(r"(?<!\$)\{(image|tag)\}")
"""What would stay as it is in a line for the shell, where ``${image}`` is a variable of its own."""
_MOST_GIVEN: Final = 60_000
"""What a process can be given at once, in bytes, before it reads any of it."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What stands in a variable of the environment, and in no file."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Args:
        name: Of the step, and its log.
        argv: What is run.
        folder: Where.
        seconds: How long it may take.
        environment: Variables of its own.
        given: What it reads from standard input.
        build: Whether it is left out by ``--skip-build``.
    """

    name: str
    argv: tuple[str, ...]
    folder: Path
    seconds: float
    environment: Mapping[str, str | Variable] = field(default_factory=dict)
    given: Variable | None = None
    build: bool = False

    @property
    def shown(self) -> str:
        """The command for people."""
        if self.argv[:2] == ("/bin/sh", "-c"):
            return self.argv[2]
        return shlex.join(self.argv)

    @property
    def variables(self) -> frozenset[str]:
        """The variables that it takes secrets from."""
        said = (*self.environment.values(), self.given)
        return frozenset(one.name for one in said if isinstance(one, Variable))


@dataclass(frozen=True, slots=True)
class Plan:
    """A deployment that is to be.

    Args:
        folder: Of the workspace.
        image: With its tag.
        tag: Of the image.
        steps: In their order, but the announcement.
        left_out: The names of the steps that are not run.
        wait: Seconds to wait for what the server makes of it.
    """

    folder: Path
    image: str
    tag: str
    steps: tuple[Step, ...]
    left_out: frozenset[str]
    wait: float

    @property
    def variables(self) -> frozenset[str]:
        """The variables that secrets are taken from."""
        return frozenset[str]().union(*(step.variables for step in self.steps))

    def check(self, environment: Mapping[str, str]) -> None:
        """Refuse to begin without a secret that a step will need.

        Raises:
            SettingsError: for a variable that is not set.
        """
        run = [step for step in self.steps if step.name not in self.left_out]
        for step in run:
            for name in sorted(step.variables):
                value = environment.get(name, "")
                if not value or len(value.encode()) > _MOST_GIVEN:
                    what = "is too long" if value else "is not set"
                    msg = f"the step {step.name} needs the variable {name}, which {what}"
                    raise SettingsError(msg, f"Set it first: read -rs {name}; export {name}")


def make_plan(
    said: Mapping[str, Any],
    folder: Path,
    now: datetime,
    *,
    tag: str | None = None,
    skip_build: bool = False,
) -> Plan:
    """Return the plan of a deployment.

    Args:
        said: ``[deploy]``, as it stands in the file.
        folder: Of the workspace.
        now: For the tag, where none is said.
        tag: In the place of that in the file.
        skip_build: Leave out the steps that say ``build = true``.

    Raises:
        SettingsError: for what cannot be used, or is missing.
        InvalidInputError: when there is no step to leave out.
    """
    if not said:
        msg = "nothing says how to deploy"
        hint = 'Add to anvil.toml:\n[deploy]\nimage = "registry.example.org/acme/app"'
        raise SettingsError(msg, hint)
    table = Table(said, "[deploy]", _KEYS)
    name = check_image(table.needed("image", "registry.example.org/acme/app"))
    chosen = tag if tag is not None else table.text("tag")
    if chosen is None:
        chosen = f"deploy-{int(now.timestamp())}-{short_revision(folder)}"
    image = f"{name}:{check_tag(chosen)}"
    seconds = table.seconds("timeout", _STEP_SECONDS)
    steps = (
        *_steps(table, folder, seconds, image, chosen),
        *_docker(table, folder, seconds, image),
    )
    names = [step.name for step in steps]
    if twice := next(
        (one for one in [*names, ANNOUNCE] if [*names, ANNOUNCE].count(one) > 1), None
    ):
        msg = f"two steps are called '{twice}'"
        raise SettingsError(msg, "Give each a name of its own.")
    left_out = frozenset(step.name for step in steps if step.build) if skip_build else frozenset()
    if skip_build and not left_out:
        msg = "there is no step that builds, and could be skipped"
        raise InvalidInputError(msg, "Mark those that do in anvil.toml: build = true")
    wait = table.seconds("wait", _WAIT_SECONDS)
    return Plan(folder, image, chosen, steps, left_out, wait)


def _steps(table: Table, folder: Path, seconds: float, image: str, tag: str) -> tuple[Step, ...]:
    said = table.raw("steps")
    if said is None:
        return ()
    if not isinstance(said, list):
        raise table.fault("steps", "is a list of tables: [[deploy.steps]]")
    return tuple(
        _step(one, f"[[deploy.steps]] {number}", folder, seconds, image, tag)
        for number, one in enumerate(said, 1)
    )


def _step(  # noqa: PLR0913, PLR0917 - what a step is made from
    said: object, where: str, folder: Path, seconds: float, image: str, tag: str
) -> Step:
    table = Table(said, where, _STEP)
    name = table.needed("name", "build")
    if len(name) > _LONGEST_NAME or not all(one.isalnum() or one in "-_ ." for one in name):
        raise table.fault("name", "has letters, digits, spaces, dots and hyphens, at most 60")
    argv = table.argv("run")
    listed = isinstance(table.raw("run"), list)
    if not listed and (found := _IN_A_LINE.search(argv[-1])):
        said = found.group(1)
        raise table.fault("run", f'is a line for the shell: write "$ANVIL_{said.upper()}" there')
    return Step(
        name,
        tuple(_filled_in(word, image, tag) for word in argv) if listed else argv,
        table.folder("cwd", folder),
        table.seconds("timeout", seconds),
        _environment(table),
        None if "stdin" not in table else _variable(table, "stdin", table.raw("stdin")),
        table.flag("build"),
    )


def _filled_in(word: str, image: str, tag: str) -> str:
    """Put image and tag into a word, wherever it names them; what is put in is not looked at."""
    given = {"image": image, "tag": tag}
    return _NAMED.sub(
        lambda found: given[found["name"]] if found["name"] else f"{{{found['kept']}}}", word
    )


def _environment(table: Table) -> dict[str, str | Variable]:
    said = table.raw("env")
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise table.fault("env", 'is a table: { NAME = "text" }')
    return {
        name: value if isinstance(value, str) else _variable(table, "env", value)
        for name, value in said.items()
    }


def _variable(table: Table, key: str, said: object) -> Variable:
    match said:
        case {"env": str(name), **rest} if not rest and name.isidentifier() and name.isascii():
            return Variable(name)
    raise table.fault(key, 'names a variable: { env = "REGISTRY_PASSWORD" }')


def _docker(table: Table, folder: Path, seconds: float, image: str) -> tuple[Step, ...]:
    """Return what docker does, where the file names what to build the image from."""
    dockerfile = table.text("dockerfile")
    if dockerfile is None:
        for key in ("context", "registry", "username", "password"):
            if key in table:
                msg = f"{key} of [deploy] in anvil.toml means nothing without a dockerfile"
                raise SettingsError(msg, 'Say what is built: dockerfile = "Dockerfile"')
        return ()
    context = table.text("context") or "."
    build = ("docker", "build", "-f", dockerfile, "-t", image, context)
    steps = [Step("docker build", build, folder, seconds)]
    user = table.text("username")
    if (user is None) != ("password" not in table):
        msg = "[deploy] in anvil.toml says one of username and password"
        raise SettingsError(msg, f"Say both: {_EXAMPLE}")
    if user is not None:
        if isinstance(table.raw("password"), str):
            msg = "a password stands in no file"
            raise SettingsError(msg, f"Name the variable that has it: {_EXAMPLE}")
        password = _variable(table, "password", table.raw("password"))
        registry = table.text("registry") or registry_of(image)
        login = ("docker", "login", "-u", user, "--password-stdin")
        where = () if registry is None else (registry,)
        steps.append(Step("docker login", (*login, *where), folder, seconds, {}, password))
    steps.append(Step("docker push", ("docker", "push", image), folder, seconds))
    return tuple(steps)
