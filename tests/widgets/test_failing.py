"""What the views' own errors say: a message, what to do next, and a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.widgets.failing import failed
from anvil_nb.widgets.job import CancelledError, Job
from anvil_nb.widgets.verification import PassphraseNeededError

if TYPE_CHECKING:
    from anvil_nb.errors import AnvilError


def _cancelled() -> AnvilError:
    job = Job()
    job.cancel()
    with pytest.raises(CancelledError) as caught:
        job.check()
    return caught.value


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (_cancelled(), "cancelled"),
        (PassphraseNeededError(), "passphrase-needed"),
        (PassphraseNeededError("ada"), "passphrase-needed"),
        (failed(ValueError("odd")), "failed"),
    ],
)
def test_an_error_of_a_view_says_what_to_do_next(error: AnvilError, code: str) -> None:
    said = error.to_json()
    assert said["code"] == code
    assert said["message"]
    assert said["hint"].endswith(".")
