"""What a bundle holds: shown before it is written, after it was, and when it is inspected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import short
from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import text_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from anvil_nb.domain.digest import Json

_SHOWN = 40
_UNITS = ("B", "KiB", "MiB", "GiB")
_STEP = 1024
_HEADER = ("set", "version", "prompts", "size", "labels")


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signature: the key, what it is called here, and whether it is trusted or was revoked."""

    key_id: str
    name: str
    trusted: bool
    revoked_at: datetime | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return all fields; ``reason`` is why the key was revoked."""
        return {
            "key_id": self.key_id,
            "name": self.name,
            "trusted": self.trusted,
            "revoked_at": None if self.revoked_at is None else self.revoked_at.isoformat(),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class BundledVersion:
    """A version in a bundle; ``size`` is that of its contents in bytes."""

    number: str
    digest: str
    prompts: tuple[str, ...]
    size: int
    complete: bool

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "version": self.number,
            "digest": self.digest,
            "prompts": list(self.prompts),
            "size": self.size,
            "complete": self.complete,
        }


@dataclass(frozen=True, slots=True)
class BundledSet:
    """A prompt set in a bundle; ``labels`` are version numbers."""

    address: str
    title: str
    versions: tuple[BundledVersion, ...]
    labels: Mapping[str, str]

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "address": self.address,
            "title": self.title,
            "versions": [one.to_json() for one in self.versions],
            "labels": dict(self.labels),
        }


@dataclass(frozen=True, slots=True)
class BundleInfo(Result):
    """What a bundle is and holds.

    Args:
        path: Of the file.
        file_size: In bytes; ``None`` when nothing was written.
        digest: What names the bundle, however it is packed or encrypted: that of its manifest.
        format_version: Of the bundle.
        created_at: When it was made.
        created_by: The name of who made it.
        organisation: Where it was made.
        bundle_type: ``project``, ``prompt_set`` or ``selection``.
        sets: In order of their addresses.
        counts: Of its documents, by kind.
        total: Bytes of all members, uncompressed.
        external: Partials that were left out.
        signers: Whose signatures it has.
        encrypted: Whether the file is encrypted.
        description: What its maker says of it.
        tags: What its maker calls it.
    """

    path: str
    file_size: int | None
    digest: str
    format_version: str
    created_at: datetime
    created_by: str
    organisation: str
    bundle_type: str
    sets: tuple[BundledSet, ...]
    counts: Mapping[str, int]
    total: int
    external: tuple[str, ...]
    signers: tuple[SignerInfo, ...]
    encrypted: bool
    description: str
    tags: tuple[str, ...]

    def to_text(self) -> str:
        """Return who made it, what it holds, and who signed it."""
        rows = list(self._rows())
        lines = [visible(line) for line in self._lines()]
        lines.append(text_table(_HEADER, rows[:_SHOWN]))
        if len(rows) > _SHOWN:
            lines.append(f"… and {len(rows) - _SHOWN} more versions (--json shows all)")
        lines += [visible(f"left out: {path}") for path in self.external]
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same, with the versions as a table."""
        rows = list(self._rows())
        first, *lines = self._lines()
        said = [html.element("div", line) for line in lines]
        more = [html.muted(f"… and {len(rows) - _SHOWN} more")] if len(rows) > _SHOWN else []
        left = [html.muted(f"left out: {path}") for path in self.external]
        return html.section(first, *said, html.table(_HEADER, rows[:_SHOWN]), *more, *left)

    def to_json(self) -> Json:
        """Return all fields."""
        counts: dict[str, Json] = dict(self.counts)
        return {
            "path": self.path,
            "file_size": self.file_size,
            "digest": self.digest,
            "format_version": self.format_version,
            "created_at": self.created_at.isoformat(),
            "created_by": {"name": self.created_by, "organisation": self.organisation},
            "bundle_type": self.bundle_type,
            "sets": [one.to_json() for one in self.sets],
            "counts": counts,
            "total": self.total,
            "external": list(self.external),
            "signers": [one.to_json() for one in self.signers],
            "encrypted": self.encrypted,
            "description": self.description,
            "tags": list(self.tags),
        }

    def _lines(self) -> Iterable[str]:
        counts = ", ".join(
            _counted(count, kind.rstrip("s").replace("_", " "))
            for kind, count in self.counts.items()
        )
        size = f"{size_text(self.total)} of documents"
        if self.file_size is None:
            yield f"Would write {self.path or 'a bundle'}: {counts}; {size}"
        else:
            yield f"{self.path}: {counts}; {size_text(self.file_size)}, {size}"
        made = f"{self.created_by or 'somebody'} of {self.organisation}"
        yield f"made {shown(self.created_at)} by {made}, format {self.format_version}"
        yield f"bundle {short(self.digest)}, {'encrypted' if self.encrypted else 'not encrypted'}"
        yield f"signed by {', '.join(map(_signer, self.signers)) or 'nobody'}"
        for one in self.signers:
            if one.revoked_at is not None:
                yield _revocation(one, one.revoked_at)
        if self.description or self.tags:
            yield " ".join((self.description, *(f"#{tag}" for tag in self.tags))).strip()

    def _rows(self) -> Iterable[tuple[str, ...]]:
        for one in self.sets:
            for version in one.versions:
                labels = [name for name, number in one.labels.items() if number == version.number]
                part = "" if version.complete else " of it"
                yield (
                    one.address,
                    version.number,
                    f"{len(version.prompts)}{part}",
                    size_text(version.size),
                    ", ".join(labels),
                )


def size_text(size: int) -> str:
    """Return a number of bytes for people: ``1.4 MiB``."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{size} B" if not unit else f"{value:.1f} {_UNITS[unit]}"


def _signer(signer: SignerInfo) -> str:
    known = signer.name or "an unknown key"
    worth = "revoked" if signer.revoked_at is not None else "not trusted"
    return f"{known} ({short(signer.key_id)}{'' if signer.trusted else f', {worth}'})"


def _revocation(signer: SignerInfo, when: datetime) -> str:
    why = f": {signer.reason}" if signer.reason else ""
    return (
        f"REFUSED by import: the key {signer.name} was revoked on {shown(when)[:10]}{why}. Whoever "
        "has that key may have made this bundle, and written any date into it"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
