"""Which method is taken, and what is refused before it starts."""

import numpy as np
import pytest

from lib.transport import choice, exact, kantorovich, wasserstein1
from lib.transport.choice import choose, estimate
from lib.transport.costs import Costs


def costs(n, m=None, d=2, norm=2):
    m = n if m is None else m
    return Costs.between(np.zeros((n, d)), np.ones((m, d)), norm)


def uniform(n):
    return np.full(n, 1 / n)


@pytest.fixture
def plenty(monkeypatch):
    """A machine with 64 GB, whatever runs the test."""
    monkeypatch.setattr(choice, "available_memory", lambda: 64e9)


@pytest.fixture
def only(monkeypatch):
    """Choose which optional packages are there."""

    def choose_packages(*present):
        monkeypatch.setattr(choice, "installed", lambda name: name in present)

    return choose_packages


def test_auto_takes_the_fastest_that_applies(plenty, only):
    only("ot", "cvxpy")
    unequal = np.array([0.5, 0.25, 0.25])
    assert choose("auto", costs(3, d=1), unequal, uniform(3)) == "line"
    assert choose("auto", costs(3), uniform(3), uniform(3)) == "assignment"
    assert choose("auto", costs(3), unequal, uniform(3)) == "network"
    assert choose("auto", costs(3, 4), uniform(3), uniform(4)) == "network"
    assert choose("auto", costs(1000), uniform(1000), uniform(1000)) == "network"
    assert choose("auto", Costs.of(np.ones((3, 3))), uniform(3), uniform(3)) == "assignment"


def test_auto_makes_do_with_what_is_installed(plenty, only):
    only("cvxpy")
    assert choose("auto", costs(1000), uniform(1000), uniform(1000)) == "assignment"
    assert choose("auto", costs(3, 4), uniform(3), uniform(4)) == "lp"
    only()
    assert choose("auto", costs(3), uniform(3), uniform(3)) == "assignment"
    with pytest.raises(
        ImportError, match=r'masses that differ.*pip install "POT>=0.9.6".*pip install "cvxpy>=1.9"'
    ):
        choose("auto", costs(3, 4), uniform(3), uniform(4))


@pytest.mark.parametrize(
    "method, line",
    [("network", 'pip install "POT>=0.9.6"')]
    + [(name, 'pip install "cvxpy>=1.9" highspy') for name in ("lp", "dual", "single")],
)
def test_a_missing_package_is_named_with_its_install_line(only, method, line):
    only()
    with pytest.raises(ImportError) as raised:
        wasserstein1(np.zeros((2, 2)), np.ones((2, 2)), method=method)
    assert f'method="{method}" needs' in str(raised.value) and line in str(raised.value)


def test_a_package_is_found_without_importing_it():
    assert choice.installed("numpy")
    assert not choice.installed("no_package_of_this_name")


def test_a_blocked_package_counts_as_missing(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ot", None)
    assert not choice.installed("ot")


def test_too_large_a_programme_is_refused_before_it_starts(plenty, only):
    only("ot", "cvxpy")
    with pytest.raises(ValueError) as raised:
        choose("lp", costs(5000), uniform(5000), uniform(5000))
    message = str(raised.value)
    assert message.startswith(
        'method: got "lp" for 5000 and 5000 points, which takes about 30.0 GB and 23 minutes'
    )
    assert "expected at most 64.0 GB and 15 minutes" in message
    assert 'Remedy: method="network" (about' in message and 'method="assignment" (about' in message


def test_no_solver_is_called_for_what_does_not_fit(monkeypatch):
    called = []
    monkeypatch.setitem(exact._SOLVERS, "assignment", lambda *problem: called.append(problem))
    monkeypatch.setattr(choice, "available_memory", lambda: 1e4)
    with pytest.raises(ValueError, match=r'"assignment" for 40 and 40 points, which takes about 0 MB'):
        wasserstein1(np.zeros((40, 2)), np.ones((40, 2)), method="assignment")
    assert not called


def test_without_the_network_simplex_the_assignment_is_named(plenty, only):
    only("cvxpy")
    with pytest.raises(
        ValueError, match=r'"dual" for 4500 and 4500 .*Remedy: method="assignment" \(about 0.4 GB'
    ):
        choose("dual", costs(4500), uniform(4500), uniform(4500))


def test_memory_counts_too(monkeypatch, only):
    only("cvxpy")
    monkeypatch.setattr(choice, "available_memory", lambda: 1e7)
    with pytest.raises(ValueError, match=r'"lp" for 100 and 100 .*about 12 MB and 0 seconds.*"assignment"'):
        choose("lp", costs(100), uniform(100), uniform(100))


def test_when_nothing_fits_smaller_samples_are_advised(plenty, only):
    only("ot", "cvxpy")
    huge = Costs((10**6, 10**6), None, np.zeros((1, 2)), np.zeros((1, 2)), 2)
    with pytest.raises(ValueError, match=r"Remedy: random subsets .*sliced_wasserstein1"):
        choose("auto", huge, uniform(10), uniform(10))


def test_auto_passes_over_a_method_that_does_not_fit(only, monkeypatch):
    only("ot")
    monkeypatch.setattr(choice, "available_memory", lambda: 30e6)
    assert choose("auto", costs(1000, norm=np.inf), uniform(1000), uniform(1000)) == "assignment"
    assert choose("auto", costs(1000), uniform(1000), uniform(1000)) == "network"  # without a matrix


def test_a_matrix_is_stored_while_it_is_small(plenty, only):
    only("ot")
    assert not choice.lazily(costs(5000))
    assert choice.lazily(costs(5001))
    assert not choice.lazily(costs(5001, norm=np.inf))  # the solver has no such distance
    assert not choice.lazily(Costs.of(np.zeros((1, 5000**2 + 1))))


def test_estimates_grow_as_they_should():
    for method in choice.NAMES:
        small, large = estimate(method, 200, 200), estimate(method, 2000, 2000)
        assert large.bytes > 9 * small.bytes and large.seconds > 9 * small.seconds
    assert estimate("lp", 2000, 500).seconds == pytest.approx(estimate("lp", 1000, 1000).seconds)
    # Measured: 3.4 s and 0.28 GB for the programme at n = 500.
    assert 1 < estimate("lp", 500, 500).seconds < 12
    assert 0.1e9 < estimate("lp", 500, 500).bytes < 1e9
    assert str(choice.Estimate(2.5e9, 7200 * 3)) == "about 2.5 GB and 6 hours"
    assert str(choice.Estimate(2.5e7, 3)) == "about 25 MB and 3 seconds"


def test_the_available_memory_is_a_plausible_number():
    assert 1e8 < choice.available_memory() < 1e14


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"got 'assigment', expected 'auto' or one of 'lp'.*perhaps 'assignment'"
    ):
        kantorovich(np.ones((2, 2)), method="assigment")
    with pytest.raises(ValueError, match=r"got 'zzz'.*Remedy: method=\"auto\""):
        kantorovich(np.ones((2, 2)), method="zzz")
