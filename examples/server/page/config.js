// What the server says of itself: index.html has it in the attributes of its body.
const { prefix, users, demo } = document.body.dataset;

export const paths = {
  signup: `${prefix}/signup`,
  signin: `${prefix}/signin`,
  guest: `${prefix}/signinAnonymously`,
  custom: `${prefix}/signinWithCustomToken`,
  me: `${prefix}/me`,
  signout: `${prefix}/signout`,
  forgot: `${prefix}/requestresetpsw`,
  checkReset: (code) => `${prefix}/checkpswresetkey/${encodeURIComponent(code)}`,
  reset: (code) => `${prefix}/resetpsw/${encodeURIComponent(code)}`,
  verify: (id, code) => `${prefix}/verifyemail/${encodeURIComponent(id)}/${encodeURIComponent(code)}`,
  changeEmail: (code) => `${prefix}/changeemail/${encodeURIComponent(code)}`,
  password: `${users}/changepsw`,
  resend: `${users}/resendverifyemail`,

  // The example's own, beside the library's.
  lines: "/page/lines",
  everywhere: "/page/signouteverywhere",
  sign: "/page/customtoken",
  outbox: "/page/outbox",
};

export const isDemo = demo === "yes";
