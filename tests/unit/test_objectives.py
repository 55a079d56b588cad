"""The payoffs of the two players, against PyTorch's cross-entropy and against derivatives taken by sympy."""

import math
from itertools import islice

import hypothesis.strategies as st
import numpy as np
import pytest
import sympy
import torch
from hypothesis import given
from torch.nn import BCEWithLogitsLoss

from lib.adversarial import alternate, steps
from lib.divergences import named, names
from lib.laws import eight_gaussians
from lib.networks import PerceptronCritic, PerceptronGenerator, gaussian_latent
from lib.objectives import Objective, hinge, minimax, non_saturating, variational, wasserstein
from tests.unit.errors import refused

OBJECTIVES = [minimax, non_saturating]
EVERY = [*OBJECTIVES, wasserstein, hinge, variational(named("pearson")), variational(named("kl"), trick=True)]
CUT = 2.1e-9  # PyTorch's softplus(s) is s itself from s = 20 on, where log(1 + e⁻²⁰) = 2.06e-9 is left out
numbers = st.lists(st.floats(-80, 80), min_size=1, max_size=9)
scores = numbers.map(lambda several: torch.tensor(several, dtype=torch.float64))


@given(real=scores, fake=scores)
def test_the_critic_climbs_minus_the_cross_entropy_of_the_two_labels(real, fake):
    entropy = BCEWithLogitsLoss()
    expected = -entropy(real, torch.ones_like(real)) - entropy(fake, torch.zeros_like(fake))
    for objective in OBJECTIVES:
        torch.testing.assert_close(objective.critic(real, fake), expected, rtol=1e-12, atol=2 * CUT)


@given(fake=scores)
def test_the_generators_payoffs_are_cross_entropies_with_one_label_or_the_other(fake):
    entropy = BCEWithLogitsLoss()
    saturating = -entropy(fake, torch.zeros_like(fake))
    swapped = entropy(fake, torch.ones_like(fake))
    torch.testing.assert_close(minimax.generator(fake), saturating, rtol=1e-12, atol=CUT)
    torch.testing.assert_close(non_saturating.generator(fake), swapped, rtol=1e-12, atol=CUT)


def test_the_value_of_a_critic_that_knows_nothing_is_minus_two_log_two():
    for objective in OBJECTIVES:
        value = objective.critic(torch.zeros(5), torch.zeros(3))
        assert value.item() == pytest.approx(-2 * math.log(2), abs=1e-6)


def test_in_the_minimax_game_one_players_gain_is_the_others_loss():
    """What a fake score adds to V is what the generator pays: the sum of both slopes is zero."""
    real = torch.tensor([0.3, -1.0], dtype=torch.float64)
    fake = torch.tensor([2.0, -0.7, 0.1], dtype=torch.float64, requires_grad=True)
    (critic,) = torch.autograd.grad(minimax.critic(real, fake), fake)
    (generator,) = torch.autograd.grad(minimax.generator(fake), fake)
    torch.testing.assert_close(critic, generator)
    assert (critic < 0).all()  # the critic climbs by lowering fake scores, the generator descends by raising


s = sympy.Symbol("s", real=True)
D = 1 / (1 + sympy.exp(-s))


@pytest.mark.parametrize(
    "objective, formula, slope",
    [(minimax, sympy.log(1 - D), -D), (non_saturating, -sympy.log(D), -(1 - D))],
    ids=["minimax", "non-saturating"],
)
def test_the_generators_slope_per_score(objective, formula, slope):
    """−D for log(1 − D), −(1 − D) for −log D: derived by sympy, then met by autograd, over 7 scores."""
    derivative = sympy.diff(formula, s)
    assert sympy.simplify(derivative - slope) == 0
    fake = torch.linspace(-6, 6, 7, dtype=torch.float64, requires_grad=True)
    (measured,) = torch.autograd.grad(objective.generator(fake), fake)
    exact = torch.tensor([float(derivative.subs(s, sympy.Rational(v))) for v in (-6, -4, -2, 0, 2, 4, 6)])
    torch.testing.assert_close(measured, exact.double() / 7, rtol=1e-6, atol=1e-9)


def test_the_critics_slopes_are_one_minus_d_and_minus_d():
    real = torch.tensor([-2.0, 0.0, 3.0], dtype=torch.float64, requires_grad=True)
    fake = torch.tensor([1.0, -4.0], dtype=torch.float64, requires_grad=True)
    on_real, on_fake = torch.autograd.grad(minimax.critic(real, fake), (real, fake))
    torch.testing.assert_close(on_real, (1 - 1 / (1 + torch.exp(-real.detach()))) / 3)
    torch.testing.assert_close(on_fake, -(1 / (1 + torch.exp(-fake.detach()))) / 2)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: o.name)
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_scores_however_large_stay_finite(objective, size):
    """float32; the exact value of −softplus(1e4) is −1e4, which log(1 − sigmoid(1e4)) would miss by ∞."""
    real, fake = torch.full((4,), size, requires_grad=True), torch.full((4,), size, requires_grad=True)
    value, loss = objective.critic(real, fake), objective.generator(fake)
    assert value.item() == -1e4  # one of the two terms is −1e4, the other 0
    assert loss.item() in (0.0, -size, size) and math.isfinite(loss.item())
    for payoff in (value, loss):
        payoff.backward()
    assert torch.isfinite(real.grad).all() and torch.isfinite(fake.grad).all()


def test_the_objectives_say_which_they_are():
    assert [o.name for o in EVERY[:4]] == ["minimax", "non-saturating", "Wasserstein", "hinge"]
    assert minimax.generator(torch.tensor([1e4])).item() == -1e4
    assert non_saturating.generator(torch.tensor([1e4])).item() == 0.0
    assert non_saturating.generator(torch.tensor([-1e4])).item() == 1e4


@given(real=numbers, fake=numbers, shift=st.floats(-80, 80))
def test_the_wasserstein_pair_is_a_difference_of_means_and_minus_a_mean(real, fake, shift):
    """Against sums without rounding; a constant added to the critic changes its own payoff by nothing."""
    gap = math.fsum(real) / len(real) - math.fsum(fake) / len(fake)
    x, y = (torch.tensor(several, dtype=torch.float64) for several in (real, fake))
    assert wasserstein.critic(x, y).item() == pytest.approx(gap, abs=1e-12)
    assert wasserstein.critic(x + shift, y + shift).item() == pytest.approx(gap, abs=1e-12)
    assert wasserstein.generator(y).item() == pytest.approx(-math.fsum(fake) / len(fake), abs=1e-12)


def test_the_wasserstein_value_is_the_distance_for_the_potential_of_a_translation():
    """Uniform points moved by 3 to the left: f(x) = x is optimal, and the critic's gap is W = 3, not −3."""
    real = torch.linspace(0, 1, 11, dtype=torch.float64)
    assert wasserstein.critic(real, real - 3).item() == pytest.approx(3, abs=1e-14)


def test_the_wasserstein_slopes_are_one_over_the_batch_for_every_score():
    """No sigmoid stands between: however sure the critic is, a score counts as much as any other."""
    real = torch.tensor([-2.0, 0.0, 3e4], requires_grad=True)
    fake = torch.tensor([1e4, -4.0], requires_grad=True)
    on_real, on_fake = torch.autograd.grad(wasserstein.critic(real, fake), (real, fake))
    assert on_real.tolist() == pytest.approx([1 / 3] * 3) and on_fake.tolist() == [-1 / 2] * 2
    (on_fake,) = torch.autograd.grad(wasserstein.generator(fake), fake)
    assert on_fake.tolist() == [-1 / 2] * 2  # the generator descends: fake scores rise


@given(real=numbers, fake=numbers)
def test_the_hinge_pair_is_what_is_missing_to_a_margin_of_one(real, fake):
    """Against sums of a case distinction without rounding; the generator meets no margin."""
    missing = math.fsum(1 - s if s < 1 else 0 for s in real) / len(real)
    missing += math.fsum(1 + s if s > -1 else 0 for s in fake) / len(fake)
    x, y = (torch.tensor(several, dtype=torch.float64) for several in (real, fake))
    assert hinge.critic(x, y).item() == pytest.approx(-missing, abs=1e-12)
    assert hinge.generator(y).item() == pytest.approx(-math.fsum(fake) / len(fake), abs=1e-12)


def test_beyond_its_margin_a_score_has_no_slope_under_the_hinge():
    real = torch.tensor([-3.0, 0.5, 1.5, 9.0], requires_grad=True)
    fake = torch.tensor([-1.5, 0.5], requires_grad=True)
    on_real, on_fake = torch.autograd.grad(hinge.critic(real, fake), (real, fake))
    assert on_real.tolist() == [0.25, 0.25, 0, 0] and on_fake.tolist() == [0, -0.5]
    (on_fake,) = torch.autograd.grad(hinge.generator(fake), fake)
    assert on_fake.tolist() == [-0.5, -0.5]


@pytest.mark.parametrize("objective", EVERY, ids=lambda o: o.name)
@pytest.mark.parametrize("shape", [(8, 1), (1, 8), (), (0,), (2, 2, 2)])
def test_scores_of_another_shape_are_refused(objective, shape):
    """(n, 1) against (n,) would broadcast; for means it would even pass in silence."""
    wrong, right = torch.zeros(shape), torch.zeros(8)
    calls = {
        "real_scores": lambda: objective.critic(wrong, right),
        "fake_scores": lambda: objective.critic(right, wrong),
        "fake_scores ": lambda: objective.generator(wrong),
    }
    for name, call in calls.items():
        with refused(ValueError, name.strip(), f"shape {shape}", "(batch,)", remedy="squeeze(1)"):
            call()


@pytest.mark.parametrize("objective", EVERY, ids=lambda o: o.name)
@pytest.mark.parametrize(
    "wrong, got",
    [(torch.zeros(4, dtype=torch.int64), "torch.int64"), (np.zeros(4), "ndarray"), (0.5, "float")],
)
def test_labels_and_what_is_no_tensor_are_refused(objective, wrong, got):
    for name, call in (
        ("real_scores", lambda: objective.critic(wrong, torch.zeros(4))),
        ("fake_scores", lambda: objective.critic(torch.zeros(4), wrong)),
        ("fake_scores", lambda: objective.generator(wrong)),
    ):
        with refused(TypeError, name, got):
            call()


DIVERGENCES = [named(name) for name in names()]


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=lambda d: d.name)
def test_the_variational_pair_is_the_bound_with_the_output_activation(divergence):
    real = torch.tensor([0.3, -1.0, 2.0], dtype=torch.float64)
    fake = torch.tensor([2.0, -0.7], dtype=torch.float64)
    t_real, t_fake = divergence.activation(real), divergence.activation(fake)
    objective, tricked = variational(divergence), variational(divergence, trick=True)
    bound = t_real.mean() - divergence.conjugate(t_fake).mean()
    for each in (objective, tricked):
        assert each.critic(real, fake).item() == pytest.approx(bound.item(), abs=1e-12)
    own = -divergence.conjugate(t_fake).mean()
    assert objective.generator(fake).item() == pytest.approx(own.item(), abs=1e-12)
    assert tricked.generator(fake).item() == pytest.approx(-t_fake.mean().item(), abs=1e-15)
    assert objective.name == f"variational {divergence.name}" and tricked.name.endswith(", trick")


def play(objective, moves: int) -> list[torch.Tensor]:
    """The weights of both players in float64 after so many moves of each on the ring."""
    torch.manual_seed(7)
    draw = torch.Generator().manual_seed(7)
    generator = PerceptronGenerator(4, (2,), width=32, squash=torch.nn.Identity()).double()
    critic = PerceptronCritic((2,), width=32).double()
    descend = torch.optim.Adam(generator.parameters(), lr=1e-3)
    climb = torch.optim.Adam(critic.parameters(), lr=1e-3, maximize=True)
    noise = gaussian_latent(4, draw)
    players = steps(generator, critic, objective, descend, climb, lambda n: noise(n).double())
    batches = ((points.double(),) for (points,) in eight_gaussians().batches(64, draw))
    list(islice(alternate(*players, batches), moves))
    return [*generator.parameters(), *critic.parameters()]


def literal(real_scores, fake_scores):
    """E T − E f*(T) for the GAN row as it is printed, f*(t) = −log(1 − eᵗ), T = −log(1 + e⁻ᵛ)."""
    t_real, t_fake = (-(1 + (-scores).exp()).log() for scores in (real_scores, fake_scores))
    return t_real.mean() + (1 - t_fake.exp()).log().mean()


def literal_own_term(fake_scores):
    return (1 - (-(1 + (-fake_scores).exp()).log()).exp()).log().mean()


def test_the_gan_row_trains_as_the_gan_game_does():
    """Fifty moves in float64: the library's row, and the printed formulas, against the minimax game."""
    game = play(minimax, 50)
    printed = Objective("the printed row", literal, literal_own_term)
    for objective in (variational(named("gan")), printed):
        for ours, theirs in zip(play(objective, 50), game, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
    tricked = zip(play(variational(named("gan"), trick=True), 50), play(non_saturating, 50), strict=True)
    assert all(torch.equal(ours, theirs) for ours, theirs in tricked)
    other = play(variational(named("kl")), 50)
    assert max((a - b).abs().max().item() for a, b in zip(other, game, strict=True)) > 1e-3


@pytest.mark.parametrize("wrong", ["kl", None, minimax])
def test_what_is_no_divergence_makes_no_objective(wrong):
    with refused(TypeError, "divergence", repr(wrong), remedy="named('kl')"):
        variational(wrong)
