"""Where a workspace is found, and what it goes by: file, environment, arguments."""

from __future__ import annotations

import getpass
import subprocess
from typing import TYPE_CHECKING

import pytest

import anvil_nb as anvil
from anvil_nb.errors import AnvilError, ExistsError, SettingsError, StoreUnavailableError
from anvil_nb.settings import Settings, find, plan, resolve

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "desk/emails/welcome"
SECRET = "hunter2"  # noqa: S105 - nobody's


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "anvil.toml").write_text(text, encoding="utf-8")
    return folder


def resolved(start: Path, **environment: str) -> Settings:
    return resolve(start, environment=environment)


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANVIL_STORE", "ANVIL_ORGANISATION", "ANVIL_ACTOR"):
        monkeypatch.delenv(name, raising=False)


def test_the_nearest_file_upwards_is_found(tmp_path: Path) -> None:
    write(tmp_path, 'store = "outer.duckdb"')
    inner = write(tmp_path / "a" / "b", 'store = "inner.duckdb"')
    deep = inner / "c" / "d"
    deep.mkdir(parents=True)
    assert find(deep) == inner / "anvil.toml"
    assert resolved(deep).store == str(inner / "inner.duckdb")
    assert resolved(deep).root == inner
    assert resolved(tmp_path / "a").store == str(tmp_path / "outer.duckdb")
    assert resolved(inner / "anvil.toml").root == inner


def test_a_folder_called_like_the_file_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, 'store = "outer.duckdb"')
    (tmp_path / "a" / "anvil.toml").mkdir(parents=True)
    assert resolved(tmp_path / "a").root == tmp_path


def test_without_a_file_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    for start in (tmp_path, tmp_path / "absent"):
        with pytest.raises(
            SettingsError, match=r"there is no anvil.toml in .*folders above it"
        ) as caught:
            resolved(start)
        assert caught.value.hint == "Make a workspace here: anvil init"


def test_arguments_win_over_the_environment_which_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'store = "file.duckdb"\norganisation = "of-file"\nactor = "by-file"')
    assert resolved(tmp_path) == Settings(
        tmp_path,
        str(tmp_path / "file.duckdb"),
        "of-file",
        "by-file",
        services=tmp_path / "services",
    )
    environment = {
        "ANVIL_STORE": "/env/x.duckdb",
        "ANVIL_ORGANISATION": "of-env",
        "ANVIL_ACTOR": "by-env",
    }
    assert resolved(tmp_path, **environment) == Settings(
        tmp_path, "/env/x.duckdb", "of-env", "by-env", services=tmp_path / "services"
    )
    passed = resolve(tmp_path, store="/arg/x.duckdb", actor="by-arg", environment=environment)
    services = tmp_path / "services"
    assert passed == Settings(tmp_path, "/arg/x.duckdb", "of-env", "by-arg", services=services)
    empty = dict.fromkeys(environment, "")
    assert resolved(tmp_path, **empty) == resolved(tmp_path)


def test_a_path_counts_from_where_it_was_said(tmp_path: Path) -> None:
    deep = write(tmp_path, 'store = "sub/x.duckdb"') / "deep"
    deep.mkdir()
    assert resolved(deep).store == str(tmp_path / "sub" / "x.duckdb")
    assert resolved(deep, ANVIL_STORE="y.duckdb").store == str(deep / "y.duckdb")
    assert resolve(deep, store="z.duckdb", environment={}).store == str(deep / "z.duckdb")
    assert resolve(deep, store="../z.duckdb", environment={}).store == str(tmp_path / "z.duckdb")


def test_a_home_folder_may_be_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "x", 'store = "~/prompts.duckdb"')
    assert resolved(tmp_path / "x").store == str(tmp_path / "prompts.duckdb")
    write(tmp_path / "y", 'store = "~nobody-of-that-name/prompts.duckdb"')
    with pytest.raises(SettingsError, match="cannot be used"):
        resolved(tmp_path / "y")


def test_who_is_not_named_is_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 'store = "x.duckdb"')
    for user, name in (("ada", "ada"), ("Ada Lovelace", "ada-lovelace"), ("Ünï", "uni")):
        monkeypatch.setattr(getpass, "getuser", lambda user=user: user)
        assert resolved(tmp_path).actor == resolved(tmp_path).organisation == name

    def nobody() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert resolved(tmp_path).actor == "owner"


BAD = [
    ("store = ", "cannot be read: Invalid value"),
    ("store = 'x'\nactor =: 'y'", "cannot be read: .*line 2"),
    ("store = 'x'\nstore = 'y'", "cannot be read"),
    ("stoer = 'x'", "unknown key 'stoer'"),
    ("[store]\npath = 'x'", "store in .* is text, found"),
    ("store = 5", "store in .* is text, found 5"),
    ("store = ''", "store in .* is text, found ''"),
    ("store = 'mysql://host/db'", r"a store is a path or a postgresql:// URL, found 'mysql://…'"),
    ("actor = 'Ada Lovelace'", "actor: expected a lower-case letter"),
    ("organisation = 'a/b'", "organisation: expected"),
    ('store = "a\\u0000b"', "cannot be used"),
]


def test_a_file_that_cannot_be_used_says_where_and_why(tmp_path: Path) -> None:
    for text, message in BAD:
        write(tmp_path, text)
        with pytest.raises(SettingsError, match=message) as caught:
            resolved(tmp_path)
        assert caught.value.hint
    (tmp_path / "anvil.toml").write_bytes(b"store = '\xff'")
    with pytest.raises(SettingsError, match="cannot be read"):
        resolved(tmp_path)
    write(tmp_path, "stoer = 'x'")
    with pytest.raises(SettingsError) as caught:
        resolved(tmp_path)
    assert caught.value.hint == "Did you mean store?"


def test_a_store_taken_for_a_workspace_is_told(tmp_path: Path) -> None:
    with anvil.open(store=str(tmp_path / "x.duckdb")) as ws:
        ws.create_project("desk")
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        anvil.open(tmp_path / "x.duckdb")
    assert f"--store {tmp_path / 'x.duckdb'}" in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{SECRET}@127.0.0.1:1/prompts",
        f"postgres://ada:{SECRET}@127.0.0.1:1/prompts",
        f"postgresql://ada@127.0.0.1:1/prompts?password={SECRET}",
        f"postgresql://ada:{SECRET}%40x@[bad/prompts",
        f"mysql://ada:{SECRET}@127.0.0.1/prompts",
    ],
)
def test_a_password_is_never_shown(tmp_path: Path, url: str) -> None:
    write(tmp_path, f'store = "{url}"')
    shown = []
    try:
        settings = resolved(tmp_path)
        shown += [repr(settings), str(settings)]
    except SettingsError as error:
        shown.append(repr(error))
    with pytest.raises(AnvilError) as caught:
        anvil.open(tmp_path)
    shown += [str(caught.value), repr(caught.value), str(caught.value.to_json())]
    assert SECRET not in "\n".join(shown)


def test_a_workspace_shows_its_location_without_the_password(postgres_url: str) -> None:
    url = postgres_url.replace("postgres:@", f"postgres:{SECRET}@")
    assert SECRET in url
    with anvil.open(store=url) as ws:
        assert SECRET not in repr(ws)
        assert SECRET not in ws.location
        assert SECRET not in repr(ws.settings)
        assert SECRET not in repr(ws.access)
    assert SECRET not in repr(ws) + ws.location, "nor when it is closed"


def test_a_new_workspace_is_a_file_and_a_store_that_git_ignores(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "prompts"
    with anvil.init(folder, actor="ada") as ws:
        assert ws.root == folder
        assert ws.location == str(folder / ".anvil" / "store.duckdb")
        ws.save(ADDRESS, "Hello")
    assert (folder / "anvil.toml").read_text() == (
        "# The workspace: where its prompts are kept, and who acts here.\n"
        'store = ".anvil/store.duckdb"\norganisation = "ada"\nactor = "ada"\n'
    )
    assert (folder / ".anvil" / ".gitignore").read_text() == "*\n"
    (folder / "deep").mkdir()
    with anvil.open(folder / "deep") as again:
        assert again.get(f"{ADDRESS}@draft").template == "Hello"
        assert again.draft_log(ADDRESS).changes[0].actor == "ada"


def test_a_workspace_is_made_once(tmp_path: Path) -> None:
    with anvil.init(tmp_path) as ws:
        ws.save(ADDRESS, "Hello")
    before = (tmp_path / "anvil.toml").read_text()
    with anvil.init(tmp_path) as again:
        assert again.get(f"{ADDRESS}@draft").template == "Hello"
    for store, actor in (("other.duckdb", None), (None, "bob")):
        with pytest.raises(ExistsError, match="is there already"):
            anvil.init(tmp_path, store=store, actor=actor)
    assert (tmp_path / "anvil.toml").read_text() == before
    with anvil.init(tmp_path / "inside") as inner:
        assert inner.find(f"{ADDRESS}@draft") is None


def test_a_workspace_whose_store_cannot_be_opened_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "not-one.duckdb").write_text("not a store, but long enough to look at " * 200)
    for store in ("not-one.duckdb", "postgresql://127.0.0.1:1/x", "mysql://host/x"):
        with pytest.raises(AnvilError):
            anvil.init(tmp_path, store=store)
        assert not (tmp_path / "anvil.toml").exists()
    with pytest.raises(SettingsError):
        anvil.init(tmp_path, actor="Not A Name")
    anvil.init(tmp_path).close()


def test_a_folder_that_cannot_be_written_to_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailableError):
        anvil.init(tmp_path / "file")
    closed = tmp_path / "closed"
    closed.mkdir()
    with made_immutable(closed):
        with pytest.raises(StoreUnavailableError) as caught:
            anvil.init(closed)
        assert str(closed) in caught.value.message
    assert list(closed.iterdir()) == []


class made_immutable:  # noqa: N801 - reads as a statement
    """Keep everybody, the superuser too, from writing into a folder while the block runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        self.folder.chmod(0o555)
        try:
            (self.folder / "probe").write_text("x")
        except OSError:
            return
        (self.folder / "probe").unlink()
        tried = subprocess.run(["chattr", "+i", self.folder], capture_output=True, check=False)
        if tried.returncode:
            pytest.skip("this user may write everywhere, and chattr does not work here")

    def __exit__(self, *_: object) -> None:
        subprocess.run(["chattr", "-i", self.folder], capture_output=True, check=False)
        self.folder.chmod(0o755)


def test_a_store_can_be_opened_without_a_workspace(tmp_path: Path) -> None:
    store = str(tmp_path / "alone.duckdb")
    with anvil.open(tmp_path, store=store) as ws:
        assert ws.root is None
        ws.save(ADDRESS, "Hello")
    # Whoever acts: the prompts are the user's.
    with anvil.open(tmp_path, store=store, actor="agent") as other:
        assert other.get(f"{ADDRESS}@draft").template == "Hello"
        other.save(ADDRESS, "Hello from the agent")
        actors = [change.actor for change in other.draft_log(ADDRESS)]
    assert actors == ["agent", ws.settings.actor]
    assert not (tmp_path / "anvil.toml").exists()


def test_a_workspace_that_was_closed_says_so(tmp_path: Path) -> None:
    ws = anvil.init(tmp_path)
    ws.save(ADDRESS, "Hello")
    ws.get(f"{ADDRESS}@draft")
    ws.close()
    for call in (
        lambda: ws.get(f"{ADDRESS}@draft"),
        lambda: ws.save(ADDRESS, "x"),
        ws.ls,
    ):
        with pytest.raises(AnvilError, match="was closed"):
            call()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:s3cret@db.example/anvil",
        "postgresql://:s3cret@db.example/anvil",
        "postgres://db.example/anvil?password=s3cret",
    ],
)
def test_a_password_is_never_written_into_the_file(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="has a password") as caught:
        plan(tmp_path, store=url)
    assert "s3cret" not in str(caught.value)
    assert "PGPASSWORD" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_services_counts_from_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'services = "prompts/services"')
    (tmp_path / "deep").mkdir()
    assert resolved(tmp_path / "deep").services == tmp_path / "prompts" / "services"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('remote = "example.org"', "remote is the URL of a server"),
        ('remote = "https://ada:secret@example.org"', "without a password"),
        ("directories = []", "directories is a list"),
        ('directories = ["../etc"]', "the name of one folder"),
        ("directories = [3]", "the name of one folder"),
        ('deploy = "docker"', "deploy in .* is a table"),
    ],
)
def test_settings_of_a_sync_that_cannot_be_are_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as caught:
        resolved(tmp_path)
    assert caught.value.hint
    assert "secret" not in str(caught.value)
