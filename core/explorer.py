"""The one door for people: everything that the command line prints and the screen shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from musicrec.core.browsing import Browser
from musicrec.core.drafts import UNFILTERED, Filters
from musicrec.core.errors import NotFound, WrongDataset
from musicrec.core.explaining import Case, sentence
from musicrec.core.places import Places
from musicrec.core.records import (
    DatasetCard,
    Evaluation,
    Explanation,
    Listener,
    Neighbour,
    Recommendation,
    Recommendations,
    ScorePart,
)
from musicrec.core.runs import list_runs, mismatch, read_card
from musicrec.core.tables.catalogue import Catalogue, datasets, open_catalogue

if TYPE_CHECKING:
    from musicrec.core.dataset import Dataset
    from musicrec.core.ranking import Ranking

_NEAREST = 5


class Explorer(Browser):
    """One dataset and its runs. Cheap to open: torch is imported by the first call that needs a run.

    Every method may be called from any thread. Listeners and songs are named by their original ids. Raises NotFound,
    naming what does not exist and what is near, and MusicrecError (or WrongDataset) for runs that cannot be used.
    """

    def __init__(self, places: Places, catalogue: Catalogue, device: str = "auto") -> None:
        super().__init__(places, catalogue)
        self.device = device
        self._lock = threading.RLock()
        self._data: Dataset | None = None
        self._rankings: dict[str, Ranking] = {}

    @classmethod
    def open(cls, places: Places, dataset: str | None = None, device: str = "auto") -> Explorer:
        """Open `dataset`, or the only one, or the one of the newest run. Raises NotFound, saying how to make one."""
        return cls(places, open_catalogue(places.dataset(dataset or choose_dataset(places))), device)

    def load(self, run: str | None = None, progress: Callable[[str], None] | None = None) -> str:
        """Load a run (torch, weights, song vectors) so that the next answer is immediate; returns its name."""
        return self._ranking(run, progress).card.name

    def recommend(
        self,
        listener: str,
        run: str | None = None,
        k: int = 10,
        filters: Filters = UNFILTERED,
    ) -> Recommendations:
        """The top `k` songs for a listener, out of the whole catalogue or of what `filters` let through."""
        who, ranking = self.listener(listener), self._ranking(run)
        started = time.perf_counter()
        allowed = None
        if filters.genre is not None or filters.language is not None:
            import torch

            allowed = torch.from_numpy(self.catalogue.songs_matching(genre=filters.genre, language=filters.language))
        top = ranking.top(ranking.state(who.listener), k, filters.include_heard, allowed)
        milliseconds = (time.perf_counter() - started) * 1000
        items = self._items(who, top.songs.tolist(), top.scores.tolist())
        return Recommendations(who, ranking.card.name, items, top.candidates, milliseconds)

    def _items(self, who: Listener, songs: list[int], scores: list[float]) -> tuple[Recommendation, ...]:
        plays = self.catalogue.plays(who.listener)
        past = {play.song.song for play in plays if play.split != "test"}
        held_out = {play.song.song for play in plays if play.split == "test"}
        genres = {genre for play in plays if play.split != "test" for genre in play.song.genres}
        low, spread = min(scores, default=0.0), (max(scores, default=1.0) - min(scores, default=0.0)) or 1.0
        return tuple(
            Recommendation(
                rank=rank,
                song=song,
                score=score,
                share=(score - low) / spread,
                heard=song.song in past,
                held_out=song.song in held_out,
                new_genre=bool(genres) and bool(song.genres) and genres.isdisjoint(song.genres),
            )
            for rank, (song, score) in enumerate(zip(self.catalogue.song_at(songs), scores, strict=True), start=1)
        )

    def explain(self, listener: str, song: str, run: str | None = None) -> Explanation:
        """Why `song` scores as it does for a listener: parts that add up, the nearest plays, what they share."""
        who, what, ranking = self.listener(listener), self.song(song), self._ranking(run)
        state = ranking.state(who.listener)
        parts = ranking.parts(state, what.song)
        values = parts.values[0, 0].tolist()
        near = ranking.nearest(state, what.song, _NEAREST)
        near_songs = self.catalogue.song_at([index for index, _ in near])
        past = [play.song for play in self.catalogue.plays(who.listener) if play.split != "test"]
        case = Case(
            song=what,
            parts=tuple(ScorePart(name, value) for name, value in zip(parts.names, values, strict=True)),
            nearest=tuple(Neighbour(song, value) for song, (_, value) in zip(near_songs, near, strict=True)),
            past=tuple(past),
            popularity_rank=ranking.popularity_rank(what.song),
            usual=ranking.usual_parts(state),
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
        ks: tuple[int, ...] = (5, 10, 20),
        negatives: int | None = None,
        seed: int = 7,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> tuple[Evaluation, ...]:
        """Measure runs (all usable ones if none are named) side by side with popularity and item-kNN."""
        from musicrec.core.models.registry import choose_device
        from musicrec.core.standings import standings

        usable = [card for card in reversed(self.runs()) if card.problem is None and card.status != "training"]
        cards = usable if runs is None else [read_card(self.places, name) for name in runs]
        return standings(
            self.data(),
            self.places,
            cards,
            split=split,
            ks=ks,
            negatives=negatives,
            seed=seed,
            device=choose_device(self.device),
            progress=progress,
        )

    def data(self) -> Dataset:
        """The dataset as tensors, read once."""
        from musicrec.core.dataset import Dataset

        with self._lock:
            if self._data is None:
                self._data = Dataset.load(self.catalogue.path, self.dataset)
            return self._data

    def close(self) -> None:
        """Close the dataset; queries under way are interrupted."""
        self.catalogue.close()

    def _ranking(self, run: str | None, progress: Callable[[str], None] | None = None) -> Ranking:
        name = run or self.default_run()
        if name is None:
            raise NotFound(f"no run on dataset {self.dataset.name}: train one with `musicrec train dtnmr`")
        with self._lock:
            if name not in self._rankings:
                self._rankings[name] = self._load(name, progress or (lambda stage: None))
            return self._rankings[name]

    def _load(self, name: str, progress: Callable[[str], None]) -> Ranking:
        card = read_card(self.places, name)
        if problem := mismatch(card, self.dataset.name, self.dataset.fingerprint):
            raise WrongDataset(problem)
        progress("loading torch")
        from musicrec.core.models.registry import choose_device
        from musicrec.core.ranking import Ranking

        progress(f"reading {self.dataset.plays:,} plays")
        data = self.data()
        progress(f"loading run {name}")
        return Ranking.load(self.places, card, data, choose_device(self.device))


def choose_dataset(places: Places) -> str:
    """Name the only dataset, or the one of the newest run. Raises NotFound where neither decides."""
    names = [card.name for card in datasets(places) if isinstance(card, DatasetCard)]
    if len(names) == 1:
        return names[0]
    if not names:
        raise NotFound(
            f"no dataset in {places.data}: make one with `musicrec demo` or import one with `musicrec import kkbox DIR`"
        )
    for card in list_runs(places):
        if card.dataset in names:
            return card.dataset
    raise NotFound(f"{places.data} has several datasets: name one with --dataset ({', '.join(names)})")
