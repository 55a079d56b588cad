"""The game: whose turn it is, what a move changes, and which gradients are refused."""

import copy
import math
from dataclasses import replace
from itertools import count, islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lib.adversarial import alternate, guard, steps
from lib.lipschitz import clip_, gradient_penalty, slope_penalty, spectral
from lib.networks import PerceptronCritic, PerceptronGenerator
from lib.objectives import minimax, non_saturating, wasserstein
from tests.unit.errors import refused

RATE = 0.1


# -- whose turn it is ------------------------------------------------------------------------------------


@given(critic_steps=st.integers(1, 4), rounds=st.integers(1, 4))
def test_alternate_plays_what_a_handwritten_loop_plays(critic_steps, rounds):
    log, values = [], []

    def move(player):
        def step(x, label):
            log.append((player, x, label))
            return torch.tensor(float(len(log)), requires_grad=True)

        return step

    stream = ((number, -number) for number in count())
    for critic_value, generator_loss in islice(
        alternate(move("critic"), move("generator"), stream, critic_steps), rounds
    ):
        values.append((critic_value.item(), generator_loss.item()))

    expected, expected_values, number = [], [], 0
    for _ in range(rounds):
        for _ in range(critic_steps):
            expected.append(("critic", number, -number))
            last, number = number, number + 1
        expected.append(("generator", last, -last))
        expected_values.append((float(len(expected) - 1), float(len(expected))))
    assert log == expected
    assert values == expected_values


def test_alternate_gives_one_critic_move_per_generator_move_unless_told():
    moves = alternate(lambda x: torch.tensor(0.0), lambda x: torch.tensor(1.0), ((n,) for n in count()))
    assert [tuple(map(float, pair)) for pair in islice(moves, 3)] == [(0.0, 1.0)] * 3


def test_alternate_yields_values_without_their_graphs():
    weight = torch.ones(1, requires_grad=True)
    batches = ((torch.ones(1),) for _ in count())
    moves = alternate(lambda x: (weight * x).sum(), lambda x: (2 * weight * x).sum(), batches)
    for value in next(moves):
        assert not value.requires_grad and value.grad_fn is None


def test_alternate_draws_no_batch_before_it_is_asked_and_none_too_many():
    drawn = []
    batches = ((drawn.append(n),) for n in count())
    moves = alternate(lambda x: torch.tensor(0.0), lambda x: torch.tensor(0.0), batches, critic_steps=3)
    assert drawn == []
    next(moves)
    assert drawn == [0, 1, 2]
    next(moves)
    assert drawn == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "wrong, error", [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_alternate_refuses_a_number_of_critic_steps_at_once(wrong, error):
    """At the call, and not when the first move is asked for."""
    with refused(error, "critic_steps", wrong, "at least 1"):
        alternate(lambda x: x, lambda x: x, iter([]), critic_steps=wrong)


def test_alternate_takes_a_number_of_critic_steps_from_numpy():
    moves = alternate(
        lambda x: torch.tensor(float(x)), lambda x: torch.tensor(0.0), ((n,) for n in count()), np.int64(3)
    )
    assert [float(value) for value, _ in islice(moves, 2)] == [2, 5]


@pytest.mark.parametrize("batches", [[(torch.zeros(2, 1),)], DataLoader(TensorDataset(torch.zeros(2, 1)))])
def test_alternate_refuses_at_once_what_is_no_iterator(batches):
    with refused(TypeError, "batches", type(batches).__name__, "never ends", remedy="data.batches"):
        alternate(lambda x: x, lambda x: x, batches)


def test_batches_that_end_are_refused_where_they_end():
    """A `DataLoader` is one epoch: what it leaves behind must not be a StopIteration inside a generator."""
    loader = DataLoader(TensorDataset(torch.zeros(6, 1)), batch_size=2)
    zero = torch.tensor(0.0)
    moves = alternate(lambda x: zero, lambda x: zero, iter(loader), critic_steps=2)
    next(moves)
    with refused(ValueError, "batches", "came to its end", "never ends", remedy="law.batches"):
        next(moves)


@pytest.mark.parametrize("batch", [torch.zeros(2, 1), np.zeros((2, 1)), {"real": torch.zeros(2, 1)}])
def test_a_batch_without_its_tuple_is_refused(batch):
    moves = alternate(lambda x: x, lambda x: x, iter([batch]))
    with refused(TypeError, "batches", type(batch).__name__, remedy="yield (real,)"):
        next(moves)


# -- what a move changes ---------------------------------------------------------------------------------


def players(critic_rate=RATE, generator_rate=RATE, objective=non_saturating, latent=None):
    """A linear pair in the plane, with latent vectors that a test can predict, and plain gradient steps."""
    torch.manual_seed(0)
    generator = nn.Linear(3, 2).double()
    critic = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Flatten(0)).double()
    source = torch.Generator().manual_seed(7)
    latent = latent or (lambda n: torch.randn(n, 3, generator=source, dtype=torch.float64))
    descend = torch.optim.SGD(generator.parameters(), lr=generator_rate)
    climb = torch.optim.SGD(critic.parameters(), lr=critic_rate, maximize=True)
    return generator, critic, steps(generator, critic, objective, descend, climb, latent)


def weights(network):
    return [p.detach().clone() for p in network.parameters()]


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def real_batch(n=6):
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64) + 1


def value_by_definition(critic, real, fake):
    return torch.log(torch.sigmoid(critic(real))).mean() + torch.log(1 - torch.sigmoid(critic(fake))).mean()


@pytest.mark.parametrize("objective", [minimax, non_saturating], ids=lambda o: o.name)
def test_both_moves_are_the_updates_written_out(objective):
    """θ_D ← θ_D + η ∇V, θ_G ← θ_G − η ∇L, with V and L from their definitions and no optimiser at all."""
    generator, critic, (critic_step, generator_step) = players(objective=objective)
    mine, opponent = copy.deepcopy(generator), copy.deepcopy(critic)
    source = torch.Generator().manual_seed(7)
    real = real_batch()
    for _ in range(3):
        fake = mine(torch.randn(6, 3, generator=source, dtype=torch.float64))
        value = value_by_definition(opponent, real, fake)
        slopes = torch.autograd.grad(value, list(opponent.parameters()))
        with torch.no_grad():
            for weight, slope in zip(opponent.parameters(), slopes, strict=True):
                weight.add_(RATE * slope)
        assert critic_step(real).item() == pytest.approx(value.item(), abs=1e-12)

        chance = torch.sigmoid(opponent(mine(torch.randn(6, 3, generator=source, dtype=torch.float64))))
        loss = torch.log(1 - chance).mean() if objective is minimax else -torch.log(chance).mean()
        slopes = torch.autograd.grad(loss, list(mine.parameters()))
        with torch.no_grad():
            for weight, slope in zip(mine.parameters(), slopes, strict=True):
                weight.sub_(RATE * slope)
        assert generator_step(real).item() == pytest.approx(loss.item(), abs=1e-12)
    for measured, expected in ((critic, opponent), (generator, mine)):
        for a, b in zip(measured.parameters(), expected.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-12)


def test_a_move_changes_the_mover_and_nobody_else():
    generator, critic, (critic_step, generator_step) = players()
    before = weights(generator), weights(critic)
    critic_step(real_batch())
    assert same(weights(generator), before[0]) and not same(weights(critic), before[1])
    assert all(p.grad is None for p in generator.parameters())  # the fakes came detached
    between = weights(critic)
    generator_step(real_batch())
    assert not same(weights(generator), before[0]) and same(weights(critic), between)


def test_a_critic_move_forgets_the_slopes_that_a_generator_move_left_behind():
    """When the generator stands still, its move must make no difference to the critic's next one."""
    fixed = torch.randn(6, 3, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    _, critic, (critic_step, generator_step) = players(generator_rate=0.0, latent=lambda n: fixed)
    _, other, (other_step, _) = players(generator_rate=0.0, latent=lambda n: fixed)
    for _ in range(2):
        minimax.generator(critic(fixed[:, :2])).backward()  # as a step written by hand leaves them
        assert any(p.grad is not None and p.grad.any() for p in critic.parameters())  # something to forget
        generator_step(real_batch())
        critic_step(real_batch())
        other_step(real_batch())
    assert same(weights(critic), weights(other))


def test_a_generator_move_asks_for_no_slopes_of_the_critic():
    """They would cost as much again as the generator's own, and nobody uses them."""
    generator, critic, (_, generator_step) = players()
    generator_step(real_batch())
    assert all(p.grad is None for p in critic.parameters())
    assert all(p.grad is not None for p in generator.parameters())
    assert all(p.requires_grad for p in critic.parameters())


def test_a_frozen_layer_of_the_generator_stays_as_it_is():
    torch.manual_seed(0)
    generator, critic = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))
    generator.bias.requires_grad_(False)
    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    before = weights(generator)
    _, generator_step = steps(generator, critic, minimax, descend, climb, lambda n: torch.ones(n, 3))
    generator_step(torch.zeros(4, 2))
    assert torch.equal(generator.bias, before[1]) and not torch.equal(generator.weight, before[0])


def test_a_generator_move_forgets_its_own_slopes_of_the_move_before():
    """Each of two moves goes down the slope at that moment, and not down the sum of both."""
    fixed = torch.ones(6, 3, dtype=torch.float64)
    generator, critic, (_, generator_step) = players(latent=lambda n: fixed, objective=minimax)
    for _ in range(2):
        (slope, *_) = torch.autograd.grad(minimax.generator(critic(generator(fixed))), [generator.weight])
        before = generator.weight.detach().clone()
        generator_step(real_batch())
        torch.testing.assert_close(before - generator.weight, RATE * slope)


@given(seed=st.integers(0, 10_000))
def test_signs_a_small_critic_move_raises_the_value_on_its_own_batch(seed):
    generator, critic, (critic_step, _) = players(critic_rate=1e-3)
    real = torch.randn(16, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    z = torch.randn(16, 3, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    fake = generator(z).detach()
    before = value_by_definition(critic, real, fake).item()
    assert critic_step(real).item() == pytest.approx(before, abs=1e-12)
    assert value_by_definition(critic, real, fake).item() > before


@pytest.mark.parametrize("objective", [minimax, non_saturating], ids=lambda o: o.name)
def test_signs_a_small_generator_move_raises_the_scores_of_its_fakes(objective):
    generator, critic, (_, generator_step) = players(generator_rate=1e-3, objective=objective)
    z = torch.randn(6, 3, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    before = critic(generator(z)).mean().item()
    generator_step(real_batch())
    assert critic(generator(z)).mean().item() > before


def test_a_step_draws_as_many_fakes_as_there_are_real_samples():
    asked = []
    generator, critic = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))

    def latent(n):
        asked.append(n)
        return torch.zeros(n, 3)

    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    critic_step, generator_step = steps(generator, critic, minimax, descend, climb, latent)
    critic_step(torch.zeros(5, 2))
    generator_step(torch.zeros(4, 2))
    assert asked == [5, 4]


@pytest.mark.parametrize(
    "critic_climbs, generator_climbs, name, remedy",
    [(False, False, "critic_optimizer", True), (True, True, "generator_optimizer", False)],
)
def test_an_optimiser_that_goes_the_wrong_way_is_refused(critic_climbs, generator_climbs, name, remedy):
    generator, critic = nn.Linear(3, 2), nn.Linear(2, 1)
    climb = torch.optim.Adam(critic.parameters(), maximize=critic_climbs)
    descend = torch.optim.Adam(generator.parameters(), maximize=generator_climbs)
    with refused(
        ValueError, name, f"maximize={not remedy}", f"maximize={remedy}", remedy=f"maximize={remedy}"
    ):
        steps(generator, critic, minimax, descend, climb, lambda n: torch.zeros(n, 3))


@pytest.mark.parametrize("wrong", ["generator_optimizer", "critic_optimizer"])
def test_an_optimiser_of_another_network_is_refused(wrong):
    """It would train in silence: a copy, the other player, or layers that a parametrisation has replaced."""
    generator, critic = nn.Linear(3, 2), nn.Linear(2, 1)
    owned = {"generator_optimizer": generator, "critic_optimizer": critic}
    for stranger in (nn.Linear(3, 2), copy.deepcopy(owned[wrong]), *(owned.keys() - {wrong})):
        chosen = owned | {wrong: owned.get(stranger, stranger) if isinstance(stranger, str) else stranger}
        descend = torch.optim.Adam(chosen["generator_optimizer"].parameters())
        climb = torch.optim.Adam(chosen["critic_optimizer"].parameters(), maximize=True)
        with refused(ValueError, wrong, "2 weights", "weights of the", remedy=wrong.partition("_")[0]):
            steps(generator, critic, minimax, descend, climb, lambda n: torch.zeros(n, 3))


def test_an_optimiser_of_part_of_a_network_is_welcome():
    generator, critic = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 1), nn.Flatten(0))
    climb = torch.optim.SGD(critic[1].parameters(), lr=RATE, maximize=True)
    descend = torch.optim.SGD([generator.bias], lr=RATE)
    before = weights(generator), weights(critic)
    for move in steps(generator, critic, minimax, descend, climb, lambda n: torch.ones(n, 3)):
        move(torch.zeros(4, 2))
    assert [same([a], [b]) for a, b in zip(weights(generator), before[0], strict=True)] == [True, False]
    changed = [same([a], [b]) for a, b in zip(weights(critic), before[1], strict=True)]
    assert changed == [True, True, False, False]


def test_a_critic_that_keeps_its_last_axis_is_refused():
    """(n, 1) scores: the commonest silent error of this field."""
    generator, critic = nn.Linear(3, 2), nn.Linear(2, 1)
    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    moves = steps(generator, critic, minimax, descend, climb, lambda n: torch.zeros(n, 3))
    before = weights(generator), weights(critic)
    for move in moves:
        with refused(ValueError, "fake_scores" if move is moves[1] else "real_scores", "(5, 1)"):
            move(torch.zeros(5, 2))
    assert same(weights(generator), before[0]) and same(weights(critic), before[1])


# -- what keeps the critic's slope down ------------------------------------------------------------------


def small_players(seed=0):
    """Perceptrons in double precision, and a source of latent vectors and batches of their own."""
    torch.manual_seed(seed)
    generator = PerceptronGenerator(3, (2,), width=8, squash=nn.Identity()).double()
    critic = PerceptronCritic((2,), width=8).double()
    source = torch.Generator().manual_seed(7)
    return generator, critic, lambda n: torch.randn(n, 3, generator=source, dtype=torch.float64)


def numbered_batches(drawn):
    """A different batch each time, and a list of how many were drawn."""
    source = torch.Generator().manual_seed(8)
    while True:
        drawn.append(len(drawn))
        yield (torch.randn(16, 2, generator=source, dtype=torch.float64) + 1,)


def root_mean_square_step(weights, slopes, squares, rate, sign):
    """RMSProp: v ← 0.99 v + 0.01 g², w ← w ± η g / (√v + 1e-8)."""
    with torch.no_grad():
        for weight, slope, square in zip(weights, slopes, squares, strict=True):
            square.copy_(0.99 * square + 0.01 * slope**2)
            weight.add_(sign * rate * slope / (square.sqrt() + 1e-8))


def adam_step(weights, slopes, moments, count, rate, sign, betas=(0.0, 0.9)):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², both divided by 1 − βᵗ, w ← w ± η m / (√v + 1e-8)."""
    first, second = betas
    with torch.no_grad():
        for weight, slope, (mean, square) in zip(weights, slopes, moments, strict=True):
            mean.copy_(first * mean + (1 - first) * slope)
            square.copy_(second * square + (1 - second) * slope**2)
            size = (square / (1 - second**count)).sqrt() + 1e-8
            weight.add_(sign * rate * mean / (1 - first**count) / size)


def assert_same_networks(*pairs):
    for measured, expected in pairs:
        for a, b in zip(measured.parameters(), expected.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)


def test_twenty_rounds_with_clipping_are_algorithm_1_written_out():
    """Arjovsky et al. 2017: 5 times lines 3–7, each on a new batch, then lines 9–11, and no optimiser."""
    rate, bound, critic_steps, rounds = 5e-5, 0.01, 5, 20
    generator, critic, latent = small_players()
    drawn = []
    moves = steps(
        generator,
        critic,
        wasserstein,
        torch.optim.RMSprop(generator.parameters(), lr=rate),
        torch.optim.RMSprop(critic.parameters(), lr=rate, maximize=True),
        latent,
        constrain=lambda network: clip_(network, bound),
    )
    gaps = [float(gap) for gap, _ in islice(alternate(*moves, numbered_batches(drawn), critic_steps), rounds)]
    assert len(drawn) == critic_steps * rounds

    g, f, prior = small_players()
    start = copy.deepcopy(g)
    theta, w, batches = list(g.parameters()), list(f.parameters()), numbered_batches([])
    squares = [torch.zeros_like(p) for p in w], [torch.zeros_like(p) for p in theta]
    expected = []
    for _ in range(rounds):
        for _ in range(critic_steps):
            (x,), z = next(batches), prior(16)
            gap = f(x).mean() - f(g(z)).mean()
            root_mean_square_step(w, torch.autograd.grad(gap, w), squares[0], rate, +1)
            with torch.no_grad():
                for weight in w:
                    weight.copy_(torch.where(weight.abs() > bound, bound * weight.sign(), weight))
        expected.append(gap.item())
        loss = -f(g(prior(16))).mean()
        root_mean_square_step(theta, torch.autograd.grad(loss, theta), squares[1], rate, -1)
    assert_same_networks((critic, f), (generator, g))
    assert gaps == pytest.approx(expected, rel=1e-9)
    assert not same(weights(start), weights(g))


def test_twenty_rounds_with_the_gradient_penalty_are_algorithm_1_written_out():
    """Gulrajani et al. 2017: λ = 10, Adam 1e-4 with β = (0, 0.9); the slope by finite differences of f."""
    rate, weight_of_penalty, critic_steps, rounds, small = 1e-4, 10.0, 5, 20, 1e-6
    generator, critic, latent = small_players()
    shares, drawn = torch.Generator().manual_seed(9), []
    options = {"lr": rate, "betas": (0.0, 0.9)}
    moves = steps(
        generator,
        critic,
        wasserstein,
        torch.optim.Adam(generator.parameters(), **options),
        torch.optim.Adam(critic.parameters(), maximize=True, **options),
        latent,
        penalty=lambda f, real, fake: weight_of_penalty * gradient_penalty(f, real, fake, shares),
    )
    gaps = [float(gap) for gap, _ in islice(alternate(*moves, numbered_batches(drawn), critic_steps), rounds)]
    assert len(drawn) == critic_steps * rounds

    g, f, prior = small_players()
    theta, w, batches = list(g.parameters()), list(f.parameters()), numbered_batches([])
    moments = [[(torch.zeros_like(p), torch.zeros_like(p)) for p in several] for several in (w, theta)]
    source, expected = torch.Generator().manual_seed(9), []
    for count_of_rounds in range(rounds):
        for k in range(critic_steps):
            (x,), z = next(batches), prior(16)
            fake = g(z).detach()
            u = torch.rand(16, generator=source, dtype=torch.float64)[:, None]
            points = u * x + (1 - u) * fake
            ends = [small * torch.eye(2, dtype=torch.float64)[i] for i in (0, 1)]
            slope = torch.stack([(f(points + e) - f(points - e)) / (2 * small) for e in ends]).norm(dim=0)
            gap = f(x).mean() - f(fake).mean()
            climbed = gap - weight_of_penalty * (slope - 1).square().mean()
            adam_step(
                w,
                torch.autograd.grad(climbed, w),
                moments[0],
                critic_steps * count_of_rounds + k + 1,
                rate,
                1,
            )
        expected.append(gap.item())
        loss = -f(g(prior(16))).mean()
        adam_step(theta, torch.autograd.grad(loss, theta), moments[1], count_of_rounds + 1, rate, -1)
    for measured, by_hand in ((critic, f), (generator, g)):
        for a, b in zip(measured.parameters(), by_hand.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=1e-6)  # finite differences; 100 steps move by 1e-2
    assert gaps == pytest.approx(expected, abs=1e-6)


def test_a_critic_move_returns_the_gap_before_the_move_without_the_penalty():
    generator, critic, latent = small_players()
    seen = []

    def penalty(network, real, fake):
        seen.append((network, real, fake))
        return 7.0 + 0 * network(real).sum()

    z = latent(6)
    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    critic_step, generator_step = steps(
        generator, critic, wasserstein, descend, climb, lambda n: z, penalty=penalty
    )
    real, fake = real_batch(), generator(z).detach()
    gap = (critic(real).mean() - critic(fake).mean()).item()
    assert critic_step(real).item() == pytest.approx(gap, abs=1e-12)
    ((network, first, second),) = seen
    assert network is critic and torch.equal(first, real) and torch.equal(second, fake)
    assert not second.requires_grad  # the generator is not trained by a penalty on the critic
    generator_step(real)
    assert len(seen) == 1


def test_the_penalty_is_descended_while_the_value_is_climbed():
    """A penalty that is the sum of the weights: with plain steps each weight loses η more than without."""
    fixed = torch.ones(6, 3, dtype=torch.float64)
    ends = []
    for penalty in (None, lambda network, real, fake: sum(p.sum() for p in network.parameters())):
        generator, critic, _ = small_players()
        descend = torch.optim.SGD(generator.parameters(), lr=RATE)
        climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
        moves = steps(generator, critic, wasserstein, descend, climb, lambda n: fixed, penalty=penalty)
        moves[0](real_batch())
        ends.append(weights(critic))
    for free, penalised in zip(*ends, strict=True):
        torch.testing.assert_close(free - penalised, torch.full_like(free, RATE))


def test_the_constraint_comes_after_every_critic_move_and_after_no_other():
    generator, critic, latent = small_players()
    seen = []

    def constrain(network):
        seen.append((network, weights(network)))
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.fill_(0.5)

    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    moves = steps(generator, critic, wasserstein, descend, climb, latent, constrain=constrain)
    before = weights(critic)
    next(alternate(*moves, numbered_batches([]), critic_steps=2))
    assert [network is critic for network, _ in seen] == [True, True]
    assert not same(seen[0][1], before)  # the optimiser had moved already
    assert all((parameter == 0.5).all() for parameter in critic.parameters())


# -- one state of the critic within a move ---------------------------------------------------------------


def restless_game(penalty=None):
    """A spectrally normalised critic: each reading of its weights in training mode is another critic."""
    torch.manual_seed(0)
    generator = PerceptronGenerator(3, (2,), width=8, squash=nn.Identity()).double()
    critic = spectral(PerceptronCritic((2,), width=8).double())
    with torch.no_grad():
        for weight in critic.parameters():
            weight.normal_()  # the estimates of the singular values are those of other weights
    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    z = torch.randn(6, 3, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    moves = steps(generator, critic, wasserstein, descend, climb, lambda n: z, penalty=penalty)
    return generator, critic, z, moves


def test_real_and_fake_samples_meet_one_and_the_same_critic():
    """Against one joint call, which reads the weights once; two calls differ by much more than rounding."""
    generator, critic, z, (critic_step, _) = restless_game()
    joint = copy.deepcopy(critic)
    real, fake = joint(torch.cat([real_batch(), generator(z)])).chunk(2)
    again = joint(generator(z))
    assert (again - fake).abs().max() > 1e-3
    gap = real.mean() - fake.mean()
    gap.backward()
    with torch.no_grad():
        for weight in joint.parameters():
            weight += RATE * weight.grad
    assert critic_step(real_batch()).item() == pytest.approx(gap.item(), abs=1e-12)
    assert_same_networks((critic, joint))


def test_the_penalty_too_is_that_of_the_critic_that_scores():
    seen = []

    def penalty(network, real, fake):
        seen.append(network(real).detach())
        return slope_penalty(network, fake)

    generator, critic, z, (critic_step, _) = restless_game(penalty)
    joint = copy.deepcopy(critic)
    expected = joint(torch.cat([real_batch(), generator(z)])).chunk(2)[0]
    critic_step(real_batch())
    torch.testing.assert_close(seen[0], expected.detach(), rtol=0, atol=1e-12)


def test_the_next_move_meets_the_critic_as_it_then_is():
    """The weights are kept for one move only: a critic that has moved scores with its new ones."""
    generator, critic, z, (critic_step, _) = restless_game()
    first = critic_step(real_batch()).item()
    real, fake = copy.deepcopy(critic)(torch.cat([real_batch(), generator(z)])).chunk(2)
    later = critic_step(real_batch()).item()
    assert later == pytest.approx((real.mean() - fake.mean()).item(), abs=1e-12)
    assert abs(later - first) > 1e-3


# -- labels ----------------------------------------------------------------------------------------------


class LabelledGenerator(nn.Module):
    """g(z, y) = A z + b_y."""

    def __init__(self):
        super().__init__()
        self.linear, self.shift = nn.Linear(3, 2, bias=False), nn.Embedding(4, 2)

    def forward(self, latent, label):
        return self.linear(latent) + self.shift(label)


class LabelledCritic(nn.Module):
    """f(x, y) = ⟨a_y, tanh(W x)⟩."""

    def __init__(self):
        super().__init__()
        self.linear, self.head = nn.Linear(2, 5), nn.Embedding(4, 5)

    def forward(self, samples, label):
        return (torch.tanh(self.linear(samples)) * self.head(label)).sum(dim=1)


def labelled_game(penalty=None):
    torch.manual_seed(0)
    generator, critic = LabelledGenerator().double(), LabelledCritic().double()
    z = torch.randn(6, 3, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    moves = steps(generator, critic, minimax, descend, climb, lambda n: z, penalty=penalty)
    return generator, critic, z, moves


LABEL = torch.tensor([0, 1, 2, 3, 1, 1])


def test_both_players_of_a_conditional_game_move_as_written_out():
    """Real and fake samples carry the same labels: V(y) = E log D(x | y) + E log(1 − D(g(z, y) | y))."""
    generator, critic, z, moves = labelled_game()
    mine, opponent = copy.deepcopy(generator), copy.deepcopy(critic)
    real = real_batch()
    value, loss = next(alternate(*moves, iter([(real, LABEL)])))

    chance = [torch.sigmoid(opponent(x, LABEL)) for x in (real, mine(z, LABEL))]
    worth = torch.log(chance[0]).mean() + torch.log(1 - chance[1]).mean()
    for weight, slope in zip(
        opponent.parameters(), torch.autograd.grad(worth, list(opponent.parameters())), strict=True
    ):
        weight.data += RATE * slope
    assert value.item() == pytest.approx(worth.item(), abs=1e-12)
    own = torch.log(1 - torch.sigmoid(opponent(mine(z, LABEL), LABEL))).mean()
    for weight, slope in zip(
        mine.parameters(), torch.autograd.grad(own, list(mine.parameters())), strict=True
    ):
        weight.data -= RATE * slope
    assert loss.item() == pytest.approx(own.item(), abs=1e-12)
    assert_same_networks((critic, opponent), (generator, mine))


def test_another_label_makes_another_move():
    ends = []
    for label in (LABEL, LABEL.flip(0)):
        generator, critic, _, moves = labelled_game()
        for move in moves:
            move(real_batch(), label)
        ends.append((weights(generator), weights(critic)))
    assert not same(ends[0][0], ends[1][0]) and not same(ends[0][1], ends[1][1])


def test_a_penalty_is_given_the_critic_with_its_labels_filled_in():
    generator, critic, z, (critic_step, _) = labelled_game(lambda f, real, fake: slope_penalty(f, fake))
    free = copy.deepcopy(critic)
    fake, real = generator(z, LABEL).detach().requires_grad_(), real_batch()
    (slope,) = torch.autograd.grad(free(fake, LABEL).sum(), fake, create_graph=True)
    worth = minimax.critic(free(real, LABEL), free(fake, LABEL)) - (slope.norm(dim=1) - 1).square().mean()
    for weight, slope in zip(
        free.parameters(), torch.autograd.grad(worth, list(free.parameters())), strict=True
    ):
        weight.data += RATE * slope
    critic_step(real, LABEL)
    assert_same_networks((critic, free))


# -- which gradients are refused -------------------------------------------------------------------------


def guarded(optimizer=torch.optim.SGD, **options):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    chosen = optimizer(network.parameters(), lr=RATE, **options)
    guard(network, chosen)
    return network, chosen


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_a_gradient_that_is_not_finite_stops_before_any_weight_changes(bad, optimizer):
    network, descend = guarded(optimizer)
    network(torch.ones(4, 2)).sum().backward()
    network[2].weight.grad[0, 1] = bad
    before = weights(network)
    with refused(
        FloatingPointError, "gradient of 2.weight", "no weight was changed", remedy="lower the learning rate"
    ):
        descend.step()
    assert same(weights(network), before)
    assert not descend.state  # nor any moment of Adam's


def test_the_guard_names_every_layer_up_to_three():
    network, descend = guarded()
    (network(torch.ones(4, 2)).sum() * math.nan).backward()
    with refused(FloatingPointError, "gradient of 0.weight, 0.bias, 2.weight …"):
        descend.step()


def test_the_guard_lets_finite_gradients_pass_however_large():
    """The sum of squares of 1e30 overflows float32, though every entry is a number."""
    network, descend = guarded()
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 1e30)
    before = weights(network)
    descend.step()
    assert not same(weights(network), before)


def test_the_guard_minds_no_parameter_without_a_gradient():
    network, descend = guarded()
    before = weights(network)
    descend.step()  # no gradient at all
    network[0].requires_grad_(False)
    network(torch.ones(4, 2)).sum().backward()
    descend.step()
    after = weights(network)
    assert same(before[:2], after[:2]) and not same(before[2:], after[2:])


def test_a_broken_objective_is_stopped_inside_the_move():
    """log(1 − sigmoid(s)) as it stands on paper: for a sure critic its slope is 0/0, without a word."""
    generator, critic, _ = players()
    nn.init.constant_(critic[2].bias, 1e4)
    paper = replace(minimax, critic=lambda real, fake: torch.log(1 - torch.sigmoid(fake)).mean())
    climb = torch.optim.SGD(critic.parameters(), lr=RATE, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=RATE)
    guard(critic, climb)
    latent = torch.zeros(6, 3, dtype=torch.float64)
    critic_step, _ = steps(generator, critic, paper, descend, climb, lambda n: latent)
    before = weights(critic)
    with refused(FloatingPointError, "gradient of 0.weight, 0.bias, 2.weight …"):
        critic_step(real_batch())
    assert same(weights(critic), before)
