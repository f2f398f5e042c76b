"""A block that is left open, or closed by the wrong tag: the tag that opened it is named."""

from __future__ import annotations

import pytest

from anvil_nb.domain.template import parse
from anvil_nb.errors import TemplateSyntaxError


@pytest.mark.parametrize(
    ("source", "name", "line", "column"),
    [
        ("{% if x %}a", "if", 1, 4),
        ("a\n{%- unless x -%}a{% else %}b", "unless", 2, 5),
        ("{% for a in b %}{% if a %}x{% endif %}", "for", 1, 4),
        ("{% for a in b %}\n  {% if a %}x{% endfor %}{% endif", "", 0, 0),
        ("{% if a %}\n{% if b %}{% endif %}{% elsif c %}", "if", 1, 4),
        ("{% case a %}", "case", 1, 4),
        ("{% case a %}{% when 1 %}x", "case", 1, 4),
        ("{% capture a %}x", "capture", 1, 4),
        ("{% if a %}{% comment %}{% endif %}", "comment", 1, 14),
        ("{% if a %}{% comment %}{% if b %}{% endcomment %}", "if", 1, 4),
        ("{% if a %}{% message user %}Hi", "message", 1, 14),
        ("x{% raw %}", "raw", 1, 2),
        ("x{% doc %}", "doc", 1, 2),
    ],
)
def test_a_block_that_nothing_closes_is_told_where_it_opens(
    source: str, name: str, line: int, column: int
) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(source)
    if not name:
        assert "nothing closes" not in caught.value.message
        return
    assert caught.value.message == (
        f"expected {{% end{name} %}}, found the end: nothing closes the {{% {name} %}} "
        f"at line {line}, column {column}"
    )
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.hint == f"Add {{% end{name} %}} where that block ends."


def test_a_block_that_the_wrong_tag_closes_is_told_with_both_places() -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse("a\n{% for a in b %}\n  {% if a %}x{% endfor %}{% endif %}")
    assert caught.value.message == (
        "expected {% endif %} for the {% if %} at line 3, column 6, "
        "found {% endfor %} at line 3, column 17"
    )
    assert caught.value.hint == "Add {% endif %} where that block ends."


@pytest.mark.parametrize("tag", ["endif", "endfor", "else", "elsif x", "when 1"])
def test_a_tag_of_a_block_that_is_not_open_is_told_so(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=r"unexpected tag .* at line 1, column 5") as got:
        parse(f"a{{% {tag} %}}")
    assert "No block that it belongs to is open here" in got.value.hint


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% if x %}{% for a in %}", "expected a primitive expression"),
        ("{% if x %}{{ a | nope: }}", ""),
        ("{% if x %}{% nope %}", "unexpected tag 'nope' at line 1, column 14"),
    ],
)
def test_an_error_inside_an_open_block_stays_what_it_is(source: str, said: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(source)
    assert said in caught.value.message
    assert bool(said) == ("nothing closes" not in caught.value.message)
