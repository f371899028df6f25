"""How every panel is made and filled: one case for each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hostile_data import Data

from musicrec.core.models.written import Parameter
from musicrec.core.pages import Difference, SongPage
from musicrec.core.records import (
    Page,
)
from musicrec.tui.compare.figures import CompareFigures
from musicrec.tui.compare.head import CompareHead
from musicrec.tui.compare.held_out import HeldOut
from musicrec.tui.compare.messages import Measuring
from musicrec.tui.compare.ranking import ComparedRanking
from musicrec.tui.compare.why import ComparedWhy
from musicrec.tui.dialogs.help import HelpText
from musicrec.tui.dialogs.runs import RunList
from musicrec.tui.dialogs.similar import NearList
from musicrec.tui.dialogs.themes import ThemeList
from musicrec.tui.explore.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.playlist import Playlist
from musicrec.tui.ranking import Ranking
from musicrec.tui.runs.card import RunCardPanel
from musicrec.tui.runs.differences import RunDifferences
from musicrec.tui.runs.learning_curve import LearningCurve
from musicrec.tui.runs.messages import Evaluating
from musicrec.tui.runs.metrics import RunMetrics
from musicrec.tui.runs.parameter_list import ParameterList
from musicrec.tui.runs.table import RunTable
from musicrec.tui.similar_list import SimilarList
from musicrec.tui.songs.card import SongCard
from musicrec.tui.songs.listeners import SongListeners
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.view import Order
from musicrec.tui.virtual_list import VirtualList
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.drafts_dialog import DraftList
from musicrec.tui.what_if.gone import Gone
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.song_picker import SongPicker
from musicrec.tui.why import Why

Fill = Callable[[Any, Data], object]


@dataclass(frozen=True)
class Case:
    """How a panel is made, and the ways in which data come into it; what it shows is looked at after each."""

    make: Callable[[], Panel]
    fills: tuple[Fill, ...]


def found(panel: VirtualList[Any], data: Data, items: tuple[Any, ...]) -> None:
    order, query = Order(data.text, True), data.text
    panel.start_with(query, order)
    panel.take(query, order, Page(items, 140))


def nothing(panel: VirtualList[Any], data: Data) -> None:
    panel.start_with(data.text)
    panel.take(panel.sought, panel.order, Page((), 0))


def played(panel: SongListeners, data: Data) -> None:
    panel.show_first(SongPage(data.song(), 3, Page(data.listeners(), 140)))


def headed(panel: CompareHead, data: Data) -> None:
    panel.introduce(data.view())
    panel.tell(data.comparison())


def linked(panel: ComparedRanking, data: Data) -> None:
    comparison = data.comparison()
    panel.show_side(comparison, data.filters())
    panel.link(comparison.one_shifts[0])


def told(panel: RunTable, data: Data) -> None:
    cards = data.cards()
    panel.show_training(None)
    panel.show_runs(cards, cards[0].name, cards[-1].name)
    panel.action_sort()


def lists(show: Fill) -> tuple[Fill, Fill]:
    return (show, nothing)


CASES: dict[type[Panel], Case] = {
    ListenerList: Case(ListenerList, lists(lambda panel, data: found(panel, data, data.listeners()))),
    ListenerCard: Case(
        ListenerCard,
        (
            lambda panel, data: panel.introduce(data.listener()),
            lambda panel, data: panel.tell(data.profile()),
        ),
    ),
    Playlist: Case(
        lambda: Playlist("[/x]\x1b"),
        (
            lambda panel, data: panel.show_plays(data.plays(), 1_000, 2),
            lambda panel, data: panel.show_plays((), 0),
        ),
    ),
    Ranking: Case(Ranking, (lambda panel, data: panel.show_ranking(data.recommendations(), data.filters()),)),
    Why: Case(Why, (lambda panel, data: panel.explain(data.explanation()),)),
    ComparedWhy: Case(ComparedWhy, (lambda panel, data: panel.explain_rank(data.explanation(), None),)),
    SimilarList: Case(SimilarList, (lambda panel, data: panel.show_neighbours(data.song(), data.neighbours()),)),
    NearList: Case(NearList, (lambda panel, data: panel.show_neighbours(data.song(), data.neighbours()),)),
    SongList: Case(SongList, lists(lambda panel, data: found(panel, data, data.songs()))),
    SongPicker: Case(SongPicker, lists(lambda panel, data: found(panel, data, data.songs()))),
    SongListeners: Case(SongListeners, (played,)),
    SongCard: Case(
        SongCard,
        (
            lambda panel, data: panel.introduce(data.song()),
            lambda panel, data: panel.tell(SongPage(data.song(), 3, Page((), 0))),
        ),
    ),
    DraftPlaylist: Case(DraftPlaylist, (lambda panel, data: panel.show(data.edits()),)),
    DraftCard: Case(DraftCard, (lambda panel, data: panel.tell(data.edits(), data.text),)),
    Moves: Case(Moves, (lambda panel, data: panel.show(data.what_if(), data.filters()),)),
    Gone: Case(Gone, (lambda panel, data: panel.show(data.what_if()),)),
    CompareHead: Case(lambda: CompareHead(id="head"), (headed,)),
    ComparedRanking: Case(lambda: ComparedRanking("one", id="one"), (linked,)),
    HeldOut: Case(lambda: HeldOut(id="held"), (lambda panel, data: panel.show_held_out(data.comparison()),)),
    CompareFigures: Case(
        lambda: CompareFigures(id="figures"),
        (
            lambda panel, data: panel.show_figures(data.comparison().overall),
            lambda panel, data: panel.show_progress(Measuring("evaluate", 1, data.text, 3, 9)),
        ),
    ),
    RunTable: Case(RunTable, (told, lambda panel, data: panel.show_training(data.training(problem=data.text)))),
    RunCardPanel: Case(
        RunCardPanel,
        (
            lambda panel, data: panel.show_run(data.card(problem=data.text)),
            lambda panel, data: panel.show_training(data.training()),
        ),
    ),
    RunMetrics: Case(
        RunMetrics,
        (
            lambda panel, data: panel.show_page(data.run_page()),
            lambda panel, data: panel.show_progress(Evaluating("evaluate", 1, data.text, data.text, 3, 9)),
        ),
    ),
    RunDifferences: Case(
        RunDifferences,
        (
            lambda panel, data: panel.show_differences(
                data.text, data.text, tuple(Difference(data.text, data.several(), data.number) for _ in range(3))
            ),
            lambda panel, data: panel.show_differences(data.text, data.text, ()),
        ),
    ),
    ParameterList: Case(
        ParameterList,
        (
            lambda panel, data: panel.show_parameters(
                tuple(Parameter(*data.several(3)) for _ in range(3)), {data.text: data.text}
            ),
        ),
    ),
    LearningCurve: Case(
        LearningCurve,
        (
            lambda panel, data: panel.show_page(data.run_page(0)),
            lambda panel, data: panel.show_page(data.run_page(1)),
            lambda panel, data: panel.show_page(data.run_page(7)),
            lambda panel, data: panel.show_training(data.training()),
            lambda panel, data: panel.show_training(data.training(problem=data.text)),
        ),
    ),
}

# Panels that are made with what they show: their dialogs draw them
IN_DIALOGS: set[type[Panel]] = {DraftList, HelpText, RunList, ThemeList}
