import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js"; // made by openapi-typescript

type Code = components["schemas"]["Code"];
type Account = components["schemas"]["Account"];
type Host = ReturnType<typeof connect>;

// connect returns a client of the host that serves the paths. The token of the last session
// goes with every request, as it came.
export function connect(baseUrl: string) {
  let token: string | undefined;
  const client = createClient<paths>({ baseUrl });
  client.use({
    onRequest({ request }) {
      if (token !== undefined) request.headers.set("Authorization", token);
    },
  });
  return { client, keep: (session: { token: string } | undefined) => void (token = session?.token) };
}

// signUpAndIn returns the account, or the code of what is wrong.
export async function signUpAndIn(host: Host, email: string, password: string): Promise<Account | Code> {
  const body = { email, password, firstname: "Ada", lastname: "Lovelace" };
  const made = await host.client.POST("/v1/auth/signup", { body });
  if (made.error) return made.error.code;
  const session = await host.client.POST("/v1/auth/signin", { body: { email, password } });
  if (session.error) return session.error.code;
  host.keep(session.data);
  return made.data.user;
}
