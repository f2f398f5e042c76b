"""Prompts out of CSV, TSV, JSON lines and a JSON array."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.errors import SourceError
from anvil_nb.files import SourceRow, read_source
from anvil_nb.files.text import MAX_FILE


def rows_of(path: Path, data: bytes | str, **columns: str) -> list[SourceRow]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read_source(path, columns=columns))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "prompts.csv"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "prompts.jsonl"


def test_a_csv_file_gives_a_row_a_record_with_the_line_it_starts_on(table: Path) -> None:
    rows = rows_of(
        table,
        "act,prompt,for_devs\n"
        "Linux Terminal,Act as a terminal.,TRUE\n"
        '"Poet, the","Write\na ""poem""\n\nabout bees",FALSE\n'
        "\n"
        "Cook,Cook {{ dish }},\n",
    )

    assert rows == [
        SourceRow(f"{table}:2", "Linux Terminal", "Act as a terminal."),
        SourceRow(f"{table}:3", "Poet, the", 'Write\na "poem"\n\nabout bees'),
        SourceRow(f"{table}:8", "Cook", "Cook {{ dish }}"),
    ]


@pytest.mark.parametrize(
    ("header", "columns", "hint"),
    [
        ("act,prompt,other", {"nam": "act"}, "Say which. Try: --column name=other"),
        ("prompt", {}, "Add one that holds the name of each row."),
        ("name,other", {}, "Say which. Try: --column template=other"),
        ("name;prompt", {}, "separated by ';'"),
        ("name\tprompt", {}, "separated by '\\t'"),
    ],
)
def test_a_column_that_is_missing_is_asked_for_with_what_it_can_be(
    table: Path, header: str, columns: dict[str, str], hint: str
) -> None:
    with pytest.raises(SourceError, match="has no column for the") as caught:
        rows_of(table, f"{header}\n" + ",".join("x" for _ in header.split(",")), **columns)
    assert hint in caught.value.hint


def test_a_byte_order_mark_and_windows_line_endings_do_no_harm(table: Path) -> None:
    rows = rows_of(table, b'\xef\xbb\xbfname,prompt\r\nA,"one\r\ntwo"\r\nB,three\r\n')

    assert rows == [
        SourceRow(f"{table}:2", "A", "one\r\ntwo"),
        SourceRow(f"{table}:4", "B", "three"),
    ]


@pytest.mark.parametrize(
    ("header", "name", "template"),
    [
        ("name,template", 0, 1),
        ("Prompt,Title", 1, 0),
        ("slug,act,title,body,content,text", 2, 5),
        (" ACT , TEXT ", 0, 1),
        ("content,slug", 1, 0),
    ],
)
def test_names_and_templates_are_found_by_their_usual_names(
    table: Path, header: str, name: int, template: int
) -> None:
    cells = [f"cell {index}" for index in range(header.count(",") + 1)]

    [row] = rows_of(table, f"{header}\n{','.join(cells)}\n")

    assert (row.title, row.text) == (cells[name], cells[template])


def test_columns_that_are_named_win_over_those_that_are_guessed(table: Path) -> None:
    [row] = rows_of(
        table,
        "name,title,prompt,Text,notes,model id\nn,ti,p,te,no,m\n",
        name="title",
        template="text",
        description="notes",
        model="model id",
    )

    assert row == SourceRow(f"{table}:2", "ti", "te", {"description": "no", "model": "m"})


def test_description_and_tags_come_along_and_empty_cells_do_not(table: Path) -> None:
    rows = rows_of(
        table,
        'name,prompt,description,tags,author\nA,a,For bees,"one; two ,three,",me\nB,b,,,me\n',
    )

    assert [row.fields for row in rows] == [
        {"description": "For bees", "tags": ["one", "two", "three"]},
        {},
    ]


@pytest.mark.parametrize(
    ("columns", "what", "option"),
    [
        (
            {"template": "promt"},
            "no column 'promt' for the template; it has act, prompt, my notes",
            "--column template=prompt",
        ),
        (
            {"description": "x"},
            "no column 'x' for the description; it has act, prompt, my notes",
            "--column description=act",
        ),
        (
            {"name": "prompt"},
            "no column for the template; it has act, prompt, my notes",
            "--column template=act",
        ),
        (
            {"name": "act", "template": "Notes"},
            "no column 'Notes' for the template",
            "--column 'template=my notes'",
        ),
    ],
)
def test_a_missing_column_is_told_with_those_there_are_and_what_to_type(
    table: Path, columns: dict[str, str], what: str, option: str
) -> None:
    with pytest.raises(SourceError) as caught:
        rows_of(table, "act,prompt,my notes\na,b,c\n", **columns)

    assert f"{table} has {what}" in caught.value.message
    assert option in caught.value.hint


def test_rows_that_cannot_be_used_are_problems_of_their_own(table: Path) -> None:
    rows = rows_of(table, b"name,prompt\nA,a\nB\nC,c,d\n,e\nF,\n \t,g\nH,h\0\nI,i\n")

    assert [(row.place.rpartition(":")[2], row.problem) for row in rows] == [
        ("2", None),
        ("3", "it has 1 cell where the header has 2"),
        ("4", "it has 3 cells where the header has 2"),
        ("5", "the name is empty"),
        ("6", "the template is empty"),
        ("7", "the name is empty"),
        ("8", "it holds a NUL byte, which is not text"),
        ("9", None),
    ]


def test_a_space_before_an_opening_quote_is_left_out_where_the_file_fits_only_so(
    table: Path,
) -> None:
    spaced = rows_of(table, 'name,prompt,x\nA, "one, two\nthree",1\nB, four,2\n')
    verbatim = rows_of(table, 'name,prompt,x\nA,"one, two",1\nB, four,2\n')

    assert [row.text for row in spaced] == ["one, two\nthree", "four"]
    assert [row.text for row in verbatim] == ["one, two", " four"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ('name,prompt\nA,a\nB,"b\nC,c\n', "from line 3 on: unexpected end of data"),
        ('name,prompt\nA,"a" b\n', "from line 2 on: ',' expected after '\"'"),
        (b"name,prompt\nA,a\nB,caf\xe9\n", "byte 0xe9 at offset 21, line 3"),
        ("", "is empty"),
        ("\ufeff\r\n\n", "is empty"),
        ("name,prompt\n", "has no records"),
        ("name,prompt,x,x\nA,a,1,2\n", "has 2 columns named 'x'"),
    ],
)
def test_a_table_whose_records_are_in_doubt_is_refused_whole(
    table: Path, data: bytes | str, what: str
) -> None:
    with pytest.raises(SourceError) as caught:
        rows_of(table, data)

    assert what in caught.value.message
    assert caught.value.hint


def test_a_utf_16_export_is_told_how_to_be_converted(table: Path) -> None:
    with pytest.raises(SourceError, match=r"offset 0, line 1\n.*iconv -f UTF-16 -t UTF-8"):
        rows_of(table, "name,prompt\nA,a\n".encode("utf-16"))


def test_a_cell_may_be_as_long_as_the_file(table: Path) -> None:
    text = "x" * 500_000

    [row] = rows_of(table, f'name,prompt\nA,"{text}"\n')

    assert row.text == text


def test_a_table_beyond_the_limit_is_refused(table: Path) -> None:
    with table.open("wb") as file:
        file.truncate(MAX_FILE + 1)

    with pytest.raises(SourceError, match="larger than 64 MiB"):
        read_source(table)


def test_tabs_separate_the_cells_of_a_tsv_file(tmp_path: Path) -> None:
    [row] = rows_of(tmp_path / "prompts.TSV", 'name\tprompt\nA\t"a, b\tc"\n')

    assert (row.title, row.text) == ("A", "a, b\tc")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(cells, cells), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_writes_is_read_back_verbatim(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]], ending: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.csv"
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator=ending)
    writer.writerows([("name", "prompt"), *records])

    rows = rows_of(path, written.getvalue())

    assert [(row.title, row.text) for row in rows] == [
        (name.strip(), text) for name, text in records
    ]


def test_json_lines_give_a_row_an_object_with_what_it_declares(lines: Path) -> None:
    rows = rows_of(
        lines,
        "\ufeff"
        '{"title": "A", "prompt": "a\\n", "tags": ["x"], "description": "d", "other": 1}\r\n'
        "\n"
        '{"name": "B", "template": "{{ b }}", "parameters": [{"name": "b", "type": "string"}],'
        ' "metadata": {"model": "m"}, "tags": "x;y"}\n',
    )

    assert rows == [
        SourceRow(f"{lines}:1", "A", "a\n", {"tags": ["x"], "description": "d"}),
        SourceRow(
            f"{lines}:3",
            "B",
            "{{ b }}",
            {
                "parameters": [{"name": "b", "type": "string"}],
                "metadata": {"model": "m"},
                "tags": ["x", "y"],
            },
        ),
    ]


def test_a_bad_line_is_a_problem_of_that_line_alone(lines: Path) -> None:
    good = '{"name": "A", "prompt": "a"}'
    data = b"\n".join(
        [
            good.encode(),
            b'{"name": "B", "prompt": "b"',
            b'["C", "c"]',
            b'{"name": "D", "prompt": "caf\xe9"}',
            b'{"name": 5, "prompt": "e"}',
            b'{"name": "F", "prompt": null}',
            b'{"name": "G"}',
            b'{"name": "H", "prompt": "\\ud800"}',
            b'{"name": "I", "prompt": "\\u0000"}',
            b'{"name": "J", "name": "K", "prompt": "j"}',
            b'{"name": "L", "prompt": "l", "metadata": {"x": NaN}}',
            b'{"name": "M", "prompt": ' + b"[" * 100_000,
            b'{"name": "N", "prompt": "n", "metadata": ' + b"9" * 5000 + b"}",
            good.encode(),
        ]
    )
    rows = rows_of(lines, data)

    found = {row.place.removeprefix(f"{lines}:"): row.problem for row in rows}
    expected = {
        "2": f"{lines} is not JSON at line 2, column 28",
        "3": "it is not a JSON object",
        "4": f"{lines} is not UTF-8: byte 0xe9 at offset {data.index(0xE9)}, line 4",
        "5": "the name is not text",
        "6": "the template is missing",
        "7": "the record has no key for the template; it has name",
        "8": "half of a surrogate pair",
        "9": "it holds a NUL character",
        "10": "the key 'name' twice",
        "11": "NaN is not a number",
        "12": "nests too deep",
        "13": "digits",
    }
    assert [place for place, problem in found.items() if problem is None] == ["1", "14"]
    for place, what in expected.items():
        assert what in (found[place] or ""), place


def test_a_key_that_is_named_may_be_missing_from_some_records_but_not_from_all(
    lines: Path,
) -> None:
    data = '{"name": "A", "prompt": "a", "about": "x"}\n{"name": "B", "prompt": "b"}\n'

    rows = rows_of(lines, data, description="about")
    assert [row.fields for row in rows] == [{"description": "x"}, {}]
    with pytest.raises(SourceError, match=r"no record of .* has the key 'abuot' for the desc"):
        rows_of(lines, data, description="abuot")


def test_a_json_array_is_read_like_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "prompts.json"
    rows = rows_of(path, json.dumps([{"act": "A", "body": "a", "tags": ["x"]}, 5]))

    assert rows == [
        SourceRow(f"{path}[0]", "A", "a", {"tags": ["x"]}),
        SourceRow(f"{path}[1]", "", "", {}, "it is not a JSON object"),
    ]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ('{"name": "A"}', "not a JSON array"),
        ('[{"name": "A",\n "prompt" "a"}]', "not JSON at line 2, column 11"),
        ('{"name": "A"}\n{"name": "B"}', "not JSON at line 2, column 1: Extra data"),
        (b'["\xff"]', "byte 0xff at offset 2, line 1"),
        ("[]", "has no records"),
        (" ", "is empty"),
    ],
)
def test_a_json_file_that_is_no_array_is_refused(
    tmp_path: Path, data: bytes | str, what: str
) -> None:
    with pytest.raises(SourceError, match=r"prompts\.json") as caught:
        rows_of(tmp_path / "prompts.json", data)

    assert what in caught.value.message


def test_a_real_list_of_prompts_is_read_whole(outer_environment: dict[str, str]) -> None:
    folder = outer_environment.get("ANVIL_SAMPLE_DATA")
    path = Path(folder or "", "prompts", "awesome-chatgpt-prompts.csv")
    if folder is None or not path.is_file():
        pytest.skip("ANVIL_SAMPLE_DATA names no folder with prompts/awesome-chatgpt-prompts.csv")

    rows = list(read_source(path, columns={"name": "act", "template": "prompt"}))

    assert len(rows) == 214
    assert [row for row in rows if row.problem or not row.text] == []
