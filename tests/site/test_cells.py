"""Code cells on the page: what they print lies on the ground around it, and a solution ends with its box."""

SOLUTION = """all => all.filter((box) => box.open).map((box) => {
  const lines = [...box.querySelectorAll('pre, .claim, summary')].filter((e) => e.checkVisibility());
  const end = Math.max(...lines.map((e) => e.getBoundingClientRect().bottom));
  return [lines.length, box.getBoundingClientRect().bottom - end];
})"""


def test_no_empty_space_under_the_last_line_of_a_solution(chapter):
    solutions = chapter.locator("div.tag_hide-cell > details").evaluate_all(SOLUTION)
    assert len(solutions) >= 4
    for lines, space in solutions:
        assert lines >= 2 and 8 <= space <= 18


def test_code_can_be_copied_and_not_what_it_prints(chapter):
    cells = chapter.locator("div.cell_input").count()
    assert cells > 20
    assert chapter.locator("div.cell_input button.copybtn").count() == cells
    assert chapter.locator("div.cell_output").count() > 20
    assert chapter.locator("div.cell_output button.copybtn").count() == 0


def test_what_a_cell_prints_stands_on_the_ground_around_it(chapter):
    grounds = chapter.evaluate(
        """() => {
          const ground = (e) => getComputedStyle(e).backgroundColor, inside = ground(
            document.querySelector('div.tag_hide-cell > details'));
          return [...document.querySelectorAll('div.cell_output .stream pre')].map(
            (e) => [ground(e), e.closest('.tag_hide-cell') ? inside : ground(document.body)]);
        }"""
    )
    assert len({around for _, around in grounds}) == 2
    assert [pair for pair in grounds if pair[0] != pair[1]] == []
