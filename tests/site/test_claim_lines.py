"""The lines of the claims on the page: what was measured, what was allowed, and the way to the ledger."""

import copy
import json
import re

import pytest
from bs4 import BeautifulSoup

from browsing import ROOT, without_mathematics
from claim_lines import LONGEST_RUN, beside, dress, dressed_line, powers

NOTEBOOKS = sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))
LINE = (
    '<div class="claim" id="claim-S1.20" data-claim="S1.20"><span class="claim-mark">✓</span> '
    '<span class="claim-id">S1.20</span> <span class="claim-what">slope 1e-3:</span> '
    '<span class="claim-bound">holds, error at most 1e-09.</span> '
    '<span class="claim-oracle">Against: <span class="math">\\(10^{-1}\\)</span>.</span></div>'
)


def record(form="equality", **numbers) -> dict:
    """Return the metadata of a claim."""
    usual = {
        "id": "S1.20",
        "what": "slope",
        "bound": "",
        "where": "",
        "expected": 0.0,
        "error": 0.0,
        "tolerance": 0.0,
    }
    return usual | {"form": form} | numbers


def output(number: int) -> dict:
    """Return the stored output of one claim."""
    markup = LINE.replace('id="claim-S1.20"', f'id="claim-S1.20-{number}"')
    metadata = {"claim": record(measured=1.0, expected=1.0, tolerance=1e-9)}
    data = {"text/plain": f"✓ line {number}", "text/html": markup}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1e-12", "10⁻¹²"),
        ("at most 5e-05.", "at most 5\u00a0×\u00a010⁻⁵."),
        ("2.5E+10", "2.5\u00a0×\u00a010¹⁰"),
        ("at least -1e-09, at most 3", "at least −10⁻⁹, at most 3"),
        ("[-0.5, 2]", "[−0.5, 2]"),
        ("S2.49 and 7-8, 1-Lipschitz, claim-1e3f", "S2.49 and 7-8, 1-Lipschitz, claim-1e3f"),
    ],
)
def test_powers_of_ten_are_written_as_powers(given, expected):
    assert powers(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            record(measured=0.5, expected=0.5, error=3.21e-17, tolerance=1e-12),
            ("measured 0.5, error 3.2\u00a0×\u00a010⁻¹⁷", "allowed 10⁻¹²"),
        ),
        (
            record(measured=9.0, error=0.021, tolerance=0.1, where="entry (3, 1) of shape (50, 40)"),
            ("error 0.021 at the worst of 2\u202f000", "allowed 0.1"),
        ),
        (record(measured=4.0, expected=4.0), ("measured 4, exactly equal", "no error allowed")),
        (
            record("at least", measured=0.84, expected=0.5, bound="at least 0.5"),
            ("measured 0.84", "allowed at least 0.5"),
        ),
        (
            record("at most", measured=-1.2, expected=0.125, bound="at most the bound computed beside it"),
            ("measured −1.2", "allowed at most 0.125"),
        ),
        (
            record("at least and at most", measured=2.0, expected=3.0, bound="at least 1, at most 3"),
            ("measured 2", "allowed at least 1, at most 3"),
        ),
        (
            record("statistical", measured=1.25, expected=1.0, error=0.25, tolerance=0.8)
            | {"bound": "within 4 standard errors"},
            ("measured 1.25, expected 1, off by 0.25", "allowed 0.8 (4 standard errors)"),
        ),
        (
            record("reach", measured=0.1234, bound="within [0.05, 0.3], the reach of 20 stored runs"),
            ("measured 0.123", "allowed [0.05, 0.3], the reach of 20 stored runs"),
        ),
    ],
)  # fmt: skip
def test_a_line_says_what_was_measured_and_what_was_allowed(given, expected):
    assert beside(given) == expected


def test_a_form_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match=r"form: got 'hearsay', expected equality"):
        beside(record("hearsay", measured=1.0))


def test_a_dressed_line_links_its_identifier_and_leaves_formulas_alone():
    line = BeautifulSoup(dressed_line(LINE, record(measured=2.0, error=1e-10, tolerance=1e-9)), "html.parser")
    link = line.select_one("a.claim-id")
    assert (link["href"], link.get_text()) == ("ledger.html#entry-S1.20", "S1.20")
    assert "ledger" in link["title"] and "S1.20" in link["title"]
    assert line.select_one(".claim-measured").get_text() == "measured 2, error 10⁻¹⁰"
    assert line.select_one(".claim-allowed").get_text() == "allowed 10⁻⁹"
    assert line.select_one(".claim-what").get_text() == "slope 10⁻³:"
    assert line.select_one(".math").get_text() == "\\(10^{-1}\\)"
    assert line.div["id"] == "claim-S1.20"


def test_a_line_without_a_place_for_its_numbers_is_refused():
    with pytest.raises(ValueError, match=r"claim S1.20: got 0 bounds in its line, expected one"):
        dressed_line("<div>holds</div>", record(measured=1.0))


def test_a_line_of_stored_runs_needs_no_identifier():
    bare = LINE.replace('<span class="claim-id">S1.20</span> ', "")
    reach = {
        "id": "",
        "form": "reach",
        "what": "modes",
        "measured": 8.0,
        "bound": "within [7, 8], the reach of 20 stored runs",
    }
    assert "measured 8" in dressed_line(bare, reach)
    assert "href" not in dressed_line(bare, reach)


def test_only_a_run_of_more_than_three_folds_and_only_where_nothing_interrupts_it():
    text = {"output_type": "stream", "name": "stdout", "text": "between"}
    three = [output(number) for number in range(LONGEST_RUN)]
    cells = [three, [*three, output(3)], [*three, text, output(3)]]
    notebook = {"cells": [{"cell_type": "code", "outputs": copy.deepcopy(outputs)} for outputs in cells]}
    dress(notebook)
    few, many, interrupted = (cell["outputs"] for cell in notebook["cells"])
    assert len(few) == 3 and len(interrupted) == 5 and interrupted[3] == text
    assert len(many) == 1
    folded = BeautifulSoup(many[0]["data"]["text/html"], "html.parser")
    assert folded.details.summary.get_text(" ", strip=True) == "✓ 4 checks hold S1.20"
    assert [line["id"] for line in folded.select(".claim")] == [
        f"claim-S1.20-{number}" for number in range(4)
    ]
    assert many[0]["metadata"]["claims"] == [each["metadata"]["claim"] for each in cells[1]]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_stored_claim_can_be_dressed(path):
    notebook = json.loads(path.read_text())
    stored = [
        each
        for cell in notebook["cells"]
        for each in cell.get("outputs", [])
        if "claim" in each.get("metadata", {})
    ]
    assert stored
    dress(notebook)
    page = "".join(
        "".join(each["data"].get("text/html", []))
        for cell in notebook["cells"]
        for each in cell.get("outputs", [])
        if "data" in each
    )
    assert page.count('class="claim-measured"') == page.count('<div class="claim"') >= len(stored)
    assert "the bound computed beside it" not in page


def test_page_shows_the_number_that_was_measured(site):
    shown = 0
    for path in (ROOT / "_build" / "executed").glob("*.ipynb"):
        page = BeautifulSoup((site / f"{path.stem}.html").read_text(), "html.parser")
        lines = {line["id"]: line for line in page.select(".claim[id]")}
        for cell in json.loads(path.read_text())["cells"]:
            for each in cell.get("outputs", []):
                measured = each.get("metadata", {}).get("claim")
                if measured and measured["form"] in ("at least", "at most"):
                    text = lines[measured["anchor"]].select_one(".claim-measured").get_text()
                    said = text.replace("−", "-").partition("measured ")[2].partition(" at the worst")[0]
                    if "×" not in said and "10" not in said:
                        assert float(said) == pytest.approx(measured["measured"], rel=1e-3)
                        shown += 1
        assert not re.search(r"\de[-+]?\d", " ".join(line.get_text() for line in page.select(".claim-bound")))
    assert shown > 20


def test_the_way_from_the_ledger_leads_to_a_line_that_can_be_seen(browser, site):
    markup = {path.stem: (site / f"{path.stem}.html").read_text() for path in NOTEBOOKS}
    stem, folded = next((stem, text) for stem, text in markup.items() if 'class="claims"' in text)
    anchor = re.search(r'<details class="claims">.*?<div class="claim" id="([^"]+)"', folded, re.DOTALL)[1]
    page = without_mathematics(browser.new_page())
    page.goto((site / "ledger.html").as_uri())
    page.locator(f"a[href='{stem}.html#{anchor}']").first.click()
    page.wait_for_url(f"**/{stem}.html#{anchor}")
    page.wait_for_function("id => document.getElementById(id).closest('details').open", arg=anchor)
    line = page.locator(f"[id='{anchor}']")
    assert line.is_visible()
    line.locator("a.claim-id").click()
    page.wait_for_url("**/ledger.html#entry-*")
    assert page.locator(":target").is_visible()
    page.close()
