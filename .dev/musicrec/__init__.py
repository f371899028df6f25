"""Editable-install shim: makes the repository's root importable as the package musicrec."""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parents[2])]
