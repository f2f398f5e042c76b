"""What the documents tell a person to type is there to be typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = re.compile(r"""[(="]([\w./-]*images/[\w-]+\.png)""")

# `make x` in a code span, or at the beginning of a line of a code block.
COMMAND = re.compile(r"(?:`|^\s*(?:\$ )?)make ([a-z]+)", re.MULTILINE)


def targets(repository: Path) -> set[str]:
    """Return the targets that the Makefile offers to people."""
    phony = re.search(
        r"^\.PHONY: (.+)$", (repository / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert phony
    return set(phony[1].split())


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_in_a_document_is_in_the_makefile(
    document: str, repository: Path
) -> None:
    commands = set(COMMAND.findall((repository / document).read_text("utf-8")))
    assert commands
    assert commands - targets(repository) == set()


def test_the_readme_names_the_two_commands(repository: Path) -> None:
    readme = (repository / "README.md").read_text("utf-8")
    assert {"demo", "lab"} <= set(COMMAND.findall(readme))


def test_the_makefile_tells_about_every_target(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text("utf-8")
    told = set(re.findall(r"^\t@echo 'make ([a-z]+) ", makefile, re.MULTILINE))
    assert told == targets(repository) - {"help"}


def test_every_picture_that_a_document_shows_is_there_and_each_is_shown(repository: Path) -> None:
    folders = (repository, repository / "docs", repository / "notebooks")
    documents = [
        one for folder in folders for one in folder.glob("*") if one.suffix in {".md", ".ipynb"}
    ]
    shown = {
        (document.parent / path).resolve()
        for document in documents
        for path in PICTURE.findall(document.read_text("utf-8").replace('\\"', '"'))
    }
    assert shown == set((repository / "docs" / "images").glob("*.png"))
