"""The half of the explore screen that takes what the explorer answers and shows it where it belongs."""

from __future__ import annotations

import gc
from dataclasses import replace

from textual import on
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from musicrec.tui import messages
from musicrec.tui.listener_card import ListenerCard
from musicrec.tui.listener_list import ListenerList
from musicrec.tui.panel import Panel
from musicrec.tui.playlist import Playlist
from musicrec.tui.questions import Questions
from musicrec.tui.ranking import Ranking
from musicrec.tui.view import View
from musicrec.tui.why import Why

AGAIN = "Press f5 to ask again."
OTHER_RUN = "Press r to choose another run, f5 to try again."
PANELS = {  # where the failure of a question is told
    "listeners": ("#listeners",),
    "past": ("#card", "#short-term", "#long-term"),
    "runs": ("#ranking",),
    "load": ("#ranking",),
    "ranking": ("#ranking",),
    "why": ("#why",),
}


class AnswerScreen(Screen[None]):
    """Shows replies in the panels; replies to questions that are no longer asked are dropped."""

    view: reactive[View] = reactive(View(), init=False)

    def __init__(self, questions: Questions, run: str | None) -> None:
        super().__init__()
        self.questions = questions
        self._first_run = run

    def on_unmount(self) -> None:
        """Let what loading froze be cleared away again; libraries count what is left at the end."""
        gc.unfreeze()

    @on(messages.ListenerFound)
    def begin_there(self, reply: messages.ListenerFound) -> None:
        """Begin the list on the listener that was asked for."""
        self.query_one(ListenerList).search("", start=reply.listener.listener)

    @on(messages.PageRead)
    def show_page(self, reply: messages.PageRead) -> None:
        """Hand a page to the list."""
        self.query_one(ListenerList).take(reply.query, reply.page)

    @on(messages.PastRead)
    def show_past(self, reply: messages.PastRead) -> None:
        """Show the card and both playlists."""
        if self.questions.is_stale(reply):
            return
        playlists = reply.past.playlists
        self.query_one(ListenerCard).tell(reply.past)
        self.query_one("#short-term", Playlist).show_plays(playlists.short_term, playlists.plays)
        self.query_one("#long-term", Playlist).show_plays(playlists.long_term, playlists.plays)

    @on(messages.RunsRead)
    def show_runs(self, reply: messages.RunsRead) -> None:
        """Load the run to begin with, once the screen has been painted."""
        self.view = replace(self.view, runs=reply.runs)
        run = self.view.run or self._first_run or reply.default
        if run is None:
            ranking = self.query_one(Ranking)
            ranking.say("There is no run of this dataset yet.", "Train one and come back: musicrec train dtnmr")
        elif self.view.run is None:
            self.call_after_refresh(self.load, run)

    @on(messages.RunLoading)
    def show_step(self, reply: messages.RunLoading) -> None:
        """Tell what loading is busy with, as long as there is no ranking to look at."""
        if not self.questions.is_stale(reply) and self.view.run is None:
            self.query_one(Ranking).say("Loading the model …", reply.step)

    @on(messages.RunLoaded)
    def use_run(self, reply: messages.RunLoaded) -> None:
        """Recommend by the run from now on."""
        if not self.questions.is_stale(reply):
            self.view = replace(self.view, run=reply.run)

    @on(messages.Ranked)
    def show_ranking(self, reply: messages.Ranked) -> None:
        """Show the ranking; its first song asks for the why."""
        if self.questions.is_stale(reply):
            return
        self.query_one(Ranking).show_ranking(reply.recommendations)
        if not reply.recommendations.items:
            self.query_one(Why).clear()

    @on(messages.Explained)
    def show_why(self, reply: messages.Explained) -> None:
        """Show the explanation."""
        if not self.questions.is_stale(reply):
            self.query_one(Why).explain(reply.explanation)

    @on(messages.Failed)
    def show_failure(self, reply: messages.Failed) -> None:
        """Tell the problem in the panels that wait for the answer."""
        if not self.questions.is_stale(reply):
            self.tell_problem(reply.kind, reply.problem)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell what nobody expected to fail in the same way; the log has the traceback."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error = event.worker.error
            self.tell_problem(event.worker.group, f"{type(error).__name__}: {error}")

    def tell_problem(self, kind: str, problem: str) -> None:
        """Show `problem` where answers of this kind are shown, with a way on."""
        if kind == "listener":
            self.notify(problem, severity="warning", markup=False)
            self.query_one(ListenerList).search("")
        elif kind == "load" and self.view.run is not None:  # the run before goes on
            self.notify(problem, severity="error", markup=False)
            self.query_one(Ranking).settle()
        else:
            for selector in PANELS.get(kind, ()):
                self.query_one(selector, Panel).fail(problem, OTHER_RUN if kind in {"load", "ranking"} else AGAIN)
        if kind == "ranking":
            self.query_one(Why).clear()

    def load(self, run: str) -> None:
        """Have a run loaded; what is shown stays until it is."""
        ranking = self.query_one(Ranking)
        if self.view.run is None:
            ranking.say("Loading the model …", run)
        else:
            ranking.wait()
        self.questions.load(run)
