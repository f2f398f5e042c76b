"""An edit changes what it says in the files of an item, and not a byte besides."""

from __future__ import annotations

from difflib import ndiff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.items.composing import compose
from anvil_nb.domain.items.editing import edit
from anvil_nb.domain.items.kinds import KINDS, Kind
from anvil_nb.domain.items.parsing import parse
from anvil_nb.domain.items.renaming import rename
from anvil_nb.errors import ItemError
from tests.items.shelves import DATA, SKILLS, Files, read_folder, with_data

CONFIG = b"# ours\r\nid: triage\r\nname: 'Triage'  # shown\r\ntags: [a, b]\r\n"
MAIN = b"\xef\xbb\xbf---\r\ndescription: Sorts\r\nauthor: ada\r\n---\r\n\r\n# Do\r\n\r\n---\r\nend"
SKILL: Files = {"config.yml": CONFIG, "index.md": MAIN, "data.bin": b"\0\xff"}
FOLDER = {"folder": "triage"}


def changed_lines(before: bytes, after: bytes) -> list[str]:
    was, now = (one.decode().splitlines(keepends=True) for one in (before, after))
    return [line for line in ndiff(was, now) if line[0] in "+-"]


def test_a_field_is_changed_where_its_value_came_from() -> None:
    made = edit("skill", SKILL, {"name": "Sorting", "description": "Sorts mail"}, place=FOLDER)

    assert made == {
        "config.yml": CONFIG.replace(b"'Triage'", b"'Sorting'"),
        "index.md": MAIN.replace(b"Sorts", b"Sorts mail"),
    }


def test_a_new_field_goes_to_the_config_where_there_is_one_and_else_to_the_frontmatter() -> None:
    made = edit("skill", SKILL, {"category": "mail"}, place=FOLDER)
    assert made == {"config.yml": CONFIG + b"category: mail\r\n"}

    alone: Files = {"SKILL.md": b"---\nname: a\n---\nDo\n"}
    made = edit("skill", alone, {"tags": ["x"]}, place=FOLDER)
    assert made == {"SKILL.md": b"---\nname: a\ntags:\n  - x\n---\nDo\n"}

    bare: Files = {"SKILL.md": b"Do\n"}
    made = edit("skill", bare, {"description": "Does"}, place=FOLDER)
    assert made == {"SKILL.md": b"---\ndescription: Does\n---\n\nDo\n"}


def test_new_instructions_leave_the_frontmatter_and_the_white_space_around_them() -> None:
    made = edit("skill", SKILL, {"instructions": "# New\n\n---\nso"}, place=FOLDER)

    head = MAIN.partition(b"# Do")[0]
    assert made == {"index.md": head + b"# New\r\n\r\n---\r\nso"}


def test_instructions_that_open_like_frontmatter_stay_instructions() -> None:
    text = "---\nname: no\n---\ntext"
    made = edit("skill", {"SKILL.md": b"Do\n"}, {"instructions": text}, place=FOLDER)

    after = parse("skill", made, FOLDER)
    assert after.fields["instructions"] == text
    assert after.fields["name"] == "triage"


def test_the_values_that_stand_there_change_nothing() -> None:
    fields = dict(parse("skill", SKILL, FOLDER).fields)

    assert edit("skill", SKILL, fields, place=FOLDER) == {}


def test_a_field_is_taken_away_with_its_line() -> None:
    made = edit("skill", SKILL, {"tags": None, "author": None, "nothing": None}, place=FOLDER)

    assert made["config.yml"] == CONFIG.replace(b"tags: [a, b]\r\n", b"")
    assert made["index.md"] == MAIN.replace(b"author: ada\r\n", b"")


def test_a_dot_leads_into_a_mapping() -> None:
    files: Files = {"a.yaml": b"name: a\ncard: {version: 1, displayName: A}  # card\n"}

    made = edit("agent", files, {"card.version": 2, "display_name": "B"}, place={})

    assert made == {"a.yaml": b"name: a\ncard: {version: 2, displayName: B}  # card\n"}


def test_a_wrapped_agent_gets_its_new_field_beside_its_others() -> None:
    files: Files = {"a.yaml": b"agents:\n  a:\n    port: 9\n    metadata:\n      x: 1\n# end\n"}

    made = edit("agent", files, {"system_prompt": "Be brief.\nBe kind.\n"}, place={})

    lines = b"      x: 1\n      systemPrompt: |\n        Be brief.\n        Be kind.\n# end\n"
    assert made == {"a.yaml": files["a.yaml"].replace(b"      x: 1\n# end\n", lines)}


def test_what_an_item_is_found_by_is_not_changed_like_other_fields() -> None:
    for name in ("id", "file"):
        with pytest.raises(ItemError, match="found by"):
            edit("skill", SKILL, {name: "other"}, place=FOLDER)
    with pytest.raises(ItemError, match="would make it the context"):
        edit("context", {"context.yaml": b"name: a\n"}, {"name": "b"}, place={})


def test_a_value_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(ItemError, match="true or false"):
        edit("skill", SKILL, {"enabled": "sometimes"}, place=FOLDER)


@pytest.mark.parametrize(
    ("kind", "files", "place", "old", "new"),
    [
        ("skill", SKILL, FOLDER, b"id: triage", b"id: other"),
        ("content", {"a.md": b"---\ntitle: T\nslug: a # s\n---\n"}, {"source": "s"}, b"slug: a",
         b"slug: other"),
        ("agent", {"a.yaml": b"agents:\n  a: # one\n    name: a\n"}, {}, b"a: # one\n    name: a",
         b"other: # one\n    name: other"),
        ("agent", {"a.yaml": b"name: a\n"}, {}, b"name: a", b"name: other"),
        ("context", {"context.yaml": b"name: a\n"}, {}, b"name: a", b"name: other"),
    ],
)  # fmt: skip
def test_a_rename_changes_the_name_alone(
    kind: Kind, files: Files, place: dict[str, str], old: bytes, new: bytes
) -> None:
    key = "s/other" if kind == "content" else "other"

    made, where = rename(kind, files, key, place=place)

    assert where == place
    (path,) = made
    assert made[path] == files[path].replace(old, new)


def test_a_skill_that_its_folder_names_gets_another_folder() -> None:
    made, where = rename("skill", {"SKILL.md": b"Do"}, "other", place=FOLDER)

    assert (made, where) == ({}, {"folder": "other"})


def test_a_page_stays_in_its_source() -> None:
    with pytest.raises(ItemError, match="another"):
        rename("content", {"a.md": b"---\ntitle: T\n---\n"}, "x/a", place={"source": "s"})


names = st.text("abcXYZ09_-é .", min_size=1, max_size=12).filter(
    lambda name: name == name.strip() and name[0] != "-" and name not in {".", ".."}
)
texts = st.text(max_size=30).filter(lambda text: "\0" not in text)


@given(kind=st.sampled_from(KINDS), name=names, description=texts, body=texts)
def test_a_new_item_says_what_it_was_made_of(
    kind: Kind, name: str, description: str, body: str
) -> None:
    key = f"blog/{name}" if kind == "content" else name
    prose = {"skill": "instructions", "content": "body", "agent": "system_prompt"}.get(kind)
    said = {"description": description} | ({prose: body} if prose else {})
    try:
        files, place = compose(kind, key, said)
    except ItemError as error:
        # Text that is no text, such as a character that YAML has none for, is refused.
        assert error.hint
        return

    made = parse(kind, files, place)

    assert made.key == key
    assert made.fields["description"] == description
    if prose in {"instructions", "body"}:
        assert made.fields[prose] == body.replace("\r\n", "\n").strip()
    elif prose:
        assert made.fields[prose] == body


def test_a_new_skill_is_an_agent_skills_folder() -> None:
    files, place = compose("skill", "triage", {"description": "Sorts", "instructions": "# Do"})

    assert place == {"folder": "triage"}
    assert files == {"SKILL.md": b"---\nname: triage\ndescription: Sorts\n---\n\n# Do\n"}


def test_a_new_item_takes_no_name_that_another_has_on_disk() -> None:
    files, place = compose("skill", "a b", {}, taken={"a-b"})
    assert place == {"folder": "a-b-2"}
    assert b"id: a b\n" in files["SKILL.md"]

    files, _ = compose("content", "docs/a", {}, taken={"a"})
    assert list(files) == ["a-2.md"]
    files, _ = compose("content", "blog/", {})
    assert list(files) == ["index.md"]


@with_data
@pytest.mark.parametrize("which", list(SKILLS))
def test_an_edit_of_a_real_skill_changes_one_line(which: str) -> None:
    for folder in sorted(SKILLS[which].iterdir()):
        data, _ = read_folder(folder)
        place = {"folder": folder.name}
        made = edit("skill", data, {"description": "New words"}, place=place)
        (path,) = made
        assert [line[0] for line in changed_lines(data[path], made[path])] == ["-", "+"]
        same = dict(parse("skill", data, place).fields)
        assert edit("skill", data, same, place=place) == {}


@with_data
def test_an_edit_of_a_real_page_changes_one_line() -> None:
    for source in ("blog", "documentation"):
        data, _ = read_folder(DATA / "services" / "content" / source)
        for path, text in data.items():
            files, place = {path: text}, {"source": source}
            fields = dict(parse("content", files, place).fields)
            assert edit("content", files, fields, place=place) == {}
            made = edit("content", files, {"title": "New"}, place=place)
            assert changed_lines(text, made[path])[1:] == ['+ title: "New"\n']
            body = str(fields["body"])
            made = edit("content", files, {"body": body + "\nMore"}, place=place)
            assert made[path] == text.rstrip(b"\n") + b"\nMore\n"


@with_data
def test_an_edit_of_the_real_agent_changes_its_own_lines() -> None:
    data, _ = read_folder(DATA / "services" / "agents")
    (text,) = data.values()
    fields = dict(parse("agent", data, {}).fields)
    assert edit("agent", data, fields, place={}) == {}

    made = edit("agent", data, {"skills": ["a"], "system_prompt_address": "a/b/c"}, place={})

    (after,) = made.values()
    assert b"      systemPrompt: anvil:a/b/c\n" in after
    assert changed_lines(text, after)[-2:] == [
        "-         include: []\n",
        "+         include: [a]\n",
    ]
    assert len(changed_lines(text, after)) == 8
