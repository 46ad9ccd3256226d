// A Refusal is an answer that is no success, in the words of the server.
export class Refusal extends Error {
  constructor(status, message, fields = []) {
    super(message);
    this.status = status; // 0 if there is no answer
    this.fields = fields; // of a 422: {param, msg}
  }
}

// call sends a request and returns the JSON of its answer, or throws a Refusal. A token goes
// into the Authorization header as it came, its scheme before it.
export async function call(method, path, { body, token } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = token;
  const text = body === undefined ? undefined : JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, { method, headers, body: text, credentials: "omit", cache: "no-store" });
  } catch {
    throw new Refusal(0, "The server does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw refusal(response, answer);
  return answer;
}

function refusal(response, answer) {
  let message = answer.msg ?? answer.message ?? answer.error ?? `The server answers with status ${response.status}.`;
  const seconds = response.headers.get("Retry-After");
  if (seconds) message += ` Try again in ${seconds} s.`;
  return new Refusal(response.status, message, answer.errors);
}
