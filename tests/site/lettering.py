"""Which fonts a page really draws its letters with: the book's own, or the machine's."""

import re

from playwright.sync_api import Page

FAMILIES = {"Book Serif", "Book Sans", "Book Mono", "Book Symbols"}
# The widget manager's icons are a font too.
OTHERS = re.compile(r"MJX-STX.*|mjx-stx.*|MathJax.*|Font Awesome 5 .*")


# One element for every letter that a style has not shown yet: asking for all of them would take minutes.
NEW_LETTERS = """(selector) => {
  const shown = new Map();
  for (const e of document.querySelectorAll(selector)) {
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join('');
    if (!text || !e.getClientRects().length || e.closest('mjx-assistive-mml')) continue;
    const style = getComputedStyle(e), key = `${style.fontFamily} ${style.fontWeight} ${style.fontStyle}`;
    const letters = shown.get(key) ?? shown.set(key, new Set()).get(key);
    if ([...text].every((letter) => letters.has(letter))) continue;
    for (const letter of text) letters.add(letter);
    e.setAttribute('data-set', '');
  }
}"""


def fonts_of(page: Page, selector: str) -> dict[str, list[str]]:
    """Return {family that was really drawn: where, if it is the machine's}, over all letters and styles."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    page.evaluate(NEW_LETTERS, selector)
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    found: dict[str, list[str]] = {}
    for node in session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "[data-set]"})["nodeIds"]:
        for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            if font["isCustomFont"] and (
                font["familyName"] in FAMILIES or OTHERS.fullmatch(font["familyName"])
            ):
                found.setdefault(font["familyName"], [])
            else:
                html = session.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"]
                found.setdefault(f"{font['familyName']} of the machine", []).append(html[:200])
    session.detach()
    return found


def foreign(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: texts[:5] for name, texts in found.items() if name.endswith("of the machine")}
