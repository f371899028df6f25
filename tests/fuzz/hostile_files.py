"""Files as they should not be: KKBOX and Melon folders of mutated rows, bytes and archives, drawn from a seed."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from musicrec.core.tables.options import Format

HEADERS = {
    "train.csv": "msno,song_id,source_system_tab,source_screen_name,source_type,target",
    "test.csv": "id,msno,song_id,source_system_tab,source_screen_name,source_type",
    "songs.csv": "song_id,song_length,genre_ids,artist_name,composer,lyricist,language",
    "song_extra_info.csv": "song_id,name,isrc",
    "members.csv": "msno,city,bd,gender,registered_via,registration_init_time,expiration_date",
}
TEXTS = (
    "", " ", "  two  ", "x", "null", "NULL", "None", '"', '""', '"""', "a,b", '"a,b"', '"a""b"',
    'a"b', "'", "';--", "\\", "\t", "|", "a|b||a", "=1+1", "@x", "-", "\x00", "a\x00b",
    "\x1b[31mred", "\x1b]0;t\x07", "\x9b2J", "\x7f", "\x85", "\ufeff", "\u200b", "\u200e\u200f",
    "\u202eabc", "\u2066x", "\u2028", "\u2029", "\u3000", "é", "e\u0301", "周杰倫", "한국어", "👩‍👩‍👧",
    "\U000e0041", "\ufffd", "\uffff", "\U0010ffff", "s0", "u0", "S0", " s0 ", "s0 ", "\u00a0s0",
    "x" * 300, "🎵" * 500, "{}", "[]", "%s", "$1", "SELECT 1", "getvariable('path')", "../../x",
    "/etc/passwd", "NaN", "inf", "\x1c", "\x0b", "\x0c", "\x1f\x1e\x1f\x1e",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "1", "-1", "1.5", "1e9", "1e400", "-1e400", "2147483647", "2147483648",
    "-2147483649", "9223372036854775808", "1" * 400, "0x10", "1_000", "١٢", "1,5", "+5", " 7 ",
    "nan", "20170101", "20179999", "00000000", "20110000", "19000229", "99999999", "3.0", "3.00",
    "TWK231234567", "twk23-17-12345", "QZAAA9912345",
)  # fmt: skip
JSON_VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**64, -(2**70), 1e308, "", "x", [], {}, [[]],
    [{}], [None], {"id": 1}, [1, "1", " 1 "], "2012-09-29 01:57:26.000", "2012-13-45",
    "99999-01-01 00:00:00", "infinity", "-infinity", "epoch", "20110000", "2011",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """Files of a folder by name; None in place of bytes is what `odd` says: a folder, a pipe, a link to nothing."""

    format: Format
    files: dict[str, bytes]
    odd: dict[str, str] = field(default_factory=dict)
    rows: int = 0  # that were mutated one by one

    def write(self, folder: Path) -> None:
        """Write everything into a new folder."""
        folder.mkdir()
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        for name, kind in self.odd.items():
            match kind:
                case "folder":
                    (folder / name).mkdir()
                case "pipe":
                    os.mkfifo(folder / name)
                case _:
                    (folder / name).symlink_to("nowhere")


def draw(random: Random, rows: int) -> Case:
    """Draw a folder with about `rows` rows in each file; two in three have a file that is wrong as a whole."""
    shape: Format = random.choice(("kkbox", "melon"))
    files = _kkbox(random, rows) if shape == "kkbox" else _melon(random, rows)
    count, odd = rows * len(files), {}
    if random.random() < 0.6:
        name = random.choice(list(files))
        content, kind = files.pop(name), random.choice(FORMS)
        if isinstance(kind, str):
            odd[name + random.choice(("", "", ".gz", ".zip"))] = kind
        else:
            ending, changed = kind(random, name, content)
            files[name + ending] = changed
    return Case(shape, files, odd, count)


def _text(random: Random) -> str:
    kind = random.random()
    if kind < 0.45:
        return random.choice(TEXTS)
    if kind < 0.65:
        return random.choice(NUMBERS)
    if kind < 0.8:
        return random.choice(TEXTS) + random.choice(TEXTS)
    length = random.choice((1, 3, 9))
    return "".join(chr(_point(random)) for _ in range(length))


def _point(random: Random) -> int:
    point = random.choice((random.randrange(256), random.randrange(0x3000), random.randrange(0x110000)))
    return 0x20 if 0xD800 <= point < 0xE000 or point == 10 else point


def _id(random: Random, letter: str) -> str:
    return f"{letter}{random.randrange(12)}" if random.random() < 0.8 else _text(random)


def _quoted(random: Random, text: str) -> str:
    if random.random() < 0.4 and '"' not in text:
        return f'"{text}"'
    return text if random.random() < 0.6 else text.replace(",", ";").replace("\r", " ")


def _line(random: Random, columns: list[str]) -> str:
    cells = []
    for column in columns:
        if column in ("msno", "song_id"):
            cells.append(_quoted(random, _id(random, "u" if column == "msno" else "s")))
        else:
            cells.append(_quoted(random, _text(random)) if random.random() < 0.7 else "")
    if random.random() < 0.08:
        cells = cells[: random.randrange(len(cells) + 1)] + [""] * random.randrange(3)
    return ",".join(cells)


def _kkbox(random: Random, rows: int) -> dict[str, bytes]:
    files = {}
    for name, header in HEADERS.items():
        if name != "train.csv" and random.random() < 0.35:
            continue
        columns = header.split(",")
        if random.random() < 0.3:
            random.shuffle(columns)
        end = random.choice(("\n", "\n", "\n", "\r\n"))
        lines = [",".join(columns), *(_line(random, columns) for _ in range(random.randrange(rows // 2, rows + 1)))]
        if end == "\r\n":
            lines = [line.replace("\r", " ") for line in lines]
        files[name] = (end.join(lines) + end * random.randrange(3)).encode()
    return files


def _value(random: Random) -> object:
    kind = random.random()
    if kind < 0.4:
        return random.choice(JSON_VALUES)
    return _text(random) if kind < 0.8 else [_text(random) for _ in range(random.randrange(4))]


def _record(random: Random, known: dict[str, Callable[[Random], object]]) -> dict[str, object]:
    record = {name: make(random) if random.random() < 0.7 else _value(random) for name, make in known.items()}
    for name in list(record):
        if random.random() < 0.04:
            del record[name]
    if random.random() < 0.1:
        record[_text(random)] = _value(random)
    return record


PLAYLIST: dict[str, Callable[[Random], object]] = {
    "id": lambda random: random.randrange(60),
    "plylst_title": _text,
    "tags": lambda random: [_text(random) for _ in range(random.randrange(4))],
    "songs": lambda random: [random.randrange(12) for _ in range(random.randrange(6))],
    "like_cnt": lambda random: random.randrange(9),
    "updt_date": lambda random: "2012-09-29 01:57:26.000",
}
SONG: dict[str, Callable[[Random], object]] = {
    "id": lambda random: random.randrange(30),
    "song_name": _text,
    "artist_name_basket": lambda random: [_text(random)],
    "album_name": _text,
    "issue_date": lambda random: random.choice(NUMBERS),
    "song_gn_gnr_basket": lambda random: ["GN0100"],
    "song_gn_dtl_gnr_basket": lambda random: ["GN0101"],
}


def _melon(random: Random, rows: int) -> dict[str, bytes]:
    kinds = {"train.json": PLAYLIST, "val.json": PLAYLIST, "test.json": PLAYLIST, "song_meta.json": SONG}
    files = {}
    for name, known in kinds.items():
        if name != "train.json" and random.random() < 0.4:
            continue
        records: list[Any] = [_record(random, known) for _ in range(random.randrange(rows // 2, rows + 1))]
        records[0] |= {each: None for each in known if each not in records[0]}
        files[name] = json.dumps(records, ensure_ascii=random.random() < 0.5).encode("utf-8", "replace")
    if random.random() < 0.6:
        codes = {f"GN0{n}00": _value(random) if random.random() < 0.2 else _text(random) for n in range(9)}
        files["genre_gn_all.json"] = json.dumps(codes, ensure_ascii=False).encode("utf-8", "replace")
    return files


Form = Callable[[Random, str, bytes], tuple[str, bytes]]


def _coded(encoding: str) -> Form:
    return lambda random, name, content: ("", content.decode("utf-8", "replace").encode(encoding, "replace"))


def _cut(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    return "", content[: random.randrange(len(content) + 1)]


def _changed(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    return "", bitten(random, content, random.choice((1, 1, 5, 50)))


def bitten(random: Random, content: bytes, times: int) -> bytes:
    """Change, insert, drop or double some bytes."""
    changed = bytearray(content)
    for _ in range(times):
        place = random.randrange(len(changed) + 1)
        match random.randrange(4):
            case 0:
                changed[place : place + 1] = bytes([random.choice((0, 10, 13, 34, 44, random.randrange(256)))])
            case 1:
                changed[place:place] = random.choice(TEXTS).encode("utf-8", "replace")
            case 2:
                del changed[place : place + random.randrange(1, 30)]
            case _:
                changed[place:place] = changed[place : place + random.randrange(1, 200)]
    return bytes(changed)


def _noise(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    return "", random.randbytes(random.randrange(2000))


def _head(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    first, _, rest = content.partition(b"\n")
    return "", random.choice((rest, first + b"\n" + content, bitten(random, first, 2) + b"\n" + rest, b"\n" + content))


def _long(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    place = content.rfind(random.choice((b",", b'"', b"s")))
    return "", content[:place] + random.choice((b"x", b'"', b",", "周".encode())) * (10 << 20) + content[place:]


def _deep(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    deep = random.choice((10, 200, 5000, 100_000))
    return "", content[:-1] + b', {"id": 7, "songs": ' + b"[" * deep + b"]" * deep + b"}]"


def _ends(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    ends = random.choice(
        ((b"\r",), (b"\r\n", b"\n"), (b"\n\n", b"\r\r\n"), (b"\n\r",), (b"\x0b", b"\x0c", b"\x85", b"\n"))
    )
    return "", b"".join(line + random.choice(ends) for line in content.split(b"\n"))


def _gz(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    packed = gzip.compress(content, 1)
    return ".gz", random.choice((packed, packed + packed, packed[: random.randrange(len(packed))], packed + b"tail"))


def _gz_bitten(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    return ".gz", bitten(random, gzip.compress(content, 1), 1)


def zipped(members: dict[str, bytes]) -> bytes:
    """Make a zip of these members, whatever they are called."""
    told = io.BytesIO()
    with zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return told.getvalue()


def _zip(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    inside = random.choice((name, f"../../{name}", f"/{name}", f"a/b/{name}", "x", f"..\\{name}", "\u202e", ""))
    members = {inside or "f": content}
    if random.random() < 0.2:
        members[f"other/{name}"] = content
    packed = zipped(members)
    return ".zip", random.choice((packed, packed, packed[: random.randrange(len(packed))]))


def _zip_bitten(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    return ".zip", bitten(random, zipped({name: content}), random.choice((1, 1, 3)))


def _empty(random: Random, name: str, content: bytes) -> tuple[str, bytes]:
    return "", random.choice((b"", b"\n", b" \n ", b"\xef\xbb\xbf", b"\0", b"\0\0\0\0\0"))


FORMS: tuple[Form | str, ...] = (
    *map(_coded, ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp949", "big5", "latin-1", "shift-jis")),
    *(_cut, _changed, _changed, _changed, _noise, _head, _head, _long, _deep, _ends, _ends),
    *(_gz, _gz, _gz_bitten, _zip, _zip, _zip_bitten, _empty, "folder", "pipe", "link"),
)  # fmt: skip
