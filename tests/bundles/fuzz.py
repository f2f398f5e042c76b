"""Fuzzes everything that reads a bundle, with atheris, by hand: CONTRIBUTING.md says how.

The first byte of an input chooses a reader, and the rest is what it reads. Whatever is not an error
of Anvil's is a finding; so are a reader that takes long and one that takes much memory, which
libFuzzer watches. Not collected by pytest, which has hypothesis for the same readers.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bundles.handmade import Handmade

    Target = Callable[[bytes], object]

SECONDS_PER_INPUT = 10
MEGABYTES = 1024
LONGEST = 65_536


def main() -> None:
    """Fuzz until an option of libFuzzer says to stop: ``-max_total_time=600``, ``-runs=…``."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["anvil_nb"]):
        targets = readers()
    from anvil_nb.errors import AnvilError

    taken: Counter[tuple[str, bool]] = Counter()

    def one_input(data: bytes) -> None:
        name, read = targets[data[0] % len(targets)] if data else targets[0]
        sound = False
        with suppress(AnvilError):
            read(data[1:])
            sound = True
        taken[name, sound] += 1
        if sum(taken.values()) % 10_000 == 0:
            tell(taken)

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds([name for name, _ in targets])):
            Path(corpus, str(number)).write_bytes(seed)
        options = [f"-timeout={SECONDS_PER_INPUT}", f"-rss_limit_mb={MEGABYTES}"]
        arguments = [sys.argv[0], *options, f"-max_len={LONGEST}", *sys.argv[1:], corpus]
        atheris.Setup(arguments, one_input)
        atheris.Fuzz()


def tell(taken: Counter[tuple[str, bool]]) -> None:
    """Say how many inputs each reader had, and how many of them were sound."""
    names = sorted({name for name, _ in taken})
    told = (f"{one} {taken[one, True]} of {taken[one, True] + taken[one, False]}" for one in names)
    sys.stderr.write(f"sound: {', '.join(told)}\n")


def readers() -> list[tuple[str, Target]]:
    """Return what reads bytes of strangers, by name."""
    from anvil_nb.archive import Limits, open_archive
    from anvil_nb.bundles.converting import convert
    from anvil_nb.bundles.encryption import decrypt
    from anvil_nb.bundles.signing import Signers, signing_keys
    from anvil_nb.bundles.verifying import verify
    from anvil_nb.keys.private import PrivateKey
    from anvil_nb.keys.public import parse_line
    from anvil_nb.keys.trust import from_bytes

    limits = Limits(members=1_000, member_bytes=1 << 20, total_bytes=4 << 20)

    def nobody(*_: object) -> Signers:
        return Signers((), (), required=False)

    def bundle(data: bytes) -> None:
        verify(
            BytesIO(data), check=nobody, limits=limits, path="it", file_size=len(data)
        ).information().to_text()

    def private(data: bytes) -> None:
        with suppress(ValueError):  # as it says
            PrivateKey.from_bytes(data)

    def member(choose: Callable[[Handmade, bytes], object], data: bytes) -> None:
        bundle(built(choose, data))

    found: list[tuple[str, Target]] = [
        ("archive", lambda data: open_archive(BytesIO(data), limits).verify()),
        ("bundle", bundle),
        ("signature", signing_keys),
        ("encrypted", lambda data: decrypt(BytesIO(data), BytesIO())),
        ("sketch", lambda data: convert(data, BytesIO())),
        ("line", lambda data: parse_line(data.decode(errors="replace"))),
        ("trusted", lambda data: from_bytes(data, "it")),
        ("private", private),
    ]
    return found + [(name, partial(member, change)) for name, change in CHANGES.items()]


def put(kind: str) -> Callable[[Handmade, bytes], object]:
    """Replace the first document of a kind."""

    def change(bundle: Handmade, data: bytes) -> None:
        bundle.data[kind][next(iter(bundle.data[kind]))] = data

    return change


def put_content(bundle: Handmade, data: bytes) -> None:
    """Replace the content of a prompt, and what follows from it."""
    bundle.set_content(bundle.one, "welcome", data)


def put_member(name: str) -> Callable[[Handmade, bytes], object]:
    """Replace a member that no checksum is kept of."""
    return lambda bundle, data: setattr(
        bundle, "change_members", lambda members: members.update({name: data})
    )


def put_checksums(bundle: Handmade, data: bytes) -> None:
    """Replace the checksums, and the digest of them in the manifest."""
    from tests.bundles.handmade import sha256

    def change(members: dict[str, bytes]) -> None:
        old = sha256(members["meta/checksums.json"]).encode()
        members["meta/checksums.json"] = data
        members["manifest.json"] = members["manifest.json"].replace(old, sha256(data).encode())

    bundle.change_members = change


def put_values(bundle: Handmade, data: bytes) -> None:
    """Replace values in the documents and in the manifest, so that they stay JSON.

    The first byte says whether the digests of versions follow; then three bytes are an edit: which
    value, and what it becomes.
    """
    edits = [(data[at] << 8 | data[at + 1], data[at + 2]) for at in range(1, len(data) - 2, 3)]
    documents = [one for kind in bundle.data.values() for one in kind.values()]
    half = len(edits) // 2 if data[:1] > b"\x7f" else 0
    for number, value in edits[half:]:
        edit(documents, number, value)
    if data[:1] > b"\x3f":
        for version in bundle.data["versions"].values():
            with suppress(KeyError, TypeError, AttributeError):
                bundle.seal(version)

    def change(manifest: dict[str, Any]) -> None:
        for number, value in edits[:half]:
            edit([manifest], number, value)

    bundle.change_manifest = change


def edit(documents: list[Any], number: int, value: int) -> None:
    """Replace one of the values in some documents, by one of its own kind or of another."""
    places = [place for one in documents for place in within(one)]
    if not places:
        return
    holder, key = places[number % len(places)]
    other, its = places[(number // 7 + value) % len(places)]
    new = [*VALUES, other[its]]
    if value == 0xFF and isinstance(holder, dict):
        del holder[key]
    elif isinstance(holder[key], str) and value > len(new):
        holder[key] = holder[key][: value % 70] + chr(value)
    else:
        holder[key] = deepcopy(new[value % len(new)])


def within(value: Any) -> Iterator[tuple[Any, Any]]:
    """Return the places of all values in a document."""
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    for key, one in list(pairs):
        yield value, key
        if isinstance(one, dict | list):
            yield from within(one)


VALUES: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**53 - 1, "", "a", "welcome", "1.0.0", "1.0.0-a.1", "9" * 300,
    "\u202e", "\x00", "é", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
    "2026-02-30T00:00:00Z", "sha256:" + "0" * 64, "01900000-0000-7000-8000-000000000099", [], {},
]  # fmt: skip

CHANGES: dict[str, Callable[[Handmade, bytes], object]] = {
    "manifest": put_member("manifest.json"),
    "checksums": put_checksums,
    "content": put_content,
    "project": put("projects"),
    "set": put("prompt_sets"),
    "prompt": put("prompts"),
    "version": put("versions"),
    "values": put_values,
}


def built(change: Callable[[Handmade, bytes], object], data: bytes) -> bytes:
    """Return a bundle that is sound but for what was changed."""
    from anvil_nb.archive import ArchiveWriter
    from tests.bundles.handmade import support_desk

    bundle = support_desk()
    change(bundle, data)
    file = BytesIO()
    archive = ArchiveWriter(file)
    for name, one in bundle.members().items():
        archive.add(name, one)
    archive.finish()
    return file.getvalue()


def seeds(names: list[str]) -> list[bytes]:
    """Return a sound input for each reader."""
    from anvil_nb.keys.private import PrivateKey
    from anvil_nb.keys.trust import TrustedKey, to_bytes
    from tests.bundles.handmade import canonical, signer, support_desk
    from tests.bundles.test_converting import sketch

    desk = support_desk()
    desk.signers = [signer(1)]
    members = desk.members()
    whole = built(lambda *_: None, b"")
    vector = Path(__file__).with_name("vectors") / "encrypted.anvil"
    firsts = {kind: canonical(next(iter(desk.data[kind].values()))) for kind in desk.data}
    made = datetime(2026, 11, 21, tzinfo=UTC)
    private = PrivateKey.make("ada", bytes(32), made)
    trusted = TrustedKey(private.public_key, "ada", ("desk-*",), made, made, "lost")
    sound = {
        "archive": [whole],
        "bundle": [whole],
        "signature": [members["meta/signature.json"]],
        "encrypted": [vector.read_bytes()],
        "sketch": [json.dumps(sketch()).encode()],
        "line": [private.public_key.line("ada").encode()],
        "trusted": [to_bytes([trusted])],
        "private": [private.to_bytes()],
        "manifest": [members["manifest.json"]],
        "checksums": [members["meta/checksums.json"]],
        "content": list(desk.objects.values()),
        "project": [firsts["projects"]],
        "set": [firsts["prompt_sets"]],
        "prompt": [firsts["prompts"]],
        "version": [firsts["versions"]],
        "values": [bytes(4), b"\x40" + bytes(range(60)), b"\xff" + bytes(range(200, 230))],
    }
    return [bytes([at]) + one for at, name in enumerate(names) for one in sound[name]]


if __name__ == "__main__":
    main()
