"""Export: what is gathered for which address, and what is refused."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import (
    AddressError,
    ExistsError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    VersionSyntaxError,
)
from anvil_nb.results.moving import Moving
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.bundles.stores import SET, everything, publish, take, texts
from tests.services.conftest import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anvil_nb.results.bundles import BundleInfo
    from tests.bundles.conftest import EmptyStore


@pytest.fixture(scope="module")
def desk(empty_store: EmptyStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Two projects with three sets: three versions, a prerelease, labels, partials, a draft.

    One for all tests here, which only read it.
    """
    location = empty_store("desk", tmp_path_factory.mktemp("desk"))
    with Workspace(Settings(None, location, "umbra", "bob"), clock=Clock()) as theirs:
        with theirs.burst():
            _fill(theirs)
        yield theirs


def _fill(theirs: Workspace) -> None:
    publish(
        theirs, SET, welcome="Hello{% render 'foot' %}", foot="Bye{% render 'name' %}", name="D"
    )
    publish(theirs, SET, welcome="Hi{% render 'foot' %}", farewell="Farewell")
    publish(theirs, SET, foot="See you{% render 'name' %}")
    theirs.save(f"{SET}/welcome", "Hey{% render 'foot' %}")
    theirs.publish(SET, version="2.0.0-rc.1")
    theirs.label(f"{SET}@1.0.0", "production")
    theirs.label(f"{SET}@1.1.1", "staging")
    theirs.save(f"{SET}/welcome", "not published")
    publish(theirs, "desk/letters", welcome="Dear")
    publish(theirs, "shop/emails", welcome="Buy")
    theirs.create_set("desk/empty")
    theirs.create_project("hidden")
    theirs.save("desk/drafts/one", "a draft alone")


def versions(found: BundleInfo) -> dict[str, list[str]]:
    return {one.address: [version.number for version in one.versions] for one in found.sets}


def documents(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the documents of one kind, read with nothing of ours."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith(f"data/{kind}/")]
        return [json.loads(archive.read(name)) for name in names]


EVERYTHING = ["1.0.0", "1.1.0", "1.1.1", "2.0.0-rc.1"]


@pytest.mark.parametrize(
    ("addresses", "chosen", "expected", "kind"),
    [
        ("desk", "all", {SET: EVERYTHING, "desk/letters": ["1.0.0"]}, "project"),
        ("desk", "latest", {SET: ["1.1.1"], "desk/letters": ["1.0.0"]}, "project"),
        ("desk", "^1.1", {SET: ["1.1.0", "1.1.1"]}, "project"),
        ("desk", ">=2.0.0-rc.0", {SET: ["2.0.0-rc.1"]}, "project"),
        (SET, "all", {SET: EVERYTHING}, "prompt_set"),
        (f"{SET}@1.1.0", "all", {SET: ["1.1.0"]}, "prompt_set"),
        (f"{SET}@latest", "all", {SET: ["1.1.1"]}, "prompt_set"),
        (f"{SET}@~1.0", "all", {SET: ["1.0.0"]}, "prompt_set"),
        (f"{SET}@production", "all", {SET: ["1.0.0"]}, "prompt_set"),
        (f"{SET}/farewell", "all", {SET: ["2.0.0-rc.1"]}, "selection"),
        (f"{SET}/farewell", "latest", {SET: ["1.1.1"]}, "selection"),
        (f"{SET}/welcome@staging", "all", {SET: ["1.1.1"]}, "selection"),
        ([f"{SET}@1.0.0", f"{SET}@1.1.0"], "all", {SET: ["1.0.0", "1.1.0"]}, "prompt_set"),
        ([f"{SET}@1.0.0", "shop"], "all", {SET: ["1.0.0"], "shop/emails": ["1.0.0"]}, "project"),
        ([f"@umbra/{SET}/farewell", "desk/letters"], "latest",
         {SET: ["1.1.1"], "desk/letters": ["1.0.0"]}, "prompt_set"),
    ],
)  # fmt: skip
def test_what_goes_in(
    desk: Workspace,
    bundle: Path,
    addresses: str | list[str],
    chosen: str,
    expected: dict[str, list[str]],
    kind: str,
) -> None:
    made = desk.export(addresses, bundle, versions=chosen)
    assert versions(made) == expected
    assert made.bundle_type == kind
    assert anvil.inspect(bundle) == made


def test_a_project_is_all_that_is_published_of_it(desk: Workspace, bundle: Path) -> None:
    made = desk.export("desk", bundle)
    assert made.counts == {
        "projects": 1, "prompt_sets": 2, "prompts": 5, "versions": 5, "contents": 8,
    }  # fmt: skip
    bodies = [one["template"] for one in documents(bundle, "objects")]
    assert len(bodies) == len(set(bodies)) == 8
    assert "not published" not in bodies
    assert "a draft alone" not in bodies
    assert all(version.complete for one in made.sets for version in one.versions)


def test_a_prompt_comes_with_the_partials_that_it_renders(desk: Workspace, bundle: Path) -> None:
    made = desk.export(f"{SET}/welcome@1.1.0", bundle)
    ((one,),) = [in_set.versions for in_set in made.sets]
    assert (one.prompts, one.complete) == (("foot", "name", "welcome"), False)
    assert made.external == ()
    (version,) = documents(bundle, "versions")
    assert version["complete"] is False
    assert [entry["name"] for entry in version["entries"]] == ["foot", "name", "welcome"]


def test_without_dependencies_what_is_left_out_is_named(desk: Workspace, bundle: Path) -> None:
    made = desk.export(f"{SET}/welcome@1.1.0", bundle, include_deps=False)
    ((one,),) = [in_set.versions for in_set in made.sets]
    assert one.prompts == ("welcome",)
    assert made.external == (f"{SET}/foot", f"{SET}/name")
    with zipfile.ZipFile(bundle) as archive:
        links = json.loads(archive.read("manifest.json"))["dependencies"]
    digest = desk.get(f"{SET}/foot@1.1.0").digest
    assert links["external_refs"][0] == {
        "address": f"{SET}/foot", "content": digest, "needed_by": [f"{SET}/welcome"],
    }  # fmt: skip
    assert "left out: desk/emails/foot" in made.to_text()


def test_what_is_asked_for_by_itself_is_not_left_out(desk: Workspace, bundle: Path) -> None:
    both = [f"{SET}/welcome@1.1.0", f"{SET}/foot@1.1.0"]
    assert desk.export(both, bundle, include_deps=False).external == (f"{SET}/name",)
    with_set = [f"{SET}/welcome@1.1.0", f"{SET}@1.1.0"]
    assert desk.export(with_set, bundle, include_deps=False, force=True).external == ()


def test_partials_of_another_version_do_not_stand_in_for_what_is_left_out(
    desk: Workspace, ours: Workspace, bundle: Path
) -> None:
    made = desk.export([f"{SET}/welcome@1.0.0", f"{SET}/foot@1.1.1"], bundle, include_deps=False)
    assert made.external == (f"{SET}/foot", f"{SET}/name")
    assert anvil.inspect(bundle) == made
    kinds = {
        one.kind for one in ours.import_bundle(bundle, allow_unsigned=True, dry_run=True).conflicts
    }
    assert kinds == {"dependency"}


def test_labels_come_when_they_are_asked_for(desk: Workspace, bundle: Path) -> None:
    assert [one.labels for one in desk.export("desk", bundle).sets] == [{}, {}]
    made = desk.export("desk", bundle, labels=True, force=True)
    assert [one.labels for one in made.sets] == [{"production": "1.0.0", "staging": "1.1.1"}, {}]
    made = desk.export(f"{SET}@^1.1", bundle, labels=True, force=True)
    assert [one.labels for one in made.sets] == [{"staging": "1.1.1"}]
    # A part of a version is none here, so no label can point to it.
    made = desk.export(f"{SET}/welcome@staging", bundle, labels=True, force=True)
    assert [one.labels for one in made.sets] == [{}]


def test_what_people_say_of_it_goes_in(desk: Workspace, bundle: Path) -> None:
    made = desk.export(SET, bundle, description="For the\nnew year", tags=("new", "year"))
    found = anvil.inspect(bundle)
    assert (found.description, found.tags) == ("For the\nnew year", ("new", "year"))
    assert (made.created_by, made.organisation) == ("bob", "umbra")
    for options in ({"tags": ["t"] * 51}, {"tags": [""]}, {"description": "d" * 4001},
                    {"tags": ["a\0"]}):  # fmt: skip
        with pytest.raises(InvalidInputError):
            desk.export(SET, bundle, force=True, **options)


@pytest.mark.parametrize(
    ("addresses", "options", "error", "said"),
    [
        ([], {}, InvalidInputError, "nothing to export"),
        (f"{SET}@draft", {}, RefusedError, "is a draft, and bundles carry published versions"),
        (f"{SET}/welcome@draft", {}, RefusedError, "is a draft"),
        ("desk/drafts", {}, RefusedError, "nothing of desk/drafts is published"),
        ("desk/empty", {}, RefusedError, "nothing of desk/empty is published"),
        ("desk/drafts/one", {}, NotFoundError, "desk/drafts/one"),
        ("hidden", {}, RefusedError, "the project 'hidden' has no prompt sets"),
        ("nowhere", {}, NotFoundError, "nowhere"),
        ("nowhere/emails", {}, NotFoundError, "nowhere"),
        ("desk/nothing", {}, NotFoundError, "desk/nothing"),
        (f"{SET}/nothing", {}, NotFoundError, "nothing"),
        (f"{SET}@9.9.9", {}, NotFoundError, "9.9.9"),
        (f"{SET}@nobody", {}, NotFoundError, "nobody"),
        (f"{SET}/farewell@1.0.0", {}, NotFoundError, "farewell"),
        (SET, {"versions": "^9"}, RefusedError, "nothing of desk/emails is published"),
        (SET, {"versions": "newest"}, VersionSyntaxError, "column 1"),
        ("desk@1.0.0", {}, AddressError, "desk"),
        ("Desk", {}, AddressError, "Desk"),
        ("@acme/desk/emails", {}, NotFoundError, "no organisation '@acme' here"),
        (SET, {"sign": "nobody"}, NotFoundError, "nobody"),
        (SET, {"encrypt_to": "nobody"}, NotFoundError, "nobody"),
    ],
)
def test_refused_is(
    desk: Workspace,
    bundle: Path,
    addresses: str | list[str],
    options: dict[str, Any],
    error: type[Exception],
    said: str,
) -> None:
    for dry_run in (False, True):
        with pytest.raises(error, match=said) as caught:
            desk.export(addresses, bundle, dry_run=dry_run, **options)
        assert caught.value.hint  # type: ignore[attr-defined]
    assert not bundle.exists()


def test_a_title_that_no_reader_takes_is_refused_at_once(theirs: Workspace, bundle: Path) -> None:
    publish(theirs, SET, welcome="Hello")
    theirs.update_set(SET, title="Emails\u202e")
    with pytest.raises(RefusedError, match=r"the title of desk/emails holds .*U\+202E") as caught:
        theirs.export(SET, bundle)
    assert "anvil set describe desk/emails --title" in caught.value.hint
    theirs.update_set(SET, title="E-Mails\u00a0!")
    theirs.update_project("desk", title="\x07")
    with pytest.raises(RefusedError, match=r"the title of desk holds .*U\+0007"):
        theirs.export(SET, bundle)
    theirs.update_project("desk", title="Büro 👩‍👩‍👧")
    assert theirs.export(SET, bundle) == anvil.inspect(bundle)


def test_the_same_content_and_options_give_the_same_bytes(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    from anvil_nb.keys import KeyRing

    KeyRing.open().generate("bob")
    several: list[dict[str, Any]] = [{}, {"labels": True}, {"sign": "bob", "tags": ["a"]}]
    for number, options in enumerate(several):
        paths = [tmp_path / f"{number}-{name}.anvil" for name in "abc"]
        made = [desk.export(["desk", "shop"], path, **options) for path in paths[:2]]
        desk.export(["shop/emails", "desk", "shop", "desk"], paths[2], **options)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        assert made[0].created_at.isoformat() == "2023-11-14T22:13:20+00:00"
        # Another order of the addresses asks for the same, and so gives the same.
        assert paths[2].read_bytes() == paths[0].read_bytes()
    for wrong in ("yesterday", "-1e400", "9" * 40):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(InvalidInputError, match="SOURCE_DATE_EPOCH is seconds since 1970"):
            desk.export("desk", tmp_path / "wrong.anvil")
    assert not (tmp_path / "wrong.anvil").exists()


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(
    desk: Workspace, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    before = everything(desk)
    planned = desk.export("desk", bundle, labels=True, dry_run=True)
    assert not list(bundle.parent.glob("*anvil*"))
    made = desk.export("desk", bundle, labels=True)
    assert made.file_size == bundle.stat().st_size
    assert replace(planned, file_size=made.file_size) == made
    assert planned.file_size is None
    assert planned.to_text().startswith(f"Would write {bundle}: 1 project, 2 prompt sets")
    assert everything(desk) == before
    # It does not mind a file that is there: nothing would happen to it.
    assert desk.export("desk", bundle, dry_run=True).file_size is None


def test_a_file_that_is_there_is_replaced_only_when_told(desk: Workspace, bundle: Path) -> None:
    bundle.write_text("mine")
    with pytest.raises(ExistsError, match="there is a file .* already") as caught:
        desk.export("desk", bundle)
    assert "--force" in caught.value.hint
    assert bundle.read_text() == "mine"
    desk.export("desk", bundle, force=True)
    assert versions(anvil.inspect(bundle))["desk/letters"] == ["1.0.0"]


class Stopped(Exception):  # noqa: N818 - what a caller raises is no error of ours
    """Raised by a progress that was cancelled."""


@pytest.mark.parametrize("stop", [Stopped, KeyboardInterrupt])
@pytest.mark.parametrize("options", [{}, {"passphrase": "secret"}], ids=["plain", "encrypted"])
def test_a_cancelled_export_leaves_no_file(
    desk: Workspace, bundle: Path, stop: type[BaseException], options: dict[str, Any]
) -> None:
    calls: list[Moving] = []
    desk.export("desk", bundle, progress=calls.append)
    with zipfile.ZipFile(bundle) as archive:
        items = len(archive.namelist())
    total = anvil.inspect(bundle).total
    assert calls[-1] == Moving("written", items, items, total, total)
    written = [one for one in calls if one.step == "written"]
    assert [one.items for one in written] == list(range(1, items + 1))
    assert [one.size for one in written] == sorted({one.size for one in written})
    assert calls[-items:] == written
    assert {one.step for one in calls[:-items]} == {"gathered"}
    bundle.write_text("mine")
    before = set(bundle.parent.iterdir())
    for at in range(len(calls)):
        said = iter(range(len(calls)))

        def progress(_: Moving) -> None:
            if next(said) == at:
                raise stop

        with pytest.raises(stop):
            desk.export("desk", bundle, force=True, progress=progress, **options)
        assert bundle.read_text() == "mine"
        assert set(bundle.parent.iterdir()) == before


def test_two_versions_of_a_set_both_go_in(desk: Workspace, ours: Workspace, bundle: Path) -> None:
    """One of them whole, of the other one prompt."""
    desk.export([f"{SET}@1.0.0", f"{SET}/welcome@1.1.1"], bundle)
    found = anvil.inspect(bundle)
    assert [(one.number, one.complete) for one in found.sets[0].versions] == [
        ("1.0.0", True), ("1.1.1", False),
    ]  # fmt: skip
    take(ours, bundle)
    assert texts(ours, f"{SET}@1.0.0")["welcome"] == "Hello{% render 'foot' %}"
    draft = texts(ours, f"{SET}@draft")
    assert draft == {
        "foot": "See you{% render 'name' %}", "name": "D", "welcome": "Hi{% render 'foot' %}",
    }  # fmt: skip
    assert take(ours, bundle).changed is False
