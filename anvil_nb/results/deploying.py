"""What a deployment would do, or did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anvil_nb.domain.visible import visible
from anvil_nb.results import html
from anvil_nb.results.result import Result, shown
from anvil_nb.results.text import indent, text_table

if TYPE_CHECKING:
    from datetime import datetime

    from anvil_nb.domain.digest import Json

_TITLES = ("", "Step", "Took", "")
_WIDTH = 120
_SIGNS = {"success": "ok", "failed": "failed", "skipped": "-"}


@dataclass(frozen=True, slots=True)
class DeployStep:
    """One step.

    Args:
        name: Of the step.
        status: ``success``, ``failed``, or ``skipped`` where it was not run.
        message: What it would run, or did, and how it went.
        duration_ms: How long it took; 0 where it was not run.
        lines: The last that it said, where it failed.
        log: The file that has all of it.
    """

    name: str
    status: str
    message: str
    duration_ms: int = 0
    lines: tuple[str, ...] = ()
    log: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "name": self.name,
            "status": self.status,
            "message": self.message,
            "duration_ms": self.duration_ms,
            "lines": list(self.lines),
            "log": self.log,
        }


@dataclass(frozen=True, slots=True)
class DeployReport(Result):
    """A deployment.

    Args:
        image: With its tag.
        dry_run: Whether nothing was to be done.
        state: ``planned``, ``completed`` or ``failed``.
        steps: In their order.
        url: Where it is to be seen, as far as the server says so.
        id: By which the server knows it.
        duration_ms: How long all of it took.
    """

    image: str
    dry_run: bool
    state: str
    steps: tuple[DeployStep, ...]
    url: str | None = None
    id: str | None = None
    duration_ms: int = 0

    @property
    def sound(self) -> bool:
        """Whether all that was asked was done, or can be."""
        return self.state != "failed"

    @property
    def failed(self) -> DeployStep | None:
        """The step that failed."""
        return next((step for step in self.steps if step.status == "failed"), None)

    def to_text(self) -> str:
        """Return the steps, and what the failed one said last."""
        rows = [_row(step) for step in self.steps]
        # What would be run is shown to its end; of what was run, why it failed, below.
        whole = (1, 3) if self.dry_run else (1,)
        table = indent(text_table(_TITLES, rows, max_width=_WIDTH, whole=whole), "  ")
        lines = [self._headline(), table]
        failed = self.failed
        if failed is not None:
            if visible(failed.message, keep="") not in table:  # cut to its column, or in lines
                lines.append(visible(f"Why it failed: {failed.message}"))
            lines += [indent(visible(line), "  | ") for line in failed.lines]
            if failed.log:
                lines.append(visible(f"All that it said: {failed.log}"))
        return "\n".join(lines)

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        blocks: list[html.Html | str] = [html.table(_TITLES, [_row(step) for step in self.steps])]
        if self.failed is not None and self.failed.lines:
            blocks.append(html.element("pre", "\n".join(self.failed.lines)))
        return html.section(self._headline(), "", *blocks)

    def to_json(self) -> Json:
        """Return everything."""
        return {
            "success": self.sound and not self.dry_run,
            "state": self.state,
            "dry_run": self.dry_run,
            "image": self.image,
            "url": self.url,
            "id": self.id,
            "steps": [step.to_json() for step in self.steps],
            "duration_ms": self.duration_ms,
        }

    def _headline(self) -> str:
        if self.dry_run:
            return visible(f"Would deploy {self.image}; nothing was run")
        if self.failed is not None:
            return visible(f"Not deployed: the step '{self.failed.name}' of {self.image} failed")
        return visible(f"Deployed {self.image}" + (f" at {self.url}" if self.url else ""))


def _row(step: DeployStep) -> tuple[str, ...]:
    took = f"{step.duration_ms / 1000:.1f} s" if step.duration_ms else ""
    return _SIGNS[step.status], step.name, took, step.message


@dataclass(frozen=True, slots=True)
class Deployment(Result):
    """A deployment as a server has it.

    Args:
        id: By which it is asked about.
        image: With its tag.
        status: ``running``, ``live`` or ``failed``.
        detail: Why it failed.
        app_url: Where it is to be seen.
        requested_by: Who announced it.
        requested_at: When.
        ended_at: When it ended; ``None`` while it runs.
    """

    id: str
    image: str
    status: str
    detail: str
    app_url: str | None
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None

    def to_text(self) -> str:
        """Return one line, and why it failed."""
        first = f"{self.image}: {self.status}, {shown(self.requested_at)} by {self.requested_by}"
        return visible("\n".join([first, *self.detail.splitlines()]), keep="\n")

    def to_html(self) -> html.Html:
        """Return the same as a card."""
        rows = [html.element("pre", self.detail)] if self.detail else []
        return html.section(f"{self.image}: {self.status}", shown(self.requested_at), *rows)

    def to_json(self) -> dict[str, Json]:
        """Return all fields."""
        return {
            "id": self.id,
            "image": self.image,
            "status": self.status,
            "detail": self.detail,
            "app_url": self.app_url,
            "requested_by": self.requested_by,
            "requested_at": self.requested_at.isoformat(),
            "ended_at": None if self.ended_at is None else self.ended_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Deployments(Result):
    """The latest deployments of a server, the newest first."""

    deployments: tuple[Deployment, ...]

    def to_text(self) -> str:
        """Return a line for each."""
        if not self.deployments:
            return "Nothing was deployed yet."
        return text_table(_LISTED, [_listed(one) for one in self.deployments])

    def to_html(self) -> html.Html:
        """Return a table."""
        rows = [_listed(one) for one in self.deployments]
        return html.section("Deployments", "", html.table(_LISTED, rows))

    def to_json(self) -> Json:
        """Return all of them."""
        return {"deployments": [one.to_json() for one in self.deployments]}


_LISTED = ("Image", "Status", "When", "By")


def _listed(one: Deployment) -> tuple[str, ...]:
    return one.image, one.status, shown(one.requested_at), one.requested_by
