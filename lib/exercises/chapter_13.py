"""The exercises of chapter 13: what a right answer must satisfy, and hints for one that is not there yet.

The checks solve programmes, measure slopes on a grid or integrate; none contains the formula asked for.
"""

from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment, minimize_scalar
from scipy.stats import norm

from lib.exercises import Exercise


def _check_potential(answer) -> None:
    draw = np.random.default_rng(131)
    for n in (1, 2, 5, 12):
        real, generated = draw.normal(size=n), draw.normal(0.4, 1.5, size=n)
        grid = np.sort(np.concatenate([real, generated, [-6.0, 6.0]]))
        critic = np.asarray(answer(real.copy(), generated.copy(), grid.copy()), dtype=float)
        assert critic.shape == grid.shape, "One value for each point of the grid, please."
        assert np.abs(np.diff(critic) / np.diff(grid)).max() <= 1 + 1e-9, "Steeper than 1 somewhere."
        value = np.interp(real, grid, critic).mean() - np.interp(generated, grid, critic).mean()
        cost = np.abs(real[:, None] - generated)
        exact = cost[linear_sum_assignment(cost)].mean()
        assert abs(value + exact) > 1e-9, "The best critic for the other direction: real points score high."
        assert abs(value - exact) < 1e-9, (
            f"It earns {value:.4f}, and {exact:.4f} is possible. Between two neighbours of the grid: which"
            f" cloud has more of its points on the left?"
        )


def _slope_on_a_grid(matrices: list[np.ndarray]) -> float:
    values = np.linspace(-3, 3, 6001)[None]
    step = values[0, 1] - values[0, 0]
    for k, matrix in enumerate(matrices):
        values = matrix @ (np.maximum(values, 0) if k else values)
    return float(np.abs(np.diff(values[0])).max() / step)


def _check_steepest(answer) -> None:
    for widths, c in (([1, 4, 1], 0.3), ([1, 8, 8, 1], 0.05), ([1, 3, 5, 2, 1], 1.5)):
        matrices = [np.asarray(matrix, dtype=float) for matrix in answer(list(widths), c)]
        shapes = [(after, before) for before, after in pairwise(widths)]
        assert [matrix.shape for matrix in matrices] == shapes, f"Matrices of the shapes {shapes}, please."
        assert max(np.abs(matrix).max() for matrix in matrices) <= c + 1e-12, "A weight lies outside the box."
        bound = c ** len(shapes) * np.prod([np.sqrt(after * before) for after, before in shapes])
        slope = _slope_on_a_grid(matrices)
        assert abs(slope - bound) < 1e-6 * bound, (
            f"For widths {widths} the slope is {slope:.4g}, the bound {bound:.4g}. Where a ReLU is shut, or"
            f" two paths have opposite signs, slope is lost."
        )


def _check_one_sided(answer) -> None:
    for distance, fine in ((3, 10), (0.5, 1), (2, 0.3), (1, 100)):

        def loss(slope, distance=distance, fine=fine):
            return fine * max(0.0, slope - 1) ** 2 - distance * slope

        best = minimize_scalar(loss, bounds=(0, 20), method="bounded", options={"xatol": 1e-10}).x
        assert abs(answer(distance, fine) - distance * best) < 1e-5, (
            f"Not for W = {distance}, λ = {fine}. The payoff of slope s is W s − λ max(0, s − 1)²."
        )


def _check_normals(answer) -> None:
    tau = (np.arange(200_000) + 0.5) / 200_000
    for mean_1, scale_1, mean_2, scale_2 in ((0, 1, 2, 1), (0, 1, 0, 2), (1, 0.5, 1.3, 2), (-1, 2, 0.5, 0.4)):
        exact = np.abs(norm.ppf(tau, mean_1, scale_1) - norm.ppf(tau, mean_2, scale_2)).mean()
        found = answer(mean_1, scale_1, mean_2, scale_2)
        assert abs(found - exact) < 1e-4, (
            f"Not for N({mean_1}, {scale_1}²) and N({mean_2}, {scale_2}²): {float(found):.4f} against"
            f" {exact:.4f}. Quantiles τ apart: |μ₁ − μ₂ + (s₁ − s₂) z|."
        )


def _check_meter(answer) -> None:
    draw = np.random.default_rng(135)
    better = blind = 0
    for trial in range(40):
        real, generated = draw.normal(size=(9, 2)), draw.normal(0.7, 1.2, size=(9, 2))
        distance = np.linalg.norm(real[:, None] - generated, axis=2)
        exact = distance[linear_sum_assignment(distance)].mean()
        scale = 10.0 ** draw.integers(-4, 5)
        direction = draw.normal(size=2) if trial % 2 else np.array([-0.7, -0.7])
        bent = [cloud @ direction + 0.2 * np.sin(3 * cloud[:, 0]) for cloud in (real, generated)]
        scores = [scale * each for each in bent]
        found = float(answer(scores[0].copy(), scores[1].copy(), distance.copy()))
        assert found <= exact + 1e-9, "This exceeds W. Which pair of points breaks the constraint?"
        other = float(answer(-scores[0], -scores[1], distance.copy()))
        assert other <= exact + 1e-9, "With all scores negated it exceeds W. It must hold for any scores."
        blind += abs(other - found) < 1e-9
        climb = ((scores[0][:, None] - scores[1]) / distance).max()
        plain = (scores[0].mean() - scores[1].mean()) / climb
        assert found >= plain - 1e-9, "Value ÷ slope proves more, at least for one critic."
        better += found > plain + 1e-3
    assert not blind, "The answer does not depend on the scores. What do *they* prove?"
    assert better >= 20, "It is no better than value ÷ slope. Raise the real scores as far as they may go."


def _check_fine(answer) -> None:
    draw = np.random.default_rng(136)
    for inputs, hidden, n in ((1, 1, 1), (2, 5, 7), (4, 3, 20)):
        A, b, v = draw.normal(size=(hidden, inputs)), draw.normal(size=hidden), 2 * draw.normal(size=hidden)
        points = draw.normal(size=(n, inputs))

        def critic(x, A=A, b=b, v=v):
            return np.tanh(x @ A.T + b) @ v

        steps = 1e-6 * np.eye(inputs)
        slopes = np.stack([critic(points + h) - critic(points - h) for h in steps], axis=1) / 2e-6
        exact = np.mean((np.sqrt((slopes**2).sum(axis=1)) - 1) ** 2)
        found = float(answer(points.copy(), A.copy(), b.copy(), v.copy()))
        assert abs(found - exact) < 1e-6 * max(1, exact), (
            f"Got {found:.5f}, and finite differences give {exact:.5f}. The derivative of tanh is 1 − tanh²;"
            f" the norm comes before the mean."
        )


def _max_min(h: np.ndarray) -> np.ndarray:
    return np.sort(h.reshape(-1, 2), axis=1)[:, ::-1].ravel()


def _check_max_min(answer) -> None:
    draw = np.random.default_rng(137)
    for n in (2, 6, 40):
        h, gradient = draw.normal(size=n), draw.normal(size=n)
        back = np.asarray(answer(h.copy(), gradient.copy()), dtype=float)
        assert back.shape == h.shape, "One number for each entry of h, please."
        steps = 1e-6 * np.eye(n)
        exact = [(_max_min(h + step) - _max_min(h - step)) @ gradient / 2e-6 for step in steps]
        assert np.allclose(back, exact, rtol=0, atol=1e-6), (
            "Move one entry of h a little: which entry of the output moves with it, and by how much?"
        )


def _halts_at(fine: float, target: float, speed: float) -> float | None:
    """Where a path ends that comes from the right side with a positive slope, or None if this turns."""
    place, critic = 2 * fine * target - 1, fine * speed
    step = 1e-3 / max(1.0, fine * speed)
    for _ in range(200_000):
        pull = speed * (-place - 2 * fine * (critic - target))
        place, critic = place + step * critic, critic + step * pull
        if critic <= 0:
            return None
        if critic < 1e-9:
            break
    return place


def _check_halt(answer) -> None:
    for fine, target in ((0.5, 1.0), (0.5, 2.0), (2.0, 0.5), (0.3, 1.5)):
        distance, speed = (float(each) for each in answer(fine, target))
        found = _halts_at(fine, target, 1.3 / fine**2)
        assert abs(distance - found) < 1e-3, (
            f"For λ = {fine}, s = {target} the game halts at {found:.3f}. Where do both velocities vanish?"
        )
        assert _halts_at(fine, target, 1.02 * speed) is not None, (
            f"For λ = {fine}, s = {target} and a little more than k = {speed:.3g} it does not halt yet."
        )
        assert _halts_at(fine, target, 0.9 * speed) is None, (
            f"For λ = {fine}, s = {target} a smaller k than {speed:.3g} is enough."
        )


potential = Exercise(
    "13.1",
    _check_potential,
    refuses=(lambda real, generated, grid: grid, lambda real, generated, grid: -grid),
)
steepest = Exercise(
    "13.2",
    _check_steepest,
    refuses=(
        lambda widths, c: [np.full((b, a), -c) for a, b in pairwise(widths)],
        lambda widths, c: [np.eye(b, a) * c for a, b in pairwise(widths)],
    ),
)
one_sided = Exercise(
    "13.3", _check_one_sided, refuses=(lambda W, fine: W, lambda W, fine: W * (1 + W / fine))
)
normals = Exercise(
    "13.4",
    _check_normals,
    refuses=(lambda m, s, n, t: abs(m - n) + abs(s - t), lambda m, s, n, t: np.hypot(m - n, s - t)),
)
meter = Exercise(
    "13.5",
    _check_meter,
    refuses=(
        lambda f, g, d: f.mean() - g.mean(),
        lambda f, g, d: (f.mean() - g.mean()) / ((f[:, None] - g) / d).max(),
        lambda f, g, d: d[linear_sum_assignment(d)].mean(),
        lambda f, g, d: d.min(axis=1).mean(),
    ),
)
fine = Exercise(
    "13.6",
    _check_fine,
    refuses=(
        lambda x, A, b, v: np.mean((np.linalg.norm((v * (1 - np.tanh(x @ A.T + b))) @ A, axis=1) - 1) ** 2),
        lambda x, A, b, v: np.mean(((v * (1 - np.tanh(x @ A.T + b) ** 2)) @ A - 1) ** 2),
        lambda x, A, b, v: (
            np.mean(np.linalg.norm((v * (1 - np.tanh(x @ A.T + b) ** 2)) @ A, axis=1) - 1) ** 2
        ),
    ),
)
max_min = Exercise(
    "13.7",
    _check_max_min,
    refuses=(
        lambda h, gradient: gradient,
        lambda h, gradient: _max_min(gradient),
        lambda h, gradient: np.where(h > 0, gradient, 0),
        lambda h, gradient: gradient.reshape(-1, 2)[:, ::-1].ravel(),
    ),
)
halt = Exercise(
    "13.8",
    _check_halt,
    refuses=(
        lambda fine, target: (2 * fine, 1 / fine**2),
        lambda fine, target: (2 * fine * target, 1 / (fine * target) ** 2),
        lambda fine, target: (fine * target, 1 / fine**2),
        lambda fine, target: (2 * fine * target, 4 / fine**2),
    ),
)
