"""The plane of codes in a real browser: decoder against torch, distances against SciPy, by all hands."""

import functools
import json

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import nn

from explorer_pages import (
    drag,
    mathematics_of,
    numbers_of,
    pages,
    peak,
    press,
    rendered,
    settle,
    state_of,
    swipe,
    words,
    write_page,
)
from lib import data
from lib.explorers.code_plane import CodePlane, plane_model
from lib.networks import PerceptronGenerator

COUNT = 90
ENDS = {"first": 7, "second": 9}


@functools.cache
def pair() -> tuple[CodePlane, tuple[nn.Module, ...]]:
    """An explorer of two decoders with drawn weights, and these, rounded as the page has them."""
    images, labels = data.digits()
    torch.manual_seed(3)
    decoders = (
        PerceptronGenerator(2, (1, 8, 8), width=24),
        nn.Sequential(nn.Linear(2, 9), nn.Tanh(), nn.Linear(9, 64)),
    )
    models = []
    for k, decoder in enumerate(decoders):
        with torch.no_grad():
            for parameter in decoder.parameters():
                parameter.copy_((3 * parameter).mul(1e4).round().div(1e4))
        codes = torch.randn(COUNT, 2, generator=torch.Generator().manual_seed(k)) * torch.tensor([1.0, 2.5])
        spread = torch.rand(COUNT, 2, generator=torch.Generator().manual_seed(9)) if k else None
        models.append(plane_model(("autoencoder", "VAE")[k], decoder, codes, deviations=spread))
        decoder.double()
        with torch.no_grad():  # what float32 holds is not the number of four digits that the page has
            for parameter in decoder.parameters():
                parameter.copy_(parameter.mul(1e4).round().div(1e4))
    shown = CodePlane(
        **CodePlane.pictures_of(images[:COUNT], labels[:COUNT]), models=models, **ENDS, code=[0.3, -0.4]
    )
    return shown, decoders


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    explorer, _ = pair()
    traits = {key: getattr(explorer, key) for key in CodePlane.class_own_traits(sync=True)}
    return write_page(tmp_path_factory.mktemp("explorer"), "code_plane", **traits)


@pytest.fixture
def opened(browser, address):
    with pages(browser, address) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "code_plane/decoder.js") as page:
        explorer, _ = pair()
        page.evaluate(
            """([pictures, models]) => { window.pictures = lib.readPictures(pictures);
              window.models = models.map(lib.readModel); }""",
            [explorer.pictures, explorer.models],
        )
        yield page


def real() -> np.ndarray:
    return data.digits().images[:COUNT].flatten(1).double().numpy()


def decode(which: int, codes) -> np.ndarray:
    with torch.no_grad():
        return pair()[1][which](torch.tensor(np.asarray(codes), dtype=torch.float64)).flatten(1).numpy()


def among_real() -> np.ndarray:
    apart = cdist(real(), real())
    np.fill_diagonal(apart, np.inf)
    return np.quantile(apart.min(axis=1), [0.5, 0.95])


def cells(codes: np.ndarray, count: int) -> np.ndarray:
    """The middles of count × count equal cells in the box of the codes, from the top left, row by row."""
    shares = (np.arange(count) + 0.5) / count
    low, high = codes.min(axis=0), codes.max(axis=0)
    across, up = low[0] + shares * (high - low)[0], high[1] - shares * (high - low)[1]
    return np.array([(x, y) for y in up for x in across])


def oracle(state) -> dict[str, float]:
    codes = np.array(pair()[0].models[state["model"]]["codes"])
    typical, far = among_real()
    alpha, ends = state["alpha"], [state["first"], state["second"]]
    pixels, code = (np.array([alpha, 1 - alpha]) @ each[ends] for each in (real(), codes))
    made = decode(state["model"], [state["code"], code])
    apart = cdist([*made, pixels], real()).min(axis=1)
    holes = (cdist(decode(state["model"], cells(codes, 20)), real()).min(axis=1) > far).sum()
    return {
        "distance": apart[0],
        "by_codes": apart[1],
        "by_pixels": apart[2],
        "typical": typical,
        "far": far,
        "holes": holes,
    }


def check_numbers(state, shown) -> None:
    assert shown == pytest.approx(oracle(state), abs=1e-9, rel=1e-11)
    codes = np.array(pair()[0].models[state["model"]]["codes"])
    blended = state["alpha"] * codes[state["first"]] + (1 - state["alpha"]) * codes[state["second"]]
    assert state["blended"] == pytest.approx(blended, abs=1e-12)
    nearest = cdist(decode(state["model"], [state["code"]]), real()).argmin()
    assert state["nearest"] == nearest


def check_page(page) -> dict[str, float]:
    shown = numbers_of(page)
    check_numbers(state_of(page), shown)
    return shown


def choose(page, name: str, option: str) -> None:
    page.get_by_role("combobox", name=name).select_option(label=option)
    settle(page)


def picture(page, name: str) -> np.ndarray:
    """How much ink each pixel of a picture has."""
    node = page.locator(f'svg[aria-label^="{name}"]')
    return np.array(
        node.evaluate(
            "(node) => [...node.querySelectorAll('rect')].map((each) => +each.getAttribute('fill-opacity'))"
        )
    )


def ink(pixels: np.ndarray) -> np.ndarray:
    return np.clip((pixels + 1) / 2, 0, 1)


@pytest.mark.parametrize("which", [0, 1])
def test_decoder_equals_torch(mathematics, which):
    codes = np.random.default_rng(4).uniform(-6, 6, size=(40, 2))
    made = mathematics.evaluate(
        "([which, codes]) => Array.from(lib.decode(models[which], codes))", [which, codes.tolist()]
    )
    wanted = decode(which, codes)
    assert np.array(made) == pytest.approx(wanted.ravel(), abs=1e-9)
    assert np.ptp(wanted) > 1.5  # drawn weights, but no constant images


def test_python_shows_the_same(mathematics):
    explorer, _ = pair()
    for which in (0, 1):
        shown = CodePlane(
            **{key: getattr(explorer, key) for key in ("pictures", "labels", "models")}, **ENDS, model=which
        )
        assert shown.decode([[0.7, -1.2]]) == pytest.approx(decode(which, [[0.7, -1.2]]), abs=1e-9)
        state = {"model": which, "code": [0.7, -1.2], "alpha": 0.3, **ENDS}
        wanted = oracle(state)
        by_pixels, by_codes = shown.blends(0.3)
        assert shown.at([0.7, -1.2]).distance == pytest.approx(wanted["distance"], abs=1e-9)
        assert [by_pixels.distance, by_codes.distance] == pytest.approx(
            [wanted["by_pixels"], wanted["by_codes"]], abs=1e-9
        )
        assert shown.among_real() == pytest.approx(among_real(), abs=1e-9)


def test_pictures_are_the_digits(mathematics):
    made = mathematics.evaluate("() => Array.from(pictures.real)")
    assert np.array(made) == pytest.approx(real().ravel(), abs=1e-12)
    typical, far = mathematics.evaluate("() => [pictures.typical, pictures.far]")
    assert [typical, far] == pytest.approx(among_real(), abs=1e-9)
    assert far > typical + 0.2


def test_other_codes_ends_and_models(opened):
    generator = np.random.default_rng(6)
    explorer, _ = pair()
    given = {key: getattr(explorer, key) for key in ("pictures", "labels", "models", "grid")}
    states = [
        {
            **given,
            "model": which,
            "code": generator.uniform(-2, 2, size=2).tolist(),
            "first": int(generator.integers(COUNT)),
            "second": int(generator.integers(COUNT)),
            "alpha": generator.uniform(),
        }
        for which in (0, 1)
        for _ in range(5)
    ]
    states.append({**given, "model": 0, "code": [0, 0], "first": 3, "second": 3, "alpha": 1})
    for state, shown in rendered(opened(), explorer, states):
        check_numbers(state, shown)
    assert shown["by_pixels"] == pytest.approx(0, abs=1e-12)  # alpha = 1 is the first digit itself


def test_ends_of_the_blend_are_the_digits_and_their_images(mathematics):
    codes = np.array(pair()[0].models[0]["codes"])
    for alpha, end in ((1, 7), (0, 9)):
        made = mathematics.evaluate(
            """(alpha) => { const ends = { first: 7, second: 9 };
              const { pixels, code, image } = lib.blends(models[0], pictures, ends, alpha);
              return [pixels, code, Array.from(image)]; }""",
            alpha,
        )
        wanted = [real()[end], codes[end], decode(0, [codes[end]])[0]]
        for mine, each in zip(made, wanted, strict=True):
            assert np.array(mine) == pytest.approx(each, abs=1e-9)


def test_first_page_shows_the_images(opened):
    page = opened()
    check_page(page)
    state = state_of(page)
    made = decode(0, [state["code"], state["blended"]])
    assert picture(page, "decoded image") == pytest.approx(ink(made[0]), abs=1e-3)
    assert picture(page, "nearest real digit") == pytest.approx(ink(real()[state["nearest"]]), abs=1e-3)
    assert picture(page, "codes blended") == pytest.approx(ink(made[1]), abs=1e-3)
    assert picture(page, "pixels blended") == pytest.approx(ink(real()[[7, 9]].mean(axis=0)), abs=1e-3)


def test_words_tell_a_hole(opened):
    """Beyond the 95 % quantile, between it and the median, and below the median."""
    explorer, _ = pair()
    _, far = among_real()
    base = {"model": 0, "alpha": 0.5, **ENDS, "grid": False, "labels": explorer.labels}
    own = decode(0, [[0.5, 0.5]])[0]
    middle = explorer.at([0.5, 0.5]).distance
    assert middle > far and len(own) == 64
    page = opened()
    ((_, shown),) = rendered(
        page,
        explorer,
        [base | {"pictures": explorer.pictures, "models": explorer.models, "code": [0.5, 0.5]}],
    )
    assert shown["distance"] == pytest.approx(middle, abs=1e-9)
    says = "(numbers) => lib.inWords(numbers)"
    with mathematics_of(page.context.browser, "code_plane/decoder.js") as asked:
        told = [
            asked.evaluate(says, {"distance": distance, "typical": 2, "far": 3, "label": label})
            for distance, label in ((3.2, 8), (2.5, 4), (1.5, 1))
        ]
    assert "3.20" in told[0] and "an 8" in told[0] and "lies in a hole" in told[0]
    assert "a 4, farther than a real one" in told[1] and "hole" not in told[1]
    assert "a 1, no farther than" in told[2]
    assert ("lies in a hole" in words(page)) == (numbers_of(page)["distance"] > far)


def test_mouse_moves_the_cursor(opened):
    page = opened()
    axis = page.locator(".explorer-chart").first.locator(".explorer-axis").bounding_box()
    before = state_of(page)
    drag(page, peak(page, "Cursor"), 50, 30)
    after = state_of(page)
    codes = np.array(pair()[0].models[0]["codes"])
    unit = 1.1 * np.ptp(codes[:, 0]) / axis["width"]
    assert after["code"][0] - before["code"][0] == pytest.approx(50 * unit, rel=0.02)
    assert after["code"][1] < before["code"][1]
    check_page(page)
    page.mouse.click(axis["x"] + 0.25 * axis["width"], axis["y"] - 40)  # anywhere in the plane
    low = codes[:, 0].min() - 0.05 * np.ptp(codes[:, 0])
    assert state_of(page)["code"][0] == pytest.approx(low + 0.25 * 1.1 * np.ptp(codes[:, 0]), abs=2 * unit)
    check_page(page)


def test_mouse_takes_an_end_to_another_digit(opened):
    page = opened()
    before = state_of(page)
    drag(page, peak(page, "First digit"), -120, 40)
    after = state_of(page)
    assert after["first"] != before["first"] and after["second"] == before["second"]
    check_page(page)


def test_keyboard(opened):
    page = opened()
    cursor = peak(page, "Cursor")
    cursor.focus()
    before = state_of(page)["code"]
    page.keyboard.press("ArrowRight")
    settle(page)
    page.keyboard.press("Shift+ArrowUp")
    settle(page)
    codes = np.array(pair()[0].models[0]["codes"])
    step = 1.1 * np.ptp(codes, axis=0) / 50
    assert np.subtract(state_of(page)["code"], before) == pytest.approx([step[0], 5 * step[1]], rel=1e-3)
    shown = check_page(page)
    assert f"{shown['distance']:.2f} from the nearest real digit" in cursor.get_attribute("aria-valuetext")
    for name in ("First digit", "Second digit"):
        key = name.split()[0].lower()
        for arrow, axis, sign in (
            ("ArrowRight", 0, 1),
            ("ArrowLeft", 0, -1),
            ("ArrowUp", 1, 1),
            ("ArrowDown", 1, -1),
        ):
            start = state_of(page)[key]
            peak(page, name).focus()
            page.keyboard.press(arrow)
            end = state_of(page)[key]
            assert sign * (codes[end] - codes[start])[axis] > 0
            check_page(page)
    peak(page, "Blend").focus()
    page.keyboard.press("ArrowRight")
    assert state_of(page)["alpha"] == pytest.approx(0.55)
    page.keyboard.press("End")
    settle(page)
    assert state_of(page)["alpha"] == 1
    assert check_page(page)["by_pixels"] == pytest.approx(0, abs=1e-9)


def test_finger(opened):
    page = opened(width=400, height=700, has_touch=True)
    cursor = peak(page, "Cursor")
    cursor.scroll_into_view_if_needed()
    before, top = state_of(page)["code"], page.evaluate("scrollY")
    box = cursor.bounding_box()
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    swipe(page, at, (at[0] + 40, at[1] - 40))
    after = state_of(page)["code"]
    assert after[0] > before[0] and after[1] > before[1] and page.evaluate("scrollY") == top
    check_page(page)
    knob = peak(page, "Blend")
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    swipe(page, at, (at[0] + 50, at[1]))
    assert state_of(page)["alpha"] > 0.6
    check_page(page)


def test_a_tap_sets_the_cursor_and_a_swipe_upwards_scrolls(opened):
    page = opened(width=400, height=700, has_touch=True)
    axis = page.locator(".explorer-chart").first.locator(".explorer-axis").bounding_box()
    x, y = axis["x"] + 0.3 * axis["width"], axis["y"] - 60
    page.touchscreen.tap(x, y)
    codes = np.array(pair()[0].models[0]["codes"])
    low = codes[:, 0].min() - 0.05 * np.ptp(codes[:, 0])
    assert state_of(page)["code"][0] == pytest.approx(low + 0.33 * np.ptp(codes[:, 0]), abs=0.05)
    check_page(page)
    before = state_of(page)["code"]
    swipe(page, (x + 90, y + 50), (x + 90, y - 150))
    assert page.evaluate("scrollY") > 50 and state_of(page)["code"] == before


def test_other_model_takes_the_cursor_to_the_same_place_in_its_box(opened):
    page = opened()
    before = state_of(page)["code"]
    choose(page, "decoder of the", "VAE")
    state = state_of(page)
    shares = []
    for which, code in ((0, before), (1, state["code"])):
        codes = np.array(pair()[0].models[which]["codes"])
        shares.append((np.array(code) - codes.min(axis=0)) / np.ptp(codes, axis=0))
    assert state["model"] == 1 and shares[0] == pytest.approx(shares[1], abs=1e-9)
    check_page(page)
    spread = np.array(pair()[0].models[1]["deviations"])
    radii = page.locator("ellipse").evaluate_all(
        "(nodes) => nodes.map((each) => [each.rx.baseVal.value, each.ry.baseVal.value])"
    )
    assert len(radii) == COUNT
    ratio = np.array(radii) / spread  # one unit of each axis, in pixels
    assert ratio == pytest.approx(np.broadcast_to(ratio[0], ratio.shape), rel=1e-4)


@pytest.mark.parametrize("which", [0, 1])
def test_grid_is_decoded_cell_by_cell(mathematics, which):
    made = mathematics.evaluate(
        """(which) => { const { codes, images, distances } = lib.decodeGrid(models[which], pictures, 7);
          return [codes, Array.from(images), distances]; }""",
        which,
    )
    codes = cells(np.array(pair()[0].models[which]["codes"]), 7)
    images = decode(which, codes)
    assert np.array(made[0]) == pytest.approx(codes, abs=1e-12)
    assert np.array(made[1]) == pytest.approx(images.ravel(), abs=1e-9)
    assert made[2] == pytest.approx(cdist(images, real()).min(axis=1), abs=1e-9)


def test_grid_shades_the_holes(browser, tmp_path):
    """Of the explorer's own digits, where some codes lie in holes and others do not."""
    own = CodePlane()
    pixels, codes = own.real(), np.array(own.models[0]["codes"])
    apart = cdist(pixels, pixels) + np.diag([np.inf] * len(pixels))
    far = np.quantile(apart.min(axis=1), 0.95)
    with pages(browser, write_page(tmp_path, "code_plane")) as open_page:
        for width, count in ((1000, 20), (360, 12)):
            holes = cdist(own.decode(cells(codes, count)), pixels).min(axis=1) > far
            assert 0 < holes.sum() < count**2 / 2
            page = open_page(width=width)
            press(page, "Decode a grid of codes")
            pressed = page.get_by_role("button", name="Decode a grid of codes")
            assert pressed.get_attribute("aria-pressed") == "true"
            assert count != 20 or numbers_of(page)["holes"] == holes.sum()
            ground = page.locator(".explorer-chart").first.locator("[data-role=generated] > path").first
            shaded = [each.split("h")[0].split() for each in ground.get_attribute("d").split("M")[1:]]
            corners = np.array(shaded, dtype=float)
            columns, rows = np.nonzero(holes.reshape(count, count).T)
            wide, high = np.ptp(corners, axis=0)
            wanted = np.column_stack([columns, rows]).astype(float)
            wanted = (wanted - wanted.min(axis=0)) / np.ptp(wanted, axis=0) * [wide, high]
            found = corners - corners.min(axis=0)
            order = np.lexsort(np.round(found).T[::-1])
            assert found[order] == pytest.approx(wanted[np.lexsort(wanted.T[::-1])], abs=1)
            press(page, "Decode a grid of codes")
            assert ground.get_attribute("d") == ""


def test_marking_a_class(opened):
    page = opened()
    choose(page, "mark", "only 3")
    strong = page.locator("circle.explorer-spot").evaluate_all(
        "(nodes) => nodes.map((each) => +each.getAttribute('fill-opacity') > 0.5)"
    )
    assert strong == [label == 3 for label in pair()[0].labels]


def test_walk_swap_and_reset(opened):
    page = opened()
    first = state_of(page)
    press(page, "Walk along the line")
    state = state_of(page)
    assert state["alpha"] == 1
    assert state["code"] == pytest.approx(pair()[0].models[0]["codes"][7], abs=1e-9)
    shown = check_page(page)
    assert shown["distance"] == pytest.approx(shown["by_codes"], abs=1e-9)
    press(page, "Swap")
    assert [state_of(page)[key] for key in ("first", "second")] == [9, 7]
    check_page(page)
    press(page, "Reset")
    assert state_of(page) == first


def test_outputs_print_their_values(opened):
    page = opened()
    for output in page.locator("output").all():
        value, quantity = float(output.get_attribute("data-value")), output.get_attribute("data-quantity")
        assert output.inner_text() == (f"{value:.0f}" if quantity == "holes" else f"{value:.3f}")


def test_weights_stay_small():
    sizes = [len(json.dumps(each)) for each in pair()[0].models]
    torch.manual_seed(0)
    large = plane_model(
        "large",
        PerceptronGenerator(2, (1, 8, 8), width=64),
        torch.randn(600, 2),
        deviations=torch.rand(600, 2),
    )
    assert max(*sizes, len(json.dumps(large))) < 150_000
