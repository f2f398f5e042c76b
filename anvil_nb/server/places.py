"""The parts of addresses that stand in paths and queries.

The dependencies are coroutines, though they wait for nothing: others run in threads.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Path, Query

from anvil_nb.access import Access
from anvil_nb.domain.address import Address
from anvil_nb.domain.naming import LONGEST_NAME, NAME_PATTERN
from anvil_nb.domain.selector import parse_selector
from anvil_nb.server.auth import acting
from anvil_nb.server.patterns import SELECTOR

_NAME = f"^{NAME_PATTERN}$"

Project: TypeAlias = Annotated[str, Path(pattern=_NAME, max_length=LONGEST_NAME)]
Set: TypeAlias = Annotated[str, Path(alias="set", pattern=_NAME, max_length=LONGEST_NAME)]
Prompt: TypeAlias = Annotated[str, Path(pattern=_NAME, max_length=LONGEST_NAME)]
At: TypeAlias = Annotated[
    str | None,
    Query(
        alias="at",
        description="A version, a range, a label, `latest`, `draft`, or `sha256:` and digits.",
        min_length=1,
        max_length=200,
        json_schema_extra={"pattern": SELECTOR},
        examples=["latest", "1.2.0", "^1.2", "draft"],
    ),
]


async def set_address(project: Project, prompt_set: Set) -> Address:
    """Return the address of the set in a path."""
    return Address(None, project, prompt_set)


SetAddress: TypeAlias = Annotated[Address, Depends(set_address)]


async def prompt_address(found: SetAddress, prompt: Prompt) -> Address:
    """Return the address of the prompt in a path."""
    return found.with_prompt(prompt)


PromptAddress: TypeAlias = Annotated[Address, Depends(prompt_address)]

Reader: TypeAlias = Annotated[Access, Depends(acting("read:prompts"))]
Writer: TypeAlias = Annotated[Access, Depends(acting("write:prompts"))]
Admin: TypeAlias = Annotated[Access, Depends(acting("admin"))]


def at(address: Address, selector: str | None) -> Address:
    """Return an address with a selector that was sent; without one where none was.

    Raises:
        AddressError: for a selector that is none.
    """
    return address if selector is None else address.with_selector(parse_selector(selector))
