"""Members and references that a reader must refuse: what is there too much, and what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.bundles.handmade import (
    EMAILS,
    FOOT,
    OTHER,
    TWO,
    WELCOME,
    Handmade,
    canonical,
    content,
)
from tests.bundles.unsound import (
    HASH,
    Case,
    check_refused,
    checksums,
    entry,
    left_out,
    manifest,
    members,
    moved_to_the_end,
    name_of,
    second_set,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from anvil_nb.workspace import Workspace

MEMBERS = [
    Case("checksums that are not the manifest's", "F13", manifest(checksums=f"sha256:{HASH}"),
         "is not the one that the manifest names"),
    Case("another algorithm", "F16", checksums(lambda found: found.update(algorithm="md5")),
         "algorithm"),
    Case("a wrong checksum", "F16",
         checksums(lambda found: found["members"][f"data/prompts/{FOOT}.json"].update(sha256=HASH)),
         f"data/prompts/{FOOT}.json is not what its checksum says"),
    Case("a wrong size", "F16",
         checksums(lambda found: found["members"][f"data/prompts/{FOOT}.json"].update(size=1)),
         f"data/prompts/{FOOT}.json is not what its checksum says"),
    Case("a member that is not named", "F16",
         checksums(lambda found: found["members"].pop(f"data/prompts/{FOOT}.json")),
         f"holds data/prompts/{FOOT}.json, which its checksums do not name"),
    Case("a member too many", "F16",
         members(lambda found: found.update({"data/versions/z.json": b"{}"})),
         "holds data/versions/z.json, which"),
    Case("a member beside data and assets", "F16",
         members(lambda found: found.update({"readme.txt": b"hello"})), "holds readme.txt, which"),
    Case("a member of meta too many", "F16",
         members(lambda found: found.update({"meta/more.json": b"{}"})), "holds meta/more.json"),
    Case("a member that is named and beside data", "F16",
         lambda bundle: bundle.extra.update({"readme.txt": b"hello"}), "keep to the format"),
    Case("a member that is lost", "F16",
         members(lambda found: found.pop(f"data/prompts/{FOOT}.json")),
         f"lacks data/prompts/{FOOT}.json, which its checksums name"),
    Case("a member changed", "F16",
         members(lambda found: found.update({f"data/prompts/{FOOT}.json": b"{}"})),
         f"data/prompts/{FOOT}.json is not what its checksum says"),
    Case("no manifest", "F13", members(lambda found: found.pop("manifest.json")),
         "manifest.json"),
    Case("no checksums", "F16", members(lambda found: found.pop("meta/checksums.json")),
         "meta/checksums.json"),
    Case("the manifest at the end", "F7",
         members(lambda found: moved_to_the_end(found, "manifest.json")), "first members"),
    Case("the checksums at the end", "F7",
         members(lambda found: moved_to_the_end(found, "meta/checksums.json")),
         "first members"),
    Case("a member out of order", "F7",
         members(lambda found: moved_to_the_end(found, f"data/prompts/{FOOT}.json")),
         "not in the order of"),
    Case("an asset that is not what its name says", "F23",
         lambda bundle: bundle.extra.update({f"assets/{HASH}": b"bytes"}),
         f"assets/{HASH} is not what its name says"),
    Case("an object that is not what its name says", "F20",
         lambda bundle: bundle.objects.update({HASH: canonical(content("x"))}),
         f"data/objects/{HASH}.json is not what its name says"),
    Case("an object by no digest", "F20",
         lambda bundle: bundle.extra.update({"data/objects/welcome.json": b"{}"}),
         "data/objects/welcome.json is not what its name says"),
]  # fmt: skip


def dangling_set(bundle: Handmade) -> None:
    bundle.put("prompts", bundle.welcome, id=OTHER, prompt_set_id=OTHER)


def second_name(bundle: Handmade) -> None:
    again = {**entry(bundle, "welcome"), "name": "welcome-again"}
    bundle.two["entries"].append(again)
    bundle.seal(bundle.two)


def lone_prompt(bundle: Handmade) -> None:
    bundle.put("prompts", bundle.welcome, id=OTHER)


def lone_project(bundle: Handmade, name: str = "other") -> Handmade:
    bundle.put("projects", bundle.project, id=OTHER, name=name)
    return bundle


def lone_set(bundle: Handmade) -> None:
    bundle.put("prompt_sets", bundle.emails, id=OTHER, name="other", labels={})


def partly(bundle: Handmade) -> None:
    bundle.one["complete"] = False


def another_version(bundle: Handmade) -> None:
    bundle.put("versions", bundle.two, id=OTHER)


def other_contents(kind: str) -> Callable[[Handmade], object]:
    """Name another document in the manifest."""

    def changed(manifest: dict[str, Any]) -> None:
        manifest["contents"][kind] = [OTHER]

    return lambda bundle: setattr(bundle, "change_manifest", changed)


REFERENCES = [
    *(Case(f"a manifest that names another of the {kind}", "F15",
           other_contents(kind),
           "names other .* than it holds")
      for kind in ("projects", "prompt_sets", "prompts", "versions")),
    Case("a manifest whose ids are not in order", "F13",
         lambda bundle: setattr(bundle, "change_manifest",
                                lambda found: found["contents"]["prompts"].reverse()),
         "names other prompts than it holds"),
    Case("a document by another name", "F17",
         lambda bundle: bundle.project.update(id=OTHER), f"says that its id is {OTHER}"),
    Case("one id twice", "F22",
         lambda bundle: bundle.put("projects", bundle.project, id=EMAILS, name="other"),
         f"two documents have the id {EMAILS}"),
    Case("a set of no project", "F22", lambda bundle: bundle.emails.update(project_id=OTHER),
         "the set emails is of no project here"),
    Case("a set of a project that is a prompt", "F22",
         lambda bundle: bundle.emails.update(project_id=WELCOME), "is of no project here"),
    Case("a prompt of no set", "F22", dangling_set, "the prompt welcome is of no set here"),
    Case("a version of no set", "F22",
         lambda bundle: bundle.put("versions", bundle.two, id=OTHER, prompt_set_id=OTHER),
         f"the version {OTHER} is of no set here"),
    Case("an entry of no prompt", "F22",
         lambda bundle: entry(bundle, "welcome").update(prompt_id=OTHER),
         f"the prompt welcome of version {TWO} is not here"),
    Case("an entry of a prompt of another set", "F22",
         lambda bundle: (second_set(bundle), bundle.welcome.update(prompt_set_id=OTHER[:-1] + "a")),
         "the prompt welcome of version .* is not here"),
    Case("an entry of no content", "F20",
         lambda bundle: entry(bundle, "welcome").update(content=f"sha256:{HASH}"),
         f"the content of welcome in {TWO} is not here"),
    Case("a content that nothing uses", "F20", lambda bundle: bundle.add(content("unused")),
         "contents that no version uses"),
    Case("a prompt that no version has", "F21", lone_prompt, "prompts that no version has"),
    Case("a project without a set", "F17", lone_project, "projects without sets"),
    Case("a set without a version", "F18", lone_set, "the set other has no version here"),
    Case("two projects of one name", "F17",
         lambda bundle: (lone_project(bundle, "desk"), second_set(bundle, project_id=OTHER)),
         "two projects 'desk'"),
    Case("two sets of one name", "F18", lambda bundle: second_set(bundle, name="emails"),
         "two sets 'desk/emails'"),
    Case("two versions of one number", "F21", another_version, "two versions '1.1.0'"),
    Case("two versions of one number, written otherwise", "F21",
         lambda bundle: bundle.put("versions", bundle.two, id=OTHER, number="v1.1.0"),
         "two versions '1.1.0'|is not sound"),
    Case("a name twice in a version", "F21",
         lambda bundle: bundle.two["entries"].insert(0, dict(bundle.two["entries"][0])),
         "not in order"),
    Case("one prompt under two names", "F21", second_name, "one prompt under two names"),
    Case("entries out of order", "F21", lambda bundle: bundle.two["entries"].reverse(),
         "not in order"),
    Case("a version without entries", "F21", lambda bundle: bundle.two.update(entries=[]),
         "entries"),
    Case("a tree that its digest does not name", "F21",
         lambda bundle: bundle.two.update(digest=bundle.one["digest"]),
         "desk/emails@1.1.0 is not the tree that its digest names"),
    Case("a label to nowhere", "F18",
         lambda bundle: bundle.emails.update(labels={"production": OTHER}),
         "the label production of emails points to no version of it here"),
    Case("a label to a version of another set", "F18",
         lambda bundle: (second_set(bundle),
                         bundle.emails.update(labels={"production": OTHER[:-1] + "c"})),
         "the label production of emails points to no version of it here"),
    Case("a label to a prompt", "F18",
         lambda bundle: bundle.emails.update(labels={"production": WELCOME}),
         "points to no version of it here"),
    Case("a label to a part of a version", "F18", partly, "points to no version of it here"),
    Case("an external reference to no set here", "F21", left_out(address="desk/letters/foot"),
         "external reference"),
    Case("an external reference that is no address", "F21", left_out(address="\u202efoot"),
         "external reference"),
    Case("an external reference of no prompt here", "F21",
         left_out(needed_by=["desk/emails/farewell"]), "external reference"),
    Case("an external reference of another set's prompt", "F21",
         left_out(needed_by=["desk/letters/welcome"]), "external reference"),
]  # fmt: skip


@pytest.mark.parametrize("case", [*MEMBERS, *REFERENCES], ids=name_of)
def test_a_bundle_is_refused_for(case: Case, reader: Workspace, bundle: Path) -> None:
    check_refused(case, reader, bundle)
