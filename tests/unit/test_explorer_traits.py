"""The Python side of the explorers: traits, curves, the static figure, and the HTML of a plain page."""

import base64
import html
import io
import math
import re

import matplotlib.image
import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import norm, wasserstein_distance
from torch import nn
from traitlets import TraitError

from lib import data
from lib.experiments.twins import LINE
from lib.explorers import Explorer, names, page_html
from lib.explorers.attention_map import AttentionMap, stored
from lib.explorers.attention_map.film import stored_film
from lib.explorers.c_transform import CTransform
from lib.explorers.code_plane import CodePlane, plane_model
from lib.explorers.conjugate_lab import ConjugateLab
from lib.explorers.critic_lab import CriticLab
from lib.explorers.elbo_bars import ElboBars
from lib.explorers.exam import Exam
from lib.explorers.gan_game import GanGame
from lib.explorers.order_slider import OrderSlider
from lib.explorers.pairing_lab import PairingLab
from lib.explorers.spectral_lab import SpectralLab
from lib.explorers.subspace import Subspace
from lib.explorers.transport_lab import TransportLab


def test_static_figure_shows_the_curves():
    game = GanGame(generated_mean=-1.0)
    drawn = game.figure().axes[0].lines[1].get_xydata()
    curves = game.curves()
    assert np.allclose(drawn, np.column_stack([curves.x, curves.generated]))
    picture = matplotlib.image.imread(io.BytesIO(game.picture()))
    assert picture.shape[1] > 800 and picture[..., :3].std() > 0.05
    assert game.picture() != GanGame().picture()


def test_curves_against_quadrature():
    game = GanGame(real_mean=4.5, real_width=1.5, real_second_weight=0.0)
    x, real, *_ = game.curves(4001)
    outside = norm(4.5, 1.5)
    mass = quad(outside.pdf, -6, 6)[0]
    assert real == pytest.approx(outside.pdf(x) / mass, rel=1e-9)
    assert np.trapezoid(real, x) == pytest.approx(1, abs=1e-6)


def test_show_displays_widget_and_figure(monkeypatch):
    shown = []
    monkeypatch.setattr("lib.explorers.display", shown.append)
    game = GanGame()
    game.show()
    widget, static = shown
    assert widget is game
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == "GanGame()"
    markup = static.data
    assert markup.startswith("<noscript>") and html.escape(GanGame.alt, quote=True) in markup
    data = re.search(r"base64,([^\"]+)", markup)[1]
    assert base64.b64decode(data).startswith(b"\x89PNG")


def test_every_explorer_has_a_page():
    found = set(names())
    wanted = {"gan_game", "transport_lab", "c_transform", "critic_lab", "subspace", "elbo_bars"}
    wanted |= {
        "attention_map",
        "code_plane",
        "conjugate_lab",
        "exam",
        "gan_plane",
        "nearest_bell",
        "pairing_lab",
        "spectral_lab",
    }
    assert wanted <= found
    for name in names():
        markup = page_html(name)
        assert f'data-explorer-mount="{name}"' in markup
        assert "<noscript><img" in markup and not re.search(r"^export ", markup, re.MULTILINE)
        assert len(markup) < 400_000


def test_page_takes_traits():
    markup = page_html("gan_game", generated_mean=-2.2, real_second_weight=0.0)
    assert '"generated_mean": -2.2' in markup and '"real_second_weight": 0.0' in markup
    assert '"generated_mean": -2.2' not in page_html("gan_game")
    with pytest.raises(ValueError, match=r"genrated_mean.*GanGame.*generated_mean"):
        page_html("gan_game", genrated_mean=0.0)
    with pytest.raises(ValueError, match=r"generated_mean: got 9\.0, expected .*Remedy"):
        page_html("gan_game", generated_mean=9.0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"real_mean": 9.0}, ["real_mean", "9.0", "[-4.5, 4.5]"]),
        ({"generated_width": 0.0}, ["generated_width", "0.0", "[0.45, 1.5]"]),
        ({"real_width": math.nan}, ["real_width", "nan"]),
        ({"discriminator": [0.5]}, ["discriminator", "1 values", "at least 2"]),
        ({"discriminator": [0.5, 1.5]}, ["discriminator", "1.5 at index 1", "[0, 1]"]),
    ],
)
def test_bad_traits_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        GanGame(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_lab_figure_shows_the_optimal_plan():
    lab = TransportLab(norm="1")
    x, y = np.array(lab.real), np.array(lab.generated)
    cost = cdist(x, y, "cityblock")
    rows, columns = linear_sum_assignment(cost)
    plane, plan, slack = lab.figure().axes
    drawn = {tuple(line.get_xydata().ravel()) for line in plane.lines}
    assert drawn == {(*x[i], *y[j]) for i, j in zip(rows, columns, strict=True)}
    assert f"costs {cost[rows, columns].mean():.3f}" in plane.get_title(loc="left")
    values = np.array(plan.images[0].get_array())
    assert values[rows, columns] == pytest.approx(np.full(5, 0.2)) and values.sum() == pytest.approx(1)
    shown = np.array(slack.images[0].get_array())
    assert abs(shown[rows, columns]).max() < 1e-9 and shown.min() > -1e-9
    assert lab.picture() != TransportLab().picture()


def test_lab_takes_weights_and_other_numbers_of_points():
    lab = TransportLab(
        real=[[0, 0], [1, 0]],
        generated=[[0, 1], [1, 1], [1, -1]],
        real_weights=[0.75, 0.25],
        generated_weights=[0.5, 0.25, 0.25],
    )
    assert lab.solve().value == pytest.approx(0.75 + 0.25 * math.sqrt(2))
    assert len(lab.picture()) > 10_000


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"real": [[0, 0]]}, ["real", "1 points", "2 to 6"]),
        ({"real": [[0, 0]] * 7}, ["real", "7 points", "2 to 6"]),
        ({"generated": [[0, 0]] * 4 + [[2, 0]]}, ["generated", "[2.0, 0.0] at index 4", "[-1.3, 1.3]"]),
        ({"generated": [[0, 0]] * 4 + [[0, math.nan]]}, ["generated", "nan", "index 4"]),
        ({"generated": [[0, 0]] * 4 + [[0, 0, 0]]}, ["generated", "[0.0, 0.0, 0.0] at index 4"]),
        ({"real": [[0, 0]] * 3}, ["real_weights", "5 weights for 3 points"]),
        ({"real_weights": [0.5, 0.5]}, ["real_weights", "2 weights for 5 points"]),
        ({"real_weights": [0.5, 0.5, 0.0, 0.0, 0.0]}, ["real_weights", "positive weights"]),
        ({"generated_weights": [0.3] * 5}, ["generated_weights", "sum 1"]),
        ({"generated_weights": [math.nan] * 5}, ["generated_weights", "nan"]),
    ],
)
def test_bad_traits_of_the_lab_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        TransportLab(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_staircase_rises_to_one_lipschitz_function():
    stairs = CTransform()
    first, second, third = stairs.staircase()
    xs, p, q = (np.array(getattr(stairs, name)) for name in ("support", "p", "q"))
    exact = wasserstein_distance(xs, xs, p, q)
    assert first.value == pytest.approx(p @ stairs.f + q @ stairs.g)
    assert first.value < second.value < third.value < exact < (p - q) @ stairs.f
    hull = np.array([max(f - abs(x - y) for x, f in zip(xs, stairs.f, strict=True)) for y in xs])
    assert (
        second.g == pytest.approx(-hull)
        and third.f == pytest.approx(hull)
        and third.g == pytest.approx(-hull)
    )
    top, bottom = stairs.figure().axes
    heights = [line.get_ydata() for line in top.lines]
    assert np.allclose(heights, [stairs.f, np.negative(stairs.g), hull])
    widths = [bar.get_width() for bar in bottom.patches]
    assert widths == pytest.approx([first.value, second.value, third.value, (p - q) @ stairs.f])
    assert bottom.lines[0].get_xdata() == pytest.approx([exact, exact])


def test_staircase_of_the_counter_example():
    pair = CTransform(support=[0, 1], p=[1, 0], q=[0, 1], f=[10, 0], g=[-10, -9])
    assert [step.value for step in pair.staircase()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"support": [0.0, 1.0]}, ["p", "7 values for 2 points"]),
        ({"support": [0.0, 1.0, 1.0, 3.0, 4.0, 5.0, 6.0]}, ["support", "increasing"]),
        ({"support": [0.0]}, ["support", "2 to 7"]),
        ({"p": [1.0]}, ["p", "1 values for 7 points"]),
        ({"q": [0.2] * 7}, ["q", "sum 1"]),
        ({"p": [-0.5, 1.5, 0, 0, 0, 0, 0]}, ["p", ">= 0"]),
        ({"f": [math.inf] * 7}, ["f", "inf"]),
        ({"f": [0.0] * 6 + [9.0]}, ["f[6] + g[6]", "9.3", "distance 0 "]),
        ({"g": [0.0] * 7}, ["f[", "g[", "distance"]),
    ],
)
def test_bad_traits_of_the_staircase_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        CTransform(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_potential_of_the_critic_lab_earns_the_distance():
    generator = np.random.default_rng(5)
    labs = [CriticLab(), CriticLab(real=[-1.6, -0.4], generated=[0.4, 1.6])]
    labs += [
        CriticLab(real=real, generated=generated)
        for real, generated in generator.uniform(-3, 3, (6, 2, 2)).round(2).tolist()
    ]
    for lab in labs:
        real, generated = lab.clouds()
        assert len(real) == len(generated) == 12
        exact = wasserstein_distance(real, generated)
        assert lab.potential(real).mean() - lab.potential(generated).mean() == pytest.approx(exact, abs=1e-9)
        assert lab.potential(np.r_[real, generated]).mean() == pytest.approx(0, abs=1e-9)
        grid = np.linspace(-4, 4, 4001)
        assert np.abs(np.diff(lab.potential(grid)) / np.diff(grid)).max() < 1 + 1e-9
    assert wasserstein_distance(*labs[0].clouds()) == pytest.approx(1.23)
    assert wasserstein_distance(*labs[1].clouds()) == pytest.approx(2)


def test_figure_of_the_critic_lab_shows_four_trained_critics():
    """The panels say what the four critics prove: nothing, something, nearly all, and no more than W."""
    panels = CriticLab().figure().axes
    titles = [panel.get_title(loc="left") for panel in panels]
    names = [title.splitlines()[0] for title in titles]
    assert names == ["affine", "clipped", "gradient penalty", "spectral norm"]
    shares = [int(re.search(r"proves (\d+) %", title)[1]) for title in titles]
    assert shares[0] == 0 and 25 < shares[1] <= 100 and 85 < shares[2] <= 100 and 40 < shares[3] <= 100
    for panel in panels:
        best, critic = panel.lines[:2]
        assert best.get_ydata() == pytest.approx(CriticLab().potential(best.get_xdata()))
        slopes = np.abs(np.diff(critic.get_ydata()) / np.diff(critic.get_xdata()))
        assert slopes.max() == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"real": [0.0]}, ["real", "[0.0]", "two clumps"]),
        ({"generated": [0.0, 3.5]}, ["generated", "3.5", "[-3, 3]"]),
        ({"generated": [0.0, math.nan]}, ["generated", "nan"]),
        ({"clip_bound": 0.0}, ["clip_bound", "0.0", "[0.01, 1.0]"]),
        ({"penalty": 1000.0}, ["penalty", "1000.0", "[0.1, 100.0]"]),
        ({"seed": 0}, ["seed", "0", "[1, 999]"]),
    ],
)
def test_bad_traits_of_the_critic_lab_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        CriticLab(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_subspace_splits_the_variance():
    points = np.array(Subspace().points)
    for centred, angle in ((True, 100.0), (False, 20.0)):
        away = points - points.mean(axis=0) * centred
        seen = Subspace(centred=centred, angle=angle).spread()
        along = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
        assert seen.kept == pytest.approx(((away @ along) ** 2).sum() / 59)
        assert seen.lost == pytest.approx(((away[:, 0] * along[1] - away[:, 1] * along[0]) ** 2).sum() / 59)
        assert seen.kept + seen.lost == pytest.approx(seen.total)
        singular = np.linalg.svd(away, compute_uv=False)
        assert seen.eigenvalues == pytest.approx(singular**2 / 59)
        assert Subspace(centred=centred).spread(seen.best).kept == pytest.approx(singular[0] ** 2 / 59)


def test_figure_of_the_subspace_shows_the_sum():
    plane, bars, angles = Subspace().figure().axes
    kept, lost, total = bars.patches
    assert lost.get_x() == pytest.approx(kept.get_width())
    assert lost.get_x() + lost.get_width() == pytest.approx(total.get_width())
    assert f"{kept.get_width():.3f} kept" in bars.get_title(loc="left")
    assert plane.lines[-2].get_xydata() == pytest.approx(np.array(Subspace().points))
    wave = angles.lines[0].get_ydata()
    assert (wave.max(), wave.min()) == pytest.approx(Subspace().spread().eigenvalues, abs=1e-3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"points": [[0, 0]]}, ["points", "1", "2 to 80"]),
        ({"points": np.zeros((2, 90)).T.tolist()}, ["points", "90", "2 to 80"]),
        ({"points": [[0, 0], [0, 9]]}, ["points", "[0.0, 9.0] at index 1", "[-2, 4]"]),
        ({"points": [[0, 0], [0, math.nan]]}, ["points", "nan", "index 1"]),
        ({"points": [[0, 0, 0], [0, 0, 0]]}, ["points", "[0.0, 0.0, 0.0] at index 0"]),
        ({"angle": 181.0}, ["angle", "181.0", "[0, 180]"]),
        ({"angle": math.nan}, ["angle", "nan"]),
    ],
)
def test_bad_traits_of_the_subspace_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        Subspace(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_bars_of_the_bound_add_up():
    for traits in ({}, {"model": "bent", "x": 1.0, "mu": 0.7, "s": 0.4}):
        bars = ElboBars(**traits)
        made = bars.terms()
        z = np.linspace(-9, 9, 18001)
        mean = {"straight": 1.2 * z + 0.5, "bent": z**2}[bars.model]
        joint = norm.pdf(z) * norm.pdf(bars.x, mean, 0.5)
        q = norm.pdf(z, bars.mu, bars.s)
        level = np.log(np.trapezoid(joint, z))
        assert made.log_likelihood == pytest.approx(level)
        inside = q > 1e-300
        ratio = np.log(np.maximum(joint, 1e-300)) - np.log(np.maximum(q, 1e-300))
        assert made.elbo == pytest.approx(np.trapezoid(np.where(inside, q * ratio, 0), z), abs=1e-6)
        assert made.elbo + made.gap == pytest.approx(made.log_likelihood)
        assert made.reconstruction - made.to_prior == pytest.approx(made.elbo)
    assert made.gap > 0.5 and made.to_prior > 0.3


def test_figure_of_the_bars_shows_the_sum():
    *_, bars = ElboBars(mu=0.5).figure().axes
    made = ElboBars(mu=0.5).terms()
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    wanted = [(0, made.reconstruction), (made.reconstruction, made.elbo), (0, made.elbo)]
    assert np.array(ends) == pytest.approx(np.array([*wanted, (made.elbo, made.log_likelihood)]))
    assert bars.lines[0].get_xdata() == pytest.approx([made.log_likelihood] * 2)
    assert f"= −{-made.log_likelihood:.3f}" in bars.get_title(loc="left")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"x": -0.5}, ["x", "-0.5", "[0.0, 3.0]"]),
        ({"mu": 3.5}, ["mu", "3.5", "[-3.0, 3.0]"]),
        ({"s": 0.0}, ["s", "0.0", "[0.05, 2.0]"]),
        ({"s": math.nan}, ["s", "nan"]),
    ],
)
def test_bad_traits_of_the_bars_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        ElboBars(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def few_digits() -> dict:
    images, labels = data.digits()
    return CodePlane.pictures_of(images[:20], labels[:20])


def test_plane_decodes_as_the_module_does():
    torch.manual_seed(1)
    tanh = nn.Tanh()  # one module in two places
    decoder = nn.Sequential(
        nn.Linear(2, 5), tanh, nn.Linear(5, 64), tanh, nn.Unflatten(1, (1, 8, 8))
    ).double()
    codes = torch.randn(20, 2, dtype=torch.float64)
    made = plane_model("autoencoder", decoder, codes, decimals=12)
    assert (made["between"], made["output"]) == ("tanh", "tanh")
    plane = CodePlane(**few_digits(), models=[made])
    wanted = decoder(codes).flatten(1).detach().numpy()
    assert plane.decode(codes) == pytest.approx(wanted, abs=1e-9)
    real = data.digits().images[:20].flatten(1).double().numpy()
    assert plane.real() == pytest.approx(real, abs=0)
    apart = cdist(wanted[:1], real)[0]
    seen = plane.at(codes[0])
    assert seen.distance == pytest.approx(apart.min()) and seen.nearest == apart.argmin()
    assert seen.image.shape == (8, 8)


def test_own_models_of_the_plane_are_principal_components():
    plane = CodePlane()
    real = plane.real()
    centred = real - real.mean(axis=0)
    left, values, right = np.linalg.svd(centred, full_matrices=False)
    best = (left[:, :2] * values[:2]) @ right[:2]
    codes = np.array(plane.models[0]["codes"])
    assert plane.decode(codes) - real.mean(axis=0) == pytest.approx(best, abs=5e-3)  # rounded weights
    # The second: posterior means and deviations under x = Wz + b + noise, by Bayes' rule.
    second = plane.models[1]
    weight = np.array(second["layers"][0]["weight"]).reshape(64, 2)
    noise = (values[2:] ** 2).sum() / len(real) / 62
    precision = np.eye(2) + weight.T @ weight / noise
    means = np.linalg.solve(precision, weight.T @ centred.T / noise).T
    assert np.array(second["codes"]) == pytest.approx(means, abs=2e-3)
    assert np.array(second["deviations"])[0] == pytest.approx(
        np.linalg.inv(precision).diagonal() ** 0.5, abs=1e-3
    )


def test_blends_of_the_plane_end_at_the_digits():
    plane = CodePlane()
    for alpha, end in ((1.0, plane.first), (0.0, plane.second)):
        pixels, made = plane.blends(alpha)
        assert pixels.distance == 0 and pixels.nearest == end
        assert made.image == pytest.approx(plane.at(plane.models[0]["codes"][end]).image)
    apart = cdist(plane.real(), plane.real())
    nearest = np.where(np.eye(len(apart)), np.inf, apart).min(axis=1)
    assert plane.among_real() == pytest.approx(np.quantile(nearest, [0.5, 0.95]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"alpha": 1.5}, ["alpha", "1.5", "[0, 1]"]),
        ({"model": 2}, ["model", "got 2", "[0, 1]"]),
        ({"first": 300}, ["first", "300", "[0, 299]"]),
        ({"second": -1}, ["second", "-1"]),
        ({"labels": [1, 2]}, ["labels", "2 for 300", "one for each"]),
        ({"pictures": ["0" * 64]}, ["pictures", "got 1", "2 to 600"]),
        ({"pictures": ["0" * 64, "0" * 63]}, ["pictures", "63 signs at index 1", "64"]),
        ({"pictures": ["0" * 64, "z" * 64]}, ["pictures", "index 1", "pictures_of"]),
        ({"models": []}, ["models", "got 0", "1 or 2"]),
    ],
)
def test_bad_traits_of_the_plane_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        CodePlane(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


@pytest.mark.parametrize(
    ("decoder", "codes", "error", "words"),
    [
        (nn.Linear(3, 64), torch.zeros(4, 2), ValueError, ["layers of 'a'", "[3]", "[2]"]),
        (nn.Linear(2, 64), torch.zeros(4, 3), ValueError, ["codes of 'a'", "(4, 3)", "(n, 2)"]),
        (nn.Linear(2, 20_000), torch.zeros(4, 2), ValueError, ["40000 weights", "12000"]),
        (nn.Sequential(nn.Linear(2, 9), nn.BatchNorm1d(9)), torch.zeros(4, 2), TypeError, ["BatchNorm1d"]),
        (
            nn.Sequential(nn.Linear(2, 9), nn.Tanh(), nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 64)),
            torch.zeros(4, 2),
            TypeError,
            ["['relu', 'tanh']", "one kind"],
        ),
    ],
)
def test_what_no_page_can_decode_is_refused(decoder, codes, error, words):
    with pytest.raises(error) as caught:
        plane_model("a", decoder, codes)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_pictures_beyond_their_range_and_negative_deviations_are_refused():
    with pytest.raises(ValueError, match=r"images: got values .*Remedy"):
        CodePlane.pictures_of(np.full((2, 1, 8, 8), 1.5), [0, 1])
    with pytest.raises(ValueError, match=r"deviations of 'b': .*Remedy"):
        plane_model("b", nn.Linear(2, 64), torch.zeros(3, 2), deviations=-torch.ones(3, 2))


class Crossed(nn.Module):
    """Layers that are not run in the order in which they are written."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(2, 64), nn.Tanh()

    def forward(self, codes):
        return 3 * self.first(codes)


def test_a_decoder_that_is_no_chain_is_refused():
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=r"decoder of 'c': .*plain chain"):
        plane_model("c", Crossed(), torch.randn(5, 2))


def test_exam_against_quadrature():
    exam = Exam(means=[-1.0, -0.5, 0.3, 0.6, 1.0], s=0.7, beta=0.4, s_x=0.8)
    z = np.linspace(-9, 9, 18001)
    bells = [norm.pdf(z, m, exam.s) for m in exam.means]
    squares = [np.trapezoid(q * (x - z) ** 2, z) for q, x in zip(bells, exam.points, strict=True)]
    ratios = [norm.logpdf(z, m, exam.s) - norm.logpdf(z) for m in exam.means]
    charges = [np.trapezoid(q * ratio, z) for q, ratio in zip(bells, ratios, strict=True)]
    made = exam.marks()
    assert made.reconstruction == pytest.approx(np.mean(squares) / (2 * 0.8**2))
    assert made.teacher == pytest.approx(np.mean(charges))
    assert made.total == pytest.approx(made.reconstruction + 0.4 * made.teacher)
    around = [exam.marks(exam.best() * factor).total for factor in (0.99, 1, 1.01)]
    assert around[1] < min(around[0], around[2])
    nearest = np.abs(z[:, None] - exam.means).argmin(axis=1)
    wrong = [np.trapezoid(q * (nearest != k), z) for k, q in enumerate(bells)]
    assert exam.mistaken() == pytest.approx(np.mean(wrong), abs=1e-3)
    assert Exam(beta=0.0).best() == 0


def test_figure_of_the_exam_shows_the_sum():
    exam = Exam(beta=0.5)
    *_, bars = exam.figure().axes
    made = exam.marks()
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    assert np.array(ends) == pytest.approx(
        np.array([(0, made.reconstruction), (made.reconstruction, made.total), (0, made.total)])
    )
    assert bars.lines[0].get_xdata()[0] == pytest.approx(exam.marks(exam.best()).total)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"s": 0.0}, ["s", "0.0", "[0.02, 1.5]"]),
        ({"beta": -1.0}, ["beta", "-1.0", "[0.0, 4.0]"]),
        ({"s_x": math.nan}, ["s_x", "nan"]),
        ({"means": [0.0]}, ["means", "got 1", "2 to 6"]),
        ({"means": [0.0, 1.0]}, ["means", "2 for 5"]),
        ({"points": [0.0, 4.0]}, ["points[1]", "4.0"]),
    ],
)
def test_bad_traits_of_the_exam_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        Exam(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_lab_of_conjugates_against_quadrature():
    lab = ConjugateLab(row="squared hellinger", slope=-0.5, ratio=3.0, mean=0.8, width=0.9, power=0.6)
    said = lab.said()
    u = np.linspace(0, 3, 30_001)
    assert said.cost == pytest.approx((-0.5 * u - (np.sqrt(u) - 1) ** 2).max(), abs=1e-8)
    assert said.says == pytest.approx(-1.5 - said.cost)
    assert said.gap == pytest.approx((math.sqrt(3) - 1) ** 2 - said.says)
    laws = norm(0.3, 1), norm(0.8, 0.9)

    def densities(x):
        return [law.pdf(x) / (law.cdf(4) - law.cdf(-4)) for law in laws]

    def exact(x):
        p, q = densities(x)
        return (math.sqrt(p) - math.sqrt(q)) ** 2

    def proved(x):  # T = 1 − r^(−½) and f*(T) = r^½ − 1 with r = (p/q)^0.6
        p, q = densities(x)
        return p * (1 - (q / p) ** 0.3) - q * ((p / q) ** 0.3 - 1)

    assert said.exact == pytest.approx(quad(exact, -4, 4)[0], abs=1e-9)
    assert said.bound == pytest.approx(quad(proved, -4, 4)[0], abs=1e-9)
    assert said.missing == pytest.approx(said.exact - said.bound) and said.missing > 0.01


def test_figure_of_the_lab_of_conjugates_shows_the_sum_and_the_line():
    lab = ConjugateLab(row="pearson", slope=1.0)
    curve, _, critic, bars = lab.figure().axes
    said = lab.said()
    line = curve.lines[1].get_xydata()
    assert line[0] == pytest.approx([0, -said.cost]) and line[-1] == pytest.approx([4, 4 - said.cost])
    assert np.allclose(critic.lines[1].get_ydata(), lab.critic())
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    assert np.array(ends) == pytest.approx(np.array([(0, said.bound), (said.bound, said.exact)]))
    assert f"= {said.exact:.3f}" in bars.get_title(loc="left")
    endless = ConjugateLab(row="gan", slope=0.5)
    assert math.isinf(endless.said().cost) and len(endless.figure().axes[0].lines) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"slope": 4.5}, ["slope", "4.5", "[-4.0, 4.0]"]),
        ({"ratio": 0.0}, ["ratio", "0.0", "[0.5, 3.0]"]),
        ({"mean": -2.0}, ["mean", "-2.0", "[-1.5, 1.5]"]),
        ({"width": 0.5}, ["width", "0.5", "[0.8, 1.5]"]),
        ({"power": math.nan}, ["power", "nan"]),
    ],
)
def test_bad_traits_of_the_lab_of_conjugates_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        ConjugateLab(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", ["ones", "edge", "random"])
def test_norms_of_the_spectral_lab_against_torch(kernel, stride):
    lab = SpectralLab(kernel=kernel, stride=stride, side=6)
    weights, norms = torch.tensor(lab.weights())[None, None], lab.norms()
    images = torch.eye(36, dtype=torch.float64).reshape(36, 1, 6, 6)
    around = nn.functional.pad(images, (1, 1, 1, 1), mode="circular")
    padded, circular = (
        float(torch.linalg.matrix_norm(answers.flatten(1), 2))
        for answers in (
            nn.functional.conv2d(images, weights, stride=stride, padding=1),
            nn.functional.conv2d(around, weights, stride=stride),
        )
    )
    assert [norms.padded, norms.circular] == pytest.approx([padded, circular], abs=1e-10)
    assert norms.reshaped == pytest.approx(math.sqrt(float((weights**2).sum())))
    assert norms.bound == pytest.approx(norms.reshaped * (3 if stride == 1 else 2))
    if stride == 1:
        assert norms.gains == pytest.approx(np.abs(np.fft.fft2(lab.weights(), s=(6, 6))))


def test_gradient_and_needle_of_the_spectral_lab():
    lab = SpectralLab(matrix=[1.1, -0.4, 0.3, 0.7], wish=[0.5, -1.0, 1.2, 0.4])
    found, weight = lab.through(), torch.tensor([[1.1, -0.4], [0.3, 0.7]], requires_grad=True)
    divided = weight / torch.linalg.matrix_norm(weight, 2)
    value = torch.tensor([0.5, -1.0]) @ divided @ torch.tensor([1.2, 0.4])
    value.backward()
    assert found.left == pytest.approx(weight.grad.numpy(), abs=1e-6)
    assert found.amount == pytest.approx(float(value.detach()), abs=1e-6)
    assert found.asked + found.taken == pytest.approx(found.left)
    u, v, value = SpectralLab(matrix=[0.0, 2.0, 1.0, 0.0], start=45.0).needle(1)  # exchanged, and 2:1
    assert u == pytest.approx(np.array([4, 1]) / math.sqrt(17))
    assert v == pytest.approx(np.array([1, 2]) / math.sqrt(5)) and value == pytest.approx(math.sqrt(17 / 5))


def test_figure_of_the_spectral_lab_shows_its_numbers():
    lab = SpectralLab()
    needle, bars, gradient = lab.figure().axes
    u, _, value = lab.needle(3)
    assert needle.lines[-1].get_xydata()[1] == pytest.approx(value * u)
    half_axes = [line.get_xydata()[1] for line in needle.lines[1:3]]
    assert all(half_axis @ u > 0 for half_axis in half_axes)
    assert np.linalg.norm(half_axes, axis=1) == pytest.approx(
        np.linalg.svd(np.reshape(lab.matrix, (2, 2)), compute_uv=False)
    )
    lengths = [bar.get_width() for bar in bars.patches]
    assert lengths == pytest.approx([3, (1 + 2 * math.cos(math.pi / 17)) ** 2, 9])
    assert bars.lines[0].get_xdata() == pytest.approx([9, 9])
    heights = [bar.get_height() for bar in gradient.patches]
    assert heights == pytest.approx([*lab.through().asked.ravel(), *lab.through().left.ravel()])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"matrix": [1.0, 0.0, 2.5, 1.0]}, ["matrix", "2.5 at index 2", "[-2.0, 2.0]"]),
        ({"wish": [1.0, math.nan, 0.0, 1.0]}, ["wish", "nan at index 1", "[-1.5, 1.5]"]),
        ({"start": 181.0}, ["start", "181.0", "[0.0, 180.0]"]),
        ({"side": 7}, ["side", "got 7", "even", "[4, 16]"]),
        ({"side": 18}, ["side", "got 18"]),
    ],
)
def test_bad_traits_of_the_spectral_lab_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        SpectralLab(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_balls_keep_their_ranks_while_the_order_slides():
    z, c = np.arange(1, 20)[:, None] / 20, np.array([0.0, 0.9, 2.0])
    made = OrderSlider().places(z, c)
    shares = (norm.cdf(made, -c, 0.5) + norm.cdf(made, c, 0.5)) / 2
    assert shares == pytest.approx(np.broadcast_to(z, (19, 3)), abs=1e-12)
    rolled = OrderSlider(generator="rolled").places((np.arange(20)[:, None] + 0.5) / 20, c[1:])
    shares = (norm.cdf(rolled, -c[1:], 0.5) + norm.cdf(rolled, c[1:], 0.5)) / 2
    assert np.sort(shares, axis=0) == pytest.approx(np.repeat((np.arange(20) + 0.5) / 20, 2).reshape(20, 2))
    assert shares[:, 0].argmin() == 11  # the first whose rank has passed 1 at c = 0.9


def test_wrong_type_and_unknown_name():
    for wrong in ({"arm": "dense"}, {"seed": 4}, {"step": 50}):
        with pytest.raises(TraitError, match=next(iter(wrong))):
            AttentionMap(**wrong)
    for wrong in ({"view": "ellipse"}, {"kernel": "blur"}, {"stride": 3}, {"matrix": [1.0, 0.0]}):
        with pytest.raises(TraitError, match=next(iter(wrong))):
            SpectralLab(**wrong)
    with pytest.raises(TraitError, match="critic"):
        CriticLab(critic="linear")
    with pytest.raises(TraitError, match="norm"):
        TransportLab(norm="3")
    with pytest.raises(TraitError, match="programme"):
        TransportLab(programme="dual")
    with pytest.raises(TraitError, match="model"):
        ElboBars(model="round")
    with pytest.raises(TraitError, match="row"):
        ConjugateLab(row="hellinger")
    with pytest.raises(TraitError, match="generator"):
        OrderSlider(generator="by quantile")
    with pytest.raises(TraitError, match="units"):
        OrderSlider(units=3)
    with pytest.raises(TraitError, match="real_mean"):
        GanGame(real_mean="left")
    with pytest.raises(ValueError, match=r"'gan_gam'.*gan_game"):
        page_html("gan_gam")
    with pytest.raises(NotImplementedError, match="figure"):
        Explorer.figure(GanGame())


def test_pairs_are_judged_as_by_assignment():
    lab = PairingLab()
    z, y = np.array(lab.numbers), np.array(lab.shades)
    cost = (z[:, None] - y) ** 2
    seen = lab.judged()
    assert seen.least == pytest.approx(cost[linear_sum_assignment(cost)].mean(), abs=1e-12)
    assert seen.cost == pytest.approx(np.mean([cost[i, j] for i, j in enumerate(lab.order)]), abs=1e-12)
    assert (seen.crossings, seen.wrong) == (5, 4) and seen.cost > seen.least + 0.02
    in_order = PairingLab(order=list(range(24))).judged()
    assert in_order.cost == in_order.least and in_order[2:] == (1, 0)
    turned = PairingLab(order=list(range(23, -1, -1)))
    assert turned.judged().wrong == 24
    assert turned.means() == pytest.approx((y.sum() - y) / 23) and y.sum() == pytest.approx(0)
    assert lab.means() == pytest.approx((1 - 4 / 23) * y)


def test_figure_of_the_pairs_shows_the_threads():
    lab = PairingLab()
    left, right = lab.figure().axes
    drawn = np.array([line.get_xydata().ravel() for line in left.lines[:24]])
    places = (np.array(lab.order) + 0.5) / 24
    assert drawn == pytest.approx(np.column_stack([lab.numbers, np.zeros(24), places, np.ones(24)]))
    purple = [line.get_color() != left.lines[0].get_color() for line in left.lines[:24]]
    assert purple == [shade != number for number, shade in enumerate(lab.order)]
    heart, means = (line.get_ydata() for line in right.lines)
    assert heart == pytest.approx(np.array(lab.shades)[lab.order]) and means == pytest.approx(lab.means())
    assert "4 of 24 pairs wrong, 5 unlike" in right.get_title(loc="left")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"order": [0] * 24}, ["order", "each of 0, …, 23 once"]),
        ({"order": list(range(23))}, ["order", "each of"]),
        ({"machine": "wide"}, ["machine", "'wide'", "bent, straight, heart"]),
        ({"steps": 801}, ["steps", "801", "[0, 800]"]),
        ({"numbers": [0.5, 0.2]}, ["numbers", "got 2 values", "24 that increase"]),
        ({"shades": list(range(24))[::-1]}, ["shades", "increase"]),
        ({"numbers": np.linspace(0, 1.1, 24).tolist()}, ["numbers: got 1.0", "[0, 1]"]),
    ],
)
def test_bad_traits_of_the_pairs_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        PairingLab(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])


def test_map_of_attention_judges_as_the_library_does():
    shown = AttentionMap(seed=2)
    judged, generator = shown.judged(), shown.generator()
    latent = torch.from_numpy(shown.noise()).flatten(1)
    with torch.no_grad():
        lines, tables = generator(latent), generator.asked(latent)
    assert judged.gives.mean() == pytest.approx(LINE.leader(tables), abs=1e-9)
    left, right = (tables[:, block].mean(dim=1).numpy() for (block,) in LINE.blocks)
    every = np.arange(512)
    smaller = np.minimum(left, right)
    assert judged.gives == pytest.approx(smaller.max(axis=1))
    assert smaller[every, judged.leaders] == pytest.approx(judged.gives)
    signs = LINE.signs(lines).numpy()
    assert judged.covariance == pytest.approx(np.cov(signs.T, bias=True)[0, 1])
    noise = shown.noise()
    assert (
        noise.shape == (512, 4, 32) and abs(noise.mean()) < 0.02 and noise.std() == pytest.approx(1, abs=0.02)
    )
    closed = AttentionMap(seed=2, shut=True).judged()
    assert np.array_equal(closed.leaders, judged.leaders) and abs(closed.covariance) < 4 / math.sqrt(512)


def test_figure_of_the_map_shows_its_numbers():
    shown = AttentionMap(line=3, asks=24)
    lines, asked, changed = shown.figure().axes
    judged = shown.judged()
    assert lines.lines[0].get_xydata() == pytest.approx(np.column_stack([judged.leaders[:12], np.arange(12)]))
    assert [bar.get_height() for bar in asked.patches[:32]] == pytest.approx(judged.tables[2, 24].tolist())
    assert asked.lines[0].get_ydata() == pytest.approx([1 / 32, 1 / 32])
    after, _ = shown.painted(shown.redrawn_noise(judged.leaders[:12]))
    away = np.abs(after - judged.lines[:12]).mean(axis=0)
    assert [bar.get_height() for bar in changed.patches[:32]] == pytest.approx(away.tolist())
    inside = np.isin(np.arange(32), [*range(6, 10), *range(22, 26)])
    assert away[inside].min() > 5 * away[~inside].max()  # what the alternative text says
    leaders = AttentionMap().judged().leaders[:12]
    assert set(leaders) & set(range(6, 10)) and set(leaders) & set(range(22, 26))
    asked = AttentionMap().judged().tables[6, 7]
    assert asked.argmax() in range(22, 26) and asked.max() > 0.8 and np.sort(asked)[-2] < 0.1
    plain = AttentionMap(arm="convolutions", place=7).figure().axes
    assert not plain[0].lines and not plain[1].lines
    assert sum(bar.get_height() > 0 for bar in plain[2].patches[:32]) == 7


def test_figure_of_the_digits_shows_their_map():
    shown = AttentionMap(view="digits", digit=3, moves=700, looks=10)
    image, table = shown.mapped()
    assert table.sum(axis=1) == pytest.approx(np.ones(64)) and image.shape == (32, 32)
    drawn, looked = shown.figure().axes

    def opacity(picture):
        return np.asarray(picture.get_array())[..., 3]

    assert opacity(drawn.images[0]) == pytest.approx(image / 2 + 0.5)
    heat = opacity(looked.images[1])
    assert heat.ravel() / heat.max() == pytest.approx(table[10] / table[10].max())
    assert [each.patches[0].get_xy() for each in (drawn, looked)] == [(2, 1), (2, 1)]
    everybody = AttentionMap(view="digits", everybody=True)
    drawn, looked = everybody.figure().axes
    mean, heat = everybody.mapped()[1].mean(axis=0), opacity(looked.images[1])
    assert heat.ravel() / heat.max() == pytest.approx(mean / mean.max()) and not drawn.patches


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"draw": 0}, ["draw", "got 0", "[1, 999]"]),
        ({"line": 13}, ["line", "13", "[1, 12]"]),
        ({"asks": 32}, ["asks", "32", "[0, 31]"]),
        ({"place": -1}, ["place", "-1", "[0, 31]"]),
        ({"redrawn": 100}, ["redrawn", "100", "[0, 99]"]),
        ({"looks": 64}, ["looks", "64", "[0, 63]"]),
        ({"maps": []}, ["maps: got 0 trainings", "seed 1", "watching_digits"]),
        ({"maps": [run | {"moves": [0]} for run in stored_film()]}, ["maps", "[0, 100, 300, 700, 1500]"]),
        ({"runs": []}, ["runs", "none of 'convolutions'", "each arm"]),
        (
            {"runs": [run | {"steps": [0, 400]} for run in stored()["runs"]]},
            ["runs", "[0, 400]", "watch_twins"],
        ),
        ({"runs": [run | {"weights": run["weights"][:4]} for run in stored()["runs"]]}, ["runs", "moments"]),
    ],
)
def test_bad_traits_of_the_map_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        AttentionMap(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])
