"""Search: ``/search``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from anvil_nb.catalog.search import MAX_QUERY, find_text
from anvil_nb.server.models import Hit, Page, page_of
from anvil_nb.server.patterns import PREFIX
from anvil_nb.server.places import Reader
from anvil_nb.server.routing import DEFAULT_LIMIT, READ, CountCursor, Limit, api_router

router = api_router("/search", "search")
_WORDS = r"^[^\x00]*[^\s\x00-\x1f][^\x00]*$"
"""Text with something in it that is no white space."""


@router.get("", response_model=Page[Hit], operation_id="search", responses=READ)
def search(
    access: Reader,
    q: Annotated[
        str,
        Query(
            description="Words; each must occur.",
            max_length=MAX_QUERY,
            json_schema_extra={"pattern": _WORDS},
        ),
    ],
    prefix: Annotated[
        str,
        Query(
            description="Search below it only.",
            max_length=300,
            json_schema_extra={"pattern": PREFIX},
        ),
    ] = "",
    limit: Limit = DEFAULT_LIMIT,
    cursor: CountCursor = None,
) -> dict[str, Any]:
    """Find projects, sets and prompts that have all words, best first."""
    found = find_text(access, q, prefix=prefix, limit=limit, cursor=cursor)
    return page_of([one.to_json() for one in found], found.cursor)
