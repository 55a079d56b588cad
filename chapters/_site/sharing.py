"""What other sites show of a page that somebody links to there: a picture, a title, two sentences.

An address must be absolute to be of use elsewhere. The book's own is $BOOK_SITE, where it is published; while
that is not known, the picture's address is relative to the page, and no other address is given.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

PICTURE = Path(__file__).with_name("cover.png")
SIZE = (1200, 630)  # pixels
ALT = (
    "The title of the book above two bell curves, one of real and one of generated samples; the dashed curve"
    " of the best judge between them falls from one to zero where they cross."
)


def published(environment: Mapping[str, str]) -> str:
    """Return the address of the published book with a slash at its end, "" while $BOOK_SITE is not set.

    Raises ValueError when it is set to something else than `https://host/…`.
    """
    address = environment.get("BOOK_SITE", "")
    if address and not re.fullmatch(r"https?://[\w.-]+(?::\d+)?(?:/[\w./~-]*)?", address):
        raise ValueError(f"$BOOK_SITE is {address!r}; expected an address like https://owner.github.io/name/")
    return address and address.rstrip("/") + "/"


def describe_picture(app: Sphinx, config: Config) -> None:
    """Tell the Open Graph extension about the picture and the address of the site."""
    config.html_baseurl = published(os.environ) or config.html_baseurl
    config.ogp_site_url = config.html_baseurl
    config.ogp_image = f"_static/{PICTURE.name}"
    config.ogp_image_alt = ALT
    width, height = SIZE
    config.ogp_custom_meta_tags = [
        f'<meta property="og:image:width" content="{width}" />',
        f'<meta property="og:image:height" content="{height}" />',
        '<meta name="twitter:card" content="summary_large_image" />',
    ]
    config.html_static_path = [*config.html_static_path, str(PICTURE)]


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", describe_picture)
