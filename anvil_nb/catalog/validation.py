"""Whether the prompts of a tree are sound together, and what their parameters are."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anvil_nb.catalog.lookup import missing, partials_of, snapshot
from anvil_nb.domain.address import Draft
from anvil_nb.domain.change import Side
from anvil_nb.domain.reach import beyond_reach
from anvil_nb.domain.renderer import Renderer
from anvil_nb.errors import AnvilError
from anvil_nb.results.listing import Validation
from anvil_nb.store import objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anvil_nb.access import Access
    from anvil_nb.catalog.lookup import Snapshot
    from anvil_nb.domain.address import Address
    from anvil_nb.domain.prompt import Content
    from anvil_nb.domain.renderer import Agreement
    from anvil_nb.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with one prompt, and what deserves attention."""

    errors: tuple[str, ...]
    notes: tuple[str, ...]


def validate(access: Access, address: Address) -> Validation:
    """Check a prompt, or all prompts of a set; the draft unless the address says otherwise.

    Raises:
        NotFoundError: when there is nothing at that address.
    """
    with access.read() as tx:
        found = snapshot(access, tx, address.as_set(), default=Draft())
        if address.prompt is not None and address.prompt not in found.tree:
            raise missing(access, tx, address.with_selector(address.selector or Draft()))
        contents = contents_of(access, tx, found)
    names = [address.prompt] if address.prompt else list(contents)
    errors: list[tuple[str, str]] = []
    notes: list[tuple[str, str]] = []
    for name in names:
        findings = check(contents[name], contents)
        errors += [(name, text) for text in findings.errors]
        notes += [(name, text) for text in findings.notes]
    where = f"{found.row.path}{'/' + address.prompt if address.prompt else ''}@{found.selector}"
    return Validation(where, len(names), tuple(errors), tuple(notes))


def contents_of(access: Access, tx: Transaction, found: Snapshot) -> dict[str, Content]:
    """Return the contents of a tree by name."""
    by_digest = objects.get_many(
        tx, access.organisation_id, (leaf.digest for leaf in found.tree.values())
    )
    return {name: by_digest[leaf.digest] for name, leaf in found.tree.items()}


def check(content: Content, others: Mapping[str, Content]) -> Findings:
    """Check one content among the others of its tree."""
    try:
        renderer = Renderer(content, reached_by(content, others))
    except AnvilError as error:
        return Findings((error.message,), ())
    lost = [name for name in partial_names(content, others) if name not in others]
    errors = tuple(f"renders '{name}', and there is no such prompt in the set" for name in lost)
    return Findings(errors, _notes(content, renderer))


def _notes(content: Content, renderer: Renderer) -> tuple[str, ...]:
    """Say where declared and used parameters differ."""
    agreement = renderer.agreement
    notes: list[str] = []
    if content.parameters:
        notes += _undeclared(agreement)
    if agreement.unused:
        notes.append(f"declared and not used: {', '.join(agreement.unused)}")
    return tuple(notes)


def _undeclared(agreement: Agreement) -> list[str]:
    """Say what is used and not declared, and what each was likely meant to be."""
    others, notes = [], []
    for name in agreement.missing:
        # One that nothing uses is the likeliest to be misspelt where it was meant.
        near = get_close_matches(name, agreement.unused, 1) or get_close_matches(
            name, agreement.matched, 1
        )
        if near:
            notes.append(f"uses '{name}', which is not declared; did you mean '{near[0]}'?")
        else:
            others.append(name)
    return [*notes, f"used and not declared: {', '.join(others)}"] if others else notes


def partial_names(content: Content, others: Mapping[str, Content]) -> list[str]:
    """Return the names of all partials a content reaches, those that are missing included."""
    from anvil_nb.domain.template import parse  # noqa: PLC0415 - loads the parser

    seen: dict[str, None] = {}
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if one.syntax != "liquid" or "render" not in one.template:
            continue
        for name in parse(one.template).partials:
            if name not in seen:
                seen[name] = None
                if name in others:
                    waiting.append(others[name])
        if beyond_reach([content, *(others[name] for name in seen if name in others)]):
            break  # what is beyond is refused when it is parsed
    return list(seen)


def reached_by(content: Content, others: Mapping[str, Content]) -> dict[str, Content]:
    """Return those of ``others`` that the partials of ``content`` reach."""
    return {name: others[name] for name in partial_names(content, others) if name in others}


def sides(contents: Mapping[str, Content], names: Iterable[str]) -> dict[str, Side]:
    """Return contents with the parameters they take, for comparing.

    Of one that is not sound among the others these are the declared ones.
    """
    made: dict[str, Side] = {}
    for name in names:
        content = contents[name]
        try:
            parameters = Renderer(content, reached_by(content, contents)).signature.parameters
        except AnvilError:
            parameters = content.parameters
        made[name] = Side(content, parameters)
    return made


def draft_notes(
    access: Access, tx: Transaction, address: Address, content: Content
) -> tuple[str, ...]:
    """Check a content that is about to stand in the draft at ``address``; return what to note.

    Raises:
        TemplateSyntaxError: when it does not parse.
        RefusedError: when its partials would go in a circle, or are chats.
    """
    reached = reached_in_draft(access, tx, address, content)
    renderer = Renderer(content, reached)
    lost = [one for one in partial_names(content, reached) if one not in reached]
    missing_ones = (f"'{one}' is rendered, and not in the draft yet" for one in lost)
    return (*missing_ones, *_notes(content, renderer))


def reached_in_draft(
    access: Access, tx: Transaction, address: Address, content: Content
) -> dict[str, Content]:
    """Return what the partials of a content reach once it stands in the draft at ``address``.

    Raises:
        TemplateSyntaxError: when it does not parse.
    """
    reached = partials_of(access, tx, address.set_path, "draft", content)
    # From now on the content stands under its name itself, whatever stands there still.
    name = address.prompt or ""
    if name in partial_names(content, {**reached, name: content}):
        reached[name] = content
    return reached
