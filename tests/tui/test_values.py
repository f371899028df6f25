"""Parameters of runs are written as one types them."""

from __future__ import annotations

import pytest

from musicrec.tui.runs.values import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (None, "–"), ([128, 64], "128, 64"), (("a", True), "a, true"), (0.5, "0.5")],
)
def test_values_are_written_as_they_are_typed(value: object, text: str) -> None:
    assert shown(value) == text
