"""How a sweep shows what it does: a table and bars on a terminal, a line for each trial anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from musicrec.core.sweeping.results import Outcome, Result
    from musicrec.core.sweeping.space import Parameters
    from musicrec.core.sweeping.working import SweepWatch
    from musicrec.core.watch import Step

_ROWS = 8  # of the best so far


@contextmanager
def display(name: str) -> Iterator[tuple[SweepWatch, Callable[[str, int, int], None]]]:
    """Show a sweep meanwhile: yields who is told of the trainings, and of the measuring at the end."""
    from rich.console import Console
    from rich.live import Live

    from musicrec.core.sweeping.working import SweepWatch

    console = Console(stderr=True)
    if not console.is_terminal:
        yield SweepWatch(ended=lambda number, found: _say(console, number, found)), lambda name, done, total: None
        return
    screen = _Screen(name)
    with Live(screen, console=console, transient=True, refresh_per_second=8):

        def ended(number: int, found: Outcome) -> None:
            _say(console, number, found)
            screen.found = found

        yield SweepWatch(screen.begun, screen.step, ended=ended), screen.measuring


class _Screen:
    """The best so far, how many trials are done, and where the training stands."""

    def __init__(self, name: str) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.found: Outcome | None = None
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
        self.bars = Progress(*columns)
        self.trials = self.bars.add_task(f"sweep {name}", total=None)
        self.training = self.bars.add_task("", total=None)

    def begun(self, run: str, parameters: Parameters) -> None:
        from musicrec.core.sweeping.results import listed

        self.bars.reset(self.training, description=f"{run} ({listed(parameters)})", total=None)

    def step(self, at: Step) -> None:
        done = (at.epoch - 1) * at.total + at.samples
        self.bars.update(self.training, total=at.epochs * at.total, completed=done)

    def measuring(self, name: str, done: int, total: int) -> None:
        self.bars.update(self.training, description=f"measuring {name} on the test split", completed=done, total=total)

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        if self.found is None:
            return self.bars
        done = _done(self.found)
        shown = f"{done} of {len(self.found.results)} trials"
        self.bars.update(self.trials, description=shown, completed=done, total=len(self.found.results))
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("run", *self.found.plan.space, "validation NDCG@10"):
            table.add_column(Text(column))
        for each in _best(self.found):
            values = (str(each.trial.parameters.get(name, "")) for name in self.found.plan.space)
            table.add_row(*map(Text, (each.run, *values, f"{each.trial.ndcg or 0.0:.4f}")))
        return Group(table, self.bars)


def _done(found: Outcome) -> int:
    return len(found.results) - found.count("waiting") - found.count("running")


def _best(found: Outcome) -> list[Result]:
    finished = [each for each in found.results if each.trial.state == "finished"]
    return sorted(finished, key=lambda each: -(each.trial.ndcg or 0.0))[:_ROWS]


def _say(console: Console, number: int, found: Outcome) -> None:
    from musicrec.core.sweeping.results import listed

    each = found.results[number - 1]
    trial, best = each.trial, found.best
    if trial.state == "failed":
        told = f"failed: {trial.problem}"
    else:
        figure = "" if trial.ndcg is None else f"validation NDCG@10 {trial.ndcg:.4f}"
        told = f"{figure} in pass {trial.best_epoch}, {trial.seconds or 0.0:.1f} s"
        told += ", pruned" if trial.state == "pruned" else ""
        told += ", the best so far" if best is not None and best.run == each.run else ""
    line = f"{each.run} ({_done(found)} of {len(found.results)}): {listed(trial.parameters)}: {told}"
    console.print(line, markup=False, highlight=False, soft_wrap=True)
