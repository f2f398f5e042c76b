"""Prompts out of a folder, and out of one file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from anvil_nb.domain.frontmatter import join
from anvil_nb.domain.prompt import MAX_TEMPLATE
from anvil_nb.errors import SourceError
from anvil_nb.files import SourceRow, read_source
from anvil_nb.files.source import MAX_PROMPT_FILE


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def test_every_prompt_file_below_a_folder_is_a_row_in_the_order_of_their_paths(
    tmp_path: Path,
) -> None:
    folder = put(
        tmp_path / "desk",
        {
            "welcome.prompt": "---\ndescription: Greets\n---\nHello {{ name }}\n",
            "emails/refund.md": "Refund\r\n",
            "emails/deep/er/NOTE.TXT": "note",
            "a.liquid": "a",
            "b.markdown": "---\nname: The B Prompt\ntags: [x]\n---\nb\n---\nmore\n",
            "ignored.py": "x",
            ".hidden.md": "x",
            ".git/config.md": "x",
            "table.csv": "name,prompt\na,b\n",
        },
    )

    assert list(read_source(folder)) == [
        SourceRow(f"{folder}/a.liquid", "a", "a"),
        SourceRow(f"{folder}/b.markdown", "The B Prompt", "b\n---\nmore\n", {"tags": ["x"]}),
        SourceRow(f"{folder}/emails/deep/er/NOTE.TXT", "emails-deep-er-NOTE", "note"),
        SourceRow(f"{folder}/emails/refund.md", "emails-refund", "Refund\r\n"),
        SourceRow(
            f"{folder}/welcome.prompt", "welcome", "Hello {{ name }}\n", {"description": "Greets"}
        ),
    ]


def test_a_place_is_the_path_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"desk/welcome.md": "Hello"})
    monkeypatch.chdir(tmp_path)

    assert [row.place for row in read_source("desk")] == ["desk/welcome.md"]
    assert [row.place for row in read_source("./desk/")] == ["desk/welcome.md"]
    assert [row.place for row in read_source("desk/welcome.md")] == ["desk/welcome.md"]


def test_symbolic_links_and_what_is_no_file_are_left_out(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", {"secret.md": "secret"})
    folder = put(tmp_path / "desk", {"real.md": "real"})
    (folder / "link.md").symlink_to(outside / "secret.md")
    (folder / "dangling.md").symlink_to(outside / "gone.md")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    (folder / "folder.md").mkdir()
    os.mkfifo(folder / "pipe.md")

    assert [row.title for row in read_source(folder)] == ["real"]


def test_a_dotprompt_file_has_its_fields_converted_and_others_do_not(tmp_path: Path) -> None:
    text = "---\nname: greet\nconfig: {maxOutputTokens: 5}\n---\nHi"
    folder = put(tmp_path, {"a.prompt": text, "b.md": text})

    assert [(row.title, row.fields) for row in read_source(folder)] == [
        ("greet", {"max_tokens": 5}),
        ("greet", {"config": {"maxOutputTokens": 5}}),
    ]


@pytest.mark.parametrize("name", ["''", "5", "[a]", "'  '"])
def test_a_name_that_is_not_text_leaves_the_title_to_the_file(tmp_path: Path, name: str) -> None:
    folder = put(tmp_path, {"a.md": f"---\nname: {name}\n---\nHi"})

    [row] = read_source(folder)

    assert row.title == "a"
    assert "name" in row.fields


def test_what_is_wrong_with_one_file_is_that_files_problem(tmp_path: Path) -> None:
    folder = put(
        tmp_path,
        {
            "a.md": "fine",
            "b.md": b"one\ntwo \xff\n",
            "c.md": b"",
            "d.md": "---\na: 1\na: 2\n---\nx",
            "e.md": "x\0y",
            "f.md": "x" * (MAX_TEMPLATE + 1),
            "g.md": "x" * (MAX_PROMPT_FILE + 1),
            "h.md": "é" * (MAX_TEMPLATE // 2),
        },
    )

    found = {row.title: row.problem for row in read_source(folder)}

    assert found["a"] is None
    assert found["b"] == f"{folder}/b.md is not UTF-8: byte 0xff at offset 8, line 2"
    assert found["c"] == f"{folder}/c.md is empty"
    assert "line 3, column 1: the key 'a' is there twice. Keep one" in str(found["d"])
    assert "NUL" in str(found["e"])
    assert found["f"] == "its text is larger than 1 MiB"
    assert found["g"] == f"{folder}/g.md is larger than 1.25 MiB, the most that is read"
    assert found["h"] is None


def test_the_longest_text_may_have_frontmatter_before_it(tmp_path: Path) -> None:
    text = "x" * MAX_TEMPLATE
    folder = put(tmp_path, {"a.md": join({"description": "d" * 4000}, text)})

    [row] = read_source(folder)

    assert (row.problem, row.text) == (None, text)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always UTF-8")
def test_a_file_name_that_is_not_utf_8_can_still_be_shown(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("x", encoding="utf-8")

    [row] = read_source(tmp_path)

    assert row == SourceRow(f"{tmp_path}/caf\ufffd.md", "caf\ufffd", "x")


def test_a_file_that_may_not_be_read_is_a_problem_in_a_folder(tmp_path: Path) -> None:
    folder = put(tmp_path, {"a.md": "a", "b.md": "b"})
    (folder / "b.md").chmod(0)
    if os.access(folder / "b.md", os.R_OK):
        pytest.skip("this user may read every file")

    assert [row.problem for row in read_source(folder)] == [
        None,
        f"{folder}/b.md cannot be read: Permission denied",
    ]
    with pytest.raises(SourceError, match="Permission denied\nCheck that you may read it"):
        read_source(folder / "b.md")


def test_a_folder_that_may_not_be_listed_is_refused_not_skipped(tmp_path: Path) -> None:
    folder = put(tmp_path, {"a.md": "a", "closed/b.md": "b"})
    (folder / "closed").chmod(0)
    try:
        if os.access(folder / "closed", os.R_OK):
            pytest.skip("this user may read every folder")
        with pytest.raises(SourceError, match="closed cannot be read: Permission denied"):
            read_source(folder)
    finally:
        (folder / "closed").chmod(0o700)


def test_one_file_is_one_row(tmp_path: Path) -> None:
    folder = put(tmp_path, {"welcome.md": "\ufeff---\na: 1\n---\nHi", "bad.md": b"\xff"})

    assert list(read_source(folder / "welcome.md")) == [
        SourceRow(f"{folder}/welcome.md", "welcome", "Hi", {"a": 1})
    ]
    [row] = read_source(folder / "bad.md")
    assert row.problem == f"{folder}/bad.md is not UTF-8: byte 0xff at offset 0, line 1"


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("gone.md", "there is no file .*/gone.md", "Check the path"),
        ("welcom.md", "there is no file", "Did you mean .*/welcome.md?"),
        ("gone", "there is no file", "Check the path"),
        ("no/where.csv", "there is no file", "no folder .*/no either"),
        ("empty.md", "empty.md is empty", "Write a template"),
        ("large.md", "larger than 1.25 MiB", "Split it"),
        ("photo.png", "no kind that prompts", r"\.csv, .*\.liquid"),
        ("folder", "holds no prompt files", r"\.md, .*dotfiles"),
    ],
)
def test_a_source_that_gives_nothing_is_refused_with_what_to_do(
    tmp_path: Path, name: str, what: str, hint: str
) -> None:
    put(
        tmp_path,
        {
            "welcome.md": "x",
            "empty.md": b"",
            "photo.png": b"x",
            "large.md": b"x" * (MAX_PROMPT_FILE + 1),
            "folder/x.py": "x",
        },
    )

    with pytest.raises(SourceError, match=f"(?s){what}.*{hint}"):
        read_source(tmp_path / name)


@pytest.mark.parametrize("name", [".", "a.md"])
def test_columns_are_refused_where_there_is_no_table(tmp_path: Path, name: str) -> None:
    put(tmp_path, {"a.md": "a"})

    with pytest.raises(SourceError, match=r"not a table.*\nLeave --column out"):
        read_source(tmp_path / name, columns={"name": "act"})


def test_real_markdown_goes_through_with_its_rules_kept(outer_environment: dict[str, str]) -> None:
    folder = outer_environment.get("ANVIL_SAMPLE_DATA")
    if folder is None or not Path(folder, "services").is_dir():
        pytest.skip("ANVIL_SAMPLE_DATA names no folder with services/")

    rows = list(read_source(folder))

    assert len(rows) > 5
    assert [row.problem for row in rows if row.problem] == []
    for row in rows:
        assert Path(row.place).read_bytes().decode().endswith(row.text)
        assert not row.fields or not row.text.startswith("---\n")
