/* Nodes of the page and of drawings, and text with symbols in it. */

const SVG = "http://www.w3.org/2000/svg";

export function place(parent, node, attributes) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

export function element(parent, tag, attributes = {}, text = "") {
  return write(place(parent, document.createElement(tag), attributes), text);
}

export function shape(parent, tag, attributes = {}, text = "") {
  return write(place(parent, document.createElementNS(SVG, tag), attributes), text);
}

/* How long a text of a drawing is, in pixels. Asking makes the browser lay out the page, so it is asked once for all
 * texts that differ in their digits alone, which are equally wide. */
export function lengthOf(node) {
  const text = node.textContent.replace(/\d/g, "0");
  if (node.measuredText !== text) Object.assign(node, { measuredText: text, measuredLength: node.getComputedTextLength() });
  return node.measuredLength;
}

/* Text with symbols between underscores: every second piece is a symbol. The hook of an f would reach into what follows. */
export function write(node, text) {
  if (text === "") return node;
  const drawn = node.namespaceURI === SVG;
  const pieces = text.split("_").map((piece, index) => {
    if (index % 2 === 0) return document.createTextNode(piece);
    const symbol = drawn ? document.createElementNS(SVG, "tspan") : document.createElement("i");
    symbol.setAttribute("class", piece.endsWith("f") ? "explorer-symbol explorer-hooked" : "explorer-symbol");
    symbol.textContent = piece;
    return symbol;
  });
  node.replaceChildren(...pieces);
  return node;
}
