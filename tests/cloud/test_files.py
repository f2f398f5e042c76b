"""A tenant's files: bytes first, then one change, on the condition that nothing moved."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import pytest

from anvil_nb.domain.filetree import Leaf, digest_of_leaves
from tests.cloud.conftest import frame, hexed

if TYPE_CHECKING:
    from tests.cloud.conftest import Tenant

ONE = {"agents/one.yaml": b"name: one\n", "skills/a/SKILL.md": b"# A\n"}


def test_a_tenant_says_who_it_is_by_name_and_by_id(acme: Tenant) -> None:
    said = acme("GET").json()
    assert said["slug"] == "acme"
    acme.name = said["id"]
    assert acme("GET").json() == said


def test_files_stand_after_a_change_and_not_before(acme: Tenant) -> None:
    assert acme.files() == {}
    answer = acme.put(ONE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["files"] == 2
    assert answer.headers["etag"] == acme.tag()
    assert acme.files() == {path: hexed(data) for path, data in ONE.items()}


def test_the_checksum_is_that_of_paths_bytes_and_modes(acme: Tenant) -> None:
    acme.put(ONE)
    leaves = [Leaf(path, f"sha256:{hexed(data)}", len(data)) for path, data in ONE.items()]
    said = acme("GET", "/files/manifest").json()
    assert f"sha256:{said['checksum']}" == digest_of_leaves(leaves)
    assert said["total_size"] == sum(map(len, ONE.values()))


def test_nothing_new_is_told_in_no_bytes(acme: Tenant) -> None:
    acme.put(ONE)
    answer = acme("GET", "/files/manifest", headers={"If-None-Match": acme.tag()})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_change_made_for_another_state_changes_nothing(acme: Tenant) -> None:
    tag = acme.tag()
    acme.put(ONE)
    before = acme.files()
    answer = acme.put({"agents/two.yaml": b"name: two\n"}, ("agents/one.yaml",), tag=tag)
    assert answer.status_code == 412
    assert answer.json()["error"]["context"]["found"].endswith(acme.tag().strip('"').split(".")[0])
    assert acme.files() == before


def test_a_change_says_what_it_is_made_for(acme: Tenant) -> None:
    answer = acme("PATCH", "/files/manifest", json={"delete": ["a"]})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "header.if-match"


def test_files_whose_bytes_are_not_there_are_refused_all_of_them(acme: Tenant) -> None:
    acme.put({"a.md": b"a"})
    listed = [
        {"path": "b.md", "checksum": hexed(b"a"), "size": 1},
        {"path": "c.md", "checksum": hexed(b"never sent"), "size": 10},
    ]
    headers = {"If-Match": acme.tag()}
    answer = acme("PATCH", "/files/manifest", json={"put": listed}, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["error"]["context"]["missing"] == [f"sha256:{hexed(b'never sent')}"]
    assert list(acme.files()) == ["a.md"]


def test_a_size_that_is_not_that_of_the_bytes_is_refused(acme: Tenant) -> None:
    acme("POST", "/blobs", content=frame(b"abc"))
    listed = [{"path": "a.md", "checksum": hexed(b"abc"), "size": 4}]
    answer = acme("PATCH", "/files/manifest", json={"put": listed}, headers={"If-Match": "*"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "/a",
        "a//b",
        "a/./b",
        ".git/config",
        "x/.ANVIL/y",
        "con",
        "a.",
        "a\u202eb",
        "a\\b",
        "e\u0301",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(acme: Tenant, path: str) -> None:
    assert acme.put({path: b"x"}).status_code == 422
    assert acme.files() == {}


@pytest.mark.parametrize(
    ("there", "new"),
    [("a.md", "A.MD"), ("stra\u00dfe", "strasse"), ("a", "a/b"), ("a/b", "a"), ("a/b", "A/B/c")],
)
def test_two_files_that_are_one_somewhere_are_refused(acme: Tenant, there: str, new: str) -> None:
    acme.put({there: b"1"})
    assert acme.put({new: b"2"}).status_code == 422
    assert list(acme.files()) == [there]
    assert acme.put({new: b"2"}, (there,)).status_code == 200
    assert list(acme.files()) == [new]


def test_a_path_named_twice_is_refused(acme: Tenant) -> None:
    assert acme.put({"a": b"1"}, ("a",)).status_code == 422


def test_what_was_deleted_is_told_until_it_is_there_again(acme: Tenant) -> None:
    acme.put({"a.md": b"1", "b.md": b"2"})
    acme.put({}, ("a.md", "never.md"))
    assert acme("GET", "/files/manifest").json()["deleted"] == {"a.md": hexed(b"1")}
    acme.put({"a.md": b"3"})
    assert acme("GET", "/files/manifest").json()["deleted"] == {}
    acme.put({}, ("a.md",))
    assert acme("GET", "/files/manifest").json()["deleted"] == {"a.md": hexed(b"3")}


def test_the_bytes_of_what_was_overwritten_are_still_there(acme: Tenant) -> None:
    acme.put({"a.md": b"before"})
    acme.put({"a.md": b"after"})
    assert acme("GET", f"/blobs/{hexed(b'before')}").content == b"before"


def test_each_change_counts_one_revision(acme: Tenant) -> None:
    revisions = [acme.put({"a.md": bytes([n])}).json()["revision"] for n in range(3)]
    assert revisions == [1, 2, 3]


def test_a_change_leaves_an_audit_entry_with_both_digests(acme: Tenant, server: object) -> None:
    acme.put({"a.md": b"1"})
    before = acme("GET", "/files/manifest").json()["checksum"]
    after = acme.put({"a.md": b"2"}).json()["checksum"]
    entries = server.ask("admin").get("audit").json()["data"]  # type: ignore[attr-defined]
    newest = next(one for one in entries if one["resource"] == "files")
    assert (newest["digest_before"], newest["digest_after"]) == (
        f"sha256:{before}",
        f"sha256:{after}",
    )


def test_a_blob_that_is_not_what_its_digest_says_is_not_stored(acme: Tenant) -> None:
    lie = frame(b"evil", bytes.fromhex(hexed(b"good")))
    assert acme("POST", "/blobs", content=lie).status_code == 422
    assert acme("PUT", f"/blobs/{hexed(b'good')}", content=b"evil").status_code == 422
    said = acme("POST", "/files/missing", json={"checksums": [hexed(b"good")]}).json()
    assert said == {"missing": [hexed(b"good")]}


@pytest.mark.parametrize("cut", [1, 31, 35, 41, 45])
def test_blobs_that_were_cut_off_are_refused_and_whole_ones_kept(acme: Tenant, cut: int) -> None:
    content = frame(b"whole") + frame(b"half of it")[:cut]
    assert acme("POST", "/blobs", content=content).status_code == 422
    wanted = {"checksums": [hexed(b"whole"), hexed(b"half of it")]}
    assert acme("POST", "/files/missing", json=wanted).json() == {"missing": [hexed(b"half of it")]}


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_body_may_be_compressed_as_a_whole(acme: Tenant, coding: str, pack: object) -> None:
    body = pack(frame(b"one") + frame(b"two"))  # type: ignore[operator]
    answer = acme("POST", "/blobs", content=body, headers={"Content-Encoding": coding})
    assert answer.json() == {"received": 2, "stored": 2}
    cut = acme("POST", "/blobs", content=body[:-6], headers={"Content-Encoding": coding})
    assert cut.status_code == 422
    twice = acme("POST", "/blobs", content=pack(body), headers={"Content-Encoding": coding})  # type: ignore[operator]
    assert twice.status_code in {413, 422}


def test_a_packed_blob_that_is_a_bomb_is_refused(acme: Tenant) -> None:
    data = bytes(80 << 20)
    body = zlib.compress(data, 9)
    head = bytes.fromhex(hexed(data)) + (1 << 56 | len(body)).to_bytes(8, "big")
    assert acme("POST", "/blobs", content=head + body).status_code == 413


def test_blobs_are_handed_out_framed(acme: Tenant) -> None:
    acme("POST", "/blobs", content=frame(b"one") + frame(b"two" * 100))
    wanted = {"checksums": [hexed(b"two" * 100), hexed(b"one")]}
    assert acme("POST", "/blobs/fetch", json=wanted).content == frame(b"two" * 100) + frame(b"one")
    wanted["checksums"].append("0" * 64)
    assert acme("POST", "/blobs/fetch", json=wanted).status_code == 404


def test_a_part_of_a_blob_can_be_asked_for(acme: Tenant) -> None:
    acme("PUT", f"/blobs/{hexed(b'0123456789')}", content=b"0123456789")
    path = f"/blobs/{hexed(b'0123456789')}"
    part = acme("GET", path, headers={"Range": "bytes=4-6"})
    assert (part.status_code, part.content) == (206, b"456")
    assert part.headers["content-range"] == "bytes 4-6/10"
    assert acme("GET", path, headers={"Range": "bytes=10-"}).status_code == 416
    other = {"Range": "bytes=4-", "If-Range": '"another"'}
    assert acme("GET", path, headers=other).content == b"0123456789"


def test_an_upload_in_pieces_says_where_it_is(acme: Tenant) -> None:
    data = b"0123456789"
    path = f"/blobs/{hexed(data)}"

    def piece(offset: int, some: bytes, length: int = 10) -> tuple[int, str | None]:
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(length)}
        answer = acme("PATCH", path, content=some, headers=headers)
        return answer.status_code, answer.headers.get("upload-offset")

    assert acme("HEAD", path).headers["upload-offset"] == "0"
    assert piece(0, b"0123") == (204, "4")
    assert piece(0, b"0123") == (409, "4")
    assert piece(7, b"789") == (409, "4")
    assert acme("HEAD", path).headers["upload-offset"] == "4"
    assert piece(4, b"456789") == (201, "10")
    assert acme("HEAD", path).status_code == 200
    assert acme("GET", path).content == data


def test_an_upload_that_is_not_what_it_says_begins_anew(acme: Tenant) -> None:
    path = f"/blobs/{hexed(b'0123456789')}"
    headers = {"Upload-Offset": "0", "Upload-Length": "10"}
    assert acme("PATCH", path, content=b"abcdefghij", headers=headers).status_code == 422
    assert acme("HEAD", path).headers["upload-offset"] == "0"
    assert acme("PATCH", path, content=b"x" * 11, headers=headers).status_code == 422
    assert acme("HEAD", path).headers["upload-offset"] == "0"


def test_an_upload_that_would_be_too_large_is_refused_at_once(acme: Tenant) -> None:
    headers = {"Upload-Offset": "0", "Upload-Length": str(65 << 20)}
    answer = acme("PATCH", f"/blobs/{'0' * 64}", content=b"x", headers=headers)
    assert answer.status_code == 413
