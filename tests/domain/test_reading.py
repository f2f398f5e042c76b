"""Values from a command line or a CSV cell: every type read exactly, or refused with a reason."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.parameters import Parameter, Signature
from anvil_nb.domain.reading import read_value, read_values
from anvil_nb.domain.values import type_name
from anvil_nb.errors import ValueTypeError

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Half of a surrogate pair is no text.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


def a(kind: str | None, **fields: object) -> Parameter:
    return Parameter("it", kind, **fields)  # type: ignore[arg-type]  # the tests' own fields


@given(st.text())
def test_a_string_and_a_value_of_any_type_are_the_text_as_it_stands(text: str) -> None:
    assert read_value(a("string"), text) == text
    assert read_value(a(None), text) == text


@given(st.integers())
def test_an_integer_is_read_exactly_however_large(value: int) -> None:
    for kind in ("integer", "number"):
        read = read_value(a(kind), str(value))
        assert (read, type(read)) == (value, int)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_is_no_integer_is_read_as_a_float(value: float) -> None:
    read = read_value(a("number"), repr(value))
    assert (read, type(read)) == (value, float)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", " +7\t", 7),
        ("integer", "007", 7),
        ("integer", "-0", 0),
        ("number", "12", 12),
        ("number", "12.0", 12.0),
        ("number", "1e3", 1000.0),
        ("number", ".5", 0.5),
        ("number", "-2.", -2.0),
        ("boolean", "true", True),
        ("boolean", "FALSE", False),
        ("boolean", " True ", True),
        ("array", '["a", 1, null]', ["a", 1, None]),
        ("object", '\n{"a": {"b": [1.5]}}', {"a": {"b": [1.5]}}),
    ],
)
def test_each_type_has_its_spellings(kind: str, text: str, value: object) -> None:
    read = read_value(a(kind), text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text", "expected", "found"),
    [
        ("integer", "3.0", "an integer", "'3.0'"),
        ("integer", "1e3", "an integer", "'1e3'"),
        ("integer", "1_000", "an integer", "'1_000'"),
        ("integer", "٣", "an integer", "'٣'"),
        ("integer", "three", "an integer", "'three'"),
        ("integer", "", "an integer", "''"),
        ("integer", "--1", "an integer", "'--1'"),
        ("integer", "9" * 5000, "an integer", "one of 5,000 digits"),
        ("number", "1,5", "a number", "'1,5'"),
        ("number", "nan", "a number", "'nan'"),
        ("number", "Infinity", "a number", "'Infinity'"),
        ("number", "1e999", "a number", "'1e999'"),
        ("number", ".", "a number", "'.'"),
        ("number", "0x10", "a number", "'0x10'"),
        ("boolean", "yes", "a boolean", "'yes'"),
        ("boolean", "1", "a boolean", "'1'"),
        ("boolean", "", "a boolean", "''"),
        ("array", "a, b", "a JSON array", "which is not JSON at line 1, column 1"),
        ("array", '{"a": 1}', "a JSON array", "object '{\"a\": 1}'"),
        ("array", "null", "a JSON array", "null"),
        ("array", "[NaN]", "a JSON array", "must be finite"),
        ("array", "[1e999]", "a JSON array", "must be finite"),
        ("array", "[" * 100 + "]" * 100, "a JSON array", "nested deeper than"),
        ("array", "[" * 100_000, "a JSON array", "nests too deep"),
        ("array", f"[{'9' * 5000}]", "a JSON array", "4300"),
        ("object", '["a"]', "a JSON object", "array"),
        ("object", '{"a": 1, "a": 2}', "a JSON object", "the key 'a' twice"),
        ("object", "{'a': 1}", "a JSON object", "which is not JSON at line 1, column 2"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected_and_found(
    kind: str, text: str, expected: str, found: str
) -> None:
    with pytest.raises(ValueTypeError) as refused:
        read_value(a(kind), text)
    assert f"parameter 'it' expects {expected}, got " in refused.value.message
    assert found in refused.value.message
    assert "it=" in refused.value.hint


def test_the_example_in_a_hint_is_right() -> None:
    for kind in ("integer", "number", "array", "object"):
        with pytest.raises(ValueTypeError) as refused:
            read_value(a(kind), "§")
        example = refused.value.hint.removeprefix("For example: it=")
        assert type_name(read_value(a(kind), example)) == kind


def test_a_long_text_is_cut_in_the_message() -> None:
    with pytest.raises(ValueTypeError) as refused:
        read_value(a("integer"), "x" * 10_000)
    assert len(refused.value.message) < 120


@given(JSON_VALUES)
def test_an_array_or_object_comes_back_as_it_was_written(value: object) -> None:
    kind = type_name(value)
    if kind in {"array", "object"}:
        assert read_value(a(kind), json.dumps(value)) == value
    else:
        with pytest.raises(ValueTypeError):
            read_value(a("array"), json.dumps(value))


@given(st.sampled_from(["integer", "number", "boolean", "array", "object"]), st.text())
def test_what_is_read_is_of_the_declared_type_or_refused(kind: str, text: str) -> None:
    parameter = a(kind)
    try:
        value = read_value(parameter, text)
    except ValueTypeError:
        return
    parameter.check(value)
    assert not isinstance(value, float) or math.isfinite(value)


def test_an_enum_without_a_type_is_read_as_its_members_are_written() -> None:
    stars = a(None, enum=(1, 2, "2", True, "n/a"))
    assert read_value(stars, "1") == 1
    assert read_value(stars, "2") == "2"
    assert read_value(stars, " true ") is True
    assert read_value(stars, "n/a") == "n/a"
    assert read_value(stars, "7") == "7"


def test_values_are_read_by_the_parameters_of_their_names() -> None:
    parameters = [Parameter("count", "integer"), Parameter("who", "string")]
    assert read_values(parameters, {"who": "7", "count": "7"}) == {"who": "7", "count": 7}


def test_a_name_that_is_no_parameter_is_left_for_the_binding_to_report() -> None:
    values = read_values([Parameter("count", "integer")], {"cuont": "7"})
    assert values == {"cuont": "7"}
    with pytest.raises(Exception, match="Did you mean 'count'"):
        Signature([Parameter("count", "integer")]).bind(values)


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_cell_of_an_optional_parameter_is_absent_unless_it_is_a_string(blank: str) -> None:
    kinds = ("integer", "number", "boolean", "array", "object", None)
    optional = [Parameter(f"p{kind}", kind, required=False) for kind in kinds]
    text = Parameter("text", "string", required=False)
    chosen = Parameter("chosen", "string", required=False, enum=("a", "b"))
    cells = {one.name: blank for one in (*optional, text, chosen)}
    assert read_values([*optional, text, chosen], cells, empty_is_absent=True) == {"text": blank}


def test_a_blank_cell_of_a_required_parameter_is_refused_or_text() -> None:
    with pytest.raises(ValueTypeError, match="expects an integer, got ''"):
        read_values([Parameter("n", "integer")], {"n": ""}, empty_is_absent=True)
    assert read_values([Parameter("x")], {"x": ""}, empty_is_absent=True) == {"x": ""}


def test_an_empty_text_is_a_value_where_it_does_not_mean_absent() -> None:
    with pytest.raises(ValueTypeError, match="expects an integer, got ''"):
        read_values([Parameter("n", "integer", required=False)], {"n": ""})
