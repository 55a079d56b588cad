"""The digest of the code that made a result: what is part of it, and what is not."""

import pytest

from lib.experiments.provenance import code_digest, provenance
from lib.syntax import structure

RECIPE = """"Says what it does."
from lib.room import step


def run(x):
    return step(x)
"""
FILES = {
    "lib/__init__.py": "",
    "lib/recipe.py": RECIPE,
    "lib/room/__init__.py": "from .stairs import step\n",
    "lib/room/stairs.py": "import numpy\n\n\ndef step(x):\n    return 2 * x\n",
    "lib/other.py": "answer = 42\n",
}


@pytest.fixture
def library(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_digest_is_the_same_in_another_place(library, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("else where")
    for name, text in FILES.items():
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_text(text)
    assert code_digest("lib.recipe", library) == code_digest("lib.recipe", elsewhere)
    assert len(code_digest("lib.recipe", library)) == 64


@pytest.mark.parametrize(
    "name, old, new, other",
    [
        ("lib/recipe.py", "step(x)\n", "step(x) + 1\n", True),
        ("lib/room/stairs.py", "2 * x", "3 * x", True),  # reached through the room's doorway
        ("lib/room/__init__.py", "step\n", "step\n\nfloors = 2\n", True),
        ("lib/other.py", "42", "43", False),  # nothing here imports it
        ("lib/recipe.py", "Says what it does.", "Says it in other words.", False),
        ("lib/room/stairs.py", "2 * x", "(2 *  x)  # doubled", False),
    ],
)
def test_the_digest_follows_the_code_that_is_reached(library, name, old, new, other):
    before, path = code_digest("lib.recipe", library), library / name
    path.write_text(path.read_text().replace(old, new))
    assert path.read_text() != FILES[name]
    assert (code_digest("lib.recipe", library) != before) == other


def test_code_is_written_alike_by_every_version_of_python():
    """What is empty (keywords, defaults, decorators) is left out; `ast.dump` does so from Python 3.13 on."""
    code = '''
"What a module says."
def twice(x):  # a comment
    """What a function says."""
    return print(x   , 2)
'''
    expected = (
        "Module(body=[FunctionDef(args=arguments(args=[arg(arg='x')]), body=[Return(value=Call("
        "args=[Name(ctx=Load(), id='x'), Constant(value=2)], func=Name(ctx=Load(), id='print')))], "
        "name='twice')])"
    )
    assert structure(code) == expected
    assert structure("%matplotlib inline") == "%matplotlib inline"


def test_a_module_that_is_not_there_is_refused(library):
    with pytest.raises(FileNotFoundError, match=r"module: got 'lib\.nothing', expected a module below"):
        code_digest("lib.nothing", library)


def test_the_facts_are_those_of_this_machine():
    facts = provenance("lib.experiments.chapter_08")
    assert facts["code"] == code_digest("lib.experiments.chapter_08")
    assert all(facts[name] for name in ("commit", "date", "device", "software"))
    assert "torch" in facts["software"]
