// Pause and Stop of one run. Traits in, DOM out: the kernel owns the state, a click only asks.
// The chart stands in its own output; it freezes when the page is loaded anew, so a view that is rendered anew
// (`seen` is already set) shows the latest picture itself.

const OVER = ["completed", "stopped", "interrupted", "failed"];
const SLOW_MS = 4000;

function render({ model, el }) {
  const words = model.get("labels");
  const anew = model.get("seen");
  if (!anew) {
    model.set("seen", true);
    model.save_changes();
  }

  const row = document.createElement("div");
  row.className = "ftkit-controls";
  row.setAttribute("role", "group");
  row.setAttribute("data-lm-suppress-shortcuts", "true"); // else JupyterLab takes Enter to edit the cell
  row.setAttribute("aria-label", words.controls);
  const pause = button("ftkit-pause", ask_pause);
  const stop = button("ftkit-stop", ask_stop);
  stop.textContent = words.stop;
  const status = document.createElement("span");
  status.className = "ftkit-status";
  status.setAttribute("role", "status"); // read out when it changes
  row.append(pause, stop, status);
  el.append(row);

  let note = null;
  let picture = null;
  if (anew) {
    note = document.createElement("div");
    note.className = "ftkit-note";
    picture = document.createElement("img");
    picture.className = "ftkit-chart";
    el.append(note, picture);
  }

  let timer = null;
  let slow = false;
  let lost = false; // a click found no kernel: it was restarted or ended
  let asked = ""; // by this view's buttons, and not answered yet

  function button(name, action) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `${name}`;
    made.addEventListener("click", action);
    return made;
  }

  function ask(what) {
    try {
      model.send({ type: what });
    } catch {
      lost = true; // nobody is there to take it
      draw();
      return;
    }
    asked = what;
    slow = false;
    draw(); // the answer in words does not wait for the kernel
    clearTimeout(timer);
    timer = setTimeout(() => {
      slow = true;
      draw();
    }, SLOW_MS);
  }

  function ask_pause() {
    ask(model.get("state") === "paused" ? "resume" : "pause");
  }

  function ask_stop() {
    ask("stop");
  }

  function heard() {
    lost = false;
    draw();
  }

  function answer() {
    if (asked !== "stop") asked = ""; // a stop is answered by the end alone
    draw();
  }

  function draw() {
    const state = model.get("state");
    const over = OVER.includes(state);
    const pending = over ? "" : asked || model.get("pending");
    pause.textContent = state === "paused" ? words.resume : words.pause;
    const dead = lost && !over;
    pause.disabled = dead || over || state === "starting" || Boolean(pending);
    stop.disabled = dead || over || pending === "stop";
    const promise = { stop: words.stopping, pause: words.pausing, resume: words.resuming }[pending];
    status.textContent = !promise ? model.get("status") : slow && asked ? `${promise} ${words.slow}` : promise;
    row.dataset.state = pending || state;
    if (dead) {
      status.textContent = words.lost;
      row.dataset.state = "lost";
    }
    if (picture) {
      picture.src = `data:image/svg+xml;utf8,${encodeURIComponent(model.get("svg"))}`;
      picture.alt = model.get("status");
      note.textContent = over ? words.reloaded_over : words.reloaded;
    }
  }

  const traits = ["status", "pending", "svg"];
  model.on("change:state", answer);
  traits.forEach((name) => model.on(`change:${name}`, heard));
  draw();
  return () => {
    clearTimeout(timer);
    model.off("change:state", answer);
    traits.forEach((name) => model.off(`change:${name}`, heard));
  };
}

export default { render };
