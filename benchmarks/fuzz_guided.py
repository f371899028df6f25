"""Both importers under files that coverage guides: what each must keep is in tests/fuzz/accounting.py.

    pip install atheris
    python benchmarks/fuzz_guided.py [--seconds 600] [--seed 7] [--corpus DIR]

The first bytes of an input say which file of which format it is, and whether it is packed; the rest is that file,
beside ordinary ones. Atheris (libFuzzer) keeps the inputs that reach new code of `musicrec.core.tables` and goes on
from them. It ends at the first promise that is broken, with a traceback, and keeps the input.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
from itertools import count
from pathlib import Path
from random import Random

import atheris

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fuzz"))

with atheris.instrument_imports(include=["musicrec.core.tables"]):
    from accounting import keeps_its_promise
    from hostile_files import Case, draw, zipped

ENDINGS = ("", "", ".gz", ".zip")


def whole(shape: str) -> Case:
    """Return a folder of a format in which no file is wrong as a whole."""
    for seed in count():
        case = draw(Random(seed), 4)
        if case.format == shape and not case.odd and all(name.endswith((".csv", ".json")) for name in case.files):
            break
    return case


FOLDERS = (whole("kkbox"), whole("melon"))


def guided(given: bytes) -> Case:
    """Return the folder that these bytes mean."""
    told = given[:2].ljust(2, b"\0")
    folder = FOLDERS[told[0] % 2]
    name = sorted(folder.files)[told[0] // 2 % len(folder.files)]
    ending, content = ENDINGS[told[1] % 4], given[2:]
    if ending and told[1] < 128:  # packed as it should be; else the bytes are those of the archive
        content = gzip.compress(content) if ending == ".gz" else zipped({name: content})
    files = {each: folder.files[each] for each in folder.files if each != name}
    return Case(folder.format, files | {name + ending: content})


def seeds() -> list[bytes]:
    """Return every ordinary file, as it is and packed, to begin with."""
    return [
        bytes((2 * place + number, packed)) + folder.files[name]
        for number, folder in enumerate(FOLDERS)
        for place, name in enumerate(sorted(folder.files))
        for packed in (0, 2, 3)
    ]


def main() -> None:
    """Run until the seconds are over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--corpus", type=Path, help="where inputs that reached new code are kept")
    asked = parser.parse_args()
    corpus = asked.corpus or Path(tempfile.mkdtemp(prefix="fuzz-guided-"))
    corpus.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(seeds()):
        (corpus / f"ordinary-{number}").write_bytes(each)

    def one(given: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="fuzz-import-") as scratch:
            keeps_its_promise(guided(given), Path(scratch))

    options = [f"-max_total_time={asked.seconds}", f"-seed={asked.seed}", "-max_len=4096", "-timeout=0"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/broken-", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
