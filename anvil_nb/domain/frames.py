"""Blobs in a row: how many of them travel in one body (docs/http-sync.md, section 3).

A frame is the SHA-256 of the blob (32 bytes), a number of 8 bytes, big endian, and the bytes
that it counts. The number's first byte says how they are packed: 0 as they are, 1 by zlib (RFC
1950). So for bytes as they are the number is just their length. Nothing stands before, between or
after frames, and a digest is always that of the bytes before packing.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.digest import PREFIX
from anvil_nb.errors import BlobError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE: Final = "none"
ZLIB: Final = "zlib"
_PACKINGS: Final = (NONE, ZLIB)

_DIGEST_BYTES: Final = 32
_HEAD: Final = _DIGEST_BYTES + 8
_LENGTH_BITS: Final = 56

_LEVEL: Final = 1
_LEAST_PACKED: Final = 128
"""Fewer bytes than this are not worth packing."""
_LOOKED_AT: Final = 1024
_SEND_AGAIN: Final = "Send it again."


@dataclass(frozen=True, slots=True)
class Frame:
    """A blob as it travels and is stored.

    Args:
        digest: Of the bytes before packing, ``sha256:`` and 64 hex digits.
        packing: ``none`` or ``zlib``.
        body: The bytes, packed so.
    """

    digest: str
    packing: str
    body: bytes

    def to_bytes(self) -> bytes:
        """Return the frame, written."""
        number = _PACKINGS.index(self.packing) << _LENGTH_BITS | len(self.body)
        head = bytes.fromhex(self.digest.removeprefix(PREFIX)) + number.to_bytes(8)
        return head + self.body

    def unpacked(self, most: int) -> bytes:
        """Return the blob's bytes, checked against its digest.

        Args:
            most: How many bytes a blob may have; no more are ever inflated.

        Raises:
            BlobError: when they are not what the digest says.
            TooLargeError: when they are more.
        """
        data = self.body if self.packing == NONE else _inflated(self, most)
        if len(data) > most:
            raise _too_large(self.digest, most)
        if PREFIX + hashlib.sha256(data).hexdigest() != self.digest:
            msg = f"the bytes of the blob {self.digest} are not those that its digest says"
            raise BlobError(msg, _SEND_AGAIN)
        return data


def framed(digest: str, data: bytes) -> Frame:
    """Return a blob as a frame, packed where that is likely to help and does.

    Text is packed at zlib's first level, which is as fast as a fast disk.
    """
    if len(data) >= _LEAST_PACKED and b"\0" not in data[:_LOOKED_AT]:
        body = zlib.compress(data, _LEVEL)
        if len(body) < len(data):
            return Frame(digest, ZLIB, body)
    return Frame(digest, NONE, data)


class FrameReader:
    """Takes frames in as their bytes come.

    Args:
        most: How many bytes a frame may count.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take some bytes and return the frames that are whole by now.

        Raises:
            BlobError: for a packing that nobody knows.
            TooLargeError: for a frame that is too large.
        """
        held = self._held
        held += data
        at = 0
        try:
            while len(held) - at >= _HEAD:
                packing, length = self._counted(at)
                end = at + _HEAD + length
                if len(held) < end:
                    break
                digest = PREFIX + held[at : at + _DIGEST_BYTES].hex()
                yield Frame(digest, packing, bytes(held[at + _HEAD : end]))
                at = end
        finally:
            del held[:at]

    def finish(self) -> None:
        """See that nothing is left over.

        Raises:
            BlobError: when the last frame was cut off.
        """
        if self._held:
            msg = "the last blob was cut off"
            raise BlobError(msg, _SEND_AGAIN)

    def _counted(self, at: int) -> tuple[str, int]:
        number = int.from_bytes(self._held[at + _DIGEST_BYTES : at + _HEAD])
        code, length = number >> _LENGTH_BITS, number & ((1 << _LENGTH_BITS) - 1)
        if code >= len(_PACKINGS):
            msg = f"a blob is packed in a way ({code}) that nobody knows"
            raise BlobError(msg, "Frame it as docs/http-sync.md says.")
        if length > self._most:
            raise _too_large(PREFIX + self._held[at : at + _DIGEST_BYTES].hex(), self._most)
        return _PACKINGS[code], length


def _inflated(frame: Frame, most: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(frame.body, most + 1)
    except zlib.error as error:
        msg = f"the blob {frame.digest} cannot be decompressed"
        raise BlobError(msg, _SEND_AGAIN) from error
    if len(data) <= most and (not inflater.eof or inflater.unused_data):
        msg = f"the blob {frame.digest} is compressed to more or fewer bytes than were sent"
        raise BlobError(msg, _SEND_AGAIN)
    return data


def _too_large(digest: str, most: int) -> TooLargeError:
    msg = f"the blob {digest} is larger than the {most:,} bytes that are allowed"
    return TooLargeError(msg, "Leave that file out: name it in .anvilignore.")
