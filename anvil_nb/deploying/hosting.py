"""Hosting: what a server does with an image that is announced: its tenant's hook, then its health.

Each deployment is recorded before anything is run, and ends as *live* or *failed*. A tenant has
one at a time, over all servers of a store. One whose server is no more counts as failed: while
one runs, it says so every few seconds.
"""

from __future__ import annotations

import http.client
import os
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import UUID

from anvil_nb.deploying.carrying_out import OURS
from anvil_nb.deploying.processes import Command, run
from anvil_nb.errors import (
    AnvilError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)
from anvil_nb.results.deploying import Deployment, Deployments
from anvil_nb.results.result import utc
from anvil_nb.store import deployments
from anvil_nb.store.deployments import FAILED, LIVE, RUNNING, DeploymentRow
from anvil_nb.store.identity import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from anvil_nb.access import Access
    from anvil_nb.deploying.hooks import Hook
    from anvil_nb.store.engine import Engine

SILENT: Final = timedelta(seconds=30)
"""For so long one that runs may say nothing."""
MOST_LISTED: Final = 100

_ALIVE_SECONDS: Final = 5.0
_ASK_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.25
_LONGEST_DETAIL: Final = 4_000
_OK: Final = 200
_GONE: Final = "the server that ran it was ended"


class Hosting:
    """The deployments of one server.

    Args:
        engine: The store.
        now: Returns the time: UTC, without saying so.
        hooks: What a deployment of a tenant runs, by its name.
    """

    def __init__(
        self, engine: Engine, now: Callable[[], datetime], hooks: Mapping[str, Hook]
    ) -> None:
        self._engine, self._now, self._hooks = engine, now, hooks
        self._stop = threading.Event()
        self._threads: set[threading.Thread] = set()

    def start(self, access: Access, image: str) -> Deployment:
        """Record a deployment, and begin it in a thread.

        Args:
            access: Of the tenant.
            image: With its tag.

        Raises:
            RefusedError: where the tenant has no hook here.
            ConflictError: while another one runs.
            ForbiddenError: when the actor may not deploy.
        """
        tenant = access.actor.organisation
        hook = self._hooks.get(tenant)
        with access.write("deploy") as tx:
            if hook is None:
                msg = f"this server does not know how to deploy for {tenant}"
                hint = f"Whoever runs it adds to its anvil.toml: [deploy_hooks.{tenant}]"
                raise RefusedError(msg, hint)
            deployments.hold(tx, access.organisation_id)
            now = access.now()
            for other in deployments.running(tx, access.organisation_id):
                if now - other.alive_at <= SILENT:
                    msg = f"{other.image} is being deployed, by {other.by}"
                    raise ConflictError(msg, "Wait until that is done, and try again.")
                deployments.end(tx, other.id, FAILED, _GONE, now)
            row = DeploymentRow(
                new_id(), image, RUNNING, "", hook.url or "", access.actor.name, now, now, None
            )
            deployments.insert(tx, access.actor, row)
            access.note("deploy", f"deployments/{row.id}", None, None)
        thread = threading.Thread(
            target=self._carry_out, args=(row, hook, tenant), name="anvil-deploy", daemon=True
        )
        self._threads = {one for one in self._threads if one.is_alive()} | {thread}
        thread.start()
        return _shown(row, now)

    def close(self) -> None:
        """End what runs, and record that it did not come about."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _carry_out(self, row: DeploymentRow, hook: Hook, tenant: str) -> None:
        fault = "the server could not carry it out"
        try:
            work = _Work(row, hook, tenant, _Alive(self._engine, self._now, row.id, self._stop))
            fault = work.fault()
        finally:
            self._end(row, fault)

    def _end(self, row: DeploymentRow, fault: str) -> None:
        for last in (False, False, True):
            try:
                with self._engine.write() as tx:
                    status = FAILED if fault else LIVE
                    deployments.end(tx, row.id, status, fault[:_LONGEST_DETAIL], self._now())
            except AnvilError:  # the store is held by others
                if last:
                    raise
            else:
                return


def get(access: Access, id_: str) -> Deployment:
    """Return a deployment.

    Raises:
        NotFoundError: where the tenant has none of that id.
        InvalidInputError: for what is no id.
    """
    try:
        wanted = UUID(id_)
    except ValueError as error:
        msg = f"'{id_[:60]}' is no id of a deployment"
        raise InvalidInputError(msg, "Copy it from where the deployment was announced.") from error
    with access.read("deploy") as tx:
        row = deployments.get(tx, access.organisation_id, wanted)
    if row is None:
        msg = "there is no such deployment"
        raise NotFoundError(msg, "See the latest ones: GET deploy")
    return _shown(row, access.now())


def ls(access: Access) -> Deployments:
    """Return the latest deployments, the newest first."""
    with access.read("deploy") as tx:
        rows = deployments.listed(tx, access.organisation_id, MOST_LISTED)
    now = access.now()
    return Deployments(tuple(_shown(row, now) for row in rows))


class _Alive:
    """Tells whether to go on, and the store now and then that it does."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        deployment_id: UUID,
        stop: threading.Event,
    ) -> None:
        self._engine, self._now, self._id, self.stop = engine, now, deployment_id, stop
        self._said = time.monotonic()

    def __call__(self) -> bool:
        if self.stop.is_set():
            return False
        if time.monotonic() - self._said >= _ALIVE_SECONDS:
            self._said = time.monotonic()
            # Said again soon, where the store is held by others now.
            with suppress(AnvilError), self._engine.write() as tx:
                deployments.stay_alive(tx, self._id, self._now())
        return True


class _Work:
    """One deployment at work."""

    def __init__(self, row: DeploymentRow, hook: Hook, tenant: str, alive: _Alive) -> None:
        self.row, self.hook, self.tenant, self.alive = row, hook, tenant, alive

    def fault(self) -> str:
        """Return why it failed, with what it said last; nothing where it did not."""
        hook = self.hook
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        environment |= {
            "ANVIL_IMAGE": self.row.image,
            "ANVIL_TENANT": self.tenant,
            "ANVIL_DEPLOYMENT": str(self.row.id),
        }
        secrets = [os.environ[name] for name in OURS if os.environ.get(name)]
        command = Command(hook.argv, hook.folder, environment, hook.seconds)
        with Path(os.devnull).open("wb") as nowhere:
            ended = run(command, nowhere, secrets, awake=self.alive)
        if ended.fault:
            return "\n".join([f"the deploy hook failed: {ended.fault}", *ended.lines])
        return "" if hook.health is None else self._health(hook.health)

    def _health(self, url: str) -> str:
        """Ask until it answers 200; return why it did not."""
        seconds = self.hook.health_seconds
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            said = _asked(url, max(0.1, min(_ASK_SECONDS, left)))
            if not said:
                return ""
            if time.monotonic() >= deadline:
                return (
                    f"the health check failed: {url} did not answer 200 within {seconds:g} s; "
                    f"at last {said}"
                )
            if not self.alive() or self.alive.stop.wait(_PAUSE_SECONDS):
                return f"the health check was broken off, since the server stops; at last {said}"


def _asked(url: str, seconds: float) -> str:
    """Return what a URL says that is not 200; nothing where it does say so."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"it could not be reached ({error or type(error).__name__})"
    finally:
        connection.close()
    return "" if status == _OK else f"it answered {status}"


def _shown(row: DeploymentRow, now: datetime) -> Deployment:
    gone = row.status == RUNNING and now - row.alive_at > SILENT
    return Deployment(
        str(row.id),
        row.image,
        FAILED if gone else row.status,
        _GONE if gone else row.detail,
        row.app_url or None,
        row.by,
        utc(row.requested_at),
        None if row.ended_at is None else utc(row.ended_at),
    )
