"""The compare place: two runs on one listener, song by song, and both over all listeners."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from musicrec.core.pages import Comparison, Shift
from musicrec.tui import messages
from musicrec.tui.compare.figures import CompareFigures
from musicrec.tui.compare.head import CompareHead
from musicrec.tui.compare.held_out import HeldOut
from musicrec.tui.compare.messages import Compared, Measured, Measuring, ShiftMoved, Side
from musicrec.tui.compare.pair import choice, notices, partner, subject
from musicrec.tui.compare.questions import CompareQuestions
from musicrec.tui.compare.ranking import ComparedRanking
from musicrec.tui.compare.shift_list import ComparedList
from musicrec.tui.compare.why import ComparedWhy
from musicrec.tui.panel import Panel
from musicrec.tui.place import WHY, Place
from musicrec.tui.places_bar import PlacesBar
from musicrec.tui.view import View

SIDES: tuple[Side, Side] = ("one", "other")


class CompareScreen(Place):
    """Holds the panels; every change of the view asks for the comparison that it is now about."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#ranking-one"
    PANELS: ClassVar[dict[str, tuple[str, ...]]] = {
        "compare": ("#ranking-one", "#ranking-other"),
        "why-one": ("#why-one",),
        "why-other": ("#why-other",),
        "evaluate": ("#figures",),
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "heard", "Heard", id="place.heard", show=False, tooltip="Let heard songs in, or keep them out"),
        Binding("plus,equals_sign", "resize(1)", "More", id="place.more", show=False, tooltip="A longer ranking"),
        Binding("minus", "resize(-1)", "Fewer", id="place.fewer", show=False, tooltip="A shorter ranking"),
        Binding("z", "zoom", "Zoom", id="place.zoom", show=False, tooltip="Give the focused panel the whole screen"),
        Binding("c", "other", "Other", id="compare.other", tooltip="Choose the run to compare with"),
        Binding("w", "swap", "Swap", id="compare.swap", tooltip="Let the two runs change sides"),
        Binding("E", "measure", "Evaluate", id="compare.evaluate", tooltip="Measure both runs over all listeners"),
        Binding("x", "random", "Any", id="compare.random", show=False, tooltip="Go to anyone among the listeners"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._leader = "ranking-one"  # the list whose cursor all follow
        self._shift: Shift | None = None  # the song that it is on
        self._measured: frozenset[str] = frozenset()  # the runs that are being evaluated

    def compose(self) -> ComposeResult:
        """Place the panels; the style sheet arranges them by the size of the terminal."""
        yield PlacesBar(id="places-bar").data_bind(Place.view)
        yield CompareHead(id="compare-head")
        with Container(id="compare-rankings"):
            yield ComparedRanking("one", id="ranking-one")
            yield ComparedRanking("other", id="ranking-other")
        with Container(id="compare-whys"):
            yield ComparedWhy(id="why-one")
            yield ComparedWhy(id="why-other")
        with Container(id="compare-measured"):
            yield HeldOut(id="held-out")
            yield CompareFigures(id="figures")
        yield Footer()

    def on_mount(self) -> None:
        """Say what there is to compare so far."""
        self._tell_obstacle(self.shell.view)

    def watch_view(self, old: View, new: View) -> None:
        """Ask for the comparison that the change of the view leads to."""
        if new.run is not None and new.run == new.other:
            self._part(old, new)
        elif (name := choice(new, self.shell.other_before)) is not None:
            self.shell.use_other(name)
        else:
            self._follow_runs(old, new)
            if self._measured and self._measured != {new.run, new.other}:
                self._stop_measuring()
            if not self._tell_obstacle(new) and subject(old) != subject(new):
                self.compare()

    # -- What a person does

    @on(ShiftMoved)
    def follow_song(self, message: ShiftMoved) -> None:
        """Mark the song in the other lists, and ask both runs about it."""
        self._shift = message.shift
        if message.panel is not None:
            self._leader = message.panel
        for panel in self.query(ComparedList):
            if panel.id == self._leader:
                panel.lead()
            else:
                panel.link(message.shift)
        view = self.view
        for side, run in zip(SIDES, (view.run, view.other), strict=True):
            if view.listener is not None and run is not None:
                self._why(side).wait()
                self._asking.why(side, view.listener.id, message.shift.song.id, run, WHY)

    def action_other(self) -> None:
        """Choose the run to compare with; the run in use is there to see, but not to choose."""
        from musicrec.tui.dialogs.runs import RunsDialog

        def use(run: str | None) -> None:
            if run is not None:
                self.shell.use_other(run)

        here = self.view.run
        mine = "it is the run on the other side"
        runs = (replace(card, problem=mine) if card.name == here else card for card in self.view.runs or ())
        self.app.push_screen(RunsDialog(tuple(runs), self.view.other), use)

    def action_swap(self) -> None:
        """Let the two runs change sides."""
        view = self.view
        if view.run is None or view.other is None:
            self.app.bell()
        else:
            self.change(run=view.other, other=view.run)

    def action_random(self) -> None:
        """Go to anyone."""
        self.shell.remember()
        self.shell.questions.random_listener("")

    def action_measure(self) -> None:
        """Evaluate both runs; the screen goes on meanwhile."""
        view = self.view
        if view.run is None or view.other is None or self._measured:
            self.app.bell()
            return
        self._measured = frozenset({view.run, view.other})
        self.query_one(CompareFigures).begin()
        self._asking.measure(view.run, view.other)

    def left(self) -> None:
        """Stop the evaluation."""
        if self._measured:
            self._stop_measuring()
            self.compare()

    def action_again(self) -> None:
        """Ask everything again."""
        self.shell.questions.runs()
        if self.view.other is None:
            self.change(other_problem=None)  # which chooses one again
        if not self._tell_obstacle(self.view):
            self.compare()

    # -- What the explorer answers

    @on(Compared)
    def show_comparison(self, reply: Compared) -> None:
        """Show both rankings and what goes with them; the song under the cursor asks for its whys."""
        if self.desk.is_stale(reply):
            return
        found = reply.comparison
        self.query_one(CompareHead).tell(found)
        for panel in self.query(ComparedRanking):
            panel.show_side(found, self.view.filters)
        self.query_one(HeldOut).show_held_out(found)
        if not self._measured:
            self.query_one(CompareFigures).show_figures(found.overall)
        self._lead_on(found)

    @on(messages.Explained)
    def show_why(self, reply: messages.Explained) -> None:
        """Show the explanation by one of the runs."""
        if self.desk.is_stale(reply) or self._shift is None:
            return
        side: Side = "one" if reply.kind == "why-one" else "other"
        rank = self._shift.before if side == "one" else self._shift.after
        self._why(side).explain_rank(reply.explanation, rank)

    @on(Measuring)
    def show_progress(self, reply: Measuring) -> None:
        """Show how far the evaluation has come."""
        if not self.desk.is_stale(reply):
            self.query_one(CompareFigures).show_progress(reply)

    @on(Measured)
    def take_figures(self, reply: Measured) -> None:
        """Ask again, now that there are figures."""
        if not self.desk.is_stale(reply):
            self._measured = frozenset()
            self.compare()

    def tell_problem(self, kind: str, problem: str) -> None:
        """Tell a problem; without rankings there is nothing to explain."""
        if kind == "compare":
            self._clear_rest()
            self.query_one(CompareHead).tell(None)
            self._ranking("one").empty(self.view.run or "")
            self._ranking("other").empty(self.view.other or "")
        super().tell_problem(kind, problem)
        if kind == "evaluate":
            self._measured = frozenset()
            self.query_one(CompareFigures).fail(problem, "Press E to try again.")

    def compare(self) -> None:
        """Ask for the comparison anew."""
        view = self.view
        self.query_one(CompareHead).introduce(view)
        if view.listener is None or view.run is None or view.other is None:
            return
        for panel in self.query(Panel):
            if not (self._measured and isinstance(panel, CompareFigures)):
                panel.wait()
        for side in SIDES:
            self.desk.drop(f"why-{side}")
        self._asking.compare(view.listener.id, view)

    # -- Which runs

    def _part(self, old: View, new: View) -> None:
        """Keep a run from being compared with itself: the run before takes the other side, where there was one."""
        other = partner(old, new)
        self.notify(f"{new.run} cannot be compared with itself; {other or 'another run'} is beside it.", markup=False)
        self.change(other=other)

    def _follow_runs(self, old: View, new: View) -> None:
        """Dim a ranking while another run is loaded for it; light it again if that fails."""
        before = (old.run, old.loading), (old.other, old.other_loading)
        after = (new.run, new.loading), (new.other, new.other_loading)
        for side, (run_before, was), (run, now) in zip(SIDES, before, after, strict=True):
            panel = self._ranking(side)
            if was is None and now is not None:
                panel.wait()
            elif was is not None and now is None and run == run_before and not panel.has_notice:
                panel.settle()

    def _tell_obstacle(self, view: View) -> bool:
        """Say what keeps runs from being compared, and what to do about it."""
        self.query_one(CompareHead).introduce(view)
        told = notices(view)
        if told is None:
            return False
        self.desk.drop("compare")
        self._clear_rest()
        names = (view.run, view.other or view.other_loading)
        for side, name, notice in zip(SIDES, names, told, strict=True):
            self._ranking(side).empty(name or "")
            self._ranking(side).say(notice.text, notice.way_on, notice.style)
        self.tell_run(self._ranking("one"))
        return True

    def _clear_rest(self) -> None:
        """Have nothing to explain and to measure."""
        for side in SIDES:
            self.desk.drop(f"why-{side}")
            self._why(side).clear()
        self._shift = None
        self.query_one(HeldOut).empty()
        if not self._measured:
            self.query_one(CompareFigures).empty()

    def _lead_on(self, found: Comparison) -> None:
        """Have the list with the focus tell its song; one without songs leaves that to another."""
        focused = self.focused.id if isinstance(self.focused, ComparedList) else None
        lists = {panel.id: panel for panel in self.query(ComparedList) if panel.song is not None}
        names = [name for name in (focused, self._leader, *lists) if name in lists]
        if names:
            lists[names[0]].tell()
        else:
            for side in SIDES:
                self._why(side).clear("There is no song to explain.")

    def _stop_measuring(self) -> None:
        self.desk.drop("evaluate")
        self._measured = frozenset()
        self.notify("The evaluation was stopped.", markup=False, timeout=3)

    def _ranking(self, side: Side) -> ComparedRanking:
        return self.query_one(f"#ranking-{side}", ComparedRanking)

    def _why(self, side: Side) -> ComparedWhy:
        return self.query_one(f"#why-{side}", ComparedWhy)

    @property
    def _asking(self) -> CompareQuestions:
        return CompareQuestions(self.explorer, self.desk)
