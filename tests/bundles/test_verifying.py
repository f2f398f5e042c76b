"""What is verified before anything is imported: every clause that a reader must refuse by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import anvil_nb as anvil
from anvil_nb.errors import BundleError
from anvil_nb.settings import Settings
from anvil_nb.workspace import Workspace
from tests.bundles.handmade import (
    EMAILS,
    FOOT,
    ONE,
    OTHER,
    PROJECT,
    TWO,
    WELCOME,
    Handmade,
    canonical,
    content,
    sha256,
    signer,
    support_desk,
)
from tests.bundles.stores import ALL, done, everything, plan, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HASH = "0" * 64


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A store that refuses everything: what is verified is no matter of its engine."""
    location = tmp_path_factory.mktemp("reader") / "store.duckdb"
    with Workspace(Settings(None, str(location), "acme", "ada")) as workspace:
        yield workspace
        assert not [one for one, rows in everything(workspace).items() if rows and one in ALL[:10]]


@dataclass(frozen=True)
class Case:
    """One thing that is not as it must be.

    Args:
        name: In words.
        clause: Of docs/bundle-format.md.
        change: Makes a sound bundle unsound.
        said: What the error says.
        contents: Whether it lies in the contents, into which only an import looks.
    """

    name: str
    clause: str
    change: Callable[[Handmade], object]
    said: str
    contents: bool = False


def manifest(**changes: Any) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_manifest", lambda found: found.update(changes))


def without(key: str) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_manifest", lambda found: found.pop(key))


def manifest_bytes(change: Callable[[bytes], bytes]) -> Callable[[Handmade], object]:
    def changed(members: dict[str, bytes]) -> None:
        members["manifest.json"] = change(members["manifest.json"])

    return lambda bundle: setattr(bundle, "change_members", changed)


def checksums(change: Callable[[dict[str, Any]], object]) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_checksums", change)


def members(change: Callable[[dict[str, bytes]], object]) -> Callable[[Handmade], object]:
    return lambda bundle: setattr(bundle, "change_members", change)


def moved_to_the_end(found: dict[str, bytes], name: str) -> None:
    found[name] = found.pop(name)


def raw(kind: str, at: str, change: Callable[[bytes], bytes]) -> Callable[[Handmade], object]:
    """Change the bytes of a document."""

    def changed(bundle: Handmade) -> None:
        bundle.data[kind][at] = change(canonical(bundle.data[kind][at]))  # type: ignore[assignment]

    return changed


def body(value: dict[str, Any] | bytes) -> Callable[[Handmade], object]:
    """Give ``welcome`` in 1.1.0 another content."""
    return lambda bundle: bundle.set_content(bundle.two, "welcome", value)


def template(text: str) -> Callable[[Handmade], object]:
    return body(content(text))


def entry(bundle: Handmade, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in bundle.two["entries"] if one["name"] == name)
    return found


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def second_set(bundle: Handmade, **changes: Any) -> None:
    """Add a set that is a copy of the first, with a version and a prompt of its own."""
    at, prompt, version = (OTHER[:-1] + digit for digit in "abc")
    bundle.put("prompt_sets", bundle.emails, id=at, labels={}, **{"name": "letters", **changes})
    bundle.put("prompts", bundle.data["prompts"][FOOT], id=prompt, prompt_set_id=at)
    made = bundle.put("versions", bundle.one, id=version, prompt_set_id=at)
    made["entries"] = [{**made["entries"][0], "prompt_id": prompt}]
    bundle.seal(made)


def left_out(**changes: Any) -> Callable[[Handmade], object]:
    """Take the partial out, as --no-deps does, with an external reference in its place."""

    def changed(bundle: Handmade) -> None:
        foot = entry(bundle, "foot")["content"]
        reference = {
            "address": "desk/emails/foot", "content": foot, "needed_by": ["desk/emails/welcome"],
        }  # fmt: skip
        links = bundle.manifest["dependencies"]
        links["external_refs"] = [{**reference, **changes}] if changes != {"none": True} else []
        for one in (bundle.one, bundle.two):
            one["complete"] = False
            one["entries"] = [entry for entry in one["entries"] if entry["name"] != "foot"]
        bundle.emails["labels"] = {}
        del bundle.data["prompts"][FOOT], bundle.objects[foot.removeprefix("sha256:")]

    return changed


BIDI = "Desk \u202egnitset"

DOCUMENTS = [
    Case("a duplicated key", "F10",
         manifest_bytes(lambda data: data.replace(b"{", b'{"format_version":"1.0",', 1)),
         "manifest.json is not sound: .* has the key 'format_version' twice"),
    Case("a duplicated key in a version", "F10",
         raw("versions", ONE, lambda data: data.replace(b'"bump"', b'"id":"x","bump"')),
         f"data/versions/{ONE}.json is not sound: .* has the key 'id' twice"),
    Case("NaN", "F10",
         raw("prompts", FOOT, lambda data: data.replace(b'"ancestors"', b'"new":NaN,"ancestors"')),
         "NaN is no JSON"),
    Case("an integer that readers round", "F10",
         raw("prompts", FOOT, lambda data: data[:-1] + b',"new":9007199254740993}'),
         r"9007199254740993 is beyond"),
    Case("half of a surrogate pair", "F10",
         raw("projects", PROJECT, lambda data: data.replace(b'"Support"', rb'"\ud800"')),
         "half of a surrogate pair"),
    Case("a byte-order mark", "F10", manifest_bytes(lambda data: b"\xef\xbb\xbf" + data),
         "byte-order mark"),
    Case("two values", "F10", manifest_bytes(lambda data: data + b"{}"), "is not JSON"),
    Case("bytes that are not UTF-8", "F10",
         raw("projects", PROJECT, lambda data: data.replace(b"Support", b"Suppor\xff")),
         "not UTF-8"),
    Case("deep nesting", "F9", lambda bundle: bundle.project.update(new=nested(32)),
         "nests deeper than 32"),
    Case("a billion-nested document", "F9",
         raw("projects", PROJECT, lambda data: b"[" * 500_000 + data + b"]" * 500_000),
         "nests deeper than 32"),
    Case("a document that is no object", "F10", raw("prompts", WELCOME, lambda data: b"[]"),
         "is no JSON object"),
    Case("a version of a future major", "F14", manifest(format_version="2.0"),
         "is of bundle format 2.0, and this program reads 1.x"),
    Case("a version of a past major", "F14", manifest(format_version="0.9"), "format 0.9"),
    Case("a version without a minor", "F14", manifest(format_version="1"), "no sound format_version"),
    Case("a version with an empty minor", "F14", manifest(format_version="1."),
         "no sound format_version"),
    Case("a version that is no number", "F14", manifest(format_version="1.x"),
         "no sound format_version"),
    Case("a version of three parts", "F14", manifest(format_version="1.0.1"),
         "no sound format_version"),
    Case("a version of many digits", "F14", manifest(format_version="1." + "9" * 5_000),
         "no sound format_version"),
    Case("a version in other digits", "F14", manifest(format_version="1.\u0661"),
         "no sound format_version"),
    Case("a version that is no text", "F14", manifest(format_version=1.0),
         "no sound format_version"),
    Case("a newer reader wanted", "F14", manifest(minimum_reader="1.1"),
         "asks for a reader of bundle format 1.1, and this one knows 1.0"),
    Case("a reader of the next major wanted", "F14", manifest(minimum_reader="2.0"),
         "asks for a reader of bundle format 2.0, and this one knows 1.0"),
    Case("a reader that is no version wanted", "F14", manifest(minimum_reader="1."),
         "no sound minimum_reader"),
    *(Case(f"no {key}", "F13", without(key), f"must contain .*'{key}'")
      for key in ("created_at", "created_by", "bundle_type", "dependencies", "metadata",
                  "checksums", "contents")),
    Case("no format version", "F13", without("format_version"), "no sound format_version"),
    Case("an unknown type", "F13", manifest(bundle_type="everything"), "bundle_type"),
    Case("a time of no zone", "F12", manifest(created_at="2026-11-21T05:12:00"), "created_at"),
    Case("a time that is none", "F12", manifest(created_at="2026-13-21T05:12:00Z"),
         "time that is none"),
    Case("a time in other digits", "F12",
         manifest(created_at="\u0662\u0660\u0662\u0666-11-21T05:12:00Z"), "created_at|time"),
    Case("an id in upper case", "F12",
         manifest(created_by={"user_id": WELCOME.upper().replace("0", "A"), "name": "b",
                              "organisation": "u"}), "user_id"),
    Case("a digest of another algorithm", "F12", manifest(checksums="md5:" + "0" * 32),
         "checksums"),
]  # fmt: skip

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

NAMES = [
    Case("a project by a name that is none", "F17",
         lambda bundle: bundle.project.update(name="Desk"), "keep to the format: .*name"),
    Case("a set by a name that is none", "F18",
         lambda bundle: bundle.emails.update(name="../emails"), "keep to the format: .*name"),
    Case("a prompt by a name that is none", "F19",
         lambda bundle: bundle.welcome.update(name="wel come"), "keep to the format: .*name"),
    Case("an entry by a name that is none", "F21",
         lambda bundle: entry(bundle, "welcome").update(name="welcome\n"), "keep to the format"),
    Case("a name that is too long", "F17", lambda bundle: bundle.project.update(name="d" * 65),
         "keep to the format"),
    Case("a label that reads as a version", "F18",
         lambda bundle: bundle.emails.update(labels={"1": ONE}), "is not sound"),
    Case("a label that is taken", "F18",
         lambda bundle: bundle.emails.update(labels={"latest": ONE}), "is not sound"),
    Case("a project's title that runs backwards", "F33",
         lambda bundle: bundle.project.update(title=BIDI), r"title holds the character U\+202E"),
    Case("a set's title that runs backwards", "F33",
         lambda bundle: bundle.emails.update(title="\u2066Emails"), r"U\+2066"),
    Case("a title that drives the terminal", "F33",
         lambda bundle: bundle.project.update(title="\x1b[2JSupport"), r"U\+001B"),
    Case("a title of two lines", "F33",
         lambda bundle: bundle.emails.update(title="Emails\nadd version"), r"U\+000A"),
    Case("a title with a C1 control", "F33",
         lambda bundle: bundle.emails.update(title="Emails\x9b31m"), r"U\+009B"),
    Case("a title that hides text in tags", "F33",
         lambda bundle: bundle.emails.update(title="Emails\U000e0041"), r"U\+E0041"),
    Case("a title with NUL", "F33", lambda bundle: bundle.project.update(title="Sup\0port"),
         "title holds"),
    Case("a description with NUL", "F33",
         lambda bundle: bundle.project.update(description="Sup\0port"),
         "description holds what is no text"),
    Case("a publisher whose name runs backwards", "F33",
         lambda bundle: bundle.one.update(published_by="bob\u202e"), r"U\+202E"),
    Case("a maker whose name runs backwards", "F33",
         lambda bundle: bundle.manifest["created_by"].update(name="bob\u202e"), r"U\+202E"),
    Case("a maker's organisation that drives the terminal", "F33",
         lambda bundle: bundle.manifest["created_by"].update(organisation="\x07"), r"U\+0007"),
    Case("a title that is too long", "F17", lambda bundle: bundle.project.update(title="t" * 201),
         "title"),
    Case("a message with NUL", "F21", lambda bundle: bundle.one.update(message="\0"),
         "message holds what is no text"),
    Case("a number that is no version", "F21", lambda bundle: bundle.one.update(number="1.0.0.0"),
         "is not sound: .*the version"),
    Case("a number with a long part", "F21",
         lambda bundle: bundle.one.update(number=f"1.0.{'9' * 20}"), "is not sound"),
    Case("a number rolled back to that is no version", "F21",
         lambda bundle: bundle.one.update(rolled_back_to="1.0\0.0"), "is not sound"),
    Case("a bump that is none", "F21", lambda bundle: bundle.one.update(bump="\x1b[2J"), "bump"),
]  # fmt: skip


def dangling_set(bundle: Handmade) -> None:
    bundle.put("prompts", bundle.welcome, id=OTHER, prompt_set_id=OTHER)


def second_name(bundle: Handmade) -> None:
    again = {**entry(bundle, "welcome"), "name": "welcome-again"}
    bundle.two["entries"].append(again)
    bundle.seal(bundle.two)


def lone_prompt(bundle: Handmade) -> None:
    bundle.put("prompts", bundle.welcome, id=OTHER)


def lone_project(bundle: Handmade) -> None:
    bundle.put("projects", bundle.project, id=OTHER, name="other")


def lone_set(bundle: Handmade) -> None:
    bundle.put("prompt_sets", bundle.emails, id=OTHER, name="other", labels={})


def partly(bundle: Handmade) -> None:
    bundle.one["complete"] = False


def another_version(bundle: Handmade) -> None:
    bundle.put("versions", bundle.two, id=OTHER)


REFERENCES = [
    *(Case(f"a manifest that names another of the {kind}", "F15",
           lambda bundle, kind=kind: setattr(
               bundle, "change_manifest",
               lambda found: found["contents"].update({kind: [OTHER]})),
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
         lambda bundle: (lone_project(bundle), bundle.document("projects", OTHER).update(name="desk"),
                         second_set(bundle, project_id=OTHER)), "two projects 'desk'"),
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

CONTENTS = [
    Case("an object that is not canonical", "F20",
         body(json.dumps(content("Hello")).encode()), "is not canonical JSON", contents=True),
    Case("an object with an unknown key", "F20", body({**content("Hello"), "new": 1}),
         "is not canonical JSON", contents=True),
    Case("an object of another kind", "F20", body({**content("Hello"), "kind": "prompt/2"}),
         "is not sound", contents=True),
    Case("an object without a template", "F20",
         body({key: value for key, value in content("x").items() if key != "template"}),
         "is not sound", contents=True),
    Case("an object that is no object", "F20", body(b"[]"), "is not sound", contents=True),
    Case("an object that is no JSON", "F20", body(b"{"), "is not sound", contents=True),
    Case("an object with a key twice", "F10",
         body(canonical(content("Hello")).replace(b'{"kind"', b'{"kind":"prompt/1","kind"')),
         "is not", contents=True),
    Case("an object with NaN", "F10",
         body(canonical(content("x", temperature=0)).replace(b":0}", b":NaN}")), "is not sound",
         contents=True),
    Case("an object that nests deep", "F9", body(content("x", deep=nested(30))),
         "nests deeper than 32", contents=True),
    Case("an object nested a billion deep", "F9",
         body(canonical(content("x", deep=0)).replace(b":0}", b":" + b"[" * 500_000 + b"]" * 500_000
                                                      + b"}")), "is not sound", contents=True),
    Case("a template that does not parse", "F33", template("Hello {% if %}"), "is not sound: ",
         contents=True),
    Case("a template with an unknown filter", "F33", template("{{ name | reverse_shell }}"),
         "is not sound: .*reverse_shell", contents=True),
    Case("a template with an unknown tag", "F33", template("{% include 'foot' %}"),
         "is not sound: ", contents=True),
    Case("a template that is too long", "F33", template("x" * (1024 * 1024 + 1)), "is not sound",
         contents=True),
    Case("a template with NUL", "F33", template("a\0b"), "is not sound", contents=True),
    Case("a syntax that is none", "F33", body({**content("x"), "syntax": "jinja"}), "is not sound",
         contents=True),
    Case("a parameter of no type", "F33",
         body({**content("x"), "parameters": [{"name": "a", "type": "date", "required": True}]}),
         "is not sound", contents=True),
    Case("a parameter that is none", "F33", body({**content("x"), "parameters": ["a"]}),
         "is not sound", contents=True),
    Case("one parameter twice", "F33",
         body({**content("x"), "parameters": [{"name": "a", "required": True}] * 2}),
         "is not sound", contents=True),
    Case("a description that is no text", "F33",
         body({**content("x"), "metadata": {"description": 5, "tags": [], "settings": {}}}),
         "is not sound", contents=True),
    Case("a content's description with NUL", "F33",
         body({**content("x"), "metadata": {"description": "\0", "tags": [], "settings": {}}}),
         "is not sound", contents=True),
    Case("a tag that is no text", "F33",
         body({**content("x"), "metadata": {"description": "", "tags": [{}], "settings": {}}}),
         "is not sound", contents=True),
    Case("tags without end", "F33",
         body({**content("x"), "metadata": {"description": "", "tags": ["t"] * 51,
                                            "settings": {}}}), "is not sound", contents=True),
    Case("settings that are a list", "F33",
         body({**content("x"), "metadata": {"description": "", "tags": [], "settings": []}}),
         "is not", contents=True),
    Case("a partial that is not there", "F33", template("{% render 'head' %}"),
         "desk/emails@1.1.0: welcome is not sound: renders 'head', and there is no such prompt",
         contents=True),
    Case("a prompt that renders itself", "F33", template("{% render 'welcome' %}"),
         "desk/emails@1.1.0: welcome is not sound", contents=True),
    Case("partials that go in a circle", "F33",
         lambda bundle: bundle.set_content(bundle.two, "foot", content("{% render 'welcome' %}")),
         "desk/emails@1.1.0: .* is not sound", contents=True),
    Case("a part whose partial is left out and not named", "F21", left_out(none=True),
         "welcome is not sound: renders 'foot', and there is no such prompt", contents=True),
]  # fmt: skip

CASES = [*DOCUMENTS, *MEMBERS, *NAMES, *REFERENCES, *CONTENTS]


def refused(call: Callable[[], object]) -> BundleError:
    with pytest.raises(BundleError) as caught:
        call()
    assert caught.value.hint
    assert caught.value.message.isprintable(), "what a stranger wrote is shown as it is"
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause} {case.name}")
def test_a_bundle_is_refused_for(case: Case, reader: Workspace, bundle: Path) -> None:
    import re

    changed = support_desk()
    case.change(changed)
    changed.write(bundle)
    error = refused(lambda: plan(reader, bundle))
    assert re.search(case.said, error.message), error.message
    if not case.contents:
        assert refused(lambda: anvil.inspect(bundle)).message == error.message


def test_the_bundle_made_by_hand_is_sound(reader: Workspace, bundle: Path) -> None:
    """Otherwise the others would be refused for something else than they say."""
    support_desk().write(bundle)
    assert done(plan(reader, bundle)) == [
        "add project desk",
        "add prompt_set desk/emails",
        "add version desk/emails@1.0.0",
        "add version desk/emails@1.1.0",
    ]
    found = anvil.inspect(bundle)
    assert found.to_json() | {"path": "", "file_size": 0, "digest": "", "total": 0, "sets": []} == {
        "path": "",
        "file_size": 0,
        "digest": "",
        "format_version": "1.0",
        "created_at": "2026-11-21T05:12:00+00:00",
        "created_by": {"name": "bob", "organisation": "umbra"},
        "bundle_type": "prompt_set",
        "sets": [],
        "counts": {
            "projects": 1, "prompt_sets": 1, "prompts": 2, "versions": 2, "contents": 3,
        },
        "total": 0,
        "external": [],
        "signers": [],
        "encrypted": False,
        "description": "made by hand",
        "tags": ["support"],
    }  # fmt: skip


def test_a_later_minor_version_is_read_with_what_it_has_more(
    reader: Workspace, bundle: Path
) -> None:
    made = support_desk()
    made.manifest["format_version"] = "1.7"
    made.manifest["licence"] = {"spdx": "CC0-1.0"}
    made.manifest["created_by"]["title"] = "Dr"
    made.project["colour"] = "blue"
    made.emails["owners"] = [MAKER_OF_THE_FUTURE]
    made.welcome["stars"] = 5
    made.two["approved_by"] = None
    made.two["entries"][0]["position"] = 1
    made.extra["data/datasets/questions.json"] = b'{"rows": []}'
    made.extra[f"assets/{sha256(b'logo')}"] = b"logo"
    made.change_checksums = lambda found: found.update(root="unknown")
    made.write(bundle)
    assert anvil.inspect(bundle).format_version == "1.7"
    assert len(done(plan(reader, bundle))) == 4


MAKER_OF_THE_FUTURE = {"name": "grace", "roles": ["owner"]}


def test_a_missing_minimum_reader_is_the_first(reader: Workspace, bundle: Path) -> None:
    made = support_desk()
    del made.manifest["minimum_reader"]
    made.write(bundle)
    assert len(done(plan(reader, bundle))) == 4


def test_documents_need_not_be_canonical_but_objects(reader: Workspace, bundle: Path) -> None:
    made = support_desk()
    for kind, at in (("projects", PROJECT), ("prompt_sets", EMAILS), ("versions", ONE)):
        spaced = json.dumps(made.data[kind][at], indent=2).encode() + b"\n"
        made.data[kind][at] = spaced  # type: ignore[assignment]
    made.write(bundle)
    assert len(done(plan(reader, bundle))) == 4


@pytest.mark.parametrize(
    "title",
    ["Réponses\u00a0: bienvenue", "メール\u3000返信", "رسائل\u200fالبريد", "Team 👩‍👩‍👧", "می‌خواهم"],
)
def test_titles_of_all_languages_are_taken(reader: Workspace, bundle: Path, title: str) -> None:
    made = support_desk()
    made.project["title"] = made.emails["title"] = title
    made.write(bundle)
    assert anvil.inspect(bundle).sets[0].title == title
    assert len(done(plan(reader, bundle))) == 4


def test_what_a_stranger_wrote_is_shown_with_nothing_hidden(
    reader: Workspace, bundle: Path
) -> None:
    made = support_desk()
    made.manifest["metadata"] = {"description": "\x1b[2Jnothing\u202e", "tags": ["\x07tag"]}
    made.one["message"] = "\x1b[31m"
    made.write(bundle)
    for found in (anvil.inspect(bundle), plan(reader, bundle)):
        for shown in (found.to_text(), str(found.to_html())):
            assert not {"\x1b", "\u202e", "\x07"} & set(shown)


def test_large_numbers_that_are_no_integers_are_kept(reader: Workspace, bundle: Path) -> None:
    """RFC 8785 writes them without a point, as if they were integers."""
    made = support_desk()
    body = canonical(content("x", seed=0)).replace(b":0}", b":100000000000000000000}")
    made.set_content(made.two, "welcome", body)
    made.write(bundle)
    assert len(done(plan(reader, bundle))) == 4


def test_a_part_of_a_version_may_lack_what_it_names(reader: Workspace, bundle: Path) -> None:
    made = support_desk()
    left_out(address="desk/emails/foot")(made)
    made.write(bundle)
    assert anvil.inspect(bundle).external == ("desk/emails/foot",)
    assert [one.kind for one in plan(reader, bundle).conflicts] == ["dependency"]


def test_nothing_is_parsed_before_the_signature_holds(reader: Workspace, bundle: Path) -> None:
    """F27: a manifest that would be refused is not looked at when somebody else wrote it."""
    made = support_desk()
    made.signers = [signer()]
    made.change_members = lambda found: found.update({"manifest.json": b'{"format_version":"9.9"}'})
    made.write(bundle)
    for call in (lambda: plan(reader, bundle), lambda: anvil.inspect(bundle)):
        error = refused(call)
        assert error.code == "signature"
        assert "does not hold: the manifest was changed" in error.message


def test_a_file_that_is_changed_after_it_was_verified_is_noticed(
    reader: Workspace, bundle: Path
) -> None:
    """A content is read again when it is stored, and what was written over it is not taken."""
    made = support_desk()
    made.write(bundle)
    sound = bundle.read_bytes()
    body = next(iter(made.objects.values()))
    before = everything(reader)

    def written_over(done: int, total: int) -> None:
        if done == total:
            data = bytearray(sound)
            at = sound.index(b"data/objects/") + 90
            data[at] ^= 1
            bundle.write_bytes(data)

    with pytest.raises(BundleError):
        take(reader, bundle, progress=written_over)
    assert everything(reader) == before
    assert body
