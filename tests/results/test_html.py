"""The HTML blocks: safe, readable without any style, faithful to the text they show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anvil_nb.domain.textdiff import compare_text
from anvil_nb.domain.visible import visible
from anvil_nb.errors import InvalidInputError
from anvil_nb.results import html

ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=40),
    st.lists(
        st.sampled_from(
            ["<script>", "</pre>", "</td>", "&amp;", "&#10;", '"', "'", "\n", "\r", " ", "-->", "x"]
        ),
        max_size=8,
    ).map("".join),
)


class Page(HTMLParser):
    """What a browser makes of some HTML, as far as tags and text go."""

    VOID = ("br", "hr")

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self.pieces: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "td" in self._open or "th" in self._open:
            self.rows[-1][-1] += data
        if self._open:
            self.pieces.append((self._open[-1], data))

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")


def without_styles(markup: str) -> str:
    return re.sub(r' style="[^"]*"', "", markup)


def every_block(text: str) -> html.Html:
    return html.section(
        text,
        text,
        html.table([text, text], [[text, text]], caption=text, numeric=[1]),
        html.definition([(text, text)]),
        html.code_block(text),
        html.badge(text, "warn"),
        html.muted(text),
        html.details(text, text),
        html.message_block(text, text),
        html.diff_block(compare_text(text, f"{text}x")),
        address=text,
    )


@given(ANY_TEXT)
def test_no_text_can_change_the_structure_of_any_block(text: str) -> None:
    def page(text: str) -> Page:
        # A difference has a row for each line: this one is compared on its own below.
        return Page(re.sub(r"<table[^>]*><caption[^>]*>\d+ line.*</table>", "", every_block(text)))

    shown, plain = page(text), page("plain")
    assert shown.tags == plain.tags
    assert [name for name, _ in shown.attributes] == [name for name, _ in plain.attributes]
    expected = page("\0").text.replace("␀", visible(text))
    assert shown.text.replace("\n", "") == expected.replace("\n", "")


@given(ANY_TEXT, ANY_TEXT)
def test_a_difference_shows_both_texts_and_nothing_else(old: str, new: str) -> None:
    markup = html.diff_block(compare_text(old, new), context=100)
    markup.encode("utf-8")
    rows = Page(markup.replace("<em> no newline at the end</em>", "")).rows[1:]
    if old == new:
        assert rows == []
        return
    for number, text, sign in ((0, old, "−"), (1, new, "+")):  # noqa: RUF001 - the sign shown
        lines = [row for row in rows if row[number]]
        assert [row[3] for row in lines] == visible(text.removesuffix("\n")).split("\n")[
            : len(lines)
        ]
        assert len(lines) == text.count("\n") + (not text.endswith("\n") and text != "")
        assert {row[2] for row in lines} <= {"", sign}


@given(ANY_TEXT)
def test_nothing_runs_and_nothing_is_loaded(text: str) -> None:
    page = Page(every_block(text))
    assert not {"script", "style", "img", "link", "iframe", "object", "a", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [name for name, _ in page.attributes if name in {"href", "src", "srcset", "action"}]
    assert "url(" not in "".join(value or "" for name, value in page.attributes if name == "style")


def test_text_is_escaped_and_html_is_not() -> None:
    assert html.escape("<b> & \"q\" 'q'") == "&lt;b&gt; &amp; &quot;q&quot; &#x27;q&#x27;"
    safe = html.escape("<b>")
    assert html.escape(safe) is safe
    assert html.element("p", "<b>", safe) == "<p>&lt;b&gt;&lt;b&gt;</p>"
    assert html.join(["<", safe], between=" & ") == "&lt; &amp; &lt;b&gt;"


def test_what_is_made_of_html_by_string_methods_is_text_again() -> None:
    assert html.element("p", html.escape("x") + "<b>") == "<p>x&lt;b&gt;</p>"


def test_hidden_characters_are_written_out() -> None:
    assert html.escape("a\r\n\x1b[0m\u202e") == "a␍\n␛[0m[U+202E]"


def test_attributes_are_named_as_in_html_and_escaped() -> None:
    made = html.element(
        "details", class_='a"b', aria_label="<x>", open=True, lang=None, title=False, colspan=2
    )
    assert made == ('<details class="a&quot;b" aria-label="&lt;x&gt;" open colspan="2"></details>')
    assert html.element("br") == "<br>"


@pytest.mark.parametrize("tag", ["script", "style", "img", "iframe", "b onclick=x", ""])
def test_a_tag_that_could_run_or_load_something_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot run or load"):
        html.element(tag)


@pytest.mark.parametrize("name", ["onclick", "href", "src", "x y", "style>"])
def test_an_attribute_that_could_run_or_load_something_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot run or load"):
        html.element("div", **{name: "x"})


def test_a_table_titles_its_columns_and_sets_numbers_flush_right() -> None:
    made = html.table(["name", "uses"], [["welcome", "7"]], caption="Prompts", numeric=[1])
    page = Page(made)
    assert page.rows == [["name", "uses"], ["welcome", "7"]]
    assert page.attributes.count(("scope", "col")) == 2
    assert "<caption" in made
    aligned = [
        re.search(r"text-align:(\w+)", value or "")
        for name, value in page.attributes
        if name == "style"
    ]
    assert [found[1] for found in aligned if found] == ["left", "left", "right", "left", "right"]


def test_a_row_shows_every_cell_even_where_there_is_no_title_for_it() -> None:
    assert Page(html.table(["a"], [["1", "2"], []])).rows == [["a"], ["1", "2"], []]


def test_a_definition_titles_its_rows() -> None:
    made = html.definition([("model", "m1"), ("tags", html.badge("mail"))])
    assert Page(made).rows == [["model", "m1"], ["tags", "mail"]]
    assert made.count('scope="row"') == 2


def test_a_code_block_keeps_the_first_empty_line() -> None:
    # A parser of HTML drops the first line feed in <pre>; one is added for it to drop.
    assert ">\n\nx</pre>" in html.code_block("\nx")
    assert ">x\n</pre>" in html.code_block("x\n")


def test_the_words_of_a_badge_do_not_depend_on_its_kind() -> None:
    kinds: tuple[html.Tone, ...] = ("neutral", "good", "warn", "bad")
    badges = [html.badge("published", kind) for kind in kinds]
    assert len(set(badges)) == 4
    assert {without_styles(badge) for badge in badges} == {"<strong>published</strong>"}


def test_a_section_opens_with_its_title_and_address() -> None:
    made = without_styles(html.section("Prompt", "one", html.muted("two"), address="desk/a@1.0.0"))
    assert made == (
        "<div><div><strong>Prompt</strong> <code>desk/a@1.0.0</code></div>"
        "<div>one</div><div><span>two</span></div></div>"
    )


def test_a_message_says_its_role() -> None:
    made = html.message_block("system", "Be kind.")
    assert Page(made).pieces == [("strong", "system"), ("pre", "Be kind.")]
    assert 'aria-label="system message"' in made


def test_details_are_closed_until_the_reader_opens_them() -> None:
    assert without_styles(html.details("2 moves", "a", "b")) == (
        "<details><summary>2 moves</summary>ab</details>"
    )


def test_a_difference_reads_well_without_any_style() -> None:
    old = "".join(f"line {n}\n" for n in range(1, 21))
    new = old.replace("line 9\n", "line nine\nand more\n")
    page = Page(without_styles(html.diff_block(compare_text(old, new), context=1)))
    assert page.text.startswith("1 line removed, 2 added")
    assert page.rows == [
        ["old", "new", "", "line"],
        ["… 7 equal lines …"],
        ["8", "8", "", "line 8"],
        ["9", "", "−", "line 9"],  # noqa: RUF001 - the sign shown
        ["", "9", "+", "line nine"],
        ["", "10", "+", "and more"],
        ["10", "11", "", "line 10"],
        ["… 10 equal lines …"],
    ]
    assert ("del", "9") in page.pieces
    assert ("ins", "nine") in page.pieces


def test_a_single_equal_line_that_is_folded_is_counted_as_one() -> None:
    made = html.diff_block(compare_text("a\nb\nc\n", "A\nb\nC\n"), context=0)
    assert [row[0] for row in Page(made).rows] == ["old", "1", "", "… 1 equal line …", "3", ""]


def test_folded_lines_are_counted_right_where_lines_were_only_added_or_removed() -> None:
    old, new = "a\nb\nc\nd\ne\n", "a\nb\nnew\nc\nd\n"
    rows = Page(html.diff_block(compare_text(old, new), context=0)).rows
    assert [row[0] if len(row) == 1 else row[3] for row in rows[1:]] == [
        "… 2 equal lines …",
        "new",
        "… 2 equal lines …",
        "e",
    ]


def test_a_last_line_feed_that_only_one_text_has_is_said() -> None:
    note = "no newline at the end"
    assert note in html.diff_block(compare_text("a\n", "a"))
    assert note in html.diff_block(compare_text("a", "a\n"))
    assert note in html.diff_block(compare_text("a\nb", "a\n"))
    assert note not in html.diff_block(compare_text("a", "b"))
    assert note not in html.diff_block(compare_text("", "b"))


def test_a_changed_line_ending_is_seen() -> None:
    page = Page(html.diff_block(compare_text("a\r\n", "a\n")))
    assert ("del", "␍") in page.pieces


def test_texts_without_a_difference_say_so() -> None:
    assert Page(html.diff_block(compare_text("a", "a"))).text == "No difference."


def test_a_long_difference_is_cut_and_the_rest_is_counted() -> None:
    old = "".join(f"{n}\n" for n in range(html.DIFF_ROWS + 500))
    rows = Page(html.diff_block(compare_text(old, ""))).rows
    assert len(rows) == html.DIFF_ROWS + 2
    assert rows[-1] == ["… 500 more lines not shown …"]
