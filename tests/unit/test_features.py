"""The feature network is reproducible, and in its space the measures see what a reader of digits sees."""

import hashlib
import random

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from lib import features, metrics
from tests.unit.errors import refused


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    return torch.tensor(data.images, dtype=torch.float32)[:, None] / 8 - 1, torch.tensor(data.target).long()


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(features, "STEPS", 20)


def blurred(images):
    row = torch.tensor([0.25, 0.5, 0.25])
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1), mode="replicate")
    return torch.nn.functional.conv2d(padded, (row[:, None] * row)[None, None])


def repeated(images, n, seed):
    return images[torch.randint(len(images), (n,), generator=generator(seed))]


# Training


def test_the_same_generator_makes_the_same_network(digits, few_steps):
    one, two, other = (features.feature_network(*digits, generator(seed)) for seed in (3, 3, 4))
    assert (one.digest, one.accuracy) == (two.digest, two.accuracy)
    assert torch.equal(one.features(digits[0]), two.features(digits[0]))
    assert one.digest != other.digest
    parameters = [*one.body.parameters(), *one.head.parameters()]
    assert one.digest == hashlib.sha256(b"".join(p.numpy().tobytes() for p in parameters)).hexdigest()[:12]


def test_training_leaves_the_global_random_state_alone(digits, few_steps):
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    with torch.no_grad():  # as a reader may have switched it off
        features.feature_network(*digits, generator())
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])
    assert before[2] == random.getstate()


def test_accuracy_is_that_of_held_out_images(digits):
    # Labels drawn at random can be learnt by heart, but nobody can guess those of other images.
    images = digits[0][:300]
    labels = torch.randint(10, (300,), generator=generator(1))
    network = features.feature_network(images, labels, generator())
    assert (network.predict(images) == labels).float().mean() > 0.6
    assert network.accuracy < 0.35


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 5, 7), (2, 6, 6)])
def test_images_of_any_size(shape, few_steps):
    images = torch.rand(40, *shape, generator=generator()) * 2 - 1
    labels = torch.arange(40) % 4
    network = features.feature_network(images.double(), labels, generator())
    assert network.shape == shape
    assert network.features(images[:7].requires_grad_()).shape == (7, 64)
    assert not network.features(images).requires_grad
    assert network.predict(images).shape == (40,)
    assert network.head.out_features == 4


def test_features_are_the_last_hidden_layer(digits, few_steps):
    images, _ = digits
    network = features.feature_network(*digits, generator())
    found = network.features(images)
    (w1, b1), (w2, b2), (w3, b3) = (
        (layer.weight.double(), layer.bias.double())
        for layer in (network.body[0], network.body[2], network.head)
    )
    hidden = ((images.double().flatten(1) @ w1.T + b1).clamp(min=0) @ w2.T + b2).clamp(min=0)
    torch.testing.assert_close(found.double(), hidden, rtol=1e-4, atol=1e-5)
    assert torch.equal(network.predict(images), (hidden @ w3.T + b3).argmax(dim=1))


# What the measures see in its space


@pytest.fixture(scope="module", params=range(5))
def eyes(request, digits):
    """A network, 800 real digits, and 800 others in several states of corruption."""
    seed = request.param
    network = features.feature_network(*digits, generator(seed))
    order = torch.randperm(len(digits[0]), generator=generator(100 + seed))
    images, labels = (part[order] for part in digits)
    real, other, classes = images[:800], images[800:1600], labels[800:1600]
    noise = torch.randn(other.shape, generator=generator(200 + seed))
    samples = {
        "real": other,
        **{f"noise {sigma}": (other + sigma * noise).clamp(-1, 1) for sigma in (0.1, 0.3, 0.6)},
        "blur": blurred(other),
        "more blur": blurred(blurred(other)),
        "eight classes": repeated(other[classes < 8], 800, seed),
        "five classes": repeated(other[classes < 5], 800, seed),
        "two classes": repeated(other[classes < 2], 800, seed),
        "200 memorised": repeated(real[:200], 800, seed),
        "50 memorised": repeated(real[:50], 800, seed),
        "10 memorised": repeated(real[:10], 800, seed),
    }
    return network, network.features(real), {name: network.features(x) for name, x in samples.items()}


CORRUPTIONS = [
    ["real", "noise 0.1", "noise 0.3", "noise 0.6"],
    ["real", "blur", "more blur"],
    ["real", "eight classes", "five classes", "two classes"],
    ["real", "200 memorised", "50 memorised", "10 memorised"],
]


def test_the_classifier_knows_digits(eyes):
    assert eyes[0].accuracy > 0.93


@pytest.mark.parametrize("growing", CORRUPTIONS, ids=lambda names: names[-1])
@pytest.mark.parametrize("metric", [metrics.frechet_distance, metrics.kernel_distance])
def test_distances_grow_with_corruption(metric, growing, eyes):
    _, real, samples = eyes
    scores = [metric(real, samples[name]) for name in growing]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


@pytest.mark.parametrize(
    ("name", "factor"),
    [("noise 0.3", 2), ("noise 0.6", 5), ("blur", 12), ("five classes", 8), ("50 memorised", 3)],
)
def test_corrupted_digits_stand_clear_of_the_floor(name, factor, eyes):
    _, real, samples = eyes
    floor = metrics.frechet_distance(real, samples["real"])
    assert metrics.frechet_distance(real, samples[name]) > factor * floor


def test_each_neighbourhood_measure_sees_its_own_fault(eyes):
    _, real, samples = eyes
    seen = {name: metrics.neighbourhoods(real, x) for name, x in samples.items()}
    assert min(seen["real"]) > 0.9
    assert seen["noise 0.6"].precision < 0.75 and seen["noise 0.6"].density < 0.5  # no longer digits
    assert seen["five classes"].precision > 0.9 and seen["five classes"].recall < 0.7  # digits, half of them
    assert seen["50 memorised"].precision > 0.9 and seen["50 memorised"].recall < 0.4
    for growing in CORRUPTIONS:
        coverage = [seen[name].coverage for name in growing]
        assert coverage[0] > coverage[-1] + 0.3


# Bad input

IMAGES, LABELS = torch.zeros(20, 1, 8, 8), torch.arange(20) % 2


@pytest.mark.parametrize(
    ("images", "error", "got", "remedy"),
    [
        (
            torch.full((20, 1, 8, 8), 255, dtype=torch.uint8),
            ValueError,
            "uint8 with values from 255",
            "127.5",
        ),
        (IMAGES + 255, ValueError, "from 255 to 255", "127.5"),
        (IMAGES + 1.01, ValueError, "from 1.01 to 1.01", "clamp"),
        (IMAGES.double().long(), ValueError, "int64", "127.5"),
        (torch.zeros(20, 8, 8, 3), ValueError, "(20, 8, 8, 3), channels last", "permute(0, 3, 1, 2)"),
        (torch.zeros(20, 64), ValueError, "(20, 64)", "reshape"),
        (torch.zeros(0, 1, 8, 8), ValueError, "(0, 1, 8, 8)", "reshape"),
        (IMAGES + float("nan"), ValueError, "1280 values that are NaN or infinite, of 1280", ""),
        (IMAGES.numpy(), TypeError, "ndarray", "as_tensor"),
    ],
)
def test_images_of_another_kind(images, error, got, remedy, few_steps):
    network = features.feature_network(IMAGES, LABELS, generator())
    for call in (
        network.features,
        network.predict,
        lambda x: features.feature_network(x, LABELS, generator()),
    ):
        with refused(error, "images", got, remedy=remedy):
            call(images)


def test_images_of_another_size_than_in_training(few_steps):
    network = features.feature_network(IMAGES, LABELS, generator())
    with refused(ValueError, "images", "(5, 1, 28, 28)", "(n, 1, 8, 8)"):
        network.features(torch.zeros(5, 1, 28, 28))


@pytest.mark.parametrize(
    ("labels", "error", "got", "remedy"),
    [
        (LABELS[:19], ValueError, "shape (19,), expected (20,)", ""),
        (LABELS[:, None], ValueError, "shape (20, 1)", "squeeze"),
        (torch.eye(10)[LABELS], ValueError, "shape (20, 10)", "argmax"),
        (LABELS.float(), TypeError, "float32", "labels.long()"),
        (LABELS - 1, ValueError, "numbers from -1 to 0", "unique"),
        (LABELS * 0, ValueError, "numbers from 0 to 0", "unique"),
        (LABELS * 10**9, ValueError, "numbers from 0 to 1000000000", "unique"),  # 256 GB of weights
        (LABELS * 20, ValueError, "numbers from 0 to 20", "unique"),
        (LABELS.numpy(), TypeError, "ndarray", "as_tensor"),
    ],
)
def test_labels_of_another_kind(labels, error, got, remedy):
    with refused(error, "labels", got, remedy=remedy):
        features.feature_network(IMAGES, labels, generator())


def test_the_largest_label_may_be_one_less_than_the_number_of_images(few_steps):
    network = features.feature_network(IMAGES, torch.arange(20), generator())
    assert network.head.out_features == 20


def test_too_few_images_and_no_generator():
    with refused(ValueError, "images", "19 rows", "at least 20"):
        features.feature_network(IMAGES[:19], LABELS[:19], generator())
    with refused(TypeError, "generator", "0"):
        features.feature_network(IMAGES, LABELS, 0)
