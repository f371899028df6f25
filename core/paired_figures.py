"""Which figures of two runs can stand side by side: those that were measured on the same terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from musicrec.core.records import Evaluation, Protocol


def alike_pairs(one: Sequence[Evaluation], other: Sequence[Evaluation]) -> list[tuple[Evaluation, Evaluation]]:
    """Return a pair for each of the terms that both were measured on, in the order of `one`.

    Terms are all of a protocol but its ks. Of several pairs on the same terms it is the one that shares most ks.
    """
    found: dict[Protocol, tuple[Evaluation, Evaluation]] = {}
    for first in one:
        for second in other:
            if (terms := terms_of(first.protocol)) == terms_of(second.protocol):
                best = found.setdefault(terms, (first, second))
                if len(shared_ks(first, second)) > len(shared_ks(*best)):
                    found[terms] = first, second
    return list(found.values())


def terms_of(protocol: Protocol) -> Protocol:
    """What two measurements must have in common to be compared: everything but the ks."""
    return replace(protocol, ks=())


def shared_ks(one: Evaluation, other: Evaluation) -> tuple[int, ...]:
    """Return the ks at which both were measured."""
    return tuple(k for k in one.protocol.ks if k in other.protocol.ks)
