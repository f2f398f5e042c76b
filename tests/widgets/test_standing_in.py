"""Previews without examples: what stands in for a value has the shape that the template uses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from anvil_nb.domain.liquid.shapes import MOST_DEPTH, MOST_NODES
from anvil_nb.domain.parameters import parameters_from_json
from anvil_nb.domain.prompt import Content
from anvil_nb.widgets.checking import checked
from anvil_nb.widgets.declaring import document_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANSWER = """{% message system %}
Answer from these articles only.
{% for article in articles %}
[{{ forloop.index }}] {{ article.title }}
{{ article.text | strip | truncate: 400 }}
{% endfor %}
{% endmessage %}
{% message user %}{{ question }}{% endmessage %}"""


def check(text: str, partials: dict[str, str] | None = None, **declared: Any) -> Any:
    content = Content(text).with_fields({"parameters": parameters_from_json(declared)})
    reached = {name: Content(one) for name, one in (partials or {}).items()}
    return checked(document_of(content), {}, lambda _: reached, NOW)


def preview(text: str, partials: dict[str, str] | None = None, **declared: Any) -> str:
    said = check(text, partials, **declared)["preview"]
    assert "message" not in said, said
    shown: str = said["text"]
    return " ".join(shown.split())


def test_the_answer_of_the_quickstart_is_previewed_without_an_example() -> None:
    said = check(ANSWER, question="string", articles={"type": "array"})["preview"]
    system, user = said["messages"]
    assert system["content"].split("\n\n") == [
        "Answer from these articles only.",
        "[1] [articles.title]\n[articles.text]",
        "[2] [articles.title]\n[articles.text]",
    ]
    assert user["content"] == "[question]"


TWICE = "[a.t] [a.t]"


@pytest.mark.parametrize("declared", [{}, {"a": "array"}], ids=["any type", "an array"])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{% for one in a %}{{ one.t }} {% endfor %}", TWICE),
        ("{% for one in a reversed limit: 5 %}{{ one['t'] }} {% endfor %}", TWICE),
        ("{% for one in a %}{% for x in one.b %}{{ x.c.d }} {% endfor %}{% endfor %}",
         "[a.b.c.d] [a.b.c.d]"),
        ("{% for one in a %}{{ one.who.name.first }} {% endfor %}",
         "[a.who.name.first] [a.who.name.first]"),
        ("{% assign b = a %}{% for one in b %}{{ one.t }} {% endfor %}", TWICE),
        ("{% assign b = a | where: 'ok' | reverse %}{% for x in b %}{{ x.t }} {% endfor %}", TWICE),
        ("{% for one in a %}{% assign x = one.t %}{{ x }} {% endfor %}", TWICE),
        ("{% for one in a %}{% assign x = one %}{% endfor %}{{ x.t }}", "[a.t]"),
        ("{{ a[0].t }} {{ a | size }}", "[a.t] 2"),
        ("{% assign one = a | first %}{{ one.t }}", "[a.t]"),
        ("{{ a | map: 't' | join: ' ' }}", TWICE),
        ("{% assign ts = a | map: 't' %}{% for t in ts %}{{ t.u }} {% endfor %}",
         "[a.t.u] [a.t.u]"),
        ("{% for one in a %}{% if one.draft and one.by.me %}{{ one.t }} {% endif %}{% endfor %}",
         TWICE),
        ("{% for one in a %}{{ one.t | default: 'none' }} {% endfor %}", TWICE),
    ],
)  # fmt: skip
def test_an_array_of_objects_has_the_fields_that_are_read(
    text: str, shown: str, declared: dict[str, Any]
) -> None:
    assert preview(text, **declared) == shown


@pytest.mark.parametrize(
    ("text", "declared", "shown"),
    [
        ("{{ a.b.c }} and {{ a.d }}", {}, "[a.b.c] and [a.d]"),
        ("{{ a.b.c }}", {"a": "object"}, "[a.b.c]"),
        ("{% for one in a.rows %}{{ one.t }}{% endfor %}", {}, "[a.rows.t]"),
        ("{{ a.first.t }} {{ a.last.u }}", {"a": "array"}, "[a.t] [a.u]"),
        ("{{ a.first }} {{ a.last }}", {}, "[a.first] [a.last]"),
        ("{% for tag in a.tags %}{{ tag }}{% endfor %}", {}, "[a.tags]"),
        ("{{ a }}", {}, "[a]"),
        ("{% for one in a %}{{ one }} {% endfor %}", {}, "[a]"),
        ("{% for one in a %}{{ one }} {% endfor %}", {"a": "array"}, "a b"),
        ("{% for n in (1..3) %}{{ n }}{% endfor %}", {}, "123"),
        ("{% capture a %}x{% endcapture %}{{ a }}", {}, "x"),
        ("{{ a.b }}", {"a": {"type": "object", "example": {"b": "said"}}}, "said"),
        ("{{ a.b }}", {"a": {"type": "object", "default": {"b": "usual"}}}, "usual"),
    ],
)  # fmt: skip
def test_other_values_are_made_as_they_are_used(
    text: str, declared: dict[str, Any], shown: str
) -> None:
    assert preview(text, **declared) == shown


@pytest.mark.parametrize(
    ("text", "partial", "shown"),
    [
        ("{% render 'row', one: a %}", "{{ one.t }}", "[a.t]"),
        ("{% render 'row' with a as one %}", "{{ one.t }}", "[a.t]"),
        ("{% render 'row' for a as one %}", "{{ one.t }} ", TWICE),
        ("{% for x in a %}{% render 'row', one: x %} {% endfor %}", "{{ one.t }}", TWICE),
        ("{% render 'row' %}", "{% for x in a %}{{ x.t }} {% endfor %}", TWICE),
    ],
)
def test_what_a_partial_reads_counts_too(text: str, partial: str, shown: str) -> None:
    assert preview(text, {"row": partial}) == shown


def test_very_many_uses_end_the_guessing_and_not_the_preview() -> None:
    deep = ".".join("x" * (MOST_DEPTH + 5))
    assert check("{{ a." + deep + " }}")["preview"]["message"]
    partials = {f"p{n}": f"{{% render 'p{n + 1}' %}}" * 20 for n in range(5)}
    assert MOST_NODES < 20**5
    said = check("{{ a.b }}{% render 'p0' %}", {**partials, "p5": ""})["preview"]
    assert "message" in said or said["text"]
