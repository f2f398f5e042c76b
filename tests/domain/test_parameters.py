"""Parameters: declarations, and values held to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.parameters import (
    ABSENT,
    Parameter,
    Signature,
    parameter_from_json,
    parameters_from_json,
)
from anvil_nb.domain.values import plain
from anvil_nb.errors import (
    DeclarationError,
    InvalidInputError,
    MissingValueError,
    ValueTypeError,
)

RIGHT: dict[str, list[Any]] = {
    "string": ["", "x"],
    "integer": [0, -1, 2**60],
    "number": [0, 1.5, -2],
    "boolean": [True, False],
    "array": [[], [1, "a"], (1,)],
    "object": [{}, {"a": None}],
}
WRONG: dict[str, list[Any]] = {
    "string": [1, True, ["a"], {}],
    "integer": ["3", 3.0, True, [1]],
    "number": ["1.5", True, {}],
    "boolean": ["true", 0, 1],
    "array": ["a", {"a": 1}, 1],
    "object": [[], "a", 1],
}


@pytest.mark.parametrize("kind", RIGHT)
def test_a_value_of_the_declared_type_is_taken_as_it_is(kind: str) -> None:
    for value in RIGHT[kind]:
        bound, _ = Signature([Parameter("x", kind)]).bind({"x": value})
        assert bound["x"] == (list(value) if isinstance(value, tuple) else value)
        assert type(bound["x"]) is not bool or kind == "boolean"


@pytest.mark.parametrize("kind", WRONG)
def test_a_value_of_another_type_is_never_coerced(kind: str) -> None:
    for value in WRONG[kind]:
        with pytest.raises(ValueTypeError) as caught:
            Signature([Parameter("age", kind)]).bind({"age": value})
        assert "'age'" in caught.value.message
        assert kind in caught.value.message
        assert caught.value.hint


def test_all_missing_values_are_named_at_once() -> None:
    signature = Signature([Parameter("a"), Parameter("b"), Parameter("c", required=False)])
    with pytest.raises(MissingValueError, match="'a', 'b'"):
        signature.bind({})


def test_an_absent_optional_parameter_is_nil_or_its_default() -> None:
    signature = Signature(
        [Parameter("a", "string", required=False), Parameter("b", required=False, default=[1])]
    )
    assert signature.bind({})[0] == {"a": None, "b": [1]}
    assert signature.bind({"a": None, "b": None})[0] == {"a": None, "b": [1]}


def test_a_name_that_is_no_parameter_is_refused_with_the_likely_one() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Signature([Parameter("customer")]).bind({"custmer": "Ada"})
    assert "custmer" in caught.value.message
    assert "customer" in caught.value.hint


def test_an_enum_admits_its_values_only_and_of_their_type() -> None:
    signature = Signature([Parameter("n", enum=(1, "a"))])
    assert signature.bind({"n": 1})[0] == {"n": 1}
    for wrong in (True, 1.0, "1", "b"):
        with pytest.raises(ValueTypeError, match="one of"):
            signature.bind({"n": wrong})


def test_a_default_of_another_type_is_told_to_be_corrected_where_it_is_declared() -> None:
    with pytest.raises(DeclarationError) as caught:
        parameter_from_json({"name": "a", "type": "integer", "default": "1"})
    assert caught.value.hint == "Correct the default, or the type of 'a'."


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"name": "a b"}, "name"),
        ({"name": "a", "type": "int"}, "unknown type"),
        ({"name": "a", "required": True, "default": 1}, "required and has a default"),
        ({"name": "a", "type": "integer", "default": "1"}, "default does not fit"),
        ({"name": "a", "type": "string", "example": 1}, "example does not fit"),
        ({"name": "a", "type": "string", "enum": ["x", 1]}, "enum value does not fit"),
        ({"name": "a", "enum": []}, "enum is empty"),
        ({"name": "a", "requird": True}, "unknown field"),
        ({"name": "a", "required": "yes"}, "required is true or false"),
        ({"name": "a", "default": float("nan")}, "finite"),
        ({"type": "string"}, "no name"),
        (5, "declared by an object"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(declared: object, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        parameter_from_json(declared)


def test_parameters_are_declared_by_a_list_or_by_name() -> None:
    listed = parameters_from_json([{"name": "a", "type": "string"}, {"name": "b"}])
    assert parameters_from_json({"a": "string", "b": None}) == listed
    with pytest.raises(DeclarationError, match="declared twice"):
        parameters_from_json([{"name": "a"}, {"name": "a"}])


@given(
    st.builds(
        dict,
        name=st.just("x"),
        description=st.text(max_size=20),
        required=st.just(False),
        example=st.integers(-9, 9),
    )
)
def test_a_declaration_survives_the_way_through_json(declared: dict[str, Any]) -> None:
    parameter = parameter_from_json(declared)
    assert parameter_from_json(parameter.to_json()) == parameter


def test_the_schema_is_json_schema_of_all_values() -> None:
    schema = Signature(
        [
            Parameter("a", "string", description="who", enum=("x", "y")),
            Parameter("b", "integer", required=False, default=3),
            Parameter("c"),
        ]
    ).schema()
    assert schema["required"] == ["a", "c"]
    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "a": {"type": "string", "description": "who", "enum": ["x", "y"]},
        "b": {"type": ["integer", "null"], "default": 3},
        "c": {},
    }


class _Opaque:
    pass


@pytest.mark.parametrize(
    "value", [_Opaque(), b"bytes", {1: "a"}, float("inf"), {"a": {1, 2}}, [_Opaque()]]
)
def test_what_is_not_data_is_refused_by_parameter(value: object) -> None:
    with pytest.raises(ValueTypeError, match="'x'"):
        Signature([Parameter("x")]).bind({"x": value})


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(InvalidInputError, match="nested deeper"):
        plain(loop)


def test_scalars_of_array_libraries_become_plain() -> None:
    numpy = pytest.importorskip("numpy")
    assert type(plain(numpy.int64(3))[0]) is int
    assert type(plain(numpy.float64(1.5))[0]) is float
    assert plain([numpy.bool_(True)])[0] == [True]


def test_absent_says_so() -> None:
    assert repr(ABSENT) == "ABSENT"
