"""Every chapter as JupyterLab shows it: rendered, its folds closed, its widgets alive."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from blocks import blocks, folds
from fingerprint import read_notebook

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))
TO_THE_END = "12_kantorovich_duality.ipynb"  # the quickest, and it has two explorers
PATIENCE = 300_000  # milliseconds; for a machine with other things to do

RENDERED = """() => {
  const cells = [...document.querySelectorAll('.jp-Notebook .jp-MarkdownCell')];
  const words = (cell) => {
    const texts = [], walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
      if (!walker.currentNode.parentElement.closest('code, pre, mjx-container, .cm-editor'))
        texts.push(walker.currentNode.data);
    return texts.join(' ');
  };
  return cells.map((cell) => words(cell.querySelector('.jp-RenderedMarkdown') ?? cell));
}"""
SETTLED = (
    f"() => {{ const all = ({RENDERED})(); return all.length && !all.some((text) => text.includes('$')); }}"
)
FOLDS = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].map((cell) => ({
  source: cell.querySelector('.jp-InputPlaceholder')?.textContent ?? null,
  outputs: cell.querySelector('.jp-OutputPlaceholder') !== null,
  editor: cell.querySelector('.cm-content')?.getClientRects().length > 0,
  shown: [...cell.querySelectorAll('.jp-OutputArea-output')].some((each) => each.getClientRects().length > 0),
}))"""
RUNNING = """() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')]
  .filter((cell) => /^\\[\\*\\]/.test(cell.querySelector('.jp-InputPrompt')?.textContent ?? '')).length"""


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda path: path.stem)
def opened(request, browser, lab) -> Iterator[tuple[Path, Page]]:
    """A chapter in JupyterLab, all its cells rendered."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.goto(lab(request.param.name))
    page.wait_for_selector(".jp-Notebook .jp-MarkdownCell.jp-mod-rendered")
    page.wait_for_function(SETTLED)
    yield request.param, page
    page.close()


def test_there_are_chapters_to_open():
    assert TO_THE_END in [path.name for path in CHAPTERS]


def test_all_cells_are_in_the_page(opened):
    path, page = opened
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(read_notebook(path).cells)


def test_prose_is_rendered_and_no_directive_is_left(opened):
    _, page = opened
    texts = page.evaluate(RENDERED)
    raw = re.compile(r":::|\{[a-z:]+\}|\$|\*\*|\]\(|^\s*> |</?(?:details|summary|a)\b|\\[a-z]+", re.MULTILINE)
    assert [match.group() for text in texts for match in raw.finditer(text)] == []
    assert sum(map(len, texts)) > 10_000


def test_mathematics_is_typeset(opened):
    _, page = opened
    assert page.locator(".jp-RenderedMarkdown mjx-container").count() > 50
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_blocks_are_quotations_and_proofs_are_closed(opened):
    path, page = opened
    prose = [cell.source for cell in read_notebook(path).cells if cell.cell_type == "markdown"]
    assert page.locator(".jp-RenderedMarkdown blockquote").count() == sum(len(blocks(text)) for text in prose)
    assert page.locator(".jp-RenderedMarkdown details").count() == sum(len(folds(text)) for text in prose) > 0
    assert page.locator(".jp-RenderedMarkdown details[open]").count() == 0


def test_a_proof_opens_and_shows_its_mathematics(opened):
    _, page = opened
    fold = page.locator(".jp-RenderedMarkdown details").first
    fold.locator("summary").click()
    assert fold.locator("mjx-container").first.is_visible()
    fold.locator("summary").click()
    assert not fold.locator("mjx-container").first.is_visible()


def test_folded_cells_are_folded_and_say_what_they_hold(opened):
    path, page = opened
    cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
    seen = page.evaluate(FOLDS)
    assert len(seen) == len(cells)
    for cell, found in zip(cells, seen, strict=True):
        hidden = cell.metadata.get("jupyter", {})
        first = cell.source.split("\n")[0]
        assert (found["source"] is not None) == hidden.get("source_hidden", False), cell.id
        assert found["source"] is None or first.strip() in found["source"], cell.id
        assert found["outputs"] == hidden.get("outputs_hidden", False), cell.id


def test_no_solution_is_open(opened):
    path, page = opened
    cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
    closed = [
        found
        for cell, found in zip(cells, page.evaluate(FOLDS), strict=True)
        if cell.id.endswith("-solution")
    ]
    assert closed
    assert not any(found["editor"] or found["shown"] for found in closed)


def test_link_inside_a_chapter_arrives_at_its_block(opened):
    path, page = opened
    links = page.locator(".jp-RenderedMarkdown a[href^='#']:not(.jp-InternalAnchorLink):visible")
    assert links.count() > 0, f"{path.name} has no link to a block of its own, so this proves nothing"
    link = links.first
    target = link.get_attribute("href").removeprefix("#")
    link.scroll_into_view_if_needed()
    link.click()
    page.wait_for_function(
        """(name) => {
          const anchor = document.querySelector(`[data-jupyter-id="${name}"], [id="${name}"]`);
          const box = anchor?.getBoundingClientRect();
          return box && box.top >= 0 && box.bottom <= innerHeight;
        }""",
        arg=target,
        timeout=10_000,
    )


def test_a_chapter_runs_to_its_end_and_its_widgets_live(browser, lab):
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.goto(lab(TO_THE_END))
    page.wait_for_selector(".jp-Notebook .jp-MarkdownCell.jp-mod-rendered")
    page.wait_for_selector(
        ".jp-Toolbar-kernelStatus[data-status=idle], .jp-Notebook-ExecutionIndicator[data-status=idle]"
    )
    page.click("text=Run >> nth=0")
    page.click(".lm-Menu-item[data-command='runmenu:run-all']")
    page.wait_for_function(f"() => ({RUNNING})() > 0")
    page.wait_for_function(f"() => ({RUNNING})() === 0")
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
    count = sum(cell.cell_type == "code" for cell in read_notebook(CHAPTERS[0].parent / TO_THE_END).cells)
    errors = page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.error']").all_inner_texts()
    broken = page.locator("text=/Error displaying widget|Failed to load model|Loading widget/").count()
    explorers = page.locator(".jp-OutputArea [data-explorer]")
    ready = page.locator(".jp-OutputArea [data-explorer][data-ready=true]").count()
    shown = explorers.count()
    page.close()
    assert errors == [] and broken == 0
    assert prompts[-1] == f"[{count}]:"
    assert shown == ready == 2
