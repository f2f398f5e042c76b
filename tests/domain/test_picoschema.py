"""Picoschema: every form of its reference, and what cannot be written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.domain.picoschema import to_json_schema
from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ("string", {"type": "string"}),
        ("number, in euros", {"type": "number", "description": "in euros"}),
        ("number,in euros", {"type": "number", "description": "in euros"}),
        ("integer, one, two, three", {"type": "integer", "description": "one, two, three"}),
        ("any", {}),
        ("any, whatever", {"description": "whatever"}),
        ("null", {"type": "null"}),
    ],
)
def test_a_scalar_has_a_type_and_perhaps_a_description(schema: Json, made: Json) -> None:
    assert to_json_schema(schema) == made


@pytest.mark.parametrize(
    ("key", "value", "made"),
    [
        ("a", "boolean", {"type": "boolean"}),
        ("a?", "boolean, why", {"type": ["boolean", "null"], "description": "why"}),
        ("a?", "any", {}),
        ("a(array)", "string", {"type": "array", "items": {"type": "string"}}),
        (
            "a?(array, many (or few), really)",
            "integer, one",
            {
                "type": ["array", "null"],
                "items": {"type": "integer", "description": "one"},
                "description": "many (or few), really",
            },
        ),
        (
            "a(object, the place)",
            {"city": "string", "zip?": "string"},
            {
                "type": "object",
                "properties": {"city": {"type": "string"}, "zip": {"type": ["string", "null"]}},
                "required": ["city"],
                "additionalProperties": False,
                "description": "the place",
            },
        ),
        (
            "a?",
            {"b?": "any"},
            {"type": ["object", "null"], "properties": {"b": {}}, "additionalProperties": False},
        ),
        ("a(enum, which)", ["x", "y"], {"enum": ["x", "y"], "description": "which"}),
        ("a?(enum)", ["x", "y"], {"enum": ["x", "y", None]}),
        ("a?(enum)", ["x", None], {"enum": ["x", None]}),
    ],
)
def test_a_property_is_spelt_by_its_name_and_its_value(key: str, value: Json, made: Json) -> None:
    schema = to_json_schema({key: value})

    assert schema["properties"] == {"a": made}
    assert schema.get("required", []) == ([] if "?" in key else ["a"])
    assert schema["additionalProperties"] is False


def test_a_star_allows_any_other_name() -> None:
    schema = to_json_schema({"id": "string", "(*)": "number, a score"})

    assert schema == {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"],
        "additionalProperties": {"type": "number", "description": "a score"},
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"type": "array", "items": {"type": "string"}},
        {"type": ["object", "null"], "properties": {}},
    ],
)
def test_json_schema_is_returned_as_it_stands(schema: Json) -> None:
    assert to_json_schema(schema) == schema


def test_properties_alone_are_an_object_in_json_schema() -> None:
    assert to_json_schema({"properties": {"type": {}}}) == {
        "type": "object",
        "properties": {"type": {}},
    }


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        ("Customer", "'Customer' is not a type"),
        ({"customer": "Customer, who asks"}, "'Customer' is not a type"),
        ({"a": ["x"]}, r"types and mappings, found \['x'\]"),
        ({"a": 3}, "found 3"),
        (None, "found None"),
        ({"a(list)": "string"}, r"\(list\) does not go"),
        ({"a(enum)": "string"}, r"\(enum\) does not go"),
        ({"a(array": "string"}, "not a name"),
        ({"(array)": "string"}, "not a name"),
    ],
)
def test_what_cannot_be_written_out_is_refused(schema: Json, what: str) -> None:
    with pytest.raises(DeclarationError, match=what):
        to_json_schema(schema)
