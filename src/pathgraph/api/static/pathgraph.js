// What pages gain where JavaScript runs. Without it every form is a GET and every link a link.

const root = document.documentElement;

/** Keep where the reader was when a form or a link leads back to the same page. */
function keepPlace() {
  const key = `place:${location.pathname}`;
  const kept = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (kept && !document.querySelector("[data-takes-focus]")) {
    const { y, focus, at } = JSON.parse(kept);
    if (Date.now() - at < 30_000) {
      if (!location.hash) scrollTo({ top: y, behavior: "instant" });
      if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    }
  }
  const remember = () => {
    const focus = document.activeElement?.id || "";
    sessionStorage.setItem(key, JSON.stringify({ y: scrollY, focus, at: Date.now() }));
  };
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-keep]")) remember();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".facets a, .table-region thead a, .pages a, .section .choices a");
    if (link && new URL(link.href).pathname === location.pathname) remember();
  });
}

/** Leave empty fields and defaults out of the address: it is the view, and is read by people. */
function tidyAddresses() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-keep]")) return;
    for (const field of event.target.querySelectorAll("input[name], select[name]")) {
      const isDefault = field.dataset.default !== undefined && field.value === field.dataset.default;
      if (field.type !== "hidden" && (field.value === "" || isDefault)) field.disabled = true;
    }
    setTimeout(() => {
      for (const field of event.target.querySelectorAll(":disabled")) field.disabled = false;
    });
  });
}

/** Change the colours without loading the page again; the server remembers them as it would without us. */
function switchTheme() {
  const form = document.querySelector("[data-theme-form]");
  form?.addEventListener("submit", async (event) => {
    const chosen = event.submitter?.value;
    if (!chosen) return;
    event.preventDefault();
    if (chosen === "auto") delete root.dataset.theme;
    else root.dataset.theme = chosen;
    const scheme = document.querySelector('meta[name="color-scheme"]');
    if (scheme) scheme.content = chosen === "auto" ? "light dark" : chosen;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
    document.dispatchEvent(new CustomEvent("pathgraph:theme"));
    await fetch(`${form.getAttribute("action")}?theme=${encodeURIComponent(chosen)}&back=/healthz`, {
      redirect: "manual",
    }).catch(() => {});
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    document.dispatchEvent(new CustomEvent("pathgraph:theme"));
  });
}

/** Copy the permanent link where the browser lets us; the link itself stays a link. */
function copyLinks() {
  for (const link of document.querySelectorAll("[data-permanent]")) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey) return;
      navigator.clipboard?.writeText(link.href).catch(() => {});
    });
  }
}

/** A region that holds all of its table needs no place in the order of the Tab key. */
function trimRegions() {
  for (const region of document.querySelectorAll("[data-table]")) {
    const scrolls =
      region.scrollWidth > region.clientWidth + 1 || region.scrollHeight > region.clientHeight + 1;
    if (scrolls) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }
}

/** Say that the next page is long in coming, and let the reader stay where they are. */
function tellWhatIsSlow() {
  const template = document.querySelector("template[data-slow]");
  const place = template?.parentElement;
  let timer;
  const hide = () => {
    clearTimeout(timer);
    place?.querySelector(".state")?.remove();
  };
  const begin = () => {
    hide();
    timer = setTimeout(() => {
      place?.append(template.content.cloneNode(true));
      place?.querySelector("button")?.addEventListener("click", () => {
        stop();
        hide();
      });
    }, 1500);
  };
  // After all others: what they prevented leads nowhere.
  addEventListener("submit", (event) => {
    if (!event.defaultPrevented) begin();
  });
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = new URL(link.href);
    const isPage = target.origin === location.origin && !target.pathname.split("/").pop().includes(".");
    const isHere = target.pathname + target.search === location.pathname + location.search;
    if (isPage && !isHere && !link.target && !link.hasAttribute("download")) begin();
  });
  addEventListener("pageshow", hide);
  addEventListener("pagehide", hide);
}

/** Beside the table there is room for the form and the facets: they stand open there. */
function openBeside() {
  if (!matchMedia("(min-width: 64em)").matches) return;
  for (const fold of document.querySelectorAll("details[data-open-wide]")) fold.open = true;
}

openBeside();
keepPlace();
tidyAddresses();
switchTheme();
copyLinks();
trimRegions();
tellWhatIsSlow();
addEventListener("resize", trimRegions);
