"""Lists of options that change under the mouse."""

from __future__ import annotations

from textual.events import Click
from textual.widgets import OptionList


class SteadyOptions(OptionList):
    """A list whose options may go before a click on them is handled, which is nobody's then.

    Textual 8.2 lets the whole app end by it.
    """

    async def _on_click(self, event: Click) -> None:
        if event.style.meta.get("option", -1) >= self.option_count:
            event.prevent_default()
