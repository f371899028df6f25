"""Two runs on the same listeners: by how much they differ, how sure that is, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from musicrec.core.beyond import overlap
from musicrec.core.errors import MusicrecError, NotFound, UsageError
from musicrec.core.figures import metric_title
from musicrec.core.measurements import read_measurement
from musicrec.core.pages import RunPage
from musicrec.core.paired_figures import alike_pairs, shared_ks
from musicrec.core.places import Places
from musicrec.core.records import Evaluation, Protocol, ProtocolName, Split
from musicrec.core.runs import CARD
from musicrec.core.statistics import Paired, furthest, holm, paired
from musicrec.core.tabular import Cell, Sheet

_LIKE_ANOTHER = "user_coverage"  # the same numbers as the hit rate: one test, not two


class Incomparable(MusicrecError):
    """Two runs have no figures of the same listeners under the same terms."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One metric of one listener in two runs."""

    listener: str
    one: float
    other: float


@dataclass(frozen=True, slots=True)
class Versus:
    """Two runs under one protocol; `apart` are the listeners whose `metric` differs most.

    `overlap` is the mean Jaccard index of the lists of both at each k.
    """

    one: str
    other: str
    protocol: Protocol
    tests: tuple[Paired, ...]
    metric: str
    apart: tuple[Disagreement, ...]
    overlap: dict[int, float]


def versus(
    places: Places,
    one: RunPage,
    other: RunPage,
    protocol: ProtocolName = "full",
    split: Split = "test",
    k: int = 10,
    metrics: Sequence[str] = (),
    most: int = 10,
) -> tuple[Versus, ...]:
    """Test two runs against each other under a protocol, once for each of the terms that both were measured on.

    Tested are the metrics at `k` (at the most places that were measured, if not there) and those without places, or
    the `metrics` that are named, with or without their k. Raises Incomparable, saying what to run, and UsageError for
    a metric that was not measured.
    """
    again = _command(one.card.name, other.card.name, protocol, split)
    if one.card.fingerprint != other.card.fingerprint:
        raise Incomparable(
            f"{one.card.name} and {other.card.name} cannot be compared: they were trained on different datasets "
            f"({one.card.dataset} {one.card.fingerprint[:8]}, {other.card.dataset} {other.card.fingerprint[:8]})"
        )
    ours, theirs = _asked(one, protocol, split), _asked(other, protocol, split)
    if not ours or not theirs:
        raise Incomparable(f"not both have figures under {protocol} on the {split} split: measure them with `{again}`")
    pairs = alike_pairs(ours, theirs)
    if not pairs:
        raise Incomparable(
            f"{one.card.name} and {other.card.name} were measured on different terms ({ours[0].protocol.label}; "
            f"{theirs[0].protocol.label}): measure both with `{again}`"
        )
    return tuple(_versus(places, first, second, k, metrics, most, again) for first, second in pairs)


def _versus(
    places: Places, one: Evaluation, other: Evaluation, k: int, metrics: Sequence[str], most: int, again: str
) -> Versus:
    try:
        first, second = (read_measurement(places, each.run, each.protocol) for each in (one, other))
    except NotFound as error:  # figures whose Parquet is missing or another's
        raise Incomparable(str(error)) from error
    if list(first.listeners) != list(second.listeners):
        raise Incomparable(f"{one.run} and {other.run} were measured on different listeners: run `{again}`")
    shared = [name for name in first.columns if name in second.columns and not name.startswith(_LIKE_ANOTHER)]
    if not shared:
        raise Incomparable(f"{one.run} and {other.run} have no metric in common: run `{again}`")
    names = _chosen(shared, k, metrics)
    ours, theirs = ({name: each.columns[name] for name in names} for each in (first, second))
    tests = paired(ours, theirs, one.protocol.seed)
    metric = names[0] if metrics else next((name for name in names if name.startswith("ndcg@")), names[0])
    a, b = first.columns[metric], second.columns[metric]
    rows = furthest(a, b, most).tolist()
    apart = tuple(Disagreement(str(first.listeners[row]), float(a[row]), float(b[row])) for row in rows)
    ks = shared_ks(one, other)
    alike = {each: overlap(first.top, second.top, each) for each in ks}
    return Versus(one.run, other.run, replace(one.protocol, ks=ks), tests, metric, apart, alike)


def _asked(page: RunPage, protocol: ProtocolName, split: Split) -> list[Evaluation]:
    return [each for each in page.evaluations if (each.protocol.name, each.protocol.split) == (protocol, split)]


def _chosen(shared: Sequence[str], k: int, metrics: Sequence[str]) -> list[str]:
    ks = sorted({int(name.rpartition("@")[2]) for name in shared if "@" in name})
    at = k if k in ks or not ks else ks[-1]
    if not metrics:
        return [name for name in shared if "@" not in name or name.endswith(f"@{at}")]
    wanted = [name if name in shared else f"{name}@{at}" for name in metrics]
    if strange := [name for name, found in zip(metrics, wanted, strict=True) if found not in shared]:
        raise UsageError(f"--metric {strange[0]}: not measured of both; there are {', '.join(shared)}")
    return list(dict.fromkeys(wanted))


def _command(one: str, other: str, protocol: ProtocolName, split: Split) -> str:
    options = ("" if protocol == "full" else f" --protocol {protocol}") + (
        "" if split == "test" else f" --split {split}"
    )
    return f"musicrec evaluate {one} {other}{options}"


def versus_sheets(found: Versus) -> list[Sheet]:
    """One row a metric; then the listeners for whom the two differ most."""
    columns = ("metric", found.one, found.other, "difference", "low", "high", "p", "p by Holm", "higher", "lower")
    rows = tuple(
        (
            metric_title(each.metric),
            *(each.one, each.other, each.difference, each.low, each.high, each.p, each.adjusted),
            *(each.higher, each.lower),
        )
        for each in found.tests
    )
    shared = ", ".join(f"{share:.4f} at {k}" for k, share in found.overlap.items())
    notes = (
        found.protocol.label,
        f"difference: {found.other} less {found.one}, with its bootstrap 95 % interval; higher, lower: listeners",
        f"p: two-sided, by flipping signs of listeners' differences; by Holm: corrected for {len(rows)} metrics",
        f"overlap of their lists (mean Jaccard index): {shared}",
    )
    title, metric = f"{found.other} against {found.one}", metric_title(found.metric)
    who = tuple((each.listener, each.one, each.other, each.other - each.one) for each in found.apart)
    none = () if who else (f"{metric} is the same for every listener",)
    apart = Sheet(f"Where {metric} differs most", ("listener", found.one, found.other, "difference"), who, none)
    return [Sheet(title, columns, rows, notes), apart]


def against_sheet(found: Sequence[Versus]) -> Sheet:
    """One row for each run that is tested against the same first one, by the metric that stands out."""
    metric, one = found[0].metric, found[0].one
    tests = [next(test for test in each.tests if test.metric == metric) for each in found]
    adjusted = holm([test.p for test in tests])
    rows = tuple(
        (each.other, test.one, test.other, test.difference, test.low, test.high, test.p, p, test.higher, test.lower)
        for each, test, p in zip(found, tests, adjusted, strict=True)
    )
    columns = ("run", f"of {one}", "its own", "difference", "low", "high", "p", "p by Holm", "higher", "lower")
    notes = (
        found[0].protocol.label,
        f"difference: the run less {one}, with its bootstrap 95 % interval; higher, lower: listeners",
        f"p: two-sided, by flipping signs of listeners' differences; by Holm: corrected for {len(rows)} runs",
    )
    return Sheet(f"{metric_title(metric)} against {one}", columns, rows, notes)


def overlap_sheets(places: Places, evaluations: Sequence[Evaluation]) -> list[Sheet]:
    """How much the lists of every two runs overlap: a matrix for each protocol and k, of runs that keep their lists."""
    runs: dict[Protocol, list[str]] = {}
    for each in evaluations:
        if (places.run(each.run) / CARD).is_file():
            runs.setdefault(each.protocol, []).append(each.run)
    several = [(protocol, names) for protocol, names in runs.items() if len(names) > 1]
    return [sheet for protocol, names in several for sheet in _overlaps(places, names, protocol)]


def _overlaps(places: Places, runs: Sequence[str], protocol: Protocol) -> list[Sheet]:
    lists = [read_measurement(places, run, protocol).top for run in runs]
    return [_overlaps_at(k, runs, lists, protocol) for k in protocol.ks]


def _overlaps_at(k: int, runs: Sequence[str], lists: Sequence[Sequence[Sequence[str]]], protocol: Protocol) -> Sheet:
    shares = {
        (one, other): overlap(lists[one], lists[other], k) for one in range(len(lists)) for other in range(one + 1)
    }
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (run, *(shares[max(row, at), min(row, at)] for at in range(len(runs)))) for row, run in enumerate(runs)
    )
    note = "songs in both lists over songs in either, the mean over listeners (Jaccard index)"
    return Sheet(f"Overlap of lists at {k}", ("run", *runs), rows, (protocol.label, note))
