"""A plain tarball: taken in whole or not at all, and handed out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cloud.conftest import hexed, tarball, untarred

if TYPE_CHECKING:
    from tests.cloud.conftest import Tenant

FILES = {"agents/one.yaml": b"name: one\n", "skills/a/SKILL.md": b"# A\n", "LICENSE": b"free\n"}


@pytest.mark.parametrize("kind", ["application/octet-stream", "application/gzip", ""])
def test_a_tarball_goes_there_and_comes_back(acme: Tenant, kind: str) -> None:
    said = acme("POST", "/files", content=tarball(FILES), headers={"Content-Type": kind}).json()
    assert said["files_uploaded"] == 3
    assert said["uploaded_at"].endswith("Z")
    answer = acme("GET", "/files")
    assert answer.headers["content-type"] == "application/gzip"
    assert answer.headers["content-disposition"] == 'attachment; filename="files.tar.gz"'
    assert untarred(answer.content) == FILES


def test_other_files_stay_as_they_are(acme: Tenant) -> None:
    acme("POST", "/files", content=tarball(FILES))
    acme("POST", "/files", content=tarball({"LICENSE": b"else\n", "new.md": b"new"}))
    assert untarred(acme("GET", "/files").content) == {
        **FILES,
        "LICENSE": b"else\n",
        "new.md": b"new",
    }


def test_a_dry_run_checks_and_changes_nothing(acme: Tenant) -> None:
    said = acme("POST", "/files?dry_run=true", content=tarball(FILES)).json()
    assert said["files_uploaded"] == 0
    assert {one["path"]: one["checksum"] for one in said["manifest"]["files"]} == {
        path: hexed(data) for path, data in FILES.items()
    }
    assert acme.files() == {}
    assert acme("POST", "/files/missing", json={"checksums": [hexed(b"free\n")]}).json()["missing"]


def test_some_folders_can_be_asked_for(acme: Tenant) -> None:
    acme("POST", "/files", content=tarball(FILES))
    found = untarred(acme("GET", "/files?filter=agents, ").content)
    assert list(found) == ["agents/one.yaml"]
    said = acme("GET", "/files?filter=agents,skills&dry_run=true").json()
    assert [one["path"] for one in said["files"]] == ["agents/one.yaml", "skills/a/SKILL.md"]


def test_a_filter_that_matches_nothing_is_refused_with_what_there_is(acme: Tenant) -> None:
    acme("POST", "/files", content=tarball(FILES))
    for query in ("filter=agent", "filter=agents,agent", "filter=agent&dry_run=true"):
        refused = acme("GET", f"/files?{query}")
        assert refused.status_code == 404
        error = refused.json()["error"]
        assert error["message"] == "the filter 'agent' matches nothing"
        assert error["hint"] == "There is: LICENSE, agents, skills"
    for query in ("filter=", "filter=,%20,"):
        assert acme("GET", f"/files?{query}").status_code == 422
    assert untarred(acme("GET", "/files").content) == FILES


def test_without_files_a_filter_is_refused_and_everything_is_nothing(acme: Tenant) -> None:
    assert "no files yet" in acme("GET", "/files?filter=agents").json()["error"]["hint"]
    assert untarred(acme("GET", "/files").content) == {}


def test_a_manifest_may_stand_first_and_is_held_to(acme: Tenant) -> None:
    acme("POST", "/files", content=tarball(FILES))
    whole = acme("GET", "/files?manifest=true").content
    assert next(iter(untarred(whole))) == "manifest.json"
    assert acme("POST", "/files", content=whole).json()["files_uploaded"] == 3
    files = untarred(whole)
    files["LICENSE"] = b"forged"
    answer = acme("POST", "/files", content=tarball(files))
    assert answer.status_code == 422
    assert answer.json()["error"]["context"]["rule"] == "manifest"
    del files["LICENSE"]
    assert acme("POST", "/files", content=tarball(files)).status_code == 422
    said = json.loads(files["manifest.json"])
    said["checksum"] = "0" * 64
    files["manifest.json"] = json.dumps(said).encode()
    assert acme("POST", "/files", content=tarball(files)).status_code == 422


def test_a_file_that_is_only_called_manifest_is_a_file(acme: Tenant) -> None:
    acme("POST", "/files", content=tarball({"manifest.json": b'{"name": "app"}', "a": b"1"}))
    assert list(acme.files()) == ["a", "manifest.json"]


def test_nothing_of_a_tarball_stands_when_its_last_file_is_refused(acme: Tenant) -> None:
    acme("POST", "/files", content=tarball(FILES))
    before = acme.tag()
    for bad in (tarball({"a.md": b"1", "../evil": b"2"}), tarball({"a.md": b"1"})[:-20], b"", b"x"):
        assert acme("POST", "/files", content=bad).status_code == 422
    assert acme.tag() == before


def test_it_may_be_made_conditional(acme: Tenant) -> None:
    tag = acme.tag()
    acme.put({"a.md": b"1"})
    headers = {"If-Match": tag}
    assert acme("POST", "/files", content=tarball(FILES), headers=headers).status_code == 412
    assert list(acme.files()) == ["a.md"]
