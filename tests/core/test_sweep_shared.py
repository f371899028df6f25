"""Trials that processes share: each is trained once, whoever comes, goes or dies."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.sweeping import signs as module
from musicrec.core.sweeping.plan import Plan, make_plan
from musicrec.core.sweeping.shared import Claim, SharedTrials, opened

Open = Callable[..., AbstractContextManager[SharedTrials]]
GRID = make_plan(Plan("ncf", "data", "f", "grid", {"factors": "1|2", "layers": "1|2"}))


@pytest.fixture
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    return f"sqlite:///{tmp_path}/trials.db" if getattr(request, "param", "journal") == "sqlite" else None


both_storages = pytest.mark.parametrize("storage", ["journal", "sqlite"], indirect=True)


@pytest.fixture
def open_grid(storage: str | None, tmp_path: Path) -> Open:
    return lambda plan=GRID: opened(tmp_path / "grid", "grid", plan, storage)


def _key(claim: Claim) -> tuple[Any, ...]:
    return claim.number, *claim.parameters.values()


def _taken(shared: SharedTrials, most: int = 100) -> list[tuple[Any, ...]]:
    taken = []
    while len(taken) < most and (claim := shared.claim()) is not None:
        shared.finish(claim, 0.5)
        taken.append(_key(claim))
    return taken


EVERY = [(2 * (f - 1) + layers, f, layers) for f in (1, 2) for layers in (1, 2)]


@both_storages
def test_two_at_once_take_every_combination_once(open_grid: Open) -> None:
    with open_grid() as one, open_grid() as other:
        taken = [_key(claim) for who in (one, other, other, one) * 3 if (claim := who.claim()) is not None]
        assert sorted(taken) == EVERY
        assert one.claim() is other.claim() is None


def test_places_that_were_filled_twice_are_trained_once(open_grid: Open) -> None:
    with open_grid() as one:
        for place in range(1, 5):  # as a process does that looked before the first one had filled them
            for parameters in (one._parameters(place),) * 2:
                one._study.enqueue_trial(parameters, user_attrs={"place": place})
        assert sorted(_taken(one)) == EVERY
        assert [each.state for each in one.trials()] == ["finished"] * 4


@both_storages
def test_what_a_dead_process_trained_is_trained_again_with_the_same_parameters(open_grid: Open) -> None:
    with open_grid() as dead, open_grid() as alive:
        first, second = dead.claim(), alive.claim()
        assert first is not None
        assert second is not None
        assert (first.number, second.number) == (1, 2)
        dead._signs.lock.release()  # what the system does when a process ends, however it ends
        with open_grid() as heir:
            assert sorted(_taken(heir)) == [each for each in EVERY if each[0] != 2]
        assert alive.trials()[1].state == "running"
        alive.finish(second, 0.5)
        dead.finish(first, 0.9)  # too late: it was taken over
        assert [each.state for each in alive.trials()] == ["finished"] * 4
        assert [each.state for each in alive.trials()] == ["finished"] * 4


@both_storages
@pytest.mark.parametrize("signs", [[], ["worker"], ["worker", "host"]], ids=["none", "worker", "host"])
def test_what_was_taken_by_one_that_died_before_all_its_signs_is_trained(
    open_grid: Open, signs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST", 0.1)
    with open_grid() as dead, open_grid() as heir:
        with monkeypatch.context() as killed:
            begin = dead._signs.begin
            killed.setattr(dead._signs, "begin", lambda trial: begin(_Deaf(trial, signs)))
            assert dead.claim() is not None
        taken = _taken(heir)
        assert sorted(taken) == EVERY[1:]  # it lives
        dead._signs.lock.release()
        assert _taken(heir) == EVERY[:1]
        assert [each.state for each in heir.trials()] == ["finished"] * 4


class _Deaf:
    """Takes the first signs alone."""

    def __init__(self, trial: Any, signs: list[str]) -> None:
        self.trial, self.signs = trial, signs

    def set_user_attr(self, name: str, value: object) -> None:
        if name in self.signs:
            self.trial.set_user_attr(name, value)


def test_a_process_on_another_machine_is_gone_when_it_is_silent_for_long(
    open_grid: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_grid() as here:
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(module.platform, "node", lambda: "elsewhere")
            claim = here.claim()
        assert claim is not None
        with open_grid() as other:
            assert len(_taken(other)) == 3
            claim.note({"alive": module.time.time() - module.SILENT - 1})
            assert _taken(other) == [EVERY[0]]


@pytest.mark.parametrize("host", ["elsewhere", module.platform.node()])
@pytest.mark.parametrize("name", ["thesis.txt", f"{'a' * 32}.lock"])
def test_what_a_storage_tells_of_a_process_reaches_no_file_outside_the_sweep(
    open_grid: Open, host: str, name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("mine")
    with open_grid() as shared:
        claim = shared.claim()
        assert claim is not None
        for worker in (str(tmp_path / name), f"../../{name}"):
            claim.note({"worker": worker, "host": host, "alive": 0})
            assert shared._signs.gone(shared._running()[0])
            shared._signs.clear(shared._running()[0])
        assert sorted(_taken(shared)) == EVERY
    assert (tmp_path / name).read_text() == "mine"


def test_what_is_given_up_is_left_to_the_next_and_what_fails_is_not(open_grid: Open) -> None:
    with open_grid() as shared:
        given_up, failed = shared.claim(), shared.claim()
        assert given_up is not None
        assert failed is not None
        shared.give_up(given_up)
        shared.fail(failed, "it diverged")
        assert sorted(_taken(shared)) == [each for each in EVERY if each[0] != 2]
        assert (shared.trials()[1].state, shared.trials()[1].problem) == ("failed", "it diverged")


def test_a_guided_trial_that_was_broken_off_goes_on_with_its_own_parameters(
    storage: str | None, tmp_path: Path
) -> None:
    plan = make_plan(Plan("ncf", "data", "f", "guided", {"lr": "1e-4..1e-1:log"}, trials=3))
    with opened(tmp_path / "guided", "guided", plan, storage) as shared:
        claim = shared.claim()
        assert claim is not None
        shared.give_up(claim)
        taken = _taken(shared)
        assert len(taken) == 3
        assert _key(claim) in taken


def test_what_a_guided_search_proposes_in_vain_costs_no_place(storage: str | None, tmp_path: Path) -> None:
    space = {"short_term_len": "1..40", "long_term_len": "1..40"}
    plan = make_plan(Plan("dtnmr", "data", "f", "guided", space, trials=6))
    with opened(tmp_path / "guided", "guided", plan, storage) as shared:
        taken = _taken(shared)
        assert sorted(number for number, *_ in taken) == [1, 2, 3, 4, 5, 6]
        assert all(short <= long for _, short, long in taken)
        assert len(shared._study.get_trials()) > 6


def test_a_search_becomes_longer_and_never_another(open_grid: Open, storage: str | None, tmp_path: Path) -> None:
    def plan(trials: int, **more: Any) -> Plan:
        return make_plan(Plan("ncf", "data", "f", "random", {"factors": "1..100"}, trials=trials, **more))

    with opened(tmp_path / "random", "random", plan(3), storage) as shared:
        first = _taken(shared)
    with opened(tmp_path / "random", "random", plan(5), storage) as shared:
        assert _taken(shared) == [(at + 1, *each.values()) for at, each in enumerate(shared._planned.parameters)][3:]
        assert [each.number for each in shared.trials()] == [1, 2, 3, 4, 5]
        assert [(1, *shared.trials()[0].parameters.values())] == first[:1]
    with (
        pytest.raises(UsageError, match=r"fixed nothing, not epochs=3: choose another --name"),
        opened(tmp_path / "random", "random", plan(5, fixed={"epochs": 3}), storage),
    ):
        pass


def test_what_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no sweep is called 'none'"), opened(tmp_path / "none", "none", None):
        pass
    for url in ("nix", f"sqlite:///{tmp_path}/no/such/folder.db", "postgresql://me:secret@nowhere.invalid/x"):
        with pytest.raises(MusicrecError, match="cannot be opened") as problem, opened(tmp_path / "s", "s", GRID, url):
            pass
        assert "\n" not in str(problem.value)
        assert "secret" not in str(problem.value)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("mysql://me:secret@host/db", "mysql://me:***@host/db"),
        ("mysql://me:se/cr:et?@host:3306/db", "mysql://me:***@host:3306/db"),
        ("mysql://me:se@cret@host/db?x=a@b", "mysql://me:***@host/db?x=a@b"),
        ("postgresql+psycopg://me@server:secret@[::1]:5432/db", "postgresql+psycopg://me@server:***@[::1]:5432/db"),
        ("postgresql://me@host/db?password=secret&x=1", "postgresql://me@host/db?password=***&x=1"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("sqlite:///a@b:c.db", "sqlite:///a@b:c.db"),
        ("mysql:/me:secret@host", "mysql:/me:***@host"),  # no URL: it is told in an error
    ],
)
def test_the_password_of_a_storage_is_not_kept(
    url: str, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from optuna import storages

    from musicrec.core.sweeping import storage

    monkeypatch.setattr(
        storage, "_study", lambda library, *_: library.create_study(storage=storages.InMemoryStorage(), study_name="s")
    )
    with opened(tmp_path / "s", "s", GRID, url):
        told = (tmp_path / "s" / "space.json").read_text()
    assert json.loads(told)["storage"] == kept
    with (
        pytest.raises(UsageError, match=re.escape(f"{kept}: name it by --storage")),
        opened(tmp_path / "s", "s", None),
    ):
        pass


def test_without_optuna_the_command_that_brings_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MusicrecError, match=r"pip install 'musicrec\[sweep\]'"), opened(tmp_path / "s", "s", GRID):
        pass
