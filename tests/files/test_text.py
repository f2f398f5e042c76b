"""Text, JSON and rows out of files and standard input."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import SourceError
from anvil_nb.files import read_json_file, read_rows, read_text_file
from anvil_nb.files.text import MAX_FILE

if TYPE_CHECKING:
    from pathlib import Path


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Let standard input hold ``data``."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))


def test_text_is_returned_verbatim_but_for_the_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n\xef\xbb\xbf\n")

    assert read_text_file(path) == "one\r\ntwo\rthree\n\ufeff\n"
    assert read_text_file(str(path)) == read_text_file(path)


def test_a_dash_is_standard_input_as_utf_8_whatever_the_locale_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give(monkeypatch, "é\r\n".encode())

    assert read_text_file("-") == "é\r\n"


def test_standard_input_that_is_not_utf_8_or_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give(monkeypatch, b"a\n\xff")
    with pytest.raises(SourceError, match="standard input is not UTF-8: byte 0xff at offset 2, l"):
        read_text_file("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SourceError, match="standard input cannot be read"):
        read_text_file("-")


@pytest.mark.parametrize("name", ["gone.md", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"there is no file|cannot be read") as caught:
        read_text_file(tmp_path / name)

    assert caught.value.hint


def test_a_text_file_beyond_the_limit_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.md"
    with path.open("wb") as file:
        file.truncate(MAX_FILE * 1000)

    with pytest.raises(SourceError, match="larger than 64 MiB"):
        read_text_file(path)


def test_json_is_read_from_a_file_and_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vars.json"
    path.write_text('\ufeff{"a": [1, 2.5, null, "\\ud83d\\ude00"]}', encoding="utf-8")
    give(monkeypatch, b"[1]")

    assert read_json_file(path) == {"a": [1, 2.5, None, "😀"]}
    assert read_json_file("-") == [1]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"a": 1,\n "b": }', "not JSON at line 2, column 7"),
        ("", "not JSON at line 1, column 1"),
        ('{"a": 1, "b": 2, "a": 3}', "the key 'a' twice"),
        ('{"a": Infinity}', "Infinity is not a number"),
        ('"\\udc00"', "half of a surrogate pair"),
        ("[" * 100_000, "nests too deep"),
    ],
)
def test_what_is_not_sound_json_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "vars.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SourceError, match=f"vars.json .*{what}"):
        read_json_file(path)


def test_rows_of_a_csv_file_are_text_and_those_of_json_are_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("id, name,\n1,Ada,\n2,,\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n\n{"id": "2"}', encoding="utf-8")
    (tmp_path / "a.json").write_text('[{"id": [1]}]', encoding="utf-8")

    assert read_rows(tmp_path / "a.csv") == [{"id": "1", "name": "Ada"}, {"id": "2", "name": ""}]
    assert read_rows(tmp_path / "a.jsonl") == [{"id": 1}, {"id": "2"}]
    assert read_rows(tmp_path / "a.json") == [{"id": [1]}]
    give(monkeypatch, b' [{"id": 1}]')
    assert read_rows("-") == [{"id": 1}]
    give(monkeypatch, b'{"id": 1}\n{"id": 2}\n')
    assert read_rows("-") == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.csv", "id,name\n1,Ada\n2\n", r"a\.csv:3: it has 1 cell where the header has 2"),
        ("a.csv", "id,name\n", "has no records"),
        ("a.jsonl", '{"id": 1}\n[1]\n', r"a\.jsonl:2: it is not a JSON object"),
        ("a.jsonl", '{"id": 1}\n{"id" 1}\n', r"a\.jsonl:2: .*line 2, column 7"),
        ("a.json", '[{"id": 1}, 2]', r"a\.json\[1\]: it is not a JSON object"),
        ("a.json", "[]", "has no records"),
        ("a.md", "x", r"not a table.*\n.*\.csv, \.tsv, \.jsonl, \.ndjson, \.json"),
    ],
)
def test_rows_are_all_good_or_the_file_is_refused_with_the_place(
    tmp_path: Path, name: str, data: str, what: str
) -> None:
    (tmp_path / name).write_text(data, encoding="utf-8")

    with pytest.raises(SourceError, match=what):
        read_rows(tmp_path / name)
