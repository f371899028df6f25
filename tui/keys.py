"""Keys of one's own: one TOML file that gives bindings other keys, and the list of all bindings to begin it with."""

from __future__ import annotations

import inspect
import json
import os
import pkgutil
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path

from platformdirs import user_config_path
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import Keys, _character_to_key
from textual.screen import ModalScreen, Screen

import musicrec.tui
from musicrec.core.errors import UsageError
from musicrec.tui.cells import tame

MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
EVERYWHERE = ("list.", "panel.")  # bindings of the lists and panels that every place has
HEAD = """\
# Keys of musicrec. Keep the lines that you want to change, in {path}
# A key is a character ("/"), a name ("pageup"), or either after modifiers ("ctrl+f"); ["j", "down"] gives several.

[keys]
"""
Bindings = Mapping[str, tuple[str, str]]  # id → keys with commas between, tooltip
Table = dict[str, object]
_PARTS = re.compile(r"((?:[^+]+\+)*)(.[^+]*)")  # modifiers, each with its plus, and a key


def keymap_file() -> Path:
    """Return where the file is: at MUSICREC_KEYS, or in the folder for such files on this platform."""
    given = os.environ.get("MUSICREC_KEYS")
    return Path(given) if given else user_config_path("musicrec", appauthor=False) / "keys.toml"


def read_keymap(path: Path | None = None) -> dict[str, str]:
    """Return the keys that a file changes, as `App.set_keymap` takes them: id → keys with commas between.

    Without a path the usual file is read, which need not exist. Raises UsageError, naming the file and what is wrong.
    """
    file = path or keymap_file()
    if path is None and not os.environ.get("MUSICREC_KEYS") and not file.exists():
        return {}
    defaults = {name: keys for name, (keys, _) in known_bindings().items()}
    keymap: dict[str, str] = {}
    for name, value in _read(file).items():
        if name not in defaults:
            near = get_close_matches(name, defaults, 1, 0.4)
            hint = f"; did you mean {near[0]}?" if near else "; `musicrec keys` prints them all"
            raise UsageError(f"{file}: no binding is called {tame(name)}{hint}")
        keys = ",".join(dict.fromkeys(_key(file, name, key) for key in _listed(file, name, value)))
        if set(keys.split(",")) != set(defaults[name].split(",")):
            keymap[name] = keys
    _check_clashes(file, keymap)
    return keymap


@cache
def known_bindings() -> Bindings:
    """Return every binding that has an id: its usual keys, with commas between, and what it does."""
    found: dict[str, tuple[str, str]] = {}
    for kind in _kinds():
        for binding in kind.__dict__.get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id is not None:
                keys = ",".join(each.key for each in Binding.make_bindings([binding]))
                found.setdefault(binding.id, (keys, binding.tooltip or binding.description))
    return dict(sorted(found.items()))


def keymap_toml() -> str:
    """Return a complete file: every id, its usual keys, and a comment on what it does."""
    lines: list[str] = []
    before = ""
    for name, (keys, tooltip) in known_bindings().items():
        group = name.partition(".")[0]
        lines += [""] if before not in ("", group) else []
        before = group
        shown = [json.dumps(_shown(key), ensure_ascii=False) for key in keys.split(",")]
        value = shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"
        lines.append(f"{json.dumps(name)} = {value}  # {tooltip}")
    return HEAD.format(path=keymap_file()) + "\n".join(lines) + "\n"


def _read(file: Path) -> Table:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{file} is not TOML: {str(error) or 'nested too deep'}") from error
    if strange := sorted(content.keys() - {"keys"}):
        raise UsageError(f"{file}: {tame(strange[0])} has no meaning; keys stand in a table [keys]")
    table = content.get("keys", {})
    if not isinstance(table, dict):
        raise UsageError(f"{file}: keys must be a table, [keys]")
    return dict(_flat(table))


def _flat(table: Table, before: str = "") -> Iterator[tuple[str, object]]:
    # Without quotes explore.search = "/" is a table in a table
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _listed(file: Path, name: str, value: object) -> list[str]:
    keys = [key for key in (value if isinstance(value, list) else [value]) if isinstance(key, str) and key]
    if not keys or (isinstance(value, list) and len(keys) < len(value)):
        raise UsageError(f'{file}: {name} needs a key such as "ctrl+f", or a list of keys')
    return keys


def _key(file: Path, binding: str, text: str) -> str:
    """Return a key as Textual names it."""
    parts = _PARTS.fullmatch(text)
    before, name = parts.groups() if parts else ("", text)
    modifiers = sorted(set(before.lower().split("+")[:-1]))
    key = _character_to_key(name) if len(name) == 1 else name.lower()
    if modifiers == ["shift"] and len(key) == 1:
        modifiers, key = [], key.upper()
    elif "ctrl" in modifiers:
        key = key.lower()
    if (wrong := next((each for each in modifiers if each not in MODIFIERS), None)) is not None:
        raise UsageError(f"{file}: {binding}: {wrong!r} in {text!r} is none of {', '.join(MODIFIERS)}")
    if key not in _names() and not (len(key) == 1 and key.isprintable()):
        near = get_close_matches(key, _names(), 1, 0.4)
        raise UsageError(
            f"{file}: {binding}: no key is called {text!r}" + (f"; did you mean {near[0]}?" if near else "")
        )
    return "+".join([*modifiers, key])


@cache
def _signs() -> Mapping[str, str]:
    """Return the characters that have keys with names of their own, by these names."""
    signs = {_character_to_key(chr(code)): chr(code) for code in range(0x21, 0x7F)}
    return {key: character for key, character in signs.items() if key != character}


@cache
def _names() -> frozenset[str]:
    named = {str(key.value).rpartition("+")[2] for key in Keys}
    return frozenset({*(key for key in named if key.isalnum()), *_signs(), *FUNCTIONAL_KEYS.values(), "space"})


def _shown(key: str) -> str:
    return _signs().get(key, key)


def _check_clashes(file: Path, keymap: Mapping[str, str]) -> None:
    """Find a new key that something else has, where both work: in one class, in the app, in what every place has."""
    held = {kind: _held(kind, keymap) for kind in _kinds()}
    apps = [keys for kind, keys in held.items() if issubclass(kind, App)]
    lists = [{name: each for name, each in keys.items() if name.startswith(EVERYWHERE)} for keys in held.values()]
    for kind, keys in held.items():
        under = [] if issubclass(kind, ModalScreen) else apps  # what is under a dialog has no keys
        beside = lists if issubclass(kind, Screen) else []
        for others in (keys, *under, *beside):
            _compare(file, keys, others, keymap)


def _held(kind: type[DOMNode], keymap: Mapping[str, str]) -> dict[str, set[str]]:
    """Return what has which keys in a class; a binding without an id goes by what it does."""
    held: dict[str, set[str]] = {}
    for key, binding in kind._merged_bindings or BindingsMap():
        name = binding.id or f"Textual's {binding.description or binding.action}"
        held.setdefault(name, set()).update(keymap[name].split(",") if name in keymap else [key])
    if issubclass(kind, App):
        held["Textual's command palette"] = {kind.COMMAND_PALETTE_BINDING}
    return held


def _compare(
    file: Path, some: Mapping[str, set[str]], others: Mapping[str, set[str]], keymap: Mapping[str, str]
) -> None:
    for one, other in ((one, other) for one in some for other in others if one != other):
        if both := some[one] & others[other] & (_new(one, keymap) | _new(other, keymap)):
            raise UsageError(f"{file}: {_shown(min(both))} is given to both {one} and {other}")


def _new(name: str, keymap: Mapping[str, str]) -> set[str]:
    return set(keymap[name].split(",")) - set(known_bindings()[name][0].split(",")) if name in keymap else set()


@cache
def _kinds() -> tuple[type[DOMNode], ...]:
    """Return every class of the screen, from all of its modules."""
    kinds: list[type[DOMNode]] = []
    for module in pkgutil.walk_packages(musicrec.tui.__path__, "musicrec.tui."):
        try:
            members = vars(import_module(module.name)).values()
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("musicrec"):
                raise
            continue  # it needs an extra that is not installed, and has no keys
        found = [each for each in members if inspect.isclass(each) and each.__module__ == module.name]
        kinds += [each for each in found if issubclass(each, DOMNode)]
    return tuple(kinds)
