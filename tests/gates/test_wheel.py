"""The built wheel, installed into an empty environment and used."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import anvil_nb

if TYPE_CHECKING:
    from collections.abc import Callable

    from packaging.requirements import Requirement

# One worker makes the environment, for all of them.
pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(build, cwd=repository, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(
    wheel: Path,
    pins: Callable[[str], list[Requirement]],
    outer_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of the programs of an environment that holds the wheel and what it asks for."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    constraints = environment / "constraints.txt"
    constraints.write_text("\n".join(map(str, pins("demo"))), "utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "-qq", "--no-input"]
    install = ["install", "--no-compile", "--constraint", str(constraints), str(wheel)]
    subprocess.run([*pip, *install], check=True, env=outer_environment)
    return python.parent


@pytest.fixture(autouse=True)
def without_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a developer's own import path from finding the package in the checkout."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


def test_the_wheel_holds_the_package_and_nothing_else(
    wheel: Path, tracked_files: list[Path], repository: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    names = {str(path.relative_to(repository)) for path in tracked_files}
    assert inside == {name for name in names if name.startswith("anvil_nb/")}


def test_the_installed_program_takes_a_prompt_from_a_file_to_a_published_rendering(
    programs: Path, tmp_path: Path
) -> None:
    def anvil(*arguments: str, text: str | None = None) -> str:
        done = subprocess.run(
            [programs / "anvil", *arguments],
            cwd=tmp_path,
            input=text,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert anvil_nb.__version__ in anvil("--version")
    anvil("init")
    anvil("save", "desk/emails/welcome", "-", text="Dear {{ customer }}, welcome.")
    draft = anvil("render", "desk/emails/welcome@draft", "--var", "customer=Ada")
    assert draft.strip() == "Dear Ada, welcome."
    assert "1.0.0" in anvil("publish", "desk/emails")
    published = anvil("render", "desk/emails/welcome", "--var", "customer=Grace")
    assert published.strip() == "Dear Grace, welcome."


def test_the_installed_package_imports_without_the_checkout(programs: Path, tmp_path: Path) -> None:
    shown = subprocess.run(
        [programs / "python", "-c", "import anvil_nb; print(anvil_nb.__file__)"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(shown.stdout.strip()).is_relative_to(programs.parent)
