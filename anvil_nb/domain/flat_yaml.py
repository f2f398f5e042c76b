"""The plainest YAML: one key and one short value a line, read without a parser.

Most frontmatter, contexts and small agents are this and nothing else, and where there are
thousands of them the parser is most of the time that reading takes. What is read here is what
``yaml_reader`` reads in it too; of anything else, sound or not, nothing is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anvil_nb.domain.digest import Json

# What YAML cannot hold, line breaks of YAML 1.1, a byte-order mark and the tab are left to the
# parser wherever they stand; so is a carriage return but before a line feed.
_NEVER: Final = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
# A letter first: no indicator, no number, no end of a document. A colon only within a word and
# no '#': neither a key in the value nor a comment behind it.
_PLAIN: Final = rf"[A-Za-z](?:[^{_NEVER}:#]|:(?=[A-Za-z0-9/]))*(?<! )"
_LINE: Final = re.compile(
    rf"([A-Za-z_][A-Za-z0-9_-]{{0,99}}): "
    rf"(?:({_PLAIN})|\"([^{_NEVER}\"\\]*)\"|'([^{_NEVER}']*)'|(-?[0-9]{{1,15}}))"
    rf"(?:\r?\n|\Z)"
).match
_PLAIN_PLACE: Final = 2
_INTEGER_PLACE: Final = 5

# YAML 1.2.2, 10.3.2: what is no text though it begins with a letter.
_CONSTANTS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def flat_mapping(text: str) -> dict[str, Json] | None:
    """Return the mapping that a text is; ``None`` where that takes the parser to tell."""
    said: dict[str, Json] = {}
    at = lines = 0
    while found := _LINE(text, at):
        key, place = found[1], found.lastindex
        if key in _CONSTANTS:
            return None
        value: str = found[place or 0]
        if place == _PLAIN_PLACE:
            said[key] = _CONSTANTS.get(value, value)
        else:
            said[key] = int(value) if place == _INTEGER_PLACE else value
        at, lines = found.end(), lines + 1
    return said if at == len(text) and lines and len(said) == lines else None
