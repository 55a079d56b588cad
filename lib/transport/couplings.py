"""Optimal couplings between two measures, six ways.

Each function takes the costs and positive masses p (n,), q (m,) of sum 1, costs of order 1, and returns the
mass that goes from i to j with potentials f, g. What they return is checked by `lib.transport`.
"""

import math
import warnings
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linear_sum_assignment

from lib.transport.costs import Costs, distances
from lib.transport.programmes import (
    SolverFailed,
    constraint_matrix,
    lipschitz_matrix,
    maximise,
    minimise,
    ordered_pairs,
)


class Coupling(NamedTuple):
    """Mass mass_k goes from i_k to j_k; the potentials are f and g."""

    i: np.ndarray
    j: np.ndarray
    mass: np.ndarray
    f: np.ndarray
    g: np.ndarray


def _entries(plan: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    i, j = np.nonzero(plan > 0)  # solvers leave -1e-17 here and there
    return i, j, plan[i, j]


def by_primal(costs: Costs, p: np.ndarray, q: np.ndarray) -> Coupling:
    """The linear programme min { <Γ, d> | A Γ = (p, q), Γ >= 0 }; the potentials are its multipliers."""
    plan, potentials = minimise(costs.rows().ravel(), constraint_matrix(*costs.shape), np.concatenate([p, q]))
    return Coupling(*_entries(plan.reshape(costs.shape)), potentials[: len(p)], potentials[len(p) :])


def by_dual(costs: Costs, p: np.ndarray, q: np.ndarray) -> Coupling:
    """The linear programme max { <p, f> + <q, g> | f_i + g_j <= d_ij }; the plan is its multipliers."""
    potentials, plan = maximise(np.concatenate([p, q]), constraint_matrix(*costs.shape), costs.rows().ravel())
    return Coupling(*_entries(plan.reshape(costs.shape)), potentials[: len(p)], potentials[len(p) :])


def by_single_potential(costs: Costs, p: np.ndarray, q: np.ndarray) -> Coupling:
    """max { sum_u (p - q)_u f_u | f_u - f_v <= d_uv } on the union of the supports; g = -f."""
    union, where = np.unique(np.concatenate([costs.x, costs.y]), axis=0, return_inverse=True)
    at_x, at_y = np.split(where.ravel(), [len(p)])
    leaving, arriving = np.bincount(at_x, p, len(union)), np.bincount(at_y, q, len(union))
    u, v = ordered_pairs(len(union))
    f, flow = np.zeros(len(union)), np.zeros(len(u))
    if len(u):
        surplus = leaving - arriving
        surplus[np.argmax(abs(surplus))] -= math.fsum(surplus)  # rounding: the dual would be unbounded
        f, flow = maximise(surplus, lipschitz_matrix(len(union)), distances(union, union, costs.norm)[u, v])
        f = Costs.between(union, union, costs.norm).least(-f)  # steeper than 1 by the solver's tolerance
    moved = sp.coo_array((flow, (u, v)), shape=(len(union),) * 2).toarray().clip(min=0)
    _straighten(moved)
    moved[np.diag_indices_from(moved)] = np.minimum(leaving, arriving)
    # Points that coincide share what leaves and reaches their place in proportion to their masses.
    share_x = np.divide(p, leaving[at_x], out=np.zeros_like(p), where=p > 0)
    share_y = np.divide(q, arriving[at_y], out=np.zeros_like(q), where=q > 0)
    plan = share_x[:, None] * moved[np.ix_(at_x, at_y)] * share_y
    return Coupling(*_entries(plan), f[at_x], -f[at_y])


def _straighten(flow: np.ndarray) -> None:
    """Replace every way u -> v -> w by u -> w, in place: by the triangle inequality it is no longer."""
    for v in range(len(flow)):
        flow[v, v] = 0.0
        passing = min(flow[:, v].sum(), flow[v].sum())
        if passing > 0:
            entering, leaving = flow[:, v] / flow[:, v].sum(), flow[v] / flow[v].sum()
            flow += passing * np.outer(entering, leaving)
            flow[:, v] -= passing * entering
            flow[v] -= passing * leaving
    np.clip(flow, 0, None, out=flow)


def by_sorting(costs: Costs, p: np.ndarray, q: np.ndarray) -> Coupling:
    """Quantile against quantile: the k-th unit of mass from the left on both sides.

    With H = F_x - F_y the difference of the distribution functions, W1 = ∫ |H|, and f' = -sign H gives
    optimal potentials f on x and -f on y.
    """
    x, y = costs.x[:, 0], costs.y[:, 0]
    i, j, mass = _quantile_coupling(x, p, y, q)
    places, jumps = np.concatenate([x, y]), np.concatenate([p, -q])
    order = np.argsort(places, kind="stable")
    difference = np.cumsum(jumps[order])[:-1]
    difference[abs(difference) <= 4 * np.finfo(float).eps] = 0.0  # rounding must not choose a direction
    f = np.empty(len(places))
    f[order] = np.concatenate([[0.0], np.cumsum(-np.sign(difference) * np.diff(places[order]))])
    return Coupling(i, j, mass, f[: len(x)], -f[len(x) :])


def _quantile_coupling(
    x: np.ndarray, p: np.ndarray, y: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    i, j = np.argsort(x, kind="stable"), np.argsort(y, kind="stable")
    i, j = i[p[i] > 0], j[q[j] > 0]
    up_to_i, up_to_j = np.minimum(np.cumsum(p[i]), 1.0), np.minimum(np.cumsum(q[j]), 1.0)
    up_to_i[-1] = up_to_j[-1] = 1.0
    cuts = np.sort(np.concatenate([up_to_i, up_to_j]))
    mass = np.diff(cuts, prepend=0.0)
    real = mass > 4 * np.finfo(float).eps  # thinner slices come from rounding the sums
    middle, mass = (cuts - mass / 2)[real], mass[real]
    return i[np.searchsorted(up_to_i, middle)], j[np.searchsorted(up_to_j, middle)], mass


def by_assignment(costs: Costs, p: np.ndarray, q: np.ndarray) -> Coupling:
    """An optimal permutation s; then f_i - f_k <= c_{i s(k)} - c_{k s(k)}: shortest paths give such an f."""
    cost = costs.rows()
    i, j = linear_sum_assignment(cost)
    matched = cost[i, j]
    f, g = np.zeros(len(i)), np.empty(len(i))
    for _ in range(len(i) + 1):  # as many rounds as the longest path has steps: Bellman and Ford
        g[j] = matched - f
        shorter = costs.least(g)
        if np.max(f - shorter) <= 4 * np.finfo(float).eps:
            break
        f = np.minimum(f, shorter)
    g = costs.transposed.least(f)
    return Coupling(i, j, p.copy(), f, g)


def by_network_simplex(costs: Costs, p: np.ndarray, q: np.ndarray) -> Coupling:
    """The network simplex of POT, on the matrix of costs or, when that is not given, on the points."""
    import ot

    steps = 10**9  # the default stops short from some thousand points on
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its status is read below
        if costs.given is None:
            metric = {1: "cityblock", 2: "euclidean"}[costs.norm]
            _, log = ot.lp.emd2_lazy(costs.x, costs.y, p, q, metric=metric, numItermax=steps, log=True)
            plan = sp.coo_array(log["G"])
            i, j, mass = (*plan.coords, plan.data)
        else:
            plan, log = ot.emd(p, q, costs.given, numItermax=steps, log=True)
            i, j, mass = _entries(plan)
    if log["warning"] is not None:
        raise SolverFailed(f"The network simplex ended with {log['warning']!r}, expected an optimum.")
    f = costs.least(log["v"])  # it leaves 1e-12 of violation; a c-transform removes that
    return Coupling(i, j, mass, f, np.asarray(log["v"]))
