"""The app: one explorer, its places, and what works in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from musicrec.core.errors import UsageError
from musicrec.tui.explore import ExploreScreen
from musicrec.tui.help import HelpDialog
from musicrec.tui.welcome import WelcomeScreen

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer


class MusicrecApp(App[None]):
    """The terminal explorer. Without an explorer it says how to make a dataset."""

    TITLE = "musicrec"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (100, "-roomy"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-high")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", id="app.help", key_display="?", tooltip="Explain the focused panel"),
        Binding("t", "change_theme", "Theme", id="app.theme", show=False, tooltip="Choose a theme"),
        Binding("s", "picture", "Picture", id="app.picture", show=False, tooltip="Save the screen as an SVG picture"),
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave musicrec"),
    ]

    def __init__(
        self,
        explorer: Explorer | None,
        *,
        listener: str | None = None,
        run: str | None = None,
        theme: str | None = None,
        problem: str | None = None,
    ) -> None:
        """Show `explorer`, beginning with a listener and a run. `problem` is told: why there is no explorer, or a hint.

        Raises UsageError for a theme that does not exist.
        """
        super().__init__()
        if theme is not None and theme not in self.available_themes:
            raise UsageError(f"There is no theme called {theme}; there are: {', '.join(sorted(self.available_themes))}")
        if theme is not None:
            self.theme = theme
        self._problem = problem if explorer is not None else None
        if explorer is None:
            self.add_mode("start", lambda: WelcomeScreen(problem))
        else:
            self.add_mode("start", lambda: ExploreScreen(explorer, listener=listener, run=run))

    def on_mount(self) -> None:
        """Open the first place."""
        self.switch_mode("start")
        if self._problem:
            self.notify(self._problem, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer what the keys do in the command palette, too."""
        yield SystemCommand("Theme", "Choose a theme", self.action_change_theme)
        yield SystemCommand("Help", "Explain the focused panel and its keys", self.action_help)
        yield SystemCommand(
            "Picture", "Save the screen as an SVG picture", lambda: self.set_timer(0.1, self.action_picture)
        )
        yield SystemCommand("Quit", "Leave musicrec", self.action_quit)
        if isinstance(screen, ExploreScreen):
            yield from screen.commands()

    def action_help(self) -> None:
        """Explain the panel that has the focus."""
        if not isinstance(self.screen, HelpDialog):
            self.push_screen(HelpDialog.on_focus_of(self.screen))

    def action_picture(self) -> None:
        """Save an SVG picture of the screen and tell where."""
        self.deliver_screenshot()


def run_app(
    explorer: Explorer | None,
    *,
    listener: str | None = None,
    run: str | None = None,
    theme: str | None = None,
    problem: str | None = None,
) -> int:
    """Run the screen until a person leaves it; return the exit status."""
    app = MusicrecApp(explorer, listener=listener, run=run, theme=theme, problem=problem)
    app.run()
    return app.return_code or 0
