"""The views over items, read by programs that know nothing but SQL."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pytest

if TYPE_CHECKING:
    from tests.services.conftest import Opener

VIEWS = {
    "skills": "organisation_id id key name description enabled category tags instructions fields "
    "digest created_at updated_at organisation",
    "contents": "organisation_id id key source_id slug title description kind author published_at "
    "tags public body fields digest created_at updated_at organisation",
    "agents": "organisation_id id name display_name description system_prompt "
    "system_prompt_address enabled tags skills fields digest created_at updated_at organisation",
    "contexts": "organisation_id id slug name description fields digest created_at updated_at "
    "organisation",
}


def connected(store: str) -> Any:
    """Connect to a store by its driver, as any program may."""
    if store.startswith("postgres"):
        return psycopg.connect(store)
    return duckdb.connect(store)


@pytest.fixture
def filled(open_workspace: Opener, store: str) -> str:
    """A store of two organisations that is in use by nobody."""
    for organisation in ("acme", "rival"):
        ws = open_workspace(organisation=organisation)
        ws.save_skill("triage", {"description": f"Sorts for {organisation}", "tags": ["a", "b"]})
        ws.save_content("blog/hello", {"title": "Hello", "body": "Text"})
        ws.save_agent("clerk", {"system_prompt": "Be brief.", "skills": ["triage"]})
        ws.save_context("support", {"description": "Questions"})
        ws.save_skill("gone", {"description": "Removed"})
        ws.remove_skill("gone")
        ws.close()
    return store


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_columns_that_are_documented(filled: str, view: str) -> None:
    with closing(connected(filled)) as plain:
        cursor = plain.execute(f"select * from {view} order by organisation")  # noqa: S608 - ours
        assert " ".join(column[0] for column in cursor.description) == VIEWS[view]
        rows = cursor.fetchall()
    assert [row[-1] for row in rows] == ["acme", "rival"]


def test_items_are_found_by_sql_as_they_are_by_python(filled: str, open_workspace: Opener) -> None:
    with closing(connected(filled)) as plain:
        skills = plain.execute(
            "select key, description, tags ->> 1, digest from skills where organisation = 'acme'"
        ).fetchall()
        agents = plain.execute(
            "select name, system_prompt, skills ->> 0 from agents where organisation = 'acme'"
        ).fetchall()
    ws = open_workspace()
    assert skills == [("triage", "Sorts for acme", "b", ws.skill("triage").digest)]
    assert agents == [("clerk", "Be brief.", "triage")]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_cannot_be_written_to(filled: str, view: str) -> None:
    for statement in (f"update {view} set digest = ''", f"delete from {view}"):  # noqa: S608 - ours
        with closing(connected(filled)) as plain, pytest.raises((duckdb.Error, psycopg.Error)):
            plain.execute(statement)
