"""Searching: all words, in any letter case, best first, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from anvil_nb.workspace import Workspace


def found(ws: Workspace, query: str, prefix: str = "") -> list[str]:
    return [hit.address for hit in ws.search(query, prefix=prefix)]


def test_a_prompt_is_found_by_whatever_is_said_about_it(ws: Workspace) -> None:
    ws.create_project("desk", title="Support counter", description="All that customers read")
    ws.create_set("desk/emails", title="Letters", description="Sent by electronic post")
    ws.save(
        "desk/emails/refund",
        "Dear {{ customer }}, your money is back.",
        metadata={"description": "Says sorry", "tags": ["billing", "two words"]},
    )
    here = "desk/emails/refund@draft"
    for query in (
        "refund", "REFUND", "efun", "desk/emails", "emails", "money", "Dear {{", "customer",
        "sorry", "billing", "two words", "letters", "Support", "counter electronic money",
    ):  # fmt: skip
        assert here in found(ws, query), query
    for query in ("refunds", "money nowhere", "sorry2", "moneysorry", "acme", "temperature"):
        assert found(ws, query) == []
    assert ws.search("nowhere").to_text() == "Nothing has 'nowhere'."


def test_every_word_must_occur_wherever_it_stands(ws: Workspace) -> None:
    ws.save("desk/emails/both", "alpha", metadata={"description": "beta"})
    ws.save("desk/emails/first", "alpha")
    ws.save("desk/emails/second", "beta")
    assert found(ws, "alpha beta") == found(ws, "beta  ALPHA alpha") == ["desk/emails/both@draft"]
    assert found(ws, "alpha beta first") == []


def test_the_name_counts_more_than_the_text(ws: Workspace) -> None:
    ws.save("desk/other/text", "the refund of a refund for a refund")
    ws.save("desk/other/said", "x", metadata={"description": "about a refund"})
    ws.save("desk/refund-set/x", "x")
    ws.save("desk/other/my-refund", "x")
    ws.save("desk/other/refund", "x")
    hits = ws.search("refund")
    assert [hit.address for hit in hits] == [
        "desk/refund-set",
        "desk/other/refund@draft",
        "desk/other/my-refund@draft",
        "desk/other/said@draft",
        "desk/refund-set/x@draft",
        "desk/other/text@draft",
    ]
    scores = [hit.score for hit in hits if hit.kind == "prompt"]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_projects_and_sets_are_found_by_all_words_too(ws: Workspace) -> None:
    ws.create_project("desk", title="Support counter", description="for customers")
    ws.create_set("desk/emails", title="Letters to customers")
    hits = ws.search("customers")
    assert [(hit.kind, hit.address, hit.title) for hit in hits] == [
        ("project", "desk", "Support counter"),
        ("set", "desk/emails", "Letters to customers"),
    ]
    assert found(ws, "support customers") == ["desk"]
    assert found(ws, "desk") == ["desk", "desk/emails"]
    assert found(ws, "customers", "desk/em") == ["desk/emails"]


def test_a_snippet_shows_the_text_around_the_first_word_found(ws: Workspace) -> None:
    text = "start " + "filler " * 30 + "the needle\nin the  haystack " + "filler " * 30
    ws.save("desk/emails/long", text)
    (hit,) = ws.search("haystack needle")
    assert "the needle in the haystack" in hit.snippet
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert len(hit.snippet) <= 102
    ws.save("desk/emails/short", "x", metadata={"description": "only said", "tags": ["needles"]})
    assert ws.search("needles").hits[0].snippet == "only said needles"
    assert ws.search("short").hits[0].snippet == ""


def test_a_snippet_may_come_from_what_is_said_about_the_set_or_its_project(ws: Workspace) -> None:
    ws.create_project("desk", description="The counter where customers ask")
    ws.create_set("desk/emails", title="Post", description="Great letters")
    ws.save("desk/emails/short", "x")
    assert [(hit.address, hit.snippet) for hit in ws.search("GREAT")] == [
        ("desk/emails", "Post Great letters"),
        ("desk/emails/short@draft", "Post Great letters"),
    ]
    assert {hit.snippet for hit in ws.search("customers")} == {"The counter where customers ask"}


FOLDED = [
    ("Die Straße", "STRASSE"),
    ("DIE STRASSE", "straße"),
    ("İstanbul", "İSTANBUL"),
    ("Ångström", "ångström"),
    ("ÅNGSTRÖM", "Ångström"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("ﬁnance", "FINANCE"),
    ("Ǆungla", "ǆungla"),
    ("日本語のプロンプト", "プロンプト"),
    ("🎉 party 🎉", "🎉"),
]


def test_letters_are_found_in_any_case_beyond_ascii(ws: Workspace) -> None:
    with ws.burst():
        for number, (text, query) in enumerate(FOLDED):
            address = f"desk/set-{number}/x"
            ws.create_set(f"desk/set-{number}", title=f"Title {text}")
            ws.save(address, f"{'ß' * 40} the text {text} ends", metadata={"tags": [text]})
            hits = ws.search(query, prefix=f"desk/set-{number}")
            assert [hit.address for hit in hits] == [f"desk/set-{number}", f"{address}@draft"]
            # Where folding makes letters more, the snippet still shows where they stand.
            assert text in hits.hits[1].snippet
            # The title alone is enough, and helps find the prompt.
            ws.save(address, "nothing", metadata={"tags": None})
            here = f"desk/set-{number}"
            assert found(ws, f"{query} nothing", here) == [f"{address}@draft"]


def test_nothing_in_a_query_is_more_than_text(ws: Workspace) -> None:
    ws.save("desk/emails/plain", "nothing special here")
    texts = [
        "100%",
        "a_b",
        "it's",
        'say "x"',
        "a\\b",
        "[a-z]+",
        "(x|y)",
        "$1",
        "; drop",
        "%s",
        "^a$",
    ]
    with ws.burst():
        for number, text in enumerate(texts):
            ws.save(f"desk/emails/p{number}", f"before {text} after", syntax="plain")
        for number, text in enumerate(texts):
            last = text.split()[-1]
            assert f"desk/emails/p{number}@draft" in found(ws, last)
            assert "desk/emails/plain@draft" not in found(ws, last)
        for query in ("%", "_", "'", "\\", "*", "."):
            expected = [f"desk/emails/p{n}@draft" for n, text in enumerate(texts) if query in text]
            assert sorted(found(ws, query)) == sorted(expected)


def test_drafts_and_latest_versions_are_searched(ws: Workspace) -> None:
    address = "desk/emails/welcome"
    for text in ("oldest words", "published words"):
        ws.save(address, text)
        ws.publish("desk/emails")
    assert found(ws, "words") == [f"{address}@draft"]
    ws.save(address, "drafted words")
    assert found(ws, "words") == [f"{address}@draft", f"{address}@1.0.1"]
    assert found(ws, "published") == [f"{address}@1.0.1"]
    assert found(ws, "drafted") == [f"{address}@draft"]
    assert found(ws, "oldest") == []
    ws.remove(address)
    assert found(ws, "words") == [f"{address}@1.0.1"]
    hit = ws.search("published").hits[0]
    assert ws.get(hit.address).digest == hit.digest


def test_pages_hold_every_hit_once(ws: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("name,prompt\n" + "".join(f"word {number},text\n" for number in range(37)))
    with ws.burst():
        ws.load(file, "desk/emails")
        for name in ("word", "words", "sword"):
            ws.create_set(f"desk/{name}")
        whole = found(ws, "word")
        assert len(whole) == len(set(whole)) == 40
        assert whole[:3] == ["desk/word", "desk/sword", "desk/words"]
        for limit in (1, 2, 3, 13, 40):
            pages: list[str] = []
            cursor = None
            while True:
                page = ws.search("word", limit=limit, cursor=cursor)
                assert 0 < len(page) <= limit
                pages += [hit.address for hit in page]
                cursor = page.cursor
                if cursor is None:
                    break
            assert pages == whole


def test_what_cannot_be_searched_for_is_refused(ws: Workspace) -> None:
    ws.save("desk/emails/p", "x")
    for query in ("", "  \n", "x" * 1_001, "nul \0", "half \ud800", " ".join(map(str, range(21)))):
        with pytest.raises(InvalidInputError, match="a search"):
            ws.search(query)
    for cursor in ("", "-1", "x", "1.5", "٣", "9" * 10, "1; drop"):
        with pytest.raises(InvalidInputError, match="no cursor of a search"):
            ws.search("x", cursor=cursor)
    for limit in (0, 1_001):
        with pytest.raises(InvalidInputError, match="a limit is a number"):
            ws.search("x", limit=limit)
    assert found(ws, "x" * 1_000) == []


@pytest.mark.parametrize(
    ("prefix", "message", "hint"),
    [
        ("dsek", "there is no project 'dsek'", "Did you mean 'desk'?"),
        ("dsek/", "there is no project 'dsek'", "Did you mean 'desk'?"),
        ("desk/emials", "there is no prompt set 'desk/emials'", "Did you mean 'desk/emails'?"),
        ("desk/em/wel", "there is no prompt set 'desk/em'", "desk has: emails."),
    ],
)
def test_a_prefix_that_nothing_begins_with_is_told_and_not_silent(
    ws: Workspace, prefix: str, message: str, hint: str
) -> None:
    ws.save("desk/emails/welcome", "Hello")
    with pytest.raises(NotFoundError) as caught:
        ws.search("hello", prefix=prefix)
    assert caught.value.message == message
    assert hint in caught.value.hint


def test_a_prefix_that_something_begins_with_may_have_no_hits(ws: Workspace) -> None:
    assert found(ws, "hello", "@acme") == []
    ws.save("desk/emails/welcome", "Hello")
    for prefix in ("d", "des", "desk", "desk/", "desk/em", "desk/emails/zzz", "zzz*", "desk/x*"):
        assert found(ws, "absent", prefix) == []
    assert found(ws, "hello", "des") == ["desk/emails/welcome@draft"]
