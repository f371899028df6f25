"""What is installed, what is there, and what is wrong with it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from musicrec.core.leftovers import leftovers
from musicrec.core.places import Places
from musicrec.core.records import DatasetCard
from musicrec.core.runs import list_runs, mismatch
from musicrec.core.tables.catalogue import datasets

_PACKAGES = ("musicrec", "torch", "duckdb", "textual", "rich", "typer", "numpy", "numba")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `problem` says what is wrong and what to do, or None."""

    what: str
    found: str
    problem: str | None = None


def examine(places: Places) -> tuple[Finding, ...]:
    """Look at versions, device, folders, datasets and runs."""
    return (*_versions(), _device(), *_datasets(places), *_runs(places), *_leftovers(places))


def _leftovers(places: Places) -> list[Finding]:
    remedy = "remove what commands that were killed have left: `musicrec doctor --fix`"
    return [Finding(f"leftover {each.path}", each.what, remedy) for each in leftovers(places)]


def _versions() -> list[Finding]:
    findings = [Finding("python", platform.python_version())]
    for package in _PACKAGES:
        try:
            findings.append(Finding(package, version(package)))
        except PackageNotFoundError:
            findings.append(Finding(package, "missing", f"install it: pip install {package}"))
    return findings


def _device() -> Finding:
    import torch

    from musicrec.core.models.registry import choose_device

    device = choose_device()
    named = torch.cuda.get_device_name() if device.type == "cuda" else f"{torch.get_num_threads()} threads"
    return Finding("device", f"{device} ({named})")


def _datasets(places: Places) -> list[Finding]:
    found = [
        Finding(f"dataset {card.name}", f"{card.listeners:,} listeners, {card.songs:,} songs, {card.plays:,} plays")
        if isinstance(card, DatasetCard)
        else Finding(f"dataset {card.name}", "unusable", card.problem)
        for card in datasets(places)
    ]
    return found or [Finding("datasets", f"none in {places.data}", "make one with `musicrec demo`")]


def _runs(places: Places) -> list[Finding]:
    known = {card.name: card.fingerprint for card in datasets(places) if isinstance(card, DatasetCard)}
    findings = []
    for card in list_runs(places):
        problem = card.problem
        if problem is None and card.dataset in known:
            problem = mismatch(card, card.dataset, known[card.dataset])
        elif problem is None and card.fingerprint not in known.values():
            problem = f"its dataset {card.dataset} is not in {places.data}: import it again"
        findings.append(Finding(f"run {card.name}", f"{card.model} on {card.dataset}, {card.status}", problem))
    return findings or [Finding("runs", f"none in {places.checkpoints}", "train one with `musicrec train dtnmr`")]
