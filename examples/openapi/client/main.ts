// main.ts talks to the host that its argument names, and prints what it hears, a line each.
import { connect, signUpAndIn } from "./client.js";

declare const process: { argv: string[] };

const host = connect(process.argv[2]!);
const say = (what: string, ...heard: unknown[]) => console.log(what, ...heard.map((x) => JSON.stringify(x)));

const guest = await host.client.POST("/v1/auth/signinAnonymously", { body: { id_project: "shop" } });
if (guest.error) throw new Error(guest.error.code);
say("guest", guest.data.user.id_project, guest.data.token.startsWith("JWT "));

const account = await signUpAndIn(host, "ada@example.com", "correct horse battery");
if (typeof account === "string") throw new Error(account);
say("account", account.email, account.__v);

const profile = await host.client.GET("/v1/users");
say("profile", profile.data?.firstname, profile.data?._id === account._id);

say("again", await signUpAndIn(host, "ada@example.com", "correct horse battery"));

const wrong = await host.client.POST("/v1/auth/signin", { body: { email: "ada@example.com", password: "wrong" } });
say("wrong", wrong.response.status, wrong.error?.code);

const short = await host.client.PUT("/v1/users/changepsw", { body: { oldpsw: "correct horse battery", newpsw: "short" } });
if (short.error && "errors" in short.error) say("short", short.error.code, short.error.errors.map((e) => e.param));

host.keep(guest.data);
const forbidden = await host.client.GET("/v1/users");
say("forbidden", forbidden.response.status, forbidden.error?.code);
