"""What the bytes of a CSV file hold, looked up once for the whole file, which spares its lines from being asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from musicrec.core.errors import ImportFailed
from musicrec.core.tables.sources import opening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from musicrec.core.tables.sources import Source

CHUNK = 1 << 16  # more, and the memory for what is made of it is given back and asked for each time


@dataclass(frozen=True, slots=True)
class Texture:
    """What a file holds.

    `smooth` files have no control character of ASCII but LF, and no two spaces in a row; in `plain` ones every field
    between commas is what it says: ASCII, no quotes, no space at either end. Those of `even` ones are what any reader
    of CSV makes of them: every quote opens a field, closes one or is doubled inside one, and there are as many commas
    outside them as so many lines of so many columns have.
    """

    absent: str  # does not occur
    ascii: bool
    smooth: bool
    quotes: bool
    plain: bool
    even: bool
    lines: int  # with the header


def texture(
    source: Source, candidates: Sequence[str], columns: int, stopped: Callable[[], bool] = lambda: False
) -> Texture:
    """Read through a file of so many columns, the first line too. `absent` is the first of `candidates` that it lacks.

    Raises ImportFailed where it has them all, and once it is `stopped`.
    """
    look = Look()
    with opening(source.found), source.open() as opened:
        while chunk := opened.read(CHUNK):
            if stopped():
                raise ImportFailed(f"{source.found} was not looked through: the import has stopped")
            if not chunk.endswith(b"\n"):
                chunk += opened.readline(CHUNK)
            look.at(chunk)
    plain = look.ascii and look.smooth and not look.quotes and not look.padded
    even = look.even and columns > 1 and look.commas == look.lines * (columns - 1)
    absent = absent_from(source, candidates) if look.controls else candidates[0]
    return Texture(absent, look.ascii, look.smooth, look.quotes > 0, plain, even, look.lines)


class Look:
    """What was seen of a file so far, whole lines at a time."""

    def __init__(self) -> None:
        self.ascii = self.smooth = self.even = True
        self.controls = self.padded = False
        self.quotes = self.commas = self.lines = 0  # commas outside quotes

    def at(self, chunk: bytes) -> None:
        """Look at what follows. Where its last line is not whole, no more is taken for granted."""
        whole = chunk.endswith(b"\n")
        letters = np.frombuffer(b"\n" + chunk if whole else b"\n" + chunk + b"\n", dtype=np.uint8)
        ends = letters == ord("\n")
        lines = int(np.count_nonzero(ends)) - 1
        commas = letters == ord(",")
        self.lines += lines
        self.commas += int(np.count_nonzero(commas))
        self.ascii = self.ascii and chunk.isascii()
        if int(np.count_nonzero(letters < ord(" "))) > lines + 1 or b"\x7f" in chunk:
            self.controls, self.smooth = True, False
            self.even = self.even and b"\r" not in chunk and b"\0" not in chunk
        if not whole and len(chunk) > CHUNK:  # in the middle of a line
            self.smooth = self.even = False
        if self.smooth or not self.padded:
            self._spaces(letters == ord(" "), ends | commas)
        if b'"' in chunk:
            self._quotes(letters, commas)

    def _spaces(self, spaces: NDArray[np.bool_], separators: NDArray[np.bool_]) -> None:
        before, after = spaces[:-1], spaces[1:]
        self.smooth = self.smooth and not (before & after).any()
        self.padded = self.padded or bool((before & separators[1:]).any() or (after & separators[:-1]).any())

    def _quotes(self, letters: NDArray[np.uint8], commas: NDArray[np.bool_]) -> None:
        places = np.flatnonzero(letters == ord('"'))
        self.quotes += len(places)
        self.even = self.even and self.lines > 0 and len(places) % 2 == 0
        if self.even:
            opening, closing = places[::2], places[1::2]
            outside = np.frombuffer(b',\n"', dtype=np.uint8)
            tame = np.isin(letters[opening - 1], outside).all() and np.isin(letters[closing + 1], outside).all()
            inside = np.searchsorted(np.flatnonzero(commas), places)
            self.commas -= int((inside[1::2] - inside[::2]).sum())
            self.even = bool(tame)


def absent_from(source: Source, candidates: Sequence[str]) -> str:
    """Return the first of `candidates` that a file lacks; raise ImportFailed where it has them all."""
    for candidate in candidates:
        wanted, end = candidate.encode(), b""
        with opening(source.found), source.open() as opened:
            while chunk := opened.read(CHUNK):
                seen = end + chunk
                if wanted in seen:
                    break
                end = seen[-len(wanted) :]
            else:
                return candidate
    raise ImportFailed(f"{source.found} holds control characters in every order, expected text: is it the right file?")
