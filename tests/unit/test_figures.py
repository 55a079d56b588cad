"""The recurring figures: what is drawn where, in which colour, and what is refused."""

import base64
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from errors import refused
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

import lib
from lib import figures

ROLES = ["real", "generated", "third"]


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context():
        mpl.rcdefaults()
        figures.use()
        yield
    plt.close("all")


@pytest.fixture
def axes(style):
    return figures.panels()[1][0]


def contrast(first: str, second: str) -> float:
    """Contrast ratio by WCAG 2.2: (L₁ + 0.05) / (L₂ + 0.05) with the relative luminance of sRGB."""

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pixels(figure) -> np.ndarray:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    buffer.seek(0)
    return plt.imread(buffer)[..., :3]


# -- style and colours -----------------------------------------------------------------------------------


def test_the_contrast_formula_on_the_two_cases_everybody_knows():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the lightest grey for text


@pytest.mark.parametrize("role", [*ROLES, "ink", "muted"])
def test_every_role_can_be_seen_on_the_card(role):
    least = 4.5 if role in ("ink", "muted") else 3.0  # text needs more than a line does
    assert contrast(figures.colours[role], figures.colours["ground"]) >= least


@pytest.mark.parametrize("setting", ["text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"])
def test_every_text_of_the_style_can_be_read_on_the_card(setting):
    assert contrast(mpl.rcParams[setting], mpl.rcParams["figure.facecolor"]) >= 4.5


def test_colours_mean_roles():
    assert figures.colours["real"].lower() == "#0072b2"
    assert figures.colours["generated"].lower() == "#d55e00"
    assert figures.colours["third"].lower() == "#9900ff"


def test_the_style_file_and_the_roles_agree():
    for setting in ("figure.facecolor", "savefig.facecolor", "axes.facecolor"):
        assert to_hex(mpl.rcParams[setting]) == figures.colours["ground"].lower()
    cycle = [to_hex(c) for c in mpl.rcParams["axes.prop_cycle"].by_key()["color"]]
    assert cycle == [figures.colours[role].lower() for role in (*ROLES, "ink")]
    assert to_hex(mpl.rcParams["text.color"]) == figures.colours["ink"].lower()


def test_the_exact_answer_is_dashed_and_in_ink(axes):
    (line,) = axes.plot([0, 1], [0, 1], **figures.exact)
    assert line.get_color() == figures.colours["ink"] and line.is_dashed()


def test_the_style_loads_from_an_installed_package_in_any_folder_without_a_display(tmp_path):
    """As from a wheel: the package in an archive, another working folder, spaces in the path, no screen."""
    folder = tmp_path / "an øther folder"
    folder.mkdir()
    source = Path(lib.__file__).parent
    with zipfile.ZipFile(folder / "wheel file.zip", "w") as archive:
        names = ["__init__.py", "colours.py", "figures.py", "typeface.py", "book.mplstyle"]
        names += [f"fonts/{path.name}" for path in (source / "fonts").iterdir()]
        for name in names:
            archive.write(source / name, f"lib/{name}")
    code = (
        "from unittest.mock import MagicMock as Fake\n"  # PyTorch is slow to import; a style needs none
        "import sys; sys.modules |= {name: Fake() for name in ('torch', 'torch.nn', 'torch.nn.functional')}\n"
        "sys.path.insert(0, 'wheel file.zip')\n"
        "from lib import figures; assert 'wheel file.zip' in figures.__file__, figures.__file__\n"
        "figures.use(); figure, axes = figures.panels(2)\n"
        "axes[0].plot([0, 1], [0, 1]); figure.savefig('ünder score.png')\n"
        "import matplotlib as mpl; print(mpl.rcParams['svg.hashsalt'], mpl.get_backend().lower())"
    )
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment["MPLCONFIGDIR"] = mpl.get_configdir()
    line = [sys.executable, "-c", code]
    answer = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["gans-from-first-principles", "agg"]
    assert np.ptp(plt.imread(folder / "ünder score.png")) > 0.5


@pytest.fixture
def shown(monkeypatch) -> list[dict]:
    """What figures.show gives the notebook."""
    bundles = []
    monkeypatch.setattr(figures, "display", lambda data, **options: bundles.append({**data, **options}))
    return bundles


def some_figure() -> plt.Figure:
    figure, (ax,) = figures.panels(height=2.0)
    x = np.linspace(-9, 9, 5001)
    figures.law(ax, x, np.exp(-(x**2)), "real", "p", at=0.5)
    return figure


@pytest.mark.parametrize("backend", ["agg", "svg", "pdf"])
def test_a_figure_is_shown_as_drawing_and_picture_under_every_backend(shown, backend):
    before = mpl.get_backend()
    try:
        plt.switch_backend(backend)
        figures.show(some_figure())
    finally:
        plt.switch_backend(before)
    (bundle,) = shown
    assert bundle["raw"] is True and plt.get_fignums() == []
    assert bundle["image/svg+xml"].startswith("<svg") and "<!-- p -->" in bundle["image/svg+xml"]
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    said = bundle["metadata"]["image/png"]
    assert picture.size == (2 * said["width"], 2 * said["height"])  # two pixels for one
    assert said["width"] / said["height"] == pytest.approx(7.2 / 2, rel=0.01)
    assert len(picture.getcolors(10_000)) > 8


@pytest.mark.parametrize("truth", [False, np.False_, np.array([True]), None, 1])
def test_a_figure_is_not_shown_with_a_phrase_that_nothing_proves(shown, truth):
    """Only True will do: an array in its place would be a comparison whose `all` was forgotten."""
    with refused(ValueError, "seen", repr(truth), "the curve falls", remedy="alt text"):
        figures.show(some_figure(), {"the line is blue": True, "the curve falls": truth})
    assert shown == []
    figures.show(some_figure(), {"the line is blue": np.True_, "the curve rises": True})
    assert len(shown) == 1


def test_the_same_figure_gives_the_same_bytes_at_another_time(shown, monkeypatch):
    for time in ("0", "86400000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
        figures.show(some_figure())
    assert shown[0] == shown[1] and "dc:date" not in shown[0]["image/svg+xml"]


def test_a_drawing_spends_no_bytes_on_what_cannot_be_seen(shown):
    figures.show(some_figure())
    assert len(shown[0]["image/svg+xml"]) < 60_000  # from 5 001 points
    paths = re.findall(r' d="([^"]*)"', shown[0]["image/svg+xml"])
    assert paths and not any(re.search(r"\.\d{3}", path) for path in paths)


def test_pictures_in_a_drawing_keep_their_pixels(shown):
    figure, (ax,) = figures.panels()
    levels = np.linspace(0, 1, 64).reshape(8, 8)
    ax.imshow(levels, cmap=figures.ramp("third"), vmin=0, vmax=1, interpolation="none")
    figures.show(figure)
    data = re.search(r'base64,([^"]+)"', shown[0]["image/svg+xml"])[1]
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))
    expected = figures.ramp("third")(levels, bytes=True)
    same = [np.array_equal(found, turned) for turned in (expected, expected[::-1])]
    assert any(same)


def test_only_pictures_in_ink_are_marked_for_the_dark(shown):
    figure, axes = figures.panels(2)
    axes[0].imshow(np.eye(3), cmap=figures.ramp("ink"))
    axes[1].imshow(np.eye(3), cmap=figures.ramp("real"))
    figures.show(figure)
    assert re.findall(r'id="ink-\d+"', shown[0]["image/svg+xml"]) == ['id="ink-0"']


@pytest.mark.parametrize("role", [*ROLES, "ink"])
def test_a_ramp_and_a_shade_run_from_nothing_to_the_role(role):
    for share in (0.0, 1.0):
        for pixel in (figures.ramp(role)(share), figures.shade(role, share)):
            assert to_hex(pixel[:3]) == figures.colours[role].lower() and pixel[3] == share
    assert figures.shade(role, np.full((2, 3), 0.25)).shape == (2, 3, 4)


def test_a_saved_figure_is_an_opaque_card_and_not_blank():
    figure, (ax,) = figures.panels()
    empty = pixels(figure)
    figures.law(ax, np.linspace(-1, 1, 50), np.linspace(0, 1, 50), "real", "$p$", at=0.5)
    drawn = pixels(figure)
    ground = np.array(to_rgb(figures.colours["ground"]))
    np.testing.assert_allclose(drawn[0, 0], ground, atol=1 / 255)
    assert np.abs(drawn - ground).max() > 0.5 and np.abs(drawn - empty[: len(drawn), : drawn.shape[1]]).any()
    real = np.array(to_rgb(figures.colours["real"]))
    assert (np.abs(drawn - real).max(axis=-1) < 0.02).sum() > 50  # the curve, in the colour of its role


# -- panels and labels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_panels_are_one_row_in_the_width_of_the_book(columns):
    figure, row = figures.panels(columns, height=2.5, sharey=True)
    assert row.shape == (columns,) and len(figure.axes) == columns
    assert tuple(figure.get_size_inches()) == (7.2, 2.5)
    assert all(ax.get_subplotspec().get_gridspec().nrows == 1 for ax in row)


def test_a_curve_is_named_at_its_end_in_its_colour(axes):
    figures.label_end(axes, [0, 1, 2], torch.tensor([3.0, 4.0, 5.0]), "$D$", figures.colours["third"])
    figures.label_end(axes, [0, 1, 2], [3, 4, 5], "$V$", figures.colours["real"], at=0)
    last, first = axes.texts
    assert last.xy == (2, 5) and last.get_text() == "$D$" and last.get_color() == figures.colours["third"]
    assert first.xy == (0, 3)


def test_a_law_is_filled_named_above_its_curve_and_stands_on_zero(axes):
    x = np.array([0.0, 1.0, 2.0])
    figures.law(axes, x, np.array([1.0, 3.0, 1.0]), "generated", "$q$", at=1.5)
    (line,), (label,), (filled,) = axes.lines, axes.texts, axes.collections
    assert line.get_color() == label.get_color() == figures.colours["generated"]
    assert label.xy == (1.5, 2.0)  # on the straight line between (1, 3) and (2, 1)
    assert axes.get_ylim()[0] == 0
    assert filled.get_paths()[0].get_extents().bounds == (0, 0, 2, 3)


def test_a_seed_band_spans_all_runs_with_the_median_in_it(axes):
    runs = np.array([[1.0, 5.0], [2.0, 9.0], [6.0, 7.0]])
    figures.seed_band(axes, np.array([0.0, 1.0]), runs, "real")
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [2.0, 7.0])
    corners = {tuple(v) for v in axes.collections[0].get_paths()[0].vertices}
    assert {(0.0, 1.0), (0.0, 6.0), (1.0, 5.0), (1.0, 9.0)} <= corners


def test_points_are_dots_in_the_colour_of_their_role_on_equal_scales(axes):
    samples = torch.tensor([[0.0, 1.0], [2.0, -3.0]], requires_grad=True)
    figures.points(axes, samples, "generated")
    (dots,) = axes.collections
    np.testing.assert_array_equal(dots.get_offsets(), samples.detach())
    assert to_hex(dots.get_facecolor()[0]) == figures.colours["generated"].lower()
    assert axes.get_aspect() == 1


# -- images ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n, columns, rows", [(6, 3, 2), (5, 3, 2), (7, 3, 3), (2, 4, 1)])
def test_the_grid_of_images(axes, n, columns, rows):
    """Each picture in its own place, row by row, with gaps between and none outside."""
    height, width, enlarge, gap = 4, 3, 5, 2
    levels = torch.linspace(-1, 1, n)
    pictures = levels.view(n, 1, 1, 1).expand(n, 1, height, width)
    figures.images(axes, pictures, columns=columns, enlarge=enlarge, gap=gap)
    canvas = np.ma.filled(axes.images[0].get_array(), np.nan)
    tall, wide = height * enlarge, width * enlarge
    assert canvas.shape == (rows * (tall + gap) - gap, columns * (wide + gap) - gap)
    inked = np.zeros(canvas.shape, dtype=bool)
    for k in range(n):
        top, left = (k // columns) * (tall + gap), (k % columns) * (wide + gap)
        tile = canvas[top : top + tall, left : left + wide]
        np.testing.assert_allclose(tile, (float(levels[k]) + 1) / 2, atol=1e-6)
        inked[top : top + tall, left : left + wide] = True
    assert np.isnan(canvas[~inked]).all()
    assert not axes.axison


def test_ink_on_the_bare_ground(axes):
    """The value 1, ink in every data set of the book, is drawn in ink; through −1 and gaps shows the card."""
    pictures = torch.stack([torch.full((1, 4, 4), 1.0), torch.full((1, 4, 4), -1.0)])
    figures.images(axes, pictures, columns=2)
    image = axes.images[0]
    ink, paper = image.cmap(image.norm(1.0)), image.cmap(image.norm(0.0))
    assert to_hex(ink) == figures.colours["ink"] and ink[3] == 1 and paper[3] == 0
    assert image.cmap(np.ma.masked)[3] == 0


def test_enlarging_keeps_a_picture_upright_and_within_range(axes):
    picture = -torch.ones(1, 1, 8, 8)
    picture[0, 0, 0, 7] = 1.0  # one dot, top right; bicubic interpolation overshoots around it
    figures.images(axes, picture, columns=1, enlarge=6)
    canvas = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert canvas.min() >= 0 and canvas.max() <= 1
    row, column = np.unravel_index(canvas.argmax(), canvas.shape)
    assert row < 6 and column >= 42


@pytest.mark.parametrize("shape", [(4, 8, 8), (4, 3, 8, 8), (64,), (0, 1, 8, 8)])
def test_pictures_of_another_shape_are_refused(axes, shape):
    with pytest.raises(ValueError) as caught:
        figures.images(axes, torch.zeros(shape), columns=2)
    assert str(caught.value).startswith(f"pictures: got shape {shape}, expected (n, 1, h, w)")
    assert "Remedy: " in str(caught.value) and not axes.images


@pytest.mark.parametrize("low, high", [(0.0, 255.0), (-3.0, 0.5), (float("nan"), 0.0)])
def test_pictures_out_of_range_are_refused(axes, low, high):
    pictures = torch.zeros(2, 1, 4, 4)
    pictures[0, 0, 0, 0], pictures[1, 0, 3, 3] = low, high
    with pytest.raises(ValueError, match=r"^pictures: got values in \[.*\], expected \[-1, 1\]\. Remedy: "):
        figures.images(axes, pictures, columns=2)


def test_pictures_that_leave_the_range_by_rounding_are_drawn(axes):
    figures.images(axes, torch.full((1, 1, 4, 4), 1 + 1e-6), columns=1)
    assert axes.images[0].get_array().max() == 1


# -- the critic's field ----------------------------------------------------------------------------------


def test_the_field_runs_from_the_generated_hue_through_nothing_to_the_real_one(axes):
    probability = np.array([[0.0, 0.5], [0.75, 1.0]])
    figures.critic_field(axes, probability, (-1, 1, -2, 2))
    image = axes.images[0]
    assert tuple(image.get_extent()) == (-1, 1, -2, 2)
    assert image.origin == "lower"  # row 0 of the array is the smallest y
    generated, nothing, real = (image.cmap(image.norm(v)) for v in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(generated[:3], to_rgb(figures.colours["generated"]), atol=0.01)
    np.testing.assert_allclose(real[:3], to_rgb(figures.colours["real"]), atol=0.01)
    assert nothing[3] < 0.01 < 0.5 < min(generated[3], real[3])


@pytest.mark.parametrize("bad", [-0.1, 1.2, float("nan")])
def test_scores_in_place_of_probabilities_are_refused(axes, bad):
    with pytest.raises(ValueError, match=r"probability: got values in .*expected \[0, 1\].*sigma\(score\)"):
        figures.critic_field(axes, np.array([[0.5, bad], [0.2, 0.3]]), (-1, 1, -1, 1))
    assert not axes.images
