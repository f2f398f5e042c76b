"""Deployments at another instance: announced, and asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from anvil_nb.errors import RemoteAnswerError
from anvil_nb.remote.answers import PROXY

if TYPE_CHECKING:
    from anvil_nb.remote.calls import Calls


@dataclass(frozen=True, slots=True)
class RemoteDeployment:
    """A deployment there.

    Args:
        id: By which it is asked about.
        status: ``running``, ``live`` or ``failed``.
        detail: Why it failed.
        app_url: Where it is to be seen.
    """

    id: str
    status: str
    detail: str
    app_url: str | None


@dataclass(frozen=True, slots=True)
class RemoteDeployments:
    """The deployments of one tenant.

    Args:
        calls: Of the instance.
        path: Of the tenant.
    """

    calls: Calls
    path: str

    def start(self, image: str) -> RemoteDeployment:
        """Announce an image; what comes of it is asked for by ``get``.

        Raises:
            RemoteMovedError: while another deployment runs.
        """
        return self._read(self.calls.write("POST", f"{self.path}/deploy", {"image": image}))

    def get(self, id_: str) -> RemoteDeployment:
        """Return how a deployment stands."""
        return self._read(self.calls.read_json(f"{self.path}/deploy/{quote(id_, safe='')}"))

    def _read(self, said: dict[str, Any]) -> RemoteDeployment:
        match said:
            case {"id": str(id_), "status": "running" | "live" | "failed" as status}:
                detail, url = said.get("detail"), said.get("app_url")
                return RemoteDeployment(
                    id_,
                    status,
                    detail if isinstance(detail, str) else "",
                    url if isinstance(url, str) else None,
                )
        raise RemoteAnswerError(f"{self.calls.place} answers without a deployment", PROXY)
