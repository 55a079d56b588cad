"""The digits of the explorer of attention in a real browser: against NumPy, and by all hands."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

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
from lib.explorers.attention_map import AttentionMap
from lib.explorers.attention_map.film import DIGITS, MOVES, TRAINED

LEVELS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("explorer"), "attention_map")


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "attention_map/maps.js") as page:
        yield page


@pytest.fixture
def opened(browser, address):
    with pages(browser, address) as open_page:

        def open_digits(*arguments, **options):
            page = open_page(*arguments, **options)
            press(page, "The digits")
            return page

        yield open_digits


def counts(table: np.ndarray) -> np.ndarray:
    """2 to the entropy of each row, in bits."""
    return 2 ** -(table * np.log2(table)).sum(axis=-1)


def heat(page) -> np.ndarray:
    """The opacities of the 64 squares, put back in order of their places on the page."""
    found = page.locator(".attention-heat").evaluate_all(
        "(all) => all.map((node) => [node.y.baseVal.value, node.x.baseVal.value,"
        " Number(node.getAttribute('fill-opacity'))])"
    )
    return np.array([share for *_, share in sorted(found)])


def shown_row(row: np.ndarray) -> np.ndarray:
    """What opacities a row should have: a share `full` of the weight gets the whole colour."""
    full = next(level for level in LEVELS if level >= row.max())
    return 0.9 * row / full


def drawn_ink(page, chart: int) -> np.ndarray:
    """The greys (32, 32) that lie under the middle of each pixel of a chart."""
    return np.array(
        page.locator(".explorer-chart")
        .nth(chart)
        .evaluate(
            """(svg) => { const paths = [...svg.querySelectorAll('path.explorer-spot')];
              const wide = svg.querySelector('.attention-edge').width.baseVal.value / 32;
              return Array.from({ length: 1024 }, (_, k) => {
                const point = svg.createSVGPoint();
                [point.x, point.y] = [(k % 32 + 0.5) * wide, (Math.floor(k / 32) + 0.5) * wide];
                const hit = paths.filter((path) => path.isPointInFill(point));
                if (hit.length > 1) throw new Error('two greys on one pixel');
                return hit.length ? Number(hit[0].getAttribute('fill-opacity')) : 0; }); }"""
        )
    ).reshape(32, 32)


@pytest.mark.parametrize("trained", TRAINED)
def test_maps_are_those_of_numpy(mathematics, trained):
    explorer = AttentionMap(trained=trained)
    run = next(each for each in explorer.maps if each["seed"] == trained)
    for moves in MOVES:
        found = mathematics.evaluate(
            """(look) => [0, 1, 2, 3].map((which) => { const { greys, table } = lib.readMap(look, which);
              return { greys: [...greys], table: [...table], count: lib.countOf(lib.rowOf(table, 9)),
                mean: [...lib.meanRow(table)], counts: lib.meanCount(table),
                ink: [...lib.inkOf(greys).ink], most: lib.inkOf(greys).most };
            })""",
            run["looks"][MOVES.index(moves)],
        )
        for digit, each in zip(DIGITS, found, strict=True):
            explorer.moves, explorer.digit = moves, digit
            image, table = explorer.mapped()
            assert np.array(each["greys"]) / 15 * 2 - 1 == pytest.approx(image.ravel(), abs=1e-12)
            made = np.array(each["table"]).reshape(64, 64)
            assert made == pytest.approx(table, abs=1e-12)
            assert made.sum(axis=1) == pytest.approx(np.ones(64), abs=1e-12)
            assert each["mean"] == pytest.approx(table.mean(axis=0), abs=1e-12)
            assert each["count"] == pytest.approx(counts(table[9]))
            assert each["counts"] == pytest.approx(counts(table).mean())
            ink = (image / 2 + 0.5).reshape(8, 4, 8, 4).mean(axis=(1, 3)).ravel()
            assert each["ink"] == pytest.approx(ink, abs=1e-12)
            assert ink[each["most"]].sum() == pytest.approx(np.sort(ink)[-16:].sum())


def test_counting_of_rows_made_by_hand(mathematics):
    five = [0.2] * 5 + [0] * 59
    assert mathematics.evaluate("(row) => lib.countOf(row)", five) == pytest.approx(5)
    assert mathematics.evaluate("(row) => lib.countOf(row)", [1] + [0] * 63) == pytest.approx(1)


def expected(explorer: AttentionMap) -> dict[str, float]:
    image, table = explorer.mapped()
    row = table.mean(axis=0) if explorer.everybody else table[explorer.looks]
    ink = np.rint(15 * (image / 2 + 0.5)).reshape(8, 4, 8, 4).sum(axis=(1, 3)).ravel()
    quarter = np.argsort(-ink, kind="stable")[:16]  # whole numbers: of equals the first
    run = next(each for each in explorer.maps if each["seed"] == explorer.trained)
    said = run["looks"][MOVES.index(explorer.moves)]["numbers"]
    return {
        "count": counts(row),
        "counts": counts(table).mean(),
        "most": row.max(),
        "even": 1 / 64,
        "ink": row[quarter].sum(),
        "quarter": 0.25,
        "gamma": said["gamma"],
        "heard": said["heard"],
        "frechet": said["frechet"],
    }


def agrees(page, explorer: AttentionMap) -> None:
    """Numbers and both pictures of the page are those of Python for these traits."""
    assert numbers_of(page) == pytest.approx(expected(explorer), abs=1e-9)
    image, table = explorer.mapped()
    row = table.mean(axis=0) if explorer.everybody else table[explorer.looks]
    assert heat(page) == pytest.approx(shown_row(row), abs=1e-4)
    for chart in (0, 1):
        assert drawn_ink(page, chart) == pytest.approx(image / 2 + 0.5, abs=1e-3)


def test_page_shows_what_python_computes(opened):
    page, explorer = opened(), AttentionMap(view="digits")
    agrees(page, explorer)
    top = int(explorer.mapped()[1][19].argmax())
    assert words(page).startswith("For the place in row 3, column 4,")
    assert f"to row {top // 8 + 1}, column {top % 8 + 1}." in words(page)
    assert page.get_by_role("button", name="The digits").get_attribute("aria-pressed") == "true"
    press(page, "The twins")
    assert page.locator(".attention-heat").count() == 0 and "covariance" in numbers_of(page)
    press(page, "The digits")
    agrees(page, explorer)


def test_every_digit_training_and_moment(opened):
    page = opened()
    time = page.get_by_role("slider", name="moves of training")
    for trained, digit, moves in ((1, 3, 300), (3, 0, 700), (3, 7, 1500), (1, 1, 100), (3, 0, 0)):
        page.get_by_role("combobox", name="training").select_option(str(trained))
        page.get_by_role("combobox", name="asked for").select_option(str(digit))
        time.fill(str(MOVES.index(moves)))
        settle(page)
        state = state_of(page)
        assert (state["trained"], state["digit"], state["moves"]) == (trained, digit, moves)
        assert time.get_attribute("aria-valuetext") == str(moves)
        agrees(page, AttentionMap(trained=trained, digit=digit, moves=moves))
    assert "nothing of it is heard" in words(page) and numbers_of(page)["gamma"] == 0
    page.keyboard.press("Tab")
    time.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert state_of(page)["moves"] == 100 and "nothing of it" not in words(page)
    press(page, "Reset")
    agrees(page, AttentionMap())


def test_mean_over_all_places(opened):
    page = opened()
    press(page, "Mean over all places")
    agrees(page, AttentionMap(everybody=True))
    assert not any(each.is_visible() for each in page.locator(".attention-around").all()[:2])
    assert words(page).startswith("Taken together")
    page.locator(".explorer-chart").nth(1).locator(".attention-surface").click(position={"x": 5, "y": 5})
    settle(page)
    assert state_of(page)["everybody"] is False and state_of(page)["looks"] == 0
    agrees(page, AttentionMap(looks=0))


@pytest.mark.parametrize("chart", [0, 1])
def test_click_and_tap_choose_a_place(opened, chart):
    page = opened(width=390, height=900, has_touch=True)
    surface = page.locator(".explorer-chart").nth(chart).locator(".attention-surface")
    box = surface.bounding_box()
    for hand, row, column in ((surface.click, 5, 2), (surface.tap, 0, 7), (surface.click, 7, 0)):
        across, down = (column + 0.5) * box["width"] / 8, (row + 0.5) * box["height"] / 8
        hand(position={"x": across, "y": down})
        settle(page)
        assert state_of(page)["looks"] == 8 * row + column
        frames = page.locator("rect.attention-around").evaluate_all(
            "(all) => all.map((each) => ['y', 'x', 'width'].map((name) => each[name].baseVal.value))"
        )
        for y, x, wide in frames:
            assert (round(y / wide), round(x / wide)) == (row, column)
    agrees(page, AttentionMap(looks=56))


def test_arrows_and_dragging_choose_a_place(opened):
    page = opened()
    knob = peak(page, "Place that looks")
    knob.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
        settle(page)
    assert state_of(page)["looks"] == 8 * 1 + 5
    assert knob.get_attribute("aria-valuetext") == "row 2, column 6"
    page.keyboard.press("Home")
    settle(page)
    assert state_of(page)["looks"] == 8
    wide = page.locator(".attention-edge").first.evaluate("(node) => node.width.baseVal.value")
    drag(page, knob, 3 * wide / 8, 4 * wide / 8)
    settle(page)
    assert state_of(page)["looks"] == 8 * 5 + 3
    agrees(page, AttentionMap(looks=43))


def test_finger_moves_the_place_and_not_the_page(opened):
    page = opened(width=390, height=700, has_touch=True)
    knob = peak(page, "Place that looks")
    knob.scroll_into_view_if_needed()
    top, box = page.evaluate("scrollY"), knob.bounding_box()
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    swipe(page, start, (start[0] + 40, start[1] + 60))
    settle(page)
    assert page.evaluate("scrollY") == top
    assert state_of(page)["looks"] // 8 > 3 and state_of(page)["looks"] % 8 > 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(opened, theme):
    page = opened(theme=theme)
    page.mouse.move(0, 0)
    report = Axe().run(page, options={"preload": False})
    assert report.response["violations"] == [], report.generate_report()


@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_fits_the_page(opened, width):
    page = opened(width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    left, right = (each.bounding_box() for each in page.locator(".attention-edge").all())
    assert left["y"] == pytest.approx(right["y"]) and left["width"] == pytest.approx(left["height"], abs=1)
    assert right["x"] > left["x"] + left["width"] and left["width"] > 100
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function(
        """() => [...document.querySelectorAll('.explorer-chart')].every(
          (svg) => Math.abs(svg.getBoundingClientRect().width - svg.viewBox.baseVal.width) < 2)"""
    )


def test_print_keeps_the_pictures_and_the_numbers(opened):
    page = opened(theme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    for gone in ("button", "input", "select"):
        assert not any(each.is_visible() for each in page.locator(f".explorer {gone}").all())
    assert all(each.is_visible() for each in page.locator("output").all())
    assert page.locator("rect.attention-around").first.is_visible()
    assert page.locator(".attention-heat").count() == 64


def test_sentences_keep_to_the_state(opened):
    page, explorer = opened(), AttentionMap(view="digits")
    base = {key: getattr(explorer, key) for key in AttentionMap.class_own_traits(sync=True)}
    states = [base | {"moves": moves, "everybody": all_} for moves in MOVES for all_ in (False, True)]
    said = [state["words"] for state, _ in rendered(page, explorer, states)]
    assert len(set(said)) == len(states)
    assert all("NaN" not in each and "undefined" not in each for each in said)
