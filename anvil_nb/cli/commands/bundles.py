"""Bundles: prompts to other instances and from them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import ANY, FILE, TEXT_ASSIGNMENT, limit_option
from anvil_nb.cli.passphrases import BUNDLE, KEY, passphrase, passphrase_file_option

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from anvil_nb.cli.surface import Assignment, Surface
    from anvil_nb.results.bundles import BundleInfo
    from anvil_nb.results.done import Done
    from anvil_nb.results.exchange import ImportPlan, ImportReport, Imports


@command(
    "export",
    examples=(
        "export desk -o desk.anvil --sign ada",
        "export desk/emails@^1 desk/notes -o prompts.anvil --encrypt-to bob",
        "export desk/emails/welcome -o welcome.anvil --dry-run",
    ),
    in_notebook=(  # where -o names a variable
        "export desk --output desk.anvil --sign ada",
        "export desk/emails@^1 desk/notes --output prompts.anvil --encrypt-to bob",
        "export desk/emails/welcome --output welcome.anvil --dry-run",
    ),
)
@click.argument("addresses", nargs=-1, type=ANY, metavar="ADDRESS...")
@click.option("-o", "--output", "path", required=True, type=FILE, help="The file to write.")
@click.option(
    "--include-deps/--no-deps",
    default=True,
    help="Whether the partials that single prompts render come too; they do by default.",
)
@click.option(
    "--versions",
    default="all",
    metavar="all|latest|RANGE",
    help="Which versions come, where an address names none; all by default.",
)
@click.option("--labels", is_flag=True, help="Take the labels of the sets along.")
@click.option("--sign", multiple=True, metavar="KEY", help="Sign with this key of yours.")
@click.option(
    "--encrypt-to", multiple=True, metavar="KEY", help="Encrypt; this key, and no other, opens it."
)
@click.option("--passphrase", "locked", is_flag=True, help="Encrypt; a passphrase opens it.")
@passphrase_file_option
@click.option("--description", default="", metavar="TEXT", help="What it is, for people.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="What to call it.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.pass_obj
def export(  # noqa: PLR0913 - what an export may say
    surface: Surface,
    *,
    addresses: Sequence[str],
    path: str,
    include_deps: bool,
    versions: str,
    labels: bool,
    sign: Sequence[str],
    encrypt_to: Sequence[str],
    locked: bool,
    passphrase_file: str | None,
    description: str,
    tags: Sequence[str],
    force: bool,
    dry_run: bool,
) -> BundleInfo:
    """Write published prompts to a signed bundle.

    They are projects, sets, or single prompts; a selector chooses one version. The file appears
    whole or not at all.
    """
    asked = locked or passphrase_file is not None
    secret = passphrase("the bundle", BUNDLE, passphrase_file, twice=True) if asked else None
    with surface.progress() as progress:
        return surface.workspace.export(
            list(addresses) or [surface.to_change(None)],
            path,
            versions=versions,
            include_deps=include_deps,
            labels=labels,
            sign=sign,
            encrypt_to=encrypt_to,
            passphrase=secret,
            description=description,
            tags=tags,
            force=force,
            dry_run=dry_run,
            key_passphrase=_key_passphrase,
            progress=progress.moved if progress else None,
        )


@command("inspect", examples=("inspect desk.anvil", "inspect desk.anvil --json"))
@click.argument("file", type=FILE)
@passphrase_file_option
@click.pass_obj
def inspect(surface: Surface, *, file: str, passphrase_file: str | None) -> BundleInfo:
    """Verify a bundle and show what it holds.

    No workspace is needed.
    """
    from anvil_nb.workspace.bundles import inspect_bundle  # noqa: PLC0415 - late, on purpose

    with surface.progress() as progress:
        return inspect_bundle(
            file,
            passphrase=_bundle_passphrase(passphrase_file),
            key_passphrase=_key_passphrase,
            progress=progress.moved if progress else None,
        )


@command(
    "import",
    examples=(
        "import desk.anvil --dry-run",
        "import desk.anvil --strategy version",
        "import desk.anvil --resolve version:desk/emails@1.1.0=overwrite",
        "import --undo 01a1fd44-4d7c",
    ),
)
@click.argument("file", required=False, type=FILE)
@click.option(
    "--strategy",
    type=click.Choice(["manual", "skip", "overwrite", "version"]),
    default="manual",
    help="What to choose for conflicts; manual, the default, leaves them to --resolve.",
)
@click.option(
    "--resolve",
    type=TEXT_ASSIGNMENT,
    multiple=True,
    metavar="KEY=CHOICE",
    help="Decide one conflict; its key and its choices are shown by --dry-run.",
)
@click.option(
    "--resolutions",
    type=FILE,
    metavar="FILE",
    help="Decide conflicts by a JSON file: choices by key, or merged texts by prompt.",
)
@click.option(
    "--map",
    "renames",
    type=TEXT_ASSIGNMENT,
    multiple=True,
    metavar="OLD=NEW",
    help="Another name for a project, or another path for a set.",
)
@click.option("--into", metavar="PROJECT", help="Put all sets into this project.")
@click.option("--org", "organisation", metavar="ORG", help="For another organisation of yours.")
@click.option("--labels", is_flag=True, help="Move labels as the bundle has them.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--plan", metavar="ID", help="Refuse unless the plan is still this one.")
@click.option("--allow-unsigned", is_flag=True, help="Take a bundle that nobody you trust signed.")
@click.option("--undo", metavar="ID", help="Take back an import, while nothing was built on it.")
@passphrase_file_option
@click.pass_obj
def import_(  # noqa: PLR0913 - what an import may say
    surface: Surface,
    *,
    file: str | None,
    strategy: str,
    resolve: Sequence[Assignment],
    resolutions: str | None,
    renames: Sequence[Assignment],
    into: str | None,
    organisation: str | None,
    labels: bool,
    dry_run: bool,
    plan: str | None,
    allow_unsigned: bool,
    undo: str | None,
    passphrase_file: str | None,
) -> ImportPlan | ImportReport | Done:
    """Bring a bundle in, all of it or nothing.

    Every conflict is shown with its choices; versions that were published never change.
    """
    if (file is None) == (undo is None):
        msg = "name the file of a bundle, or --undo and the id of an import"
        raise click.UsageError(msg)
    if undo is not None:
        with surface.progress() as progress:
            return surface.workspace.undo_import(
                undo,
                organisation=organisation,
                progress=progress.moved if progress else None,
            )
    with surface.progress() as progress:
        return surface.workspace.import_bundle(
            file or "",
            strategy=strategy,
            resolutions={**resolutions_of(resolutions), **dict(resolve)},
            renames=dict(renames),
            into=into,
            organisation=organisation,
            labels=labels,
            dry_run=dry_run,
            plan=plan,
            allow_unsigned=allow_unsigned,
            passphrase=_bundle_passphrase(passphrase_file),
            key_passphrase=_key_passphrase,
            progress=progress.moved if progress else None,
        )


@command("imports", examples=("imports", "imports --limit 10"))
@limit_option
@click.pass_obj
def imports(surface: Surface, *, limit: int | None) -> Imports:
    """Show what was imported, and who signed it."""
    return surface.workspace.imports(**({} if limit is None else {"limit": limit}))


def _key_passphrase(name: str) -> str:
    return passphrase(f"the key {name}", KEY)


def _bundle_passphrase(file: str | None) -> str | Callable[[], str]:
    """Return the passphrase that was said, or what asks for it once it is needed."""
    if file is not None or os.environ.get(BUNDLE):
        return passphrase("the bundle", BUNDLE, file)

    def ask() -> str:
        return passphrase("the bundle", BUNDLE, file)

    return ask


def resolutions_of(file: str | None) -> Mapping[str, Any]:
    """Return the decisions in a file; none without one."""
    if file is None:
        return {}
    import json  # noqa: PLC0415 - only for a file of resolutions
    from pathlib import Path  # noqa: PLC0415 - help loads no pathlib

    from anvil_nb.errors import SourceError  # noqa: PLC0415 - see above

    try:
        found = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        msg = f"the resolutions cannot be read from {file}: {error}"
        raise SourceError(msg, "Write a JSON object of choices by key.") from error
    if not isinstance(found, dict):
        msg = f"{file} is no JSON object of choices by key"
        raise SourceError(msg, 'For example: {"version:desk/emails@1.1.0": "overwrite"}')
    return found
