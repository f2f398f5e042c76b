"""What counts as undecided in a text: one rule, here and in the page (js/tests/marks.test.js)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from anvil_nb.bundles.suggesting import first_marker, merged
from anvil_nb.errors import InvalidInputError
from anvil_nb.widgets.decisions import check_marks

EXAMPLES: Any = json.loads((Path(__file__).parent / "marks.json").read_text("utf-8"))


@pytest.mark.parametrize("example", EXAMPLES["texts"], ids=lambda one: ascii(one["text"]))
def test_a_text_is_refused_where_the_page_calls_it_open(example: Any) -> None:
    assert first_marker(example["text"]) == example["line"]
    if example["line"] is None:
        check_marks("welcome", example["text"])
    else:
        with pytest.raises(InvalidInputError, match=f"in line {example['line']}\n"):
            check_marks("welcome", example["text"])


def test_a_line_ends_where_it_does_in_the_page_and_nowhere_else() -> None:
    ends = [
        end for end in map(chr, range(sys.maxunicode + 1)) if first_marker(f"x{end}<<<<<<< Ours")
    ]
    assert ends == EXAMPLES["ends"]


@pytest.mark.parametrize("end", EXAMPLES["ends"])
def test_the_marks_of_a_suggestion_are_found_after_any_end_of_a_line(end: str) -> None:
    text, clean = merged(f"a{end}b", f"a{end}c", f"a{end}d")
    assert not clean
    assert text is not None
    assert first_marker(text) is not None
