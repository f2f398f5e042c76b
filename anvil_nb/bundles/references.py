"""What only all documents of a bundle together tell: that every reference leads somewhere.

docs/bundle-format.md, F15 to F22 and F33. What one document alone tells is checked in ``documents``
and ``contents``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from anvil_nb.domain.digest import digest_of_tree
from anvil_nb.domain.naming import is_name
from anvil_nb.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from anvil_nb.bundles.documents import VersionDocument
    from anvil_nb.bundles.verifying import VerifiedBundle

_AGAIN = "Ask its maker to export it again."


def check_references(bundle: VerifiedBundle) -> None:
    """See that every id leads to the right kind of document, and names are unique (F15-F22).

    Raises:
        BundleError: for the first that does not.
    """
    _check_contents(bundle)
    _check_unique("project", (one.name for one in bundle.projects.values()))
    for in_set in bundle.sets.values():
        _must(in_set.project_id in bundle.projects, f"the set {in_set.name} is of no project here")
        for name, at in in_set.labels.items():
            version = bundle.versions.get(at)
            sound = version is not None and version.set_id == in_set.id and version.complete
            _must(sound, f"the label {name} of {in_set.name} points to no version of it here")
    _check_unique("set", map(bundle.path_of, bundle.sets.values()))
    for prompt in bundle.prompts.values():
        _must(prompt.set_id in bundle.sets, f"the prompt {prompt.name} is of no set here")
    for one in bundle.versions.values():
        _must(one.set_id in bundle.sets, f"the version {one.id} is of no set here")
        for name, leaf in one.tree.items():
            prompt_of = bundle.prompts.get(leaf.prompt_id)
            if prompt_of is None or prompt_of.set_id != one.set_id:
                raise BundleError(f"the prompt {name} of version {one.id} is not here", _AGAIN)
            if leaf.digest not in bundle.sizes:
                raise BundleError(f"the content of {name} in {one.id} is not here", _AGAIN)
    for set_id, versions in bundle.by_set.items():
        _must(bool(versions), f"the set {bundle.sets[set_id].name} has no version here")
        _check_unique("version", (one.number for one in versions))
    used = {leaf.digest for one in bundle.versions.values() for leaf in one.tree.values()}
    _must(used == bundle.sizes.keys(), "it holds contents that no version uses")
    has = {leaf.prompt_id for one in bundle.versions.values() for leaf in one.tree.values()}
    _must(has == bundle.prompts.keys(), "it holds prompts that no version has")
    held = {one.project_id for one in bundle.sets.values()}
    _must(held == bundle.projects.keys(), "it holds projects without sets")
    _check_external(bundle)


def check_digests(bundle: VerifiedBundle) -> None:
    """See that whole versions have the digests that they name (F21).

    Raises:
        BundleError: for the first that has not.
    """
    for one in bundle.versions.values():
        if one.complete:
            digest = digest_of_tree({name: leaf.digest for name, leaf in one.tree.items()})
            if digest != one.digest:
                where = _where(bundle, one)
                raise BundleError(f"{where} is not the tree that its digest names", _AGAIN)


def check_partials(
    bundle: VerifiedBundle, with_partials: Collection[str], went_on: Callable[[], None]
) -> None:
    """See that the partials of all versions lead somewhere, and end (F33).

    Args:
        bundle: Of which all else is sound.
        with_partials: Digests of the contents that render any.
        went_on: Is called before each of them is looked at; what it raises ends the check.

    Raises:
        BundleError: for the first that does not.
    """
    from anvil_nb.catalog.validation import check  # noqa: PLC0415 - loads the parser

    for one in bundle.versions.values() if with_partials else ():
        where = _where(bundle, one)
        suspects = [name for name, leaf in one.tree.items() if leaf.digest in with_partials]
        if not suspects:
            continue
        contents = {}
        for name, leaf in one.tree.items():
            went_on()
            contents[name] = bundle.content(leaf.digest)
        external = bundle.external.get(bundle.path_of(bundle.sets[one.set_id]), ())
        left = {reference.address.rpartition("/")[2] for reference in external}
        for name in suspects:
            went_on()
            errors = check(contents[name], contents).errors
            if not one.complete:
                errors = tuple(text for text in errors if not _is_left_out(text, left))
            _must(not errors, f"{where}: {name} is not sound: {errors[0] if errors else ''}")


def _check_contents(bundle: VerifiedBundle) -> None:
    """See that the manifest names exactly the documents (F15)."""
    found = (bundle.projects, bundle.sets, bundle.prompts, bundle.versions)
    for (kind, ids), documents in zip(bundle.manifest.contents.items(), found, strict=True):
        if list(ids) != sorted(documents):
            what = kind.replace("_", " ")
            raise BundleError(f"its manifest names other {what}s than it holds", _AGAIN)


def _check_external(bundle: VerifiedBundle) -> None:
    """See that what was left out is of a set here, and needed by prompts of that set (F21)."""
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for one in bundle.versions.values() if bundle.external else ():
        path = bundle.path_of(bundle.sets[one.set_id])
        if not one.complete:
            parts[path].update(f"{path}/{name}" for name in one.tree)
    for path, references in bundle.external.items():
        for reference in references:
            sound = is_name(reference.address.rpartition("/")[2])
            sound = sound and path in parts and parts[path].issuperset(reference.needed_by)
            _must(sound, "an external reference of its manifest is to no partial of a set here")


def _check_unique(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    _must(not twice, f"it has two {what}s '{twice[0] if twice else ''}'")


def _where(bundle: VerifiedBundle, version: VersionDocument) -> str:
    return f"{bundle.path_of(bundle.sets[version.set_id])}@{version.number}"


def _is_left_out(error: str, names: Collection[str]) -> bool:
    return any(f"renders '{name}', and" in error for name in names)


def _must(sound: bool, otherwise: str) -> None:  # noqa: FBT001 - the condition itself
    if not sound:
        raise BundleError(otherwise, _AGAIN)
