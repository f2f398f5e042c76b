"""Frontmatter: taken apart and put together, by both parsers that PyYAML has."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from anvil_nb.domain import yaml_reader
from anvil_nb.domain.frontmatter import MAX_BYTES, Document, join, split
from anvil_nb.domain.yaml_writer import MAX_DEPTH
from anvil_nb.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anvil_nb.domain.digest import Json

TRICKY = [
    *("on", "Off", "yes", "NO", "y", "n", "true", "False", "null", "~", "", " ", "=", "<<"),
    *("1", "-1", "010", "0o7", "0x10", "0b1", "1_000", "1e3", "1.5", ".5", "1.", ".inf", ".NaN"),
    *("2024-01-01", "2024-01-01T10:00:00Z", "12:30", "190:20:30", "+12", "1:1"),
    *("- a", "a: b", "a:", ":a", "a #b", "#a", "[a]", "{a}", "*a", "&a", "!a", "%a", "@a", "`a"),
    *("---", "...", "a\n---\nb", "| a", "> a", "'a'", '"a"', "a\\b", "a'b", "? a", "?"),
    *("a\n", "a\n\n", "\na", "\n", "\n\n", " a\nb", "a\n b", "a \nb", "a\n ", "a\n \n", "a\n\t\n"),
    *("\ta\nb", "a\tb\nc", "a\r\nb", "a\rb", "a\x85b", "a\u2028b\nc", "\ufeffa", "a\ufeff\nb"),
    *(
        "\x00",
        "\x07",
        "\x7f",
        "é",
        "日本",
        "😀",
        "😀\n☃",
        "\U0010ffff",
        "\ufffe",
        "a\xa0",
        "x" * 200,
    ),
    *("#a\n#b", "- a\n- b", "a: b\nc: d", "% a\nb", "--- a\nb", "\t\n", "a\n\n\n b\n\n"),
]
text = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.sampled_from(list("ab1 \t\n\r:#-'\"\\|>{}[],&*!%@?=~.é😀\x85\u2028\ufeff\x00"))),
    st.text(st.characters(exclude_categories=["Cs"])),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    text,
)
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
mappings = st.dictionaries(text, values, max_size=6)


@pytest.fixture(params=["in C", "in Python"], autouse=True, scope="module")
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run every test by both of PyYAML's parsers: not every machine has libyaml."""
    loader = yaml.CBaseLoader if request.param == "in C" else yaml.BaseLoader
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_reader, "_Loader", loader)
        yield


def exact(value: object) -> str:
    """Tell apart what compares equal: 1, 1.0 and True, 0.0 and -0.0, and the order of keys."""
    return repr(value)


@given(fields=mappings, body=text)
@example(fields={"k" * 999: 1, "k" * 1000: [1], "k" * 5000: {"é" * 1100: "a\nb"}}, body="")
@example(fields={"a": [[], {}, [[]], [{}], {"": {}}, [["x\ny"]], [{"k" * 2000: "a\nb"}]]}, body="")
@example(fields={"a": "x\n\n"}, body="---\n")
@example(fields={"a": {"b": ["x\n\n", "y"]}}, body="\r\n---\r\n")
def test_what_join_writes_split_reads_back(fields: dict[str, Json], body: str) -> None:
    document = split(join(fields, body))

    assert exact(document) == exact(Document(fields, body))


@given(fields=mappings)
@example(fields={"tiny": 1e-07, "huge": 1e16, "whole": 1000.0, "minus": -0.0, "exp": 1.5e300})
def test_a_yaml_1_1_reader_reads_the_same_values(fields: dict[str, Json]) -> None:
    source = join(fields, "").removeprefix("---\n").removesuffix("---\n")

    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert exact(loader(source).get_single_data() or {}) == exact(fields)


@pytest.mark.parametrize("value", TRICKY)
def test_tricky_text_stays_the_same_text_as_key_and_value(value: str) -> None:
    fields: dict[str, Json] = {value: value, "list": [value, {value: [value]}]}
    source = join(fields, "").removeprefix("---\n").removesuffix("---\n")

    assert split(join(fields, value)) == Document(fields, value)
    assert yaml.safe_load(source) == fields


@given(body=text)
def test_any_text_goes_through_split_without_a_byte_changed(body: str) -> None:
    try:
        document = split(body)
    except DeclarationError:
        assert body.startswith("---")
        return
    assert body.endswith(document.body)
    if document.fields is None:
        assert document.body == body


@given(source=st.text(st.sampled_from(list("ab1 \n:#-'\"|>{}[],&*!%@?~.\t"))))
def test_split_refuses_with_a_place_or_gives_json(source: str) -> None:
    try:
        document = split(f"---\n{source}\n---\nbody")
    except DeclarationError as error:
        refusal = str(error)
    else:
        assert split(join(document.fields or {}, document.body)).body == document.body
        return
    assert "line " in refusal
    assert "'---' twice" in refusal


def test_values_are_written_the_way_a_person_would() -> None:
    fields: dict[str, Json] = {
        "description": "Welcomes a customer: once",
        "tags": ["support", "on"],
        "model": "google/gemini-1.5-flash",
        "temperature": 0.3,
        "parameters": [{"name": "customer", "required": False, "default": None}],
        "note": "First\n\n  second 😀\n",
        "empty": [{}, []],
    }

    assert join(fields, "Hello\n") == (
        "---\n"
        'description: "Welcomes a customer: once"\n'
        "tags:\n"
        "  - support\n"
        '  - "on"\n'
        "model: google/gemini-1.5-flash\n"
        "temperature: 0.3\n"
        "parameters:\n"
        "  - name: customer\n"
        "    required: false\n"
        "    default: null\n"
        "note: |\n"
        "  First\n"
        "\n"
        "    second 😀\n"
        "empty:\n"
        "  - {}\n"
        "  - []\n"
        "---\n"
        "Hello\n"
    )


def test_scalars_are_read_by_the_core_schema_of_yaml_1_2() -> None:
    source = (
        "a: [on, yes, no, off, y, n]\n"
        "b: [2024-01-01, 12:30, 190:20:30, 1_000, 0b1, =, <<]\n"
        "c: [010, +7, -1, 0x1F, 0o17]\n"
        "d: [1e3, .5, 2., -1.5E-2]\n"
        "e: [true, True, TRUE, false, False, FALSE]\n"
        "f: [null, Null, NULL, ~, '', \"1\", nul]\n"
        "g:\n"
        "h: [!!str 5, ! 5, !!int '7', !!float 3, !!bool \"true\", !!null '', !!seq [1], !!map {}]\n"
    )

    document = split(f"---\n{source}---\n")

    assert exact(document.fields) == exact(
        {
            "a": ["on", "yes", "no", "off", "y", "n"],
            "b": ["2024-01-01", "12:30", "190:20:30", "1_000", "0b1", "=", "<<"],
            "c": [10, 7, -1, 31, 15],
            "d": [1000.0, 0.5, 2.0, -0.015],
            "e": [True, True, True, False, False, False],
            "f": [None, None, None, None, "", "1", "nul"],
            "g": None,
            "h": ["5", "5", 7, 3.0, True, None, [1], {}],
        }
    )


@pytest.mark.parametrize(
    ("text", "fields", "body"),
    [
        ("", None, ""),
        ("Hello", None, "Hello"),
        ("---\n---\nHello", {}, "Hello"),
        ("---\n---", {}, ""),
        ("---\n# nothing yet\n\n---\nHello", {}, "Hello"),
        ("---  \na: 1\n--- \t\nHello", {"a": 1}, "Hello"),
        ("---\r\na: 1\r\nb: |\r\n  x\r\n---\r\nHello\r\n", {"a": 1, "b": "x\n"}, "Hello\r\n"),
        ("---\na: 1\n---\n---\nb: 2\n---\n", {"a": 1}, "---\nb: 2\n---\n"),
        ("---\na: 1\n---\n\n\nHello\n", {"a": 1}, "\n\nHello\n"),
        ("---\na: |\n  ---\n  x\n---\nHello", {"a": "---\nx\n"}, "Hello"),
        ("---\na: 1\n", None, "---\na: 1\n"),
        ("---\na: 1\n----\n", None, "---\na: 1\n----\n"),
        ("----\na: 1\n---\n", None, "----\na: 1\n---\n"),
        (" ---\na: 1\n---\n", None, " ---\na: 1\n---\n"),
        ("\n---\na: 1\n---\n", None, "\n---\na: 1\n---\n"),
        ("--- a: 1\n---\n", None, "--- a: 1\n---\n"),
        ("---\nOnce upon a time.\n---\nThe end.", None, "---\nOnce upon a time.\n---\nThe end."),
        ("---\n- a\n- b: c: d\n---\n", None, "---\n- a\n- b: c: d\n---\n"),
        ("---\n~\n---\n", None, "---\n~\n---\n"),
    ],
)
def test_frontmatter_is_a_mapping_between_two_rules_at_the_top(
    text: str, fields: dict[str, Json] | None, body: str
) -> None:
    assert split(text) == Document(fields, body)


@pytest.mark.parametrize(
    ("source", "place", "what"),
    [
        ("a: 1\nb: c: d", "line 3, column 5", "mapping values"),
        ("a: 'x", "line 3, column 1", "end of stream, while scanning a quoted scalar from line 2"),
        ("a: 1\n b: 2", "line 3", "mapping values|expected"),
        ("a: 1\nb: 2\na: 3", "line 4, column 1", "the key 'a' is there twice"),
        ("a: {b: 1, b: 2}", "line 2, column 11", "the key 'b' is there twice"),
        ("a: 1\n'a': 2", "line 3, column 1", "the key 'a' is there twice"),
        ("a: &x 1", "line 2, column 4", "the anchor &x"),
        ("a: &x [1]", "line 2, column 4", "the anchor &x"),
        ("a: 1\nb: *x", "line 3, column 4", r"the alias \*x"),
        ("a: !!python/name:os.system x", "line 2, column 4", "the tag !!python/name:os.system"),
        ("a: !mine {}", "line 2, column 4", "the tag !mine"),
        ("a: !!int x", "line 2, column 4", "the tag !!int"),
        ("a: !!timestamp 2024-01-01", "line 2, column 4", "the tag !!timestamp"),
        ("a: !!set {b}", "line 2, column 4", "the tag !!set"),
        ("1: a", "line 2, column 1", "the key 1 is not text"),
        ("true: a", "line 2, column 1", "the key true is not text"),
        ("~: a", "line 2, column 1", "the key ~ is not text"),
        ("? [a]\n: b", "line 2, column 3", "a mapping or list is used as a key"),
        ("{{ name }}: x", "line 2", "used as a key"),
        ("a: .inf", "line 2, column 4", "the number .inf is not finite"),
        ("a: .NaN", "line 2, column 4", "the number .NaN is not finite"),
        ("a: -1e999", "line 2, column 4", "the number -1e999 is not finite"),
        ("a: !!float " + "9" * 400, "line 2, column 4", "is not finite"),
        ("a: " + "9" * 5000, "line 2, column 4", "5,000 digits"),
        ("a: \x07b", "line 2, column 4", "U\\+0007"),
        ("é: 1\na: \ud800", "line 3, column 4", "U\\+D800"),
        ("a: 1\n...\nb: 2", "line 4, column 1", "document"),
        ("a: 1\n--- \tb", "line 3", "document"),
        ("%YAML 1.2", "line 3|line 2", "document"),
    ],
)
def test_what_is_not_sound_is_refused_with_its_place(source: str, place: str, what: str) -> None:
    with pytest.raises(DeclarationError, match=f"(?:{place}).*(?:{what})") as caught:
        split(f"---\n{source}\n---\nbody")

    assert "open it with an empty frontmatter: '---' twice." in caught.value.hint


def nested(depth: int) -> dict[str, Json]:
    """A mapping with ``depth`` levels of mappings in all."""
    fields: dict[str, Json] = {}
    for _ in range(depth - 1):
        fields = {"a": fields}
    return fields


def test_nesting_goes_as_deep_as_the_limit_and_no_deeper() -> None:
    deepest = nested(MAX_DEPTH)
    lists = f"a: {'[' * (MAX_DEPTH - 1)}{']' * (MAX_DEPTH - 1)}"

    assert split(join(deepest, "")).fields == deepest
    assert split(f"---\n{lists}\n---\n").fields is not None
    with pytest.raises(DeclarationError, match="deeper than 50"):
        join(nested(MAX_DEPTH + 2), "")
    with pytest.raises(DeclarationError, match="deeper than 50"):
        split(f"---\na: {'[' * MAX_DEPTH}{']' * MAX_DEPTH}\n---\n")


@pytest.mark.parametrize("opening", ["[", "{a: ", "[{a: "])
def test_hostile_nesting_is_refused_before_it_costs_anything(opening: str) -> None:
    source = opening * (MAX_BYTES // len(opening) - 10)

    with pytest.raises(DeclarationError, match="deeper than 50"):
        split(f"---\na: {source}\n---\n")


def test_the_size_limit_counts_bytes_and_holds_for_reading_and_writing() -> None:
    fits = "é" * ((MAX_BYTES - len("a: \n")) // 2)

    assert split(join({"a": fits}, "")).fields == {"a": fits}
    with pytest.raises(DeclarationError, match="262,145 bytes; at most 262,144"):
        join({"a": f"{fits}b"}, "")
    with pytest.raises(DeclarationError, match="262,145 bytes; at most 262,144") as caught:
        split(f"---\na: {fits}b\n---\n")
    assert "'---' twice" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (float("nan"), "not finite"),
        (float("-inf"), "not finite"),
        pytest.param(10**5000, "more digits", id="5,001 digits"),
        ("\ud800", "half of a surrogate pair"),
        ({"\udfff": 1}, "half of a surrogate pair"),
        ({1: 2}, "the key 1 is not text"),
        (b"x", "type bytes"),
        ((1, 2), "type tuple"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(value: Json, what: str) -> None:
    with pytest.raises(DeclarationError, match=what):
        join({"a": [value]}, "")


def test_text_without_frontmatter_does_not_import_pyyaml() -> None:
    program = (
        "import sys\n"
        "from anvil_nb.domain.frontmatter import join, split\n"
        "split('Hello'); split('---\\nHello'); join({'a': ['b', 1]}, 'c')\n"
        "assert 'yaml' not in sys.modules\n"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
