"""The same syncs from a terminal and a notebook: exit codes, documents, magics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fastjsonschema
import pytest

import anvil_nb
from anvil_nb.errors import InvalidInputError, SyncConflictError
from anvil_nb.results.sync import SyncReport
from tests.cli.conftest import anvil
from tests.magics.conftest import bare, empty, ip
from tests.sync.laptops import Laptop, put_skill, skill, stored

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Anvil
    from tests.magics.conftest import Kernel

__all__ = ["anvil", "bare", "empty", "ip"]

TEXT, WORD = {"type": "string"}, {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
DIGEST = {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}]}
HEX = {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^[0-9a-f]{64}$"}]}


def exactly(**properties: Any) -> dict[str, Any]:
    """An object with these properties, all of them, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def several(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


ITEM = exactly(
    key=WORD,
    name=WORD,
    action={"enum": ["added", "modified", "removed"]},
    status={"enum": ["planned", "done", "moved", "failed"]},
    ours=DIGEST,
    theirs=DIGEST,
    size=COUNT,
    message=TEXT,
    skill_id=WORD,
    file_path=WORD,
    diff_status={"enum": ["Added", "Modified", "Removed"]},
    disk_hash=HEX,
    db_hash=HEX,
)
CONFLICT = exactly(
    key=WORD,
    kind={"enum": ["both-changed", "changed-and-deleted", "deleted-and-changed", "first-contact"]},
    base=DIGEST,
    ours=DIGEST,
    theirs=DIGEST,
    choices={"const": ["ours", "theirs", "both", "merged"]},
    opened_at={"anyOf": [{"type": "null"}, WORD]},
)
LEFT = exactly(key=WORD, why=WORD, hint=TEXT)
SUMMARY = exactly(
    **dict.fromkeys(
        (
            "added modified removed moved failed cancelled conflicts waiting problems unchanged"
        ).split(),
        COUNT,
    )
)
REPORT = exactly(
    target={"const": "skills"},
    direction={"enum": ["push", "pull"]},
    dry_run={"type": "boolean"},
    plan={"type": "string", "pattern": "^[0-9a-f]{16}$"},
    state={"enum": ["planned", "completed", "partial", "cancelled", "conflict", "refused"]},
    summary=SUMMARY,
    items=several(ITEM),
    conflicts=several(CONFLICT),
    waiting=several(LEFT),
    problems=several(LEFT),
    guards=several(WORD),
    refusal={"anyOf": [{"type": "null"}, LEFT]},
    notes=several(WORD),
    filter=TEXT,
    delete={"type": "boolean"},
    on_conflict={"enum": ["stop", "ours", "theirs", "keep"]},
    bytes_sent={"type": "null"},
    parts={"type": "array", "maxItems": 0},
)
DIFFERENCE = exactly(
    key=WORD,
    state=WORD,
    files=several(exactly(path=WORD, difference=WORD, diff=TEXT)),
    suggestion={"type": "object"},
    clean={"type": "boolean"},
)
RUN = exactly(
    **dict.fromkeys("id when target direction state by plan".split(), WORD),
    done=TEXT,
    summary=SUMMARY,
)
STATUS = exactly(
    targets=several(
        exactly(
            **dict.fromkeys("target here there".split(), WORD),
            **dict.fromkeys("to_push to_pull apart unchanged problems conflicts".split(), COUNT),
            guards=several(WORD),
            last=TEXT,
        )
    ),
    conflicts=several(CONFLICT),
)
check_report = fastjsonschema.compile(REPORT)


@pytest.fixture
def desk(tmp_path: Path) -> Laptop:
    """A workspace in the folder where things are typed, with two skills."""
    ws = anvil_nb.init(tmp_path)
    ws.close()
    one = Laptop(ws, tmp_path / "services")
    one.skill("mail")
    one.skill("call")
    return one


def there(desk: Laptop) -> dict[str, dict[str, bytes]]:
    with anvil_nb.open(desk.services.parent) as ws:
        return stored(ws)


def fall_apart(desk: Laptop) -> None:
    """Let both sides change a skill, and ours another."""
    desk.skill("mail", "Ours.")
    desk.skill("call", "Ours.")
    with anvil_nb.open(desk.services.parent) as ws:
        put_skill(ws, "mail", "Theirs.")


def test_a_terminal_previews_and_carries_out_what_it_previewed(anvil: Anvil, desk: Laptop) -> None:
    preview = anvil("sync", "skills", "push", "--dry-run")
    assert preview.code == 0
    assert "2 added" in preview.out
    command = preview.out.strip().splitlines()[-1].removeprefix("Do it: anvil ").split()
    assert there(desk) == {}
    done = anvil(*command)
    assert (done.code, set(there(desk))) == (0, {"mail", "call"})
    again = anvil(*command)
    assert again.code == 3
    assert "carried out already" in again.err


def test_exit_codes_say_done_refused_partial_and_conflict(anvil: Anvil, desk: Laptop) -> None:
    assert anvil("sync", "skills", "push").code == 0
    fall_apart(desk)
    stopped = anvil("sync", "skills", "push", "--json")
    assert stopped.code == 3
    assert stopped.error["code"] == "sync-conflict"
    check_report(stopped.error["report"])
    assert anvil("sync", "skills", "push", "--dry-run").code == 1
    partial = anvil("sync", "skills", "push", "--on-conflict", "keep", "--json")
    assert partial.code == 1
    check_report(partial.json)
    assert anvil("sync", "skills", "push", "--on-conflict", "ours").code == 0
    desk.rm("skills")
    assert "guard: skills: empty-side" in anvil("sync", "status").out
    refused = anvil("sync", "skills", "push", "--delete", "--json")
    assert (refused.code, refused.error["code"]) == (1, "sync-guard")
    assert refused.error["guards"] == ["empty-side"]
    assert anvil("sync", "skills", "push", "--delete", "--force").code == 0
    assert anvil("sync", "skills", "push", "--filter", "nothing").code == 2
    assert anvil("sync", "skils", "push").code == 2
    desk.write("skills/mail/SKILL.md", "---\nname: [\n---\n")
    unread = anvil("sync", "skills", "push", "--json")
    assert unread.code == 1
    check_report(unread.json)
    assert unread.json["problems"][0]["key"] == "skills/mail"


def test_conflicts_are_listed_shown_settled_and_remembered(anvil: Anvil, desk: Laptop) -> None:
    anvil("sync", "skills", "push")
    fall_apart(desk)
    anvil("sync", "skills", "push")
    listed = anvil("sync", "conflicts", "--json").json
    fastjsonschema.validate(exactly(conflicts=several(CONFLICT)), listed)
    assert [one["key"] for one in listed["conflicts"]] == ["skills/mail"]
    assert "changed on both sides" in anvil("sync", "conflicts").out
    for words in (("sync", "diff", "skills/mail"), ("sync", "diff", "skills/mail", "--kept")):
        shown = anvil(*words, "--json")
        fastjsonschema.validate(DIFFERENCE, shown.json)
        assert "+Theirs." in anvil(*words).out
    status = anvil("sync", "status", "--offline", "--json").json
    fastjsonschema.validate(STATUS, status)
    line = next(one for one in status["targets"] if one["target"] == "skills")
    assert (line["to_push"], line["to_pull"], line["apart"], line["conflicts"]) == (1, 0, 1, 1)
    merged = desk.services.parent / "merged.md"
    merged.write_bytes(skill("mail", "Both."))
    assert anvil("sync", "resolve", "skills/mail").code == 2
    assert anvil("sync", "resolve", "skills/mail", "--ours", "--merged", "merged.md").code == 2
    settled = anvil("sync", "resolve", "skills/mail", "--merged", "merged.md", "--json")
    assert settled.code == 0
    assert settled.json["choice"] == "merged"
    assert there(desk)["mail"] == {"SKILL.md": skill("mail", "Both.")}
    assert anvil("sync", "conflicts").out == "No conflicts.\n"
    history = anvil("sync", "history", "--json").json
    fastjsonschema.validate(exactly(runs=several(RUN)), history)
    assert anvil("sync", "history", "--target", "skils").code == 2


def test_a_target_without_a_server_says_how_to_name_one(anvil: Anvil, desk: Laptop) -> None:
    del desk
    for words in (("sync", "files", "push"), ("sync", "all", "push"), ("push",), ("pull",)):
        answer = anvil(*words, "--dry-run")
        assert answer.code == 1
        assert "remote" in answer.err


def test_a_target_that_was_mistyped_makes_no_store(tmp_path: Path) -> None:
    (tmp_path / "anvil.toml").write_text('store = "store.duckdb"\n')
    with (
        anvil_nb.open(tmp_path) as ws,
        pytest.raises(InvalidInputError, match="nothing called 'skils'"),
    ):
        ws.sync("skils", "push")
    assert not list(tmp_path.rglob("*.duckdb"))


def test_a_notebook_syncs_by_magics_and_gets_values(empty: Kernel, desk: Laptop) -> None:
    report = empty.value("%anvil sync skills push")
    assert isinstance(report, SyncReport)
    assert report.counts()["added"] == 2
    shown = report._repr_mimebundle_()
    assert "mail" in shown["text/html"]
    assert "mail" in shown["text/plain"]
    fall_apart(desk)
    ran = empty("%anvil sync skills push")
    assert isinstance(ran.error, SyncConflictError)
    assert any("%anvil sync resolve skills/mail" in line for line in ran.shown_error)
    assert "skills/mail" in str(empty.value("%anvil sync conflicts").to_text())
    empty.value("%anvil sync resolve skills/mail --theirs")
    assert desk.bodies()["skills/mail/SKILL.md"] == skill("mail", "Theirs.")
    for result in ("status --offline", "history", "diff skills/call", "conflicts"):
        value = empty.value(f"%anvil sync {result}")
        assert value.to_text()
        assert "<" in value._repr_mimebundle_()["text/html"]


def test_a_cell_syncs_in_python_inside_the_notebook_s_loop(empty: Kernel, desk: Laptop) -> None:
    del desk
    empty.value("import asyncio, anvil_nb\nws = anvil_nb.open()")
    assert empty.value("ws.sync('skills', 'push', dry_run=False).state") == "completed"
    assert empty.value("(await asyncio.to_thread(ws.sync, 'skills', 'push')).unchanged") == 2
    empty("ws.close()")
