"""Arguments and options that several commands take, and how these are read and completed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.names import without_selector
from anvil_nb.cli.surface import completing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from click.shell_completion import CompletionItem

    from anvil_nb.cli.names import Kind, Names
    from anvil_nb.cli.surface import Surface


class AddressType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5
    """An address. It is parsed by the workspace; this type knows how to complete it.

    Args:
        kind: What may stand there.
        selector: Whether a selector may follow.
    """

    name = "address"

    def __init__(self, kind: Kind, *, selector: bool = True) -> None:
        self.kind = kind
        self.selector = selector

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the addresses in the store that begin so."""
        del param
        if (surface := completing(ctx)) is None:
            return []
        within = surface.working_set
        return _items(
            surface.names.addresses(incomplete, self.kind, selector=self.selector, within=within)
        )


class SideType(AddressType):
    """The second side of a comparison: an address, or a selector of the first one's set."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the selectors of the first side's set, then the addresses, that begin so."""
        found = super().shell_complete(ctx, param, incomplete)
        first, surface = ctx.params.get("address"), completing(ctx)
        if not first or surface is None:
            return found
        selectors = surface.names.selectors(_full(first, surface))
        return _items(one for one in selectors if one.startswith(incomplete)) + found


class SetOrLabelType(AddressType):
    """A set; or, where short addresses are taken, a label of the one in use."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the labels of the set in use, then the sets, that begin so."""
        found = super().shell_complete(ctx, param, incomplete)
        surface = completing(ctx)
        if surface is None or surface.working_set is None:
            return found
        known = surface.names.labels(surface.working_set)
        return _items(one for one in known if one.startswith(incomplete)) + found


class NameType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5
    """A name that the store knows for the address on the same line, such as a label."""

    def __init__(self, name: str, known: Callable[[Names, str], Iterable[str]]) -> None:
        self.name = name
        self.known = known

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so."""
        del param
        if (surface := completing(ctx)) is None:
            return []
        place = ctx.params.get("address") or surface.working_set
        places = [place] if isinstance(place, str) else place or ()
        known = [name for one in places for name in self.known(surface.names, _full(one, surface))]
        return _items(name for name in dict.fromkeys(known) if name.startswith(incomplete))


class AssignmentType(NameType):
    """``name=…``, taken apart at the first ``=``."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the name and what is assigned."""
        if isinstance(value, tuple):
            return value
        name, mark, text = value.partition("=")
        if not mark or not name.strip():
            self.fail(f"'{value}' is not of the form name=…", param, ctx)
        return name.strip(), text


class FileType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5
    """The path of a file or folder, or ``-`` for standard input or the body of a cell."""

    name = "file"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Leave it to the shell to list files."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only here

        del ctx, param
        return [CompletionItem(incomplete, type="file")]


class WrittenOption(click.Option):
    """An option whose value a notebook reads as Python (or JSON), quotes and all."""


def _items(names: Iterable[str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - costs imports

    return [CompletionItem(name) for name in names]


def _full(address: str, surface: Surface) -> str:
    """Return an address that may be short, or only a selector, with the set it is in."""
    within = without_selector(surface.working_set or "")
    if not within or "/" in address:
        return address
    return f"{within}{address}" if address.startswith("@") else f"{within}/{address}"


PROMPT = AddressType("prompt")
PROMPT_PLACE = AddressType("prompt", selector=False)
SET = AddressType("set")
SET_PLACE = AddressType("set", selector=False)
SET_OR_LABEL = SetOrLabelType("set", selector=False)
PROJECT = AddressType("project", selector=False)
ANY = AddressType("any")
SIDE = SideType("any")
FILE = FileType()

LABEL = NameType("name", lambda names, address: names.labels(address))
DIGEST = NameType("digest", lambda names, address: names.digests(address))
TEXT_ASSIGNMENT = AssignmentType("assignment", lambda *_: ())
VALUE = AssignmentType("assignment", lambda names, address: names.parameters(address))

message_option = click.option(
    "-m", "--message", default="", metavar="TEXT", help="Why, for the history."
)

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be done, and do nothing."
)
plan_option = click.option("--plan", metavar="ID", help="Refuse unless the plan is still this one.")

limit_option = click.option(
    "--limit", type=int, default=None, metavar="N", help="How many at most; 50 unless said."
)
cursor_option = click.option(
    "--cursor", metavar="CURSOR", help="Go on where the page before ended; it gave the cursor."
)

var_option = click.option(
    "--var",
    "said",
    cls=WrittenOption,
    type=VALUE,
    multiple=True,
    metavar="NAME=VALUE",
    help="A value. A terminal reads text by the parameter's type, a notebook reads Python.",
)
vars_option = click.option(
    "--vars",
    "values",
    cls=WrittenOption,
    type=FILE,
    metavar="FILE|-",
    help="A file with a JSON object of values; in a notebook, Python for a dict may stand there.",
)

bump_option = click.option(
    "--bump",
    type=click.Choice(["major", "minor", "patch"]),
    help="At least this; otherwise what the changes call for.",
)
version_option = click.option("--version", metavar="VERSION", help="Exactly this number.")
