"""What every model must do, whatever it is: a test class of a model inherits this and says how the model is trained."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import torch
from safetensors.torch import load
from torch import Tensor
from worlds import World

from musicrec.core.dataset import Listeners, take
from musicrec.core.drafts import Draft, Filters, new_draft
from musicrec.core.errors import NotFound, UsageError, WrongDataset
from musicrec.core.explorer import Explorer
from musicrec.core.models.base import FittedModel, GradientModel, Scorer
from musicrec.core.models.batches import count_rows, pick_rows
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.records import Play, Recommendations, RunCard, Song
from musicrec.core.runs import TRAINING, WEIGHTS
from musicrec.core.training import train
from musicrec.core.weights import load_model, save_weights

CPU = torch.device("cpu")


class ModelContract:
    """`settings` train on a sample in a second; `board_settings` recover the diagonal of a checkerboard."""

    model: str
    settings: dict[str, Any]
    board_settings: dict[str, Any]
    board = "checkerboard"
    personal = True  # ranks differently for different listeners
    learns_from_chance = True  # starts from random weights
    reads_order = False  # the same plays in another order score differently
    reads_facts = False  # age, gender and city count

    @pytest.fixture(scope="class")
    def places(self, kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Places:
        return Places(kkbox_world.places.data, tmp_path_factory.mktemp(self.model))

    @pytest.fixture(scope="class")
    def card(self, kkbox_world: World, places: Places) -> RunCard:
        return self.trained(kkbox_world, places, "first")

    @pytest.fixture(scope="class")
    def explorer(self, kkbox_world: World, card: RunCard, places: Places) -> Iterator[Explorer]:
        explorer = Explorer.open(places, kkbox_world.name)
        yield explorer
        explorer.close()

    @pytest.fixture(scope="class")
    def scorer(self, kkbox_world: World, card: RunCard, places: Places) -> Scorer:
        return load_model(places, card, kkbox_world.data, CPU).scorer(kkbox_world.data)

    @pytest.fixture(scope="class")
    def past(self, kkbox_world: World) -> Listeners:
        return kkbox_world.data.past("test")

    def trained(self, world: World, places: Places, run: str, **changed: Any) -> RunCard:
        return train(world.data, self.model, config_for(self.model, chosen=self.settings | changed), places, run, "cpu")

    def test_a_batch_scores_like_its_listeners_one_by_one(self, scorer: Scorer, past: Listeners) -> None:
        together = scorer.scores(past)
        alone = torch.cat([scorer.scores(take(past, torch.tensor([row]))) for row in range(len(past))])
        assert together.dtype == torch.float32
        assert torch.allclose(together, alone, atol=1e-5)

    def test_the_order_of_a_batch_is_irrelevant(self, scorer: Scorer, past: Listeners) -> None:
        order = torch.randperm(len(past), generator=torch.Generator().manual_seed(1))
        assert torch.allclose(scorer.scores(past)[order], scorer.scores(take(past, order)), atol=1e-5)

    def test_parts_add_up_to_the_score(self, scorer: Scorer, past: Listeners) -> None:
        scores = scorer.scores(past)
        songs = torch.randint(scores.shape[1], (len(past), 7), generator=torch.Generator().manual_seed(2))
        parts = scorer.parts(past, songs)
        assert parts.values.shape == (len(past), 7, len(parts.names))
        assert torch.allclose(parts.values.sum(2), scores.gather(1, songs), atol=1e-5)

    @torch.no_grad()
    def test_the_loss_of_a_batch_is_made_of_the_losses_of_its_parts(self, kkbox_world: World) -> None:
        config = config_for(self.model, chosen=self.settings)
        model = build(self.model, config, kkbox_world.data)
        if not isinstance(model, GradientModel):
            pytest.skip("it takes no gradient steps")
        model.prepare(kkbox_world.data)
        model.eval()  # no dropout
        batch = next(model.batches(torch.Generator().manual_seed(3)))
        rows = torch.arange(count_rows(batch))
        mine = [pick_rows(batch, some) for some in (rows[:1], rows[1:7], rows[7:])]
        made = sum(float(model.loss(part)) * model.weight(part) / model.weight(batch) for part in mine)
        assert made == pytest.approx(float(model.loss(batch)), rel=1e-5)

    def test_usual_parts_are_the_means_of_the_parts(self, scorer: Scorer, past: Listeners) -> None:
        for rows in (torch.arange(len(past)), torch.tensor([3])):
            some = take(past, rows)
            scores = scorer.scores(some)
            every = torch.arange(scores.shape[1]).expand(len(some), -1)
            wanted = scorer.parts(some, every).values.mean(1)
            assert torch.allclose(scorer.usual_parts(some, scores), wanted, atol=1e-5)

    def test_some_similarities_are_among_all(self, scorer: Scorer) -> None:
        among = torch.tensor([9, 2, 117])
        whole, some = scorer.similarities(9), scorer.similarities(9, among)
        assert (whole is None) == (some is None)
        if whole is not None and some is not None:
            assert torch.allclose(whole[among], some, atol=1e-6)

    def test_what_is_told_of_items_is_true_of_the_past(self, explorer: Explorer) -> None:
        everything = Filters(include_heard=True)
        for listener in explorer.find_listeners(limit=4).items:
            past = explorer.draft(listener.id)
            heard = {play.song.id for play in past.plays}
            genres = {genre for play in past.plays for genre in play.song.genres}
            for who in (listener.id, past):
                for item in explorer.recommend(who, "first", k=240, filters=everything).items:
                    assert item.heard == (item.song.id in heard)
                    assert item.held_out == (item.song.id in _held_out(explorer, listener.id))
                    assert item.new_genre == bool(item.song.genres and genres and genres.isdisjoint(item.song.genres))

    def test_the_diagonal_of_a_checkerboard_comes_back(self, request: pytest.FixtureRequest, places: Places) -> None:
        board: World = request.getfixturevalue(self.board)
        config = config_for(self.model, chosen=self.board_settings)
        where = Places(board.places.data, places.checkpoints)
        train(board.data, self.model, config, where, "board", "cpu")
        explorer = Explorer.open(where, board.name)
        best = [explorer.recommend(f"L{i}", "board", k=1).items[0] for i in range(20)]
        explorer.close()
        recovered = sum(item.song.id == f"S{i}" for i, item in enumerate(best))
        assert recovered >= 19 if self.personal else recovered < 10  # chance is 2: 11 candidates each

    def test_heard_songs_come_only_when_asked_for(self, explorer: Explorer) -> None:
        for listener in explorer.find_listeners(limit=5).items:
            past = {play.song.id for play in explorer.plays(listener.id) if play.split != "test"}
            fresh = explorer.recommend(listener.id, "first", k=240)
            assert past.isdisjoint(item.song.id for item in fresh.items)
            assert not any(item.heard for item in fresh.items)
            everything = explorer.recommend(listener.id, "first", k=240, filters=Filters(include_heard=True))
            assert {item.song.id for item in everything.items if item.heard} == past

    def test_asking_for_more_than_the_catalogue_gives_all_of_it(self, explorer: Explorer) -> None:
        listener = explorer.find_listeners(limit=1).items[0]
        past = {play.song.id for play in explorer.plays(listener.id) if play.split != "test"}
        answer = explorer.recommend(listener.id, "first", k=10_000)
        songs = [item.song.id for item in answer.items]
        assert len(songs) == len(set(songs)) == answer.candidates == explorer.dataset.songs - len(past)
        scores = [item.score for item in answer.items]
        assert scores == sorted(scores, reverse=True)
        assert [item.rank for item in answer.items] == list(range(1, len(songs) + 1))

    def test_unknown_listeners_and_songs_are_named(self, explorer: Explorer) -> None:
        known = explorer.find_listeners(limit=1).items[0].id
        for ask in (
            lambda: explorer.recommend("nobody", "first"),
            lambda: explorer.explain("nobody", explorer.find_songs(limit=1).items[0].id, "first"),
            lambda: explorer.explain(known, "nobody", "first"),
            lambda: explorer.similar("nobody", "first"),
        ):
            with pytest.raises(NotFound, match="'nobody'") as problem:
                ask()
            assert "\n" not in str(problem.value)

    def test_an_explanation_adds_up_to_the_recommended_score(self, explorer: Explorer) -> None:
        listener = explorer.find_listeners(limit=1).items[0].id
        best = explorer.recommend(listener, "first", k=1).items[0]
        explained = explorer.explain(listener, best.song.id, "first")
        assert explained.score == pytest.approx(best.score, abs=1e-4)
        assert sum(part.value for part in explained.parts) == pytest.approx(explained.score, abs=1e-6)

    def test_a_draft_without_edits_is_answered_like_its_origin(self, explorer: Explorer) -> None:
        for listener in explorer.find_listeners(limit=60).items:
            draft = explorer.draft(listener.id)
            undone = draft.with_song(explorer.catalogue.song_at([0])[0]).without(len(draft.plays))
            plain = explorer.recommend(listener.id, "first", k=20)
            for each in (draft, undone):
                assert _listed(explorer.recommend(each, "first", k=20)) == _listed(plain)
                assert explorer.recommend(each, "first", k=20).items == plain.items
        song = plain.items[3].song.id
        assert explorer.explain(draft, song, "first") == explorer.explain(listener.id, song, "first")
        answer = explorer.what_if(draft, "first", k=7)
        assert answer.before.items == answer.after.items == explorer.recommend(listener.id, "first", k=7).items
        assert [(shift.before, shift.after) for shift in answer.shifts] == [(rank, rank) for rank in range(1, 8)]
        assert answer.gone == ()

    def test_edits_count(self, explorer: Explorer) -> None:
        draft = explorer.draft(explorer.find_listeners(limit=1).items[0].id)
        before = _listed(explorer.recommend(draft, "first", k=240))
        songs = explorer.find_songs(limit=240).items
        for song in songs[100:108]:
            draft = draft.with_song(song)
        after = explorer.recommend(draft, "first", k=240)
        added = {song.id for song in songs[100:108]}
        assert added.isdisjoint(item.song.id for item in after.items)
        common = [pair for pair in before if pair[0] not in added]
        assert (_listed(after) != common) is self.personal
        everything = explorer.recommend(draft, "first", k=240, filters=Filters(include_heard=True))
        assert added <= {item.song.id for item in everything.items if item.heard}

    def test_order_and_facts_count_where_the_model_reads_them(self, explorer: Explorer) -> None:
        draft = explorer.draft(explorer.find_listeners(limit=1).items[0].id)
        before = _listed(explorer.recommend(draft, "first", k=240))
        moved = draft.moved(0, len(draft.plays) - 1)
        older = draft.with_facts(age=60 if draft.listener.age == 20 else 20, gender="female", city="nowhere")
        for edited, counts in ((moved, self.reads_order), (older, self.reads_facts)):
            after = _listed(explorer.recommend(edited, "first", k=240))
            assert [song for song, _ in sorted(after)] == [song for song, _ in sorted(before)]
            assert (_scores(after) != pytest.approx(_scores(before), abs=1e-6)) is counts

    def test_a_new_listener_is_answered(self, explorer: Explorer) -> None:
        songs = explorer.find_songs(limit=240).items
        lists = []
        for chosen in ((), songs[:1], (songs[5], songs[5]), songs[40:60]):
            draft = new_draft()
            for song in chosen:
                draft = draft.with_song(song)
            answer = explorer.recommend(draft, "first", k=240)
            assert answer.candidates == len(answer.items) == len(songs) - len(set(chosen))
            assert not any(item.held_out or item.heard for item in answer.items)
            lists.append([item.song.id for item in answer.items][:20])
            explained = explorer.explain(draft, answer.items[0].song.id, "first")
            assert explained.score == pytest.approx(answer.items[0].score, abs=1e-4)
            assert len(explained.nearest) <= len(set(chosen))
            changed = explorer.what_if(draft, "first", k=5)
            assert changed.before.candidates == len(songs)
        assert (lists[1] != lists[3]) is self.personal or not self.personal
        known = new_draft().with_facts(age=25, gender="male", city="13")
        assert explorer.recommend(known, "first").candidates == len(songs)

    def test_two_thousand_plays_are_no_trouble(self, explorer: Explorer) -> None:
        songs = explorer.find_songs(limit=240).items
        draft = explorer.draft(explorer.find_listeners(limit=1).items[0].id)
        long = Draft(draft.listener, tuple(_plays(songs[:200] * 10)), draft.origin)
        answer = explorer.recommend(long, "first", k=240)
        assert len(answer.items) == answer.candidates == len(songs) - 200

    def test_shifts_are_places_in_the_lists(self, explorer: Explorer) -> None:
        for listener in explorer.find_listeners(limit=3).items:
            draft = explorer.draft(listener.id)
            draft = draft.without(0).with_song(explorer.recommend(listener.id, "first", k=1).items[0].song)
            answer = explorer.what_if(draft, "first", k=6)
            before = _ranks(explorer.recommend(listener.id, "first", k=240))
            after = _ranks(explorer.recommend(draft, "first", k=240))
            for shift in (*answer.shifts, *answer.gone):
                assert (shift.before, shift.after) == (before.get(shift.song.id), after.get(shift.song.id))
            assert [shift.song for shift in answer.shifts] == [item.song for item in answer.after.items]
            there = {item.song.id for item in answer.after.items}
            assert [shift.song.id for shift in answer.gone] == [
                item.song.id for item in answer.before.items if item.song.id not in there
            ]
            assert answer.gone[0].after is None  # it was added, and so it is heard

    def test_filters_leave_what_walking_down_the_whole_list_would(self, explorer: Explorer) -> None:
        listener = explorer.find_listeners(limit=4).items[3].id
        whole = explorer.recommend(listener, "first", k=240)
        song = next(item.song for item in whole.items if item.song.genres and item.song.language)
        for filters in (
            Filters(genre=song.genres[0]),
            Filters(language=song.language),
            Filters(first_year=2000, last_year=2010),
            Filters(last_year=2005, per_artist=1),
            Filters(per_artist=1),
            Filters(genre=song.genres[0], per_artist=2),
        ):
            wanted = _walk(whole, filters, 15)
            answer = explorer.recommend(listener, "first", k=15, filters=filters)
            assert [item.song.id for item in answer.items] == wanted
            assert answer.candidates == len(_walk(whole, replace(filters, per_artist=None), 240))
        for wrong in (Filters(genre="no such"), Filters(language="no such")):
            with pytest.raises(NotFound, match="near"):
                explorer.recommend(listener, "first", filters=wrong)
        with pytest.raises(UsageError):
            explorer.recommend(listener, "first", filters=Filters(per_artist=0))

    def test_a_run_agrees_with_itself(self, explorer: Explorer) -> None:
        listener = next(each for each in explorer.find_listeners(limit=60).items if _held_out(explorer, each.id))
        answer = explorer.compare(listener.id, "first", "first", k=8)
        assert answer.shared == 8
        assert [shift.before for shift in answer.one_shifts] == list(range(1, 9))
        for shift in (*answer.one_shifts, *answer.other_shifts, *answer.held_out):
            assert shift.before == shift.after
        assert {shift.song.id for shift in answer.held_out} == _held_out(explorer, listener.id)
        assert answer.overall is None

    def test_many_threads_get_the_answers_of_one(self, explorer: Explorer) -> None:
        ids = [listener.id for listener in explorer.find_listeners(limit=12).items]
        song = explorer.find_songs(limit=200).items[150]
        drafts = [explorer.draft(each).with_song(song) for each in ids]
        alone = [_listed(explorer.recommend(draft, "first")) for draft in drafts]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda draft: _listed(explorer.recommend(draft, "first")), drafts))
        assert together == alone

    def test_loaded_weights_give_the_same_scores_bit_for_bit(
        self, kkbox_world: World, card: RunCard, places: Places, past: Listeners
    ) -> None:
        data, loaded = kkbox_world.data, load_model(places, card, kkbox_world.data, CPU)
        torch.manual_seed(card.seed + 1)
        fresh = build(self.model, config_for(self.model, chosen=dict(card.config)), data)
        if isinstance(fresh, FittedModel):
            fresh.fit(data)
        for model in (loaded, fresh.eval()):
            save_weights(places, card.name, model.state_dict())
            again = load_model(places, card, data, CPU)
            assert torch.equal(model.scorer(data).scores(past), again.scorer(data).scores(past))
        save_weights(places, card.name, loaded.state_dict())

    def test_the_same_seed_gives_the_same_weights(self, kkbox_world: World, card: RunCard, places: Places) -> None:
        first = _weights(places, card.name)
        same = _weights(places, self.trained(kkbox_world, places, "same").name)
        other = _weights(places, self.trained(kkbox_world, places, "other", seed=card.seed + 1).name)
        assert _equal(first, same)
        assert _equal(first, other) is not self.learns_from_chance

    def test_a_run_refuses_another_dataset(self, card: RunCard, places: Places, checkerboard: World) -> None:
        explorer = Explorer.open(Places(checkerboard.places.data, places.checkpoints), checkerboard.name)
        with pytest.raises(WrongDataset, match=card.name) as problem:
            explorer.recommend("L0", card.name)
        assert "\n" not in str(problem.value)
        assert card.name not in {each.name for each in explorer.runs() if each.problem is None}
        explorer.close()

    def test_nothing_in_a_run_is_pickled(self, card: RunCard, places: Places) -> None:
        files = {path.name: path for path in places.run(card.name).rglob("*") if path.is_file()}
        assert {"run.json", WEIGHTS} <= set(files)
        for name, path in files.items():
            if name == TRAINING:
                torch.load(path, weights_only=True)
            elif path.suffix == ".safetensors":
                assert load(path.read_bytes()) or self.model == "itemknn"
            else:
                assert path.suffix in (".json", ".jsonl")
                for document in [path.read_text()] if path.suffix == ".json" else path.read_text().splitlines():
                    json.loads(document)

    def test_what_is_held_out_changes_nothing(
        self, checkerboard: World, other_future: World, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        weights, scores = [], []
        for world in (checkerboard, other_future):
            places = Places(world.places.data, tmp_path_factory.mktemp("future"))
            card = self.trained(world, places, "run")
            weights.append(_weights(places, card.name))
            scores.append(load_model(places, card, world.data, CPU).scorer(world.data).scores(world.data.past("test")))
        assert checkerboard.data.held_out("test").values.tolist() != other_future.data.held_out("test").values.tolist()
        assert _equal(*weights)
        assert torch.equal(*scores)


def _listed(answer: Recommendations) -> list[tuple[str, float]]:
    return [(item.song.id, item.score) for item in answer.items]


def _scores(listed: list[tuple[str, float]]) -> list[float]:
    return [score for _, score in sorted(listed)]


def _ranks(answer: Recommendations) -> dict[str, int]:
    return {item.song.id: item.rank for item in answer.items}


def _plays(songs: Sequence[Song]) -> Iterator[Play]:
    return (Play(position, song) for position, song in enumerate(songs))


def _held_out(explorer: Explorer, listener: str) -> set[str]:
    return {play.song.id for play in explorer.plays(listener) if play.split == "test"}


def _walk(whole: Recommendations, filters: Filters, k: int) -> list[str]:
    chosen: list[str] = []
    songs_of: Counter[str] = Counter()
    for song in (item.song for item in whole.items):
        year = song.released // 10000 if song.released is not None else None
        if (
            len(chosen) == k
            or (filters.genre and filters.genre not in song.genres)
            or (filters.language and filters.language != song.language)
            or (filters.first_year and (year is None or year < filters.first_year))
            or (filters.last_year and (year is None or year > filters.last_year))
            or (filters.per_artist and any(songs_of[artist] >= filters.per_artist for artist in song.artists))
        ):
            continue
        chosen.append(song.id)
        songs_of.update(set(song.artists))
    return chosen


def _weights(places: Places, run: str) -> dict[str, Tensor]:
    return load((places.run(run) / WEIGHTS).read_bytes())


def _equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())
