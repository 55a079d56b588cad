"""A false claim must fail, one that holds must look the same everywhere, no entry may be forgotten."""

import json
import re
from collections import Counter

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from lib import claims
from lib.claims import ClaimFailed, UnknownClaim, claim, coverage, find, ledger, supplements
from lib.ledger import KINDS, VERDICTS, titles

NAN, INFINITY = float("nan"), float("inf")


# ---- what has to fail, and what has to hold ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("measured", "stated"),
    [
        (-1.0, {"expected": 1.0, "atol": 0.5}),  # a wrong sign
        (1.0, {"expected": 1.1, "atol": 0.09}),
        (110.0, {"expected": 100.0, "rtol": 0.095}),  # relative to what was expected, not to what came
        (-100.0, {"expected": 100.0, "rtol": 1.0}),
        (1.0, {"expected": 1.0 + 1e-15}),  # nothing is allowed unless it is stated
        ([0.0, 0.0, 1.0], {"expected": [0.0, 0.0, 0.0], "atol": 0.5}),
        ([1.0, 1.0, -1.0], {"expected": 1.0, "atol": 0.5}),
        ([1e6, 0.5], {"expected": [1e6 + 1.0, 0.0], "rtol": 1e-3}),  # the small entry is the wrong one
        (0.4, {"at_least": 0.5}),
        ([0.6, 0.4], {"at_least": 0.5}),
        (0.6, {"at_most": 0.5}),
        (0.6, {"at_least": 0.1, "at_most": 0.5}),
        (0.0, {"at_least": 0.1, "at_most": 0.5}),
        (1.0, {"expected": 0.0, "standard_error": 0.2}),
        (-1.0, {"expected": 0.0, "standard_error": 0.2}),
        (1.0, {"expected": 0.0, "standard_error": 0.4, "within": 2.0}),
        ([0.0, 1.0], {"expected": 0.0, "standard_error": [1.0, 0.1]}),
        (False, {"expected": True}),
        (NAN, {"expected": NAN}),
        (NAN, {"expected": 0.0, "atol": 1e9}),
        (0.0, {"expected": NAN, "atol": 1e9}),
        (NAN, {"at_least": 0.0}),
        (NAN, {"at_most": 0.0}),
        (0.0, {"at_least": NAN}),
        (NAN, {"at_least": 0.0, "at_most": 1.0}),
        ([1.0, NAN], {"at_least": 0.0}),
        (NAN, {"expected": 0.0, "standard_error": 1.0}),
        (INFINITY, {"expected": INFINITY}),
        (0.0, {"expected": INFINITY, "rtol": 1.0}),
        (INFINITY, {"at_least": 0.0}),
        (0.0, {"at_least": -INFINITY}),
        (-INFINITY, {"at_most": 0.0}),
        (torch.tensor(NAN), {"expected": 0.0, "atol": 1.0}),
    ],
)
def test_a_false_claim_fails(measured, stated):
    with pytest.raises(ClaimFailed):
        claim("S2.49", measured, **stated)


@pytest.mark.parametrize(
    ("measured", "stated", "bound"),
    [
        (1.0, {"expected": 1.0}, "exactly"),
        (True, {"expected": True}, "exactly"),
        (3, {"expected": 3}, "exactly"),
        (1.0, {"expected": 1.1, "atol": 0.11}, "error at most 0.11"),
        (1.0, {"expected": 1.1, "atol": 1 / 3}, "error at most the bound computed beside it"),
        (109.0, {"expected": 100.0, "rtol": 0.1}, "error at most 0.1 of the expected value"),
        (109.0, {"expected": 100.0, "rtol": 0.05, "atol": 5}, "error at most 5 + 0.05 of the expected value"),
        (np.ones((2, 3)), {"expected": torch.ones(2, 3)}, "exactly"),
        (torch.ones(4, dtype=torch.bfloat16), {"expected": 1.0}, "exactly"),
        (torch.ones(2, requires_grad=True), {"expected": [1, 1]}, "exactly"),
        (0.5, {"at_least": 0.5}, "at least 0.5"),
        ([-0.5, 0.5], {"at_least": -1, "at_most": 0.5}, "at least -1, at most 0.5"),
        (0.4, {"at_most": 1 / 3 + 0.1}, "at most the bound computed beside it"),
        ([0.0, 1.0], {"at_most": [0.1, 1.1]}, "at most the bound computed beside it"),
        (0.7, {"expected": 0.0, "standard_error": 0.2}, "within 4 standard errors"),
        (
            [0.1, 5.0],
            {"expected": 0.0, "standard_error": [0.1, 5.0], "within": 2},
            "within 2 standard errors",
        ),
    ],
)
def test_a_true_claim_prints_its_bound(measured, stated, bound, capsys):
    claim("S2.49", measured, **stated, what="the value", oracle="quadrature")
    assert capsys.readouterr().out == f"✓ S2.49  the value: holds, {bound} (quadrature)\n"


def test_the_line_does_not_depend_on_the_digits_measured(capsys):
    claim("S2.49", 1.0 + 3e-12, 1.0, atol=1e-10)
    first = capsys.readouterr().out
    claim("S2.49", 1.0 - 7e-11, 1.0, atol=1e-10)
    assert capsys.readouterr().out == first
    assert first.startswith("✓ S2.49  At the optimal discriminator") and first.endswith("at most 1e-10\n")


def test_the_failure_tells_what_the_reader_needs():
    wrong = np.zeros((2, 3))
    wrong[1, 2] = -0.25
    with pytest.raises(ClaimFailed) as failure:
        claim("S2.49", wrong, np.zeros((2, 3)), atol=0.125, what="six bins", oracle="the exact sum")
    message = str(failure.value)
    for part in (
        "S2.49",
        "six bins",
        "the exact sum",
        find("S2.49").statement,
        "measured   -0.25, at entry (1, 2) of shape (2, 3)",
        "expected   0.0",
        "error      0.25",
        "tolerance  0.125",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("measured", "stated", "word"),
    [
        (1.0, {}, "expected"),
        (1.0, {"expected": 1.0, "at_least": 0.0}, "expected"),
        (1.0, {"at_least": 0.0, "atol": 1.0}, "atol"),
        (1.0, {"at_least": 0.0, "standard_error": 1.0}, "standard_error"),
        (1.0, {"expected": 1.0, "standard_error": 1.0, "atol": 1.0}, "atol"),
        (1.0, {"expected": 1.0, "standard_error": 0.0}, "standard_error"),
        (1.0, {"expected": 1.0, "standard_error": -1.0}, "standard_error"),
        (1.0, {"expected": 1.0, "standard_error": NAN}, "standard_error"),
        (1.0, {"expected": 1.0, "standard_error": INFINITY}, "standard_error"),
        (1.0, {"expected": 1.0, "standard_error": 1.0, "within": 0}, "within"),
        (1.0, {"expected": 1.0, "standard_error": 1.0, "within": INFINITY}, "within"),
        (1.0, {"expected": 1.0, "atol": -1.0}, "atol"),
        (1.0, {"expected": 1.0, "atol": INFINITY}, "atol"),
        (1.0, {"expected": 1.0, "rtol": NAN}, "rtol"),
        (np.ones(3), {"expected": np.ones(2)}, "shape"),
        (np.ones((3, 1)), {"expected": np.ones(3)}, "shape"),
        (1.0, {"expected": np.ones(3)}, "shape"),
        (np.ones(3), {"at_least": np.ones((3, 1))}, "shape"),
        (np.ones(3), {"expected": 1.0, "standard_error": np.ones(2)}, "shape"),
        ([], {"expected": 0.0}, "about nothing"),
        (1j, {"expected": 1.0}, "real"),
        ("1.0", {"expected": 1.0}, "real"),
    ],
)
def test_a_claim_that_could_not_fail_is_refused(measured, stated, word):
    with pytest.raises(ValueError, match=word):
        claim("S2.49", measured, **stated)


def test_an_unknown_identifier_names_its_neighbours():
    with pytest.raises(UnknownClaim, match=r"S2\.94.*S2\.49"):
        claim("S2.94", 1.0, 1.0)


# ---- what a notebook shows ---------------------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    """The output of one claim made inside a kernel."""

    def show(*arguments, **options):
        recorded = []
        monkeypatch.setattr(claims, "get_ipython", lambda: object())
        monkeypatch.setattr(claims, "display", lambda data, **more: recorded.append((data, more)))
        claim(*arguments, **options)
        return recorded[0]

    return show


def test_the_digits_travel_in_the_metadata_only(shown):
    data, more = shown("S2.49", [1.0, 2.125], [1.0, 2.0], atol=0.5, what="two points", oracle="by hand")
    record = more["metadata"]["claim"]
    assert json.loads(json.dumps(record)) == record
    assert (record["id"], record["what"], record["oracle"]) == ("S2.49", "two points", "by hand")
    assert (record["form"], record["measured"], record["expected"]) == ("equality", 2.125, 2.0)
    assert (record["error"], record["tolerance"]) == (0.125, 0.5)
    assert more["raw"] and set(data) == {"text/plain", "text/html"}
    assert "2.125" not in "".join(data.values()) and "0.125" not in "".join(data.values())


def test_the_page_line_is_anchored_and_holds_no_raw_maths_or_colour(shown):
    data, more = shown("S2.49", 1.0, 1.0)
    page = data["text/html"]
    assert 'class="claim" id="claim-S2.49"' in page and more["metadata"]["claim"]["anchor"] == "claim-S2.49"
    assert (
        "$" not in page and page.count(r"\(") == page.count(r"\)") == find("S2.49").statement.count("$") / 2
    )
    assert "style=" not in page and "#" not in page.replace("#_", "")


def test_parts_of_one_entry_have_anchors_of_their_own(shown):
    anchors = [
        re.search(r'id="([^"]+)"', shown("S2.49", 1.0, 1.0, what=what)[0]["text/html"])[1]
        for what in ("", "a", "b")
    ]
    assert len(set(anchors)) == 3 and all(anchor.startswith("claim-S2.49") for anchor in anchors)


def test_text_from_the_author_is_escaped(shown):
    page = shown("S2.49", 1.0, 1.0, what="$a<b$ & <script>", oracle="<b>")[0]["text/html"]
    assert "<script>" not in page and "<b>" not in page and r"\(a&lt;b\)" in page


def test_a_kernel_puts_it_into_the_notebook(tmp_path):
    source = 'from lib.claims import claim\nclaim("S2.49", 1.0, 1.0, oracle="itself")'
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    run = NotebookClient(
        written, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    (output,) = run.execute().cells[0].outputs
    nbformat.validate(written)
    assert output.data["text/plain"].startswith("✓ S2.49") and 'class="claim"' in output.data["text/html"]
    assert output.metadata["claim"]["oracle"] == "itself"


# ---- the chapters against the ledger -----------------------------------------------------------------------


def notebook(folder, stem, *cells):
    kinds = [("markdown", text[3:]) if text.startswith("md:") else ("code", text) for text in cells]
    rows = [{"cell_type": kind, "id": f"cell-{i}", "source": text} for i, (kind, text) in enumerate(kinds)]
    (folder / f"{stem}.ipynb").write_text(json.dumps({"cells": rows}), encoding="utf-8")


def everything_in(chapter):
    entries = [
        entry for entry in ledger() + supplements() if entry.chapter == chapter and entry.kind == "check"
    ]
    return [f'claim("{entry.id}", 1, 1)' for entry in entries]


def test_a_complete_chapter_is_complete(tmp_path, capsys):
    notebook(tmp_path, "08_the_gan_game", *everything_in("08_the_gan_game"))
    found = coverage(tmp_path)
    assert found.complete and found.chapters == ("08_the_gan_game",)
    assert found.asserted["S2.49"] == ("08_the_gan_game",)
    assert claims.main([str(tmp_path)]) == 0
    assert "08_the_gan_game" in capsys.readouterr().out


def test_entries_in_prose_need_no_assertion(tmp_path):
    assert find("S2.01").kind == "prose" and find("S2.01").chapter == "02_principal_components"
    notebook(tmp_path, "02_principal_components", *everything_in("02_principal_components"))
    assert coverage(tmp_path).complete and "S2.01" not in coverage(tmp_path).asserted


def test_every_entry_left_out_is_reported(tmp_path, capsys):
    cells = everything_in("08_the_gan_game")
    for left_out in range(len(cells)):
        notebook(tmp_path, "08_the_gan_game", *cells[:left_out], *cells[left_out + 1 :])
        identifier = re.search(r'"(.*?)"', cells[left_out])[1]
        assert coverage(tmp_path).missing == (f"08_the_gan_game: {identifier}",)
    assert claims.main([str(tmp_path)]) == 1 and f"{identifier}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "hidden", ['# claim("S2.49", 1, 1)', 'text = """claim("S2.49", 1, 1)"""', 'md:claim("S2.49", 1, 1)']
)
def test_a_claim_that_does_not_run_does_not_count(hidden, tmp_path):
    rest = [cell for cell in everything_in("08_the_gan_game") if "S2.49" not in cell]
    notebook(tmp_path, "08_the_gan_game", *rest, hidden)
    assert coverage(tmp_path).missing == ("08_the_gan_game: S2.49",)


@pytest.mark.parametrize(
    "written",
    [
        'for a in (1, 2):\n    claims.claim("S2.49", a, a, what=str(a))',
        '%%time\nclaim(\n    "S2.49",\n    1,\n    1,\n)',
        'claim(identifier="S2.49", measured=1, expected=1)',
    ],
)
def test_a_claim_is_found_however_it_is_written(written, tmp_path):
    notebook(tmp_path, "08_the_gan_game", written)
    assert "S2.49" in coverage(tmp_path).asserted


def test_an_assertion_in_another_chapter_does_not_count(tmp_path):
    notebook(tmp_path, "08_the_gan_game", "pass")
    notebook(tmp_path, "09_training_gans", 'claim("S2.49", 1, 1)')
    assert "08_the_gan_game: S2.49" in coverage(tmp_path).missing


@pytest.mark.parametrize("cell", ['name = "S2.49"\nclaim(name, 1, 1)', 'claim("S2.49", 1, 1', "claim()"])
def test_a_claim_that_cannot_be_read_is_reported(cell, tmp_path):
    notebook(tmp_path, "08_the_gan_game", *everything_in("08_the_gan_game"), cell)
    found = coverage(tmp_path)
    assert len(found.unreadable) == 1 and not found.complete and claims.main([str(tmp_path)]) == 1


def test_an_identifier_that_is_not_in_the_ledger_is_reported(tmp_path):
    notebook(tmp_path, "08_the_gan_game", *everything_in("08_the_gan_game"), 'claim("S2.94", 1, 1)')
    assert coverage(tmp_path).unknown == ("08_the_gan_game.ipynb, cell cell-25: S2.94",)
    assert claims.main([str(tmp_path)]) == 1


def test_no_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="folder"):
        coverage(tmp_path / "nowhere")


# ---- the ledger itself -------------------------------------------------------------------------------------

EVERYTHING = ledger() + supplements()


def test_all_statements_of_the_sources_are_there():
    numbered = {f"S0.{i:02}" for i in range(1, 44)} | {f"S1.{i:02}" for i in range(1, 23)} | {"S1.06b"}
    numbered |= {f"S2.{i:02}" for i in range(1, 63)} | {"S2.46b"} | {f"S3.{i:02}" for i in range(1, 37)}
    numbered |= {f"S4.{i:02}" for i in range(1, 25)} | {"S4.04b"}
    assert {entry.id for entry in ledger()} == numbered and len(ledger()) == 190
    counts = Counter(entry.source for entry in ledger())
    assert counts == {"000": 43, "001": 23, "002": 63, "003": 36, "004": 25}
    places = (*range(1, 10), *range(11, 27), *range(30, 34), 36, *range(40, 43))
    added = {f"X{i:02}" for i in places} | {f"X10.{i}" for i in range(1, 6)}
    assert {entry.id for entry in supplements()} == added and len(supplements()) == 38


def test_identifiers_are_unique_and_sorted_by_chapter():
    identifiers = [entry.id for entry in EVERYTHING]
    assert len(set(identifiers)) == len(identifiers)
    chapters = [list(titles()).index(entry.chapter) for entry in ledger()]
    assert chapters == sorted(chapters)


def test_the_chapters_whose_content_is_fixed():
    holds = {stem: {entry.id for entry in EVERYTHING if entry.chapter == stem} for stem in titles()}
    game = {f"S1.0{i}" for i in range(1, 7)} | {
        f"S2.{i}" for i in (40, 41, 42, 47, 48, 49, 50, 51, 52, 56, 59)
    }
    assert holds["08_the_gan_game"] == game | {f"S3.{i}" for i in range(10, 16)} | {"S0.19", "X16"}
    transport = (
        {f"S0.{i}" for i in range(24, 44)} | {f"S1.{i}" for i in range(16, 23)} | {"X07", "X08", "X18"}
    )
    transport |= {f"S3.{i}" for i in range(25, 37)} | {f"S4.0{i}" for i in range(1, 5)}
    assert holds["12_kantorovich_duality"] | holds["13_wasserstein_gan"] == transport
    beyond = {"15_how_good_is_a_critic", "17_pairing_and_penalties"}  # no source reaches these two
    assert {stem for stem, entries in holds.items() if not entries} <= beyond


@pytest.mark.parametrize("entry", EVERYTHING, ids=lambda entry: entry.id)
def test_each_entry_is_well_formed(entry):
    assert entry.verdict in VERDICTS and entry.kind in KINDS and entry.chapter in titles()
    assert (entry.source == "") if entry.supplement else (entry.source == f"00{entry.id[1]}" and entry.place)
    assert entry.statement.strip() == entry.statement and entry.statement.endswith(".")
    if entry.verdict in ("wrong", "imprecise", "open"):
        assert entry.source_said and entry.repair
    if entry.verdict == "correct":  # a verdict changed by a slip of the pen leaves its reasons behind
        assert not entry.source_said and not entry.repair
    for text in (entry.statement, entry.source_said, entry.repair):
        assert text.count("$") % 2 == 0
        for formula in re.findall(r"\$([^$]*)\$", text):
            assert formula.strip() and formula.count("{") == formula.count("}")
            assert len(re.findall(r"\\left\b", formula)) == len(re.findall(r"\\right\b", formula))
            assert "|" not in formula, "a bar breaks a Markdown table: use \\mid, \\lvert or \\Vert"
        outside = re.sub(r"\$[^$]*\$", "", text)
        assert not re.search(r"[\\_^*|`<>]", outside), "plain text between the formulas"
