"""The rates that `lib.experiments.league.search` has found; a test compares them with what is stored."""

RATES = {
    "recipe": 0.04,
    "two-sided": 0.04,
    "ReLU": 0.04,
    "Adam": 0.003,
    "spectral, MaxMin": 0.003,
    "orthonormal, GroupSort": 0.01,
    "cones": 0.03,
}
