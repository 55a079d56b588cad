"""The rates that the searches have found; a test compares them with what is stored.

`RATES`: each entrant's, for a few seconds (`lib.experiments.league.search`); `RATE`: the recipe's, for a
minute (`lib.experiments.league.longer`).
"""

RATES = {
    "recipe": 0.08,
    "two-sided": 0.08,
    "ReLU": 0.08,
    "Adam": 0.01,
    "spectral, MaxMin": 0.003,
    "orthonormal, GroupSort": 0.03,
    "cones": 0.03,
}
RATE = 0.04
