"""What is printed and exported, byte by byte: the files under golden/ are what scripts have come to rely on."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.drafts import Draft
from musicrec.core.pages import (
    Comparison,
    Difference,
    Portion,
    Profile,
    RunPage,
    Shift,
    SongPage,
    Taste,
    WhatIf,
)
from musicrec.core.records import (
    DatasetCard,
    Evaluation,
    Explanation,
    Listener,
    Metric,
    Neighbour,
    Page,
    Play,
    Playlists,
    Protocol,
    Recommendation,
    Recommendations,
    RunCard,
    ScorePart,
    Song,
    SourceFile,
)
from musicrec.core.sheets.datasets import (
    datasets_sheet,
    import_sheet,
    listeners_sheet,
    plays_sheet,
    profile_sheets,
    song_page_sheet,
    songs_sheet,
)
from musicrec.core.sheets.recommendations import (
    comparison_sheets,
    explanations_sheet,
    neighbours_sheet,
    recommendations_sheet,
    what_if_sheet,
)
from musicrec.core.sheets.runs import differences_sheet, epochs_sheet, run_sheet, runs_sheet, together_sheets
from musicrec.core.sheets.standings import standings_long, standings_sheets
from musicrec.core.tables.cards import BrokenDataset
from musicrec.core.tabular import Sheet, to_csv, to_json, to_lines
from musicrec.core.watch import Epoch

GOLDEN = Path(__file__).parent / "golden"

HOSTILE = Song(
    song=3,
    id='q"1,2',
    title='Say "no", [bold]twice[/bold]\nand again 👩‍🚀',
    artists=("이소라", "Comma, The"),
    genres=("465", "1609"),
    composers=("作曲\t家",),
    language="31",
    length_ms=201_000,
    released=20110000,
    plays=12,
)
PLAIN = Song(song=4, id="plain", plays=0)
LISTENER = Listener(
    listener=0, id="L=", age=28, gender="female", registered=date(2015, 1, 2), tags=("비 오는 날",), plays=40
)
ANSWER = Recommendations(
    LISTENER,
    "dtnmr-1",
    (
        Recommendation(1, HOSTILE, 1.25, 1.0, heard=False, held_out=True, new_genre=False),
        Recommendation(2, PLAIN, -0.5, 0.0, heard=True, held_out=False, new_genre=True),
    ),
    candidates=1234,
    milliseconds=1.5,
)
NEAR = (Neighbour(HOSTILE, 0.875), Neighbour(PLAIN, -0.25))
WHY = Explanation(
    song=HOSTILE,
    run="dtnmr-1",
    score=1.25,
    parts=(ScorePart("static", 0.25), ScorePart("long-term", 1.0)),
    nearest=NEAR,
    shared_artists=("이소라",),
    shared_genres=(),
    popularity_rank=9,
    sentence="By 이소라, played twice before; number 9 of all songs by plays.",
)
CARD = DatasetCard(
    name="kkbox",
    format="kkbox",
    version=1,
    fingerprint="0123456789abcdef",
    created=datetime(2024, 5, 6, 7, 8, 9),
    split="files",
    sources=(SourceFile("train.csv", 1000, 20),),
    options={"top": None},
    counts={"listeners": 3, "songs": 5, "plays": 19, "validation": 3, "test": 4, "rejects": 1},
    bytes=2_345_678,
)
RUN = RunCard(
    name="ncf-kkbox-1",
    model="ncf",
    dataset="kkbox",
    fingerprint="0123456789abcdef",
    config={"factors": 8, "hidden": (4, 2)},
    seed=7,
    device="cpu",
    created=datetime(2024, 5, 6, 7, 8, 9),
    status="interrupted",
    epochs=3,
    best_epoch=2,
    seconds=1.5,
    parameters=10,
    metrics={"ndcg@10": 0.25},
    problem="it was trained on another dataset",
)
PROTOCOL = Protocol("test", "sampled", 99, 7, 47, 120, (5, 10))
FIGURES = {
    "hr@5": Metric(0.5, 0.25, 0.75),
    "user_coverage@5": Metric(0.5, 0.25, 0.75),
    "hr@10": Metric(0.625, 0.5, 0.75),
    "user_coverage@10": Metric(0.625, 0.5, 0.75),
    "auc": Metric(0.75, 0.5, 1.0),
    "catalogue_coverage@5": Metric(0.125),
    "catalogue_coverage@10": Metric(0.25),
}
STANDINGS = (Evaluation("(popularity)", "popularity", PROTOCOL, FIGURES), Evaluation("ncf-1", "ncf", PROTOCOL, FIGURES))
PLAYLISTS = Playlists(
    short_term=(Play(1, PLAIN, "radio"),),
    long_term=(Play(0, HOSTILE), Play(1, PLAIN, "radio")),
    held_out=(Play(2, HOSTILE, split="test"),),
    plays=2,
)
PROFILE = Profile(
    listener=LISTENER,
    playlists=PLAYLISTS,
    genres=(Portion("465", 1, 0.5),),
    languages=(Portion("31", 1, 0.5),),
    behaviours=(Portion("radio", 1, 0.5),),
    tastes=(Taste("465", (0.5, 1.0)),),
)
SONG_PAGE = SongPage(HOSTILE, 4, Page((LISTENER,), total=12, offset=3))
RUN_PAGE = RunPage(RUN, (Epoch(1, 0.5, 1.5, 300.0, 0.25, True), Epoch(2, 0.25, 1.0, 450.0, None, False)), STANDINGS[1:])
DIFFERENCES = (
    Difference("lr", 0.5, None),
    Difference("feature_hidden", [4, 2], (8,)),
    Difference("song_ids", True, False),
)
WHAT_IF = WhatIf(
    draft=Draft(LISTENER, (Play(0, PLAIN),), LISTENER),
    before=ANSWER,
    after=ANSWER,
    shifts=(Shift(HOSTILE, 7, 1), Shift(PLAIN, None, 2)),
    gone=(Shift(PLAIN, 1, None),),
)
COMPARISON = Comparison(
    one=ANSWER,
    other=ANSWER,
    one_shifts=(Shift(HOSTILE, 1, 9), Shift(PLAIN, 2, None)),
    other_shifts=(Shift(HOSTILE, 9, 1), Shift(PLAIN, 4, 2)),
    shared=1,
    held_out=(Shift(HOSTILE, 1, 9),),
    overall=(STANDINGS[0], STANDINGS[1]),
)

CSV = {
    "recommendations": recommendations_sheet(ANSWER),
    "neighbours": neighbours_sheet("Similar", NEAR),
    "explanations": explanations_sheet([WHY]),
    "datasets": datasets_sheet([CARD, BrokenDataset("broken", "it is damaged")]),
    "import": import_sheet(CARD),
    "runs": runs_sheet([RUN]),
    "standings": standings_long(STANDINGS),
    "listeners": listeners_sheet(Page((LISTENER, Listener(1, "M", title="Ｎ", likes=3)), 5)),
    "songs": songs_sheet(Page((HOSTILE, PLAIN), 2)),
    "song_page": song_page_sheet(SONG_PAGE),
    "run": run_sheet(RUN_PAGE),
    "epochs": epochs_sheet(RUN_PAGE),
    "differences": differences_sheet("a", "b", DIFFERENCES),
    "what_if": what_if_sheet(WHAT_IF),
}
MANY = {"profile": profile_sheets(PROFILE), "comparison": comparison_sheets(COMPARISON)}
JSON: dict[str, object] = {
    "recommendations": ANSWER,
    "neighbours": NEAR,
    "explanations": [WHY],
    "datasets": [CARD, BrokenDataset("broken", "it is damaged")],
    "runs": [RUN],
    "standings": STANDINGS,
}


@pytest.mark.parametrize("name", CSV)
def test_csv_stays_as_it_was(name: str) -> None:
    assert to_csv(CSV[name]).encode() == (GOLDEN / f"{name}.csv").read_bytes()


@pytest.mark.parametrize("name", MANY)
def test_several_tables_stay_as_they_were(name: str) -> None:
    told = "\n".join(f"{sheet.title}\n{to_csv(sheet)}" for sheet in MANY[name])
    assert told.encode() == (GOLDEN / f"{name}.csv").read_bytes()


@pytest.mark.parametrize("name", JSON)
def test_json_stays_as_it_was(name: str) -> None:
    text = to_json(JSON[name])
    assert text.encode() == (GOLDEN / f"{name}.json").read_bytes()
    json.loads(text)


def test_json_says_all_that_the_records_hold() -> None:
    told = json.loads(to_json(ANSWER))
    assert told["listener"]["registered"] == "2015-01-02"
    assert told["items"][0]["song"]["title"] == HOSTILE.title
    assert told["items"][0]["song"]["artists"] == list(HOSTILE.artists)
    assert json.loads(to_json(RUN))["created"] == "2024-05-06T07:08:09"


@given(st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=2, max_size=2), max_size=5))
def test_any_cell_survives_csv(cells: list[list[str | int | None]]) -> None:
    text = to_csv(Sheet("any", ("one, two", 'th"ree'), tuple((a, b) for a, b in cells)))
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["one, two", 'th"ree']
    assert rows == [["" if cell is None else str(cell) for cell in row] for row in cells]


def test_numbers_keep_all_their_digits_in_csv() -> None:
    value = 0.1 + 0.2
    (_, row) = csv.reader(io.StringIO(to_csv(Sheet("one", ("score",), ((value,),)))))
    assert float(row[0]) == value


def test_every_table_of_figures_says_how_they_came_about() -> None:
    sheets = standings_sheets(STANDINGS)
    assert [sheet.title for sheet in sheets] == ["At 5", "At 10"]
    for sheet in sheets:
        assert PROTOCOL.label in sheet.notes
        assert any("sampled figures" in note for note in sheet.notes)
        assert [row[0] for row in sheet.rows] == ["(popularity)", "ncf-1"]
    assert sheets[0].columns[2:4] == ("HR@5", "AUC")
    assert sheets[0].rows[0][2:4] == ("0.5000 ±0.2500", "0.7500 ±0.2500")
    assert standings_sheets([]) == []


def test_a_broken_dataset_stands_in_the_notes() -> None:
    assert datasets_sheet([BrokenDataset("broken", "it is damaged")]).notes == ("broken: it is damaged",)


def test_lists_say_which_part_they_are() -> None:
    assert songs_sheet(Page((PLAIN,), 1234, 1000)).notes == ("1,001 to 1,001 of 1,234",)
    assert listeners_sheet(Page((), 0)).notes == ("none of 0",)


def test_a_song_that_nobody_plays_is_told_all_the_same() -> None:
    sheet = song_page_sheet(SongPage(PLAIN, 5, Page((), 0)))
    assert sheet.rows == ()
    assert sheet.notes == ("song plain, #plain", "number 5 by plays (0)", "nobody has it among their training plays")


def test_figures_stand_together_where_the_protocol_is_one() -> None:
    other = RunPage(RUN, (), ())
    assert [sheet.title for sheet in together_sheets(RUN_PAGE, RUN_PAGE)] == ["At 5", "At 10"]
    assert "musicrec evaluate ncf-kkbox-1 ncf-kkbox-1" in together_sheets(RUN_PAGE, other)[0].notes[0]
    assert differences_sheet("a", "b", ()).notes == ("a and b differ in nothing but their names",)


def test_lines_for_a_clipboard_are_a_row_each() -> None:
    told = to_lines(plays_sheet("any", PLAYLISTS.long_term))
    assert told.splitlines() == [
        "position\tsong\ttitle\tartists\tgenres\tlanguage\tbehaviour",
        '0\tq"1,2\tSay "no", [bold]twice[/bold] and again 👩‍🚀\t이소라, Comma, The\t465, 1609\t31\t',
        "1\tplain\t\t\t\t\tradio",
    ]
