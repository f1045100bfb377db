// A patient's timeline made live: wheel, drag and keys zoom and move it; the server draws, the address is the view.

const DAY = 86_400_000;

const dayOf = (text) => Date.parse(`${text}T00:00:00Z`) / DAY;
const textOf = (day) => new Date(Math.round(day) * DAY).toISOString().slice(0, 10);

/** The days shown, kept inside those that there are, and at least one. */
function fitted(from, to, first, last) {
  const length = Math.min(Math.max(Math.round(to - from), 0), last - first);
  const start = Math.min(Math.max(Math.round(from), first), last - length);
  return [start, start + length];
}

let waiting = null;
let running = null;

/** Fetch the picture of other days and put it in the place of this one. */
function show(figure, from, to) {
  const { first, last, address } = figure.dataset;
  const [start, end] = fitted(from, to, dayOf(first), dayOf(last));
  figure.dataset.from = textOf(start);
  figure.dataset.to = textOf(end);
  const here = new URL(location.href);
  const isAll = start === dayOf(first) && end === dayOf(last);
  here.searchParams.delete("zoom");
  for (const [name, day] of [["from", start], ["to", end]]) {
    if (isAll) here.searchParams.delete(name);
    else here.searchParams.set(name, textOf(day));
  }
  here.hash = "";
  history.replaceState(history.state, "", here);
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    running?.abort();
    running = new AbortController();
    const part = new URL(address, location.origin);
    for (const name of ["as_of", "lang", "from", "to"]) {
      const value = here.searchParams.get(name);
      if (value) part.searchParams.set(name, value);
    }
    part.searchParams.set("part", "picture");
    try {
      const answer = await fetch(part, { signal: running.signal, headers: { accept: "text/html" } });
      if (answer.ok) replace(figure, await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") location.reload();
    }
  }, 90);
}

/** Put the new picture in place; the focus and how far it was scrolled stay. */
function replace(figure, html) {
  const drawn = new DOMParser().parseFromString(html, "text/html").querySelector("[data-timeline]");
  if (!drawn) return;
  const region = figure.querySelector("[data-timeline-region]");
  const hadFocus = document.activeElement === region;
  const label = document.activeElement?.closest?.(".zooms a")?.textContent;
  const scrolled = region.scrollLeft;
  figure.replaceWith(drawn);
  // The links of the picture alone lead to where the picture alone is.
  for (const link of drawn.querySelectorAll(".zooms a")) {
    const to = new URL(link.href);
    to.pathname = location.pathname;
    to.searchParams.delete("part");
    link.href = to.href;
  }
  const again = drawn.querySelector("[data-timeline-region]");
  again.scrollLeft = scrolled;
  if (hadFocus) again.focus({ preventScroll: true });
  if (label) [...drawn.querySelectorAll(".zooms a")].find((a) => a.textContent === label)?.focus();
  enliven(drawn);
}

function enliven(figure) {
  const region = figure.querySelector("[data-timeline-region]");
  const plot = figure.querySelector(".timeline-plot");
  const said = figure.querySelector("[data-timeline-said]");
  const span = () => [dayOf(figure.dataset.from), dayOf(figure.dataset.to)];
  said.textContent = figure.dataset.hint;

  /** Zoom so that the moment at a share of the width stays where it is. */
  const zoom = (factor, share = 0.5) => {
    const [from, to] = span();
    const length = Math.max((to - from + 1) * factor, 1);
    const fixed = from + (to - from + 1) * share;
    show(figure, fixed - length * share, fixed + length * (1 - share) - 1);
  };
  const move = (share) => {
    const [from, to] = span();
    const by = Math.max(Math.round((to - from + 1) * Math.abs(share)), 1) * Math.sign(share);
    show(figure, from + by, to + by);
  };

  // Every event's words are shown on hover, and when it is stepped to.
  let looked = -1;
  const events = [...plot.querySelectorAll("[data-event]")].sort(
    (a, b) => a.getBBox().x - b.getBBox().x,
  );
  const look = (number) => {
    events[looked]?.classList.remove("is-looked-at");
    looked = (number + events.length) % events.length;
    const event = events[looked];
    if (!event) return;
    event.classList.add("is-looked-at");
    const box = event.getBBox();
    if (box.x < region.scrollLeft || box.x > region.scrollLeft + region.clientWidth - 40) {
      region.scrollLeft = box.x - region.clientWidth / 2;
    }
    said.textContent = event.querySelector("title").textContent;
  };
  plot.addEventListener("pointerover", (event) => {
    const group = event.target.closest("[data-event]");
    if (group) said.textContent = group.querySelector("title").textContent;
  });

  region.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions = {
      ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), "+": () => zoom(0.5), "=": () => zoom(0.5),
      "-": () => zoom(2), 0: () => show(figure, dayOf(figure.dataset.first), dayOf(figure.dataset.last)),
      n: () => look(looked + 1), p: () => look(looked < 0 ? -1 : looked - 1),
    };
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });

  // The plain wheel scrolls the page, as everywhere.
  region.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
    event.preventDefault();
    const box = plot.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    zoom((event.deltaY || event.deltaX) > 0 ? 1.25 : 0.8, share);
  }, { passive: false });

  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const [from, to] = span();
    const begun = event.clientX;
    const days = (to - from + 1) / plot.getBoundingClientRect().width;
    const group = [...plot.children].filter((child) => child.tagName === "g");
    const drag = (moved) => {
      region.classList.add("is-dragged");
      for (const child of group) child.setAttribute("transform", `translate(${moved.clientX - begun} 0)`);
    };
    const stop = (ended) => {
      removeEventListener("pointermove", drag);
      removeEventListener("pointerup", stop);
      region.classList.remove("is-dragged");
      for (const child of group) child.removeAttribute("transform");
      const by = (begun - ended.clientX) * days;
      if (Math.abs(ended.clientX - begun) > 4) show(figure, from + by, to + by);
    };
    addEventListener("pointermove", drag);
    addEventListener("pointerup", stop);
  });
}

for (const figure of document.querySelectorAll("[data-timeline]")) {
  // On a narrow screen the newest is in sight first.
  const region = figure.querySelector("[data-timeline-region]");
  region.scrollLeft = region.scrollWidth;
  enliven(figure);
}
