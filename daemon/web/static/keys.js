/* Keys for the desk; everything works without them. A key is an attribute of the element that it works. */
(() => {
  "use strict";
  const began = performance.now();
  const stored = () => { try { return localStorage.getItem("duban.keys") !== "off"; } catch { return true; } };
  const marks = { Slash: "?", Digit1: "1", Digit2: "2", Digit3: "3", Digit4: "4", Digit5: "5" };
  let go = -Infinity;

  // An input method reports "Process" or a full-width character: then the place of the key counts.
  const keyOf = (event) => {
    if (event.key.length === 1 && event.key.charCodeAt(0) < 128) return event.key;
    if (event.key.length > 1 && event.key !== "Process" && event.key !== "Unidentified") return event.key;
    if (event.code.startsWith("Key")) { const k = event.code.slice(3).toLowerCase(); return event.shiftKey ? k.toUpperCase() : k; }
    if (event.code === "Slash") return event.shiftKey || event.key === "？" ? "?" : "/";
    return marks[event.code] || "";
  };
  const inField = (node) => node && (node.matches("input:not([type=checkbox]),textarea,select") || node.isContentEditable);

  const opened = (id) => {
    const box = document.getElementById(id);
    if (!box) return;
    box.open = true;
    const field = box.querySelector("[aria-invalid],select,textarea,input:not([type=hidden])");
    if (field) field.focus();
  };
  const work = (node) => {
    if (node.matches("input[type=search],input[type=text]")) { node.focus(); node.select(); }
    else node.click();
  };
  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return false;
    const at = rows.findIndex((r) => r.classList.contains("at"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
    rows.forEach((r) => r.classList.remove("at"));
    next.classList.add("at");
    const link = next.querySelector("a");
    if (link) link.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
  const named = (node) => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll("kbd").forEach((k) => k.remove());
    return node.getAttribute("aria-label") || copy.textContent.trim();
  };
  const help = () => {
    const box = document.createElement("dialog");
    const title = document.createElement("h2");
    title.textContent = "快捷键";
    box.append(title);
    const seen = new Set();
    const add = (key, words) => { if (seen.has(key)) return; seen.add(key); const p = document.createElement("p"); p.textContent = key + "　" + words; box.append(p); };
    document.querySelectorAll("[data-key]").forEach((n) => add(n.dataset.key, named(n)));
    document.querySelectorAll("[data-go]").forEach((n) => add("g " + n.dataset.go, n.textContent.replace(/\d+/g, "").trim()));
    if (document.querySelector("[data-row]")) add("j k", "下一行、上一行");
    const off = document.createElement("button");
    off.textContent = stored() ? "关闭快捷键" : "打开快捷键";
    off.onclick = () => { try { localStorage.setItem("duban.keys", stored() ? "off" : "on"); } finally { box.close(); } };
    const close = document.createElement("button");
    close.textContent = "关闭窗口";
    close.onclick = () => box.close();
    box.append(off, " ", close);
    box.onclose = () => box.remove();
    document.body.append(box);
    box.showModal();
  };

  document.addEventListener("keydown", (event) => {
    const here = document.activeElement;
    if (event.isComposing) return;
    if (inField(here)) {
      if (event.key === "Escape") here.blur();
      else if (event.key === "Enter" && event.ctrlKey && here.form) here.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || performance.now() - began < 300) return;
    if (document.querySelector("dialog[open]")) return;
    const key = keyOf(event);
    if (key === "?") { help(); return; }
    if (!stored() || !key) return;
    if (key === "g") { go = performance.now(); return; }
    const going = performance.now() - go < 1500;
    go = -Infinity;
    const escaped = CSS.escape(key);
    const node = document.querySelector(going ? `[data-go="${escaped}"]` : `[data-key="${escaped}"]`);
    if (node) { event.preventDefault(); work(node); return; }
    if ((key === "j" || key === "k") && step(key === "j" ? 1 : -1)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("[data-opens]");
    if (link) { event.preventDefault(); opened(link.dataset.opens); }
  });
  const trouble = document.getElementById("problems");
  if (trouble) trouble.focus();
})();
