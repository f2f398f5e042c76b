"""Choosing the working set: a notebook's own command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anvil_nb.cli.grammar import command
from anvil_nb.cli.options import SET
from anvil_nb.domain.address import parse_set_address
from anvil_nb.domain.naming import is_name
from anvil_nb.errors import AddressError, NotFoundError
from anvil_nb.results.done import Done

if TYPE_CHECKING:
    from anvil_nb.domain.address import Address
    from anvil_nb.magics.notebook import Notebook


@command("use", examples=("use desk/emails", "use", "use --none"))
@click.argument("address", required=False, type=SET, metavar="[SET]")
@click.option("--none", is_flag=True, help="Use no set.")
@click.pass_obj
def use(surface: Notebook, *, address: str | None, none: bool) -> Done:
    """Choose the set that short addresses are relative to.

    Alone, it shows that set. With desk/emails in use, welcome means desk/emails/welcome, and
    @1.0.0 that version of the set. What is read has the selector said here, if one is.
    """
    if none:
        surface.working_set = None
    elif address is not None:
        surface.working_set = str(_chosen(surface, address))
    now = surface.working_set
    if now is None:
        return Done("No set is in use; addresses are written in full.", {"set": None})
    return Done(f"Using {now}{_note(surface, now)}", {"set": now})


def _chosen(surface: Notebook, address: str) -> Address:
    """Return the set to use; one name alone is refused with the sets it may stand for."""
    name, mark, selector = address.partition("@")
    if not is_name(name):
        return parse_set_address(address)
    from anvil_nb.catalog.places import sets_meant  # noqa: PLC0415 - loads the store

    is_project, sets = sets_meant(surface.workspace.access, name)
    msg = f"a set is written project/set, and '{name}' is one name alone"
    if is_project:
        msg = f"'{name}' is a project, and what is used is a set in it"
    whole = [f"{one}{mark}{selector}" for one in sets]
    meant = "Did you mean " + " or ".join(whole) + "?\n" if whole else ""
    raise AddressError(msg, f"{meant}Try: anvil use {whole[0] if whole else f'{name}/emails'}")


def _note(surface: Notebook, address: str) -> str:
    place = parse_set_address(address).without_selector()
    try:
        surface.workspace.set(str(place))
    except NotFoundError as error:
        meant = error.hint.partition("\n")[0]
        note = f" {meant}" if meant.startswith("Did you mean") else ""
        return f", which is new: the first save makes it.{note}"
    return ""
