"""What is answered: results that are values, and errors in three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.errors import AnvilError, InvalidInputError, NotFoundError
from anvil_nb.results.prompt import Prompt
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.magics.conftest import Kernel


# Results


def test_a_result_is_a_value_with_text_and_html(desk: Kernel) -> None:
    assert desk.value("p = %anvil show welcome\np.template") == "Welcome {{ customer }}!"
    ran = desk("%anvil show welcome")
    assert isinstance(ran.value, Prompt)
    assert "Welcome {{ customer }}!" in ran.out
    assert "<" in ran.value._repr_mimebundle_()["text/html"]


def test_out_assigns_and_shows_nothing(desk: Kernel) -> None:
    for option in ("-o shown", "--out shown", "--out=shown"):
        desk.ip.user_ns.pop("shown", None)
        ran = desk(f"%anvil show welcome {option}")
        assert (ran.value, ran.out, ran.displayed) == (None, "", [])
        assert isinstance(desk.ip.user_ns["shown"], Prompt)
    desk.value("%%anvil save -o saved welcome\nHi")
    assert desk.value("saved.changed") is True
    assert isinstance(desk("%anvil show welcome -o 1x").error, InvalidInputError)


def test_json_gives_plain_data(desk: Kernel) -> None:
    assert desk.value("%anvil show welcome --json")["template"] == "Welcome {{ customer }}!"
    desk.value("%anvil --json ls -o items")
    assert [one["address"] for one in desk.ip.user_ns["items"]["items"]] == [
        "desk/emails/refund",
        "desk/emails/welcome",
    ]


def test_a_run_takes_python_rows_and_functions(desk: Kernel, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("customer\nAda\n")
    desk.value(
        "rows = [{'customer': 'Ada'}, {'customer': 'Eve'}]\nshout = lambda r: r.text.upper()"
    )
    run = desk.value("%anvil run welcome --data rows[1:] --with shout")
    assert [row.cells[0].output for row in run.rows] == ["WELCOME EVE!"]
    run = desk.value(
        "%anvil run welcome --data (row for row in rows) --with (lambda r: len(r.text))"
    )
    assert [row.cells[0].output for row in run.rows] == [12, 12]
    assert len(desk.value("%anvil run welcome --data rows.csv")) == 1
    assert len(desk.value("%%anvil run welcome --data -\ncustomer\nAda\nEve\nZoë")) == 3
    assert len(desk.value('%%anvil run welcome --data -\n{"customer": "Ada"}\n')) == 1
    assert len(desk.value('%%anvil run welcome --data -\n[{"customer": "Ada"}]')) == 1
    frame = "import pandas\nframe = pandas.DataFrame(rows)\n"
    assert len(desk.value(frame + "r = %anvil run welcome --data frame\nr")) == 2
    ran = desk('%%anvil run welcome --data -\n{"customer": \n')
    assert isinstance(ran.error, AnvilError)
    assert "cell.jsonl:1" in ran.error.message
    assert "/" not in ran.error.message.partition("cell.jsonl")[0]
    assert isinstance(desk("%anvil run welcome --data rows --with rows").error, InvalidInputError)


def test_commands_work_where_an_event_loop_runs(desk: Kernel) -> None:
    desk.value("async def shout(r):\n    return r.text.upper()\nrows = [{'customer': 'Ada'}]")
    value = desk.value(
        "async def inside():\n"
        "    ip = get_ipython()\n"
        "    return ip.run_line_magic('anvil', 'run welcome --data rows --with shout')\n"
        "run = await inside()\nrun.rows[0].cells[0].output"
    )
    assert value == "WELCOME ADA!"


# Errors


def test_an_error_is_three_lines_at_most_and_raised_as_itself(desk: Kernel) -> None:
    for cell, kind in (
        ("%anvil show welcom", NotFoundError),
        ("%anvil shwo", InvalidInputError),
        ("%anvil show", InvalidInputError),
        ("%anvil show welcome --jsno", InvalidInputError),
        ("%anvil show 'welcome", InvalidInputError),
        ("%anvil render welcome", AnvilError),
        ("%%anvil save welcome\n{% if %}", AnvilError),
    ):
        ran = desk(cell)
        assert isinstance(ran.error, kind), cell
        assert 2 <= len(ran.shown_error) <= 3
        assert ran.out.splitlines()[-len(ran.shown_error) :] == ran.shown_error
        assert "Traceback" not in ran.out + ran.err
        # IPython prints the whole of whatever stands behind an error.
        assert ran.error.__context__ is None


def test_a_result_names_commands_as_a_notebook_types_them(desk: Kernel) -> None:
    removed = desk.value("%anvil rm welcome")
    assert "To bring it back: %anvil restore desk/emails/welcome --to " in removed.to_text()
    assert removed.message == removed.to_json()["message"]
    command = removed.message.partition("back: ")[2]
    assert desk.value(command).to_text().startswith("Created desk/emails/welcome@draft")


def test_hints_say_what_to_type_in_a_notebook(desk: Kernel) -> None:
    error = desk("%anvil show welcom@draft").error
    assert isinstance(error, NotFoundError)
    assert "Did you mean 'welcome'?" in error.hint
    assert "Try: %anvil ls desk/emails" in error.hint


def test_an_error_within_a_group_of_errors_is_shown_as_itself(
    desk: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        try:
            raise ExceptionGroup("many", [ValueError("one")])  # noqa: TRY301 - the context is the point
        except ExceptionGroup:
            raise NotFoundError("there is none", "Look elsewhere.")  # noqa: B904 - as above

    monkeypatch.setattr(Workspace, "get", fail)
    ran = desk("%anvil show welcome")
    assert ran.out.splitlines() == ["NotFoundError: there is none", "Look elsewhere."]


def test_a_fault_of_the_program_is_an_error_of_ours_too(
    desk: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Workspace, "get", fail)
    ran = desk("%anvil show welcome")
    assert type(ran.error) is AnvilError
    assert "ZeroDivisionError" in ran.error.message
    assert "AnvilMagics.debug" in ran.error.hint


def test_the_traceback_is_shown_on_request(desk: Kernel) -> None:
    whole = desk("%anvil --debug show welcom").out
    assert "Traceback" in whole
    assert "NotFoundError" in whole
    assert "Traceback" not in desk("%anvil show welcom").out
    desk.value("%config AnvilMagics.debug = True")
    assert "Traceback" in desk("%anvil show welcom").out


def test_an_interrupt_stays_an_interrupt(desk: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, "get", interrupted)
    assert isinstance(desk("%anvil show welcome").error, KeyboardInterrupt)
    monkeypatch.undo()
    assert desk("%anvil --version").error is None


def test_without_a_workspace_the_error_says_how_to_make_one(empty: Kernel) -> None:
    ran = empty("%anvil ls")
    assert isinstance(ran.error, AnvilError)
    assert "%anvil init" in ran.error.hint
    empty.value("%anvil init")
    assert len(empty.value("%anvil ls")) == 0
