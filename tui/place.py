"""A place: one of the screens that number keys lead to. All of them follow the view of the shell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus, Resize, ScreenResume
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Footer, Input
from textual.worker import Worker, WorkerState

from musicrec.tui import messages
from musicrec.tui.desk import Desk
from musicrec.tui.dialogs.similar import SimilarDialog
from musicrec.tui.panel import Panel
from musicrec.tui.questions import Questions
from musicrec.tui.shell import Shell
from musicrec.tui.view import View

if TYPE_CHECKING:
    from musicrec.core.drafts import Filters
    from musicrec.core.explorer import Explorer

AGAIN = "Press f5 to ask again."
OTHER_RUN = "Press r to choose another run, f5 to try again."
NO_RUN = ("There is no run of this dataset yet.", "Train one: press 5, or musicrec train dtnmr")
MOVE = 0.12  # seconds that a cursor must rest before all that follows it is asked for
WHY = 0.06  # the same for a song, before a model is asked why
TYPE = 0.08  # seconds that the typing must rest before it is searched for
COMPACT = 90  # cells below which the footer is compact
LENGTH = Binding.Group("Length", compact=True)


class Place(Screen[None]):
    """Follows the view while it is on the screen; `watch_view` of a subclass asks for what a change changes."""

    PANELS: ClassVar[dict[str, tuple[str, ...]]] = {}  # kind of question → the panels that tell its failure

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "runs", "Run", id="place.runs", tooltip="Switch to another run"),
        Binding("f", "filters", "Filter", id="place.filters", tooltip="Recommend only some genre, language, years …"),
        Binding("plus,equals_sign", "resize(1)", "More", id="place.more", tooltip="A longer ranking", group=LENGTH),
        Binding("minus", "resize(-1)", "Fewer", id="place.fewer", tooltip="A shorter ranking", group=LENGTH),
        Binding("h", "heard", "Heard", id="place.heard", tooltip="Let heard songs in, or keep them out"),
        Binding("z", "zoom", "Zoom", id="place.zoom", tooltip="Give the focused panel the whole screen"),
        Binding("f5", "again", "Again", id="place.again", show=False, tooltip="Ask the explorer again"),
        Binding(
            "escape", "leave", "Leave", id="place.leave", show=False, tooltip="Leave the zoom, or clear the search"
        ),
    ]

    view: reactive[View] = reactive(View(), init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self)

    @property
    def shell(self) -> Shell:
        """The app that all places share."""
        return cast(Shell, self.app)

    @property
    def questions(self) -> Questions:
        """What can be asked."""
        return Questions(self.explorer, self.desk)

    @property
    def explorer(self) -> Explorer:
        """The one door to the core."""
        assert self.shell.explorer is not None
        return self.shell.explorer

    def change(self, **fields: Any) -> None:
        """Change the view, here and in all other places."""
        self.shell.change(**fields)

    def on_mount(self) -> None:
        """Follow the view."""
        self.watch(self.shell, "view", self.follow, init=False)

    @on(ScreenResume)
    def follow(self) -> None:
        """Take in what changed, also what did so while another place was on the screen."""
        if self.is_current:
            self.view = self.shell.view

    def on_resize(self, event: Resize) -> None:
        """Have room for all keys in the footer."""
        for footer in self.query(Footer):
            footer.compact = event.size.width < COMPACT

    @on(DescendantFocus)
    def show_focused(self, event: DescendantFocus) -> None:
        """Leave the zoom when the keys go to a panel that it hides."""
        if self.maximized is not None and self.maximized not in event.widget.ancestors_with_self:
            self.minimize()

    # -- What works in every place

    @on(messages.SimilarWanted)
    def show_similar(self, message: messages.SimilarWanted) -> None:
        """Open the songs that are near to this one."""
        if self.view.run is not None:
            self.app.push_screen(SimilarDialog(self.explorer, message.song, self.view.run))

    @on(messages.RowsWanted)
    def take_rows(self, message: messages.RowsWanted) -> None:
        """Copy rows, or ask where to write them."""
        if message.purpose == "copy":
            self.questions.copy(message.make)
            return
        from musicrec.tui.dialogs.export import ExportAnswer, ExportDialog, file_name

        def write(answer: ExportAnswer | None) -> None:
            if answer is not None:
                self.questions.export(message.make, answer.path, answer.replace)

        kinds = ("csv", "json", "parquet", "txt", "m3u8")
        self.app.push_screen(ExportDialog(file_name("musicrec", message.name) + ".csv", kinds), write)

    @on(messages.RowsRead)
    def copy_rows(self, reply: messages.RowsRead) -> None:
        """Put rows into the clipboard."""
        if not self.desk.is_stale(reply):
            self.app.copy_to_clipboard(reply.text)
            self.notify(f"{reply.rows:,} rows copied.", markup=False)

    @on(messages.Exported)
    def tell_file(self, reply: messages.Exported) -> None:
        """Tell where the rows went."""
        self.notify(f"{reply.rows:,} rows written to {reply.path}", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that are text to text fields."""
        return not (isinstance(self.focused, Input) and action in {"search", "resize", "runs", "filters", "heard"})

    def action_runs(self) -> None:
        """Choose another run."""
        from musicrec.tui.dialogs.runs import RunsDialog

        def use(run: str | None) -> None:
            if run is not None:
                self.shell.use_run(run)

        self.app.push_screen(RunsDialog(self.view.runs or (), self.view.run), use)

    def action_filters(self) -> None:
        """Choose what may be recommended."""
        self.questions.kinds()

    @on(messages.KindsRead)
    def choose_filters(self, reply: messages.KindsRead) -> None:
        """Open the filters, now that it is known what there is to choose from."""
        from musicrec.tui.dialogs.filters import FiltersDialog

        def use(answer: tuple[Filters, int] | None) -> None:
            if answer is not None:
                self.change(filters=answer[0], k=answer[1])

        if not self.desk.is_stale(reply):
            self.app.push_screen(FiltersDialog(self.view.filters, self.view.k, reply.genres, reply.languages), use)

    def action_resize(self, steps: int) -> None:
        """Make the ranking longer or shorter."""
        self.change(k=self.view.resized(steps))

    def action_heard(self) -> None:
        """Let songs that were heard before in, or keep them out."""
        filters = self.view.filters
        self.change(filters=replace(filters, include_heard=not filters.include_heard))

    def action_zoom(self) -> None:
        """Give the focused panel the whole screen, or take it back."""
        if self.maximized is not None:
            self.minimize()
        elif isinstance(self.focused, Panel):
            self.maximize(self.focused, container=False)

    def action_again(self) -> None:
        """Ask everything again."""

    def action_leave(self) -> None:
        """Leave the zoom, or what else there is to leave."""
        if self.maximized is not None:
            self.minimize()
        else:
            self.left()

    def left(self) -> None:
        """Leave what is left when there is no zoom: a search, an edit."""

    # -- What went wrong

    @on(messages.Failed)
    def show_failure(self, reply: messages.Failed) -> None:
        """Tell the problem in the panels that wait for the answer."""
        if not self.desk.is_stale(reply):
            self.tell_problem(reply.kind, reply.problem)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell what nobody expected to fail in the same way; the log has the traceback."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.tell_problem(event.worker.group, f"{type(event.worker.error).__name__}: {event.worker.error}")

    def tell_problem(self, kind: str, problem: str) -> None:
        """Show `problem` where answers of this kind are shown, with a way on; else in a corner."""
        for selector in self.PANELS.get(kind, ()):
            self.query_one(selector, Panel).fail(problem, AGAIN)
        if kind not in self.PANELS:
            self.notify(problem, severity="error", markup=False)

    def tell_run(self, panel: Panel) -> None:
        """Say in `panel` what there is in place of a ranking, as long as no run is loaded."""
        view = self.view
        if view.run is not None:
            return
        if view.problem is not None:
            panel.fail(view.problem, OTHER_RUN)
        elif view.loading is not None:
            panel.say("Loading the model …", view.loading)
        elif view.runs is None:
            panel.say("Looking for runs …")
        elif not any(card.problem is None for card in view.runs):
            panel.say(*NO_RUN)

    def commands(self) -> Iterable[SystemCommand]:
        """Offer the keys of this place in the command palette."""
        for _, binding, enabled, _ in self.active_bindings.values():
            if binding.id and not binding.id.startswith(("app.", "list.", "panel.")) and enabled:
                yield SystemCommand(binding.description, binding.tooltip, partial(self.run_action, binding.action))
