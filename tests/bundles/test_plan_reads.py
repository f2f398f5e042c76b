"""How much a plan reads: as many statements for very many prompts as for few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.store.objects import Recent
from anvil_nb.store.postgres_transaction import PostgresTransaction
from anvil_nb.store.shared_file import DuckDBTransaction
from tests.bundles.stores import SET, open_keys, plan, publish, send, take

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

FEW, MANY = 3, 40


@pytest.fixture
def statements(engine: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that read, as the engine is handed them."""
    seen: list[str] = []
    kind: Any = DuckDBTransaction if engine == "duckdb" else PostgresTransaction

    def counted(method: str) -> None:
        real = getattr(kind, method)

        def read(self: Any, sql: str, *params: object) -> Any:
            seen.append(sql)
            return real(self, sql, *params)

        monkeypatch.setattr(kind, method, read)

    counted("row")
    counted("rows")
    return seen


@pytest.mark.parametrize("strategy", ["manual", "overwrite", "version"])
def test_prompts_in_conflict_are_read_together(
    theirs: Workspace,
    ours: Workspace,
    bundle: Path,
    statements: list[str],
    strategy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = []
    names = [f"prompt-{number}" for number in range(MANY)]
    publish(theirs, SET, **dict.fromkeys(names, "one\ntwo\n"))
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, **{name: f"{name} ONE\ntwo\n" for name in names})
    for name in names:
        ours.save(f"{SET}/{name}", f"one\ntwo\n{name}\n")
    for count in (FEW, MANY):
        send(theirs, [f"{SET}/{name}" for name in names[:count]], bundle)
        statements.clear()
        with monkeypatch.context() as patched:
            patched.setattr(Recent, "find", lambda *_: None)  # nothing is in memory
            found = plan(ours, bundle, strategy=strategy)
        used.append(len(statements))
        assert len(found.conflicts) == count
        for one in found.conflicts:
            assert one.prompts[0].base == "one\ntwo\n"
            assert one.prompts[0].clean
    assert used[0] == used[1]


def test_merged_texts_for_prompts_in_conflict_are_checked_without_reading_all_others(
    theirs: Workspace, ours: Workspace, bundle: Path, statements: list[str]
) -> None:
    names = [f"prompt-{number}" for number in range(MANY)]
    publish(theirs, SET, **dict.fromkeys(names, "one"))
    send(theirs, SET, bundle)
    take(ours, bundle)
    publish(theirs, SET, **{name: f"{name} there" for name in names})
    for name in names:
        ours.save(f"{SET}/{name}", f"{name} here")
    send(theirs, [f"{SET}/{name}" for name in names], bundle)
    keys = open_keys(plan(ours, bundle))
    both = {
        key: {"merged": {name: f"{name} both"}}
        for key, name in zip(keys, sorted(names), strict=True)
    }
    statements.clear()
    assert plan(ours, bundle, resolutions=both).open == ()
    assert len(statements) < MANY
