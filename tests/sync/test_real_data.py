"""Real skills, pages and agents go into the store and back onto an empty disk, byte for byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sync.laptops import beside, statuses, stored

if TYPE_CHECKING:
    from tests.sync.conftest import Maker
    from tests.sync.laptops import Laptop

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("ANVIL_DATA", REPOSITORY.parent / "shared" / "data"))
FOLDERS = {"skills": "skills/", "content": "content/", "agents": "agents/"}


@pytest.fixture
def real(make: Maker) -> Laptop:
    """A laptop with a copy of the real services."""
    if not (DATA / "services").is_dir():
        pytest.skip("the real services are not here")
    one = make()
    shutil.copytree(DATA / "services", one.services)
    if (DATA / "agent-skills").is_dir():
        for folder in (DATA / "agent-skills").iterdir():
            if folder.is_dir():
                shutil.copytree(folder, one.services / "skills" / folder.name)
    return one


@pytest.mark.parametrize("target", FOLDERS)
def test_what_is_real_comes_back_byte_for_byte(real: Laptop, tmp_path: Path, target: str) -> None:
    report = real.push(target)
    assert report.problems == ()
    assert set(statuses(report).values()) == {"done"}
    assert real.push(target, delete=True).items == ()
    empty = beside(real, tmp_path / "empty")
    with empty.ws:
        pulled = empty.pull(target)
        assert statuses(pulled) == statuses(report)
        assert empty.push(target, delete=True).items == ()
        came = empty.files()
    files = {path: file for path, file in real.files().items() if path.startswith(FOLDERS[target])}
    configs = {"content/config.yaml", "content/config.yml"}
    assert came == {path: file for path, file in files.items() if path not in configs}
    assert len(stored(real.ws, target)) == len(report.items)


def test_a_dotted_edit_of_a_real_skill_in_the_store_comes_back_in_its_place(
    real: Laptop,
) -> None:
    real.push()
    before = real.files()
    real.ws.save_skill("inspect_agents", {"description": "Changed in the store."})
    assert statuses(real.pull()) == {"inspect_agents": "done"}
    changed = {path for path, file in real.files().items() if before.get(path) != file}
    assert len(changed) == 1
    (path,) = changed
    old, new = before[path][0].splitlines(), real.bodies()[path].splitlines()
    assert len(set(new) - set(old)) == 1
    assert b"Changed in the store." in b"".join(set(new) - set(old))
