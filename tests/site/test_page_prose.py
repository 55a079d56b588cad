"""Greek letters and the signs beside formulas, between Markdown and the page. No browser is needed."""

from docutils import nodes

import prose


def paragraph(*pieces) -> nodes.paragraph:
    return nodes.paragraph("", "", *(nodes.Text(each) if isinstance(each, str) else each for each in pieces))


def dressed(block: nodes.paragraph) -> str:
    """The block after both steps, with every inline node's classes in brackets."""
    document = nodes.document(None, None)
    document += block
    prose.dress(None, document)

    def written(node) -> str:
        if isinstance(node, nodes.Text):
            return str(node)
        inner = "".join(map(written, node.children))
        return f"[{' '.join(node['classes']) or node.tagname}:{inner}]"

    return "".join(map(written, block.children))


def formula(text: str = "x") -> nodes.math:
    return nodes.math(text, text)


def test_signs_are_kept_with_their_formula():
    assert dressed(paragraph("so ", formula(), ", and")) == "so [formula:[math:x],] and"
    assert dressed(paragraph("so (", formula(), "). And")) == "so [formula:([math:x]).] And"
    assert dressed(paragraph("the ", formula("c"), "-transform")) == "the [formula:[math:c]-]transform"
    assert dressed(paragraph("1-", formula("d"), " or")) == "1[formula:-[math:d]] or"


def test_formulas_without_signs_are_kept_in_one_piece_too():
    assert dressed(paragraph("so ", formula(), " and")) == "so [formula:[math:x]] and"
    assert dressed(paragraph(formula(), " and ", formula("y"))) == "[formula:[math:x]] and [formula:[math:y]]"


def test_two_formulas_may_share_the_sign_between_them():
    assert dressed(paragraph(formula(), "–", formula("y"))) == "[formula:[math:x]–][formula:[math:y]]"


def test_a_sign_after_emphasis_stays_with_the_formula_inside():
    emphasis = nodes.emphasis("", "", formula())
    assert dressed(paragraph("an ", emphasis, ", then")) == "an [formula:[emphasis:[math:x]],] then"


def test_only_long_formulas_may_break():
    short, long = r"\frac{1}{2} \le \log x", r"V(G, D) = \mathbb E\log D(x) + \mathbb E \log(1 - D(y))"
    assert dressed(paragraph(formula(short), ".")).startswith("[formula:")
    assert dressed(paragraph(formula(long), ".")).startswith("[formula long:")


def test_single_greek_letters_are_set_like_formulas():
    assert dressed(paragraph("where γ and ρ-close")) == "where [greek:γ] and [greek:ρ]-close"
    assert dressed(paragraph("γ, ", formula(), ".")) == "[greek:γ], [formula:[math:x].]"


def test_capitals_words_and_code_are_left_alone():
    words = "Γ of λόγος"
    assert dressed(paragraph(words)) == words
    assert dressed(paragraph("use ", nodes.literal("λ", "λ"))) == "use [literal:λ]"
