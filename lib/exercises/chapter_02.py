"""The exercises of chapter 2: what a right answer must satisfy, and hints for one that is not there yet.

The checks search, simulate or differentiate; none of them contains the formula that is asked for.
"""

import numpy as np
import torch

from lib.exercises import Exercise


def _check_encoder(answer) -> None:
    draw = np.random.default_rng(21)
    for rank in (1, 3):
        G, x = draw.normal(size=(6, rank)), draw.normal(size=(6, 40))
        E = np.asarray(answer(G))
        assert E.shape == (rank, 6), f"E turns 6 numbers into {rank}: its shape is ({rank}, 6)."
        rest = ((x - G @ E @ x) ** 2).sum(axis=0)
        for _ in range(300):
            near = E @ x + 0.01 * draw.normal(size=(rank, 40))
            better = ((x - G @ near) ** 2).sum(axis=0) < rest
            assert not better.any(), "A code close by rebuilds better. To what must x − GEx be perpendicular?"


def _check_enough(answer) -> None:
    values = np.array([2.0, 8.0, 1.0, 4.0, 1.0])  # sums and shares without rounding, however they are reached
    for share, least in ((0.0, 0), (0.3, 1), (0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (0.875, 3), (1.0, 5)):
        assert answer(values, share) == least, f"Not for the share {share} of {values}. Sort; mind the ends."


def _check_few(answer) -> None:
    draw = np.random.default_rng(22)
    X = draw.normal(size=(50, 8)) @ np.diag(np.arange(8, 0, -1.0))
    X -= X.mean(axis=1, keepdims=True)
    found, exact = np.asarray(answer(X, 3)), np.linalg.svd(X)[0][:, :3]
    assert found.shape == (50, 3), "One direction in each column, please."
    assert np.allclose(np.linalg.norm(found, axis=0), 1, rtol=0, atol=1e-9), "A direction has length 1."
    along = np.abs((found * exact).sum(axis=0))
    assert np.allclose(along, 1, rtol=0, atol=1e-8), "Not the principal directions, the first one first."
    wide = draw.normal(size=(200_000, 10))
    try:
        shape = np.shape(answer(wide - wide.mean(axis=1, keepdims=True), 2))
    except MemoryError:
        shape = None
    assert shape == (200_000, 2), "Right for small images, too large for photographs: only XᵀX may be formed."


def _check_ways(answer) -> None:
    for d, chosen in ((4, (0, 1)), (4, (2, 3)), (5, (0, 2, 4)), (5, (1,)), (6, (0, 3, 4))):
        spectrum, own = torch.arange(d, 0, -1, dtype=torch.float64), list(chosen)
        r, frame = len(own), torch.eye(d, dtype=torch.float64)[:, own]

        def loss(flat, d=d, r=r, spectrum=spectrum):
            rest = torch.eye(d, dtype=torch.float64) - flat[: d * r].view(d, r) @ flat[d * r :].view(r, d)
            return (rest.square() * spectrum).sum()

        at = torch.cat([frame.ravel(), frame.T.ravel()])
        bends = torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, at))
        wanted = int((bends < -1e-9).sum())
        assert answer(d, chosen) == wanted, (
            f"Not for d = {d} and {chosen}. Which exchanges of a chosen direction for another pay?"
        )


def _check_white(answer) -> None:
    draw = np.random.default_rng(23)
    x = 4 + draw.normal(size=(5, 5)) @ draw.exponential(size=(5, 60))
    codes = np.asarray(answer(x, 3))
    assert codes.shape == (3, 60), "Three numbers for each of the 60 points, in columns."
    assert np.allclose(np.cov(codes), np.eye(3), rtol=0, atol=1e-9), "Their np.cov is not the unit matrix."
    assert np.allclose(codes.mean(axis=1), 0, rtol=0, atol=1e-9), "Take the mean off first."
    X = x - x.mean(axis=1, keepdims=True)
    span = np.linalg.svd(X, full_matrices=False)[2][:3]
    assert np.linalg.norm(codes - codes @ span.T @ span) < 1e-6, "Not from the principal subspace."


def _check_neighbours(answer) -> None:
    draw = np.random.default_rng(24)
    for r, k in ((3, 4), (7, 3)):
        volumes = np.cumsum(draw.exponential(size=(4000, 10, k)), axis=2)
        found = np.array([answer(each ** (1 / r)) for each in volumes])
        error = found.std(ddof=1) / np.sqrt(len(found))
        assert abs(found.mean() - r) < 4 * error, (
            f"From ten points with {k} neighbours in {r} dimensions it has the mean {found.mean():.2f}."
        )
        assert found.std(ddof=1) < 1.15 * r / np.sqrt(10 * (k - 1) - 2), "Unbiased, but it wastes neighbours."


encoder = Exercise(
    "2.1", _check_encoder, refuses=(lambda G: G.T, lambda G: G.T / np.linalg.norm(G) ** 2, np.linalg.qr)
)
enough = Exercise(
    "2.2",
    _check_enough,
    refuses=(
        lambda values, share: int((np.cumsum(values) < share * values.sum()).sum()) + 1,
        lambda values, share: int((np.cumsum(np.sort(values)[::-1]) <= share * values.sum()).sum()),
        lambda values, share: int((np.cumsum(np.sort(values)[::-1]) < share * values.sum()).sum()) + 1,
    ),
)
few = Exercise(
    "2.3",
    _check_few,
    refuses=(
        lambda X, r: X @ np.linalg.eigh(X.T @ X)[1][:, ::-1][:, :r],
        lambda X, r: np.linalg.qr(X)[0][:, :r],
        lambda X, r: np.linalg.eigh(X.T @ X)[1][:, ::-1][:, :r],
    ),
)
ways = Exercise(
    "2.4",
    _check_ways,
    refuses=(
        lambda d, chosen: len(chosen) * (d - len(chosen)),
        lambda d, chosen: sum(j > k for k in chosen for j in range(d) if j not in chosen),
        lambda d, chosen: len(set(range(len(chosen))) - set(chosen)),
    ),
)


def _components(x, r, scaled):
    X = x - x.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(np.cov(x))
    values, vectors = values[::-1][:r, None], vectors[:, ::-1][:, :r]
    return vectors.T @ X / scaled(values)


white = Exercise(
    "2.5",
    _check_white,
    refuses=(
        lambda x, r: _components(x, r, np.ones_like),
        lambda x, r: _components(x, r, lambda values: values),
        lambda x, r: _components(x, r, lambda values: np.sqrt(values * 59 / 60)),
        lambda x, r: (_components(x, 5, np.sqrt))[-r:],
    ),
)
neighbours = Exercise(
    "2.6",
    _check_neighbours,
    refuses=(
        lambda t: len(t) * (t.shape[1] - 1) / np.log(t[:, -1:] / t).sum(),
        lambda t: ((t.shape[1] - 1) / np.log(t[:, -1:] / t).sum(axis=1)).mean(),
        lambda t: (len(t) - 1) / np.log(t[:, 1] / t[:, 0]).sum(),
        lambda t: (len(t) - 1) / np.log(t[:, -1] / t[:, 0]).sum(),
    ),
)
