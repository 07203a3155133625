// Shows /openapi.json. Text goes into the page as text, never as markup.
"use strict";

const methods = ["get", "post", "put", "patch", "delete"];
let api;

/** Makes an element: el("a", {href: "#x"}, "text", child). */
function el(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

/** Follows a reference within the document. */
function resolve(x) {
  while (x && x.$ref) x = x.$ref.slice(2).split("/").reduce((at, part) => at[part], api);
  return x || {};
}

function typeOf(schema) {
  const s = resolve(schema);
  const types = [].concat(s.type || []).filter((t) => t !== "null");
  if (s.oneOf || s.anyOf) return "one of several";
  if (types[0] === "array") return "list of " + typeOf(s.items);
  return [types.join(" or ") || "anything", s.format].filter(Boolean).join(", ");
}

/** An example of what the schema describes; depth ends what refers to itself. */
function example(schema, depth = 0) {
  const s = resolve(schema);
  if (s.examples && s.examples.length) return s.examples[0];
  if (s.enum) return s.enum[0];
  if (s.oneOf || s.anyOf) return example((s.oneOf || s.anyOf)[0], depth);
  switch ([].concat(s.type)[0]) {
    case "object":
      return Object.fromEntries(depth > 5 ? [] : Object.entries(s.properties || {}).map(([k, v]) => [k, example(v, depth + 1)]));
    case "array": return depth > 5 ? [] : [example(s.items, depth + 1)];
    case "integer": case "number": return 1;
    case "boolean": return true;
    case "string": return s.format === "date-time" ? "2026-03-03T12:00:00Z" : "…";
    default: return null;
  }
}

function table(rows) {
  return el("table", {}, el("tbody", {}, ...rows.map(([name, type, text]) =>
    el("tr", {}, el("td", {}, el("code", {}, name)), el("td", {}, type), el("td", {}, text || "")))));
}

function properties(schema) {
  const s = resolve(schema);
  return Object.entries(s.properties || {}).map(([name, p]) => [
    name + ((s.required || []).includes(name) ? " *" : ""), typeOf(p), p.description || resolve(p).description]);
}

function showSchema(schema, depth = 0) {
  const s = resolve(schema);
  const choices = s.oneOf || s.anyOf;
  if (choices && depth === 0) return choices.map((c) => el("div", {}, ...showSchema(c, 1)));
  const rows = properties(s);
  return [rows.length ? table(rows) : null, el("pre", {}, JSON.stringify(example(s), null, 2))];
}

function showContent(title, content) {
  return Object.entries(content || {}).flatMap(([type, media]) =>
    [el("h4", {}, title + " ", el("code", {}, type)), ...showSchema(media.schema)]);
}

function showOperation(path, method, op) {
  const body = el("div");
  if (op.description) body.append(el("p", {}, op.description));
  const params = (op.parameters || []).map(resolve);
  if (params.length) {
    body.append(el("h4", {}, "Parameters"), table(params.map((p) =>
      [p.name + (p.required ? " *" : ""), p.in + ", " + typeOf(p.schema), p.description])));
  }
  if (op.requestBody && op.requestBody.description) body.append(el("p", {}, op.requestBody.description));
  if (op.requestBody) body.append(...showContent("Request", op.requestBody.content).filter(Boolean));
  for (const [status, response] of Object.entries(op.responses || {})) {
    if (response.$ref) body.append(el("p", {}, el("code", {}, status), " " + resolve(response).description));
    else body.append(...showContent((status === "default" ? "Otherwise" : status) + " " + (response.description || ""), response.content).filter(Boolean));
  }
  return el("details", {class: "operation", id: "op-" + op.operationId},
    el("summary", {}, el("span", {class: "method " + method.toUpperCase()}, method.toUpperCase()),
      el("span", {class: "path"}, path), el("span", {class: "summary"}, op.summary || "")), body);
}

function show() {
  document.title = api.info.title + " API";
  document.getElementById("title").textContent = api.info.title + " " + api.info.version;
  document.getElementById("about").textContent = api.info.description || "";
  const tags = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter((m) => item[m])) {
      const op = item[method];
      const tag = (op.tags || ["other"])[0];
      if (!tags.has(tag)) tags.set(tag, []);
      tags.get(tag).push({path, method, op});
    }
  }
  const index = document.getElementById("index"), all = document.getElementById("operations");
  for (const tag of [...tags.keys()].sort()) {
    const list = tags.get(tag);
    index.append(el("h2", {}, tag), el("ul", {}, ...list.map(({method, path, op}) => el("li", {"data-text": (method + path + op.operationId + op.summary).toLowerCase()},
      el("a", {href: "#op-" + op.operationId}, op.operationId.replaceAll("_", " "))))));
    all.append(el("section", {class: "tag"}, el("h2", {}, tag), ...list.map(({path, method, op}) => showOperation(path, method, op))));
  }
}

/** Opens the operation that the address names. */
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView();
}

function filter(event) {
  const words = event.target.value.toLowerCase();
  for (const item of document.querySelectorAll("#index li")) item.hidden = !item.dataset.text.includes(words);
}

fetch("/openapi.json").then((r) => r.json()).then((document_) => {
  api = document_;
  show();
  open();
}).catch((err) => { document.getElementById("operations").textContent = "The API's description can't be read: " + err.message; });
window.addEventListener("hashchange", open);
document.getElementById("filter").addEventListener("input", filter);
