"""The workspace: the Python interface to a store of prompts.

Every method parses what it is given, calls one service, and returns its result. It is safe to
call from several threads, and from code that runs in an event loop (a call takes milliseconds).
The methods stand in one module a noun, over the ``state`` that they share; a method imports its
service when it is called, so that a command loads only what it uses.
"""

from __future__ import annotations

from pathlib import Path

from anvil_nb import settings as configuration
from anvil_nb.workspace.accounts import Accounts
from anvil_nb.workspace.arguments import check_paths, check_texts
from anvil_nb.workspace.bundles import Bundles
from anvil_nb.workspace.deploying import Deploying
from anvil_nb.workspace.drafts import Drafts
from anvil_nb.workspace.files import Files
from anvil_nb.workspace.groups import Groups
from anvil_nb.workspace.library import Library
from anvil_nb.workspace.reading import Reading
from anvil_nb.workspace.running import Running
from anvil_nb.workspace.versions import Versions
from anvil_nb.workspace.views import Views


class Workspace(
    Reading,
    Drafts,
    Files,
    Versions,
    Running,
    Groups,
    Bundles,
    Accounts,
    Library,
    Deploying,
    Views,
):
    """A store, opened for one actor. Make one with ``anvil_nb.open()``.

    Addresses are ``project/set[/prompt][@selector]``; without a selector a prompt is read at its
    latest version, and changed in its draft.

    Args:
        settings: Where the store is and who acts.
        clock: Returns the time, with its zone.
        wait_seconds: How long to queue for a store file that another process holds.
        create: Whether a store that is not there is made at once, and not by the first write.
        access: A store that is open already, for whoever acts; it stays open in the end.
    """


def open_workspace(
    path: str | Path | None = None, *, store: str | None = None, actor: str | None = None
) -> Workspace:
    """Open the workspace of a folder.

    A store that is not there yet is made by the first prompt that is saved or loaded, or the first
    project or set that is created; to read from it is refused. The folder of a ``store`` that is
    passed must be there.

    Args:
        path: A folder, or an ``anvil.toml``; the current folder when ``None``. The file is looked
            for there and in the folders above.
        store: Path or ``postgresql://`` URL, in place of what the file says; then no file is
            needed.
        actor: The acting user, in place of what the file says.

    Raises:
        SettingsError: when there is no workspace.
        StoreError: when its store cannot be opened.
    """
    check_texts(store=store, actor=actor)
    if path is not None:
        check_paths(path=path)
    start = Path(path) if path is not None else Path.cwd()
    return Workspace(configuration.resolve(start, store=store, actor=actor), create=False)


def init_workspace(
    path: str | Path = ".", *, store: str | None = None, actor: str | None = None
) -> Workspace:
    """Make a workspace: an ``anvil.toml`` in a folder, and its store.

    One that is there already is opened as it is.

    Raises:
        ExistsError: when there is one, and another store or actor was asked for.
    """
    check_paths(path=path)
    check_texts(store=store, actor=actor)
    folder = Path(path)
    if store is None and actor is None and (folder / configuration.FILE).exists():
        return Workspace(configuration.resolve(folder))
    planned = configuration.plan(folder, store=store, actor=actor)
    workspace = Workspace(planned.settings)
    try:
        # Last, so that there is no file of a workspace whose store cannot be opened.
        configuration.carry_out(planned)
    except BaseException:
        workspace.close()
        raise
    return workspace


__all__ = ["Workspace", "init_workspace", "open_workspace"]
