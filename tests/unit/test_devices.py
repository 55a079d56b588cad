"""The device that is named is the one that computes: on `BOOK_DEVICE`, which is the CPU unless it is set.

A machine without a GPU cannot see a tensor that was forgotten on the CPU. There, the default device is made
one that holds no numbers: whatever is then created without naming its device cannot meet what has some.
"""

import os
from itertools import islice

import pytest
import torch

from lib import data, laws, metrics, runtime
from lib.experiments import chapter_08, chapter_13, critics, game, judging, meter
from lib.experiments.critics import problems
from lib.experiments.critics.judging import judge
from lib.features import feature_network
from lib.lipschitz import certificate
from lib.networks import PerceptronCritic, gaussian_latent


@pytest.fixture(scope="module")
def device() -> torch.device:
    return runtime.device(os.environ.get("BOOK_DEVICE") or "cpu")


@pytest.fixture(scope="module")
def digits():
    return data.digits()


PLANE = {
    "eight": laws.eight_gaussians,
    "moons": laws.two_moons,
    "unequal": lambda: laws.GaussianMixture([[0.0, 1.0], [1.0, 0.0]], [0.1, 0.3], [0.25, 0.75]),
}
GAMES = {
    "8 ring": lambda where, images: chapter_08.start_ring(3, where),
    "8 digits": lambda where, images: chapter_08.start_digits(3, images, where),
    **{
        f"13 ring, {name}": lambda where, images, kind=kind: chapter_13.start_ring(3, kind, where)
        for name, kind in chapter_13.RING.items()
    },
    **{
        f"13 digits, {name}": lambda where, images, kind=kind: chapter_13.start_digits(3, images, kind, where)
        for name, kind in chapter_13.DIGITS.items()
    },
}


def on(where: torch.device, *networks) -> bool:
    return all(weight.device == where for network in networks for weight in network.parameters())


def test_the_generator_of_a_seed_draws_on_its_device(device):
    draw = runtime.seed(5, device).torch
    assert draw.device == device
    assert torch.equal(
        torch.rand(3, generator=draw, device=device),
        torch.rand(3, generator=runtime.seed(5, device).torch, device=device),
    )
    assert runtime.seed(5).torch.device == torch.device("cpu")


def test_weights_start_alike_on_every_device(device):
    """They are drawn on the CPU and moved, so that a game on a GPU begins where the one on the CPU does."""
    here, there = (chapter_08.start_ring(3, where) for where in ("cpu", device))
    for a, b in zip(here.critic.parameters(), there.critic.parameters(), strict=True):
        assert torch.equal(a, b.cpu())


@pytest.mark.parametrize("name", PLANE)
def test_laws_draw_and_are_evaluated_on_the_device(name, device):
    law = PLANE[name]()
    draw, alike = (torch.Generator(device=device).manual_seed(1) for _ in range(2))
    with torch.device("meta"):
        points = law.sample(200, draw)
        (batch,) = next(law.batches(7, draw))
        heights = law.log_density(points)
    assert points.device == batch.device == heights.device == device
    # an index that holds no numbers picks anything, without an error: so the numbers are compared
    assert torch.equal(points, law.sample(200, alike)) and torch.equal(batch, law.sample(7, alike))
    torch.testing.assert_close(heights.cpu(), law.log_density(points.cpu()), rtol=1e-4, atol=1e-4)


def test_latents_and_batches_lie_on_the_device(device, digits):
    drawn = []
    for default in ("meta", device):
        draw = torch.Generator(device=device).manual_seed(1)
        latent = gaussian_latent(4, draw)
        stream = data.batches(digits.images.to(device), digits.labels.to(device), size=64, generator=draw)
        with torch.device(default):
            drawn.append((*next(stream), latent(3)))
        assert all(each.device == device for each in drawn[-1])
    assert all(torch.equal(a, b) for a, b in zip(*drawn, strict=True))
    # a generator of the CPU serves data that lies elsewhere, and the other way round
    for there, home in ((device, "cpu"), ("cpu", device)):
        source = torch.Generator(device=home).manual_seed(1)
        (batch,) = next(data.batches(digits.images.to(there), size=64, generator=source))
        assert batch.device == torch.device(there)


@pytest.mark.parametrize("name", GAMES)
def test_a_game_is_played_on_its_device(name, device, digits):
    played, alike = (GAMES[name](device, judging.halves(digits.images)[0]) for _ in range(2))
    assert played.device == device and on(device, played.generator, played.critic)
    with torch.device("meta"):
        pairs = list(islice(played.moves, 2))
        samples = played.samples(5)
    assert torch.tensor(pairs).tolist() == torch.tensor(list(islice(alike.moves, 2))).tolist()
    assert all(value.device == device and value.isfinite() for pair in pairs for value in pair)
    assert samples.device == device and not samples.requires_grad
    assert on(device, played.generator, played.critic)


@pytest.mark.parametrize("name", ["13 ring, penalty", "13 digits, clip"])
def test_the_meter_reads_a_game_where_it_is_played(name, device, digits):
    played = GAMES[name](device, judging.halves(digits.images)[0])
    real = judging.ring_clouds(40)[0] if "ring" in name else digits.images[:40]
    latent = torch.randn(40, played.generator.latent)
    seen = []
    reading = meter.measure(played, 0, real, latent, lambda fake: seen.append(fake) or 0.5)
    assert seen[0].device == device and reading.certified <= reading.exact
    at_home = game.Game(played.generator.cpu(), played.critic.cpu(), None, None)
    again = meter.measure(at_home, 0, real, latent, lambda fake: 0.5)
    assert reading[:5] == pytest.approx(again[:5], rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("kind", critics.KINDS)
def test_a_critic_is_trained_where_the_clouds_lie(kind, device):
    clouds = problems.problem("gaussians").to(device)
    critic = critics.train(critics.KINDS[kind], clouds, 1, steps=3)
    assert on(device, critic) and clouds.real.device == device
    judged, at_home = judge(critic, clouds), judge(critic.cpu(), clouds.to("cpu"))
    assert judged == pytest.approx(at_home, rel=1e-3, abs=1e-5)


def test_samples_are_judged_wherever_they_lie(device, digits):
    images, labels = digits
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    training, held_out = judging.halves(images)
    assert judging.judge_digits(features, held_out, training.to(device)) == judging.judge_digits(
        features, held_out, training
    )
    points = laws.eight_gaussians().sample(100, torch.Generator().manual_seed(0))
    assert judging.judge_ring(points.to(device)) == judging.judge_ring(points)
    x, y = judging.ring_clouds(30)
    exact = metrics.assignment_distance(x, y)
    assert metrics.assignment_distance(x.to(device), y.to(device)) == pytest.approx(exact, rel=1e-9)


def test_features_are_trained_where_the_images_lie(device, digits):
    images, labels = (each[:200].to(device) for each in digits)
    features = feature_network(images, labels, torch.Generator(device=device).manual_seed(0))
    assert on(device, features.body, features.head)
    assert features.features(images).device == features.predict(images).device == device


def test_a_certificate_is_made_where_the_critic_lives(device):
    critic = PerceptronCritic((2,), width=16).to(device)
    x, y = (cloud.to(device) for cloud in judging.ring_clouds(30))
    with torch.device("meta"):
        proved = certificate(critic, x, y)
    assert proved == pytest.approx(certificate(critic.cpu(), x.cpu(), y.cpu()), rel=1e-4, abs=1e-7)


def test_the_default_device_of_these_tests_finds_what_names_none():
    """Otherwise everything above would pass on the CPU whatever was forgotten."""
    with torch.device("meta"), pytest.raises((RuntimeError, NotImplementedError)):
        (torch.zeros(2, device="cpu") + torch.ones(2)).sum().item()
