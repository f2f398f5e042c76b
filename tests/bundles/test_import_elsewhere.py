"""Import of parts, into other organisations, and imports that are cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import NotFoundError, RefusedError, SourceError
from tests.bundles.handmade import support_desk
from tests.bundles.stores import (
    SET,
    WELCOME,
    done,
    everything,
    fill,
    numbers,
    plan,
    publish,
    send,
    state,
    take,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.results.moving import Moving
    from anvil_nb.workspace import Workspace
    from tests.bundles.conftest import Opener


def test_a_part_lands_in_the_draft(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    publish(theirs, SET, welcome="Hello{% render 'foot' %}", foot="Bye", other="Not asked for")
    send(theirs, WELCOME, bundle)
    report = take(ours, bundle)
    assert done(report) == [
        "add project desk", "add prompt_set desk/emails",
        "add prompt desk/emails/foot", "add prompt desk/emails/welcome",
    ]  # fmt: skip
    assert numbers(ours) == []
    assert texts(ours, f"{SET}@draft") == {"foot": "Bye", "welcome": "Hello{% render 'foot' %}"}
    ids = {row[3]: row[4] for row in state(theirs)["entries"]}
    assert all(ids[row[3]] == row[4] for row in state(ours)["entries"])
    before = everything(ours)
    assert not take(ours, bundle).changed
    assert everything(ours) == before
    publish(theirs, SET, welcome="Hi{% render 'foot' %}")
    send(theirs, WELCOME, bundle)
    assert done(take(ours, bundle)) == ["change prompt desk/emails/welcome"]
    assert ours.publish(SET).version == "1.0.0"
    # What we published from it is ours; theirs comes beside it as soon as it is whole.
    send(theirs, SET, bundle)
    assert [one.key for one in plan(ours, bundle).open] == ["version:desk/emails@1.0.0"]


def test_an_older_part_changes_nothing(theirs: Workspace, ours: Workspace, bundle: Path) -> None:
    publish(theirs, SET, welcome="one")
    send(theirs, WELCOME, bundle)
    take(ours, bundle)
    publish(theirs, SET, welcome="two")
    send(theirs, f"{WELCOME}@1.0.1", bundle)
    take(ours, bundle)
    send(theirs, f"{WELCOME}@1.0.0", bundle)
    report = take(ours, bundle)
    assert (report.changed, done(report)) == (False, ["keep prompt desk/emails/welcome"])
    assert report.to_text().startswith(f"Imported nothing of {bundle}: 1 kept")
    assert texts(ours, f"{SET}@draft") == {"welcome": "two"}
    # But where they went back to it themselves, it is the newer one.
    theirs.rollback(f"{SET}@1.0.0")
    send(theirs, WELCOME, bundle)
    assert done(take(ours, bundle)) == ["change prompt desk/emails/welcome"]
    assert texts(ours, f"{SET}@draft") == {"welcome": "one"}


def test_many_contents_arrive_in_several_parts(
    theirs: Workspace, ours: Workspace, bundle: Path
) -> None:
    """Those of a statement are limited in number and in bytes."""
    with theirs.burst():
        for number in range(12):
            theirs.save(f"{SET}/p{number}", f"{number}" + "x" * 900_000)
        theirs.publish(SET)
    said: list[Moving] = []
    send(theirs, SET, bundle)
    take(ours, bundle, progress=said.append)
    assert texts(ours, SET) == texts(theirs, SET)
    checked, planned, stored = (
        [one for one in said if one.step == step] for step in ("checked", "planned", "stored")
    )
    assert said == [*checked, *planned, *stored]
    assert planned[-1].items == planned[-1].all_items == 12
    assert (stored[-1].items, stored[-1].all_items) == (12, 12)
    assert stored[-1].size == stored[-1].total > 12 * 900_000
    assert 1 < len({one.items for one in stored}) < 12
    assert (checked[-1].items, checked[-1].size) == (checked[-1].all_items, checked[-1].total)
    assert len({one.items for one in checked}) == checked[-1].items > 12


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_a_cancelled_import_does_nothing(
    theirs: Workspace, ours: Workspace, bundle: Path, stop: type[BaseException]
) -> None:
    fill(theirs)
    send(theirs, "desk", bundle)
    publish(ours, "desk/ours", mine="mine")
    said: list[Moving] = []
    before = everything(ours)

    def stopping(at: int) -> Callable[[Moving], None]:
        def progress(now: Moving) -> None:
            said.append(now)
            if len(said) > at:
                raise stop

        return progress

    for at in range(1_000):  # at every moment: while it is checked, planned, stored, and after
        said.clear()
        try:
            take(ours, bundle, progress=stopping(at))
        except stop:
            assert everything(ours) == before
        else:
            break
    steps = [one.step for one in said]
    assert list(dict.fromkeys(steps)) == ["checked", "planned", "stored"]
    assert steps.count("planned") > 1
    assert steps.count("stored") > 4, "it is asked before each step of the transaction, and last"
    assert len(state(ours)["versions"]) > 1


def test_what_is_no_file_is_refused(ours: Workspace, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.anvil", tmp_path):
        with pytest.raises(SourceError, match="there is no file"):
            take(ours, path)


def test_another_organisation_of_the_same_store_gets_sets_of_its_own(
    theirs: Workspace, ours: Workspace, bundle: Path, open_workspace: Opener
) -> None:
    fill(theirs)
    send(theirs, "desk", bundle, labels=True)
    take(ours, bundle, labels=True)
    rival = open_workspace(organisation="rival", actor="ada")
    before = state(ours)
    take(ours, bundle, labels=True, organisation="rival")
    assert state(ours) == before
    for table in ("projects", "prompt_sets", "versions"):
        ids = {row[0] for row in state(rival)[table]}
        assert ids
        assert not ids & {row[0] for row in before[table]}
    assert list(rival.log(SET)) == list(ours.log(SET))
    assert texts(rival, f"{SET}@production") == texts(ours, f"{SET}@production")
    assert ours.imports().records[0].id != rival.imports().records[0].id
    assert not take(rival, bundle, labels=True).changed
    publish(theirs, SET, welcome="newer{% render 'feet' %}")
    send(theirs, SET, bundle)
    assert done(take(rival, bundle)) == done(take(ours, bundle))
    assert rival.get(WELCOME).template == ours.get(WELCOME).template
    with pytest.raises(NotFoundError, match="no organisation 'nobody' here"):
        take(ours, bundle, organisation="nobody")
    with pytest.raises(NotFoundError, match="ada may act"):
        open_workspace(organisation="strangers", actor="eve")
        take(ours, bundle, organisation="strangers")


def test_into_an_organisation_where_one_may_not_act_nothing_is_imported(
    ours: Workspace, bundle: Path, open_workspace: Opener
) -> None:
    support_desk().write(bundle)
    open_workspace(organisation="strangers", actor="eve")
    before = everything(ours)
    with pytest.raises((NotFoundError, RefusedError)):
        take(ours, bundle, organisation="strangers")
    assert everything(ours) == before
