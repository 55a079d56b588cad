"""The plane of the game in a real browser: steps against PyTorch, numbers against SciPy, hands."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.special import erf, expit
from scipy.stats import norm
from torch import nn
from torch.nn.functional import logsigmoid

from explorer_pages import (
    draw,
    mathematics_of,
    numbers_of,
    pages,
    press,
    settle,
    state_of,
    swipe,
    words,
    write_page,
)
from lib import metrics
from lib.explorers.gan_plane import GanPlane, film

MODULES = ("game", "laws", "raster", "assignment", "measuring", "draw", "plane")
LAWS = {"eight": 8, "twenty-five": 25, "moons": 64, "bell": 1}
PLAIN = {"loss": "non-saturating", "inner": 3, "rate_d": 4e-3, "rate_g": 2e-3, "penalty": 0.0, "noise": 0.0}
LOSSES = ("minimax", "non-saturating", "hinge")
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def mathematics(browser):
    files = [f"gan_plane/{name}.js" for name in MODULES]
    with mathematics_of(browser, *files, "kit/networks.js", "kit/numbers.js", "kit/dice.js") as page:
        page.evaluate(
            """() => { lib.weights = (layers) => layers.map(
                 ({ weight, bias }) => [Array.from(weight), Array.from(bias)]);
               lib.both = (game) => [lib.weights(game.generator.layers), lib.weights(game.critic.layers)];
               lib.after = (seed, law, settings, rounds) => {
                 const game = lib.begin(seed);
                 for (let k = 0; k < rounds; k += 1) lib.round(game, lib.lawOf(law), settings);
                 return game; }; }"""
        )
        yield page


def torch_network(layers, between: nn.Module) -> nn.Sequential:
    parts: list[nn.Module] = []
    for weight, bias in layers:
        linear = nn.Linear(len(weight) // len(bias), len(bias), dtype=torch.float64)
        linear.weight.data = torch.tensor(weight, dtype=torch.float64).reshape(linear.weight.shape)
        linear.bias.data = torch.tensor(bias, dtype=torch.float64)
        parts += [linear, between]
    return nn.Sequential(*parts[:-1])


def players(weights) -> tuple[nn.Sequential, nn.Sequential]:
    return torch_network(weights[0], nn.Tanh()), torch_network(weights[1], nn.LeakyReLU(0.2))


def flat(layers) -> np.ndarray:
    return np.concatenate([np.concatenate(each) for each in layers])


def flat_torch(network: nn.Module) -> np.ndarray:
    return np.concatenate([each.detach().numpy().ravel() for each in network.parameters()])


def points(values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 2)


def numbers(masses) -> torch.Tensor:
    return torch.tensor(masses, dtype=torch.float64)


def of_critic(loss: str, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """What D climbs, written out."""
    if loss == "hinge":
        return -(1 - real).clamp(min=0).mean() - (1 + fake).clamp(min=0).mean()
    return logsigmoid(real).mean() + logsigmoid(-fake).mean()


def of_generator(loss: str, fake: torch.Tensor) -> torch.Tensor:
    """What G descends for each fake, written out."""
    return {"minimax": logsigmoid(-fake), "non-saturating": -logsigmoid(fake), "hinge": -fake}[loss]


@pytest.mark.parametrize(
    ("loss", "penalty", "noise"),
    [
        *((loss, 0.0, 0.0) for loss in LOSSES),
        ("minimax", 0.7, 0.0),
        ("hinge", 0.1, 0.2),
        ("non-saturating", 0.3, 0.15),
    ],
)
def test_twenty_steps_of_both_are_those_of_torch(mathematics, loss, penalty, noise):
    """The same batches handed to both; autograd and torch.optim.Adam with the losses written out here."""
    settings = {**PLAIN, "loss": loss, "penalty": penalty, "noise": noise}
    start, batches, end, values = mathematics.evaluate(
        """(settings) => { const game = lib.begin(5), law = lib.lawOf('eight'), batches = [], values = [];
             const start = lib.both(game);
             const plain = (batch) => Object.fromEntries(
               Object.entries(batch).map(([key, each]) => [key, each && Array.from(each)]));
             for (let k = 0; k < 20; k += 1) {
               const [one, other] = [lib.draw(game, law, settings), lib.draw(game, null, settings)];
               lib.climb(game, one, settings);
               lib.descend(game, other, settings);
               values.push(game.value);
               batches.push([plain(one), plain(other)]);
             }
             return [start, batches, lib.both(game), values]; }""",
        settings,
    )
    generator, critic = players(start)
    climbs = torch.optim.Adam(critic.parameters(), lr=4e-3, betas=(0.5, 0.999), maximize=True)
    descends = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))

    def seen(x, blur):
        return x + noise * points(blur) if noise else x

    for (one, other), value in zip(batches, values, strict=True):
        real = seen(points(one["real"]), one["blurReal"]).requires_grad_(True)
        fake = seen(generator(points(one["latent"])).detach(), one["blurFake"])
        scores = critic(real)[:, 0]
        gained = of_critic(loss, scores, critic(fake)[:, 0])
        assert value == pytest.approx(gained.item(), abs=1e-11)
        (slopes,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
        climbs.zero_grad()
        (gained - penalty / 2 * slopes.square().sum(dim=1).mean()).backward()
        climbs.step()
        made = seen(generator(points(other["latent"])), other["blurFake"])
        descends.zero_grad()
        of_generator(loss, critic(made)[:, 0]).mean().backward()
        descends.step()
    for network, layers, first in zip((generator, critic), end, start, strict=True):
        assert flat(layers) == pytest.approx(flat_torch(network), rel=1e-9, abs=1e-9)
        assert abs(flat(layers) - flat(first)).max() > 0.01


@pytest.mark.parametrize(
    ("loss", "penalty", "noise", "inner", "law"),
    [
        ("minimax", 0.0, 0.0, 1, "eight"),
        ("non-saturating", 0.0, 0.0, 3, "moons"),
        ("non-saturating", 0.4, 0.1, 1, "twenty-five"),
        ("hinge", 0.0, 0.0, 2, "bell"),
    ],
)
def test_a_run_is_that_of_the_books_own_game(mathematics, loss, penalty, noise, inner, law):
    """`lib.adversarial.steps` with the objectives of `lib`, and the same dice."""
    settings = film.Settings(loss, inner, 4e-3, 2e-3, penalty, noise)
    made = mathematics.evaluate(
        "([law, settings]) => lib.both(lib.after(7, law, settings, 10))", [law, settings._asdict()]
    )
    game = film.Game(film.law_of(law, ()), 7, settings)
    for _ in range(10):
        for _ in range(inner):
            game.climb()
        game.descend()
    for network, layers in zip((game.generator, game.critic.network), made, strict=True):
        assert flat(layers) == pytest.approx(flat_torch(network), rel=1e-9, abs=1e-9)


def test_who_rests_keeps_weights_and_moments(mathematics):
    """D's step leaves G and its Adam as they are, bit for bit, and G's step those of D."""
    before, of_d, of_g = mathematics.evaluate(
        """(settings) => { const game = lib.after(3, 'eight', settings, 5), law = lib.lawOf('eight');
             const look = () => [['generator', 'adamG'], ['critic', 'adamD']].map(([player, adam]) => [
               ...[game[player].layers, game[adam].first, game[adam].second].map(lib.weights),
               game[adam].steps]);
             const seen = [look()];
             for (let k = 0; k < 3; k += 1) lib.stepD(game, law, settings);
             seen.push(look());
             for (let k = 0; k < 3; k += 1) lib.stepG(game, settings);
             return [...seen, look()]; }""",
        PLAIN,
    )
    assert of_d[0] == before[0] and of_d[1] != before[1]
    assert of_g[1] == of_d[1] and of_g[0] != of_d[0]
    assert [of_g[0][3], of_g[1][3]] == [8, 18]


@pytest.mark.parametrize("loss", LOSSES)
def test_arrows_are_the_slopes_of_the_losses(mathematics, loss):
    weights, fakes, slopes, scores = mathematics.evaluate(
        """([settings, loss]) => { const game = lib.after(2, 'eight', settings, 30);
             const fakes = lib.forward(game.generator, lib.FOLLOWED).outputs;
             const { inputs, scores } = lib.through(game.critic, fakes, loss);
             return [lib.both(game), ...[fakes, inputs, scores].map((each) => Array.from(each))]; }""",
        [PLAIN, loss],
    )
    _, critic = players(weights)
    x = points(fakes).requires_grad_(True)
    found = critic(x)[:, 0]
    (wanted,) = torch.autograd.grad(of_generator(loss, found).sum(), x, retain_graph=True)
    assert scores == pytest.approx(found.tolist(), rel=1e-12, abs=1e-13)
    assert np.array(slopes).reshape(-1, 2) == pytest.approx(wanted.numpy(), rel=1e-10, abs=1e-13)
    (own,) = torch.autograd.grad(found.sum(), x)
    chance = expit(found.detach().numpy())
    factor = {"minimax": -chance, "non-saturating": -(1 - chance), "hinge": -np.ones(128)}[loss]
    assert np.array(slopes).reshape(-1, 2) == pytest.approx(
        factor[:, None] * own.numpy(), rel=1e-10, abs=1e-13
    )


def test_error_function(mathematics):
    x = np.r_[np.linspace(-7, 7, 1401), 1e-9, -1e-300, 0]
    made = mathematics.evaluate("(x) => x.map(lib.erf)", x.tolist())
    assert made == pytest.approx(erf(x), rel=2e-15, abs=1e-300)


@pytest.mark.parametrize("law", LAWS)
def test_masses_of_the_cells(mathematics, law):
    mass, centres, scale = mathematics.evaluate(
        """(name) => { const law = lib.lawOf(name);
             return [Array.from(lib.masses(law)), law.centres, law.scale]; }""",
        law,
    )
    edges = np.linspace(-1.2, 1.2, 49)
    wanted = np.zeros((48, 48))
    for x, y in centres:
        across, up = np.diff(norm.cdf(edges, x, scale)), np.diff(norm.cdf(edges, y, scale))
        wanted += up[:, None] * across / len(centres)  # rows along y: x and y must not be exchanged
    assert len(centres) == LAWS[law] and np.array(centres).shape == (LAWS[law], 2)
    assert np.array(mass[:-1]).reshape(48, 48) == pytest.approx(wanted, abs=1e-12)
    assert mass[-1] == pytest.approx(1 - wanted.sum(), abs=1e-12) and sum(mass) == pytest.approx(1, abs=1e-12)
    mirrored = film.law_of(law, ())
    assert mirrored.centres == pytest.approx(np.array(centres), abs=1e-15) and mirrored.scale == scale


def test_points_have_the_law_that_the_cells_have(mathematics):
    """A chi-square of 40 000 sampled points in the cells that expect at least five."""
    for law in ("moons", "bell"):
        counts, mass = mathematics.evaluate(
            """(name) => { const law = lib.lawOf(name), drawn = lib.sample(law, 40000, lib.dice(4));
                 const counts = new Array(lib.CELLS).fill(0);
                 for (let k = 0; k < drawn.length; k += 2) counts[lib.cellOf(drawn[k], drawn[k + 1])] += 1;
                 return [counts, Array.from(lib.masses(law))]; }""",
            law,
        )
        counts, expected = np.array(counts), 40_000 * np.array(mass)
        often = expected >= 5
        square = ((counts - expected)[often] ** 2 / expected[often]).sum()
        assert abs(square - often.sum()) < 4.5 * math.sqrt(2 * often.sum())


def test_divergence_and_certificate_on_the_raster(mathematics):
    """JS is SciPy's; no critic certifies more, the best one exactly as much."""
    p, q, js, own, exact, made = mathematics.evaluate(
        """(settings) => { const p = lib.masses(lib.lawOf('eight'));
             const game = lib.after(4, 'eight', settings, 40);
             const q = lib.pushed(game.generator), found = [];
             const best = Array.from(lib.best(p, q), (d) => Math.log(d) - Math.log(1 - d));
             const ends = best.map((each) => Math.max(-700, Math.min(700, each)));
             for (let seed = 1; seed <= 200; seed += 1) {
               const critic = lib.network([2, 24, 24, 1], 'leaky_relu', lib.dice(seed));
               const strong = lib.scoresOn(critic).map((each) => each * seed / 5);
               found.push(lib.certificate(p, q, strong));
             }
             return [Array.from(p), Array.from(q), lib.jensenShannon(p, q),
               lib.certificate(p, q, lib.scoresOn(game.critic)), lib.certificate(p, q, ends), found]; }""",
        PLAIN,
    )
    assert sum(q) == 1 and len(q) == 48 * 48 + 1
    assert js == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-12) and 0.1 < js < math.log(2)
    assert exact == pytest.approx(js, abs=1e-12) and max(made) < js and own < js
    assert len(set(made)) == 200
    same, apart = mathematics.evaluate(
        """() => { const one = Float64Array.of(0.25, 0.75, 0), other = Float64Array.of(0, 0, 1);
             return [lib.jensenShannon(one, one), lib.jensenShannon(one, other)]; }"""
    )
    assert same == 0 and apart == pytest.approx(math.log(2), abs=1e-15)


def test_certificate_is_that_of_the_weights(mathematics):
    """On the raster, by PyTorch: D at the middles of the cells, ½ outside, over exact masses."""
    weights, p, q, told = mathematics.evaluate(
        """(settings) => { const game = lib.after(9, 'moons', settings, 60), task = lib.task('moons');
             const now = lib.measure(game, task);
             return [lib.both(game), Array.from(task.mass), Array.from(now.made), now.certificate]; }""",
        PLAIN,
    )
    generator, critic = players(weights)
    line = 1.2 * ((2 * torch.arange(48, dtype=torch.float64) + 1) / 48 - 1)
    y, x = torch.meshgrid(line, line, indexing="ij")
    scores = torch.cat([critic(torch.stack([x, y], dim=-1).reshape(-1, 2))[:, 0], torch.zeros(1)])
    value = (numbers(p) * logsigmoid(scores) + numbers(q) * logsigmoid(-scores)).sum()
    assert told == pytest.approx(value.item() / 2 + math.log(2), abs=1e-12)
    z = (2 * torch.arange(64, dtype=torch.float64) + 1) / 64 - 1
    b, a = torch.meshgrid(z, z, indexing="ij")
    fakes = generator(torch.stack([a, b], dim=-1).reshape(-1, 2)).detach().numpy()
    counts, *_ = np.histogram2d(fakes[:, 1], fakes[:, 0], bins=48, range=[[-1.2, 1.2]] * 2)
    assert np.array(q[:-1]) == pytest.approx(counts.ravel() / 64**2, abs=2 / 64**2)


def test_finer_latents_hardly_change_the_divergence(mathematics):
    for seed in (1, 2):
        told, same, fine = mathematics.evaluate(
            """([settings, seed]) => { const p = lib.masses(lib.lawOf('eight'));
                 const { generator } = lib.after(seed, 'eight', settings, 300);
                 const told = (side) => lib.jensenShannon(p, lib.pushed(generator, side));
                 return [undefined, 64, 256].map(told); }""",
            [PLAIN, seed],
        )
        assert told == same == pytest.approx(fine, abs=0.005) and told < 0.5


def test_assignment_is_the_librarys(mathematics):
    generator = np.random.default_rng(11)
    clouds = [
        [generator.normal(size=(n, 2)), 0.3 + generator.normal(size=(n, 2))] for n in (1, 2, 7, 40, 128, 128)
    ]
    clouds += [
        [each.round(1), other.round(1)] for each, other in generator.normal(size=(13, 2, 30, 2))
    ]  # ties
    same = generator.normal(size=(60, 2))
    clouds.append([same, generator.permutation(same)])
    for x, y in clouds:
        told = mathematics.evaluate(
            "([x, y]) => lib.assignmentDistance(x, y)", [x.ravel().tolist(), y.ravel().tolist()]
        )
        assert told == pytest.approx(metrics.assignment_distance(torch.tensor(x), torch.tensor(y)), abs=1e-12)
    assert told == 0


def test_modes_are_counted_as_in_the_library(mathematics):
    generator = np.random.default_rng(5)
    for law, count in (("eight", 600), ("twenty-five", 900)):
        centres, scale = film.law_of(law, ())
        some = centres[generator.integers(len(centres) // 2, size=count)]
        drawn = some + 1.6 * scale * generator.normal(size=some.shape)
        told = mathematics.evaluate(
            "([law, drawn]) => lib.reached(lib.lawOf(law), drawn)", [law, drawn.ravel().tolist()]
        )
        wanted = metrics.modes_covered(torch.tensor(drawn), torch.tensor(centres), scale)
        assert [told["modes"], told["near"]] == [wanted.modes, pytest.approx(wanted.share, abs=1e-12)]
        assert 0 < wanted.modes < len(centres) and wanted.share < 0.95


def test_followed_latents_fill_the_square(mathematics):
    latents = np.array(mathematics.evaluate("() => Array.from(lib.FOLLOWED)")).reshape(-1, 2)
    assert len(np.unique(latents, axis=0)) == 128 and abs(latents).max() < 1
    for axis in (0, 1):
        share = (np.sort(latents[:, axis]) + 1) / 2
        assert abs(share - (np.arange(128) + 0.5) / 128).max() < 0.04


def test_contour_runs_where_the_level_is(mathematics):
    made = mathematics.evaluate(
        """() => { const at = lib.middles(48, 1.2), bent = [], saddle = [];
             for (let k = 0; k < at.length; k += 2) {
               bent.push(at[k] * at[k] + 0.5 * at[k + 1]);
               saddle.push(at[k] * at[k + 1]);
             }
             return [lib.contour(bent, 0.3), lib.contour(saddle, 0.0001)]; }"""
    )
    bent, saddle = (np.array(each) for each in made)
    for x, y in (bent[:, :2].T, bent[:, 2:].T):
        assert x**2 + 0.5 * y == pytest.approx(np.full(len(x), 0.3), abs=2e-3)
    assert np.hypot(*(bent[:, 2:] - bent[:, :2]).T).sum() > 1.5
    assert (saddle[:, 0] * saddle[:, 1] > -1e-3).all()


def test_a_frozen_critic_is_fooled(mathematics):
    """G alone, a hundred steps: what D certifies falls, and the divergence rises."""
    told = mathematics.evaluate(
        """(settings) => { const task = lib.task('eight'), seen = [];
             const game = lib.after(1, 'eight', settings, 300);
             for (let k = 0; k < 200; k += 1) lib.stepD(game, task.law, settings);
             for (let k = 0; k <= 100; k += 1) {
               if (k % 10 === 0) seen.push(lib.measure(game, task));
               lib.stepG(game, settings);
             }
             return seen.map(({ js, certificate }) => [js, certificate]); }""",
        PLAIN,
    )
    js, proved = np.array(told).T
    assert proved[0] > 0.1 and proved[-1] < proved[0] - 0.15
    assert js[-1] > js[0] + 0.05


# The page


def choose(page, name: str, value: str) -> None:
    page.get_by_role("combobox", name=name, exact=True).select_option(value)
    settle(page)


def test_numbers_on_the_page_are_those_of_the_record(opened, mathematics):
    """What was pressed, played again from its record: the same numbers, bit for bit."""
    page = opened(reduced_motion="reduce")
    choose(page, "loss", "minimax")
    choose(page, "steps at once", "4")
    for name in ("Step both", "Step D", "Step both", "Step G", "Step G"):
        press(page, name)
    choose(page, "loss", "hinge")
    press(page, "Step both")
    state, shown = state_of(page), numbers_of(page)
    assert state["record"] == [
        ["both", 4],
        ["D", 4],
        ["both", 4],
        ["G", 8],
        ["set", "loss", "hinge"],
        ["both", 4],
    ]
    assert (state["steps_d"], state["steps_g"]) == (40, 20)
    again = mathematics.evaluate(
        """([record, settings]) => { const game = lib.begin(1), task = lib.task('eight'), law = task.law;
             const own = (game, _, settings) => lib.stepG(game, settings);
             const move = { both: lib.round, D: lib.stepD, G: own };
             for (const [what, count, value] of record) {
               if (what === 'set') settings[count] = value;
               else for (let k = 0; k < count; k += 1) move[what](game, law, settings);
             }
             const { made, ...numbers } = lib.measure(game, task);
             return numbers; }""",
        [state["record"], state["began"]],
    )
    assert state["began"] == PLAIN | {"loss": "minimax"}
    assert {key: state[key] for key in again} == again
    for quantity, value in shown.items():
        assert value == pytest.approx(again[quantity], rel=1e-11)
    press(page, "Reset")
    fresh = state_of(page)
    assert fresh["record"] == [] and fresh["moves"] == 0 and fresh["loss"] == "non-saturating"


def test_play_pauses_goes_on_and_rests(opened):
    page = opened(reduced_motion="no-preference")
    choose(page, "steps at once", "16")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("JSON.parse(document.querySelector('.explorer').dataset.state).moves > 64")
    page.get_by_role("button", name="Pause").click()
    paused = state_of(page)
    assert not paused["playing"] and paused["record"] == [["both", paused["steps_g"]]]
    press(page, "Play")  # waits until it rests
    state = state_of(page)
    assert state["steps_g"] == paused["steps_g"] + 1000 and not state["playing"]
    assert page.get_by_role("button", name="Play").is_visible()
    assert "Modes reached: " in words(page)


def test_frames_of_a_run_are_short(opened):
    """At four rounds a frame, the picture, the numbers and the steps together."""
    page = opened(reduced_motion="no-preference")
    choose(page, "steps at once", "4")
    page.get_by_role("button", name="Play").click()
    gaps = page.evaluate(
        """async () => { const gaps = []; let last = performance.now();
             for (let k = 0; k < 60; k += 1) {
               await new Promise(requestAnimationFrame);
               gaps.push(performance.now() - last); last = performance.now();
             }
             return gaps; }"""
    )
    page.get_by_role("button", name="Pause").click()
    assert np.median(gaps) < 250  # 75 with four other programs for each core


def test_motion_is_not_for_everybody(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Play")
    assert state_of(page)["record"] == [["both", 1]]
    assert page.get_by_role("button", name="Play").is_visible()


def test_steps_of_one_player_and_what_is_said(opened):
    page = opened(reduced_motion="reduce")
    assert words(page).startswith("Two networks with random weights")
    choose(page, "steps at once", "16")
    press(page, "Step D")
    state = state_of(page)
    assert (state["steps_d"], state["steps_g"]) == (16, 0)
    gap = state["js"] - state["certificate"]
    assert state["js"] > 0.99 * math.log(2) and gap > 0
    assert words(page).startswith("The laws hardly touch")
    press(page, "Step G")
    assert state_of(page)["steps_g"] == 16


def test_field_is_drawn_in_the_hues_of_both_sides(opened):
    """The canvas, pixel by pixel: the real hue where D is above one half, as opaque as D is sure."""
    page = opened(reduced_motion="reduce")
    choose(page, "steps at once", "16")
    for _ in range(8):
        press(page, "Step D")
    pixels = page.evaluate(
        """() => { const context = document.querySelector('canvas').getContext('2d');
             return Array.from(context.getImageData(0, 0, 48, 48).data); }"""
    )
    pixels = np.array(pixels).reshape(48, 48, 4)[::-1]
    strong = pixels[..., 3] > 40
    blue = pixels[..., 2] > pixels[..., 0]
    ring = [(0.7, 0.0), (0.0, 0.7), (-0.7, 0.0), (0.0, -0.7)]
    cells = [(int((y + 1.2) / 0.05), int((x + 1.2) / 0.05)) for x, y in ring]
    assert sum(strong[at] and blue[at] for at in cells) >= 3
    assert (strong & ~blue).any()


def test_best_critic_arrows_and_grid_can_be_switched(opened):
    page = opened(reduced_motion="reduce")

    def drawn() -> list[bool]:
        return page.evaluate(
            """() => [...document.querySelectorAll('.explorer-optimum, .explorer-arrows')].map(
                 (each) => each.getAttribute('d') !== '').concat(
                 document.querySelector('.explorer-net').style.display !== 'none')"""
        )

    assert drawn() == [False, True, True]
    for name, wanted in (
        ("best D", [True, True, True]),
        ("arrows", [True, False, True]),
        ("latent grid", [True, False, False]),
    ):
        press(page, name)
        assert drawn() == wanted
        assert (
            page.get_by_role("button", name=name).get_attribute("aria-pressed")
            == str(name == "best D").lower()
        )


def test_settings_are_heard_and_marked(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Step both")
    for name, key, count, wanted in (
        ("inner steps K", "ArrowRight", 2, ["inner", 5]),
        ("rate of D", "ArrowLeft", 4, ["rate_d", 0.0025]),
        ("R1 weight gamma", "ArrowRight", 10, ["penalty", 0.0032]),
        ("noise s", "ArrowRight", 5, ["noise", 0.05]),
    ):
        page.get_by_role("slider", name=name, exact=True).focus()
        for _ in range(count):
            page.keyboard.press(key)
        settle(page)
        state = state_of(page)
        assert state["record"][-1] == ["set", *wanted] and state[wanted[0]] == wanted[1]
    press(page, "Step both")
    assert state_of(page)["steps_d"] == 3 + 5


def test_one_fake_is_followed_by_tap_and_by_number(opened, mathematics):
    """Its ring lies on it, its way has a place for each move, and D there is that of its score."""
    page = opened(reduced_motion="reduce")
    choose(page, "steps at once", "16")
    for _ in range(6):
        press(page, "Step both")
    page.get_by_role("slider", name="fake to follow").fill("5")
    settle(page)
    for _ in range(3):
        press(page, "Step G")
    state = state_of(page)
    fakes, score = mathematics.evaluate(
        """([settings]) => { const game = lib.after(1, 'eight', settings, 96);
             for (let k = 0; k < 48; k += 1) lib.stepG(game, settings);
             const fakes = lib.forward(game.generator, lib.FOLLOWED).outputs;
             return [Array.from(fakes), lib.forward(game.critic, fakes).outputs[4]]; }""",
        [PLAIN],
    )
    assert state["followed"] == 5 and state["score"] == pytest.approx(score, abs=1e-12)
    width = page.locator(".explorer-marks").first.evaluate("(node) => node.viewBox.baseVal.width - 6")
    ring = page.locator("circle.explorer-way")
    at = [float(ring.get_attribute(name)) for name in ("cx", "cy")]
    x, y = fakes[8:10]
    assert at == pytest.approx([(x + 1.2) / 2.4 * width, (1.2 - y) / 2.4 * width], abs=0.1)
    assert page.locator("path.explorer-way").get_attribute("d").count("L") == 3
    chance = f"{expit(score):.2f}"
    assert page.get_by_text(f"minimax takes {chance}").is_visible()
    box = page.locator(".explorer-chart").first.bounding_box()
    page.mouse.click(box["x"] + 1 + at[0], box["y"] + 1 + at[1])
    settle(page)
    nearby = np.hypot(*(np.array(fakes).reshape(-1, 2) - (x, y)).T)
    assert state_of(page)["followed"] == (0 if (nearby < 0.01).sum() == 1 else state_of(page)["followed"])
    press(page, "Reset")
    assert state_of(page)["followed"] == 0 and not ring.is_visible()


def test_small_version_plays_at_a_press_and_not_before(browser, tmp_path):
    """For a page of its own: the plane, three buttons, the bars and one sentence; all on a phone's screen."""
    with pages(browser, write_page(tmp_path, "gan_plane", compact=True)) as open_page:
        page = open_page(width=390, height=844)
        buttons = [each.inner_text() for each in page.get_by_role("button").all()]
        assert buttons == ["Play", "Other weights", "Draw data"]
        assert page.locator("select, input").count() == 0
        first = state_of(page)
        page.wait_for_timeout(300)
        assert state_of(page) == first and first["moves"] == 0
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("JSON.parse(document.querySelector('.explorer').dataset.state).moves >= 320")
        page.get_by_role("button", name="Pause").click()
        assert state_of(page)["modes"] >= 4 > first["modes"]  # eighty rounds
        assert page.locator(".explorer").bounding_box()["height"] < 760


# Data drawn by hand


def board(page) -> dict:
    return page.locator(".explorer-surface").bounding_box()


def test_keyboard_draws_data(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Draw data")
    press(page, "Done")
    assert page.get_by_text("Put at least one point.").is_visible() and state_of(page)["drawing"]
    page.get_by_role("slider", name="Cross").focus()
    for key in ("Enter", "ArrowRight", "ArrowRight", "Space", "ArrowUp", "Enter", "Backspace", "ArrowDown"):
        page.keyboard.press(key)
        settle(page)
    assert state_of(page)["sketch"] == [[0, 0], [0.1, 0]]
    page.keyboard.press("Escape")
    state = state_of(page)
    assert not state["drawing"] and state["data"] == "drawn" and state["centres"] == [[0, 0], [0.1, 0]]
    assert state["moves"] == 0 and state["w1_floor"] < 0.06
    press(page, "Step both")
    assert state_of(page)["moves"] == 4


def test_mouse_and_finger_draw_the_same(opened):
    drawn = []
    for finger in (False, True):
        page = opened(width=500, height=1200, reduced_motion="reduce", has_touch=finger)
        press(page, "Draw data")
        box = board(page)
        if finger:
            swipe(page, *((box["x"] + x * box["width"], box["y"] + box["height"] / 2) for x in (0.3, 0.55)))
        else:
            draw(page, (0.3, 0.5), (0.55, 0.5))
        settle(page)
        drawn.append(np.array(state_of(page)["sketch"]))
        press(page, "Done")
        assert state_of(page)["data"] == "drawn"
    mouse, finger = drawn
    assert mouse == pytest.approx(finger, abs=0.01)
    assert np.diff(mouse[:, 0]) == pytest.approx(np.full(len(mouse) - 1, 0.06), abs=2e-3)
    assert mouse[0] == pytest.approx([-0.48, 0], abs=0.02) and len(mouse) == 11


def test_a_stroke_ends_at_sixty_four_points(mathematics):
    made = mathematics.evaluate(
        """() => { let centres = lib.along([], [-1, -1], true);
             for (const to of [[1, -1], [1, 1], [-1, 1], [-1, 0], [1, 0]])
               centres = lib.along(centres, to, false);
             return [centres, Array.from(lib.masses(lib.lawOf('drawn', centres)))]; }"""
    )
    centres, mass = made
    assert len(centres) == 64 and np.abs(centres).max() <= 1
    steps = np.hypot(*np.diff(centres, axis=0).T)
    assert steps == pytest.approx(np.full(63, 0.06), abs=0.03)
    assert sum(mass) == pytest.approx(1, abs=1e-12)


def test_a_cancelled_drawing_leaves_the_law(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Draw data")
    page.get_by_role("slider", name="Cross").focus()
    page.keyboard.press("Escape")
    state = state_of(page)
    assert not state["drawing"] and state["data"] == "eight"
    choose(page, "the data", "drawn")
    assert state_of(page)["drawing"]
    choose(page, "the data", "bell")
    assert state_of(page)["data"] == "bell" and not state_of(page)["drawing"]


def test_a_change_of_theme_changes_the_ground(opened):
    page = opened(reduced_motion="reduce")
    choose(page, "steps at once", "16")
    for _ in range(4):
        press(page, "Step D")
    look = """() => { const copy = new OffscreenCanvas(48, 48).getContext('2d', { willReadFrequently: true });
      copy.drawImage(document.querySelector('canvas'), 0, 0);
      const { data } = copy.getImageData(0, 0, 48, 48);
      return [...new Set(Array.from({ length: 2304 }, (_, k) => data[4 * k + 3] > 60
        && data[4 * k + 2] > data[4 * k] && data[4 * k + 1]).filter(Boolean))]; }"""
    light = page.evaluate(look)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"(before) => String(({look})()) !== String(before)", arg=light)


# The mirror and the static figure


def test_static_figure_is_the_run_of_the_page(mathematics):
    """The first moments of the film, from the modules of the page."""
    wanted = mathematics.evaluate(
        """(settings) => { const game = lib.begin(1), task = lib.task('eight'), seen = [];
             for (let k = 0; k <= 100; k += 1) {
               if (k % 100 === 0) seen.push(lib.measure(game, task));
               lib.round(game, task.law, settings);
             }
             return seen.map(({ js, certificate }) => [js, certificate]); }""",
        PLAIN,
    )
    moments = GanPlane().moments()
    told = [(moment.js, moment.certificate) for moment in moments[:2]]
    assert np.array(told) == pytest.approx(np.array(wanted), abs=1e-6)
    assert [moment.rounds for moment in moments] == [0, 100, 300, 600]


def test_static_figure_shows_what_its_words_say():
    first, second, third, last = GanPlane().moments()
    log_two = math.log(2)
    assert first.js > 0.99 * log_two and 0.25 < last.js / log_two < 0.4
    assert all(moment.certificate < moment.js / 3 for moment in (first, second, third, last))
    radii = [np.hypot(*moment.fakes.T) for moment in (first, second, third, last)]
    assert first.fakes.std(axis=0).max() < 0.1 and 0.2 < radii[0].mean() < 0.4  # a stroke beside the middle
    assert second.fakes.std(axis=0).min() > 0.4 and (radii[1] < 0.5).mean() > 0.2  # the whole disc
    along = [(abs(radius - 0.7) < 0.15).mean() for radius in radii]
    assert along[0] < along[1] < along[2] < along[3] and along[3] > 0.7
    pale = last.field[[24, 24, 38, 10], [38, 10, 24, 24]]  # at four of the clumps
    assert (last.field[[2, 2, 45, 45], [2, 45, 2, 45]] < 0.1).all() and (abs(pale - 0.5) < 0.25).all()
    axes = GanPlane().figure().axes
    assert [bars.patches[0].get_width() for bars in axes[4:]] == [
        moment.js for moment in GanPlane().moments()
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"inner": 11}, ["inner", "11", "[1, 10]"]),
        ({"rate_d": 0.5}, ["rate_d", "0.5"]),
        ({"penalty": -1.0}, ["penalty", "-1.0"]),
        ({"noise": math.nan}, ["noise", "nan"]),
        ({"centres": [[0.0, 1.5]]}, ["centres", "1.5", "index 0"]),
        ({"centres": [[0.0, 0.0]] * 65}, ["centres", "65", "64"]),
        ({"data": "drawn"}, ["data", "drawn", "centres"]),
    ],
)
def test_bad_traits_of_the_plane_are_named(wrong, said):
    with pytest.raises(ValueError) as caught:
        GanPlane(**wrong)
    assert all(word in str(caught.value) for word in [*said, "Remedy"])
