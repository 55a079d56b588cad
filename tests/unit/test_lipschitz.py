"""Slopes: kept down, pulled to 1, measured and bounded, against singular values, pairs and the exact W₁."""

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrize

from lib import clouds
from lib.lipschitz import (
    GroupSort,
    MaxMin,
    autograd_gradient,
    bjorck,
    certificate,
    certified_bound,
    certified_slope,
    clip_,
    gradient_penalty,
    input_gradient,
    interpolate,
    line_slope,
    orthonormal,
    slope_bound,
    slope_penalty,
    spectral,
)
from lib.networks import ConvolutionalCritic, PerceptronCritic, perceptron
from lib.transport import wasserstein1
from tests.unit.errors import refused

DOUBLE = torch.float64
seeds = st.integers(0, 2**32 - 1)
HARD = {"spectral": lambda net: spectral(net, 50), "orthonormal": orthonormal}


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


class Score(nn.Module):
    """A chain of layers as a critic: one score per point."""

    def __init__(self, *layers):
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, points):
        return self.body(points).squeeze(-1)


def draw(seed, n=7, m=7, d=2, shift=0.5):
    """Two clouds of points."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=generator, dtype=DOUBLE)
    return x, torch.randn(m, d, generator=generator, dtype=DOUBLE) + shift


def random_perceptron(seed, widths, activation, spread=1.0):
    torch.manual_seed(seed)
    net = perceptron(widths, activation).double()
    for parameter in net.parameters():
        parameter.data = spread * torch.randn(parameter.shape, dtype=DOUBLE)
    return net


def steepest_pair(critic, x, y, order):
    """The largest climb per distance, one pair at a time."""
    steepest = 0.0
    for p in x:
        for q in y:
            away = np.linalg.norm((p - q).numpy(), ord=order)
            if away > 0:
                climb = float(critic(p[None])[0].detach() - critic(q[None])[0].detach())
                steepest = max(steepest, climb / away)
    return steepest


# -- clipping ------------------------------------------------------------------------------------------------


@given(seed=seeds, bound=st.floats(1e-3, 2))
def test_clipping_is_the_nearest_point_of_the_box_for_weights_and_biases(seed, bound):
    net = random_perceptron(seed, [2, 3, 1], nn.ReLU())
    expected = [np.clip(p.detach().numpy(), -bound, bound) for p in net.parameters()]
    identities = [id(p) for p in net.parameters()]
    assert clip_(net, bound) is None
    for parameter, values in zip(net.parameters(), expected, strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), values)
        assert parameter.requires_grad and parameter.grad is None and parameter.is_leaf
    assert [id(p) for p in net.parameters()] == identities  # the optimiser's state still belongs to them


@pytest.mark.parametrize(
    "bound, error",
    [
        *((b, ValueError) for b in (0, -0.01, math.nan, math.inf)),
        *((b, TypeError) for b in (True, "0.01", None, torch.tensor(0.01))),
    ],
)
def test_a_bound_that_is_no_positive_number_is_refused_before_a_weight_changes(bound, error):
    net = nn.Linear(2, 1)
    before = net.weight.clone()
    with refused(error, "bound", bound, "a positive finite number"):
        clip_(net, bound)
    assert torch.equal(net.weight, before)


@pytest.mark.parametrize("bound", [np.float32(0.25), np.float64(0.25), np.int64(1), 1])
def test_a_bound_may_come_from_numpy(bound):
    net = nn.Linear(20, 1)
    net.weight.data *= 100
    clip_(net, bound)
    assert net.weight.abs().max().item() == bound


def test_weights_at_the_clip_have_a_slope_far_from_one():
    """All weights at ±c: for c = 0.01 the slope all but vanishes, for c = 1 it exceeds 1 many times."""
    signs = random_perceptron(0, [1, 16, 16, 1], nn.ReLU())
    line = torch.linspace(-3, 3, 61, dtype=DOUBLE)[:, None]
    slopes = {}
    for c in (0.01, 1.0):
        net = perceptron([1, 16, 16, 1], nn.ReLU()).double()
        for parameter, sign in zip(net.parameters(), signs.parameters(), strict=True):
            parameter.data = c * sign.detach().sign()
        slopes[c] = input_gradient(net, line).abs().max().item()
        a_priori = c**3 * math.sqrt(16 * 1) * math.sqrt(16 * 16) * math.sqrt(16 * 1)
        assert slopes[c] <= slope_bound(net) <= a_priori * (1 + 1e-12)
    assert slopes[0.01] < 1e-4 and slopes[1.0] > 5


# -- interpolation and penalty -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3,), (1, 4, 4)])
def test_interpolated_points_lie_on_their_own_segment_one_share_for_each_sample(shape):
    generator = torch.Generator().manual_seed(5)
    real, fake = torch.randn(4000, *shape, dtype=DOUBLE), torch.randn(4000, *shape, dtype=DOUBLE)
    real.requires_grad_()
    points = interpolate(real, fake, generator)
    assert points.shape == real.shape and not points.requires_grad
    shares = ((points - fake) / (real - fake)).detach().flatten(1)
    assert torch.allclose(shares, shares[:, :1].expand_as(shares), atol=1e-6)  # one share for all coordinates
    share = shares[:, 0]
    assert share.min() >= -1e-6 and share.max() <= 1 + 1e-6
    error = 5 / math.sqrt(12 * 4000)
    assert abs(share.mean() - 0.5) < error and abs(share.var() - 1 / 12) < error / 2
    assert not torch.equal(interpolate(real, fake, generator), points)  # the next draw is another one


def test_a_share_of_one_is_the_real_sample_and_the_draw_can_be_repeated():
    real, fake = torch.ones(5, 2), torch.zeros(5, 2)
    state = torch.Generator().manual_seed(1)
    expected = torch.rand(5, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(interpolate(real, fake, state), expected[:, None].expand(5, 2))


@pytest.mark.parametrize("real, fake", [((4, 2), (3, 2)), ((4, 2), (1, 2)), ((4,), (4,)), ((0, 2), (0, 2))])
def test_segments_without_two_ends_are_refused(real, fake):
    with refused(ValueError, "real, fake", real, fake, "one shape"):
        interpolate(torch.zeros(real), torch.zeros(fake), torch.Generator())


@pytest.mark.parametrize("wrong", [np.zeros((4, 2)), [[0.0, 0.0]], torch.zeros(4, 2, dtype=torch.int64)])
def test_ends_that_are_no_tensors_of_floats_are_refused(wrong):
    right, draw = torch.zeros(4, 2), torch.Generator()
    for name, pair in (("real", (wrong, right)), ("fake", (right, wrong))):
        for refuse in (interpolate, lambda x, y, draw: gradient_penalty(PerceptronCritic((2,)), x, y, draw)):
            with refused(TypeError, name, "samples (b, …)"):
                refuse(*pair, draw)
    with refused(TypeError, "generator", "None", remedy="seed(0).torch"):
        interpolate(right, right, None)


@given(seed=seeds, target=st.floats(0, 3))
def test_the_penalty_is_the_mean_squared_distance_of_finite_difference_slopes_from_the_target(seed, target):
    critic = Score(*random_perceptron(seed, [3, 5, 1], nn.Tanh()))
    points, _ = draw(seed, d=3)
    h, moves = 1e-5, torch.eye(3, dtype=DOUBLE)
    with torch.no_grad():
        each = [(critic(points + h * e) - critic(points - h * e)) / (2 * h) for e in moves]
    expected = ((torch.stack(each, 1).square().sum(1).sqrt() - target) ** 2).mean()
    torch.testing.assert_close(slope_penalty(critic, points, target).detach(), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("gradient", [autograd_gradient, input_gradient])
def test_the_penalty_trains_the_weights_as_finite_differences_say(gradient):
    """Double backward, and the single one of the closed form, against the penalty at moved weights."""
    net = random_perceptron(3, [2, 4, 4, 1], nn.Tanh(), spread=0.7)
    points, _ = draw(3)
    slope_penalty(net, points, gradient=gradient).backward()
    for parameter in (p for p in net.parameters() if p.grad is not None):
        moved = torch.zeros_like(parameter.data)
        for index in np.ndindex(*parameter.shape):
            values = []
            for h in (1e-5, -1e-5):
                parameter.data[index] += h
                values.append(slope_penalty(net, points).item())
                parameter.data[index] -= h
            moved[index] = (values[0] - values[1]) / 2e-5
        torch.testing.assert_close(parameter.grad, moved, rtol=1e-5, atol=1e-8)
    assert net[0].weight.grad.abs().max() > 1e-3
    assert net[-1].bias.grad is None or not net[-1].bias.grad.any()  # a shift of all scores changes no slope


def test_the_gradient_penalty_is_the_slope_penalty_at_its_own_points():
    critic = PerceptronCritic((1, 4, 4), width=8)
    real, fake = torch.randn(6, 1, 4, 4), torch.randn(6, 1, 4, 4)
    points = interpolate(real, fake, torch.Generator().manual_seed(2))
    value = gradient_penalty(critic, real, fake, torch.Generator().manual_seed(2), target=0.5)
    torch.testing.assert_close(value, slope_penalty(critic, points, 0.5))
    assert real.grad is None and not points.requires_grad


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_a_critic_without_slope_has_a_penalty_and_a_finite_gradient(target):
    """|∇f| has no derivative at ∇f = 0: the square root must not turn it into NaN."""
    critic = PerceptronCritic((2,), width=4)
    nn.init.zeros_(critic.body[-1].weight)
    penalty = slope_penalty(critic, torch.randn(5, 2), target)
    assert penalty.item() == pytest.approx(target**2)
    penalty.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in critic.parameters())


@pytest.mark.parametrize("weight, distance", [(10.0, 2.0), (0.5, 1.2)])
def test_matched_penalty_of_a_translation_ends_at_slope_one_plus_half_the_distance_over_lambda(
    weight, distance
):
    """x = x̃ + W e row by row: the best linear critic has slope 1 + W/(2λ) and the value W (1 + W/(2λ))."""
    direction = torch.tensor([0.6, -0.8], dtype=DOUBLE)
    fake, _ = draw(11, n=20)
    real = fake + distance * direction
    critic, generator = Score(nn.Linear(2, 1, dtype=DOUBLE)), torch.Generator().manual_seed(0)
    ascent = torch.optim.SGD(critic.parameters(), lr=0.2 / weight, maximize=True)
    for _ in range(2000):
        ascent.zero_grad()
        value = critic(real).mean() - critic(fake).mean()
        objective = value - weight * gradient_penalty(critic, real, fake, generator)
        objective.backward()
        ascent.step()
    slope = 1 + distance / (2 * weight)
    torch.testing.assert_close(critic.body[0].weight.detach()[0], slope * direction, rtol=0, atol=1e-6)
    assert value.item() == pytest.approx(distance * slope, abs=1e-6)
    assert objective.item() == pytest.approx(distance + distance**2 / (4 * weight), abs=1e-6)
    assert certified_bound(critic, real, fake) == pytest.approx(wasserstein1(real, fake).value, abs=1e-6)


@pytest.mark.parametrize(
    "target, error", [(-1.0, ValueError), (math.nan, ValueError), ("1", TypeError), (True, TypeError)]
)
def test_a_target_that_is_no_slope_is_refused(target, error):
    with refused(error, "target", target, "non-negative finite number"):
        slope_penalty(PerceptronCritic((2,)), torch.zeros(3, 2), target)


def test_batch_normalisation_has_no_gradient_at_a_point():
    critic = Score(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    with refused(ValueError, "critic", "BatchNorm1d in training mode (body.1)", remedy="critic.eval()"):
        slope_penalty(critic, torch.randn(5, 2))
    assert slope_penalty(critic.eval(), torch.randn(5, 2)) >= 0


@pytest.mark.parametrize("critic", [lambda x: x.sum(1).detach(), lambda x: nn.Parameter(torch.ones(len(x)))])
def test_scores_without_a_path_to_the_points_are_explained(critic):
    with refused(ValueError, "critic", "without a graph", remedy="no torch.no_grad"):
        slope_penalty(critic, torch.randn(5, 2))


@pytest.mark.parametrize("gradient", [autograd_gradient, input_gradient])
def test_more_than_one_score_for_a_point_is_refused(gradient):
    with refused(ValueError, "critic", "(5, 3) for 5 points", remedy="one output unit"):
        slope_penalty(nn.Sequential(nn.Linear(2, 3)), torch.randn(5, 2), gradient=gradient)


# -- the input gradient in closed form -----------------------------------------------------------------------

SMOOTH = {"relu": nn.ReLU(), "leaky": nn.LeakyReLU(0.2), "steep": nn.LeakyReLU(-1.5), "tanh": nn.Tanh()}


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("widths", [[3, 1], [1, 4, 1], [3, 6, 5, 4, 1]])
@given(seed=seeds)
def test_the_closed_form_is_what_autograd_finds_and_trains_alike(activation, widths, seed):
    net = random_perceptron(seed, widths, SMOOTH[activation], spread=0.7)
    points, _ = draw(seed, d=widths[0])
    closed, automatic = input_gradient(net, points), autograd_gradient(net, points)
    torch.testing.assert_close(closed, automatic, rtol=1e-6, atol=1e-12)
    weights = [layer.weight for layer in net if isinstance(layer, nn.Linear)]
    mine = torch.autograd.grad(closed.square().sum(), weights)
    for one, other in zip(mine, torch.autograd.grad(automatic.square().sum(), weights), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-10)


def test_the_closed_form_reads_a_parametrised_weight_once():
    net = spectral(perceptron([2, 4, 1], nn.LeakyReLU(0.2))).double()
    with torch.no_grad():
        net[0].parametrizations.weight.original.normal_()  # so that one more step of the method is visible
    points, _ = draw(0)
    before = net[0].parametrizations.weight[0].normalise._u.clone()
    reference = [p.clone() for p in net.state_dict().values()]
    closed = input_gradient(net, points)
    assert not torch.equal(net[0].parametrizations.weight[0].normalise._u, before)
    net.load_state_dict(dict(zip(net.state_dict(), reference, strict=True)))
    torch.testing.assert_close(closed, autograd_gradient(net, points))


@pytest.mark.parametrize("bad", [nn.Sequential(nn.Linear(2, 1), nn.Softmax(0)), PerceptronCritic((2,))])
def test_networks_without_a_closed_form_are_named(bad):
    kind = "Softmax" if isinstance(bad, nn.Sequential) else "PerceptronCritic"
    for known, function in (
        ("ReLU", lambda: input_gradient(bad, torch.zeros(3, 2))),
        ("Tanh", lambda: slope_bound(bad)),
    ):
        with refused(TypeError, "perceptron", f"a {kind}", "Linear and", known, remedy=".body"):
            function()


class Doubled(nn.Linear):
    """A linear layer by its class, and another function by what it computes."""

    def forward(self, x):
        return 2 * super().forward(x)


class Residual(nn.Sequential):
    """A chain by its class, and a sum by what it computes."""

    def forward(self, x):
        return x.sum(dim=1, keepdim=True) + super().forward(x)


def hooked():
    net = nn.Sequential(nn.Linear(2, 1))
    net[0].register_forward_hook(lambda module, came, went: 2 * went)
    return net


def hooked_before():
    net = nn.Sequential(nn.Linear(2, 1))
    net.register_forward_pre_hook(lambda module, came: (2 * came[0],))
    return net


@pytest.mark.parametrize(
    "build, got",
    [
        (lambda: nn.Sequential(Doubled(2, 1)), "a Doubled"),
        (lambda: Residual(nn.Linear(2, 1)), "a Residual"),
        (hooked, "a Linear with a forward hook"),
        (hooked_before, "a Sequential with a forward hook"),
    ],
)
def test_what_only_looks_like_a_perceptron_is_not_certified(build, got):
    """The closed form and the product bound know what the layers are called, not what they compute."""
    net = build()
    for refuse in (lambda: input_gradient(net, torch.zeros(3, 2)), lambda: slope_bound(net)):
        with refused(TypeError, "perceptron", got):
            refuse()


# -- the product bound ---------------------------------------------------------------------------------------


@given(seed=seeds)
def test_the_bound_is_the_product_of_numpys_largest_singular_values(seed):
    net = random_perceptron(seed, [3, 5, 4, 1], nn.LeakyReLU(2.5))
    expected = math.prod(np.linalg.svd(layer.weight.detach().numpy())[1][0] for layer in net[::2])
    assert slope_bound(net) == pytest.approx(expected * 2.5**2, rel=1e-12)


@pytest.mark.parametrize("activation", [nn.ReLU(), nn.Tanh(), nn.Sigmoid(), nn.Softplus(), MaxMin()])
@given(seed=seeds)
def test_no_pair_of_points_is_steeper_than_the_bound(activation, seed):
    net = random_perceptron(seed, [2, 6, 4, 1], activation)
    x, y = draw(seed, n=12, m=12)
    critic = Score(*net)
    assert max(certified_slope(critic, x, y), certified_slope(critic, y, x)) <= slope_bound(net) * (1 + 1e-12)


def test_the_bound_is_attained_where_the_worst_directions_meet():
    net = perceptron([2, 2, 1], nn.ReLU()).double()
    net[0].weight.data, net[2].weight.data = (
        torch.diag(torch.tensor([3.0, 1.0])).double(),
        torch.tensor([[2.0, 0.0]], dtype=DOUBLE),
    )
    nn.init.zeros_(net[0].bias)
    assert slope_bound(net) == pytest.approx(6)
    real, generated = torch.tensor([[2.0, 0]], dtype=DOUBLE), torch.tensor([[1.0, 0]], dtype=DOUBLE)
    assert certified_slope(Score(*net), real, generated) == pytest.approx(6)
    with refused(ValueError, "critic", "SpectralNorm in training mode"):
        slope_bound(spectral(perceptron([2, 2, 1], nn.ReLU())))


# -- activations ---------------------------------------------------------------------------------------------


@given(seed=seeds, size=st.sampled_from([1, 2, 3, 6, 12]))
def test_group_sort_sorts_each_group_and_moves_nothing_between_groups(seed, size):
    x, _ = draw(seed, n=4, d=12)
    expected = -np.sort(-x.numpy().reshape(4, 12 // size, size), axis=2).reshape(4, 12)
    np.testing.assert_array_equal(GroupSort(size)(x).numpy(), expected)
    if size == 2:
        np.testing.assert_array_equal(MaxMin()(x).numpy(), expected)


def test_max_min_puts_the_larger_first():
    assert MaxMin()(torch.tensor([1.0, 3.0, 5.0, -2.0])).tolist() == [3, 1, 5, -2]


@pytest.mark.parametrize("activation", [MaxMin(), GroupSort(2), GroupSort(3)])
@pytest.mark.parametrize("tied", [False, True])
def test_the_jacobian_is_a_permutation_at_ties_too(activation, tied):
    x = torch.full((6,), 0.5, dtype=DOUBLE) if tied else torch.randn(6, dtype=DOUBLE)
    jacobian = torch.autograd.functional.jacobian(activation, x).numpy()
    assert set(np.unique(jacobian)) == {0.0, 1.0}
    assert any((jacobian == np.eye(6)[list(order)]).all() for order in permutations(range(6)))


@pytest.mark.parametrize("activation, shape", [(MaxMin(), (4, 3)), (GroupSort(4), (2, 6)), (MaxMin(), ())])
def test_features_that_make_no_groups_are_refused(activation, shape):
    with refused(ValueError, "features", f"shape {shape}", "(…, features)"):
        activation(torch.zeros(shape))


@pytest.mark.parametrize("size, error", [(0, ValueError), (2.0, TypeError), (True, TypeError)])
def test_a_group_of_no_whole_size_is_refused(size, error):
    with refused(error, "size", size, "at least 1"):
        GroupSort(size)


# -- orthonormal and spectral weights ------------------------------------------------------------------------

matrices = st.tuples(st.integers(1, 6), st.integers(1, 6))


@given(seed=seeds, shape=matrices, unit=st.sampled_from([1e-200, 1e-9, 1.0, 1e9, 1e200]))
def test_bjorck_converges_to_the_polar_factor_of_any_matrix_in_any_unit(seed, shape, unit):
    weight = np.random.default_rng(seed).normal(size=shape)
    left, values, right = np.linalg.svd(weight, full_matrices=False)
    steps = 20 + math.ceil(math.log(values[0] / values[-1]) / math.log(1.5)) + 4
    found = bjorck(torch.from_numpy(unit * weight), steps).numpy()
    np.testing.assert_allclose(found, left @ right, rtol=0, atol=1e-9)


@given(seed=seeds, shape=matrices, iterations=st.integers(0, 30))
def test_no_iteration_ever_stretches_and_each_brings_every_singular_value_closer_to_one(
    seed, shape, iterations
):
    weight = torch.from_numpy(np.random.default_rng(seed).normal(size=shape))
    now, then = (np.linalg.svd(bjorck(weight, k).numpy())[1] for k in (iterations, iterations + 1))
    assert now[0] <= 1 + 1e-14
    np.testing.assert_allclose(then, (3 * now - now**3) / 2, rtol=1e-9)


def test_the_scaling_leaves_an_orthonormal_matrix_as_it_is():
    weight = torch.linalg.qr(torch.randn(6, 4, dtype=DOUBLE)).Q
    torch.testing.assert_close(bjorck(5 * weight, 0), weight, rtol=0, atol=1e-14)
    torch.testing.assert_close(bjorck(5 * weight.T, 0), weight.T, rtol=0, atol=1e-14)


def test_what_has_no_direction_stays_zero():
    weight = torch.zeros(3, 2, requires_grad=True)
    bjorck(weight).sum().backward()
    assert not bjorck(weight).any() and weight.grad.isfinite().all()
    low_rank = torch.outer(torch.arange(1.0, 4), torch.ones(2)).double()
    np.testing.assert_allclose(np.linalg.svd(bjorck(low_rank, 40).numpy())[1], [1, 0], atol=1e-7)


def test_bjorck_is_differentiable_through_scaling_and_iterations():
    weight = torch.randn(4, 3, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w: bjorck(w, 3), weight)
    assert torch.autograd.gradcheck(lambda w: bjorck(w, 3), weight.detach().T.requires_grad_())


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2), (0, 2)])
def test_bjorck_refuses_what_is_no_matrix(shape):
    with refused(ValueError, "weight", f"shape {shape}", "a matrix", remedy="flatten(1)"):
        bjorck(torch.zeros(shape))


def test_orthonormal_layers_stay_so_while_they_train():
    torch.manual_seed(0)
    net = orthonormal(perceptron([2, 16, 16, 1], MaxMin())).double()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    x, _ = draw(0, n=64)
    for step in range(31):
        for layer in net[::2]:
            np.testing.assert_allclose(np.linalg.svd(layer.weight.detach().numpy())[1], 1, atol=1e-6)
        if step == 10:
            before = net(x).detach()
            for layer in net[::2]:
                layer.weight = layer.weight  # renews the trained matrix; the function stays the same
                original = layer.parametrizations.weight.original.detach().numpy()
                np.testing.assert_allclose(np.linalg.svd(original)[1], 1, atol=1e-12)
            torch.testing.assert_close(net(x).detach(), before, rtol=0, atol=1e-6)
        optimizer.zero_grad()
        (net(x).squeeze(1) * x[:, 0].sin()).mean().backward()
        optimizer.step()


@given(seed=seeds)
def test_with_max_min_between_orthonormal_layers_the_gradient_keeps_its_length(seed):
    torch.manual_seed(seed)
    net = orthonormal(perceptron([4, 4, 4, 1], MaxMin())).double()
    points, _ = draw(seed, d=4)
    lengths = autograd_gradient(net, points).norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), rtol=0, atol=1e-6)


@pytest.mark.parametrize("constraint", HARD)
@pytest.mark.parametrize("activation", [MaxMin(), GroupSort(4), nn.ReLU()])
@given(seed=seeds, spread=st.sampled_from([1e-3, 1.0, 1e3]))
def test_a_chain_of_layers_that_do_not_stretch_does_not_stretch(constraint, activation, seed, spread):
    net = random_perceptron(seed, [3, 8, 8, 2], activation, spread)
    HARD[constraint](net)
    for _ in range(3):
        net(torch.zeros(1, 3, dtype=DOUBLE))  # each reading in training mode improves the estimate of σ
    net.eval()
    x, y = draw(seed, n=20, m=20, d=3)
    with torch.no_grad():
        ratios = (net(x) - net(y)).norm(dim=1) / (x - y).norm(dim=1)
    assert ratios.max() <= 1 + 1e-3 * (constraint == "spectral") + 1e-9
    assert slope_bound(net) <= 1 + 1e-2 * (constraint == "spectral") + 1e-9


def test_spectral_divides_by_the_largest_singular_value():
    net = random_perceptron(1, [3, 5, 2], nn.ReLU())
    expected = [w / np.linalg.svd(w)[1][0] for w in (layer.weight.detach().numpy() for layer in net[::2])]
    assert spectral(net, 200) is net
    net(torch.zeros(1, 3, dtype=DOUBLE))
    for layer, weight in zip(net[::2], expected, strict=True):
        np.testing.assert_allclose(layer.weight.detach().numpy(), weight, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("constraint", HARD)
def test_a_zero_matrix_stays_finite_forwards_and_backwards(constraint):
    net = perceptron([3, 4, 1], nn.ReLU())
    HARD[constraint](net)
    with torch.no_grad():
        for layer in net[::2]:
            layer.parametrizations.weight.original.zero_()
    net(torch.randn(5, 3)).sum().backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)
    assert net(torch.randn(5, 3)).isfinite().all() and not net[0].weight.any()


def test_a_layer_that_begins_at_zero_leaves_it_and_is_then_normalised():
    net = nn.Sequential(nn.Linear(3, 4))
    nn.init.zeros_(net[0].weight)
    spectral(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net(torch.randn(5, 3)).square().sum().add(net(torch.randn(5, 3)).sum()).backward()
    optimizer.step()
    for _ in range(50):
        net(torch.zeros(1, 3))
    assert np.linalg.svd(net[0].weight.detach().numpy())[1][0] == pytest.approx(1, abs=1e-4)


def test_two_calls_before_one_backward_meet_two_critics_unless_joint_or_cached():
    """Each reading of the weights in training mode is one more step of the power method."""
    torch.manual_seed(0)
    net = spectral(perceptron([6, 12, 12, 1], nn.ReLU())).double()
    with torch.no_grad():
        net[0].parametrizations.weight.original.normal_()  # σ of the old weights: the estimate is off
    x, y = draw(0, d=6)
    assert not torch.equal(net(x), net(x))
    (net(x).mean() - net(y).mean()).backward()  # legal, since the vectors of the method are copied
    with torch.no_grad():
        net[0].parametrizations.weight.original.normal_()
    with parametrize.cached():
        assert torch.equal(net(x), net(x))
        (net(x).mean() - net(y).mean()).backward()
    real, fake = net(torch.cat([x, x])).chunk(2)
    torch.testing.assert_close(real, fake, rtol=0, atol=1e-12)
    net.eval()
    assert torch.equal(net(x), net(x))


EVERYWHERE = [
    (lambda: nn.Sequential(nn.ReLU()), "no layer"),
    (lambda: nn.Sequential(nn.Linear(2, 2), nn.GRU(2, 2)), "a GRU layer"),
    (lambda: nn.MultiheadAttention(4, 2), "a MultiheadAttention layer"),
    (lambda: spectral(nn.Sequential(nn.Linear(2, 2))), "already parametrised"),
]


@pytest.mark.parametrize(
    "constraint, build, got",
    [
        *((constraint, *each) for constraint in (spectral, orthonormal) for each in EVERYWHERE),
        (orthonormal, lambda: nn.Sequential(nn.ConvTranspose2d(2, 2, 3)), "a ConvTranspose2d layer"),
        (orthonormal, lambda: nn.Sequential(nn.Linear(2, 2), nn.Bilinear(2, 2, 1)), "a Bilinear layer"),
    ],
)
def test_networks_that_cannot_be_constrained_are_refused_untouched(constraint, build, got):
    net = build()
    keys = list(net.state_dict())
    with refused(ValueError, "network", got):
        constraint(net)
    assert list(net.state_dict()) == keys


LAYERS = {
    "linear": lambda: (nn.Linear(3, 4), (3,)),
    "convolution": lambda: (nn.Conv2d(2, 3, 3, stride=2, padding=1), (2, 5, 5)),
    "grouped": lambda: (nn.Conv2d(2, 4, (3, 2), groups=2), (2, 5, 5)),
    "line": lambda: (nn.Conv1d(2, 3, 4), (2, 9)),
    "transposed": lambda: (nn.ConvTranspose2d(2, 3, 4, stride=2, padding=1), (2, 3, 3)),
    "space": lambda: (nn.Conv3d(1, 2, 2), (1, 3, 3, 3)),
}


def as_matrix(layer, weight):
    """The weights with one row for each output: axis 1 of a transposed convolution, axis 0 of the others."""
    return np.moveaxis(weight, 1 if "Transpose" in type(layer).__name__ else 0, 0).reshape(
        layer.bias.numel(), -1
    )


@pytest.mark.parametrize("name", LAYERS)
def test_every_kind_of_layer_is_divided_by_the_singular_value_of_its_weights(name):
    layer, shape = LAYERS[name]()
    layer = layer.double()
    plain = layer.weight.detach().numpy().copy()
    largest = np.linalg.svd(as_matrix(layer, plain))[1][0]
    critic = spectral(nn.Sequential(layer), 300)
    critic(torch.zeros(1, *shape, dtype=DOUBLE))
    np.testing.assert_allclose(layer.weight.detach().numpy(), plain / largest, rtol=1e-9, atol=1e-12)
    assert layer.weight.shape == plain.shape
    # as the map that it is: a column for each unit of the input, without the bias
    critic.eval()
    units = torch.eye(math.prod(shape), dtype=DOUBLE).unflatten(1, shape)
    with torch.no_grad():
        columns = (critic(units) - critic(torch.zeros_like(units))).flatten(1).numpy()
    places = math.prod(getattr(layer, "kernel_size", ()))
    assert np.linalg.svd(columns)[1][0] <= math.sqrt(places) * (1 + 1e-9)


def test_the_slope_of_a_convolution_may_reach_the_root_of_its_places():
    """All weights equal and the image constant: every value is used at each of the nine places."""
    layer = nn.Conv2d(1, 1, 3, bias=False, padding=1, padding_mode="circular").double()
    nn.init.ones_(layer.weight)
    spectral(nn.Sequential(layer), 50).eval()
    image = torch.ones(1, 1, 6, 6, dtype=DOUBLE)
    assert (layer(image).norm() / image.norm()).item() == pytest.approx(3, rel=1e-6)


def test_embeddings_and_bilinear_forms_are_constrained_and_normalisations_left():
    net = nn.Sequential(nn.Embedding(5, 3), nn.LayerNorm(3), nn.Linear(3, 2)).double()
    spectral(net, 300)
    net(torch.arange(5))
    assert np.linalg.svd(net[0].weight.detach().numpy())[1][0] == pytest.approx(1, rel=1e-9)
    assert torch.equal(net[1].weight, torch.ones(3, dtype=DOUBLE))
    form = spectral(nn.Bilinear(2, 3, 4).double(), 300)
    assert np.linalg.svd(form.weight.detach().flatten(1).numpy())[1][0] == pytest.approx(1, rel=1e-9)


def test_spectral_convolutions_train_and_stay_finite_at_zero():
    critic = spectral(ConvolutionalCritic((1, 8, 8), width=2))
    before = [w.detach().clone() for w in critic.parameters()]
    climb = torch.optim.SGD(critic.parameters(), lr=0.1)
    critic(torch.randn(5, 1, 8, 8)).mean().backward()
    climb.step()
    assert any(not torch.equal(a, b) for a, b in zip(before, critic.parameters(), strict=True))
    with torch.no_grad():
        critic.body[0].parametrizations.weight.original.zero_()
    critic(torch.randn(5, 1, 8, 8)).sum().backward()
    assert all(w.grad.isfinite().all() for w in critic.parameters())
    assert not critic.body[0].weight.any()


@pytest.mark.parametrize(
    "iterations, start, end", [(2, 0.25, 0.526), (2, 0.6, 0.94), (8, 0.1, 0.998), (12, 0.02, 0.998)]
)
def test_what_the_iterations_of_orthonormal_leave_of_a_small_singular_value(iterations, start, end):
    """The trained matrix has drifted to singular values 1 and `start`, and its scaling finds the 1."""
    net = orthonormal(nn.Sequential(nn.Linear(2, 2)), iterations).double()
    net[0].parametrizations.weight.original.data = torch.diag(torch.tensor([1.0, start])).double()
    values = np.linalg.svd(net[0].weight.detach().numpy())[1]
    np.testing.assert_allclose(values, [1, end], atol=0.0005)


# -- certificates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [1, 2, math.inf])
@given(seed=seeds)
def test_the_certified_slope_is_the_steepest_of_all_pairs(norm, seed):
    critic = Score(*random_perceptron(seed, [2, 8, 1], nn.LeakyReLU(0.2)))
    x, y = draw(seed, n=6, m=9)
    expected = steepest_pair(critic, x, y, norm)
    assert certified_slope(critic, x, y, norm) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("norm", [1, 2, math.inf])
@given(seed=seeds, spread=st.sampled_from([0.01, 1.0, 30.0]))
def test_any_critic_proves_a_lower_bound_of_the_exact_distance(norm, seed, spread):
    critic = Score(*random_perceptron(seed, [2, 8, 8, 1], nn.ReLU(), spread))
    x, y = draw(seed, n=6, m=9)
    exact = wasserstein1(x, y, norm=norm).value
    for real, generated in ((x, y), (y, x)):  # one of the two values is positive
        assert certified_bound(critic, real, generated, norm) <= exact * (1 + 1e-9)


@pytest.mark.parametrize("norm", [1, 2, math.inf])
def test_the_optimal_potential_proves_the_distance_itself(norm):
    x, y = draw(4, n=9, m=9)
    answer = wasserstein1(x, y, norm=norm)
    g = torch.from_numpy(answer.g)

    def potential(points):
        away = torch.cdist(points, y, p=float(norm), compute_mode="donot_use_mm_for_euclid_dist")
        return (away - g).min(dim=1).values

    assert certified_slope(potential, x, y, norm) == pytest.approx(1, abs=1e-9)
    assert certified_bound(potential, x, y, norm) == pytest.approx(answer.value, abs=1e-9)
    if norm == math.inf:  # a slope taken in another norm certifies nothing for this one
        assert certified_bound(potential, x, y, 1) < 0.99 * wasserstein1(x, y, norm=1).value


def test_only_climbs_towards_the_real_samples_count():
    """Scores fall from 5 to 0 against the direction of the bound: no pair climbs, the slope is 0."""
    real, generated = torch.tensor([[0.0], [1.0]]), torch.tensor([[5.0], [6.0]])

    def first(points):
        return points[:, 0]

    assert certified_slope(first, real, generated) == 0
    assert certified_bound(first, real, generated) == 0
    assert certified_slope(first, generated, real) == pytest.approx(1)
    assert certified_bound(first, generated, real) == pytest.approx(5)


def test_a_critic_that_prefers_generated_samples_proves_a_negative_bound():
    real, generated = torch.tensor([[0.0], [3.0]]), torch.tensor([[2.0], [4.0]])
    bound = certified_bound(lambda points: points[:, 0], real, generated)
    assert bound == pytest.approx(-1.5)


def test_a_constant_critic_proves_nothing():
    x, y = draw(0)
    assert certified_bound(lambda points: torch.full((len(points),), 3.0), x, y) == 0


def test_points_that_both_clouds_share_do_not_matter():
    """Equal rows of one matrix product may differ in the last bit; scored once, they cannot."""
    torch.manual_seed(0)
    critic = PerceptronCritic((2,), width=64)
    x, y = (cloud.float() for cloud in draw(7, n=33, m=21))
    y = torch.cat([y, x[:13], x[:5]])
    slope = certified_slope(critic, x, y)
    assert slope == pytest.approx(steepest_pair(critic, x, y, 2), rel=1e-3)
    assert certified_bound(critic, x, y) <= wasserstein1(x, y).value
    assert certified_bound(critic, x, x.clone()) == pytest.approx(0, abs=1e-7)

    calls = []

    def by_position(points):  # a critic whose score depends on the row, as rounding can make it
        calls.append(len(points))
        return critic(points) + 1e-6 * torch.arange(len(points))

    assert math.isfinite(certified_slope(by_position, x, y))
    assert set(calls) == {33 + 21}


def test_points_too_close_to_tell_apart_prove_nothing():
    real = torch.tensor([[1e-200], [1.0]], dtype=DOUBLE)
    generated = torch.tensor([[0.0], [1.0]], dtype=DOUBLE)
    assert certified_slope(lambda points: (points[:, 0] > 0).double(), real, generated) == math.inf
    assert certified_bound(lambda points: (points[:, 0] > 0).double(), real, generated) == 0


@pytest.mark.parametrize("entries", [1, 9, 25, 10**6])
def test_blocks_of_rows_change_nothing(entries, monkeypatch):
    critic = Score(*random_perceptron(1, [2, 8, 1], nn.ReLU()))
    x, y = draw(9, n=11, m=8)
    expected = steepest_pair(critic, x, y, 2)
    monkeypatch.setattr(clouds, "BLOCK_ENTRIES", entries)
    assert certified_slope(critic, x, y) == pytest.approx(expected, rel=1e-9)


def test_images_are_scored_as_images_and_compared_as_vectors():
    critic = ConvolutionalCritic((1, 8, 8), width=2).double()
    x, y = (cloud.unflatten(1, (1, 8, 8)) for cloud in draw(2, n=4, m=5, d=64))
    pairs = [
        float((critic(p[None]) - critic(q[None])).detach() / (p - q).square().sum().sqrt())
        for p in x
        for q in y
    ]
    assert certified_slope(critic, x, y) == pytest.approx(max(0, *pairs), rel=1e-9)


RESTLESS = {
    "Dropout": lambda: Score(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1)),
    "BatchNorm1d": lambda: Score(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Linear(8, 1)),
    "RReLU": lambda: Score(nn.Linear(2, 8), nn.RReLU(), nn.Linear(8, 1)),
    "SpectralNorm": lambda: spectral(Score(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))),
}


@pytest.mark.parametrize("kind", RESTLESS)
def test_a_critic_in_training_mode_that_is_no_function_is_refused_untouched(kind):
    critic = RESTLESS[kind]()
    state = {name: value.clone() for name, value in critic.state_dict().items()}
    x, y = (cloud.float() for cloud in draw(0))
    for certify in (certified_slope, certified_bound):
        with refused(ValueError, "critic", f"{kind} in training mode", remedy="critic.eval"):
            certify(critic, x, y)
    assert all(torch.equal(value, state[name]) for name, value in critic.state_dict().items())
    critic.eval()
    assert certified_bound(critic, x, y) <= wasserstein1(x, y).value


def test_a_critic_that_changes_its_mind_is_refused():
    x, y = draw(0)
    with refused(ValueError, "critic", "two different answers", remedy="critic.eval"):
        certified_slope(lambda points: points[:, 0] + torch.randn(len(points)), x, y)


@pytest.mark.parametrize(
    "critic",
    [
        lambda p: p,
        lambda p: p[:, :1],
        lambda p: p.mean(),
        lambda p: p[:, 0] / 0,
        lambda p: p[:, 0] * math.nan,
    ],
)
def test_scores_of_another_shape_or_without_a_value_are_refused(critic):
    x, y = draw(0)
    with refused(ValueError, "critic", "scores of shape", "one finite score per point"):
        certified_bound(critic, x, y)


def test_bad_clouds_and_norms_are_refused():
    critic, (x, y) = PerceptronCritic((2,)).double(), draw(0)
    with pytest.raises(ValueError, match="norm: got 3"):
        certified_slope(critic, x, y, 3)
    with refused(ValueError, "real", "1 entries that are NaN"):
        certified_slope(
            critic, x.clone().index_put_((torch.tensor(0), torch.tensor(1)), x.new_tensor(math.nan)), y
        )
    with refused(ValueError, "generated", (0, 2)):
        certified_slope(critic, x, y[:0])
    with refused(ValueError, "generated", (3,), (2,), remedy="one shape"):
        certified_slope(critic, x, torch.zeros(3, 3, dtype=DOUBLE))
    with refused(ValueError, "generated", "(1, 2)", "(2, 1)"):
        certified_slope(critic, x[:, :, None], y[:, None, :])


def test_the_certificate_holds_the_slope_the_bound_and_the_value_that_they_divide():
    critic, (x, y) = PerceptronCritic((2,)).double(), draw(6)
    found = certificate(critic, x, y)
    assert found.slope == certified_slope(critic, x, y) and found.bound == certified_bound(critic, x, y)
    with torch.no_grad():
        gap = (critic(x).mean() - critic(y).mean()).item()
    assert found.value == pytest.approx(gap, abs=1e-12)
    assert found.value / found.slope == found.bound
    assert certificate(lambda points: torch.zeros(len(points)), x, y) == (0, 0, 0)


def one_number(*widths, activation=None, seed=0):
    torch.manual_seed(seed)
    return perceptron([1, *widths, 1], activation or nn.ReLU()).double()


@pytest.mark.parametrize("activation", [nn.ReLU(), nn.LeakyReLU(0.2), nn.LeakyReLU(-0.5)])
@pytest.mark.parametrize("seed", range(5))
def test_the_slope_on_the_line_is_the_steepest_of_all_gradients(activation, seed):
    net = one_number(16, 16, 16, activation=activation, seed=seed)
    x = torch.linspace(-40, 40, 40_001, dtype=DOUBLE)[:, None].requires_grad_()
    gradients = torch.autograd.grad(net(x).sum(), x)[0].abs()
    exact = line_slope(net)
    assert exact >= gradients.max() - 1e-9
    assert exact == pytest.approx(gradients.max().item(), rel=1e-2)  # short pieces lie between


def test_the_slope_on_the_line_sees_pieces_far_out_and_between():
    """A tent of height 1 and slopes 2 and −3 at 10⁵, and from 4·10⁵ on a slope of 5."""
    net = one_number(4)
    with torch.no_grad():
        net[0].weight.fill_(1.0)
        net[0].bias.copy_(-torch.tensor([1e5, 1e5 + 0.5, 1e5 + 0.5 + 1 / 3, 4e5]))
        net[2].weight.copy_(torch.tensor([[2.0, -5.0, 3.0, 5.0]]))
    assert line_slope(net) == pytest.approx(5, rel=1e-6)
    with torch.no_grad():
        net[2].weight[0, 3] = 0
    assert line_slope(net) == pytest.approx(3, rel=1e-6)
    before = [w.clone() for w in net.parameters()]
    assert line_slope(net.float()) == pytest.approx(3, rel=1e-2) and net[0].weight.dtype == torch.float32
    assert len(before) == 4


def test_the_slope_on_the_line_of_a_single_layer_and_what_is_refused():
    assert line_slope(nn.Sequential(nn.Linear(1, 1))) > 0
    with refused(ValueError, "perceptron", "2 inputs and 1 outputs", "one number", "slope_bound"):
        line_slope(nn.Sequential(nn.Linear(2, 1)))
    with refused(ValueError, "perceptron", "0 inputs"):
        line_slope(nn.Sequential(nn.ReLU()))
    with refused(TypeError, "perceptron", "Tanh"):
        line_slope(nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1)))


def test_no_certificate_asks_for_a_gradient():
    critic = PerceptronCritic((2,)).double()
    x, y = draw(0)
    assert isinstance(certified_slope(critic, x.requires_grad_(), y), float)
    assert x.grad is None and all(p.grad is None for p in critic.parameters())


def test_all_slopes_of_a_linear_critic_are_the_length_of_its_weights():
    """A linear critic: gradient, certificate on the line through it, and product bound are one number."""
    critic = Score(nn.Linear(3, 1, dtype=DOUBLE))
    weight = critic.body[0].weight.detach()
    steepest = weight.norm().item()
    points = torch.stack([t * weight[0] for t in (0.0, 1.0, 2.5)])
    assert slope_bound(critic.body) == pytest.approx(steepest)
    for high, low in pairwise(points.flip(0)):
        assert certified_slope(critic, high[None], low[None]) == pytest.approx(steepest)
    torch.testing.assert_close(input_gradient(critic.body, points), weight.expand(3, 3))
