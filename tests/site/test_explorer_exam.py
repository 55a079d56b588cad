"""The exam in a real browser: its losses against torch, its flow against SciPy's, by all hands."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad, solve_ivp
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from torch.distributions import Normal, kl_divergence

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
from lib.explorers.exam import Exam

NUMBERS = ("s", "beta", "s_x")


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "exam/marks.js") as page:
        yield page


def double(value) -> torch.Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


def losses(state, s=None) -> tuple[float, float]:
    """Reconstruction as the mean of log-densities under quadrature, the teacher by torch; for each pupil."""
    s = state["s"] if s is None else s
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    reconstruction = 0.0
    for x, m in zip(state["points"], state["means"], strict=True):
        decoded = m + s * nodes
        likely = norm(decoded, state["s_x"]).logpdf(x) - norm(x, state["s_x"]).logpdf(x)
        reconstruction -= weights @ likely / weights.sum() / len(state["points"])
    laws = Normal(double(state["means"]), double(s))
    teacher = kl_divergence(laws, Normal(double(0), double(1))).mean().item()
    return float(reconstruction), teacher


def mistaken(state) -> float:
    """By integration: where on the axis a draw of each pupil is nearest to another one's mean."""
    means, share = np.array(state["means"]), 0.0
    edges = np.sort([(a + b) / 2 for a, b in itertools.combinations(means, 2)])
    edges = np.unique(np.concatenate([[-30.0], edges, [30.0]]))
    for m in means:
        for low, high in itertools.pairwise(edges):
            if np.abs(means - (low + high) / 2).argmin() != np.abs(means - m).argmin():
                share += np.diff(norm(m, state["s"]).cdf([low, high]))[0]
    return share / len(means)


def oracle(state) -> dict[str, float]:
    reconstruction, teacher = losses(state)

    def total(v):
        made = losses(state, math.exp(v))
        return made[0] + state["beta"] * made[1]

    found = minimize_scalar(
        total, bounds=(math.log(1e-6), math.log(1.5)), method="bounded", options={"xatol": 1e-12}
    )
    least = min(total(math.log(1e-6)), found.fun)
    return {
        "reconstruction": reconstruction,
        "charged": state["beta"] * teacher,
        "total": reconstruction + state["beta"] * teacher,
        "least": least,
        "best": math.exp(found.x),
        "mistaken": mistaken(state),
    }


def check_numbers(state, shown) -> None:
    wanted = oracle(state)
    best = wanted.pop("best")
    assert {key: shown[key] for key in wanted} == pytest.approx(wanted, abs=1e-9, rel=1e-10)
    if state["beta"] == 0:
        assert shown["best"] == 0
    elif best > 0.021:  # a flat valley: its bottom is known to half the digits
        assert shown["best"] == pytest.approx(best, rel=1e-5)
    assert shown["reconstruction"] + shown["charged"] == pytest.approx(shown["total"], abs=1e-9)


def check_page(page) -> dict[str, float]:
    shown = numbers_of(page)
    check_numbers(state_of(page), shown)
    check_bars(page, shown)
    return shown


def check_bars(page, shown) -> None:
    last = page.locator(".explorer-chart").last
    ends = "(nodes) => nodes.map((node) => { const { x, width } = node.getBBox(); return [x, x + width]; })"
    bars = np.array(last.locator(".explorer-band").evaluate_all(ends))
    zero, least = np.array(last.locator(".explorer-rule").evaluate_all(ends))[:, 0]
    unit = (bars[2, 1] - zero) / shown["total"]
    wanted = [[0, shown["reconstruction"]], [shown["reconstruction"], shown["total"]], [0, shown["total"]]]
    assert bars == pytest.approx(zero + unit * np.array(wanted), abs=0.1)
    assert least == pytest.approx(zero + unit * shown["least"], abs=0.1)


def test_first_numbers(opened):
    shown = check_page(page := opened())
    python = Exam()
    made = python.marks()
    assert [shown["reconstruction"], shown["total"]] == pytest.approx(
        [made.reconstruction, made.total], abs=1e-9
    )
    assert shown["charged"] == pytest.approx(made.teacher, abs=1e-9)  # beta is 1
    assert [shown["best"], shown["mistaken"]] == pytest.approx([python.best(), python.mistaken()], abs=1e-9)
    assert shown["best"] == pytest.approx(math.sqrt(0.2), abs=1e-12)
    assert "best difficulty is 0.45" in words(page) and "Harder" in words(page)


def test_other_pupils_and_weights(opened):
    generator = np.random.default_rng(12)
    states = [
        {
            "points": generator.uniform(-3, 3, size=count).tolist(),
            "means": generator.uniform(-3, 3, size=count).tolist(),
            "s": math.exp(generator.uniform(math.log(0.02), math.log(1.5))),
            "beta": generator.uniform(0, 4) if count != 3 else 0.0,
            "s_x": generator.uniform(0.25, 2),
        }
        for count in (2, 3, 4, 5, 6)
        for _ in range(3)
    ]
    for state, shown in rendered(opened(), Exam(), states):
        check_numbers(state, shown)
        python = Exam(**{key: state[key] for key in ("points", "means", *NUMBERS)})
        made = python.marks()
        assert [made.reconstruction, made.total] == pytest.approx(
            [shown["reconstruction"], shown["total"]], abs=1e-9
        )
        assert [python.best(), python.mistaken()] == pytest.approx(
            [shown["best"], shown["mistaken"]], abs=1e-9
        )


def test_total_is_the_bound_but_for_a_constant(mathematics):
    """At beta = 1: total + ELBO is the same whatever the codes do, ½ log 2πs_x² with its sign."""
    generator = np.random.default_rng(2)
    for x, m, s, s_x in generator.uniform((-2, -2, 0.1, 0.3), (2, 2, 1.5, 2), size=(8, 4)):
        made = mathematics.evaluate(
            "([x, m, s, s_x]) => lib.marks({ points: [x], means: [m], beta: 1, s_x }, s).total",
            [x, m, s, s_x],
        )

        def inside(z, x=x, m=m, s=s, s_x=s_x):
            return norm(m, s).pdf(z) * (norm(z, s_x).logpdf(x) + norm.logpdf(z) - norm(m, s).logpdf(z))

        elbo = quad(inside, m - 10 * s, m + 10 * s, epsabs=1e-12, epsrel=1e-12, limit=200)[0]
        assert made + elbo == pytest.approx(-math.log(2 * math.pi * s_x**2) / 2, abs=1e-9)


@pytest.mark.parametrize("decoder_ratio", [3.4])
def test_best_difficulty_of_the_linear_decoder(mathematics, decoder_ratio):
    """With ‖w‖²/s_x² = 3.4 the best variance is 1/4.4."""
    best = mathematics.evaluate("(s_x) => lib.best({ beta: 1, s_x })", decoder_ratio**-0.5)
    assert best**2 == pytest.approx(0.2272727272727273, abs=1e-12)
    assert mathematics.evaluate("() => lib.best({ beta: 0, s_x: 0.5 })") == 0


def test_tail_of_the_normal_law(mathematics):
    at = np.concatenate([np.linspace(0, 6, 61), [2.9999999, 3.0000001, 12, 40]])
    made = mathematics.evaluate("(at) => at.map(lib.beyond)", at.tolist())
    assert made == pytest.approx(norm.sf(at), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0, 4.0])
def test_learning_is_the_gradient_flow(mathematics, beta):
    points, means, s, s_x = [-1.5, 0.2, 2.0], [0.5, -0.4, 1.0], 0.8, 0.6

    def flow(_, at):
        at = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        laws = Normal(at[:3], (at[3:] / 2).exp())
        error = (double(points) - at[:3]).square() + at[3:].exp()
        # Each pupil has a v of its own; all begin alike and stay alike.
        teacher = kl_divergence(laws, Normal(double(0), double(1)))
        (error / (2 * s_x**2) + beta * teacher).sum().backward()
        return -at.grad.numpy()

    start = [*means, *[2 * math.log(s)] * 3]
    times = [0.3, 2.0, 9.0]
    wanted = solve_ivp(flow, (0, 9), start, t_eval=times, rtol=1e-12, atol=1e-13, method="LSODA").y.T
    for t, row in zip(times, wanted, strict=True):
        state = {"points": points, "means": means, "s": s, "beta": beta, "s_x": s_x}
        made = mathematics.evaluate("([state, t]) => lib.learnt(state, t)", [state, t])
        assert made["means"] == pytest.approx(row[:3], abs=1e-9)
        assert [made["s"]] * 3 == pytest.approx(np.exp(row[3:] / 2), abs=1e-9)


def test_without_a_teacher_the_difficulty_runs_to_nothing(opened):
    page = opened()
    press(page, "No teacher")
    assert state_of(page)["beta"] == 0 and "to nothing" in words(page)
    assert numbers_of(page)["best"] == 0
    falling = [state_of(page)["s"]]
    for _ in range(3):  # it goes on falling, however long they have learnt
        press(page, "Let the pupils learn")
        falling.append(state_of(page)["s"])
        shown = check_page(page)
    assert (np.diff(falling) < 0).all() and falling[-1] < 0.06
    assert falling[1] == pytest.approx(1 / math.sqrt(1 + 4 * 60 / 2), abs=1e-9)
    assert shown["reconstruction"] < 0.02 and shown["mistaken"] < 1e-9
    press(page, "Best difficulty")
    assert state_of(page)["s"] == pytest.approx(0.02)
    check_page(page)


def test_with_a_teacher_it_comes_to_rest(opened):
    page = opened()
    press(page, "Let the pupils learn")
    state = state_of(page)
    assert state["s"] == pytest.approx(math.sqrt(0.2), abs=1e-6)
    assert state["means"] == pytest.approx(np.array(state["points"]) * 0.8, abs=1e-9)
    assert "that is where it stands" in words(page)
    shown = check_page(page)
    assert shown["total"] == pytest.approx(shown["least"], abs=1e-9)
    press(page, "Let the pupils learn")
    assert state_of(page)["s"] == pytest.approx(state["s"], abs=1e-6)
    press(page, "Reset")
    press(page, "Best difficulty")
    assert state_of(page)["s"] == pytest.approx(math.sqrt(0.2), abs=1e-12)
    peak(page, "difficulty s").focus()
    page.keyboard.press("Home")
    settle(page)
    assert "Easier" in words(page)
    check_page(page)


def test_mouse_finger_and_keyboard_move_pupils_and_difficulty(opened):
    page = opened()
    unit = page.locator(".explorer-chart").first.locator(".explorer-axis").bounding_box()["width"] / 8
    drag(page, peak(page, "Pupil 4"), 60, 0)
    means = state_of(page)["means"]
    assert means[3] == pytest.approx(0.8 + 60 / unit, abs=0.03) and means[4] == 2
    check_page(page)
    drag(page, peak(page, "Difficulty on the curve"), -80, 0)
    axis = page.locator(".explorer-chart").nth(1).locator(".explorer-axis").bounding_box()["width"]
    assert math.log(state_of(page)["s"]) == pytest.approx(-80 * math.log(75) / axis, abs=0.02)
    check_page(page)
    peak(page, "Pupil 1").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert state_of(page)["means"][0] == pytest.approx(-2.1)
    assert peak(page, "Pupil 1").get_attribute("aria-valuetext") == "code mean −2.10, its data point −2.20"
    check_page(page)
    page = opened(width=400, height=700, has_touch=True)
    for name, right in (("Pupil 3", -30), ("Difficulty on the curve", -60)):
        before = state_of(page)
        peak(page, name).scroll_into_view_if_needed()
        box, top = peak(page, name).bounding_box(), page.evaluate("scrollY")
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        swipe(page, start, (start[0] + right, start[1] + 20))
        assert page.evaluate("scrollY") == top and state_of(page) != before
        check_page(page)


def test_sliders_and_reset(opened):
    page = opened()
    first = state_of(page)
    peak(page, "difficulty s").fill("-2")
    peak(page, "weight of the teacher, beta").fill("2.5")
    peak(page, "noise of the decoder").fill("1.25")
    settle(page)
    state = state_of(page)
    assert math.log(state["s"]) == pytest.approx(-2, abs=1e-3)
    assert [state["beta"], state["s_x"]] == [2.5, 1.25]
    check_page(page)
    assert peak(page, "difficulty s").get_attribute("aria-valuetext") == "0.14"
    press(page, "Reset")
    assert state_of(page) == first


def test_outputs_print_their_values(opened):
    page = opened()
    for output in page.locator("output").all():
        assert output.inner_text() == f"{float(output.get_attribute('data-value')):.3f}"


def test_curves_show_the_losses(opened):
    """Heights read off the drawing, and the dashed line at the best difficulty."""
    page = opened()
    chart = page.locator(".explorer-chart").nth(1)
    width = float(chart.locator(".explorer-axis").get_attribute("x2"))
    height, most = 230 - 28 - 24, 6
    state = state_of(page)
    paths = chart.locator(".explorer-curve").evaluate_all(
        "(nodes) => nodes.map((each) => each.getAttribute('d'))"
    )
    for path, which in zip(paths, ("teacher", "reconstruction", "total"), strict=True):
        for pair in path[1:].split("L")[::20]:
            x, y = map(float, pair.split())
            s = 0.02 * 75 ** (x / width)
            reconstruction, teacher = losses(state, s)
            wanted = {"teacher": teacher, "reconstruction": reconstruction, "total": reconstruction + teacher}
            assert most * (1 - y / height) == pytest.approx(wanted[which], abs=0.03)
    line = float(chart.locator(".explorer-rule").first.get_attribute("x1"))
    assert 0.02 * 75 ** (line / width) == pytest.approx(math.sqrt(0.2), rel=1e-3)
