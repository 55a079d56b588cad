"""What the recipes of chapter 4 measure, on cases whose answer is known without them."""

import math

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from torch import nn

from lib.experiments import choosing, coders, layerwise, planes, retrieval


class Known(nn.Module):
    """A map that is given, as a network."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def test_nearest_is_that_of_scikit_learn():
    draw = torch.Generator().manual_seed(0)
    points, others = torch.randn(7, 1, 2, 3, generator=draw), torch.randn(30, 1, 2, 3, generator=draw)
    model = NearestNeighbors(n_neighbors=1).fit(others.flatten(1).numpy())
    wanted = model.kneighbors(points.flatten(1).numpy())[0][:, 0]
    assert np.allclose(planes.nearest(points, others), wanted, rtol=1e-5, atol=0)


def test_the_grid_covers_the_rectangle_of_the_codes_each_axis_by_its_own():
    codes = torch.stack([torch.linspace(0, 100, 101), torch.linspace(-20, 0, 101)], dim=1)
    grid = planes.code_grid(codes, side=3)
    assert torch.allclose(grid[:, 0].unique(), torch.tensor([1.0, 50, 99]))
    assert torch.allclose(grid[:, 1].unique(), torch.tensor([-19.8, -10, -0.2]))
    assert len(grid.unique(dim=0)) == 9 and len(planes.code_grid(codes)) == 400


def test_a_ring_of_codes_has_a_hole_and_a_full_square_has_none():
    draw = torch.Generator().manual_seed(1)
    square = 2 * torch.rand(1796, 2, generator=draw) - 1
    angle = 2 * math.pi * torch.rand(1796, generator=draw)
    ring = torch.stack([angle.cos(), angle.sin()], dim=1)
    same = Known(lambda x: x)
    found = [planes.judge_plane(same, same, each[:898], each[898:]) for each in (square, ring)]
    assert found[0]["empty"] < 0.05 and found[1]["empty"] > 0.8
    assert found[1]["radius"] == pytest.approx(1, abs=1e-6)
    assert found[0]["radius"] == pytest.approx(math.sqrt(2 / 3), abs=0.03)
    assert all(each["empty"] == each["holes"] for each in found)  # the decoder is the identity
    assert found[0]["far"] > 0.8  # eight ninths of the wider square lie outside


def test_a_wider_grid_keeps_its_middle():
    codes = torch.stack([torch.linspace(0, 100, 101), torch.linspace(-20, 0, 101)], dim=1).double()
    wide = planes.code_grid(codes, side=3, wide=3.0)
    assert torch.allclose(wide[:, 0].unique(), torch.tensor([-97.0, 50, 197]).double())
    assert torch.allclose(wide[:, 1].unique(), torch.tensor([-29.4 - 10, -10, 19.4]).double())


def test_a_share_beyond_is_counted():
    usual = torch.arange(101.0)
    assert planes.share_beyond(torch.tensor([0.0, 98.9, 99.1, 500.0]), usual) == 0.5


def test_bumps_are_bumps_and_a_perfect_code_stays_among_them():
    image = coders.bumps(torch.tensor([20.0]))[0]
    assert image.argmax() == 20 and image[20] == 1 and image.shape == (64,)
    assert image[20 + 3] == pytest.approx(math.exp(-((3 / 2.68) ** 2) / 2), rel=1e-6)

    def read(x):  # the centre of mass
        return (x * torch.arange(64)).sum(dim=1, keepdim=True) / x.sum(dim=1, keepdim=True)

    perfect = planes.judge_bumps(Known(read), Known(lambda a: coders.bumps(a[:, 0])))
    assert max(perfect[name] for name in ("midpoint", "between", "rebuilt")) < 0.02
    starts = [10 + k / 2 for k in range(45)]
    assert perfect["shift"] == pytest.approx(np.mean([9.5 / max(c - 10, 54 - c) for c in starts]), abs=0.003)
    blending = planes.judge_bumps(Known(lambda x: x), Known(lambda a: a))
    apart = math.sqrt(2 * 2.68 * math.sqrt(math.pi))
    assert blending["midpoint"] == pytest.approx(apart / 2, abs=1e-3)
    assert blending["between"] == pytest.approx(apart / 2, abs=1e-3)
    shown = math.sqrt(1 - math.exp(-((9.5 / 2.68) ** 2) / 4))  # bumps far apart have the largest distance
    assert blending["shift"] == pytest.approx(shown, abs=1e-4)


def test_pairs_are_of_the_classes_asked_for():
    labels = coders.digits_halves()[3]
    sevens, nines = planes.pairs_of(7, 9)
    assert len(sevens) == len(nines) == 300
    assert (labels[sevens] == 7).all() and (labels[nines] == 9).all()


def test_to_third_leaves_out_both_ends():
    real = torch.tensor([[0.0], [1.0], [5.0], [9.0]])
    first, second = torch.tensor([0, 0, 2]), torch.tensor([1, 2, 3])
    points = torch.tensor([[0.5], [1.5], [5.5]])
    assert planes.to_third(points, real, first, second) == pytest.approx(4.5)  # 4.5, 0.5, 4.5
    assert planes.to_third(points, real) == pytest.approx(0.5)


def test_an_identity_code_gains_nothing_between_two_digits():
    same = planes.judge_midpoints(Known(lambda x: x), Known(lambda a: a))
    assert same["blend"] == same["code"]
    assert same["rebuilt"] < same["code"]


def test_precision_is_that_of_scikit_learn():
    training, held_out, labels, answers = coders.digits_halves()
    model = KNeighborsClassifier(1).fit(training.flatten(1).numpy(), labels.numpy())
    wanted = model.score(held_out.flatten(1).numpy(), answers.numpy())
    assert retrieval.precision(held_out, training, 1) == pytest.approx(wanted, abs=0.003)
    blank = torch.zeros(898, 1)
    by_chance = retrieval.precision(blank, blank, 898)
    assert by_chance == pytest.approx(0.1, abs=0.005)
    bits = (torch.rand(898, 16, generator=torch.Generator().manual_seed(2)) > 0.5).double()
    assert retrieval.precision(bits, bits, 10, power=1.0) == retrieval.precision(bits, bits, 10)


def test_labels_are_shared_out_evenly():
    labels = torch.arange(10).repeat_interleave(torch.arange(10, 110, 10))
    for count in (10, 20, 50):
        chosen = layerwise.few(labels, count, torch.Generator().manual_seed(3))
        assert len(chosen.unique()) == count
        assert labels[chosen].bincount(minlength=10).tolist() == [count // 10] * 10
    assert layerwise.few(labels, 200, torch.Generator().manual_seed(3)).unique().numel() == 200


def test_pretraining_changes_every_layer_and_each_rebuilds_what_lies_below():
    training, _, _, _ = coders.digits_halves()
    torch.manual_seed(4)
    stack = layerwise.layers("sigmoid")
    before = [layer[0].weight.clone() for layer in stack]
    layerwise.pretrain(stack, training[:200], torch.Generator().manual_seed(4))
    assert all(not torch.equal(layer[0].weight, old) for layer, old in zip(stack, before, strict=True))
    assert [tuple(layer[0].weight.shape) for layer in stack] == [(64, 64), (32, 64), (16, 32)]
    x = training.flatten(1)
    with torch.no_grad():
        for layer in stack[:2]:
            x = layer(x)
        code = stack[2](x)
    rest = (
        x
        - torch.linalg.lstsq(code - code.mean(0), x - x.mean(0)).solution.T.matmul((code - code.mean(0)).T).T
        - x.mean(0)
    )
    assert rest.square().sum() < 0.5 * (x - x.mean(0)).square().sum()


def test_no_choice_reads_the_half_that_judges(monkeypatch):
    training, _, labels, _ = coders.digits_halves()
    monkeypatch.setattr(choosing, "digits_halves", lambda: (training, None, labels, None))
    fit, judged, fit_labels, judged_labels = choosing.quarter()
    assert torch.equal(torch.cat([fit, judged]), training)
    assert torch.equal(torch.cat([fit_labels, judged_labels]), labels)
    assert 1 < choosing.lost_with(2, steps=1) < 5  # hardly trained: worse than the mean image


def test_the_nearest_labelled_image_lends_its_label():
    training, held_out, labels, answers = coders.digits_halves()
    found = layerwise.nearest_labelled(3)
    model = KNeighborsClassifier(1).fit(training.flatten(1).numpy(), labels.numpy())
    assert found["nearest_898"] == pytest.approx(model.score(held_out.flatten(1), answers), abs=0.003)
    assert 0.3 < found["nearest_10"] < found["nearest_100"] < found["nearest_898"]


def test_the_noise_of_the_channel_leaves_the_batches_alone():
    training = coders.digits_halves()[0]
    silent = coders.start(
        5, training, 2, channel=lambda a, dice: a + 0 * torch.randn(a.shape, generator=dice)
    )
    plain = coders.start(5, training, 2)
    assert [next(silent[2]) for _ in range(20)] == [next(plain[2]) for _ in range(20)]  # more than an epoch
