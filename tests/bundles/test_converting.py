"""Bundles of the first sketch: what becomes of a JSON document."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.errors import BundleError, SignatureError
from anvil_nb.results.exchange import ImportReport

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace


def sketch(**changes: Any) -> dict[str, Any]:
    """Return a document of the sketch."""
    return {
        "version": "1.2.0",
        "prompt_set_id": "0190aaaa-1111-7000-8000-000000000001",
        "prompt_set_name": "Customer e-mails",
        "project_id": "0190aaaa-1111-7000-8000-000000000002",
        "project_name": "Desk",
        "created_at": "2025-07-24T10:00:00Z",
        "snapshot": {
            "a": {
                "template": "Hello {{ name }}",
                "metadata": {"name": "Welcome", "temperature": 0.3},
            },
            "b": {"template": "50 % {% off", "metadata": {"name": "Welcome"}},
        },
        **changes,
    }


def test_its_prompts_become_a_version_under_the_names_it_has(
    ours: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(sketch()))
    report = ours.import_bundle(path, allow_unsigned=True)
    assert isinstance(report, ImportReport)
    assert report.counts == {"add": 3}
    found = ours.get("desk/customer-e-mails/welcome@1.2.0")
    assert found.render(name="Ada").text == "Hello Ada"
    assert found.content.metadata.settings == {"temperature": 0.3}
    assert ours.get("desk/customer-e-mails/welcome-2").render().text == "50 % {% off"
    assert ours.import_bundle(path, allow_unsigned=True).counts == {"same": 1}


def test_gzip_around_it_is_taken_off(ours: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "old.json.gz"
    path.write_bytes(gzip.compress(json.dumps(sketch(version="3")).encode()))
    ours.import_bundle(path, allow_unsigned=True)
    assert ours.get("desk/customer-e-mails/welcome").version == "3.0.0"


def test_nobody_has_signed_it(ours: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps(sketch()))
    with pytest.raises(SignatureError, match="not signed"):
        ours.import_bundle(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "neither a bundle nor JSON"),
        ('{"a": 1, "a": 2}', "neither a bundle nor JSON"),
        ("{}", "has version"),
        (json.dumps(sketch(snapshot={})), "no prompts"),
        (json.dumps(sketch(snapshot={"a": {"text": "x"}})), "no template"),
        (json.dumps(sketch(version="next")), "no version number"),
    ],
)
def test_what_is_no_such_document_is_refused(
    ours: Workspace, tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(BundleError, match=why):
        ours.import_bundle(path, allow_unsigned=True)
    assert ours.ls().items == ()
