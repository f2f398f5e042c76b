"""Files become records: what says what, what counts, and what is refused."""

from __future__ import annotations

import pytest

from anvil_nb.domain.items.parsing import parse
from anvil_nb.domain.items.text import read_markdown
from anvil_nb.errors import ItemError
from tests.items.shelves import DATA, SKILLS, read_folder, with_data

CONFIG = b'id: triage\nname: Triage\ndescription: Sorts\ntags: [a]\nversion: "1"\n'
MAIN = b"---\ntitle: Sorting\nslug: triage\ncategory: mail\nauthor: ada\n---\n\n# Do\n---\nso\n"
PAGE = b'---\ntitle: "Hello"\nslug: hello\ntags: ["a"]\nextra: {x: 1}\n---\nBody\n---\nmore\n'


def test_the_config_counts_over_the_frontmatter_and_each_difference_is_noted() -> None:
    made = parse("skill", {"config.yml": CONFIG, "index.md": MAIN}, {"folder": "f"})

    assert made.key == "triage"
    assert made.fields["name"] == "Triage"
    assert made.fields["category"] == "mail"
    assert made.fields["version"] == "1"
    assert made.fields["author"] == "ada"
    assert made.fields["instructions"] == "# Do\n---\nso"
    assert [note.partition(":")[0] for note in made.notes] == ["name"]
    assert "'Triage'" in made.notes[0]
    assert "'Sorting'" in made.notes[0]


def test_a_skill_without_an_id_is_called_by_its_slug_and_else_by_its_folder() -> None:
    assert parse("skill", {"SKILL.md": b"---\nslug: a-b\n---\n"}, {"folder": "f"}).key == "a-b"
    assert parse("skill", {"SKILL.md": b"text"}, {"folder": "the_folder"}).key == "the_folder"
    standard = b"---\nname: pdf\ndescription: Reads\nlicense: MIT\n---\nDo\n"
    made = parse("skill", {"SKILL.md": standard}, {"folder": "pdf"})
    assert (made.key, made.fields["name"], made.fields["license"]) == ("pdf", "pdf", "MIT")


def test_the_file_that_the_config_names_holds_the_instructions() -> None:
    files = {"config.yaml": b"file: docs/how.md\n", "docs/how.md": b"Do", "SKILL.md": b"Not"}

    made = parse("skill", files, {"folder": "f"})

    assert made.fields["instructions"] == "Do"
    assert made.fields["file"] == "docs/how.md"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"notes.txt": b"x"}, "no SKILL.md or index.md"),
        ({"config.yml": b"a: 1", "config.yaml": b"a: 1", "SKILL.md": b""}, "both config.yaml"),
        ({"config.yml": b"file: gone.md", "SKILL.md": b""}, "which is not there"),
        ({"config.yml": b"enabled: maybe", "SKILL.md": b""}, "not true or false"),
        ({"config.yml": b"name: 5", "SKILL.md": b""}, "not text"),
        ({"config.yml": b"- a", "SKILL.md": b""}, "no YAML mapping"),
        ({"SKILL.md": b"---\nname: x\n"}, "no later line closes"),
        ({"SKILL.md": b"---\na: &x 1\nb: *x\n---\n"}, "anchor"),
        ({"SKILL.md": b"\xff\xfe"}, "not UTF-8"),
        ({"SKILL.md": b"a\0b"}, "NUL"),
        ({"config.yml": b'a: {b: ["\\0"]}', "SKILL.md": b""}, "NUL"),
        ({"config.yml": b"id: a/b", "SKILL.md": b""}, "slash"),
        ({"config.yml": b"id: ' a'", "SKILL.md": b""}, "white space"),
        ({"config.yml": b'name: "\\uD800"', "SKILL.md": b""}, "cannot be read|canonical"),
        ({"config.yml": b"a: " + b"[" * 60 + b"]" * 60, "SKILL.md": b""}, "nest deeper"),
        ({"config.yml": b"a: " + b"x" * 300_000, "SKILL.md": b""}, "bytes"),
    ],
)
def test_what_is_no_skill_is_refused_with_the_reason(files: dict[str, bytes], said: str) -> None:
    with pytest.raises(ItemError, match=said) as refused:
        parse("skill", files, {"folder": "f"})
    assert refused.value.hint


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]

    with pytest.raises(ItemError, match="anchor"):
        parse("skill", {"config.yml": "\n".join(lines).encode(), "SKILL.md": b""}, {"folder": "f"})


def test_a_page_keeps_the_keys_that_nobody_declared_and_the_rules_in_its_body() -> None:
    made = parse("content", {"hello/index.md": PAGE}, {"source": "blog"})

    assert made.key == "blog/hello"
    assert made.fields["extra"] == {"x": 1}
    assert made.fields["body"] == "Body\n---\nmore"
    assert made.fields["public"] is True


def test_a_slug_may_be_empty_and_one_that_is_missing_comes_from_the_path() -> None:
    empty = b'---\ntitle: T\nslug: ""\n---\n'
    assert parse("content", {"index.md": empty}, {"source": "docs"}).key == "docs/"
    bare = b"---\ntitle: T\n---\n"
    made = parse("content", {"a/b/index.md": bare}, {"source": "docs"})
    assert made.key == "docs/a/b"
    assert "no slug" in made.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"# Hello", "no frontmatter"),
        (b"---\nslug: a\n---\n", "no title"),
        (b"---\ntitle: T\nslug: 3\n---\n", "slug of"),
        (b"---\ntitle: T\nslug: ../a\n---\n", "means a folder"),
        (b"---\ntitle: T\ntags: {a: 1}\n---\n", "list of texts"),
    ],
)
def test_what_is_no_page_is_refused_with_the_reason(text: bytes, said: str) -> None:
    with pytest.raises(ItemError, match=said):
        parse("content", {"a.md": text}, {"source": "blog"})


def test_an_agent_is_a_mapping_with_a_name_or_wrapped_by_its_name() -> None:
    plain = b"name: research\nsystem_prompt: Be brief.\nport: 9\n"
    wrapped = b"agents:\n  research:\n    name: other\n    card: {displayName: R}\n"
    one = parse("agent", {"a.yaml": plain}, {})
    other = parse("agent", {"a.yaml": wrapped}, {})

    assert one.key == other.key == "research"
    assert one.fields["port"] == 9
    assert other.fields["display_name"] == "R"
    assert "'other'" in other.notes[0]


def test_a_system_prompt_may_be_the_address_of_a_prompt() -> None:
    files = {"a.yaml": b"name: a\nsystem_prompt: anvil:desk/agents/a@production\n"}

    assert parse("agent", files, {}).fields["system_prompt_address"] == "desk/agents/a@production"
    with pytest.raises(ItemError, match="no address"):
        parse("agent", {"a.yaml": b"name: a\nsystem_prompt: anvil:Desk\n"}, {})


def test_a_file_with_several_agents_names_them_all() -> None:
    with pytest.raises(ItemError, match="holds 2 agents") as refused:
        parse("agent", {"a.yaml": b"agents: {one: {}, two: {}}"}, {})
    assert refused.value.keys == ("one", "two")
    assert refused.value.hint == "Keep one agent a file."


def test_a_context_is_called_by_its_slug_and_else_by_its_name() -> None:
    assert parse("context", {"context.yaml": b"name: Support\n"}, {}).key == "Support"
    files = {"context.yaml": b"name: Support\nslug: sup\n"}
    assert parse("context", files, {}).key == "sup"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_marks_and_line_endings_stay_with_the_bytes(mark: bytes, ends: bytes) -> None:
    data = mark + MAIN.replace(b"\n", ends)
    text = read_markdown("SKILL.md", data)

    assert text.to_bytes() == data
    assert text.prose == "# Do\n---\nso"
    assert (text.fields or {})["title"] == "Sorting"


@with_data
@pytest.mark.parametrize("which", list(SKILLS))
def test_every_real_skill_is_read(which: str) -> None:
    for folder in sorted(SKILLS[which].iterdir()):
        data, _ = read_folder(folder)
        made = parse("skill", data, {"folder": folder.name})
        assert made.key == folder.name
        assert made.fields["instructions"]
        noted = [note.partition(":")[0] for note in made.notes]
        assert noted == (["name", "description"] if folder.name == "agent_editing" else [])


@with_data
def test_the_real_agent_is_read() -> None:
    data, _ = read_folder(DATA / "services" / "agents")
    made = parse("agent", data, {})

    assert made.key == "associate_agent"
    assert made.fields["display_name"] == "Associate Agent"
    assert str(made.fields["system_prompt"]).startswith("You are associate_agent")
    assert made.notes == ()
