"""Items are found in folders; what cannot be read, or is there twice, is a problem at its key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anvil_nb.domain.filetree import digest_of_leaves
from anvil_nb.domain.items.shelving import disk_paths, shelve
from anvil_nb.domain.items.sources import sources_of
from anvil_nb.errors import ItemError
from tests.items.shelves import DATA, SKILLS, Files, leaves_of, read_folder, shelf, with_data

PAGE = b"---\ntitle: T\nslug: %s\nkind: blog\n---\n"
CONFIG = """
content_sources:
  blog: {path: content/blog, source_id: blog, allowed_content_types: [blog]}
  docs: {path: ./services/content/docs/, source_id: documentation, indexing: {recursive: false}}
  old: {path: content/old, enabled: false}
  skills: {path: skills, allowed_content_types: [skill]}
"""


def test_a_folder_without_a_main_file_is_a_problem_and_not_absent() -> None:
    found = shelf("skill", {"a/SKILL.md": b"A", "b/data.txt": b"x", "README.md": b"stray"})

    assert list(found.tree.entries) == ["a"]
    assert [(one.key, one.hint) for one in found.tree.problems] == [
        ("b", "Write the instructions into SKILL.md.")
    ]


def test_two_folders_with_one_id_are_a_problem_that_names_both() -> None:
    files = {"a/SKILL.md": b"---\nid: x\n---\n", "b/SKILL.md": b"---\nid: x\n---\n"}
    found = shelf("skill", files)

    assert found.tree.entries == {}
    (problem,) = found.tree.problems
    assert problem.key == "x"
    assert "a/" in problem.message
    assert "b/" in problem.message


def test_what_no_longer_parses_keeps_the_key_that_it_had() -> None:
    before: Files = {"a/SKILL.md": b"---\nid: triage\n---\nDo"}
    known = shelf("skill", before).tree

    after = shelf("skill", {"a/SKILL.md": b"---\nid: triage\nDo"}, known=known)

    assert after.tree.entries == {}
    assert [one.key for one in after.tree.problems] == ["triage"]


def test_what_is_known_is_not_read_again() -> None:
    files: Files = {"a/SKILL.md": b"---\nid: x\n---\nDo", "a/run.sh": b"#!/bin/sh\n"}
    known = shelf("skill", files).tree

    def read(path: str) -> bytes:
        raise AssertionError(path)

    again = shelve("skill", leaves_of(files), read, known=known)

    assert again.tree == known
    assert again.parsed == {}
    moved = {path.replace("a/", "b/"): data for path, data in files.items()}
    assert list(shelf("skill", moved, known=known).parsed) == ["x"]


def test_the_content_config_says_what_the_sources_are() -> None:
    files: Files = {
        "content/config.yaml": CONFIG.encode(),
        "content/blog/one/index.md": PAGE % b"one",
        "content/blog/one/image.png": b"png",
        "content/docs/top.md": PAGE % b"top",
        "content/docs/deep/er.md": PAGE % b"deep",
        "content/old/gone.md": PAGE % b"gone",
        "skills/a/index.md": b"---\ntitle: skill\n---\n",
    }
    found = shelf("content", files)

    assert sorted(found.tree.entries) == ["blog/one", "documentation/top"]
    assert [leaf.path for leaf in found.tree.entries["blog/one"].leaves] == ["one/index.md"]
    assert found.found["documentation/top"].paths == {"top.md": "content/docs/top.md"}


def test_a_page_of_another_kind_than_its_source_takes_is_noted() -> None:
    files: Files = {
        "content/config.yaml": CONFIG.encode(),
        "content/blog/a.md": (PAGE % b"a").replace(b"kind: blog", b"kind: guide"),
    }

    assert "'guide'" in shelf("content", files).parsed["blog/a"].notes[0]


def test_without_a_config_each_folder_is_a_source() -> None:
    files: Files = {
        "content/news/a.md": PAGE % b"a",
        "content/b.md": PAGE % b"b",
        "content/docs/x/y.md": PAGE % b"y",
    }

    assert sorted(shelf("content", files).tree.entries) == ["docs/y", "news/a"]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("content_sources: [a]", "array, not a mapping"),
        ("content_sources: {a: {path: ../secrets}}", "lies outside"),
        ("content_sources: {a: {path: /etc}}", "lies outside"),
        ("content_sources: {a: {source_id: x}}", "not a path"),
        ("content_sources: {a: {path: content/a, source_id: x/y}}", "without slashes"),
        ("content_sources: {a", "cannot be read"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_as_a_whole(config: str, said: str) -> None:
    files: Files = {"content/config.yaml": config.encode(), "content/a/a.md": PAGE % b"a"}

    with pytest.raises(ItemError, match=said):
        shelf("content", files)


def test_two_files_with_one_slug_are_a_problem_that_names_both() -> None:
    files: Files = {"content/a/x.md": PAGE % b"s", "content/a/y.md": PAGE % b"s"}
    (problem,) = shelf("content", files).tree.problems

    assert problem.key == "a/s"
    assert "content/a/x.md and content/a/y.md" in problem.message


def test_each_agent_of_a_file_with_several_is_a_problem() -> None:
    files: Files = {
        "many.yaml": b"agents: {a: {}, b: {}}",
        "c.yml": b"name: c\n",
        "sub/d.yaml": b"name: d\n",
        "e.txt": b"name: e\n",
    }
    found = shelf("agent", files)

    assert list(found.tree.entries) == ["c"]
    assert sorted(one.key for one in found.tree.problems) == ["a", "b"]


def test_the_executable_bit_is_part_of_a_skill() -> None:
    files: Files = {"a/SKILL.md": b"Do", "a/run.sh": b"#!/bin/sh\n"}
    plain = leaves_of(files)
    runs = plain | {"a/run.sh": replace(plain["a/run.sh"], executable=True)}

    one = shelve("skill", plain, files.__getitem__).tree.entries["a"]
    other = shelve("skill", runs, files.__getitem__).tree.entries["a"]

    assert one.digest != other.digest
    assert [leaf.executable for leaf in other.leaves] == [False, True]


@with_data
@pytest.mark.parametrize("which", list(SKILLS))
def test_every_real_skill_lies_where_it_was_found(which: str) -> None:
    data, leaves = read_folder(SKILLS[which])
    found = shelve("skill", leaves, data.__getitem__)

    assert not found.tree.problems
    where = {}
    for key, entry in found.tree.entries.items():
        inner = [leaf.path for leaf in entry.leaves]
        paths = disk_paths("skill", key, entry.meta, inner)
        where.update({paths[leaf.path]: leaf for leaf in entry.leaves})
        assert entry.digest == digest_of_leaves(entry.leaves)
    assert {path: leaf.digest for path, leaf in where.items()} == {
        path: leaf.digest for path, leaf in leaves.items()
    }
    assert [path for path, leaf in where.items() if leaf.executable] == [
        path for path, leaf in leaves.items() if leaf.executable
    ]
    if which == "standard":
        assert where["webapp-testing/scripts/with_server.py"].executable


@with_data
def test_every_real_page_is_found_the_one_with_the_empty_slug_too() -> None:
    data, leaves = read_folder(DATA / "services")
    found = shelve("content", leaves, data.__getitem__)
    sources = sources_of(leaves, data.__getitem__)

    assert not found.tree.problems
    assert sorted(found.tree.entries) == [
        "blog/example-post",
        "documentation/",
        "documentation/dashboard",
        "documentation/gateway-api",
    ]
    for key, entry in found.tree.entries.items():
        (leaf,) = entry.leaves
        paths = disk_paths("content", key, entry.meta, [leaf.path], sources)
        assert leaves[paths[leaf.path]].digest == leaf.digest
