"""Each rule turns red on a notebook that breaks it, and stays green on one that breaks nothing."""

import base64
import io
from collections.abc import Callable

import nbformat
import numpy as np
import pytest
from PIL import Image

import address
import check_rules
import code_rules
import output_rules
from comparison import differences
from prose_rules import PROSE_RULES
from rules import RULES

ALT = "Two bell curves that overlap, the real one higher, and the optimal discriminator between them."


def png(pixels: np.ndarray) -> str:
    """A picture as notebooks store it."""
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def drawing(shape: tuple[int, int] = (120, 160), shift: int = 0) -> np.ndarray:
    """A white picture with a coloured ramp in one place."""
    pixels = np.full((*shape, 3), 255)
    pixels[20:80, 20 + shift : 84 + shift, :2] = np.arange(64)[None, :, None] * 3
    return pixels


def stream(text: str, name: str = "stdout") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", text=text, name=name)


def shown(text: str, **data: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", data={"text/plain": text, **data})


def returned(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("execute_result", data={"text/plain": text}, execution_count=1)


def figure(pixels: np.ndarray) -> nbformat.NotebookNode:
    return shown("<Figure size 640x480 with 1 Axes>", **{"image/png": png(pixels)})


def claimed(**numbers: float | str) -> nbformat.NotebookNode:
    output = shown("✓ S2.49: holds, error at most 1e-06")
    output.metadata["claim"] = {"id": "S2.49", "what": "", "measured": 0.5, "expected": 0.5, **numbers}
    return output


def error() -> nbformat.NotebookNode:
    return nbformat.v4.new_output("error", ename="ValueError", evalue="planted", traceback=["planted"])


def cell(name: str, source: str, *outputs, tags: tuple[str, ...] = (), **metadata) -> nbformat.NotebookNode:
    made = nbformat.v4.new_code_cell(source, id=name, outputs=list(outputs))
    made.metadata.update({"tags": list(tags), **metadata})
    return made


def good() -> nbformat.NotebookNode:
    """A notebook with every kind of cell, each as it should be."""
    alt = {"mystnb": {"image": {"alt": ALT}}}
    folded = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return numbered(
        cell("bootstrap", address.bootstrap(""), tags=["remove-cell"], **folded),
        cell("set-up", "%matplotlib inline\nfrom lib.claims import claim\ncount = 7 % 3"),
        cell(
            "curve",
            "axes.plot(x, y, '--', color=roles['real'])",
            figure(drawing()),
            tags=("hide-input",),
            **alt,
            **folded,
        ),
        cell("check-value", 'claim("S2.49", 0.5, 0.5)', claimed(), tags=("nbval-check-output",)),
        cell("shown-error", "divide(0)", error(), tags=("raises-exception",)),
        cell("printed", "print(values)", stream("the infimum is 0.5, for finance too\n")),
    )


def numbered(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# A title", id="title"), *cells]
    )
    notebook.nbformat_minor = 5
    for count, each in enumerate((c for c in cells if c.source), start=1):
        each.execution_count = count
    return notebook


def change(name: str, alter: Callable[[nbformat.NotebookNode], object]) -> nbformat.NotebookNode:
    notebook = good()
    alter(next(each for each in notebook.cells if each.id == name))
    return notebook


def with_source(source: str) -> nbformat.NotebookNode:
    return change("printed", lambda c: c.update(source=source))


def with_output(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return change("printed", lambda c: c.update(outputs=[output]))


def with_alt(text: str) -> nbformat.NotebookNode:
    return change("curve", lambda c: c.metadata.update(mystnb={"image": {"alt": text}}))


def bounded(form: str, measured: float, bound: float) -> nbformat.NotebookNode:
    """A notebook that claims an inequality and nothing else in the same cell."""
    claim = claimed(form=form, measured=measured, expected=bound)
    return change("check-value", lambda c: c.update(outputs=[claim]))


def folded_definition() -> nbformat.NotebookNode:
    notebook = with_source("print(height)")
    next(c for c in notebook.cells if c.id == "curve").source += "\nheight = 3"
    return notebook


def tall_claim(lines: int, *hidden: str) -> nbformat.NotebookNode:
    """A notebook with one claim, broken into so many lines."""
    source = "claim(\n" + "    0.5,\n" * (lines - 2) + ")"
    return numbered(cell("tall", source, claimed(), tags=("nbval-check-output", *hidden)))


def old_format() -> nbformat.NotebookNode:
    notebook = good()
    notebook.nbformat_minor = 4
    return notebook


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_good_notebook_has_no_complaints(rule):
    assert rule(good()) == []


code, out = code_rules, output_rules
PLANTED = [
    (code.format_version, old_format()),
    (code.cell_ids, change("printed", lambda c: c.update(id="curve"))),
    (code.cell_ids, change("printed", lambda c: c.update(id="3f2a9c01"))),
    (code.cell_ids, change("printed", lambda c: c.update(id="8b5a1c3e-2f40-4d6e-9a77-0123456789ab"))),
    (code.cell_ids, change("printed", lambda c: c.update(id="My Cell"))),
    (code.is_python, with_source("for x in")),
    (code.magics, with_source("%badmagic\nraise ValueError")),
    (code.magics, with_source("!false")),
    (code.magics, with_source("files = !ls")),
    (code.magics, with_source("%%time\nx = 1")),
    (code.magics, with_source("print?")),
    (code.magics, with_source("if True:\n    %timeit x")),
    (code.trailing_semicolon, with_source("axes.plot(x);")),
    (code.size, with_source("\n".join(f"x{i} = {i}" for i in range(code.VISIBLE_LINES + 1)))),
    (code.size, numbered(*(cell(f"cell-{i}", "x = 1") for i in range(code.CODE_CELLS + 1)))),
    (code.no_walls, tall_claim(code.PHYSICAL_LINES + 1)),
    (code.colour_literals, with_source("axes.plot(x, color='#D55E00')")),
    (code.colour_literals, with_source("ink = '#fff'")),
    (code.colour_literals, with_source("axes.plot(x, color='red')")),
    (code.colour_literals, with_source("axes.scatter(x, y, c='C0')")),
    (code.colour_literals, with_source("axes.plot(x, y, 'k--')")),
    (code.colour_literals, with_source("axes.plot(x, y, 'C1')")),
    (check_rules.relative_tolerance, with_source("assert np.allclose(x, y, atol=1e-9)")),
    (check_rules.relative_tolerance, with_source("assert torch.isclose(x, y)")),
    (check_rules.bounds_bite, bounded("at least", 0.093, 1e-6)),
    (check_rules.bounds_bite, bounded("at least", -1e-6, -0.01)),
    (check_rules.bounds_bite, bounded("at most", 7e-7, 1e-3)),
    (check_rules.bounds_bite, bounded("at most", -2e-4, -1e-7)),
    (out.execution_counts, change("printed", lambda c: c.update(execution_count=None))),
    (out.execution_counts, change("printed", lambda c: c.update(execution_count=9))),
    (out.stored_errors, with_output(error())),
    (out.unused_raises_exception, change("shown-error", lambda c: c.update(outputs=[]))),
    (out.stray_outputs, with_output(stream("UserWarning: planted", "stderr"))),
    (out.stray_outputs, with_output(stream(" 40%|████      | 40/100 [00:01<00:02, 31.2it/s]"))),
    (out.stray_outputs, with_output(shown("[<matplotlib.lines.Line2D at 0x7f0a1b2c3d4e>]"))),
    (out.stray_outputs, with_output(shown("Text(0.5, 1.0, 'title')"))),
    (out.stray_outputs, with_output(shown("<lib.laws.Law object at 0x7f0a1b2c3d4e>"))),
    (out.stray_outputs, change("curve", lambda c: c.outputs.append(returned("[(0.0, 1.0)]")))),
    (out.claims_are_compared, change("check-value", lambda c: c.metadata.update(tags=[]))),
    (out.claims_are_compared, change("check-value", lambda c: c.update(source="x = 1"))),
    (out.claims_are_compared, change("check-value", lambda c: c.update(outputs=[]))),
    (out.claims_are_compared, change("check-value", lambda c: c.update(outputs=[stream("holds")]))),
    (code.visible_code_stands_alone, folded_definition()),
    (out.alt_text, change("curve", lambda c: c.metadata.pop("mystnb"))),
    (out.alt_text, with_alt("Two curves.")),
    (out.alt_text, with_alt("A figure of two curves that overlap, with the discriminator between them.")),
    (out.alt_text, change("curve", lambda c: c.metadata.update(tags=[]))),
    (out.blank_figures, change("curve", lambda c: c.update(outputs=[figure(np.full((120, 160, 3), 255))]))),
    (out.blank_figures, change("curve", lambda c: c.update(outputs=[figure(np.zeros((120, 160, 3)))]))),
    (out.finite_numbers, with_output(stream("step 100: critic nan, generator 0.7"))),
    (out.finite_numbers, with_output(shown("tensor([0.5, -inf])"))),
    (out.finite_numbers, change("check-value", lambda c: c.update(outputs=[claimed(measured=float("nan"))]))),
    (out.finite_numbers, change("check-value", lambda c: c.update(outputs=[claimed(error="inf")]))),
    (out.machine_paths, with_output(stream("saved to /home/somebody/book/results.json"))),
    (out.machine_paths, with_source("path = '/tmp/results.json'")),
    (out.machine_paths, with_output(stream(r"C:\Users\somebody\book"))),
]


@pytest.mark.parametrize(("rule", "notebook"), PLANTED, ids=[rule.__name__ for rule, _ in PLANTED])
def test_planted_fault_is_reported_by_its_rule(rule, notebook):
    assert rule(notebook)


def test_claim_beside_a_progress_bar_is_reported():
    source = 'for _ in progress(moves, 3, "moves"):\n    pass\nclaim("S2.49", 0.5, 0.5)'
    mixed = numbered(cell("mixed", source, claimed(), tags=("nbval-check-output",)))
    assert output_rules.claims_are_compared(mixed) == [
        "cell mixed: claims beside a progress bar; claim in a cell of its own"
    ]


@pytest.mark.parametrize(
    ("form", "measured", "bound"),
    [
        ("at least", 0.5, 0.1),
        ("at least", 0.09, 0.0),  # a sign
        ("at least", -1e-16, -1e-12),  # no less than 0, but for rounding
        ("at most", 1e-16, 1e-9),
        ("at most", -0.1, 0.6),
        ("at most", 2e-7, 1e-4),
    ],
)
def test_bounds_that_could_be_missed_are_fine(form, measured, bound):
    assert check_rules.bounds_bite(bounded(form, measured, bound)) == []


def test_a_generous_bound_may_stand_beside_an_equality():
    beside = claimed(form="equality"), claimed(form="at least", measured=0.09, expected=1e-6)
    assert check_rules.bounds_bite(numbered(cell("two", "claim()", *beside))) == []


def test_claim_counts_as_one_line_however_it_is_broken():
    broken = "claim(\n    'S2.49',\n    x,\n    0.5,\n)\n"
    assert code.visible_lines(cell("one", "x = 0.5\n\n" + broken)) == 2
    assert code.visible_lines(cell("one", broken.replace("claim", "measure"))) == 5


def test_wall_is_reported_with_its_height_and_a_remedy_though_it_is_one_claim():
    wall = tall_claim(31)
    assert code.size(wall) == []  # one sentence, by that count
    assert code.no_walls(tall_claim(30)) == code.no_walls(tall_claim(31, "hide-input")) == []
    (complaint,) = code.no_walls(wall)
    said = "cell tall: got 31 physical lines, expected at most 30. Remedy: name what is measured"
    assert complaint.startswith(said)
    blank = with_source("x = 1" + "\n" * 30 + "y = 2")  # a blank line takes its place on the page
    assert code.size(blank) == [] and code.no_walls(blank)


def test_every_rule_has_a_planted_fault():
    assert {rule for rule, _ in PLANTED} == set(RULES) - set(PROSE_RULES)  # see test_prose_itself.py


def empty_axes() -> np.ndarray:
    pixels = np.full((120, 160, 3), 255)
    pixels[20:80, 20:84] = 0
    pixels[24:76, 24:80] = 255
    return pixels


def test_same_outputs_do_not_differ():
    assert differences(good(), good()) == []
    moved = change("curve", lambda c: c.update(outputs=[figure(drawing(shift=30))]))
    assert differences(good(), moved) == []  # a trained figure looks different on every machine
    other = change("printed", lambda c: c.update(outputs=[stream("it took 3 s")]))
    assert differences(good(), other) == []  # what an untagged cell prints may differ between machines


DIFFERENT = {
    "another text": change(
        "check-value", lambda c: c.update(outputs=[shown("✓ S2.49: holds, error at most 1e-05")])
    ),
    "stripped": change("printed", lambda c: c.update(outputs=[])),
    "swallowed": change("check-value", lambda c: c.update(outputs=[stream("UsageError", "stderr")])),
    "figure missing": change("curve", lambda c: c.update(outputs=[])),
    "figure of another size": change("curve", lambda c: c.update(outputs=[figure(drawing((200, 160)))])),
    "only the axes left": change("curve", lambda c: c.update(outputs=[figure(empty_axes())])),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_fresh_run_that_shows_something_else_is_reported(name):
    assert differences(good(), DIFFERENT[name])
    assert differences(DIFFERENT[name], good())


def test_figure_marked_deterministic_must_look_the_same():
    def mark(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        next(c for c in notebook.cells if c.id == "curve").metadata.tags.append("deterministic-figure")
        return notebook

    moved = change("curve", lambda c: c.update(outputs=[figure(drawing(shift=30))]))
    assert differences(mark(good()), mark(good())) == []
    assert differences(mark(good()), mark(moved))


def test_address_fills_the_cell_and_nothing_else(tmp_path):
    path = tmp_path / "01_chapter.ipynb"
    nbformat.write(good(), path)
    url = "https://github.com/somebody/book"
    assert address.write_address(path, url) and not address.write_address(path, url)
    written, before = nbformat.read(path, as_version=4), good()
    assert f'REPOSITORY = "{url}"' in written.cells[1].source
    before.cells[1].source = written.cells[1].source
    assert written.cells == before.cells


@pytest.mark.parametrize(
    ("text", "url"), [("{url: ''}", ""), ("{}", ""), ("{url: https://a.b/c/d}", "https://a.b/c/d")]
)
def test_address_is_read_from_the_configuration(tmp_path, text, url):
    (tmp_path / "_config.yml").write_text(f"repository: {text}\n")
    assert address.address(tmp_path / "_config.yml") == url


def test_impossible_address_is_refused(tmp_path):
    (tmp_path / "_config.yml").write_text('repository: {url: "github.com/c/d\\"; import os"}\n')
    with pytest.raises(ValueError, match="expected https://"):
        address.address(tmp_path / "_config.yml")


def test_bootstrap_cell_says_what_it_needs_and_leaves_an_installed_library_alone(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr("subprocess.run", lambda command, check: calls.append(command))
    exec(address.bootstrap(""), {})  # `lib` is importable here
    assert calls == []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "lib" else object())
    with pytest.raises(ModuleNotFoundError, match=r"needs the book's library.*START\.md.*pip install"):
        exec(address.bootstrap(""), {})
    url = "https://github.com/somebody/book"
    exec(address.bootstrap(url), {})
    assert url in capsys.readouterr().out
    assert f"gans-from-first-principles[transport] @ git+{url}" in calls[0]
    assert [part.split("==")[0] for part in calls[0][-2:]] == ["torch", "numpy"]  # pinned to what is there
