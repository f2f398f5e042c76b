"""Searching: all words of a query, ranked by where they stand, with a snippet.

Letters are compared case-folded, so that ``STRASSE`` finds ``Straße``. Folding is Python's on
both engines: what a database makes of letters beyond ASCII depends on how it was set up.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anvil_nb.catalog import LIMIT
from anvil_nb.catalog.listing import check_limit, check_there, shortened
from anvil_nb.domain.address import parse_prefix
from anvil_nb.domain.prose import is_keepable
from anvil_nb.domain.values import type_name
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.listing import Hit, Hits
from anvil_nb.store import search

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from anvil_nb.access import Access
    from anvil_nb.domain.address import Prefix

MAX_QUERY = 1_000
"""Longest query, in characters."""
MAX_TERMS = 20
"""Most different words in a query."""
_SNIPPET = 100
_BEFORE = 30


def find_text(
    access: Access,
    query: str,
    *,
    prefix: str = "",
    limit: int = LIMIT,
    cursor: str | None = None,
) -> Hits:
    """Search names, titles, descriptions, tags and templates for all words of ``query``.

    Projects and sets come first, then the prompts of drafts and latest versions, best first.

    Args:
        access: Whose store.
        query: Words; each must occur, in any letter case.
        prefix: Search below it only.
        limit: Hits on the page.
        cursor: From the page before.

    Raises:
        InvalidInputError: for an empty or overlong query, or a cursor that is none.
        NotFoundError: for a prefix that no project or set begins with.
    """
    terms = _terms(query)
    check_limit(limit)
    wanted = parse_prefix(prefix)
    access.check_organisation(wanted)
    offset = _offset(cursor)
    with access.read() as tx:
        known = search.groups(tx, access.organisation_id)
        if not prefix.endswith("*") and not _begun(known, wanted):
            check_there(access, tx, wanted)
        groups = _found(known, terms, wanted.path)
        here = groups[offset : offset + limit]
        rows = search.prompts(
            tx,
            access.organisation_id,
            terms,
            _titled(known, terms),
            prefix=wanted.path,
            offset=max(0, offset - len(groups)),
            limit=limit - len(here) + 1,
        )
    told = {row.path: _told(row) for row in known}
    hits = [*here, *(_hit(row, terms, told) for row in rows)]
    more = str(offset + limit) if len(hits) > limit or offset + limit < len(groups) else None
    return Hits(query, tuple(hits[:limit]), more)


def _begun(known: Iterable[search.GroupRow], wanted: Prefix) -> bool:
    """Tell whether a project or set begins so, or is the one that prompts are looked for in."""
    if wanted.prompt is not None:
        return any(row.path == f"{wanted.project}/{wanted.set}" for row in known)
    return any(row.path.startswith(wanted.path) for row in known)


def _terms(query: str) -> list[str]:
    if not isinstance(query, str):
        msg = f"a search is for text, found {type_name(query)}"
        raise InvalidInputError(msg, "Try: anvil search refund")
    terms = list(dict.fromkeys(query.casefold().split()))
    if not terms or len(query) > MAX_QUERY or not is_keepable(query):
        msg = f"a search needs words, at most {MAX_QUERY:,} characters of them"
        raise InvalidInputError(msg, "Try: anvil search refund")
    if len(terms) > MAX_TERMS:
        msg = f"a search takes at most {MAX_TERMS} different words, found {len(terms)}"
        raise InvalidInputError(msg, "Search for the rarest of them.")
    return terms


def _found(known: Iterable[search.GroupRow], terms: Sequence[str], prefix: str) -> list[Hit]:
    """Return the projects and sets that have all terms, best first."""
    found = [
        Hit(
            "project" if row.set_id is None else "set",
            row.path,
            row.title,
            shortened(row.description),
            _snippet(_told(row), terms),
            score,
        )
        for row in known
        if row.path.startswith(prefix)
        and (score := _score(row.path, _said(row.title, row.description), terms))
    ]
    return sorted(found, key=lambda hit: (-hit.score, hit.address))


def _score(path: str, said: str, terms: Sequence[str]) -> int:
    """Return how well all terms fit a project or set; 0 where one is missing."""
    name = path.rpartition("/")[2]
    scores = [
        search.SAME_NAME * (name == term)
        + search.IN_NAME * (term in name)
        + search.IN_PATH * (term in path)
        + search.IN_TITLES * (term in said)
        for term in terms
    ]
    return sum(scores) if all(scores) else 0


def _titled(known: Iterable[search.GroupRow], terms: Sequence[str]) -> list[search.Titled]:
    """Return the sets that have each term in what is said about them or about their project."""
    projects: dict[object, str] = {}
    found: list[search.Titled] = []
    for row in known:  # a project stands before its sets
        said = _said(row.title, row.description)
        if row.set_id is None:
            projects[row.project_id] = said
            continue
        said += f"\n{projects.get(row.project_id, '')}"
        found += [search.Titled(row.set_id, term) for term in terms if term in said]
    return found


def _told(row: search.GroupRow) -> str:
    return "\n".join(filter(None, (row.title, row.description)))


def _said(*texts: str) -> str:
    return "\n".join(texts).casefold()


def _hit(row: search.HitRow, terms: Sequence[str], told: Mapping[str, str]) -> Hit:
    body = json.loads(row.body)
    metadata = body["metadata"]
    project, group, _ = row.path.split("/")
    texts = (
        body["template"],
        "\n".join((metadata["description"], " ".join(metadata["tags"]))),
        told.get(f"{project}/{group}", ""),
        told.get(project, ""),
    )
    return Hit(
        "prompt",
        f"{row.path}@{row.version or row.selector}",
        "",
        shortened(metadata["description"]),
        next(filter(None, (_snippet(text, terms) for text in texts)), ""),
        row.score,
        row.digest,
    )


def _snippet(text: str, terms: Sequence[str]) -> str:
    """Return the part of ``text`` around the first term it has, on one line."""
    folded = text.casefold()
    places = (folded.find(term) for term in terms)
    at = min((place for place in places if place >= 0), default=-1)
    if at < 0:
        return ""
    if len(folded) != len(text):
        at = _unfolded(text, at)
    start = max(0, at - _BEFORE)
    part = " ".join(text[start : start + _SNIPPET].split())
    return f"{'…' * bool(start)}{part}{'…' * (start + _SNIPPET < len(text))}"


def _unfolded(text: str, at: int) -> int:
    """Return where in ``text`` the character at ``at`` of its case-folded form comes from."""
    for index, character in enumerate(text):
        at -= len(character.casefold())
        if at < 0:
            return index
    return len(text)


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:  # noqa: PLR2004 - digits
        msg = "that is no cursor of a search"
        raise InvalidInputError(msg, "Pass the cursor that the page before gave, or none.")
    return int(cursor)
