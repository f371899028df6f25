"""A sweep from beginning to end, or for as long as this process has a part in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.runs import CARD, check_name
from musicrec.core.sweeping.results import Outcome, outcome, write_results
from musicrec.core.sweeping.shared import SharedTrials, opened

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.places import Places
    from musicrec.core.protocols import ProtocolOptions
    from musicrec.core.records import ProtocolName
    from musicrec.core.sweeping.plan import Plan
    from musicrec.core.sweeping.working import Keep, SweepWatch


@dataclass(frozen=True, slots=True)
class Manner:
    """How this process goes about a sweep; others may go about it in another way.

    `test` says whose test figures are reported at the end, under `protocol`; `keep` and `prune` are as in `Worker`.
    """

    storage: str | None = None
    prune: bool = False
    keep: Keep = "weights"
    test: Literal["none", "best", "all"] = "none"
    protocol: ProtocolName = "full"


def stored(places: Places, name: str, storage: str | None = None) -> Outcome:
    """A sweep as it stands. Raises NotFound where there is none, and as `open_study` does."""
    with opened(places.run(check_name(name)), name, None, storage) as shared:
        return outcome(places, name, shared.plan, shared.trials(), shared.notes)


def run_sweep(
    explorer: Explorer,
    name: str,
    plan: Plan | None,
    manner: Manner,
    watch: SweepWatch | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Outcome, bool]:
    """Begin a sweep or go on with one; returns it as it then stands, and whether it was interrupted.

    Without a plan the sweep must be there. Raises UsageError for a name that a run has and for another plan than that
    of the sweep that is there, MusicrecError where nothing is held out for validation or not one training succeeds.
    """
    from musicrec.core.protocols import ProtocolOptions, tasks_for
    from musicrec.core.sweeping.working import Worker

    if os.environ.get("WORLD_SIZE", "1") != "1":
        raise UsageError("the processes of a sweep share its trials by themselves: start each without torchrun")
    places, folder = explorer.places, explorer.places.run(check_name(name))
    if (folder / CARD).is_file():
        raise UsageError(f"a run is called {name} already: choose another --name for the sweep")
    data, options = explorer.data(), ProtocolOptions(manner.protocol)
    if manner.test != "none":
        tasks_for(data, options)  # what does not go with the dataset is told before hours of training
    interrupted = False
    with opened(folder, name, plan, manner.storage, manner.prune) as shared:
        worker = Worker(
            name, shared, data, places, device=explorer.device, keep=manner.keep, prune=manner.prune, watch=watch
        )
        try:
            worker.run()
            _report(explorer, worker.now(), manner, options, progress)
        except KeyboardInterrupt:
            interrupted = True
        found = _written(worker.now, shared, places)
    failed = [each for each in found.results if each.trial.state == "failed"]
    if len(failed) == len(found.results):
        raise MusicrecError(f"sweep {name}: not one training succeeded; the first: {failed[0].trial.problem}")
    return found, interrupted


def _report(
    explorer: Explorer,
    found: Outcome,
    manner: Manner,
    options: ProtocolOptions,
    progress: Callable[[str, int, int], None] | None,
) -> None:
    from musicrec.core.models.registry import choose_device
    from musicrec.core.sweeping.reporting import measure_runs

    if manner.test == "none" or found.count("waiting") or found.count("running"):
        return
    device = choose_device(explorer.device)
    measure_runs(found, explorer.data(), explorer.places, options, manner.test, device, progress)


def _written(now: Callable[[], Outcome], shared: SharedTrials, places: Places) -> Outcome:
    with shared.alone():
        found = now()
        write_results(places, found)
    return found
