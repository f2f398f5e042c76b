"""Opening: from a path to a ``VerifiedBundle``, through decryption where there is any."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from anvil_nb.archive import Limits
from anvil_nb.bundles.converting import MAX_BYTES, convert, is_sketch
from anvil_nb.bundles.verifying import verify
from anvil_nb.domain.digest import PREFIX
from anvil_nb.errors import AnvilError, BundleError, SourceError
from anvil_nb.files.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anvil_nb.bundles.verifying import Check, Known, Progress, VerifiedBundle
    from anvil_nb.keys import KeyRing

_FIRST = 64
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reader:
    """How a file is read.

    Args:
        ring: The keys of whoever reads.
        passphrase: Of an encrypted bundle, or asks for it.
        key_passphrase: Asks for the passphrase of a private key, by the key's name.
        limits: How large it may be.
    """

    ring: KeyRing
    passphrase: str | Callable[[], str] | None = None
    key_passphrase: Callable[[str], str] | None = None
    limits: Limits = field(default_factory=Limits)


@contextmanager
def opened(  # noqa: PLR0913 - what there is to say of a file
    path: str | Path,
    reader: Reader,
    check: Check,
    *,
    known: Known | None = None,
    progress: Progress | None = None,
    contents: bool = True,
) -> Iterator[VerifiedBundle]:
    """Open and verify a bundle; it can be used inside the block.

    Raises:
        SourceError: when the file cannot be read.
        BundleError: when it is not a sound bundle.
    """
    path = Path(path)
    with _file(path) as file:
        size = os.fstat(file.fileno()).st_size
        limit = reader.limits.total_bytes
        if size > 2 * limit:
            msg = f"{shown(path)} has {size:,} bytes; what a bundle may hold is {limit:,}"
            raise BundleError(msg, "See that it is the right file.")
        with _decrypted(file, reader) as (plain, encrypted):
            yield verify(
                plain,
                check=check,
                limits=reader.limits,
                path=shown(path),
                file_size=size,
                encrypted=encrypted,
                known=known,
                progress=progress,
                contents=contents,
            )


def file_digest(path: str | Path) -> str:
    """Return the digest of a file's bytes."""
    digest = hashlib.sha256()
    with _file(Path(path)) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return PREFIX + digest.hexdigest()


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    try:
        if not path.is_file():
            msg = f"there is no file {shown(path)}"
            raise SourceError(msg, "See that the name is right.")
        file = path.open("rb")
    except OSError as error:
        msg = f"{shown(path)} cannot be read: {error.strerror or error}"
        raise SourceError(msg, "See that you may read it.") from error
    with file:
        yield file


@contextmanager
def _decrypted(file: BinaryIO, reader: Reader) -> Iterator[tuple[BinaryIO, bool]]:
    """Hand on the archive; one that is encrypted is decrypted into a file without a name (F32)."""
    first = file.read(_FIRST)
    file.seek(0)
    if is_sketch(first):
        with tempfile.TemporaryFile() as converted:
            convert(file.read(MAX_BYTES), converted)
            converted.seek(0)
            yield converted, False
        return
    if not first.startswith(b"anvil-encrypted-bundle "):
        yield file, False
        return
    with _plain(file, reader) as plain:
        yield plain, True


def _plain(file: BinaryIO, reader: Reader) -> BinaryIO:
    """Return what a file decrypts to, in a temporary file without a name."""
    from anvil_nb.bundles.encryption import decrypt  # noqa: PLC0415 - loads the ciphers

    try:
        with ExitStack() as opened:
            plain = opened.enter_context(tempfile.TemporaryFile())
            decrypt(
                file,
                plain,
                reader.ring,
                passphrase=reader.passphrase,
                key_passphrase=reader.key_passphrase,
            )
            plain.seek(0)
            opened.pop_all()
            return plain
    except OSError as error:
        msg = f"there is no room to decrypt the bundle: {error.strerror or error}"
        raise AnvilError(msg, "Make room, or set TMPDIR to a folder that has some.") from error
