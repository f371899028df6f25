"""An app that outlives what Textual 8.2 does not expect: late keys, clicks on what goes, a terminal that is gone."""

from __future__ import annotations

from textual.app import App
from textual.driver import Driver
from textual.events import Event, InputEvent, MouseDown


class SturdyApp(App[None]):
    """An app that ends when a person leaves it, and not before."""

    async def on_event(self, event: Event) -> None:
        """Keys that come while the screens are taken down, and clicks on what is on its way out, are nobody's.

        Textual 8.2 would end with a traceback.
        """
        if isinstance(event, InputEvent) and not self._screen_stacks.get(self._current_mode):
            return
        try:
            await super().on_event(event)
        except AttributeError:
            if not isinstance(event, MouseDown):  # which looks for the parent of what it hit
                raise

    def get_driver_class(self) -> type[Driver]:
        """Return the driver; the one of a terminal notices when it is gone."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        from musicrec.tui.terminal import TerminalDriver

        return TerminalDriver
