"""Every text of every block against what lies behind it: WCAG 2.1, success criterion 1.4.3.

The styles are resolved as a browser does: variables and their fallbacks, mixed and translucent
colours over one another, inheritance, and the rules that JupyterLab itself has for outputs.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

import pytest

from anvil_nb.domain.textdiff import compare_text
from anvil_nb.results import html

ENOUGH = 4.5


class Colour(NamedTuple):
    """Red, green, blue from 0 to 255 and opacity from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, below: Colour) -> Colour:
        """What is seen of this colour on an opaque one."""
        mixed = (
            top * self.alpha + under * (1 - self.alpha)
            for top, under in zip(self[:3], below[:3], strict=True)
        )
        return Colour(*mixed)

    def luminance(self) -> float:
        """Relative luminance, by the definition of WCAG 2.1."""
        red, green, blue = (
            channel / 255 / 12.92
            if channel / 255 <= 0.04045
            else ((channel / 255 + 0.055) / 1.055) ** 2.4
            for channel in self[:3]
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((one.luminance(), other.luminance()))
    return (light + 0.05) / (dark + 0.05)


# The values of the variables in JupyterLab 4.6: theme-light-extension, theme-dark-extension.
LIGHT = {
    "--jp-layout-color0": "#ffffff",
    "--jp-layout-color2": "#eeeeee",
    "--jp-ui-font-color1": "rgba(0,0,0,.87)",
    "--jp-content-font-color1": "rgba(0,0,0,.87)",
    "--jp-content-font-color2": "rgba(0,0,0,.54)",
    "--jp-cell-editor-background": "#f5f5f5",
    "--jp-border-color1": "#bdbdbd",
    "--jp-success-color1": "#388e3c",
    "--jp-warn-color1": "#f57c00",
    "--jp-error-color1": "#d32f2f",
}
DARK = {
    "--jp-layout-color0": "#111111",
    "--jp-layout-color2": "#424242",
    "--jp-ui-font-color1": "rgba(255,255,255,.87)",
    "--jp-content-font-color1": "#ffffff",
    "--jp-content-font-color2": "rgba(255,255,255,.7)",
    "--jp-cell-editor-background": "#212121",
    "--jp-border-color1": "#616161",
    "--jp-success-color1": "#4caf50",
    "--jp-warn-color1": "#ff9800",
    "--jp-error-color1": "#f44336",
}
# What JupyterLab's own style sheet says about elements of an output.
JUPYTERLAB_RULES = {
    "pre": "background:var(--jp-layout-color0);color:var(--jp-content-font-color1)",
    "code": "background:var(--jp-layout-color2);color:var(--jp-content-font-color1)",
    "table": "color:var(--jp-ui-font-color1)",
}
BLACK, WHITE = Colour(0, 0, 0), Colour(255, 255, 255)
PAGES = [
    pytest.param(LIGHT, Colour(255, 255, 255), Colour(0, 0, 0, 0.87), id="light"),
    pytest.param(DARK, Colour(0x11, 0x11, 0x11), WHITE, id="dark"),
    pytest.param(DARK, Colour(0x21, 0x21, 0x21), WHITE, id="dark, raised"),
    pytest.param({}, WHITE, Colour(0x21, 0x21, 0x21), id="no variables, light page"),
    pytest.param({}, Colour(0x1E, 0x1E, 0x1E), Colour(0xCC, 0xCC, 0xCC), id="no variables, dark"),
]


class Painter(HTMLParser):
    """Collects each text with its colour and the colour behind it."""

    def __init__(self, variables: dict[str, str], page: Colour, text: Colour) -> None:
        super().__init__()
        self.variables = variables
        self.seen: list[tuple[str, Colour, Colour]] = []
        self._stack = [(text, page)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        rules = JUPYTERLAB_RULES.get(tag, "") if self.variables else ""
        own = dict(attrs).get("style") or ""
        colour, behind = self._stack[-1]
        for declaration in filter(None, f"{rules};{own}".split(";")):
            name, value = declaration.split(":", 1)
            if (name, value) == ("all", "unset"):
                colour, behind = self._stack[-1]
            if name == "color" and (found := self.colour(value)):
                colour = found
            if name == "background":
                behind = self._stack[-1][1]
                if found := self.colour(value):
                    behind = found.over(behind)
        self._stack.append((colour, behind))

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._stack.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            colour, behind = self._stack[-1]
            self.seen.append((data, colour.over(behind), behind))

    def colour(self, value: str) -> Colour | None:
        """The colour a value stands for; none for ``inherit`` and ``none``."""
        if value in {"inherit", "none"}:
            return None
        if found := re.fullmatch(r"var\((--[\w-]+),?(.*)\)", value):
            return self.colour(self.variables.get(found[1], found[2]))
        if found := re.fullmatch(r"color-mix\(in srgb,(.*) (\d+)%,transparent\)", value):
            mixed = self.colour(found[1])
            assert mixed is not None
            return mixed._replace(alpha=mixed.alpha * int(found[2]) / 100)
        if found := re.fullmatch(r"#(..)(..)(..)", value):
            return Colour(*(int(part, 16) for part in found.groups()))
        numbers = re.fullmatch(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)", value)
        assert numbers is not None, f"not a colour this test knows: {value}"
        return Colour(*map(float, numbers.groups()))


def everything() -> str:
    tones: tuple[html.Tone, ...] = ("neutral", "good", "warn", "bad")
    old = "".join(f"line {n}\n" for n in range(20))
    new = old.replace("line 9\n", "line nine\nmore\n") + "end"
    return html.section(
        "Title",
        html.table(["name", "kind"], [["a", html.muted("b")]], caption="A caption", numeric=[1]),
        html.definition([("model", html.muted("m1")), ("tags", html.badge("mail"))]),
        html.code_block("Dear {{ name }}"),
        html.join([html.badge(f"a {tone} badge", tone) for tone in tones]),
        html.muted("aside"),
        html.details("more", html.table(["x"], [[html.badge("y", "bad")]])),
        html.message_block("system", "Be kind."),
        html.diff_block(compare_text(old, new)),
        address="desk/emails@1.0.0",
    )


@pytest.mark.parametrize(("variables", "page", "text"), PAGES)
def test_every_text_has_contrast(variables: dict[str, str], page: Colour, text: Colour) -> None:
    painter = Painter(variables, page, text)
    painter.feed(everything())
    seen = [(shown.strip(), contrast(colour, behind)) for shown, colour, behind in painter.seen]
    assert {"aside", "a bad badge", "nine", "… 6 equal lines …"} <= {shown for shown, _ in seen}
    assert [(shown, ratio) for shown, ratio in seen if ratio < ENOUGH] == []


@pytest.mark.parametrize(("variables", "page", "text"), PAGES)
def test_marked_words_stand_out_from_their_line_and_lines_from_the_page(
    variables: dict[str, str], page: Colour, text: Colour
) -> None:
    painter = Painter(variables, page, text)
    painter.feed(html.diff_block(compare_text("a word here\n", "a phrase here\n")))
    behind = {shown.strip(): below for shown, _, below in painter.seen}
    for word, sign in (("word", "−"), ("phrase", "+")):  # noqa: RUF001 - the sign shown
        assert behind[sign] not in (page, behind[word])
    assert behind["word"] != behind["phrase"]


def test_the_measure_of_contrast_is_that_of_the_standard() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(Colour(0x77, 0x77, 0x77), WHITE) == pytest.approx(4.48, abs=0.005)
    assert Colour(0, 0, 0, 0.54).over(WHITE) == pytest.approx((117.3, 117.3, 117.3, 1))
