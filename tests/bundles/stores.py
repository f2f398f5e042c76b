"""What stands in a store, read row by row, to compare it before and after."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.bundles.killing import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.results.exchange import ImportPlan, ImportReport
    from anvil_nb.workspace import Workspace

SET = "desk/emails"
WELCOME = f"{SET}/welcome"
HELLO = "Hello {{ name }}{% render 'foot' %}"

# Not here: histories (draft_log, label_moves, imports), which only grow; objects, of which what
# was stored once stays; nor when something was written last, and how many writes a set has seen.
STATE = {
    "projects": "id, slug, title, description, created_at, created_by",
    "prompt_sets": "id, project_id, path, slug, title, description, created_at, created_by",
    "entries": "address, set_id, selector, slug, prompt_id, digest, version, tree",
    "versions": "id, set_id, number, digest, message, bump, reasons, source, sequence, "
    "published_by, published_at",
    "labels": "set_id, name, version",
    "set_origins": "origin_id, path, set_id, import_id",
    "version_origins": "version_id, set_id, number, digest, published_by, import_id",
}
ALL = (
    *STATE, "objects", "draft_log", "label_moves", "imports", "users", "organisations",
)  # fmt: skip


def state(ws: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Return what an organisation has, table by table."""
    with ws.access.engine.read() as tx:
        found = {
            table: tx.rows(
                f"select {columns} from {table} where organisation_id = $1",  # noqa: S608 - above
                ws.access.organisation_id,
            )
            for table, columns in STATE.items()
        }
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def everything(ws: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with ws.access.engine.read() as tx:
        found = {table: tx.rows(f"select * from {table}") for table in ALL}  # noqa: S608 - above
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def settle(ws: Workspace) -> None:
    """Wait until the server has ended what processes that were killed had begun.

    It may have their commit already, and carries it out whether somebody waits for it or not.
    """
    if ws.access.engine.kind != "postgres":
        return
    end = time.monotonic() + PATIENCE
    while True:
        with ws.access.engine.read() as tx:
            busy = tx.rows(
                "select pid from pg_stat_activity where datname = current_database() and state <> "
                "'idle' and pid <> pg_backend_pid()"
            )
        if not busy:
            return
        assert time.monotonic() < end, "the server does not end it"
        time.sleep(0.01)


def published(ws: Workspace) -> set[tuple[Any, ...]]:
    """Return the versions of an organisation, and what stands in them, by the ids of the sets."""
    now = state(ws)
    entries = {
        (row[1], row[2], *row[3:6]) for row in now["entries"]
        if row[2] == row[6]
    }  # fmt: skip
    return entries | {row[1:] for row in now["versions"]}


def revisions(ws: Workspace) -> dict[str, int]:
    """Return how many writes each set has seen, by path."""
    with ws.access.engine.read() as tx:
        rows = tx.rows(
            "select path, revision from prompt_sets where organisation_id = $1",
            ws.access.organisation_id,
        )
    return dict(rows)


def publish(ws: Workspace, address: str, **texts: str) -> str:
    """Save prompts of a set and publish it; return the version's number."""
    for name, text in texts.items():
        ws.save(f"{address}/{name}", text)
    return ws.publish(address).version


def send(ws: Workspace, addresses: str | list[str], path: Path, **options: Any) -> BundleInfo:
    """Export, over a bundle that is there."""
    return ws.export(addresses, path, force=True, **options)


def take(ws: Workspace, path: Path, **options: Any) -> ImportReport:
    """Import a bundle that nobody signed."""
    from anvil_nb.results.exchange import ImportReport

    report = ws.import_bundle(path, allow_unsigned=True, **options)
    assert isinstance(report, ImportReport)
    return report


def plan(ws: Workspace, path: Path, **options: Any) -> ImportPlan:
    """Plan what ``take`` would do."""
    from anvil_nb.results.exchange import ImportPlan

    made = ws.import_bundle(path, allow_unsigned=True, dry_run=True, **options)
    assert isinstance(made, ImportPlan)
    return made


def done(found: ImportPlan | ImportReport) -> list[str]:
    """Return the steps that do something, as lines: ``add version desk/emails@1.0.0``."""
    return [
        f"{step.action} {step.kind} {step.address}" for step in found.steps
        if step.action != "same"
    ]  # fmt: skip


def open_keys(found: ImportPlan) -> list[str]:
    """Return the keys of the conflicts that are still to be decided."""
    return [one.key for one in found.open]


def texts(ws: Workspace, address: str) -> dict[str, str]:
    """Return the templates of a set at a selector by name: ``desk/emails@draft``."""
    path, _, selector = address.partition("@")
    with ws.access.engine.read() as tx:
        rows = tx.rows(
            """
            select e.slug, e.digest from entries e join prompt_sets s on s.id = e.set_id
            where s.organisation_id = $1 and s.path = $2 and e.selector = $3
            """,
            ws.access.organisation_id,
            path,
            selector or "latest",
        )
        return {slug: ws.access.content(tx, digest).template for slug, digest in sorted(rows)}


def numbers(ws: Workspace, address: str = SET) -> list[str]:
    """Return the numbers of a set's versions, newest first."""
    return [version.number for version in ws.log(address)]


def labels(ws: Workspace, address: str = SET) -> dict[str, str]:
    """Return where a set's labels point to."""
    return {name: one.number for one in ws.log(address) for name in one.labels}


def settled(ws: Workspace, path: Path, **options: Any) -> list[str]:
    """Import, and return the steps; see that nothing published changed, and it does so once."""
    before = published(ws)
    made = done(take(ws, path, **options))
    assert before <= published(ws)
    ids = [(row[1], row[4]) for row in state(ws)["entries"] if row[2] == "draft"]
    assert len(set(ids)) == len(ids), "one prompt stands under two names"
    after = everything(ws)
    again = take(ws, path, **options)
    assert not again.changed, again.to_text()
    assert everything(ws) == after
    return made


def fill(theirs: Workspace) -> None:
    """Publish all that a bundle can carry: parameters, settings, renames, rollbacks, labels."""
    with theirs.burst():
        theirs.create_project("desk", title="Büro", description="Where mails\nare written.")
        theirs.create_set(SET, title="Emails 📧", description="What customers get.")
        theirs.save(
            WELCOME,
            HELLO,
            parameters=[{"name": "name", "type": "string", "default": "you"}],
            metadata={"description": "Says hello.", "tags": ["a", "b"], "temperature": 0.2,
                      "seed": 1e20, "deep": {"ключ": [1, None, True]}},
        )  # fmt: skip
        theirs.save(f"{SET}/foot", "Bye\r\n\u2028end", syntax="plain")
        theirs.publish(SET, message="the first\nof all")
        theirs.save(f"{SET}/foot", "See you")
        theirs.rename(f"{SET}/foot", "feet")
        theirs.save(WELCOME, HELLO.replace("foot", "feet"))
        theirs.publish(SET, message="renamed")
        theirs.rollback(f"{SET}@1.0.0", message="no, back")
        theirs.save(f"{SET}/extra", "new")
        theirs.publish(SET, version="5.0.0-rc.1")
        theirs.label(f"{SET}@1.0.0", "production")
        theirs.label(f"{SET}@5.0.0-rc.1", "beta")
        publish(theirs, "desk/letters", dear="Dear")
