"""Runs shown in a terminal: rows side by side, differences marked."""

from __future__ import annotations

import pytest

from anvil_nb.domain.template import Message
from anvil_nb.results.run import SHOWN_ROWS, Cell, Column
from tests.results.runs import DIGEST, PATH, Page, a_run, answer, cell, error, html_rows, rendered


def test_as_text_rows_stand_side_by_side_and_differences_and_errors_are_marked() -> None:
    run = a_run(
        [cell("Hello Ada"), cell("Dear Ada")],
        [cell("Hello Ada"), cell("Hello Ada")],
        [error("no value"), error("no value")],
        [cell("Hello\nAda"), error("too much")],
        inputs={"customer": "Ada", "orders": 3},
    )
    assert run.to_text().splitlines() == [
        "row  inputs                  @1.0.0           @draft",
        "───  ──────────────────────  ───────────────  ─────────────────",
        "  1  customer=Ada, orders=3  Hello Ada        ≠ Dear Ada",
        "  2  customer=Ada, orders=3  Hello Ada        Hello Ada",
        "  3  customer=Ada, orders=3  error: no value  error: no value",
        "  4  customer=Ada, orders=3  Hello␊Ada        ≠ error: too much",
        "",
        "4 rows × 2 versions, 3 errors, 2 unlike @1.0.0",  # noqa: RUF001 - read as times
        "error in 2 cells: no value",
        "error in 1 cell: too much",
        f"{PATH}@1.0.0  sha256:0123456789ab  in sha256:fedcba987654",
        f"{PATH}@draft  sha256:0123456789ab  in the draft",
    ]


def test_a_single_version_is_compared_with_nothing() -> None:
    assert "1 row × 1 version, no errors\n" in a_run([cell("Hi")]).to_text()  # noqa: RUF001 - times


def test_answers_are_compared_and_not_the_prompts_they_answer() -> None:
    same, other = answer("yes"), Cell(rendered("another prompt"), "yes", None, 0.5)
    assert a_run([same, other], called=True).different == 0
    assert a_run([same, other], called=False).different == 1
    assert a_run([answer("yes"), answer("no")], called=True).different == 1


def test_a_chat_is_compared_by_its_roles_too() -> None:
    system = Cell(rendered("Hi", Message("system", "Hi")), None, None, 0.0)
    user = Cell(rendered("Hi", Message("user", "Hi")), None, None, 0.0)
    run = a_run([system, user])
    assert run.different == 1
    assert "≠ [user]␊Hi" in run.to_text()


@pytest.mark.parametrize(
    ("addresses", "titles"),
    [
        ([f"{PATH}@1.0.0", f"{PATH}@draft"], ["@1.0.0", "@draft"]),
        ([f"{PATH}@1.0.0", f"{PATH}@1.0.0"], ["@1.0.0", "@1.0.0 (2)"]),
        ([f"{PATH}@1.0.0", "desk/emails/bye@draft"], ["welcome@1.0.0", "bye@draft"]),
        (
            [f"@ada/{PATH}@1.0.0", "@ada/other/set/welcome@2.0.0"],
            [f"@ada/{PATH}@1.0.0", "@ada/other/set/welcome@2.0.0"],
        ),
        ([f"{PATH}@{DIGEST}"], ["@sha256:0123456789ab"]),
    ],
)
def test_a_column_has_the_shortest_title_that_tells_it_from_the_others(
    addresses: list[str], titles: list[str]
) -> None:
    among = tuple(Column(one, DIGEST, None) for one in addresses)
    run = a_run([cell("Hi")] * len(among), among=among)
    assert Page(run.to_html()).rows[0] == ["row", "inputs", *titles]


def test_long_texts_stay_on_one_line_of_the_table() -> None:
    run = a_run(
        [answer("x " * 100_000), answer({"a": ["b"] * 1000})],
        inputs={"text": "y" * 1_000_000, "rows": list(range(1000))},
        called=True,
    )
    assert max(map(len, run.to_text().splitlines()[:4])) <= 100
    assert len(run.to_text()) < 1000


def test_only_the_first_rows_are_shown_and_the_rest_is_counted() -> None:
    run = a_run(*[[cell("Hi")]] * (SHOWN_ROWS + 1_234))
    assert "… 1,234 more rows not shown; --json has them all" in run.to_text()
    assert len(html_rows(run)) == SHOWN_ROWS
    assert "… 1,234 more rows not shown; .rows and .df() have them all" in run.to_html()
    one_more = a_run(*[[cell("Hi")]] * (SHOWN_ROWS + 1))
    assert "… 1 more row not shown" in one_more.to_text()
    exactly = a_run(*[[cell("Hi")]] * SHOWN_ROWS)
    assert "not shown" not in exactly.to_text() + exactly.to_html()


def test_only_the_most_frequent_errors_are_written_out() -> None:
    rows = [[error(f"fault {at}")] for at in range(9)] + [[error("fault 8")]]
    lines = a_run(*rows).to_text().splitlines()
    assert "error in 2 cells: fault 8" in lines
    assert "… 4 other errors" in lines
    assert sum(line.startswith("error in") for line in lines) == 5


def test_a_run_is_a_sequence_of_rows_with_a_short_name() -> None:
    run = a_run(*[[cell("Hi"), cell("Ho")]] * 1000)
    assert len(run) == 1000
    assert [row.number for row in run] == list(range(1, 1001))
    assert repr(run) == "<Run 1,000 rows × 2 versions, no errors, 1,000 unlike @1.0.0>"  # noqa: RUF001 - times
