"""Contents that a reader must refuse: what could not have been saved, or rendered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.bundles.handmade import (
    canonical,
    content,
)
from tests.bundles.unsound import (
    Case,
    body,
    check_refused,
    left_out,
    name_of,
    nested,
    template,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

CONTENTS = [
    Case("an object that is not canonical", "F20",
         body(json.dumps(content("Hello")).encode()), "is not canonical JSON", contents=True),
    Case("an object with an unknown key", "F20", body({**content("Hello"), "new": 1}),
         "is not canonical JSON", contents=True),
    Case("an object of another kind", "F20", body({**content("Hello"), "kind": "prompt/2"}),
         "is not sound", contents=True),
    Case("an object without a template", "F20",
         body({key: value for key, value in content("x").items() if key != "template"}),
         "is not sound", contents=True),
    Case("an object that is no object", "F20", body(b"[]"), "is not sound", contents=True),
    Case("an object that is no JSON", "F20", body(b"{"), "is not sound", contents=True),
    Case("an object with a key twice", "F10",
         body(canonical(content("Hello")).replace(b'{"kind"', b'{"kind":"prompt/1","kind"')),
         "is not", contents=True),
    Case("an object with NaN", "F10",
         body(canonical(content("x", temperature=0)).replace(b":0}", b":NaN}")), "is not sound",
         contents=True),
    Case("an object that nests deep", "F9", body(content("x", deep=nested(30))),
         "nests deeper than 32", contents=True),
    Case("an object nested a billion deep", "F9",
         body(canonical(content("x", deep=0)).replace(b":0}", b":" + b"[" * 500_000 + b"]" * 500_000
                                                      + b"}")), "is not sound", contents=True),
    Case("a template that does not parse", "F33", template("Hello {% if %}"), "is not sound: ",
         contents=True),
    Case("a template with an unknown filter", "F33", template("{{ name | reverse_shell }}"),
         "is not sound: .*reverse_shell", contents=True),
    Case("a template with an unknown tag", "F33", template("{% include 'foot' %}"),
         "is not sound: ", contents=True),
    Case("a template that is too long", "F33", template("x" * (1024 * 1024 + 1)), "is not sound",
         contents=True),
    Case("a template with NUL", "F33", template("a\0b"), "is not sound", contents=True),
    Case("a syntax that is none", "F33", body({**content("x"), "syntax": "jinja"}), "is not sound",
         contents=True),
    Case("a parameter of no type", "F33",
         body({**content("x"), "parameters": [{"name": "a", "type": "date", "required": True}]}),
         "is not sound", contents=True),
    Case("a parameter that is none", "F33", body({**content("x"), "parameters": ["a"]}),
         "is not sound", contents=True),
    Case("one parameter twice", "F33",
         body({**content("x"), "parameters": [{"name": "a", "required": True}] * 2}),
         "is not sound", contents=True),
    Case("a description that is no text", "F33",
         body({**content("x"), "metadata": {"description": 5, "tags": [], "settings": {}}}),
         "is not sound", contents=True),
    Case("a content's description with NUL", "F33",
         body({**content("x"), "metadata": {"description": "\0", "tags": [], "settings": {}}}),
         "is not sound", contents=True),
    Case("a tag that is no text", "F33",
         body({**content("x"), "metadata": {"description": "", "tags": [{}], "settings": {}}}),
         "is not sound", contents=True),
    Case("tags without end", "F33",
         body({**content("x"), "metadata": {"description": "", "tags": ["t"] * 51,
                                            "settings": {}}}), "is not sound", contents=True),
    Case("settings that are a list", "F33",
         body({**content("x"), "metadata": {"description": "", "tags": [], "settings": []}}),
         "is not", contents=True),
    Case("a partial that is not there", "F33", template("{% render 'head' %}"),
         "desk/emails@1.1.0: welcome is not sound: renders 'head', and there is no such prompt",
         contents=True),
    Case("a prompt that renders itself", "F33", template("{% render 'welcome' %}"),
         "desk/emails@1.1.0: welcome is not sound", contents=True),
    Case("partials that go in a circle", "F33",
         lambda bundle: bundle.set_content(bundle.two, "foot", content("{% render 'welcome' %}")),
         "desk/emails@1.1.0: .* is not sound", contents=True),
    Case("a part whose partial is left out and not named", "F21", left_out(none=True),
         "welcome is not sound: renders 'foot', and there is no such prompt", contents=True),
]  # fmt: skip


@pytest.mark.parametrize("case", [*CONTENTS], ids=name_of)
def test_a_bundle_is_refused_for(case: Case, reader: Workspace, bundle: Path) -> None:
    check_refused(case, reader, bundle)
