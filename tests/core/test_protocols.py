"""The named protocols, each on a case worked by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from worlds import World, open_world, write_kkbox

from musicrec.core import distributed
from musicrec.core.cold import Chance, as_new, first_plays
from musicrec.core.dataset import Dataset, Listeners, take
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.evaluation import measure
from musicrec.core.held_out_ranks import rank_held_out
from musicrec.core.models.base import Parts, Scorer
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.protocols import ProtocolOptions, cold_songs, notices_for, tasks_for
from musicrec.core.ragged import Ragged
from musicrec.core.records import Evaluation, Listener, Protocol
from musicrec.core.runs import read_evaluations
from musicrec.core.standings import baseline, standings
from musicrec.core.tables.catalogue import open_catalogue
from musicrec.core.tasks import Task, protocol_negatives
from musicrec.core.training import train

CPU = torch.device("cpu")


class Written(Scorer):
    """Scores that were written down, by original ids; songs that are not are 0."""

    def __init__(self, world: World, scores: dict[str, dict[str, float]]) -> None:
        catalogue = open_catalogue(world.places.dataset(world.name))
        self.rows = torch.zeros(world.data.listener_count, world.data.song_count)
        for listener, songs in scores.items():
            for song, score in songs.items():
                self.rows[catalogue.listener(listener).listener, catalogue.song(song).song] = score
        catalogue.close()

    def scores(self, listeners: Listeners) -> Tensor:
        return self.rows[listeners.ids].clone()

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("written",), self.scores(listeners).gather(1, songs).unsqueeze(-1))


def _by_hand(root: Path, past: str, future: str, songs: str = "") -> World:
    """Make a KKBOX world of `A: s1 s2; B: s3`; `songs` are described, played or not."""
    before, after = (
        [(row.split(":")[0].strip(), song) for row in rows.split(";") for song in row.split(":")[1].split()]
        for rows in (past, future)
    )
    files = write_kkbox(root / "raw", before, after, dict.fromkeys(songs.split(), "Ida"))
    return open_world(root, "kkbox", files, "byhand")


def _one(data: Dataset, **options: object) -> Task:
    (task,) = tasks_for(data, ProtocolOptions(**options))  # type: ignore[arg-type]
    return task


def _mean(evaluation: Evaluation) -> dict[str, float]:
    return {name: figure.mean for name, figure in evaluation.metrics.items()}


def test_the_protocol_of_the_dtnmr_paper_by_hand(tmp_path: Path) -> None:
    past = "A: s1 s2; B: s3 s6; C: s4 s5 s1"
    future = "A: s1 s3 s4 s9; B: s5; D: s1 s2"  # (A, s1) is known, s9 is in no past, D has none; s6 is in no future
    world = _by_hand(tmp_path, past, future)
    task = _one(world.data, name="dtnmr-paper", ks=(2,))
    assert (task.protocol.listeners, task.protocol.songs) == (2, 5)
    scores = {"A": {"s6": 9, "s9": 8, "s1": 7, "s5": 5, "s3": 4, "s4": 3}, "B": {"s6": 9, "s5": 2, "s4": 1}}
    found = measure(Written(world, scores), world.data, task, "run", "written", CPU).evaluation
    # A: s5, s3, s4 with s3 and s4 sought; B: s5, s4, then s1 and s2 tied, with s5 sought
    assert _mean(found) == pytest.approx(
        {
            "recall@2": (1 / 2 + 1) / 2,
            "precision@2": (1 / 2 + 1 / 2) / 2,
            "f1@2": (1 / 2 + 2 / 3) / 2,
            "map@2": ((1 / 2) / 2 + 1) / 2,
            "user_coverage@2": 1,
            "auc": (0 + 1) / 2,
        }
    )
    assert (
        found.protocol.label
        == "dtnmr-paper: test.csv after train.csv, all 5 songs that are in both, 2 listeners, seed 7"
    )


def test_cold_songs_by_hand(tmp_path: Path) -> None:
    world = _by_hand(tmp_path, "A: s1 s2 s4; B: s2 s3 s1", "A: n1 s3; B: n2", songs="n1 n2 n3 s1")
    task = _one(world.data, name="cold-songs", ks=(1, 2))
    assert (task.protocol.listeners, task.protocol.songs) == (2, 3)  # n3 is described, and nobody plays it
    knowing = Written(world, {"A": {"s3": 9, "n2": 2, "n1": 1}, "B": {"n2": 3, "s4": 9, "n1": 1}})
    found = measure(knowing, world.data, task, "run", "written", CPU)
    means = _mean(found.evaluation)
    assert (means["hr@1"], means["hr@2"], means["mrr@2"], means["auc"]) == (0.5, 1, (1 / 2 + 1) / 2, (1 / 2 + 1) / 2)
    assert means["catalogue_coverage@2"] == 2 / 3  # of the songs that are ranked
    assert found.evaluation.notices == ()
    crowd = measure(baseline("popularity", world.data, CPU), world.data, task, "crowd", "popularity", CPU).evaluation
    assert (_mean(crowd)["hr@1"], _mean(crowd)["hr@2"], _mean(crowd)["auc"]) == (0, 1, 0.5)  # each is second of three
    assert "alike" in crowd.notices[0]
    assert found.evaluation.protocol.label == (
        "cold-songs: test split, all 3 songs without a play before it, 2 listeners, seed 7"
    )


def test_a_song_played_for_validation_is_cold_there_and_not_in_the_test(tmp_path: Path) -> None:
    world = _by_hand(tmp_path, "A: s1 v1; B: s1 s2", "A: s2; B: v1")  # the last play of a past is for validation
    ids = _ids(world)
    assert {ids[song] for song in cold_songs(world.data, "validation").nonzero().flatten()} == {"v1", "s2"}
    assert not bool(cold_songs(world.data, "test").any())
    assert _one(world.data, name="cold-songs", split="validation").protocol.songs == 2
    with pytest.raises(MusicrecError, match="byhand has no test play of a song without a play before"):
        _one(world.data, name="cold-songs")


def _ids(world: World) -> list[str]:
    catalogue = open_catalogue(world.places.dataset(world.name))
    found = [song.id for song in catalogue.find_songs(limit=100).items]
    catalogue.close()
    return found


class Watched(Scorer):
    """Scores what it is shown: a song by its plays; remembers whom it was told of."""

    def __init__(self, songs: int) -> None:
        self.songs, self.told = songs, list[tuple[Listener | None, list[int], list[int]]]()

    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        assert origin is None
        self.told.append((facts, state.ids.tolist(), state.songs.values.tolist()))
        return state

    def scores(self, listeners: Listeners) -> Tensor:
        assert listeners.ids.tolist() == [-1] * len(listeners)
        scores = torch.zeros(len(listeners), self.songs)
        scores[listeners.songs.row_ids(), listeners.songs.values] += 1
        return scores

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("watched",), self.scores(listeners).gather(1, songs).unsqueeze(-1))


def test_cold_listeners_are_shown_by_their_facts_and_first_plays(kkbox_world: World) -> None:
    data, full = kkbox_world.data, _one(kkbox_world.data)
    tasks = tasks_for(data, ProtocolOptions("cold-listeners", first=(0, 2)))
    assert [task.protocol.first_plays for task in tasks] == [0, 2]
    assert [task.protocol.key for task in tasks] == ["test-cold-listeners-first-0", "test-cold-listeners-first-2"]
    assert "only the first 2 plays are shown" in tasks[1].protocol.label
    watched = Watched(data.song_count)
    ranks = rank_held_out(watched, tasks[1], CPU)
    catalogue = open_catalogue(kkbox_world.places.dataset("kkbox"))
    for row, (facts, ids, songs) in enumerate(watched.told):
        listener = catalogue.listener_at(int(full.past.ids[row]))
        assert facts == replace(listener, plays=0)
        assert ids == [-1]
        assert songs == [play.song.song for play in catalogue.plays(listener.listener)][: len(songs)]
        assert len(songs) == min(2, int(full.past.songs.lengths[row]))
    catalogue.close()
    assert len(watched.told) == full.protocol.listeners
    # Sought and ranked are the same songs as in full ranking: all the past is out of the race, what is shown or not
    whole = rank_held_out(baseline("popularity", data, CPU), full, CPU)
    assert ranks.candidates.tolist() == whole.candidates.tolist()


def test_who_is_shown_everything_is_not_cold(kkbox_world: World) -> None:
    data = kkbox_world.data
    for name in ("popularity", "itemknn"):
        scorer = baseline(name, data, CPU)
        (cold,) = tasks_for(data, ProtocolOptions("cold-listeners", first=(10**6,)))
        shown = measure(scorer, data, cold, name, name, CPU).evaluation
        assert shown.metrics == measure(scorer, data, _one(data), name, name, CPU).evaluation.metrics


def test_nobody_is_known_by_number(kkbox_world: World, tmp_path: Path) -> None:
    data, places = kkbox_world.data, Places(kkbox_world.places.data, tmp_path)
    card = train(data, "gmf", config_for("gmf", chosen={"epochs": 1}), places, "gmf")
    found = standings(data, places, [card], ProtocolOptions("cold-listeners", first=(0, 1)))
    assert [(each.run, each.protocol.first_plays) for each in found] == [
        (run, first) for first in (0, 1) for run in ("(chance)", "(popularity)", "(itemknn)", "gmf")
    ]
    kept = {each.protocol.first_plays: each for each in read_evaluations(places, "gmf")}
    assert kept == {each.protocol.first_plays: each for each in found if each.run == "gmf"}
    model = build("gmf", config_for("gmf"), data).eval()
    past = first_plays(data.past("test"), 0)
    states = as_new(model.scorer(data), take(past, torch.arange(3)), [Listener(n, str(n)) for n in range(3)])
    scores = model.scorer(data).scores(states)
    assert torch.equal(scores[0], scores[1])  # who has no plays is nobody in particular
    assert torch.equal(scores[0], scores[2])


def test_chance_is_at_chance(kkbox_world: World) -> None:
    task = _one(kkbox_world.data, ks=(10,))
    one, two = (measure(Chance(240, 3, CPU), kkbox_world.data, task, "x", "x", CPU).evaluation for _ in range(2))
    assert one == two
    assert one.metrics["auc"].low is not None
    assert one.metrics["auc"].low < 0.5 < (one.metrics["auc"].high or 0)


def test_models_that_read_plays_alone_take_new_listeners_all_at_once(kkbox_world: World) -> None:
    states = first_plays(kkbox_world.data.past("test"), 3)
    everybody = [Listener(number, str(number)) for number in range(len(states))]
    for name in ("itemknn", "popularity"):
        assert as_new(baseline(name, kkbox_world.data, CPU), states, everybody) is states


def test_chance_differs_between_the_processes_of_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    listeners = Listeners(torch.arange(2), Ragged.of([[0], [0]]), Ragged.of([[0], [0]]))

    def drawn(rank: int, size: int) -> Tensor:
        monkeypatch.setattr(distributed, "current", lambda: distributed.Group(rank, size))
        return Chance(20, 3, CPU).scores(listeners)

    assert torch.equal(drawn(0, 1), drawn(0, 2))
    assert torch.equal(drawn(1, 2), drawn(1, 2))
    assert not torch.equal(drawn(0, 2), drawn(1, 2))


def test_the_reference_of_ncf_measures_the_songs_that_training_kept_clear_of(
    melon_world: World, tmp_path: Path
) -> None:
    data, places = melon_world.data, Places(melon_world.places.data, tmp_path)
    task = _one(data, name="ncf-reference", negatives=20)
    assert task.negatives is not None
    assert torch.equal(task.negatives, protocol_negatives(data, "test", 20)[1])
    assert bool((task.held.lengths == 1).all())
    spare = [config_for("gmf", chosen={"epochs": 1, "spare_negatives": count}) for count in (20, 0)]
    cards = [train(data, "gmf", config, places, f"spare-{config.spare_negatives}") for config in spare]  # type: ignore[attr-defined]
    found = {each.run: each for each in standings(data, places, cards, ProtocolOptions("ncf-reference", negatives=20))}
    assert set(found["spare-20"].metrics) == {"hr@10", "ndcg@10"}
    assert found["spare-20"].notices == found["(popularity)"].notices == ()
    assert "may have seen the 20 sampled songs" in found["spare-0"].notices[0]
    assert "--spare-negatives 20" in found["spare-0"].notices[0]
    other = standings(data, places, cards[:1], ProtocolOptions("ncf-reference", negatives=20, seed=8))
    assert "--seed 7" in other[-1].notices[0]
    assert read_evaluations(places, "spare-20") == (found["spare-20"], other[-1])
    sasrec = notices_for(replace(cards[0], model="sasrec", config={"epochs": 1}), task)
    assert sasrec == ("its training may have seen the 20 sampled songs as negatives",)  # it has no such parameter
    assert found["spare-20"].protocol.label.startswith(
        "ncf-reference: test song of the latest issue date among 20 sampled songs"
    )


@pytest.mark.parametrize(
    ("world", "options", "error", "words"),
    [
        ("kkbox_world", {"name": "ncf-reference"}, MusicrecError, "--split latest-issue, or use --protocol sampled"),
        ("melon_world", {"name": "dtnmr-paper"}, MusicrecError, "the split of dataset melon is latest-issue"),
        ("melon_world", {"name": "ncf-reference", "split": "validation"}, UsageError, "leave out --split"),
        ("kkbox_world", {"name": "dtnmr-paper", "split": "validation"}, UsageError, "leave out --split"),
        ("kkbox_world", {"name": "nix"}, UsageError, "cold-songs, cold-listeners"),
    ],
)
def test_what_does_not_go_together_is_told_in_a_line(
    world: str, options: dict[str, str], error: type[Exception], words: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(error, match=words) as told:
        _one(request.getfixturevalue(world).data, **options)
    assert "\n" not in str(told.value)


def test_held_out_songs_of_one_listener_do_not_meet_those_of_another() -> None:
    # Two listeners with 3 and 1 held-out songs, one sampled song each: the second must not lose to the first's
    held = Ragged.of([[1, 2, 3], [4]])
    past = Listeners(torch.arange(2), Ragged.of([[0], [0]]), Ragged.of([[0], [0]]))
    task = Task(past, held, Protocol("test", "sampled", 1, 7, 2, 6, (4,)), torch.tensor([[5], [5]]))

    class Same(Scorer):
        def scores(self, listeners: Listeners) -> Tensor:
            return torch.tensor([[9.0, 3, 8, 8, 1, 5]]).expand(len(listeners), -1).clone()

        def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
            raise NotImplementedError

    ranks = rank_held_out(Same(), task, CPU)
    assert ranks.higher.tolist() == [3, 0, 0, 1]
    assert ranks.tied.tolist() == [1, 2, 2, 1]
    assert ranks.candidates.tolist() == [4, 2]
    assert [sorted(songs[:2]) for songs in ranks.lists.tolist()] == [[2, 3], [4, 5]]
    assert ranks.lists[:, 2:].tolist() == [[5, 1], [-1, -1]]
