"""Every page read by axe: whole in the light theme, for the contrast of its colours in the dark one too."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import open_page, pages_of_site

PAGES = pages_of_site()
# A theme changes colours and nothing else, so that one theme is enough for the other rules.
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
RULES = {"light": {}, "dark": {"runOnly": CONTRAST}}


@pytest.mark.parametrize("theme", RULES)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(browser, site, name, theme):
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    open_page(page, site, name)
    assert page.locator("html").get_attribute("data-theme") == theme
    results = Axe().run(page, options={"resultTypes": ["violations"], **RULES[theme]})
    context.close()
    assert results.response["passes"], "axe found nothing to check, so it proves nothing"
    assert results.violations_count == 0, results.generate_report()
