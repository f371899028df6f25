"""Whatever stands in a record, every line of every panel has its width, and nothing in it steers the terminal."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import cycle
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from stand_in import StandIn
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

import musicrec.tui
from musicrec.core.drafts import Draft, Filters
from musicrec.core.models.written import Parameter
from musicrec.core.pages import Comparison, Difference, Portion, Profile, RunPage, Shift, SongPage, Taste, WhatIf
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
)
from musicrec.core.watch import Epoch, Step
from musicrec.tui.app import MusicrecApp
from musicrec.tui.cells import tame
from musicrec.tui.compare.figures import CompareFigures
from musicrec.tui.compare.head import CompareHead
from musicrec.tui.compare.held_out import HeldOut
from musicrec.tui.compare.messages import Measuring
from musicrec.tui.compare.ranking import ComparedRanking
from musicrec.tui.compare.shift_list import ComparedList
from musicrec.tui.compare.why import ComparedWhy
from musicrec.tui.dialogs.export import ExportDialog, file_name
from musicrec.tui.dialogs.filters import FiltersDialog
from musicrec.tui.dialogs.help import HelpDialog, HelpText
from musicrec.tui.dialogs.runs import RunList, RunsDialog
from musicrec.tui.dialogs.similar import NearList, SimilarDialog
from musicrec.tui.dialogs.themes import ThemeList
from musicrec.tui.explore.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.palette import _listener_line, _run_line, _song_line
from musicrec.tui.panel import Panel
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.playlist import Playlist
from musicrec.tui.ranking import Ranking
from musicrec.tui.row_list import RowList
from musicrec.tui.runs.card import RunCardPanel
from musicrec.tui.runs.differences import RunDifferences
from musicrec.tui.runs.learning_curve import LearningCurve
from musicrec.tui.runs.messages import Evaluating
from musicrec.tui.runs.metrics import RunMetrics
from musicrec.tui.runs.parameter_list import ParameterList
from musicrec.tui.runs.table import RunTable
from musicrec.tui.runs.train_dialog import TrainDialog
from musicrec.tui.runs.training import Order as TrainingOrder
from musicrec.tui.runs.training import Training
from musicrec.tui.similar_list import SimilarList
from musicrec.tui.song_actions import SongActions
from musicrec.tui.songs.card import SongCard
from musicrec.tui.songs.listeners import SongListeners
from musicrec.tui.songs.song_list import SongList
from musicrec.tui.view import Order, View
from musicrec.tui.virtual_list import VirtualList
from musicrec.tui.welcome import WelcomeScreen
from musicrec.tui.what_if.draft_card import DraftCard
from musicrec.tui.what_if.draft_playlist import DraftPlaylist
from musicrec.tui.what_if.drafts_dialog import DraftList, DraftsDialog
from musicrec.tui.what_if.edits import Edits
from musicrec.tui.what_if.facts_dialog import FactsDialog
from musicrec.tui.what_if.gone import Gone
from musicrec.tui.what_if.moves import Moves
from musicrec.tui.what_if.song_picker import SongPicker
from musicrec.tui.why import Why

ABSTRACT = {Panel, RowList, VirtualList, SongActions, ComparedList}  # what draws nothing of its own
SIZES = ((18, 5), (46, 9), (130, 26))  # cells and lines, with the border
WHEN = datetime(2024, 5, 17, 20, 30, tzinfo=UTC)
STEERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
PIECES = (
    "[/foo]", "[/]", "[bold red]x[/]", "[@click=app.quit]q[/]", "[", "\\[x]", "$name", "{0}", "%s", ":smile:", "[#f00]",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1bc", "\x9b2J", "\x00", "\x7f", "\r", "\n", "\t",
    "\u2028", "\u2029", "\u200b", "\u200d", "\ufeff", "\xad", "👩\u200d👩\u200d👧", "❤\ufe0f", "👍🏽", "🇹🇼",
    "🏴\U000e0067",
    "\u202e", "\u2067", "\u200f", "شارع البحر", "עִבְרִית", "e\u0301\u0302\u0303", "\u0301", "ก็ยังคิดถึง",
    "각", "周杰倫", "　", "\ud800", "\udfff", " ", "", "-", "None",
)  # fmt: skip
LONG = ("x" * 10_000, "夜" * 10_000, "a " * 5_000, "\u0301" * 500, "[/]" * 3_000)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(PIECES), st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
    ),
    min_size=3,
    max_size=9,
)
NUMBERS = st.lists(st.floats(width=32), min_size=1, max_size=5)


@dataclass
class Data:
    """Records that are made of `texts` and `numbers`, each of them in turn."""

    texts: list[str]
    numbers: list[float]

    def __post_init__(self) -> None:
        self._texts, self._numbers = cycle(self.texts), cycle(self.numbers)

    @property
    def text(self) -> str:
        return next(self._texts)

    @property
    def number(self) -> float:
        return next(self._numbers)

    def several(self, count: int = 2) -> tuple[str, ...]:
        return tuple(self.text for _ in range(count))

    def song(self, number: int = 0) -> Song:
        return Song(
            number, self.text, self.text, self.several(), self.text, self.several(3), self.several(), self.several(),
            self.text, self.text, 65_000, 20_110_000, number * 7,
        )  # fmt: skip

    def songs(self) -> tuple[Song, ...]:
        return (*(self.song(number) for number in range(4)), Song(9, self.text))

    def listener(self, number: int = 0) -> Listener:
        return Listener(
            number, self.text, 20, self.text, self.text, self.text, date(2010, 1, 2), date(2020, 1, 2),
            self.text, self.several(), 3, WHEN, 40,
        )  # fmt: skip

    def listeners(self) -> tuple[Listener, ...]:
        return (*(self.listener(number) for number in range(4)), Listener(9, self.text))

    def plays(self) -> tuple[Play, ...]:
        return tuple(Play(n, song, self.text, self.text, self.text) for n, song in enumerate(self.songs()))

    def portions(self) -> tuple[Portion, ...]:
        return tuple(Portion(self.text, 9 - n, 0.5 / (n + 1)) for n in range(4))

    def profile(self) -> Profile:
        plays, genres = self.plays(), self.portions()
        tastes = tuple(Taste(genre.name, (0.1, 0.9, 0.4, 0.0)) for genre in genres)
        playlists = Playlists(plays, plays, plays, len(plays))
        return Profile(self.listener(), playlists, genres, self.portions(), self.portions(), tastes)

    def recommendations(self) -> Recommendations:
        items = tuple(
            Recommendation(rank, song, self.number, self.number, rank == 2, rank == 3, rank == 1)
            for rank, song in enumerate(self.songs(), start=1)
        )
        return Recommendations(self.listener(), self.text, items, 1_234_567, 3.2)

    def filters(self) -> Filters:
        return Filters(self.text, self.text, 1990, 2000, True, 2)

    def shifts(self, found: Recommendations) -> tuple[Shift, ...]:
        ranks = cycle((1, None, 60_000, 3))
        return tuple(Shift(item.song, next(ranks), item.rank) for item in found.items)

    def what_if(self) -> WhatIf:
        before, after = self.recommendations(), self.recommendations()
        gone = tuple(Shift(song, 3, None if n % 2 else 600_000) for n, song in enumerate(self.songs()))
        return WhatIf(Draft(self.listener(), self.plays()), before, after, self.shifts(after), gone)

    def comparison(self) -> Comparison:
        one, other = self.recommendations(), self.recommendations()
        overall = self.evaluation(), self.evaluation()
        return Comparison(one, other, self.shifts(one), self.shifts(other), 2, self.shifts(one), overall)

    def evaluation(self) -> Evaluation:
        metrics = {name: Metric(self.number, 0.1, 0.3) for name in (self.text, "ndcg@10", "user_coverage@10")}
        metrics[self.text] = Metric(self.number)
        return Evaluation(self.text, self.text, Protocol("test", "full", None, 7, 900, 600_000, (10,)), metrics)

    def neighbours(self) -> tuple[Neighbour, ...]:
        return tuple(Neighbour(song, self.number) for song in self.songs())

    def explanation(self) -> Explanation:
        parts = tuple(ScorePart(self.text, self.number) for _ in range(3))
        shared = self.several(), self.several()
        return Explanation(self.song(), self.text, self.number, parts, self.neighbours(), *shared, 7, self.text)

    def card(self, name: str | None = None, problem: str | None = None) -> RunCard:
        config = {self.text: self.text, "windows": self.several(), "lr": self.number, self.text: None, "on": True}
        return RunCard(
            name or self.text, self.text, self.text, self.text, config, 7, self.text, WHEN, "finished", 12, 9, 41.0,
            120_000, {"ndcg@10": self.number}, {self.text: self.text}, problem,
        )  # fmt: skip

    def cards(self) -> tuple[RunCard, ...]:
        return self.card(), self.card(problem=self.text or "x"), self.card()

    def epochs(self, count: int) -> tuple[Epoch, ...]:
        return tuple(
            Epoch(n, self.number, 3.2, self.number, self.number if n % 3 else None, n % 4 == 1)
            for n in range(1, count + 1)
        )

    def run_page(self, epochs: int = 5) -> RunPage:
        return RunPage(self.card(), self.epochs(epochs), (self.evaluation(), self.evaluation()))

    def training(self, epochs: int = 3, problem: str | None = None) -> Training:
        order = TrainingOrder("dtnmr", "quick", self.text, {self.text: self.text, "epochs": "4"})
        step = Step(epochs + 1, 4, 20, 50, self.number, self.number)
        return Training(order, self.epochs(epochs), step, problem=problem)

    def edits(self) -> Edits:
        who = self.listener()
        edits = Edits.of(Draft(who, self.plays(), who)).added(self.song(7)).moved(0, 3)
        return edits.with_facts(age=30, gender=None, city=self.text)

    def view(self) -> View:
        card = self.card()
        counts = {"listeners": 34_000, "songs": 1_400, "plays": 9}
        dataset = DatasetCard(self.text, self.text, 1, self.text, WHEN, self.text, (), {}, counts)
        return View(dataset=dataset, listener=self.listener(), run=card.name, other=self.text, runs=(card,))


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


def runs(panel: RunList, data: Data) -> None:
    panel._runs = data.cards()
    panel._current = panel._runs[0].name
    panel.settle()
    for panel.cursor in (0, 1):
        panel.cursor_moved()


def drafts(panel: DraftList, data: Data) -> None:
    panel._drafts = (data.edits(), data.edits())
    panel._current = data.text
    panel.settle()


def helped(panel: HelpText, data: Data) -> None:
    panel._text, panel._keys = data.text, [data.several() for _ in range(3)]  # type: ignore[misc]
    panel.set_titles(data.text)
    panel.settle()


def themed(panel: ThemeList, data: Data) -> None:
    panel._themes = [(data.text, True), (data.text, False)]
    panel.settle()


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
    DraftList: Case(lambda: DraftList((), None), (drafts,)),
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
    RunList: Case(lambda: RunList((), None), (runs,)),
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
    HelpText: Case(lambda: HelpText("", "", []), (helped,)),
    ThemeList: Case(ThemeList, (themed,)),
}


def kinds() -> Iterator[type[Panel]]:
    """Return every kind of panel that there is."""
    for module in pkgutil.walk_packages(musicrec.tui.__path__, "musicrec.tui."):
        try:
            members = vars(import_module(module.name)).values()
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("musicrec"):
                raise
            continue  # an extra that is not installed draws nothing
        yield from (each for each in members if inspect.isclass(each) and issubclass(each, Panel))


def test_no_panel_is_forgotten():
    forgotten = set(kinds()) - set(CASES) - ABSTRACT
    assert not forgotten, f"these want a case: {sorted(kind.__name__ for kind in forgotten)}"


class Host(App[None]):
    """All panels in all sizes, one over the other."""

    CSS_PATH = Path(inspect.getfile(MusicrecApp)).parent / str(MusicrecApp.CSS_PATH)
    CSS = "Screen { layers: one; } Screen > * { position: absolute; }"

    def compose(self) -> ComposeResult:
        self.cases: list[tuple[Panel, Case]] = []
        self.bars: list[PlacesBar] = []
        for width, height in SIZES:
            for case in CASES.values():
                panel = case.make()
                panel.styles.width, panel.styles.height = width, height
                panel.styles.max_width, panel.styles.max_height = width, height
                self.cases.append((panel, case))
            bar = PlacesBar()
            bar.styles.width, bar.styles.height = width, 1
            self.bars.append(bar)
        for panel, _ in self.cases:
            with Box():
                yield panel
        for bar in self.bars:
            with Box():
                yield bar


class Box(Widget):
    """Where a panel stands: some have ids of their own."""

    DEFAULT_CSS = "Box { width: auto; height: auto; layout: vertical; }"


def steers(text: str) -> bool:
    """Whether anything in `text` would be an order to the terminal, or cannot be sent to one."""
    return STEERS.search(text) is not None


def check(widget: Widget) -> None:
    """Look at every line of a widget, its border included."""
    width, height = widget.outer_size
    widget.refresh()
    look_at(widget, widget.render_lines(Region(0, 0, width, height)), width)


def check_rows(panel: Panel) -> None:
    """Look at the lines within the border, also at some that cannot be seen without scrolling, and at the titles."""
    width = panel.scrollable_content_region.width
    look_at(panel, (panel.render_line(y) for y in range(panel.size.height)), width)
    if not panel.has_notice:
        hidden = range(panel.size.height - 1, min(panel.count(), panel.size.height + 8))
        look_at(panel, (panel.strip(panel.row(index, width), width) for index in hidden), width)
    for title in (panel._border_title, panel._border_subtitle):
        assert title is None or (not title.spans and not steers(title.plain)), f"{panel}: {title!a}"


def look_at(widget: Widget, strips: Iterable[Strip], width: int) -> None:
    for strip in strips:
        assert sum(cell_len(segment.text) for segment in strip) == width, f"{widget}: {strip.text!a}"
        assert not any(steers(segment.text) for segment in strip), f"{widget}: {strip.text!a}"


async def test_every_panel_draws_whatever_there_is():
    app = Host()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        assert all(panel.outer_size in SIZES for panel, _ in app.cases)

        @settings(max_examples=100, deadline=None)
        @given(TEXTS, NUMBERS, st.sampled_from(SIZES))
        @example([*PIECES, *LONG], [0.5], None)
        @example(list(LONG), [-1.5, 2.0], SIZES[0])
        @example(["[/]"], [float("nan")], None)
        @example(["\x1b[31m\n"], [float("inf"), float("-inf"), 1e300], None)
        def draw(texts: list[str], numbers: list[float], size: tuple[int, int] | None) -> None:
            data = Data(texts, numbers)
            for panel, case in app.cases:
                if size not in (None, panel.outer_size):
                    continue
                for fill in case.fills:
                    fill(panel, data)
                    check_rows(panel)
                check(panel)
            for bar in app.bars:
                bar.view = data.view()
                check(bar)

        draw()
        await pilot.pause()


async def test_every_dialog_draws_whatever_there_is():
    texts = [*(piece for piece in PIECES if piece.strip()), *LONG]
    data = Data(texts, [0.5])
    names = tuple((text, 3) for text in data.several(20))
    order = TrainingOrder("dtnmr", "quick", data.text, {"epochs": data.text})
    dialogs: tuple[Callable[[], Screen[Any]], ...] = (
        lambda: FiltersDialog(replace(data.filters(), genre="[/foo]"), 10, names, names),
        lambda: ExportDialog(file_name(*data.several(3), suffix=".csv"), ("csv", "json")),
        lambda: FactsDialog(Draft(data.listener(), data.plays())),
        lambda: DraftsDialog((data.edits(), data.edits()), data.text),
        lambda: RunsDialog(data.cards(), data.text),
        lambda: SimilarDialog(StandIn(titles=tuple(PIECES)), data.song(), data.text),
        lambda: TrainDialog((), order),
        lambda: HelpDialog(data.text, data.text, [data.several()]),
        lambda: WelcomeScreen("".join(PIECES)),
    )
    app = Host()
    async with app.run_test(size=(100, 40)) as pilot:
        for make in dialogs:
            screen = make()
            app.push_screen(screen)
            await pilot.pause(0.1)
            look_at(screen, screen._compositor.render_strips(), 100)
            app.pop_screen()
            await pilot.pause()


@settings(max_examples=100, deadline=None)
@given(TEXTS, NUMBERS)
def test_the_palette_parses_nothing(texts: list[str], numbers: list[float]):
    data = Data(texts, numbers)
    song = data.song()
    for line in (_run_line(data.card()), _listener_line(data.listener()), _song_line(song)):
        assert not steers(line.plain)
    assert tame(song.title or f"#{song.id}") in _song_line(song).plain
