// A network that can be looked at closely: vis-network draws what the server has laid out.
//
// Nothing is computed here but what lies on the screen: places, sizes, widths and words come with the page
// (pathgraph.api.views.network). Without this script the page has a still picture and links. The module stands alone,
// so that it can also be put into a file that opens without a server.

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const TEXT = 12;
const DIM = 0.12;
const LINE = 0.38;
/** What became of a tie from the period before: its colour, and its line, so that colour is not the only sign. */
const CHANGES = {
  new: ["--level-gp", [14, 4]], gone: ["--wrong", [2, 4]], stronger: ["--level-hospital", false], weaker: ["--attention", [6, 5]],
};

/** Colours as the page has them now, light or dark. */
function colours(element) {
  const style = getComputedStyle(element);
  const named = (name) => style.getPropertyValue(name).trim() || "gray";
  if (matchMedia("(forced-colors: active)").matches) {
    return { ink: "CanvasText", paper: "Canvas", line: "CanvasText", accent: "Highlight", tone: () => "CanvasText", change: () => "CanvasText" };
  }
  const own = { place: "--level-home", person: "--accent", plain: "--line-strong" };
  return {
    ink: named("--ink"), paper: named("--surface"), line: named("--ink-soft"), accent: named("--accent"),
    change: (change) => named(CHANGES[change][0]),
    tone: (tone) => named(own[tone] || (tone.startsWith("shade") ? `--${tone}` : `--level-${tone}`)),
  };
}

/** This address with other parameters; null takes one away, a list stands several times. */
function address(changes) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    url.searchParams.delete(name);
    for (const one of value === null ? [] : [value].flat()) url.searchParams.append(name, one);
  }
  url.hash = "";
  return url.pathname + url.search;
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** What belongs together: each node's ties, the strongest first. */
function tiesByNode(data) {
  const found = new Map(data.nodes.map((node) => [node.id, []]));
  for (const tie of [...data.ties].sort((a, b) => b.width - a.width)) {
    found.get(tie.from)?.push(tie);
    if (tie.to !== tie.from) found.get(tie.to)?.push(tie);
  }
  return found;
}

class Network {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(document.getElementById(root.dataset.network).textContent);
    this.words = this.data.words;
    this.byId = new Map(this.data.nodes.map((node) => [node.id, node]));
    this.ties = tiesByNode(this.data);
    this.selected = this.data.selected;
    this.lit = null;
    this.hasMoved = false;
    this.container = root.querySelector("[data-live]");
    this.said = root.querySelector("[data-said]");
    this.panel = root.querySelector("[data-panel]");
    this.list = root.querySelector("[data-list]");
    root.classList.add("is-live");
    this.draw();
    this.listen();
    root.querySelector("[data-tools]").hidden = false;
    root.querySelector("[data-keys]").hidden = false;
    if (this.selected) this.select(this.selected, { isQuiet: true });
  }

  neighbours(id) {
    const others = this.ties.get(id).map((tie) => (tie.from === id ? tie.to : tie.from));
    return [...new Set(others)].filter((other) => other !== id);
  }

  draw() {
    const { vis } = window;
    this.tones = colours(this.root);
    // On a narrow screen all is small; nodes shrink less than their distances, so that they can be told apart and met.
    const xs = this.data.nodes.map((node) => node.x);
    const across = Math.max(...xs) - Math.min(...xs) + 140;
    this.grow = Math.min(Math.max((0.55 * across) / Math.max(this.container.clientWidth, 1), 1), 1.8);
    this.nodes = new vis.DataSet(this.data.nodes.map((node) => this.node(node)));
    this.edges = new vis.DataSet(this.data.ties.map((tie, index) => this.edge(tie, index)));
    const isCoarse = matchMedia("(pointer: coarse)").matches;
    this.net = new vis.Network(this.container, { nodes: this.nodes, edges: this.edges }, {
      physics: false,
      layout: { improvedLayout: false },
      interaction: { hover: true, dragNodes: false, zoomView: false, dragView: !isCoarse, tooltipDelay: 250 },
      nodes: { borderWidth: 1.2, labelHighlightBold: false, chosen: false },
      edges: {
        chosen: false,
        arrows: { to: { enabled: this.data.directed, scaleFactor: 0.45 } },
        smooth: this.data.directed ? { enabled: true, type: "curvedCW", roundness: 0.12 } : false,
      },
    });
    // The list beside it is for the keyboard; a canvas has nothing to tab to.
    for (const inner of this.container.querySelectorAll("[tabindex]")) inner.tabIndex = -1;
    this.isCoarse = isCoarse;
    const outlines = (this.data.outlines || []).map((path) => new Path2D(path));
    this.net.on("beforeDrawing", (context) => {
      context.save();
      context.strokeStyle = this.tones.line;
      context.globalAlpha = 0.45;
      context.lineWidth = 1 / this.net.getScale();
      for (const outline of outlines) context.stroke(outline);
      context.restore();
    });
    this.net.on("afterDrawing", (context) => this.labels(context));
    this.place();
  }

  node(node) {
    const tone = this.tones.tone(node.tone);
    return {
      id: node.id, x: node.x, y: node.y, size: this.grow * (node.form === "square" ? node.r * 0.886 : node.r),
      shape: { circle: "dot", square: "square", diamond: "diamond" }[node.form],
      color: { background: tone, border: this.tones.paper, hover: { background: tone, border: this.tones.ink } },
      title: [node.name, ...node.facts.map(([label, text]) => `${label}: ${text}`)].join("\n"),
    };
  }

  edge(tie, index) {
    const from = this.byId.get(tie.from);
    const values = tie.values.map((text, place) => `${this.data.weights[place]} ${text}`).join(", ");
    const sign = this.data.directed ? "→" : "–";
    return {
      id: index, from: tie.from, to: tie.to, width: tie.width,
      color: { ...this.line(tie), inherit: false },
      dashes: CHANGES[tie.change]?.[1] ?? false,
      arrows: { to: { enabled: this.data.directed && tie.from !== tie.to } },
      selfReference: { size: this.grow * from.r + 4, angle: Math.PI / 4 },
      title: `${from.name} ${sign} ${this.byId.get(tie.to).name}\n${values}`,
    };
  }

  /** Colour of a tie, and how strong it is. */
  line(tie) {
    if (tie.marked) return { color: this.tones.accent, opacity: 0.9 };
    return tie.change ? { color: this.tones.change(tie.change), opacity: 0.85 } : { color: this.tones.line, opacity: LINE };
  }

  /** Where the reader was, as the address says; else all of it. */
  place() {
    const at = (new URL(location.href).searchParams.get("at") || "").split(",").map(Number);
    if (this.data.canAsk && at.length === 3 && at.every(Number.isFinite) && at[2] > 0) {
      this.net.moveTo({ position: { x: at[0], y: at[1] }, scale: Math.min(Math.max(at[2], 0.05), 10) });
      this.hasMoved = true;
    } else this.fit();
  }

  fit() {
    this.net.fit({ animation: false, maxZoomLevel: 2 });
    this.hasMoved = false;
    this.fitted = this.net.getScale();
  }

  listen() {
    const { net } = this;
    net.on("hoverNode", ({ node }) => this.light(node));
    net.on("blurNode", () => this.light(this.selected || null));
    net.on("click", ({ nodes }) => nodes.length && this.select(nodes[0]));
    net.on("doubleClick", ({ nodes }) => {
      if (nodes.length && this.data.canAsk) go(this.around(nodes[0]));
    });
    net.on("dragEnd", () => this.remember());
    this.container.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    }, { passive: false });
    this.watcher = new ResizeObserver(() => this.hasMoved || this.fit());
    this.watcher.observe(this.container);
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("focusin", (event) => {
      const id = event.target.closest("[data-node]")?.dataset.node;
      if (!id) return;
      this.light(id);
      this.reach(event.target.closest("[data-node]"));
    });
    this.reach(this.list.querySelector("[aria-current]") || this.list.querySelector("[data-node]"));
    this.list.addEventListener("focusout", () => this.light(this.selected || null));
    this.onTheme = () => this.repaint();
    document.addEventListener("pathgraph:theme", this.onTheme);
  }

  /** The Tab key stops once in the list: where the arrows were last. */
  reach(link) {
    for (const other of this.list.querySelectorAll("[data-node]")) other.tabIndex = other === link ? 0 : -1;
  }

  leave() {
    document.removeEventListener("pathgraph:theme", this.onTheme);
    this.watcher.disconnect();
    this.net.destroy();
  }

  clicked(event) {
    const link = event.target.closest("[data-node]");
    const button = event.target.closest("[data-do]");
    if (link) {
      event.preventDefault();
      event.stopPropagation();
      this.select(link.dataset.node);
    } else if (button) {
      const tasks = { in: () => this.zoom(1.3), out: () => this.zoom(1 / 1.3), png: () => this.picture() };
      if (button.dataset.do === "fit") {
        this.fit();
        this.write({ at: null });
      } else if (button.dataset.do === "close") this.select("");
      else tasks[button.dataset.do]?.();
    }
  }

  zoom(factor) {
    this.net.moveTo({ scale: Math.min(Math.max(this.net.getScale() * factor, 0.05), 10) });
    if (this.isCoarse) this.net.setOptions({ interaction: { dragView: this.net.getScale() > this.fitted * 1.05 } });
    this.remember();
  }

  remember() {
    this.hasMoved = true;
    const { x, y } = this.net.getViewPosition();
    this.write({ at: [x.toFixed(0), y.toFixed(0), this.net.getScale().toFixed(3)].join(",") });
  }

  /** Keep the view in the address: it can be shared as it is. */
  write(changes) {
    if (!this.data.canAsk) return;
    history.replaceState(history.state, "", address(changes));
    for (const [name, value] of Object.entries(changes)) {
      const form = document.querySelector("form[data-live-form]");
      let field = form?.querySelector(`input[type="hidden"][name="${name}"]`);
      if (form && value !== null && !field) form.append((field = element("input", { type: "hidden", name })));
      if (field) field.value = value ?? "";
    }
  }

  /** Arrows up and down go through the list, right and left through the neighbours of where that led. */
  key(event) {
    const link = event.target.closest("[data-node]");
    if (!link) return;
    const links = [...this.list.querySelectorAll("[data-node]")];
    const here = links.indexOf(link);
    const to = {
      ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1,
    }[event.key];
    let target = to === undefined ? null : links[Math.min(Math.max(to, 0), links.length - 1)];
    if (target) this.origin = target.dataset.node;
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      this.origin ??= link.dataset.node;
      if (this.origin !== link.dataset.node && !this.neighbours(this.origin).includes(link.dataset.node)) {
        this.origin = link.dataset.node;
      }
      const ring = [this.origin, ...this.neighbours(this.origin)];
      const step = event.key === "ArrowRight" ? 1 : ring.length - 1;
      const next = ring[(ring.indexOf(link.dataset.node) + step) % ring.length];
      target = links.find((one) => one.dataset.node === next);
    } else return;
    event.preventDefault();
    target?.focus();
  }

  /** Dim all but a node, its ties and its neighbours. */
  light(id) {
    if (this.lit === id || (id && !this.byId.has(id))) return;
    this.lit = id;
    const near = id ? new Set([id, ...this.neighbours(id)]) : null;
    this.nodes.update(this.data.nodes.map((node) => ({
      id: node.id, opacity: !near || near.has(node.id) ? 1 : DIM,
      borderWidth: node.id === id || node.id === this.selected ? 3 : 1.2,
      color: { border: node.id === id || node.id === this.selected ? this.tones.ink : this.tones.paper },
    })));
    this.edges.update(this.data.ties.map((tie, index) => {
      const isNear = !id || tie.from === id || tie.to === id;
      const { color, opacity } = this.line(tie);
      const shown = !isNear ? 0.04 : id && tie.marked ? LINE : opacity;
      return { id: index, color: { color, opacity: shown, inherit: false } };
    }));
  }

  repaint() {
    this.tones = colours(this.root);
    this.nodes.update(this.data.nodes.map((node) => this.node(node)));
    this.edges.update(this.data.ties.map((tie, index) => this.edge(tie, index)));
    const lit = this.lit;
    this.lit = undefined;
    this.light(lit);
  }

  select(id, { isQuiet = false } = {}) {
    this.selected = this.byId.has(id) ? id : "";
    this.lit = undefined;
    this.light(this.selected || null);
    for (const link of this.list.querySelectorAll("[data-node]")) {
      if (link.dataset.node === this.selected) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (!isQuiet) this.write({ selected: this.selected || null });
    this.tell();
    if (this.selected && !isQuiet) {
      const { name } = this.byId.get(id);
      this.said.textContent = filled(this.words.chosen, { name, n: this.neighbours(id).length });
    }
  }

  around(id) {
    const before = new URL(location.href).searchParams.getAll("focus").filter((one) => one && one !== id);
    return address({ focus: [...before, id], at: null, page: null });
  }

  /** The panel about the chosen node: what is known of it, what can be done, its ties. */
  tell() {
    const node = this.byId.get(this.selected);
    if (!node) {
      this.panel.replaceChildren();
      return;
    }
    const { words } = this;
    const facts = element("dl", { class: "pairs" });
    for (const [label, text] of node.facts) facts.append(element("dt", {}, label), element("dd", {}, text));
    const actions = element("ul", { class: "actions" });
    const offer = (href, text) => actions.append(element("li", {}, element("a", { href }, text)));
    if (node.href) offer(node.href, words.page);
    if (this.data.canAsk) {
      const hasFocus = new URL(location.href).searchParams.getAll("focus").some(Boolean);
      offer(this.around(node.id), hasFocus ? words.expand : words.only);
      offer(address({ path_from: node.id, at: null, page: null }), words.way);
    }
    actions.append(element("li", {}, element("button", { type: "button", "data-do": "close" }, words.close)));
    this.panel.replaceChildren(element("h3", {}, node.name), facts, actions, this.table(node));
  }

  table(node) {
    const ties = this.ties.get(node.id);
    if (!ties.length) return element("p", { class: "aside" }, this.words.noTies);
    const { words } = this;
    const head = element("tr", {}, element("th", { scope: "col" }, words.other));
    if (this.data.directed) head.append(element("th", { scope: "col" }, words.direction));
    for (const name of this.data.weights) head.append(element("th", { scope: "col", class: "number" }, name));
    const body = element("tbody");
    for (const tie of ties) {
      const other = this.byId.get(tie.from === node.id ? tie.to : tie.from);
      const direction = tie.from === tie.to ? words.itself : tie.from === node.id ? words.to : words.from;
      const row = element("tr", {}, element("th", { scope: "row" }, other.name));
      if (this.data.directed) row.append(element("td", {}, direction));
      for (const text of tie.values) row.append(element("td", { class: "number" }, text));
      body.append(row);
    }
    const label = filled(words.tiesOf, { name: node.name });
    const table = element("table", {}, element("thead", {}, head), body);
    return element("div", { class: "table-region", role: "region", tabindex: "0", "aria-label": label }, table);
  }

  /** Letters in the nodes, and names that never overlap: the lesser ones go first. */
  labels(context) {
    const { net } = this;
    const scale = net.getScale();
    const { canvas } = context;
    const ratio = canvas.width / canvas.clientWidth;
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.textAlign = "center";
    const near = this.lit ? new Set([this.lit, ...this.neighbours(this.lit)]) : null;
    const shown = this.data.nodes.map((node) => ({ node, at: net.canvasToDOM({ x: node.x, y: node.y }), r: node.r * this.grow * scale }));
    const marks = shown.map(({ at, r }) => [at.x - r, at.y - r, at.x + r, at.y + r]);
    const texts = [];
    shown.sort((a, b) => (near ? near.has(b.node.id) - near.has(a.node.id) : 0) || b.r - a.r);
    for (const [rank, { node, at, r }] of shown.entries()) {
      const isDim = near && !near.has(node.id);
      if (node.initial && r > 7 && !isDim) {
        context.font = `700 ${Math.min(r, 14)}px ${FONT}`;
        context.fillStyle = this.tones.paper;
        context.textBaseline = "middle";
        context.fillText(node.initial, at.x, at.y + 0.5);
      }
      if (isDim) continue;
      // Where there is no room the name of a great node stands on lesser ones, never on another name.
      const isNamed = this.label(context, node, at, r, [texts, marks]);
      if (!isNamed && rank < canvas.clientWidth / (near ? 40 : 75)) this.label(context, node, at, r, [texts]);
    }
    context.restore();
  }

  /** Write a name where nothing else is; whether there was such a place. */
  label(context, node, at, r, taken) {
    const text = node.name.length > 34 ? `${node.name.slice(0, 33).trimEnd()}…` : node.name;
    context.font = `${node.id === this.lit ? 600 : 400} ${TEXT}px ${FONT}`;
    context.textBaseline = "alphabetic";
    const half = context.measureText(text).width / 2;
    const { clientWidth: width, clientHeight: height } = context.canvas;
    if (at.x < 0 || at.x > width || at.y < 0 || at.y > height) return true;
    const middle = Math.min(Math.max(at.x, half + 4), width - half - 4);
    for (const base of [at.y + r + TEXT + 1, at.y - r - 5]) {
      const box = [middle - half, base - TEXT, middle + half, base + 3];
      const isFree = taken.flat().every((b) => b[0] >= box[2] || box[0] >= b[2] || b[1] >= box[3] || box[1] >= b[3]);
      if (!isFree) continue;
      taken[0].push(box);
      context.lineWidth = 3;
      context.lineJoin = "round";
      context.strokeStyle = this.tones.paper;
      context.strokeText(text, middle, base);
      context.fillStyle = this.tones.ink;
      context.fillText(text, middle, base);
      return true;
    }
    return false;
  }

  /** The picture as it stands, with its title and what it rests on, as a file. */
  picture() {
    const drawn = this.container.querySelector("canvas");
    const ratio = drawn.width / drawn.clientWidth;
    const text = this.container.getAttribute("aria-label");
    const made = document.createElement("canvas");
    const context = made.getContext("2d");
    const size = 13 * ratio;
    context.font = `${size}px ${FONT}`;
    const lines = broken(context, `${text} ${this.data.note}`, drawn.width - 4 * size);
    made.width = drawn.width;
    made.height = drawn.height + (lines.length * 1.4 + 2) * size;
    context.fillStyle = this.tones.paper;
    context.fillRect(0, 0, made.width, made.height);
    context.drawImage(drawn, 0, 0);
    context.font = `${size}px ${FONT}`;
    context.fillStyle = this.tones.ink;
    lines.forEach((line, number) => context.fillText(line, 2 * size, drawn.height + (number + 1) * 1.4 * size));
    made.toBlob((blob) => {
      const link = element("a", { href: URL.createObjectURL(blob), download: `pathgraph-${location.pathname.split("/").pop() || "network"}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, "image/png");
  }
}

/** Break a text into lines that fit. */
function broken(context, text, width) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (context.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

let drawn = [];

/** The choice of a quarter as a slider: arrows move it, and leaving or resting on a place asks for it. */
function slide() {
  const form = document.querySelector("[data-quarters]");
  const box = form?.querySelector("[data-slider]");
  if (!box) return;
  const [slider, select] = [box.querySelector("input"), form.querySelector("select")];
  const tell = () => slider.setAttribute("aria-valuetext", select.options[slider.value].text);
  slider.value = select.selectedIndex;
  tell();
  box.hidden = false;
  slider.addEventListener("input", () => {
    select.selectedIndex = Number(slider.value);
    tell();
  });
  select.addEventListener("change", () => {
    slider.value = select.selectedIndex;
    tell();
  });
  let waiting;
  slider.addEventListener("change", () => {
    // By keyboard each step is a change: ask when the hand rests.
    clearTimeout(waiting);
    waiting = setTimeout(() => form.isConnected && go(address({ as_of: select.value, page: null })), 500);
  });
}

function start() {
  slide();
  if (!window.vis) return;
  drawn = [...document.querySelectorAll("[data-network]")].map((root) => new Network(root));
}

/** Show another view of the same page, without losing the place; where that fails, the browser goes there. */
async function go(href, { isNew = true } = {}) {
  const main = document.querySelector("main");
  main.setAttribute("aria-busy", "true");
  const waiting = setTimeout(() => {
    for (const network of drawn) network.said.textContent = network.words.loading;
  }, 300);
  try {
    const response = await fetch(href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.querySelector("main");
    if (!next || !page.querySelector("[data-live-form]")) throw new Error("another page");
    const focus = document.activeElement?.closest?.("[id]")?.id;
    const node = document.activeElement?.dataset?.node;
    for (const network of drawn) network.leave();
    if (isNew) history.pushState({}, "", href);
    document.title = page.title;
    main.replaceWith(document.adoptNode(next));
    start();
    const link = node && document.querySelector(`[data-node="${CSS.escape(node)}"]`);
    (link || (focus && document.getElementById(focus)) || document.querySelector("[data-panel]"))?.focus({ preventScroll: true });
    dispatchEvent(new Event("resize"));
  } catch {
    location.assign(href);
  } finally {
    clearTimeout(waiting);
    main.removeAttribute("aria-busy");
  }
}

function isHere(url) {
  return url.origin === location.origin && url.pathname === location.pathname;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("main a[href]");
  if (!link || !drawn.length || event.defaultPrevented || link.hasAttribute("download") || link.hasAttribute("data-permanent")) return;
  if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.getAttribute("href").startsWith("#")) return;
  const url = new URL(link.href);
  if (!isHere(url) || !drawn.some((network) => network.data.canAsk)) return;
  event.preventDefault();
  go(url.pathname + url.search);
});

/** Whether a field says something else than when the page came: what does not is left out of the address. */
function isChanged(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-live-form]") || !drawn.length) return;
  event.preventDefault();
  const changed = new Set([...form.elements].filter(isChanged).map((field) => field.name));
  const asked = new URL(location.href).searchParams;
  const given = [...new FormData(form, event.submitter)].filter(
    ([name, value]) => value !== "" && (changed.has(name) || asked.has(name)),
  );
  go(`${form.getAttribute("action")}?${new URLSearchParams(given)}`);
});

addEventListener("popstate", () => {
  if (drawn.some((network) => network.data.canAsk)) go(location.href, { isNew: false });
});

start();
