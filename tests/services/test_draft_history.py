"""The history of a draft: nothing that was saved in it is ever lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import (
    AddressError,
    ExistsError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace
    from tests.services.conftest import Clock

WELCOME = "desk/emails/welcome"
DRAFT = f"{WELCOME}@draft"


def told(ws: Workspace, address: str = WELCOME) -> list[tuple[str, str, str]]:
    """Return name, action and text left of each change, newest first."""
    found = []
    for one in ws.draft_log(address):
        text = ws.get(f"desk/emails/{one.prompt}@{one.digest}").template if one.digest else "–"
        found.append((one.prompt, one.action, text))
    return found


def test_every_change_is_told_newest_first(ws: Workspace) -> None:
    first = ws.save(WELCOME, "one")
    second = ws.save(WELCOME, "two", message="better")
    ws.remove(WELCOME, message="not needed")
    ws.restore(WELCOME, first.digest)
    assert told(ws) == [
        ("welcome", "restore", "one"),
        ("welcome", "remove", "–"),
        ("welcome", "save", "two"),
        ("welcome", "save", "one"),
    ]
    log = ws.draft_log(WELCOME)
    assert [one.previous for one in log] == [None, second.digest, first.digest, None]
    assert [one.message for one in log] == ["", "not needed", "better", ""]
    assert [one.at for one in log] == sorted((one.at for one in log), reverse=True)


def test_a_set_tells_of_all_its_prompts(ws: Workspace) -> None:
    for name in ("b", "a"):
        ws.save(f"desk/emails/{name}", name)
    assert told(ws, "desk/emails") == [("a", "save", "a"), ("b", "save", "b")]


def test_any_text_comes_back_by_the_beginning_of_its_digest(ws: Workspace) -> None:
    texts = ["one", "two", "three"]
    digests = [ws.save(WELCOME, text, metadata={"model": text}).digest for text in texts]
    for text, digest in zip(texts, digests, strict=True):
        for written in (digest, digest[:19], digest.removeprefix("sha256:")[:12]):
            restored = ws.restore(WELCOME, written)
            assert restored.digest == digest
            prompt = ws.get(DRAFT)
            assert (prompt.template, prompt.metadata.settings) == (text, {"model": text})


def test_restoring_what_stands_there_changes_nothing(ws: Workspace) -> None:
    saved = ws.save(WELCOME, "one")
    assert not ws.restore(WELCOME, saved.digest).changed
    assert len(ws.draft_log(WELCOME)) == 1


def test_restoring_what_never_was_there_is_refused_with_where_to_look(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    other = ws.save("desk/emails/other", "two").digest
    for digest in (other, "sha256:000000"):
        with pytest.raises(NotFoundError, match="nothing at desk/emails/welcome") as caught:
            ws.restore(WELCOME, digest)
        assert caught.value.hint.endswith(f"anvil log --draft {WELCOME}")
    for digest in ("", "xyz", "sha256:12", "md5:123456"):
        with pytest.raises(AddressError):
            ws.restore(WELCOME, digest)
    with pytest.raises(NotFoundError, match="no prompt 'absent'"):
        ws.restore("desk/emails/absent", other)


def test_a_version_can_be_restored_by_its_own_digest(ws: Workspace) -> None:
    ws.save(WELCOME, "published")
    tree = ws.publish("desk/emails").digest
    ws.save(WELCOME, "later")
    ws.restore(WELCOME, tree[:19])
    assert ws.get(DRAFT).template == "published"


def test_a_removed_prompt_is_gone_from_the_draft_only(ws: Workspace) -> None:
    saved = ws.save(WELCOME, "one")
    ws.publish("desk/emails")
    done = ws.remove(WELCOME)
    assert f"anvil restore {WELCOME} --to {saved.digest[:19]}" in done.message
    assert ws.find(DRAFT) is None
    assert ws.get(WELCOME).template == "one"
    assert not ws.ls("desk/emails").items
    with pytest.raises(NotFoundError):
        ws.remove(WELCOME)


def test_a_renamed_prompt_keeps_its_history_under_both_names(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.rename(WELCOME, "hello")
    ws.save("desk/emails/hello", "two")
    expected = [("hello", "save", "two"), ("hello", "rename", "one"), ("welcome", "save", "one")]
    assert told(ws, "desk/emails/hello") == told(ws, WELCOME) == expected
    assert ws.draft_log(WELCOME).changes[1].message == "was welcome"
    assert ws.find(DRAFT) is None
    with pytest.raises(NotFoundError, match="'welcome' is not in the draft of desk/emails any"):
        ws.get(DRAFT)


def test_a_name_goes_on_with_the_prompt_that_last_had_it(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.remove(WELCOME)
    ws.save(WELCOME, "two")
    assert [text for _, _, text in told(ws)] == ["two", "–", "one"]


def test_a_new_prompt_at_the_old_name_of_another_is_a_prompt_of_its_own(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    ws.rename(WELCOME, "hello")
    ws.save(WELCOME, "not that one")
    ws.save("desk/emails/hello", "two")
    assert ("welcome", "save", "not that one") not in told(ws, "desk/emails/hello")
    assert ("welcome", "save", "not that one") in told(ws, WELCOME)
    # Both can go and come back, each as what it was.
    ws.remove(WELCOME)
    ws.remove("desk/emails/hello")
    ws.save("desk/emails/hello", "three")
    assert ("welcome", "save", "not that one") not in told(ws, "desk/emails/hello")


def test_names_can_be_swapped_and_swapped_back(ws: Workspace) -> None:
    texts = {"a": "of a", "b": "of b"}
    for name, text in texts.items():
        ws.save(f"desk/emails/{name}", text)
    for _ in range(2):
        ws.rename("desk/emails/a", "c")
        ws.rename("desk/emails/b", "a")
        ws.rename("desk/emails/c", "b")
        texts = {"a": texts["b"], "b": texts["a"]}
        for name, text in texts.items():
            assert ws.get(f"desk/emails/{name}@draft").template == text
    assert texts == {"a": "of a", "b": "of b"}


def test_a_name_that_is_taken_or_none_is_refused(ws: Workspace) -> None:
    for name in ("a", "b"):
        ws.save(f"desk/emails/{name}", name)
    with pytest.raises(ExistsError, match="there is a prompt desk/emails/b already"):
        ws.rename("desk/emails/a", "b")
    with pytest.raises(ExistsError):
        ws.copy("desk/emails/a", "desk/emails/b")
    with pytest.raises(AddressError):
        ws.rename("desk/emails/a", "B c")
    with pytest.raises(NotFoundError):
        ws.rename("desk/emails/z", "y")


def test_a_copy_is_made_from_the_draft_or_a_version_into_any_set(ws: Workspace) -> None:
    ws.save(WELCOME, "published", metadata={"tags": ["t"]}, parameters={"x": "string"})
    ws.publish("desk/emails")
    ws.save(WELCOME, "in the draft")
    ws.copy(WELCOME, "other/set/one")
    ws.copy(f"{WELCOME}@1.0.0", "other/set/two")
    assert ws.get("other/set/one@draft").template == "in the draft"
    assert ws.get("other/set/two@draft").digest == ws.get(WELCOME).digest
    (change,) = ws.draft_log("other/set/two")
    assert (change.action, change.message) == ("copy", f"from {WELCOME}@1.0.0")
    with pytest.raises(NotFoundError):
        ws.copy("desk/emails/absent", "brand/new/one")
    assert ws.ls("brand*").items == ()
    with pytest.raises(RefusedError):
        ws.copy(WELCOME, "other/set/three@1.0.0")


def test_a_copy_tells_of_partials_that_are_not_there(ws: Workspace) -> None:
    ws.save(WELCOME, "{% render 'foot' %}")
    assert ws.copy(WELCOME, "other/set/one").notes == (
        "'foot' is rendered, and not in the draft yet",
    )


def test_a_long_history_is_read_in_pages_without_losing_a_line(
    ws: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "many.csv"
    with ws.burst():
        for round_ in range(2):
            rows = "".join(f"prompt {number},text {round_}\n" for number in range(60))
            file.write_text(f"name,prompt\n{rows}")
            ws.load(file, "desk/emails")
        ws.save("desk/emails/prompt-7", "again")
        whole = [(one.sequence, one.prompt) for one in ws.draft_log("desk/emails", limit=1000)]
        assert len(whole) == len(set(whole)) == 121
        for limit in (7, 60, 121):
            found, cursor = [], None
            while True:
                page = ws.draft_log("desk/emails", limit=limit, cursor=cursor)
                found += [(one.sequence, one.prompt) for one in page]
                assert len(page) <= limit
                cursor = page.cursor
                if cursor is None:
                    break
                assert f"--cursor {cursor}" in page.to_text()
            assert found == whole


def test_a_limit_or_cursor_that_is_none_is_refused(ws: Workspace) -> None:
    ws.save(WELCOME, "one")
    for limit in (0, -1, 1_001):
        with pytest.raises(InvalidInputError, match="a limit is a number from 1 to 1,000"):
            ws.draft_log(WELCOME, limit=limit)
    for cursor in ("", "x", "1", "1:", "-1:welcome", "1:'; --", "9" * 30 + ":a", "1:a\0"):
        with pytest.raises(InvalidInputError, match="no cursor of a draft's history"):
            ws.draft_log(WELCOME, cursor=cursor)


def test_a_clock_that_goes_backwards_leaves_the_history_in_order(
    ws: Workspace, clock: Clock
) -> None:
    texts = [f"text {number}" for number in range(6)]
    for text in texts:
        ws.save(WELCOME, text)
        ws.publish("desk/emails", message=text)
        ws.label("desk/emails", "production", message=text)
        clock.now -= timedelta(days=400)
    log = ws.draft_log(WELCOME)
    assert [text for _, _, text in told(ws)] == texts[::-1]
    assert [one.at for one in log] == sorted((one.at for one in log), reverse=True)
    versions = ws.log("desk/emails")
    assert [one.message for one in versions] == texts[::-1]
    times = [one.published_at for one in versions]
    assert times == sorted(times, reverse=True)
    assert [one.message for one in versions.moves] == texts[::-1]
    times = [one.moved_at for one in versions.moves]
    assert times == sorted(times, reverse=True)
    shown = ws.set("desk/emails")
    assert shown.updated_at == versions.moves[0].moved_at >= shown.created_at
