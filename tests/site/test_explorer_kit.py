"""The kit's mathematics in a real browser: numbers against NumPy and SciPy, networks against PyTorch."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch import nn

from explorer_pages import mathematics_of
from lib.lipschitz import GroupSort, MaxMin

torch.set_num_threads(1)
CLOSE = {"rtol": 1e-9, "atol": 1e-9}
ACTIVATIONS = {
    "identity": nn.Identity(),
    "relu": nn.ReLU(),
    "leaky_relu": nn.LeakyReLU(0.2),
    "tanh": nn.Tanh(),
    "sigmoid": nn.Sigmoid(),
    "softplus": nn.Softplus(threshold=40),
    "maxmin": MaxMin(),
    "groupsort_3": GroupSort(3),
}


@pytest.fixture(scope="module")
def kit(browser):
    files = ("numbers", "dice", "networks", "optimisers", "spectral")
    with mathematics_of(browser, *(f"kit/{name}.js" for name in files)) as page:
        yield page


def test_integral_is_the_trapezoid_rule(kit):
    """With values at the ends that matter: half of each is taken, on any uniform grid."""
    generator = np.random.default_rng(1)
    for n in (2, 3, 50):
        grid, values = np.linspace(-1, 2.5, n), generator.normal(size=n) + 3
        found = kit.evaluate(
            "([values, grid]) => lib.integral(values, grid)", [values.tolist(), grid.tolist()]
        )
        assert found == pytest.approx(np.trapezoid(values, grid), rel=1e-12)


def test_stable_numbers(kit):
    t = [-800.0, -30.0, -0.5, 0.0, 0.5, 30.0, 800.0]
    softplus, sigmoid, gauss = kit.evaluate(
        "(ts) => [ts.map(lib.softplus), ts.map(lib.sigmoid), ts.map((t) => lib.logGaussian(t, 0.3, 1.7))]", t
    )
    np.testing.assert_allclose(softplus, np.logaddexp(0, t), rtol=1e-14, atol=1e-320)
    np.testing.assert_allclose(sigmoid, special.expit(t), rtol=1e-14, atol=1e-320)
    np.testing.assert_allclose(gauss, stats.norm(0.3, 1.7).logpdf(t), rtol=1e-13)
    logs = [-1000.0, -1001.0, -1003.0]
    assert kit.evaluate("(logs) => lib.logSum(logs)", logs) == pytest.approx(special.logsumexp(logs))
    assert kit.evaluate("lib.logSum([-Infinity, -Infinity]) === -Infinity")


def test_lines_between_values_and_laws_on_a_grid(kit):
    knots, grid = [0.2, 0.9, 0.4, 0.5], np.linspace(-6, 6, 37)
    found = kit.evaluate("([values, grid]) => Array.from(lib.joined(values, grid))", [knots, grid.tolist()])
    np.testing.assert_allclose(found, np.interp(grid, np.linspace(-6, 6, 4), knots), atol=1e-12)
    logs = np.random.default_rng(2).normal(size=37) - 700
    found = kit.evaluate("([a, grid]) => lib.normalised(a, grid)", [logs.tolist(), grid.tolist()])
    assert np.trapezoid(np.exp(found), grid) == pytest.approx(1, rel=1e-12)
    assert np.ptp(np.array(found) - logs) < 1e-9


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-0.0004, 3, "0.000"), (-0.0006, 3, "−0.001"), (2.5, 0, "3"), (0, 2, "0.00")],
)
def test_numbers_as_the_book_prints_them(kit, value, digits, text):
    assert kit.evaluate("([value, digits]) => lib.decimal(value, digits)", [value, digits]) == text


def test_dice(kit):
    """The same seed rolls the same numbers, others others; uniform and normal as they should be."""
    rolled = kit.evaluate(
        """() => [7, 7, 8].map((seed) => {
          const random = lib.dice(seed);
          const many = (how) => Array.from({ length: 20000 }, how);
          return [many(() => random()), many(() => random.normal()), many(() => random.below(6))];
        })"""
    )
    assert rolled[0] == rolled[1]
    uniform, normal, whole = map(np.array, rolled[0])
    assert np.mean(uniform == np.array(rolled[2][0])) < 0.001
    assert stats.kstest(uniform, "uniform").pvalue > 0.01 and stats.kstest(normal, "norm").pvalue > 0.01
    assert abs(np.corrcoef(normal[::2], normal[1::2])[0, 1]) < 0.03
    assert stats.chisquare(np.bincount(whole, minlength=6)).pvalue > 0.01 and set(whole) == set(range(6))
    # The first rolls of Mulberry32 with seed 7, by its definition in arithmetic modulo 2³².
    assert uniform[:3] == pytest.approx(by_mulberry(7, 3), abs=0)


def by_mulberry(state: int, count: int) -> list[float]:
    rolls = []
    for _ in range(count):
        state = (state + 0x6D2B79F5) % 2**32
        mixed = (state ^ (state >> 15)) * (state | 1) % 2**32
        mixed ^= (mixed + (mixed ^ (mixed >> 7)) * (mixed | 61)) % 2**32
        rolls.append((mixed ^ (mixed >> 14)) / 2**32)
    return rolls


SHAPES = [
    ([1, 6, 1], "relu", 5),
    ([2, 12, 12, 3], "leaky_relu", 9),
    ([3, 6, 2], "tanh", 1),
    ([2, 5, 7, 1], "sigmoid", 4),
    ([4, 9, 1], "softplus", 6),
    ([2, 8, 4, 1], "maxmin", 7),
    ([2, 9, 6, 2], "groupsort_3", 3),
    ([3, 4, 1], "identity", 2),
    ([2, 64, 64, 64, 1], "relu", 33),
]


def torch_network(widths, between, generator) -> nn.Sequential:
    parts = []
    for inputs, outputs in pairwise(widths):
        parts += [nn.Linear(inputs, outputs, dtype=torch.float64), ACTIVATIONS[between]]
    network = nn.Sequential(*parts[:-1])
    with torch.no_grad():
        for each in network.parameters():
            each.copy_(torch.as_tensor(generator.normal(size=tuple(each.shape)) / each.shape[-1] ** 0.5))
    return network


def parameters(network) -> list[list[float]]:
    return [each.detach().ravel().tolist() for each in network.parameters()]


SETUP = """
  const given = (widths, between, numbers) => ({ between, layers: widths.slice(1).map((rows, l) => ({
    rows, columns: widths[l],
    weight: Float64Array.from(numbers[2 * l]), bias: Float64Array.from(numbers[2 * l + 1]) })) });
  const plain = (layers) => lib.arrays(layers).map((each) => Array.from(each));
  const floats = (values) => Float64Array.from(values);
"""


def compare(found, wanted) -> None:
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE)


@pytest.mark.parametrize(("widths", "between", "count"), SHAPES)
def test_network_is_that_of_torch(kit, widths, between, count):
    """Values, how they move along directions, and the gradients of a loss of both, by weights and inputs."""
    generator = np.random.default_rng(count)
    network = torch_network(widths, between, generator)
    x = torch.tensor(generator.normal(size=(count, widths[0])), requires_grad=True)
    directions = torch.tensor(generator.normal(size=(count, widths[0])))
    by_outputs, by_tangents = (generator.normal(size=(count, widths[-1])) for _ in range(2))
    outputs, tangents = torch.func.jvp(network, (x,), (directions,))
    loss = (outputs * torch.as_tensor(by_outputs)).sum()
    twice = loss + (tangents * torch.as_tensor(by_tangents)).sum()
    flat = [each.ravel().tolist() for each in (x, directions, by_outputs, by_tangents)]
    ours = kit.evaluate(
        f"""([widths, between, numbers, x, directions, byOutputs, byTangents]) => {{
          {SETUP}
          const net = given(widths, between, numbers);
          const pass = lib.forward(net, floats(x), floats(directions));
          const once = lib.backward(net, lib.forward(net, floats(x)), floats(byOutputs));
          const both = lib.backward(net, pass, floats(byOutputs), floats(byTangents));
          const slopes = lib.backward(net, pass, null, floats(byTangents));
          return {{ outputs: Array.from(pass.outputs), tangents: Array.from(pass.tangents),
            once: plain(once.gradients), inputs: Array.from(once.inputs), both: plain(both.gradients),
            slopes: plain(slopes.gradients) }};
        }}""",
        [widths, between, parameters(network), *flat],
    )
    compare([ours["outputs"], ours["tangents"]], [outputs.detach().ravel(), tangents.detach().ravel()])
    first = torch.autograd.grad(loss, [*network.parameters(), x], retain_graph=True)
    compare([*ours["once"], ours["inputs"]], [each.ravel() for each in first])
    second = torch.autograd.grad(twice, list(network.parameters()))
    compare(ours["both"], [each.ravel() for each in second])
    compare(ours["slopes"], [a.ravel() - b.ravel() for a, b in zip(second, first[:-1], strict=True)])


OPTIMISERS = [
    ("sgd", {"rate": 0.05}, torch.optim.SGD, {"lr": 0.05}),
    ("sgd", {"rate": 0.03, "momentum": 0.8}, torch.optim.SGD, {"lr": 0.03, "momentum": 0.8}),
    ("rmsprop", {"rate": 0.01, "alpha": 0.9}, torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9}),
    ("adam", {"rate": 0.01}, torch.optim.Adam, {"lr": 0.01}),
    (
        "adam",
        {"rate": 0.02, "betas": [0.5, 0.9], "epsilon": 1e-6, "maximise": True},
        torch.optim.Adam,
        {"lr": 0.02, "betas": (0.5, 0.9), "eps": 1e-6, "maximize": True},
    ),
]


@pytest.mark.parametrize(("name", "options", "kind", "settings"), OPTIMISERS)
def test_twenty_steps_are_those_of_torch(kit, name, options, kind, settings):
    """Half squared error on fixed points; from the eleventh step on with half of the rate."""
    generator = np.random.default_rng(3)
    widths, between = [2, 10, 6, 1], "tanh"
    network = torch_network(widths, between, generator)
    start = parameters(network)
    x, y = generator.normal(size=(12, 2)), generator.normal(size=12)
    optimizer = kind(network.parameters(), **settings)
    for step in range(20):
        optimizer.param_groups[0]["lr"] = settings["lr"] / (1 if step < 10 else 2)
        optimizer.zero_grad()
        (0.5 * (network(torch.as_tensor(x))[:, 0] - torch.as_tensor(y)).square()).sum().backward()
        optimizer.step()
    ours = kit.evaluate(
        f"""([widths, between, numbers, x, y, name, options]) => {{
          {SETUP}
          const net = given(widths, between, numbers);
          const optimiser = lib.optimiser(name, net.layers, options);
          for (let step = 0; step < 20; step += 1) {{
            const pass = lib.forward(net, floats(x));
            const {{ gradients }} = lib.backward(net, pass, pass.outputs.map((each, k) => each - y[k]));
            if (step < 10) optimiser.step(gradients);
            else optimiser.step(gradients, options.rate / 2);
          }}
          return plain(net.layers);
        }}""",
        [widths, between, start, x.ravel().tolist(), y.tolist(), name, options],
    )
    compare(ours, parameters(network))


def test_first_weights_are_drawn_as_torch_draws_them(kit):
    layers = kit.evaluate(
        """() => lib.network([25, 400, 3], "relu", lib.dice(5)).layers.map((each) => (
          { ...each, weight: Array.from(each.weight), bias: Array.from(each.bias) }))"""
    )
    assert [(each["rows"], each["columns"]) for each in layers] == [(400, 25), (3, 400)]
    for each in layers:
        bound = each["columns"] ** -0.5
        assert np.max(np.abs(each["weight"] + each["bias"])) <= bound
        assert stats.kstest(each["weight"], stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01
    assert stats.kstest(layers[0]["bias"], stats.uniform(-0.2, 0.4).cdf).pvalue > 0.01


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 3), (16, 16), (1, 7)])
def test_spectral_norm_and_its_gradient(kit, rows, columns):
    weight = np.random.default_rng(rows).normal(size=(rows, columns))
    by_normalised = np.random.default_rng(columns).normal(size=(rows, columns))
    sigma, normalised, gradient = kit.evaluate(
        """([rows, columns, weight, by]) => {
          const layer = { rows, columns, weight: Float64Array.from(weight), bias: new Float64Array(rows) };
          const [hard] = lib.normalisedLayers([layer]);
          const [turned] = lib.throughNorm([{ weight: Float64Array.from(by) }], [hard]);
          return [hard.sigma, Array.from(hard.weight), Array.from(turned.weight)];
        }""",
        [rows, columns, weight.ravel().tolist(), by_normalised.ravel().tolist()],
    )
    matrix = torch.tensor(weight, requires_grad=True)
    norm = torch.linalg.matrix_norm(matrix, ord=2)
    assert sigma == pytest.approx(norm.item(), rel=1e-9)
    np.testing.assert_allclose(normalised, (matrix / norm).detach().ravel(), **CLOSE)
    (wanted,) = torch.autograd.grad((matrix / norm * torch.as_tensor(by_normalised)).sum(), matrix)
    np.testing.assert_allclose(gradient, wanted.ravel(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('lib.forward(lib.network([2, 4, 1], "gelu", lib.dice(1)), new Float64Array(2))', "gelu"),
        ('lib.forward(lib.network([2, 5, 1], "maxmin", lib.dice(1)), new Float64Array(2))', "multiple of 2"),
        ('lib.forward(lib.network([2, 4, 1], "relu", lib.dice(1)), new Float64Array(3))', "vectors of 2"),
        ('lib.optimiser("adamw", lib.network([2, 4, 1], "relu", lib.dice(1)).layers)', "adamw"),
    ],
)
def test_what_the_kit_cannot_do_is_named(kit, wrong, words):
    message = kit.evaluate(
        f"() => {{ try {{ {wrong}; return ''; }} catch (error) {{ return error.message; }} }}"
    )
    assert words in message and "expected" in message
