"""Saving, showing, rendering and validating prompts."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command, options
from anvil_nb.cli.options import (
    ANY,
    FILE,
    PROMPT,
    PROMPT_PLACE,
    TEXT_ASSIGNMENT,
    WrittenOption,
    message_option,
    var_option,
    vars_option,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anvil_nb.cli.surface import Assignment, Surface
    from anvil_nb.results.done import Saved
    from anvil_nb.results.listing import Validation
    from anvil_nb.results.prompt import Prompt, Rendered

_declarations = options(
    click.option(
        "--param",
        "declared",
        cls=WrittenOption,
        multiple=True,
        metavar="NAME[:TYPE][=DEFAULT]",
        help="Declare a parameter; one with a default is optional.",
    ),
    click.option(
        "--params",
        "declarations",
        cls=WrittenOption,
        type=FILE,
        metavar="FILE|-",
        help="Declare the parameters in a JSON or YAML file: a list of objects, or types or "
        "objects by name. In a notebook, Python for these may stand there.",
    ),
)
_metadata = options(
    click.option("--description", metavar="TEXT", help="A sentence about the prompt."),
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag; these replace all."),
    click.option(
        "--set",
        "settings",
        cls=WrittenOption,
        type=TEXT_ASSIGNMENT,
        multiple=True,
        metavar="KEY=JSON",
        help="A model setting; what is no JSON is text, and null removes the setting.",
    ),
    click.option(
        "--plain/--liquid",
        default=None,
        help="Take the text as it stands, or as a Liquid template; what it was before unless said.",
    ),
)


@command(
    "save",
    examples=(
        "save desk/emails/welcome welcome.md -m 'Friendlier'",
        "save desk/emails/welcome - --param customer:string --set temperature=0.2 < welcome.md",
    ),
    in_notebook=(
        "%%anvil save desk/emails/welcome -m 'Friendlier'",
        "save desk/emails/welcome welcome.md --param lines:integer=3",
    ),
    takes_text=True,
)
@click.argument("address", type=PROMPT_PLACE)
@click.argument("file", required=False, type=FILE, metavar="FILE|-")
@_declarations
@_metadata
@message_option
@click.option(
    "--expect",
    metavar="DIGEST",
    help="Refuse unless the draft has this digest, or is not there for 'new'.",
)
@click.option("--force", is_flag=True, help="Save over the draft, whatever was expected there.")
@click.pass_obj
def save(  # noqa: PLR0913 - what a save may say
    surface: Surface,
    *,
    address: str,
    file: str | None,
    declared: Sequence[str],
    declarations: str | None,
    description: str | None,
    tags: Sequence[str],
    settings: Sequence[Assignment],
    plain: bool | None,
    message: str,
    expect: str | None,
    force: bool,
) -> Saved:
    """Save a prompt in the draft of its set.

    Project and set are made when they are new. The text may open with YAML frontmatter. What
    neither it nor the options say stays as it was declared before. In a notebook the text is the
    body of a %%anvil cell, and saving over somebody else's change is refused.
    """
    from anvil_nb.cli.declarations import declared as declare  # noqa: PLC0415 - late, on purpose
    from anvil_nb.cli.declarations import merged, setting  # noqa: PLC0415 - late, on purpose

    place = surface.to_change(address)
    said = [declare(text, surface.default) for text in declared]
    found = surface.declarations(declarations) if declarations is not None else None
    metadata = {key: setting(text, quoted=surface.quotes) for key, text in settings}
    if description is not None:
        metadata["description"] = description
    if tags:
        metadata["tags"] = list(tags)
    return surface.workspace.save(
        place,
        surface.template(file),
        parameters=merged(said, found),
        metadata=metadata,
        syntax=None if plain is None else "plain" if plain else "liquid",
        message=message,
        expect=None if force else expect or surface.expected(place),
    )


@command("show", examples=("show desk/emails/welcome", "show desk/emails/welcome@^1.2 --json"))
@click.argument("address", type=PROMPT)
@click.pass_obj
def show(surface: Surface, *, address: str) -> Prompt:
    """Show a prompt: template, parameters, metadata and digest."""
    return surface.workspace.get(surface.to_read(address))


@command(
    "render",
    examples=(
        "render desk/emails/welcome --var customer='Ada Lovelace'",
        "render desk/emails/welcome@production --vars values.json",
    ),
    in_notebook=(
        "render desk/emails/welcome --var customer=name --var orders=[o for o in orders if o.open]",
        "render welcome --vars {'customer': 'Ada'}",
    ),
)
@click.argument("address", type=PROMPT)
@var_option
@vars_option
@click.pass_obj
def render(
    surface: Surface, *, address: str, said: Sequence[Assignment], values: str | None
) -> Rendered:
    """Render a prompt to text, or to the messages of a chat."""
    prompt = surface.workspace.get(surface.to_read(address))
    return prompt.render(surface.values(prompt.parameters, said, values))


@command(
    "validate",
    examples=("validate desk/emails", "validate desk/emails/welcome@1.0.0"),
    sound=attrgetter("valid"),
)
@click.argument("address", required=False, type=ANY, metavar="ADDRESS")
@click.pass_obj
def validate(surface: Surface, *, address: str | None) -> Validation:
    """Check a prompt, or all prompts of a set.

    The draft is checked where no selector is given. Ends with exit code 1 when something is not
    sound.
    """
    return surface.workspace.validate(surface.to_change(address))
