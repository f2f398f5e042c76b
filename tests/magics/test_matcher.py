"""The Tab key in a notebook."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from IPython.core.completer import provisionalcompleter

if TYPE_CHECKING:
    from tests.magics.conftest import Kernel


def tab(kernel: Kernel, text: str, at: int | None = None) -> list[str]:
    """Return what the text from the replaced place on would read like, per completion of ours."""
    at = len(text) if at is None else at
    with provisionalcompleter():
        found = [*kernel.ip.Completer.completions(text, at)]
    return [text[: one.start] + one.text for one in found if one.type == "anvil"]


@pytest.fixture
def patient(desk: Kernel) -> Kernel:
    """A notebook whose Tab key waits for as long as it takes, on a machine that is busy."""
    desk.magics.surface.names._budget = 60
    return desk


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("%anvil publ", ["%anvil publish"]),
        ("  %anvil publ", ["  %anvil publish"]),
        ("v = %anvil publ", ["v = %anvil publish"]),
        ("a.b, c['x'] = %anvil publ", ["a.b, c['x'] = %anvil publish"]),
        ("%anvil publish --mes", ["%anvil publish --message"]),
        ("%anvil show --o", ["%anvil show --out"]),
        ("%anvil us", ["%anvil use"]),
        ("%anvil set cr", ["%anvil set create"]),
        ("%anvil show wel", ["%anvil show welcome"]),
        ("%anvil show desk/em", ["%anvil show desk/emails/"]),
        ("%anvil show desk/emails/wel", ["%anvil show desk/emails/welcome"]),
        ("%anvil show welcome@pro", ["%anvil show welcome@production"]),
        ("%anvil show 'welcome@pro", ["%anvil show 'welcome@production"]),
        ("%anvil show desk/emails/welcome@1", ["%anvil show desk/emails/welcome@1.0.0"]),
        ("%anvil publish desk/em", ["%anvil publish desk/emails"]),
        ("%anvil label @1", ["%anvil label @1.0.0"]),
        ("%anvil unlabel p", ["%anvil unlabel production"]),
        ("%anvil unlabel desk/em", ["%anvil unlabel desk/emails"]),
        ("%anvil unlabel desk/emails p", ["%anvil unlabel desk/emails production"]),
        ("%anvil diff welcome dr", ["%anvil diff welcome draft"]),
        ("%anvil render welcome --var c", ["%anvil render welcome --var customer="]),
        ("%anvil render welcome --var=c", ["%anvil render welcome --var=customer="]),
        ("%anvil run welcome refund --var am", ["%anvil run welcome refund --var amount="]),
        ("%%anvil save wel", ["%%anvil save welcome"]),
        ("%%anvil save welcome --pl", ["%%anvil save welcome --plain"]),
        ("%anvil show nothing-like-it", []),
        ("%anvil frobnicate x", []),
        ("print('%anvil publ", []),
        ("anvil publ", []),
    ],
)
def test_a_line_goes_on_to_what_there_is(patient: Kernel, text: str, follows: list[str]) -> None:
    assert tab(patient, text) == follows


def test_only_the_first_line_of_a_cell_is_ours(patient: Kernel) -> None:
    cell = "%%anvil save wel\n%%anvil save wel\nwel"
    assert tab(patient, cell, at=len("%%anvil save wel")) == ["%%anvil save welcome"]
    assert tab(patient, cell, at=2 * len("%%anvil save wel") + 1) == []
    assert tab(patient, cell) == []
    lines = "x = 1\n%anvil show wel"
    assert tab(patient, lines) == ["x = 1\n%anvil show welcome"]


def test_an_expression_is_completed_by_python(patient: Kernel) -> None:
    patient.value("customers = ['Ada']")
    text = "%anvil render welcome --var customer=custom"
    assert tab(patient, text) == []
    with provisionalcompleter():
        found = {one.text for one in patient.ip.Completer.completions(text, len(text))}
    assert "customers" in found


def test_a_busy_store_makes_nobody_wait_and_nothing_is_printed(
    desk: Kernel, capfd: pytest.CaptureFixture[str]
) -> None:
    names = desk.magics.surface.names
    assert names._budget <= 0.3
    holding, release = threading.Event(), threading.Event()
    engine = desk.magics.surface.workspace.access.engine

    def hold() -> None:
        with engine.write():
            holding.set()
            release.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(60)
    try:
        tab(desk, "%anvil publ")  # what IPython itself loads at the first Tab
        started = time.monotonic()
        for _ in range(3):
            assert tab(desk, "%anvil show wel") == []
        assert time.monotonic() - started < 5
    finally:
        release.set()
        thread.join()
    if names._asking is not None:
        names._asking.join(60)
    assert tab(desk, "%anvil show wel") == ["%anvil show welcome"]
    assert capfd.readouterr() == ("", "")


def test_without_a_workspace_there_is_nothing_to_complete_with(empty: Kernel) -> None:
    assert tab(empty, "%anvil show de") == []
    assert tab(empty, "%anvil publ") == ["%anvil publish"]
