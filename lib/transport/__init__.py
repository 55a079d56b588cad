"""Optimal transport: the exact distance with its certificate, its dual, its programmes, its smooth cousin.

Behind this door: `costs` (weighted clouds and what a trip costs), `programmes` (linear programmes),
`couplings` (six ways to an optimal plan), `choice` (which of them, and whether it fits), `exact` (the
certified answer), `duality` (c-transform, Lipschitz extension, Farkas) and `entropic` (Sinkhorn).
"""

from lib.transport.costs import distances
from lib.transport.duality import Farkas, c_transform, farkas_certificate, mcshane_extension
from lib.transport.entropic import Sinkhorn, sinkhorn, sinkhorn_of_cost
from lib.transport.exact import Transport, kantorovich, wasserstein1
from lib.transport.programmes import (
    Infeasible,
    SolverFailed,
    Unbounded,
    constraint_matrix,
    lipschitz_matrix,
    maximise,
    minimise,
)

__all__ = [
    "Farkas",
    "Infeasible",
    "Sinkhorn",
    "SolverFailed",
    "Transport",
    "Unbounded",
    "c_transform",
    "constraint_matrix",
    "distances",
    "farkas_certificate",
    "kantorovich",
    "lipschitz_matrix",
    "maximise",
    "mcshane_extension",
    "minimise",
    "sinkhorn",
    "sinkhorn_of_cost",
    "wasserstein1",
]
