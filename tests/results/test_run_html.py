"""Runs shown in a notebook: words marked, long texts folded, everything foreign escaped."""

from __future__ import annotations

from anvil_nb.results.folding import MARKED_PRODUCT, SHOWN_CHARACTERS
from anvil_nb.results.run import Cell
from tests.results.runs import NO_NAME, Page, a_run, answer, cell, error, html_rows, rendered


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
