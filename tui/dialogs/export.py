"""The dialog that asks where rows are written to; the suffix of the name chooses the format."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from musicrec.core.errors import UsageError
from musicrec.tui.cells import tame
from musicrec.tui.dialogs.dialog import DIALOG_CSS, Dialog
from musicrec.tui.plain_input import PlainInput

LONGEST = 120  # bytes of a file name that is suggested
_UNSAFE = re.compile(r'[\s<>:"/\\|?*\[\]$`\'!;&(){}^#%=,]+')


@dataclass(frozen=True, slots=True)
class ExportAnswer:
    """Where to write, and whether a file that is there may be replaced."""

    path: Path
    replace: bool = False


def file_name(*parts: str, suffix: str = "") -> str:
    """Return a short file name made of `parts`, safe whatever is in them; `suffix` begins with a dot."""
    joined = "-".join(filter(None, (_safe(part) for part in parts)))
    return _cut(joined or "musicrec", LONGEST - len(suffix.encode())) + suffix


def _safe(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    printable = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in composed)
    return _UNSAFE.sub("_", printable).strip("_.-~ ")


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore").rstrip("_.-~ ")


class ExportDialog(Dialog[ExportAnswer]):
    """Ask for a file. One that exists is replaced only when enter is pressed once more."""

    CSS_PATH: ClassVar[list[str]] = [DIALOG_CSS, "export.tcss"]  # type: ignore[assignment]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "turn(1)", "Next format", id="export.next", tooltip="Change the suffix to the next format"),
        Binding("up", "turn(-1)", "Format before", id="export.previous", tooltip="Change it to the format before"),
    ]

    def __init__(self, suggested: str, kinds: tuple[str, ...]) -> None:
        """`suggested` is a file name or path; `kinds` are suffixes without their dot, such as csv."""
        super().__init__()
        self._suggested, self._kinds = suggested, kinds
        self._replacing: Path | None = None

    def compose(self) -> ComposeResult:
        """Place the name, the formats and the whole path."""
        with Vertical(id="export") as box:
            box.border_title = "Write to a file"
            box.border_subtitle = "enter writes · ↑ ↓ format · esc cancels"
            yield PlainInput(self._suggested, compact=True, select_on_focus=False, id="file")
            with Horizontal(id="kinds"):
                for kind in self._kinds:
                    yield Button(Content(kind), compact=True, id=f"kind-{kind}")
            yield Static(id="path")
            yield Static(id="problem")

    @on(Input.Changed)
    def show_path(self) -> None:
        """Show where the file will be, and its format."""
        self._replacing = None
        self._tell("")
        name = self.query_one(Input).value
        try:
            whole = str(_whole(name))
        except UsageError:
            whole = ""
        self.query_one("#path", Static).update(Content(tame(whole)))
        for kind in self._kinds:
            self.query_one(f"#kind-{kind}", Button).variant = "primary" if kind == self._kind else "default"

    @on(Input.Submitted)
    def write(self) -> None:
        """Close with the path; ask once more about a file that is there."""
        try:
            path = self._checked()
        except UsageError as error:
            self._tell(str(error))
            return
        if path.exists() and path != self._replacing:
            self._replacing = path
            self._tell(f"{path.name} exists: press enter once more to replace it")
        else:
            self.dismiss(ExportAnswer(path, replace=self._replacing is not None))

    @on(Button.Pressed)
    def choose(self, event: Button.Pressed) -> None:
        """Change the suffix to the format that was pressed."""
        self._turn_to(str(event.button.label))

    def action_turn(self, steps: int) -> None:
        """Change the suffix to the next format."""
        index = self._kinds.index(self._kind) + steps if self._kind in self._kinds else 0
        self._turn_to(self._kinds[index % len(self._kinds)])

    @property
    def _kind(self) -> str:
        return _suffix(self.query_one(Input).value)

    def _turn_to(self, kind: str) -> None:
        name = self.query_one(Input)
        stem = name.value.strip()
        if self._kind in self._kinds:
            stem = stem[: -len(self._kind) - 1]
        name.value = f"{stem}.{kind}"
        name.cursor_position = len(stem)
        name.focus()

    def _checked(self) -> Path:
        path = _whole(self.query_one(Input).value)
        if self._kind not in self._kinds:
            raise UsageError(f"the name must end in .{', .'.join(self._kinds)}: that says the format")
        try:
            if path.is_dir():
                raise UsageError(f"{path.name} is a folder")
            above = next(folder for folder in path.parents if folder.exists())
        except (OSError, ValueError) as error:
            raise UsageError(f"this cannot be a file: {error}") from error
        if not above.is_dir():
            raise UsageError(f"{above} is not a folder")
        if not os.access(path if path.exists() else above, os.W_OK):
            raise UsageError(f"{path if path.exists() else above} cannot be written")
        return path

    def _tell(self, problem: str) -> None:
        self.query_one("#problem", Static).update(Content(tame(problem)))


def _suffix(name: str) -> str:
    stem, dot, suffix = name.strip().rpartition(".")
    return suffix.lower() if dot and stem.rpartition("/")[2] else ""


def _whole(name: str) -> Path:
    """Return the path that a person means. Raises UsageError where they mean none."""
    if not name.strip() or name.strip().endswith(("/", os.sep)):
        raise UsageError("the file needs a name")
    try:
        return Path(os.path.normpath(Path.cwd() / Path(name.strip()).expanduser()))
    except (RuntimeError, OSError, ValueError) as error:
        raise UsageError(f"this cannot be a file: {error}") from error
