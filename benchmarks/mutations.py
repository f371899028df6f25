"""Changes to a file of a run that a fault or an enemy may make; each returns what it did."""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 2**64, 10**400, 0.5, 1e308, math.nan, math.inf, -math.inf, "", "x", "NaN",
    "\ud800", "../../x", [], [[]], {}, {"a": 1}, [1, "x"], "0" * 10_000,
)  # fmt: skip
Change = Callable[[Path, random.Random], str]


def flip_bits(path: Path, chance: random.Random) -> str:
    """Flip one to eight bits, half of the times near the beginning."""
    content = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(min(len(content), chance.choice([64, 1024, len(content)])))] ^= 1 << chance.randrange(
            8
        )
    path.write_bytes(content)
    return "bits"


def cut(path: Path, chance: random.Random) -> str:
    """Cut the file off, or lengthen it."""
    content = path.read_bytes()
    more = chance.choice([b"", b"\0", b"junk" * 100, content])
    path.write_bytes((content if more else content[: chance.randrange(len(content))]) + more)
    return "length"


def replace(path: Path, chance: random.Random) -> str:
    """Put something else there."""
    junk = [b"", b"\0" * 100, b"\x80\x04K\x01.", b"{}", b"[]", b"null", b"[" * 100_000, b'{"a":' * 50_000]
    junk += [b"PK\3\4" + bytes(100), (2**63).to_bytes(8, "little") + bytes(64), b"\xff" * 64, b"1" * 5_000]
    path.write_bytes(chance.choice(junk))
    return "junk"


def lengthen_header(path: Path, chance: random.Random) -> str:
    """Have the header say another length."""
    content = path.read_bytes()
    length = chance.choice([0, 1, 7, 2**31, 2**32, 2**62, 2**63, 2**64 - 1, len(content), len(content) - 8, 1 << 20])
    path.write_bytes(length.to_bytes(8, "little") + content[8:])
    return "header length"


def change_header(path: Path, chance: random.Random) -> str:
    """Change a shape, a type, a place or a name in the header."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    name = chance.choice(sorted(header))
    kind = chance.choice(["dtype", "shape", "data_offsets", "name", "odd", "swap", "drop"])
    if kind == "name" or name == "__metadata__":
        header[name + "x"] = header.pop(name)
    elif kind == "drop":
        del header[name]
    elif kind == "odd":
        header[name] = chance.choice(ODD)
    elif kind == "swap":
        other = chance.choice([each for each in sorted(header) if each != "__metadata__"])
        header[name], header[other] = header[other], header[name]
    elif kind == "dtype":
        header[name]["dtype"] = chance.choice(
            ["F64", "F32", "F16", "BF16", "I64", "I32", "I8", "U8", "BOOL", "F8_E5M2", 1]
        )
    else:
        values = header[name][kind]
        if values and chance.random() < 0.7:
            values[chance.randrange(len(values))] = chance.choice([0, 1, -1, 2**31, 2**40, 2**63, 1.5, "1", None])
        else:
            header[name][kind] = chance.choice([[], [0], [2**62, 4], [1] * 100, None, 3])
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 8)
    path.write_bytes(len(told).to_bytes(8, "little") + told + content[8 + length :])
    return f"header {kind}"


def spoil_weights(path: Path, chance: random.Random) -> str:
    """Write what is no number among the weights."""
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    for _ in range(chance.randint(1, 5)):
        place = start + 4 * chance.randrange((len(content) - start) // 4)
        content[place : place + 4] = chance.choice([b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\xff" * 4])
    path.write_bytes(content)
    return "no numbers"


def change_json(path: Path, chance: random.Random) -> str:
    """Put an odd value somewhere into the JSON."""
    lines = path.read_text("utf-8").splitlines() if path.suffix == ".jsonl" else [path.read_text("utf-8")]
    number = chance.randrange(len(lines))
    tree = json.loads(lines[number])
    place, keys = tree, list(tree)
    while True:
        key = chance.choice(keys)
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
            break
        place, keys = inner, list(inner) if isinstance(inner, dict) else list(range(len(inner)))
    if isinstance(place, dict) and chance.random() < 0.2:
        del place[key]
    else:
        place[key] = chance.choice(ODD)
    with contextlib.suppress(ValueError):  # a whole number of too many digits cannot be written
        lines[number] = json.dumps(tree)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return "JSON"


def link_away(path: Path, chance: random.Random) -> str:
    """Put a link, a pipe or a folder in the place of the file."""
    outside = path.parent.parent.parent / f"outside-{path.name}"
    if not outside.exists():
        shutil.copyfile(path, outside)
    path.unlink()
    kind = chance.choice(["file", "device", "endless", "loop", "nowhere", "pipe", "folder"])
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        targets = {
            "file": outside,
            "device": "/dev/null",
            "endless": "/dev/zero",
            "loop": path,
            "nowhere": "/nowhere/x",
        }
        path.symlink_to(targets[kind])
    return f"link {kind}"
