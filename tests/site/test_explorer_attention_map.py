"""The explorer of attention in a real browser: against torch and NumPy, and by all hands."""

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe

from explorer_pages import (
    drag,
    mathematics_of,
    numbers_of,
    pages,
    peak,
    press,
    rendered,
    settle,
    state_of,
    swipe,
    words,
    write_page,
)
from lib.experiments.twins import LINE, position_channels
from lib.explorers.attention_map import AttentionMap

FILES = ("attention_map/generators.js", "attention_map/judging.js")
ARMS = ("attention", "convolutions", "wide convolutions")
TWINS = (range(6, 10), range(22, 26))
READ = """({ arm, weights, shut, noise }) => {
  window.generator = lib.readGenerator(arm, weights, shut);
  window.lines = noise.map((each) => lib.painted(window.generator, Float64Array.from(each)));
  return lines.map(({ line, table }) => [[...line], table && [...table]]); }"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("explorer"), "attention_map")


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, *FILES) as page:
        yield page


@pytest.fixture
def opened(browser, address):
    with pages(browser, address) as open_page:
        yield open_page


def weights_of(explorer: AttentionMap) -> dict:
    own = [run for run in explorer.runs if run["arm"] == explorer.arm]
    run = next((each for each in own if each["seed"] == explorer.seed), own[0])
    return run["weights"][run["steps"].index(explorer.step)]


def painted(mathematics, explorer: AttentionMap, noise: np.ndarray):
    given = {"arm": explorer.arm, "weights": weights_of(explorer), "shut": explorer.shut}
    found = mathematics.evaluate(READ, given | {"noise": noise.reshape(len(noise), -1).tolist()})
    tables = [table for _, table in found if table]
    return np.array([line for line, _ in found]), np.array(tables).reshape(-1, 32, 32)


@pytest.mark.parametrize("step", [0, 200, 400])
@pytest.mark.parametrize("arm", ARMS)
def test_forward_pass_is_that_of_torch(mathematics, arm, step):
    for shut, seed in ((False, 1), (True, 1), (False, 3)):
        explorer = AttentionMap(arm=arm, step=step, seed=seed, shut=shut)
        noise = np.random.default_rng(step).normal(size=(7, 4, 32))
        lines, tables = painted(mathematics, explorer, noise)
        wanted, asked = explorer.painted(noise)
        assert lines == pytest.approx(wanted, abs=1e-5)
        if arm == "attention":
            assert tables == pytest.approx(asked, abs=1e-5)
            assert tables.sum(axis=2) == pytest.approx(np.ones((7, 32)), abs=1e-12)
        else:
            assert tables.size == 0


def test_noise_places_and_new_noise_are_those_of_python(mathematics):
    explorer = AttentionMap(draw=7, redrawn=2)
    found = mathematics.evaluate("() => lib.noiseOf(7).map((each) => [...each])")
    assert np.array(found) == pytest.approx(explorer.noise().reshape(512, 128), abs=1e-12)
    places = np.array([5, 31, 0, 7, 7, 24, 1, 2, 3, 4, 16, 30])
    anew = mathematics.evaluate(
        "(places) => lib.redrawn(lib.noiseOf(7, 12), places, 7002).map((each) => [...each])", places.tolist()
    )
    assert np.array(anew) == pytest.approx(explorer.redrawn_noise(places).reshape(12, 128), abs=1e-12)
    changed = (np.array(anew) != np.array(found[:12])).reshape(12, 4, 32).nonzero()
    assert changed[2].tolist() == [place for place in places.tolist() for _ in range(4)]
    shown = mathematics.evaluate(
        "([arm, weights]) => [...lib.readGenerator(arm, weights).positions]",
        ["convolutions", weights_of(AttentionMap(arm="convolutions"))],
    )
    assert np.array(shown) == pytest.approx(position_channels((32,)).numpy().ravel(), abs=1e-5)


@pytest.mark.parametrize(("arm", "reach"), [("convolutions", 3), ("wide convolutions", 13)])
def test_noise_outside_the_window_changes_no_bit(mathematics, arm, reach):
    explorer = AttentionMap(arm=arm)
    noise = np.random.default_rng(5).normal(size=(200, 4, 32))
    other = noise.copy()
    other[:, :, 15] = np.random.default_rng(6).normal(size=(200, 4))
    (before, _), (after, _) = (painted(mathematics, explorer, each) for each in (noise, other))
    touched = np.flatnonzero((before != after).any(axis=0))
    assert (touched.min(), touched.max()) == (15 - reach, 15 + reach)
    heard = AttentionMap()
    (before, _), (after, _) = (painted(mathematics, heard, each[:9]) for each in (noise, other))
    assert (before != after).any(axis=0).all()


def test_exchanged_places_exchange_rows_and_columns(mathematics):
    dice = np.random.default_rng(3)
    features, query, key = dice.normal(size=(32, 32)), dice.normal(size=128), dice.normal(size=128)
    order = np.arange(32)
    order[[4, 20]] = 20, 4
    ask = "([x, q, k]) => [...lib.tableOf(...[x, q, k].map((each) => Float64Array.from(each)))]"
    first, second = (
        np.array(mathematics.evaluate(ask, [x.ravel().tolist(), query.tolist(), key.tolist()]))
        for x in (features, features[:, order])
    )
    first, second = first.reshape(32, 32), second.reshape(32, 32)
    assert second == pytest.approx(first[np.ix_(order, order)], abs=1e-12)
    assert np.abs(first - first.T).max() > 0.1 and np.abs(second - first).max() > 0.1
    steep = np.array(mathematics.evaluate(ask, [(100 * features).ravel().tolist(), *map(list, (query, key))]))
    assert np.isfinite(steep).all() and steep.reshape(32, 32).sum(axis=1) == pytest.approx(np.ones(32))


@pytest.mark.parametrize(("arm", "seed", "step"), [("attention", 2, 300), ("convolutions", 1, 400)])
def test_judgement_is_that_of_the_library(mathematics, arm, seed, step):
    explorer = AttentionMap(arm=arm, seed=seed, step=step, draw=3)
    found = mathematics.evaluate(
        """([arm, weights]) => { const { covariance, leaders, led, gives, own, apart } =
            lib.judge(lib.readGenerator(arm, weights), lib.noiseOf(3));
          return { covariance, gives, own, apart, led: led && [...led], leaders }; }""",
        [arm, weights_of(explorer)],
    )
    wanted = explorer.judged()
    assert found["covariance"] == pytest.approx(wanted.covariance, abs=1e-12)
    assert found["apart"] is (arm == "convolutions")
    if arm != "attention":
        assert found["leaders"] is None and abs(found["covariance"]) < 3 / np.sqrt(512)
        return
    assert [each["place"] for each in found["leaders"]] == wanted.leaders.tolist()
    assert found["led"] == np.bincount(wanted.leaders, minlength=32).tolist()
    assert found["gives"] == pytest.approx(LINE.leader(torch.from_numpy(wanted.tables)), abs=1e-5)
    assert found["own"] == pytest.approx(np.isin(wanted.leaders, [*TWINS[0], *TWINS[1]]).mean())


def teeth(page, chart: int) -> np.ndarray:
    """The teeth of a comb in its own units."""
    return np.array(
        page.locator(".explorer-chart")
        .nth(chart)
        .evaluate(
            """(svg) => { const top = svg.querySelector('.explorer-band').height.baseVal.value;
              const numbers = [...svg.querySelectorAll('.explorer-frame text')].map((text) => text);
              const left = numbers.filter((text) => text.getAttribute('text-anchor') === 'end');
              const most = Math.max(...left.map((text) => Number(text.textContent)));
              return [...svg.querySelectorAll('.explorer-spot')].map(
                (tooth) => (most * tooth.height.baseVal.value) / top); }"""
        )
    )


def test_page_shows_what_python_computes(opened):
    page = opened()
    judged, shown = AttentionMap().judged(), numbers_of(page)
    assert shown["covariance"] == pytest.approx(judged.covariance, abs=1e-5)
    assert shown["gives"] == pytest.approx(judged.gives.mean(), abs=1e-5)
    assert (shown["leader"], shown["given"]) == pytest.approx((judged.leaders[6], judged.gives[6]), abs=1e-5)
    assert (shown["truth"], shown["even"]) == (1, 1 / 32)
    assert state_of(page)["leaders"] == judged.leaders[:12].tolist()
    assert teeth(page, 1) == pytest.approx(judged.tables[6, 7], abs=0.01)
    assert teeth(page, 2) == pytest.approx(np.bincount(judged.leaders, minlength=32), abs=3)
    assert teeth(page, 3) == pytest.approx(np.zeros(32))
    squares = page.locator(".explorer-chart").first.locator("rect.explorer-spot")
    drawn = squares.evaluate_all(
        """(all) => all.map((each) => (each.dataset.role === 'generated' ? 1 : -1)
          * each.getAttribute('fill-opacity'))"""
    )
    assert drawn == pytest.approx(0.95 * judged.lines[:12].clip(-1, 1).ravel(), abs=1e-3)
    dots = page.locator(".attention-leader").evaluate_all(
        "(all) => all.map((each) => [each.cx.baseVal.value, Number(each.getAttribute('fill-opacity'))])"
    )
    wide = page.locator(".attention-surface").evaluate("(node) => node.width.baseVal.value")
    wanted = np.column_stack(
        [(judged.leaders[:12] + 0.5) * wide / 32, (0.15 + judged.gives[:12]).clip(max=1)]
    )
    assert np.array(dots) == pytest.approx(wanted, abs=0.01)
    assert words(page).startswith(f"In line 7 both twins ask place {judged.leaders[6]} most.")


def test_click_tap_and_keys_choose_who_asks(opened):
    page = opened(width=390, height=900, has_touch=True)
    tables = AttentionMap().judged().tables
    surface = page.locator(".attention-surface")
    box = surface.bounding_box()
    at = {"x": box["width"] * 23.5 / 32, "y": box["height"] * 8.5 / 12}
    surface.click(position=at)
    state = state_of(page)
    assert (state["asks"], state["line"]) == (23, 9)
    assert teeth(page, 1) == pytest.approx(tables[8, 23], abs=0.01)
    surface.tap(position={"x": box["width"] * 2.5 / 32, "y": box["height"] * 0.5 / 12})
    assert (state_of(page)["asks"], state_of(page)["line"]) == (2, 1)
    peak(page, "Place that asks").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
        settle(page)
    assert (state_of(page)["asks"], state_of(page)["line"]) == (8, 3)
    assert peak(page, "Place that asks").get_attribute("aria-valuetext") == "place 8 of line 3"
    assert teeth(page, 1) == pytest.approx(tables[2, 8], abs=0.01)
    page.keyboard.press("Home")
    settle(page)
    assert state_of(page)["asks"] == 0


def turned_by(explorer: AttentionMap, places) -> tuple[np.ndarray, int, int]:
    """Mean changes of the twelve lines, and in how many both twins turn, or one alone."""
    before, _ = explorer.painted(explorer.noise()[:12])
    after, _ = explorer.painted(explorer.redrawn_noise(places))
    signs = [np.stack([x[:, list(twin)].mean(axis=1) > 0 for twin in TWINS]) for x in (before, after)]
    left, right = signs[0] != signs[1]
    return np.abs(after - before).mean(axis=0), (left & right).sum(), (left ^ right).sum()


def test_new_noise_turns_what_it_turns_in_torch(opened):
    page = opened()
    drag(page, peak(page, "Place with new noise"), 20 * 569 / 32, 0)
    place = state_of(page)["place"]
    assert 15 < place < 31
    press(page, f"New noise at place {place}")
    changes, both, one = turned_by(AttentionMap(redrawn=1), place)
    assert teeth(page, 3) == pytest.approx(changes, abs=0.03)
    shown = numbers_of(page)
    assert (shown["both"], shown["one"], shown["touched"]) == (both, one, 32)
    dots = AttentionMap().judged().leaders[:12]
    press(page, "New noise at the dots")
    changes, both, one = turned_by(AttentionMap(redrawn=2), dots)
    assert teeth(page, 3) == pytest.approx(changes, abs=0.03)
    assert (numbers_of(page)["both"], numbers_of(page)["one"]) == (both, one)
    assert page.locator('.attention-turned[data-both="true"]').count() == both
    press(page, "Draw")
    assert state_of(page)["redrawn"] == 0 and teeth(page, 3) == pytest.approx(np.zeros(32))


def test_dots_decide_for_both_twins(opened):
    """The question of the chapter: in twenty goes the dots turn both twins often, and seldom one alone."""
    page = opened()
    both = one = 0
    for _ in range(20):
        press(page, "New noise at the dots")
        both, one = both + numbers_of(page)["both"], one + numbers_of(page)["one"]
    assert both > 60 and one < 8
    assert "each line’s own dot" in words(page)


def choose(page, arm: str) -> None:
    page.get_by_role("combobox", name="generator").select_option(arm)
    settle(page)


def test_without_attention_windows_are_shown(opened):
    page = opened()
    choose(page, "convolutions")
    shown = numbers_of(page)
    assert shown["reach"] == 7 and shown["proved"] == 0 and abs(shown["covariance"]) < 0.1
    assert not page.get_by_role("button", name="Shut the gate").is_visible()
    assert page.get_by_role("combobox", name="run").is_disabled()
    assert page.locator(".explorer-chart").nth(1).locator(".explorer-note").text_content() == "4 to 10"
    peak(page, "Place with new noise").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        settle(page)
    press(page, "New noise at place 7")
    assert np.flatnonzero(teeth(page, 3)).tolist() == list(range(4, 11))
    assert numbers_of(page)["both"] == 0 and numbers_of(page)["touched"] == 7
    assert "never both" in words(page) or "no twin" in words(page)
    choose(page, "wide convolutions")
    assert numbers_of(page)["reach"] == 27 and "windows overlap" in words(page)
    visible = [
        each.get_attribute("data-quantity") for each in page.locator("output").all() if each.is_visible()
    ]
    assert "proved" not in visible and "covariance" in visible


def test_gate_seed_and_time(opened):
    page = opened()
    press(page, "Shut the gate")
    shut = numbers_of(page)
    assert shut["gamma"] == 0 and shut["reach"] == 7 and abs(shut["covariance"]) < 0.1
    assert "hear nothing" in words(page)
    press(page, "Reset")
    page.get_by_role("combobox", name="run").select_option("3")
    settle(page)
    wanted = AttentionMap(seed=3).judged()
    assert numbers_of(page)["gives"] == pytest.approx(wanted.gives.mean(), abs=1e-5)
    page.get_by_role("combobox", name="run").select_option("1")
    page.get_by_role("slider", name="steps of training").fill("100")
    settle(page)
    assert "Nobody in particular" in words(page)
    page.get_by_role("slider", name="steps of training").fill("0")
    settle(page)
    assert "where training begins" in words(page) and numbers_of(page)["proved"] == 0


def test_sentences_keep_to_the_state(opened):
    page, explorer = opened(), AttentionMap()
    base = {key: getattr(explorer, key) for key in AttentionMap.class_own_traits(sync=True)}
    states = [base | {"arm": arm, "step": step} for arm in ARMS for step in (0, 400)]
    said = [state["words"] for state, _ in rendered(page, explorer, states)]
    assert len(set(said)) == 6 and all("NaN" not in each and "undefined" not in each for each in said)


@pytest.mark.parametrize("arm", ["convolutions", "wide convolutions"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_without_attention(opened, arm, theme):
    page = opened(theme=theme)
    choose(page, arm)
    press(page, "New noise at place 3")
    page.mouse.move(0, 0)
    report = Axe().run(page, options={"preload": False})
    assert report.response["violations"] == [], report.generate_report()


@pytest.mark.parametrize("width", [320, 390])
def test_other_arms_fit_a_phone(opened, width):
    page = opened(width=width)
    for arm in ARMS:
        choose(page, arm)
        press(page, "New noise at place 3")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    choose(page, "attention")
    for chart in page.locator(".explorer-chart").all():
        drawn, box = chart.bounding_box(), chart.evaluate("(svg) => svg.viewBox.baseVal.width")
        assert drawn["width"] == pytest.approx(box, abs=2)


def test_finger_moves_the_handles_and_not_the_page(opened):
    page = opened(width=390, height=700, has_touch=True)
    for name, right, down in (("Place that asks", 90, 60), ("Place with new noise", 120, 0)):
        node = peak(page, name)
        node.scroll_into_view_if_needed()
        top, box = page.evaluate("scrollY"), node.bounding_box()
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        swipe(page, start, (start[0] + right, start[1] + down))
        settle(page)
        assert page.evaluate("scrollY") == top
    state = state_of(page)
    assert state["asks"] > 12 and state["line"] > 3 and state["place"] > 10
