"""What an address stands for, whatever its selector is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import AddressError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.workspace import Workspace

WELCOME = "desk/emails/welcome"
VERSIONS = ["0.1.0", "0.1.1", "0.2.0", "1.0.0", "1.1.0-rc.1", "1.1.0", "1.2.0", "2.0.0-beta.1"]


@pytest.fixture
def published(ws: Workspace) -> Workspace:
    """A set whose versions hold their own number as text, and whose draft says so."""
    with ws.burst():
        for number in VERSIONS:
            ws.save(WELCOME, f"text of {number}")
            ws.publish("desk/emails", version=number)
        ws.save(WELCOME, "text of the draft")
        ws.label("desk/emails@1.0.0", "production")
        ws.label("desk/emails@2.0.0-beta.1", "canary")
    return ws


MEANT = [
    ("", "1.2.0"),
    ("@latest", "1.2.0"),
    ("@draft", "the draft"),
    ("@0.1.1", "0.1.1"),
    ("@v0.1.1", "0.1.1"),
    ("@2.0.0-beta.1", "2.0.0-beta.1"),
    ("@^0.1.0", "0.1.1"),
    ("@^0.1", "0.1.1"),
    ("@^0", "0.2.0"),
    ("@^1", "1.2.0"),
    ("@~1.1", "1.1.0"),
    ("@1.x", "1.2.0"),
    ("@1.1.x", "1.1.0"),
    ("@*", "1.2.0"),
    ("@>=0.1 <0.2", "0.1.1"),
    ("@<1.1.0", "1.0.0"),
    ("@>=1.1.0-rc.0 <1.1.0", "1.1.0-rc.1"),
    ("@^2.0.0-alpha", "2.0.0-beta.1"),
    ("@^3 || 0.1.0", "0.1.0"),
    ("@production", "1.0.0"),
    ("@canary", "2.0.0-beta.1"),
]


def test_every_kind_of_selector_finds_its_version(published: Workspace) -> None:
    for selector, text in MEANT:
        exact = "draft" if text == "the draft" else text
        for organisation in ("", "@acme/"):
            found = published.get(f"{organisation}{WELCOME}{selector}")
            assert (selector, found.template) == (selector, f"text of {text}")
            assert found.address == f"{organisation}{WELCOME}@{exact}"
            assert found.version == (None if exact == "draft" else exact)
            assert published.get(found.address).digest == found.digest


def test_the_beginning_of_a_versions_digest_finds_the_version(published: Workspace) -> None:
    for version in published.log("desk/emails"):
        digits = version.digest.removeprefix("sha256:")
        for length in (12, 32, 64):
            found = published.get(f"{WELCOME}@sha256:{digits[:length]}")
            assert (found.version, found.template) == (version.number, f"text of {version.number}")
            assert found.tree == version.digest


def test_the_beginning_of_a_contents_digest_finds_what_the_draft_once_had(
    published: Workspace,
) -> None:
    for change in published.draft_log(WELCOME):
        assert change.digest is not None
        found = published.get(f"{WELCOME}@{change.digest[:19]}")
        assert found.digest == change.digest
        assert found.version is None
        assert published.get(found.address).template == found.template


def test_a_digest_of_another_prompt_is_not_found_here(published: Workspace) -> None:
    other = published.save("desk/emails/farewell", "bye").digest
    with pytest.raises(NotFoundError, match="nothing at desk/emails/welcome has a digest"):
        published.get(f"{WELCOME}@{other}")
    assert published.get(f"desk/emails/farewell@{other}").template == "bye"


def digests_that_begin_alike(make: Callable[[int], str], digest: Callable[[str], str]) -> list[str]:
    """Return two texts whose digests share their first six digits."""
    seen: dict[str, str] = {}
    for number in range(100_000):
        text = make(number)
        prefix = digest(text).removeprefix("sha256:")[:6]
        if prefix in seen:
            return [seen[prefix], text]
        seen[prefix] = text
    raise AssertionError("a hash of 24 bits should repeat sooner")


def test_the_beginning_of_two_digests_is_refused(ws: Workspace) -> None:
    from anvil_nb.domain.prompt import Content

    texts = digests_that_begin_alike(str, lambda text: Content(text).digest)
    digests = [ws.save(WELCOME, text).digest for text in texts]
    with pytest.raises(RefusedError, match="several contents of desk/emails/welcome") as refused:
        ws.get(f"{WELCOME}@{digests[0][:13]}")
    assert "more digits" in refused.value.hint
    assert ws.get(f"{WELCOME}@{digests[0]}").template == texts[0]


MISSING = [
    ("disk/emails/welcome", "there is no project 'disk'", "Did you mean 'desk'?"),
    ("desk/email/welcome", "there is no prompt set 'desk/email'", f"Did you mean '{WELCOME}'?"),
    ("desk/email/welcome@draft", "no prompt set", f"'{WELCOME}@draft'?\nTry: anvil ls desk"),
    ("desk/email/zzz", "there is no prompt set 'desk/email'", "Did you mean 'desk/emails'?"),
    ("desk/letters/welcome", "no prompt set 'desk/letters'", f"Did you mean '{WELCOME}'?"),
    ("desk/zzz/zzz", "no prompt set 'desk/zzz'", "desk has: emails.\nTry: anvil ls desk"),
    ("desk/emails/draft", "no prompt 'draft' in desk/emails", "desk/emails/NAME@draft"),
    ("desk/emails/welcom", "no prompt 'welcom'", "'welcome'?\nTry: anvil ls desk/emails"),
    ("desk/emails/welcom@draft", "in the draft of desk/emails", "Did you mean 'welcome'?"),
    ("desk/emails/zzz@1.0.0", "no prompt 'zzz' in desk/emails", "Try: anvil ls desk/emails"),
    (f"{WELCOME}@9.0.0", "has no version 9.0.0", "There are: 2.0.0-beta.1, 1.2.0, 1.1.0"),
    (f"{WELCOME}@^3", "desk/emails has no version ^3", "Try: anvil log desk/emails"),
    (f"{WELCOME}@productoin", "no label 'productoin'", "Did you mean 'production'?"),
    (f"{WELCOME}@drft", "no label 'drft'", "Did you mean 'draft'?"),
    (f"{WELCOME}@sha256:000000", "begins with sha256:000000", f"anvil log --draft {WELCOME}"),
    (f"@other/{WELCOME}", "there is no organisation '@other' here", "to mean @acme"),
]


def test_what_is_missing_is_named_with_what_there_is_instead(published: Workspace) -> None:
    for address, message, hint in MISSING:
        with pytest.raises(NotFoundError) as caught:
            published.get(address)
        assert message in caught.value.message
        assert hint in caught.value.hint
        assert published.find(address) is None


def test_a_prompt_that_a_version_lacks_is_said_to_be_elsewhere(published: Workspace) -> None:
    published.save("desk/emails/farewell", "bye")
    with pytest.raises(NotFoundError) as caught:
        published.get("desk/emails/farewell")
    assert "no prompt 'farewell' in desk/emails@1.2.0 (latest)" in caught.value.message
    assert "desk/emails/farewell@draft" in caught.value.hint
    with pytest.raises(NotFoundError, match=re.escape("in desk/emails@1.0.0 (production)")):
        published.get("desk/emails/farewell@production")
    published.remove("desk/emails/farewell")
    with pytest.raises(NotFoundError, match="not in the draft of desk/emails any more") as gone:
        published.get("desk/emails/farewell@draft")
    assert "anvil log --draft desk/emails/farewell" in gone.value.hint


def test_a_set_without_a_release_says_so(ws: Workspace) -> None:
    ws.save(WELCOME, "hello")
    with pytest.raises(NotFoundError, match="desk/emails has no published version") as caught:
        ws.get(WELCOME)
    assert caught.value.hint == (
        f"Try: anvil publish desk/emails   or read the draft: {WELCOME}@draft"
    )
    ws.publish("desk/emails", version="1.0.0-rc.1")
    with pytest.raises(NotFoundError, match="desk/emails has only prereleases"):
        ws.get(WELCOME)
    with pytest.raises(NotFoundError, match="has only prereleases"):
        ws.label("desk/emails", "production")
    assert ws.get(f"{WELCOME}@1.0.0-rc.1").template == "hello"


def test_an_address_that_is_none_is_refused_before_the_store_is_asked(ws: Workspace) -> None:
    for address in ("", "desk", "desk/emails", "desk/emails/Welcome", "desk/emails/w@", "a/b/c/d"):
        with pytest.raises(AddressError):
            ws.find(address)


def test_what_was_read_says_where_it_came_from(published: Workspace) -> None:
    latest, draft = published.get(WELCOME), published.get(f"{WELCOME}@draft")
    assert latest.tree == published.log("desk/emails").versions[1].digest
    assert draft.tree is None
    assert latest.digest != draft.digest
    assert repr(latest) == f"<Prompt {WELCOME}@1.2.0 {latest.digest[:19]}>"
