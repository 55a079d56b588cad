"""The meter of training: what it reads is true of the two clouds, and reading it disturbs nobody."""

from itertools import count, islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lib.experiments.chapter_13 import RING, start_ring
from lib.experiments.game import Game
from lib.experiments.judging import astray, ring_clouds
from lib.experiments.meter import (
    Reading,
    change_correlations,
    clock_correlation,
    measure,
    metered,
    rank_correlations,
)
from lib.lipschitz import spectral
from lib.networks import PerceptronCritic
from tests.unit.errors import refused


class Ramp(nn.Module):
    """f(x) = −K ⟨x, u⟩ for a unit vector u: a critic of slope K."""

    def __init__(self, steepness: float, direction: torch.Tensor):
        super().__init__()
        self.weight = nn.Parameter(-steepness * direction)

    def forward(self, x):
        return x @ self.weight


class Latent(nn.Module):
    """A generator that returns its latent vectors, so that a test says what is generated."""

    latent = 2

    def forward(self, latent):
        return latent


def still_game(critic=None):
    """A game in which nobody learns, and a list of how many moves were made."""
    made = []
    moves = ((made.append(n), made[-1]) for n in count())
    return Game(Latent(), critic or Ramp(1.0, torch.tensor([1.0, 0.0])), None, moves), made


def weights(game):
    return [p.detach().clone() for network in (game.generator, game.critic) for p in network.parameters()]


@pytest.mark.parametrize("steepness", [0.01, 1.0, 30.0])
def test_a_translation_is_read_exactly(steepness):
    """Every point moved by 0.5 along u: W = 0.5, and a ramp of slope K along u says K · 0.5."""
    direction = torch.tensor([0.6, 0.8])
    real, _ = ring_clouds(40)
    game, _ = still_game(Ramp(steepness, direction))
    reading = measure(game, 7, real, real + 0.5 * direction, lambda fake: float(fake.sum()))
    assert reading.move == 7
    assert reading.estimate == pytest.approx(0.5 * steepness, rel=1e-5)
    assert reading.slope == pytest.approx(steepness, rel=1e-5)
    assert reading.certified == pytest.approx(0.5, rel=1e-5)
    assert reading.exact == pytest.approx(0.5, rel=1e-5)
    assert reading.defect == float((real + 0.5 * direction).sum())


def test_a_critic_that_prefers_the_generated_samples_gives_a_negative_estimate():
    direction = torch.tensor([0.6, 0.8])
    real, _ = ring_clouds(40)
    game, _ = still_game(Ramp(2.0, direction))
    reading = measure(game, 1, real, real - 0.5 * direction, astray)
    assert reading.estimate == pytest.approx(-1, rel=1e-5)
    assert reading.certified < 0 < reading.exact == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize("kind", ["clip", "penalty"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("moves", [0, 40])
def test_the_certified_bound_never_exceeds_the_exact_distance(kind, seed, moves):
    game = start_ring(seed, RING[kind])
    list(islice(game.moves, moves))
    real, other = ring_clouds()
    for cloud in (real, other):
        reading = measure(game, moves, cloud, game.latent(len(cloud)), astray)
        assert reading.certified <= reading.exact * (1 + 1e-9)
        assert reading.slope > 0 and reading.exact > 0
        assert reading.certified == pytest.approx(reading.estimate / reading.slope, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("kind", ["clip", "penalty"])
def test_a_game_under_the_meter_is_the_game_without(kind):
    watched, alone = start_ring(5, RING[kind]), start_ring(5, RING[kind])
    readings = list(metered(watched, 6, ring_clouds()[0], astray, readings=3))
    list(islice(alone.moves, 6))
    assert all(torch.equal(a, b) for a, b in zip(weights(watched), weights(alone), strict=True))
    assert torch.equal(watched.latent(3), alone.latent(3))
    assert len({reading.exact for reading in readings}) == 3


class Averaging(nn.Module):
    """A generator with batch normalisation: in training mode each batch would move its running averages."""

    latent = 2

    def __init__(self):
        super().__init__()
        self.normalised = nn.BatchNorm1d(2)

    def forward(self, latent):
        return self.normalised(latent)


def test_the_meter_reads_players_that_are_restless_while_they_train():
    """Spectral normalisation and batch normalisation: read in evaluation mode, left as they were."""
    torch.manual_seed(0)
    critic, generator = spectral(PerceptronCritic((2,), width=8)), Averaging()
    generator.normalised.eval()  # one layer is kept still on purpose, and must stay so
    real, _ = ring_clouds(20)
    game = Game(generator, critic, None, None)
    before = {name: t.clone() for m in (critic, generator) for name, t in m.state_dict().items()}
    first, again = (
        measure(game, 0, real, torch.randn(20, 2) + torch.tensor([3.0, 1.0]), astray) for _ in "ab"
    )
    assert 0 < first.slope <= 1.05 and first.certified <= first.exact and again.certified <= again.exact
    after = {name: t for m in (critic, generator) for name, t in m.state_dict().items()}
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert critic.training and generator.training and not generator.normalised.training
    assert all(module.training for module in critic.modules())


def test_players_are_as_before_when_a_reading_fails():
    game = Game(Averaging(), PerceptronCritic((2,), width=8), None, None)
    with pytest.raises(ZeroDivisionError):
        measure(game, 0, ring_clouds(5)[0], torch.randn(5, 2), lambda fake: 1 / 0)
    with pytest.raises(ValueError):
        measure(game, 0, ring_clouds(5)[0], torch.randn(4, 2), astray)
    assert game.generator.training and game.generator.normalised.training and game.critic.training


def test_each_reading_has_fresh_generated_samples_and_repeats():
    seen = []
    game, _ = still_game()
    runs = [list(metered(game, 3, ring_clouds(20)[0], lambda fake: seen.append(fake) or 0.0, readings=3))]
    runs.append(list(metered(game, 3, ring_clouds(20)[0], lambda fake: 0.0, readings=3)))
    assert runs[0] == runs[1]
    assert not torch.equal(seen[0], seen[1]) and not torch.equal(seen[1], seen[2])
    assert all(fake.shape == (20, 2) for fake in seen)


def test_the_readings_come_at_the_squares():
    game, made = still_game()
    readings = metered(game, 32, ring_clouds(5)[0], astray, readings=4)
    for expected in (2, 8, 18, 32):
        assert next(readings).move == expected == len(made)
    assert next(readings, None) is None


@given(moves=st.integers(1, 60), share=st.floats(0, 1))
def test_the_last_reading_comes_after_the_last_move_and_no_move_has_two(moves, share):
    game, made = still_game()
    many = max(1, int(share * moves))
    at = [reading.move for reading in metered(game, moves, torch.ones(1, 2), lambda fake: 0.0, readings=many)]
    assert len(at) == len(set(at)) == many and at == sorted(at) and at[-1] == moves == len(made)


@pytest.mark.parametrize("moves, readings, name", [(3, 4, "moves"), (3, 0, "readings")])
def test_more_readings_than_moves_and_none_at_all_are_refused(moves, readings, name):
    game, _ = still_game()
    with refused(ValueError, name, f"at least {max(readings, 1)}"):
        next(metered(game, moves, ring_clouds(5)[0], astray, readings=readings))


def test_unequal_clouds_are_refused():
    game, _ = still_game()
    with pytest.raises(ValueError, match=r"(?i)equal|same|as many|each"):
        measure(game, 0, ring_clouds(5)[0], torch.zeros(4, 2), astray)


def test_rank_correlations_are_those_of_spearman():
    """1 − 6 Σ d² / (n (n² − 1)) with n = 4: the order 1, 3, 2, 4 has Σ d² = 2, hence 0.8."""
    readings = [
        Reading(
            move=move, estimate=-1.0 * defect, slope=1.0, certified=certified, exact=defect**3, defect=defect
        )
        for move, (defect, certified) in enumerate([(2.0, 9.0), (1.0, 1.0), (4.0, 100.0), (3.0, 2.0)])
    ]
    measured = rank_correlations(readings)
    assert measured == pytest.approx({"estimate": -1.0, "certified": 0.8, "exact": 1.0})


def readings_of(defects, exacts):
    """Readings at the moves 1, 4, 9, … with these defects and distances."""
    return [
        Reading(move=(k + 1) ** 2, estimate=-e, slope=1.0, certified=e, exact=e, defect=d)
        for k, (d, e) in enumerate(zip(defects, exacts, strict=True))
    ]


def test_a_clock_follows_whatever_falls():
    """Better samples at every reading: 1. Worse at every one: −1. One swap of neighbours in four: 0.8."""
    assert clock_correlation(readings_of([4.0, 3.0, 2.0, 1.0], [1.0] * 4)) == pytest.approx(1)
    assert clock_correlation(readings_of([1.0, 2.0, 3.0, 7.0], [1.0] * 4)) == pytest.approx(-1)
    assert clock_correlation(readings_of([4.0, 2.0, 3.0, 1.0], [1.0] * 4)) == pytest.approx(0.8)


def test_the_changes_are_those_to_the_next_reading():
    """Both curves fall all the time, the one most where the other falls least: 1 by rank, −1 by step."""
    defects, exacts = [10.0, 9.0, 7.0, 4.0], [10.0, 6.0, 3.0, 2.5]
    readings = readings_of(defects, exacts)
    assert rank_correlations(readings)["exact"] == pytest.approx(1)
    assert change_correlations(readings) == pytest.approx({"estimate": 1.0, "certified": -1.0, "exact": -1.0})


def test_a_whole_spectral_game_is_metered():
    """Critic in training mode, spectrally normalised: played, read and left as it was."""
    torch.manual_seed(0)
    critic = spectral(PerceptronCritic((2,), width=8))
    real, _ = ring_clouds(20)
    made = ((critic(torch.randn(4, 2)).detach(), n) for n in count())  # each move reads the weights
    readings = list(metered(Game(Latent(), critic, None, made), 6, real, astray, readings=3))
    assert [reading.move for reading in readings] == [1, 2, 6] and critic.training
    assert all(reading.certified <= reading.exact for reading in readings)


def test_a_reading_scores_each_cloud_once():
    """Twice by `certificate`, which asks again to see whether the answer stays, and not a third time."""

    class Counting(Ramp):
        asked = 0

        def forward(self, x):
            self.asked += 1
            return super().forward(x)

    critic = Counting(1.0, torch.tensor([1.0, 0.0]))
    game, _ = still_game(critic)
    measure(game, 1, ring_clouds(6)[0], torch.randn(6, 2), astray)
    assert critic.asked == 2
