"""Templates: the language, chat messages, partials, and the places of errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.template import Message, Template, parse, verbatim
from anvil_nb.errors import (
    MissingValueError,
    RefusedError,
    RenderError,
    TemplateLimitError,
    TemplateSyntaxError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def render(source: str, partials: Mapping[str, str] | None = None, **values: object) -> str:
    return messages_and_text(source, partials, **values)[0]


def messages_and_text(
    source: str, partials: Mapping[str, str] | None = None, **values: object
) -> tuple[str, tuple[Message, ...]]:
    parsed: dict[str, Template] = {name: parse(text) for name, text in (partials or {}).items()}
    template = parse(source)
    absent = dict.fromkeys(template.requirements(parsed))
    return template.render({**absent, **values}, now=NOW, partials=parsed)


# The language


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ("Hello {{ name | upcase }}!", {"name": "Ada"}, "Hello ADA!"),
        ("{% for x in xs %}{{ x.n }};{% endfor %}", {"xs": [{"n": 1}, {"n": 2}]}, "1;2;"),
        ("{% if vip %}Dear{% else %}Hi{% endif %}", {"vip": False}, "Hi"),
        ("{{ tags | join: ', ' }}", {"tags": ["a", True, None]}, "a, true, "),
        ("{% assign n = 3 | times: 2 %}{{ n }}", {}, "6"),
        ("<b>{{ x }}</b>", {"x": "<i>&"}, "<b><i>&</b>"),
        ("{{ x }}", {"x": {"b": [1, None, True, "é"]}}, '{"b": [1, null, true, "é"]}'),
        ("{{ x }}", {"x": [1, "two"]}, '[1, "two"]'),
        ("{{ x | json: 1 }}", {"x": [1]}, "[\n 1\n]"),
        ("{{ true }} {{ nil }} {{ 1.5 }}", {}, "true  1.5"),
        ("{{ flag | append: '!' }}", {"flag": True}, "true!"),
        ("{{ (1..3) }}", {}, "1..3"),
        ("{% case n %}{% when 1, 2 %}few{% else %}many{% endcase %}", {"n": 2}, "few"),
        ("{% liquid\nassign a = 'x'\necho a | upcase\n%}", {}, "X"),
        ("{% for i in (1..5) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", {}, "12"),
    ],
)
def test_the_standard_language_renders(source: str, values: dict[str, Any], expected: str) -> None:
    assert render(source, **values) == expected


def test_json_and_braces_in_a_body_survive_untouched() -> None:
    source = '{"a": {"b": [1, {"c": "}"}]}} %} }} {x} $y {% raw %}{{ kept }}{% endraw %}'
    assert render(source) == '{"a": {"b": [1, {"c": "}"}]}} %} }} {x} $y {{ kept }}'


@given(st.text(alphabet=st.characters(exclude_characters="{\0", exclude_categories=["Cs"])))
def test_text_without_an_opening_brace_renders_to_itself(text: str) -> None:
    assert render(text) == text


def test_a_value_that_looks_like_a_template_stays_text() -> None:
    assert render("{{ x }}", x="{{ y }}{% message user %}") == "{{ y }}{% message user %}"


def test_now_is_the_time_that_was_given() -> None:
    assert render("{{ 'now' | date: '%Y-%m-%d %H:%M' }}") == "2026-03-01 12:30"
    assert render("{{ '10:15' | date: '%d %H:%M' }}") == "01 10:15"


def test_numbers_are_dates_in_utc_whatever_the_machine_says() -> None:
    assert render("{{ 86400 | date: '%Y-%m-%d %H:%M' }}") == "1970-01-02 00:00"
    assert render("{{ d | date: '%d.%m.%Y' }}", d=NOW + timedelta(days=1)) == "02.03.2026"


def test_there_is_no_variable_that_reads_the_clock() -> None:
    assert set(parse("{{ now }} {{ today }}").uses) == {"now", "today"}


# What is not defined


def test_an_undefined_attribute_is_an_error_with_its_place() -> None:
    with pytest.raises(MissingValueError, match="line 2, column 4") as caught:
        render("Hi\n{{ user.nick }}", user={})
    assert (caught.value.line, caught.value.column) == (2, 4)


@pytest.mark.parametrize(
    "source",
    [
        "{{ user.nick | default: 'friend' }}",
        "{{ user.nick | upcase | default: 'friend' }}",
        "{{ nobody | default: 'friend' }}",
        "{{ nobody | upcase | default: 'friend' }}",
    ],
)
def test_default_serves_what_is_not_defined_wherever_it_stands_in_the_chain(source: str) -> None:
    assert render(source, user={}) == "friend"


def test_a_use_under_default_is_not_required_and_any_other_is() -> None:
    uses = parse("{{ a | default: 1 }}\n{{ b | upcase }} {{ b | default: 2 }}").uses
    assert not uses["a"].required
    assert uses["b"].required
    assert (uses["b"].line, uses["b"].column) == (2, 4)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ a.b.c }} {{ d[0] }} {{ e[f.g] }}", "a d e f"),
        ("{% for x in xs %}{{ x }}{{ y }}{% endfor %}", "xs y"),
        ("{% assign a = b %}{{ a }}", "b"),
        ("{% capture a %}{{ b }}{% endcapture %}{{ a }}", "b"),
        ("{% if a and b == c %}{% elsif d contains e %}{% endif %}", "a b c d e"),
        ("{% unless a %}{% endunless %}{% case b %}{% when c %}{% endcase %}", "a b c"),
        ("{{ x }}{% assign x = 1 %}", "x"),
        ("{{- a -}} {%- if b -%}{%- endif -%}", "a b"),
        ("{{ 'a' | append: b, }}", "b"),
        ("{% raw %}{{ a }}{% endraw %}{% comment %}{{ b }}{% endcomment %}", ""),
        ("{% message user %}{{ a }}{% endmessage %}", "a"),
    ],
)
def test_variables_are_found_wherever_they_are_used(source: str, names: str) -> None:
    assert set(parse(source).uses) == set(names.split())


# Errors at parse time


@pytest.mark.parametrize(
    ("source", "place", "hint"),
    [
        ("Hi {{ a | upcas }}", (1, 11), "upcase"),
        ("a\n{% fro x in y %}", (2, 4), "for"),
        ("a\nb {{ c", (2, 3), "raw"),
        ("line\n{% for x in %}\n{% endfor %}\nend\n", (2, 4), ""),
        ("{% if %}{% endif %}", (1, 4), ""),
        ("{% if a %}", (1, 4), ""),
        ("{{ }}", (1, 1), ""),
        ("{% render name %}", (1, 4), "{% render 'signature' %}"),
        ("{% include 'a' %}", (1, 4), ""),
        ("{% message sytem %}{% endmessage %}", (1, 12), "system"),
        ("{% message 'user' %}{% endmessage %}", (1, 12), "quotes"),
        ("{% message wizard %}{% endmessage %}", (1, 12), "{% message user %}"),
        ("{{ a | nothing_like_it }}", (1, 8), "shopify.github.io"),
        ("{% message user %}", (1, 4), ""),
        ("Hello {% message user %}{% endmessage %}", (1, 1), "message"),
        ("{% message user %}{% endmessage %} {{ x }}", (1, 36), "message"),
        (
            "{% message user %}{% message user %}{% endmessage %}{% endmessage %}",
            (1, 22),
            "side by side",
        ),
        ("{% capture a %}{% message user %}{% endmessage %}{% endcapture %}", (1, 19), ""),
        ("a\0b", (1, 2), ""),
        ("a\nb\ud800", (2, 2), ""),
    ],
)
def test_what_does_not_parse_is_refused_with_its_place(
    source: str, place: tuple[int, int], hint: str
) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(source)
    assert (caught.value.line, caught.value.column) == place
    assert hint in caught.value.hint
    assert f"line {place[0]}, column {place[1]}" in caught.value.message


@given(st.text(alphabet="{}%| '\"abif.:[]()01-\nendforrawmessage", max_size=60))
def test_any_text_parses_or_is_refused_as_a_template(text: str) -> None:
    try:
        parse(text)
    except TemplateSyntaxError as error:
        assert error.message


# Chat


def test_message_blocks_make_a_chat() -> None:
    source = (
        "{% message system %}\n  You are {{ who }}.\n{% endmessage %}\n\n"
        "{% for q in questions %}{% message user %}{{ q }}{% endmessage %}{% endfor %}"
    )
    text, messages = messages_and_text(source, who="kind", questions=["one", "two"])
    assert messages == (
        Message("system", "You are kind."),
        Message("user", "one"),
        Message("user", "two"),
    )
    assert text == "You are kind.\n\none\n\ntwo"
    assert parse(source).is_chat


def test_a_message_in_a_condition_is_there_or_not() -> None:
    source = "{% if a %}{% message user %}x{% endmessage %}{% endif %}"
    assert messages_and_text(source, a=True)[1] == (Message("user", "x"),)
    assert messages_and_text(source, a=False) == ("", ())


def test_tags_that_write_nothing_may_stand_between_messages() -> None:
    source = (
        "{% assign a = 'x' %}{% comment %}note{% endcomment %}"
        "{% message user %}{{ a }}{% endmessage %}"
    )
    assert messages_and_text(source)[1] == (Message("user", "x"),)


def test_a_template_without_blocks_is_one_text() -> None:
    assert messages_and_text("plain") == ("plain", ())
    assert not parse("plain").is_chat


# Partials


def test_a_partial_is_rendered_with_what_it_is_handed() -> None:
    partials = {"sign": "Yours, {{ name }}", "line": "{{ line }}#{{ forloop.index }} "}
    assert render("{% render 'sign', name: 'Ada' %}", partials) == "Yours, Ada"
    assert render("{% render 'line' for xs %}", partials, xs=["a", "b"]) == "a#1 b#2 "


def test_what_a_partial_needs_and_is_not_handed_is_needed_by_who_renders_it() -> None:
    parsed = {"a": parse("{{ x }}{% render 'b', y: x %}"), "b": parse("{{ y }}{{ z }}")}
    found = parse("{% render 'a' %}").requirements(parsed)
    assert {name: use.partial for name, use in found.items()} == {"x": "a", "z": "b"}


def test_variables_assigned_by_a_prompt_are_not_seen_by_its_partials() -> None:
    with pytest.raises(MissingValueError):
        parse("{% assign x = 1 %}{% render 'a' %}").render(
            {}, now=NOW, partials={"a": parse("{{ x }}")}
        )


def test_partials_in_a_circle_are_refused_by_name() -> None:
    parsed = {"a": parse("{% render 'b' %}"), "b": parse("{% render 'a' %}")}
    with pytest.raises(RefusedError, match="a → b → a"):
        parse("{% render 'a' %}").requirements(parsed)


def test_a_chat_cannot_be_a_partial() -> None:
    parsed = {"a": parse("{% message user %}x{% endmessage %}")}
    with pytest.raises(RefusedError, match="'a' is a chat prompt"):
        parse("{% render 'a' %}").requirements(parsed)


def test_plain_text_serves_as_a_partial_as_it_stands() -> None:
    template = parse("<{% render 'a' %}>")
    text, _ = template.render({}, now=NOW, partials={"a": verbatim("{{ x }}{% if")})
    assert text == "<{{ x }}{% if>"


def test_an_error_in_a_partial_says_in_which() -> None:
    with pytest.raises(MissingValueError, match="of the partial 'a'"):
        render("{% render 'a' %}", {"a": "x\n{{ u.v }}"}, u={})


def test_a_missing_partial_is_an_error_that_names_it() -> None:
    with pytest.raises(RenderError, match="no prompt 'gone'"):
        render("{% render 'gone' %}")


# Budgets: what a hostile template may cost is a number of things, not a time

HOSTILE = {
    "a loop over millions": "{% for i in (1..10000000) %}{% endfor %}",
    "a reversed range": "{% for i in (1..1000000000) reversed %}{% endfor %}",
    "an offset into a range": "{% for i in (1..1000000000) offset: 999999999 %}{% endfor %}",
    "loops in loops": "{% for a in (1..9) %}" * 25 + "x" + "{% endfor %}" * 25,
    "a joined range": "{{ (1..30000000) | join }}",
    "a range in a variable": "{% assign r = (1..30000000) %}{{ r | size }}",
    "a text doubled again and again": (
        "{% assign a = '0123456789abcdef' %}"
        "{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}"
    ),
    "a list doubled again and again": (
        "{% assign a = 'a b' | split: ' ' %}"
        "{% for i in (1..99) %}{% assign a = a | concat: a %}{% endfor %}"
    ),
    "a number squared again and again": (
        "{% assign a = 9 %}{% for i in (1..99) %}{% assign a = a | times: a %}{% endfor %}"
    ),
    "a replacement that explodes": (
        "{% assign a = 'aaaaaaaaaaaaaaaa' %}"
        "{% for i in (1..9) %}{% assign a = a | replace: 'a', a %}{% endfor %}"
    ),
    "a sort in a loop": (
        "{% assign s = '" + "b a " * 900 + "' | split: ' ' %}"
        "{% for i in (1..50000) %}{% assign t = s | sort %}{% endfor %}"
    ),
    "endless output": "{% for i in (1..50000) %}" + "x" * 1000 + "{% endfor %}",
    "endless captures": (
        "{% for i in (1..50000) %}{% capture a %}{{ a }}xxxxxxxxxx{% endcapture %}{% endfor %}"
    ),
    "a when that repeats its block": (
        "{% case 1 %}{% when " + ",".join("1" * 999) + " %}"
        "{% case 1 %}{% when " + ",".join("1" * 999) + " %}x{% endcase %}{% endcase %}"
    ),
    "text searched in a loop": (
        "{% capture t %}" + "a" * 500_000 + "{% endcapture %}"
        "{% for i in (1..50000) %}{% if t contains 'b' %}{% endif %}{% endfor %}"
    ),
    "a partial in a loop": "{% for i in (1..50000) %}{% render 'p' %}{% endfor %}",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_template_that_asks_for_too_much_is_stopped(source: str) -> None:
    with pytest.raises(TemplateLimitError):
        render(source, {"p": "x" * 1000}, a="")


@pytest.mark.parametrize(
    "source",
    [
        "x" * (1024 * 1024 + 1),
        "é" * (512 * 1024 + 1),
        "{{ a }}" * 20_000,
        "{{" * 100_000,
        "{% raw %}" * 100_000,
        "{{ a" + " " * 200 + "}}",
        "{{ a" + " | upcase" * 1_000 + " }}",
        "{% for a in b %}" * 10_000 + "{% endfor %}" * 10_000,
        "{{ " + "a[" * 900 + "b" + "]" * 900 + " }}",
        "{% if " + " and ".join("a" * 700) + " %}{% endif %}",
        "{% liquid\n" + "echo 'x'\n" * 20_000 + "%}",
    ],
    ids=lambda source: f"{source[:12]} of {len(source)}",
)
def test_a_template_that_is_too_much_to_parse_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        parse(source)


def test_a_date_format_cannot_ask_for_a_width() -> None:
    with pytest.raises(RenderError, match="field widths"):
        render("{{ 'now' | date: '%999999999d' }}")


def test_a_large_and_honest_template_is_not_stopped() -> None:
    rows = [{"id": number, "text": "word " * 20} for number in range(2_000)]
    source = "{% for r in rows %}{{ r.id }}: {{ r.text | strip | truncate: 40 }}\n{% endfor %}"
    assert render(source, rows=rows).count("\n") == 2_000
