"""What every test shares: shapes checked at run time, reproducible examples, one thread per worker."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import matplotlib
from hypothesis import settings
from jaxtyping import install_import_hook

matplotlib.use("Agg")  # no screen is needed to test a figure; not by the environment, which kernels inherit

# Before any import of `lib`: from here on a tensor of the wrong shape is an error where it is passed.
install_import_hook("lib", "beartype.beartype")

# No deadline, since the speed of a machine is not a property of the code; the same examples everywhere.
settings.register_profile("book", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("book")
