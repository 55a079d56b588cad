"""The twins: the law, what a generator's outputs can know of each other, and the distance it descends."""

from itertools import islice

import numpy as np
import pytest
import torch

from lib import networks
from lib.experiments.twins import (
    ARMS,
    LINE,
    SQUARE,
    TwinsGenerator,
    energy_distance,
    position_channels,
    sign_covariance,
    steps,
)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("scene", "inside"), [(LINE, 8), (SQUARE, 8)])
def test_both_blocks_share_a_sign_and_the_rest_is_noise(scene, inside):
    x = scene.sample(500, dice())
    assert x.shape == (500, 1, *scene.shape)
    signs = scene.signs(x)
    assert torch.equal(signs[:, 0], signs[:, 1]) and 200 < (signs[:, 0] > 0).sum() < 300
    loud = (x.abs().mean(dim=(0, 1)) > 0.5).sum()
    assert loud == inside
    assert x.var(dim=0).flatten().sort().values[:-inside].max() < 0.02


@pytest.mark.parametrize("scene", [LINE, SQUARE])
def test_strangers_have_the_second_block_of_another_and_nothing_else(scene):
    x = scene.sample(64, dice())
    mixed, (first, second) = scene.strangers(x), scene.blocks
    assert torch.equal(mixed[(slice(None), 0, *second)].roll(-1, dims=0), x[(slice(None), 0, *second)])
    assert (mixed != x).any(dim=0).sum() == 4
    assert torch.equal(mixed[(slice(None), 0, *first)], x[(slice(None), 0, *first)])
    assert torch.equal(x, scene.sample(64, dice()))  # what came in is as it was


def test_the_covariance_of_signs_by_hand():
    signs = torch.tensor([[1, 1], [1, 1], [1, -1], [-1, -1.0]])
    assert sign_covariance(signs) == pytest.approx(0.5 - 0.5 * 0.0)
    assert sign_covariance(torch.ones(4, 2)) == 0


@pytest.mark.parametrize("shape", [(32,), (12, 12)])
def test_no_two_places_have_the_same_position(shape):
    waves = position_channels(shape).flatten(1).T
    assert waves.shape[1] == 8
    assert torch.pdist(waves).min() > 0.05


def reach(arm: str, scene, place: tuple[int, ...]) -> np.ndarray:
    """Where the noise changes the output at one place, as a table of the scene's shape."""
    torch.manual_seed(0)
    generator = TwinsGenerator(scene.shape, **ARMS[arm])
    if arm == "attention":
        torch.nn.init.ones_(generator.attention.gamma)
    latent = torch.randn(20, generator.latent, requires_grad=True)
    generator(latent)[(slice(None), 0, *place)].sum().backward()
    return (latent.grad.unflatten(1, (4, *scene.shape)) != 0).any(dim=(0, 1)).numpy()


@pytest.mark.parametrize(("arm", "side"), [("convolutions", 3), ("wide convolutions", 13)])
def test_an_output_sees_as_far_as_the_dilations_reach(arm, side):
    assert np.flatnonzero(reach(arm, LINE, (16,))).tolist() == list(range(16 - side, 16 + side + 1))


def test_the_windows_of_the_twins_are_disjoint_for_convolutions_and_not_for_the_others():
    for scene in (LINE, SQUARE):
        for arm in ARMS:
            windows = [
                np.logical_or.reduce([reach(arm, scene, place) for place in corners(block)])
                for block in scene.blocks
            ]
            assert (windows[0] & windows[1]).any() == (arm != "convolutions")


def corners(block) -> list[tuple[int, ...]]:
    ends = [(part.start, part.stop - 1) for part in block]
    return [tuple(place) for place in np.stack(np.meshgrid(*ends), axis=-1).reshape(-1, len(ends)).tolist()]


def test_the_leader_is_what_both_twins_give_to_one_place():
    table = torch.full((2, 32, 32), 1 / 32)
    assert LINE.leader(table) == pytest.approx(1 / 32)
    table[:, 6:10] = table[:, 22:26] = torch.eye(32)[24]
    assert LINE.leader(table) == pytest.approx(1)
    table[0, 22:26] = torch.eye(32)[5]  # in one of two samples the second block asks somebody else
    assert LINE.leader(table) == pytest.approx(0.5)
    assert SQUARE.leader(torch.full((1, 144, 144), 1 / 144)) == pytest.approx(1 / 144)


def test_wide_convolutions_have_as_many_weights_and_attention_has_its_own_besides():
    counts = {arm: networks.parameters(TwinsGenerator(LINE.shape, **ARMS[arm])) for arm in ARMS}
    assert counts["wide convolutions"] == counts["convolutions"] == counts["attention"] - 513


def test_the_energy_distance_by_hand_and_where_it_is_zero():
    x, y = torch.tensor([[0.0], [2.0]]), torch.tensor([[1.0], [1.0], [4.0]])
    # 2 · mean(1, 1, 4, 1, 1, 2) − 2 − mean(0, 3, 3)
    assert energy_distance(x, y).item() == pytest.approx(20 / 6 - 2 - 2)
    same = [energy_distance(torch.randn(64, 3), torch.randn(64, 3)).item() for _ in range(200)]
    assert abs(np.mean(same)) < 4 * np.std(same) / 200**0.5
    assert min(same) < 0


def test_two_arms_begin_with_the_same_noise_and_the_same_data():
    firsts = [next(steps(3, LINE, arm)[2]) for arm in ("convolutions", "convolutions")]
    assert torch.equal(*firsts)


def test_a_few_steps_lower_the_distance():
    losses = torch.stack(list(islice(steps(100, LINE, "attention")[2], 12)))
    assert losses[-3:].mean() < 0.8 * losses[:3].mean()
