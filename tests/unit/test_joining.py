"""The joiner of ES modules: order, scopes, names, and what it refuses. No browser and no node is needed."""

import re

import pytest

from lib.explorers import Explorer, names
from lib.explorers.joining import as_module, joined


@pytest.fixture
def write(tmp_path):
    def write(**modules: str):
        for name, text in modules.items():
            path = tmp_path / f"{name.replace('__', '/')}.js"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def scopes(code: str) -> list[str]:
    return re.findall(r"^const (\w+) = \(\(\) => \{$", code, re.MULTILINE)


def test_what_is_needed_stands_first_and_once(write):
    root = write(
        page__explorer='import { b } from "./b.js";\nimport { a } from "../kit/a.js";\nexport default b;\n',
        page__b='import { a } from "../kit/a.js";\nexport const b = a + 1;\n',
        kit__a="export const a = 1;\n",
    )
    code, found = joined(root / "page" / "explorer.js", root=root)
    assert scopes(code) == ["kit__a", "page__b", "page__explorer"] and found == ("page__explorer",)
    assert not re.search(r"^(import|export)\b", code, re.MULTILINE)


def test_every_module_has_a_scope_of_its_own(write):
    root = write(
        one="const same = 1;\nexport const first = same;\n",
        two='import { first as same } from "./one.js";\nexport default same;\n',
    )
    assert as_module(root / "two.js", root) == (
        "/* one.js */\nconst one = (() => {\nconst same = 1;\nconst first = same;\nreturn { first };\n})();\n"
        "/* two.js */\nconst two = (() => {\nconst { first: same } = one;\n\nconst $default = same;\n"
        "return { default: $default };\n})();\nexport default two.default;\n"
    )


def test_all_forms_of_export_and_import_are_taken(write):
    root = write(
        a="export const one = 1;\nexport function two() {}\nexport async function three() {}\n"
        "export function* four() {}\nexport class Five {}\n",
        b="import {\n  one,\n  two as 二,\n  three, four, Five,\n} from './a.js';\nexport default one;\n",
    )
    code, _ = joined(root / "b.js", root=root)
    assert "return { one, two, three, four, Five };" in code
    assert "const { one, two: 二, three, four, Five } = a;" in code


def test_two_entries_share_what_both_import(write):
    root = write(
        a="export const a = 1;\n",
        b='import { a } from "./a.js";\nexport default a;\n',
        c='import { a } from "./a.js";\nexport const c = a;\n',
    )
    code, found = joined(root / "b.js", root / "c.js", root=root)
    assert scopes(code) == ["a", "b", "c"] and found == ("b", "c")


def test_words_in_comments_and_strings_are_left_alone(write):
    comment = '/* A module says\n *   import { a } from "./nowhere.js";\n */\n'
    root = write(a=f'{comment}export const a = `export default 1`;\nexport default "import";\n')
    code = as_module(root / "a.js", root)
    assert comment in code and "`export default 1`" in code


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ({"a": 'import { b } from "./bb.js";\n', "b": ""}, ["import in a.js", "'./bb.js'", "b.js"]),
        ({"a": 'import { b } from "three";\n'}, ["import in a.js", "'three'", "relative"]),
        ({"a": 'import { b } from "../../b.js";\n'}, ["import in a.js", "relative path inside"]),
        (
            {"a": 'import { lenght } from "./b.js";\n', "b": "export const length = 1;\n"},
            ["'lenght'", "length"],
        ),
        ({"a": 'import { 1 } from "./b.js";\n', "b": ""}, ["'1'", "b.js"]),
        ({"a": 'import { b c } from "./b.js";\n', "b": ""}, ["'b c'", "commas"]),
        ({"a": 'import { a } from "./a.js";\nexport const a = 1;\n'}, ["circle a.js → a.js"]),
        (
            {
                "a": 'import { b } from "./b.js";\nexport const a = 1;\n',
                "b": 'import { c } from "./c.js";\nexport const b = 1;\n',
                "c": 'import { b } from "./b.js";\nexport const c = 1;\n',
            },
            ["circle b.js → c.js → b.js"],
        ),
        ({"a": "\nexport let a = 1;\n"}, ["a.js, line 2", "export let a"]),
        ({"a": 'import * as b from "./b.js";\n'}, ["a.js, line 1", "import * as b"]),
        ({"a": 'export { b } from "./b.js";\n'}, ["a.js, line 1", "export { b }"]),
        ({"a": 'import "./b.js";\n'}, ["a.js, line 1"]),
        ({"a": "export const b = 1;\nexport function b() {}\n"}, ["export in a.js", "'b' 2 times"]),
        ({"a": "export default 1;\nexport default 2;\n"}, ["export in a.js", "'default' 2 times"]),
        ({"a": "export const b = 1;\n"}, ["a.js", "no default export"]),
    ],
)
def test_what_cannot_be_joined_is_named(write, modules, words):
    root = write(**modules)
    with pytest.raises(ValueError) as caught:
        as_module(root / "a.js", root)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_every_explorer_is_one_module_without_imports():
    for name in names():
        __import__(f"lib.explorers.{name}")
    kinds = {kind.name: kind for kind in Explorer.__subclasses__()}
    for name in names():
        module = kinds[name]._esm
        assert re.findall(r"^export .*", module, re.MULTILINE) == [
            f"export default {name}__explorer.default;"
        ]
        assert not re.search(r"^import\b", module, re.MULTILINE)
        assert module.count("/* kit/kit.js */") == 1 and scopes(module)[-1] == f"{name}__explorer"
