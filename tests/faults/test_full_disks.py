"""Disks that fill up, on either side of a sync: a clear error, nothing half, and a way on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.faults.soak import files_of, on_disk, records_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import DiskMaker, Maker
    from tests.faults.machines import Cloud, Laptop

KIB = 1024
MIB = 1024 * KIB


def fill(laptop: Laptop, number: int, size: int) -> None:
    """Write skills whose notes no packing makes smaller."""
    chance = random.Random(size)  # noqa: S311 - no secret
    for one in range(number):
        folder = laptop.services / f"skills/s{one}"
        folder.mkdir(parents=True)
        (folder / "SKILL.md").write_text(f"---\nname: s{one}\ndescription: About\n---\nDo it.\n")
        (folder / "notes.bin").write_bytes(chance.randbytes(size))


def done(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the report of a sync that did all it should."""
    assert "done" in answer, answer
    report: dict[str, Any] = answer["done"]
    assert report["state"] == "completed", report
    return report


def check_refused(answer: dict[str, Any]) -> str:
    """Check that a sync says that there is no room; return its words."""
    if "error" in answer:
        said = str(answer["message"])
    else:
        assert answer["done"]["state"] == "partial"
        failed = [one for one in answer["done"]["items"] if one["status"] == "failed"]
        assert failed
        said = failed[0]["message"]
    assert "Traceback" not in said
    return said


def check_quiet(*laptops: Laptop) -> None:
    """Check that nothing is left of what failed, and nothing else went wrong."""
    for laptop in laptops:
        laptop.close()
        assert laptop.left_over() == []
        assert "Traceback" not in laptop.log.read_text("utf-8")


def test_a_folder_without_room_gets_no_half_files_and_the_rest_once_there_is_some(
    cloud: Cloud, make: Maker, disk: DiskMaker, tmp_path: Path
) -> None:
    small = disk(tmp_path / "bob" / "services", 2)
    cloud.start()
    ada, bob = make("ada"), make("bob")
    fill(ada, 6, 700 * KIB)
    done(ada.sync("files", "push"))
    said = check_refused(bob.sync("files", "pull"))
    assert "No space left" in said
    whole = on_disk(ada)
    assert on_disk(bob) <= whole, "a file is half there"
    assert len(on_disk(bob)) < len(whole)
    small.grow(40)
    done(bob.sync("files", "pull"))
    assert on_disk(bob) == whole
    assert done(bob.sync("files", "push"))["items"] == []
    check_quiet(ada, bob)


def test_a_store_here_without_room_has_whole_records_and_all_of_them_once_there_is_some(
    cloud: Cloud, make: Maker, disk: DiskMaker, tmp_path: Path
) -> None:
    small = disk(tmp_path / "bob" / ".anvil", 6)
    cloud.start()
    ada, bob = make("ada"), make("bob")
    fill(ada, 10, 800 * KIB)
    done(ada.sync("skills", "push"))
    done(ada.sync("database", "push"))
    assert "cannot be written" in check_refused(bob.sync("database", "pull"))
    with ada.workspace() as ws:
        there = records_of(ws)
    bob.close()
    with bob.workspace() as ws:
        assert records_of(ws) <= there
        assert len(records_of(ws)) < len(there)
    small.grow(200)
    done(bob.sync("database", "pull"))
    with bob.workspace() as ws:
        assert records_of(ws) == there
    check_quiet(ada, bob)


def test_a_store_here_without_room_takes_the_skills_of_a_folder_later(
    cloud: Cloud, make: Maker, disk: DiskMaker, tmp_path: Path
) -> None:
    small = disk(tmp_path / "ada" / ".anvil", 6)
    cloud.start()
    ada = make("ada")
    fill(ada, 10, 800 * KIB)
    before = on_disk(ada)
    assert "cannot be written" in check_refused(ada.sync("skills", "push"))
    assert on_disk(ada) == before
    small.grow(200)
    done(ada.sync("skills", "push"))
    assert done(ada.sync("skills", "pull"))["summary"]["unchanged"] == 10
    check_quiet(ada)


@pytest.mark.parametrize(("target", "how"), [("files", "disk"), ("database", "limit")])
def test_a_server_without_room_says_so_and_takes_the_push_once_there_is_some(
    cloud: Cloud, make: Maker, disk: DiskMaker, tmp_path: Path, target: str, how: str
) -> None:
    cloud.store = str(tmp_path / "small" / "cloud.duckdb")
    small = disk(tmp_path / "small", 8) if how == "disk" else None
    token = cloud.token("sync")
    cloud.largest = None if how == "disk" else 5 * MIB
    cloud.start()
    ada, bob = make("ada", token=token), make("bob", token=token)
    fill(ada, 10, 800 * KIB)
    done(ada.sync("skills", "push"))
    said = check_refused(ada.sync(target, "push"))
    assert "store cannot be read or written now, perhaps for want of room" in said
    # It still answers, and has nothing that is half: what it lists can be read.
    address = f"{cloud.url}/api/v1/cloud/tenants/acme"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        manifest = client.get(f"{address}/files/manifest").json()
        for one in manifest["files"]:
            assert len(client.get(f"{address}/blobs/{one['checksum']}").content) == one["size"]
        assert client.get(f"{address}/database/export").status_code == 200
    if small is None:
        cloud.kill()
        cloud.largest = None
        cloud.start()
        ada.url = bob.url = cloud.url
        ada.close()
        for one in (ada, bob):
            one.write_settings()
    else:
        small.grow(200)
    done(ada.sync(target, "push"))
    done(bob.sync(target, "pull"))
    with cloud.workspace() as there, ada.workspace() as here, bob.workspace() as other:
        if target == "files":
            assert files_of(there) == on_disk(ada) == on_disk(bob)
        else:
            assert records_of(there) == records_of(here) == records_of(other)
    check_quiet(ada, bob)
    # The operator is told why, of every answer that was a fault.
    faults = [line for line in cloud.log.read_text("utf-8").splitlines() if "Traceback" in line]
    assert faults
    assert all("StoreUnavailableError" in line for line in faults)
