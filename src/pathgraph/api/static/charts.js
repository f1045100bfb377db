// Draws the charts of a page from their JSON blocks, in the colours of the design system.
// A colour in a block is the name of a custom property ("--accent"); it is looked up here, so that the
// same block is drawn light, dark and, where the reader's system says so, in its own few colours.

const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;

function isColourName(value) {
  return typeof value === "string" && value.startsWith("--");
}

/** Look custom properties up as the browser resolves them: colours of the system come back as numbers. */
function lookingUp() {
  const probe = document.createElement("span");
  probe.style.forcedColorAdjust = "none";
  document.body.append(probe);
  const found = new Map();
  return {
    colour(name) {
      if (!found.has(name)) {
        probe.style.color = `var(${name})`;
        found.set(name, getComputedStyle(probe).color);
      }
      return found.get(name);
    },
    end: () => probe.remove(),
  };
}

/** Return the block with each name of a custom property replaced by its value. */
function coloured(value, colours) {
  if (isColourName(value)) return colours.colour(value);
  if (Array.isArray(value)) return value.map((one) => coloured(one, colours));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, colours)]));
  }
  return value;
}

function layoutOf(chart, colours, width) {
  const [ink, line, soft] = ["--ink", "--line", "--ink-soft"].map(colours.colour);
  const given = coloured(chart.layout, colours);
  const axis = {
    automargin: true, gridcolor: line, linecolor: line, zerolinecolor: soft, tickfont: { color: soft },
    title: { font: { color: soft } }, fixedrange: true,
  };
  return {
    ...given,
    width,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: ink },
    margin: { l: 8, r: 24, t: 8, b: 40, ...given.margin },
    xaxis: { ...axis, ...given.xaxis, title: { ...axis.title, ...given.xaxis?.title } },
    yaxis: { ...axis, ...given.yaxis, title: { ...axis.title, ...given.yaxis?.title } },
    hoverlabel: { bgcolor: colours.colour("--surface"), bordercolor: soft, font: { color: ink } },
    transition: { duration: reduced ? 0 : 160 },
    dragmode: false,
  };
}

/** Fit a figure to a narrow screen: long labels are cut, since the table has them whole. */
function narrowed(figure, width) {
  const most = width < 480 ? 16 : width < 800 ? 28 : 56;
  // An escaped character ("&lt;") counts as one and is never cut in two.
  const cut = (text) => {
    const letters = String(text).match(/&[a-z]+;|./gsu) ?? [];
    return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
  };
  const { xaxis, yaxis } = figure.layout;
  if (yaxis?.ticktext) {
    return { ...figure, layout: { ...figure.layout, yaxis: { ...yaxis, ticktext: yaxis.ticktext.map(cut) } } };
  }
  if (!xaxis?.tickvals) {
    // On a map names would stand on each other; the table has them.
    const bare = (trace) => (Array.isArray(trace.marker?.size) && width < 480 ? { ...trace, mode: "markers" } : trace);
    return { ...figure, data: figure.data.map(bare) };
  }
  // Upright bars: numbers that would stand on each other are left to the table, and ticks thinned.
  const data = figure.data.map((trace) =>
    trace.type === "bar" && trace.x.length * 30 > width ? { ...trace, textposition: "none" } : trace,
  );
  const step = Math.ceil((xaxis.tickvals.length * 72) / Math.max(width, 1));
  const isKept = (_, i) => i % step === 0;
  const ticks = { tickvals: xaxis.tickvals.filter(isKept), ticktext: xaxis.ticktext.filter(isKept) };
  return { data, layout: { ...figure.layout, xaxis: { ...xaxis, ...ticks } } };
}

async function draw(box) {
  const block = document.getElementById(box.dataset.chart);
  const chart = JSON.parse(block.textContent);
  const width = box.clientWidth - 16;
  const colours = lookingUp();
  const figure = narrowed(
    { data: coloured(chart.data, colours), layout: layoutOf(chart, colours, width) },
    width,
  );
  colours.end();
  await window.Plotly.react(box, figure.data, figure.layout, {
    displayModeBar: false, responsive: false, doubleClick: false, scrollZoom: false,
  });
  box.classList.add("is-drawn");
}

/** Buttons that save the picture, with its title and what it rests on written into it. */
function addDownloads(box) {
  const tools = document.querySelector(`[data-chart-tools="${box.dataset.chart}"]`);
  if (!tools || tools.querySelector("button")) return;
  const chart = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  for (const format of ["png", "svg"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = box.dataset[format === "png" ? "labelPng" : "labelSvg"];
    button.addEventListener("click", () => save(box, chart, format));
    tools.append(" ", button);
  }
}

/** Plotly takes some HTML for markup; a "<5" is text. */
function plain(text) {
  return text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
}

function save(box, chart, format) {
  const colours = lookingUp();
  const surface = colours.colour("--surface");
  colours.end();
  const layout = structuredClone(box.layout);
  const { title, subtitle, source } = chart.meta;
  const foot = source ? { annotations: [...(layout.annotations ?? []), {
    text: source, showarrow: false, xref: "paper", yref: "paper", x: 0, y: 0, xanchor: "left",
    yanchor: "top", yshift: -64, font: { size: 10 },
  }] } : {};
  const height = (layout.height ?? 400) + 96;
  const saved = {
    data: box.data,
    layout: {
      ...layout, ...foot, width: 960, height,
      paper_bgcolor: surface,
      margin: { ...layout.margin, t: 72, b: 88 },
      title: { text: `<b>${plain(title)}</b><br><span style="font-size:13px">${plain(subtitle)}</span>`, x: 0.01, xanchor: "left" },
    },
  };
  window.Plotly.downloadImage(saved, { format, width: 960, height, filename: chart.meta.file ?? "chart", scale: 2 });
}

const boxes = [...document.querySelectorAll("[data-chart]")];

async function drawAll() {
  await Promise.all(boxes.map(draw));
}

if (boxes.length && window.Plotly) {
  await drawAll();
  boxes.forEach(addDownloads);
  document.addEventListener("pathgraph:theme", drawAll);
  let waiting = 0;
  const widths = new WeakMap();
  new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const box of boxes) {
        if (widths.get(box) !== box.clientWidth) {
          widths.set(box, box.clientWidth);
          draw(box);
        }
      }
    }, 120);
  }).observe(document.querySelector("main"));
}
