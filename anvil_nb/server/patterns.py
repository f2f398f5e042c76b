"""Selectors, versions and prefixes as regular expressions, for the specification of the API.

They say what the parsers of the domain take, so that a client that reads the specification knows:
no more, no less. Requests are held to the parsers, whose errors say at which column what is wrong.
"""

from __future__ import annotations

from typing import Final

from anvil_nb.domain.naming import NAME_PATTERN
from anvil_nb.domain.semver import MOST_DIGITS

_NUMBER: Final = rf"(?:0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}})"
_IDENTIFIER: Final = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_FULL: Final = rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_IDENTIFIER}(?:\.{_IDENTIFIER})*)?"
_ANY: Final = r"[xX*]"
_PARTIAL: Final = (
    rf"(?:{_FULL}|v?{_NUMBER}\.{_NUMBER}(?:\.{_ANY})?|v?{_NUMBER}(?:\.{_ANY}){{0,2}}"
    rf"|{_ANY}(?:\.{_ANY}){{0,2}})"
)
_COMPARATOR: Final = rf"(?:[<>]=?|[=^~])?[ \t]*{_PARTIAL}"
_SIDE: Final = rf"(?:{_PARTIAL}[ \t]+-[ \t]+{_PARTIAL}|{_COMPARATOR}(?:[ \t]+{_COMPARATOR})*)"
_RANGE: Final = rf"{_SIDE}(?:[ \t]*\|\|[ \t]*{_SIDE})*"
_NAMES: Final = rf"(?:{NAME_PATTERN}(?:/{NAME_PATTERN}(?:/{NAME_PATTERN}|/)?|/)?)?"

VERSION: Final = rf"^{_FULL}$"
"""One version, as ``domain.semver.Version.parse`` takes it."""
SELECTOR: Final = rf"^[ \t]*(?:{NAME_PATTERN}|sha256:[0-9a-f]{{6,64}}|{_RANGE})[ \t]*$"
"""What ``domain.selector.parse_selector`` takes."""
NO_LABEL: Final = rf"^(?:draft|latest|x|v?{_NUMBER})$"
"""Names that no label may have: in an address they mean something else."""
PREFIX: Final = rf"^(?:@{NAME_PATTERN}|(?:@{NAME_PATTERN}/)?{_NAMES}\*?)$"
"""What ``domain.address.parse_prefix`` takes."""
