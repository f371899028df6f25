"""The one door for people: everything that the command line prints and the screen shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from musicrec.core.asked_lately import AskedLately, Past
from musicrec.core.browsing import Browser
from musicrec.core.drafts import UNFILTERED, Draft, Filters, new_draft
from musicrec.core.errors import NotFound, UsageError, WrongDataset
from musicrec.core.explaining import Case, sentence
from musicrec.core.loaded_runs import LoadedRuns, Progress
from musicrec.core.models.configs import bags_read
from musicrec.core.pages import Comparison, WhatIf
from musicrec.core.places import Places
from musicrec.core.records import (
    DatasetCard,
    Evaluation,
    Explanation,
    Listener,
    Neighbour,
    ProtocolName,
    Recommendation,
    Recommendations,
    RunCard,
    ScorePart,
)
from musicrec.core.runs import list_runs, mismatch, read_card, read_evaluations, run_names
from musicrec.core.terms import FIRST_PLAYS, NEGATIVES, SEED

if TYPE_CHECKING:
    from pathlib import Path

    from musicrec.core.dataset import Dataset
    from musicrec.core.ordering import Order
    from musicrec.core.ranking import Ranking
    from musicrec.core.tables.ahead import Ahead

_NEAREST = 5


class Explorer(Browser):
    """One dataset and its runs. Cheap to make and to open: torch is imported by the first call that needs a run.

    Every method may be called from any thread. Listeners and songs are named by their original ids; `who` is such an id
    or a draft. Raises NotFound, naming what does not exist and what is near, UsageError for filters that nothing can
    meet, and MusicrecError (or WrongDataset) for runs that cannot be used.
    """

    def __init__(self, places: Places, name: str, device: str = "auto") -> None:
        super().__init__(places, name)
        self.device = device
        self._lock = threading.RLock()
        self._data: Dataset | None = None
        self._loaded = LoadedRuns(places, self._load)
        self._lately = AskedLately(self, self.data)

    @classmethod
    def open(cls, places: Places, dataset: str | None = None, device: str = "auto") -> Explorer:
        """Open `dataset`, or the only one, or the one of the newest run. Raises NotFound, saying how to make one."""
        explorer = cls(places, dataset or choose_dataset(places), device)
        _ = explorer.catalogue  # what is wrong with it is told now
        return explorer

    def close(self) -> None:
        """Close the dataset for good: questions under way, and later ones, raise Interrupted."""
        super().close()
        self._lately.close()

    def load(self, run: str | None = None, progress: Callable[[str], None] | None = None) -> str:
        """Load a run (torch, weights, song vectors) so that the next answer is immediate; returns its name.

        One that is loaded already is loaded again where it has other weights by now; else `progress` tells nothing.
        """
        return _hastened(self._ranking(run, progress, look=True))  # no name for it: see LoadedRuns.get

    def recommend(
        self, who: str | Draft, run: str | None = None, k: int = 10, filters: Filters = UNFILTERED
    ) -> Recommendations:
        """The top `k` songs for a listener, out of the whole catalogue or of what `filters` let through."""
        return self._recommend(self._asked(who), self._ranking(run), k, filters)[0]

    def what_if(self, draft: Draft, run: str | None = None, k: int = 10, filters: Filters = UNFILTERED) -> WhatIf:
        """What an edited listener is recommended, against what they were before the edits (one of no plays, if new).

        Ranks count all candidates that `filters` let through, before `per_artist` passes any by.
        """
        from musicrec.core.comparing import gone, shifts

        ranking = self._ranking(run)
        unedited = new_draft() if draft.origin is None else self._asked(draft.origin.id)
        before, order_before = self._recommend(unedited, ranking, k, filters)
        after, order_after = self._recommend(draft, ranking, k, filters)
        return WhatIf(
            draft=draft,
            before=before,
            after=after,
            shifts=shifts([item.song for item in after.items], order_before, order_after),
            gone=shifts(gone(before, after), order_before, order_after),
        )

    def compare(self, who: str | Draft, one: str, other: str, k: int = 10, filters: Filters = UNFILTERED) -> Comparison:
        """Two runs on one listener: both lists, and where each of their songs and the held-out ones stand in both."""
        from musicrec.core.comparing import gone, measured_alike, shifts

        asked = self._asked(who)
        first, first_order = self._recommend(asked, self._ranking(one), k, filters)
        second, second_order = self._recommend(asked, self._ranking(other), k, filters)
        held_out = self.catalogue.song_at(self._lately.past(asked).held_out)
        return Comparison(
            one=first,
            other=second,
            one_shifts=shifts([item.song for item in first.items], first_order, second_order),
            other_shifts=shifts([item.song for item in second.items], first_order, second_order),
            shared=len(first.items) - len(gone(first, second)),
            held_out=shifts(held_out, first_order, second_order),
            overall=measured_alike(read_evaluations(self.places, one), read_evaluations(self.places, other)),
        )

    def _recommend(
        self, asked: Listener | Draft, ranking: Ranking, k: int, filters: Filters
    ) -> tuple[Recommendations, Order]:
        filters.check()
        started = time.perf_counter()
        who = asked if isinstance(asked, Draft) else asked.listener
        past = self._lately.past_aside(asked)
        order = ranking.order(who, filters.include_heard, self._lately.allowed(filters))
        if filters.per_artist is None:
            top = order.top(k)
        else:
            top = order.top_of_artists(k, self.data().bags("song", ("artist",), 1, 1).bags, filters.per_artist)
        milliseconds = (time.perf_counter() - started) * 1000
        items = self._items(past.result(), top.songs.tolist(), top.scores.tolist())
        listener = asked.listener if isinstance(asked, Draft) else asked
        return Recommendations(listener, ranking.card.name, items, top.candidates, milliseconds), order

    def _items(self, past: Past, songs: list[int], scores: list[float]) -> tuple[Recommendation, ...]:
        low, spread = min(scores, default=0.0), (max(scores, default=1.0) - min(scores, default=0.0)) or 1.0
        return tuple(
            Recommendation(
                rank=rank,
                song=song,
                score=score,
                share=(score - low) / spread,
                heard=song.song in past.songs,
                held_out=song.song in past.held_out,
                new_genre=bool(past.genres) and bool(song.genres) and past.genres.isdisjoint(song.genres),
            )
            for rank, (song, score) in enumerate(zip(self.catalogue.song_at(songs), scores, strict=True), start=1)
        )

    def explain(self, who: str | Draft, song: str, run: str | None = None) -> Explanation:
        """Why `song` scores as it does for a listener: parts that add up, the nearest plays, what they share."""
        draft, what, ranking = self._draft(who), self.song(song), self._ranking(run)
        asked = who if isinstance(who, Draft) else draft.listener.listener
        state = ranking.state(asked)
        parts = ranking.parts(state, what.song)
        values = parts.values[0, 0].tolist()
        near = ranking.nearest(state, what.song, _NEAREST)
        near_songs = self.catalogue.song_at([index for index, _ in near])
        case = Case(
            song=what,
            parts=tuple(ScorePart(name, value) for name, value in zip(parts.names, values, strict=True)),
            nearest=tuple(Neighbour(song, value) for song, (_, value) in zip(near_songs, near, strict=True)),
            past=tuple(play.song for play in draft.plays),
            popularity_rank=ranking.popularity_rank(what.song),
            usual=ranking.usual_parts(asked),
        )
        return Explanation(
            song=what,
            run=ranking.card.name,
            score=sum(values),
            parts=case.parts,
            nearest=case.nearest,
            shared_artists=case.shared_artists,
            shared_genres=case.shared_genres,
            popularity_rank=case.popularity_rank,
            sentence=sentence(case),
        )

    def similar(self, song: str, run: str | None = None, k: int = 10) -> tuple[Neighbour, ...]:
        """The songs of the catalogue most like `song`, as a run sees it."""
        what, ranking = self.song(song), self._ranking(run)
        near = ranking.similar(what.song, k)
        songs = self.catalogue.song_at([index for index, _ in near])
        return tuple(Neighbour(each, value) for each, (_, value) in zip(songs, near, strict=True))

    def evaluate(
        self,
        runs: Sequence[str] | None = None,
        split: Literal["validation", "test"] = "test",
        ks: tuple[int, ...] | None = None,
        negatives: int = NEGATIVES,
        seed: int = SEED,
        progress: Callable[[str, int, int], None] | None = None,
        protocol: ProtocolName = "full",
        first: tuple[int, ...] = FIRST_PLAYS,
        most: int | None = None,
        scores: Path | None = None,
        scores_name: str | None = None,
    ) -> tuple[Evaluation, ...]:
        """Measure runs (all usable ones if none are named) side by side with popularity and item-kNN.

        See `protocols.ProtocolOptions` for what a protocol can be told; `scores` is a file that another program wrote,
        measured under `scores_name`, its own name if none is given.
        """
        from musicrec.core.models.registry import choose_device
        from musicrec.core.protocols import ProtocolOptions
        from musicrec.core.scores import score_file
        from musicrec.core.standings import standings

        usable = [card for card in reversed(self.runs()) if card.problem is None and card.status != "training"]
        cards = usable if runs is None else [read_card(self.places, name) for name in dict.fromkeys(runs)]
        options = ProtocolOptions(protocol, split, ks, negatives, seed, first, most)
        name = scores_name or (scores.name.partition(".")[0] if scores else "")
        if scores and name in run_names(self.places):
            raise UsageError(f"a run is called {name} already: give the scores in {scores.name} another --name")
        device = choose_device(self.device)
        with score_file(scores, name, self.catalogue.path) as file:
            return standings(self.data(), self.places, cards, options, scores=file, device=device, progress=progress)

    def data(self, ahead: Ahead | None = None) -> Dataset:
        """The dataset as tensors, read once, or taken from what is read `ahead`."""
        from musicrec.core.dataset import Dataset

        with self._lock:
            if self._data is None:
                self._data = Dataset.load(self.catalogue.path, self.dataset, ahead)
            return self._data

    def _draft(self, who: str | Draft) -> Draft:
        return self._lately.unedited(who) if isinstance(who, str) else who

    def _asked(self, who: str | Draft) -> Listener | Draft:
        return self.listener(who) if isinstance(who, str) else who

    def _ranking(self, run: str | None, progress: Progress | None = None, look: bool = False) -> Ranking:
        name = run or self.default_run()
        if name is None:
            raise NotFound(f"no run on dataset {self.dataset.name}: train one with `musicrec train dtnmr`")
        return self._loaded.get(name, progress, look)

    def _load(self, name: str, progress: Progress) -> Ranking:
        card = read_card(self.places, name)
        if problem := mismatch(card, self.dataset.name, self.dataset.fingerprint):
            raise WrongDataset(problem)
        progress("loading torch")
        from musicrec.core.preloading import preload_torch
        from musicrec.core.tables.ahead import Ahead

        # The tables are read while torch is imported: each takes over a second of a core
        ahead = None if self._data else Ahead(self.catalogue.path, bags_read(card.model, card.config))
        preload_torch()
        from musicrec.core.models.registry import choose_device
        from musicrec.core.ranking import Ranking

        progress(f"reading {self.dataset.plays:,} plays")
        data = self.data(ahead)
        progress(f"loading run {name}")
        return Ranking.load(self.places, card, data, choose_device(self.device))


def _hastened(ranking: Ranking) -> str:
    threading.Thread(target=ranking.hasten, name="hasten", daemon=True).start()
    return ranking.card.name


def choose_dataset(places: Places) -> str:
    """Name the only dataset, or the one of the newest run. Raises NotFound where neither decides."""
    names = [path.stem for path in places.data.glob("*.duckdb") if path.is_file()]
    if len(names) > 1:
        from musicrec.core.tables.cards import datasets

        names = [card.name for card in datasets(places) if isinstance(card, DatasetCard)]
    if len(names) == 1:
        return names[0]
    if not names:
        raise NotFound(
            f"no dataset in {places.data}: make one with `musicrec demo` or import one with `musicrec import kkbox DIR`"
        )
    for card in list_runs(places):
        if (name := dataset_of_run(places, card)) in names:
            return name
    raise NotFound(f"{places.data} has several datasets: name one with --dataset ({', '.join(names)})")


def dataset_of_run(places: Places, run: RunCard) -> str:
    """Name the dataset that a run was trained on, by its contents where its name is gone."""
    if places.dataset(run.dataset).is_file():
        return run.dataset
    from musicrec.core.tables.cards import datasets

    found = (each for each in datasets(places) if isinstance(each, DatasetCard))
    return next((each.name for each in found if each.fingerprint == run.fingerprint), run.dataset)
