"""Opening the explorer's screen, without Typer: its import would cost a third of the time to the first picture."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from musicrec.core.places import Places


def at_terminal() -> bool:
    """Whether a person sits before this. The screen is painted on stderr."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def open_screen(
    where: Places,
    dataset: str | None,
    run: str | None = None,
    listener: str | None = None,
    theme: str | None = None,
    keys: Path | None = None,
) -> None:
    """Open the explorer's screen, which says what to do where there is no dataset."""
    gc.disable()  # until the first picture: there is nothing to collect in what is imported for it
    from musicrec.core.errors import NotFound
    from musicrec.core.explorer import Explorer, choose_dataset
    from musicrec.tui.session import last_dataset, run_app

    last = last_dataset()
    kept = last if last is not None and where.dataset(last).is_file() else None
    try:
        name = dataset or dataset_of(where, run) or kept or choose_dataset(where)
        # What is there is opened behind the first picture; what is not is told before
        explorer = Explorer(where, name) if where.dataset(name).is_file() else Explorer.open(where, name)
    except NotFound as error:
        if dataset or run:
            raise
        gc.enable()  # as the places do once they are painted
        status = run_app(None, theme=theme, keys=keys, problem=str(error))
    else:
        status = run_app(explorer, listener=listener, run=run, theme=theme, keys=keys)
    if status:  # ended by a signal, not by a person
        raise SystemExit(status)


def dataset_of(where: Places, run: str | None) -> str | None:
    """Return the dataset of a run."""
    from musicrec.core.explorer import dataset_of_run
    from musicrec.core.runs import read_card

    return dataset_of_run(where, read_card(where, run)) if run else None
