package smtpmail

import "github.com/deskauth/deskauth"

// texts are the default texts, by kind. They are also the list of kinds.
var texts = map[deskauth.MailKind]Template{
	deskauth.MailPasswordReset: english(
		"Choose a new password for {{.Product}}",
		`Hello{{with .Name}} {{.}}{{end}},

We were asked for a new password for your account at {{.Product}}. To choose one, open this
link:

{{.Link}}

The link works once, until `+until+`.
Do not pass it on: whoever opens it can choose your password.

If you did not ask for it, ignore this mail. Your password stays as it is.
`,
		`<p>Hello{{with .Name}} {{.}}{{end}},</p>
<p>We were asked for a new password for your account at {{.Product}}.</p>
<p><a href="{{.Link}}">Choose a new password</a></p>
<p>The link works once, until `+until+`. Do not pass it on: whoever opens it can choose your
password.</p>
<p>If you did not ask for it, ignore this mail. Your password stays as it is.</p>
`),

	deskauth.MailEmailVerification: english(
		"Confirm your e-mail address for {{.Product}}",
		`Hello,

There is an account at {{.Product}} with this e-mail address. To confirm that the address is
yours, open this link:

{{.Link}}

The link works until `+until+`.

If you did not sign up, ignore this mail. Without the link nobody can confirm your address.
`,
		`<p>Hello,</p>
<p>There is an account at {{.Product}} with this e-mail address. Is the address yours?</p>
<p><a href="{{.Link}}">Confirm the address</a></p>
<p>The link works until `+until+`.</p>
<p>If you did not sign up, ignore this mail. Without the link nobody can confirm your address.</p>
`),

	deskauth.MailEmailChange: english(
		"Confirm your new e-mail address for {{.Product}}",
		`Hello,

We were asked to use this e-mail address for an account at {{.Product}}. To confirm that the
address is yours, open this link:

{{.Link}}

The link works once, until `+until+`.

If you did not ask for it, ignore this mail. The account then keeps its old address.
`,
		`<p>Hello,</p>
<p>We were asked to use this e-mail address for an account at {{.Product}}. Is the address yours?</p>
<p><a href="{{.Link}}">Confirm the address</a></p>
<p>The link works once, until `+until+`.</p>
<p>If you did not ask for it, ignore this mail. The account then keeps its old address.</p>
`),

	deskauth.MailPasswordChanged: english(
		"Your password for {{.Product}} was changed",
		`Hello,

The password of your account at {{.Product}} was changed. If you did it, there is nothing to do.

If you did not, choose a new password now. Open {{.BaseURL}}
and say that you have forgotten your password.
`,
		`<p>Hello,</p>
<p>The password of your account at {{.Product}} was changed. If you did it, there is nothing to do.</p>
<p>If you did not, choose a new password now. Open <a href="{{.BaseURL}}">{{.BaseURL}}</a> and say that
you have forgotten your password.</p>
`),

	deskauth.MailEmailChanged: english(
		"Your e-mail address for {{.Product}} was changed",
		`Hello,

The account at {{.Product}} that had this e-mail address now has another one. If you did it,
there is nothing to do. We write to this address for the last time.

If you did not, somebody else may use your account. Tell those who run {{.Product}} now.
`,
		`<p>Hello,</p>
<p>The account at {{.Product}} that had this e-mail address now has another one. If you did it, there is
nothing to do. We write to this address for the last time.</p>
<p>If you did not, somebody else may use your account. Tell those who run {{.Product}} now.</p>
`),
}

// until is when the link ends, in words that need no explanation.
const until = `{{.Expires.Format "2 January 2006, 15:04"}} UTC`

// english puts a text into a page without pictures, scripts or anything to fetch.
func english(subject, text, html string) Template {
	return Template{
		Subject: subject,
		Text:    text,
		HTML: `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>` + subject + `</title></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
` + html + `</body>
</html>
`,
	}
}
