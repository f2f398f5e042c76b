"""What is typed: bodies kept verbatim, lines as they stand, and Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import anvil_nb
from anvil_nb.errors import InvalidInputError
from anvil_nb.results.prompt import Rendered

if TYPE_CHECKING:
    from pathlib import Path

    from tests.magics.conftest import Kernel


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
