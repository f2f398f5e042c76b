"""What no tracked file may hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# Written so that no pattern matches itself.
MACHINE = {
    "a path of one machine": r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/",
    "a setting of where packages come from": r"(?:index|find)[-_](?:url|links)\b",
    "the address of a package registry": (
        r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs[.]|(?:deb|security)[.]debian[.]org"
    ),
}
NOQA = re.compile(r"#\s*(?:ruff:\s*|flake8:\s*)?noqa\b.*", re.IGNORECASE)
REASONED = re.compile(r"[#] (?:ruff: )?noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* - \S.*")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def lines_matching(pattern: re.Pattern[str], files: list[Path], root: Path) -> list[str]:
    """Return `file:line: match` for each line of text that matches."""
    found = []
    for path in files:
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            if match := pattern.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {match[0]}")
    return found


@pytest.mark.parametrize("what", MACHINE)
def test_no_file_holds(what: str, tracked_files: list[Path], repository: Path) -> None:
    assert lines_matching(re.compile(MACHINE[what]), tracked_files, repository) == []


def test_every_exception_from_a_lint_rule_names_the_rule_and_its_reason(
    tracked_files: list[Path], repository: Path
) -> None:
    sources = [path for path in tracked_files if path.suffix in {".py", ".pyi", ".ipynb"}]
    found = lines_matching(NOQA, sources, repository)
    assert [line for line in found if not REASONED.search(line)] == []


def test_every_relative_link_in_a_document_leads_to_a_file(
    tracked_files: list[Path], repository: Path
) -> None:
    broken = [
        f"{path.relative_to(repository)}: {target}"
        for path in tracked_files
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []
