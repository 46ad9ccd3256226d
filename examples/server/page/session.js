// The session token is kept in sessionStorage: it outlives a reload and ends with the tab. No
// request carries it by itself, as it would a cookie, so no other site can act with it. Any
// script of this page could read it: that is why the policy lets no script run but its own.
const name = "deskauth.token";

export const token = () => sessionStorage.getItem(name) ?? "";
export const keep = (text) => sessionStorage.setItem(name, text);
export const forget = () => sessionStorage.removeItem(name);
