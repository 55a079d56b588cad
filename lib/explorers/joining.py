"""The joiner: ES modules that import one another, made into one that needs nothing beside it.

An editor, node and a linter read the files as they are. anywidget and a plain page (from `file://` too) can
import nothing, so that each module becomes a function called once, which returns what the module exports:

    import { chart } from "../kit/chart.js";     const hill__explorer = (() => {
    export function render() { … }          →      const { chart } = kit__chart;  function render() { … }
                                                   return { render }; })();

A name may therefore stand in any number of modules. What is understood, each at the start of a line:
`import { a, b as c } from "./path.js";`, `export` before `const`, `function`, `async function` or `class`,
and `export default …;`.
"""

import difflib
import os
import re
from pathlib import Path
from typing import NamedTuple

_IMPORT = re.compile(r"^import\s*\{([^}]*)\}\s*from\s*([\"'])([^\"'\n]*)\2;[ \t]*$", re.MULTILINE)
_EXPORT = re.compile(
    r"^export\s+(?=(?:const|function\*?|async\s+function\*?|class)\s+([\w$]+))", re.MULTILINE
)
_DEFAULT = re.compile(r"^export\s+default\s+", re.MULTILINE)
_SPECIFIER = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?")
_LEFT_OVER = re.compile(r"^(?:import|export)\b[^\n]*", re.MULTILINE)


class Joined(NamedTuple):
    """Some modules in one text, `code`, and for each entry the constant that holds its exports."""

    code: str
    names: tuple[str, ...]


class _Module(NamedTuple):
    """One file: its body without import and export, whom it imports from (path, names), what it exports."""

    body: str
    imports: tuple[tuple[Path, tuple[tuple[str, str], ...]], ...]
    exports: tuple[str, ...]


def joined(*entries: Path, root: Path) -> Joined:
    """The modules `entries` and all that they import, each once and after those it needs.

    Every import is relative and stays within the folder `root`. Raises ValueError, naming the file, for an
    import that leads nowhere or in a circle, a name that is not exported, and a form not understood here.
    """
    root = root.resolve()
    modules: dict[Path, _Module] = {}
    for entry in entries:
        _gather(entry.resolve(), root, modules, ())
    code = "\n".join(_scope(path, module, root) for path, module in modules.items())
    return Joined(code, tuple(_name(entry.resolve(), root) for entry in entries))


def as_module(entry: Path, root: Path) -> str:
    """One ES module with the default export of `entry`; errors as in `joined`."""
    code, (name,) = joined(entry, root=root)
    if "$default" not in code.rpartition("\nreturn {")[2]:
        raise ValueError(
            f"{entry.name}: got no default export, expected one."
            " Remedy: end it with `export default { render };`."
        )
    return f"{code}\nexport default {name}.default;\n"


def _gather(path: Path, root: Path, modules: dict[Path, _Module], above: tuple[Path, ...]) -> None:
    """Read `path` and, before it, what it imports; `above` are those that are waiting for it."""
    if path in above:
        circle = " → ".join(each.relative_to(root).as_posix() for each in (*above[above.index(path) :], path))
        raise ValueError(
            f"import: got the circle {circle}, expected modules that can be put in order."
            " Remedy: move what both need into a third one."
        )
    if path in modules:
        return
    module = _read(path, root)
    for source, specifiers in module.imports:
        _gather(source, root, modules, (*above, path))
        offered = modules[source].exports
        for name, _ in specifiers:
            if name not in offered:
                near = difflib.get_close_matches(name, offered, n=3) or sorted(offered)
                raise ValueError(
                    f"import in {path.relative_to(root)}: got {name!r}, expected a name that"
                    f" {source.relative_to(root)} exports. Remedy: {', '.join(near) or 'export it there'}."
                )
    modules[path] = module


def _read(path: Path, root: Path) -> _Module:
    """Take a file apart."""
    text = path.read_text(encoding="utf-8")
    where = path.relative_to(root).as_posix()
    imports = tuple(
        (_resolve(found[3], path, root), _specifiers(found[1], where)) for found in _IMPORT.finditer(text)
    )
    exports = [*_EXPORT.findall(text), *(["default"] * len(_DEFAULT.findall(text)))]
    twice = sorted({name for name in exports if exports.count(name) > 1})
    if twice:
        raise ValueError(
            f"export in {where}: got {twice[0]!r} {exports.count(twice[0])} times, expected it once."
            " Remedy: export one thing under a name."
        )
    # An import keeps its line ends, so that a line that complains is found again in its file.
    body = _IMPORT.sub(lambda found: "\n" * found[0].count("\n"), text)
    body = _DEFAULT.sub("const $default = ", _EXPORT.sub("", body))
    left = _LEFT_OVER.search(body)
    if left:
        raise ValueError(
            f"{where}, line {body[: left.start()].count(chr(10)) + 1}: got {left[0][:60]!r}, expected"
            ' `import { a } from "./b.js";`, or `export` before const, function, class or default.'
            " Remedy: write it in one of these forms, at the start of a line."
        )
    return _Module(body, imports, tuple(exports))


def _resolve(source: str, path: Path, root: Path) -> Path:
    """The file that `path` means by `source`."""
    target = Path(os.path.normpath(path.parent / source))
    where = path.relative_to(root).as_posix()
    if not source.startswith(("./", "../")) or not target.is_relative_to(root):
        raise ValueError(
            f"import in {where}: got {source!r}, expected a relative path inside {root.name}/."
            " Remedy: write ./ before the name of a file beside this one; nothing else is there at run time."
        )
    if not target.is_file():
        files = [each.name for each in target.parent.glob("*.js")]
        near = difflib.get_close_matches(target.name, files, n=3) or sorted(files)
        raise ValueError(
            f"import in {where}: got {source!r}, expected a file that is there."
            f" Remedy: {', '.join(near) or 'write it'}."
        )
    return target


def _specifiers(text: str, where: str) -> tuple[tuple[str, str], ...]:
    """`a, b as c` as pairs (exported name, local name)."""
    pairs = []
    for each in (part.strip() for part in text.split(",")):
        found = _SPECIFIER.fullmatch(each)
        if found:
            pairs.append((found[1], found[2] or found[1]))
        elif each:
            raise ValueError(
                f"import in {where}: got {each!r}, expected a name or `name as another`."
                " Remedy: separate names by commas."
            )
    return tuple(pairs)


def _scope(path: Path, module: _Module, root: Path) -> str:
    """A module as a constant: a function that is called once and returns the exports."""
    lines = [f"/* {path.relative_to(root).as_posix()} */", f"const {_name(path, root)} = (() => {{"]
    for source, specifiers in module.imports:
        names = ", ".join(name if name == local else f"{name}: {local}" for name, local in specifiers)
        lines.append(f"const {{ {names} }} = {_name(source, root)};")
    offered = ", ".join("default: $default" if name == "default" else name for name in module.exports)
    return "\n".join([*lines, module.body.rstrip("\n"), f"return {{ {offered} }};", "})();"])


def _name(path: Path, root: Path) -> str:
    """The constant that holds a module's exports: `kit/chart.js` is `kit__chart`."""
    return re.sub(r"\W", "_", path.relative_to(root).with_suffix("").as_posix().replace("/", "__"))
