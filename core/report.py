"""What a colleague is told of some runs: their figures with intervals and tests, how they were trained, and on what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.figures import metric_title
from musicrec.core.pages import RunPage
from musicrec.core.paired_figures import terms_of
from musicrec.core.places import Places
from musicrec.core.records import By, DatasetCard, Evaluation, Protocol, RunCard
from musicrec.core.repeats import repeats_of, repeats_sheets
from musicrec.core.report_charts import COLOURS, Bar, Line, interval_chart, line_chart
from musicrec.core.report_markup import Markup
from musicrec.core.report_page import Section, page
from musicrec.core.runs import mismatch, read_run
from musicrec.core.sheets.datasets import datasets_sheet
from musicrec.core.sheets.standings import standings_sheets
from musicrec.core.slicing import sliced, slices_sheet
from musicrec.core.tables.cards import card_of
from musicrec.core.tabular import Cell, Sheet
from musicrec.core.versus import Incomparable, against_sheet, overlap_sheets, versus, versus_sheets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SLICES: tuple[By, ...] = ("activity", "popularity", "age", "gender", "language", "genre")
_HOW = (
    "Each figure is a mean over listeners; ± is half of its bootstrap 95 % interval, from 1,000 draws of listeners.",
    "An interval tells how far a figure could move with other listeners, not with another training: see the seeds.",
    "Two runs are tested on the same listeners: p is the chance of a difference as large if both were equally good.",
    "Holm's correction keeps the chance of any false find among all tests of a table at what its p says.",
    "Slices of fewer than 20 listeners are marked: their figures say little.",
)
Block = str | Sheet | Markup


def make_report(
    places: Places,
    names: Sequence[str],
    baselines: Callable[[Protocol], Sequence[Evaluation]] | None = None,
    now: datetime | None = None,
) -> str:
    """Write the report on these runs as an HTML page, from what they keep; `baselines` measures popularity and item-kNN
    under the protocol of the runs.

    Raises NotFound for a run that is not there, MusicrecError where none was measured or they are of several datasets.
    """
    pages = [read_run(places, name) for name in dict.fromkeys(names)]
    _check(pages)
    groups = _by_protocol(pages)
    sections = [_results(places, pages, group, baselines) for group in groups]
    sections += [
        _sliced(places, pages, groups[0]),
        _curves(pages),
        Section("Runs", (_cards_sheet(pages), _parameters_sheet(pages))),
        Section("Data", _data(places, pages)),
        Section("How to read this", _HOW),
    ]
    title = "Recommendation report: " + ", ".join(each.card.name for each in pages)
    written = (now or datetime.now()).strftime("%Y-%m-%d %H:%M")
    runs = "1 run" if len(pages) == 1 else f"{len(pages)} runs"
    lead = f"{runs} on dataset {pages[0].card.dataset}; written {written} by musicrec {version('musicrec')}"
    return page(title, (lead,), [each for each in sections if each.blocks])


def _check(pages: Sequence[RunPage]) -> None:
    first = pages[0].card
    for each in pages:
        if each.card.fingerprint != first.fingerprint:
            raise MusicrecError(
                f"runs {first.name} and {each.card.name} are of different datasets ({first.dataset}, "
                f"{each.card.dataset}): write a report on each"
            )
        if not each.evaluations:
            raise MusicrecError(
                f"run {each.card.name} was never measured: `musicrec evaluate "
                f"{' '.join(each.card.name for each in pages)}`"
            )


def _by_protocol(pages: Sequence[RunPage]) -> list[list[Evaluation]]:
    groups: dict[Protocol, list[Evaluation]] = {}
    for each in pages:
        for evaluation in each.evaluations:
            groups.setdefault(evaluation.protocol, []).append(evaluation)
    # What most runs share comes first, and full ranking of the test before all else
    return sorted(groups.values(), key=lambda group: (-len(group), group[0].protocol.key != "test-full"))


def _results(
    places: Places,
    pages: Sequence[RunPage],
    group: list[Evaluation],
    baselines: Callable[[Protocol], Sequence[Evaluation]] | None,
) -> Section:
    protocol = group[0].protocol
    told: Sequence[Evaluation] = baselines(protocol) if baselines else ()
    beside = [each for each in told if each.protocol == protocol and each.model not in {run.model for run in group}]
    everyone = [*beside, *group]
    blocks: list[Block] = []
    if (name := _main_metric(group)) is not None:
        colours = {each.card.name: number for number, each in enumerate(pages)}
        figures = [(each, each.metrics[name]) for each in everyone if name in each.metrics]
        bars = [
            Bar(each.run, value.mean, value.low, value.high, colours.get(each.run, COLOURS - 1))
            for each, value in figures
            if value.low is not None and value.high is not None
        ]
        blocks.append(interval_chart(f"{metric_title(name)} with its 95 % interval", bars))
    blocks += standings_sheets(everyone, whole=True)
    seeds = [each for each in repeats_of(places, [each.card for each in pages]) if each.protocol == protocol]
    blocks += repeats_sheets(seeds)
    if len({each.run for each in group}) > 1:
        blocks += _tests(places, [each for each in pages if any(run.run == each.card.name for run in group)], group)
    return Section(f"Results: {protocol.label}", tuple(blocks))


def _tests(places: Places, pages: Sequence[RunPage], group: Sequence[Evaluation]) -> list[Sheet]:
    protocol = group[0].protocol
    assert protocol.name is not None
    terms = (protocol.name, protocol.split)
    try:
        k = 10 if 10 in protocol.ks else protocol.ks[0]
        pairs = [versus(places, pages[0], other, *terms, k=k) for other in pages[1:]]
        found = [each for pair in pairs for each in pair if terms_of(each.protocol) == terms_of(protocol)]
        sheets = versus_sheets(found[0]) if len(found) == 1 else [against_sheet(found)]
        return [*sheets, *overlap_sheets(places, group)]
    except (Incomparable, NotFound) as error:
        return [Sheet("Tests", (), (), (str(error),))]


def _sliced(places: Places, pages: Sequence[RunPage], group: list[Evaluation]) -> Section:
    blocks: list[Block] = []
    card = pages[0].card
    path = places.dataset(card.dataset)
    if not path.is_file():
        return Section("Slices", (f"Dataset {card.dataset} is not here: no slices.",))
    if (problem := _other_contents(path, card)) is not None:
        return Section("Slices", (problem,))
    for by in _SLICES:
        try:
            blocks.append(slices_sheet(sliced(places, path, group, by)))
        except UsageError:  # nothing is known to slice by
            continue
        except MusicrecError as error:
            return Section("Slices", (str(error),))
    return Section("Slices", tuple(blocks))


def _curves(pages: Sequence[RunPage]) -> Section:
    validated, losses = [], []
    for colour, each in enumerate(pages):
        name, points = each.card.name, [(float(at.epoch), at.validation) for at in each.epochs]
        best = max((at.epoch for at in each.epochs if at.best), default=None)
        if known := tuple((x, y) for x, y in points if y is not None):
            validated.append(Line(name, known, colour, best))
        if each.epochs:
            loss = Line(name, tuple((float(at.epoch), at.loss) for at in each.epochs), colour)
            losses.append(line_chart(f"Training loss of {name}", "pass", "loss", [loss], 200))
    title = "Validation NDCG@10 by pass; the larger dot is the best pass, which is kept"
    chart = (line_chart(title, "pass", "NDCG@10", validated),) if validated else ()
    return Section("Learning curves", (*chart, *losses))


def _cards_sheet(pages: Sequence[RunPage]) -> Sheet:
    packages = list(dict.fromkeys(name for each in pages for name in each.card.versions))
    columns = ("run", "model", "seed", "status", "epochs", "best pass", "parameters", "seconds", "device", "trained")
    rows: list[tuple[Cell, ...]] = []
    for each in pages:
        card = each.card
        facts = (card.name, card.model, card.seed, card.status, card.epochs, card.best_epoch, card.parameters)
        when = card.created.isoformat(" ", "minutes")
        versions = (card.versions.get(name) for name in packages)
        rows.append((*facts, card.seconds, card.device, when, *versions))
    return Sheet("Trainings and their environment", (*columns, *packages), tuple(rows))


def _parameters_sheet(pages: Sequence[RunPage]) -> Sheet:
    names = list(dict.fromkeys(name for each in pages for name in each.card.config))
    told = [[_written(each.card.config.get(name)) for each in pages] for name in names]
    rows = tuple((name, *values) for name, values in zip(names, told, strict=True) if len(set(values)) > 1)
    alike = ", ".join(f"{name} {values[0]}" for name, values in zip(names, told, strict=True) if len(set(values)) == 1)
    if len(pages) == 1:
        rows, alike = tuple((name, values[0]) for name, values in zip(names, told, strict=True)), ""
    title = "Parameters" if len(pages) == 1 else "Parameters that differ"
    notes = (f"the same in all: {alike}",) if alike else ()
    return Sheet(title, ("parameter", *(each.card.name for each in pages)), rows, notes)


def _written(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _data(places: Places, pages: Sequence[RunPage]) -> tuple[Block, ...]:
    card = pages[0].card
    path = places.dataset(card.dataset)
    if not path.is_file():
        return (f"Dataset {card.dataset} ({card.fingerprint}) is not here.",)
    problem = _other_contents(path, card)
    return (datasets_sheet([card_of(path)]), *((problem,) if problem else ()))


def _other_contents(dataset: Path, card: RunCard) -> str | None:
    found = card_of(dataset)
    return mismatch(card, found.name, found.fingerprint) if isinstance(found, DatasetCard) else None


def _main_metric(group: Sequence[Evaluation]) -> str | None:
    protocol, metrics = group[0].protocol, group[0].metrics
    ks = sorted(protocol.ks, key=lambda k: k != 10)
    names = [f"{name}@{k}" for name in ("ndcg", "recall", "hr") for k in ks[:1]]
    return next((name for name in names if name in metrics and metrics[name].low is not None), None)
