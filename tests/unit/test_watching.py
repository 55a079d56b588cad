"""The generators stored for the explorer of attention: eight bits lose little, and the file is its own."""

import base64

import numpy as np
import pytest
import torch

from lib.experiments import twins
from lib.experiments.twins import LINE, sign_covariance
from lib.experiments.watching import MOMENTS, PROTOCOL, RUNS, packed, unpacked, watch_twins
from lib.explorers.attention_map import stored


def runs() -> dict:
    return {(run["arm"], run["seed"]): run for run in stored()["runs"]}


def test_weights_come_back_within_half_a_level():
    torch.manual_seed(0)
    generator = twins.TwinsGenerator(LINE.shape, attention=True)
    torch.nn.init.constant_(generator.attention.gamma, -0.3)
    kept = packed(generator)
    again = dict(unpacked("attention", kept).named_parameters())
    assert kept.keys() == again.keys()
    for name, weight in generator.named_parameters():
        step = weight.detach().abs().max().item() / 127
        away = (again[name] - weight.double()).detach().abs().max().item()
        assert away <= 0.5001 * step
        levels = np.frombuffer(base64.b64decode(kept[name]["levels"]), np.int8)
        assert np.abs(levels.astype(int)).max() == 127
    assert again["attention.gamma"].item() == pytest.approx(-0.3, rel=1e-5)


def test_a_zero_gate_stays_zero():
    generator = twins.TwinsGenerator(LINE.shape, attention=True)
    assert unpacked("attention", packed(generator)).attention.gamma.item() == 0


def test_the_file_belongs_to_the_recipe():
    made = stored()
    assert made["protocol"] == PROTOCOL and set(made["provenance"]) >= {"code", "commit", "date", "software"}
    assert tuple(runs()) == RUNS
    assert all(
        tuple(run["steps"]) == MOMENTS and len(run["weights"]) == len(MOMENTS) for run in runs().values()
    )
    for (arm, seed), run in runs().items():
        fresh, _, _ = twins.steps(seed, LINE, arm)
        assert run["weights"][0] == packed(fresh)


def test_a_training_repeats_what_is_stored():
    """A hundred steps; rounding on another machine may move the weights by a few levels."""
    _, learnt = watch_twins("convolutions", 1, (0, 100))
    run = runs()["convolutions", 1]
    wanted, untrained = (dict(unpacked("convolutions", run["weights"][k]).named_parameters()) for k in (1, 0))
    for name, weight in unpacked("convolutions", learnt).named_parameters():
        away = (weight - wanted[name]).norm()
        assert away < 0.1 * (untrained[name] - wanted[name]).norm()


def test_attention_agrees_and_convolutions_cannot():
    """What the page says, from 4096 fresh lines: the law’s value for the one, the theorem’s for the other."""
    dice = torch.Generator().manual_seed(61)
    latent = torch.randn(4096, 128, generator=dice, dtype=torch.float64)
    for (arm, _), run in runs().items():
        generator = unpacked(arm, run["weights"][-1])
        with torch.no_grad():
            made = generator(latent)
        found = sign_covariance(LINE.signs(made))
        if arm == "convolutions":
            assert abs(found) < 4 / 64
            continue
        assert found > (0.9 if arm == "attention" else 0.7)
        if arm == "attention":
            torch.nn.init.zeros_(generator.attention.gamma)
            with torch.no_grad():
                assert abs(sign_covariance(LINE.signs(generator(latent)))) < 4 / 64


def test_no_place_leads_every_line():
    """In all three runs at least four places of the twins lead; nearly no place outside them does."""
    dice = torch.Generator().manual_seed(62)
    latent = torch.randn(2048, 128, generator=dice, dtype=torch.float64)
    own = [*range(6, 10), *range(22, 26)]
    for seed in (1, 2, 3):
        generator = unpacked("attention", runs()["attention", seed]["weights"][-1])
        with torch.no_grad():
            table = generator.asked(latent)
        left, right = (table[:, block].mean(dim=1) for (block,) in LINE.blocks)
        share = torch.bincount(torch.minimum(left, right).argmax(dim=1), minlength=32) / 2048
        assert (share > 0.05).sum() >= 4 and share.max() < 0.5
        assert share[own].sum() > 0.85
        assert min(share[6:10].sum(), share[22:26].sum()) > 0.2
