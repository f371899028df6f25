"""What there is to see without a dataset: what to do next."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from musicrec.tui.cells import tame

STEPS = (
    ("musicrec demo", "sample data, both models, and back here"),
    ("musicrec import kkbox DIR", "the KKBOX files in a folder"),
    ("musicrec import melon DIR", "the Melon files in a folder"),
)


class WelcomeScreen(Screen[None]):
    """An empty state that says how to fill it."""

    CSS_PATH = "welcome.tcss"
    TITLE: ClassVar[str] = "musicrec"

    def __init__(self, problem: str | None = None) -> None:
        super().__init__()
        self._problem = problem

    def compose(self) -> ComposeResult:
        """Say what is missing and what makes it."""
        with_problem = Content(tame(self._problem or "There is no dataset yet."))
        yield Static(with_problem, id="problem")
        steps = [Content.assemble((f"{command:<28}", "$text-accent bold"), what) for command, what in STEPS]
        yield Static(Content("\n").join(steps), id="steps")
        yield Static(Content("Then start musicrec tui again."), id="then")
        yield Footer()
