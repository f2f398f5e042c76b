"""axe-core, which looks at a page as a checker of accessibility does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.widgets.browser.lab import Notebook

SOURCE = Path(__file__).resolve().parents[3] / "js" / "node_modules" / "axe-core" / "axe.min.js"

# marimo draws a widget into a shadow root, which no selector of axe's looks into by itself.
_RUN = """async (selector) => {
    const within = (root) => [
        ...root.querySelectorAll(selector),
        ...[...root.querySelectorAll("*")].flatMap(
            (one) => one.shadowRoot ? within(one.shadowRoot) : []),
    ];
    const include = within(document);
    if (!include.length) throw new Error(`there is no ${selector}`);
    const found = await axe.run({ include }, { resultTypes: ["violations"] });
    return found.violations
        .filter((one) => ["serious", "critical"].includes(one.impact))
        .map((one) => `${one.id}: ${one.help}: ${one.nodes.map((n) => n.html).join(" | ")}`);
}"""


def serious_findings(page: Page, selector: str = "section.anvil") -> list[str]:
    """Return what a checker finds serious or critical inside ``selector``; nothing is right."""
    page.evaluate(SOURCE.read_text("utf-8"))
    findings: list[str] = page.evaluate(_RUN, selector)
    return findings


def in_both_themes(notebook: Notebook) -> list[str]:
    """Return the same of a notebook as it stands, in the light theme and in the dark one."""
    page = notebook.page
    dark: bool = page.evaluate("() => document.body.dataset.jpThemeLight === 'false'")
    found = serious_findings(page)
    notebook.theme(dark=not dark)
    return found + serious_findings(page)
