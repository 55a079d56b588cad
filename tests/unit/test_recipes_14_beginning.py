"""The plain game that begins where the spectral one does: the same draws, the same slope, and no bound."""

from itertools import islice

import pytest
import torch
from torch import nn

from lib import data
from lib.experiments import chapter_14, chapter_14_beginning, normalised
from lib.experiments.chapter_14_beginning import CHAPTER, RECIPES, divide_once_
from lib.experiments.judging import halves
from lib.experiments.normalised import FAST, LOOKS, SLOW, start_digits
from lib.experiments.spread import load


@pytest.fixture(scope="module")
def training() -> torch.Tensor:
    return halves(data.digits(normalised.SIZE).images)[0]


def norms(critic: nn.Module) -> torch.Tensor:
    layers = [layer for layer in critic.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    return torch.stack([torch.linalg.svdvals(layer.weight.flatten(1))[0] for layer in layers])


def test_the_weights_are_divided_once_and_then_free(training):
    divided, plain = (start_digits(3, training, FAST, "plain") for _ in range(2))
    proportions = divided.critic.body[2].weight / plain.critic.body[2].weight
    assert (proportions == 1).all()
    divide_once_(divided.critic)
    torch.testing.assert_close(norms(divided.critic), torch.ones(8))
    proportions = divided.critic.body[2].weight / plain.critic.body[2].weight
    assert proportions.std() < 1e-6 < abs(proportions.mean() - 1)
    next(islice(divided.moves, 4, None))
    assert (norms(divided.critic) - 1).abs().max() > 0.01


def test_the_games_meet_the_same_draws_as_those_of_the_chapter(training, monkeypatch):
    """Both draw samples of the untrained generator before the first move; looking draws on its own."""
    seen = []

    def watched(played, moves, real):
        seen.append(played.latent(4))
        raise StopIteration

    for module in (chapter_14, chapter_14_beginning):
        monkeypatch.setattr(module, "watched", watched)
    monkeypatch.setattr(chapter_14, "judge_digits", lambda *_: {"frechet": 0.0})
    with pytest.raises(StopIteration):
        chapter_14.run_digits(7, FAST, ("plain",), moves=LOOKS)
    with pytest.raises(StopIteration):
        chapter_14_beginning.run_divided(7, FAST, moves=LOOKS)
    assert torch.equal(*seen)


@pytest.mark.parametrize("rate", [FAST, SLOW])
def test_what_is_stored_began_as_the_spectral_games_did(rate):
    """But for the hair by which power iteration finds norms from below."""
    name = f"digits, rate {rate}"
    stored, beside = load(CHAPTER)[name], load(chapter_14.CHAPTER)[name]
    assert [run["seed"] for run in stored.runs] == list(chapter_14.SEEDS)
    assert stored.provenance["protocol"] == RECIPES[name].protocol
    began, its = stored.values("untrained_slope"), beside.values("spectral: untrained_slope")
    assert abs(began / its - 1).max() < 0.15
    assert (began > 8 * beside.values("plain: untrained_slope")).all()
