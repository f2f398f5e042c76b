"""Several who import at once, in threads and in processes: one result, and nobody is harmed."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from anvil_nb.errors import AnvilError
from anvil_nb.results.exchange import ImportReport
from tests.bundles.stores import SET, everything, numbers, publish, send, state, take, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Opener, Starter

IMPORT = """
import json
print("ready", flush=True)
sys.stdin.readline()
said = []
for path in arguments:
    try:
        report = ws.import_bundle(path, allow_unsigned=True, strategy="version")
        said.append({"id": report.id, "changed": report.changed})
    except errors.AnvilError as error:
        said.append({"raised": error.code, "message": error.message})
print(json.dumps(said), flush=True)
"""


def at_once(calls: list[Callable[[], object]]) -> list[object]:
    """Make calls in a thread each, started together; return what each returned or raised."""
    barrier = threading.Barrier(len(calls))

    def call(one: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return one()
        except AnvilError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def in_processes(start: Starter, number: int, *paths: Path) -> list[list[dict[str, Any]]]:
    """Import in several processes at once; return what came of it in each."""
    processes = [start("ours", "acme", IMPORT, *paths) for _ in range(number)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in processes]
    return [json.loads(one) for one in said]


def versions_here(ws: Workspace) -> set[tuple[Any, ...]]:
    """Return the versions of a store without what is its own: their places in its history."""
    return {(*row[:8], row[10]) for row in state(ws)["versions"]}


def test_of_two_in_threads_one_imports_and_the_other_finds_it_done(
    theirs: Workspace, ours: Workspace, bundle: Path, open_workspace: Opener
) -> None:
    other = open_workspace(actor="eve")
    for number in range(4):
        publish(theirs, SET, welcome=f"text {number}")
        publish(theirs, f"desk/set-{number}", new="new")
        send(theirs, "desk", bundle)
        found = at_once([lambda: take(ours, bundle), lambda: take(other, bundle)])
        assert all(isinstance(one, ImportReport) for one in found), found
        assert sorted(one.changed for one in found) == [False, True]  # type: ignore[attr-defined]
        assert texts(ours, SET) == {"welcome": f"text {number}"}
        assert len(ours.imports().records) == number + 1
    assert numbers(ours) == numbers(theirs)


def test_of_several_in_processes_one_imports(
    theirs: Workspace, ours: Workspace, bundle: Path, tmp_path: Path, start: Starter
) -> None:
    publish(theirs, SET, welcome="one", foot="Bye")
    publish(theirs, "shop/letters", dear="Dear")
    send(theirs, ["desk", "shop"], bundle)
    publish(theirs, SET, welcome="two")
    second = tmp_path / "second.anvil"
    send(theirs, ["shop", "desk"], second)
    found = in_processes(start, 3, bundle, second)
    said = [one for process in found for one in process]
    assert not [one for one in said if "raised" in one]
    assert 1 <= sum(one["changed"] for one in said) <= 2
    assert len(ours.imports().records) == sum(one["changed"] for one in said)
    assert numbers(ours) == ["1.0.1", "1.0.0"]
    # The same as from one after the other.
    for ws in (ours, theirs):
        assert texts(ws, f"{SET}@latest") == {"foot": "Bye", "welcome": "two"}
    assert versions_here(ours) == versions_here(theirs)


def test_two_makers_whose_sets_have_one_name_both_arrive(
    ours: Workspace, tmp_path: Path, open_workspace: Opener
) -> None:
    """Whoever is second meets the conflict that the first has made."""
    paths = []
    for number in range(3):
        maker = open_workspace("theirs", organisation=f"maker-{number}", actor="eve")
        publish(maker, SET, welcome=f"of {number}")
        paths.append(tmp_path / f"{number}.anvil")
        send(maker, SET, paths[-1])
    found = at_once([partial(take, ours, path, strategy="version") for path in paths])
    assert all(isinstance(one, ImportReport) for one in found), found
    sets = [item.address for item in ours.ls("desk")]
    assert sets == [SET, f"{SET}-2", f"{SET}-3"]
    assert {texts(ours, path)["welcome"] for path in sets} == {"of 0", "of 1", "of 2"}
    before = everything(ours)
    for path in paths:
        assert not take(ours, path).changed
    assert everything(ours) == before


def test_an_import_beside_those_who_save_and_publish(
    theirs: Workspace, ours: Workspace, bundle: Path, open_workspace: Opener
) -> None:
    other = open_workspace(actor="eve")
    publish(ours, SET, mine="mine")
    send(ours, SET, bundle)
    take(theirs, bundle)
    for number in range(4):
        publish(theirs, SET, welcome=f"theirs {number}")
        send(theirs, SET, bundle)
        found = at_once([
            lambda: take(ours, bundle, strategy="version"),
            lambda: other.save(f"{SET}/mine", f"mine {number}"),
            lambda: other.publish(SET),
        ])  # fmt: skip
        assert not [one for one in found if isinstance(one, AnvilError)], found
        # Whether it was published, and theirs came after it, or stands in the draft.
        stands = [texts(ours, f"{SET}@{at}").get("mine") for at in ("draft", *numbers(ours))]
        assert f"mine {number}" in stands
    sequences = [(row[1], row[8]) for row in state(ours)["versions"]]
    assert len(sequences) == len(set(sequences))
    there = {version.digest for version in theirs.log(SET)}
    assert there <= {version.digest for version in ours.log(SET)}


def test_an_import_and_its_undoing_at_once(
    theirs: Workspace, ours: Workspace, bundle: Path, open_workspace: Opener
) -> None:
    other = open_workspace(actor="eve")
    publish(theirs, SET, welcome="one")
    send(theirs, SET, bundle)
    for _ in range(3):
        report = take(ours, bundle)
        found = at_once([lambda: other.undo_import(report.id), lambda: ours.undo_import(report.id)])
        assert sorted(type(one).__name__ for one in found) == ["Done", "RefusedError"]
        assert all(not rows for rows in state(ours).values())
