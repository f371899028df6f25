"""What is known without a model: profiles, songs and who plays them, drafts, runs in full."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from worlds import World, open_world, write_kkbox

from musicrec.core.browsing import Browser
from musicrec.core.drafts import NEW
from musicrec.core.errors import Interrupted, NotFound
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.portions import tastes
from musicrec.core.ranking import Ranking
from musicrec.core.records import Play, Song
from musicrec.core.training import train


@pytest.fixture(scope="module")
def places(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Places:
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("browsed"))
    train(kkbox_world.data, "popularity", config_for("popularity"), places, "crowd", "cpu")
    train(kkbox_world.data, "gmf", config_for("gmf", chosen={"epochs": 2}), places, "neural", "cpu")
    train(kkbox_world.data, "mlp", config_for("mlp", chosen={"epochs": 1, "seed": 3}), places, "other", "cpu")
    return places


@pytest.fixture(scope="module")
def explorer(places: Places) -> Iterator[Explorer]:
    explorer = Explorer.open(places)
    yield explorer
    explorer.close()


def test_a_profile_is_made_of_the_past_alone(explorer: Explorer) -> None:
    for who in explorer.find_listeners(limit=60).items:
        profile = explorer.profile(who.id)
        past = [play for play in explorer.plays(who.id) if play.split != "test"]
        assert profile.listener == who
        assert profile.playlists == explorer.playlists(who.id)
        for portion in profile.genres:
            assert portion.plays == sum(portion.name in play.song.genres for play in past)
            assert portion.share == portion.plays / len(past)
        for portions in (profile.genres, profile.languages, profile.behaviours):
            assert len(portions) <= 12
            assert [each.plays for each in portions] == sorted((each.plays for each in portions), reverse=True)
        assert sum(each.plays for each in profile.behaviours) == sum(play.behaviour is not None for play in past)
        assert [each.name for each in profile.genres if each.name in {taste.name for taste in profile.tastes}] == [
            taste.name for taste in profile.tastes
        ]
        assert profile.tastes[0].name == profile.genres[0].name


def _plays(genres: str) -> list[Play]:
    return [Play(n, Song(n, str(n), genres=() if g == "-" else (g,), language="x")) for n, g in enumerate(genres)]


@pytest.mark.parametrize(
    ("genres", "wanted"),
    [
        ("", {}),
        ("a", {"a": (1.0,)}),
        ("ab", {"a": (0.5,), "b": (0.5,)}),
        ("aabb", {"a": (1.0, 0.0), "b": (0.0, 1.0)}),
        ("aab", {"a": (2 / 3,), "b": (1 / 3,)}),
        ("-----", {"x": (1.0, 1.0)}),
        ("-a", {"a": (0.5,)}),
        ("aaaabbbccd", {"a": (1, 1, 0, 0, 0), "b": (0, 0, 1, 0.5, 0), "c": (0, 0, 0, 0.5, 0.5)}),
    ],
)
def test_how_a_taste_moved(genres: str, wanted: dict[str, tuple[float, ...]]) -> None:
    assert {taste.name: taste.shares for taste in tastes(_plays(genres))} == pytest.approx(wanted)


def test_a_genre_that_always_goes_with_another_is_told_once() -> None:
    plays = [Play(n, Song(n, str(n), genres=(*genre, f"all of {genre}"))) for n, genre in enumerate("aabcd")]
    assert [taste.name for taste in tastes(plays)] == ["a", "all of b", "all of c"]


@pytest.mark.parametrize(("plays", "stretches"), [(47, 23), (48, 24), (49, 24), (1000, 24)])
def test_stretches_are_equal_and_hold_two_plays(plays: int, stretches: int) -> None:
    (taste,) = tastes(_plays("a" * plays))
    assert taste.shares == (1.0,) * stretches


def test_a_listener_without_plays_has_a_profile(tmp_path) -> None:
    files = write_kkbox(tmp_path / "raw", [("L0", "S0"), ("L0", "S1"), ("L1", "S1")])
    (files / "members.csv").write_text(
        "msno,city,bd,gender,registered_via,registration_init_time,expiration_date\nidle,1,30,male,7,20110820,20170920\n"
    )
    world = open_world(tmp_path, "kkbox", files, "kkbox")
    explorer = Explorer.open(world.places)
    profile = explorer.profile("idle")
    assert (profile.genres, profile.languages, profile.behaviours, profile.tastes) == ((), (), (), ())
    assert profile.playlists.plays == 0
    assert explorer.draft("idle").plays == ()
    explorer.close()


def test_nothing_is_asked_of_a_closed_explorer(places: Places) -> None:
    explorer = Explorer.open(places)
    draft = explorer.draft(explorer.find_listeners(limit=1).items[0].id)
    explorer.recommend(draft, "crowd")
    explorer.close()
    for ask in (lambda: explorer.recommend(draft, "crowd"), explorer.genres, explorer.runs):
        with pytest.raises(Interrupted, match=f"dataset {explorer.name} was closed"):
            ask()
    explorer.close()


def test_songs_and_who_plays_them(explorer: Explorer, kkbox_world: World, places: Places) -> None:
    everybody = explorer.find_listeners(limit=1000).items
    played = {who.id: [play.song.id for play in explorer.plays(who.id) if play.split == "train"] for who in everybody}
    ranking = Ranking.load(places, explorer.runs()[0], kkbox_world.data, torch.device("cpu"))
    for song in explorer.find_songs(limit=240).items[::7]:
        page = explorer.song_page(song.id)
        assert page.song == song
        assert page.popularity_rank == ranking.popularity_rank(song.song)
        assert list(page.listeners.items) == [who for who in everybody if song.id in played[who.id]]
        part = explorer.song_page(song.id, limit=2, offset=1)
        assert part.listeners.items == page.listeners.items[1:3]
        assert part.listeners.total == page.listeners.total == len(page.listeners.items)


def test_a_draft_begins_with_the_past(explorer: Explorer) -> None:
    who = explorer.find_listeners(limit=1).items[0]
    draft = explorer.draft(who.id)
    past = [play for play in explorer.plays(who.id) if play.split != "test"]
    assert [play.song for play in draft.plays] == [play.song for play in past]
    assert [play.position for play in draft.plays] == list(range(len(past)))
    assert (draft.origin, draft.listener.id, draft.listener.plays) == (who, who.id, len(past))
    assert draft.with_song(past[0].song).without(len(past)) == draft
    assert explorer.draft().listener.id == NEW
    assert explorer.draft().plays == ()


def test_what_does_not_exist_is_named(explorer: Explorer) -> None:
    for ask in (explorer.profile, explorer.song_page, explorer.draft):
        with pytest.raises(NotFound, match="'nothing'"):
            ask("nothing")
    someone = explorer.find_listeners(limit=1).items[0].id
    with pytest.raises(NotFound, match="'nix'"):
        explorer.profile(someone, "nix")


def test_the_browser_needs_no_model(explorer: Explorer, places: Places) -> None:
    browser, who = Browser(places, explorer.name), explorer.find_listeners(limit=1).items[0].id
    assert browser.profile(who) == explorer.profile(who)


def test_a_run_in_full(explorer: Explorer, places: Places) -> None:
    page = explorer.run_page("neural")
    assert page.card == next(card for card in explorer.runs() if card.name == "neural")
    assert [epoch.epoch for epoch in page.epochs] == [1, 2]
    assert page.epochs[page.card.best_epoch - 1].validation == page.card.metrics["ndcg@10"]
    assert page.evaluations == ()
    told = explorer.evaluate(["crowd"], ks=(10,))
    assert explorer.run_page("crowd").evaluations == tuple(each for each in told if each.run == "crowd")
    assert explorer.run_page("crowd").epochs == ()
    with pytest.raises(NotFound, match="'nix'"):
        explorer.run_page("nix")


def test_how_runs_differ(explorer: Explorer) -> None:
    assert explorer.differences("neural", "neural") == ()
    found = {each.name: (each.one, each.other) for each in explorer.differences("neural", "other")}
    assert found == {"model": ("gmf", "mlp"), "seed": (7, 3), "epochs": (2, 1)}
    found = {each.name: (each.one, each.other) for each in explorer.differences("crowd", "neural")}
    assert found["factors"] == (None, 8)
