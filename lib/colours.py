"""Colour by role, for figures and for the pages that show them."""

colours = {
    "real": "#0072B2",
    "generated": "#D55E00",
    "third": "#9900ff",
    "ink": "#24292f",
    "muted": "#6a7079",
    "ground": "#fbfbf9",
}
"""Role → colour. Real and generated keep theirs in every figure; the exact answer is dashed in ink."""
