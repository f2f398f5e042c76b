"""One prompt of a draft, to write on: checked as it is typed, saved, merged, published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from anvil_nb.bundles.suggesting import merged
from anvil_nb.catalog.ids import ids_of, prompt_of
from anvil_nb.catalog.prompts import NEW
from anvil_nb.catalog.validation import reached_in_draft
from anvil_nb.domain.address import Draft, parse_prompt_address
from anvil_nb.domain.digest import short
from anvil_nb.domain.prompt import Content
from anvil_nb.domain.template import vocabulary
from anvil_nb.errors import DraftConflictError, NotFoundError, RefusedError, StoreUnavailableError
from anvil_nb.results import html
from anvil_nb.widgets.calls import call, work
from anvil_nb.widgets.checking import checked
from anvil_nb.widgets.declaring import (
    document_of,
    joined,
    read,
    sound_content_of,
    verbatim,
    written,
)
from anvil_nb.widgets.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from anvil_nb.domain.address import Address
    from anvil_nb.domain.digest import Json
    from anvil_nb.results.prompt import Prompt
    from anvil_nb.widgets.job import Job
    from anvil_nb.workspace import Workspace

MOST_IN_STATE = 100_000
"""Texts with more characters are fetched by the page."""
_MOST_NAMES = 1_000
"""The most prompts of a set that are completed with."""


class EditorView(View):
    """The draft of one prompt.

    Args:
        workspace: Whose prompt it is.
        address: ``project/set/prompt``; a prompt that is not there yet starts empty.

    Raises:
        RefusedError: for a version, which never changes.
    """

    name = "editor"

    def __init__(self, workspace: Workspace, address: str) -> None:
        place = parse_prompt_address(address)
        if not isinstance(place.selector, Draft | None):
            msg = f"only a draft can be edited, and {address} is a version of it"
            raise RefusedError(msg, f"Leave the version out: {place.without_selector()}")
        super().__init__(workspace)
        self._ids: tuple[UUID, UUID] | None = None
        self._go(place.without_selector())
        self._standing()

    def _go(self, place: Address) -> None:
        self._place = place
        self.address = str(place)
        self.title = f"Editor of {self.address}"

    def state(self) -> dict[str, Json]:
        """Return the draft, what it is completed with, and where unsaved text is kept for it."""
        draft = self._draft()
        document = draft["document"]
        assert isinstance(document, dict)
        if len(str(document["text"])) > MOST_IN_STATE:
            draft["document"] = None
        words = vocabulary()
        return {
            "address": self.address,
            "set": self._place.set_path,
            "store": self.ws.location,
            "draft": draft,
            "language": {
                "tags": list(words.tags),
                "filters": list(words.filters),
                "roles": list(words.roles),
                "partials": self._partials(),
            },
        }

    def to_html(self) -> html.Html:
        """Return the draft as a card."""
        found = self._standing()
        return html.section("Editor", self.to_text()) if found is None else found.to_html()

    def to_text(self) -> str:
        """Return the draft as text."""
        found = self._standing()
        if found is None:
            return f"There is no prompt {self.address} yet: the first save makes it."
        return found.to_text()

    # What the page calls

    @call
    def open_draft(self) -> Json:
        """Return what stands in the draft now."""
        return self._draft()

    @call
    def check(self, document: dict[str, Any], values: dict[str, str]) -> Json:
        """Return faults, parameters, a preview and counts of what is typed; nothing is kept."""
        said = checked(document, values, self._partials_of, datetime.now(UTC))
        standing = self._standing()
        said["standing"] = NEW if standing is None else standing.digest
        return said

    @call
    def take_apart(self, text: str) -> Json:
        """Return the form of a text that opens with frontmatter."""
        return document_of(read(text))

    @call
    def move_in(self, document: dict[str, Any]) -> Json:
        """Return the form with what the frontmatter of its text says moved into it."""
        return joined(document, document["text"])

    @call
    def save(self, document: dict[str, Any], expect: str, message: str = "") -> Json:
        """Save what is typed over the draft that the page has seen.

        Returns ``saved`` and ``draft``, or ``conflict`` when the draft is another by now: then
        nothing was saved.
        """
        content = sound_content_of(document)
        before = self._at(expect)
        gone = before.metadata.settings.keys() - content.metadata.settings.keys() if before else ()
        settings = dict(content.metadata.settings) | dict.fromkeys(gone)
        said = {
            "description": content.metadata.description or None,
            "tags": list(content.metadata.tags) or None,
        }
        try:
            saved = self.ws.save(
                self.address,
                verbatim(content.template),
                parameters=content.parameters,
                metadata={**settings, **said},
                syntax=content.syntax,
                message=message,
                expect=expect,
            )
        except DraftConflictError as error:
            return {"conflict": self._conflict(content, before, error)}
        self.changed()
        return {"saved": saved.to_json(), "draft": self._draft(), "partials": self._partials()}

    @call
    def compare(self, document: dict[str, Any], expect: str) -> Json:
        """Return what is typed beside what stands in the draft by now, and what both came from."""
        content, before = sound_content_of(document), self._at(expect)
        return self._conflict(content, before, None)

    @call
    def follow(self) -> Json:
        """Go on at the address that the prompt has by now, and return it with what stands there.

        Raises:
            NotFoundError: when it is in no draft any more.
        """
        now = self._renamed()
        if now is None:
            msg = f"{self.address} is in no draft any more"
            raise NotFoundError(msg, f"See what became of it: anvil log --draft {self.address}")
        self._go(now)
        self.changed()
        return {
            "address": self.address,
            "set": now.set_path,
            "draft": self._draft(),
            "partials": self._partials(),
        }

    @call
    def plan_publish(self, bump: str | None = None) -> Json:
        """Return what would be published: the version, why, and the plan's id.

        Beside it stands what the draft of this prompt is, read after the plan: where that is the
        text that the page shows, the plan is of that text or is refused.

        ``bump`` asks for ``patch``, ``minor`` or ``major``, where the changes call for no more.
        """
        plan = self.ws.publish(self._place.set_path, bump=bump, dry_run=True).to_json()
        assert isinstance(plan, dict)
        found = self._standing()
        digest = None if found is None else found.digest
        return {**plan, "standing": digest or NEW, "latest": self._published(digest)}

    @work
    def publish(self, job: Job, plan: str, message: str = "", bump: str | None = None) -> Json:
        """Publish what was looked at."""
        job.check()
        job.finishes("It is being published, which ends whole")
        made = self.ws.publish(self._place.set_path, plan=plan, message=message, bump=bump)
        self.changed()
        return {"published": made.to_json(), "draft": self._draft()}

    # What is true

    def _standing(self) -> Prompt | None:
        try:
            return self.ws.find(f"{self.address}@draft")
        except StoreUnavailableError:
            file = self.ws.settings.file
            if file is None or file.exists():
                raise
            return None  # the first save makes the store

    def _draft(self) -> dict[str, Json]:
        found = self._standing()
        content = Content("") if found is None else found.content
        if found is not None:
            self._ids = ids_of(self.ws.access, self._place)
        return {
            "prompt": str(self._ids[1]) if self._ids else None,
            "document": document_of(content),
            "digest": NEW if found is None else found.digest,
            "published": self._published(None if found is None else found.digest),
        }

    def _published(self, digest: str | None) -> Json:
        """Return the latest version that has the prompt, and whether the draft is the same."""
        if digest is None:
            return None
        found = self.ws.find(f"{self.address}@latest")
        return None if found is None else {"version": found.version, "same": found.digest == digest}

    def _partials(self) -> list[Json]:
        """Return the names of the other prompts of the set."""
        try:
            page = self.ws.ls(f"{self._place.set_path}/", limit=_MOST_NAMES)
        except (NotFoundError, StoreUnavailableError):
            return []
        names = [one.address.rpartition("/")[2].partition("@")[0] for one in page]
        return [name for name in names if name != self._place.prompt]

    def _partials_of(self, content: Content) -> Mapping[str, Content]:
        if content.syntax == "plain" or "render" not in content.template:
            return {}
        with self.ws.access.read() as tx:
            return reached_in_draft(self.ws.access, tx, self._place, content)

    def _at(self, digest: str) -> Content | None:
        """Return the content that the page began from; ``None`` for none, or one unknown here."""
        if digest == NEW:
            return None
        found = self.ws.find(f"{self.address}@{digest}")
        return None if found is None else found.content

    # Two changes of one draft

    def _conflict(
        self, ours: Content, base: Content | None, error: DraftConflictError | None
    ) -> dict[str, Json]:
        """Return three texts, the last change, and what the two changes give together.

        The texts are templates where nothing else differs, else with their frontmatter.
        """
        found = self._standing()
        said: dict[str, Json] = {
            "message": error.message if error else f"the draft of {self.address} was changed",
            "expect": NEW if found is None else found.digest,
            "removed": found is None,
            "changed": self._last_change(),
        }
        if found is None:
            now = self._renamed()
            return {**said, "renamed": str(now) if now else None}
        sides = [one for one in (base, ours, found.content) if one is not None]
        fields = sides[0].to_fields()
        whole = any(one.to_fields() != fields for one in sides[1:])
        texts = [
            None if one is None else written(one) if whole else one.template
            for one in (base, ours, found.content)
        ]
        before, mine, theirs = texts
        assert mine is not None
        assert theirs is not None
        text, clean = (None, False) if before is None else merged(before, mine, theirs)
        said |= {"whole": whole, "base": before, "ours": mine, "theirs": theirs}
        return {**said, "result": text if clean else None}

    def _renamed(self) -> Address | None:
        """Return where the prompt that was opened is by now, when that is another address."""
        now = prompt_of(self.ws.access, *self._ids) if self._ids else None
        return None if now is None or str(now) == self.address else now

    def _last_change(self) -> Json:
        try:
            changes = self.ws.draft_log(self.address, limit=1).changes
        except NotFoundError:  # the set is not there any more, under this name
            return None
        if not changes:
            return None
        last = changes[0]
        return {
            "actor": last.actor,
            "at": last.at.isoformat(),
            "message": last.message,
            "digest": short(last.digest) if last.digest else None,
        }
