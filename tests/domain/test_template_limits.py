"""What a template may cost: the ways around the limits that were found, and honest large work.

A case that got around a limit took from ten seconds to for ever, so a bound of five on the CPU
time tells without being a measurement. ``benchmarks/hostile.py`` measures some hundred more.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from liquid import Environment
from liquid.exceptions import LiquidSyntaxError

from anvil_nb.domain.liquid.context import Context, least_text
from anvil_nb.domain.liquid.environment import environment
from anvil_nb.domain.liquid.text import to_json
from anvil_nb.domain.prompt import Content
from anvil_nb.domain.reach import MAX_PARTIALS
from anvil_nb.domain.renderer import Renderer
from anvil_nb.domain.template import parse, partials_in
from anvil_nb.domain.values import MAX_BITS, plain
from anvil_nb.errors import (
    RefusedError,
    RenderError,
    TemplateLimitError,
    TemplateSyntaxError,
    ValueTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.domain.digest import Json

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
LONG = "a" * 1_000_000
EVER = "{% for i in (1..50000) %}"
END = "{% endfor %}"
DOUBLE = "{% assign x = x | concat: x %}"

json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=20),
    lambda inside: (
        st.lists(inside, max_size=5) | st.dictionaries(st.text(max_size=9), inside, max_size=5)
    ),
    max_leaves=25,
)


def render(source: str, partials: dict[str, str] | None = None, **values: Any) -> str:
    """Render the way that every caller does, and see that it does not take for ever."""
    started = time.process_time()
    contents = {name: Content(text) for name, text in (partials or {}).items()}
    try:
        renderer = Renderer(Content(source), contents)
        return renderer.render({**dict.fromkeys(renderer.uses), **values}, NOW)[0]
    finally:
        assert time.process_time() - started < 5


# Around the limits


HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "a range skipped through": (f"{EVER}{{% for a in (1..50000) offset: 49999 %}}{END}{END}", {}),
    "a range reversed": (f"{EVER}{{% for a in (1..50000) reversed %}}{{% break %}}{END}{END}", {}),
    "a range searched": (f"{EVER}{{% if (1..50000) contains 'a' %}}{{% endif %}}{END}", {}),
    "a range in a variable searched": (
        f"{{% assign r = (1..50000) %}}{EVER}{{% if r contains 1.5 %}}{{% endif %}}{END}",
        {},
    ),
    "one text many times in an array, as JSON": (
        "{% assign x = s | split: 'none' %}" + DOUBLE * 15 + "{{ x | json | size }}",
        {"s": LONG},
    ),
    "one text many times in an array, sorted": (
        (
            "{% assign x = s | split: 'none' %}"
            f"{DOUBLE * 2}{EVER}{{% assign y = x | sort_natural %}}{END}"
        ),
        {"s": LONG},
    ),
    "one text in an array, compared": (
        (
            "{% assign x = s | split: 'none' %}{% assign y = s | append: '' | split: 'none' %}"
            f"{EVER}{{% if x == y %}}{{% endif %}}{END}"
        ),
        {"s": LONG},
    ),
    "one row many times": (
        "{% assign x = rows %}" + DOUBLE * 15 + "{{ x | json | size }}",
        {"rows": [{"a": list(range(50_000))}]},
    ),
    "one row many times, joined": (
        "{% assign x = rows %}" + DOUBLE * 12 + "{{ x | join | size }}",
        {"rows": [{"a": list(range(50_000))}]},
    ),
    "a list in a list, made unique": ("{{ a | uniq | size }}", {"a": [list(range(50_000))]}),
    "a list in a list, indented": (
        f"{EVER}{{% assign x = a | json: 8 | size %}}{END}",
        {"a": [[1] * 10_000]},
    ),
    "line breaks stripped": (
        f"{EVER}{{% assign x = s | strip_newlines %}}{END}",
        {"s": "\n" * 900_000},
    ),
    "signs decoded": (f"{EVER}{{% assign x = s | url_decode %}}{END}", {"s": "%" * 900_000}),
    "more data than may be written": ("{{ a }}", {"a": ["\x01" * 1_000] * 20_000}),
}  # fmt: skip


@pytest.mark.parametrize(("source", "values"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_way_around_the_limits_is_closed(source: str, values: dict[str, Any]) -> None:
    with pytest.raises(TemplateLimitError):
        render(source, **values)


def test_blocks_and_partials_nested_too_deeply_together_are_a_limit() -> None:
    def nested(inner: str) -> str:
        return "{% if true %}" * 28 + inner + "{% endif %}" * 28

    partials = {f"p{n}": nested(f"{{% render 'p{n + 1}' %}}") for n in range(40)} | {"p40": "x"}
    with pytest.raises(TemplateLimitError, match="nested"):
        render("{% render 'p0' %}", partials)


def test_a_number_with_too_many_digits_is_refused_where_it_comes_in() -> None:
    largest = 2**MAX_BITS - 1
    assert render("{{ n }}", n=largest) == render(f"{{{{ {largest} }}}}") == str(largest)
    with pytest.raises(ValueTypeError, match="bits"):
        render("{{ n }}", n=largest + 1)
    with pytest.raises(TemplateSyntaxError, match="digits"):
        parse(f"{{{{ {largest + 1} }}}}")
    with pytest.raises(TemplateLimitError, match="bits"):
        render("{{ n | plus: 1 }}", n=largest)


@pytest.mark.parametrize(
    "source", ["{{ s | slice: s }}", "{{ s | plus: 1 }}", "{{ s[s] }}", "{{ s | date: s }}"]
)
def test_a_message_quotes_only_the_beginning_of_a_long_value(source: str) -> None:
    with pytest.raises(RenderError) as caught:
        render(source, s="9" * 100_000)
    assert len(caught.value.message) < 500


@pytest.mark.parametrize("source", ["{{ a | LONG }}", "{% LONG %}", "{% message LONG %}"])
def test_a_message_quotes_only_the_beginning_of_a_long_name(source: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(source.replace("LONG", "b" * 3_900))
    assert len(caught.value.message) < 500


# Partials together


def test_partials_that_are_too_large_together_are_refused_before_they_are_parsed() -> None:
    partials = {f"p{n}": f"{n}" + "{{ 1 }}" * 9_000 for n in range(90)}
    calls = "".join(f"{{% render '{name}' %}}" for name in partials)
    with pytest.raises(RefusedError, match="tags and outputs"):
        render(calls, partials)


def test_a_prompt_reaches_only_so_many_partials() -> None:
    partials = {f"p{n}": "x" for n in range(MAX_PARTIALS + 1)}
    calls = [f"{{% render '{name}' %}}" for name in partials]
    assert render("".join(calls[:-1]), dict(list(partials.items())[:-1])) == "x" * MAX_PARTIALS
    with pytest.raises(RefusedError, match="more than 100 partials"):
        render("".join(calls), partials)


def test_a_variable_that_only_some_calls_hand_over_is_needed() -> None:
    partials = {"p": parse("{{ a }}{{ b }}")}
    source = "{% render 'p', a: 1, b: 1 %}{% render 'p', a: 2 %}"
    assert set(parse(source).requirements(partials)) == {"b"}


def test_many_calls_of_a_partial_with_many_variables_are_followed_once() -> None:
    partial = "".join(f"{{{{ v{n} }}}}" for n in range(9_000))
    calls = "".join(f"{{% render 'p', v{n}: 1 %}}" for n in range(3_000))
    started = time.process_time()
    assert len(parse(calls).requirements({"p": parse(partial)})) == 9_000
    assert time.process_time() - started < 5


# What the limits reckon with


@given(json_values)
def test_the_size_of_a_value_is_the_same_wherever_it_is_reckoned(value: Json) -> None:
    sizes: dict[int, int] = {}
    copied, size = plain(value, sizes)
    template = parse("x").bound
    assert Context(template).size_of(copied) == size
    assert Context(template, sizes=sizes).size_of(copied) == size
    assert Context(template, sizes=sizes).size_of([copied, copied]) == 16 + 2 * size


@given(json_values.filter(lambda value: isinstance(value, (list, dict))))
def test_a_value_is_never_written_in_fewer_characters_than_was_reckoned(value: Json) -> None:
    copied, size = plain(value)
    assert least_text(size) <= len(to_json(copied)) + 2  # what separates it from the next


@given(
    st.lists(st.sampled_from(["\n", "text ", "é", "{{ a }}", "{{ b }}", "{% if c %}{% endif %}"]))
)
def test_the_place_of_a_variable_is_that_of_its_first_use(parts: list[str]) -> None:
    source = "".join(parts)
    for name, use in parse(source).uses.items():
        before, _, _ = source.partition(f"{{{{ {name}" if name != "c" else "{% if c")
        lines = before.split("\n")
        after = 4 if name != "c" else 7
        assert (use.line, use.column) == (len(lines), len(lines[-1]) + after)


def test_a_large_template_with_many_variables_is_parsed_in_time() -> None:
    source = "\n" * 800_000 + "".join(f"{{{{ v{n} }}}}" for n in range(9_900))
    started = time.process_time()
    uses = parse(source).uses
    assert time.process_time() - started < 5
    assert (uses["v0"].line, uses["v0"].column) == (800_001, 4)


# Large and honest


ROWS = [{"id": n, "name": f"name {n % 97}", "text": "word " * 20} for n in range(2_000)]
HONEST: dict[str, tuple[str, dict[str, Any], int]] = {
    "2,000 rows with arrays inside": (
        (
            "{% for r in rows %}{{ r.tags | join: ', ' }}{% for t in r.tags %}#{{ t }}"
            "{% endfor %}\n{% endfor %}"
        ),
        {"rows": [{"tags": ["red", "green", "blue"]} for _ in range(2_000)]},
        64_000,
    ),
    "500 rows with objects inside": (
        "{% for r in rows %}{{ r.at }}{% if r.tags contains 'vip' %}!{% endif %}{% endfor %}",
        {"rows": [{"at": {"city": "Ulm"}, "tags": ["vip"], "text": LONG[:1_000]}] * 500},
        8_000,
    ),
    "rows sorted, filtered and mapped": (
        (
            "{% assign by = rows | sort: 'name' %}"
            "{% assign some = rows | where: 'name', 'name 5' %}"
            "{% assign names = rows | map: 'name' | uniq %}{{ by | size }}{{ some | size }}"
            "{{ names | size }}"
        ),
        {"rows": ROWS},
        8,
    ),
    "arrays put together in a loop": (
        (
            "{% assign all = '' | split: '' %}"
            "{% for r in rows %}{% assign all = all | concat: r.tags %}"
            "{% endfor %}{{ all | size }}"
        ),
        {"rows": [{"tags": ["a", "b"]}] * 200},
        3,
    ),
    "a list of 50,000": (
        "{{ xs | first }}{{ xs | last }}{{ xs | size }}{{ xs | sum }}",
        {"xs": list(range(50_000))},
        21,
    ),
    "1.5 million characters": ("{{ s }}", {"s": LONG + LONG[:500_000]}, 1_500_000),
    "a table as JSON": ("{{ rows | json }}", {"rows": ROWS}, len(to_json(ROWS))),
}


@pytest.mark.parametrize(("source", "values", "length"), HONEST.values(), ids=HONEST.keys())
def test_large_and_honest_work_is_done(source: str, values: dict[str, Any], length: int) -> None:
    assert len(render(source, **values)) == length


# The lexer, whose pattern for text is ours


MARKUP = """a|{|}|{{|}}|{%|%}|-|{{ a }}|{{- a -}}|{% = %}|{%- if a -%}|{% raw %}|{% endraw %}|
{% comment %}|{% endcomment %}| |\n"""


def tokens(lexed_by: Environment, source: str) -> list[tuple[str, str]]:
    try:
        return [(one.kind, one.value) for one in lexed_by.tokenizer()(source)]
    except LiquidSyntaxError as error:
        return [("error", str(error.message))]


@given(st.lists(st.sampled_from(MARKUP.split("|"))).map("".join))
def test_text_is_told_from_markup_as_the_library_does(source: str) -> None:
    # but for a line break at the very end, which the library makes a text of its own
    source = source.rstrip("\n")
    assert tokens(environment(), source) == tokens(Environment(), source)


def test_trimming_ends_at_the_first_letter() -> None:
    assert render("{{ a -}} \n x \n", a="") == "x \n"


# Many templates at once, of which those of the same markup are parsed once

PIECES = """a| |\n|{{ a }}|{{- a -}}|{{ a|upcase }}|{% if a %}|{%- else -%}|{% endif %}|
{% for b in a %}|{% endfor %}|{% break %}|{% render 'p' %}|{% message user %}|{% endmessage %}|
{% raw %}|{% endraw %}|{% comment %}|{% endcomment %}|{% # note %}|{%%}|{% = %}|{{ | }}|{|}}|%}|
{% liquid assign b = 1 %}|{% nix %}|{% doc %}|{% enddoc %}|{{ a | nix }}"""


def outcome(source: str, by: Callable[[str], tuple[str, ...]]) -> object:
    try:
        return by(source)
    except TemplateSyntaxError as error:
        return error.message, error.line, error.column


@given(st.lists(st.sampled_from(PIECES.split("|"))).map("".join))
def test_what_is_parsed_once_for_many_templates_is_what_each_would_be(source: str) -> None:
    assert outcome(source, partials_in) == outcome(source, lambda one: parse(one).partials)


def test_text_outside_messages_is_found_in_each_of_many_templates() -> None:
    chat = "{% message user %}One{% endmessage %}"
    assert partials_in(chat) == ()
    assert partials_in(chat.replace("One", "Two")) == ()
    with pytest.raises(TemplateSyntaxError, match="outside"):
        partials_in(f"{chat} c")
