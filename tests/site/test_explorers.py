"""What every explorer keeps, in a real browser: reach, colours, fit, motion, paper, no script, no traces.

Every folder of `lib/explorers` is tested here against what its class declares to have: controls, handles,
roles, the buttons that move something for a while, and the one that changes a trait.
"""

import importlib

import pytest
from axe_playwright_python.sync_playwright import Axe

from explorer_pages import RESTED, SETTLED, begin, contrast, luminance, settle, write_page
from lib.explorers import Explorer, names

LIGHT = {"real": "rgb(0, 114, 178)", "generated": "rgb(213, 94, 0)", "third": "rgb(153, 0, 255)"}


@pytest.fixture(scope="module", params=names())
def kind(request):
    importlib.import_module(f"lib.explorers.{request.param}")
    return next(each for each in Explorer.__subclasses__() if each.name == request.param)


@pytest.fixture(scope="module")
def address(kind, tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("explorer"), kind.name)


def traits_of(kind) -> dict:
    explorer = kind()
    return {key: getattr(explorer, key) for key in kind.class_own_traits(sync=True)}


def test_tab_reaches_every_control_that_is_declared(opened, kind):
    page = opened()
    page.locator("h1").click()
    reached = []
    for _ in kind.controls:
        page.keyboard.press("Tab")
        name, ring = page.evaluate(
            """() => { const node = document.activeElement, ring = node.querySelector('.explorer-ring');
              const style = getComputedStyle(ring ?? node);
              const label = node.labels?.[0]?.querySelector('.explorer-label');
              return [node.ariaLabel || (label ?? node).textContent,
                ring ? style.stroke !== 'none' : style.outlineStyle !== 'none']; }"""
        )
        assert ring, f"no focus to be seen on {name!r}"
        reached.append(name)
    assert sorted(reached) == sorted(kind.controls)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.explorer')") is None
    assert {kind.stirring, *kind.animated, *kind.handles} <= set(kind.controls)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(opened, theme):
    page = opened(theme=theme)
    report = Axe().run(page, options={"preload": False})  # style sheets cannot be fetched from a file
    assert report.response["violations"] == [], report.generate_report()


SURROUNDINGS = ("light system", "dark system", "dark site", "dark notebook", "light site, dark system")
SURROUND = """([theme, notebook]) => {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  if (notebook) document.body.dataset.jpThemeLight = 'false';
  else delete document.body.dataset.jpThemeLight;
}"""


def surround(page, how: str) -> bool:
    """Put an explorer where things look so; whether it is dark there."""
    page.emulate_media(color_scheme="dark" if "dark system" in how else "light", reduced_motion="reduce")
    page.evaluate(SURROUND, [how.split()[0] if "site" in how else "", "notebook" in how])
    settle(page)
    return how != "light system" and not how.startswith("light site")


def colours_of(page, selector: str, attribute: str) -> list[tuple[str, str]]:
    """(role, colour) of all that the selector finds."""
    return page.locator(selector).evaluate_all(
        """(nodes, name) => nodes.map((node) => [node.closest('[data-role]')?.dataset.role ?? 'quiet',
          getComputedStyle(node)[name]])""",
        attribute,
    )


def test_colours_can_be_read(opened, kind):
    page = opened(reduced_motion="reduce")
    for how in SURROUNDINGS:
        dark = surround(page, how)
        ground = page.locator(".explorer").evaluate("(node) => getComputedStyle(node).backgroundColor")
        assert (luminance(ground) < 0.1) == dark, how
        drawn = colours_of(page, ".explorer-curve, .explorer-flows line", "stroke")
        drawn += colours_of(page, ".explorer-spot", "fill")
        written = colours_of(page, ".explorer-name, .explorer-note, .explorer-frame text", "fill")
        written += colours_of(page, ".explorer-matrix th, .explorer-matrix td", "color")
        assert {role for role, _ in drawn} & set(LIGHT) == set(kind.roles), how
        assert [pair for pair in drawn if contrast(pair[1], ground) < 3] == [], how
        assert [pair for pair in written if contrast(pair[1], ground) < 4.5] == [], how
        if not dark:
            assert {(role, LIGHT[role]) for role in kind.roles} == {
                (role, colour) for role, colour in drawn if role in LIGHT
            }, how


def unfold(page) -> None:
    """Open what a narrow page folds."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    settle(page)


@pytest.mark.parametrize("width", [320, 360, 768, 1400])
def test_fits_the_page(opened, kind, width):
    page = opened(width=width)
    unfold(page)
    for place in ("Home", "End"):
        for name in sorted({*kind.handles[:1], *kind.handles[-1:]}):
            page.get_by_role("slider", name=name, exact=True).focus()
            page.keyboard.press(place)
            settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('.explorer-chart')].map((svg) => [
          svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
          svg.getBoundingClientRect().height / svg.viewBox.baseVal.height,
          ...[...svg.querySelectorAll('text')].map((text) => parseFloat(getComputedStyle(text).fontSize))])"""
    )
    for across, down, *fonts in sizes:
        assert across == pytest.approx(1, abs=0.02) and down == pytest.approx(1, abs=0.02)
        assert min(fonts) >= 12
    small = page.locator(".explorer :is(button, input, select, summary), .explorer-over > .explorer-handle")
    boxes = small.evaluate_all(
        """(nodes) => nodes.map((node) => node.getBoundingClientRect()).filter((box) => box.width > 0)
          .map((box) => Math.min(box.width, box.height))"""
    )
    assert len(boxes) >= len(kind.controls) - 1 and min(boxes) >= 24  # without the row for the keyboard alone
    cut = page.locator(".explorer-matrix :is(th, td)").evaluate_all(
        """(nodes) => nodes.filter((node) => node.scrollWidth > node.clientWidth)
          .map((node) => node.textContent)"""
    )
    assert cut == []


def test_follows_a_change_of_width(opened):
    page = opened(width=1000)
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function(
        """() => [...document.querySelectorAll('.explorer-chart')].every(
          (svg) => Math.abs(svg.getBoundingClientRect().width - svg.viewBox.baseVal.width) < 2)"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


COUNTING = """() => { window.seen = 0;
  new MutationObserver(() => { window.seen += 1; }).observe(
    document.querySelector('.explorer'), { attributes: true, attributeFilter: ['data-state'] }); }"""
# Some movements go on for seconds, and after thirty pictures it is known that something moves.
STIRRED = f"""async () => {{
  let atRest = false;
  {SETTLED}.then(() => {{ atRest = true; }});
  while (!atRest && window.seen <= 30) await new Promise(requestAnimationFrame);
  return [atRest, window.seen];
}}"""


def pictures_after_each_press(page) -> dict[str, int]:
    """{name of the button: how many pictures its press draws, at most some thirty}.

    From the last to the first: what switches to another view stands above the buttons of the view.
    """
    page.evaluate(COUNTING)
    seen = {}
    while new := [button for button in page.get_by_role("button").all() if named(button) not in seen]:
        name = named(new[-1])
        page.evaluate("window.seen = 0")
        new[-1].click()
        at_rest, seen[name] = page.evaluate(STIRRED)
        if not at_rest:
            page.reload()
            begin(page)
            page.evaluate(COUNTING)
    return seen


def named(button) -> str:
    """What a button is called."""
    return button.get_attribute("aria-label") or button.inner_text()


@pytest.mark.parametrize("preference", ["reduce", "no-preference"])
def test_motion_only_where_it_is_welcome(opened, kind, preference):
    """A button that is declared to move something takes many frames, or one; no other takes more than one."""
    seen = pictures_after_each_press(opened(reduced_motion=preference))
    moving = {name for name, count in seen.items() if count > 1}
    if preference == "reduce":
        assert not moving
    moving &= set(kind.controls)  # those of another view are declared nowhere
    assert moving <= set(kind.animated)
    assert min(seen.values()) >= 1 and bool(moving) == bool(kind.animated and preference != "reduce")


def test_print_is_black_on_white_without_controls(opened):
    page = opened(theme="dark")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    shown = [each for each in page.locator("output").all() if each.is_visible()]
    assert shown
    page.emulate_media(media="print", color_scheme="dark")
    look = page.locator(".explorer").evaluate(
        "(node) => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
    )
    assert look == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    for gone in ("button", "input", "select", ".explorer-knob"):
        assert not any(each.is_visible() for each in page.locator(f".explorer {gone}").all())
    assert all(each.is_visible() for each in shown)


def test_without_javascript_there_is_a_figure(opened, kind):
    page = opened(java_script_enabled=False)
    picture = page.get_by_role("img")
    assert picture.count() == 1
    assert picture.get_attribute("alt") == kind.alt and len(kind.alt) > 100
    assert picture.bounding_box()["width"] > 300


def test_module_keeps_to_itself_and_cleans_up(opened, kind):
    """What anywidget does: import the module, call its default render, later what it returned."""
    page = opened()
    page.evaluate(f"() => {{ window.rested = {RESTED} }}")
    report = page.evaluate(
        """async ([source, traits, stirring]) => {
          const press = (node) => [...node.querySelectorAll('button')].find(
            (each) => each.textContent === stirring).click();
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
          const first = JSON.stringify(traits);
          press(el);
          await rested(() => [traits, model.saved]);
          const root = el.firstChild;
          const during = { heard: [...heard.values()], watching, saved: model.saved,
            ready: root.dataset.ready, changed: first !== JSON.stringify(traits), traits: { ...traits } };
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
        [kind._esm, traits_of(kind), kind.stirring],
    )
    during, count = report["during"], len(traits_of(kind))
    assert during["heard"] == [1] * count and during["watching"] == 1
    assert during["saved"] >= 1 and during["changed"] and during["ready"] == "true"
    kind(**during["traits"]).close()  # what the page sends, the class accepts
    assert report["heard"] == [0] * count and report["watching"] == 0
    assert report["leaked"] == [] and report["left"] == 0 and report["still"]
    assert report["saved"] == during["saved"]


def test_follows_python(opened, kind):
    """Traits set from Python (or by a linked widget) are drawn, without being sent back.

    One instance is changed by hand; a second one, told of the same traits, must show the same numbers."""
    page = opened()
    page.evaluate(f"() => {{ window.rested = {RESTED} }}")
    one, other, before, saved = page.evaluate(
        """async ([source, traits, stirring]) => {
          const press = (node) => [...node.querySelectorAll('button')].find(
            (each) => each.textContent === stirring).click();
          const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
          const { default: drawing } = await import(address);
          const open = () => {
            const heard = new Map();
            const own = { ...traits };
            const model = {
              own, heard, saved: 0, get: (key) => own[key], set: (key, value) => { own[key] = value; },
              on: (event, how) => heard.set(event, how), off: () => {},
              save_changes: () => { model.saved += 1; },
            };
            const el = document.querySelector('main').appendChild(document.createElement('div'));
            drawing.render({ model, el });
            const outputs = () => [...el.querySelectorAll('output')];
            const numbers = () => outputs().map((each) => Number(each.dataset.value));
            return { el, model, numbers };
          };
          const [one, other] = [open(), open()];
          const look = () => [one, other].map(({ model }) => [model.own, model.saved]);
          const rest = () => rested(look);
          await rest();
          const before = other.numbers();
          press(one.el);
          await rest();
          Object.assign(other.model.own, one.model.own);
          for (const key of Object.keys(traits)) other.model.heard.get(`change:${key}`)();
          await rest();
          return [one.numbers(), other.numbers(), before, other.model.saved];
        }""",
        [kind._esm, traits_of(kind), kind.stirring],
    )
    assert other == pytest.approx(one, abs=1e-5)
    assert max(abs(a - b) for a, b in zip(other, before, strict=True)) > 0.01
    assert saved == 0
