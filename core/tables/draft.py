"""A dataset in the making: a folder beside the target that holds everything until the finished file is renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from musicrec.core.errors import ImportFailed, MusicrecError, UsageError
from musicrec.core.holding import Hold, hold
from musicrec.core.records import SourceFile
from musicrec.core.tables.scratch import sweep_scratch
from musicrec.core.tables.sealed import open_unsealed, seal
from musicrec.core.tables.sources import bad_byte
from musicrec.core.tables.statements import run_script, set_variables
from musicrec.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from musicrec.core.tables.sources import Source


MEMORY, MEMORY_OF_THREAD = 250, 125  # MB


class Draft:
    """The open connection of an import, its scratch folder, and what is noted on the way."""

    def __init__(
        self,
        folder: Path,
        files: Iterable[Path],
        memory_limit: str | None,
        threads: int | None,
        progress: Callable[[str, float], None] | None,
    ) -> None:
        self.folder = folder
        self.file = folder / "dataset.duckdb"
        self.notes: list[str] = []
        self.sources: list[SourceFile] = []
        self.progress = progress
        self.connection = open_unsealed(self.file)
        self._configure(files, memory_limit, threads)

    def _configure(self, files: Iterable[Path], memory_limit: str | None, threads: int | None) -> None:
        run = self.connection.execute
        run("SET temp_directory = $folder", {"folder": str(self.folder / "spill")})
        if threads is not None:
            run("SET threads = $threads", {"threads": threads})
        try:
            run(
                "SET memory_limit = $limit",
                {"limit": usual_limit(self.connection) if memory_limit is None else memory_limit},
            )
        except duckdb.Error as error:
            raise UsageError(f"--memory-limit {memory_limit!r} is no size: give one like 1GB or 500MB") from error
        run("ATTACH ':memory:' AS stage")  # what the memory cannot hold goes to temp_directory
        self.connection.create_function("fold_text", fold, ["VARCHAR"], "VARCHAR")
        for script in ("schema", "build/staging", "build/text", "build/folding"):
            self.run(script)
        seal(self.connection, files, [self.folder], lock=False)  # see any_order

    def run(self, script: str, /, **values: object) -> list[tuple[object, ...]]:
        """Run a script; see run_script."""
        return run_script(self.connection, script, **values)

    def set(self, **values: object) -> None:
        """Set what scripts read with getvariable()."""
        set_variables(self.connection, values)

    def number(self, script: str, /, **values: object) -> int:
        """Run a script whose last statement gives one number."""
        return int(str(self.run(script, **values)[0][0]))

    def read(self, source: Source, script: str, /, **values: object) -> int:
        """Run a script that reads `source` and gives its rows; raise ImportFailed naming the file and what is wrong."""
        with reading(source):
            return self.number(script, file=source.name, path=str(source.path), **values)

    def record(self, source: Source, rows: int) -> None:
        """Note that `rows` rows of `source` went into the dataset."""
        self.sources.append(SourceFile(source.found.name, source.found.stat().st_size, rows))

    def say(self, stage: str, fraction: float) -> None:
        """Tell the caller what is being done and how far the whole import is, 0 to 1."""
        if self.progress is not None:
            self.progress(stage, fraction)

    @property
    def threads(self) -> int:
        """How many threads the database may use."""
        return int(self.connection.execute("SELECT current_setting('threads')").fetchall()[0][0])

    @contextmanager
    def any_order(self) -> Iterator[None]:
        """Let tables be filled in any order, by scripts that number their rows."""
        self.connection.execute("SET preserve_insertion_order = false")
        try:
            yield
        finally:
            self.connection.execute("SET preserve_insertion_order = true")

    def publish(self, target: Path, replace: bool) -> None:
        """Write everything to disk and put the file in the place of `target` in one step.

        Raises MusicrecError where one is there by now, unless it is to be replaced.
        """
        self.connection.execute("DETACH stage")
        self.connection.execute("CHECKPOINT")
        self.connection.close()
        with self.file.open("rb") as written:
            os.fsync(written.fileno())
        if replace:
            self.file.replace(target)
            return
        try:
            os.link(self.file, target)
        except FileExistsError as error:
            problem = f"{target} was made by another import meanwhile"
            raise MusicrecError(f"{problem}: import it anew with --replace, or under another --name") from error
        except OSError:  # a disk that knows no links
            self.file.rename(target)


def usual_limit(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the memory that an import is held to if not told otherwise: more of it would only hold what is on disk."""
    threads = connection.execute("SELECT current_setting('threads')").fetchall()[0][0]
    return f"{MEMORY + MEMORY_OF_THREAD * threads}MB"


@contextmanager
def drafting(
    target: Path,
    files: Iterable[Path],
    memory_limit: str | None,
    threads: int | None,
    progress: Callable[[str, float], None] | None,
) -> Iterator[Draft]:
    """Give a draft beside `target`; whatever happens, nothing of it stays but what was published.

    Its database can read `files` and what lies in its own folder, nothing else.
    """
    sweep_scratch(target.parent)
    folder, held = scratch_beside(target)
    draft = None
    try:
        draft = Draft(folder, files, memory_limit, threads, progress)
        yield draft
    except duckdb.OutOfMemoryException as error:
        raise ImportFailed("the import ran out of memory: give it more with --memory-limit") from error
    except duckdb.Error as error:
        raise ImportFailed(f"the import failed: {first_line(error)}") from error
    except OSError as error:
        raise ImportFailed(f"the import failed: {error}") from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # what DuckDB makes of Ctrl-C
            raise KeyboardInterrupt from error
        raise
    finally:
        if draft is not None:
            draft.connection.close()
        shutil.rmtree(folder, ignore_errors=True)
        held.release()


def scratch_beside(target: Path) -> tuple[Path, Hold]:
    """Make a new folder beside `target`, on the same disk, so that what is finished there can be renamed.

    It is held, so that others can tell it from what an import that was killed has left.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        while True:
            folder = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", suffix=".importing", dir=target.parent))
            with suppress(FileNotFoundError):  # another import may have swept it up before it was held
                if (held := hold(folder)) is not None:
                    return folder, held
    except OSError as error:
        raise ImportFailed(f"nothing can be written to {target.parent}: {error.strerror}") from error


@contextmanager
def reading(source: Source) -> Iterator[None]:
    """Turn an error of the database while it reads `source` into one line about the file."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        if any(sign in str(error) for sign in ("Could not write", "No space left")):
            raise  # the disk is full: it is no fault of the file's
        offset = bad_byte(source)
        if offset is not None:
            raise ImportFailed(
                f"{source.found} is no UTF-8 text: the first wrong byte is at offset {offset:,}"
            ) from error
        raise ImportFailed(f"{source.found} cannot be read: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """Return the first line of a database error's message without the name of its kind."""
    return str(error).strip().splitlines()[0].split(" Error: ", 1)[-1]
