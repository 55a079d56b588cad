"""The device and the seed: what is chosen, what is said, what is refused."""

import random

import numpy as np
import pytest
import torch

from lib import runtime
from tests.unit.errors import refused


@pytest.fixture
def machine(monkeypatch):
    """Pretend to have a number of GPUs, and nothing asked for by the environment."""

    def pretend(gpus: int) -> None:
        monkeypatch.delenv("BOOK_DEVICE", raising=False)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda which: f"Card {which}")

    return pretend


ASKED = pytest.mark.parametrize(
    "gpus, name, expected, said",
    [
        (0, "auto", "cpu", "device: cpu\n"),
        (2, "auto", "cuda:0", "device: cuda:0 (Card cuda:0)\n"),
        (2, "cpu", "cpu", "device: cpu\n"),
        (2, "cuda", "cuda:0", "device: cuda:0 (Card cuda:0)\n"),
        (2, "cuda:1", "cuda:1", "device: cuda:1 (Card cuda:1)\n"),
    ],
)


@ASKED
def test_a_device_that_is_named_is_chosen_and_said(machine, capsys, gpus, name, expected, said):
    machine(gpus)
    assert runtime.device(name) == torch.device(expected)
    assert capsys.readouterr().out == said
    assert runtime.device(torch.device(expected)) == torch.device(expected)


@ASKED
def test_the_environment_names_a_device_too(machine, monkeypatch, capsys, gpus, name, expected, said):
    machine(gpus)
    monkeypatch.setenv("BOOK_DEVICE", name)
    assert runtime.device() == torch.device(expected)
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("environment", [None, ""])
def test_nothing_asked_for_is_the_cpu_without_a_word(machine, monkeypatch, capsys, environment):
    machine(2)
    if environment is not None:
        monkeypatch.setenv("BOOK_DEVICE", environment)
    assert runtime.device() == torch.device("cpu")
    assert capsys.readouterr().out == ""


def test_an_argument_counts_more_than_the_environment(machine, monkeypatch):
    machine(2)
    monkeypatch.setenv("BOOK_DEVICE", "cuda:1")
    assert runtime.device("cpu") == torch.device("cpu")
    assert runtime.device() == torch.device("cuda:1")


@pytest.mark.parametrize("gpus", [0, 1])
@pytest.mark.parametrize("name", ["cuda:9", "cuda:-1", "gpu", "mps"])
def test_a_device_that_is_not_there_is_refused_with_the_list_of_what_is(
    machine, monkeypatch, capsys, gpus, name
):
    machine(gpus)
    present = "'auto', 'cuda:0', 'cpu'" if gpus else "'auto', 'cpu'"
    with refused(ValueError, "name", repr(name), present):
        runtime.device(name)
    monkeypatch.setenv("BOOK_DEVICE", name)
    with refused(ValueError, "BOOK_DEVICE", repr(name), present):
        runtime.device()
    assert capsys.readouterr().out == ""


def test_tensors_on_the_device_report_that_device():
    for name in runtime.available_devices():
        where = runtime.device(name)
        assert torch.zeros(1, device=where).device == where


@pytest.mark.parametrize("n", [0, 7, np.int64(11), 2**32 - 1])
def test_seed_reaches_every_generator(n):
    generators = runtime.seed(n)
    assert random.random() == random.Random(int(n)).random()
    assert np.random.rand() == np.random.RandomState(int(n)).rand()
    fresh = torch.Generator().manual_seed(int(n))
    expected = torch.rand(5, generator=fresh)
    assert torch.equal(torch.rand(5), expected)
    assert torch.equal(torch.rand(5, generator=generators.torch), expected)
    assert generators.numpy.random() == np.random.default_rng(int(n)).random()


def test_seed_makes_network_initialisation_repeatable():
    first, second, other = (
        [runtime.seed(n), torch.nn.Linear(3, 4).weight.detach().clone()][1] for n in (5, 5, 6)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("n", [-1, 2**32, 10**30])
def test_seed_out_of_range_names_the_range(n):
    with refused(ValueError, "n", n, "0 to 4294967295"):
        runtime.seed(n)


@pytest.mark.parametrize("n", [1.0, True, "0", None, float("nan"), np.float64(3), np.bool_(True), [1]])
def test_seed_of_another_type_is_refused_before_anything_is_seeded(n):
    runtime.seed(123)
    before = torch.get_rng_state()
    with refused(TypeError, "n", repr(n), "0 to 4294967295"):
        runtime.seed(n)
    assert torch.equal(torch.get_rng_state(), before)
