"""Networks that are told a condition, and the game in which both players are."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import leaky_relu

from lib.experiments.game import Kind, labelled_game
from lib.networks import (
    ConditionalBatchNorm,
    JoinedCritic,
    JoinedGenerator,
    ModulatedGenerator,
    ProjectionCritic,
    parameters,
)
from lib.objectives import non_saturating
from tests.unit.errors import refused

GENERATORS = (JoinedGenerator, ModulatedGenerator)
CRITICS = (JoinedCritic, ProjectionCritic)


@pytest.fixture(autouse=True)
def same_weights():
    torch.manual_seed(0)


@pytest.mark.parametrize("make", GENERATORS)
def test_a_generator_makes_one_sample_in_range_for_each_pair(make):
    generator = make(5, 3, (1, 4, 4), width=6)
    samples = generator(100 * torch.randn(7, 5), torch.tensor([0, 1, 2, 0, 1, 2, 0]))
    assert samples.shape == (7, 1, 4, 4) and generator.latent == 5
    assert samples.abs().max() <= 1
    points = make(5, 3, (2,), width=6, squash=nn.Identity())(100 * torch.randn(7, 5), torch.zeros(7).long())
    assert points.shape == (7, 2) and points.abs().max() > 1


@pytest.mark.parametrize("make", [*GENERATORS, *CRITICS])
def test_class_numbers_mean_their_one_hot_vectors(make):
    network = (make(5, 3, (5,), width=6) if make in GENERATORS else make((5,), 3, width=6)).double().eval()
    points, labels = torch.randn(4, 5).double(), torch.tensor([2, 0, 1, 2])
    by_number = network(points, labels)
    assert torch.equal(by_number, network(points, torch.eye(3)[labels]))  # float32 beside float64
    shuffled = network(points, torch.tensor([0, 0, 1, 2]))
    assert torch.equal(shuffled[1:], by_number[1:])
    different = (shuffled[0] - by_number[0]).abs().max() > 1e-3
    assert different or isinstance(network, ModulatedGenerator)  # its classes are equal before it learns


def test_a_joined_layer_adds_a_bias_that_depends_on_the_condition():
    """W[z; c] + b = W_z z + (W_c c + b), by matrices in NumPy."""
    generator = JoinedGenerator(3, 2, (4,), depth=0, squash=nn.Identity()).double()
    weight, bias = (p.detach().numpy() for p in generator.parameters())
    z, labels = torch.randn(6, 3).double(), torch.tensor([0, 1, 1, 0, 0, 1])
    expected = z.numpy() @ weight[:, :3].T + weight[:, 3:].T[labels.numpy()] + bias
    np.testing.assert_allclose(generator(z, labels).detach().numpy(), expected, rtol=0, atol=1e-14)


def test_a_joined_critic_without_hidden_layer_is_a_sum_of_two_parts():
    critic = JoinedCritic((1, 2, 2), 3, depth=0).double()
    images = torch.randn(2, 1, 2, 2).double()

    def score(one, two):
        return critic(images, torch.tensor([one, two]))

    gaps = score(0, 0) - score(2, 2)
    assert torch.allclose(gaps[0], gaps[1], rtol=0, atol=1e-14) and gaps.abs().min() > 1e-3


def test_a_projection_critic_is_the_formula_it_states():
    critic = ProjectionCritic((3,), 2, width=4, depth=2).double()
    x, labels = torch.randn(5, 3).double(), torch.tensor([0, 1, 1, 0, 1])
    (first, second), slope = critic.features[0][::2], 0.2
    a = leaky_relu(leaky_relu(x @ first.weight.T + first.bias, slope) @ second.weight.T + second.bias, slope)
    columns = critic.projection.weight[:, labels].T
    expected = [
        sum(a[i, j] * (critic.score.weight[0, j] + columns[i, j]) for j in range(4)) + critic.score.bias[0]
        for i in range(5)
    ]
    assert torch.allclose(critic(x, labels), torch.stack(expected), rtol=0, atol=1e-14)
    assert parameters(critic) == (3 + 1) * 4 + (4 + 1) * 4 + (4 + 1) + 2 * 4


def test_conditional_batch_norm_is_the_formula_it_states():
    norm = ConditionalBatchNorm(2, 3).double()
    nn.init.normal_(norm.scale.weight)
    nn.init.normal_(norm.shift.weight)
    h, labels = 3 + 2 * torch.randn(6, 2).double(), torch.tensor([0, 1, 2, 2, 1, 1])
    mean, variance = h.mean(dim=0), h.var(dim=0, unbiased=False)
    scale, shift = norm.scale.weight.T[labels], norm.shift.weight.T[labels]
    expected = scale * (h - mean) / (variance + 1e-5).sqrt() + shift
    assert torch.allclose(norm(h, labels), expected, rtol=0, atol=1e-13)
    at_rest = norm.eval()(h[:1], labels[:1])  # 0.9 of the first mean and variance, 0.1 of the batch's
    running = (h[:1] - 0.1 * mean) / (0.9 + 0.1 * h.var(dim=0) + 1e-5).sqrt()
    assert torch.allclose(at_rest, scale[:1] * running + shift[:1], rtol=0, atol=1e-13)


def test_conditional_batch_norm_starts_as_plain_batch_norm():
    h, plain = torch.randn(8, 5), nn.BatchNorm1d(5)
    assert torch.allclose(ConditionalBatchNorm(5, 2)(h, torch.arange(8) % 2), plain(h), rtol=0, atol=1e-6)


def test_a_modulated_generator_meets_the_condition_in_every_hidden_layer():
    generator = ModulatedGenerator(3, 2, (4,), width=5, depth=2).eval()
    z = torch.randn(6, 3)

    def draw(label):
        return generator(z, torch.full((6,), label))

    assert torch.equal(draw(0), draw(1))
    for norm in generator.norms:
        with torch.no_grad():
            norm.shift.weight[:, 1] += 1
        assert not torch.allclose(draw(0), draw(1), atol=1e-3)
        with torch.no_grad():
            norm.shift.weight[:, 1] -= 1
    assert len(generator.norms) == 2


@pytest.mark.parametrize("make", CRITICS)
@pytest.mark.parametrize(
    ("condition", "error", "said"),
    [
        (torch.tensor([0, 3]), ValueError, "0 to 3"),
        (torch.tensor([-1, 0]), ValueError, "-1 to 0"),
        (torch.tensor([0]), ValueError, "(1,) beside 2"),
        (torch.tensor([[0], [1]]), ValueError, "(2, 1)"),
        (torch.ones(2, 4), ValueError, "(2, 4)"),
        (torch.ones(2, dtype=torch.int32), TypeError, "int32"),
        ([0, 1], TypeError, "list"),
    ],
)
def test_conditions_that_fit_no_network_are_refused(make, condition, error, said):
    with refused(error, "condition", said):
        make((5,), 3)(torch.zeros(2, 5), condition)


@pytest.mark.parametrize("make", GENERATORS)
def test_wrong_shapes_and_numbers_are_refused(make):
    with refused(ValueError, "latent", "(2, 4)"):
        make(5, 3, (2,))(torch.zeros(2, 4), torch.tensor([0, 1]))
    with refused(ValueError, "condition", 0):
        make(5, 0, (2,))


def test_projection_and_modulation_need_a_hidden_layer():
    with refused(ValueError, "depth", 0):
        ProjectionCritic((2,), 3, depth=0)
    with refused(ValueError, "depth", 0):
        ModulatedGenerator(2, 3, (2,), depth=0)


def test_a_single_sample_in_training_mode_is_refused():
    generator = ModulatedGenerator(2, 3, (2,))
    with refused(ValueError, "preactivation", remedy="eval()"):
        generator(torch.zeros(1, 2), torch.tensor([0]))
    assert generator.eval()(torch.zeros(1, 2), torch.tensor([0])).shape == (1, 2)


# -- the game with labels --------------------------------------------------------------------------------

KIND = Kind(
    "plain", non_saturating, lambda weights, maximize: torch.optim.SGD(weights, 0.1, maximize=maximize)
)


def new_game(seed: int):
    draw = torch.Generator().manual_seed(5)
    labels = torch.randint(3, (40,), generator=draw)
    images = 0.1 * labels[:, None, None, None] * torch.ones(40, 1, 2, 2)

    def players():
        return JoinedGenerator(2, 3, (1, 2, 2), width=4), JoinedCritic((1, 2, 2), 3, width=4)

    return labelled_game(seed, images, labels, KIND, players, batch=8)


def test_both_players_are_told_the_labels_of_the_batch():
    game, told = new_game(1), {"generator": [], "critic": []}
    for name in told:
        network = getattr(game, name)
        network.register_forward_pre_hook(lambda _, given, name=name: told[name].append(given))
    next(game.moves)
    (_, asked), (_, again) = told["generator"]
    real, fake, judged = told["critic"]
    assert torch.allclose(real[0].flatten(1)[:, 0], 0.1 * real[1])  # an image with its own label
    for labels in (asked, again, fake[1], judged[1]):
        assert torch.equal(labels, real[1])


def test_a_labelled_game_moves_both_players_and_repeats():
    games = [new_game(seed) for seed in (1, 1, 2)]
    before = [p.clone() for p in games[0].generator.parameters()]
    ends = []
    for game in games:
        list(islice(game.moves, 3))
        ends.append([*game.generator.state_dict().values(), *game.critic.state_dict().values()])
    assert all(not torch.equal(a, b) for a, b in zip(before, games[0].generator.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(ends[0], ends[1], strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(ends[0], ends[2], strict=True))


def test_samples_of_a_labelled_game_are_what_was_asked_for():
    game, labels = new_game(1), torch.tensor([2, 0, 1])
    state = game.samples(3, labels)
    again = new_game(1)
    assert torch.equal(state, again.generator(again.latent(3), labels))
    assert not state.requires_grad
