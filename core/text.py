"""Text as people type it and as it is searched: folding shared by the import and by every search box."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Return the form that searches compare: compatibility-composed (NFKC) and case-folded."""
    return unicodedata.normalize("NFKC", text).casefold()
