"""Blobs to and from another instance: in batches, side by side with their packing, resumed.

Every blob is checked against its digest as it arrives. What a cut connection has carried so far
counts: the next request goes on behind it, and a batch that cannot get through whole gets through
blob by blob, a large blob piece by piece.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from anvil_nb.domain.digest import PREFIX
from anvil_nb.domain.frames import Frame, FrameReader, framed
from anvil_nb.errors import (
    BlobError,
    RemoteAnswerError,
    RemoteBusyError,
    RemoteUnreachableError,
)
from anvil_nb.remote.answers import object_of, texts
from anvil_nb.remote.calls import JSON
from anvil_nb.remote.http import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from anvil_nb.remote.calls import Calls

Blob: TypeAlias = tuple[str, bytes]
"""A digest and the bytes it is of."""

LARGE: Final = 8 << 20
"""From this many bytes on, a blob travels by itself, in pieces that can be resumed."""

_BATCH_BYTES: Final = 8 << 20
_BATCH_BLOBS: Final = 2_000
_PIECE: Final = 4 << 20
_LEAST_PIECE: Final = 16 << 10
_MOST: Final = 1 << 30
_FRAMES: Final = {"content-type": "application/vnd.anvil.blobs"}

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Blobs:
    """The blobs of one tenant.

    Args:
        calls: Of the instance.
        path: Of the tenant.
    """

    calls: Calls
    path: str

    def missing(self, digests: Iterable[str]) -> list[str]:
        """Return those of ``digests`` that it does not have, in their order."""
        wanted = list(dict.fromkeys(digests))
        if not wanted:
            return []
        said = self.calls.query(
            f"{self.path}/files/missing", {"checksums": [_hex(one) for one in wanted]}
        )
        lacked = {PREFIX + one for one in texts(said, "missing", self.calls.place)}
        return [one for one in wanted if one in lacked]

    def send(self, blobs: Iterable[Blob]) -> int:
        """Send blobs, each once; return how many bytes travelled.

        Args:
            blobs: As they are needed: a batch is read and packed while the one before it travels.
        """
        return sum(map(self._send_batch, _ahead(_batches(blobs), _frames)))

    def fetch(self, wanted: Sequence[tuple[str, int]]) -> Iterator[bytes]:
        """Return the bytes of blobs, in the order wanted; the next ones come meanwhile.

        Args:
            wanted: Digests and sizes.

        Raises:
            RemoteNotFoundError: when one is not there.
        """
        batches = _wanted_batches(wanted)
        fetched = _ahead(_wanted_batches(wanted), self._fetch_batch)
        for batch, got in zip(batches, fetched, strict=True):
            yield from (got[digest] for digest, _ in batch)

    def _send_batch(self, frames: list[Frame]) -> int:
        if len(frames) == 1 and len(frames[0].body) >= LARGE:
            return self.upload(frames[0].digest, frames[0].body)
        sending = _Sending(self, frames)
        self.calls.retries.run(sending.attempt, reached=lambda: sending.reached)
        return sending.sent

    def post_frames(self, frames: Sequence[Frame]) -> int:
        """Send frames in one request, once; return how many bytes these are."""
        body = b"".join(one.to_bytes() for one in frames)
        answer = self.calls.once(Request("POST", f"{self.path}/blobs", _FRAMES, body))
        object_of(answer, self.calls.place)
        return len(body)

    def upload(self, digest: str, data: bytes) -> int:
        """Send one blob in pieces, from where an earlier attempt ended; return the bytes sent."""
        upload = _Upload(self, digest, data)
        self.calls.retries.run(upload.attempt, reached=lambda: upload.furthest)
        return upload.sent

    def _fetch_batch(self, batch: list[tuple[str, int]]) -> dict[str, bytes]:
        got: dict[str, bytes] = {}
        if len(batch) == 1 and batch[0][1] >= LARGE:
            return {batch[0][0]: self.download(*batch[0])}
        fetching = _Fetching(self, dict(batch), got)
        self.calls.retries.run(fetching.attempt, reached=lambda: len(got))
        return got

    def download(self, digest: str, size: int) -> bytes:
        """Return one blob, gone on with where it was cut off."""
        data = self.calls.read(f"{self.path}/blobs/{_hex(digest)}").body
        if len(data) != size or PREFIX + hashlib.sha256(data).hexdigest() != digest:
            raise _not_it(digest, self.calls.place)
        return data


class _Sending:
    """A batch that is sent: at once, then what is still missing, then the first piece by piece."""

    def __init__(self, blobs: Blobs, frames: list[Frame]) -> None:
        self._blobs = blobs
        self._left = frames
        self._tried = False
        self._upload: _Upload | None = None
        self._stored = 0
        self.sent = 0

    @property
    def reached(self) -> int:
        """How far it has come: blobs that are there, and bytes of the one that goes in pieces."""
        return self._stored * _MOST + (self._upload.furthest if self._upload is not None else 0)

    def attempt(self) -> None:
        if self._tried:
            self._go_on()
        self._tried = True
        if self._left:
            self.sent += self._blobs.post_frames(self._left)

    def _go_on(self) -> None:
        before = len(self._left)
        lacked = set(self._blobs.missing(one.digest for one in self._left))
        self._left = [one for one in self._left if one.digest in lacked]
        if len(self._left) == before:
            self._go_on_with(self._left[0])
            self._left = self._left[1:]
        self._upload = None
        self._stored += before - len(self._left)

    def _go_on_with(self, first: Frame) -> None:
        """Send one blob in pieces: a part of this attempt, so that nothing is tried n times n."""
        if self._upload is None or self._upload.digest != first.digest:
            self._upload = _Upload(self._blobs, first.digest, first.unpacked(_MOST))
        before = self._upload.sent
        try:
            self._upload.attempt()
        finally:
            self.sent += self._upload.sent - before


class _Upload:
    """One blob that is sent in pieces."""

    def __init__(self, blobs: Blobs, digest: str, data: bytes) -> None:
        self._calls = blobs.calls
        self.digest = digest
        self._hex = _hex(digest)
        self._path = f"{blobs.path}/blobs/{self._hex}"
        self._data = data
        self._piece = _PIECE
        self._began_at = -1
        self.furthest = 0
        self.sent = 0

    def attempt(self) -> None:
        offset = self._offset()
        if offset is not None and offset <= self._began_at:
            # A server need not keep what came before a cut: smaller pieces get through whole.
            self._piece = max(_LEAST_PIECE, min(self._piece, len(self._data) - offset) // 4)
        self._began_at = -1 if offset is None else offset
        while offset is not None and offset < len(self._data):
            self.furthest = max(self.furthest, offset)
            offset = self._send(offset)
            self._piece = min(_PIECE, self._piece * 2)

    def _offset(self) -> int | None:
        """Ask how much of it is there; ``None`` for all of it."""
        answer = self._calls.once(Request("HEAD", self._path), also=(HTTPStatus.NOT_FOUND,))
        if answer.status == HTTPStatus.OK and answer.headers.get("etag") == f'"{self._hex}"':
            return None
        return self._said(answer.headers.get("upload-offset", "0"))

    def _send(self, offset: int) -> int | None:
        piece = self._data[offset : offset + self._piece]
        headers = {
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(offset),
            "upload-length": str(len(self._data)),
        }
        request = Request("PATCH", self._path, headers, piece)
        answer = self._calls.once(request, also=(HTTPStatus.CONFLICT,))
        if answer.status == HTTPStatus.CONFLICT:
            # The server began anew, or another client sends the same: where it is, we go on.
            found = answer.headers.get("upload-offset")
            if found is None or self._said(found) == offset:
                # Where a connection broke, its request may go on for a moment.
                msg = f"{self._calls.place} is still busy with another request to the same upload"
                raise RemoteBusyError(msg, "Try again in a moment.", status=answer.status)
            return self._said(found)
        self.sent += len(piece)
        if answer.status == HTTPStatus.CREATED:
            return None
        return self._said(answer.headers.get("upload-offset", ""))

    def _said(self, offset: str) -> int:
        if not (offset.isascii() and offset.isdigit()) or int(offset[:20]) > len(self._data):
            msg = f"{self._calls.place} says that the upload is at '{offset[:20]}'"
            raise RemoteAnswerError(msg, "Try again.")
        return int(offset)


class _Fetching:
    """A batch that is fetched: what came before a cut is kept, and not asked for again."""

    def __init__(self, blobs: Blobs, sizes: dict[str, int], got: dict[str, bytes]) -> None:
        self._blobs = blobs
        self._sizes = sizes
        self._got = got
        self._before = -1

    def attempt(self) -> None:
        left = [digest for digest in self._sizes if digest not in self._got]
        if self._before == len(self._got):
            # Not even one came through at once.
            first, left = left[0], left[1:]
            self._got[first] = self._blobs.download(first, self._sizes[first])
        self._before = len(self._got)
        if left:
            self._receive(left)

    def _receive(self, left: list[str]) -> None:
        calls = self._blobs.calls
        body = json.dumps({"checksums": [_hex(one) for one in left], "packed": True}).encode()
        headers = {**JSON, "accept-encoding": "identity"}
        request = Request("POST", f"{self._blobs.path}/blobs/fetch", headers, body)
        with calls.opened(request) as answer:
            reader = FrameReader(_MOST)
            try:
                for piece in answer.pieces:
                    for frame in reader.feed(piece):
                        self._take(frame)
                reader.finish()
            except BlobError as error:
                msg = f"{calls.place} sends damaged bytes: {error.message}"
                raise RemoteAnswerError(msg, "Try again.", status=answer.status) from error
        lacked = [digest for digest in left if digest not in self._got]
        if len(lacked) == len(left):
            msg = f"{calls.place} sends none of the files that were asked for"
            raise RemoteAnswerError(msg, "Plan again.", status=HTTPStatus.OK)
        if lacked:
            msg = f"the answer of {calls.place} ended early"
            raise RemoteUnreachableError(msg, "Try again.")

    def _take(self, frame: Frame) -> None:
        size = self._sizes.get(frame.digest)
        if size is None:
            raise _not_it(frame.digest, self._blobs.calls.place)
        data = frame.unpacked(size)
        if len(data) != size:
            raise _not_it(frame.digest, self._blobs.calls.place)
        self._got[frame.digest] = data


def _frames(batch: list[Blob]) -> list[Frame]:
    return [
        Frame(digest, "none", data) if len(data) >= LARGE else framed(digest, data)
        for digest, data in batch
    ]


def _batches(blobs: Iterable[Blob]) -> Iterator[list[Blob]]:
    """Group blobs; a large one stands by itself. What came before is not sent again."""
    seen: set[str] = set()
    batch: list[Blob] = []
    size = 0
    for digest, data in blobs:
        if digest in seen:
            continue
        seen.add(digest)
        if batch and (size + len(data) > _BATCH_BYTES or len(batch) >= _BATCH_BLOBS):
            yield batch
            batch, size = [], 0
        batch.append((digest, data))
        size += len(data)
    if batch:
        yield batch


def _wanted_batches(wanted: Sequence[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    batch: list[tuple[str, int]] = []
    size = 0
    for digest, length in wanted:
        if batch and (size + length > _BATCH_BYTES or len(batch) >= _BATCH_BLOBS):
            yield batch
            batch, size = [], 0
        batch.append((digest, length))
        size += length
    if batch:
        yield batch


def _ahead(items: Iterator[_T], prepare: Callable[[_T], _R]) -> Iterator[_R]:
    """Return items prepared, the next one meanwhile; ``items`` are read in the caller's thread."""
    with ThreadPoolExecutor(1, "anvil-blobs") as pool:
        pending: Future[_R] | None = None
        try:
            for item in items:
                upcoming = pool.submit(prepare, item)
                if pending is not None:
                    yield pending.result()
                pending = upcoming
            if pending is not None:
                yield pending.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _hex(digest: str) -> str:
    return digest.removeprefix(PREFIX)


def _not_it(digest: str, place: str) -> RemoteAnswerError:
    msg = f"{place} sends other bytes than those of {digest}"
    return RemoteAnswerError(msg, "Try again.")
