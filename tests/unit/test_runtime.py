"""The device, the precision and the seed: what is chosen, what is said, what is refused."""

import random

import numpy as np
import pytest
import torch

from lib import runtime


@pytest.fixture
def machine(monkeypatch):
    """Pretend to have a number of GPUs, and perhaps Apple's."""

    def pretend(gpus: int, apple: bool = False) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda which: f"Card {which}")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)

    return pretend


@pytest.mark.parametrize(
    "gpus, apple, name, expected, said",
    [
        (0, False, "auto", "cpu", "device: cpu (no GPU was found)\n"),
        (0, True, "auto", "mps:0", "device: mps (the first GPU found)\n"),
        (2, False, "auto", "cuda:0", "device: cuda:0 (Card cuda:0, the first GPU found)\n"),
        (1, True, "auto", "cuda:0", "device: cuda:0 (Card cuda:0, the first GPU found)\n"),
        (2, True, "cpu", "cpu", "device: cpu (as asked)\n"),
        (2, False, "cuda", "cuda:0", "device: cuda:0 (Card cuda:0, as asked)\n"),
        (2, False, "cuda:1", "cuda:1", "device: cuda:1 (Card cuda:1, as asked)\n"),
        (2, False, torch.device("cuda", 1), "cuda:1", "device: cuda:1 (Card cuda:1, as asked)\n"),
        (0, True, "mps", "mps:0", "device: mps (as asked)\n"),
    ],
)
def test_device_chooses_and_says_why(machine, capsys, gpus, apple, name, expected, said):
    machine(gpus, apple)
    assert runtime.device(name) == torch.device(expected)
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    "gpus, name, problem",
    [
        (0, "cuda", "is not on this machine"),
        (0, "mps", "is not on this machine"),
        (1, "cuda:9", "is not on this machine"),
        (1, "cuda:-1", "is not the name of a device"),
        (1, "gpu", "is not the name of a device"),
        (1, "", "is not the name of a device"),
        (1, None, "is not the name of a device"),
    ],
)
def test_device_lists_what_there_is(machine, capsys, gpus, name, problem):
    machine(gpus)
    present = "'auto', 'cuda:0', 'cpu'" if gpus else "'auto', 'cpu'"
    with pytest.raises(ValueError) as caught:
        runtime.device(name)
    assert f"name={str(name)!r} {problem}: choose one of {present}," in str(caught.value)
    assert capsys.readouterr().out == ""


def test_tensors_on_the_device_report_that_device(capsys):
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
    with pytest.raises(ValueError, match=rf"n must be a whole number from 0 to 4294967295, but {n} came"):
        runtime.seed(n)


@pytest.mark.parametrize("n", [1.0, True, "0", None, float("nan"), np.float64(3), np.bool_(True), [1]])
def test_seed_of_another_type_is_refused_before_anything_is_seeded(n):
    runtime.seed(123)
    before = torch.get_rng_state()
    with pytest.raises(TypeError, match="n must be a whole number from 0 to 4294967295"):
        runtime.seed(n)
    assert torch.equal(torch.get_rng_state(), before)


def product_dtype() -> torch.dtype:
    return (torch.eye(2) @ torch.eye(2)).dtype


def test_precision_sets_the_arithmetic_and_says_so(capsys):
    with runtime.precision():
        assert product_dtype() == torch.float32
    with runtime.precision("bfloat16", torch.device("cpu")):
        assert product_dtype() == torch.bfloat16
        with runtime.precision("float32"):
            assert product_dtype() == torch.float32
    assert product_dtype() == torch.float32
    assert capsys.readouterr().out.splitlines() == [
        "precision: float32 (as asked)",
        "precision: bfloat16 (as asked)",
        "precision: float32 (as asked)",
    ]


@pytest.mark.parametrize(
    "flags, expected, said",
    [
        ({"avx512_bf16": True}, torch.bfloat16, "bfloat16 (cpu has bfloat16 instructions)"),
        ({"amx_bf16": True}, torch.bfloat16, "bfloat16 (cpu has bfloat16 instructions)"),
        ({"bf16": True, "neon": True}, torch.bfloat16, "bfloat16 (cpu has bfloat16 instructions)"),
        (
            {"avx512_f": True, "avx512_bf16": False},
            torch.float32,
            "float32 (cpu has no bfloat16 instructions)",
        ),
    ],
)
def test_auto_precision_follows_the_processor(monkeypatch, capsys, flags, expected, said):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: flags, raising=False)
    with runtime.precision("auto", "cpu"):
        assert product_dtype() == expected
    assert capsys.readouterr().out == f"precision: {said}\n"


def test_auto_precision_is_float32_where_pytorch_cannot_tell(monkeypatch, capsys):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    with runtime.precision("auto", "cpu"):
        assert product_dtype() == torch.float32
    assert "precision: float32" in capsys.readouterr().out


@pytest.mark.parametrize("capability, native", [((9, 0), True), ((8, 0), True), ((7, 5), False)])
def test_bfloat16_on_a_gpu_needs_compute_capability_8(monkeypatch, capability, native):
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda where: capability)
    assert runtime.has_native_bfloat16(torch.device("cuda", 0)) is native
    assert runtime.has_native_bfloat16(torch.device("mps")) is False


@pytest.mark.parametrize("name", ["float16", "bf16", "", None, torch.bfloat16])
def test_precision_names_the_choices(name):
    with pytest.raises(ValueError, match="choose one of 'float32', 'bfloat16', 'auto'"):
        runtime.precision(name)


@pytest.mark.parametrize("value", [3, 5, np.int32(4)])
def test_whole_number_returns_a_python_int(value):
    checked = runtime.whole_number("k", value, at_least=3, at_most=5)
    assert checked == value and type(checked) is int


@pytest.mark.parametrize("value, at_most", [(2, None), (2, 5), (6, 5)])
def test_whole_number_refuses_what_is_outside(value, at_most):
    span = "at least 3" if at_most is None else "from 3 to 5"
    with pytest.raises(ValueError, match=f"k must be a whole number {span}, but {value} came"):
        runtime.whole_number("k", value, at_least=3, at_most=at_most)
