"""What can be read off the critic lab, and what PyTorch and SciPy make of the same weights and clouds."""

import re

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance
from torch import nn

from explorer_pages import numbers_of, settle, state_of
from lib.explorers.critic_lab import CriticLab
from lib.lipschitz import MaxMin, certified_bound

KINDS = {"affine": "affine", "clipped": "clipped", "penalty": "gradient penalty", "spectral": "spectral norm"}
SHAPES = [(16, 1), (16, 16), (1, 16)]


def choose(page, kind: str) -> None:
    page.get_by_role("button", name=KINDS[kind], exact=True).click()
    settle(page)  # its controls are shown with the next frame, and what is hidden takes no focus


def put(page, label: str, value: str) -> None:
    named = page.locator(".explorer-select").filter(has=page.get_by_text(label, exact=True))
    named.locator("select").select_option(value)
    settle(page)


def raw_weights(state) -> list[torch.Tensor]:
    """W₁, b₁, W₂, b₂, W₃, b₃ as they are trained, in float64."""
    found = []
    for layer, shape in zip(state["network"], SHAPES, strict=True):
        found.append(torch.tensor(layer["weight"], dtype=torch.float64).reshape(shape))
        found.append(torch.tensor(layer["bias"], dtype=torch.float64))
    return found


def scores(state, weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The critic of this state, by PyTorch: x (b,) to scores (b,)."""
    kind = state["critic"]
    between = {
        "affine": nn.Identity(),
        "spectral": MaxMin() if state["activation"] == "maxmin" else nn.ReLU(),
    }
    values = x[:, None]
    for layer in range(3):
        weight, bias = weights[2 * layer : 2 * layer + 2]
        if kind == "spectral":
            weight = weight / torch.linalg.matrix_norm(weight, ord=2)
        values = values @ weight.T + bias
        if layer < 2:
            values = between.get(kind, nn.ReLU())(values)
    return values[:, 0]


def clouds_of(state) -> list[torch.Tensor]:
    offsets = np.linspace(-0.5, 0.5, 6)
    return [
        torch.tensor(np.add.outer(state[side], offsets).ravel().round(6)) for side in ("real", "generated")
    ]


def slopes_on(state, weights, grid: np.ndarray) -> np.ndarray:
    x = torch.tensor(grid, requires_grad=True)
    (found,) = torch.autograd.grad(scores(state, weights, x).sum(), x)
    return found.numpy()


RUN = """([settings, kind, steps]) => {
  const critics = Object.fromEntries(lib.KINDS.map((each) => [each, lib.newCritic(each, settings)]));
  const clouds = lib.SIDES.map((side) => lib.cloudOf(settings[side]));
  const seen = [];
  const look = () => {
    const made = lib.play({ ...settings, left: 0, critic: kind }, critics);
    const network = critics[kind].layers.map(
      ({ weight, bias }) => ({ weight: Array.from(weight), bias: Array.from(bias) }));
    const { value, slope, certified, product, beforehand } = made.chosen;
    const proofs = Object.fromEntries(
      lib.KINDS.map((each) => [`certified_${each}`, made.critics[each].certified]));
    const numbers = { exact: made.exact, steps: made.steps, value, slope, product, beforehand, ...proofs };
    seen.push([{ ...settings, critic: kind, network, best: made.best, between: critics[kind].between,
      words: lib.inWords(made).replaceAll('_', '') }, numbers]);
  };
  look();
  for (const many of steps) {
    for (let k = 0; k < many; k += 1) lib.climb(critics[kind], ...clouds, settings);
    look();
  }
  return seen;
}"""
MODULES = ("clouds", "training", "measuring", "panels")


def run(page, kind: str, steps: tuple[int, ...], **settings) -> list[tuple[dict, dict[str, float]]]:
    """The state and the numbers of one critic as they are before its first step and after each of `steps`.

    `page` holds the modules of the lab, and nobody has to press a button; the other critics do not train."""
    lab = CriticLab(**settings)
    everything = {key: getattr(lab, key) for key in CriticLab.class_own_traits(sync=True)}
    lab.close()
    return [tuple(each) for each in page.evaluate(RUN, [everything, kind, list(steps)])]


def check_page(page) -> dict[str, float]:
    """Every number on the page, from the published weights and clouds alone."""
    state, shown = state_of(page), numbers_of(page)
    check_numbers(state, shown)
    return shown


def check_numbers(state, shown) -> None:
    """The numbers of a state, from its weights and clouds alone, by PyTorch and SciPy."""
    real, generated = clouds_of(state)
    exact = wasserstein_distance(real.numpy(), generated.numpy())
    assert shown["exact"] == pytest.approx(exact, abs=1e-9)
    weights = raw_weights(state)
    value = float(scores(state, weights, real).mean() - scores(state, weights, generated).mean())
    assert shown["value"] == pytest.approx(value, rel=1e-9, abs=1e-12)
    proved = certified_bound(
        lambda x: scores(state, weights, x[:, 0]), real[:, None], generated[:, None], norm=1
    )
    assert shown[f"certified_{state['critic']}"] == pytest.approx(max(0.0, proved), abs=1e-6)
    for kind in KINDS:
        assert 0 <= shown[f"certified_{kind}"] <= exact + 1e-9
    fine = np.abs(slopes_on(state, weights, np.linspace(-4, 4, 160_001)[:-1] + 2.5e-5)).max()
    assert shown["slope"] == pytest.approx(fine, rel=1e-9, abs=1e-15)
    matrices = weights[::2]
    if state["critic"] == "spectral":
        matrices = [each / torch.linalg.matrix_norm(each, ord=2) for each in matrices]
    product = np.prod([float(torch.linalg.matrix_norm(each, ord=2)) for each in matrices])
    assert shown["product"] == pytest.approx(product, rel=1e-7)
    assert shown["slope"] <= shown["product"] * (1 + 1e-9)
    if state["critic"] in ("affine", "clipped"):
        assert shown["beforehand"] == pytest.approx(256 * state["clip_bound"] ** 3)
        assert max(float(each.abs().max()) for each in weights) <= state["clip_bound"] + 1e-15
        assert shown["product"] <= shown["beforehand"] * (1 + 1e-9)
    check_potential(state, exact)


def check_potential(state, exact: float) -> None:
    """The published best critic: slopes −1, 0, 1 as the distribution functions say, and it earns all of W."""
    best = state["best"]
    ends, values = np.array(best["ends"]), np.array(best["values"])
    real, generated = (cloud.numpy() for cloud in clouds_of(state))
    middles = (ends[1:] + ends[:-1]) / 2
    ahead = [(generated <= x).mean() - (real <= x).mean() for x in middles]
    wide = np.diff(ends) > 1e-9
    assert np.array(best["slopes"])[wide] == pytest.approx(np.sign(np.round(ahead, 9))[wide])
    assert np.diff(values) == pytest.approx(np.array(best["slopes"]) * np.diff(ends), abs=1e-12)
    earned = np.interp(real, ends, values).mean() - np.interp(generated, ends, values).mean()
    assert earned == pytest.approx(exact, abs=1e-9)


def drawn(page, selector: str) -> np.ndarray:
    """The corners of a curve in data units, (n, 2)."""
    top = page.locator('.explorer-chart[aria-label^="The exact potential"]')
    text = top.locator(selector).first.get_attribute("d")
    at = np.array(re.findall(r"[ML]([\d.-]+) ([\d.-]+)", text), dtype=float)
    width = float(top.locator(".explorer-axis").get_attribute("x2"))
    lines = top.locator(".explorer-grid").evaluate_all(
        "(nodes) => nodes.map((node) => node.y1.baseVal.value)"
    )
    ticks = top.locator(".explorer-frame text:not(.explorer-name)").all_text_contents()
    most = float(ticks[-1].replace("−", "-"))
    low, high = max(lines), min(lines)
    return np.column_stack([8 * at[:, 0] / width - 4, most * (1 - 2 * (at[:, 1] - high) / (low - high))])


def check_drawing(page) -> None:
    """Both curves are where they belong: the critic, over its slope if so chosen, and the potential."""
    state, shown = state_of(page), numbers_of(page)
    real, generated = clouds_of(state)
    everyone, weights = torch.cat([real, generated]), raw_weights(state)
    corners = drawn(page, '.explorer-curve[data-role="third"]')
    assert corners[[0, -1], 0] == pytest.approx([-4, 4], abs=1e-9)
    unit = shown["slope"] if state["scaled"][state["critic"]] else 1.0
    level = scores(state, weights, everyone).mean()
    wanted = (scores(state, weights, torch.tensor(corners[:, 0])) - level) / unit
    kept = np.abs(corners[:, 1]) < 50
    assert corners[kept, 1] == pytest.approx(wanted.numpy()[kept], abs=0.02 * (1 + shown["slope"] / unit))
    dashed = drawn(page, ".explorer-dashed:not(.explorer-former)")
    best = state["best"]
    heights = np.interp(dashed[:, 0], best["ends"], best["values"])
    level = np.interp(everyone.numpy(), best["ends"], best["values"]).mean()
    assert dashed[:, 1] == pytest.approx(heights - level, abs=0.03)
    assert np.abs(dashed[:, 0]).max() <= float(everyone.abs().max()) + 0.02
