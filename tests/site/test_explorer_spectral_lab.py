"""The spectral laboratory in a real browser: against NumPy, torch and the chapter's own cell, by hand."""

import ast
import itertools
import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from torch.nn.functional import conv2d, pad

from explorer_pages import (
    contrast,
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
    write_page,
)
from lib.explorers.spectral_lab import SpectralLab

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "14_spectral_normalization.ipynb"
TRAITS = ("view", "matrix", "start", "kernel", "side", "stride", "wish")
GIVEN = np.array([[1.6, 0.9], [-0.3, 1.2]])
TABS = {"needle": "The needle", "kernel": "A kernel", "gradient": "The gradient"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("explorer"), "spectral_lab")


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "spectral_lab/matrices.js", "spectral_lab/kernels.js") as page:
        yield page


@pytest.fixture(scope="module")
def rounds():
    """The function `rounds` that stands in the chapter."""
    cells = json.loads(CHAPTER.read_text("utf-8"))["cells"]
    source = "".join(next(cell["source"] for cell in cells if cell["id"] == "power"))
    found = next(
        each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef) and each.name == "rounds"
    )
    names = {"np": np}
    exec(compile(ast.Module([found], []), "power", "exec"), names)
    return names["rounds"]


def some_matrices() -> np.ndarray:
    """A thousand: most of them random, the others with equal singular values, of rank one, or zero."""
    dice = np.random.default_rng(1)
    angles = dice.uniform(0, 2 * np.pi, 100)
    turns = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]).transpose(2, 0, 1)
    mirrors = turns @ np.diag([1, -1]) * dice.uniform(0.1, 2, (100, 1, 1))
    of_rank_one = np.einsum("ki,kj->kij", dice.normal(size=(99, 2)), dice.normal(size=(99, 2)))
    special = np.array([[[0, 0], [0, 0]], [[2, 0], [0, 1]], [[0, 0], [0, 1]], [[1, 0], [0, -2]]], float)
    free = dice.uniform(-2, 2, (697, 2, 2))
    return np.concatenate([free, turns, mirrors, of_rank_one, special])


def svd_of(page, matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = page.evaluate("(all) => all.map(lib.svd2)", matrices.reshape(-1, 4).tolist())
    return tuple(np.array([each[name] for each in found]) for name in ("sigma", "u", "v"))


def test_singular_values_are_those_of_numpy(mathematics):
    matrices = some_matrices()
    assert len(matrices) == 1000
    sigma, u, v = svd_of(mathematics, matrices)
    assert sigma == pytest.approx(np.linalg.svd(matrices, compute_uv=False), abs=1e-12)
    assert np.einsum("kn,kni,knj->kij", sigma, u, v) == pytest.approx(matrices, abs=1e-12)
    for axes in (u, v):
        one = np.broadcast_to(np.eye(2), axes.shape)
        assert axes @ axes.transpose(0, 2, 1) == pytest.approx(one, abs=1e-12)


def test_leading_vectors_are_those_of_numpy(mathematics):
    matrices = some_matrices()
    sigma, u, v = svd_of(mathematics, matrices)
    apart = sigma[:, 0] - sigma[:, 1] > 0.05
    left, _, right = np.linalg.svd(matrices[apart])
    ours = np.einsum("ki,kj->kij", u[apart, 0], v[apart, 0])
    assert apart.sum() > 700
    assert ours == pytest.approx(np.einsum("ki,kj->kij", left[:, :, 0], right[:, 0]), abs=1e-12)
    leading = np.einsum("ki,kij,kj->k", u[apart, 0], matrices[apart], v[apart, 0])
    assert (leading > 0.04).all()


def test_round_is_the_one_of_the_chapter(mathematics, rounds):
    dice = np.random.default_rng(2)
    for matrix, start in zip(dice.uniform(-2, 2, (50, 2, 2)), dice.normal(size=(50, 2)), strict=True):
        found = mathematics.evaluate("([W, u]) => lib.round(W, u)", [matrix.ravel().tolist(), start.tolist()])
        u, v, value = rounds(matrix, start, 1)
        assert found["u"] == pytest.approx(u, abs=1e-12) and found["v"] == pytest.approx(v, abs=1e-12)
        assert found["value"] == pytest.approx(value, abs=1e-12)


def by_theorem(matrix, start, k: int) -> tuple[float, float]:
    """Tangent and 1 − σ̂/σ₁ after k rounds as Theorem 14.7 has them, with fifty digits."""
    with mpmath.workdps(50):
        left, sigma, _ = mpmath.svd_r(mpmath.matrix(matrix.tolist()))
        c = [sum(left[i, j] * mpmath.mpf(start[i]) for i in range(2)) for j in range(2)]
        square = sum(c[j] ** 2 * sigma[j] ** (4 * k) for j in range(2))
        square /= sum(c[j] ** 2 * sigma[j] ** (4 * k - 2) for j in range(2))
        tangent = abs(c[1] / c[0]) * (sigma[1] / sigma[0]) ** (2 * k)
        return float(tangent), float(1 - mpmath.sqrt(square) / sigma[0])


@pytest.mark.parametrize(
    "matrix", [GIVEN, np.array([[1.0, 0.01], [0.02, 0.95]]), np.array([[2, 1], [1, 0.6]])]
)
def test_forty_rounds_go_as_the_theorem_says(mathematics, matrix):
    start = [math.cos(math.radians(95)), math.sin(math.radians(95))]
    state = {"matrix": matrix.ravel().tolist(), "start": 95, "halves": 80, "drifting": False}
    looks = mathematics.evaluate("(state) => lib.run(state).looks", state)
    assert len(looks) == 41
    for k in range(1, 41):
        tangent, missing = by_theorem(matrix, start, k)
        assert looks[k]["tangent"] == pytest.approx(tangent, abs=1e-10)
        assert looks[k]["missing"] == pytest.approx(missing, abs=1e-10)
        said = mathematics.evaluate(
            "([W, t, k]) => lib.predicted(lib.svd2(W), t, k)", [state["matrix"], looks[0]["tangent"], k]
        )
        assert said["tangent"] == pytest.approx(tangent, rel=1e-10)
        assert said["missing"] == pytest.approx(missing, rel=1e-6, abs=1e-40)


def test_prediction_at_its_edges(mathematics):
    """Stuck it misses 1 − κ for ever; of rank one nothing is missing after a round."""
    ask = "([W, t, k]) => lib.predicted(lib.svd2(W), t, k).missing"
    stuck = mathematics.evaluate("() => lib.predicted(lib.svd2([2, 0, 0, 1]), Infinity, 40).missing")
    assert stuck == pytest.approx(0.5, abs=1e-15)
    assert mathematics.evaluate(ask, [[2, 0, 0, 0], 3, 1]) == 0
    assert mathematics.evaluate(ask, [[1, 0, 0, 1], 3, 1]) == 0
    assert mathematics.evaluate("() => lib.direction(90)") == [0, 1]


def mulberry(state: int):
    """The seeded dice of the explorers, from their definition; Box and Muller make normal ones."""

    def uniform() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = (state ^ state >> 15) * (state | 1) & 0xFFFFFFFF
        mixed ^= mixed + ((mixed ^ mixed >> 7) * (mixed | 61) & 0xFFFFFFFF) & 0xFFFFFFFF
        return (mixed ^ mixed >> 14) / 2**32

    while True:
        length, angle = math.sqrt(-2 * math.log(1 - uniform())), 2 * math.pi * uniform()
        yield length * math.cos(angle)
        yield length * math.sin(angle)


def test_drift_gives_both_traces(mathematics, rounds):
    state = {"matrix": GIVEN.ravel().tolist(), "start": 95, "halves": 60, "drifting": True}
    found = mathematics.evaluate("(state) => lib.run(state)", state)
    dice, matrix = mulberry(14), GIVEN.copy()
    first = np.array([math.cos(math.radians(95)), math.sin(math.radians(95))])
    kept = first
    for look in found["looks"][1:]:
        steps = np.reshape([next(dice) for _ in range(4)], (2, 2))
        matrix = np.clip(matrix + 0.06 * steps, -2, 2)
        largest = np.linalg.norm(matrix, 2)
        kept, _, remembered = rounds(matrix, kept, 1)
        *_, forgot = rounds(matrix, first, 1)
        assert look["missing"] == pytest.approx(1 - remembered / largest, abs=1e-9)
        assert look["forgotten"] == pytest.approx(1 - forgot / largest, abs=1e-9)
    assert found["now"] == pytest.approx(matrix.ravel(), abs=1e-12)
    assert found["u"] == pytest.approx(kept, abs=1e-9)


def kernel_for(stride: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (2 + stride, 2 + stride)).round(2)


def explicit(kernel: np.ndarray, side: int, stride: int, circular: bool) -> float:
    """The norm of a convolution as a matrix, made of its answers to images with a single one."""
    images = torch.eye(side**2, dtype=torch.float64).reshape(-1, 1, side, side)
    if circular:
        images = pad(images, (1, 1, 1, 1), mode="circular")
    weights = torch.tensor(kernel)[None, None]
    answers = conv2d(images, weights, stride=stride, padding=0 if circular else 1)
    return float(torch.linalg.matrix_norm(answers.flatten(1), 2))


@pytest.mark.parametrize(("stride", "side"), [(1, 4), (1, 10), (1, 16), (2, 4), (2, 10), (2, 16)])
def test_norms_of_a_convolution(mathematics, stride, side):
    for seed in range(3):
        kernel = kernel_for(stride, seed)
        found = mathematics.evaluate(
            "([kernel, side, stride]) => lib.norms(kernel, side, stride)",
            [kernel.ravel().tolist(), side, stride],
        )
        assert found["reshaped"] == pytest.approx(math.sqrt((kernel**2).sum()), abs=1e-12)
        assert found["padded"] == pytest.approx(explicit(kernel, side, stride, circular=False), rel=1e-6)
        assert found["circular"] == pytest.approx(explicit(kernel, side, stride, circular=True), rel=1e-9)
        assert found["bound"] == pytest.approx({1: 3, 2: 2}[stride] * found["reshaped"], abs=1e-12)
        assert max(found["padded"], found["circular"]) < found["bound"]
        spectrum = np.abs(np.fft.fft2(kernel, s=(side, side)))
        if stride == 1:
            assert np.array(found["gains"]) == pytest.approx(spectrum, abs=1e-9)
        else:
            half = side // 2
            shifts = [np.roll(spectrum, shift, (0, 1)) for shift in itertools.product((0, half), repeat=2)]
            assert np.array(found["gains"]) == pytest.approx(np.sqrt(sum(each**2 for each in shifts)) / 2)


def test_known_kernels(opened):
    page = opened()
    base = {"view": "kernel", "matrix": GIVEN.ravel().tolist(), "start": 95.0, "wish": [1.0, 0.0, 1.0, 0.0]}
    states = [
        base | {"kernel": kernel, "stride": stride, "side": side}
        for kernel in ("ones", "edge", "random")
        for stride in (1, 2)
        for side in (4, 16)
    ]
    made = rendered(page, SpectralLab(), states)
    for state, shown in made:
        python = SpectralLab(**{key: state[key] for key in TRAITS}).norms()
        wanted = {name: getattr(python, name) for name in ("reshaped", "padded", "circular", "bound")}
        assert shown == pytest.approx(wanted, rel=1e-6)
        assert np.array(state["gains"]) == pytest.approx(python.gains, abs=1e-9)
    ones = made[1][1]
    assert ones == pytest.approx(
        {"reshaped": 3, "padded": (1 + 2 * math.cos(math.pi / 17)) ** 2, "circular": 9, "bound": 9}, rel=1e-6
    )
    strided = made[3][1]
    assert strided["padded"] / strided["reshaped"] == pytest.approx(1.930, abs=5e-4)
    assert [strided["circular"], strided["bound"]] == pytest.approx([8, 8])
    for state, shown in made:
        assert ("no patch lies wholly inside" in state["words"]) == (shown["padded"] < shown["reshaped"])
    assert sum(shown["padded"] < shown["reshaped"] for _, shown in made) == 1


def test_gradient_is_that_of_autograd(mathematics):
    dice = np.random.default_rng(4)
    for matrix, wish in zip(
        dice.uniform(-2, 2, (60, 2, 2)), dice.uniform(-1.5, 1.5, (60, 2, 2)), strict=True
    ):
        found = mathematics.evaluate(
            "([W, wish]) => lib.gradient(W, wish)", [matrix.ravel().tolist(), wish.ravel().tolist()]
        )
        weight = torch.tensor(matrix, requires_grad=True)
        delta, a = torch.tensor(wish)
        value = delta @ (weight / torch.linalg.matrix_norm(weight, 2)) @ a
        value.backward()
        assert found["left"] == pytest.approx(weight.grad.numpy().ravel(), abs=1e-9)
        assert found["lambda"] == pytest.approx(float(value.detach()), abs=1e-12)
        assert found["along"] == pytest.approx(0, abs=1e-12)
        largest = np.linalg.norm(matrix, 2)
        assert found["asked"] == pytest.approx(np.outer(*wish).ravel() / largest, abs=1e-12)
        assert np.add(found["asked"], found["taken"]) == pytest.approx(np.array(found["left"]), abs=1e-12)
        share = np.linalg.norm(found["left"]) * largest / np.linalg.norm(np.outer(*wish))
        assert found["share"] == pytest.approx(share, rel=1e-12)


def test_nothing_is_left_along_the_leading_pair(mathematics):
    left, _, right = np.linalg.svd(GIVEN)
    for k in (0.3, 1.0, -2.0):
        wish = [*(k * left[:, 0]), *right[0]]
        found = mathematics.evaluate("([W, w]) => lib.gradient(W, w)", [GIVEN.ravel().tolist(), wish])
        assert found["left"] == pytest.approx([0] * 4, abs=1e-12) and found["share"] < 1e-12
        assert found["lambda"] == pytest.approx(k, abs=1e-12)
    wish = [*left[:, 0], *right[1]]  # half of it right is not enough: all is left
    found = mathematics.evaluate("([W, w]) => lib.gradient(W, w)", [GIVEN.ravel().tolist(), wish])
    assert found["share"] == pytest.approx(1, abs=1e-12)


def look_at(page, view: str) -> None:
    page.get_by_role("tab", name=TABS[view], exact=True).click()
    settle(page)


def test_one_round_and_half_rounds(opened, rounds):
    page = opened()
    start = np.array([math.cos(math.radians(95)), math.sin(math.radians(95))])
    press(page, "Half a round")
    state = state_of(page)
    assert state["halves"] == 1 and state["run"]["u"] == pytest.approx(start, abs=1e-12)
    u, v, value = rounds(GIVEN, start, 1)
    assert state["run"]["v"] == pytest.approx(v, abs=1e-12)
    press(page, "One round")  # what is left of it
    state, shown = state_of(page), numbers_of(page)
    assert state["halves"] == 2 and state["run"]["u"] == pytest.approx(u, abs=1e-12)
    press(page, "One round")
    assert state_of(page)["halves"] == 4
    press(page, "Play")
    state, shown = state_of(page), numbers_of(page)
    u, v, value = rounds(GIVEN, start, 14)
    assert shown["rounds"] == 14 and shown["value"] == pytest.approx(value, abs=1e-10)
    kappa = np.linalg.svd(GIVEN, compute_uv=False)
    kappa = kappa[1] / kappa[0]
    assert [shown["kappa_2"], shown["kappa_4"]] == pytest.approx([kappa**2, kappa**4], abs=1e-11)
    assert shown["tangent_rate"] == pytest.approx(kappa**2, rel=1e-6)
    assert shown["value_rate"] == pytest.approx(kappa**4, rel=1e-2)
    needle, drawn = drawn_needle(page), value * u
    assert needle == pytest.approx([drawn[0], drawn[1]], abs=0.02)


def width_of(page, which: int) -> float:
    """How many pixels a chart is wide between its axes."""
    axis = page.locator(".explorer-chart").nth(which).locator(".explorer-axis")
    return axis.evaluate("(line) => line.x2.baseVal.value")


def drawn_needle(page) -> np.ndarray:
    """The end of the needle in the output plane, in its units."""
    chart = page.locator(".explorer-chart").nth(1)
    ends = chart.locator('g[data-role="real"] line.explorer-curve').evaluate(
        "(line) => [line.x1, line.y1, line.x2, line.y2].map((each) => each.baseVal.value)"
    )
    unit = width_of(page, 1) / 5.2
    return np.array([ends[2] - ends[0], ends[1] - ends[3]]) / unit


def test_value_is_right_long_before_the_vector(opened):
    """The question of the chapter: a thousandth in the value, and more than ten degrees in the needle."""
    page = opened()
    press(page, "Almost equal")
    for _ in range(2):
        press(page, "Play")
    shown = numbers_of(page)
    assert 1 - shown["value"] / shown["sigma_1"] < 1e-3 and shown["angle"] > 10
    assert [shown["sigma_1"], shown["sigma_2"]] == pytest.approx([1, 0.98], abs=1e-12)
    assert "right to a thousandth" in words(page) and "12° off" in words(page)


def test_stuck_and_rank_one(opened):
    page = opened()
    press(page, "Stuck")
    press(page, "Play")
    shown = numbers_of(page)
    assert [shown["value"], shown["sigma_1"], shown["angle"]] == [1, 2, 90]
    assert "never find it: it reports 1.000" in words(page)
    press(page, "Rank one")
    press(page, "One round")
    shown = numbers_of(page)
    assert shown["value"] == pytest.approx(shown["sigma_1"], abs=1e-12) and shown["angle"] < 1e-9
    assert words(page).startswith("Found")


def test_drifting_needle_that_remembers(opened):
    page = opened()
    press(page, "Let W drift")
    assert page.get_by_role("button", name="Let W drift").get_attribute("aria-pressed") == "true"
    press(page, "Play")
    state, shown = state_of(page), numbers_of(page)
    assert shown["rounds"] == 12 and shown["missing"] < 0.01 < 0.1 < shown["forgotten"]
    assert state["matrix"] == GIVEN.ravel().tolist() and state["run"]["now"] != state["matrix"]
    assert shown["sigma_1"] == pytest.approx(np.linalg.norm(np.reshape(state["run"]["now"], (2, 2)), 2))
    visible = [each for each in page.locator("output").all() if each.is_visible()]
    assert {"missing", "forgotten"} < {each.get_attribute("data-quantity") for each in visible}
    press(page, "Reset")
    assert not state_of(page)["drifting"] and state_of(page)["halves"] == 0


def test_rounds_end_at_forty(opened):
    page = opened(reduced_motion="reduce")
    for _ in range(5):
        press(page, "Play")
    assert state_of(page)["halves"] == 80 and numbers_of(page)["rounds"] == 40
    ticks = page.locator(".explorer-chart").nth(2).locator('text[text-anchor="middle"]').all_text_contents()
    assert ticks == ["0", "10", "20", "30", "40"]


def test_mouse_moves_columns_and_start(opened):
    page = opened()
    unit = width_of(page, 1) / 5.2
    press(page, "One round")
    drag(page, peak(page, "Column 1 of W"), 0.2 * unit, -0.5 * unit)
    state = state_of(page)
    assert state["matrix"] == pytest.approx([1.8, 0.9, 0.2, 1.2], abs=0.02) and state["halves"] == 0
    drag(page, peak(page, "Column 2 of W"), -3 * unit, 0)
    assert state_of(page)["matrix"][1] == pytest.approx(-2, abs=0.2)
    drag(page, peak(page, "Start in the picture"), 2.4 * unit, 1.5 * unit)
    box = page.locator(".explorer-chart").nth(1).bounding_box()
    assert 0 < state_of(page)["start"] < 60 and box["width"] > 200
    drag(page, peak(page, "Start in the picture"), 0, 3 * unit)  # below the rim it waits at its end
    assert state_of(page)["start"] == 0


def test_keyboard_moves_columns_and_tabs(opened):
    page = opened()
    peak(page, "Column 2 of W").focus()
    page.keyboard.press("ArrowUp")
    settle(page)
    assert state_of(page)["matrix"] == pytest.approx([1.6, 0.9, -0.3, 1.25])
    page.keyboard.press("Shift+ArrowLeft")
    settle(page)
    assert state_of(page)["matrix"] == pytest.approx([1.6, 0.65, -0.3, 1.25])
    page.get_by_role("tab", name="The needle").focus()
    for key, view in (("ArrowRight", "kernel"), ("End", "gradient"), ("ArrowRight", "needle")):
        page.keyboard.press(key)
        settle(page)
        tab = page.get_by_role("tab", selected=True)
        assert state_of(page)["view"] == view and tab.inner_text() == TABS[view]
        assert tab.evaluate("(node) => node === document.activeElement && node.tabIndex === 0")
    assert page.locator(".explorer-chart").count() == 3


def weight(page, row: int, column: int):
    return peak(page, f"Weight in row {row}, column {column}")


def test_kernel_is_painted(opened):
    page = opened()
    look_at(page, "kernel")
    drag(page, weight(page, 1, 3), 0, 30)  # half of the way that changes a weight by one
    assert state_of(page)["weights"] == pytest.approx([1, 1, 0.5] + [1] * 6)
    weight(page, 2, 1).focus()
    for key in ("ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        settle(page)
    assert state_of(page)["weights"][3] == pytest.approx(0.5)
    page.keyboard.press("Home")
    settle(page)
    assert state_of(page)["weights"][3] == -1 and weight(page, 2, 1).inner_text() == "−1"
    kernel = np.reshape(state_of(page)["weights"], (3, 3))
    shown = numbers_of(page)
    assert shown["padded"] == pytest.approx(explicit(kernel, 16, 1, circular=False), rel=1e-6)
    assert shown["reshaped"] == pytest.approx(np.linalg.norm(kernel))
    press(page, "As it was")
    assert numbers_of(page)["circular"] == pytest.approx(9)


def test_one_weight_is_hurt_least(opened):
    """The question: with a single weight the matrix and both convolutions agree."""
    page = opened()
    look_at(page, "kernel")
    press(page, "All zero")
    assert "stretches nothing" in words(page)
    weight(page, 3, 2).focus()
    page.keyboard.press("End")
    settle(page)
    shown = numbers_of(page)
    assert [shown[key] for key in ("reshaped", "padded", "circular", "bound")] == pytest.approx([1, 1, 1, 3])
    assert "does no harm" in words(page)


def test_stride_and_side_change_the_kernel(opened):
    page = opened()
    look_at(page, "kernel")
    page.get_by_role("combobox", name="stride").select_option("2")
    page.get_by_role("slider", name="side of the image in pixels").fill("8")
    settle(page)
    state, shown = state_of(page), numbers_of(page)
    assert state["weights"] == [1] * 16 and page.locator(".spectral-weight").count() == 16
    assert shown["padded"] == pytest.approx(explicit(np.ones((4, 4)), 8, 2, circular=False), rel=1e-6)
    tiles = page.locator(".explorer-band.explorer-strong").count() - 3
    assert tiles == 64
    page.get_by_role("combobox", name="kernel").select_option("edge")
    settle(page)
    assert state_of(page)["weights"] == [1] * 8 + [-1] * 8


def test_largest_frequency_is_framed(opened):
    page = opened()
    look_at(page, "kernel")
    page.get_by_role("combobox", name="kernel").select_option("edge")
    settle(page)
    gains = np.array(state_of(page)["gains"])
    row, _ = np.unravel_index(gains.argmax(), gains.shape)
    frame = page.locator(".spectral-frame").evaluate(
        "(node) => [node.y.baseVal.value, node.height.baseVal.value]"
    )
    tall = (
        page.locator(".explorer-chart").first.locator(".explorer-axis").evaluate("(n) => n.y1.baseVal.value")
    )
    above = (row if row < 8 else row - 16) + 8.5
    assert frame[0] + frame[1] / 2 == pytest.approx(tall * (1 - above / 16), abs=0.5)
    bars = (
        page.locator(".explorer-chart")
        .last.locator(".explorer-band")
        .evaluate_all("(nodes) => nodes.map((node) => node.width.baseVal.value)")
    )
    shown = numbers_of(page)
    wanted = np.array([shown[key] for key in ("reshaped", "padded", "circular")])
    assert np.array(bars) / bars[0] == pytest.approx(wanted / wanted[0], rel=1e-3)


def entries(page, name: str) -> np.ndarray:
    cells = page.locator(f'td[data-quantity^="{name}_"]').evaluate_all(
        "(all) => all.map((each) => +each.dataset.value)"
    )
    return np.reshape(cells, (2, 2))


def check_gradient(page) -> dict[str, float]:
    """All numbers of the third view against torch and NumPy."""
    state, shown = state_of(page), numbers_of(page)
    weight = torch.tensor(np.reshape(state["matrix"], (2, 2)), requires_grad=True)
    delta, a = torch.tensor(state["wish"], dtype=torch.float64).reshape(2, 2)
    norm = torch.linalg.matrix_norm(weight, 2)
    value = delta @ weight @ a / norm
    (wanted,) = torch.autograd.grad(value, weight)
    assert entries(page, "left") == pytest.approx(wanted.numpy(), abs=1e-9)
    assert entries(page, "asked") + entries(page, "taken") == pytest.approx(entries(page, "left"), abs=1e-9)
    assert shown["lambda"] == pytest.approx(float(value.detach()), abs=1e-9)
    after = weight.detach().numpy() + state["rate"] * wanted.numpy()
    assert shown["norm_before"] == pytest.approx(float(norm.detach()), abs=1e-9)
    assert shown["norm_after"] == pytest.approx(np.linalg.norm(after, 2), abs=1e-9)
    assert shown["norm_divided"] == pytest.approx(1, abs=1e-12)
    texts = page.locator('td[data-quantity^="left_"]').all_inner_texts()
    printed = [float(each.replace("−", "-")) for each in texts]
    assert printed == pytest.approx(wanted.numpy().ravel(), abs=0.0051)
    return shown


def test_wish_is_dragged(opened):
    page = opened()
    look_at(page, "gradient")
    first = check_gradient(page)
    unit = width_of(page, 0) / 3.4
    drag(page, peak(page, "Tip of δ"), -0.5 * unit, -1.0 * unit)
    assert state_of(page)["wish"] == pytest.approx([0.4, 0.4, 0.8, 1.0], abs=0.02)
    assert check_gradient(page)["share"] != pytest.approx(first["share"], abs=0.01)
    peak(page, "Tip of a").focus()
    page.keyboard.press("ArrowDown")
    settle(page)
    assert state_of(page)["wish"][2:] == pytest.approx([0.8, 0.95])
    page.get_by_role("slider", name="step eta along the gradient").fill("1.5")
    settle(page)
    check_gradient(page)


def test_wishes_that_leave_nothing(opened):
    page = opened()
    look_at(page, "gradient")
    press(page, "delta along u1")
    assert check_gradient(page)["share"] > 0.01
    press(page, "a along v1")
    assert check_gradient(page)["share"] < 1e-12 and "Nothing is left" in words(page)
    left, _, right = np.linalg.svd(GIVEN)
    wish = np.reshape(state_of(page)["wish"], (2, 2))
    assert abs(wish[0] @ left[:, 1]) < 1e-12 and abs(wish[1] @ right[1]) < 1e-12
    SpectralLab(wish=state_of(page)["wish"]).close()


def test_step_keeps_the_norm_and_moves_the_matrix(opened):
    page = opened()
    look_at(page, "gradient")
    state = state_of(page)
    press(page, "Make the step")
    after = np.reshape(state_of(page)["matrix"], (2, 2))
    stepped = GIVEN + state["rate"] * np.reshape(state["left"], (2, 2))
    assert after == pytest.approx(stepped / np.linalg.norm(stepped, 2), abs=1e-12)
    check_gradient(page)
    look_at(page, "needle")
    assert numbers_of(page)["sigma_1"] == pytest.approx(1, abs=1e-12)


def test_zero_matrix_breaks_nothing(opened):
    page = opened()
    base = {"kernel": "ones", "side": 8, "stride": 1, "start": 95.0, "wish": [0.9, -0.6, 0.8, 1.0]}
    states = [base | {"matrix": [0.0] * 4, "view": view} for view in ("needle", "gradient")]
    for state, shown in rendered(page, SpectralLab(), states):
        assert "zero" in state["words"] and all(map(math.isfinite, shown.values()))


@pytest.mark.parametrize("view", ["kernel", "gradient"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_other_views(opened, view, theme):
    page = opened(theme=theme)
    look_at(page, view)
    page.mouse.move(0, 0)
    report = Axe().run(page, options={"preload": False})
    assert report.response["violations"] == [], report.generate_report()
    ground = page.locator(".explorer").evaluate("(node) => getComputedStyle(node).backgroundColor")
    for selector, least in (
        (".explorer-note, .explorer-name, .explorer-frame text", 4.5),
        (".explorer-curve", 3),
    ):
        name = "fill" if least > 4 else "stroke"
        for colour in page.locator(selector).evaluate_all(
            "(nodes, name) => nodes.map((node) => getComputedStyle(node)[name])", name
        ):
            assert contrast(colour, ground) >= least


@pytest.mark.parametrize("width", [320, 390, 820])
@pytest.mark.parametrize("view", ["kernel", "gradient"])
def test_other_views_fit_the_page(opened, view, width):
    page = opened(width=width)
    look_at(page, view)
    if view == "kernel":
        page.get_by_role("combobox", name="stride").select_option("2")
        settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.locator(
        ".explorer :is(button, input, select), .spectral-weight, .explorer-over > .explorer-handle"
    )
    boxes = [each.bounding_box() for each in small.all()]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24
    cut = page.locator(".explorer-matrix :is(td, caption), .spectral-weight").evaluate_all(
        "(all) => all.filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)"
    )
    assert cut == []
    lines = page.locator(".explorer-matrix caption").evaluate_all(
        "(all) => all.map((each) => each.offsetHeight)"
    )
    assert len(set(lines)) <= 1
    for chart in page.locator(".explorer-chart").all():
        drawn, box = chart.bounding_box(), chart.evaluate("(svg) => svg.viewBox.baseVal.width")
        assert drawn["width"] == pytest.approx(box, abs=2)


def test_views_come_back_at_another_width(opened):
    page = opened(width=1000)
    look_at(page, "gradient")
    page.set_viewport_size({"width": 360, "height": 800})
    look_at(page, "needle")
    charts = page.locator(".explorer-chart")
    page.wait_for_function(
        """() => [...document.querySelectorAll('.explorer-chart')].every(
          (svg) => Math.abs(svg.getBoundingClientRect().width - svg.viewBox.baseVal.width) < 2)"""
    )
    assert charts.count() == 3 and page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("view", ["kernel", "gradient"])
def test_other_views_on_paper(opened, view):
    page = opened(theme="dark")
    look_at(page, view)
    page.emulate_media(media="print", color_scheme="dark")
    for gone in ("button", "input", "select", ".explorer-knob"):
        assert not any(each.is_visible() for each in page.locator(f".explorer {gone}").all())
    assert all(each.is_visible() for each in page.locator("output, td, .spectral-weight").all())
    page.emulate_media(media="screen")


def test_finger_moves_handles_and_weights_and_not_the_page(opened):
    page = opened(width=390, height=700, has_touch=True)

    def move(node, right, down):
        node.scroll_into_view_if_needed()
        top, box = page.evaluate("scrollY"), node.bounding_box()
        start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        swipe(page, start, (start[0] + right, start[1] + down))
        settle(page)
        assert page.evaluate("scrollY") == top

    move(peak(page, "Column 1 of W"), -30, -20)
    assert state_of(page)["matrix"][0] < 1.4 and state_of(page)["matrix"][2] > -0.1
    look_at(page, "kernel")
    move(weight(page, 2, 2), 0, 60)
    assert state_of(page)["weights"][4] == pytest.approx(0, abs=0.11)
    look_at(page, "gradient")
    move(peak(page, "Tip of a"), -40, 0)
    assert state_of(page)["wish"][2] < 0.5
    check_gradient(page)
