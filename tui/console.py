"""What the command line puts on a terminal: tables on stdout, progress on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from musicrec.core.distributed import started
from musicrec.core.figures import shown_cell
from musicrec.core.tabular import one_line
from musicrec.core.watch import Epoch, Step, Watch

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.tabular import Sheet

_UNFOLDED = 200  # columns where stdout is no terminal
_LONGEST = 500  # characters of a cell; --json and --csv have all of them


def show(sheet: Sheet) -> None:
    """Print a table with its notes; columns without a single value are left out."""
    table = Table(header_style="bold", box=None, pad_edge=False)
    filled = [at for at in range(len(sheet.columns)) if any(row[at] not in (None, "") for row in sheet.rows)]
    for at in filled:
        numeric = all(isinstance(row[at], int | float) for row in sheet.rows if row[at] not in (None, ""))
        table.add_column(Text(one_line(sheet.columns[at])), justify="right" if numeric else "left", overflow="fold")
    for row in sheet.rows:
        table.add_row(*(Text(_brief(shown_cell(row[at], sheet.columns[at]))) for at in filled))
    console = Console(width=None if sys.stdout.isatty() else _UNFOLDED)
    if sheet.rows:
        console.print(Text(_brief(sheet.title), style="italic"))
        console.print(table)
    for note in sheet.notes:
        console.print(Text(_brief(note), style="dim"))
    console.print()


def _brief(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def answer(
    records: object, sheets: Sequence[Sheet], as_json: bool, as_csv: bool = False, as_safe_csv: bool = False
) -> None:
    """Print records as one JSON document, or their tables, for people or as CSV."""
    from musicrec.core.tabular import in_lines, to_csv, to_json

    if as_json:
        sys.stdout.write(to_json(records) + "\n")
        return
    for sheet in sheets:
        if as_csv:
            sys.stdout.write(to_csv(in_lines(sheet), as_safe_csv))
        else:
            show(sheet)


def print_demo(explorer: Explorer, runs: list[str]) -> None:
    """Print what the screen would show: the runs beside the baselines, and the top songs of a listener with reasons."""
    from musicrec.core.sheets.recommendations import explanations_sheet, recommendations_sheet
    from musicrec.core.sheets.standings import standings_sheets

    with counts() as progress:
        results = explorer.evaluate(runs, ks=(10,), progress=progress)
    for sheet in standings_sheets(results):
        show(sheet)
    who = explorer.find_listeners("plays:20-60", limit=1).items or explorer.find_listeners(limit=1).items
    for run in runs:
        answer = explorer.recommend(who[0].id, run)
        show(recommendations_sheet(answer))
        show(explanations_sheet([explorer.explain(who[0].id, each.song.id, run) for each in answer.items[:3]]))


@contextmanager
def fractions() -> Iterator[Callable[[str, float], None]]:
    """Show a stage and how far it is, from 0 to 1."""
    with _bar() as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, done: bar.update(task, description=stage, completed=done)


@contextmanager
def counts() -> Iterator[Callable[[str, int, int], None]]:
    """Show what is evaluated, and how many listeners of how many are done."""
    with _bar() as bar:
        task = bar.add_task("", total=None)
        yield lambda name, done, total: bar.update(
            task, description=f"evaluating {_brief(name)}", completed=done, total=total
        )


@contextmanager
def training() -> Iterator[Watch]:
    """Show loss, speed and time left while a model trains, and a line for every pass."""
    with _bar(TextColumn("loss {task.fields[loss]:.4f}  {task.fields[speed]:,.0f}/s", markup=False)) as bar:
        task = bar.add_task("loading", total=None, loss=0.0, speed=0.0)

        def step(at: Step) -> None:
            whole, done = at.epochs * at.total, (at.epoch - 1) * at.total + at.samples
            shown = f"pass {at.epoch} of {at.epochs}"
            bar.update(task, description=shown, total=whole, completed=done, loss=at.loss, speed=at.samples_per_second)

        def epoch(at: Epoch) -> None:
            score = "" if at.validation is None else f", validation NDCG@10 {at.validation:.4f}"
            best = ", the best so far" if at.best and at.validation is not None else ""
            line = f"pass {at.epoch}: loss {at.loss:.4f}{score}{best}, {at.samples_per_second:,.0f} samples/s"
            bar.console.print(line, markup=False, highlight=False, soft_wrap=True)

        yield Watch(step, epoch)


class Lines:
    """JSON lines on stdout. Once nobody reads them they are dropped: what they tell of goes on to its end."""

    def tell(self, **record: object) -> None:
        """Write one line: the name of what is told and its fields."""
        from musicrec.core.tabular import to_json_line

        try:
            sys.stdout.write(to_json_line(record))
            sys.stdout.flush()
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)

    def watch(self) -> Watch:
        """Tell how a training goes."""
        return Watch(lambda at: self.tell(step=at), lambda at: self.tell(epoch=at))


@contextmanager
def _bar(*extra: ProgressColumn) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *extra, TimeRemainingColumn())
    console = Console(stderr=True)
    shown = console.is_terminal and started().leads
    with Progress(*columns, console=console, transient=True, disable=not shown) as progress:
        yield progress
