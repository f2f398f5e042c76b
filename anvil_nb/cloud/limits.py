"""How much a tenant may have and send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TenantLimits:
    """Limits of one tenant's files and records.

    Args:
        files: How many files.
        file_bytes: How large one may be.
        total_bytes: How large all of them may be together.
        records: How many records one import may have.
    """

    files: int = 100_000
    file_bytes: int = 64 << 20
    total_bytes: int = 1 << 30
    records: int = 100_000


DEFAULT_LIMITS: Final = TenantLimits()
