"""The Python side of the explorers: traits, curves, the static figure, and the HTML of a plain page."""

import base64
import html
import io
import math
import re

import matplotlib.image
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import norm, wasserstein_distance
from traitlets import TraitError

from lib.explorers import Explorer, names, page_html
from lib.explorers.c_transform import CTransform
from lib.explorers.critic_lab import CriticLab
from lib.explorers.elbo_bars import ElboBars
from lib.explorers.gan_game import GanGame
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
    assert {"gan_game", "transport_lab", "c_transform", "critic_lab", "subspace", "elbo_bars"} <= found
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


def test_wrong_type_and_unknown_name():
    with pytest.raises(TraitError, match="critic"):
        CriticLab(critic="linear")
    with pytest.raises(TraitError, match="norm"):
        TransportLab(norm="3")
    with pytest.raises(TraitError, match="programme"):
        TransportLab(programme="dual")
    with pytest.raises(TraitError, match="model"):
        ElboBars(model="round")
    with pytest.raises(TraitError, match="real_mean"):
        GanGame(real_mean="left")
    with pytest.raises(ValueError, match=r"'gan_gam'.*gan_game"):
        page_html("gan_gam")
    with pytest.raises(NotImplementedError, match="figure"):
        Explorer.figure(GanGame())
