// What htmx does not do: focus, shortcuts, ticking ages, the banner of a lost connection, holding live
// rows still, the theme. Everything here is an extra; each page works without it.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const on = (name, act) => document.addEventListener(name, act);
  const streaming = (el) => el && el.hasAttribute && el.hasAttribute("data-hx-sse:connect");
  const shown = (el) => el && el.getClientRects().length > 0;
  const say = (text) => { const said = $("said"); if (said) said.textContent = text; };
  const store = (key, value) => { try { return value === undefined ? localStorage.getItem(key) : localStorage.setItem(key, value); } catch { return null; } };
  const cookie = (name, value) => {
    document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Max-Age=${value ? 34560000 : 0}${location.protocol === "https:" ? "; Secure" : ""}`;
  };

  // Exact or whole on hover: not sent with each row, which is a tenth of the page.
  on("pointerover", ({ target }) => {
    if (!target.matches) return;
    const place = target.closest(".nav a");
    if (place && $("nav-mini").checked) place.title = place.textContent;
    if (target.matches(".agents :is(td,th) :is(a,bdi,span)") && target.scrollHeight + target.scrollWidth > target.clientHeight + target.clientWidth + 2) target.title = target.textContent;
    if (!target.matches("time.for:not([title])")) return;
    const wall = new Date(`${target.dateTime.slice(0, 19)}Z`);
    target.title = `since ${wall.toLocaleString("en-GB", { timeZone: "UTC", dateStyle: "medium", timeStyle: "medium" })}`;
  });

  // Theme and folded menu live in cookies, so that the server draws the page right at once.
  on("change", (e) => {
    const { name, id, value, checked } = e.target;
    if (name === "theme") {
      if (value === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = value;
      cookie("theme", value === "system" ? "" : value);
    } else if (id === "nav-mini") cookie("menu", checked ? "folded" : "");
    else if (id === "keys-on") store("keys", checked ? "on" : "off");
    else if (name === "days") rangeChosen();
  });

  // The More button of the day range says what is chosen under it; no preset at all is Custom.
  function rangeChosen() {
    const said = $("range-more-said"), any = document.querySelector("[name=days]:checked");
    if (!said) return;
    const under = any && any.closest("#range-menu");
    said.textContent = under ? any.nextElementSibling.textContent : any ? "More" : "Custom";
    $("range-more").classList.toggle("on", !any || Boolean(under));
  }
  // After Refresh the choice is the one in force, so the button rests again.
  function rangeApplied(custom) {
    for (const radio of document.querySelectorAll("[name=days]")) {
      if (custom) radio.checked = false;
      radio.defaultChecked = radio.checked;
    }
    if (!custom && $("range-custom")) $("range-custom").reset();
  }
  // Refresh answers with the counts alone: the links of the list take the new days along by themselves.
  function takeDays(address) {
    const now = new URL(address).searchParams, names = ["days", "from", "to"];
    for (const a of document.querySelectorAll("#agents-list a[href^='/agents']:not(tbody a, tfoot a, #add-agent, #deleted, #range-more)")) {
      const url = new URL(a.href);
      names.forEach((name) => now.has(name) ? url.searchParams.set(name, now.get(name)) : url.searchParams.delete(name));
      a.setAttribute("href", url.pathname + url.search);
    }
    $("search-keep").innerHTML = "";
    for (const [name, value] of now) if (name !== "q") $("search-keep").append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }

  // Empty fields stay out of addresses, and two days only go along with Custom.
  on("htmx:config:request", (e) => {
    const { request } = e.detail.ctx, body = request.body;
    if (request.method !== "GET" || !body || !body.entries) return;
    if (body.get("days")) { body.delete("from"); body.delete("to"); }
    for (const [name, value] of [...body]) if (value === "") body.delete(name);
  });

  // Focus: a swap must never throw a keyboard user to the top of the page.
  let focused = null, asker = null, editing = null;
  on("htmx:before:swap", (e) => {
    focused = document.activeElement && document.activeElement.id;
    asker = e.detail.ctx.sourceElement;
    const row = document.activeElement && document.activeElement.closest("tr.editing, .edit-bar");
    editing = row && row.id.replace(/^agent-|-bar$/g, "");
    for (const task of e.detail.tasks) openRow(task);
  });
  const editLink = (agent) => document.querySelector(`#agent-${agent} a[href$="/edit"]`);
  // A row that is open keeps what is typed: only its badges and counts follow, and it is told of changes.
  function openRow(task) {
    const { target, fragment } = task;
    const news = target && target.matches && target.matches("tr.editing") && streaming(asker) && fragment.querySelector("tr");
    if (!news) return;
    task.target = null;
    for (const col of ["agent_status", "extension_status", "calls_answered", "missed"]) {
      const [old, now] = [target, news].map((row) => row.querySelector(`[data-col=${col}]`));
      if (old && now && !old.isEqualNode(now)) old.replaceWith(now);
    }
    const { agent, v } = target.dataset;
    if (news.dataset.v !== v && $(`agent-${agent}-news`))
      htmx.ajax("GET", `/agents/${agent}/edit/news?since=${v}`, { target: `#agent-${agent}-news`, swap: "innerHTML" });
  }
  on("htmx:after:swap", (e) => {
    const { ctx } = e.detail, list = $("agents-list");
    dialogs(ctx);
    picked();
    const open = asker && asker.closest && asker.closest("[popover]:popover-open");
    if (open && asker.matches("form,a")) open.hidePopover();
    if (document.activeElement === document.body || !shown(document.activeElement)) {
      const same = focused && $(focused);
      const menu = same && same.closest("[popover]");
      const target = shown(same) ? same : editing && editLink(editing) ? editLink(editing) : menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : $("agents-region");
      if (target && focused) target.focus({ preventScroll: true });
    }
    // Whatever is swapped later must not pull the focus back.
    for (const first of document.querySelectorAll(".agents [autofocus]")) first.autofocus = false;
    const wrong = ctx.response && ctx.response.status === 422 && document.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
    // The result of one's own search or filter is said; rows that change by themselves are not.
    if (list && asker && !streaming(asker) && asker.id !== "live" && $("agents-count") && list.contains($("agents-count")) && !/^range/.test(asker.id))
      say($("agents-count").textContent + " agents");
    if (asker && /^range/.test(asker.id)) {
      rangeApplied(asker.id !== "range");
      if (list && !ctx.text.includes("<table")) takeDays(ctx.response.raw.url);
    }
    rangeChosen();
    if (streaming(asker)) follow();
    liveSoon();
  });
  // A session that ended answers with the sign-in page: go there instead of swapping it in.
  on("htmx:after:request", (e) => {
    const raw = e.detail.ctx.response.raw;
    if (!raw.redirected || new URL(raw.url).pathname !== "/sign-in") return;
    e.preventDefault();
    if (unsaved()) signedOut();
    else location.assign(raw.url);
  });

  // Shortcuts: / search, j and k rows, ? the list. Off where the reader says so, and never while typing.
  const typing = (el) => el.closest("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]");
  on("keydown", (e) => {
    const row = e.key === "Escape" && e.target.closest("tr.editing, .edit-bar");
    if (row && !row.querySelector("[popover]:popover-open") && !e.isComposing) $("cancel-" + row.id.replace(/^agent-|-bar$/g, "")).click();
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || store("keys") === "off" || typing(e.target)) return;
    if (document.querySelector("dialog:modal")) return;
    if (e.key === "/") {
      const box = shown($("q")) ? $("q") : $("find");
      if (box) { e.preventDefault(); box.focus(); box.select(); }
    } else if (e.key === "?") { e.preventDefault(); openKeys(); }
    else if (e.key === "e") {
      const row = e.target.closest("tr[data-agent]"), link = row && editLink(row.dataset.agent);
      if (link) { e.preventDefault(); link.click(); }
    } else if (e.key === "j" || e.key === "k") step(e, e.key === "j" ? 1 : -1);
    else if (e.key === "x") { const row = e.target.closest("tr[data-agent]"), box = row && row.querySelector(".pick input"); if (box) box.click(); }
    else if (e.key === "u" && $("undo")) { e.preventDefault(); $("undo").focus(); }
  });

  // What comes into #dialog is shown as one; what was sent from it and done closes it.
  function dialogs(ctx) {
    const dialog = document.querySelector("#dialog > dialog");
    if (!dialog) return;
    if (asker && dialog.contains(asker) && ctx.response && ctx.response.status < 400) {
      dialog.close();
      pick(picks(), false);
    } else if (!dialog.open) {
      if ($("keys-on")) $("keys-on").checked = store("keys") !== "off";
      dialog.showModal();
    }
  }

  // One that was closed is gone, or the next swap would show it again.
  document.addEventListener("close", ({ target }) => { if (target.matches("#dialog > dialog")) target.remove(); }, true);

  // Selection: Shift takes a range along, the head the page, Escape lets go.
  const picks = () => [...document.querySelectorAll("tr[data-agent] .pick input, .pick-list [name=agent]")];
  const pick = (boxes, on) => boxes.forEach((box) => { box.checked = on; });
  let lastPick = "";
  function picked() {
    const all = picks(), n = all.filter((box) => box.checked).length, head = $("pick-all");
    if (head) { head.checked = n > 0 && n === all.length; head.indeterminate = n > 0 && n < all.length; }
    if ($("picked")) $("picked").textContent = `${n} selected`;
  }
  on("click", (e) => {
    const all = picks(), box = e.target, at = all.indexOf(box), from = all.findIndex((other) => other.value === lastPick);
    if (box.id === "pick-all") pick(all, box.checked);
    else if (box.id === "unpick") { pick(all, false); $("agents-region").focus({ preventScroll: true }); }
    else if (at < 0) return;
    else {
      if (e.shiftKey && from >= 0) pick(all.slice(Math.min(at, from), Math.max(at, from) + 1), box.checked);
      lastPick = box.value;
    }
    picked();
  });
  on("keydown", (e) => {
    // What is picked for a group is no selection to let go of.
    if (e.key !== "Escape" || e.defaultPrevented || $("members") || typing(e.target) || document.querySelector(":popover-open,dialog:modal")) return;
    pick(picks(), false);
    picked();
  });
  function step(e, by) {
    const rows = [...document.querySelectorAll("tr[data-agent]")];
    if (!rows.length) return;
    const at = rows.indexOf(document.activeElement.closest("tr[data-agent]"));
    const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
    const link = row.querySelector("td[data-col=action] a");
    if (!link) return;
    e.preventDefault();
    link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  const openKeys = () => htmx.ajax("GET", "/keys", { target: "#dialog", swap: "innerHTML show:none" });
  on("click", (e) => {
    if (e.target.closest("#keys-open")) $("me-menu").hidePopover();
    const dismiss = e.target.closest("[data-dismiss]");
    if (dismiss) { dismiss.closest(".toast").remove(); $("main").focus({ preventScroll: true }); }
    if (e.target.closest("#live")) hold(!held());
    if (e.target.closest("#lost-retry")) location.reload();
  });

  // Ages tick by themselves: 38s, 12m, 1h 04m, 6d, as the server prints them. They stop while held or lost.
  const age = (s) => s < 60 ? `${s}s` : s < 3600 ? `${Math.floor(s / 60)}m`
    : s < 86400 ? `${Math.floor(s / 3600)}h ${String(Math.floor(s % 3600 / 60)).padStart(2, "0")}m` : `${Math.floor(s / 86400)}d`;
  // The server's clock counts, not this machine's: the page carries the moment at which it was drawn.
  let skew = null;
  function tick() {
    if (document.hidden || !document.body || held()) return;
    const drawn = document.querySelector("#range-said time");
    if (skew === null && drawn) skew = Date.parse(drawn.dateTime) - performance.now();
    if (skew === null) return;
    const now = skew + performance.now();
    for (const el of document.querySelectorAll("time.for, time.left")) {
      const ahead = el.className === "left", since = now - Date.parse(el.dateTime);
      const text = age(Math.max(0, Math.floor((ahead ? -since : since) / 1000))) + (ahead ? " left" : "");
      if (el.textContent !== text) el.textContent = text;
    }
  }
  setInterval(tick, 1000);

  // Live rows: one stream a page. Holding closes it; letting go reads the page anew and opens it again.
  const held = () => store("held") === "yes";
  let stream = null, lostAt = 0;
  function paint() {
    const button = $("live");
    if (!button) return;
    const still = held();
    button.hidden = false;
    button.setAttribute("aria-pressed", still);
    button.querySelector(".said").textContent = still ? "Held" : "Live";
    button.querySelector(".mark").dataset.status = still ? "offline" : "active";
    for (const [use, icon] of [[button.querySelector(".mark use"), still ? "s-offline" : "s-active"], [button.querySelector(".i use"), still ? "play" : "pause"]])
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + icon));
    document.documentElement.classList.toggle("held", still);
  }
  function readAgain() {
    if ($("agents-list")) htmx.ajax("GET", location.pathname + location.search, { source: "#live", target: "#agents-list", swap: "outerMorph" });
  }
  // A list whose members others changed follows by itself, unless someone has a hand on it.
  function follow() {
    const order = $("order-changed");
    if (order && "follow" in order.dataset && !document.querySelector("#agents-region:is(:hover, :focus-within), tr.editing, .pick input:checked, :popover-open, dialog:modal")) readAgain();
  }
  function hold(still) {
    store("held", still ? "yes" : "no");
    paint();
    say(still ? "Rows are held still" : "Rows change by themselves again");
    if (still) { if (stream) stream.abortController.abort(); }
    else readAgain();
  }
  // Polled tiles keep still as well.
  on("htmx:before:request", (e) => {
    const source = e.detail.ctx.sourceElement;
    if (source.id === "dashboard-tiles" && (held() || document.hidden)) e.preventDefault();
    if (streaming(source) && held()) e.preventDefault();
  });
  on("htmx:sse:before:connection", (e) => { if (held()) e.preventDefault(); });
  on("htmx:sse:after:connection", (e) => { stream = e.detail.connection; lost(false); });
  on("htmx:sse:close", (e) => { if (stream === e.detail.connection) stream = null; });
  // A session that ended takes its page along, unless something is half typed there.
  on("htmx:sse:error", (e) => {
    if (e.detail.status !== 401) lost(true);
    else if (unsaved()) signedOut();
    else location.reload();
  });
  // The first try of the stream does not try again by itself.
  let wait = 1000, retry = 0;
  function liveSoon() {
    const el = document.querySelector("[data-hx-sse\\:connect]");
    clearTimeout(retry);
    if (!el || held()) return;
    retry = setTimeout(() => {
      if (!stream && el.isConnected && !(el._htmx && el._htmx.sse)) {
        wait = Math.min(wait * 2, 30000);
        htmx.ajax("GET", el.getAttribute("data-hx-sse:connect"), { source: el });
      }
      liveSoon();
    }, wait);
  }
  // What is typed outlives the session: it can be sent once somebody signed in beside it.
  let typed = null;
  on("input", ({ target: { form } }) => { if (form && form.method === "post") typed = form; });
  const unsaved = () => (typed && typed.isConnected) || document.querySelector("tr.editing, dialog:modal");
  function banner(id, html) {
    const bar = Object.assign(document.createElement("div"), { id, className: "banner is-warn" });
    const icon = document.querySelector("use").getAttribute("href").replace(/#.*/, "#offline");
    bar.innerHTML = `<svg class="i" aria-hidden="true"><use href="${icon}"/></svg>${html}`;
    document.querySelector(".app > main").prepend(bar);
    say(bar.querySelector("p").textContent);
  }
  function signedOut() {
    const next = encodeURIComponent(location.pathname + location.search);
    if (!$("signed-out")) banner("signed-out", `<p><b>You are signed out.</b> Sign in in another tab, then save again.</p><a href="/sign-in?next=${next}" target="_blank">Sign in</a>`);
  }
  function lost(yes) {
    const main = document.querySelector(".app > main");
    if (!main || (yes && held())) return;
    if (!yes) { lostAt = 0; wait = 1000; if ($("lost")) $("lost").remove(); }
    else if (!lostAt) {
      lostAt = Date.now();
      // A blink of the network is no news: say it after two seconds.
      setTimeout(() => {
        if (!lostAt || $("lost")) return;
        banner("lost", `<p><b>Connection lost. Showing ${new Date(lostAt).toTimeString().slice(0, 8)}.</b> Statuses and counts may have changed since.</p><button class="linkish" type="button" id="lost-retry">Try now</button>`);
      }, 2000);
    }
    document.documentElement.classList.toggle("stale", yes);
  }
  on("htmx:error", (e) => {
    const ctx = e.detail.ctx;
    if (!ctx || (e.detail.error && e.detail.error.name === "AbortError")) return;
    lost(true);
  });
  on("htmx:after:request", (e) => {
    const { status, raw } = e.detail.ctx.response;
    if (status < 500) lost(false);
    if (status < 400 && !raw.redirected && $("signed-out")) $("signed-out").remove();
  });
  // The browser drops what is under way when the page is left. Given up here first, it is no lost connection.
  const underway = new Set();
  on("htmx:before:request", (e) => underway.add(e.detail.ctx));
  on("htmx:finally:request", (e) => underway.delete(e.detail.ctx));
  window.addEventListener("pagehide", () => { for (const ctx of underway) ctx.request.abort(); });
  window.addEventListener("pageshow", (e) => { if (e.persisted) liveSoon(); });
  window.addEventListener("offline", () => lost(true));
  // A stream may have outlived it: whether the server is there is what counts.
  window.addEventListener("online", () => fetch("/healthz").then(() => lost(false), () => {}));

  // Finds in a list of boxes to tick.
  on("input", (e) => {
    if (!e.target.matches("[data-picks]")) return;
    const wanted = e.target.value.trim().toLowerCase();
    for (const pick of e.target.closest(".picks").querySelectorAll(".opt")) pick.hidden = !pick.textContent.toLowerCase().includes(wanted);
  });

  // A file can be dropped anywhere on its field.
  for (const kind of ["dragover", "dragleave", "drop"]) on(kind, (e) => {
    const drop = e.target.closest && e.target.closest("#drop");
    if (!drop || !e.dataTransfer.types.includes("Files")) return;
    e.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && e.dataTransfer.files.length) $("file").files = e.dataTransfer.files;
  });

  // Set-up proposes the browser's own time zone, never over something typed.
  const zone = document.querySelector("[data-propose=time-zone]");
  if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

  // The script is deferred: the page is there.
  for (const el of document.querySelectorAll(".script-only")) el.hidden = false;
  paint();
  picked();
  liveSoon();
})();
