"""Lists, profiles, songs, runs, what-if and comparisons as the command line answers them: as the explorer does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from musicrec.core.drafts import Filters
from musicrec.core.explorer import Explorer
from musicrec.core.places import Places
from musicrec.core.tabular import to_json

Musicrec = Callable[..., Any]


@pytest.fixture(scope="module")
def explorer(trained: Places) -> Iterator[Explorer]:
    explorer = Explorer.open(trained)
    yield explorer
    explorer.close()


@pytest.fixture(scope="module")
def someone(explorer: Explorer) -> str:
    return explorer.find_listeners("plays:20-60", limit=1).items[0].id


def _json(answer: Any) -> Any:
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.stdout)


def _csv(answer: Any) -> list[dict[str, str]]:
    assert answer.exit_code == 0, answer.stderr
    return list(csv.DictReader(io.StringIO(answer.stdout, newline="")))


def _said(records: object) -> Any:
    told = json.loads(to_json(records))
    return _timeless(told)


def _timeless(told: Any) -> Any:
    if isinstance(told, dict):
        return {key: _timeless(value) for key, value in told.items() if key != "milliseconds"}
    return [_timeless(each) for each in told] if isinstance(told, list) else told


@pytest.mark.parametrize(
    ("command", "find", "query", "sort"),
    [("listeners", "find_listeners", "age:15-60", "age"), ("songs", "find_songs", "a", "year")],
)
def test_lists(command: str, find: str, query: str, sort: str, musicrec: Musicrec, explorer: Explorer) -> None:
    wanted = getattr(explorer, find)(query, 3, 2, sort, True)
    ask = [command, query, "--sort", sort, "--reverse", "--limit", "3", "--offset", "2"]
    assert _json(musicrec(*ask, "--json")) == _said(wanted)
    ids = [each.id for each in wanted.items]
    assert [row[command[:-1]] for row in _csv(musicrec(*ask, "--csv"))] == ids
    table = musicrec(*ask).stdout
    assert all(id in table for id in ids)  # noqa: A001
    assert f"3 to 5 of {wanted.total}" in table
    assert len(_json(musicrec(command, "--json"))["items"]) == 20
    assert "none of 0" in musicrec(command, "plays:99999999").stdout


def test_a_year_is_not_counted_in_thousands(musicrec: Musicrec) -> None:
    assert " 1,9" not in musicrec("songs", "year:1900-1999", "--limit", "100").stdout.partition("1 to ")[0]


def test_a_listener(musicrec: Musicrec, explorer: Explorer, someone: str) -> None:
    wanted = explorer.profile(someone, "neural")
    assert _json(musicrec("listener", someone, "--run", "neural", "--json")) == _said(wanted)
    table = musicrec("listener", someone).stdout
    for word in (someone, "What the past is made of", "How it moved", "Playlist", "long-term", wanted.genres[0].name):
        assert word in table


def test_a_song(musicrec: Musicrec, explorer: Explorer) -> None:
    song = explorer.find_songs(limit=2).items[1]
    assert _json(musicrec("song", song.id, "--limit", "4", "--json")) == _said(explorer.song_page(song.id, limit=4))
    told = _json(musicrec("song", song.id, "--similar", "-k", "3", "--run", "neural", "--json"))
    assert told["similar"] == _said(explorer.similar(song.id, "neural", 3))
    table = musicrec("song", song.id, "--similar", "--run", "neural").stdout
    assert "number 2 by plays" in table
    assert "Similar to" in table


def test_runs_in_full_and_their_differences(musicrec: Musicrec, explorer: Explorer) -> None:
    page = _json(musicrec("runs", "neural", "--json"))
    assert page == _said(explorer.run_page("neural"))
    assert len(page["epochs"]) == 2
    table = musicrec("runs", "neural").stdout
    assert "--factors" in table
    assert "Passes" in table
    assert _json(musicrec("runs", "neural", "crowd", "--json")) == _said(explorer.differences("neural", "crowd"))
    assert "factors" in musicrec("runs", "neural", "crowd").stdout
    assert "nothing but their names" in musicrec("runs", "crowd", "crowd").stdout


def test_recommendations_of_some_years_and_few_of_an_artist(
    musicrec: Musicrec, explorer: Explorer, someone: str
) -> None:
    ask = ["recommend", someone, "--run", "neural", "-k", "20", "--json"]
    for year, first, last in (("2000-2010", 2000, 2010), ("2010-", 2010, None), ("-2005", None, 2005), ("2008",) * 3):
        filters = Filters(first_year=first and int(first), last_year=last and int(last))
        wanted = explorer.recommend(someone, "neural", 20, filters)
        assert _json(musicrec(*ask, "--year", year))["items"] == _said(wanted.items)
    items = _json(musicrec(*ask, "--per-artist", "1"))["items"]
    artists = [artist for item in items for artist in item["song"]["artists"]]
    assert len(artists) == len(set(artists))


def test_a_ranking_becomes_a_file(musicrec: Musicrec, explorer: Explorer, someone: str, tmp_path: Path) -> None:
    ids = [item.song.id for item in explorer.recommend(someone, "neural", 5).items]
    ask = ["recommend", someone, "--run", "neural", "-k", "5", "--output"]
    for name in ("list.json", "list.m3u8", "list.txt", "list.csv", "list.parquet"):
        answer = musicrec(*ask, str(tmp_path / name))
        assert (answer.exit_code, answer.stdout) == (0, "")
        assert answer.stderr == f"wrote 5 songs to {tmp_path / name}\n"
    assert [row["song"] for row in json.loads((tmp_path / "list.json").read_text("utf-8"))] == ids
    assert (tmp_path / "list.m3u8").read_text("utf-8").splitlines()[3::2] == ids
    again = musicrec(*ask, str(tmp_path / "list.txt"))
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)
    assert "is there already" in again.stderr
    assert musicrec(*ask, str(tmp_path / "list.txt"), "--replace").exit_code == 0
    both = [*ask, str(tmp_path / "list.txt"), "--replace"]
    assert [item["song"]["id"] for item in _json(musicrec(*both, "--json"))["items"]] == ids
    assert [row["song"] for row in _csv(musicrec(*both, "--csv"))] == ids


def test_what_if(musicrec: Musicrec, explorer: Explorer, someone: str) -> None:
    songs = [song.id for song in explorer.find_songs(limit=2).items]
    edits = ["--remove", "0", "--remove", "2", "--move", "3:1", "--add", songs[0], "--add", songs[1]]
    facts = ["--age", "30", "--gender", "unknown"]
    ask = ["what-if", someone, *edits, *facts, "--run", "neural", "-k", "5"]
    city = explorer.listener(someone).city
    draft = explorer.draft(someone).with_facts(age=30, gender=None, city=city).without(2).without(0).moved(3, 1)
    for song in songs:
        draft = draft.with_song(explorer.song(song))
    wanted = explorer.what_if(draft, "neural", 5, Filters())
    assert _timeless(_json(musicrec(*ask, "--json"))) == _said(wanted)
    rows = _csv(musicrec(*ask, "--csv"))
    assert [row["song"] for row in rows[:5]] == [item.song.id for item in wanted.after.items]
    assert all(row["marks"] == "gone" for row in rows[5:])
    assert len(rows) == 5 + len(wanted.gone)
    assert "as edited" in musicrec(*ask).stdout


def test_a_new_listener(musicrec: Musicrec, explorer: Explorer) -> None:
    song = explorer.find_songs(limit=1).items[0].id
    told = _json(musicrec("what-if", "--add", song, "--age", "20", "--run", "neural", "-k", "3", "--json"))
    assert told["draft"]["origin"] is None
    assert [play["song"]["id"] for play in told["draft"]["plays"]] == [song]
    assert len(told["after"]["items"]) == 3
    assert "new listener" in musicrec("what-if", "--add", song, "--run", "neural").stdout


def test_two_runs_on_one_listener(musicrec: Musicrec, explorer: Explorer, someone: str) -> None:
    ask = ["compare", "neural", "crowd", "--listener", someone, "-k", "4"]
    wanted = explorer.compare(someone, "neural", "crowd", 4, Filters())
    told = _timeless(_json(musicrec(*ask, "--json")))
    assert (told["one_shifts"], told["shared"]) == (_said(wanted.one_shifts), wanted.shared)
    table = musicrec(*ask).stdout
    assert f"{wanted.shared} of 4 songs are in both lists" in table
    assert "by crowd" in table


def test_two_runs_side_by_side(invoke: Musicrec, trained: Places, tmp_path: Path) -> None:
    places = Places(trained.data, tmp_path)
    for name, factors in (("small", "4"), ("large", "16")):
        assert invoke(places, "train", "gmf", "--name", name, "--factors", factors, "--epochs", "1").exit_code == 0
    assert "musicrec evaluate small large" in invoke(places, "compare", "small", "large").stdout
    assert invoke(places, "evaluate", "--k", "10", "--json").exit_code == 0
    told = _json(invoke(places, "compare", "small", "large", "--json"))
    assert told["differences"] == [{"name": "factors", "one": 4, "other": 16}]
    assert [each["run"] for each in told["evaluations"]["large"]] == ["large"]
    table = invoke(places, "compare", "small", "large").stdout
    assert "NDCG@10" in table
    assert "NDCG@10" in invoke(places, "runs", "small").stdout


def test_a_training_as_json_lines(invoke: Musicrec, trained: Places, tmp_path: Path) -> None:
    places = Places(trained.data, tmp_path)
    answer = invoke(places, "train", "gmf", "--name", "told", "--epochs", "2", "--json")
    assert answer.exit_code == 0
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert {next(iter(line)) for line in lines} <= {"step", "epoch", "run"}
    assert [line["epoch"]["epoch"] for line in lines if "epoch" in line] == [1, 2]
    assert lines[-1]["run"]["name"] == "told"
    assert answer.stderr.startswith("run told: gmf on kkbox")
