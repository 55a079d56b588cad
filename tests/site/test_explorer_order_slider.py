"""The order slider in a real browser: paths, laws and the network against SciPy and PyTorch, by all hands."""

import itertools
import math
import re

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import brentq, minimize
from scipy.special import ndtr, rel_entr
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
from lib.explorers.order_slider import OrderSlider, best_spread

torch.set_num_threads(1)
S = 0.5
BALLS = [k / 20 for k in range(1, 20)]
NINE = [k / 4 for k in range(9)]
MIDPOINTS = (np.arange(999) + 0.5) / 999
LEAST = -2 * math.log(2)
LAYERS = "({ layers }) => layers.map(({ weight, bias }) => [Array.from(weight), Array.from(bias)])"


@pytest.fixture(scope="module")
def slider(browser):
    files = ("laws", "generators", "training", "play")
    with mathematics_of(browser, *(f"order_slider/{name}.js" for name in files)) as page:
        yield page


def density(x, c):
    return (norm.pdf(x, -c, S) + norm.pdf(x, c, S)) / 2


def share(x, c):
    return (ndtr((x - c) / S) + ndtr((x + c) / S)) / 2


def quantile(z: float, c: float) -> float:
    return brentq(lambda x: share(x, c) - z, -9, 9, xtol=1e-15, rtol=1e-15)


def slope(place, c: float, h: float = 1e-5) -> float:
    return (place(c + h) - place(c - h)) / (2 * h)


def at(slider, name: str, zs, c: float, what: str = "at") -> np.ndarray:
    call = "([name, zs, c, what]) => zs.map((z) => lib.EXACT[name][what](z, c))"
    return np.array(slider.evaluate(call, [name, list(zs), c, what]))


def check_page(page) -> dict[str, float]:
    """Numbers of an exact generator, the balls where they are drawn, and the two curves beside them."""
    shown, state = numbers_of(page), state_of(page)
    for quantity, value in oracle(state).items():
        assert shown[quantity] == pytest.approx(value, abs=2e-6), quantity
    places = OrderSlider(order=state["order"], generator=state["generator"]).places(BALLS)
    inner = np.abs(places) < 7  # one that leaves has no place
    found = [ball["x"] for ball, is_inner in zip(state["balls"], inner, strict=True) if is_inner]
    assert found == pytest.approx(places[inner], abs=1e-9) and len(found) >= 18
    return shown


def oracle(state: dict) -> dict[str, float]:
    """What is printed beside an exact generator, but for averages over the orders."""
    c, z, name = state["order"], state["ball"] / 20, state["generator"]
    if name == "affine":
        x, speed, spread = best_spread() * norm.ppf(z), 0, best_spread() ** 2
        apart = [abs(best_spread() * norm.ppf(each) - quantile(each, c)) for each in MIDPOINTS]
    else:
        x = quantile((z + c / 2) % 1 if name == "rolled" else z, c)
        by_hand = math.tanh(x * c / S**2)
        speed = by_hand + (1 / (2 * density(x, c)) if name == "rolled" else 0)
        spread, apart = S**2 + c**2, [0]
    return {"x": x, "speed": speed, "variance_law": S**2 + c**2, "variance": spread, "w1": np.mean(apart)}


def choose(page, name: str) -> None:
    label = "by quantile" if name == "quantile" else name
    press(page, label)
    assert page.get_by_role("button", name=label).get_attribute("aria-pressed") == "true"


def test_normal_law_against_scipy(slider):
    t = np.linspace(-9, 9, 361)
    found = slider.evaluate("(t) => t.map(lib.cumulative)", t.tolist())
    np.testing.assert_allclose(found, norm.cdf(t), rtol=0, atol=2e-15)
    z = [1e-4, 0.0005, 0.3, 0.5, 0.77, 0.9995]
    np.testing.assert_allclose(slider.evaluate("(z) => z.map(lib.standard)", z), norm.ppf(z), rtol=1e-9)


@pytest.mark.parametrize("c", NINE)
def test_ranks_are_kept_and_no_paths_cross(slider, c):
    """F(G(z, c) | c) = z, for the nineteen balls and for five hundred ranks between them."""
    zs = [*BALLS, *np.linspace(0.0007, 0.9991, 500)]
    found = at(slider, "quantile", zs, c)
    assert share(found, c) == pytest.approx(np.array(zs), abs=1e-12)
    assert (np.diff(found[:19]) > 0.03).all() and found[9] == 0
    own = slider.evaluate("([xs, c]) => xs.map((x) => lib.distribution(x, c))", [found.tolist(), c])
    assert own == pytest.approx(np.array(zs), abs=1e-14)


@pytest.mark.parametrize("c", [0.05, 0.6, 1.0, 1.45, 1.95])
def test_speed_of_a_ball(slider, c):
    """tanh(x c / s²) against a central difference of SciPy's inverse: at most 1, least in the middle."""
    speeds = at(slider, "quantile", BALLS, c, "speed")
    by_difference = [slope(lambda each, z=z: quantile(z, each), c) for z in BALLS]
    assert speeds == pytest.approx(by_difference, abs=1e-7)
    assert speeds == pytest.approx(np.tanh(np.array([quantile(z, c) for z in BALLS]) * c / S**2), abs=1e-12)
    assert speeds[9] == 0 and (np.diff(speeds) >= 0).all() and speeds[-1] <= 1


@pytest.mark.parametrize("c", [0.0, 0.35, 1.0, 1.55])
def test_rolled_has_the_same_values_in_another_order(slider, c):
    """Two hundred midpoints of ranks are rolled by a multiple of their distance: the same set again."""
    zs = (np.arange(200) + 0.5) / 200
    plain, rolled = (at(slider, name, zs, c) for name in ("quantile", "rolled"))
    assert np.sort(rolled) == pytest.approx(plain, abs=1e-9)
    by_hand = [quantile((z + c / 2) % 1, c) for z in zs]
    assert rolled == pytest.approx(by_hand, abs=1e-9)
    assert c == 0 or np.abs(rolled - plain).max() > 1
    inner = [z for z in (0.13, 0.41, 0.77) if abs((z + c / 2) % 1 - 0.5) < 0.48]
    speeds = [slope(lambda each, z=z: quantile((z + each / 2) % 1, each), c) for z in inner]
    assert at(slider, "rolled", inner, c, "speed") == pytest.approx(speeds, rel=1e-6)


def test_laws_of_both_are_right_at_every_order(slider):
    for name, c in itertools.product(("quantile", "rolled"), NINE):
        far = "([name, c]) => lib.wasserstein(lib.EXACT[name].law(c).sorted, c)"
        assert slider.evaluate(far, [name, c]) < 1e-12


def test_a_ball_leaves_at_the_end(opened, slider):
    """z + c/2 = 1 exactly and up to rounding; shortly before it the ball is high up, shortly after it low."""
    for z, c in ((0.7, 0.6), (0.3, 1.4), (0.95, 0.1)):
        assert slider.evaluate("([z, c]) => lib.EXACT.rolled.at(z, c)", [z, c]) == math.inf
        around = [at(slider, "rolled", [z], c + side)[0] for side in (-1e-6, 1e-6)]
        assert around[0] > c + 2 and around[1] < -c - 2
    page = opened()
    choose(page, "rolled")
    peak(page, "order c").fill("0.9")
    settle(page)
    assert "leaves at one end" in words(page) and numbers_of(page)["speed"] == math.inf
    assert page.locator("output").first.inner_text() == "∞"


def test_affine_is_the_best_of_its_kind(slider):
    """Squared W₂ of a Φ⁻¹(z) + wc + b to the laws, averaged over c, by quadrature and a simplex search."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    orders, u = nodes + 1, np.linspace(-7, 0, 1401)
    made = np.array([[quantile(z, c) for z in ndtr(u)] for c in orders])
    along = 2 * np.trapezoid(norm.pdf(u) * u * made, u)  # the law is even

    def loss(parameters):
        a, w, b = parameters
        square = a**2 + (w * orders + b) ** 2 + S**2 + orders**2 - 2 * a * along
        return weights @ square / 2

    best = minimize(loss, (1, 0.1, -0.1), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-14})
    a, w, b = best.x
    assert [w, b] == pytest.approx([0, 0], abs=1e-5)
    found = slider.evaluate("lib.bestSpread()")
    assert found == pytest.approx(a, abs=1e-5) and found == pytest.approx(weights @ along / 2, abs=1e-6)
    assert best_spread() == pytest.approx(found, abs=1e-9)
    assert loss((found, 0, 0)) == pytest.approx(best.fun, abs=1e-9)
    assert found < math.sqrt(S**2 + 4 / 3) - 0.1  # a bell of the mean variance would be wider


def test_averages_of_the_affine_generator(opened):
    """By quadrature in both directions, at other orders than the page takes."""
    page = opened()
    choose(page, "affine")
    shown, a = numbers_of(page), best_spread()

    nodes, weights = np.polynomial.legendre.leggauss(24)
    x = np.linspace(-10, 10, 20_001)
    c = nodes[:, None] + 1
    p, q = density(x, c), norm.pdf(x, 0, a)
    js = np.trapezoid(rel_entr(p, (p + q) / 2) + rel_entr(q, (p + q) / 2), x) / 2
    assert shown["value"] == pytest.approx(weights @ js + LEAST, abs=1e-5)
    far = np.trapezoid(np.abs(share(x, c) - ndtr(x / a)), x)
    assert shown["mean_w1"] == pytest.approx(weights @ far / 2, abs=1e-3)


@pytest.mark.parametrize("generator", ["quantile", "rolled", "affine"])
def test_other_orders_and_balls(opened, generator):
    dice = np.random.default_rng(10)
    base = {"generator": generator, "pairs": False, "units": 4, "start": 1, "steps": 0}
    states = [
        base | {"order": round(dice.uniform(0, 2), 3), "ball": int(dice.integers(1, 20))} for _ in range(6)
    ]
    for state, shown in rendered(opened(), OrderSlider(), states):
        for quantity, value in oracle(state).items():
            assert shown[quantity] == pytest.approx(value, abs=2e-6, rel=1e-6), (state, quantity)
        if generator != "affine":
            assert shown["value"] == pytest.approx(LEAST, abs=1e-12) and shown["mean_w1"] < 1e-12
            assert shown["variance"] == pytest.approx(shown["variance_law"], abs=1e-9)


def test_no_order_is_right_for_the_bell(opened):
    page = opened()
    choose(page, "affine")
    where = math.sqrt(best_spread() ** 2 - S**2)
    far = {}
    for order, says in ((0.2, "too wide"), (round(where, 2), "not the right shape"), (1.8, "too narrow")):
        peak(page, "order c").fill(str(order))
        far[order] = check_page(page)["w1"]
        assert says in words(page) and f"{far[order]:.2f}" in words(page)
    shown = check_page(page)
    peak(page, "order c").fill(f"{where:.2f}")
    shown = numbers_of(page)
    assert shown["variance"] == pytest.approx(shown["variance_law"], abs=0.02) and min(far.values()) > 0.15


# The network


def weights_of(slider, state: dict) -> list[torch.Tensor]:
    pairs = slider.evaluate(f"(state) => ({LAYERS})(lib.trainer()(state))", state)
    (weight, bias), (last, end) = pairs
    shapes = ((state["units"], 2), (state["units"],), (1, state["units"]), (1,))
    return [
        torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_()
        for values, shape in zip((weight, bias, last, end), shapes, strict=True)
    ]


def scores(weights, u, c) -> torch.Tensor:
    weight, bias, last, end = weights
    joined = torch.stack(torch.broadcast_tensors(torch.as_tensor(u), torch.as_tensor(c)), dim=-1)
    return (torch.tanh(joined @ weight.T + bias) @ last.T + end).squeeze(-1)


@pytest.mark.parametrize("units", [2, 4, 16])
def test_steps_are_those_of_torch(slider, units):
    """One step and forty, from the same weights, on the places of the balls at nine orders."""
    pairs = list(itertools.product(BALLS, NINE))
    inputs = torch.tensor([[norm.ppf(z), c] for z, c in pairs], dtype=torch.float64)
    places = torch.tensor([quantile(z, c) for z, c in pairs], dtype=torch.float64)
    state = {"units": units, "start": 7, "steps": 0}
    weights = weights_of(slider, state)
    bound = 1 / math.sqrt(2)
    assert 0.5 * bound < weights[0].abs().max() <= bound
    adam = torch.optim.Adam(weights, lr=0.01)
    for step in range(1, 41):
        loss = (scores(weights, inputs[:, 0], inputs[:, 1]) - places).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step in (1, 40):
            ours = weights_of(slider, state | {"steps": step})
            for mine, theirs in zip(ours, weights, strict=True):
                np.testing.assert_allclose(mine.detach(), theirs.detach(), atol=1e-9)


def test_places_speeds_and_paths_of_the_network(slider):
    state = {"units": 4, "start": 3, "steps": 200}
    weights = weights_of(slider, state)
    call = """([state, zs, c]) => { const made = lib.networked(lib.trainer()(state));
      const { along, places } = made.paths(zs);
      return [zs.map((z) => made.at(z, c)), zs.map((z) => made.speed(z, c)), Array.from(along), places]; }"""
    zs, c = [0.05, 0.4, 0.85], 1.3
    found, speeds, along, paths = slider.evaluate(call, [state, zs, c])
    order = torch.full((3,), c, dtype=torch.float64, requires_grad=True)
    wanted = scores(weights, norm.ppf(zs), order)
    assert found == pytest.approx(wanted.tolist(), abs=1e-9)
    (by_order,) = torch.autograd.grad(wanted.sum(), order)
    assert speeds == pytest.approx(by_order.tolist(), abs=1e-9)
    by_torch = scores(weights, norm.ppf(zs)[:, None], torch.tensor(along, dtype=torch.float64))
    np.testing.assert_allclose(paths, by_torch.detach(), atol=1e-9)


def test_law_of_a_network_by_change_of_variables(slider):
    """A network that rises with z: q(x) = n(u) ÷ ∂G/∂u; variance, W₁ and JS by quadrature over u."""
    layers = [
        {"rows": 2, "columns": 2, "weight": [0.9, 0.2, 0.3, -0.4], "bias": [0.1, -0.2]},
        {"rows": 1, "columns": 2, "weight": [1.5, 1.1], "bias": [0.25]},
    ]
    c = 0.8
    call = """([layers, c, xs]) => { const made = lib.networked({ layers, between: "tanh" });
      const { sorted, mass } = made.law(c);
      return [lib.varianceOf(mass), lib.wasserstein(sorted, c), lib.jensenShannon(lib.masses(c), mass),
        xs.map(made.density(c))]; }"""

    def output(u):
        return 1.5 * np.tanh(0.9 * u + 0.2 * c + 0.1) + 1.1 * np.tanh(0.3 * u - 0.4 * c - 0.2) + 0.25

    def rise(u):
        steep = 1.35 / np.cosh(0.9 * u + 0.2 * c + 0.1) ** 2
        return steep + 0.33 / np.cosh(0.3 * u - 0.4 * c - 0.2) ** 2

    xs = [-1.5, -0.6, 0.3, 1.2]
    us = [brentq(lambda u, x=x: output(u) - x, -9, 9) for x in xs]
    variance, far, js, drawn = slider.evaluate(call, [layers, c, xs])
    first, second = (quad(lambda u, k=k: norm.pdf(u) * output(u) ** k, -9, 9)[0] for k in (1, 2))
    assert variance == pytest.approx(second - first**2, abs=1e-4)
    wanted = [abs(output(norm.ppf(z)) - quantile(z, c)) for z in MIDPOINTS]
    assert far == pytest.approx(np.mean(wanted), abs=1e-9)
    assert drawn == pytest.approx(norm.pdf(us) / rise(np.array(us)), abs=0.01)
    u = np.linspace(-8, 8, 160_001)
    x, q = output(u), norm.pdf(u) / rise(u)
    p = density(x, c)
    inside = np.trapezoid((rel_entr(p, (p + q) / 2) + rel_entr(q, (p + q) / 2)) * rise(u), u) / 2
    outside = (share(x[0], c) + 1 - share(x[-1], c)) * math.log(2) / 2
    assert js == pytest.approx(inside + outside, abs=2e-4)


def test_folds_and_flat_places_keep_their_mass(slider):
    """A network that folds the noise, and one that makes a single point of it."""
    call = """([weight, last]) => { const layers = [{ rows: 2, columns: 2, weight, bias: [1, -1] },
        { rows: 1, columns: 2, weight: last, bias: [0.1] }];
      const { mass, sorted } = lib.networked({ layers, between: "tanh" }).law(1);
      return [Array.from(mass), Array.from(sorted)]; }"""
    mass, made = map(np.array, slider.evaluate(call, [[1, 0, 1, 0], [1, -1]]))
    assert mass.sum() == pytest.approx(1, abs=1e-12) and (np.diff(made) >= 0).all()
    u = np.random.default_rng(0).normal(size=400_000)
    folded = np.tanh(u + 1) - np.tanh(u - 1) + 0.1
    cells = np.histogram(folded, np.linspace(-8, 8, 2001))[0] / len(u)
    assert np.abs(np.cumsum(mass) - np.cumsum(cells)).max() < 0.004
    mass, _ = slider.evaluate(call, [[0, 0, 0, 0], [1, 1]])
    assert max(mass) == pytest.approx(1, abs=1e-12) and np.argmax(mass) == math.floor((8 + 0.1) / 0.008)


@pytest.mark.parametrize("start", [1, 2, 3, 4, 5])
def test_more_units_come_closer(slider, start):
    """What five starts have in common, with room: untrained, 2, 4 and 16 units, and the affine generator."""
    call = """([units, start]) => { const play = lib.player(lib.trainer());
      const state = { order: 2, generator: "network", ball: 11, pairs: false, units, start };
      return [0, 3000].map((steps) => play({ ...state, steps }).numbers.mean_w1); }"""
    before, after = np.array([slider.evaluate(call, [units, start]) for units in (2, 4, 16)]).T
    assert before.min() > 0.7 and 0.2 < after[0] < 0.33
    assert 0.1 < after[1] < 0.16 and after[2] < 0.07


# What is drawn


def colour_of(slider, name: str, c: float, x: float) -> tuple[float, float]:
    """What the field says at a point of its grid: the strength, and where it stands in the picture."""
    call = """([name, i, j]) => { const state = { order: 1, generator: name, ball: 11, pairs: true };
      return lib.player(lib.trainer())(state).field[i][j]; }"""
    return slider.evaluate(call, [name, round(30 * c), round((x + 3.6) * 12.5)])


def strength(c: float, x: float) -> float:
    p, q = density(x, c), norm.pdf(x, 0, best_spread())
    return (2 * p / (p + q) - 1) * min(1, (p + q) / 0.05)


PLACES = [(0.0, 0.0), (1.0, 0.96), (2.0, 0.0), (1.5, -1.44), (0.5, 3.6), (2.0, 2.96)]


def test_field_is_the_best_discriminator_of_pairs(slider):
    for c, x in PLACES:
        assert colour_of(slider, "affine", c, x) == pytest.approx(strength(c, x), abs=1e-9)
        assert colour_of(slider, "quantile", c, x) == colour_of(slider, "rolled", c, x) == 0
    assert slider.evaluate("lib.discriminator(0.3, 0.1)") == pytest.approx(0.75)


def test_field_is_painted_where_it_belongs(opened):
    """The opacity of each hue, read from the picture that the page made, at its row and column."""
    page = opened()
    choose(page, "affine")
    pressed = page.get_by_role("button", name="Best D of pairs")
    pressed.click()
    settle(page)
    assert pressed.get_attribute("aria-pressed") == "true" and "D*" in page.locator(".explorer").inner_text()
    read = """async ([which, points]) => {
      const node = document.querySelectorAll('.explorer-chart mask image')[which];
      const image = new Image();
      image.src = node.getAttribute('href');
      await image.decode();
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: image.width, height: image.height });
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      pen.drawImage(image, 0, 0);
      return points.map(([i, j]) => pen.getImageData(i, image.height - 1 - j, 1, 1).data[3]); }"""
    points = [(round(30 * c), round((x + 3.6) * 12.5)) for c, x in PLACES]
    generated, real = (np.array(page.evaluate(read, [which, points])) / 255 for which in (0, 1))
    wanted = 0.6 * np.array([strength(c, x) for c, x in PLACES])
    assert real - generated == pytest.approx(wanted, abs=0.003) and np.minimum(real, generated).max() == 0
    grounds = page.locator(".explorer-chart g > rect[mask]")
    assert grounds.evaluate_all("(all) => all.map((each) => each.dataset.role)") == ["generated", "real"]
    frame = page.locator(".explorer-chart").first.locator(".explorer-axis").bounding_box()
    box = grounds.first.bounding_box()
    assert box["x"] == pytest.approx(frame["x"], abs=1)
    assert box["width"] == pytest.approx(frame["width"] * 2 / 2.32, abs=1)
    choose(page, "quantile")
    assert np.max(page.evaluate(read, [0, points])) == np.max(page.evaluate(read, [1, points])) == 0
    press(page, "Best D of pairs")
    assert not grounds.first.is_visible()


def points_of(page, selector: str, chart: int) -> np.ndarray:
    """The points of a path in a chart, in pixels."""
    text = page.locator(".explorer-chart").nth(chart).locator(selector).first.get_attribute("d")
    return np.array([[float(each) for each in pair.split()] for pair in re.split("[ML]", text)[1:]])


def scales(page, chart: int, right: float) -> tuple[float, float]:
    """Pixels for a unit along either axis."""
    box = page.locator(".explorer-chart").nth(chart).locator(".explorer-axis").bounding_box()
    return (box["width"] - 1) / right, (300 if page.viewport_size["width"] > 700 else 230) / 7.2


def test_curves_and_balls_are_drawn_where_they_are(opened):
    page = opened()
    peak(page, "order c").fill("1.3")
    settle(page)
    across, up = scales(page, 0, 2.32)
    dots = page.locator(".explorer-ball").evaluate_all(
        "(all) => all.map((each) => [each.cx, each.cy, each.r].map((side) => side.baseVal.value))"
    )
    x, y, radius = np.array(dots).T
    places = np.array([quantile(z, 1.3) for z in BALLS])
    assert x == pytest.approx(np.full(19, 1.3 * across), abs=0.5)
    assert y == pytest.approx((3.6 - places) * up, abs=0.5)
    speeds = np.abs(np.tanh(places * 1.3 / S**2))
    assert radius == pytest.approx(radius[9] + (radius[0] - radius[9]) * speeds / speeds[0], abs=0.01)
    assert radius[0] > 1.5 * radius[9] > 3
    hung = points_of(page, ".explorer-dashed", 0)
    at = 3.6 - hung[:, 1] / up
    assert hung[:, 0] / across == pytest.approx(1.3 + 0.36 * density(at, 1.3), abs=0.01)
    assert len(hung) > 100
    thick = points_of(page, ".explorer-followed", 0)
    orders = thick[:, 0] / across
    wanted = [quantile(0.55, min(2, max(0, c))) for c in orders]
    assert 3.6 - thick[:, 1] / up == pytest.approx(wanted, abs=0.02) and len(thick) == 101


@pytest.mark.parametrize("generator", ["quantile", "affine"])
def test_densities_beside_the_plane(opened, generator):
    page = opened()
    choose(page, generator)
    across, up = scales(page, 1, 0.85)
    made, right = (points_of(page, f".explorer-curve[data-role={role}]", 1) for role in ("generated", "ink"))
    at = 3.6 - right[:, 1] / up
    assert right[:, 0] / across == pytest.approx(density(at, 1.0), abs=0.005)
    wanted = norm.pdf(at, 0, best_spread()) if generator == "affine" else density(at, 1.0)
    assert made[:, 0] / across == pytest.approx(wanted, abs=0.005)


def test_rolled_paths_are_broken_where_they_leave(opened):
    """Up to the upper edge, then from the lower one: nothing is drawn between."""
    page = opened()
    choose(page, "rolled")
    text = page.locator(".explorer-followed").first.get_attribute("d")
    first, second = (
        np.array([[float(each) for each in pair.split()] for pair in part.split("L")])
        for part in text.split("M")[1:]
    )
    across, up = scales(page, 0, 2.32)
    assert [first[-1, 0] / across, second[0, 0] / across] == pytest.approx([0.9, 0.9], abs=0.01)
    assert 3.6 - first[-1, 1] / up > 3.6 and 3.6 - second[0, 1] / up < -3.6
    assert (np.diff(first[:, 1]) <= 0).all() and (np.diff(second[:, 1]) <= 0).all()


# Hands


def plane(page) -> dict:
    """The axis of the plane, in pixels of the page."""
    return page.locator(".explorer-chart").first.locator(".explorer-axis").bounding_box()


def test_mouse_slides_the_order(opened):
    page = opened()
    axis = plane(page)
    drag(page, peak(page, "Order"), 0.25 * axis["width"] / 2.32, 3)
    assert state_of(page)["order"] == pytest.approx(1.25, abs=0.01)
    check_page(page)
    page.mouse.click(axis["x"] + 0.4 * axis["width"] / 2.32, axis["y"] - 20)
    assert state_of(page)["order"] == pytest.approx(0.4, abs=0.01)
    page.mouse.move(axis["x"] + 0.6 * axis["width"] / 2.32, axis["y"] - 150)
    page.mouse.down()
    page.mouse.move(axis["x"] + 5 * axis["width"], axis["y"] - 150, steps=5)
    page.mouse.up()
    assert state_of(page)["order"] == 2
    check_page(page)


def test_tap_marks_a_ball(opened):
    page = opened(width=400, height=800, has_touch=True)
    axis = plane(page)
    unit = 230 / 7.2
    middle = axis["y"] - 230 / 2
    for place, z in ((quantile(0.9, 1.0), 0.9), (quantile(0.45, 1.0), 0.45)):
        page.touchscreen.tap(axis["x"] + axis["width"] / 2.32, middle - place * unit)
        settle(page)
        state = state_of(page)
        assert (state["ball"], state["order"]) == (round(20 * z), 1)
        assert f"z = {z:.2f}" in words(page)
        roles = page.locator(".explorer-ball").evaluate_all("(all) => all.map((each) => each.dataset.role)")
        assert [k for k, role in enumerate(roles) if role == "third"] == [round(20 * z) - 1]
        check_page(page)


def test_finger_slides_and_a_swipe_upwards_scrolls(opened):
    page = opened(width=400, height=700, has_touch=True)
    axis = plane(page)
    x, y = axis["x"] + 0.3 * axis["width"], axis["y"] - 60
    swipe(page, (x, y), (x + 90, y))
    assert state_of(page)["order"] == pytest.approx(2.32 * (0.3 + 90 / axis["width"]), abs=0.03)
    assert page.evaluate("scrollY") == 0
    before = state_of(page)["order"]
    knob = peak(page, "Order").bounding_box()
    here = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    swipe(page, here, (here[0] - 60, here[1]))
    after = state_of(page)["order"]
    assert after == pytest.approx(before - 60 * 2.32 / axis["width"], abs=0.03)
    check_page(page)
    swipe(page, (x, y + 30), (x, y - 150))
    assert page.evaluate("scrollY") > 50 and state_of(page)["order"] == after


def test_keyboard(opened):
    page = opened()
    rule = peak(page, "Order")
    rule.focus()
    for key, order in (("ArrowRight", 1.05), ("ArrowDown", 1.0), ("PageUp", 1.25), ("PageDown", 1.0)):
        page.keyboard.press(key)
        assert state_of(page)["order"] == pytest.approx(order, abs=1e-9)
    for key, order in (("End", 2), ("Home", 0)):
        page.keyboard.press(key)
        assert state_of(page)["order"] == order
        check_page(page)
    assert rule.get_attribute("aria-valuetext") == "order 0.00"
    ball = peak(page, "marked ball z")
    ball.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("ArrowRight")
    assert state_of(page)["ball"] == 13 and ball.get_attribute("aria-valuetext") == "0.65"
    page.keyboard.press("Home")
    assert state_of(page)["ball"] == 1
    check_page(page)
    page.get_by_role("button", name="rolled").focus()
    page.keyboard.press("Enter")
    assert state_of(page)["generator"] == "rolled"


def test_play_goes_to_both_ends_and_comes_back(opened):
    page = opened()
    peak(page, "order c").fill("1.5")
    page.evaluate(
        """() => { window.orders = [];
          const root = document.querySelector('.explorer');
          new MutationObserver(() => window.orders.push(JSON.parse(root.dataset.state).order)).observe(
            root, { attributes: true, attributeFilter: ['data-state'] }); }"""
    )
    press(page, "Play")
    orders = page.evaluate("window.orders")
    top, bottom = int(np.argmax(orders)), int(np.argmin(orders))
    assert max(orders) > 1.9 and min(orders) < 0.1 and top < bottom and orders[-1] == 1.5
    assert (np.diff(orders[bottom:]) >= 0).all() and (np.diff(orders[top : bottom + 1]) <= 0).all()
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    still = state_of(page)
    assert still["playing"] is False and page.get_by_role("button", name="Play").is_visible()
    calm = opened(reduced_motion="reduce")
    for order in (1.25, 1.5, 1.75, 2, 0):
        press(calm, "Play")
        assert state_of(calm)["order"] == order
    check_page(calm)


def test_network_is_trained_by_hand(opened):
    page = opened()
    choose(page, "network")
    before = numbers_of(page)
    assert "learnt nothing yet" in words(page)
    press(page, "60 steps")
    assert state_of(page)["steps"] == 60 and numbers_of(page)["mean_w1"] < before["mean_w1"]
    page.get_by_role("button", name="Train").click()
    page.get_by_role("button", name="Pause").click()
    assert 60 < state_of(page)["steps"] < 3000
    press(page, "Train")
    after, state = numbers_of(page), state_of(page)
    assert (state["steps"], state["training"]) == (3000, False) and after["mean_w1"] < 0.16
    assert f"After 3000 steps 4 units are, on average over the orders, {after['mean_w1']:.2f}" in words(page)
    assert after["value"] < before["value"] - 0.3 and after["value"] > LEAST
    press(page, "New start")
    assert (state_of(page)["start"], state_of(page)["steps"]) == (2, 0)
    page.get_by_role("combobox", name="hidden units").select_option("16")
    assert state_of(page)["units"] == 16 and "16 units that have learnt nothing" in words(page)
    press(page, "Reset")
    state = state_of(page)
    assert [state[key] for key in ("generator", "units", "start", "steps", "order")] == [
        "quantile",
        4,
        1,
        0,
        1,
    ]
    assert not page.get_by_role("button", name="Train").is_visible()


def test_network_at_once_where_motion_is_not_welcome(opened):
    page = opened(reduced_motion="reduce")
    choose(page, "network")
    press(page, "Train")
    assert state_of(page)["steps"] == 3000


def test_words_for_every_generator(opened):
    page = opened()
    check_page(page)
    assert "z = 0.55 moves 0.90 times as far, upwards. The law is right at every order" in words(page)
    peak(page, "marked ball z").fill("0.5")
    settle(page)
    assert "z = 0.50 stays where it is" in words(page)
    peak(page, "marked ball z").fill("0.3")
    settle(page)
    assert "downwards" in words(page)
    choose(page, "rolled")
    check_page(page)
    assert "The same laws as by quantile" in words(page)


@pytest.mark.parametrize("width", [320, 1000])
def test_outputs_print_their_values(opened, width):
    page = opened(width=width)
    for name in ("affine", "rolled", "quantile"):
        choose(page, name)
        for output in page.locator("output").all():
            value, quantity = float(output.get_attribute("data-value")), output.get_attribute("data-quantity")
            digits = 4 if quantity == "value" else 3
            assert output.inner_text() == f"{value:.{digits}f}".replace("-", "−")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_field_has_the_hues_of_the_theme(opened, theme):
    page = opened(theme=theme)
    press(page, "Best D of pairs")
    fills = page.locator(".explorer-chart rect[mask]").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each).fill)"
    )
    light = ["rgb(213, 94, 0)", "rgb(0, 114, 178)"]
    assert fills == (light if theme == "light" else ["rgb(234, 115, 23)", "rgb(47, 149, 211)"])


# Python


def test_python_shows_the_same():
    orders = np.array([0.0, 0.7, 1.9])
    by_hand = [[quantile(z, c) for c in orders] for z in BALLS]
    found = OrderSlider().places(np.array(BALLS)[:, None], orders)
    np.testing.assert_allclose(found, by_hand, atol=1e-11)
    rolled = OrderSlider(generator="rolled").places(0.4, 1.9)
    assert rolled == pytest.approx(quantile(0.35, 1.9), abs=1e-11)
    with pytest.raises(ValueError, match=r"generator: got 'network'.*Remedy"):
        OrderSlider(generator="network").places(0.5)


def test_static_figure_is_that_of_the_chapter():
    """Figure 10.2's paths, with the balls at the present order, and the law beside them."""
    side = OrderSlider(order=1.6, ball=3).figure().axes
    plane, beside = side
    orders = plane.lines[0].get_xdata()
    for z, line in zip(BALLS, plane.lines[:19], strict=True):
        assert line.get_ydata()[[0, 80, -1]] == pytest.approx([quantile(z, c) for c in (0, 1, 2)], abs=1e-9)
    assert orders[80] == 1 and plane.lines[2].get_linewidth() > 2 * plane.lines[3].get_linewidth()
    balls = plane.lines[20].get_ydata()
    assert balls == pytest.approx([quantile(z, 1.6) for z in BALLS], abs=1e-9)
    made, right = (line.get_xydata() for line in beside.lines)
    assert made[:, 0] == pytest.approx(density(made[:, 1], 1.6))
    assert made == pytest.approx(right)
    bell = OrderSlider(generator="affine").figure().axes[1].lines[0].get_xydata()
    assert bell[:, 0] == pytest.approx(norm.pdf(bell[:, 1], 0, best_spread()))
    assert len(OrderSlider(generator="network").figure().axes[0].lines) == len(plane.lines)


@pytest.mark.parametrize(
    ("wrong", "parts"),
    [
        ({"order": 2.1}, ["order", "2.1", "[0.0, 2.0]"]),
        ({"ball": 0}, ["ball", "got 0", "[1, 19]"]),
        ({"start": 1000}, ["start", "1000", "[1, 999]"]),
        ({"steps": 3001}, ["steps", "3001", "[0, 3000]"]),
        ({"order": math.nan}, ["order", "nan"]),
    ],
)
def test_bad_traits_are_named(wrong, parts):
    with pytest.raises(ValueError) as caught:
        OrderSlider(**wrong)
    assert all(part in str(caught.value) for part in [*parts, "Remedy"])
