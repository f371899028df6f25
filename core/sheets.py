"""What the records look like as tables: the same columns for the terminal and for CSV."""

from __future__ import annotations

from collections.abc import Sequence

from musicrec.core.records import (
    DatasetCard,
    Evaluation,
    Explanation,
    Metric,
    Neighbour,
    Recommendations,
    RunCard,
    Song,
)
from musicrec.core.tables.cards import BrokenDataset
from musicrec.core.tabular import Cell as Cell
from musicrec.core.tabular import Sheet as Sheet
from musicrec.core.tabular import to_csv as to_csv
from musicrec.core.tabular import to_json as to_json
from musicrec.core.tabular import to_json_line as to_json_line

NO_DATASET = "none yet: make one with `musicrec demo`, or import one with `musicrec import kkbox DIR`"
NO_RUN = "none yet: train one with `musicrec train dtnmr`"


def datasets_sheet(found: Sequence[DatasetCard | BrokenDataset]) -> Sheet:
    """One row a dataset; what is wrong with a file that is none stands in the notes."""
    columns = ("dataset", "format", "split", "listeners", "songs", "plays", "validation", "test", "MB", "fingerprint")
    rows = (
        (
            card.name,
            card.format,
            card.split,
            card.listeners,
            card.songs,
            card.plays,
            card.counts.get("validation"),
            card.counts.get("test"),
            f"{card.bytes / 1e6:.1f}",
            card.fingerprint[:8],
        )
        for card in found
        if isinstance(card, DatasetCard)
    )
    notes = (f"{each.name}: {each.problem}" for each in found if not isinstance(each, DatasetCard))
    return Sheet("Datasets", columns, tuple(rows), tuple(notes) or (() if found else (NO_DATASET,)))


def import_sheet(card: DatasetCard) -> Sheet:
    """What an import kept and left out."""
    files = tuple((f"read: {file.file}", file.rows) for file in card.sources)
    return Sheet(f"Dataset {card.name}", ("what", "count"), files + tuple(card.counts.items()))


def runs_sheet(cards: Sequence[RunCard]) -> Sheet:
    """One row a run, newest first."""
    columns = ("run", "model", "dataset", "status", "epochs", "best", "val NDCG@10", "seconds", "parameters", "problem")
    rows = (
        (
            card.name,
            card.model,
            card.dataset,
            card.status,
            card.epochs,
            card.best_epoch,
            card.metrics.get("ndcg@10"),
            card.seconds,
            card.parameters,
            card.problem,
        )
        for card in cards
    )
    return Sheet("Runs", columns, tuple(rows), () if cards else (NO_RUN,))


def standings_sheets(evaluations: Sequence[Evaluation]) -> list[Sheet]:
    """One table for each k, each with the protocol under it."""
    if not evaluations:
        return []
    protocol = evaluations[0].protocol
    notes: tuple[str, ...] = (protocol.label, "± is half the bootstrap 95 % interval over listeners")
    if protocol.candidates == "sampled":
        notes = (*notes, "sampled figures can rank models differently from full ranking: compare with papers only")
    sheets = []
    for k in protocol.ks:
        names = [n for n in evaluations[0].metrics if n.endswith(f"@{k}") or n == "auc"]
        names = [n for n in names if not n.startswith("user_coverage")]  # the same number as the hit rate
        rows = ((each.run, each.model, *(_figure(each.metrics[name]) for name in names)) for each in evaluations)
        titles = ("run", "model", *(_titled(name) for name in names))
        sheets.append(Sheet(f"At {k}", titles, tuple(rows), notes))
    return sheets


def standings_long(evaluations: Sequence[Evaluation]) -> Sheet:
    """One row a figure, with its whole protocol."""
    columns = ("run", "model", "split", "candidates", "negatives", "seed", "listeners", "songs", "metric", "k")
    rows = []
    for each in evaluations:
        p = each.protocol
        for name, figure in each.metrics.items():
            metric, _, k = name.partition("@")
            told = (each.run, each.model, p.split, p.candidates, p.negatives, p.seed, p.listeners, p.songs)
            rows.append((*told, metric, int(k) if k else None, figure.mean, figure.low, figure.high))
    return Sheet("Standings", (*columns, "mean", "low", "high"), tuple(rows))


def recommendations_sheet(answer: Recommendations) -> Sheet:
    """One row a song."""
    columns = ("rank", "score", "song", "title", "artists", "genres", "language", "plays", "marks")
    rows = tuple(
        (item.rank, item.score, *_song(item.song), item.song.plays, _marks(item.held_out, item.heard, item.new_genre))
        for item in answer.items
    )
    note = f"run {answer.run}, {answer.candidates:,} songs ranked"
    return Sheet(f"For listener {answer.listener.id}", columns, rows, (note,))


def neighbours_sheet(title: str, neighbours: Sequence[Neighbour]) -> Sheet:
    """One row a similar song."""
    rows = tuple((place, each.similarity, *_song(each.song)) for place, each in enumerate(neighbours, start=1))
    return Sheet(title, ("rank", "similarity", "song", "title", "artists", "genres", "language"), rows)


def explanations_sheet(explanations: Sequence[Explanation]) -> Sheet:
    """One row a song: the parts of its score, which add up, and why."""
    names = tuple(part.name for part in explanations[0].parts) if explanations else ()
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.song.label, each.score, *(p.value for p in each.parts), each.sentence) for each in explanations
    )
    return Sheet("Why", ("song", "score", *names, "why"), rows, ("the parts of a score add up to it",))


def _song(song: Song) -> tuple[Cell, ...]:
    return song.id, song.title, ", ".join(song.artists), ", ".join(song.genres), song.language


def _marks(held_out: bool, heard: bool, new_genre: bool) -> str:
    marks = (("hit", held_out), ("heard", heard), ("new genre", new_genre))
    return ", ".join(name for name, is_so in marks if is_so)


def _figure(figure: Metric) -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.mean:.4f}"
    return f"{figure.mean:.4f} ±{(figure.high - figure.low) / 2:.4f}"


def _titled(name: str) -> str:
    metric, _, k = name.partition("@")
    upper = {"hr": "HR", "ndcg": "NDCG", "map": "MAP", "mrr": "MRR", "auc": "AUC", "f1": "F1"}
    shown = upper.get(metric, metric.replace("_", " ").capitalize())
    return f"{shown}@{k}" if k else shown
