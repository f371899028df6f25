"""The dialog that starts a training."""

from __future__ import annotations

import inspect
from collections.abc import Container
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static
from textual.widgets.input import Selection

from musicrec.core.errors import UsageError
from musicrec.core.models.configs import CONFIGS, MODELS, PRESETS
from musicrec.core.models.written import config_from_words, parameters_of, split_parameters
from musicrec.core.runs import check_name
from musicrec.tui.cells import tame
from musicrec.tui.dialogs.dialog import Dialog
from musicrec.tui.plain_input import PlainInput
from musicrec.tui.runs.choice import Choice
from musicrec.tui.runs.parameter_list import ParameterList, ParameterPicked
from musicrec.tui.runs.training import Order

PRESET_NAMES = ("quick", *(name for name in PRESETS if name != "quick"))
READY = "enter starts it in the background · escape closes"


class ModelChoice(Choice):
    """Which model to train."""

    TITLE: ClassVar[str] = "Model"
    HELP: ClassVar[str] = "Left and right, or a click, choose the model; the dialog says below what it is."


class PresetChoice(Choice):
    """Which parameters to begin with."""

    TITLE: ClassVar[str] = "Preset"
    HELP: ClassVar[str] = (
        "quick has values for a sample or a try, default those that serve best, reference those of the papers' "
        "programs, which take long."
    )


class RunName(PlainInput):
    """What the run is to be called."""

    TITLE: ClassVar[str] = "Name"
    HELP: ClassVar[str] = "The name of the run; where it is empty, model, dataset and a number."


class WordsField(PlainInput):
    """Parameters to change."""

    TITLE: ClassVar[str] = "Parameters"
    HELP: ClassVar[str] = "Parameters to change, as name=value with spaces between; the list below has all of them."

    def put(self, name: str, value: str) -> None:
        """Put a parameter at the end, its value selected."""
        words = [word for word in self.value.split() if not word.startswith(f"{name}=")]
        self.value = " ".join([*words, f"{name}={value}"])
        end = len(self.value)
        self.focus()
        self.call_after_refresh(self._select, end - len(value), end)

    def _select(self, start: int, end: int) -> None:
        self.selection = Selection(start, end)


class TrainDialog(Dialog[Order]):
    """Say what to train; wrong input is told at once and cannot be started."""

    CSS_PATH = "train_dialog.tcss"
    AUTO_FOCUS = "#train-model"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start", "Start", id="train.start", tooltip="Start the training"),
        Binding("down", "app.focus_next", "Next", id="train.next", show=False, tooltip="Go to the next line"),
        Binding("up", "app.focus_previous", "Before", id="train.before", show=False, tooltip="Go to the line before"),
    ]

    def __init__(self, taken: Container[str], before: Order | None = None) -> None:
        """Begin with what was trained before; names in `taken` cannot be given."""
        super().__init__()
        self._taken = taken
        self._before = before or Order("dtnmr", PRESET_NAMES[0], "", {})

    def compose(self) -> ComposeResult:
        """Place the lines of the form, the parameters and the buttons."""
        before = self._before
        words = tame(" ".join(f"{name}={value}" for name, value in before.parameters.items()))
        name = "" if before.name in self._taken else tame(before.name)
        with Vertical(id="train-box") as box:
            box.border_title = Content("Train a model")
            yield from _line("model", ModelChoice(MODELS, before.model, id="train-model"))
            yield from _line("preset", PresetChoice(PRESET_NAMES, before.preset, id="train-preset"))
            yield from _line("name", RunName(name, placeholder="the next free one", compact=True, id="train-name"))
            typing = WordsField(words, placeholder="epochs=5 lr=0.01", compact=True, id="train-words")
            yield from _line("change", typing)
            yield Static(id="train-told")
            yield ParameterList(id="train-parameters")
            with Horizontal(id="train-buttons"):
                yield Button(Content("Start"), variant="primary", compact=True, id="train-start")
                yield Button(Content("Close"), compact=True, id="train-close")

    def on_mount(self) -> None:
        """Show the parameters."""
        self.check()

    @on(Choice.Changed)
    @on(Input.Changed)
    def check(self) -> None:
        """Tell whether what is typed can be trained."""
        model = self.query_one("#train-model", Choice).chosen
        preset = self.query_one("#train-preset", Choice).chosen
        self.query_one("#train-box").border_subtitle = Content(_about(model))
        typed: dict[str, str] = {}
        problem = ""
        try:
            typed = dict(self.read().parameters)
        except UsageError as error:
            problem = str(error)
        self.query_one(ParameterList).show_parameters(parameters_of(model, preset), typed)
        told = self.query_one("#train-told", Static)
        told.update(Content(tame(problem or READY)))
        told.set_class(bool(problem), "-problem")
        self.query_one("#train-start", Button).disabled = bool(problem)

    def read(self) -> Order:
        """Return what is asked for. Raises UsageError where it cannot be trained."""
        model = self.query_one("#train-model", Choice).chosen
        preset = self.query_one("#train-preset", Choice).chosen
        name = self.query_one("#train-name", Input).value.strip()
        words = split_parameters(self.query_one("#train-words", Input).value)
        config_from_words(model, preset, words)
        if name and check_name(name) in self._taken:
            raise UsageError(f"run {name} exists already: choose another name")
        return Order(model, preset, name, words)

    @on(Button.Pressed, "#train-start")
    @on(Input.Submitted)
    def action_start(self) -> None:
        """Close the dialog with what to train."""
        try:
            self.dismiss(self.read())
        except UsageError:
            self.app.bell()

    @on(Button.Pressed, "#train-close")
    def close_it(self) -> None:
        """Close without a training."""
        self.action_leave()

    @on(ParameterPicked)
    def type_parameter(self, message: ParameterPicked) -> None:
        """Put a parameter into the line."""
        self.query_one(WordsField).put(message.parameter.name, message.parameter.usual)


def _about(model: str) -> str:
    return (inspect.getdoc(CONFIGS[model]) or "").partition("\n")[0]


def _line(label: str, field: Choice | Input) -> ComposeResult:
    with Horizontal(classes="train-line"):
        yield Static(Content(label), classes="train-label")
        yield field
