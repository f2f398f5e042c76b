"""Following: the exact call that an agent makes next after something was refused."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, Final

from anvil_nb.errors import (
    AnvilError,
    BundleConflictError,
    DraftConflictError,
    InvalidInputError,
    MissingValueError,
    NotFoundError,
    PlanMovedError,
    SyncConflictError,
    SyncGuardError,
    ValueTypeError,
)
from anvil_nb.mcp_server.hints import call_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Given = Mapping[str, Any]

_NAMED: Final = 10


@singledispatch
def next_calls(error: AnvilError, tool: str, given: Given) -> list[str]:
    """Return lines that say what to call next; none where nothing is known to help.

    Args:
        error: What was refused.
        tool: The tool that was called.
        given: Its arguments, but for plan and cursor.
    """
    del error, tool, given
    return []


@next_calls.register(SyncGuardError)
def _guarded(error: SyncGuardError, tool: str, given: Given) -> list[str]:
    del error, tool, given
    return ["Ask a person: only they can overrule this, with --force on the command line."]


@next_calls.register(PlanMovedError)
def _moved(error: PlanMovedError, tool: str, given: Given) -> list[str]:
    del error
    return ["Next: " + call_of(tool, {**given, "dry_run": True})]


@next_calls.register(SyncConflictError)
def _in_conflict(error: SyncConflictError, tool: str, given: Given) -> list[str]:
    keys = [one.key for one in error.report.conflicts[:1]]
    rest = {**given, "dry_run": True, "on_conflict": "keep"}
    return [
        *("Next: " + call_of("sync_diff", {"key": key}) for key in keys),
        "Or leave conflicts as they are and do all the rest: " + call_of(tool, rest),
    ]


@next_calls.register(BundleConflictError)
def _to_decide(error: BundleConflictError, tool: str, given: Given) -> list[str]:
    choices = {one["key"]: next(iter(one["choices"])) for one in error.conflicts[:_NAMED]}
    return ["Next: " + call_of(tool, {**given, "dry_run": True, "resolutions": choices})]


@next_calls.register(DraftConflictError)
def _saved_over(error: DraftConflictError, tool: str, given: Given) -> list[str]:
    del error, tool
    address = f"{str(given.get('address', '')).partition('@')[0]}@draft"
    return [
        "Next: " + call_of("prompt_get", {"address": address}),
        "then save your change to that text, with its digest as expect.",
    ]


@next_calls.register(MissingValueError)
@next_calls.register(ValueTypeError)
def _valued(error: AnvilError, tool: str, given: Given) -> list[str]:
    del error, tool
    return ["Its parameters: " + call_of("prompt_get", {"address": given.get("address", "")})]


@next_calls.register(InvalidInputError)
def _unfit(error: AnvilError, tool: str, given: Given) -> list[str]:
    valued = tool == "prompt_get" and given.get("values")
    return _valued(error, tool, given) if valued else []


@next_calls.register(NotFoundError)
def _not_there(error: NotFoundError, tool: str, given: Given) -> list[str]:
    del error
    if tool.startswith("sync_"):
        return ["What there is: " + call_of("sync_status", {})]
    if tool.startswith("prompt_"):
        project = str(given.get("address") or given.get("old") or "").partition("/")[0]
        return ["What there is: " + call_of("prompt_search", {"query": "", "prefix": project})]
    return []
