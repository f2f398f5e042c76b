"""Runs over a real store: versions side by side, rows of every kind, errors in their cells."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from anvil_nb import runs
from anvil_nb.domain.address import Address, Draft, Latest
from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.runs import MAX_CELLS
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.results.prompt import Rendered
    from anvil_nb.results.run import Run

BEGINNING = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

WELCOME = "desk/emails/welcome"
FIRST = "Hello {{ customer }}{% if orders %}, order {{ orders }}{% endif %}"
SECOND = "Dear {{ customer }}{% if orders %}, order {{ orders }}{% endif %}"
PARAMETERS = [
    {"name": "customer", "type": "string"},
    {"name": "orders", "type": "integer", "required": False},
]


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """A store with two versions of a prompt and a third in the draft; its clock goes on."""
    ticks = count()
    settings = Settings(None, str(tmp_path / "store.duckdb"), "ada", "ada")
    with Workspace(settings, clock=lambda: BEGINNING + timedelta(minutes=next(ticks))) as made:
        for text in (FIRST, SECOND):
            made.save(WELCOME, text, parameters=PARAMETERS)
            made.publish("desk/emails")
        made.save(WELCOME, SECOND + ".")
        yield made


def run(ws: Workspace, addresses: str, data: object, **options: Any) -> Run:
    wanted = [Address.parse(one) for one in addresses.split()]
    return runs.run(ws.access, wanted, data, **options)


def texts(result: Run) -> list[list[str | None]]:
    return [
        [cell.rendered.text if cell.rendered else cell.error for cell in row.cells]
        for row in result.rows
    ]


def outputs(result: Run) -> list[list[object]]:
    return [[cell.output for cell in row.cells] for row in result.rows]


def test_versions_are_rendered_side_by_side_in_the_order_of_the_rows(ws: Workspace) -> None:
    rows = [{"customer": "Ada"}, {"customer": "Bob", "orders": 3}]
    result = run(ws, f"{WELCOME}@1.0.0 {WELCOME} {WELCOME}@draft", rows)
    assert texts(result) == [
        ["Hello Ada", "Dear Ada", "Dear Ada."],
        ["Hello Bob, order 3", "Dear Bob, order 3", "Dear Bob, order 3."],
    ]
    assert [row.number for row in result.rows] == [1, 2]
    assert [row.inputs for row in result.rows] == rows
    assert not result.called


def test_a_run_names_exactly_what_it_ran(ws: Workspace) -> None:
    result = run(ws, f"{WELCOME}@^1 {WELCOME}@draft", [{"customer": "Ada"}])
    latest, draft = result.columns
    version = ws.get(f"{WELCOME}@1.0.1")
    assert (latest.address, latest.digest) == (version.address, version.digest)
    assert latest.version_digest == version.tree is not None
    assert (draft.address, draft.version_digest) == (f"{WELCOME}@draft", None)
    assert draft.digest != latest.digest


@pytest.mark.parametrize(("default", "text"), [(Draft(), "Dear Ada."), (Latest(), "Dear Ada")])
def test_an_address_without_a_selector_gets_the_default(
    ws: Workspace, default: Draft | Latest, text: str
) -> None:
    rows = [{"customer": "Ada"}]
    assert texts(run(ws, WELCOME, rows, default=default)) == [[text]]
    assert texts(run(ws, f"{WELCOME}@1.0.0", rows, default=default)) == [["Hello Ada"]]


def test_the_same_version_twice_is_two_columns(ws: Workspace) -> None:
    asked = count()
    result = run(ws, f"{WELCOME} {WELCOME}", [{"customer": "Ada"}], call=lambda _: next(asked))
    assert sorted(map(int, map(str, outputs(result)[0]))) == [0, 1]


def test_rows_come_from_a_csv_file_by_the_declared_types(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("customer,orders,expected\n007,3,Hi\nBob,,Hi\nCy,many,Hi\n", "utf-8")
    result = run(ws, f"{WELCOME}@1.0.0", path)
    assert texts(result) == [
        ["Hello 007, order 3"],
        ["Hello Bob"],
        ["parameter 'orders' expects an integer, got 'many'"],
    ]
    assert result.rows[0].inputs == {"customer": "007", "orders": "3", "expected": "Hi"}


def test_rows_come_from_a_data_frame(ws: Workspace) -> None:
    frame = pd.DataFrame({"customer": ["Ada", "Bob"], "orders": pd.array([3, None], "Int64")})
    assert texts(run(ws, WELCOME, frame)) == [["Dear Ada, order 3"], ["Dear Bob"]]


def test_what_cannot_be_rendered_is_an_error_of_its_cell(ws: Workspace) -> None:
    ws.save("desk/emails/bye", "Bye {{ name }}")
    called = []
    rows = [{"customer": "Ada"}, {"customer": 7, "name": "Bob"}, {"name": "Cy"}]
    result = run(
        ws,
        f"{WELCOME}@1.0.0 desk/emails/bye@draft",
        rows,
        call=lambda prompt: called.append(prompt.text),
    )
    assert texts(result) == [
        ["Hello Ada", "no value for the required parameter 'name'"],
        ["parameter 'customer' expects a string, got integer 7", "Bye Bob"],
        ["no value for the required parameter 'customer'", "Bye Cy"],
    ]
    assert result.errors == 3
    assert sorted(called) == ["Bye Bob", "Bye Cy", "Hello Ada"]


def test_a_function_answers_each_prompt_and_its_errors_stay_in_their_cells(
    ws: Workspace,
) -> None:
    async def answer(prompt: Rendered) -> dict[str, str]:
        await asyncio.sleep(0)
        if "Bob" in prompt.text:
            msg = "refused"
            raise ValueError(msg)
        return {"answer": prompt.text.upper(), "of": prompt.address}

    rows = [{"customer": "Ada"}, {}, {"customer": "Bob"}, {"customer": "Cy"}]
    result = run(ws, f"{WELCOME}@1.0.0 {WELCOME}@draft", rows, call=answer)
    addresses = [column.address for column in result.columns]
    missing = "no value for the required parameter 'customer'"
    assert [[cell.error for cell in row.cells] for row in result.rows] == [
        [None, None],
        [missing, missing],
        ["ValueError: refused", "ValueError: refused"],
        [None, None],
    ]
    assert outputs(result)[0] == [
        {"answer": "HELLO ADA", "of": addresses[0]},
        {"answer": "DEAR ADA.", "of": addresses[1]},
    ]
    assert outputs(result)[3] == [
        {"answer": "HELLO CY", "of": addresses[0]},
        {"answer": "DEAR CY.", "of": addresses[1]},
    ]
    assert result.rows[2].cells[0].rendered is not None
    assert result.called


def test_a_variable_goes_to_every_row_and_to_the_prompts_that_take_it(ws: Workspace) -> None:
    ws.save("desk/emails/bye", "Bye {{ name }}")
    result = run(
        ws,
        f"{WELCOME}@1.0.0 desk/emails/bye@draft",
        [{"name": "Bob", "orders": 1}, {"name": "Cy"}],
        variables={"customer": "Ada", "orders": 5},
    )
    assert texts(result) == [["Hello Ada, order 5", "Bye Bob"], ["Hello Ada, order 5", "Bye Cy"]]
    assert result.rows[0].inputs == {"name": "Bob", "orders": 5, "customer": "Ada"}


def test_a_variable_stands_for_a_column_of_text_too(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("customer,orders\nAda,none\n", "utf-8")
    result = run(ws, WELCOME, path, variables={"orders": 5})
    assert texts(result) == [["Dear Ada, order 5"]]


def test_a_variable_that_no_prompt_takes_is_refused_before_anything_is_called(
    ws: Workspace,
) -> None:
    called: list[object] = []
    rows = [{"customer": "Ada"}]
    with pytest.raises(InvalidInputError, match="'custmer' is a parameter of none") as refused:
        run(ws, WELCOME, rows, variables={"custmer": "Ada"}, call=called.append)
    assert refused.value.hint == "Did you mean 'customer'?"
    with pytest.raises(InvalidInputError) as refused:
        run(ws, WELCOME, rows, variables={"zzz": 1})
    assert refused.value.hint == "The parameters are: customer, orders"
    assert called == []


def test_columns_that_no_prompt_takes_are_noted_once(ws: Workspace) -> None:
    ws.save("desk/emails/bye", "Bye {{ name }}{{ sign | default: '' }}")
    rows = [{"custmer": "Ada", "name": "Ada"}, {"city": "Paris", "name": "Bob", "signn": "B"}]
    result = run(ws, f"{WELCOME} desk/emails/bye@draft", rows)
    (note,) = result.notes
    assert note == (
        "columns ignored, since no prompt takes them: 'custmer' (did you mean 'customer'?), "
        "'city', 'signn' (did you mean 'sign'?)"
    )
    assert result.to_text().count(note) == 1
    assert "did you mean &#x27;customer&#x27;?" in result.to_html()
    assert result.to_json()["notes"] == [note]  # type: ignore[call-overload, index]  # an object


def test_a_column_is_not_taken_for_a_parameter_that_has_a_value(ws: Workspace) -> None:
    rows = [{"custmer": "Ada", "customer": "Bob"}]
    assert run(ws, WELCOME, rows).notes == ("column ignored, since no prompt takes it: 'custmer'",)
    rows = [{"custmer": "Ada"}]
    (note,) = run(ws, WELCOME, rows, variables={"customer": "Bob"}).notes
    assert "did you mean" not in note
    assert run(ws, WELCOME, [{"customer": "Ada", "orders": 1}]).notes == ()


def test_a_note_on_very_many_columns_is_short(ws: Workspace) -> None:
    row = {f"{'x' * 1_000_000}{n}": n for n in range(30)}
    (note,) = run(ws, WELCOME, [{"customer": "Ada", **row}]).notes
    assert note.endswith("and 20 more")
    assert len(note) < 1000


def test_now_is_the_same_time_in_all_cells(ws: Workspace) -> None:
    ws.save("desk/emails/date", "{{ 'now' | date: '%Y-%m-%d %H:%M' }} {{ n }}")
    result = run(ws, "desk/emails/date@draft", [{"n": n} for n in range(20)])
    times = {str(text).rpartition(" ")[0] for (text,) in texts(result)}
    assert len(times) == 1
    assert times.pop().startswith("2026-03-01 09:")


def test_a_function_may_use_the_store(ws: Workspace) -> None:
    def answer(prompt: Rendered) -> str:
        ws.save("desk/emails/answers", prompt.text)
        return ws.get("desk/emails/answers@draft").template

    with ws.burst():
        result = run(ws, WELCOME, [{"customer": "Ada"}], call=answer)
    assert outputs(result) == [["Dear Ada"]]


def test_progress_ends_with_the_total_and_counts_cells_that_failed(ws: Workspace) -> None:
    told: list[tuple[int, int]] = []
    enough = threading.Event()

    def progress(done: int, total: int) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append((done, total))
        enough.set()

    rows = [{}, {"customer": "Ada"}, {"customer": "Bob"}]
    result = run(ws, WELCOME, rows, call=lambda _: enough.wait(30), progress=progress)
    assert outputs(result) == [[None], [True], [True]]
    assert told[0] == (1, 3)
    assert told[-1] == (3, 3)


def test_progress_is_told_of_rendering_too_but_not_too_often(ws: Workspace) -> None:
    ws.save("desk/emails/slow", "{% for i in (1..9000) %}{{ i }}{{ n }}{% endfor %}")
    told: list[tuple[int, int]] = []
    times: list[float] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        times.append(time.monotonic())

    rows = [{"n": n} for n in range(20)]
    run(ws, "desk/emails/slow@draft", rows, progress=progress)
    assert told[-1] == (20, 20)
    assert len(told) > 1
    assert told == sorted(told)
    # The last one does not wait.
    assert all(after - before >= 0.1 for before, after in pairwise(times[:-1]))


@pytest.mark.parametrize(
    ("addresses", "data", "options", "message"),
    [
        ("", [{}], {}, "there are no addresses"),
        (WELCOME, [], {}, "there are no rows"),
        (WELCOME, [{}], {"call": "upper"}, "is a function, found string"),
        (WELCOME, [{}], {"concurrency": 0}, "integer from 1 on, found 0"),
        (WELCOME, [{}], {"concurrency": "8"}, "integer from 1 on, found '8'"),
        (WELCOME, [{}], {"concurrency": True}, "integer from 1 on, found True"),
        (
            " ".join([WELCOME] * 11),
            [{}] * 10_000,
            {},
            "at most 100,000 prompts: 10,000 rows with 11 versions are 110,000",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_reason(
    ws: Workspace, addresses: str, data: object, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message) as refused:
        run(ws, addresses, data, **options)
    assert refused.value.hint


def test_an_address_at_which_there_is_nothing_is_an_error_of_the_run(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match="welcom"):
        run(ws, f"{WELCOME} desk/emails/welcom", [{"customer": "Ada"}])


def test_as_many_cells_as_are_allowed_are_run(ws: Workspace) -> None:
    ws.save("desk/emails/short", "{{ n }}")
    addresses = " ".join(["desk/emails/short@draft"] * 10)
    result = run(ws, addresses, [{"n": n} for n in range(MAX_CELLS // 10)])
    assert texts(result)[-1] == ["9999"] * 10
