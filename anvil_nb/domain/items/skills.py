"""Skills: a folder with ``SKILL.md`` or ``index.md``, perhaps ``config.yaml``, and files beside it.

The Agent Skills standard's folder, with ``name`` and ``description`` in its frontmatter, is one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anvil_nb.domain.items.kinds import check_key
from anvil_nb.domain.items.layout import Layout
from anvil_nb.domain.items.text import read_markdown, read_yaml
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json
    from anvil_nb.domain.items.text import FileText

CONFIGS: Final = ("config.yaml", "config.yml")
MAINS: Final = ("SKILL.md", "index.md")

PLACES: Final = {
    "id": (("id",), ("slug",)),
    "name": (("name",), ("title",)),
    "description": (("description",),),
    "enabled": (("enabled",),),
    "tags": (("tags",),),
    "category": (("category",),),
    "file": (("file",),),
    "assigned_agents": (("assigned_agents",),),
}


def lay_out(files: Mapping[str, bytes], place: Mapping[str, Json]) -> Layout:
    """Return where the fields of a skill stand.

    Args:
        files: All files of its folder, by their paths in it.
        place: ``folder`` is the folder's name.

    Raises:
        ItemError: when it is no skill.
    """
    folder = str(place.get("folder", ""))
    config = _config(files)
    main = _main(files, config)
    texts = {one.path: one for one in (config, read_markdown(main, files[main])) if one}
    layout = Layout(
        kind="skill",
        key=folder,
        texts=texts,
        roots=dict.fromkeys(texts, ()),
        places=PLACES,
        home=config.path if config else main,
        prose=main,
        prose_field="instructions",
        made={"file": main},
        notes=_both_mains(files, config, main),
    )
    key = check_key("skill", layout.text("id") or folder)
    return layout if key == folder else replace(layout, key=key)


def fields(layout: Layout) -> dict[str, Json]:
    """Return the record of a skill.

    Raises:
        ItemError: for a field of the wrong type.
    """
    text = layout.texts[layout.prose or ""]
    return {
        "id": layout.key,
        "name": layout.text("name") or layout.key,
        "description": layout.text("description") or "",
        "instructions": text.prose,
        "enabled": layout.flag("enabled", default=True),
        "tags": layout.texts_of("tags"),
        "category": layout.text("category"),
        "file": text.path,
        "assigned_agents": layout.texts_of("assigned_agents"),
    }


def _config(files: Mapping[str, bytes]) -> FileText | None:
    found = [name for name in CONFIGS if name in files]
    if len(found) > 1:
        msg = f"there are both {found[0]} and {found[1]}"
        raise ItemError(msg, "Keep one of them.")
    return read_yaml(found[0], files[found[0]]) if found else None


def _main(files: Mapping[str, bytes], config: FileText | None) -> str:
    said = (config.fields or {}).get("file") if config else None
    if said is not None:
        if isinstance(said, str) and said in files:
            return said
        msg = f"{config.path if config else ''} names the file {said!r}, which is not there"
        raise ItemError(msg, "Correct 'file', or leave it out: SKILL.md or index.md is found.")
    for name in MAINS:
        if name in files:
            return name
    msg = "there is no SKILL.md or index.md in it"
    raise ItemError(msg, "Write the instructions into SKILL.md.")


def _both_mains(files: Mapping[str, bytes], config: FileText | None, main: str) -> tuple[str, ...]:
    said = config is not None and (config.fields or {}).get("file") is not None
    others = [name for name in MAINS if name in files and name != main]
    if said or not others:
        return ()
    return (f"there are both {main} and {others[0]}; {main} counts",)
