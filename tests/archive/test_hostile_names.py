"""Names of members that mean something to a system, or two things to two systems: F6."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.archive import ArchiveWriter
from anvil_nb.archive.names import check_no_folders, is_member_name
from anvil_nb.errors import ArchiveError

if TYPE_CHECKING:
    from tests.archive.conftest import Forged, ForgedMember, Opened, RuleOf

HOSTILE = {
    "leads out of its folder": [
        "..",
        "../evil",
        "data/..",
        "data/../evil",
        "data/../../evil",
        "data/prompts/../../../etc/passwd",
    ],
    "has a part that begins with a dot": [
        ".",
        "./evil",
        "data/./evil",
        "data/.",
        ".evil",
        "data/.git",
        "...",
        ".../evil",
    ],
    "has an empty part": ["data//evil", "data///evil", "....//evil"],
    "is absolute": ["/evil", "/", "//server/share/evil", "/../evil", "/etc/passwd"],
    "has a drive letter": ["c:evil", "C:evil", "c:/evil", "z:", "c:../evil"],
    "has a backslash": [
        "..\\evil",
        "\\evil",
        "\\\\server\\share\\evil",
        "\\\\?\\c:\\evil",
        "c:\\evil",
        "data\\evil",
        "data/..\\evil",
        "data\\",
    ],
    "is that of a folder": ["data/", "data/evil/"],
    "is a device on Windows": [
        "con",
        "nul",
        "prn",
        "aux",
        "com1",
        "com0",
        "lpt9",
        "NUL",
        "data/con",
        "con/evil",
        "data/nul.json",
        "com1.tar.gz",
        "data/lpt1.json/evil",
    ],
    "ends with a dot": ["evil.", "data/evil.", "data./evil", "data/evil.json...", "con."],
    "begins with a hyphen": ["-evil", "-rf", "data/-evil", "-/evil", "--/evil"],
    "has a control character": [
        "evil\0",
        "good.json\0.exe",
        "\0",
        "evil\n",
        "evil\r",
        "evil\t",
        "evil\x1b[2J",
        "evil\x7f",
        "evil\x85",
        "data/\x08evil",
    ],
    "has other characters than": [
        "evil ",
        " evil",
        "data /evil",
        "data/ evil",
        " ",
        "EVIL",
        "Data/evil",
        "manifest.JSON",
        "evil:stream",
        "evil.json::$data",
        "~",
        "~root/evil",
        "$home",
        "%2e%2e/evil",
        "evil?",
        "evil*",
        'evil"',
        "evil|sh",
        "evil<>",
        "evil@1",
        "conin$",
        "progra~1",
    ],
    "is not ASCII": [
        "caf\u00e9",
        "cafe\u0301",
        "\u212a",  # KELVIN SIGN, k when folded
        "\u017fmall",  # LONG S, s when folded
        "\uff0e\uff0e/evil",  # full-width dots
        "data\u2215evil",
        "data\u2044evil",
        "evil\u202etxt.exe",
        "evil\u00a0",
        "com\u00b9",
        "\U0001f4a5",
    ],
    "is longer than 200 characters": ["a" * 201, "a/" * 100 + "a", "b" * 0xFFFF],
    "is empty": [""],
}
HOSTILE_NAMES = [(name, why) for why, names in HOSTILE.items() for name in names]


def shortened(value: object) -> str:
    return ascii(value)[:30]


@pytest.mark.parametrize(("name", "why"), HOSTILE_NAMES, ids=shortened)
def test_a_name_that_is_not_plain_is_refused_with_the_reason(
    forged: Forged, rule_of: RuleOf, opened: Opened, name: str, why: str
) -> None:
    forged.members[4].name = name.encode()
    assert rule_of(forged) == "name"
    with pytest.raises(ArchiveError, match=re.escape(why)) as caught:
        opened(forged.build())
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(("name", "why"), HOSTILE_NAMES, ids=shortened)
def test_no_such_name_is_written_either(name: str, why: str) -> None:
    file = BytesIO()
    with pytest.raises(ArchiveError, match=re.escape(why)) as caught:
        ArchiveWriter(file).add(name, b"")
    assert caught.value.rule == "name"
    assert file.getvalue() == b""


def test_a_name_that_is_too_long_is_refused_as_that_where_nothing_follows_it(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.members = forged.members[:1]
    for length in (201, 202, 5000):
        forged.members[0].name = b"a" * length
        assert rule_of(forged) == "name"


@pytest.mark.parametrize("name", [b"\xff\xfe", b"caf\xe9", b"evil\x80", b"\xc0\xae\xc0\xae/evil"])
@pytest.mark.parametrize("flags", [0, 0x800])
def test_a_name_that_is_no_text_is_refused(
    forged: Forged, rule_of: RuleOf, name: bytes, flags: int
) -> None:
    forged.members[4].name = name
    forged.members[4].both(flags=flags)
    assert rule_of(forged) == "name"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("data/evil.json", "data/EVIL.json"),
        ("data/evil.json", "data/ev\u0131l.json"),
        ("data/k.json", "data/\u212a.json"),
        ("data/caf\u00e9.json", "data/cafe\u0301.json"),
        ("data/stra\u00dfe.json", "data/strasse.json"),
    ],
)
def test_names_that_are_one_on_some_systems_are_refused(
    forged: Forged, rule_of: RuleOf, one: str, other: str
) -> None:
    for index, name in enumerate(sorted([one, other])):
        forged.members[3 + index].name = name.encode()
    assert rule_of(forged) == "name"


@pytest.mark.parametrize("index", range(6))
def test_a_name_that_is_there_twice_is_refused(
    forged: Forged, rule_of: RuleOf, forged_member: type[ForgedMember], index: int
) -> None:
    name = forged.members[index].name
    forged.members.insert(index + 1, forged_member(name, b"another"))
    assert rule_of(forged) == "duplicate-name"
    forged.members.append(forged.members.pop(index + 1))
    assert rule_of(forged) == "duplicate-name"


@pytest.mark.parametrize(
    "names",
    [
        ("data/x", "data/x/y"),
        ("data/x", "data/x/y/z"),
        ("data/x", "data/x-1", "data/x.json", "data/x/y"),  # not one after the other
        ("data",),
        ("manifest.json/x",),
        ("meta/checksums.json/x/y",),
    ],
)
def test_a_name_that_is_a_folder_of_another_is_refused(
    forged: Forged, rule_of: RuleOf, forged_member: type[ForgedMember], names: tuple[str, ...]
) -> None:
    more = [forged_member(name.encode(), b"x") for name in names]
    rest = sorted([*forged.members[3:], *more], key=lambda one: one.name)
    forged.members = [*forged.members[:3], *rest]
    assert rule_of(forged) == "file-and-folder"


@given(st.sets(st.text("ab-./", min_size=1, max_size=6).filter(is_member_name), max_size=12))
def test_names_are_refused_exactly_when_one_is_a_folder_of_another(names: set[str]) -> None:
    if any(other.startswith(f"{name}/") for name in names for other in names):
        with pytest.raises(ArchiveError):
            check_no_folders(names)
    else:
        check_no_folders(names)


def test_a_member_that_is_there_twice_by_its_entry_alone_is_refused(
    forged: Forged, rule_of: RuleOf
) -> None:
    forged.directory_order = [0, 1, 2, 3, 4, 4]
    assert rule_of(forged) == "overlap"


def test_a_name_is_shown_without_what_would_drive_a_terminal(
    forged: Forged, opened: Opened
) -> None:
    forged.members[4].name = b"evil\x1b[2J\xe2\x80\xaetxt"
    with pytest.raises(ArchiveError) as caught:
        opened(forged.build())
    assert "\x1b" not in caught.value.message
    assert "\u202e" not in caught.value.message
    assert "evil␛[2J[U+202E]txt" in caught.value.message


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "_",
        "data/prompts/3fa85f64-5717-4562-b3fc-2c963f66afa6.json",
        f"assets/{'a' * 64}",
        "a..b",
        "a-",
        "a_",
        "console",
        "nul-a",
        "nul_",
        "com10",
        "com",
        "data/auxiliary.json",
        "0/1/2",
        "a" * 200,
    ],
)
def test_plain_names_are_taken(
    forged: Forged, opened: Opened, forged_member: type[ForgedMember], name: str
) -> None:
    forged.members = [*forged.members[:2], forged_member(name.encode(), b"x")]
    assert opened(forged.build()).read(name) == b"x"


def is_plain(name: str) -> bool:
    """Tell the rule once more, part by part, as F6 has it in words."""
    devices = {
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{two}{n}" for two in ("com", "lpt") for n in range(10)),
    }
    return len(name) <= 200 and all(
        part != ""
        and set(part) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        and part[0] not in ".-"
        and part[-1] != "."
        and part.partition(".")[0] not in devices
        for part in name.split("/")
    )


@given(
    st.text("ab9._-/", max_size=12)
    | st.lists(st.sampled_from(["con", "lpt1", ".", "/", "a", "-", "\n", "é", "A"])).map("".join)
    | st.text(max_size=6)
    | st.from_regex(r"[a-z0-9._-]+(/[a-z0-9._-]+)*")
)
def test_the_pattern_says_what_the_words_say(name: str) -> None:
    assert is_member_name(name) == is_plain(name)
