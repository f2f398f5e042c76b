"""The bump that a change calls for: each row of the rules, on both engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import RefusedError

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace


@dataclass(frozen=True)
class Prompt:
    """A prompt as it is saved."""

    text: str
    parameters: list[dict[str, Any]] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    syntax: str = "liquid"


def declared(**fields: Any) -> Prompt:
    return Prompt("{{ a }}", [{"name": "a", **fields}])


NAME, NAMES = "{{ a }}", "{{ a }}{{ b }}"

ROWS: dict[str, tuple[dict[str, Prompt | None], dict[str, Prompt | None], str, list[str]]] = {
    "prompt removed": (
        {"p": Prompt("x"), "q": Prompt("y")},
        {"q": None},
        "major",
        ["q: prompt removed (major)"],
    ),
    "prompt added": ({"p": Prompt("x")}, {"q": Prompt("y")}, "minor", ["q: prompt added (minor)"]),
    "prompt renamed": (
        {"p": Prompt("x"), "q": Prompt("y")},
        {"q": None, "r": Prompt("y")},
        "major",
        ["q: prompt removed (major)", "r: prompt added (minor)"],
    ),
    "text": ({"p": Prompt("x")}, {"p": Prompt("y")}, "patch", ["p: text changed (patch)"]),
    "syntax": (
        {"p": Prompt("x")},
        {"p": Prompt("x", syntax="plain")},
        "patch",
        ["p: text changed (patch)"],
    ),
    "metadata": (
        {"p": Prompt("x", metadata={"model": "a"})},
        {"p": Prompt("x", metadata={"model": "b"})},
        "patch",
        ["p: metadata changed (patch)"],
    ),
    "metadata that Python takes for the same": (
        {"p": Prompt("x", metadata={"stream": 1})},
        {"p": Prompt("x", metadata={"stream": True})},
        "patch",
        ["p: metadata changed (patch)"],
    ),
    "undeclared parameter removed": (
        {"p": Prompt(NAMES)},
        {"p": Prompt(NAME)},
        "major",
        ["p: parameter 'b' removed (major)", "p: text changed (patch)"],
    ),
    "declared parameter removed": (
        {"p": declared(type="string")},
        {"p": Prompt("x", [])},
        "major",
        ["p: parameter 'a' removed (major)", "p: text changed (patch)"],
    ),
    "required parameter added": (
        {"p": Prompt(NAME)},
        {"p": Prompt(NAMES)},
        "major",
        ["p: required parameter 'b' added (major)", "p: text changed (patch)"],
    ),
    "optional parameter added by a default filter": (
        {"p": Prompt(NAME)},
        {"p": Prompt("{{ a }}{{ b | default: 'x' }}")},
        "minor",
        ["p: optional parameter 'b' added (minor)", "p: text changed (patch)"],
    ),
    "optional parameter added by a declaration": (
        {"p": Prompt(NAME)},
        {"p": Prompt(NAMES, [{"name": "b", "default": 1}])},
        "minor",
        ["p: optional parameter 'b' added (minor)", "p: text changed (patch)"],
    ),
    "retyped": (
        {"p": declared(type="string")},
        {"p": declared(type="integer")},
        "major",
        ["p: parameter 'a' retyped from string to integer (major)"],
    ),
    "typed": (
        {"p": Prompt(NAME)},
        {"p": declared(type="string")},
        "major",
        ["p: parameter 'a' retyped from any to string (major)"],
    ),
    "any type again": (
        {"p": declared(type="string")},
        {"p": Prompt(NAME, [])},
        "minor",
        ["p: parameter 'a' retyped from string to any (minor)"],
    ),
    "newly required": (
        {"p": declared(required=False)},
        {"p": declared(required=True)},
        "major",
        ["p: parameter 'a' newly required (major)"],
    ),
    "newly required without a default": (
        {"p": declared(default=1)},
        {"p": declared()},
        "major",
        ["p: parameter 'a' newly required (major)", "p: parameter 'a' described anew (patch)"],
    ),
    "no longer required": (
        {"p": declared()},
        {"p": declared(required=False)},
        "minor",
        ["p: parameter 'a' no longer required (minor)"],
    ),
    "enum narrowed": (
        {"p": declared(enum=["x", "y"])},
        {"p": declared(enum=["x"])},
        "major",
        ["p: parameter 'a' takes fewer values (major)"],
    ),
    "enum given": (
        {"p": declared()},
        {"p": declared(enum=["x"])},
        "major",
        ["p: parameter 'a' takes fewer values (major)"],
    ),
    "enum exchanged": (
        {"p": declared(enum=["x", "y"])},
        {"p": declared(enum=["x", "z"])},
        "major",
        ["p: parameter 'a' takes fewer values (major)"],
    ),
    "enum of other types": (
        {"p": declared(enum=[1, 2])},
        {"p": declared(enum=[True, 2])},
        "major",
        ["p: parameter 'a' takes fewer values (major)"],
    ),
    "enum widened": (
        {"p": declared(enum=["x"])},
        {"p": declared(enum=["y", "x"])},
        "minor",
        ["p: parameter 'a' takes more values (minor)"],
    ),
    "enum taken away": (
        {"p": declared(enum=["x"])},
        {"p": declared()},
        "minor",
        ["p: parameter 'a' takes more values (minor)"],
    ),
    "enum in another order": (
        {"p": declared(enum=["x", "y"])},
        {"p": declared(enum=["y", "x"])},
        "patch",
        ["p: declarations put in another order (patch)"],
    ),
    "default changed": (
        {"p": declared(default=1)},
        {"p": declared(default=True)},
        "patch",
        ["p: parameter 'a' described anew (patch)"],
    ),
    "described anew": (
        {"p": declared(description="x", example="y")},
        {"p": declared(description="y")},
        "patch",
        ["p: parameter 'a' described anew (patch)"],
    ),
    "declared in another order": (
        {"p": Prompt(NAMES, [{"name": "a"}, {"name": "b"}])},
        {"p": Prompt(NAMES, [{"name": "b"}, {"name": "a"}])},
        "patch",
        ["p: declarations put in another order (patch)"],
    ),
    "required parameter added to a partial": (
        {"p": Prompt("{% render 'f' %}"), "f": Prompt("x")},
        {"f": Prompt(NAME)},
        "major",
        [
            "f: required parameter 'a' added (major)",
            "f: text changed (patch)",
            "p: required parameter 'a' added (major)",
        ],
    ),
    "parameter removed from a partial's partial": (
        {
            "p": Prompt("{% render 'f' %}"),
            "f": Prompt("{% render 'g' %}"),
            "g": Prompt("{{ a | default: 1 }}"),
        },
        {"g": Prompt("x")},
        "major",
        [
            "f: parameter 'a' removed (major)",
            "g: parameter 'a' removed (major)",
            "g: text changed (patch)",
            "p: parameter 'a' removed (major)",
        ],
    ),
    "parameter of a partial that is handed to it": (
        {"p": Prompt("{% render 'f', a: 1 %}"), "f": Prompt("x")},
        {"f": Prompt("{{ a | default: 2 }}")},
        "minor",
        ["f: optional parameter 'a' added (minor)", "f: text changed (patch)"],
    ),
    "text of a partial": (
        {"p": Prompt("{% render 'f' %}"), "f": Prompt("x")},
        {"f": Prompt("y")},
        "patch",
        ["f: text changed (patch)"],
    ),
}

NEXT = {
    "1.4.2": {"major": "2.0.0", "minor": "1.5.0", "patch": "1.4.3"},
    "0.4.2": {"major": "0.5.0", "minor": "0.4.3", "patch": "0.4.3"},
    "0.0.2": {"major": "0.1.0", "minor": "0.0.3", "patch": "0.0.3"},
}


def put(ws: Workspace, path: str, prompts: dict[str, Prompt | None]) -> None:
    for name, one in prompts.items():
        if one is None:
            ws.remove(f"{path}/{name}")
            continue
        ws.save(
            f"{path}/{name}",
            one.text,
            parameters=one.parameters,
            metadata=one.metadata,
            syntax=one.syntax,
        )


def test_each_kind_of_change_calls_for_its_bump(ws: Workspace) -> None:
    with ws.burst():
        for number, (row, (before, after, bump, reasons)) in enumerate(ROWS.items()):
            path = f"desk/row-{number}"
            start = list(NEXT)[number % len(NEXT)]
            put(ws, path, before)
            first = ws.publish(path, version=start)
            assert (first.bump, first.previous, first.reasons) == ("first", None, ())
            put(ws, path, after)
            compared = ws.diff(path)
            told = [str(reason) for one in compared for reason in one.reasons]
            assert (row, compared.bump, told) == (row, bump, reasons)
            made = ws.publish(path)
            assert (row, made.bump, list(made.reasons)) == (row, bump, reasons)
            assert (row, made.version) == (row, NEXT[start][bump])
            assert made.previous == start
            assert ws.log(path).versions[0].reasons == tuple(reasons)
            back = ws.diff(f"{path}@{made.version}", f"{path}@draft")
            assert (row, back.changed, back.bump) == (row, False, "")


def test_the_first_version_is_one_unless_another_is_asked_for(ws: Workspace) -> None:
    for number, (arguments, expected) in enumerate(
        (
            ({}, "1.0.0"),
            ({"bump": "patch"}, "1.0.0"),
            ({"bump": "MAJOR"}, "1.0.0"),
            ({"version": "0.1.0"}, "0.1.0"),
            ({"version": "v3.2.1"}, "3.2.1"),
        )
    ):
        ws.save(f"desk/set-{number}/p", "x")
        asked: dict[str, Any] = arguments
        assert ws.publish(f"desk/set-{number}", **asked).version == expected


def test_a_bump_may_go_higher_and_never_lower(ws: Workspace) -> None:
    ws.save("desk/emails/p", NAME)
    ws.publish("desk/emails")
    ws.save("desk/emails/p", f"{NAME} changed")
    assert ws.publish("desk/emails", bump="minor").version == "1.1.0"
    ws.save("desk/emails/p", "no parameter")
    ws.save("desk/emails/q", "new")
    for lower in ({"bump": "minor"}, {"bump": "patch"}, {"version": "1.1.1"}, {"version": "1.9.9"}):
        asked: dict[str, Any] = lower
        with pytest.raises(RefusedError, match="call for 2.0.0 at least") as caught:
            ws.publish("desk/emails", **asked)
        assert "p: parameter 'a' removed (major)" in caught.value.message
        assert "prompt added" not in caught.value.message
        assert caught.value.hint == "Try: anvil publish desk/emails"
    for older in ("1.0.1", "0.9.0", "1.1.0-rc.1"):
        with pytest.raises(RefusedError, match=f"{older} is too low"):
            ws.publish("desk/emails", version=older)
    for higher in ("2.0.0-rc.1", "5.0.0"):
        assert ws.publish("desk/emails", version=higher).version == higher
    made = [version.number for version in ws.log("desk/emails")]
    assert made == ["5.0.0", "2.0.0-rc.1", "1.1.0", "1.0.0"]
