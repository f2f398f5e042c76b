"""Contents in a bundle: where each lies, and that it is one that could have been saved here.

docs/bundle-format.md, F20 and F33. Each is checked by itself; what the prompts of a version are
together is checked in ``references``.
"""

from __future__ import annotations

from anvil_nb.bundles.documents import OBJECTS
from anvil_nb.domain.digest import PREFIX, from_canonical_json
from anvil_nb.domain.prompt import Content, Metadata, content_from_json
from anvil_nb.domain.strict_json import DEPTH, is_deeper
from anvil_nb.errors import AnvilError, BundleError

_AGAIN = "Ask its maker to export it again."
_NO_METADATA = Metadata()


def member_of(digest: str) -> str:
    """Return where the content of a digest lies."""
    return f"{OBJECTS}{digest.removeprefix(PREFIX)}.json"


def digest_of_member(name: str) -> str:
    """Return the digest that a member of ``OBJECTS`` is named by; it may be none."""
    return PREFIX + name.removeprefix(OBJECTS).removesuffix(".json")


def read_content(name: str, data: bytes) -> Content:
    """Return a content, if it is canonical and sound in itself.

    Args:
        name: The member, for the error.
        data: What it holds.

    Raises:
        BundleError: when it is not; its template is not parsed here.
    """
    try:
        found = from_canonical_json(data.decode())
        deep = is_deeper(found, DEPTH)
        content = _declared(content_from_json(found))
        canonical = content.body.encode() == data
    except AnvilError as error:
        raise BundleError(f"{name} is not sound: {error.message}", _AGAIN) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"{name} is not sound: it is no content of a prompt", _AGAIN) from error
    if deep:  # F9
        raise BundleError(f"{name} is not sound: it nests deeper than {DEPTH}", _AGAIN)
    if not canonical:  # F20: or it holds more, or otherwise, than what is declared
        raise BundleError(f"{name} is not canonical JSON", _AGAIN)
    return content


def partials_of(name: str, content: Content) -> tuple[str, ...]:
    """Return the partials that a content renders, if its template parses.

    Raises:
        BundleError: when it does not.
    """
    if content.syntax != "liquid":
        return ()
    from anvil_nb.domain.template import partials_in  # noqa: PLC0415 - loads the parser

    try:
        return partials_in(content.template)
    except AnvilError as error:
        raise BundleError(f"{name} is not sound: {error.message}", _AGAIN) from error


def _declared(content: Content) -> Content:
    """Return the content as saving it would make it, with all checks of its declarations."""
    if not content.parameters and content.metadata == _NO_METADATA:
        return content
    return Content(content.template).with_fields(content.to_fields())
