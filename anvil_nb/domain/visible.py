"""Characters that cannot be seen, written so that they can.

A model reads a prompt as it is, a person reads it as it looks; whatever makes the two differ is
shown: carriage returns, escape sequences, zero-width spaces, characters that turn the direction
of the text ("Trojan Source", CVE-2021-42574), and tag characters, in which instructions can be
hidden. It is the one rule for every form a text is shown in, plain or HTML, and it keeps a
prompt from driving the terminal it is printed on.

What it writes is for eyes: it cannot be read back, and nothing is ever stored in this form.
Joiners and direction marks stay as they are, for Persian, Arabic, Hebrew and emoji are spelt
with them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_FIRST_PICTURE = 0x2400
_DELETE = 0x7F
_DELETE_PICTURE = "␡"

_HIDDEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0 and C1 controls
    "\xad\u180e\u200b\u2060-\u2065\ufeff"  # of no width
    "\u2028-\u202e\u2066-\u206f\ufff9-\ufffb"  # separators, directions, annotations
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"  # layout, tags
    "\ud800-\udfff"  # halves of characters
    "]"
)


def visible(text: str, *, keep: Collection[str] = "\n\t") -> str:
    r"""Return ``text`` with every hidden character written out.

    A C0 control character becomes its control picture (``\r`` is ``␍``, the escape character is
    ``␛``); any other hidden one becomes its code point, for example ``[U+202E]``. A lone
    surrogate, which UTF-8 cannot write, is written out too: what is returned can be encoded.

    Args:
        text: Any text.
        keep: Characters that stay as they are; line feeds and tabs unless told otherwise.
    """
    if text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: _written(found[0], keep), text)


def _written(character: str, keep: Collection[str]) -> str:
    point = ord(character)
    if character in keep:
        return character
    if point < ord(" "):
        return chr(_FIRST_PICTURE + point)
    if point == _DELETE:
        return _DELETE_PICTURE
    return f"[U+{point:04X}]"
