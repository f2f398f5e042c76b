"""Files on disk: reading what people bring, writing what they take away.

``text`` turns bytes into text and JSON, ``tables`` into records, ``source`` into rows that a
prompt can be made of; ``writing`` puts bytes in their place. Every reading has a limit and every
refusal a place. What a row's fields mean is the domain's.

Names are imported when they are first used: most commands only ever write.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anvil_nb.files.source import SourceRow, read_source
    from anvil_nb.files.tables import read_rows
    from anvil_nb.files.text import read_json_file, read_text_file
    from anvil_nb.files.writing import write_atomically, write_files

__all__ = [
    "SourceRow",
    "read_json_file",
    "read_rows",
    "read_source",
    "read_text_file",
    "write_atomically",
    "write_files",
]

_MODULES = {
    "SourceRow": "source",
    "read_json_file": "text",
    "read_rows": "tables",
    "read_source": "source",
    "read_text_file": "text",
    "write_atomically": "writing",
    "write_files": "writing",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
