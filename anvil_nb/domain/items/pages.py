"""Content: one Markdown file with YAML frontmatter, of a source.

Its key is the source's id and the slug, which may be empty and may have slashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anvil_nb.domain.items.kinds import check_key
from anvil_nb.domain.items.layout import Layout
from anvil_nb.domain.items.text import read_markdown
from anvil_nb.errors import ItemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

SUFFIX: Final = ".md"
_INDEX = "index"

PLACES: Final = {
    name: ((name,),)
    for name in (
        "slug",
        "title",
        "description",
        "kind",
        "author",
        "published_at",
        "keywords",
        "tags",
        "image",
        "category",
        "public",
        "links",
    )
}


def lay_out(files: Mapping[str, bytes], place: Mapping[str, Json]) -> Layout:
    """Return where the fields of a page stand.

    Args:
        files: Its one file, by its path in the folder of the source.
        place: ``source`` is the source's id.

    Raises:
        ItemError: when it is no page.
    """
    source = str(place.get("source", ""))
    if len(files) != 1:
        msg = f"a page is one Markdown file, found {len(files)}"
        raise ItemError(msg, "Save each file by itself.")
    path = next(iter(files))
    text = read_markdown(path, files[path])
    if text.fields is None:
        msg = f"{path} has no frontmatter, and so no title"
        raise ItemError(msg, "Open it with '---', a line 'title: …', and '---'.")
    said = text.fields.get("slug")
    if said is not None and not isinstance(said, str):
        msg = f"the slug of {path} is not text"
        raise ItemError(msg, f'Put it in quotes: slug: "{said}".')
    slug = slug_of(path) if said is None else said
    notes = (f"{path} says no slug; its path makes it '{slug}'",) if said is None else ()
    return Layout(
        kind="content",
        key=check_key("content", f"{source}/{slug}"),
        texts={path: text},
        roots={path: ()},
        places=PLACES,
        home=path,
        prose=path,
        prose_field="body",
        made={"source_id": source, "slug": slug},
        notes=notes,
    )


def fields(layout: Layout) -> dict[str, Json]:
    """Return the record of a page.

    Raises:
        ItemError: for a field of the wrong type, or where there is no title.
    """
    text = layout.texts[layout.prose or ""]
    title = layout.text("title")
    if title is None:
        raise ItemError(f"{text.path} has no title", "Add a line 'title: …' to its frontmatter.")
    slug = layout.made["slug"]
    said = text.fields or {}
    return {
        "source_id": layout.made["source_id"],
        "slug": slug,
        "title": title,
        "description": layout.text("description") or "",
        "kind": layout.text("kind"),
        "author": layout.text("author"),
        "published_at": layout.text("published_at"),
        "keywords": said.get("keywords"),
        "tags": layout.texts_of("tags"),
        "image": layout.text("image"),
        "category": layout.text("category"),
        "public": layout.flag("public", default=True),
        "links": said.get("links"),
        "body": text.prose,
    }


def slug_of(path: str) -> str:
    """Return the slug that a path makes: ``a/index.md`` is ``a``, and ``index.md`` is nothing."""
    *folders, name = path.removesuffix(SUFFIX).split("/")
    return "/".join(folders if name == _INDEX else [*folders, name])
