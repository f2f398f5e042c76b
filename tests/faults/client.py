"""A laptop's process: opens its workspace, does what it is told line by line, and may be killed.

Started as ``python -m tests.faults.client FOLDER URL``. Errors of ours are answers; any other one
ends the process with its traceback, which nobody expects.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import AnvilError
from anvil_nb.remote.api import Api
from anvil_nb.remote.calls import Calls
from anvil_nb.remote.http import Connection, Timeouts
from anvil_nb.remote.retrying import Retries
from anvil_nb.settings import resolve
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 5.0


def _sync(ws: Workspace, asked: dict[str, Any]) -> Any:
    return ws.sync(asked["target"], asked["direction"], dry_run=False, **asked["how"]).to_json()


def _save(ws: Workspace, asked: dict[str, Any]) -> Any:
    return ws.save_item(asked["kind"], asked["name"], asked["text"].encode()).to_json()


def _remove(ws: Workspace, asked: dict[str, Any]) -> Any:
    return ws.remove_item(asked["kind"], asked["name"]).to_json()


def _publish(ws: Workspace, asked: dict[str, Any]) -> Any:
    ws.save(f"{asked['set']}/welcome", asked["text"])
    return ws.publish(asked["set"]).to_json()


def _conflicts(ws: Workspace, _: dict[str, Any]) -> Any:
    return ws.sync_conflicts().to_json()


def _resolve(ws: Workspace, asked: dict[str, Any]) -> Any:
    return ws.sync_resolve(asked["key"], asked["choice"]).to_json()


_WORK: dict[str, Callable[[Workspace, dict[str, Any]], Any]] = {
    "sync": _sync,
    "save": _save,
    "remove": _remove,
    "publish": _publish,
    "conflicts": _conflicts,
    "resolve": _resolve,
}


def impatient(url: str, token: str, tenant: str) -> Api:
    """Return what speaks to a server, and asks again sooner than people would."""
    waits = Timeouts(_SECONDS, _SECONDS, _SECONDS)
    retries = Retries(first_seconds=0.02, most_seconds=0.2)
    return Api(Calls(Connection(url, token, timeouts=waits), retries), tenant)


def main(folder: str, url: str) -> None:
    """Do what each line of the input says, and answer it with a line."""
    with Workspace(resolve(Path(folder))) as ws:
        tenant = str(ws.settings.tenant)
        token = os.environ["ANVIL_TOKEN"]
        ws._connections = {(url, tenant, token): impatient(url, token, tenant)}
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                said = {"done": _WORK[asked["do"]](ws, asked)}
            except AnvilError as error:
                said = {"error": type(error).__name__, "message": error.message}
            print(json.dumps(said), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
