"""Tokens of servers are kept where their user alone can read them, and nowhere else."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError, SettingsError
from anvil_nb.remote.credentials import forget_token, keep_token, token_file, token_for

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://anvil.example.org"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose configuration is in a folder of the test's own."""
    return {"ANVIL_CONFIG": str(tmp_path / "config")}


def test_a_token_is_kept_for_its_server_alone(home: dict[str, str]) -> None:
    keep_token(URL, "ank_one", home)
    keep_token("https://other.example.org", "ank_two", home)
    keep_token(URL, "ank_three", home)
    assert token_for(URL, home) == "ank_three"
    assert token_for("https://other.example.org", home) == "ank_two"
    with pytest.raises(SettingsError, match="there is no token for https://third") as caught:
        token_for("https://third.example.org", home)
    assert "anvil login" in caught.value.hint


def test_nobody_else_can_read_the_file(home: dict[str, str]) -> None:
    file = keep_token(URL, "ank_one", home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["tokens.json"]
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="others can read") as caught:
        token_for(URL, home)
    assert "Revoke" in caught.value.hint


@pytest.mark.parametrize("token", ["", "two words", "ank_\n", "ank_é"])
def test_what_is_no_token_is_not_kept(home: dict[str, str], token: str) -> None:
    with pytest.raises(InvalidInputError, match="no token"):
        keep_token(URL, token, home)
    assert not token_file(home).exists()


def test_the_environment_goes_before_the_file(home: dict[str, str]) -> None:
    keep_token(URL, "ank_one", home)
    assert token_for(URL, {**home, "ANVIL_TOKEN": " ank_env\n"}) == "ank_env"


def test_a_token_is_forgotten_once(home: dict[str, str]) -> None:
    keep_token(URL, "ank_one", home)
    assert forget_token(URL, home)
    assert not forget_token(URL, home)
    with pytest.raises(SettingsError):
        token_for(URL, home)


@pytest.mark.parametrize("said", ["{", "[]", "\x00"])
def test_a_file_that_is_none_of_tokens_is_said(home: dict[str, str], said: str) -> None:
    file = keep_token(URL, "ank_one", home)
    file.write_text(said)
    with pytest.raises(SettingsError) as caught:
        token_for(URL, home)
    assert "anvil login" in caught.value.hint


def test_a_token_that_cannot_be_kept_leaves_nothing_half_written(
    home: dict[str, str], tmp_path: Path
) -> None:
    file = keep_token(URL, "ank_one", home)
    (tmp_path / "in-the-way").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SettingsError, match="cannot be kept") as caught:
        keep_token(URL, "ank_two", {"ANVIL_CONFIG": str(tmp_path / "in-the-way")})
    assert "ANVIL_TOKEN" in caught.value.hint
    assert json.loads(file.read_text()) == {URL: "ank_one"}


def test_the_file_is_in_the_configuration_of_the_user(tmp_path: Path) -> None:
    assert token_file({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "anvil/tokens.json"
    relative = token_file({"XDG_CONFIG_HOME": "relative"})
    assert relative.is_absolute()
    assert relative.parts[-3:] == (".config", "anvil", "tokens.json")
