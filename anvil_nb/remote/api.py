"""A tenant at another instance: what the cloud API says of it and does with it, as calls.

``docs/http-sync.md`` describes the requests and answers. Nothing is trusted for being answered:
digests are checked against bytes, and shapes against what was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from anvil_nb.domain.digest import PREFIX, is_digest
from anvil_nb.domain.filesets import tenant_path_fault
from anvil_nb.domain.filetree import Leaf, Leaves
from anvil_nb.domain.records import LISTS
from anvil_nb.errors import RemoteAnswerError
from anvil_nb.remote.answers import PROXY, json_of, object_of
from anvil_nb.remote.blobs import Blobs
from anvil_nb.remote.calls import API, Calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anvil_nb.domain.digest import Json

_HEX: Final = re.compile(r"[0-9a-f]{64}").fullmatch
_RECORD_TEXTS: Final = ("id", "kind", "key", "digest", "created_at", "updated_at")
_LEAF_TYPES: Final = [str, str, int, bool]


@dataclass(frozen=True, slots=True)
class TenantInformation:
    """A tenant.

    Args:
        id: UUID of the organisation.
        slug: Its name.
        replica: The id by which the other store knows itself.
    """

    id: str
    slug: str
    replica: str


@dataclass(frozen=True, slots=True)
class RemoteFiles:
    """The files of a tenant.

    Args:
        digest: Of all of them.
        files: By path.
        revision: How often they were changed.
        gone: Digests of deleted files, by path, as far as that is remembered.
    """

    digest: str
    files: Leaves
    revision: int
    gone: Mapping[str, str]

    @property
    def tag(self) -> str:
        """The entity tag by which the other side knows this state."""
        return f'"{_hex(self.digest)}.{self.revision}"'


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """What a tenant's database has under one id.

    Args:
        id: UUID.
        kind: ``agent``, ``skill`` or ``context``.
        key: By which its kind knows it.
        digest: Of everything that counts.
        leaves: Its files.
        place: Where it belongs on disk.
        extra: What nobody here knows.
        created_at: RFC 3339.
        updated_at: The same.
    """

    id: str
    kind: str
    key: str
    digest: str
    leaves: tuple[Leaf, ...]
    place: dict[str, Json]
    extra: dict[str, Json]
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Api:
    """The cloud API for one tenant.

    Args:
        calls: Of the instance.
        tenant: Its name or UUID.
    """

    calls: Calls
    tenant: str

    @property
    def path(self) -> str:
        """Of everything of the tenant."""
        return f"{API}/cloud/tenants/{quote(self.tenant, safe='')}"

    @property
    def blobs(self) -> Blobs:
        """Its blobs."""
        return Blobs(self.calls, self.path)

    def information(self) -> TenantInformation:
        """Return who the tenant is."""
        said = self.calls.read_json(self.path)
        return TenantInformation(
            self._text(said, "id"), self._text(said, "slug"), self._text(said, "replica")
        )

    def files(self, known: RemoteFiles | None = None) -> RemoteFiles:
        """Return the files of the tenant; those ``known`` when they still are as they were."""
        headers = {} if known is None else {"if-none-match": known.tag}
        answer = self.calls.read(f"{self.path}/files/manifest", headers)
        if answer.status == HTTPStatus.NOT_MODIFIED and known is not None:
            return known
        said = object_of(answer, self.calls.place)
        files = Leaves(dict(map(self._file, self._list(said, "files"))))
        digest = PREFIX + self._text(said, "checksum")
        if files.digest() != digest:
            msg = f"the list of files that {self.calls.place} sends is not what its checksum says"
            raise RemoteAnswerError(msg, "Try again.")
        gone = said.get("deleted")
        return RemoteFiles(
            digest,
            files,
            self._number(said, "revision"),
            _digests(gone) if isinstance(gone, dict) else {},
        )

    def change_files(
        self, known: str, put: Sequence[Leaf], delete: Sequence[str]
    ) -> tuple[str, int]:
        """Put and delete files, all or nothing, where their digest is still ``known``.

        Returns:
            The digest of all files now, and the revision.

        Raises:
            RemoteMovedError: when it is not, or the bytes of a file are not there.
        """
        body = {
            "put": [
                {
                    "path": leaf.path,
                    "checksum": _hex(leaf.digest),
                    "size": leaf.size,
                    "executable": leaf.executable,
                }
                for leaf in put
            ],
            "delete": list(delete),
        }
        path = f"{self.path}/files/manifest"
        said = self.calls.write("PATCH", path, body, {"if-match": f'"{_hex(known)}"'})
        return PREFIX + self._text(said, "checksum"), self._number(said, "revision")

    def records(self, tag: str | None = None) -> tuple[str, list[RemoteRecord]] | None:
        """Return a tag and the records of the tenant's database; ``None`` when ``tag`` stands."""
        headers = {} if tag is None else {"if-none-match": tag}
        answer = self.calls.read(f"{self.path}/database/manifest", headers)
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return None
        said = json_of(answer, self.calls.place)
        if not isinstance(said, list):
            raise self._unlike("a list of records")
        return answer.headers.get("etag", ""), [self._record(one) for one in said]

    def fetch_records(self, ids: Iterable[str]) -> dict[str, Any]:
        """Return the ``DatabaseExport`` of some records."""
        said = self.calls.query(f"{self.path}/database/fetch", {"ids": list(ids)})
        return self._export(said)

    def export_records(self) -> dict[str, Any]:
        """Return the ``DatabaseExport`` of all records."""
        return self._export(self.calls.read_json(f"{self.path}/database/export"))

    def import_records(self, export: Mapping[str, Any]) -> dict[str, Any]:
        """Put records, each on its ``if_digest``, all or nothing; return what became of them.

        Raises:
            RemoteMovedError: when one is not what it is expected to be.
        """
        return self.calls.write("POST", f"{self.path}/database/import", dict(export))

    def _export(self, said: dict[str, Any]) -> dict[str, Any]:
        for kind in ("agents", "skills", "contexts"):
            if not all(isinstance(one, dict) for one in self._list(said, kind)):
                raise self._unlike(f"a list '{kind}' of records")
        return said

    def _file(self, said: object) -> tuple[str, tuple[str, int, bool]]:
        match said:
            case {"path": str(path), "checksum": str(sum_), "size": int(size), **rest} if _HEX(
                sum_
            ):
                fault = tenant_path_fault(path)
                if not fault:
                    return path, (PREFIX + sum_, size, rest.get("executable") is True)
                msg = f"{self.calls.place} names a file whose path {fault}"
                raise RemoteAnswerError(msg, "Nothing was written. Ask whoever runs it.")
        raise self._unlike("a file of the manifest")

    def _record(self, said: object) -> RemoteRecord:
        # Looked at by hand: to match thousands against a pattern takes three times as long.
        if isinstance(said, dict):
            texts: list[Any] = [*map(said.get, _RECORD_TEXTS)]
            files, place, extra = said.get("files"), said.get("place"), said.get("extra")
            if (
                all(type(one) is str for one in texts)
                and said["kind"] in LISTS
                and is_digest(said["digest"])
                and isinstance(files, list)
                and isinstance(place, dict)
                and isinstance(extra, dict)
            ):
                record_id, kind, key, digest, created_at, updated_at = texts
                leaves = tuple(map(self._record_leaf, files))
                return RemoteRecord(
                    record_id, kind, key, digest, leaves, place, extra, created_at, updated_at
                )
        raise self._unlike("a record of the manifest")

    def _record_leaf(self, said: object) -> Leaf:
        if isinstance(said, list) and [*map(type, said)] == _LEAF_TYPES:
            path, digest, size, executable = said
            if is_digest(digest) and not tenant_path_fault(path):
                return Leaf(path, digest, size, executable)
        raise self._unlike("a file of a record")

    def _text(self, said: Mapping[str, Any], name: str) -> str:
        value = said.get(name)
        if not isinstance(value, str):
            raise self._unlike(f"the text '{name}'")
        return value

    def _number(self, said: Mapping[str, Any], name: str) -> int:
        value = said.get(name)
        if not isinstance(value, int):
            raise self._unlike(f"the number '{name}'")
        return value

    def _list(self, said: Mapping[str, Any], name: str) -> list[Any]:
        value = said.get(name)
        if not isinstance(value, list):
            raise self._unlike(f"the list '{name}'")
        return value

    def _unlike(self, what: str) -> RemoteAnswerError:
        return RemoteAnswerError(f"{self.calls.place} answers without {what}", PROXY)


def _hex(digest: str) -> str:
    return digest.removeprefix(PREFIX)


def _digests(said: dict[str, Any]) -> dict[str, str]:
    return {path: PREFIX + one for path, one in said.items() if isinstance(one, str) and _HEX(one)}
