"""Model settings: the known ones have a type, all others are free."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from anvil_nb.domain.prompt import Content, Metadata
from anvil_nb.domain.yaml_reader import read_mapping
from anvil_nb.errors import DeclarationError

REFUSED: list[tuple[str, Any, str]] = [
    ("model", 7, "is the name of a model, found integer 7"),
    ("model", " ", "is the name of a model, found string ' '"),
    ("model", ["gpt-5"], 'is the name of a model, found array ["gpt-5"]'),
    ("temperature", "hot", "is a number from 0, found string 'hot'"),
    ("temperature", "0.2", "is a number from 0, found string '0.2'"),
    ("temperature", True, "is a number from 0, found boolean true"),
    ("temperature", -0.1, "is a number from 0, found number -0.1"),
    ("max_tokens", -3, "is an integer from 1, found integer -3"),
    ("max_tokens", 0, "is an integer from 1, found integer 0"),
    ("max_tokens", True, "is an integer from 1, found boolean true"),
    ("max_tokens", 1.5, "is an integer from 1, found number 1.5"),
    ("response_schema", "object", "is a JSON Schema, which is an object, found string 'object'"),
    ("response_schema", [{}], "is a JSON Schema, which is an object, found array [{}]"),
]


@pytest.mark.parametrize(("key", "value", "why"), REFUSED)
def test_a_known_setting_of_another_type_is_refused(key: str, value: Any, why: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Metadata().updated({key: value})
    assert caught.value.message == f"setting '{key}' {why}"
    assert caught.value.hint.startswith(f"For example: {key}: ")


@pytest.mark.parametrize(("key", "value"), [one[:2] for one in REFUSED])
def test_the_example_in_the_hint_is_right(key: str, value: Any) -> None:
    with pytest.raises(DeclarationError) as caught:
        Metadata().updated({key: value})
    example = read_mapping(caught.value.hint.removeprefix("For example: "))
    assert example is not None
    assert Metadata().updated(example).settings == example


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", "gpt-5-mini"),
        ("temperature", 0),
        ("temperature", 0.7),
        ("temperature", 3),
        ("temperature", Decimal("0.5")),
        ("max_tokens", 1),
        ("response_schema", {}),
        ("response_schema", {"type": "object"}),
        ("top_p", "high"),
        ("stop", ["END"]),
        ("maxTokens", -3),
    ],
)
def test_sound_and_free_settings_are_kept(key: str, value: Any) -> None:
    assert Metadata().updated({key: value}).settings == {key: value}


def test_what_was_kept_before_there_were_types_can_still_be_read_and_mended() -> None:
    old = Content("Hello", metadata=Metadata(settings={"temperature": "hot", "seed": 1}))
    assert old.with_fields({"description": "Greets"}).metadata.settings["temperature"] == "hot"
    assert old.with_fields({"temperature": None}).metadata.settings == {"seed": 1}
