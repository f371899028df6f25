"""Trains, and tells how it goes: for people on stderr, for programs as JSON lines on stdout.

Of several processes that train together the first one tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from musicrec.core.distributed import interrupted_together, started

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer
    from musicrec.core.models.configs import Config
    from musicrec.core.records import RunCard
    from musicrec.core.tracking import Tracker
    from musicrec.core.watch import Watch


@dataclass(frozen=True, slots=True)
class Trainer:
    """Trains runs on the dataset of `explorer`."""

    explorer: Explorer
    as_json: bool = False
    trackers: Sequence[Tracker] = ()

    def one(self, model: str, config: Config, run: str | None = None) -> None:
        """Train a run. An interrupt ends the command with code 130."""
        card = self.begin(model, config, run)
        self._end(card, None if card.model == model else "the same command goes on")

    def resume(self, run: str, epochs: int | None) -> None:
        """Go on with a run, for up to `epochs` passes in all."""
        self._end(self.go_on(run, epochs))

    def series(self, model: str, config: Config, count: int, name: str | None) -> None:
        """Train `count` runs that differ in their seed alone, those that are not there yet."""
        from musicrec.core.series import seeds_of, series_sheet, train_series
        from musicrec.tui import console

        name = name or f"{model}-{self.explorer.data().name}"
        series = train_series(
            name,
            model,
            seeds_of(config, count),
            self.explorer.data(),
            self.explorer.places,
            begin=lambda each, run: self._told(self.begin(model, each, run)),
            go_on=lambda run: self._told(self.go_on(run)),
            found=lambda card: self._told(card, "finished before, not trained again"),
        )
        if series.runs[-1].status == "interrupted":
            again = f"`musicrec train {model} --seeds {count} --name {name}`, with the same parameters, goes on"
            self._say(f"interrupted: {len(series.runs) - 1} of {count} runs are finished; {again}")
            raise typer.Exit(130)
        if not started().leads:
            return
        if self.as_json:
            console.Lines().tell(series=series)
        else:
            console.show(series_sheet(series))

    def begin(self, model: str, config: Config, run: str | None) -> RunCard:
        """Train a run and return its card."""
        from musicrec.core.pretraining import train

        explorer = self.explorer
        with self._watch() as watch:
            return train(explorer.data(), model, config, explorer.places, run, explorer.device, watch, self._told)

    def go_on(self, run: str, epochs: int | None = None) -> RunCard:
        """Go on with a run and return its card."""
        from musicrec.core.training import resume

        explorer = self.explorer
        with self._watch() as watch:
            return resume(explorer.data(), explorer.places, run, epochs, explorer.device, watch)

    @contextmanager
    def _watch(self) -> Iterator[Watch]:
        with interrupted_together() if started().size > 1 else nullcontext(), self._told_watch() as watch:
            yield watch

    @contextmanager
    def _told_watch(self) -> Iterator[Watch]:
        from musicrec.core.tracking import tracked
        from musicrec.core.watch import Watch
        from musicrec.tui import console

        if not started().leads:
            yield Watch()
        elif self.as_json:
            yield tracked(console.Lines().watch(), self.trackers)
        else:
            with console.training() as watch:
                yield tracked(watch, self.trackers)

    def _end(self, card: RunCard, again: str | None = None) -> None:
        self._told(card)
        if card.status == "interrupted":
            again = again or f"go on with `musicrec train --resume {card.name}`"
            self._say(f"interrupted: the best pass is kept; {again}")
            raise typer.Exit(130)

    def _told(self, card: RunCard, what: str | None = None) -> RunCard:
        from musicrec.tui import console

        if self.as_json and started().leads:
            console.Lines().tell(run=card)
        scores = (f", validation {name.upper()} {value:.4f}" for name, value in card.metrics.items())
        best = "".join(scores) + f" in pass {card.best_epoch}"
        took = what or f"{card.seconds:.1f} s on {card.device}"
        self._say(f"run {card.name}: {card.model} on {card.dataset}, {took}{best}")
        return card

    def _say(self, line: str) -> None:
        if started().leads:
            typer.echo(line, err=True)
