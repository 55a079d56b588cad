"""The laboratory of conjugates in a real browser: against library, search and QUADPACK, by all hands."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
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
from lib.divergences import Divergence, named, names
from lib.explorers.conjugate_lab import ConjugateLab

SETTINGS = {"alpha": {"alpha": 1.5}, "weighted jensen-shannon": {"weight": 0.3}}
TRAITS = ("row", "slope", "ratio", "mean", "width", "power")
LINE = ("cost", "height", "says", "gap", "at_one")


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "conjugate_lab/divergences.js", "conjugate_lab/laws.js") as page:
        yield page


def row_of(name: str) -> Divergence:
    return named(name, **SETTINGS.get(name, {}))


def line_of(name: str, slope: float, ratio: float) -> dict[str, float]:
    """What the highest line says, from the library's conjugate."""
    row = row_of(name)
    cost, height = float(row.conjugate(slope)), float(row.f(ratio))
    says = ratio * slope - cost
    return dict(zip(LINE, (cost, height, says, height - says, slope - cost), strict=True))


def critic_of(state) -> dict[str, float]:
    """Bound and divergence by adaptive quadrature, piece by piece; SciPy's normal laws, cut to [−4, 4]."""
    row, p, q = row_of(state["row"]), norm(0.3, 1), norm(state["mean"], state["width"])
    masses = [law.cdf(4) - law.cdf(-4) for law in (p, q)]

    def at(x):
        there, here = p.pdf(x) / masses[0], q.pdf(x) / masses[1]
        return there, here, there / here

    def proved(x):
        there, here, ratio = at(x)
        critic = row.f_prime(ratio ** state["power"])
        return there * critic - here * row.conjugate(critic)

    def exact(x):
        _, here, ratio = at(x)
        return here * row.f(ratio)

    pieces = list(itertools.pairwise(np.linspace(-4, 4, 9)))
    bound, whole = (
        sum(quad(each, *piece, epsabs=1e-10, epsrel=1e-10)[0] for piece in pieces) for each in (proved, exact)
    )
    return {"bound": bound, "exact": whole, "missing": whole - bound}


def check_line(state, shown) -> None:
    wanted = line_of(*(state[key] for key in ("row", "slope", "ratio")))
    assert {key: shown[key] for key in wanted} == pytest.approx(wanted, abs=1e-9, rel=1e-9)
    assert shown["gap"] > -1e-9


def check_critic(state, shown) -> None:
    wanted = critic_of(state)
    assert {key: shown[key] for key in wanted} == pytest.approx(wanted, abs=1e-6, rel=1e-6)
    assert shown["missing"] > -1e-9


def check_page(page) -> dict[str, float]:
    state, shown = state_of(page), numbers_of(page)
    check_line(state, shown)
    check_critic(state, shown)
    check_drawing(page, state, shown)
    return shown


def rolled(page) -> np.ndarray:
    """The two ends of the line and the two ends of the axis of the first picture, in pixels."""
    first = page.locator(".explorer-chart").first
    path = first.locator('path.explorer-curve[data-role="third"]').last.get_attribute("d")
    return np.array([[float(each) for each in piece.split()] for piece in path[1:].split("L")])


def check_drawing(page, state, shown) -> None:
    """The line has the slope and the height of the numbers, and the bars end where theirs say."""
    first = page.locator(".explorer-chart").first
    ticks = first.locator(".explorer-grid").evaluate_all(
        "(nodes) => nodes.map((node) => +node.getAttribute('y1'))"
    )
    texts = first.locator('.explorer-frame text[text-anchor="end"]').all_text_contents()
    values = [float(each.replace("−", "-")) for each in texts]
    down, zero = np.polyfit(values, ticks, 1)
    heights = (rolled(page)[:, 1] - zero) / down
    assert (heights[1] - heights[0]) / 4 == pytest.approx(state["slope"], abs=0.02)
    if math.isfinite(shown["cost"]):
        assert heights[0] == pytest.approx(-shown["cost"], abs=0.02)
    ends = (
        page.locator(".explorer-chart")
        .last.locator(".explorer-band")
        .evaluate_all(
            "(nodes) => nodes.map((node) => { const { x, width } = node.getBBox(); return [x, x + width]; })"
        )
    )
    lines = page.locator(".explorer-chart").last.locator(".explorer-rule")
    zero, whole = (
        lines.nth(k).evaluate("(node) => [node.x1.baseVal.value, node.x2.baseVal.value]") for k in (0, 1)
    )
    unit = (whole[1] - whole[0]) / shown["exact"]
    wanted = [sorted([0, shown["bound"]]), [shown["bound"], shown["exact"]]]
    if abs(shown["bound"]) < 1.5 * abs(shown["exact"]):
        assert np.array(ends) == pytest.approx(zero[0] + unit * np.array(wanted), rel=1e-3, abs=0.2)


def choose(page, row: str) -> None:
    page.get_by_role("combobox", name="divergence").select_option(row)
    settle(page)


def put(page, name: str, value: float) -> None:
    peak(page, name).fill(str(value))
    settle(page)


def values_of(mathematics, row: str, function: str, at: np.ndarray) -> np.ndarray:
    """A function of divergences.js at many places; JSON knows no infinity, a page's strings do."""
    found = mathematics.evaluate(
        """([row, name, at]) => at.map((each) => String(
          name === 'conjugate' ? lib.conjugate(lib.ROWS[row], each) : lib.ROWS[row][name](each)))""",
        [row, function, list(at)],
    )
    return np.array([float(each) for each in found])


def test_every_row_is_there(mathematics):
    assert mathematics.evaluate("() => Object.keys(lib.ROWS)") == names()
    ends = mathematics.evaluate(
        "() => Object.values(lib.ROWS).map(({ end, closed }) => [String(end), !!closed])"
    )
    rows = [row_of(name) for name in names()]
    assert [float(end) for end, _ in ends] == pytest.approx([row.domain[1] for row in rows])
    assert [closed for _, closed in ends] == [row.closed for row in rows]


@pytest.mark.parametrize("name", names())
def test_functions_are_those_of_the_library(mathematics, name):
    row = row_of(name)
    ratios = np.geomspace(0.01, 20, 49)
    with_ends = np.array([0.0, *ratios])
    assert values_of(mathematics, name, "f", with_ends) == pytest.approx(row.f(with_ends), rel=1e-9, abs=1e-9)
    assert values_of(mathematics, name, "slope", with_ends) == pytest.approx(
        row.f_prime(with_ends), rel=1e-9, abs=1e-9
    )
    costs = row.conjugate(row.f_prime(ratios))
    assert values_of(mathematics, name, "cost", ratios) == pytest.approx(costs, rel=1e-9, abs=1e-9)
    end = min(row.domain[1], 4.0)
    slopes = np.array([*(end - np.geomspace(1e-4, 8, 48)), end, end + 0.1])
    found = values_of(mathematics, name, "conjugate", slopes)
    assert found == pytest.approx(row.conjugate(slopes), rel=1e-9, abs=1e-9)
    assert np.isinf(found).sum() == {True: 1, False: 2}[row.closed] * (row.domain[1] < 4)


@pytest.mark.parametrize("name", names())
def test_line_touches_where_a_search_finds_it(mathematics, name):
    row = row_of(name)
    for slope in min(row.domain[1], 2.0) - np.array([0.15, 0.4, 1.1, 2.3]):
        low, high = mathematics.evaluate("([row, t]) => lib.touching(lib.ROWS[row], t)", [name, slope])
        search = {"bounds": (0, 200), "method": "bounded", "options": {"xatol": 1e-10}}
        best = minimize_scalar(lambda u, t=slope: float(row.f(u)) - u * t, **search).x
        assert low == high == pytest.approx(best, rel=1e-4, abs=1e-4)


def test_the_corner_of_total_variation_takes_many_slopes(mathematics):
    places = [
        mathematics.evaluate("(t) => String(lib.touching(lib.ROWS['total variation'], t))", t)
        for t in (-0.7, -0.5, -0.3, 0, 0.3, 0.5, 0.51)
    ]
    assert places == ["0,0", "0,1", "1,1", "1,1", "1,1", "1,Infinity", "null"]


def test_first_numbers(opened):
    page = opened()
    shown = check_page(page)
    assert [shown[key] for key in ConjugateLab().said()._fields] == pytest.approx(
        ConjugateLab().said(), abs=1e-9
    )
    assert "says 0.25, and f is 1.39: the gap is 1.14" in words(page) and "too timid" in words(page)


def test_other_rows_lines_and_laws(opened):
    generator = np.random.default_rng(3)
    limits = {
        "slope": (-4, 4),
        "ratio": (0.5, 3),
        "mean": (-1.5, 1.5),
        "width": (0.8, 1.5),
        "power": (0, 1.5),
    }
    states = [
        {"row": name} | {key: generator.uniform(*pair) for key, pair in limits.items()}
        for name in names()
        for _ in range(2)
    ]
    for state, shown in rendered(opened(), ConjugateLab(), states):
        check_line(state, shown)
        check_critic(state, shown)
        python = ConjugateLab(**{key: state[key] for key in TRAITS}).said()._asdict()
        assert {key: shown[key] for key in python} == pytest.approx(python, abs=1e-9, rel=1e-9)


def test_exact_belief_proves_all_there_is_in_every_row(opened):
    states = [
        {"row": name, "slope": 0.1, "ratio": 2.0, "mean": 0.9, "width": 1.4, "power": power}
        for name in names()
        for power in (0.0, 1.0, 1.4)
    ]
    for state, shown in rendered(opened(), ConjugateLab(), states):
        if state["power"] == 1:
            assert shown["bound"] == pytest.approx(shown["exact"], abs=1e-8)
            assert "proves all there is" in state["words"]
        elif state["power"] == 0:
            assert shown["bound"] == pytest.approx(float(row_of(state["row"]).f(1.0)), abs=1e-9)
            assert "the same everywhere" in state["words"]
        elif state["row"] == "total variation":  # the side is all that it needs to know
            assert shown["bound"] == pytest.approx(shown["exact"], abs=1e-8)
        else:
            assert shown["missing"] > 1e-3 and "too bold" in state["words"]


def test_the_question_of_the_chapter(opened):
    """The slope that catches f at 2 is 1 + log 2; at the ratio 1 that line says log 2 − 1."""
    page = opened()
    press(page, "Touch f at your ratio")
    shown = check_page(page)
    assert state_of(page)["slope"] == pytest.approx(1 + math.log(2), abs=1e-12)
    assert shown["gap"] == pytest.approx(0, abs=1e-12)
    assert shown["at_one"] == pytest.approx(math.log(2) - 1, abs=1e-12)
    assert "the line touches f" in words(page)
    press(page, "Touch f at 1")
    shown = check_page(page)
    assert state_of(page)["slope"] == 1 and shown["at_one"] == pytest.approx(0, abs=1e-12)
    assert shown["gap"] == pytest.approx(2 * math.log(2) - 1, abs=1e-12)


def test_rows_without_a_line_of_slope_one(opened):
    page = opened()
    put(page, "slope of the line", 1)
    without = []
    for name in names():
        choose(page, name)
        shown = check_page(page)
        if math.isinf(shown["cost"]):
            without.append(name)
            assert "slides down without end" in words(page)
            outputs = page.locator("output").all_inner_texts()
            assert outputs[0] == "∞" and outputs[2] == "−∞" and "NaN" not in "".join(outputs)
    wanted = [name for name in names() if math.isinf(row_of(name).conjugate(1.0))]
    assert without == wanted and len(without) == 8
    assert {"neyman", "kl"}.isdisjoint(without)


def unit_of(page, which: int, span: float) -> float:
    """Pixels for one unit of a horizontal axis."""
    axis = page.locator(".explorer-chart").nth(which).locator(".explorer-axis").bounding_box()
    return axis["width"] / span


def test_mouse_rolls_the_line(opened):
    page = opened()
    start = math.exp(0.4 - 1)
    drag(page, peak(page, "Touching point"), 120, 30)  # along the curve, whatever the hand does upwards
    u = start + 120 / unit_of(page, 0, 4)
    assert state_of(page)["slope"] == pytest.approx(1 + math.log(u), abs=0.02)
    check_page(page)
    drag(page, peak(page, "Touching point"), 2000, 0)
    assert state_of(page)["slope"] == pytest.approx(1 + math.log(4))
    check_page(page)


def test_mouse_comes_back_from_where_no_line_is(opened):
    page = opened()
    choose(page, "squared hellinger")
    put(page, "slope of the line", 2)
    check_page(page)
    drag(page, peak(page, "Touching point"), 60, 0)  # further out there is nothing, and nothing happens
    assert state_of(page)["slope"] == 2
    drag(page, peak(page, "Touching point"), -2 * unit_of(page, 0, 4), 0)
    assert state_of(page)["slope"] == pytest.approx(1 - 1 / math.sqrt(2), abs=0.02)
    check_page(page)


def test_mouse_moves_ratio_and_law(opened):
    page = opened()
    drag(page, peak(page, "Ratio in the picture"), -80, 0)
    assert state_of(page)["ratio"] == pytest.approx(2 - 80 / unit_of(page, 0, 4), abs=0.02)
    drag(page, peak(page, "Peak of Q"), 60, 1)
    state = state_of(page)
    assert state["mean"] == pytest.approx(-0.4 + 60 / unit_of(page, 1, 8), abs=0.03) and state["width"] == 1.2
    for name, value in (("mean of Q", 1.5), ("width of Q", 1.0)):  # where more and more of Q is cut off
        put(page, name, value)
    box = peak(page, "Peak of Q").bounding_box()
    drag(page, peak(page, "Peak of Q"), 0, 22)
    after = peak(page, "Peak of Q").bounding_box()
    assert state_of(page)["width"] > 1.3 and state_of(page)["mean"] == 1.5
    assert after["y"] - box["y"] == pytest.approx(22, abs=1)  # the peak stays under the hand
    check_page(page)


def test_finger_moves_handles_and_not_the_page(opened):
    page = opened(width=400, height=700, has_touch=True)
    moves = (
        ("Touching point", 60, "slope"),
        ("Ratio in the picture", -40, "ratio"),
        ("Peak of Q", 40, "mean"),
    )
    for name, right, key in moves:
        peak(page, name).scroll_into_view_if_needed()
        before, top = state_of(page)[key], page.evaluate("scrollY")
        box = peak(page, name).bounding_box()
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        swipe(page, start, (start[0] + right, start[1] + 10))
        assert abs(state_of(page)[key] - before) > 0.3 and page.evaluate("scrollY") == top
    check_page(page)


def test_keyboard(opened):
    page = opened()
    peak(page, "Touching point").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    u = math.exp(0.4 - 1) + 0.1
    assert state_of(page)["slope"] == pytest.approx(1 + math.log(u), abs=1e-9)
    assert f"touches at {u:.2f}" in peak(page, "Touching point").get_attribute("aria-valuetext")
    page.keyboard.press("Home")  # f is as steep there as it likes; the slopes end at −4
    settle(page)
    assert state_of(page)["slope"] == -4
    check_page(page)
    peak(page, "Ratio in the picture").focus()
    page.keyboard.press("Shift+ArrowLeft")
    settle(page)
    assert state_of(page)["ratio"] == pytest.approx(1.5)
    peak(page, "Peak of Q").focus()
    page.keyboard.press("ArrowUp")
    settle(page)
    assert state_of(page)["width"] < 1.2 and state_of(page)["mean"] == -0.4
    page.keyboard.press("End")
    settle(page)
    assert state_of(page)["mean"] == 1.5
    check_page(page)


def test_keyboard_walks_through_the_corner_of_total_variation(opened):
    page = opened()
    choose(page, "total variation")
    peak(page, "Touching point").focus()
    seen = []
    for _ in range(16):
        page.keyboard.press("ArrowLeft")
        settle(page)
        seen.append(state_of(page)["slope"])
    assert seen[-1] == -0.5 and sorted(seen, reverse=True) == seen
    for _ in range(16):
        page.keyboard.press("ArrowRight")
        settle(page)
    assert state_of(page)["slope"] == 0.5
    put(page, "slope of the line", 0.2)
    shown = check_page(page)
    assert shown["cost"] == pytest.approx(0.2) and shown["at_one"] == pytest.approx(0)


def test_sliders_and_reset(opened):
    page = opened()
    first = state_of(page)
    given = {
        "slope of the line": ("slope", -1.25),
        "your ratio": ("ratio", 0.75),
        "mean of Q": ("mean", 1.1),
        "width of Q": ("width", 0.9),
        "power of the critic": ("power", 1.2),
    }
    for name, (_, value) in given.items():
        peak(page, name).fill(str(value))
    choose(page, "jeffrey")
    assert state_of(page) == {"row": "jeffrey"} | dict(given.values())
    assert peak(page, "width of Q").get_attribute("aria-valuetext") == "0.90"
    check_page(page)
    press(page, "Reset")
    assert state_of(page) == first


def test_outputs_print_their_values(opened):
    page = opened()
    choose(page, "reverse kl")
    for output in page.locator("output").all():
        value = float(output.get_attribute("data-value"))
        printed = f"{value:.3f}".replace("-", "−") if math.isfinite(value) else f"{'−' * (value < 0)}∞"
        assert output.inner_text() == ("0.000" if printed == "−0.000" else printed)
    choose(page, "pearson")
    for name, value in (("power of the critic", 1.5), ("mean of Q", 1.5), ("width of Q", 0.8)):
        put(page, name, value)
    shown = numbers_of(page)
    assert shown["bound"] < -1e7 and f"−{-shown['bound'] / 1e7:.1f} · 10⁷" in words(page)


@pytest.mark.parametrize("width", [320, 1000])
def test_ticks_can_be_read_in_every_row(opened, width):
    page = opened(width=width)
    for name in names():
        choose(page, name)
        for chart in (page.locator(".explorer-chart").first, page.locator(".explorer-chart").last):
            for anchor, axis, size in (("end", "y", "height"), ("middle", "x", "width")):
                boxes = [each.bounding_box() for each in chart.locator(f'text[text-anchor="{anchor}"]').all()]
                boxes = sorted((box for box in boxes if box), key=lambda box: box[axis])
                pairs = itertools.pairwise(boxes)
                assert all(one[axis] + one[size] < other[axis] + 1 for one, other in pairs)
