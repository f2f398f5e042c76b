"""What schemathesis is told beside the specification; see ``schemathesis.toml``."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from itertools import count
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis.core import NotSet
from schemathesis.transport.serialization import Binary

if TYPE_CHECKING:
    from schemathesis import Case, HookContext

OWN = os.environ["ANVIL_TOKEN_ID"]
"""Of the token that all requests carry."""
KEYS = count()


@schemathesis.serializer("application/vnd.anvil.blobs")
def framed(context: Any, value: Any) -> bytes:
    """Send sound bytes as a frame (docs/http-sync.md, section 3), and unsound ones as they are."""
    data, meta = bytes_of(value), context.case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return data
    return hashlib.sha256(data).digest() + len(data).to_bytes(8, "big") + data


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(_: Any, value: Any) -> bytes:
    """Send bytes of media types that are this API's own."""
    return bytes_of(value)


@schemathesis.hook
def filter_case(_: HookContext, case: Case[Any]) -> bool:
    """Keep the token that all requests carry."""
    return OWN not in case.path_parameters.values()


@schemathesis.hook
def map_case(_: HookContext, case: Case[Any]) -> Case[Any]:
    """Give each sound request a key of its own, and its bytes the form that no schema describes."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    if "idempotency-key" in case.headers:
        case.headers["idempotency-key"] = f"key-{next(KEYS)}"
    for name in ("if-match", "if-none-match"):
        if case.headers.get(name) == "0":  # it draws this for these two, whatever their pattern
            case.headers[name] = "*"
    operation = case.operation.definition.raw["operationId"]
    if operation in SOUND:
        SOUND[operation](case, bytes_of(case.body))
    return case


def blob(case: Case[Any], data: bytes) -> None:
    """Send bytes under their own checksum."""
    case.path_parameters["checksum"] = hashlib.sha256(data).hexdigest()


def tarball(case: Case[Any], data: bytes) -> None:
    """Send bytes as a file in a tarball."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("content/page.md")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    case.body = Binary(gzip.compress(made.getvalue(), mtime=0))


SOUND = {"put_blob": blob, "upload_files": tarball}


def bytes_of(value: Any) -> bytes:
    """Return a generated body as bytes."""
    data = getattr(value, "data", b"" if isinstance(value, NotSet) else value)
    return data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")
