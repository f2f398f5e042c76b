"""The workspace: the Python interface to a store of prompts.

Every method parses what it is given, calls one service, and returns its result. It is safe to
call from several threads, and from code that runs in an event loop (a call takes milliseconds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from anvil_nb import settings as configuration
from anvil_nb.access import Access
from anvil_nb.catalog import (
    groups,
    history,
    listing,
    loading,
    lookup,
    prompts,
    search,
    validation,
    writing,
)
from anvil_nb.domain.address import (
    Address,
    Draft,
    Exact,
    Latest,
    parse_prompt_address,
    parse_set_address,
)
from anvil_nb.errors import InvalidInputError, NotFoundError
from anvil_nb.store.engine import open_engine
from anvil_nb.store.organisations import ensure_actor
from anvil_nb.versions import comparison, labels, publishing

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from anvil_nb.domain.address import Selector
    from anvil_nb.results.comparison import Comparison
    from anvil_nb.results.done import Done, Saved
    from anvil_nb.results.history import DraftHistory, History, Published
    from anvil_nb.results.listing import Group, Hits, Page, Validation
    from anvil_nb.results.prompt import Prompt, Rendered
    from anvil_nb.results.run import Run
    from anvil_nb.results.transfer import Loaded, Written

MAX_CACHED = 10_000
"""Most prompts a workspace keeps in memory."""


def _clock() -> datetime:
    return datetime.now(UTC)


class Workspace:
    """A store, opened for one actor. Make one with ``anvil_nb.open()``.

    Addresses are ``project/set[/prompt][@selector]``; without a selector a prompt is read at its
    latest version, and changed in its draft.

    Args:
        settings: Where the store is and who acts.
        clock: Returns the time, with its zone.
        wait_seconds: How long to queue for a store file that another process holds.
    """

    def __init__(
        self,
        settings: configuration.Settings,
        *,
        clock: Callable[[], datetime] = _clock,
        wait_seconds: float = 30.0,
    ) -> None:
        self.settings = settings
        self._engine = open_engine(settings.store, wait_seconds=wait_seconds)
        now = clock().astimezone(UTC).replace(tzinfo=None)
        try:
            actor = ensure_actor(self._engine, settings.organisation, settings.actor, now)
        except BaseException:
            self._engine.close()
            raise
        self._access = Access(self._engine, actor, clock)
        self._generation = self._engine.generation
        self._cache: dict[str, tuple[int, Prompt]] = {}

    def __repr__(self) -> str:
        return f"<Workspace @{self.settings.organisation} {self._engine.location}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def root(self) -> Path | None:
        """The folder of ``anvil.toml``, or ``None``."""
        return self.settings.root

    @property
    def location(self) -> str:
        """Where the store is; a URL without its password."""
        return self._engine.location

    @property
    def access(self) -> Access:
        """What the services are handed."""
        return self._access

    def close(self) -> None:
        """Let go of the store."""
        self._cache.clear()
        self._engine.close()

    def burst(self) -> AbstractContextManager[None]:
        """Keep the store open between calls, so that many calls in a row are fast.

        It gives way to other processes that wait. Use it as ``with ws.burst(): …``.
        """
        return self._engine.burst()

    # Reading

    def get(self, address: str) -> Prompt:
        """Return the prompt at an address, at its latest version without a selector.

        Read again, it comes from memory for as long as nobody writes to the store.

        Raises:
            AddressError: for an address that is none.
            NotFoundError: when there is nothing, with what there is instead.
        """
        cached = self._cache.get(address)
        if cached is not None and cached[0] == self._generation():
            return cached[1]
        return self._read(address)

    def _read(self, address: str) -> Prompt:
        parsed = parse_prompt_address(address)
        with self._engine.read() as tx:
            prompt = lookup.get_in(self._access, tx, parsed)
            generation = tx.generation
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[address] = (generation, prompt)
        return prompt

    def find(self, address: str) -> Prompt | None:
        """Return the prompt at an address, or ``None`` when there is none.

        Raises:
            AddressError: for an address that is none.
        """
        try:
            return self.get(address)
        except NotFoundError:
            return None

    def render(self, address: str, /, **values: object) -> Rendered:
        """Render the prompt at an address; see ``Prompt.render``."""
        return self.get(address).render(values)

    def ls(
        self, prefix: str = "", *, limit: int = listing.LIMIT, cursor: str | None = None
    ) -> Page:
        """List projects, the sets of a project, or the prompts of a set, a page at a time."""
        return listing.ls(self._access, prefix, limit=limit, cursor=cursor)

    def search(
        self,
        text: str,
        *,
        prefix: str = "",
        limit: int = listing.LIMIT,
        cursor: str | None = None,
    ) -> Hits:
        """Search names, titles, descriptions, tags and templates for all words of ``text``."""
        return search.find_text(self._access, text, prefix=prefix, limit=limit, cursor=cursor)

    def validate(self, address: str) -> Validation:
        """Check a prompt, or all prompts of a set; the draft without a selector."""
        return validation.validate(self._access, Address.parse(address))

    # Changing drafts

    def save(  # noqa: PLR0913 - what a save may say
        self,
        address: str,
        template: str,
        *,
        parameters: Iterable[object] | Mapping[str, object] | None = None,
        metadata: Mapping[str, object] | None = None,
        syntax: str | None = None,
        message: str = "",
        expect: str | None = None,
    ) -> Saved:
        """Save a prompt in the draft of its set; makes project and set when they are new.

        Args:
            address: ``project/set/prompt``.
            template: The text, which may open with YAML frontmatter.
            parameters: Declarations: a list of objects, or types or objects by name. What was
                declared before stays when ``None``.
            metadata: ``description``, ``tags`` and model settings to set; ``None`` removes one.
            syntax: ``liquid`` or ``plain``.
            message: Why, for the draft's history.
            expect: The digest the draft must have, or ``new``; anything goes when ``None``.

        Raises:
            TemplateSyntaxError: when the template does not parse, with line and column.
            DeclarationError: when parameters or metadata are not sound.
            DraftConflictError: when the draft is not what was expected; nothing is changed.
        """
        fields: dict[str, Any] = dict(metadata or {})
        if parameters is not None:
            fields["parameters"] = (
                parameters if isinstance(parameters, Mapping) else list(parameters)
            )
        if syntax is not None:
            fields["syntax"] = syntax
        return prompts.save(
            self._access,
            parse_prompt_address(address),
            template,
            fields=fields,
            message=message,
            expect=expect,
        )

    def remove(self, address: str, *, message: str = "") -> Done:
        """Remove a prompt from the draft; versions and history keep it."""
        return prompts.remove(self._access, parse_prompt_address(address), message=message)

    def rename(self, address: str, name: str, *, message: str = "") -> Done:
        """Give a prompt of the draft another name."""
        return prompts.rename(self._access, parse_prompt_address(address), name, message=message)

    def copy(self, address: str, to: str, *, message: str = "") -> Saved:
        """Copy a prompt, from the draft or any version, into the draft at another address."""
        return prompts.copy(
            self._access, parse_prompt_address(address), parse_prompt_address(to), message=message
        )

    def draft_log(
        self, address: str, *, limit: int = listing.LIMIT, cursor: str | None = None
    ) -> DraftHistory:
        """Return every change of a draft, or of one prompt in it, newest first."""
        return history.draft_log(self._access, Address.parse(address), limit=limit, cursor=cursor)

    def restore(self, address: str, to: str, *, message: str = "") -> Saved:
        """Put a content that the draft once had, named by its digest, back into it."""
        return prompts.restore(self._access, parse_prompt_address(address), to, message=message)

    def load(  # noqa: PLR0913 - what a load may say
        self,
        path: str | Path,
        into: str,
        *,
        columns: Mapping[str, str] | None = None,
        liquid: bool = False,
        dry_run: bool = False,
        message: str = "",
    ) -> Loaded:
        """Bring prompts from a file or folder into the draft of a set, in one transaction."""
        return loading.load(
            self._access,
            path,
            parse_set_address(into),
            columns=columns,
            liquid=liquid,
            dry_run=dry_run,
            message=message,
        )

    def write(self, prefix: str, folder: str | Path, *, force: bool = False) -> Written:
        """Put prompts out as files that load back to the same digests."""
        return writing.write(self._access, prefix, folder, force=force)

    # Versions

    def publish(
        self,
        address: str,
        *,
        bump: str | None = None,
        version: str | None = None,
        message: str = "",
        expect: str | None = None,
    ) -> Published:
        """Publish the draft of a set as an immutable version.

        Args:
            address: ``project/set``.
            bump: ``major``, ``minor`` or ``patch``; what the changes call for when ``None``.
            version: The exact number instead.
            message: The changelog entry.
            expect: The latest version the publisher knew; a race is refused.

        Raises:
            RefusedError: when the draft is not sound, or the number asked for is too low.
            VersionTakenError: when the number stands for other content.
            PublishRaceError: when another publisher was first.
        """
        wanted = publishing.request(bump, version, message, expect)
        return publishing.publish(self._access, parse_set_address(address), wanted)

    def rollback(
        self,
        address: str,
        *,
        bump: str | None = None,
        version: str | None = None,
        message: str = "",
        draft: bool = False,
    ) -> Published:
        """Publish the content of an old version, ``project/set@1.0.0``, as a new version.

        The draft is left alone unless ``draft`` is true; the old draft stays in its history.
        """
        wanted = publishing.request(bump, version, message)
        return publishing.rollback(self._access, parse_set_address(address), wanted, draft=draft)

    def diff(self, old: str, new: str | None = None) -> Comparison:
        """Compare two sets or prompts; the latest version with the draft where nothing is said."""
        return comparison.diff(
            self._access, Address.parse(old), Address.parse(new) if new else None
        )

    def log(self, address: str) -> History:
        """Return the versions of a set and the moves of its labels, newest first."""
        return labels.log(self._access, Address.parse(address).as_set())

    def label(
        self, address: str, name: str, *, message: str = "", expect: str | None = None
    ) -> Done:
        """Point a label to a version: ``ws.label("desk/emails@1.0.0", "production")``."""
        return labels.label(
            self._access, parse_set_address(address), name, message=message, expect=expect
        )

    def unlabel(
        self, address: str, name: str, *, message: str = "", expect: str | None = None
    ) -> Done:
        """Remove a label; its moves stay in the history."""
        return labels.unlabel(
            self._access, parse_set_address(address), name, message=message, expect=expect
        )

    # Running

    def run(  # noqa: PLR0913 - what a run may say
        self,
        addresses: str | Sequence[str],
        data: object,
        *,
        call: Callable[[Rendered], object] | None = None,
        variables: Mapping[str, object] | None = None,
        concurrency: int = 8,
        progress: Callable[[int, int], None] | None = None,
    ) -> Run:
        """Render one or more versions of a prompt over rows, and call a function on each.

        Args:
            addresses: Of the prompts, side by side in the result.
            data: Rows: mappings, a data frame, or the path of a CSV, JSON or JSONL file.
            call: Takes each ``Rendered``; sync or async; its errors are kept per row.
            variables: Values passed to every row.
            concurrency: How many calls at a time.
            progress: Is told how many cells are done, of how many.
        """
        from anvil_nb import runs  # noqa: PLC0415 - loads the event loop

        wanted = [addresses] if isinstance(addresses, str) else list(addresses)
        return runs.run(
            self._access,
            [parse_prompt_address(address) for address in wanted],
            data,
            call=call,
            variables=variables or {},
            concurrency=concurrency,
            progress=progress,
        )

    # Projects and sets

    def create_project(self, name: str, *, title: str = "", description: str = "") -> Group:
        """Make a project."""
        return groups.create_project(self._access, name, title=title, description=description)

    def project(self, name: str) -> Group:
        """Return a project and its sets."""
        return groups.show_project(self._access, name)

    def update_project(
        self,
        name: str,
        *,
        rename: str | None = None,
        title: str | None = None,
        description: str | None = None,
    ) -> Group:
        """Rename or describe a project; the addresses of its sets follow."""
        return groups.update_project(
            self._access, name, rename=rename, title=title, description=description
        )

    def delete_project(self, name: str, *, force: bool = False) -> Done:
        """Delete a project; one with sets only by ``force``."""
        return groups.delete_project(self._access, name, force=force)

    def create_set(self, address: str, *, title: str = "", description: str = "") -> Group:
        """Make a prompt set, and its project when that is new."""
        return groups.create_set(
            self._access, _set_only(address), title=title, description=description
        )

    def set(self, address: str) -> Group:
        """Return a set: its draft's prompts, its versions and labels."""
        return groups.show_set(self._access, _set_only(address))

    def update_set(
        self,
        address: str,
        *,
        rename: str | None = None,
        title: str | None = None,
        description: str | None = None,
    ) -> Group:
        """Rename or describe a set."""
        return groups.update_set(
            self._access, _set_only(address), rename=rename, title=title, description=description
        )

    def delete_set(self, address: str, *, force: bool = False) -> Done:
        """Delete a set; one with published versions only by ``force``."""
        return groups.delete_set(self._access, _set_only(address), force=force)


def open_workspace(
    path: str | Path | None = None, *, store: str | None = None, actor: str | None = None
) -> Workspace:
    """Open the workspace of a folder.

    Args:
        path: A folder, or an ``anvil.toml``; the current folder when ``None``. The file is looked
            for there and in the folders above.
        store: Path or ``postgresql://`` URL, in place of what the file says; then no file is
            needed.
        actor: The acting user, in place of what the file says.

    Raises:
        SettingsError: when there is no workspace.
        StoreError: when its store cannot be opened.
    """
    start = Path(path) if path is not None else Path.cwd()
    return Workspace(configuration.resolve(start, store=store, actor=actor))


def init_workspace(
    path: str | Path = ".", *, store: str | None = None, actor: str | None = None
) -> Workspace:
    """Make a workspace: an ``anvil.toml`` in a folder, and its store.

    One that is there already is opened as it is.

    Raises:
        ExistsError: when there is one, and another store or actor was asked for.
    """
    folder = Path(path)
    if store is None and actor is None and (folder / configuration.FILE).exists():
        return Workspace(configuration.resolve(folder))
    planned = configuration.plan(folder, store=store, actor=actor)
    workspace = Workspace(planned.settings)
    try:
        # Last, so that there is no file of a workspace whose store cannot be opened.
        configuration.carry_out(planned)
    except BaseException:
        workspace.close()
        raise
    return workspace


def default_selector(address: Address, selector: Selector) -> Address:
    """Return ``address`` with ``selector`` where it has none."""
    return address if address.selector is not None else address.with_selector(selector)


def _set_only(address: str) -> Address:
    parsed = parse_set_address(address)
    if parsed.selector is not None:
        msg = f"'{address}' names a version, and a whole set was expected"
        raise InvalidInputError(msg, f"Try: {parsed.set_path}")
    return parsed


__all__ = [
    "Draft",
    "Exact",
    "Latest",
    "Workspace",
    "default_selector",
    "init_workspace",
    "open_workspace",
]
