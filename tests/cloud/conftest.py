"""Tenants at real servers over both engines, as a plain HTTP client sees them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import clock, server, start

if TYPE_CHECKING:
    import httpx

    from tests.server.conftest import Server

__all__ = ["clock", "server", "start"]


def hexed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def frame(data: bytes, digest: bytes | None = None) -> bytes:
    """A frame as docs/http-sync.md says it, written by hand."""
    return (digest or hashlib.sha256(data).digest()) + len(data).to_bytes(8, "big") + data


def tarball(files: dict[str, bytes]) -> bytes:
    """What `tar -cz` makes of files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


def untarred(data: bytes) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as archive:
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            found[member.name] = file.read()
    return found


@dataclass
class Tenant:
    """A tenant, and a client with a token of it."""

    client: httpx.Client
    name: str

    def __call__(self, method: str, path: str = "", **said: Any) -> httpx.Response:
        return self.client.request(method, f"cloud/tenants/{self.name}{path}", **said)

    def tag(self) -> str:
        return self("GET", "/files/manifest").headers["etag"]

    def files(self) -> dict[str, str]:
        found = self("GET", "/files/manifest").json()["files"]
        return {one["path"]: one["checksum"] for one in found}

    def put(
        self, files: dict[str, bytes], delete: tuple[str, ...] = (), **said: Any
    ) -> httpx.Response:
        if files:
            body = b"".join(map(frame, files.values()))
            assert self("POST", "/blobs", content=body).status_code == 200
        listed = [
            {"path": path, "checksum": hexed(data), "size": len(data)}
            for path, data in files.items()
        ]
        headers = {"If-Match": said.pop("tag", None) or self.tag()}
        changes = {"put": listed, "delete": list(delete)}
        return self("PATCH", "/files/manifest", json=changes, headers=headers)


@pytest.fixture
def acme(server: Server) -> Tenant:
    return Tenant(server.ask("sync"), "acme")


@pytest.fixture
def rival(server: Server) -> Tenant:
    return Tenant(server.ask("sync", organisation="rival"), "rival")
