"""Rows: the same data from a list, a file and a data frame."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from anvil_nb.domain.parameters import Parameter
from anvil_nb.errors import InvalidInputError, SourceError, ValueTypeError
from anvil_nb.runs import MAX_ROWS
from anvil_nb.runs.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

PARAMETERS = {
    one.name: one
    for one in (
        Parameter("customer", "string"),
        Parameter("orders", "integer", required=False),
        Parameter("vip", "boolean", required=False),
        Parameter("tags", "array", required=False),
    )
}


def values_of(data: object) -> list[dict[str, Any]]:
    rows = rows_of(data)
    return [rows.values(row, PARAMETERS) for row in rows.rows]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "rows.csv",
            'customer,expected,orders,vip,tags\r\nAda,Hello,3,TRUE,"[""a"", 1]"\r\nBob,,,,\r\n',
        ),
        (
            "rows.tsv",
            'customer\texpected\torders\tvip\ttags\nAda\tHello\t3\ttrue\t["a", 1]\nBob\t\t\t\t\n',
        ),
        (
            "rows.jsonl",
            '{"customer": "Ada", "orders": 3, "vip": true, "tags": ["a", 1]}\n{"customer":"Bob"}\n',
        ),
        (
            "rows.json",
            '[{"customer": "Ada", "orders": 3, "vip": true, "tags": ["a", 1]},{"customer": "Bob"}]',
        ),
    ],
)
@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_gives_the_same_values_whatever_its_format(
    tmp_path: Path, name: str, text: str, kind: Callable[[Path], object]
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8", newline="")
    assert values_of(kind(path)) == [
        {"customer": "Ada", "orders": 3, "vip": True, "tags": ["a", 1]},
        {"customer": "Bob"},
    ]


def test_a_cell_of_a_csv_file_that_is_not_of_the_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("customer,orders\nAda,3.0\n", "utf-8")
    with pytest.raises(ValueTypeError, match=r"'orders' expects an integer, got '3\.0'"):
        values_of(path)


def test_a_value_in_json_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"customer": 7, "orders": "3", "vip": null}\n', "utf-8")
    assert values_of(path) == [{"customer": 7, "orders": "3", "vip": None}]


def test_a_row_keeps_the_columns_that_are_no_parameters() -> None:
    row = {"customer": "Ada", "expected": "Hello Ada"}
    assert rows_of([row]).rows == (row,)


def test_a_row_is_copied_before_anything_else_happens() -> None:
    row = {"customer": "Ada"}
    rows = rows_of([row])
    row["customer"] = "Bob"
    assert rows.rows == ({"customer": "Ada"},)


def test_any_iterable_of_mappings_is_data() -> None:
    assert values_of({"customer": name} for name in ("Ada", "Bob")) == [
        {"customer": "Ada"},
        {"customer": "Bob"},
    ]


def test_missing_cells_of_a_pandas_frame_are_absent() -> None:
    frame = pd.DataFrame(
        {
            "text": ["Ada", None],
            "number": [1.5, np.nan],
            "whole": pd.array([3, None], dtype="Int64"),
            "day": [pd.Timestamp(2026, 3, 1), pd.NaT],
            "any": pd.Series([Decimal(1), Decimal("NaN")], dtype=object),
            "small": pd.Series([np.float32(1), np.float32("nan")], dtype=object),
            "array": pd.Series([[1, 2], np.array([])], dtype=object),
        }
    )
    full, missing = rows_of(frame).rows
    assert full == {
        "text": "Ada",
        "number": 1.5,
        "whole": 3,
        "day": dt.datetime(2026, 3, 1),  # noqa: DTZ001 - as the frame has it
        "any": Decimal(1),
        "small": 1.0,
        "array": [1, 2],
    }
    assert list(missing) == ["array"]


def test_a_pandas_frame_needs_no_particular_index() -> None:
    frame = pd.DataFrame({"customer": ["Ada", "Bob", "Cy"]}, index=[7, 7, 9])
    assert [row["customer"] for row in rows_of(frame).rows] == ["Ada", "Bob", "Cy"]


class PolarsFrame:
    """As much of polars as is used: ``to_dicts``, with ``None`` for null, ``columns``, a length."""

    columns = ("customer", "orders")

    def __len__(self) -> int:
        return 2

    def to_dicts(self) -> list[dict[str, object]]:
        return [{"customer": "Ada", "orders": 3}, {"customer": "Bob", "orders": None}]


def test_missing_cells_of_a_frame_with_to_dicts_are_absent() -> None:
    assert values_of(PolarsFrame()) == [{"customer": "Ada", "orders": 3}, {"customer": "Bob"}]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "there are no rows"),
        (iter(()), "there are no rows"),
        (pd.DataFrame({"customer": []}), "there are no rows"),
        ({"customer": "Ada"}, "found one mapping"),
        (7, "a int is no data"),
        (None, "a NoneType is no data"),
        ([{"customer": "Ada"}, "Bob"], "row 2 is no mapping of columns to values, found string"),
        ([["Ada"]], "row 1 is no mapping of columns to values, found array"),
        (pd.Series(["Ada"]), "row 1 is no mapping of columns to values, found string"),
        ([{1: "Ada"}], "row 1 has a column that is not named by text: 1"),
        (pd.DataFrame([["Ada"]]), "row 1 has a column that is not named by text: 0"),
        (pd.DataFrame([["Ada", 1]], columns=["a", "a"]), "2 columns named 'a'"),
        (({"n": n} for n in count()), f"at most {MAX_ROWS:,} rows, found more than"),
        (pd.DataFrame({"n": range(MAX_ROWS + 1)}), "at most 10,000 rows, found 10,001"),
    ],
)
def test_what_is_no_data_is_refused_with_the_reason(data: object, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as refused:
        rows_of(data)
    assert refused.value.hint


def test_as_many_rows_as_are_allowed_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"n": n} for n in range(MAX_ROWS)]), "utf-8")
    assert len(rows_of(path).rows) == MAX_ROWS
    path.write_text(json.dumps([{"n": n} for n in range(MAX_ROWS + 1)]), "utf-8")
    with pytest.raises(InvalidInputError, match=r"at most 10,000 rows, found 10,001"):
        rows_of(path)


def test_a_file_that_is_not_there_or_no_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        rows_of(tmp_path / "none.csv")
    with pytest.raises(SourceError, match="is not a table"):
        rows_of("customer=Ada")
