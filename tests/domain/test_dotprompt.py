"""Dotprompt's frontmatter under our keys, with nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.dotprompt import from_dotprompt
from anvil_nb.domain.frontmatter import split
from anvil_nb.domain.parameters import parameters_from_json

if TYPE_CHECKING:
    from anvil_nb.domain.digest import Json

GREETING = """\
---
name: greeting
model: googleai/gemini-1.5-flash
tools: [timeOfDay]
config:
  temperature: 0.7
  maxOutputTokens: 400
  topK: 20
  stopSequences: [STOP]
input:
  default:
    name: Guest
  schema:
    name: string, who to greet
    language?: string
    mood(enum, how): [warm, brief]
    visits: integer
    anything: any
output:
  format: json
  schema:
    greeting: string, what to say
    formality?: number
metadata:
  owner: desk
---
Hello {{name}}
"""


def test_a_dotprompt_file_becomes_flat_keys() -> None:
    fields = split(GREETING).fields
    assert fields is not None

    assert from_dotprompt(fields) == {
        "name": "greeting",
        "model": "googleai/gemini-1.5-flash",
        "tools": ["timeOfDay"],
        "temperature": 0.7,
        "max_tokens": 400,
        "topK": 20,
        "stopSequences": ["STOP"],
        "parameters": [
            {
                "name": "name",
                "type": "string",
                "description": "who to greet",
                "default": "Guest",
            },
            {"name": "language", "type": "string", "required": False},
            {
                "name": "mood",
                "type": "string",
                "description": "how",
                "required": True,
                "enum": ["warm", "brief"],
            },
            {"name": "visits", "type": "integer", "required": True},
            {"name": "anything", "required": True},
        ],
        "output_format": "json",
        "response_schema": {
            "type": "object",
            "properties": {
                "greeting": {"type": "string", "description": "what to say"},
                "formality": {"type": ["number", "null"]},
            },
            "required": ["greeting"],
            "additionalProperties": False,
        },
        "metadata": {"owner": "desk"},
    }


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"description": "Flat", "temperature": 0.2, "parameters": [{"name": "a"}]},
        {"config": "gpu", "input": "a text", "output": ["a", "b"]},
        {"config": {}, "input": {}, "output": {}},
        {"input": {"variables": ["a"]}, "output": {"file": "x.txt"}},
        {"input": None, "output": None, "config": None},
    ],
)
def test_fields_that_are_not_in_dotprompts_form_stay_as_they_are(fields: dict[str, Json]) -> None:
    assert from_dotprompt(fields) == fields


def test_a_setting_whose_name_is_taken_stays_in_config() -> None:
    fields: dict[str, Json] = {
        "temperature": 0.1,
        "config": {"temperature": 0.9, "description": "x", "maxOutputTokens": 1, "max_tokens": 2},
    }

    assert from_dotprompt(fields) == {
        "temperature": 0.1,
        "max_tokens": 1,
        "config": {"temperature": 0.9, "description": "x", "max_tokens": 2},
    }


def test_declared_parameters_win_over_dotprompts_input() -> None:
    fields: dict[str, Json] = {
        "input": {"schema": {"a": "string"}},
        "parameters": [{"name": "b"}],
        "response_schema": {"type": "string"},
        "output_format": "text",
        "output": {"format": "json", "schema": "number"},
    }

    assert from_dotprompt(fields) == fields


def test_defaults_without_a_schema_are_optional_parameters() -> None:
    fields: dict[str, Json] = {"input": {"default": {"language": "English", "note": None}}}

    assert from_dotprompt(fields) == {
        "parameters": [
            {"name": "language", "default": "English"},
            {"name": "note", "required": False},
        ]
    }


def test_json_schema_gives_parameters_too() -> None:
    schema: Json = {
        "type": "object",
        "properties": {
            "topic": {"type": "string", "description": "About what", "examples": ["bees"]},
            "length": {"type": ["integer", "null"], "default": 3},
            "tone": {"enum": ["warm", "dry"]},
        },
        "required": ["topic"],
    }

    assert from_dotprompt({"input": {"schema": schema}}) == {
        "parameters": [
            {
                "name": "topic",
                "type": "string",
                "description": "About what",
                "required": True,
                "example": "bees",
            },
            {"name": "length", "type": "integer", "default": 3},
            {"name": "tone", "type": "string", "required": False, "enum": ["warm", "dry"]},
        ]
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"topic": "string", "tags(array)": "string"},
        {"topic": "string", "place": {"city": "string"}},
        {"topic": "string", "(*)": "any"},
        {"topic": "string", "nothing": "null"},
        {"type": "object", "properties": {"topic": {"type": "string", "minLength": 3}}},
        {"type": "object", "properties": {"topic": {"type": ["string", "integer"]}}},
        {"type": "object", "properties": {"topic": False}},
        {"type": "object", "properties": {"topic": {}}, "additionalProperties": True},
        {
            "type": "object",
            "properties": {"topic": {"type": ["string", "null"]}},
            "required": ["topic"],
        },
    ],
)
def test_a_schema_that_says_more_than_parameters_can_is_kept_beside_them(schema: Json) -> None:
    fields: dict[str, Json] = {"input": {"schema": schema, "default": {"topic": "bees"}, "x": 1}}

    made = from_dotprompt(fields)

    assert made["input"] == {"schema": schema, "x": 1}
    parameters = parameters_from_json(made["parameters"])
    assert parameters[0].name == "topic"
    assert parameters[0].default == "bees"


@pytest.mark.parametrize(
    "declared",
    [
        {"schema": "Customer"},
        {"schema": {"who": "Customer"}, "default": {"who": "Ada"}},
        {"schema": {"a name": "string"}},
        {"schema": {"a": "string"}, "default": {"a": 3}},
        {"schema": {"a": "string"}, "default": "b"},
        {"schema": {"a(enum)": []}},
        {"schema": {"type": "array", "items": {"type": "string"}}},
        {"schema": {"type": "object", "properties": {"a": {}}, "required": True}},
    ],
)
def test_an_input_that_cannot_be_parameters_is_kept_as_it_stands(declared: Json) -> None:
    assert from_dotprompt({"input": declared}) == {"input": declared}


def test_an_output_schema_by_name_is_kept_as_it_stands() -> None:
    fields: dict[str, Json] = {"output": {"format": "json", "schema": "Answer", "strict": True}}

    assert from_dotprompt(fields) == {
        "output_format": "json",
        "output": {"schema": "Answer", "strict": True},
    }


names = st.sampled_from(
    ["temperature", "maxOutputTokens", "max_tokens", "topK", "tags", "input", "response_schema"]
)
schemas = st.one_of(
    st.sampled_from(["string", "Named", "number, with, commas", 3, None]),
    st.dictionaries(
        st.sampled_from(["a", "a?", "b(array)", "c(enum)", "(*)", "type", "properties", "d e"]),
        st.sampled_from(["string", "any", "Named", {"x": "integer"}, ["p", "q"], {}]),
        max_size=4,
    ),
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "model": st.just("m"),
        "temperature": st.just(0.5),
        "parameters": st.just([{"name": "z"}]),
        "config": st.dictionaries(names, st.integers(), max_size=5),
        "input": st.fixed_dictionaries(
            {}, optional={"schema": schemas, "default": st.sampled_from([{}, {"a": 1}, 5, None])}
        ),
        "output": st.fixed_dictionaries(
            {}, optional={"schema": schemas, "format": st.just("json")}
        ),
    },
)


@given(documents)
def test_converting_again_changes_nothing(fields: dict[str, Json]) -> None:
    once = from_dotprompt(fields)

    assert from_dotprompt(once) == once


@given(documents)
def test_every_setting_is_there_afterwards_with_its_value(fields: dict[str, Json]) -> None:
    made = from_dotprompt(fields)
    kept = made.get("config", {})
    config = fields.get("config", {})
    assert isinstance(config, dict)
    assert isinstance(kept, dict)

    for key, value in config.items():
        flat = "max_tokens" if key == "maxOutputTokens" else key
        assert (kept[key] if key in kept else made[flat]) == value
    for key in fields.keys() - {"config", "input", "output"}:
        assert made[key] == fields[key]
