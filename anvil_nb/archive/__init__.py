"""Archives: bytes in, checked members out; and the other way round.

The ZIP of docs/bundle-format.md, section 1, and nothing more lenient: ``zip_reader`` over ``end``,
``directory``, ``members`` and ``inflating``, and ``zip_writer``; ``records``, ``names`` and
``limits`` are what both go by. What the members mean is not known here, and nothing is unpacked
into a folder.
"""

from __future__ import annotations

from anvil_nb.archive.limits import DEFAULT_LIMITS, Limits
from anvil_nb.archive.members import Member
from anvil_nb.archive.zip_reader import Archive, open_archive
from anvil_nb.archive.zip_writer import ArchiveWriter

__all__ = ["DEFAULT_LIMITS", "Archive", "ArchiveWriter", "Limits", "Member", "open_archive"]
