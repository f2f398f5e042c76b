"""Bundles to and from a tenant of another instance: what it has published, sent and fetched.

``docs/http-sync.md`` describes the requests and answers. A bundle that comes is bytes here:
whoever asked for it verifies it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from anvil_nb.domain.semver import Version
from anvil_nb.domain.strict_json import strict_json
from anvil_nb.errors import InvalidInputError, RemoteAnswerError, VersionSyntaxError
from anvil_nb.remote.answers import PROXY, error_of, object_of
from anvil_nb.remote.calls import JSON
from anvil_nb.remote.http import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from anvil_nb.remote.calls import Calls
    from anvil_nb.remote.http import Answer

BUNDLE: Final = "application/vnd.anvil.bundle"
MOST: Final = 2 << 30
"""The most bytes that a bundle may have which is fetched."""

_PIECE: Final = 1 << 20
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}").fullmatch
_PATH: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}/[a-z0-9][a-z0-9-]{0,63}").fullmatch


@dataclass(frozen=True, slots=True)
class RemoteVersion:
    """A published version there.

    Args:
        path: ``project/set``.
        number: Of the version.
        digest: Of its tree.
        published_at: RFC 3339.
        origin: Number and digest that it had where it came from; ``None`` for its own.
    """

    path: str
    number: str
    digest: str
    published_at: str
    origin: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class RemoteVersions:
    """All published versions there, and the tag of that state."""

    tag: str
    versions: tuple[RemoteVersion, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a bundle that was sent.

    Args:
        report: Of the import; ``None`` where it was refused for conflicts.
        conflicts: The addresses that are to be decided before.
    """

    report: dict[str, Any] | None
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteBundles:
    """The published versions of one tenant.

    Args:
        calls: Of the instance.
        path: Of the tenant.
    """

    calls: Calls
    path: str

    def versions(self, known: RemoteVersions | None = None) -> RemoteVersions:
        """Return all that is published there; ``known`` when it still is as it was."""
        headers = {} if known is None or not known.tag else {"if-none-match": known.tag}
        answer = self.calls.read(f"{self.path}/bundles", headers)
        if answer.status == HTTPStatus.NOT_MODIFIED and known is not None:
            return known
        listed = object_of(answer, self.calls.place).get("versions")
        if not isinstance(listed, list):
            raise self._unlike("the list 'versions'")
        found = tuple(map(self._version, listed))
        return RemoteVersions(answer.headers.get("etag", ""), found)

    def send(self, file: Path, *, strategy: str) -> Sent:
        """Send a bundle, to be imported there by the addresses of its sets.

        Args:
            file: The bundle.
            strategy: For versions whose numbers stand for other content there.

        Raises:
            RemoteError: when it is refused for anything but conflicts.
        """
        answer = self._post(file, {"strategy": strategy, "by_address": "true"})
        if answer.status != HTTPStatus.CONFLICT:
            return Sent(object_of(answer, self.calls.place))
        conflicts = _conflicts(answer)
        if not conflicts:
            raise error_of(answer, self.calls.place, self.calls.retries.clock())
        return Sent(None, conflicts)

    def foresee(self, file: Path) -> None:
        """Send a bundle to be checked, and not imported; its conflicts are none of an error.

        Raises:
            RemoteError: when it would be refused.
        """
        answer = self._post(file, {"by_address": "true", "dry_run": "true"})
        if answer.status == HTTPStatus.CONFLICT:
            raise error_of(answer, self.calls.place, self.calls.retries.clock())
        object_of(answer, self.calls.place)

    def fetch(self, keys: Sequence[str], file: Path) -> None:
        """Write a bundle of versions into a file.

        Args:
            keys: ``project/set@number``.
            file: What is there is written over.

        Raises:
            RemoteNotFoundError: when one is not there any more.
        """
        body = json.dumps({"versions": list(keys)}).encode()
        headers = {**JSON, "accept-encoding": "identity"}

        def attempt() -> None:
            request = Request("POST", f"{self.path}/bundles/export", headers, body)
            with self.calls.opened(request) as answer, file.open("wb") as into:
                if "html" in answer.headers.get("content-type", "").lower():
                    raise self._unlike("a bundle")
                size = 0
                for piece in answer.pieces:
                    size += len(piece)
                    if size > MOST:
                        msg = f"{self.calls.place} sends a bundle of more than {MOST:,} bytes"
                        raise RemoteAnswerError(msg, "Ask for less at once: --filter GLOB")
                    into.write(piece)

        self.calls.retries.run(attempt)

    def _post(self, file: Path, query: Mapping[str, str]) -> Answer:
        headers = {"content-type": BUNDLE, "content-length": str(file.stat().st_size)}
        path = f"{self.path}/bundles?{urlencode(query)}"

        def attempt() -> Answer:
            request = Request("POST", path, headers, _pieces(file))
            return self.calls.once(request, also=(HTTPStatus.CONFLICT,))

        # What was imported once is imported again by doing nothing.
        return self.calls.retries.run(attempt)

    def _version(self, said: object) -> RemoteVersion:
        match said:
            case {
                "set": str(path),
                "version": str(number),
                "digest": str(digest),
                "published_at": str(at),
                **rest,
            } if _PATH(path) and _DIGEST(digest) and _is_number(number):
                return RemoteVersion(path, number, digest, at, self._origin(rest.get("origin")))
        raise self._unlike("a published version")

    def _origin(self, said: object) -> tuple[str, str] | None:
        match said:
            case None:
                return None
            case {"version": str(number), "digest": str(digest)} if _DIGEST(digest):
                return number, digest
        raise self._unlike("the origin of a version")

    def _unlike(self, what: str) -> RemoteAnswerError:
        return RemoteAnswerError(f"{self.calls.place} answers without {what}", PROXY)


def _is_number(text: str) -> bool:
    try:
        return str(Version.parse(text)) == text
    except VersionSyntaxError:
        return False


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _conflicts(answer: Answer) -> tuple[str, ...]:
    """Return the addresses of the conflicts that an import was refused for; none for others."""
    try:
        said = strict_json(answer.body)
    except InvalidInputError:
        return ()
    match said:
        case {"error": {"code": "bundle-conflict", "context": {"conflicts": list(listed)}}}:
            found = [one.get("address") for one in listed if isinstance(one, dict)]
            return tuple(one for one in found if isinstance(one, str))
    return ()
