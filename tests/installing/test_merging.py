"""An entry is put into a configuration, and nothing else of it changes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvil_nb.errors import RefusedError, SourceError
from anvil_nb.installing.clients import CLIENTS, client_named
from anvil_nb.installing.commented import parse_commented
from anvil_nb.installing.merging import merged
from anvil_nb.installing.showing import shown_text
from anvil_nb.installing.starting import Start

if TYPE_CHECKING:
    from anvil_nb.installing.clients import Client

START = Start(("/opt/bin/anvil", "--workspace", "/srv/desk", "mcp"))
CLAUDE, CURSOR, VSCODE, JUPYTER = CLIENTS
ENTRY = {"type": "stdio", "command": "/opt/bin/anvil", "args": ["--workspace", "/srv/desk", "mcp"]}
ANY_CLIENT = pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.name)


def read(text: str) -> Any:
    """Return what a text with comments says."""
    return parse_commented(text, "mcp.json", comments=True).value


def put(text: str, client: Client = VSCODE, start: Start = START) -> str:
    return merged(text, client, start, "mcp.json").text


def ours(text: str, client: Client) -> Any:
    servers = read(text)[client.key]
    if client.listed:
        return next(one for one in servers if one["name"] == "anvil")
    return servers["anvil"]


@ANY_CLIENT
@pytest.mark.parametrize("nothing", ["", "\n", "  \r\n", "{}", "{\n}\n"])
def test_a_configuration_is_made_where_there_is_none(client: Client, nothing: str) -> None:
    made = put(nothing, client)
    assert list(json.loads(made)) == [client.key]
    assert ours(made, client)["args"] == ["--workspace", "/srv/desk", "mcp"]
    assert "\n  " in made


def test_the_forms_are_those_that_each_client_reads() -> None:
    assert json.loads(put("", CLAUDE)) == {"mcpServers": {"anvil": ENTRY}}
    assert json.loads(put("", CURSOR)) == {"mcpServers": {"anvil": ENTRY}}
    assert json.loads(put("", VSCODE)) == {"servers": {"anvil": ENTRY}}
    entry = {"name": "anvil", **ENTRY, "env": []}
    del entry["type"]
    assert json.loads(put("", JUPYTER)) == {"mcp_servers": [entry]}


COMMENTED = """\
{
\t// servers of the team
\t"servers": {
\t\t"other": {
\t\t\t"command": "npm", /* as ever */
\t\t\t"args": ["run",],
\t\t}, // the old one
\t\t// "gone": {}
\t},
\t"inputs": []
}
"""


def test_comments_and_commas_and_tabs_stay_as_they_are() -> None:
    made = put(COMMENTED)
    lines = made.splitlines()
    kept = [line for line in COMMENTED.splitlines() if line in lines]
    assert kept == COMMENTED.splitlines()
    assert '\t\t"anvil": {' in lines
    assert read(made)["servers"]["other"] == {"command": "npm", "args": ["run"]}
    assert lines.index('\t\t// "gone": {}') < lines.index('\t\t"anvil": {')


def test_a_comment_behind_the_last_server_stays_behind_it() -> None:
    made = put('{\n  "servers": {\n    "a": {} // of Ada\n  }\n}\n')
    assert made.startswith('{\n  "servers": {\n    "a": {}, // of Ada\n    "anvil": {\n')


def test_line_ends_stay_as_they_are() -> None:
    made = put('{\r\n    "servers": {\r\n        "a": {}\r\n    }\r\n}')
    assert "\n" not in made.replace("\r\n", "")
    assert made.endswith("\r\n    }\r\n}")
    assert '\r\n        "anvil": {\r\n            "type"' in made


def test_a_configuration_on_one_line_stays_on_one_line() -> None:
    made = put('{"servers": {"a": {"command": "x"}}}')
    assert "\n" not in made
    assert list(json.loads(made)["servers"]) == ["a", "anvil"]


def test_what_is_the_same_is_left_alone() -> None:
    once = put(COMMENTED)
    again = merged(once, VSCODE, START, "mcp.json")
    assert (again.text, again.state) == (once, "same")


def test_the_state_says_what_was_done() -> None:
    assert merged("", VSCODE, START, "x").state == "new"
    assert merged("{}", VSCODE, START, "x").state == "added"
    other = Start(("/opt/bin/anvil", "--workspace", "/srv/other", "mcp"))
    assert merged(put("{}"), VSCODE, other, "x").state == "changed"


@ANY_CLIENT
def test_an_entry_that_differs_keeps_what_is_not_ours(client: Client) -> None:
    before = json.loads(put("", client))
    entry = before[client.key][0] if client.listed else before[client.key]["anvil"]
    entry |= {"command": "/old/anvil", "disabled": True}
    entry["env"] = (
        [{"name": "LANG", "value": "fr"}, {"name": "ANVIL_ACTOR", "value": "old"}]
        if client.listed
        else {"LANG": "fr", "ANVIL_ACTOR": "old"}
    )
    start = Start(START.command, {"ANVIL_STORE": "/srv/desk.duckdb"})
    made = ours(put(json.dumps(before, indent=2), client, start), client)
    assert made["command"] == "/opt/bin/anvil"
    assert made["disabled"] is True
    variables = {"LANG": "fr", "ANVIL_STORE": "/srv/desk.duckdb"}
    listed = [{"name": name, "value": value} for name, value in variables.items()]
    assert made["env"] == (listed if client.listed else variables)


def test_comments_inside_an_entry_that_differs_stay() -> None:
    text = put('{\n  "servers": {}\n}').replace(
        '"type": "stdio",', '"type": "stdio", // as it has to be'
    )
    other = Start(("/opt/bin/anvil", "--workspace", "/srv/other", "mcp"))
    made = put(text, VSCODE, other)
    assert "// as it has to be" in made
    assert made == text.replace("/srv/desk", "/srv/other")


@pytest.mark.parametrize(
    "entry",
    [
        '{"url": "https://x/mcp", "headers": {}}',
        '{"command": "x", "url": "https://x/mcp"}',
        "null",
        "[1]",
        "{}",
    ],
)
def test_an_entry_that_starts_nothing_is_replaced_as_a_whole(entry: str) -> None:
    made = put(f'{{"servers": {{"anvil": {entry}, "b": {{}}}}}}')
    assert json.loads(made)["servers"] == {"anvil": ENTRY, "b": {}}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "line 1, column 2"),
        ('{"servers": {}', "line 1, column 15"),
        ('{"servers": {}} x', "line 1, column 17"),
        ('{\n "servers": {,}\n}', "line 2, column 14"),
        ('{"a": 1 "b": 2}', "line 1, column 9"),
        ('{"a" 1}', "line 1, column 6"),
        ('{"a": NaN}', "line 1, column 7"),
        ('{"a": "x\n"}', "line 1, column"),
        ('{"a": 1, "a": 2}', "'a' twice"),
        ("[" * 200, "too deep"),
        ("{'servers': {}}", "line 1, column 2"),
        ('{"a": 01}', "line 1, column 8"),
        ("/* open", "line 1, column 1"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(SourceError) as refused:
        put(text)
    assert place in refused.value.message


@pytest.mark.parametrize("text", ['{"mcp_servers": [],}', '{"mcp_servers": [] // none\n}'])
def test_a_client_that_reads_plain_json_gets_no_more_than_that(text: str) -> None:
    with pytest.raises(SourceError, match="its reader takes no com"):
        put(text, JUPYTER)


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("[]", VSCODE),
        ('"servers"', VSCODE),
        ('{"servers": []}', VSCODE),
        ('{"servers": null}', VSCODE),
        ('{"mcp_servers": {}}', JUPYTER),
        ('{"mcp_servers": [{"name": "anvil"}, {"name": "anvil"}]}', JUPYTER),
    ],
)
def test_what_is_no_configuration_is_refused(text: str, client: Client) -> None:
    with pytest.raises(RefusedError):
        put(text, client)


def test_other_peoples_secrets_are_not_shown() -> None:
    text = """{
      // key: sk-comment
      "servers": {
        "other": {"command": "x", "args": ["--token", "sk-args"], "env": {"KEY": "sk-env"}},
        "anvil": {
          "command": "/opt/bin/anvil", "args": ["mcp"],
          "env": {"ANVIL_PASS": "sk-ours", "ANVIL_ACTOR": "ada"} /* sk-block */
        }
      }
    }"""
    shown = shown_text(text, VSCODE, START, "x")
    assert "sk-" not in shown
    assert '"/opt/bin/anvil", "args": ["mcp"]' in shown
    assert '"ANVIL_PASS": "…", "ANVIL_ACTOR": "ada"' in shown
    assert '"other": {"command": "…"' in shown
    listed = json.dumps(
        {
            "mcp_servers": [
                {"name": "x", "env": [{"name": "K", "value": "sk-1"}]},
                {"name": "anvil", "command": "c", "env": [{"name": "K", "value": "sk-2"}]},
            ]
        }
    )
    shown = shown_text(listed, JUPYTER, START, "x")
    assert "sk-" not in shown
    assert '"command": "c"' in shown


NAMES = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@ANY_CLIENT
@settings(max_examples=50)
@given(data=st.data())
def test_all_else_keeps_its_value_and_its_order(client: Client, data: st.DataObject) -> None:
    servers = data.draw(st.dictionaries(NAMES.filter(lambda name: name != "anvil"), VALUES))
    rest = data.draw(st.dictionaries(NAMES.filter(lambda name: name != client.key), VALUES))
    held: Any = servers
    if client.listed:
        held = [{"name": key, "x": one} for key, one in servers.items()]
    before = rest | data.draw(st.sampled_from([{}, {client.key: held}]))
    indent = data.draw(st.sampled_from([None, 0, 1, 2, 4, "\t"]))
    text = json.dumps(before, indent=indent, ensure_ascii=data.draw(st.booleans()))
    made = put(text, client)
    entry = ours(made, client)
    kept = before.get(client.key, [] if client.listed else {})
    after = [*kept, entry] if client.listed else kept | {"anvil": entry}
    assert json.loads(made) == before | {client.key: after}
    assert list(json.loads(made)) == list(before | {client.key: after})
    assert put(made, client) == made


@settings(max_examples=50)
@given(data=st.data())
def test_comments_anywhere_stay(data: st.DataObject) -> None:
    servers = data.draw(st.dictionaries(NAMES.filter(lambda name: name != "anvil"), VALUES))
    text = json.dumps({"a": 1, "servers": servers, "z": [1, {}]}, indent=2)
    # Between tokens of the structure, where a line ends.
    ends = [found.start() for found in re.finditer(r"\n", text)]
    places = data.draw(st.sets(st.sampled_from(ends), max_size=6))
    for number, at in enumerate(sorted(places, reverse=True)):
        text = f"{text[:at]} // note {number}{text[at:]}"
    made = put(text)
    assert re.findall(r"// note \d+", made) == re.findall(r"// note \d+", text)
    assert read(made) == read(text) | {"servers": servers | {"anvil": ENTRY}}


def test_a_client_that_there_is_not_is_named_with_those_that_are() -> None:
    with pytest.raises(Exception, match="no client 'emacs'") as refused:
        client_named("emacs")
    assert "claude, cursor, vscode, jupyter" in str(refused.value.hint)  # type: ignore[attr-defined]  # ours
