"""The certificate of a coupling: what its potentials leave open, and potentials that leave open less.

Any plan costs at least W, and potentials below the cost are worth at most W: what rounding does not explain
in gap + violation is a plan or a potential that is not optimal.
"""

import math

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, connected_components

from lib.transport.costs import Costs

OF_VALUE = 1e-9  # of the value: what the tolerances of a solver may leave open
ROUNDS = 50  # of Bellman and Ford, each through all pairs: enough when the plan is optimal
EPSILON = float(np.finfo(float).eps)


def value_of(p: np.ndarray, f: np.ndarray, q: np.ndarray, g: np.ndarray) -> float:
    """The dual value ⟨p, f⟩ + ⟨q, g⟩, without rounding in the sum."""
    return math.fsum([*(p * f), *(q * g)])


def allowance(moved: np.ndarray, f: np.ndarray, g: np.ndarray) -> float:
    """The gap + violation that rounding explains: 1e-9 of the value, and 8 ε (n + m) of the potentials.

    moved: mass times cost of each entry of the plan. The second part stands for masses, which sum to 1 up to
    rounding, and for sums along the plan. Potentials are as large as the costs that the plan cannot avoid.
    """
    largest = float(abs(f).max() + abs(g).max())
    return OF_VALUE * float(abs(moved).sum()) + 8 * EPSILON * (len(f) + len(g)) * largest


def violation(costs: Costs, f: np.ndarray, g: np.ndarray) -> float:
    """The largest f_i + g_j - c_ij."""
    return float((f - costs.least(g)).max())


def violation_on_line(costs: Costs, f: np.ndarray, g: np.ndarray) -> float:
    """The largest f_i + g_j - |x_i - y_j| by sorting: no matrix, so it works for a million points."""
    x, y = costs.x[:, 0], costs.y[:, 0]
    order = np.argsort(x)
    x, f = x[order], f[order]
    from_left = np.concatenate([[-np.inf], np.maximum.accumulate(f + x)])
    from_right = np.concatenate([np.maximum.accumulate((f - x)[::-1])[::-1], [-np.inf]])
    k = np.searchsorted(x, y, side="right")
    return float((g + np.maximum(from_left[k] - y, from_right[k] + y)).max())


def tightened(
    costs: Costs, i: np.ndarray, j: np.ndarray, f: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Potentials below the cost that meet it on the arcs (i_k, j_k) of the plan, if that plan is optimal.

    Along the plan's forest one potential gives the next without the solver's tolerance; then Bellman and
    Ford shift its trees against each other. Where no potentials meet a plan that is not optimal, these are
    still below the cost, and the gap remains.
    """
    f, g = _along_forest(costs, i, j, f, g)
    cost = costs.at(i, j)
    for _ in range(min(ROUNDS, len(f) + 1)):
        shorter = costs.least(g)
        if np.max(f - shorter) <= 4 * EPSILON * abs(f).max():
            break
        f = np.minimum(f, shorter)
        g = np.full(len(g), -np.inf)
        np.maximum.at(g, j, cost - f[i])
    return f, costs.transposed.least(f)


def _along_forest(
    costs: Costs, i: np.ndarray, j: np.ndarray, f: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """f_i + g_j = c_ij along a forest of the plan's arcs; each tree keeps its first potential."""
    n, nodes = len(f), len(f) + len(g)
    arcs = sp.coo_array((np.ones(len(i)), (i, n + j)), shape=(nodes, nodes))
    _, first = np.unique(connected_components(arcs, directed=False)[1], return_index=True)
    # one more node, joined to the first of each tree, makes the forest a tree that is walked in one go
    tails, heads = np.concatenate([i, np.full(len(first), nodes)]), np.concatenate([n + j, first])
    joined = sp.coo_array((np.ones(len(tails)), (tails, heads)), shape=(nodes + 1, nodes + 1)).tocsr()
    order, before = breadth_first_order(joined, nodes, directed=False)
    order = order[before[order] < nodes]
    order = order[before[order] >= 0]
    before = before[order]
    cost = costs.at(np.minimum(order, before), np.maximum(order, before) - n)
    potential = np.concatenate([f, g])
    for node, previous, between in zip(order, before, cost, strict=True):
        potential[node] = between - potential[previous]
    return potential[:n], potential[n:]
