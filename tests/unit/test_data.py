"""Images have the shapes and ranges that they promise; batches are permutations, aligned and repeatable."""

import gzip
import hashlib
import os
import struct
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lib import data, downloads, runtime
from tests.unit.errors import refused


def promises(images: torch.Tensor, labels: torch.Tensor, shape: tuple[int, ...]) -> None:
    assert images.shape == shape and images.dtype == torch.float32
    assert labels.shape == shape[:1] and labels.dtype == torch.int64
    assert images.min() >= -1 and images.max() <= 1
    assert set(labels.tolist()) == set(range(10))


# --- the embedded digits


def test_digits_keep_their_promises():
    images, labels = data.digits()
    promises(images, labels, (1797, 1, 8, 8))
    assert images.min() == -1 and images.max() == 1
    # The first scan is a zero: its hole is dark, its sides are ink. Grey level g is g/8 - 1.
    assert labels[0] == 0
    assert images[0, 0, 3].mul(8).add(8).tolist() == [0, 4, 12, 0, 0, 8, 8, 0]


@pytest.mark.parametrize("size", [9, 16, np.int64(28)])
def test_enlarged_digits_stay_in_range_and_show_the_same_digit(size):
    small, labels = data.digits()
    large, same = data.digits(size)
    promises(large, same, (1797, 1, int(size), int(size)))
    assert torch.equal(labels, same)
    # Their centres of ink are the same point in units of the image's side, to a tenth of a small pixel.
    for axis in (2, 3):
        centres = []
        for images in (small, large):
            ink, side = images + 1, images.shape[-1]
            places = (torch.arange(side) + 0.5) / side
            along = ink.sum(dim=(1, 5 - axis))
            centres.append((along * places).sum(1) / along.sum(1))
        assert (centres[0] - centres[1]).abs().max() < 0.1 / 8


@pytest.mark.parametrize("size", [7, 0, -8, 257])
def test_digits_of_an_impossible_size_are_refused(size):
    with refused(ValueError, "size", size, "a whole number from 8 to 256"):
        data.digits(size)


@pytest.mark.parametrize("size", [16.0, "16", True, (16, 16)])
def test_digits_of_a_size_that_is_no_number_are_refused(size):
    with refused(TypeError, "size", "a whole number"):
        data.digits(size)


# --- the larger sets, with small files of the test's own


def idx(array: np.ndarray) -> bytes:
    return (
        struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
    )


@pytest.fixture
def small_set(tmp_path, monkeypatch):
    """Two small image sets under $BOOK_DATA, in the published layout, and no way to the network."""
    random = np.random.default_rng(0)
    monkeypatch.setenv("BOOK_DATA", str(tmp_path))
    monkeypatch.setattr(downloads, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(downloads, "temporary", lambda: tmp_path / "temporary")
    arrays = {}
    for constant in ("MNIST", "FASHION_MNIST"):
        real, md5 = getattr(data, constant), {}
        for stem, n in (("train", 40), ("t10k", 20)):
            pixels = random.integers(0, 256, (n, 6, 5))
            pixels[0, 0, :3] = 0, 255, 51
            for name, array in (("images-idx3", pixels), ("labels-idx1", np.arange(n) % 10)):
                file = f"{stem}-{name}-ubyte.gz"
                arrays[constant, file], content = array, idx(array)
                md5[file] = hashlib.md5(content).hexdigest()
                path = tmp_path / real.folder / file
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(gzip.compress(content))
        fake = real._replace(homes=("http://127.0.0.1:1/",), md5=md5)
        monkeypatch.setattr(data, constant, fake)
    return tmp_path, arrays


@pytest.mark.parametrize("load, constant", [(data.mnist, "MNIST"), (data.fashion_mnist, "FASHION_MNIST")])
@pytest.mark.parametrize("split, stem, n", [("train", "train", 40), ("test", "t10k", 20)])
def test_image_sets_are_read_from_the_readers_folder(small_set, load, constant, split, stem, n):
    images, labels = load(split)
    promises(images, labels, (n, 1, 6, 5))
    assert images[0, 0, 0, :3].tolist() == pytest.approx([-1, 1, -0.6], abs=1e-7)
    pixels = small_set[1][constant, f"{stem}-images-idx3-ubyte.gz"]
    assert np.array_equal(((images[:, 0] + 1) * 127.5).round().numpy(), pixels)
    assert labels.tolist() == [i % 10 for i in range(n)]


def test_the_training_part_is_the_default(small_set):
    assert torch.equal(data.mnist().images, data.mnist("train").images)


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"])
def test_every_file_of_a_set_is_checked_even_with_a_fallback(small_set, name):
    path = small_set[0] / "mnist" / name
    content = gzip.decompress(path.read_bytes())
    changed = gzip.compress(content[:-1] + bytes([content[-1] ^ 1]))  # one bit
    path.write_bytes(changed)
    with pytest.raises(downloads.DataDamaged, match="has unpacked md5"):
        data.mnist(fallback=data.digits)
    assert path.read_bytes() == changed


def test_a_missing_set_without_fallback_names_both_ways(small_set):
    (small_set[0] / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(data.DataUnavailable) as caught:
        data.mnist("test")
    for part in ("BOOK_DATA", "mnist/t10k-labels-idx1-ubyte.gz", "http://127.0.0.1:1/"):
        assert part in str(caught.value)


def test_a_missing_set_with_fallback_is_replaced_and_announced(small_set, capsys):
    (small_set[0] / "fashion-mnist" / "train-images-idx3-ubyte.gz").unlink()
    images, _ = data.fashion_mnist(fallback=data.digits)
    assert torch.equal(images, data.digits().images)
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Fashion-MNIST is not here (127.0.0.1:1: ConnectionError); "
        "using digits() instead: 1797 images of 1 x 8 x 8."
    )


def test_the_fallback_is_not_called_when_the_set_is_there(small_set):
    def never():
        raise AssertionError("the fallback was called")

    assert len(data.mnist(fallback=never).images) == 40


@pytest.mark.parametrize("split", ["Train", "valid", "", None, 0])
def test_an_unknown_split_is_refused(split):
    with refused(ValueError, "split", repr(split), "MNIST", remedy="'train' or 'test'"):
        data.mnist(split)


def test_a_fallback_that_was_called_already_is_refused():
    with refused(TypeError, "fallback", "'digits'", remedy="fallback=digits"):
        data.mnist(fallback="digits")


# --- the real sets, where the machine has them

HERE = Path(os.environ.get("BOOK_DATA", ""))
REAL = [
    pytest.param(load, split, n, id=f"{what.folder}-{split}")
    for load, what in ((data.mnist, data.MNIST), (data.fashion_mnist, data.FASHION_MNIST))
    for split, n in (("train", 60_000), ("test", 10_000))
    if os.environ.get("BOOK_DATA") and (HERE / what.folder).is_dir()
]
if REAL:  # generated only where there is something to read

    @pytest.mark.parametrize("load, split, n", REAL)
    def test_a_real_set_keeps_its_promises(load, split, n):
        images, labels = load(split)
        promises(images, labels, (n, 1, 28, 28))
        assert images.min() == -1 and images.max() == 1
        if load is data.fashion_mnist:
            assert torch.bincount(labels).tolist() == [n // 10] * 10
        elif split == "train":  # the published class counts of MNIST
            counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
            assert torch.bincount(labels).tolist() == counts


# --- batches


def numbered(n: int) -> torch.Tensor:
    return torch.arange(n, dtype=torch.float32)[:, None]


def generator(n: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(n)


@st.composite
def sizes(draw) -> tuple[int, int, int]:
    n = draw(st.integers(1, 40))
    return n, draw(st.integers(1, n)), draw(st.integers(0, 2**32 - 1))


@given(sizes())
def test_no_sample_repeats_within_an_epoch_and_labels_stay_aligned(case):
    n, size, number = case
    labels, more = torch.arange(n) * 3, torch.arange(n * 2).reshape(n, 2)
    stream = data.batches(numbered(n), labels, more, size=size, generator=generator(number))
    for _ in range(3):
        epoch = list(islice(stream, n // size))
        seen = torch.cat([x for x, _, _ in epoch])[:, 0]
        assert len(seen) == n // size * size == len(set(seen.tolist()))
        assert set(seen.tolist()) <= set(range(n))
        for x, first, second in epoch:
            assert x.shape == (size, 1)
            assert torch.equal(first, x[:, 0].long() * 3)
            assert torch.equal(second[:, 0], x[:, 0].long() * 2)
            assert torch.equal(second[:, 1], x[:, 0].long() * 2 + 1)


@given(sizes())
def test_equal_seeds_give_equal_streams(case):
    n, size, number = case
    streams = (data.batches(numbered(n), size=size, generator=generator(number)) for _ in range(2))
    for (a,), (b,) in islice(zip(*streams, strict=True), 3 * (n // size) + 1):
        assert torch.equal(a, b)


@given(sizes(), st.integers(0, 60))
def test_a_stream_resumes_exactly_from_its_state(case, taken):
    n, size, number = case
    whole = data.batches(numbered(n), size=size, generator=generator(number))
    list(islice(whole, taken))
    state = whole.state()
    expected = [x for (x,) in islice(whole, 2 * (n // size) + 1)]
    again = data.batches(numbered(n), size=size, generator=generator(number + 1))
    list(islice(again, 2))
    again.resume(state)
    for a, (b,) in zip(expected, again, strict=False):
        assert torch.equal(a, b)


def test_resuming_restores_a_shared_generator_too(tmp_path):
    def run(stream, shared, steps):
        return [torch.cat([x, torch.rand(2, 1, generator=shared)]) for (x,) in islice(stream, steps)]

    shared = generator(4)
    stream = data.batches(numbered(7), size=2, generator=shared)
    run(stream, shared, 4)
    torch.save(stream.state(), tmp_path / "state.pt")
    expected = run(stream, shared, 8)
    other = generator(99)
    resumed = data.batches(numbered(7), size=2, generator=other)
    resumed.resume(torch.load(tmp_path / "state.pt", weights_only=True))
    for a, b in zip(expected, run(resumed, other, 8), strict=True):
        assert torch.equal(a, b)


def test_a_state_of_another_set_is_refused():
    stream = data.batches(numbered(7), size=2, generator=generator())
    next(stream)
    other = data.batches(numbered(8), size=2, generator=generator())
    with refused(ValueError, "state", "7 samples", "one of 8"):
        other.resume(stream.state())


def test_every_epoch_is_a_fresh_and_uniform_permutation():
    stream = data.batches(numbered(4), size=4, generator=generator(1))
    counts = {}
    epochs = 2400
    for (x,) in islice(stream, epochs):
        counts[tuple(x[:, 0].tolist())] = counts.get(tuple(x[:, 0].tolist()), 0) + 1
    assert len(counts) == 24
    # Pearson's statistic has mean 23 and variance 46 for 24 equally likely permutations.
    chi_square = sum((c - epochs / 24) ** 2 for c in counts.values()) / (epochs / 24)
    assert abs(chi_square - 23) < 4 * 46**0.5


@pytest.mark.parametrize("where", runtime.available_devices())
def test_batches_stay_on_the_device_and_keep_the_type_of_x(where):
    x = torch.zeros(5, 1, 2, 2, dtype=torch.float64, device=where)
    labels = torch.zeros(5, dtype=torch.int64, device=where)
    images, classes = next(data.batches(x, labels, size=3, generator=generator()))
    assert images.device == classes.device == x.device
    assert images.shape == (3, 1, 2, 2) and images.dtype == torch.float64 and classes.dtype == torch.int64


def test_batches_do_not_share_memory_with_the_data():
    x = numbered(4)
    (batch,) = next(data.batches(x, size=4, generator=generator()))
    batch.zero_()
    assert x.sum() == 6


def test_batches_are_checked_when_they_are_made_not_when_they_are_drawn():
    with refused(ValueError, "x", "3 samples", "size=4", remedy="at most 3"):
        data.batches(numbered(3), size=4, generator=generator())


@pytest.mark.parametrize(
    "x, got, remedy",
    [
        (torch.zeros(4), "shape (4,)", "x[:, None]"),
        (torch.zeros(4, 28, 28), "shape (4, 28, 28)", "x[:, None]"),
        (torch.zeros(4, 28, 20, 1), "(4, 28, 20, 1), which looks like channels last", "permute(0, 3, 1, 2)"),
        (torch.zeros(4, 32, 32, 3), "(4, 32, 32, 3), which looks like channels last", "permute(0, 3, 1, 2)"),
        (torch.linspace(0, 255, 64).reshape(1, 1, 8, 8), "from 0 to 255", "/ 127.5 - 1"),
        (torch.linspace(-1, 1.01, 64).reshape(1, 1, 8, 8), "from -1 to 1.01", "/ 127.5 - 1"),
        (torch.linspace(-1.01, 1, 64).reshape(1, 1, 8, 8), "from -1.01 to 1", "/ 127.5 - 1"),
        (torch.tensor([[0.0], [float("nan")]]), "nan", "leave out"),
        (torch.tensor([[0.0], [float("inf")]]), "from 0.0 to inf", "leave out"),
        (torch.zeros(0, 2), "0 samples", "size"),
    ],
)
def test_samples_that_are_no_samples_are_refused(x, got, remedy):
    with refused(ValueError, "x", got, remedy=remedy):
        data.batches(x, size=1, generator=generator())


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
def test_integer_pixels_are_refused_with_the_range_seen(dtype):
    x = torch.arange(256).reshape(4, 1, 8, 8).to(dtype)
    with refused(TypeError, "x", dtype, "from 0 to 255", remedy="/ 127.5 - 1"):
        data.batches(x, size=1, generator=generator())


@pytest.mark.parametrize(
    "x",
    [
        torch.full((4, 1), 7.0),  # points may lie anywhere
        torch.zeros(4, 1, 28, 1),  # one column wide
        torch.zeros(4, 3, 32, 3),
        torch.ones(4, 64, 4, 4),  # feature maps
        torch.full((4, 1, 8, 8), 1 + 5e-7),  # rounding
    ],
)
def test_unusual_but_right_samples_pass(x):
    assert next(data.batches(x, size=4, generator=generator()))[0].shape == x.shape


@pytest.mark.parametrize(
    "labels, got",
    [
        (torch.zeros(3), "shape (3,) on cpu"),
        (torch.tensor(1), "shape () on cpu"),
        (torch.zeros(4, device="meta"), "shape (4,) on meta"),
    ],
)
def test_labels_that_do_not_match_are_refused(labels, got):
    with refused(ValueError, "labels[1]", got, "length 4 on cpu"):
        data.batches(numbered(4), torch.zeros(4), labels, size=1, generator=generator())


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_that_is_not_positive_is_refused(size):
    with refused(ValueError, "size", size, "a whole number at least 1"):
        data.batches(numbered(4), size=size, generator=generator())


@pytest.mark.parametrize("size", [2.0, "2", True, None])
def test_a_size_that_is_no_whole_number_is_refused(size):
    with refused(TypeError, "size", "a whole number at least 1"):
        data.batches(numbered(4), size=size, generator=generator())


@pytest.mark.parametrize("wrong", [None, 0, np.random.default_rng(0)])
def test_another_kind_of_generator_is_refused(wrong):
    with refused(TypeError, "generator", repr(wrong), remedy="seed(0).torch"):
        data.batches(numbered(4), size=2, generator=wrong)


def test_lists_are_no_samples():
    with pytest.raises(TypeError):
        data.batches([[0.0], [1.0]], size=1, generator=generator())
