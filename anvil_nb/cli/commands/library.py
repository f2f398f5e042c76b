"""Skills, content, agents and contexts: the same commands for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from anvil_nb.cli.grammar import Command, Group, command
from anvil_nb.cli.options import (
    FILE,
    TEXT_ASSIGNMENT,
    WrittenOption,
    cursor_option,
    limit_option,
    message_option,
)
from anvil_nb.cli.surface import completing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.shell_completion import CompletionItem

    from anvil_nb.cli.surface import Assignment, Surface
    from anvil_nb.results.done import Done
    from anvil_nb.results.library import Item, ItemFile, ItemHistory, ItemPage, ItemSaved


class KeyType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5
    """The name of an item; those in the store are completed."""

    name = "name"

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin so."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only here

        del param
        surface = completing(ctx)
        found = surface.names.items(self.kind, incomplete) if surface else []
        return [CompletionItem(one) for one in found]


_expect = click.option(
    "--expect",
    metavar="DIGEST",
    help="Refuse unless it has this digest, or is not there for 'new'.",
)
_set = click.option(
    "--set",
    "changes",
    cls=WrittenOption,
    type=TEXT_ASSIGNMENT,
    multiple=True,
    metavar="FIELD=JSON",
    help="A field; what is no JSON is text, null takes the field away, a dot leads into a mapping.",
)


def _ls(kind: str, plural: str) -> Command:
    @command("ls", examples=(f"{kind} ls", f"{kind} ls --json"))
    @click.argument("prefix", required=False, default="", type=KeyType(kind))
    @limit_option
    @cursor_option
    @click.pass_obj
    def ls(surface: Surface, *, prefix: str, limit: int | None, cursor: str | None) -> ItemPage:
        page: dict[str, Any] = {} if limit is None else {"limit": limit}
        return surface.workspace.items(kind, prefix, cursor=cursor, **page)

    return _named(ls, f"List {plural} in the order of their names.")


def _show(kind: str, one: str, name: str) -> Command:
    @command("show", examples=(f"{kind} show {name}", f"{kind} show {name} --json"))
    @click.argument("name", type=KeyType(kind))
    @click.option("--file", "path", metavar="PATH", help="One of its files, in place of it.")
    @click.pass_obj
    def show(surface: Surface, *, name: str, path: str | None) -> Item | ItemFile:
        if path is not None:
            return surface.workspace.item_file(kind, name, path)
        return surface.workspace.item(kind, name)

    return _named(show, f"Show {one}: its fields, files and text.")


def _show_agent() -> Command:
    @command("show", examples=("agent show research", "agent show research --resolved"))
    @click.argument("name", type=KeyType("agent"))
    @click.option("--file", "path", metavar="PATH", help="Its file, in place of it.")
    @click.option(
        "--resolved", is_flag=True, help="With the text of the prompt that its prompt names."
    )
    @click.pass_obj
    def show(surface: Surface, *, name: str, path: str | None, resolved: bool) -> Item | ItemFile:
        if path is not None:
            return surface.workspace.item_file("agent", name, path)
        return surface.workspace.item("agent", name, resolved=resolved)

    return _named(show, "Show an agent: its fields and its system prompt.")


def _save(kind: str, one: str, source: str, examples: Sequence[str]) -> Command:
    @command("save", examples=examples, in_notebook=[one for one in examples if " < " not in one])
    @click.argument("name", type=KeyType(kind))
    @click.argument("source", required=False, type=FILE, metavar=source)
    @_set
    @message_option
    @_expect
    @click.pass_obj
    def save(  # noqa: PLR0913 - what a save may say
        surface: Surface,
        *,
        name: str,
        source: str | None,
        changes: Sequence[Assignment],
        message: str,
        expect: str | None,
    ) -> ItemSaved:
        from anvil_nb.cli.declarations import setting  # noqa: PLC0415 - late, on purpose
        from anvil_nb.errors import InvalidInputError  # noqa: PLC0415 - see above

        fields = {field: setting(text, quoted=surface.quotes) for field, text in changes}
        if (source is None) == (not fields):
            msg = "a save takes a file, or fields with --set: one of the two"
            raise InvalidInputError(msg, f"Try: anvil {examples[-1]}")
        what: Any = fields
        if source is not None:
            what = surface.template(source).encode() if source == "-" else source
        return surface.workspace.save_item(kind, name, what, expect=expect, message=message)

    return _named(save, _SAVE.format(one=one))


_SAVE = """Save {one}, from a file or by its fields.

Only what differs is changed in its files: comments, the order of keys and all else stay. What it
was before stays in its history."""


def _rm(kind: str, one: str, name: str) -> Command:
    @command("rm", examples=(f"{kind} rm {name}",))
    @click.argument("name", type=KeyType(kind))
    @message_option
    @_expect
    @click.pass_obj
    def rm(surface: Surface, *, name: str, message: str, expect: str | None) -> Done:
        return surface.workspace.remove_item(kind, name, expect=expect, message=message)

    return _named(rm, f"Remove {one}; its history keeps it.")


def _rename(kind: str, one: str, name: str, new: str) -> Command:
    @command("rename", examples=(f"{kind} rename {name} {new}",))
    @click.argument("name", type=KeyType(kind))
    @click.argument("new")
    @message_option
    @click.pass_obj
    def rename(surface: Surface, *, name: str, new: str, message: str) -> Done:
        return surface.workspace.rename_item(kind, name, new, message=message)

    return _named(rename, f"Give {one} another name; it keeps its history.")


def _log(kind: str, one: str, name: str) -> Command:
    @command("log", examples=(f"{kind} log {name}",))
    @click.argument("name", type=KeyType(kind))
    @limit_option
    @cursor_option
    @click.pass_obj
    def log(surface: Surface, *, name: str, limit: int | None, cursor: str | None) -> ItemHistory:
        page: dict[str, Any] = {} if limit is None else {"limit": limit}
        return surface.workspace.item_log(kind, name, cursor=cursor, **page)

    return _named(log, f"Show every change of {one}, newest first.")


def _restore(kind: str, one: str, name: str) -> Command:
    @command("restore", examples=(f"{kind} restore {name} --to 3f2a9c1d",))
    @click.argument("name", type=KeyType(kind))
    @click.option("--to", required=True, metavar="DIGEST", help="As the log shows it.")
    @message_option
    @click.pass_obj
    def restore(surface: Surface, *, name: str, to: str, message: str) -> ItemSaved:
        return surface.workspace.restore_item(kind, name, to, message=message)

    return _named(restore, f"Put back what {one} once was.")


def _named(made: Command, text: str) -> Command:
    made.help = text
    return made


def _group(  # noqa: PLR0913 - what the words of a kind are
    kind: str, *, one: str, plural: str, name: str, new: str, source: str, save: Sequence[str],
    show: Callable[[], Command] | None = None,
) -> Group:  # fmt: skip
    return Group(
        kind,
        help=f"List, show, save and remove {plural}.",
        commands=[
            _ls(kind, plural),
            show() if show else _show(kind, one, name),
            _save(kind, one, source, save),
            _rm(kind, one, name),
            _rename(kind, one, name, new),
            _log(kind, one, name),
            _restore(kind, one, name),
        ],
    )


skill = _group(
    "skill",
    one="a skill",
    plural="skills",
    name="triage",
    new="mail-triage",
    source="FILE|DIR|-",
    save=(
        "skill save triage services/skills/triage",
        "skill save triage - < SKILL.md",
        "skill save triage --set description='Sorts mail' --set enabled=false",
    ),
)
content = _group(
    "content",
    one="a page of content",
    plural="pages of content",
    name="blog/first-post",
    new="blog/hello",
    source="FILE|-",
    save=(
        "content save blog/first-post first-post.md",
        "content save blog/first-post --set title='Hello' --set 'tags=[\"news\"]'",
    ),
)
agent = _group(
    "agent",
    one="an agent",
    plural="agents",
    name="research",
    new="librarian",
    source="FILE|-",
    save=(
        "agent save research services/agents/research.yaml",
        "agent save research --set system_prompt=anvil:desk/agents/research@production",
    ),
    show=_show_agent,
)
context = _group(
    "context",
    one="a context",
    plural="contexts",
    name="support",
    new="helpdesk",
    source="FILE|-",
    save=("context save support --set description='Questions of customers'",),
)
