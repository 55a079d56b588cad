"""Every page in both themes, read by axe; a file of its own, so that a second worker can take it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsing import open_page, pages_of_site

PAGES = pages_of_site()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(browser, site, name, theme):
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    open_page(page, site, name)
    assert page.locator("html").get_attribute("data-theme") == theme
    results = Axe().run(page)
    context.close()
    assert results.response["passes"], "axe found nothing to check, so it proves nothing"
    assert results.violations_count == 0, results.generate_report()
