"""Listing and searching, a page at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anvil_nb.domain.address import parse_prefix
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.listing import Hit, Hits, Item, Page
from anvil_nb.store import entries, projects, search, sets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anvil_nb.access import Access

LIMIT = 50
"""How many items a page has unless asked."""
MAX_LIMIT = 1_000
MAX_QUERY = 1_000
_SNIPPET = 100
_DESCRIBED = 80


def ls(
    access: Access, prefix: str = "", *, limit: int = LIMIT, cursor: str | None = None
) -> Page:
    """List what is under a prefix: projects, the sets of a project, or the prompts of a set.

    Args:
        access: Whose store.
        prefix: ``""``, ``project``, ``project/set`` or the beginning of a name in one of them.
        limit: Items on the page, at most ``MAX_LIMIT``.
        cursor: From the page before.

    Raises:
        AddressError: for a prefix that is none.
    """
    wanted = parse_prefix(prefix)
    access.check_organisation(wanted)
    _check_limit(limit)
    path, after = wanted.path, cursor or ""
    with access.engine.read() as tx:
        who = access.organisation_id
        if wanted.prompt is not None:
            items = prompt_items(entries.page(tx, who, path, after, limit + 1))
        elif wanted.set is not None and sets.by_path(tx, who, path.rstrip("/")) is not None:
            items = prompt_items(entries.page(tx, who, path.rstrip("/") + "/", after, limit + 1))
        elif wanted.set is not None:
            items = set_items(sets.page(tx, who, path, after, limit + 1))
        elif wanted.project and projects.by_slug(tx, who, wanted.project) is not None:
            items = set_items(sets.page(tx, who, f"{wanted.project}/", after, limit + 1))
        else:
            rows = projects.page(tx, who, wanted.project or "", after, limit + 1)
            items = tuple(Item("project", *row[:3], count=row[3]) for row in rows)
    more = items[limit - 1].address if len(items) > limit else None
    return Page(prefix, items[:limit], more)


def set_items(rows: Iterable[tuple[str, str, str, int, str | None]]) -> tuple[Item, ...]:
    """Return rows of sets as items."""
    return tuple(
        Item("set", path, title, description, count=count, version=version)
        for path, title, description, count, version in rows
    )


def prompt_items(
    rows: Iterable[tuple[str, str, str | None, str | None, str, str]],
) -> tuple[Item, ...]:
    """Return rows of prompts as items."""
    return tuple(_prompt_item(*row) for row in rows)


def _prompt_item(  # noqa: PLR0913 - the columns
    path: str, digest: str, published: str | None, version: str | None, summary: str, body: str
) -> Item:
    del summary
    state = "new" if published is None else "published" if published == digest else "changed"
    description = json.loads(body)["metadata"]["description"]
    return Item(
        "prompt",
        path,
        description=_shortened(description, _DESCRIBED),
        version=version,
        state=state,
        digest=digest,
    )


def find_text(
    access: Access,
    query: str,
    *,
    prefix: str = "",
    limit: int = LIMIT,
    cursor: str | None = None,
) -> Hits:
    """Search names, titles, descriptions, tags and templates for all words of ``query``.

    Args:
        access: Whose store.
        query: Words; each must occur, in any letter case.
        prefix: Search below it only.
        limit: Hits on the page, at most ``MAX_LIMIT``.
        cursor: From the page before.

    Raises:
        InvalidInputError: for an empty or overlong query, or a cursor that is none.
    """
    terms = list(dict.fromkeys(query.casefold().split()))
    if not terms or len(query) > MAX_QUERY or "\0" in query:
        msg = f"a search needs words, at most {MAX_QUERY:,} characters of them"
        raise InvalidInputError(msg, "Try: anvil search refund")
    _check_limit(limit)
    wanted = parse_prefix(prefix)
    access.check_organisation(wanted)
    offset = _offset(cursor)
    with access.engine.read() as tx:
        groups = (
            search.groups(tx, access.organisation_id, terms, limit)
            if not offset and not wanted.path
            else []
        )
        rows = search.prompts(
            tx,
            access.organisation_id,
            terms,
            prefix=wanted.path,
            offset=offset,
            limit=limit + 1,
        )
    hits = [
        Hit("set" if "/" in path else "project", path, title, description, "", 0)
        for path, title, description in groups
    ]
    hits += [_hit(row, terms) for row in rows[:limit]]
    return Hits(query, tuple(hits), str(offset + limit) if len(rows) > limit else None)


def _hit(row: search.HitRow, terms: list[str]) -> Hit:
    body = json.loads(row.body)
    metadata = body["metadata"]
    said = "\n".join((metadata["description"], " ".join(metadata["tags"])))
    snippet = _snippet(body["template"], terms) or _snippet(said, terms)
    address = f"{row.path}@{row.version or row.selector}"
    described = _shortened(metadata["description"], _DESCRIBED)
    return Hit("prompt", address, "", described, snippet, row.score, row.digest)


def _snippet(text: str, terms: list[str]) -> str:
    """Return the part of ``text`` around the first term it has, on one line."""
    folded = text.lower()
    at = min((found for term in terms if (found := folded.find(term)) >= 0), default=-1)
    if at < 0:
        return ""
    start = max(0, at - _SNIPPET // 3)
    part = " ".join(text[start : start + _SNIPPET].split())
    return f"{'…' if start else ''}{part}{'…' if start + _SNIPPET < len(text) else ''}"


def _shortened(text: str, width: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:  # noqa: PLR2004 - digits
        msg = f"'{cursor}' is no cursor of a search"
        raise InvalidInputError(msg, "Pass the cursor that the page before gave, or none.")
    return int(cursor)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        msg = f"a limit is a number from 1 to {MAX_LIMIT:,}, found {limit}"
        raise InvalidInputError(msg, "Use --limit 50 and the cursor of each page.")
