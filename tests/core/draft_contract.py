"""What every model must make of listeners who were edited, or are in no dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from trained_model import TrainedModel, listed

from musicrec.core.drafts import Draft, Filters, new_draft
from musicrec.core.explorer import Explorer
from musicrec.core.records import Play, Recommendations, Song


class DraftContract(TrainedModel):
    """An edited listener is answered as one who always had these plays and facts."""

    def test_a_draft_without_edits_is_answered_like_its_origin(self, explorer: Explorer) -> None:
        for listener in explorer.find_listeners(limit=60).items:
            draft = explorer.draft(listener.id)
            undone = draft.with_song(explorer.catalogue.song_at([0])[0]).without(len(draft.plays))
            plain = explorer.recommend(listener.id, "first", k=20)
            for each in (draft, undone):
                assert listed(explorer.recommend(each, "first", k=20)) == listed(plain)
                assert explorer.recommend(each, "first", k=20).items == plain.items
        song = plain.items[3].song.id
        assert explorer.explain(draft, song, "first") == explorer.explain(listener.id, song, "first")
        answer = explorer.what_if(draft, "first", k=7)
        assert answer.before.items == answer.after.items == explorer.recommend(listener.id, "first", k=7).items
        assert [(shift.before, shift.after) for shift in answer.shifts] == [(rank, rank) for rank in range(1, 8)]
        assert answer.gone == ()

    def test_edits_count(self, explorer: Explorer) -> None:
        draft = explorer.draft(explorer.find_listeners(limit=1).items[0].id)
        before = listed(explorer.recommend(draft, "first", k=240))
        songs = explorer.find_songs(limit=240).items
        for song in songs[100:108]:
            draft = draft.with_song(song)
        after = explorer.recommend(draft, "first", k=240)
        added = {song.id for song in songs[100:108]}
        assert added.isdisjoint(item.song.id for item in after.items)
        common = [pair for pair in before if pair[0] not in added]
        assert (listed(after) != common) is self.personal
        everything = explorer.recommend(draft, "first", k=240, filters=Filters(include_heard=True))
        assert added <= {item.song.id for item in everything.items if item.heard}

    def test_order_and_facts_count_where_the_model_reads_them(self, explorer: Explorer) -> None:
        draft = explorer.draft(explorer.find_listeners(limit=1).items[0].id)
        before = listed(explorer.recommend(draft, "first", k=240))
        moved = draft.moved(0, len(draft.plays) - 1)
        older = draft.with_facts(age=60 if draft.listener.age == 20 else 20, gender="female", city="nowhere")
        for edited, counts in ((moved, self.reads_order), (older, self.reads_facts)):
            after = listed(explorer.recommend(edited, "first", k=240))
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

    def test_many_threads_get_the_answers_of_one(self, explorer: Explorer) -> None:
        ids = [listener.id for listener in explorer.find_listeners(limit=12).items]
        song = explorer.find_songs(limit=200).items[150]
        drafts = [explorer.draft(each).with_song(song) for each in ids]
        alone = [listed(explorer.recommend(draft, "first")) for draft in drafts]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda draft: listed(explorer.recommend(draft, "first")), drafts))
        assert together == alone


def _scores(listed: list[tuple[str, float]]) -> list[float]:
    return [score for _, score in sorted(listed)]


def _ranks(answer: Recommendations) -> dict[str, int]:
    return {item.song.id: item.rank for item in answer.items}


def _plays(songs: Sequence[Song]) -> Iterator[Play]:
    return (Play(position, song) for position, song in enumerate(songs))
