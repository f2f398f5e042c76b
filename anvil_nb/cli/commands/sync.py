"""Sync: disk, store and server made equal, and what there is to decide on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from anvil_nb.cli.grammar import Group, command, options
from anvil_nb.cli.options import FILE, dry_run_option, plan_option

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.cli.grammar import Command
    from anvil_nb.cli.surface import Surface
    from anvil_nb.results.done import Done
    from anvil_nb.results.settled import SyncSettled
    from anvil_nb.results.standing import SyncConflicts, SyncDifference, SyncHistory, SyncStatus
    from anvil_nb.results.sync import SyncReport

_WAY = click.argument("direction", type=click.Choice(["push", "pull"]))
_FILTER = options(
    click.option(
        "--filter",
        "globs",
        multiple=True,
        metavar="GLOB",
        help="Only names like this, as a dry run shows them: * is within a folder, ** goes across.",
    ),
)
_HOW = options(
    dry_run_option,
    plan_option,
    click.option("--delete", is_flag=True, help="Carry deletions over, too; without it they wait."),
    click.option("--force", is_flag=True, help="Go on although it looks like an accident."),
    click.option(
        "--on-conflict",
        type=click.Choice(["stop", "ours", "theirs", "keep"]),
        default="stop",
        help="stop, unless said: do nothing; ours, theirs: take that side; keep: do the rest.",
    ),
)


def _target(name: str, what: str, *examples: str) -> Command:
    @command(name, examples=examples, sound=lambda report: report.sound)
    @_WAY
    @_FILTER
    @_HOW
    @click.pass_obj
    def run(surface: Surface, /, *, direction: str, **said: object) -> SyncReport:
        return _sync(surface, name, direction, said)

    run.help = f"{what}\n\nNothing is overwritten: what both sides changed apart is a conflict."
    if name == "all":  # names of all of them are no one list
        run.params = [one for one in run.params if one.name != "globs"]
    return run


def _way(name: str, what: str, *examples: str) -> Command:
    @command(name, examples=examples, sound=lambda report: report.sound)
    @_HOW
    @click.pass_obj
    def run(surface: Surface, /, **said: object) -> SyncReport:
        return _sync(surface, "all", name, said)

    run.help = what
    return run


def _sync(surface: Surface, target: str, direction: str, said: dict[str, object]) -> SyncReport:
    globs = cast("tuple[str, ...]", said.pop("globs", ()))
    with surface.progress() as progress:
        return surface.workspace.sync(
            target,
            direction,
            filter=",".join(globs),
            progress=progress,
            **said,  # type: ignore[arg-type]
        )


@command("status", examples=("sync status", "sync status --offline --json"))
@click.option("--offline", is_flag=True, help="Do not ask the server.")
@click.pass_obj
def _status(surface: Surface, *, offline: bool) -> SyncStatus:
    """Show what there is to push, to pull and to decide."""
    return surface.workspace.sync_status(remote=not offline)


@command(
    "diff", examples=("sync diff skills/inspect_agents", "sync diff content/blog/welcome --kept")
)
@click.argument("key", metavar="TARGET/NAME")
@click.option("--kept", is_flag=True, help="As they were when their conflict was kept.")
@click.pass_obj
def _diff(surface: Surface, *, key: str, kept: bool) -> SyncDifference:
    """Show how the two sides differ at a key.

    Where both had the same before, a merge of both is suggested; --json has its text.
    """
    return surface.workspace.sync_diff(key, kept=kept)


@command("conflicts", examples=("sync conflicts", "sync conflicts --json"))
@click.pass_obj
def _conflicts(surface: Surface) -> SyncConflicts:
    """List what both sides changed apart, and nobody has settled."""
    return surface.workspace.sync_conflicts()


@command(
    "resolve",
    examples=(
        "sync resolve skills/inspect_agents --ours",
        "sync resolve content/blog/welcome --merged welcome.md",
        "sync resolve 'skills/*' --theirs --dry-run",
    ),
    sound=lambda settled: getattr(settled, "sound", True),
)
@click.argument("key", metavar="TARGET/NAME")
@click.option("--ours", "choice", flag_value="ours", help="What is here stands on both sides.")
@click.option("--theirs", "choice", flag_value="theirs", help="What is there does.")
@click.option("--both", "choice", flag_value="both", help="Ours does, and theirs beside it.")
@click.option(
    "--merged", type=FILE, metavar="FILE", help="The text of this file, or this folder, does."
)
@dry_run_option
@plan_option
@click.pass_obj
def _resolve(
    surface: Surface, /, *, key: str, choice: str | None, merged: str | None, **how: Any
) -> Done | SyncSettled:
    """Make both sides the same at a key. What is given up is kept.

    A glob for a name ('skills/*', 'files/**/*.md') settles all conflicts that are like it.
    """
    if (choice is None) == (merged is None):
        msg = "say one of --ours, --theirs, --both and --merged FILE"
        raise click.UsageError(msg)
    taken = None if merged is None else _path(merged)
    return surface.workspace.sync_resolve(key, choice or "merged", merged=taken, **how)


@command("history", examples=("sync history", "sync history --target skills --limit 5"))
@click.option("--target", metavar="TARGET", help="Of this target alone.")
@click.option("--limit", type=click.IntRange(1), default=50, help="How many at most.")
@click.pass_obj
def _history(surface: Surface, *, target: str | None, limit: int) -> SyncHistory:
    """List the syncs that were carried out, newest first."""
    return surface.workspace.sync_history(target, limit=limit)


def _path(name: str) -> Path:
    from pathlib import Path  # noqa: PLC0415 - help loads no pathlib

    return Path(name)


sync = Group(
    "sync",
    help="Make disk, store and server equal.",
    commands=[
        _target("skills", "Skills: folders on disk, and the store.", "sync skills push --dry-run"),
        _target("content", "Content: Markdown on disk, and the store.", "sync content pull"),
        _target("agents", "Agents: YAML files on disk, and the store.", "sync agents push"),
        _target(
            "files",
            "Files: the services folder, and the server.",
            "sync files push --dry-run",
            "sync files pull --filter 'skills/**'",
        ),
        _target(
            "database",
            "Database: agents, skills and contexts here and there.",
            "sync database push",
        ),
        _target("bundles", "Bundles: published versions here and there.", "sync bundles pull"),
        _target(
            "all",
            "All: files, database and bundles; a push deploys then.",
            "sync all push --dry-run",
        ),
        _status,
        _diff,
        _conflicts,
        _resolve,
        _history,
    ],
)

push = _way(
    "push",
    "Push files, database and bundles to the server.\n\nThen deploy, where that is configured.",
    "push --dry-run",
    "push",
)
pull = _way("pull", "Pull files, database and bundles from the server.", "pull --dry-run", "pull")


@command("login", examples=("login", "login https://anvil.example.org"))
@click.argument("url", required=False)
@click.option("--token-file", type=FILE, metavar="FILE", help="Whose first line is the token.")
@click.option("--forget", is_flag=True, help="Forget the token that is kept.")
@click.pass_obj
def login(surface: Surface, *, url: str | None, token_file: str | None, forget: bool) -> Done:
    """Keep the token of a server, in a file that only you can read.

    It is asked for, or read from a file; never typed into a command, which histories keep.
    """
    from anvil_nb.cli.passphrases import passphrase  # noqa: PLC0415 - late, on purpose
    from anvil_nb.remote import credentials  # noqa: PLC0415 - late, on purpose
    from anvil_nb.results.done import Done  # noqa: PLC0415 - late, on purpose

    place = (url or surface.workspace.settings.remote or "").rstrip("/")
    if not place.startswith(("http://", "https://")):
        msg = "name the server: anvil login https://anvil.example.org"
        raise click.UsageError(msg)
    if forget:
        had = credentials.forget_token(place)
        return Done(f"Forgot the token of {place}" if had else f"No token of {place} was kept")
    token = passphrase(place, credentials.VARIABLE, token_file, noun="token").strip()
    kept = credentials.keep_token(place, token)
    return Done(f"Kept the token of {place} in {kept}")
