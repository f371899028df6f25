"""Trying many cases, one after the other, and telling what went wrong as it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def try_cases(
    count: int,
    one: Callable[[int], object],
    problems: Sequence[str],
    tell: Callable[[str], object],
    what: str,
    every: int,
) -> None:
    """Call `one` with each number; tell what it adds to `problems`, and how far it is after `every` cases."""
    told = 0
    for number in range(count):
        one(number)
        for problem in problems[told:]:
            tell(problem)
        told = len(problems)
        if (number + 1) % every == 0:
            tell(f"{number + 1:,} {what}, {told} problems")
