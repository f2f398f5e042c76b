"""Runs as data: JSON, a data frame, and outputs of every kind."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import pytest

from anvil_nb.domain.template import Message
from anvil_nb.errors import RefusedError
from anvil_nb.results.run import Cell, Run, RunRow
from tests.results.runs import (
    DIGEST,
    NO_NAME,
    PATH,
    VERSION,
    a_run,
    answer,
    cell,
    columns,
    error,
    rendered,
)


class Opaque:
    def __str__(self) -> str:
        return "<an answer>"


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError


class Mood(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "a mood"


@pytest.mark.parametrize(
    ("output", "text", "written"),
    [
        ("yes", "yes", "yes"),
        (Mood("calm"), "calm", "calm"),
        (None, "null", None),
        (True, "true", True),
        (1.5, "1.5", 1.5),
        ({"a": [1, None, "é"]}, '{"a": [1, null, "é"]}', {"a": [1, None, "é"]}),
        (("a", date(2026, 3, 1)), '["a", "2026-03-01"]', ["a", "2026-03-01"]),
        (Opaque(), "<an answer>", "<an answer>"),
        ({1: "a"}, "{1: 'a'}", "{1: 'a'}"),
        (float("nan"), "nan", "nan"),
        ([float("inf")], "[inf]", "[inf]"),
        (b"raw", "b'raw'", "b'raw'"),
        (
            Unspeakable(),
            "<Unspeakable that cannot be shown: RuntimeError>",
            "<Unspeakable that cannot be shown: RuntimeError>",
        ),
    ],
)
def test_an_output_is_shown_as_json_or_as_it_describes_itself(
    output: object, text: str, written: object
) -> None:
    run = a_run([answer(output)], called=True)
    assert run.to_text().splitlines()[2] == f"  1  customer=Ada  {text}"
    (row,) = made_json(run)["rows"]
    assert row["cells"][0]["output"] == written


def made_json(run: Run) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(run.to_json(), allow_nan=False))
    return made


def test_json_has_everything() -> None:
    chat = rendered("Be kind.\n\nHi", Message("system", "Be kind."), Message("user", "Hi"))
    run = a_run(
        [Cell(chat, {"ok": True}, None, 0.5), error(NO_NAME)],
        inputs={"customer": "Ada", "since": date(2026, 3, 1), "what": Opaque()},
        called=True,
    )
    assert made_json(run) == {
        "columns": [
            {"address": f"{PATH}@1.0.0", "digest": DIGEST, "version_digest": VERSION},
            {"address": f"{PATH}@draft", "digest": DIGEST, "version_digest": None},
        ],
        "rows": [
            {
                "row": 1,
                "inputs": {"customer": "Ada", "since": "2026-03-01", "what": "<an answer>"},
                "cells": [
                    {
                        "text": "Be kind.\n\nHi",
                        "messages": [
                            {"role": "system", "content": "Be kind."},
                            {"role": "user", "content": "Hi"},
                        ],
                        "output": {"ok": True},
                        "error": None,
                        "seconds": 0.5,
                    },
                    {
                        "text": None,
                        "messages": None,
                        "output": None,
                        "error": NO_NAME,
                        "seconds": 0.0,
                    },
                ],
            }
        ],
        "errors": 1,
        "notes": [],
    }


def test_a_data_frame_has_the_inputs_and_two_columns_for_each_version() -> None:
    run = Run(
        columns("1.0.0", "draft"),
        (
            RunRow(1, {"customer": "Ada", "expected": "Hi"}, (cell("Hello"), cell("Dear"))),
            RunRow(2, {"customer": "Bob", "orders": 3}, (cell("Hello"), error("no"))),
        ),
        called=False,
    )
    frame = run.df()
    first, draft = f"{PATH}@1.0.0", f"{PATH}@draft"
    assert list(frame.columns) == [
        *("customer", "expected", "orders"),
        *(first, f"{first} error", draft, f"{draft} error"),
    ]
    assert list(frame[first]) == ["Hello", "Hello"]
    assert list(frame["customer"]) == ["Ada", "Bob"]
    assert frame[f"{draft} error"].isna().tolist() == [True, False]
    assert frame[draft].isna().tolist() == [False, True]
    assert frame.at[1, f"{draft} error"] == "no"
    assert frame["expected"].isna().tolist() == [False, True]


def test_a_data_frame_has_the_outputs_as_they_are() -> None:
    answers: list[object] = [{"a": 1}, [1, 2, 3], Opaque(), "text"]
    frame = a_run(*([answer(one)] for one in answers), called=True).df()
    assert frame[f"{PATH}@1.0.0"].tolist() == answers


def test_a_data_frame_never_loses_a_column_to_another_of_its_name() -> None:
    run = a_run(
        [cell("one"), cell("two")],
        inputs={f"{PATH}@1.0.0": "mine"},
        among=columns("1.0.0", "1.0.0"),
    )
    frame = run.df()
    assert frame.iloc[0].tolist()[:2] == ["mine", "one"]
    assert frame[f"{PATH}@1.0.0 (3)"].tolist() == ["two"]
    assert frame.columns.is_unique


def test_without_pandas_a_data_frame_is_refused_with_what_to_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RefusedError, match="needs pandas") as refused:
        a_run([cell("Hi")]).df()
    assert "pip install pandas" in refused.value.hint
