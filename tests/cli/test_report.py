"""The report: one page that needs nothing else, whose figures are the stored ones and whose names cannot harm it."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import World

from musicrec.commands import reporting
from musicrec.core.places import Places
from musicrec.core.report_charts import Bar, Line, interval_chart, line_chart, ticks
from musicrec.core.report_markup import Markup, tag
from musicrec.core.report_page import Section, page
from musicrec.core.tabular import Sheet, one_line

Musicrec = Callable[..., Any]
HOSTILE = '<script>alert(\'x\')</script>" onload="x()" & \u202eevil\x00 <img src=http://e.vil/x>'
LOADING = {"script", "link", "img", "iframe", "object", "embed", "audio", "video", "source", "use", "image", "base"}


class Page(HTMLParser):
    """What a browser would see: elements, their nesting, the rows of tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(name)
        self.attributes += attributes
        if name != "meta":
            self.open.append(name)
        if name == "table":
            self.tables.append([])
        elif name == "tr":
            self.tables[-1].append([])
        elif name in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, text: str) -> None:
        self.words.append(text)
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += text


def _needs_nothing(seen: Page, text: str) -> None:
    assert seen.tags.isdisjoint(LOADING)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("src", "srcset", "style")]
    assert all((value or "").startswith("#") for name, value in seen.attributes if name in ("href", "xlink:href"))
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in text.replace("&#x27;", "'")


@pytest.fixture(scope="module")
def places(invoke: Musicrec, kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Three runs that were measured."""
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("reported"))
    for arguments in (["popularity", "--name", "crowd"], ["gmf", "--name", "one", "--epochs", "2"]):
        assert invoke(places, "train", *arguments).exit_code == 0
    assert invoke(places, "train", "gmf", "--name", "two", "--epochs", "2", "--seed", "8").exit_code == 0
    assert invoke(places, "evaluate", "--k", "5,10").exit_code == 0
    return places


def test_a_copy_of_figures_is_no_second_run(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    copy = Places(places.data, tmp_path / "runs")
    shutil.copytree(places.run("one"), copy.run("one"))
    (kept,) = (copy.run("one") / "metrics").glob("*.json")
    told = json.loads(kept.read_text())
    (kept.parent / "a copy.json").write_text(kept.read_text())
    (kept.parent / "another.json").write_text(json.dumps(told | {"model": "another"}))
    answer = invoke(copy, "report", "one", "--no-baselines", "--output", str(tmp_path / "x.html"))
    assert answer.exit_code == 0, answer.stderr or answer.exception
    assert "1 run on dataset" in (tmp_path / "x.html").read_text("utf-8")
    told["metrics"] = {name: value | {"high": None} for name, value in told["metrics"].items()}
    for path in kept.parent.glob("*.json"):
        path.write_text(json.dumps(told))
    answer = invoke(copy, "report", "one", "--no-baselines", "--output", str(tmp_path / "y.html"))
    assert answer.stderr.splitlines() == ["musicrec: run one was never measured: `musicrec evaluate one`"]


def test_a_report_has_the_stored_figures_and_needs_nothing(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    answer = invoke(places, "report", "one", "two", "crowd", "--output", str(path))
    assert answer.exit_code == 0, answer.stderr
    text = path.read_text("utf-8")
    seen = Page(text)
    _needs_nothing(seen, text)
    said = "".join(seen.words)
    for word in ("Slices", "Learning curves", "By activity", "Over seeds, at 10", "Overlap of lists", "p by Holm"):
        assert word in said
    found = {}
    for head, *rows in seen.tables:
        for row in rows:
            found |= {(row[0], column): value for column, value in zip(head, row, strict=True) if "@" in column}
    assert ("(itemknn)", "NDCG@10") in found
    for run in ("one", "two", "crowd"):
        stored = json.loads((places.run(run) / "metrics" / "test-full-k-5-10.json").read_text())
        assert stored["protocol"]["listeners"] > 0
        assert f"{stored['protocol']['listeners']} listeners" in said
        for title, name in (("NDCG@10", "ndcg@10"), ("HR@5", "hr@5"), ("Popularity lift@10", "popularity_lift@10")):
            figure = stored["metrics"][name]
            assert found[run, title] == f"{figure['mean']:.4f} ±{(figure['high'] - figure['low']) / 2:.4f}"
        assert found[run, "Gini@10"] == f"{stored['metrics']['gini@10']['mean']:.4f}"
        card = json.loads((places.run(run) / "run.json").read_text())
        assert card["versions"]["torch"] in said
    history = [json.loads(line) for line in (places.run("one") / "history.jsonl").read_text().splitlines()]
    assert f"one: {history[1]['validation']:.4f} at 2" in said


def test_the_dataset_is_opened_once_for_all_protocols(
    invoke: Musicrec, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, path = Places(places.data, tmp_path / "runs"), tmp_path / "both.html"
    shutil.copytree(places.run("one"), there.run("one"))
    assert invoke(there, "evaluate", "one", "--split", "validation").exit_code == 0
    opened, real = [], reporting.open_explorer
    monkeypatch.setattr(reporting, "open_explorer", lambda *where: opened.append(where) or real(*where))
    answer = invoke(there, "report", "one", "--output", str(path))
    assert answer.exit_code == 0, answer.stderr
    sections = path.read_text("utf-8").split("<h2")
    assert sum("Results:" in each[:99] and "(itemknn)" in each for each in sections) == 2
    assert len(opened) == 1


def test_two_runs_are_tested_metric_by_metric(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    path = tmp_path / "two.html"
    assert invoke(places, "report", "crowd", "one", "--no-baselines", "--output", str(path)).exit_code == 0
    told = json.loads(invoke(places, "compare", "crowd", "one", "--json").stdout)["tests"][0]["tests"]
    seen = Page(path.read_text("utf-8"))
    (tests,) = (rows for rows in seen.tables if "p by Holm" in rows[0])
    assert [float(row[tests[0].index("difference")]) for row in tests[1:]] == pytest.approx(
        [each["difference"] for each in told], abs=1e-4
    )
    assert "(itemknn)" not in "".join(seen.words)


def test_a_file_that_is_there_stays(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    path = tmp_path / "mine.html"
    path.write_text("mine")
    ask = ["report", "crowd", "--no-baselines", "--output", str(path)]
    answer = invoke(places, *ask)
    assert (answer.exit_code, path.read_text()) == (2, "mine")
    assert "--replace" in answer.stderr
    assert invoke(places, *ask, "--replace").exit_code == 0
    assert path.read_text().startswith("<!DOCTYPE html>")


def test_what_cannot_be_reported_is_told(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    path = tmp_path / "none.html"
    assert "'nix'" in invoke(places, "report", "crowd", "nix", "--output", str(path)).stderr
    assert invoke(places, "train", "popularity", "--name", "unmeasured").exit_code == 0
    answer = invoke(places, "report", "crowd", "unmeasured", "--output", str(path))
    assert (answer.exit_code, "musicrec evaluate crowd unmeasured" in answer.stderr) == (1, True)
    assert not path.exists()
    # the dataset is gone: what is stored is told all the same
    assert invoke(Places(tmp_path, places.checkpoints), "report", "crowd", "--output", str(path)).exit_code == 0
    assert "is not here" in path.read_text("utf-8")


def test_a_dataset_with_other_contents_has_no_figures_there(invoke: Musicrec, places: Places, tmp_path: Path) -> None:
    shutil.copytree(places.run("crowd"), tmp_path / "runs" / "crowd")
    card = tmp_path / "runs" / "crowd" / "run.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"fingerprint": "0" * 64}))
    path = tmp_path / "other.html"
    there = Places(places.data, tmp_path / "runs")
    assert invoke(there, "report", "crowd", "--output", str(path)).exit_code == 0
    said = "".join(Page(path.read_text("utf-8")).words)
    assert "was trained on another dataset" in said
    assert "(itemknn)" not in said
    assert "By activity" not in said


def test_no_name_can_harm_the_page() -> None:
    sheet = Sheet(HOSTILE, ("run", HOSTILE), ((HOSTILE, 0.5), ("b", HOSTILE)), (HOSTILE,))
    line = Line(HOSTILE, ((1.0, 0.2), (2.0, 0.3)), 0, 2.0)
    charts = (
        line_chart(HOSTILE, HOSTILE, HOSTILE, [line, line]),
        interval_chart(HOSTILE, [Bar(HOSTILE, 0.2, 0.1, 0.3, 0)]),
    )
    text = page(HOSTILE, (HOSTILE,), [Section(HOSTILE, (HOSTILE, sheet, *charts))])
    seen = Page(text)
    _needs_nothing(seen, text)
    assert "<script>alert('x')</script>" in "".join(seen.words)
    assert "\u202e" not in text
    assert "\x00" not in text
    for chart in charts:
        ElementTree.fromstring(chart)


@given(st.text(), st.text())
def test_text_comes_back_as_it_went_in(inside: str, attribute: str) -> None:
    seen = Page(tag("p", inside, title=attribute))
    assert seen.tags == {"p"}
    assert ("".join(seen.words), seen.attributes) == (one_line(inside), [("title", one_line(attribute))])
    assert tag("p", Markup("<b>x</b>"), "<b>") == "<p><b>x</b>&lt;b&gt;</p>"


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12))
def test_ticks_are_round_and_within(low: float, width: float, most: int) -> None:
    high = low + width
    if high <= low:
        return
    found = ticks(low, high, most)
    assert len(found) <= most + 1
    slack = 1e-6 * max(abs(low), abs(high), width)
    assert all(low - slack <= each <= high + slack for each in found)


def test_ticks_by_hand() -> None:
    assert ticks(0, 1) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert ticks(3, 17, 6) == pytest.approx([5, 10, 15])
    assert ticks(2, 2) == [2]
