"""Hints: what errors say for people, said for agents."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import anvil_nb
from anvil_nb.errors import RefusedError, SyncGuardError
from anvil_nb.mcp_server.faults import text_of
from anvil_nb.mcp_server.hints import with_calls
from anvil_nb.mcp_server.server import TOOLS

SOURCES = Path(anvil_nb.__file__).parent
PROPERTIES = {tool.name: tool.input_schema()["properties"] for tool in TOOLS}


TOLD = {
    "Try: anvil show desk/emails/a": 'Try: prompt_get {"address": "desk/emails/a"}',
    "Look: anvil sync skills push --dry-run": (
        'Look: sync {"target": "skills", "direction": "push"}'
    ),
    "Look again: anvil sync diff skills/a": 'Look again: sync_diff {"key": "skills/a"}',
    "Look: anvil pull --dry-run": 'Look: sync {"target": "all", "direction": "pull"}',
    "Try: anvil ls desk": 'Try: prompt_search {"prefix": "desk"}',
    "Try: anvil validate desk/emails": 'Try: prompt_get {"address": "desk/emails"}',
    "See it: anvil sync diff skills/a\nSettle it: anvil sync resolve skills/a --ours": (
        'See it: sync_diff {"key": "skills/a"}\nSettle it: sync_resolve '
        '{"key": "skills/a", "choice": "ours|theirs|both|merged"}'
    ),
    "Trust it: anvil keys trust FILE": "Trust it: anvil keys trust FILE (for a person to type)",
    "Mend anvil.toml, or the file in .anvil/": "Mend anvil.toml, or the file in .anvil/",
}


@pytest.mark.parametrize("hint", list(TOLD))
def test_a_command_is_told_as_the_call_that_does_it(hint: str) -> None:
    assert with_calls(hint) == TOLD[hint]


def test_every_call_that_a_hint_of_ours_becomes_is_one_that_a_tool_takes() -> None:
    """Over all commands that stand in the program's own hints."""
    found = set()
    for source in SOURCES.rglob("*.py"):
        found |= set(re.findall(r"anvil [a-z][^\"'`\n{}()]*", source.read_text()))
    assert len(found) > 50
    for command in found:
        told = with_calls(command)
        match = re.fullmatch(r"([a-z_]+) (\{.*\}).*", told)
        if match is None:
            continue
        tool, arguments = match[1], json.loads(match[2])
        assert tool in PROPERTIES, command
        assert arguments.keys() <= PROPERTIES[tool].keys(), command


def test_what_only_a_person_may_do_is_told_as_that() -> None:
    said = text_of(SyncGuardError("odd", "add --force", guards=("many",)), "sync", {})
    assert "--force" in said
    assert "Ask a person" in said


def test_a_refusal_is_never_longer_than_an_answer() -> None:
    assert len(text_of(RefusedError("x" * 50_000, "y" * 50_000), "sync", {})) < 10_000
