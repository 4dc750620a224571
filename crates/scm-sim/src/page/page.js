"use strict";

const ROWS = 100;

function cell(text, className) {
  const td = document.createElement("td");
  td.textContent = text ?? "";
  if (className) td.className = className;
  return td;
}

function time(iso) {
  return iso ? iso.slice(0, 19).replace("T", " ") : "";
}

const shown = {};

// Draws the rows anew only when they say something new, and never under a pressed button: the press would meet nothing.
function fill(id, items, toRow, columns, empty) {
  const body = document.getElementById(id);
  const now = JSON.stringify(items);
  if (shown[id] === now || body.querySelector("button:active")) return;
  shown[id] = now;
  let rows = items.map(toRow).reverse();
  if (rows.length === 0) {
    const row = document.createElement("tr");
    const none = cell(empty, "none");
    none.colSpan = columns;
    row.append(none);
    rows = [row];
  }
  body.replaceChildren(...rows);
}

function actions(order) {
  const td = document.createElement("td");
  td.className = "short";
  const steps = [];
  if (order.state === "Requested") steps.push("approve", "decline");
  if (order.dcv_pending) steps.push("validate");
  for (const step of steps) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = step[0].toUpperCase() + step.slice(1);
    button.setAttribute("aria-label", `${button.textContent} order ${order.id}`);
    button.dataset.step = step;
    button.dataset.order = order.id;
    td.append(button);
  }
  return td;
}

const WAITS = { Requested: ", waits for approval" };

function stateCell(order) {
  const waits = order.dcv_pending ? ", waits for domain validation" : WAITS[order.state] ?? "";
  return cell(order.state + waits, `state ${order.state}`);
}

// The control API tells what an order is; whether its time is over depends on the simulator's clock.
function asOf(now, order) {
  const over = order.state === "Issued" && Date.parse(order.not_after) <= Date.parse(now);
  return over ? { ...order, state: "Expired" } : order;
}

function orderRow(order) {
  const row = document.createElement("tr");
  row.append(
    cell(order.id, "short"), cell(order.common_name, "long"), cell(order.kind, "short"), cell(order.profile, "short"),
    stateCell(order), cell(time(order.requested), "short"), cell(time(order.not_after), "short"), actions(order));
  return row;
}

function callRow(call) {
  const row = document.createElement("tr");
  const failed = call.status === null || call.status >= 400;
  row.append(
    cell(call.number, "short"), cell(time(call.at), "short"), cell(call.call, "short"),
    cell(`${call.method} ${call.path}${call.query ? "?" + call.query : ""}`, "long"),
    cell(call.status ?? "no answer", failed ? "short bad" : "short"), cell(call.error, "long"), cell(call.rules.join(", ")));
  return row;
}

async function json(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

async function refresh() {
  const summary = document.getElementById("summary");
  try {
    const [orders, calls, clock] = await Promise.all([
      json(`/control/orders?newest=${ROWS}`), json(`/control/calls?newest=${ROWS}`), json("/control/clock")]);
    summary.className = "";
    const some = orders.count > ROWS ? `, the newest ${ROWS} shown` : "";
    summary.textContent = `${orders.count} ${orders.count === 1 ? "order" : "orders"}${some}. Clock: ${time(clock.now)} UTC`;
    fill("orders", orders.orders.map((order) => asOf(clock.now, order)), orderRow, 8, "No orders yet.");
    fill("calls", calls, callRow, 7, "No calls yet.");
  } catch (error) {
    summary.className = "failed";
    summary.textContent = `The simulator does not answer: ${error.message}`;
  }
}

document.addEventListener("click", async (event) => {
  const { step, order } = event.target.dataset;
  if (!step) return;
  event.target.disabled = true;
  await fetch(`/control/orders/${order}/${step}`, { method: "POST" }).catch(() => {});
  // Drawn anew also when nothing came of it: the button can be pressed again.
  delete shown.orders;
  await refresh();
});

refresh();
setInterval(refresh, 1000);
