"""Deploying from a workspace: the steps of its file, then the server."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from anvil_nb.deploying.hooks import Hook
from anvil_nb.deploying.plan import make_plan
from anvil_nb.errors import InvalidInputError, SettingsError
from tests.deploying.conftest import PASSWORD

if TYPE_CHECKING:
    from anvil_nb.results.deploying import DeployReport
    from tests.deploying.conftest import HostStarter, Opener

IMAGE = "registry.example.org/acme/app"
DOCKER = {
    "image": IMAGE,
    "dockerfile": "app.Dockerfile",
    "username": "acme",
    "password": {"env": "REGISTRY_PASSWORD"},
}


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password stands in the environment."""
    monkeypatch.setenv("REGISTRY_PASSWORD", PASSWORD)


def statuses(report: DeployReport) -> dict[str, str]:
    return {step.name: step.status for step in report.steps}


def logs(folder: Path) -> dict[str, str]:
    found = (folder / ".anvil" / "deploys").glob("*/*.log")
    return {path.name: path.read_text() for path in found}


def test_the_steps_of_the_file_come_first_then_docker_s_and_the_server_last(
    workspace: Opener, host: HostStarter, app: Path, notes: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "deployed"
    hook = Hook(("/bin/sh", "-c", f'echo "$ANVIL_IMAGE" > {mark}'), tmp_path, url="https://a.test")
    steps = [
        {"name": "build", "run": ["/bin/sh", "-c", "echo built > built; pwd"]},
        {"name": "web build", "run": 'echo "$ANVIL_IMAGE $ANVIL_TAG" > web', "build": True},
    ]
    ws = workspace({**DOCKER, "steps": steps}, host({"acme": hook}).url)
    progress: list[tuple[int, int]] = []
    report = ws.deploy(dry_run=False, progress=lambda *said: progress.append(said))
    assert report.state == "completed"
    assert statuses(report) == dict.fromkeys(
        ["build", "web build", "docker build", "docker login", "docker push", "deploy"], "success"
    )
    tag = report.image.removeprefix(f"{IMAGE}:")
    assert re.fullmatch(r"deploy-[0-9]{10}-0123456", tag)
    assert notes.read_text().splitlines() == [
        f"build -f app.Dockerfile -t {report.image} .",
        "login -u acme --password-stdin registry.example.org",
        f"push {report.image}",
    ]
    assert (app / "web").read_text() == f"{report.image} {tag}\n"
    assert mark.read_text().strip() == report.image
    assert report.url == "https://a.test"
    assert progress == [(number, 6) for number in range(1, 7)]
    assert sorted(logs(app)) == [
        "01-build.log", "02-web-build.log", "03-docker-build.log", "04-docker-login.log",
        "05-docker-push.log",
    ]  # fmt: skip
    assert logs(app)["01-build.log"].endswith(f"{app}\n")


def test_a_dry_run_says_what_it_would_run_and_runs_nothing(
    workspace: Opener, app: Path, notes: Path, tmp_path: Path
) -> None:
    steps = [{"name": "build", "run": f"touch {tmp_path}/mark"}]
    ws = workspace({**DOCKER, "steps": steps}, "http://127.0.0.1:9")
    report = ws.deploy()
    assert (report.state, report.dry_run) == ("planned", True)
    assert set(statuses(report).values()) == {"skipped"}
    messages = [step.message for step in report.steps]
    assert messages[0] == f"would run: touch {tmp_path}/mark"
    assert messages[3] == f"would run: docker push {report.image}"
    assert not (tmp_path / "mark").exists()
    assert not notes.exists()
    assert not (app / ".anvil").exists()
    assert "nothing was run" in report.to_text()


def test_a_step_that_fails_is_said_with_its_last_lines_and_nothing_runs_after_it(
    workspace: Opener,
    host: HostStarter,
    notes: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_FAILS", "build")
    started = host({"acme": Hook(("/bin/sh", "-c", "true"), tmp_path)})
    report = workspace(DOCKER, started.url).deploy(dry_run=False)
    assert report.state == "failed"
    assert statuses(report) == {
        "docker build": "failed", "docker login": "skipped", "docker push": "skipped",
        "deploy": "skipped",
    }  # fmt: skip
    failed = report.failed
    assert failed is not None
    assert failed.lines == ("no build today",)
    assert "status 7" in failed.message
    assert "no build today" in Path(failed.log).read_text()
    assert len(notes.read_text().splitlines()) == 1
    assert "the step 'docker build'" in report.to_text()
    assert "no build today" in report.to_text()
    with started.ws.access.engine.read() as tx:
        assert not tx.rows("select id from deployments")


def test_the_password_is_on_standard_input_and_nowhere_else(
    workspace: Opener, host: HostStarter, app: Path, notes: Path, tmp_path: Path
) -> None:
    steps = [
        {"name": "environment", "run": "env"},
        {"name": "typed", "run": "cat; echo; env", "stdin": {"env": "REGISTRY_PASSWORD"}},
        {"name": "asked", "run": 'test -n "$MINE"; printf %s "$MINE" | wc -c; echo "$MINE"',
         "env": {"MINE": {"env": "REGISTRY_PASSWORD"}}},
        {"name": "slowly", "run": 'printf "%.10s" "$MINE"; sleep 0.3; printf "%s" "$MINE" '
         "| tail -c +11", "env": {"MINE": {"env": "REGISTRY_PASSWORD"}}},
    ]  # fmt: skip
    started = host({"acme": Hook(("/bin/sh", "-c", "true"), tmp_path)})
    # What docker's stand-in compares with is no secret that the settings name: do not print it.
    report = workspace({**DOCKER, "steps": steps}, started.url).deploy(dry_run=False)
    assert report.state == "completed", report.to_text()
    found = logs(app)
    hidden = os.environ["DOCKER_EXPECTS"]
    assert found["01-environment.log"].count("DOCKER_EXPECTS=***") == 1
    assert "REGISTRY_PASSWORD" not in found["01-environment.log"]
    assert "ANVIL_TOKEN" not in found["01-environment.log"]
    assert f"{len(PASSWORD)}\n***\n" in found["03-asked.log"]
    assert found["04-slowly.log"].endswith("***")
    assert "Login of *** succeeded" in found["06-docker-login.log"]
    everything = "".join(
        [*found.values(), notes.read_text(), report.to_text(), str(report.to_json())]
    )
    assert hidden not in everything
    assert os.environ["ANVIL_TOKEN"] not in everything
    for path in (app / ".anvil" / "deploys").glob("*/*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_step_that_takes_too_long_is_ended_with_all_that_it_started(
    workspace: Opener, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_TOKEN", "ank_none")
    text = 'sh -c "echo child \\$\\$; trap : TERM; while :; do sleep 0.05; done" & wait'
    steps = [{"name": "slow", "run": text, "timeout": 0.6}, {"name": "after", "run": "touch after"}]
    monkeypatch.setattr("anvil_nb.deploying.processes._GRACE_SECONDS", 0.2)
    began = time.monotonic()
    report = workspace({"image": IMAGE, "steps": steps}, "http://127.0.0.1:9").deploy(dry_run=False)
    assert time.monotonic() - began < 20
    assert statuses(report) == {"slow": "failed", "after": "skipped", "deploy": "skipped"}
    assert "longer than 0.6 s" in report.steps[0].message
    child = int(report.steps[0].lines[0].split()[1])
    assert _is_gone(child)
    assert not (app / "after").exists()


def _is_gone(pid: int) -> bool:
    """Tell whether a process ends: what was killed may take a moment."""
    for _ in range(1000):
        done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True,
                              check=False)  # fmt: skip
        if not done.stdout.strip() or done.stdout.strip().startswith("Z"):
            return True
    return False


def test_a_step_whose_child_stays_in_the_background_ends_all_the_same(
    workspace: Opener, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_TOKEN", "ank_none")
    steps = [
        {"name": "daemon", "run": "sleep 30 & echo started"},
        {"name": "stop", "run": "exit 1"},
    ]
    began = time.monotonic()
    report = workspace({"image": IMAGE, "steps": steps}, "http://127.0.0.1:9").deploy(dry_run=False)
    assert time.monotonic() - began < 15
    assert statuses(report)["daemon"] == "success"
    assert "started" in logs(app)["01-daemon.log"]


def test_a_program_that_is_not_there_fails_its_step(
    workspace: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANVIL_TOKEN", "ank_none")
    said = {"image": IMAGE, "steps": [{"name": "build", "run": ["no-such-program", "x"]}]}
    report = workspace(said, "http://127.0.0.1:9").deploy(dry_run=False)
    assert "no-such-program cannot be run" in report.steps[0].message


def test_without_the_password_nothing_is_begun(
    workspace: Opener, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REGISTRY_PASSWORD")
    ws = workspace(DOCKER, "http://127.0.0.1:9")
    with pytest.raises(SettingsError, match="REGISTRY_PASSWORD, which is not set"):
        ws.deploy(dry_run=False)
    assert not notes.exists()
    assert "REGISTRY_PASSWORD is not set" in ws.deploy().steps[1].message


def test_without_a_server_nothing_is_begun(workspace: Opener, notes: Path) -> None:
    with pytest.raises(SettingsError, match="no server"):
        workspace(DOCKER).deploy(dry_run=False)
    assert not notes.exists()


def test_skip_build_leaves_out_the_steps_that_build(workspace: Opener) -> None:
    steps = [{"name": "build", "run": "true", "build": True}, {"name": "check", "run": "true"}]
    ws = workspace({"image": IMAGE, "steps": steps})
    messages = {step.name: step.message for step in ws.deploy(skip_build=True).steps}
    assert messages["build"] == "left out, since it builds"
    assert messages["check"] == "would run: true"
    ws = workspace({"image": IMAGE})
    with pytest.raises(InvalidInputError, match="no step that builds"):
        ws.deploy(skip_build=True)


def test_the_image_and_the_tag_are_put_into_the_words_of_a_step(workspace: Opener) -> None:
    words = ["push", "{image}", "--to={tag}", "{tag}-{tag}", "{{image}}", "{{.ID}}", "{Image}"]
    steps = [{"name": "push", "run": words}]
    report = workspace({"image": IMAGE, "tag": "v1", "steps": steps}).deploy()
    said = f"would run: push {IMAGE}:v1 --to=v1 v1-v1 '{{image}}' '{{{{.ID}}}}' '{{Image}}'"
    assert report.steps[0].message == said
    report = workspace({"image": IMAGE, "tag": "v1"}).deploy(tag="v2")
    assert report.image == f"{IMAGE}:v2"


@pytest.mark.parametrize("line", ["docker push {image}", "echo x{tag}", "echo '{{image}}'"])
def test_a_line_for_the_shell_that_names_them_like_a_word_is_told_how_it_can(
    workspace: Opener, line: str
) -> None:
    ws = workspace({"image": IMAGE, "tag": "v1", "steps": [{"name": "push", "run": line}]})
    with pytest.raises(SettingsError, match=r"\$ANVIL_(IMAGE|TAG)"):
        ws.deploy()


def test_a_variable_of_the_shell_may_be_called_as_they_are(workspace: Opener) -> None:
    steps = [{"name": "push", "run": "image=x; echo ${image} $ANVIL_TAG"}]
    report = workspace({"image": IMAGE, "tag": "v1", "steps": steps}).deploy()
    assert report.steps[0].message == "would run: image=x; echo ${image} $ANVIL_TAG"


def test_all_of_a_reason_is_shown_however_long_it_is(workspace: Opener, host: HostStarter) -> None:
    long = " ".join(f"word{number}" for number in range(60))
    steps = [{"name": "build", "run": ["/bin/false", *long.split()]}]
    ws = workspace({"image": IMAGE, "tag": "v1", "steps": steps}, host({}).url)
    assert f"would run: /bin/false {long}\n" in ws.deploy().to_text()
    report = ws.deploy(dry_run=False)
    assert f"Why it failed: it ended with status 1: /bin/false {long}\n" in report.to_text()
    short = workspace({"image": IMAGE, "tag": "v1", "steps": [{"name": "build", "run": "exit 1"}]},
                      host({}).url).deploy(dry_run=False)  # fmt: skip
    assert "Why it failed" not in short.to_text()


def test_what_the_server_does_not_know_how_to_deploy_fails_the_last_step(
    workspace: Opener, host: HostStarter
) -> None:
    report = workspace({"image": IMAGE}, host({}).url).deploy(dry_run=False)
    assert (report.state, statuses(report)["deploy"]) == ("failed", "failed")
    assert "does not know how to deploy for acme" in report.steps[-1].message
    assert "[deploy_hooks.acme]" in report.to_text()


def test_who_waits_too_long_for_the_server_says_so(
    workspace: Opener, host: HostStarter, tmp_path: Path
) -> None:
    started = host({"acme": Hook(("/bin/sh", "-c", "sleep 20"), tmp_path)})
    report = workspace({"image": IMAGE, "wait": 0.5}, started.url).deploy(dry_run=False)
    assert "was not done within 0.5 s" in report.steps[-1].message
    started.app.state.instance.hosting.close()


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "nothing says how to deploy"),
        ({"imgae": "x"}, "unknown key 'imgae'"),
        ({"tag": "v1"}, "does not say image"),
        ({"image": "Bad Image"}, "no name of an image"),
        ({"image": "app:v1"}, "has its tag in it"),
        ({"image": IMAGE, "tag": "a b"}, "is no tag"),
        ({"image": IMAGE, "steps": {}}, "is a list of tables"),
        ({"image": IMAGE, "steps": ["x"]}, "is a table"),
        ({"image": IMAGE, "steps": [{"run": "x"}]}, "does not say name"),
        ({"image": IMAGE, "steps": [{"name": "a"}]}, "is a list of words"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": []}]}, "is a list of words"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": [1]}]}, "is a list of words"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": "x", "timeout": 0}]}, "number of seconds"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": "x", "timeout": True}]}, "of seconds"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": "x", "env": ["A"]}]}, "is a table"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": "x", "env": {"A": 1}}]}, "a variable"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": "x", "stdin": "pw"}]}, "a variable"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": "x", "build": 1}]}, "true or false"),
        ({"image": IMAGE, "steps": [{"name": "a/b", "run": "x"}]}, "letters, digits"),
        ({"image": IMAGE, "steps": [{"name": "a", "run": "x"}] * 2}, "two steps are called 'a'"),
        ({"image": IMAGE, "steps": [{"name": "deploy", "run": "x"}]}, "called 'deploy'"),
        ({"image": IMAGE, "username": "acme"}, "means nothing without a dockerfile"),
        ({"image": IMAGE, "dockerfile": "D", "username": "a"}, "one of username and password"),
        ({**DOCKER, "password": "hunter2"}, "a password stands in no file"),
    ],
)
def test_what_the_file_says_wrong_is_named(app: Path, said: dict[str, Any], message: str) -> None:
    from datetime import UTC, datetime

    with pytest.raises(SettingsError, match=re.escape(message)):
        make_plan({"tag": "v1", **said} if said and "tag" not in said else said, app,
                  datetime.now(UTC))  # fmt: skip


def test_a_folder_that_git_does_not_know_needs_a_tag(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    outside = tmp_path / "outside"
    outside.mkdir()
    with pytest.raises(SettingsError, match="at no commit of git") as caught:
        make_plan({"image": IMAGE}, outside, datetime.now(UTC))
    assert "--tag" in caught.value.hint


@pytest.mark.parametrize("kind", ["loose", "packed", "detached", "worktree"])
def test_the_commit_is_read_as_git_says_it(tmp_path: Path, kind: str) -> None:
    from anvil_nb.deploying.revision import short_revision

    folder = tmp_path / "repository"

    def git(*words: str, cwd: Path = folder) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout

    folder.mkdir()
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "one")
    if kind == "packed":
        git("pack-refs", "--all")
    if kind == "detached":
        git("checkout", "-q", "--detach")
    if kind == "worktree":
        git("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
        folder = tmp_path / "tree"
    below = folder / "below"
    below.mkdir()
    assert git("rev-parse", "HEAD", cwd=folder).startswith(short_revision(below))
