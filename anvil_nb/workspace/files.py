"""Bringing prompts in from files, and putting them out as files."""

# ruff: noqa: PLC0415 - a method imports its service when called: most programs use few of them

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.address import parse_set_address
from anvil_nb.workspace.arguments import check_mappings, check_paths, check_texts
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anvil_nb.results.transfer import Loaded, Written


class Files(State):
    """What moves prompts between the store and a folder."""

    def load(  # noqa: PLR0913 - what a load may say
        self,
        path: str | Path,
        into: str,
        *,
        columns: Mapping[str, str] | None = None,
        liquid: bool = False,
        dry_run: bool = False,
        message: str = "",
    ) -> Loaded:
        """Bring prompts from a file or folder into the draft of a set, in one transaction."""
        from anvil_nb.catalog import loading

        check_paths(path=path)
        check_mappings(columns=columns)
        check_texts(**(columns or {}))
        place = parse_set_address(into)
        return loading.load(
            self._access if dry_run else self._to_write,
            path,
            place,
            columns=columns,
            liquid=liquid,
            dry_run=dry_run,
            message=message,
        )

    def write(self, prefix: str, folder: str | Path, *, force: bool = False) -> Written:
        """Put prompts out as files that load back to the same digests."""
        from anvil_nb.catalog import writing

        check_paths(folder=folder)
        return writing.write(self._access, prefix, folder, force=force)
