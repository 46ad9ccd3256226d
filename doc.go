// Package deskauth signs people in: agents with e-mail and password, visitors anonymously,
// and users of other systems with a JWT that their system signed (a custom token). It
// speaks the authentication API of the Tiledesk live-chat platform; the package httpadapter
// serves it over HTTP.
//
// Four methods of [Auth] make accounts and sessions:
//
//   - [Auth.Signup] makes an account for an agent.
//   - [Auth.Signin] signs an agent in.
//   - [Auth.SigninAnonymously] makes a guest account for a visitor.
//   - [Auth.SigninWithCustomToken] signs a user of another system in, and resumes any
//     session by its token.
//
// The last three return a [Session]. [Auth.Verify] turns its token into an [Identity], and
// [Auth.Signout] ends the session. With its token an agent calls [Auth.ChangePassword],
// [Auth.UpdateProfile] and [Auth.DeleteAccount].
//
// A guest can become an agent, by [Auth.UpgradeGuest], or an external user, by the guest's
// token beside a custom token. [Auth.LinkedTo] tells whom.
//
// With Config.Mailer, codes go out by mail: [Auth.RequestPasswordReset] and
// [Auth.ResetPassword] for a forgotten password, [Auth.RequestEmailVerification] and
// [Auth.VerifyEmail], [Auth.RequestEmailChange] and [Auth.ChangeEmail]. [Auth.CheckCode]
// looks at a code without using it. The module smtpmail is a Mailer.
//
// A host that adds to this has [Auth.CheckPassword] and [Auth.IssueSession], the two halves
// of a sign-in. [Auth.UpdateAccount], [Auth.SetPassword], [Auth.SignoutEverywhere],
// [Auth.SetDisabled] and [Auth.DeleteUser] change an account, and end the sessions that
// have to end.
//
// You bring two things. A [UserStore] keeps accounts: memstore in memory, the modules
// sqlitestore and pgxstore in a file and in PostgreSQL, or one of your own, which storetest
// checks. A [SecretProvider] holds keys; [StaticSecrets] is the simplest, and
// the package secrets has others. Everything else is in [Config], whose zero value is safe:
//
//	key := deskauth.NewKey("", "HS256", secret)
//	secrets := deskauth.StaticSecrets{Session: []deskauth.Key{key}}
//	auth, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
//	...
//	session, err := auth.Signin(ctx, deskauth.SigninInput{
//		Email:    email,
//		Password: deskauth.NewSecret(password),
//	})
//	...
//	identity, err := auth.Verify(ctx, session.Token)
//
// If the store or the keys fail, the call fails: the client is not signed in, and the error
// is never that of a bad password or token. The reason of a refusal goes to Config.OnEvent
// and Config.Logger, never to the caller.
//
// What needs a store and nothing else, such as copying all accounts to another store, is in
// the package accounts.
package deskauth
