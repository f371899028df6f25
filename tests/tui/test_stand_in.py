"""The stand-in has the door of the real explorer, to the letter."""

from __future__ import annotations

import inspect

import pytest
from stand_in import StandIn
from stand_in_browsing import BrowsingStandIn

from musicrec.core.explorer import Explorer

TOLD = {**vars(BrowsingStandIn), **vars(StandIn)}
DOOR = sorted(name for name, value in TOLD.items() if callable(value) | isinstance(value, property) and name[0] != "_")


@pytest.mark.parametrize("name", DOOR)
def test_signature(name):
    real, stand_in = inspect.getattr_static(Explorer, name), TOLD[name]
    if isinstance(real, property):
        real, stand_in = real.fget, stand_in.fget
    assert inspect.signature(real) == inspect.signature(stand_in)
