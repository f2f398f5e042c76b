"""The tools of bundles: write one, look into one, import one by a plan that was shown.

Passphrases are never arguments, for conversations are kept: they come from the environment. A
bundle that nobody signed is imported by a person alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from mcp.types import InputRequiredResult
from pydantic import Field

from anvil_nb.keys.unattended import key_passphrase
from anvil_nb.mcp_server.fields import LIST, ROWS, STRING, Cursor
from anvil_nb.mcp_server.hints import call_of
from anvil_nb.mcp_server.planned import NEEDS_PLAN, Planned, Shown, carried_out
from anvil_nb.mcp_server.replies import Reply, cut, line_of, page_of
from anvil_nb.mcp_server.tool import Arguments, Tool
from anvil_nb.results.bundles import size_text
from anvil_nb.workspace.bundles import inspect_bundle

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json
    from anvil_nb.mcp_server.calls import Call
    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.results.exchange import ImportPlan, ImportReport
    from anvil_nb.results.moving import Moving

_NOTE: Final = 160
_SAME: Final = "same"


class ExportArguments(Arguments):
    """What to write."""

    addresses: list[str] = Field(min_length=1, description="Projects, sets or prompts.")
    path: str = Field(description="A new file, such as desk.anvil.")
    versions: str = Field("all", description="all, latest, or a range such as ^1.")
    labels: Annotated[bool, Field(description="Take labels along.")] = False
    sign: list[str] = Field([], description="Names of keys; anvil.toml's when empty.")
    encrypt_to: list[str] = Field([], description="Names of keys that are to open it.")
    description: str = Field("", description="For people.")
    dry_run: Annotated[bool, Field(description="Only show. false writes the file.")] = True
    cursor: Cursor = ""


async def export(call: Call, said: ExportArguments) -> Reply:
    """Write a bundle, or show what it would hold."""
    path = await call.do(call.desk.inside, said.path)
    configured = call.workspace.settings.sign
    done: BundleInfo = await call.do(
        call.workspace.export,
        said.addresses,
        path,
        versions=said.versions,
        labels=said.labels,
        sign=said.sign or ([] if configured is None else [configured]),
        encrypt_to=said.encrypt_to,
        description=said.description,
        dry_run=said.dry_run,
        key_passphrase=key_passphrase(),
        progress=None if said.dry_run else _progress(call, "export"),
    )
    asked = said.model_dump(exclude={"dry_run", "cursor"}, exclude_defaults=True)
    again = call_of("bundle_export", {**asked, "dry_run": False})
    return _told(call, said, done, [f"To write it: {again}"] if said.dry_run else [])


class InspectArguments(Arguments):
    """Which file."""

    path: str = Field(description="Of the bundle.")
    cursor: Cursor = ""


async def inspect(call: Call, said: InspectArguments) -> Reply:
    """Verify a bundle, and show who made it and what it holds."""
    path = await call.do(call.desk.inside, said.path)
    found = await call.do(inspect_bundle, path, key_passphrase=key_passphrase())
    asked = call_of("bundle_import", {"path": said.path})
    more = [] if call.desk.read_only else [f"To plan its import: {asked}"]
    return _told(call, said, found, more)


def _told(call: Call, said: Arguments, info: BundleInfo, more: list[str]) -> Reply:
    rows: list[dict[str, Json]] = [
        {
            "address": f"{one.address}@{version.number}",
            "prompts": len(version.prompts),
            "bytes": version.size,
            "labels": [name for name, number in one.labels.items() if number == version.number],
        }
        for one in info.sets
        for version in one.versions
    ]
    page = page_of(
        rows, getattr(said, "cursor", ""), call.mark(said, [row["address"] for row in rows])
    )
    signers: list[Json] = [
        f"{one.name or 'unknown key'} {one.key_id} "
        f"({'trusted' if one.trusted else 'revoked' if one.revoked_at else 'not trusted'})"
        for one in info.signers
    ]
    name = Path(info.path).name
    size = size_text(info.file_size) if info.file_size is not None else "not written"
    lines = [f"{name}: {size}, {len(rows)} versions of {len(info.sets)} sets."]
    lines.append(f"Signed by {', '.join(map(str, signers)) or 'nobody'}; "
                 f"{'encrypted' if info.encrypted else 'not encrypted'}.")  # fmt: skip
    if info.external:
        lines.append(f"Left out, and needed: {cut(', '.join(info.external), _NOTE)}")
    lines += [page.said] if page.said else []
    lines += [f"- {row['address']}  {row['prompts']} prompts" for row in page.rows]
    data: dict[str, Json] = {
        "path": info.path,
        "written": info.file_size is not None,
        "signers": signers,
        "encrypted": info.encrypted,
        "rows": [dict(row) for row in page.rows],
        "next_cursor": page.cursor,
    }
    return Reply("\n".join([*lines, *more]), data)


class ImportArguments(Planned):
    """What to import, and how to decide."""

    path: str = Field(description="Of the bundle.")
    strategy: Literal["manual", "skip", "overwrite", "version"] = Field(
        "manual", description="For conflicts. manual: each needs a resolution."
    )
    resolutions: dict[str, Any] = Field(
        {}, description="By conflict key: a choice, or {merged: {prompt: text}}."
    )
    into: str = Field("", description="A project that all sets go to.")
    labels: Annotated[bool, Field(description="Move labels as the bundle has them.")] = False
    cursor: Cursor = ""


async def import_(call: Call, said: ImportArguments) -> Reply | InputRequiredResult:
    """Import a bundle by a plan that was shown."""
    path = await call.do(call.desk.inside, said.path)
    how: dict[str, Any] = {
        "strategy": said.strategy,
        "resolutions": said.resolutions or None,
        "into": said.into or None,
        "labels": said.labels,
        "key_passphrase": key_passphrase(),
    }

    async def seen() -> ImportPlan:
        found: Any = await call.do(call.workspace.import_bundle, path, dry_run=True, **how)
        return found  # type: ignore[no-any-return]  # a plan, since it is a dry run

    async def plan() -> Shown:
        found = await seen()
        return Shown(found.id, found.to_text(), _waits(found) and not found.open)

    async def apply(plan_id: str) -> Reply:
        done: Any = await call.do(
            call.workspace.import_bundle,
            path,
            plan=plan_id,
            progress=_progress(call, "import"),
            **how,
        )
        lines = [done.to_text().partition("\n")[0]]
        if done.id:
            lines.append(f"A person can take it back: anvil import --undo {done.id}")
        return _steps(call, said, done, lines, plan="", state="done")

    if not said.dry_run:
        return await carried_out(call, said, plan, apply)
    found = await seen()
    counted = ", ".join(f"{number} {what}" for what, number in found.counts.items())
    lines = [f"Plan of the import of {path.name}: {counted or 'nothing'}"]
    asked = said.model_dump(exclude={"dry_run", "plan_id", "cursor"}, exclude_defaults=True)
    if found.open:
        choices = {one.key: next(iter(one.choices)) for one in found.open[:_NAMED]}
        lines.append(f"{len(found.open)} to decide first, for example: "
                     + call_of("bundle_import", {**asked, "resolutions": choices}))  # fmt: skip
    elif not _waits(found):
        lines.append("There is nothing to do.")
    else:
        again = {**asked, "dry_run": False, "plan_id": found.id}
        lines.append("To carry it out: " + call_of("bundle_import", again))
    plan_id = found.id if _waits(found) and not found.open else ""
    return _steps(call, said, found, lines, plan=plan_id, state="planned")


_NAMED: Final = 10
_NOTHING: Final = frozenset({_SAME, "keep", "leave"})


def _waits(found: ImportPlan) -> bool:
    return not found.counts.keys() <= _NOTHING


def _steps(  # noqa: PLR0913, PLR0917 - what is told of an import
    call: Call,
    said: ImportArguments,
    found: ImportPlan | ImportReport,
    lines: list[str],
    plan: str,
    state: str,
) -> Reply:
    rows: list[dict[str, Json]] = [
        {
            "key": one.key,
            "what": "conflict",
            "note": cut(one.message, _NOTE),
            "choices": {name: cut(outcome, _NOTE) for name, outcome in one.choices.items()},
            **({"choice": one.choice} if one.choice else {}),
        }
        for one in found.conflicts
    ]
    rows += [
        {"key": one.address, "what": f"{one.action} {one.kind.replace('_', ' ')}",
         **({"note": cut(one.note, _NOTE)} if one.note else {})}
        for one in found.steps
        if one.action != _SAME
    ]  # fmt: skip
    page = page_of(rows, said.cursor, call.mark(said, found.bundle, found.id))
    lines += [page.said] if page.said else []
    lines += map(line_of, page.rows)
    counts: dict[str, Json] = dict(found.counts)
    data: dict[str, Json] = {
        "state": state,
        "plan_id": plan,
        "counts": counts,
        "rows": [dict(row) for row in page.rows],
        "next_cursor": page.cursor,
    }
    return Reply("\n".join(lines), data)


def _progress(call: Call, what: str) -> Callable[[Moving], None]:
    tell = call.progress(what)
    return lambda moving: tell(moving.items, moving.all_items)


_HELD: dict[str, Json] = {
    "path": STRING,
    "written": {"type": "boolean"},
    "signers": LIST,
    "encrypted": {"type": "boolean"},
    **ROWS,
}

TOOLS: Final = (
    Tool(
        name="bundle_export",
        title="Export a bundle",
        description="Write published prompts to a signed file for another instance. A file that is "
        "there is never replaced. For your own server use sync with target bundles.",
        toolset="bundles",
        right="write:prompts",  # it writes a file, and signs with the keys of who serves
        arguments=ExportArguments,
        output=_HELD,
        run=export,
        writes=True,
    ),
    Tool(
        name="bundle_inspect",
        title="Look into a bundle",
        description="Verify a bundle file and show who signed it and what it holds; changes "
        "nothing. For what an import would do use bundle_import.",
        toolset="bundles",
        right="read:prompts",
        arguments=InspectArguments,
        output=_HELD,
        run=inspect,
    ),
    Tool(
        name="bundle_import",
        title="Import a bundle",
        description=f"Import a bundle in one transaction. {NEEDS_PLAN} Only what a trusted key "
        "signed; published versions never change.",
        toolset="bundles",
        right="write:prompts",
        arguments=ImportArguments,
        output={
            "state": STRING,
            "plan_id": STRING,
            "counts": {"type": "object"},
            **ROWS,
        },
        run=import_,
        writes=True,
        destructive=True,
        idempotent=True,
    ),
)
