"""What the gates read: the tracked files, and the pinned requirements."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIN = re.compile(r"^(?=[A-Za-z0-9])(?P<requirement>[^\\\n]+)", re.MULTILINE)


@pytest.fixture(scope="session")
def tracked_files(repository: Path) -> list[Path]:
    """Every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (repository / name for name in sorted(set(listed.stdout.split("\0")) - {""}))
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="session")
def pins(repository: Path) -> Callable[[str], list[Requirement]]:
    """Read the pinned requirements of one list: `pins("dev")`."""

    def read(name: str) -> list[Requirement]:
        text = (repository / "requirements" / f"{name}.txt").read_text("utf-8")
        return [Requirement(match["requirement"].strip()) for match in PIN.finditer(text)]

    return read
