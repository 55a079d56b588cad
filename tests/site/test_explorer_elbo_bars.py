"""The bars of the bound in a real browser: its numbers against QUADPACK, torch and autograd, by all hands."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import minimize
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
from lib.explorers.elbo_bars import ElboBars

NOISE = 0.5
DECODERS = {"straight": lambda z: 1.2 * z + 0.5, "bent": lambda z: z * z}


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "elbo_bars/bound.js") as page:
        yield page


def double(value) -> torch.Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


def log_density(x, mean, width):
    return -(((x - mean) / width) ** 2) / 2 - math.log(width * math.sqrt(2 * math.pi))


def log_likelihood(model: str, x: float) -> float:
    """log P(x) by adaptive quadrature over z, piece by piece."""

    def joint(z):
        return math.exp(log_density(z, 0, 1) + log_density(x, DECODERS[model](z), NOISE))

    pieces = itertools.pairwise(np.linspace(-8, 8, 33))
    return math.log(sum(quad(joint, *piece, epsabs=1e-14, epsrel=1e-12)[0] for piece in pieces))


def oracle(model: str, x: float, mu: float, s: float) -> dict[str, float]:
    """Every bar as an integral under Q of its own, and the divergence from the prior by torch."""
    level = log_likelihood(model, x)

    def under_q(function):
        pieces = itertools.pairwise(np.linspace(mu - 10 * s, mu + 10 * s, 9))
        return sum(
            quad(lambda z: norm.pdf(z, mu, s) * function(z), *piece, epsabs=1e-12, epsrel=1e-12)[0]
            for piece in pieces
        )

    def likelihood(z):
        return log_density(x, DECODERS[model](z), NOISE)

    def joint(z):
        return log_density(z, 0, 1) + likelihood(z)

    q = Normal(double(mu), double(s))
    prior = Normal(double(0), double(1))
    return {
        "reconstruction": under_q(likelihood),
        "to_prior": kl_divergence(q, prior).item(),
        "elbo": under_q(lambda z: joint(z) - log_density(z, mu, s)),
        "gap": under_q(lambda z: log_density(z, mu, s) - (joint(z) - level)),
        "log_likelihood": level,
    }


def check_numbers(state, shown) -> None:
    wanted = oracle(*(state[name] for name in ("model", "x", "mu", "s")))
    assert {key: shown[key] for key in wanted} == pytest.approx(wanted, abs=1e-9, rel=1e-11)
    assert shown["elbo"] + shown["gap"] == pytest.approx(shown["log_likelihood"], abs=2e-9)
    assert shown["reconstruction"] - shown["to_prior"] == pytest.approx(shown["elbo"], abs=2e-9)
    assert shown["gap"] > shown["least"] - 1e-9 and shown["least"] > -1e-9


def check_page(page) -> dict[str, float]:
    shown = numbers_of(page)
    check_numbers(state_of(page), shown)
    check_bars(page, shown)
    return shown


def check_bars(page, shown) -> None:
    """Bars stand where their numbers say, and the gap ends at the log-likelihood."""
    boxes = (
        """(nodes) => nodes.map((node) => { const { x, width } = node.getBBox(); return [x, x + width]; })"""
    )
    last = page.locator(".explorer-chart").last
    bars = np.array(last.locator(".explorer-band").evaluate_all(boxes))
    zero, whole = (last.locator(".explorer-rule").evaluate_all(boxes)[k] for k in (0, 1))
    unit = (whole[1] - whole[0]) / -shown["log_likelihood"]
    ends = [
        [shown["reconstruction"], 0],
        [shown["elbo"], shown["reconstruction"]],
        [shown["elbo"], 0],
        [shown["elbo"], shown["log_likelihood"]],
    ]
    assert bars == pytest.approx(zero[0] + unit * np.array(ends), rel=1e-4, abs=0.1)


def choose(page, decoder: str) -> None:
    page.get_by_role("combobox", name="decoder").select_option(decoder)
    settle(page)


def test_first_numbers(opened):
    page = opened()
    shown = check_page(page)
    assert [shown[key] for key in ElboBars().terms()._fields] == pytest.approx(ElboBars().terms(), abs=1e-9)
    assert shown["to_prior"] == 0  # Q begins as the prior
    marginal = Normal(double(0.5), math.sqrt(1.44 + 0.25))
    assert shown["log_likelihood"] == pytest.approx(marginal.log_prob(double(2)).item(), abs=1e-9)
    assert f"says −{-shown['elbo']:.2f}" in words(page) and f"{shown['gap']:.2f} nats" in words(page)


def test_other_laws_observations_and_decoders(opened):
    generator = np.random.default_rng(5)
    states = [
        {
            "model": model,
            "x": generator.uniform(0, 3),
            "mu": generator.uniform(-3, 3),
            "s": math.exp(generator.uniform(math.log(0.05), math.log(2))),
        }
        for model in ("straight", "bent")
        for _ in range(10)
    ]
    states += [
        {"model": "bent", "x": 0.0, "mu": 3.0, "s": 2.0},
        {"model": "bent", "x": 3.0, "mu": 0.0, "s": 0.05},
    ]
    for state, shown in rendered(opened(), ElboBars(), states):
        check_numbers(state, shown)
        python = ElboBars(**{key: state[key] for key in ("model", "x", "mu", "s")}).terms()._asdict()
        assert {key: shown[key] for key in python} == pytest.approx(python, abs=1e-9, rel=1e-11)


def test_gap_of_the_straight_decoder_is_a_divergence_of_two_normal_laws(mathematics):
    generator = np.random.default_rng(13)
    for x, mu, s in generator.uniform((0, -2, 0.1), (3, 2, 1.5), size=(12, 3)):
        posterior = Normal(double(1.2 * (x - 0.5) / 1.69), 0.5 / 1.3)
        wanted = kl_divergence(Normal(double(mu), s), posterior).item()
        gap = mathematics.evaluate(
            "([x, mu, s]) => lib.play({ model: 'straight', x, mu, s }).gap", [x, mu, s]
        )
        assert gap == pytest.approx(wanted, abs=1e-9)


def bound(model: str, x: float, at) -> torch.Tensor:
    """The bound at (μ, log s) by Gauss–Hermite quadrature, exact for these decoders, for autograd."""
    nodes, weights = (double(each) for each in np.polynomial.hermite_e.hermegauss(12))
    z = double(at)[0] + double(at)[1].exp() * nodes
    terms = Normal(double(0), double(1)).log_prob(z)
    terms = terms + Normal(DECODERS[model](z), double(NOISE)).log_prob(double(x))
    entropy = double(at)[1] + 0.5 * math.log(2 * math.pi * math.e)
    return (weights / weights.sum() * terms).sum() + entropy


def tops_by_search(model: str, x: float) -> list[tuple[float, float]]:
    """All maxima of the bound that SciPy finds from a grid of starts, the highest first."""

    def height(at):
        return bound(model, x, at)

    def down(at):
        return -height(at).item()

    def slope(at):
        return -torch.autograd.functional.jacobian(height, double(at)).numpy()

    found = []
    for at in itertools.product((-2.0, -1.0, -0.6, 0.01, 0.6, 1.0, 2.0), (-2.0, -1.0, 0.0)):
        for _ in range(2):  # polish from where the first ended
            at = minimize(down, np.array(at), jac=slope, method="BFGS", options={"gtol": 1e-10}).x
        bends = torch.linalg.eigvalsh(torch.autograd.functional.hessian(height, double(at)))
        if bends.max() < 0 and all(np.hypot(*(at - each)) > 1e-3 for each in found):
            found.append(at)
    return [(mu, math.exp(v)) for mu, v in sorted(found, key=down)]


@pytest.mark.parametrize(
    ("model", "x", "count"),
    [
        ("straight", 2.0, 1),
        ("straight", 0.1, 1),
        ("bent", 2.0, 3),
        ("bent", 1.0, 3),
        ("bent", 0.2, 1),
        ("bent", 3.0, 3),
    ],
)
def test_hills_are_all_maxima_of_the_bound(mathematics, model, x, count):
    found = mathematics.evaluate("([model, x]) => lib.hills(model, x)", [model, x])
    wanted = tops_by_search(model, x)
    assert len(found) == len(wanted) == count

    def order(top):  # equal heights come in any order
        return round(abs(top[0]), 4), top[0]

    mine = [(each["mu"], each["s"]) for each in found]
    assert np.array(sorted(mine, key=order)) == pytest.approx(np.array(sorted(wanted, key=order)), abs=1e-6)
    first, best = (bound(model, x, [mu, math.log(s)]).item() for mu, s in (mine[0], wanted[0]))
    assert first == pytest.approx(best, abs=1e-9)


def test_climbing_never_goes_down_and_ends_on_a_top(mathematics):
    generator = np.random.default_rng(8)
    for mu, s in generator.uniform((-3, 0.05), (3, 2), size=(20, 2)):
        end = mathematics.evaluate("([mu, s]) => lib.climb('bent', 2, mu, s)", [mu, s])
        at = torch.tensor([end["mu"], math.log(end["s"])], dtype=torch.float64, requires_grad=True)
        height = bound("bent", 2.0, at)
        height.backward()
        assert at.grad.abs().max() < 1e-9
        start = bound("bent", 2.0, [mu, math.log(s)])
        assert height.item() >= start.item()


def test_straight_decoder_closes_the_gap(opened):
    page = opened()
    before = numbers_of(page)["log_likelihood"]
    press(page, "Make Q the best")
    shown, state = check_page(page), state_of(page)
    assert shown["gap"] == pytest.approx(0, abs=1e-9) and shown["least"] == pytest.approx(0, abs=1e-9)
    assert [state["mu"], state["s"]] == pytest.approx([1.2 * 1.5 / 1.69, 0.5 / 1.3], abs=1e-9)
    assert shown["log_likelihood"] == before  # it does not move with Q
    assert "No gap is left" in words(page)
    press(page, "Reset")
    press(page, "Match the moments")
    assert numbers_of(page)["gap"] == pytest.approx(0, abs=1e-9)


def test_bent_decoder_keeps_a_gap_on_each_of_its_hills(opened):
    page = opened()
    choose(page, "bent")
    ends = []
    for mu in (1.0, -1.0, 0.0):
        press(page, "Reset")
        choose(page, "bent")
        peak(page, "mean of Q").fill(str(mu))
        press(page, "Make Q the best")
        shown, state = check_page(page), state_of(page)
        ends.append((state["mu"], shown["gap"]))
        assert shown["gap"] > 0.5 and "No small move" in words(page)
    (right, gap), (left, same), (middle, wide) = ends
    assert right == pytest.approx(-left, abs=1e-6) and gap == pytest.approx(same, abs=1e-9)
    assert abs(middle) < 1e-6 and wide > gap + 2
    assert "over both humps" in words(page) and f"on one, it would be {gap:.2f}" in words(page)
    press(page, "Match the moments")
    shown, state = check_page(page), state_of(page)
    level = log_likelihood("bent", 2.0)
    pieces = list(itertools.pairwise(np.linspace(-8, 8, 33)))
    square = sum(
        quad(lambda z: z * z * math.exp(log_density(z, 0, 1) + log_density(2, z * z, NOISE) - level), *each)[
            0
        ]
        for each in pieces
    )
    assert [state["mu"], state["s"]] == pytest.approx([0, math.sqrt(square)], abs=1e-9)
    assert shown["gap"] > wide


def test_one_wide_hump_may_be_the_best(opened):
    page = opened()
    choose(page, "bent")
    peak(page, "observed x").fill("1")
    press(page, "Make Q the best")
    shown = check_page(page)
    assert abs(state_of(page)["mu"]) < 1e-6
    assert shown["gap"] == pytest.approx(shown["least"], abs=1e-9)
    assert "over both humps" in words(page) and "would be" not in words(page)
    peak(page, "observed x").fill("0")
    press(page, "Make Q the best")
    assert "the posterior is no normal law" in words(page)


def axes(page, which: int) -> dict:
    """The horizontal axis of a chart, in pixels."""
    return page.locator(".explorer-chart").nth(which).locator(".explorer-axis").bounding_box()


def test_mouse_moves_and_narrows_q(opened):
    page = opened()
    unit = axes(page, 1)["width"] / 6.4
    drag(page, peak(page, "Peak of Q"), 60, 1)
    after = state_of(page)
    assert after["mu"] == pytest.approx(60 / unit, abs=0.03) and after["s"] == 1
    check_page(page)
    drag(page, peak(page, "Peak of Q"), 0, -40)
    assert state_of(page)["s"] < 0.7 and state_of(page)["mu"] == after["mu"]
    check_page(page)
    peak(page, "standard deviation of Q").focus()
    page.keyboard.press("Home")  # so narrow that its peak leaves the picture
    settle(page)
    assert state_of(page)["s"] == pytest.approx(0.05)
    drag(page, peak(page, "Peak of Q"), 40, 0)
    assert state_of(page)["s"] == pytest.approx(0.05)
    check_page(page)


def test_mouse_moves_q_in_the_map(opened):
    page = opened()
    unit = axes(page, 2)["width"] / 6.4
    drag(page, peak(page, "Q in the map"), 70, 50)
    state = state_of(page)
    assert state["mu"] == pytest.approx(70 / unit, abs=0.03)
    high = 236 - 28 - 24
    assert math.log(state["s"]) == pytest.approx(-50 * math.log(40) / high, abs=0.03)
    check_page(page)


def test_map_shows_the_gap(opened):
    """On the line of a level the gap is that level: read off the drawing."""
    page = opened()
    choose(page, "bent")
    path = page.locator(".explorer-chart").nth(2).locator("path.explorer-rule").get_attribute("d")
    ends = np.array([[float(each) for each in piece.split("L")[0].split()] for piece in path.split("M")[1:]])
    wide, high = axes(page, 2)["width"], 236 - 28 - 24
    mus = -3.2 + 6.4 * ends[:, 0] / wide
    scales = 0.05 * 40 ** (1 - ends[:, 1] / high)
    level = log_likelihood("bent", 2.0)
    levels = np.array([0.125, 0.25, 0.5, 1, 2, 4, 8, 16])
    seen = set()
    for mu, s in list(zip(mus, scales, strict=True))[::40]:
        gap = level - bound("bent", 2.0, [mu, math.log(s)]).item()
        nearest = levels[np.abs(np.log(levels / gap)).argmin()]
        assert gap == pytest.approx(nearest, rel=0.08)
        seen.add(nearest)
    assert seen == {1, 2, 4, 8, 16}  # below 0.71 there is none


def test_mouse_and_finger_move_the_observation(opened):
    page = opened()
    before = numbers_of(page)
    drag(page, peak(page, "Observed x in the picture"), 0, 20)
    x = state_of(page)["x"]
    assert x == pytest.approx(2 - 20 * 5.5 / (168 - 28 - 24), abs=0.03)
    assert check_page(page)["log_likelihood"] != before["log_likelihood"]
    page = opened(width=400, height=700, has_touch=True)
    for name, right, down, key in (("Observed x in the picture", 0, 25, "x"), ("Peak of Q", 40, 0, "mu")):
        peak(page, name).scroll_into_view_if_needed()
        before, top = state_of(page)[key], page.evaluate("scrollY")
        box = peak(page, name).bounding_box()
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        swipe(page, start, (start[0] + right, start[1] + down))
        assert abs(state_of(page)[key] - before) > 0.5 and page.evaluate("scrollY") == top
    check_page(page)


def test_keyboard(opened):
    page = opened()
    peak(page, "Q in the map").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("Shift+ArrowDown")
    settle(page)
    state = state_of(page)
    assert state["mu"] == pytest.approx(0.1) and math.log(state["s"]) == pytest.approx(-0.5)
    assert "mean 0.10, standard deviation 0.61" in peak(page, "Q in the map").get_attribute("aria-valuetext")
    peak(page, "Peak of Q").focus()
    page.keyboard.press("ArrowUp")
    settle(page)
    assert state_of(page)["s"] < state["s"] and state_of(page)["mu"] == pytest.approx(0.1)
    page.keyboard.press("End")
    settle(page)
    assert state_of(page)["mu"] == 3
    check_page(page)
    peak(page, "Observed x in the picture").focus()
    page.keyboard.press("ArrowDown")
    assert state_of(page)["x"] == pytest.approx(1.9)
    check_page(page)


def test_sliders_and_reset(opened):
    page = opened()
    first = state_of(page)
    peak(page, "mean of Q").fill("-1.25")
    peak(page, "standard deviation of Q").fill("-1")
    peak(page, "observed x").fill("0.5")
    choose(page, "bent")
    state = state_of(page)
    assert [state[key] for key in ("model", "x", "mu")] == ["bent", 0.5, -1.25]
    assert math.log(state["s"]) == pytest.approx(-1, abs=1e-3)
    assert peak(page, "standard deviation of Q").get_attribute("aria-valuetext") == "0.37"
    check_page(page)
    peak(page, "standard deviation of Q").focus()
    page.keyboard.press("End")
    assert state_of(page)["s"] == pytest.approx(2, abs=0.002)
    press(page, "Reset")
    assert state_of(page) == first


def test_outputs_print_their_values(opened):
    page = opened()
    press(page, "Make Q the best")
    for output in page.locator("output").all():
        value = float(output.get_attribute("data-value"))
        printed = f"{value:.3f}".replace("-", "−")
        assert output.inner_text() == ("0.000" if printed == "−0.000" else printed)


@pytest.mark.parametrize("width", [320, 1000])
def test_ticks_of_the_bars_can_be_read(opened, width):
    page = opened(width=width)
    for mu in ("0", "1", "3", "-3"):
        peak(page, "mean of Q").fill(mu)
        settle(page)
        boxes = [
            each.bounding_box()
            for each in page.locator(".explorer-chart").last.locator(".explorer-frame text").all()
        ]
        boxes.sort(key=lambda box: box["x"])
        assert all(one["x"] + one["width"] < other["x"] for one, other in itertools.pairwise(boxes))
