"""What came of a sweep: its trials with the runs that they left, as a table and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from musicrec.core.figures import metric_title
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Protocol
from musicrec.core.runs import METRICS, read_evaluations, write_atomically
from musicrec.core.sweeping.plan import Plan
from musicrec.core.sweeping.shared import Trial
from musicrec.core.sweeping.space import Parameters
from musicrec.core.tabular import Cell, Sheet, to_csv

RESULTS = "results.csv"
_ORDER = ("finished", "pruned", "failed", "running", "waiting")
_USUAL = ("hr@10", "ndcg@10")
_TERMS = ("seed", "listeners")  # of a measurement, that stand beside its figures
FOR_REPORTING = "test figures are for reporting: nothing is chosen by them"


@dataclass(frozen=True, slots=True)
class Result:
    """One trial and its run.

    `test` maps a kind of measurement, such as `full` or `full-seed-8`, to the means that the run keeps of it, such as
    `ndcg@10`; `protocols` has its whole protocol.
    """

    run: str
    trial: Trial
    test: dict[str, dict[str, float]]
    protocols: dict[str, Protocol]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sweep as it stands; `baselines` were measured on the test split beside its runs."""

    name: str
    plan: Plan
    results: tuple[Result, ...]
    baselines: tuple[Evaluation, ...]
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Result | None:
        """The finished trial with the highest validation NDCG@10, the earliest of equals; None before one is."""
        return best_of(self.results)

    def count(self, state: str) -> int:
        """How many trials are in this state."""
        return sum(result.trial.state == state for result in self.results)


def run_name(sweep: str, number: int) -> str:
    """Name the run of a trial."""
    return f"{sweep}-{number:03d}"


def outcome(places: Places, name: str, plan: Plan, trials: Sequence[Trial], notes: Iterable[str] = ()) -> Outcome:
    """Put trials beside the test figures that their runs keep."""
    results, labels, notices = [], dict[str, None](), dict[str, None]()
    for trial in trials:
        run = run_name(name, trial.number)
        measured = _on_test(read_evaluations(places, run)) if trial.state == "finished" else ()
        labels |= dict.fromkeys(each.protocol.label for each in measured)
        notices |= dict.fromkeys(notice for each in measured for notice in each.notices)
        means = {_kind(each.protocol): _means(each) for each in measured}
        results.append(Result(run, trial, means, {_kind(each.protocol): each.protocol for each in measured}))
    told = (*notes, *labels, *notices, *((FOR_REPORTING,) if labels else ()))
    return Outcome(name, plan, tuple(results), _on_test(read_evaluations(places, name)), told)


def best_of(results: Sequence[Result]) -> Result | None:
    """The finished trial with the highest validation NDCG@10, the earliest of equals."""
    finished = [each for each in results if each.trial.state == "finished"]
    return max(finished, key=lambda each: each.trial.ndcg or 0.0, default=None)


def keep_baselines(places: Places, name: str, evaluations: Iterable[Evaluation]) -> None:
    """Keep the figures of models that are no runs in the sweep's folder."""
    for each in evaluations:
        path = places.run(name) / METRICS / f"{each.model}-{each.protocol.key}.json"
        write_atomically(path, (json.dumps(asdict(each), indent=2) + "\n").encode())


def write_results(places: Places, found: Outcome) -> None:
    """Write `results.csv`, whole or not at all, without a cell that a spreadsheet takes for a formula."""
    write_atomically(places.run(found.name) / RESULTS, to_csv(results_sheet(found), safe=True).encode())


def results_sheet(found: Outcome) -> Sheet:
    """One row a trial, in their order."""
    names, figures = list(found.plan.space), _figures(found.results)
    columns = ("trial", "run", "state", *names, "validation_ndcg@10", "best_pass", "passes", "seconds", "problem")
    kinds = dict.fromkeys(kind for kind, _ in figures)
    tested = [(kind, what) for kind in kinds for what in (*_TERMS, *(metric for of, metric in figures if of == kind))]
    rows = tuple(
        (*_row(each, names), each.trial.problem, *(_tested(each, kind, what) for kind, what in tested))
        for each in found.results
    )
    return Sheet("Results", (*columns, *(f"test_{kind}_{what}" for kind, what in tested)), rows)


def ranking_sheet(found: Outcome) -> Sheet:
    """One row a trial, the best first, then the baselines."""
    names, figures = list(found.plan.space), _figures(found.results)
    columns = ("trial", "run", "state", *names, "validation NDCG@10", "best pass", "passes", "seconds")
    shown = sorted(found.results, key=lambda each: (_ORDER.index(each.trial.state), -(each.trial.ndcg or 0.0)))
    rows: list[tuple[Cell, ...]] = [
        (*_row(each, names), *(each.test.get(name, {}).get(metric) for name, metric in figures)) for each in shown
    ]
    for model, of_model in _by_model(found.baselines).items():
        means = (of_model[name].get(metric) if name in of_model else None for name, metric in figures)
        rows.append((None, f"({model})", *(None for _ in columns[2:]), *means))
    titles = (f"test {metric_title(metric)}, {name}" for name, metric in figures)
    return Sheet(f"Sweep {found.name}", (*columns, *titles), tuple(rows), (*_said(found), *found.notes))


def listed(parameters: Parameters) -> str:
    """Write parameters in a line; numbers are rounded."""
    shown = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in parameters.values())
    return ", ".join(f"{name} {value}" for name, value in zip(parameters, shown, strict=True))


def _said(found: Outcome) -> list[str]:
    counts = [f"{found.count(state)} {state}" for state in _ORDER if found.count(state)]
    fixed = ", ".join(f"{name} {value}" for name, value in found.plan.fixed.items())
    what = f"{found.plan.search} over {found.plan.model} on {found.plan.dataset}, preset {found.plan.preset}"
    said = [f"{what}, {fixed}" if fixed else what, f"{', '.join(counts)}; chosen by validation NDCG@10"]
    if best := found.best:
        said.append(f"best: {best.run} ({listed(best.trial.parameters)})")
    problems = [f"{each.run}: {each.trial.problem}" for each in found.results if each.trial.problem]
    return [*said, *problems[:3], *([f"and {len(problems) - 3} more like these"] if len(problems) > 3 else [])]


def _row(result: Result, names: Sequence[str]) -> tuple[Cell, ...]:
    trial = result.trial
    parameters = (trial.parameters.get(name) for name in names)
    told = (str(value).lower() if isinstance(value, bool) else value for value in parameters)
    return trial.number, result.run, trial.state, *told, trial.ndcg, trial.best_epoch, trial.epochs, trial.seconds


def _figures(results: Sequence[Result]) -> list[tuple[str, str]]:
    # HR and NDCG where a protocol has them, all its figures where it has not
    found: dict[tuple[str, str], None] = {}
    for each in results:
        for name, means in each.test.items():
            shown = [metric for metric in _USUAL if metric in means]
            found |= dict.fromkeys((name, metric) for metric in shown or means)
    return list(found)


def _on_test(evaluations: Iterable[Evaluation]) -> tuple[Evaluation, ...]:
    return tuple(each for each in evaluations if each.protocol.split == "test" and each.protocol.first_plays is None)


def _by_model(evaluations: Iterable[Evaluation]) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for each in evaluations:
        found.setdefault(each.model, {})[_kind(each.protocol)] = _means(each)
    return found


def _kind(protocol: Protocol) -> str:
    return protocol.key.removeprefix(f"{protocol.split}-")


def _tested(result: Result, kind: str, what: str) -> Cell:
    if kind not in result.protocols:
        return None
    protocol = result.protocols[kind]
    return {"seed": protocol.seed, "listeners": protocol.listeners}.get(what, result.test[kind].get(what))


def _means(evaluation: Evaluation) -> dict[str, float]:
    return {name: figure.mean for name, figure in evaluation.metrics.items()}
