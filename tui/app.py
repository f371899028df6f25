"""The app: the places and what works in all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen

from musicrec.core.errors import UsageError
from musicrec.tui.dialogs.help import HelpDialog
from musicrec.tui.kept import Bookmark
from musicrec.tui.place import Place
from musicrec.tui.places import PLACES
from musicrec.tui.shell import Shell
from musicrec.tui.welcome import WelcomeScreen

if TYPE_CHECKING:
    from musicrec.core.explorer import Explorer

TALL = 45  # lines of a terminal that begins with a longer ranking


def _data() -> type[Provider]:
    from musicrec.tui.palette import DataProvider

    return DataProvider


class MusicrecApp(Shell):
    """The terminal explorer. Without an explorer it says how to make a dataset."""

    TITLE = "musicrec"
    COMMANDS = App.COMMANDS | {_data}
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-normal"), (100, "-roomy"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-high")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                str(number), f"go('{name}')", place.title, id=f"app.{name}", show=False, tooltip=f"Go to {place.title}"
            )
            for number, (name, place) in enumerate(PLACES.items(), start=1)
        ),
        Binding("backspace,left_square_bracket", "travel(False)", "Back", id="app.back", show=False, tooltip="Go back"),
        Binding("right_square_bracket", "travel(True)", "Forward", id="app.forward", show=False, tooltip="Go forward"),
        Binding("question_mark", "help", "Help", id="app.help", key_display="?", tooltip="Explain the focused panel"),
        Binding("t", "themes", "Theme", id="app.theme", show=False, tooltip="Choose a theme"),
        Binding("s", "picture", "Picture", id="app.picture", show=False, tooltip="Save the screen as an SVG picture"),
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave musicrec"),
    ]

    def __init__(
        self,
        explorer: Explorer | None,
        *,
        bookmark: Bookmark | None = None,
        listener: str | None = None,
        run: str | None = None,
        theme: str | None = None,
        problem: str | None = None,
    ) -> None:
        """Show `explorer`, beginning with a listener and a run, else where `bookmark` is.

        `problem` is told: why there is no explorer, or a hint. Raises UsageError for a theme that does not exist.
        """
        super().__init__(explorer, bookmark or Bookmark(), listener, run)
        if theme is not None and theme not in self.available_themes:
            raise UsageError(f"There is no theme called {theme}; there are: {', '.join(sorted(self.available_themes))}")
        if theme is not None:
            self.theme = theme
        self._problem = problem
        self._is_new = bookmark is None
        kept = bookmark.place if bookmark is not None and bookmark.place in PLACES else None
        self._first_place = "welcome" if explorer is None else kept or "explore"
        self.add_mode("welcome", lambda: WelcomeScreen(problem))
        for name, entry in PLACES.items():
            self.add_mode(name, entry.make)

    def on_mount(self) -> None:
        """Open the first place."""
        if self._is_new and self.size.height >= TALL:
            self.change(k=20)
        self.switch_mode(self._first_place)
        if self._problem and self.explorer is not None:
            self.notify(self._problem, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer what the keys do in the command palette, too."""
        if self.explorer is not None:
            for name, entry in PLACES.items():
                yield SystemCommand(entry.title, f"Go to {entry.title}", lambda name=name: self.go_to_place(name))
        yield SystemCommand("Theme", "Choose a theme", self.action_themes)
        yield SystemCommand("Help", "Explain the focused panel and its keys", self.action_help)
        yield SystemCommand(
            "Picture", "Save the screen as an SVG picture", lambda: self.set_timer(0.1, self.action_picture)
        )
        yield SystemCommand("Quit", "Leave musicrec", self.action_quit)
        if isinstance(screen, Place):
            yield from screen.commands()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a dataset there is nowhere to go."""
        return self.explorer is not None or action not in {"go", "travel"}

    def action_go(self, place: str) -> None:
        """Go to a place."""
        self.go_to_place(place)

    def action_travel(self, forward: bool) -> None:
        """Go back to where one was, or forward again."""
        self.travel(forward)

    def action_help(self) -> None:
        """Explain the panel that has the focus."""
        if not isinstance(self.screen, HelpDialog):
            self.push_screen(HelpDialog.on_focus_of(self.screen))

    def action_command_palette(self) -> None:
        """Open the command palette."""
        from musicrec.tui.command_palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())  # without an id: the one before may still be on its way out

    def action_themes(self) -> None:
        """Choose a theme, looking at each."""
        from musicrec.tui.dialogs.themes import ThemeDialog

        self.push_screen(ThemeDialog())

    def action_picture(self) -> None:
        """Save an SVG picture of the screen among the downloads, else in the working folder, and tell where."""
        from platformdirs import user_downloads_path

        self.deliver_screenshot(path=None if user_downloads_path().is_dir() else ".")  # servers have no downloads
