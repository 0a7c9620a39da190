"""Foreign text made harmless: what stands in it cannot act on a terminal nor forge a line."""

from __future__ import annotations

# C0 and C1 controls, line and paragraph separators, and what reorders text: Unicode 15, 23.1-23.3.
_ACTING = (
    *range(0x20),
    *range(0x7F, 0xA0),
    0x061C,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    *range(0xD800, 0xE000),  # halves of characters, which no encoding can write
)
_SHOWN = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _ACTING}


def printable(text: str) -> str:
    """The text on one line, with every character that acts rather than shows written out."""
    return text.translate(_SHOWN)
