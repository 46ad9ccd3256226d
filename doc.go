// Package deskauth signs people in: agents with e-mail and password, visitors anonymously,
// and users of other systems with a JWT that their system signed (a custom token). It
// speaks the authentication API of the Tiledesk live-chat platform; the package httpadapter
// serves it over HTTP.
//
// There are four ways in, and each is one method of [Auth]:
//
//   - [Auth.Signup] makes an account for an agent,
//   - [Auth.Signin] signs an agent in,
//   - [Auth.SigninAnonymously] makes a guest of a visitor,
//   - [Auth.SigninWithCustomToken] signs a user of another system in, and takes back
//     anybody who comes with a session token.
//
// The last three return a [Session], whose token [Auth.Verify] turns into an [Identity].
// Two things are yours to give: a [UserStore], which keeps accounts (memstore does it in
// memory, the modules sqlitestore and pgxstore in a file and in PostgreSQL, and storetest
// checks one of your own), and a [SecretProvider], which holds keys ([StaticSecrets] is the simplest). Everything else is in [Config], and its
// zero value is safe:
//
//	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{deskauth.NewKey("", "HS256", secret)}}
//	auth, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
//	...
//	session, err := auth.Signin(ctx, deskauth.SigninInput{Email: email, Password: password})
//	...
//	identity, err := auth.Verify(ctx, session.Token)
//
// What fails, refuses: an error of the store or of the keys never lets anybody in, and is
// never mistaken for a bad password or token. Why somebody was refused is told to
// Config.OnEvent and Config.Logger, and not to whoever asked.
package deskauth
