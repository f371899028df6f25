"""Options and arguments that several commands have."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

FormatName = Annotated[Literal["kkbox", "melon"], typer.Argument(help="Format of the files.", show_default=False)]
DatasetName = Annotated[str | None, typer.Option("--dataset", help="Dataset; the only one need not be named.")]
RunName = Annotated[str | None, typer.Option("--run", help="Run; the newest one if not named.")]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Safe = Annotated[bool, typer.Option("--safe", help="CSV without a cell that a spreadsheet takes for a formula.")]
HowMany = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many songs.")]
Query = Annotated[str | None, typer.Argument(help="Words and filters; all if none.", show_default=False)]
Reverse = Annotated[bool, typer.Option("--reverse", help="The other way round; unknown values stay last.")]
Limit = Annotated[int, typer.Option(min=1, help="How many rows.")]
Offset = Annotated[int, typer.Option(min=0, help="Rows to pass over.")]
SongId = Annotated[str, typer.Argument(help="Original id of a song.", show_default=False)]
Years = Annotated[str | None, typer.Option("--year", help="Released then: 1995, 1990-1999, 1990- or -1999.")]
PerArtist = Annotated[int | None, typer.Option(min=1, help="Most songs of an artist.")]
Genre = Annotated[str | None, typer.Option(help="Only this genre.")]
Language = Annotated[str | None, typer.Option(help="Only this language.")]
IncludeHeard = Annotated[bool, typer.Option("--include-heard", help="Also songs that they played.")]
