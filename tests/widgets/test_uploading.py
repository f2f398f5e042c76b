"""A file that comes from a page, piece by piece."""

from __future__ import annotations

import gc
import hashlib
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import ConflictError, InvalidInputError, TooLargeError
from anvil_nb.widgets.uploading import LARGEST, MOST, Arrivals, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BYTES = bytes(range(256)) * 40


@pytest.fixture
def arrivals(tmp_path: Path) -> Iterator[Arrivals]:
    made = Arrivals(tmp_path / "uploads")
    yield made
    made.close()


def left(folder: Path) -> list[str]:
    """What of uploads is in a folder."""
    return [one.name for one in folder.rglob("*.anvil")] if folder.exists() else []


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_pieces_in_order_make_the_file(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", len(BYTES))
    for at in range(0, len(BYTES), 4_000):
        assert upload.add(at, BYTES[at : at + 4_000]) == min(at + 4_000, len(BYTES))
    upload.finish(sha256(BYTES))
    assert upload.path.read_bytes() == BYTES


def test_a_piece_out_of_order_is_refused_and_the_right_one_still_taken(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", len(BYTES))
    upload.add(0, BYTES[:100])
    for at in (0, 50, 101, 5_000, -100):
        with pytest.raises(ConflictError, match="not the next one"):
            upload.add(at, BYTES[200:300])
    assert upload.add(100, BYTES[100:]) == len(BYTES)
    upload.finish(sha256(BYTES))


def test_a_piece_that_comes_again_is_acknowledged_again_and_not_written_twice(
    arrivals: Arrivals,
) -> None:
    upload = arrivals.begin("desk.anvil", 200)
    assert upload.add(0, BYTES[:100]) == upload.add(0, BYTES[:100]) == 100
    with pytest.raises(ConflictError):
        upload.add(0, BYTES[1:101])  # another one in its place
    upload.add(100, BYTES[100:200])
    upload.finish(sha256(BYTES[:200]))
    assert upload.path.read_bytes() == BYTES[:200]


@pytest.mark.parametrize("size", [0, LARGEST + 1])
def test_a_piece_of_no_size_or_too_large_is_refused(arrivals: Arrivals, size: int) -> None:
    upload = arrivals.begin("desk.anvil", LARGEST + 1)
    with pytest.raises(TooLargeError):
        upload.add(0, bytes(size))


def test_more_than_was_announced_is_refused(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", 150)
    upload.add(0, BYTES[:100])
    with pytest.raises(TooLargeError, match="announced"):
        upload.add(100, BYTES[100:200])


def test_a_file_that_is_empty_or_too_large_is_refused_at_once(arrivals: Arrivals) -> None:
    with pytest.raises(InvalidInputError, match="empty"):
        arrivals.begin("desk.anvil", 0)
    with pytest.raises(TooLargeError):
        arrivals.begin("desk.anvil", MOST + 1)


def test_a_file_that_is_cut_off_or_another_is_not_taken(arrivals: Arrivals) -> None:
    upload = arrivals.begin("desk.anvil", len(BYTES))
    upload.add(0, BYTES[:100])
    with pytest.raises(InvalidInputError, match="100 of the"):
        upload.finish(sha256(BYTES[:100]))
    upload.add(100, BYTES[100:])
    with pytest.raises(InvalidInputError, match="changed on its way"):
        upload.finish(sha256(BYTES[:100]))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("desk.anvil", "desk.anvil"),
        ("/etc/../passwd", "passwd"),
        ("C:\\x\\desk.anvil", "desk.anvil"),
        ("", "bundle.anvil"),
        ("..", "bundle.anvil"),
        ("x\u00e9" * 200, "x\u00e9" * 30),
    ],
)
def test_the_name_of_a_file_is_never_a_path(arrivals: Arrivals, said: str, shown: str) -> None:
    assert shown_name(said) == shown
    upload = arrivals.begin(said, 10)
    assert upload.path.parents[1] == arrivals.folder


def test_another_file_takes_the_place_of_one_on_its_way(arrivals: Arrivals) -> None:
    first = arrivals.begin("one.anvil", 100)
    first.add(0, BYTES[:50])
    second = arrivals.begin("two.anvil", 100)
    assert not first.path.exists()
    with pytest.raises(ConflictError):
        arrivals.of(first.number)
    assert arrivals.of(second.number) is second


def test_the_folder_goes_when_the_view_is_closed_or_forgotten(tmp_path: Path) -> None:
    for close in (True, False):
        arrivals = Arrivals(tmp_path / "uploads")
        arrivals.begin("desk.anvil", 100).add(0, BYTES[:50])
        folder = arrivals.folder
        assert folder is not None
        assert folder.exists()
        if close:
            arrivals.close()
        del arrivals
        gc.collect()
        assert not folder.exists()


def test_what_a_killed_kernel_left_is_removed_by_the_next_upload(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from anvil_nb.widgets.uploading import Arrivals\n"
        "arrivals = Arrivals(Path(sys.argv[1]))\n"
        "arrivals.begin('desk.anvil', 100).add(0, b'x')\n"
        "print('there', flush=True)\nsys.stdin.read()\n"
    )
    folder = tmp_path / "uploads"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        assert len(left(folder)) == 1
        process.send_signal(signal.SIGKILL)
    assert len(left(folder)) == 1
    arrivals = Arrivals(folder)
    arrivals.begin("other.anvil", 100)
    assert len(left(folder)) == 1
    arrivals.close()
    assert left(folder) == []


def test_what_a_kernel_leaves_that_ends_is_nothing(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from anvil_nb.widgets.uploading import Arrivals\n"
        "arrivals = Arrivals(Path(sys.argv[1]))\n"
        "arrivals.begin('desk.anvil', 100).add(0, b'x')\n"
    )
    folder = tmp_path / "uploads"
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)
    assert list(folder.iterdir()) == []
