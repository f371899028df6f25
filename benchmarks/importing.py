"""Import KKBOX at full size, against the way of the reference program and pandas: seconds and memory.

    python benchmarks/importing.py [--smoke] [--rounds 3] [--json FILE] [--folder DIR] [--peers DIR]

An invented world of the size of KKBOX: 34,403 listeners, 2.3 million songs, 7.4 million plays in a train.csv of about 1
GB (2 GB of disk in all). From train.csv, songs.csv and members.csv to playlists, cut as the reference programs do. The
reference program cannot be installed: `importing_peers.py` has what it does, written plainly. musicrec does more in its
time: it checks every line, holds plays out, makes a table for searching, and writes it all to a file.

The same work: numbers of listeners, songs and plays, and a digest of everybody's songs in order.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from turns import Report, Side, options, take_turn, take_turns
from worlds import Size, command, files, workplace

FULL, SMOKE = Size(34_403, 2_300_000, 9_450_000), Size(1_000, 5_000, 200_000)
READ = ("train.csv", "songs.csv", "members.csv")
NAME = "imported"
OPTIONS = ("--preset", "reference", "--split", "last", "--replace", "--name", NAME)


def main() -> int:
    """Measure and print."""
    asked = options("Import KKBOX at full size.")
    report = Report("Import of KKBOX at full size", asked)
    with workplace(asked.folder) as folder:
        if shutil.disk_usage(folder).free < 6 << 30 and not asked.smoke:
            raise SystemExit(f"{folder} has less than 6 GB free: give another --folder")
        source = linked(folder, files(folder, SMOKE if asked.smoke else FULL))
        inside = Path(__file__).with_name("importing_peers.py")
        sides = [
            Side("musicrec", command(folder, "import", "kkbox", source, *OPTIONS)),
            Side("musicrec, 1 GB", command(folder, "import", "kkbox", source, *OPTIONS, "--memory-limit", "1GB")),
            Side("the reference's way", (sys.executable, inside, source, "rows")),
        ]
        if asked.peer:
            sides.append(Side("pandas", (asked.peer, inside, source, "pandas")))
        else:
            report.notes.append(f"pandas is absent ({asked.peers}): `make peers` installs it")
        given = take_turns(sides, asked.rounds)
        # Ours from exec to exit; theirs without the start of Python and the digest
        seconds = {side: [turn.said.get("seconds", turn.seconds) for turn in turns] for side, turns in given.items()}
        peaks = {side: [turn.peak for turn in turns] for side, turns in given.items()}
        for side in seconds:
            report.row(side, "s", seconds[side])
            report.row(f"{side}, memory", "MB", peaks[side])
        for side, faster, smaller in (("the reference's way", 12, 6), ("pandas", 1.5, 3)):
            if side in seconds:
                report.ratio(f"import against {side}", seconds[side], seconds["musicrec"], faster)
                report.ratio(f"memory against {side}", peaks[side], peaks["musicrec"], smaller)
        ours = take_turn(Side("digest", (sys.executable, inside, folder / "data" / f"{NAME}.duckdb", "digest"))).said
        sizes = {file.name: file.stat().st_size for file in sorted(source.iterdir())}
        report.data = {"files": sizes, "imported": ours}
        for side in sides[2:]:
            theirs = given[side.name][0].said
            same = all(ours[part] == theirs[part] for part in ("listeners", "songs", "plays", "digest"))
            report.check(f"playlists of {side.name}", same, f"{ours} and {theirs}")
        (folder / "data" / f"{NAME}.duckdb").unlink()
    return report.close()


def linked(folder: Path, whole: Path) -> Path:
    """Return a folder with links to what both read."""
    source = folder / f"read-{whole.name}"
    source.mkdir(exist_ok=True)
    for name in READ:
        if not (source / name).exists():
            (source / name).hardlink_to(whole / name)
    return source


if __name__ == "__main__":
    sys.exit(main())
