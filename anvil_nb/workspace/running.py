"""Running prompts over rows of data."""

# ruff: noqa: PLC0415 - a method imports its service when called: this one loads the event loop

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.domain.address import parse_prompt_address
from anvil_nb.workspace.arguments import check_functions, check_mappings
from anvil_nb.workspace.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anvil_nb.results.prompt import Rendered
    from anvil_nb.results.run import Run


class Running(State):
    """What tries prompts out."""

    def run(  # noqa: PLR0913 - what a run may say
        self,
        addresses: str | Sequence[str],
        data: object,
        *,
        call: Callable[[Rendered], object] | None = None,
        variables: Mapping[str, object] | None = None,
        concurrency: int = 8,
        progress: Callable[[int, int], None] | None = None,
    ) -> Run:
        """Render one or more versions of a prompt over rows, and call a function on each.

        Args:
            addresses: Of the prompts, side by side in the result.
            data: Rows: mappings, a data frame, or the path of a CSV, JSON or JSONL file.
            call: Takes each ``Rendered``; sync or async; its errors are kept per row.
            variables: Values passed to every row.
            concurrency: How many calls at a time.
            progress: Is told how many cells are done, of how many.
        """
        from anvil_nb import runs

        check_mappings(variables=variables)
        check_functions(progress=progress)
        # What is neither is refused by the parser, which says what an address is.
        wanted = list(addresses) if isinstance(addresses, list | tuple) else [addresses]
        return runs.run(
            self._access,
            [parse_prompt_address(address) for address in wanted],  # type: ignore[arg-type]  # see above
            data,
            call=call,
            variables=variables or {},
            concurrency=concurrency,
            progress=progress,
        )
