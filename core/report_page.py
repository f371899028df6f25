"""A report as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from musicrec.core.figures import shown_cell
from musicrec.core.report_markup import Markup, tag, together
from musicrec.core.tabular import Sheet

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FIGURE = re.compile(r"-?\d+\.\d+( ±\d+\.\d+)?")


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of the page: paragraphs, tables and charts, in order."""

    title: str
    blocks: tuple[str | Sheet | Markup, ...]


def page(title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """Write the page. Every string is text and is escaped; only what the charts drew is markup."""
    style = files("musicrec.core").joinpath("report_page.css").read_text("utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        Markup(f"<style>\n{style}</style>"),
    )
    links = [tag("li", tag("a", each.title, href=f"#part-{at}")) for at, each in enumerate(sections, start=1)]
    body = tag(
        "body",
        tag("h1", title),
        *(tag("p", line, class_="lead") for line in lead),
        tag("nav", tag("ul", *links)),
        tag("main", *(_section(at, each) for at, each in enumerate(sections, start=1))),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _section(number: int, section: Section) -> Markup:
    return tag("section", tag("h2", section.title), *map(_block, section.blocks), id=f"part-{number}")


def _block(block: str | Sheet | Markup) -> Markup:
    if isinstance(block, Markup):
        return block
    return _table(block) if isinstance(block, Sheet) else tag("p", block)


def _table(sheet: Sheet) -> Markup:
    filled = [at for at in range(len(sheet.columns)) if any(row[at] not in (None, "") for row in sheet.rows)]
    kinds = {at: "n" if _numeric(sheet, at) else None for at in filled}
    head = tag("tr", *(tag("th", sheet.columns[at], class_=kinds[at], scope="col") for at in filled))
    rows = [
        tag(
            "tr",
            *(
                tag("td", shown_cell(row[at], sheet.columns[at]), class_=kinds[at])
                if at
                else tag("th", shown_cell(row[at], sheet.columns[at]), scope="row")
                for at in filled
            ),
        )
        for row in sheet.rows
    ]
    table = tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="wide") if rows else together()
    notes = tag("ul", *(tag("li", note) for note in sheet.notes), class_="notes") if sheet.notes else together()
    return together(tag("h3", sheet.title), table, notes)


def _numeric(sheet: Sheet, at: int) -> bool:
    cells = [row[at] for row in sheet.rows if row[at] not in (None, "")]
    return at > 0 and all(isinstance(cell, int | float) or _FIGURE.fullmatch(str(cell)) for cell in cells)
