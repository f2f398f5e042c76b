"""``%anvil`` and ``%%anvil``: verbatim bodies, Python values, results, errors, settings."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import anvil_nb
from anvil_nb.errors import AnvilError, InvalidInputError, NotFoundError
from anvil_nb.results.prompt import Prompt, Rendered
from anvil_nb.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.magics.conftest import Kernel


# Loading


def test_loading_is_silent_and_imports_neither_grammar_nor_store(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "ip = InteractiveShell.instance()\nbefore = set(sys.modules)\n"
        "ip.run_line_magic('load_ext', 'anvil_nb')\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert loaded.stdout == ""
    names = loaded.stderr.split()
    assert "anvil_nb.magics.magic" in names
    assert not {"click", "duckdb", "liquid", "yaml"} & set(names)
    assert not [name for name in names if name.startswith(("anvil_nb.store", "anvil_nb.catalog"))]


@pytest.mark.alone
def test_loading_takes_at_most_100_ms(tmp_path: Path) -> None:
    code = (
        "import time\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "ip = InteractiveShell.instance()\nstarted = time.perf_counter()\n"
        "ip.run_line_magic('load_ext', 'anvil_nb')\nprint(time.perf_counter() - started)\n"
    )
    run = [sys.executable, "-c", code]
    times = [
        float(subprocess.run(run, check=True, capture_output=True, cwd=tmp_path).stdout)
        for _ in range(3)
    ]
    assert min(times) <= 0.1


def test_loading_again_and_reloading_leave_one_instance(empty: Kernel) -> None:
    def ours() -> tuple[int, int]:
        configurables = [type(one).__name__ for one in empty.ip.configurables]
        matchers = [
            getattr(one, "matcher_identifier", "") for one in empty.ip.Completer.custom_matchers
        ]
        return configurables.count("AnvilMagics"), matchers.count("anvil_nb.matcher")

    assert ours() == (1, 1)
    empty.value("%reload_ext anvil_nb")
    empty.value("%reload_ext anvil_nb")
    anvil_nb.load_ipython_extension(empty.ip)
    assert ours() == (1, 1)
    assert empty("%anvil --version").error is None
    empty.value("%unload_ext anvil_nb")
    assert ours() == (0, 0)
    assert empty.find("line") is None
    assert empty.find("cell") is None
    assert "AnvilMagics" not in empty.ip.magics_manager.registry


# Bodies and lines


@pytest.mark.parametrize(
    "body",
    [
        "Hello {{ customer }} {name} $HOME {{ '{' }} \\n %d",
        '{"json": [1, {"a": "b"}]}\n\n  indented\n',
        "{% raw %}{{ x }}{% endraw %}\n%%anvil show x\n!ls\n?help",
        "ends with two line feeds\n\n",
        "tabs\tand ☃ 漢字",
        "---",
    ],
)
def test_a_body_is_saved_verbatim_and_only_ipythons_line_feed_is_dropped(
    desk: Kernel, body: str
) -> None:
    desk.ip.user_ns |= {"name": "WRONG", "customer": "WRONG"}
    desk.value(f"%%anvil save welcome --plain\n{body}\n")
    assert desk.value("%anvil show welcome").template == body


def test_a_cell_a_file_and_python_save_the_same_bytes(desk: Kernel, tmp_path: Path) -> None:
    text = "Hello {{ customer }}!\n\nBye."
    (tmp_path / "t.md").write_bytes(text.encode())
    desk.value(f"%%anvil save a\n{text}\n")
    desk.value("%anvil save b t.md")
    with anvil_nb.open() as ws:
        ws.save("desk/emails/c", text)
    digests = {desk.value(f"%anvil show {name}").digest for name in "abc"}
    assert len(digests) == 1


def test_the_line_is_not_expanded(desk: Kernel) -> None:
    desk.ip.user_ns |= {"x": "WRONG", "message": "WRONG"}
    desk.value("%%anvil save welcome -m '{x} $message {{ x }}'\nHi")
    (change, *_) = desk.value("%anvil log --draft welcome")
    assert change.message == "{x} $message {{ x }}"


def test_a_body_that_a_command_would_leave_unread_is_refused(desk: Kernel) -> None:
    for line in ("show welcome", "publish", "render welcome --var customer='Ada'"):
        ran = desk(f"%%anvil {line}\nsome text")
        assert isinstance(ran.error, InvalidInputError)
        assert "%anvil in place of %%anvil" in ran.error.hint
    assert desk.value("%anvil log").versions[0].number == "1.0.0"


def test_a_save_without_a_text_or_with_two_is_refused(desk: Kernel, tmp_path: Path) -> None:
    (tmp_path / "t.md").write_text("Hi")
    for cell in (
        "%anvil save welcome",
        "%anvil save welcome -",
        "%%anvil save welcome t.md\nHo",
        "%%anvil save welcome --params -\n{}",
    ):
        assert isinstance(desk(cell).error, InvalidInputError)


# Values


def test_values_are_python_from_the_notebook(desk: Kernel) -> None:
    desk.value("%%anvil save list\n{% for o in orders %}{{ o.id }}:{{ note }} {% endfor %}")
    desk.value("orders = [{'id': 1, 'open': True}, {'id': 2, 'open': False}]\nsign = '}{ $x'")
    rendered = desk.value(
        "%anvil render list --var orders=[o for o in orders if o['open']] --var note=(sign * 2)"
    )
    assert isinstance(rendered, Rendered)
    assert rendered.text == "1:}{ $x}{ $x "
    by_dict = desk.value("%anvil render list --vars {'orders': orders, 'note': sign}")
    assert by_dict.text == "1:}{ $x 2:}{ $x "
    over = desk.value('%anvil render list --vars dict(orders=orders[:1]) --var note="a  b"')
    assert over.text == "1:a  b "


def test_values_come_from_a_file_or_the_body_where_python_has_none(
    desk: Kernel, tmp_path: Path
) -> None:
    (tmp_path / "values.json").write_text('{"customer": "Ada"}')
    (tmp_path / "my values.json").write_text('{"customer": "Eve"}')
    assert desk.value("%anvil render welcome --vars values.json").text == "Welcome Ada!"
    assert desk.value("%anvil render welcome --vars 'my values.json'").text == "Welcome Eve!"
    assert desk.value('%%anvil render welcome --vars -\n{"customer": "☃"}').text == "Welcome ☃!"
    desk.value("values = {'customer': 'Python'}")
    assert desk.value("%anvil render welcome --vars values").text == "Welcome Python!"


def test_the_names_of_a_function_that_calls_the_magic_are_seen(desk: Kernel) -> None:
    value = desk.value(
        "def greet(who):\n"
        "    return get_ipython().run_line_magic('anvil', 'render welcome --var customer=who')\n"
        "greet('Ada').text"
    )
    assert value == "Welcome Ada!"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--var customer=nobody", "NameError: name 'nobody' is not defined"),
        ("--var customer=a b", "unexpected extra argument (b)"),
        ("--var customer=", "is no Python expression"),
        ("--var customer=1/0", "ZeroDivisionError"),
        ("--var customer=[1, 2", "']' is missing"),
        ("--vars nowhere.json", "NameError: name 'nowhere' is not defined"),
        ("--vars [1]", "takes a dict of values by name, found list"),
    ],
)
def test_an_expression_that_gives_no_value_is_refused(desk: Kernel, line: str, said: str) -> None:
    desk.value("a = 'x'")
    ran = desk(f"%anvil render welcome {line}")
    assert isinstance(ran.error, InvalidInputError)
    assert said in ran.error.message


def test_parameters_are_declared_in_python(desk: Kernel) -> None:
    desk.value("kinds = {'to': 'string'}\nmany = 3")
    line = "save offer --params kinds --param lines:integer=(many + 1)"
    desk.value(f"%%anvil {line}\n{{{{ to }}}}{{{{ lines }}}}")
    offer = desk.value("%anvil show offer")
    assert [(one.name, one.type) for one in offer.parameters] == [
        ("to", "string"),
        ("lines", "integer"),
    ]
    assert offer.render(to="x").text == "x4"
    desk.value('%%anvil save offer --set response_schema={"type": "object", "a": [1]}\n{{ to }}')
    schema = desk.value("%anvil show offer").metadata.settings["response_schema"]
    assert schema == {"type": "object", "a": [1]}


# Addresses


def test_drafts_are_read_unless_an_address_says_otherwise(desk: Kernel) -> None:
    assert desk.value("%anvil show welcome").address == "desk/emails/welcome@draft"
    assert desk.value("%anvil show desk/emails/welcome").address == "desk/emails/welcome@draft"
    assert desk.value("%anvil show welcome@latest").address == "desk/emails/welcome@1.0.0"
    assert desk.value("%anvil show 'welcome@>=1 <2'").address == "desk/emails/welcome@1.0.0"
    run = desk.value("%anvil run welcome welcome@production --data [{'customer': 'Ada'}]")
    assert [one.address for one in run.columns] == [
        "desk/emails/welcome@draft",
        "desk/emails/welcome@1.0.0",
    ]


def test_the_working_set_makes_addresses_short(desk: Kernel) -> None:
    assert desk.value("%anvil publish").address == "desk/emails@1.0.1"
    assert desk.value("%anvil label @1.0.1 staging").facts["version"] == "1.0.1"
    assert [one.address for one in desk.value("%anvil ls")] == [
        "desk/emails/refund",
        "desk/emails/welcome",
    ]
    assert [one.address for one in desk.value("%anvil ls *")] == ["desk"]
    assert desk.value("%anvil diff @1.0.0 @1.0.1").new == "desk/emails@1.0.1"
    assert desk.value("%anvil diff welcome @1.0.0").old == "desk/emails/welcome@draft"
    assert desk.value("%anvil diff welcome refund").new == "desk/emails/refund@draft"
    assert desk.value("%anvil diff").old == "desk/emails@1.0.1"
    assert desk.value("%anvil set show").address == "desk/emails"
    assert desk.value("%anvil validate").valid
    desk.value("%anvil mv welcome hello")
    assert desk.value("%anvil copy hello greeting").address == "desk/emails/greeting@draft"


def test_a_working_set_with_a_selector_is_read_there_and_changed_in_its_draft(
    desk: Kernel,
) -> None:
    desk.value("%anvil use desk/emails@production")
    assert desk.value("%anvil show welcome").version == "1.0.0"
    assert desk.value("%%anvil save welcome\nNew").address == "desk/emails/welcome@draft"


def test_use_shows_chooses_warns_and_clears(desk: Kernel) -> None:
    assert desk.value("%anvil use").facts == {"set": "desk/emails"}
    assert "new" not in desk.value("%anvil use desk/emails").message
    assert "Did you mean 'desk/emails'?" in desk.value("%anvil use desk/emials").message
    assert desk.value("%anvil use --none").facts == {"set": None}
    assert isinstance(desk("%anvil publish").error, InvalidInputError)
    assert isinstance(desk("%anvil show welcome").error, AnvilError)
    assert isinstance(desk("%anvil use desk").error, AnvilError)


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


# Help and settings


def test_help_is_a_value_at_every_level(desk: Kernel) -> None:
    for line in ("", "-h", "show -h", "set -h", "set create --help", "--version"):
        assert desk.value(f"%anvil {line}").text
    assert desk.value("%anvil show -h").text.startswith("Usage: %anvil show [OPTIONS] ADDRESS")
    assert "%%anvil save desk/emails/welcome" in desk.value("%anvil save -h").text
    assert "--out NAME" in desk.value("%anvil show -h").text


def test_a_question_mark_shows_commands_and_examples(empty: Kernel) -> None:
    found = empty.ip.inspector.info(empty.find("line"), oname="%anvil")["docstring"]
    assert found is not None
    assert "Usage: %anvil [OPTIONS] COMMAND" in found
    assert "%%anvil save desk/emails/welcome" in found
    assert "  %anvil use desk/emails" in found
    assert "completion" not in found
    assert empty("%anvil?").error is None


def test_settings_are_listed_with_help_and_taken_from_the_config(
    bare: Kernel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kernel = bare
    anvil_nb.init(tmp_path / "elsewhere").close()
    kernel.ip.config.AnvilMagics.workspace = str(tmp_path / "elsewhere")
    kernel.ip.config.AnvilMagics.working_set = "a/b"
    kernel.value("%load_ext anvil_nb")
    listed = kernel("%config AnvilMagics").out
    for name in ("debug", "workspace", "working_set"):
        assert f"AnvilMagics.{name}" in listed
    kernel.value("%%anvil save c\nHi")
    with anvil_nb.open(tmp_path / "elsewhere") as ws:
        assert ws.find("a/b/c@draft") is not None
    anvil_nb.init(tmp_path / "other").close()
    kernel.value(f"%config AnvilMagics.workspace = {str(tmp_path / 'other')!r}")
    assert kernel.value("%anvil ls *").items == ()
    kernel("%config AnvilMagics.working_set = 'no set'")
    assert "at column 3 of 'no set'" in caplog.text
    assert kernel.value("%anvil use").facts == {"set": "a/b"}


def test_another_workspace_is_used_for_one_command(desk: Kernel, tmp_path: Path) -> None:
    anvil_nb.init(tmp_path / "other").close()
    assert len(desk.value("%anvil --workspace other ls *")) == 0
    desk.value("%%anvil --workspace other --actor grace save x/y/z\nHi")
    changes = desk.value("%anvil --workspace other log --draft x/y")
    assert changes.changes[0].actor == "grace"
    assert [one.address for one in desk.value("%anvil ls *")] == ["desk"]
    assert isinstance(desk("%anvil --workspace nowhere ls").error, AnvilError)
    made = desk.value("%anvil --workspace third init")
    assert made.facts["folder"] == str(tmp_path / "third")
    assert len(desk.value("%anvil ls *")) == 0


def test_it_can_be_called_from_another_thread(desk: Kernel) -> None:
    found: list[Prompt] = []
    thread = threading.Thread(
        target=lambda: found.append(desk.ip.run_line_magic("anvil", "show welcome"))
    )
    thread.start()
    thread.join()
    assert found[0].address == "desk/emails/welcome@draft"
