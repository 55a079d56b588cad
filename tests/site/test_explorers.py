"""What every explorer keeps, in a real browser: reach, colours, fit, motion, paper, no script, no traces."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from explorer_pages import contrast, drag, luminance, pages, peak, settle, state_of, write_page
from lib import divergences
from lib.explorers.gan_game import GanGame


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("explorer"), "gan_game")


@pytest.fixture
def opened(browser, address):
    with pages(browser, address) as open_page:
        yield open_page


def test_tab_reaches_every_control(opened):
    page = opened()
    page.locator("h1").click()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        label = page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent")
        if page.evaluate("document.activeElement === document.body") or label in reached:
            break
        ring = page.evaluate(
            """() => { const node = document.activeElement, ring = node.querySelector('.explorer-ring');
              const style = getComputedStyle(ring ?? node);
              return ring ? style.stroke !== 'none' : style.outlineStyle !== 'none'; }"""
        )
        assert ring, f"no focus to be seen on {label!r}"
        reached.append(label)
    laws = {"p, the real law": ("Peak", "Second peak"), "q, the generated law": ("Peak",)}
    wanted = {
        f"{words} of {law}" for law, peaks in laws.items() for words in (*peaks, "width", "second peak")
    }
    assert set(reached) == wanted | {"Your D at 0", "Make D optimal", "D = ½", "Reset"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(opened, theme):
    page = opened(theme=theme)
    report = Axe().run(page)
    assert report.response["violations"] == [], report.generate_report()


@pytest.mark.parametrize(
    "how", ["light system", "dark system", "dark site", "dark notebook", "light site, dark system"]
)
def test_colours_can_be_read(opened, how):
    page = opened(theme="dark" if "dark system" in how else "light")
    if "site" in how:
        page.evaluate("(theme) => document.documentElement.dataset.theme = theme", how.split()[0])
    if "notebook" in how:
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    dark = how != "light system" and not how.startswith("light site")

    def computed(selector, name):
        return page.locator(selector).first.evaluate(f"(node) => getComputedStyle(node).{name}")

    ground = computed(".explorer", "backgroundColor")
    assert (luminance(ground) < 0.1) == dark
    for role in ("real", "generated", "third", "ink"):
        assert contrast(computed(f'.explorer-curve[data-role="{role}"]', "stroke"), ground) >= 3
        written = ".explorer-name" if role in ("third", "ink") else ".explorer-note"
        assert contrast(computed(f'{written}[data-role="{role}"]', "fill"), ground) >= 4.5
    assert contrast(computed(".explorer-frame text", "fill"), ground) >= 4.5
    if not dark:
        assert computed('.explorer-curve[data-role="real"]', "stroke") == "rgb(0, 114, 178)"
        assert computed('.explorer-curve[data-role="generated"]', "stroke") == "rgb(213, 94, 0)"
        assert computed('.explorer-curve[data-role="third"]', "stroke") == "rgb(153, 0, 255)"


@pytest.mark.parametrize("width", [320, 360, 768, 1400])
def test_fits_the_page(opened, width):
    page = opened(width=width)
    for place in ("Home", "End"):
        peak(page, "Peak of q, the generated law").focus()
        page.keyboard.press(place)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.explorer-chart')].map((svg) => [
          svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
          ...[...svg.querySelectorAll('text')].map((text) => parseFloat(getComputedStyle(text).fontSize))])"""
    )
    for scale, *fonts in sizes:
        assert scale == pytest.approx(1, abs=0.02)
        assert min(fonts) >= 12
    targets = page.locator(".explorer button, .explorer input, .explorer-over > .explorer-handle").all()
    boxes = [each.bounding_box() for each in targets if each.is_visible()]
    assert len(boxes) >= 10
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24


def test_follows_a_change_of_width(opened):
    page = opened(width=1000)
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function(
        """() => [...document.querySelectorAll('.explorer-chart')].every(
          (svg) => Math.abs(svg.getBoundingClientRect().width - svg.viewBox.baseVal.width) < 2)"""
    )
    before = state_of(page)["generated"]["mean"]
    unit = page.locator(".explorer-surface").bounding_box()["width"] / 12
    drag(page, peak(page, "Peak of q, the generated law"), -30, 0)
    assert state_of(page)["generated"]["mean"] == pytest.approx(before - 30 / unit, abs=0.02)


@pytest.mark.parametrize("preference", ["reduce", "no-preference"])
def test_motion_only_where_it_is_welcome(opened, preference):
    page = opened(reduced_motion=preference)
    page.evaluate(
        """() => { window.seen = 0;
          new MutationObserver(() => { window.seen += 1; }).observe(
            document.querySelector('.explorer'), { attributes: true, attributeFilter: ['data-state'] }); }"""
    )
    page.get_by_role("button", name="D = ½").click()
    settle(page)
    steps = page.evaluate("window.seen")
    assert steps == 1 if preference == "reduce" else steps > 1
    assert set(state_of(page)["discriminator"]) == {0.5}


def test_print_is_black_on_white_without_controls(opened):
    page = opened(theme="dark")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print", color_scheme="dark")
    assert (
        page.locator(".explorer").evaluate("(node) => getComputedStyle(node).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.locator(".explorer").evaluate("(node) => getComputedStyle(node).color") == "rgb(0, 0, 0)"
    for gone in ("button", "input", ".explorer-knob"):
        assert not any(each.is_visible() for each in page.locator(f".explorer {gone}").all())
    assert page.locator('output[data-quantity="js"]').is_visible()


def test_without_javascript_there_is_a_figure(opened):
    page = opened(java_script_enabled=False)
    picture = page.get_by_role("img")
    assert picture.count() == 1
    assert picture.get_attribute("alt") == GanGame.alt and len(GanGame.alt) > 100
    assert picture.bounding_box()["width"] > 300


def test_module_keeps_to_itself_and_cleans_up(opened):
    """What anywidget does: import the module, call its default render, later what it returned."""
    page = opened()
    report = page.evaluate(
        """async ([source, traits]) => {
          const heard = new Map();
          const model = {
            saved: 0, get: (key) => traits[key], set: (key, value) => { traits[key] = value; },
            on: (event, how) => heard.set(event, (heard.get(event) ?? 0) + 1),
            off: (event, how) => heard.set(event, heard.get(event) - 1),
            save_changes: () => { model.saved += 1; },
          };
          const before = new Set(Object.getOwnPropertyNames(window));
          const Observer = window.ResizeObserver;
          let watching = 0;
          window.ResizeObserver = class extends Observer {
            observe(node) { watching += 1; super.observe(node); }
            disconnect() { watching -= 1; super.disconnect(); }
          };
          const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
          const { default: drawing } = await import(address);
          const el = document.querySelector('main').appendChild(document.createElement('div'));
          const close = await drawing.render({ model, el });
          const frames = (count) => new Promise((done) => {
            const next = () => (count-- ? requestAnimationFrame(next) : done());
            next();
          });
          await frames(3);
          const button = [...el.querySelectorAll('button')].find((each) => each.textContent.includes('½'));
          button.click();
          await new Promise((done) => setTimeout(done, 900));
          const root = el.firstChild;
          const during = { heard: [...heard.values()], watching, saved: model.saved,
            value: traits.discriminator.length, ready: root.dataset.ready,
            half: traits.discriminator.every((d) => d === 0.5) };
          close();
          const state = root.dataset.state;
          [...root.querySelectorAll('button')].forEach((each) => each.click());
          window.dispatchEvent(new Event('resize'));
          await new Promise((done) => setTimeout(done, 500));
          window.ResizeObserver = Observer;
          const leaked = Object.getOwnPropertyNames(window).filter((name) => !before.has(name));
          return { during, leaked, left: el.childElementCount,
            still: state === root.dataset.state, saved: model.saved, heard: [...heard.values()], watching };
        }""",
        [GanGame()._esm, {key: getattr(GanGame(), key) for key in GanGame.class_own_traits(sync=True)}],
    )
    during = report["during"]
    assert during["heard"] == [1] * 9 and during["watching"] == 1
    assert during["saved"] >= 1 and during["half"] and during["value"] == 801 and during["ready"] == "true"
    assert report["heard"] == [0] * 9 and report["watching"] == 0
    assert report["leaked"] == [] and report["left"] == 0 and report["still"]
    assert report["saved"] == during["saved"]


def test_follows_python(opened):
    """A trait set from Python (or by a linked widget) is drawn, without being sent back."""
    page = opened()
    before = float(page.locator('output[data-quantity="js"]').get_attribute("data-value"))
    outcome = page.evaluate(
        """async ([source, traits]) => {
          const heard = new Map();
          let saved = 0;
          const model = { get: (key) => traits[key], set: (key, value) => { traits[key] = value; },
            on: (event, how) => heard.set(event, how), off: () => {}, save_changes: () => { saved += 1; } };
          const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
          const { default: drawing } = await import(address);
          const el = document.querySelector('main').appendChild(document.createElement('div'));
          drawing.render({ model, el });
          traits.generated_mean = -2.2;
          heard.get('change:generated_mean')();
          await new Promise((done) => setTimeout(done, 600));
          return [el.querySelector('[data-quantity="js"]').dataset.value, saved];
        }""",
        [GanGame()._esm, {key: getattr(GanGame(), key) for key in GanGame.class_own_traits(sync=True)}],
    )
    moved = GanGame(generated_mean=-2.2).curves(20001)
    assert float(outcome[0]) == pytest.approx(
        divergences.jensen_shannon(moved.real, moved.generated, moved.x), abs=1e-3
    )
    assert abs(float(outcome[0]) - before) > 0.01
    assert outcome[1] == 0
