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
from scipy.stats import norm
from traitlets import TraitError

from lib.explorers import Explorer, names, page_html
from lib.explorers.gan_game import GanGame


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
    assert "gan_game" in names()
    for name in names():
        markup = page_html(name)
        assert f'data-explorer-mount="{name}"' in markup
        assert "<noscript><img" in markup and not re.search(r"^export ", markup, re.MULTILINE)
        assert len(markup) < 400_000


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


def test_wrong_type_and_unknown_name():
    with pytest.raises(TraitError, match="real_mean"):
        GanGame(real_mean="left")
    with pytest.raises(ValueError, match=r"'gan_gam'.*gan_game"):
        page_html("gan_gam")
    with pytest.raises(NotImplementedError, match="figure"):
        Explorer.figure(GanGame())
