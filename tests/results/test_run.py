"""Runs shown: rows side by side as text, HTML, JSON and a data frame."""

from __future__ import annotations

import json
import sys
from datetime import date
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.domain.template import Message
from anvil_nb.errors import RefusedError
from anvil_nb.results.folding import MARKED_PRODUCT, SHOWN_CHARACTERS
from anvil_nb.results.prompt import Rendered
from anvil_nb.results.run import SHOWN_ROWS, Cell, Column, Run, RunRow

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH = "desk/emails/welcome"
DIGEST = "sha256:" + "0123456789abcdef" * 4
VERSION = "sha256:" + "fedcba9876543210" * 4
NO_NAME = "no value for the required parameter 'customer'"


def rendered(text: str, *messages: Message) -> Rendered:
    return Rendered(text, messages, f"{PATH}@1.0.0", DIGEST)


def cell(text: str) -> Cell:
    return Cell(rendered(text), None, None, 0.0)


def answer(output: object, seconds: float = 0.25) -> Cell:
    return Cell(rendered("the prompt"), output, None, seconds)


def error(message: str) -> Cell:
    return Cell(None, None, message, 0.0)


def columns(*selectors: str, path: str = PATH) -> tuple[Column, ...]:
    return tuple(
        Column(f"{path}@{one}", DIGEST, None if one == "draft" else VERSION) for one in selectors
    )


def a_run(
    *rows: Sequence[Cell],
    inputs: dict[str, Any] | None = None,
    among: tuple[Column, ...] = (),
    called: bool = False,
) -> Run:
    return Run(
        among or columns(*("1.0.0", "draft", "latest")[: len(rows[0])]),
        tuple(
            RunRow(number, {"customer": "Ada"} if inputs is None else inputs, tuple(cells))
            for number, cells in enumerate(rows, 1)
        ),
        called=called,
    )


class Page(HTMLParser):
    """The tables of some HTML: the text of each cell, with marks as ``[-…-]`` and ``{+…+}``."""

    MARKS = {"del": ("[-", "-]"), "ins": ("{+", "+}"), "summary": ("<", ">")}  # noqa: RUF012 - a constant

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self._inside = 0
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self._inside += 1
            self.rows[-1].append("")
        self._mark(tag, 0)

    def handle_endtag(self, tag: str) -> None:
        self._mark(tag, 1)
        self._inside -= tag in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data

    def _mark(self, tag: str, end: int) -> None:
        if self._inside and tag in self.MARKS:
            self.rows[-1][-1] += self.MARKS[tag][end]


def html_rows(run: Run) -> list[list[str]]:
    return [row for row in Page(run.to_html()).rows if row[0].isdigit()]


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


def test_in_html_differing_words_are_marked_in_all_but_the_first_version() -> None:
    run = a_run(
        [cell("Hello Ada, welcome."), cell("Dear Ada, welcome!"), cell("Hello Ada, welcome.")]
    )
    assert html_rows(run) == [
        [
            "1",
            "customer: Ada",
            "Hello Ada, welcome.",
            "≠ [-Hello-]{+Dear+} Ada, welcome[-.-]{+!+}",
            "Hello Ada, welcome.",
        ]
    ]


def test_in_html_errors_are_badges_and_prompts_can_be_opened() -> None:
    failed = Cell(rendered("the prompt"), None, "ValueError: no", 1.5)
    run = a_run([answer("yes"), failed, error(NO_NAME)], called=True)
    assert html_rows(run) == [
        [
            "1",
            "customer: Ada",
            "yes<prompt, 0.2 s>the prompt",
            "≠ error ValueError: no<prompt, 1.5 s>the prompt",
            f"≠ error {NO_NAME}",
        ]
    ]
    assert "2 errors" in run.to_html()


def test_in_html_nothing_is_marked_against_an_error() -> None:
    assert html_rows(a_run([error("no"), cell("Hi Ada")]))[0][2:] == ["error no", "≠ Hi Ada"]


def test_in_html_a_long_text_is_folded_whole_and_a_very_long_one_is_cut() -> None:
    long = "word " * 1000
    shown = html_rows(a_run([cell(long), cell(long + "end")]))[0]
    assert shown[2].startswith("<word word")
    assert shown[2].endswith(f">{long}")
    assert shown[3].endswith(f">{long}{{+end+}}")
    endless = "x" * (SHOWN_CHARACTERS + 5)
    (row,) = html_rows(a_run([cell(endless)]))
    assert row[2].endswith("x\n… 5 more characters")


def test_in_html_texts_too_long_to_compare_are_said_to_differ() -> None:
    long = "x" * SHOWN_CHARACTERS
    (row,) = html_rows(a_run([cell(long), cell(long + "y")]))
    assert row[3].startswith("≠ <xxx")
    assert "{+" not in row[3]


def test_in_html_no_more_is_compared_than_a_reader_waits_for() -> None:
    size = 40_000
    enough = MARKED_PRODUCT // size**2
    rows = [[cell("x" * size), cell("x" * (size - 1) + "y")]] * (enough + 3)
    marked = ["{+" in row[3] for row in html_rows(a_run(*rows))]
    assert marked == [True] * enough + [False] * 3
    assert all(row[3].startswith("≠") for row in html_rows(a_run(*rows)))


def test_in_html_long_inputs_are_folded() -> None:
    run = a_run([cell("Hi")], inputs={"short": 3, "long": "y " * 500})
    shown = html_rows(run)[0][1]
    assert shown.startswith("short: 3long: <y y")
    assert shown.endswith(">" + "y " * 500)


def test_in_html_everything_foreign_is_escaped() -> None:
    bad = "<script>alert(1)</script>\x1b"
    run = a_run([answer(bad), answer({bad: bad}), error(bad)], inputs={bad: bad}, called=True)
    assert "script" not in Page(run.to_html()).tags
    assert "␛" in run.to_html()


class Opaque:
    def __str__(self) -> str:
        return "<an answer>"


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError


class Mood(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "a mood"


@pytest.mark.parametrize(
    ("output", "text", "written"),
    [
        ("yes", "yes", "yes"),
        (Mood("calm"), "calm", "calm"),
        (None, "null", None),
        (True, "true", True),
        (1.5, "1.5", 1.5),
        ({"a": [1, None, "é"]}, '{"a": [1, null, "é"]}', {"a": [1, None, "é"]}),
        (("a", date(2026, 3, 1)), '["a", "2026-03-01"]', ["a", "2026-03-01"]),
        (Opaque(), "<an answer>", "<an answer>"),
        ({1: "a"}, "{1: 'a'}", "{1: 'a'}"),
        (float("nan"), "nan", "nan"),
        ([float("inf")], "[inf]", "[inf]"),
        (b"raw", "b'raw'", "b'raw'"),
        (
            Unspeakable(),
            "<Unspeakable that cannot be shown: RuntimeError>",
            "<Unspeakable that cannot be shown: RuntimeError>",
        ),
    ],
)
def test_an_output_is_shown_as_json_or_as_it_describes_itself(
    output: object, text: str, written: object
) -> None:
    run = a_run([answer(output)], called=True)
    assert run.to_text().splitlines()[2] == f"  1  customer=Ada  {text}"
    (row,) = made_json(run)["rows"]
    assert row["cells"][0]["output"] == written


def made_json(run: Run) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(run.to_json(), allow_nan=False))
    return made


def test_json_has_everything() -> None:
    chat = rendered("Be kind.\n\nHi", Message("system", "Be kind."), Message("user", "Hi"))
    run = a_run(
        [Cell(chat, {"ok": True}, None, 0.5), error(NO_NAME)],
        inputs={"customer": "Ada", "since": date(2026, 3, 1), "what": Opaque()},
        called=True,
    )
    assert made_json(run) == {
        "columns": [
            {"address": f"{PATH}@1.0.0", "digest": DIGEST, "version_digest": VERSION},
            {"address": f"{PATH}@draft", "digest": DIGEST, "version_digest": None},
        ],
        "rows": [
            {
                "row": 1,
                "inputs": {"customer": "Ada", "since": "2026-03-01", "what": "<an answer>"},
                "cells": [
                    {
                        "text": "Be kind.\n\nHi",
                        "messages": [
                            {"role": "system", "content": "Be kind."},
                            {"role": "user", "content": "Hi"},
                        ],
                        "output": {"ok": True},
                        "error": None,
                        "seconds": 0.5,
                    },
                    {
                        "text": None,
                        "messages": None,
                        "output": None,
                        "error": NO_NAME,
                        "seconds": 0.0,
                    },
                ],
            }
        ],
        "errors": 1,
    }


def test_a_data_frame_has_the_inputs_and_two_columns_for_each_version() -> None:
    run = Run(
        columns("1.0.0", "draft"),
        (
            RunRow(1, {"customer": "Ada", "expected": "Hi"}, (cell("Hello"), cell("Dear"))),
            RunRow(2, {"customer": "Bob", "orders": 3}, (cell("Hello"), error("no"))),
        ),
        called=False,
    )
    frame = run.df()
    first, draft = f"{PATH}@1.0.0", f"{PATH}@draft"
    assert list(frame.columns) == [
        *("customer", "expected", "orders"),
        *(first, f"{first} error", draft, f"{draft} error"),
    ]
    assert list(frame[first]) == ["Hello", "Hello"]
    assert list(frame["customer"]) == ["Ada", "Bob"]
    assert frame[f"{draft} error"].isna().tolist() == [True, False]
    assert frame[draft].isna().tolist() == [False, True]
    assert frame.at[1, f"{draft} error"] == "no"
    assert frame["expected"].isna().tolist() == [False, True]


def test_a_data_frame_has_the_outputs_as_they_are() -> None:
    answers: list[object] = [{"a": 1}, [1, 2, 3], Opaque(), "text"]
    frame = a_run(*([answer(one)] for one in answers), called=True).df()
    assert frame[f"{PATH}@1.0.0"].tolist() == answers


def test_a_data_frame_never_loses_a_column_to_another_of_its_name() -> None:
    run = a_run(
        [cell("one"), cell("two")],
        inputs={f"{PATH}@1.0.0": "mine"},
        among=columns("1.0.0", "1.0.0"),
    )
    frame = run.df()
    assert frame.iloc[0].tolist()[:2] == ["mine", "one"]
    assert frame[f"{PATH}@1.0.0 (3)"].tolist() == ["two"]
    assert frame.columns.is_unique


def test_without_pandas_a_data_frame_is_refused_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RefusedError, match="needs pandas") as refused:
        a_run([cell("Hi")]).df()
    assert "pip install pandas" in refused.value.hint


def test_a_run_is_a_sequence_of_rows_with_a_short_name() -> None:
    run = a_run(*[[cell("Hi"), cell("Ho")]] * 1000)
    assert len(run) == 1000
    assert [row.number for row in run] == list(range(1, 1001))
    assert repr(run) == "<Run 1,000 rows × 2 versions, no errors, 1,000 unlike @1.0.0>"  # noqa: RUF001 - times
