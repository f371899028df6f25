"""Whole numbers of more digits than a machine word has: told in a line wherever they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import config_for
from musicrec.core.models.written import config_from_words
from musicrec.core.sweeping.plan import Plan, Search, make_plan
from musicrec.core.sweeping.shared import opened
from musicrec.core.sweeping.space import read_space
from musicrec.core.typed import MOST_PLACES, counts, places

LARGE = 10**400


@pytest.mark.parametrize(("name", "bits"), [("factors", 31), ("seed", 63), ("epochs", 31)])
def test_parameters_have_a_bound(name: str, bits: int) -> None:
    with pytest.raises(UsageError, match=f"{name} must be below 2\\^{bits}, not 1000"):
        config_for("ncf", chosen={name: LARGE})


@pytest.mark.parametrize("value", [LARGE, -LARGE])
def test_a_whole_number_in_place_of_another_has_one_too(value: int) -> None:
    with pytest.raises(UsageError, match=r"lr takes a number, not -?1000"):
        config_for("ncf", chosen={"lr": value})


def test_words_and_ranges_have_one_too() -> None:
    with pytest.raises(UsageError, match="factors takes a whole number, not '1000"):
        config_from_words("ncf", "default", {"factors": str(LARGE)})
    with pytest.raises(UsageError, match="factors takes a whole number, not '1000"):
        read_space("ncf", {"factors": f"2..{LARGE}:log"})


def test_places_are_as_many_as_lists_can_have() -> None:
    assert places(f"{MOST_PLACES}, 5,5") == (5, MOST_PLACES)
    assert counts("10,0") == (0, 10)
    for odd, told in ((MOST_PLACES + 1, "not 10001"), (f"0,{MOST_PLACES + 1}", "not 0"), ("0", "not 0")):
        with pytest.raises(UsageError, match=f"--k must be from 1 to 10,000, {told}"):
            places(str(odd))
    for odd in (LARGE, "-1", "٣", "1_0", "5,", ""):
        with pytest.raises(UsageError, match="--k takes whole numbers"):
            places(str(odd))


@pytest.mark.parametrize("search", ["random", "guided"])
@pytest.mark.parametrize("seed", [-1, 50_000, 2**63])
def test_a_search_has_any_seed(search: Search, seed: int, tmp_path: Path) -> None:
    plan = make_plan(Plan("mf", "d", "f", search, {"factors": "2..9"}, trials=2, seed=seed))
    with opened(tmp_path, "s", plan) as shared:
        claim = shared.claim()
        assert claim is not None
        assert 2 <= int(claim.parameters["factors"]) <= 9
