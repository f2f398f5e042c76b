"""Writing prompts out as files, which load back to the same digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anvil_nb.domain.frontmatter import join, split
from anvil_nb.domain.prompt import Content
from anvil_nb.errors import AddressError, AnvilError, ExistsError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace

SET = "desk/emails"

AWKWARD: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("\n\n", {}),
    ("no newline", {"metadata": {"name": "another name", "title": "t"}}),
    ("---\ndescription: in the body\n---\nmore\n", {}),
    ("---\n---\n", {"metadata": {"description": "said"}}),
    ("windows\r\nlines\r\n", {}),
    ("old mac\rline", {}),
    ("emoji 👩‍👩‍👧‍👦 e\u0301 \u202e \u2028 \ufeff \x1b", {"metadata": {"description": "👩‍🚀"}}),
    ("{{ x }}", {"parameters": [{"name": "x", "type": "integer", "default": 3, "enum": [1, 3]}]}),
    ("{{ not liquid", {"syntax": "plain"}),
    (
        "deep",
        {
            "metadata": {
                "metadata": {"description": "a setting of that name", "model": "x"},
                "response_schema": {"a": [{"b": [[], {}, None, True, 1, 1.5, "on", "1e3", "~"]}]},
                "config": {"temperature": 1},
                "input": {"schema": {"x": "string"}},
                "output": {"format": "json"},
            }
        },
    ),
    ("numbers", {"metadata": {"a": 1, "b": 1.0, "c": -0.0, "d": 1e300, "e": 2**53 - 1, "f": 1e-7}}),
    (
        "texts",
        {"metadata": {"a": "no", "b": "01", "c": " x ", "d": "a: b", "e": "#", "f": "x\ny\n"}},
    ),
    ("tags", {"metadata": {"tags": ["a, b", "c;d", "é", "- x"], "description": "two\nlines\n"}}),
]


@pytest.fixture
def awkward(ws: Workspace) -> Workspace:
    """A set of contents that files have trouble with."""
    with ws.burst():
        for number, (text, fields) in enumerate(AWKWARD):
            ws.save(f"{SET}/p{number}", f"---\n---\n{text}", **fields)
    return ws


def digests(ws: Workspace, path: str) -> dict[str, str | None]:
    return {item.address.rpartition("/")[2]: item.digest for item in ws.ls(path, limit=1000)}


def test_what_is_written_loads_back_to_the_same_digests(awkward: Workspace, tmp_path: Path) -> None:
    ws = awkward
    written = ws.write(SET, tmp_path / "out")
    assert sorted(written.files) == sorted(f"p{number}.md" for number in range(len(AWKWARD)))
    for liquid in (False, True):
        into = f"back/here-{liquid}".lower()
        loaded = ws.load(tmp_path / "out", into, liquid=liquid)
        refused = {row.place for row in loaded.refused}
        assert refused == ({"p9.md"} if liquid else set())
        back = digests(ws, into)
        expected = {k: v for k, v in digests(ws, SET).items() if f"{k}.md" not in refused}
        assert back == expected
    assert ws.load(tmp_path / "out", "back/here-false").counts == {"unchanged": len(AWKWARD)}


def test_a_file_says_all_whatever_stood_there(ws: Workspace, tmp_path: Path) -> None:
    ws.save(f"{SET}/p", "one", metadata={"model": "small"})
    ws.publish(SET)
    ws.write(f"{SET}@1.0.0", tmp_path / "old")
    ws.save(f"{SET}/p", "two {{ x }}", metadata={"tags": ["new"]}, parameters={"x": "string"})
    ws.load(tmp_path / "old", SET)
    assert ws.get(f"{SET}/p@draft").digest == ws.get(f"{SET}/p@1.0.0").digest


def test_a_file_reads_well(ws: Workspace, tmp_path: Path) -> None:
    ws.save(
        f"{SET}/welcome",
        "Hello {{ name }}",
        parameters={"name": {"type": "string", "description": "who"}},
        metadata={"description": "greets", "tags": ["mail"], "temperature": 0.2},
    )
    ws.write(SET, tmp_path)
    assert (tmp_path / "welcome.md").read_text() == (
        "---\n"
        "description: greets\n"
        "tags:\n"
        "  - mail\n"
        "temperature: 0.2\n"
        "syntax: liquid\n"
        "parameters:\n"
        "  - name: name\n"
        "    type: string\n"
        "    description: who\n"
        "    required: true\n"
        "---\n"
        "Hello {{ name }}"
    )


@pytest.fixture
def several(ws: Workspace) -> Workspace:
    """Sets whose names begin alike, in projects whose names do."""
    with ws.burst():
        for path in ("desk/emails", "desk/emails-old", "desk/letters", "desktop/icons"):
            for name in ("welcome", "well", "bye"):
                ws.save(f"{path}/{name}", f"{path} {name}")
        ws.create_set("desk/empty")
        ws.publish("desk/emails")
        ws.save("desk/emails/later", "later")
    return ws


ALL = ("bye", "welcome", "well")


def files(*folders: str, names: tuple[str, ...] = ALL) -> set[str]:
    return {f"{folder}{name}.md" for folder in folders for name in names}


def test_a_prefix_chooses_sets_and_prompts_as_a_listing_does(
    several: Workspace, tmp_path: Path
) -> None:
    later = {"later.md"}
    for number, (prefix, expected) in enumerate(
        (
            ("desk/emails", files("") | later),
            ("desk/emails/", files("") | later),
            ("@acme/desk/emails", files("") | later),
            ("desk/emails/wel", files("", names=("welcome", "well"))),
            ("desk/emails/welcome", files("", names=("welcome",))),
            ("desk/emails@draft", files("") | later),
            ("desk/emails@1.0.0", files("")),
            ("@acme/desk/emails@^1", files("")),
            ("desk/emails/welcome@1.0.0", files("", names=("welcome",))),
            ("desk/emails-o", files("emails-old/")),
            ("desk/em", files("emails/", "emails-old/") | {"emails/later.md"}),
            ("desk", files("emails/", "emails-old/", "letters/") | {"emails/later.md"}),
            ("desk/", files("emails/", "emails-old/", "letters/") | {"emails/later.md"}),
            ("deskt", files("desktop/icons/")),
            (
                "",
                files("desk/emails/", "desk/emails-old/", "desk/letters/", "desktop/icons/")
                | {"desk/emails/later.md"},
            ),
        )
    ):
        folder = tmp_path / str(number)
        written = several.write(prefix, folder)
        assert (prefix, set(written.files)) == (prefix, expected)
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
        assert found == expected


def test_nothing_to_write_is_an_error_that_makes_no_folder(
    several: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    for prefix in ("zzz", "desk/zzz", "desk/zzz/welcome", "desk/emails/zzz", "desk/empty",
                   "desk/emails/later@1.0.0", "desk/emails@9.0.0", "desk/zzz@draft"):  # fmt: skip
        with pytest.raises(NotFoundError):
            several.write(prefix, folder)
    for prefix in ("Desk", "desk@draft", "desk/emails@", "a/b/c/d"):
        with pytest.raises(AddressError):
            several.write(prefix, folder)
    assert not folder.exists()


def test_files_that_hold_something_else_are_replaced_only_by_force(
    ws: Workspace, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        ws.save(f"{SET}/{name}", name)
    assert len(ws.write(SET, tmp_path).changed) == 2
    again = ws.write(SET, tmp_path)
    assert (len(again.files), again.changed) == (2, ())
    (tmp_path / "a.md").write_text("mine")
    ws.save(f"{SET}/c", "c")
    with pytest.raises(ExistsError, match=r"hold something else: .*a\.md"):
        ws.write(SET, tmp_path)
    assert not (tmp_path / "c.md").exists()
    forced = ws.write(SET, tmp_path, force=True)
    assert {path.rpartition("/")[2] for path in forced.changed} == {"a.md", "c.md"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200)
@given(
    template=st.text(max_size=40),
    description=st.text(max_size=20),
    tags=st.lists(st.text(min_size=1, max_size=6), max_size=3),
    free=st.dictionaries(st.text(min_size=1, max_size=8), JSON, max_size=3),
    default=JSON,
)
def test_any_content_comes_back_from_its_file(
    template: str, description: str, tags: list[str], free: dict[str, Any], default: Any
) -> None:
    ours = {"description", "tags", "parameters", "syntax"}
    fields = {key: value for key, value in free.items() if key not in ours}
    said = {"description": description, "tags": tags, "syntax": "plain", **fields}
    try:
        content = Content(template).with_fields(
            {**said, "parameters": [{"name": "x", "default": default}]}
        )
        before = content.digest
    except AnvilError:
        return  # a text that no store keeps
    document = split(join(content.to_fields(), content.template))
    assert document.fields is not None
    assert Content(document.body).with_fields(document.fields).digest == before
