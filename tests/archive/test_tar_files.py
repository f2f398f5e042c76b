"""Tarballs that are sound: those of `tar`, of Python, and our own."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.archive.tar_reader import TarFile, read_tarball
from anvil_nb.archive.tar_writer import MANIFEST, write_tarball

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILES = [
    TarFile("agents/research.yaml", b"name: research\n", executable=False),
    TarFile("skills/edit/SKILL.md", b"", executable=False),
    TarFile("skills/edit/run.sh", b"#!/bin/sh\n" * 200, executable=True),
]


def packed(files: Iterable[TarFile], manifest: bytes | None = None) -> bytes:
    return b"".join(write_tarball(files, manifest))


def read(data: bytes) -> list[TarFile]:
    return list(read_tarball(io.BytesIO(data)))


def test_what_is_written_is_read_as_it_was() -> None:
    assert read(packed(FILES)) == FILES


def test_the_same_files_make_the_same_bytes() -> None:
    assert packed(FILES) == packed(FILES)
    assert packed(FILES) != packed(FILES[::-1])


def test_no_files_make_a_tarball_too() -> None:
    assert read(packed([])) == []


def test_a_manifest_stands_first() -> None:
    names = [one.path for one in read(packed(FILES, b"{}"))]
    assert names == [MANIFEST, *(one.path for one in FILES)]


def test_python_reads_what_is_written() -> None:
    with tarfile.open(fileobj=io.BytesIO(packed(FILES))) as archive:
        members = archive.getmembers()
        assert [one.name for one in members] == [one.path for one in FILES]
        assert [one.mode for one in members] == [0o644, 0o644, 0o755]
        assert {(one.mtime, one.uid, one.uname) for one in members} == {(0, 0, "")}
        assert archive.extractfile(members[2]).read() == FILES[2].data  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ["gnu", "ustar", "pax", "v7"])
def test_what_tar_writes_is_read(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "services"
    deep = "a" * 60 + "/" + "b" * 60
    for path in ("agents/one.yaml", f"{deep}/page.md" if form != "v7" else "c.md"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"this is {path}\n")
    (folder / "agents/one.yaml").chmod(0o755)
    made = subprocess.run(
        ["tar", f"--format={form}", "-C", str(folder), "-czf", "-", "."],
        capture_output=True,
        check=True,
    ).stdout
    found = {one.path: one for one in read(made)}
    assert found["agents/one.yaml"].data == b"this is agents/one.yaml\n"
    assert found["agents/one.yaml"].executable
    assert len(found) == 2


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_are_read(form: int) -> None:
    names = ["x" * 150 + "/" + "y" * 150 + ".md", "skills/schön/日本語.md"]
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=form) as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
    assert [one.path for one in read(file.getvalue())] == names


def test_the_comment_of_git_archive_passes() -> None:
    file = io.BytesIO()
    with tarfile.open(
        fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": "f" * 40}
    ) as archive:
        archive.addfile(tarfile.TarInfo("a.md"))
    assert [one.path for one in read(file.getvalue())] == ["a.md"]


parts = st.text(st.characters(codec="utf-8", categories=("Ll", "Nd")), min_size=1, max_size=30).map(
    lambda text: f"n{text}"
)
paths = st.lists(parts, min_size=1, max_size=6).map("/".join)


@given(st.dictionaries(paths, st.tuples(st.binary(max_size=2000), st.booleans()), max_size=8))
def test_any_files_come_back(files: dict[str, tuple[bytes, bool]]) -> None:
    import unicodedata

    from anvil_nb.domain.filesets import collision, tenant_path_fault

    usable = {
        unicodedata.normalize("NFC", path): one
        for path, one in files.items()
        if not tenant_path_fault(unicodedata.normalize("NFC", path))
    }
    if collision(usable) is not None:
        return
    made = [TarFile(path, data, executable) for path, (data, executable) in usable.items()]
    assert read(packed(made)) == made


@given(st.binary(max_size=3000))
def test_what_is_no_tarball_is_refused_in_words(data: bytes) -> None:
    from anvil_nb.errors import InvalidInputError

    for content in (data, gzip.compress(data)):
        with pytest.raises(InvalidInputError) as caught:
            read(content)
        assert caught.value.message.startswith("the tarball is refused: ")
        assert caught.value.hint
