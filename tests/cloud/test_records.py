"""Records as the seed's clients send them and as ours do: one transaction, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.cloud.conftest import frame, hexed

if TYPE_CHECKING:
    from tests.cloud.conftest import Tenant

NOW = "2026-03-01T12:00:00Z"


def agent(name: str = "research", **said: Any) -> dict[str, Any]:
    """An ``AgentExport`` of the seed."""
    record = {"id": str(uuid4()), "name": name, "system_prompt": "Be careful.\nBe kind."}
    return {**record, "created_at": NOW, "updated_at": NOW, **said}


def skill(name: str = "Agent editing", **said: Any) -> dict[str, Any]:
    record = {"id": str(uuid4()), "agent_id": str(uuid4()), "name": name, "description": "Edits"}
    return {**record, "created_at": NOW, "updated_at": NOW, **said}


def context(name: str = "Support desk", **said: Any) -> dict[str, Any]:
    record = {"id": str(uuid4()), "name": name, "description": None}
    return {**record, "created_at": NOW, "updated_at": NOW, **said}


def put(acme: Tenant, **said: Any) -> Any:
    answer = acme("POST", "/database/import", json=said)
    assert answer.status_code == 200, answer.text
    return answer.json()


def exported(acme: Tenant) -> dict[str, Any]:
    said: dict[str, Any] = acme("GET", "/database/export").json()
    return said


def test_what_a_client_of_the_seed_sends_comes_back(acme: Tenant) -> None:
    sent = {"agents": [agent()], "skills": [skill()], "contexts": [context()], "timestamp": NOW}
    said = put(acme, **sent)
    assert (said["created"], said["updated"], said["skipped"]) == (3, 0, 0)
    assert said["results"]["skills"] == {"created": 1, "updated": 0, "skipped": 0, "deleted": 0}
    found = exported(acme)
    assert found["timestamp"].endswith("Z")
    for kind in ("agents", "skills", "contexts"):
        (one,), (other,) = sent[kind], found[kind]
        assert {name: other[name] for name in one} == one
        assert other["files"][0]["text"]


def test_an_import_replayed_changes_nothing(acme: Tenant) -> None:
    sent = {"agents": [agent()], "skills": [skill()], "contexts": [context()]}
    put(acme, **sent)
    before = acme("GET", "/database/manifest")
    assert put(acme, **sent)["skipped"] == 3
    assert put(acme, **exported(acme))["skipped"] == 3
    after = acme("GET", "/database/manifest")
    assert (before.content, before.headers["etag"]) == (after.content, after.headers["etag"])


def test_fields_that_nobody_knows_are_kept(acme: Tenant) -> None:
    put(acme, agents=[agent(port=9001, card={"version": [1, None, "x"]})])
    found = exported(acme)["agents"][0]
    assert (found["port"], found["card"]) == (9001, {"version": [1, None, "x"]})
    assert found["extra"] == {"port": 9001, "card": {"version": [1, None, "x"]}}
    put(acme, **exported(acme))
    assert exported(acme)["agents"][0] == found


def test_an_edit_of_a_client_that_knows_no_files_changes_only_what_it_says(acme: Tenant) -> None:
    record = agent()
    text = (
        "# by hand\nname: research   # the name\nport: 9001\nsystem_prompt: |\n  Old.\ntags: [a]\n"
    )
    put(acme, agents=[{**record, "files": [{"path": "research.yaml", "text": text}]}])
    put(acme, agents=[{**record, "system_prompt": "New."}])
    found = exported(acme)["agents"][0]
    assert found["system_prompt"].strip() == "New."
    changed = found["files"][0]["text"]
    assert "New." in changed
    for line in ("# by hand", "name: research   # the name", "port: 9001", "tags: [a]"):
        assert line in changed


def test_a_new_name_of_an_agent_is_its_new_key(acme: Tenant) -> None:
    record = agent()
    put(acme, agents=[record])
    assert put(acme, agents=[{**record, "name": "librarian"}])["updated"] == 1
    found = exported(acme)["agents"][0]
    assert (found["id"], found["key"], found["name"]) == (record["id"], "librarian", "librarian")


def test_files_come_back_byte_for_byte(acme: Tenant) -> None:
    files: list[dict[str, Any]] = [
        {"path": "SKILL.md", "text": "\ufeff---\r\nname: x\r\n---\r\nBody\r\n---\r\nmore"},
        {"path": "data.bin", "base64": "AP8Q", "size": 3},
        {"path": "run.sh", "text": "#!/bin/sh\n", "executable": True},
    ]
    put(acme, skills=[skill("x", key="made", files=files, place={"folder": "made"})])
    found = exported(acme)["skills"][0]
    assert [{k: v for k, v in one.items() if k != "size"} for one in found["files"]] == [
        {k: v for k, v in one.items() if k != "size"} for one in files
    ]
    assert (found["name"], found["key"], found["place"]) == ("x", "made", {"folder": "made"})


def test_files_may_be_sent_as_blobs_before(acme: Tenant) -> None:
    data = b"name: research\n"
    refer = [{"path": "research.yaml", "checksum": hexed(data), "size": len(data)}]
    answer = acme("POST", "/database/import", json={"agents": [agent(files=refer)]})
    assert answer.status_code == 409
    acme("POST", "/blobs", content=frame(data))
    put(acme, agents=[agent(files=refer)])
    assert exported(acme)["agents"][0]["files"][0]["text"] == data.decode()


def test_a_file_that_is_not_what_its_checksum_says_is_refused(acme: Tenant) -> None:
    data = b"name: research\n"
    file = {"path": "research.yaml", "text": data.decode(), "checksum": hexed(b"other")}
    answer = acme("POST", "/database/import", json={"agents": [agent(files=[file])]})
    assert answer.status_code == 422
    assert "checksum" in answer.json()["error"]["message"]
    assert exported(acme)["agents"] == []
    put(acme, agents=[agent(files=[{**file, "checksum": hexed(data)}])])


@pytest.mark.parametrize("strategy", ["merge", "skip_existing"])
def test_one_record_may_bring_a_file_for_another(acme: Tenant, strategy: str) -> None:
    shared, main = b"#!/bin/sh\n", {"path": "SKILL.md", "text": "Do it."}
    brings = {"path": "run.sh", "text": shared.decode()}
    refers = {"path": "run.sh", "checksum": hexed(shared), "size": len(shared)}
    one, other = (
        skill(name, files=[main, file], place={"folder": name})
        for name, file in (("one", brings), ("other", refers))
    )
    if strategy == "skip_existing":  # then the file comes with a record that is not written
        put(acme, skills=[{**one, "files": [main]}])
    put(acme, skills=[one, other], merge_strategy=strategy)
    assert exported(acme)["skills"][1]["files"][1]["text"] == shared.decode()


def test_a_record_is_put_on_its_condition_or_nothing_is(acme: Tenant) -> None:
    one, other = agent("one"), agent("other")
    put(acme, agents=[one])
    digest = exported(acme)["agents"][0]["digest"]
    changed = {**one, "system_prompt": "New."}
    for wrong in (None, "sha256:" + "0" * 64):
        sent = {"agents": [{**other, "if_digest": None}, {**changed, "if_digest": wrong}]}
        answer = acme("POST", "/database/import", json=sent)
        assert answer.status_code == 412
        assert answer.json()["error"]["context"]["ids"] == [one["id"]]
    assert [found["name"] for found in exported(acme)["agents"]] == ["one"]
    put(acme, agents=[{**other, "if_digest": None}, {**changed, "if_digest": digest}])
    assert len(exported(acme)["agents"]) == 2


def test_a_record_is_deleted_on_its_condition(acme: Tenant) -> None:
    one = agent()
    put(acme, agents=[one])
    digest = exported(acme)["agents"][0]["digest"]
    gone = {"kind": "agent", "id": one["id"]}
    wrong = {"delete": [{**gone, "if_digest": "sha256:" + "0" * 64}]}
    assert acme("POST", "/database/import", json=wrong).status_code == 412
    assert put(acme, delete=[{**gone, "if_digest": digest}])["deleted"] == 1
    assert put(acme, delete=[gone])["skipped"] == 1
    assert exported(acme)["agents"] == []


def test_existing_ones_can_be_left_alone(acme: Tenant) -> None:
    one = agent()
    put(acme, agents=[one])
    sent = [{**one, "system_prompt": "New."}, agent("two")]
    said = put(acme, agents=sent, merge_strategy="skip_existing")
    assert (said["created"], said["updated"], said["skipped"]) == (1, 0, 1)
    assert exported(acme)["agents"][0]["system_prompt"] == one["system_prompt"]


def test_to_replace_says_what_is_there(acme: Tenant) -> None:
    put(acme, agents=[agent("one"), agent("two")], contexts=[context()])
    three = {"agents": [agent("three")], "merge_strategy": "replace"}
    assert acme("POST", "/database/import", json=three).status_code == 422
    tag = acme("GET", "/database/manifest").headers["etag"]
    put(acme, agents=[agent("four")])
    stale = acme("POST", "/database/import", json=three, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert len(exported(acme)["agents"]) == 3
    headers = {"If-Match": acme("GET", "/database/manifest").headers["etag"]}
    said = acme("POST", "/database/import", json=three, headers=headers).json()
    assert (said["created"], said["deleted"]) == (1, 4)
    assert [one["name"] for one in exported(acme)["agents"]] == ["three"]


@pytest.mark.parametrize(
    "sent",
    [
        {"merge_strategy": "overwrite"},
        {"agents": [{"id": "not-one", "name": "x"}]},
        {"agents": [agent(name="")]},
        {"agents": [{"id": str(uuid4())}]},
        {"agents": [agent(files=[])]},
        {"agents": [agent(files=[{"path": "../x.yaml", "text": "name: x"}])]},
        {"agents": [agent(files=[{"path": "x.yaml", "base64": "***"}])]},
        {"agents": [agent(files=[{"path": "x.yaml", "text": "name: ["}])]},
        {"agents": [agent(key="other", files=[{"path": "x.yaml", "text": "name: x"}])]},
        {"agents": [agent(files=[{"path": "x.yaml", "text": "a"}] * 2)]},
        {"agents": [agent("x")] * 2},
        {"delete": [{"kind": "page", "id": str(uuid4())}]},
    ],
)
def test_what_is_no_record_is_refused_and_nothing_is_written(
    acme: Tenant, sent: dict[str, Any]
) -> None:
    with_a_sound_one = {**sent, "contexts": [context()]}
    answer = acme("POST", "/database/import", json=with_a_sound_one)
    assert answer.status_code == 422, answer.text
    assert exported(acme)["contexts"] == []


def test_two_records_with_one_name_are_refused(acme: Tenant) -> None:
    put(acme, agents=[agent("one")])
    answer = acme(
        "POST", "/database/import", json={"agents": [agent("two"), agent("one", key="one")]}
    )
    assert answer.status_code in {409, 422}
    assert len(exported(acme)["agents"]) == 1


def test_some_records_can_be_asked_for(acme: Tenant) -> None:
    put(acme, agents=[agent("one"), agent("two")])
    wanted = exported(acme)["agents"][1]
    said = acme("POST", "/database/fetch", json={"ids": [wanted["id"]]}).json()
    assert said["agents"] == [wanted]
    assert acme("POST", "/database/fetch", json={"ids": [str(uuid4())]}).status_code == 404
    assert acme("GET", "/database/export?tables=skills").json()["agents"] == []


def test_the_manifest_tells_what_is_there_and_when_nothing_is_new(acme: Tenant) -> None:
    put(acme, agents=[agent()], skills=[skill()])
    answer = acme("GET", "/database/manifest")
    said = {one["id"]: one["digest"] for one in answer.json()}
    found = exported(acme)
    assert said == {
        one["id"]: one["digest"] for kind in ("agents", "skills") for one in found[kind]
    }
    tag = {"If-None-Match": answer.headers["etag"]}
    assert acme("GET", "/database/manifest", headers=tag).status_code == 304
