"""The cuts of the reference programs: songs first, then listeners by what remains."""

from __future__ import annotations

import pytest
from handmade import Import, playlist

from musicrec.core.errors import ImportFailed
from musicrec.core.tables.options import ImportOptions, options_for

LISTS = [playlist(1, [1, 2, 3]), playlist(2, [1, 2]), playlist(3, [1, 4]), playlist(4, [5, 5])]


def ids(made, table):
    return [row[0] for row in made.rows(f"SELECT id FROM {table} ORDER BY id")]


def test_everything_is_kept_unless_asked(melon: Import):
    made = melon(train=LISTS)
    assert (made.counts["listeners"], made.counts["songs"], made.counts["plays"]) == (4, 5, 9)
    assert not [reason for reason in made.counts if reason.startswith("left out")]


def test_songs_of_few_listeners_go_and_playlists_that_lose_all_of_theirs(melon: Import):
    made = melon(ImportOptions(min_song_plays=2), train=LISTS)
    assert ids(made, "songs") == ["1", "2"]
    assert ids(made, "listeners") == ["1", "2", "3"]
    assert made.counts["left out: songs by --min-song-plays 2"] == 3
    assert made.counts["left out: listeners by cuts of all their songs"] == 1
    assert made.counts["left out: plays by --min-song-plays 2"] == 4


def test_playlists_are_measured_by_the_songs_that_remain(melon: Import):
    made = melon(ImportOptions(min_song_plays=2, min_playlist_len=2), train=LISTS)
    assert ids(made, "listeners") == ["1", "2"]
    assert made.counts["plays"] == 4
    assert made.counts["left out: plays by --min-playlist-len 2"] == 1
    assert ids(melon(ImportOptions(max_playlist_len=2), train=LISTS), "listeners") == ["2", "3", "4"]


def test_top_keeps_songs_above_a_share_of_the_most_played(melon: Import):
    assert ids(melon(ImportOptions(top=0.5), train=LISTS), "songs") == ["1", "2", "5"]
    assert ids(melon(ImportOptions(top=0.7), train=LISTS), "songs") == ["1"]


def test_bounds_drop_what_is_not_known(kkbox: Import):
    files = {
        "train": ["u1,s1,,,,1", "u2,s2,,,,1", "u3,s1,,,,1", "u4,s3,,,,1"],
        "songs": ["s1,1000,,,,,", "s2,9000,,,,,"],
        "members": ["u1,1,20,,,,", "u2,1,40,,,,", "u3,1,0,,,,"],
    }
    assert ids(kkbox(ImportOptions(max_song_seconds=5), **files), "songs") == ["s1"]
    made = kkbox(ImportOptions(min_age=20, max_age=39), **files)
    assert ids(made, "listeners") == ["u1"]
    assert made.counts["left out: listeners by --min-age 20"] == 2
    assert made.counts["left out: listeners by --max-age 39"] == 1


def test_plays_of_the_future_do_not_save_a_song_or_a_listener(kkbox: Import):
    files = {
        "train": ["u1,s1,,,,1", "u1,s3,,,,1", "u2,s1,,,,1"],
        "test": ["0,u1,s2,,,", "1,u2,s2,,,", "2,u2,s3,,,"],
    }
    assert ids(kkbox(ImportOptions(min_song_plays=2), **files), "songs") == ["s1"]
    assert ids(kkbox(ImportOptions(min_playlist_len=2), **files), "listeners") == ["u1"]


@pytest.mark.parametrize(
    "cut", [{"min_song_plays": 9}, {"min_age": 10}, {"min_playlist_len": 9}, {"max_song_seconds": 1}]
)
def test_nothing_left_names_the_cut(kkbox: Import, cut):
    (name,) = cut
    with pytest.raises(ImportFailed, match=f"--{name.replace('_', '-')} {cut[name]}"):
        kkbox(ImportOptions(**cut), train=["u1,s1,,,,1", "u1,s2,,,,1"])


def test_the_reference_preset_works(melon: Import):
    lists = [playlist(n, [1, 2, 100 + n]) for n in range(25)]
    made = melon(options_for("melon", "reference"), train=lists)
    assert (made.counts["songs"], made.counts["plays"]) == (2, 50)
