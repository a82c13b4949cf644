// What a page may not do, read off the page itself. Gives [{kind, element, text}], at most a few of one kind.
// kinds: sideways, clipped, squeezed, overlap, contrast, edge, language, target.
({ english, elder }) => {
  const found = [];
  const seen = new Set();
  const name = (element) => {
    const parts = [];
    for (let at = element; at && at.nodeType === 1 && parts.length < 3 && at !== document.body; at = at.parentElement) {
      const css = typeof at.className === "string" ? at.className.trim().split(/\s+/).filter(Boolean).slice(0, 2).join(".") : "";
      parts.unshift(at.localName + (at.id ? `#${at.id}` : css ? `.${css}` : ""));
      if (at.id) break;
    }
    return parts.join(" > ") || "body";
  };
  const report = (kind, element, text) => {
    const words = String(text).replace(/\s+/g, " ").trim().slice(0, 90);
    const key = `${kind}|${name(element)}|${words}`;
    if (seen.has(key) || found.filter((each) => each.kind === kind).length >= 12) return;
    seen.add(key);
    found.push({ kind, element: name(element), text: words });
  };

  // Somebody's eyes: laid out, not hidden, not kept for readers alone.
  const shown = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true })) return false;
    for (let at = element; at; at = at.parentElement) {
      const box = at.getBoundingClientRect();
      if ((box.width <= 1 || box.height <= 1) && /hidden|clip/.test(getComputedStyle(at).overflow)) return false;
      if (box.right <= 0 || box.bottom + scrollY <= 0) return false;
    }
    return true;
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("script, style, noscript, option, svg, textarea") || !shown(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    if (boxes.length) texts.push({ node, parent, boxes });
  }
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]";
  const controls = [...document.querySelectorAll(CONTROLS)].filter((element) => shown(element) && !element.disabled);

  // Sideways scrolling.
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const widest = [...document.body.querySelectorAll("*")]
      .filter((element) => shown(element) && element.getBoundingClientRect().right > root.clientWidth + 0.5)
      .sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)[0];
    report("sideways", widest || document.body, `${root.scrollWidth} px wide in ${root.clientWidth} px`);
  }

  // Text cut off by a box that hides what does not fit, or running out of its own control.
  for (const { node, parent, boxes } of texts) {
    for (let at = parent; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      const control = at.matches("button, .btn, .chip, .plate, .tab, .pick, .elder-btn, .elder-tile");
      const hidesX = style.overflowX === "hidden" || style.overflowX === "clip";
      const hidesY = style.overflowY === "hidden" || style.overflowY === "clip";
      if (hidesX || hidesY || control) {
        const box = at.getBoundingClientRect();
        const out = boxes.some((text) => {
          const lead = text.height * 0.2; // a line's box is taller than its characters
          return (
            ((hidesX || control) && (text.right > box.right + 1 || text.left < box.left - 1)) ||
            ((hidesY || control) && (text.bottom - lead > box.bottom + 1 || text.top + lead < box.top - 1))
          );
        });
        if (out) {
          report("clipped", at, node.data);
          break;
        }
      }
      if (style.overflowX === "auto" || style.overflowX === "scroll") break;
    }
  }

  // Words in so narrow a column that they stand one or two characters to the line.
  for (const { node, parent, boxes } of texts) {
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (boxes.length >= 3 && node.data.trim().length >= 4 && Math.max(...boxes.map((box) => box.width)) < size * 2.6) report("squeezed", parent, node.data);
  }

  // Text on text, text on controls, controls on controls. What sticks to the screen passes over the rest by intent.
  const floats = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const position = getComputedStyle(at).position;
      if (position === "sticky" || position === "fixed") return at;
    }
    return null;
  };
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  const core = (box) => ({ left: box.left, right: box.right, top: box.top + box.height * 0.22, bottom: box.bottom - box.height * 0.22 });
  const things = [
    ...texts.flatMap(({ node, parent, boxes }) => boxes.map((box) => ({ element: parent, node, box: core(box), says: node.data, float: floats(parent) }))),
    ...controls
      .filter((element) => !element.matches("input[type=checkbox], input[type=radio]"))
      .flatMap((element) =>
        [...element.getClientRects()]
          .filter((box) => box.width > 1 && box.height > 1)
          .map((box) => ({ element, node: null, box: getComputedStyle(element).display === "inline" ? core(box) : box, says: element.innerText || element.name || "", float: floats(element) })),
      ),
  ].sort((a, b) => a.box.top - b.box.top);
  things.forEach((one, index) => {
    for (let other = index + 1; other < things.length && things[other].box.top < one.box.bottom; other++) {
      const two = things[other];
      if (one.float !== two.float || (one.node && one.node === two.node)) continue;
      if (one.element.contains(two.element) || two.element.contains(one.element)) {
        if (!(one.node && two.node)) continue;
      }
      if (meet(one.box, two.box)) report("overlap", one.element, `${one.says.trim().slice(0, 40)} × ${two.says.trim().slice(0, 40)}`);
    }
  });

  // Contrast: WCAG 2 AA. Colours come through a canvas, so that oklch and color-mix are read too.
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const read = new Map();
  const rgba = (css) => {
    if (!read.has(css)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      read.set(css, [r, g, b, a / 255]);
    }
    return read.get(css);
  };
  const over = (top, under) => top.slice(0, 3).map((value, index) => value * top[3] + under[index] * (1 - top[3]));
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] >= 0.999) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const opacity = (element) => {
    let all = 1;
    for (let at = element; at; at = at.parentElement) all *= Number(getComputedStyle(at).opacity);
    return all;
  };
  const legible = (element, css, says) => {
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const needs = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const under = ground(element);
    const colour = rgba(css);
    const has = ratio(over([...colour.slice(0, 3), colour[3] * opacity(element)], under), under);
    if (has < needs - 0.005) report("contrast", element, `${has.toFixed(2)}:1 where ${needs}:1 is needed: ${says}`);
  };
  for (const { node, parent } of texts) legible(parent, getComputedStyle(parent).color, node.data);
  for (const element of controls) {
    if (!element.matches("input, textarea, select")) continue;
    if (element.placeholder) legible(element, getComputedStyle(element, "::placeholder").color, element.placeholder);
    else if (element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=file])")) legible(element, getComputedStyle(element).color, element.name);
    // The edge is what says that something can be filled in (WCAG 1.4.11).
    const around = ground(element.parentElement);
    const edges = [over(rgba(getComputedStyle(element).borderTopColor), around), ground(element)];
    const best = Math.max(...edges.map((colour) => ratio(colour, around)));
    if (best < 2.995) report("edge", element, `${best.toFixed(2)}:1 where 3:1 is needed: ${element.name}`);
  }

  // Chinese left over on an English page, outside what people wrote and what things are called.
  if (english) {
    const chinese = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]|[\ud840-\ud88d][\udc00-\udfff]/;
    const kept = (element) => element.closest('[lang|="zh"], [data-user-text]');
    const said = [...document.querySelectorAll("[data-user-text]")].map((element) => element.textContent.replace(/\s+/g, " ").trim());
    const quoted = (words) => said.some((each) => each && words.replace(/\s+/g, " ").includes(each)) && !chinese.test(said.reduce((rest, each) => (each ? rest.replaceAll(each, "") : rest), words.replace(/\s+/g, " ")));
    for (const { node, parent } of texts) if (chinese.test(node.data) && !kept(parent)) report("language", parent, node.data);
    for (const option of document.querySelectorAll("option")) if (chinese.test(option.textContent) && !kept(option)) report("language", option, option.textContent);
    for (const element of document.querySelectorAll("*")) {
      for (const attribute of ["aria-label", "title", "placeholder", "alt", "label"]) {
        const words = element.getAttribute(attribute) || "";
        if (chinese.test(words) && !kept(element)) report("language", element, `${attribute}: ${words}`);
      }
    }
    if (chinese.test(document.title) && !quoted(document.title)) report("language", document.querySelector("title"), document.title);
  }

  // Targets: 44 px, in elder mode 60 for what one acts by. A link inside a sentence is as tall as its line.
  // The area that answers is what counts: a stretched link or a label may be larger than its box.
  const MAIN = "button, .btn, .elder-btn, .elder-tile, .tab, .pick, .navlink, summary, input, select, textarea, header a";
  const inSentence = (element) => {
    if (element.localName !== "a" || getComputedStyle(element).display !== "inline") return false;
    const block = element.closest("p, li, dd, dt, td, th, blockquote, figcaption, label, span, div");
    return block !== null && block.textContent.replace(/\s+/g, "").length > element.textContent.replace(/\s+/g, "").length;
  };
  const answers = (element, x, y) => {
    const hit = document.elementFromPoint(x, y);
    if (!hit) return false;
    if (element.contains(hit)) return true;
    const label = hit.closest("label");
    return label !== null && (label.control === element || label === element);
  };
  const reach = (element, box, dx, dy, needed) => {
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    let length = 1;
    for (const sign of [-1, 1]) for (let step = 1; step <= needed && answers(element, x + sign * dx * step, y + sign * dy * step); step++) length += 1;
    return length;
  };
  const before = [scrollX, scrollY];
  const targets = [...controls, ...[...document.querySelectorAll("label[for]")].filter((label) => shown(label) && label.control && label.control.checkVisibility() && !shown(label.control))];
  for (const element of targets) {
    if (inSentence(element) || (element.tabIndex < 0 && element.localName !== "label")) continue;
    const needed = elder && element.matches(MAIN) ? 60 : 44;
    let box = element.getBoundingClientRect();
    if (box.width >= needed - 0.5 && box.height >= needed - 0.5) continue;
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    box = element.getClientRects()[0] || element.getBoundingClientRect();
    const width = Math.max(box.width, reach(element, box, 1, 0, needed));
    const height = Math.max(box.height, reach(element, box, 0, 1, needed));
    if (width < needed - 1 || height < needed - 1) report("target", element, `${Math.round(width)}×${Math.round(height)} px where ${needed} is needed: ${element.innerText || element.getAttribute("aria-label") || element.name || ""}`);
  }
  scrollTo(...before);
  return found;
}
