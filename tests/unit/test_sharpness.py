"""Cases in which a sum is no maximum, a row no column and one seed not another: faults that once passed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lib import metrics
from lib.experiments.critics import kinds
from lib.experiments.critics.kinds import KINDS
from lib.experiments.critics.problems import problem
from lib.experiments.critics.training import train
from lib.transport.duality import farkas_certificate


@pytest.mark.parametrize("on_the_right, modes", [(4, 1), (5, 2)])
def test_the_fair_share_is_one_of_all_samples_not_of_the_good_ones(on_the_right, modes):
    """Of 100 samples for two modes a tenth of the fair share is 5, also when 60 of them are astray."""
    left, right, astray = (torch.tensor([[x, 0.0]]) for x in (-1.0, 1.0, 50.0))
    samples = torch.cat(
        [left.repeat(40 - on_the_right, 1), right.repeat(on_the_right, 1), astray.repeat(60, 1)]
    )
    assert metrics.modes_covered(samples, torch.cat([left, right]), 0.1) == (modes, 0.4)


def test_the_violation_of_a_certificate_is_that_of_its_worst_column():
    """The certificate is (1, 0): one column lies at a right angle to it, the others look away."""
    A = np.array([[0.0, -1.0, -1.0], [1.0, 1.0, 0.0]])
    answer = farkas_certificate(A, [1.0, 0.5])
    columns = A.T @ answer.certificate
    assert not answer.feasible and columns.min() < -0.5
    assert answer.violation == pytest.approx(columns.max(), abs=1e-15) and abs(answer.violation) < 1e-12


def test_the_random_points_of_the_penalty_come_from_the_seed():
    """The penalty of one seed sees that seed's numbers, and new ones at every step."""
    seen = {}

    def penalty(generator):
        def stub(critic, real, generated):
            seen.setdefault(generator.initial_seed(), []).append(torch.rand(3, generator=generator))
            return 0 * critic(real).sum()

        return stub

    plain = KINDS["gradient penalty"]
    noted = replace(plain, kind=replace(plain.kind, penalty=penalty))
    for seed in (0, 5):
        train(noted, problem("gaussians"), seed, steps=2)
        torch.testing.assert_close(torch.stack(seen[seed]).ravel(), _uniform(seed, 6), rtol=0, atol=0)
    assert set(seen) == {0, 5}


def _uniform(seed: int, n: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.cat([torch.rand(3, generator=generator) for _ in range(n // 3)])


def test_the_penalty_joins_each_real_point_with_a_new_partner_at_every_step(monkeypatch):
    pairs = []
    monkeypatch.setattr(
        kinds, "gradient_penalty", lambda *given: pairs.append(given[1:3]) or torch.tensor(2.0)
    )
    clouds, generator = problem("gaussians"), torch.Generator().manual_seed(1)
    penalty = kinds.between(10.0)(generator)
    values = [penalty(torch.nn.Identity(), clouds.real, clouds.generated) for _ in range(2)]
    assert values == [20.0, 20.0]
    (real, first), (_, second) = pairs
    assert torch.equal(real, clouds.real) and not torch.equal(first, second)
    for joined in (first, second):
        assert torch.equal(joined.sort(dim=0).values, clouds.generated.sort(dim=0).values)
        assert (joined == clouds.generated).all(dim=1).float().mean() < 0.1
