import { byID, el, facts, time } from "./dom.js";

// What claims mean. docs/http.md has them all.
const meanings = {
  sub: "the kind of account",
  uid: "the account’s ID: keep data under it",
  _id: "the account’s ID, or the one in the other system",
  id_project: "the project",
  iss: "who issued the token",
  aud: "whom it is for",
  iat: "when it was issued",
  exp: "when it ends",
  auth_time: "when its owner signed in",
  jti: "this token",
  sid: "this session, also when the token is renewed",
  epoch: "rises when every session ends",
};

const isTime = new Set(["iat", "exp", "auth_time"]);

// showToken decodes a session token and lists what it says. The token itself is not shown.
// Decoding checks nothing: only the server knows whether a token is good.
export function showToken(token) {
  const [header, claims] = token.replace(/^JWT /, "").split(".").slice(0, 2).map(decode);
  facts(byID("token-header"), list(header));
  facts(byID("token-claims"), list(claims));
}

function list(object = {}) {
  return Object.entries(object).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const meaning = el("span", { class: "meaning" }, meanings[name] ?? "");
    if (isTime.has(name)) meaning.append(": ", time(new Date(value * 1000)));
    return [el("code", {}, name), [el("code", {}, text), meaning]];
  });
}

// decode reads a part of a JWT: JSON in base64url (RFC 7515 §2).
function decode(part) {
  if (!part) return undefined;
  const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
