"""The nearest bell in a real browser: its distances and bottoms against the library, by all hands."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.ndimage import minimum_filter
from scipy.optimize import brentq
from scipy.stats import norm

from explorer_pages import (
    drag,
    mathematics_of,
    numbers_of,
    peak,
    press,
    rendered,
    settle,
    state_of,
    swipe,
    words,
)
from lib.divergences import named
from lib.experiments.chapter_11 import TWO_HILLS, best_bell
from lib.explorers.nearest_bell import NearestBell

ROWS = {
    "kl": 1,
    "pearson": 1,
    "jensen-shannon": 3,
    "squared hellinger": 3,
    "jeffrey": 1,
    "total variation": 1,
    "softened reverse kl": 2,
    "reverse kl": 2,
}  # and how many bottoms each has
FINE = {row: 1e-7 if row == "total variation" else 1e-9 for row in ROWS}


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "nearest_bell/bells.js") as page:
        yield page


def hills(x) -> np.ndarray:
    return TWO_HILLS.density(torch.as_tensor(x, dtype=torch.float64)[:, None]).numpy()


def oracle(row: str, mean: float, scale: float) -> float:
    """The library's own quadrature, on a grid wide enough for this bell; for total variation, masses."""
    if row == "total variation":
        return total_variation(mean, scale)
    reach = max(10, abs(mean) + 7 * scale)
    x = np.linspace(-reach, reach, 20_001)
    return named(row).between(hills(x), norm(mean, scale).pdf(x), x)


def total_variation(mean: float, scale: float) -> float:
    """Half of the mass by which either law exceeds the other, between the places where they meet."""

    def ahead(x):
        return hills(x) - norm.pdf(x, mean, scale)

    x = np.linspace(-22, 22, 4401)
    change = np.flatnonzero(np.diff(np.sign(ahead(x))))
    places = [-np.inf, *(brentq(lambda at: ahead([at])[0], x[i], x[i + 1]) for i in change), np.inf]
    mass = 0.65 * norm.cdf(places, -1.5, 0.6) + 0.35 * norm.cdf(places, 2, 0.5)
    return np.abs(np.diff(mass - norm.cdf(places, mean, scale))).sum() / 2


def check_page(page) -> dict[str, float]:
    """Everything printed against the library; the bars stand where their numbers say."""
    shown, state = numbers_of(page), state_of(page)
    row = state["row"]
    wanted = oracle(row, state["mean"], state["scale"])
    assert shown["own"] == pytest.approx(wanted, abs=FINE[row], rel=1e-8)
    nearest = shown["nearest_mean"], shown["nearest_scale"]
    assert shown["least"] == pytest.approx(oracle(row, *nearest), abs=FINE[row])
    assert shown["least"] <= shown["own"] + 1e-9
    boxes = (
        page.locator(".explorer-chart")
        .last.locator(".explorer-band")
        .evaluate_all(
            """(nodes) => nodes.map((node) => { const { x, width } = node.getBBox(); return [x, width]; })"""
        )
    )
    (start, own), (other, least) = boxes
    assert start == other and least > 0
    if shown["own"] < 1000:
        assert own / least == pytest.approx(shown["own"] / shown["least"], rel=1e-3)
    return shown


def choose(page, row: str) -> None:
    page.get_by_role("combobox", name="divergence").select_option(row)
    settle(page)


def test_first_numbers(opened):
    page = opened()
    shown = check_page(page)
    assert shown["own"] == pytest.approx(NearestBell().distance(), abs=1e-9)
    assert f"your bell is {shown['own']:.3f}" in words(page) and f"nearest {shown['least']:.3f}" in words(
        page
    )
    # The bell nearest by KL has the mean and the variance of the data.
    variance = 0.65 * 0.36 + 0.35 * 0.25 + 0.65 * 0.35 * 3.5**2
    wanted = [0.65 * -1.5 + 0.35 * 2, math.sqrt(variance)]
    assert [shown["nearest_mean"], shown["nearest_scale"]] == pytest.approx(wanted, abs=1e-5)


def test_other_bells_and_divergences(opened):
    generator = np.random.default_rng(3)
    states = [
        {"row": row, "mean": generator.uniform(-3.5, 3.5), "scale": generator.uniform(0.6, 2.5)}
        for row in ROWS
        for _ in range(4)
    ]
    states += [{"row": row, "mean": mean, "scale": 2.5} for row in ROWS for mean in (-3.5, 3.5)]
    states += [{"row": row, "mean": -2.0, "scale": 0.45} for row in ROWS if row != "pearson"]
    for state, shown in rendered(opened(), NearestBell(), states):
        row, bell = state["row"], (state["mean"], state["scale"])
        assert shown["own"] == pytest.approx(oracle(row, *bell), abs=FINE[row], rel=1e-8), state
        python = NearestBell(row=row, mean=bell[0], scale=bell[1]).distance()
        assert shown["own"] == pytest.approx(python, abs=3e-5, rel=1e-6), state


@pytest.mark.parametrize(("mean", "scale"), [(-3.5, 0.45), (3.5, 0.45), (0.5, 0.5)])
def test_pearson_where_its_mass_lies_outside_every_picture(mathematics, mean, scale):
    def integrand(x):  # in logarithms, since the density of the bell is 0 in floating point
        logs = np.log([0.65, 0.35]) + norm.logpdf(x, [-1.5, 2], [0.6, 0.5])
        return 2 * np.logaddexp(*logs) - norm.logpdf(x, mean, scale)

    x = np.linspace(-120, 120, 24_001)
    middle = x[np.argmax([integrand(each) for each in x])]
    top = integrand(middle)
    pieces = itertools.pairwise(np.linspace(middle - 15, middle + 15, 31))
    wanted = sum(quad(lambda x: math.exp(integrand(x) - top), *piece)[0] for piece in pieces)
    found = mathematics.evaluate("([m, s]) => lib.distance('pearson', m, s)", [mean, scale])
    assert math.log(found + 1) == pytest.approx(math.log(wanted) + top, rel=1e-9)


@pytest.mark.parametrize("row", ROWS)
def test_lowest_bottom_is_the_nearest_bell(mathematics, row):
    found = mathematics.evaluate("(row) => lib.bottoms(row)", row)
    mean, scale, least = best_bell(named(row))
    # The library cuts wide bells at ±9, and on its grid total variation has corners.
    close = 3e-3 if row == "total variation" else 3e-5
    assert [found[0]["mean"], found[0]["scale"]] == pytest.approx([mean, scale], abs=close)
    assert found[0]["distance"] == pytest.approx(least, abs=3e-5 if row == "total variation" else 5e-6)
    assert oracle(row, found[0]["mean"], found[0]["scale"]) < oracle(row, mean, scale) + 1e-9
    assert NearestBell(row=row).nearest() == pytest.approx((mean, scale), abs=5e-3)


@pytest.mark.parametrize("row", ROWS)
def test_bottoms_are_all_there_are(mathematics, row):
    """On a grid of bells, those that are below all their neighbours: one for each bottom, and close to it."""
    means, logs = np.linspace(-3.5, 3.5, 57), np.linspace(math.log(0.45), math.log(2.5), 33)
    heights = np.array([[oracle_on_grid(row, mean, math.exp(v)) for mean in means] for v in logs])
    lowest = heights == minimum_filter(heights, size=3, mode="nearest")
    wanted = sorted((means[i], logs[j]) for j, i in np.argwhere(lowest))
    bottoms = mathematics.evaluate("(row) => lib.bottoms(row)", row)
    found = sorted((each["mean"], math.log(each["scale"])) for each in bottoms)
    assert len(found) == len(wanted) == ROWS[row]
    assert np.array(found) == pytest.approx(np.array(wanted), abs=0.13)
    distances = [each["distance"] for each in bottoms]
    assert distances == sorted(distances)


def oracle_on_grid(row: str, mean: float, scale: float) -> float:
    return named(row).between(COARSE_HILLS, norm(mean, scale).pdf(COARSE), COARSE)


COARSE = np.linspace(-10, 10, 401)
COARSE_HILLS = hills(COARSE)


def test_going_downhill_never_rises_and_ends_at_a_bottom(mathematics):
    generator = np.random.default_rng(8)
    for row in ("jensen-shannon", "reverse kl", "kl"):
        for mean, scale in generator.uniform((-3.5, 0.45), (3.5, 2.5), size=(8, 2)):
            end = mathematics.evaluate("([row, m, s]) => lib.downhill(row, m, s)", [row, mean, scale])
            at = end["mean"], end["scale"]
            assert oracle(row, *at) <= oracle(row, mean, scale)
            bottoms = mathematics.evaluate("(row) => lib.bottoms(row)", row)
            apart = [math.dist(at, (each["mean"], each["scale"])) for each in bottoms]
            assert min(apart) < 1e-4, (row, mean, scale)


def test_nearest_bell_of_every_divergence(opened):
    page = opened()
    for row in ROWS:
        choose(page, row)
        before = check_page(page)
        press(page, "Nearest bell")
        shown, state = check_page(page), state_of(page)
        assert shown["own"] == pytest.approx(shown["least"], abs=1e-9)
        assert shown["own"] < before["own"] and "no bell is nearer" in words(page)
        assert state["mean"] == pytest.approx(shown["nearest_mean"], abs=1e-9)


def test_which_way_is_down(opened):
    """From KL's bell reverse KL leads to the higher hill; from the lower hill it does not lead away."""
    page = opened()
    press(page, "Nearest bell")
    choose(page, "reverse kl")
    assert "your bell is" in words(page)
    press(page, "Downhill")
    assert "no bell is nearer" in words(page) and state_of(page)["mean"] == pytest.approx(-1.5, abs=0.01)
    peak(page, "mean of your bell").fill("2")
    peak(page, "scale of your bell").fill(str(round(math.log(0.6), 3)))
    press(page, "Downhill")
    shown = check_page(page)
    assert "every small move leads further away" in words(page)
    assert f"at {shown['least']:.3f}: mean −1.50, scale 0.61" in words(page)
    assert shown["own"] == pytest.approx(
        -math.log(0.35), abs=0.004
    )  # what lies on one hill gives up the other
    assert shown["least"] == pytest.approx(-math.log(0.65), abs=0.004)
    choose(page, "kl")
    press(page, "Downhill")
    assert "no bell is nearer" in words(page)


def test_two_bells_of_jensen_shannon_are_nearly_as_near(opened):
    page = opened()
    choose(page, "jensen-shannon")
    wide, high, low = state_of(page)["bottoms"]
    assert wide["scale"] > 1.7 and high["mean"] < -1.4 and low["mean"] > 1.9
    assert 0.001 < high["distance"] - wide["distance"] < 0.0015
    assert [f"{each['distance']:.3f}" for each in (wide, high)] == ["0.138", "0.139"]  # as the chapter says
    assert low["distance"] > 2 * wide["distance"]


def axes(page, which: int) -> dict:
    """The horizontal axis of a chart, in pixels."""
    return page.locator(".explorer-chart").nth(which).locator(".explorer-axis").bounding_box()


def test_mouse_moves_and_narrows_the_bell(opened):
    page = opened()
    unit = axes(page, 0)["width"] / 8
    drag(page, peak(page, "Top of your bell"), -60, 1)
    after = state_of(page)
    assert after["mean"] == pytest.approx(1 - 60 / unit, abs=0.03) and after["scale"] == 0.8
    drag(page, peak(page, "Top of your bell"), 0, -30)
    state = state_of(page)
    height = 1 / (0.8 * math.sqrt(2 * math.pi)) + 30 * 0.95 / (240 - 28 - 24)
    assert state["scale"] == pytest.approx(1 / (height * math.sqrt(2 * math.pi)), abs=0.02)
    assert state["mean"] == after["mean"]
    check_page(page)


def test_mouse_moves_the_bell_in_the_map(opened):
    page = opened()
    unit = axes(page, 1)["width"] / 8
    drag(page, peak(page, "Your bell in the map"), -70, -40)
    state = state_of(page)
    assert state["mean"] == pytest.approx(1 - 70 / unit, abs=0.03)
    high = 236 - 28 - 24
    assert math.log(state["scale"] / 0.8) == pytest.approx(40 * math.log(2.5 / 0.45) / high, abs=0.03)
    check_page(page)


@pytest.mark.parametrize("row", ["kl", "pearson", "jensen-shannon", "total variation", "reverse kl"])
def test_map_shows_the_divergence(opened, row):
    """On a line of the map the divergence is above the least as the words beside it say."""
    page = opened()
    choose(page, row)
    path = page.locator(".explorer-chart").nth(1).locator("path.explorer-rule").get_attribute("d")
    ends = np.array([[float(each) for each in piece.split("L")[0].split()] for piece in path.split("M")[1:]])
    wide, high = axes(page, 1)["width"], 236 - 28 - 24
    means = -4 + 8 * ends[:, 0] / wide
    scales = 0.45 * (2.5 / 0.45) ** (1 - ends[:, 1] / high)
    legend = page.locator(".explorer-hint").first.inner_text()
    last = float(legend.split("up to ")[1].split()[0].rstrip("."))
    levels = last / 2.0 ** np.arange(8)
    assert f"it is {levels[-1]:.3f}" in legend
    least, seen = numbers_of(page)["least"], set()
    crease = 0.005 if row == "total variation" else 0  # its bottom is sharper than the map's grid
    chosen = [each for each in zip(means, scales, strict=True) if each[1] > 0.6][::25]
    for mean, scale in chosen:
        excess = oracle(row, mean, scale) - least
        nearest = levels[np.abs(np.log(levels / excess)).argmin()]
        assert excess == pytest.approx(nearest, rel=0.12, abs=crease)
        seen.add(nearest)
    assert len(seen) >= 5


def test_finger_moves_the_bell_and_not_the_page(opened):
    page = opened(width=400, height=700, has_touch=True)
    for name, right, down in (("Top of your bell", -40, 0), ("Your bell in the map", -30, -30)):
        peak(page, name).scroll_into_view_if_needed()
        settle(page)
        before, top = state_of(page), page.evaluate("scrollY")
        box = peak(page, name).bounding_box()
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        swipe(page, start, (start[0] + right, start[1] + down))
        after = state_of(page)
        assert after["mean"] < before["mean"] - 0.5 and page.evaluate("scrollY") == top
        assert (after["scale"] == before["scale"]) == (down == 0)
    check_page(page)


def test_keyboard(opened):
    page = opened()
    peak(page, "Your bell in the map").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("Shift+ArrowUp")
    settle(page)
    state = state_of(page)
    assert state["mean"] == pytest.approx(1.1) and math.log(state["scale"] / 0.8) == pytest.approx(0.5)
    assert "mean 1.10, scale 1.32" in peak(page, "Your bell in the map").get_attribute("aria-valuetext")
    peak(page, "Top of your bell").focus()
    page.keyboard.press("ArrowUp")
    settle(page)
    assert state_of(page)["scale"] < state["scale"] and state_of(page)["mean"] == pytest.approx(1.1)
    page.keyboard.press("End")
    settle(page)
    assert state_of(page)["mean"] == 3.5
    check_page(page)


def test_sliders_and_reset(opened):
    page = opened()
    first = state_of(page)
    peak(page, "mean of your bell").fill("-1.25")
    peak(page, "scale of your bell").fill(str(round(math.log(0.7), 3)))
    choose(page, "jeffrey")
    state = state_of(page)
    assert (state["row"], state["mean"]) == ("jeffrey", -1.25)
    assert state["scale"] == pytest.approx(0.7, abs=2e-3)
    assert peak(page, "scale of your bell").get_attribute("aria-valuetext") == "0.70"
    check_page(page)
    peak(page, "scale of your bell").focus()
    for key, end in (("Home", 0.45), ("End", 2.5)):
        page.keyboard.press(key)
        assert state_of(page)["scale"] == pytest.approx(end, abs=0.003)
    press(page, "Reset")
    assert state_of(page) == first


@pytest.mark.parametrize("width", [320, 1000])
def test_outputs_print_their_values(opened, width):
    page = opened(width=width)
    for row, mean in (("kl", "0.5"), ("pearson", "-2"), ("pearson", "1.9")):
        choose(page, row)
        peak(page, "mean of your bell").fill(mean)
        settle(page)
        for output in page.locator("output").all():
            value, text = float(output.get_attribute("data-value")), output.inner_text()
            if value < 1e4:
                assert text == f"{value:.3f}".replace("-", "−")
            else:
                head, power = text.split(" · 10")
                digits = "".join(str("⁰¹²³⁴⁵⁶⁷⁸⁹".index(each)) for each in power)
                assert value == pytest.approx(float(f"{head}e{digits}"), rel=0.06)
    peak(page, "mean of your bell").fill("3.5")
    peak(page, "scale of your bell").fill("-0.798")
    settle(page)
    assert numbers_of(page)["own"] > 1e100 and "10²" in words(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("wrong", "parts"),
    [
        ({"mean": 4.0}, ["mean", "4.0", "[-3.5, 3.5]"]),
        ({"scale": 0.4}, ["scale", "0.4", "[0.45, 2.5]"]),
        ({"scale": math.nan}, ["scale", "nan"]),
    ],
)
def test_bad_traits_are_named(wrong, parts):
    with pytest.raises(ValueError) as caught:
        NearestBell(**wrong)
    assert all(part in str(caught.value) for part in [*parts, "Remedy"])


def test_static_figure_shows_both_bells_and_their_distances():
    lab = NearestBell(row="reverse kl")
    bells, plane, bars = lab.figure().axes
    hill, own, nearest = (line.get_xydata() for line in bells.lines)
    assert hill[:, 1] == pytest.approx(hills(hill[:, 0]))
    assert own[:, 1] == pytest.approx(norm.pdf(own[:, 0], lab.mean, lab.scale))
    assert nearest[nearest[:, 1].argmax(), 0] == pytest.approx(-1.5, abs=0.02)
    assert plane.lines[-1].get_xydata()[0] == pytest.approx([lab.mean, lab.scale])
    lengths = [bar.get_width() for bar in bars.patches]
    assert lengths == pytest.approx([lab.distance(), best_bell(named("reverse kl"))[2]], abs=1e-6)
