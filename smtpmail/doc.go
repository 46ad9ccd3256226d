// Package smtpmail sends the mails of deskauth through an SMTP server.
//
//	mailer, err := smtpmail.New(smtpmail.Options{
//		Server:   "smtp.example.com:587",
//		Username: "desk", Password: deskauth.NewSecret(os.Getenv("SMTP_PASSWORD")),
//		From:     "Example Desk <noreply@example.com>",
//		BaseURL:  "https://desk.example.com/dashboard",
//	})
//	...
//	defer mailer.Close(ctx)
//	auth, err := deskauth.New(users, secrets, deskauth.Config{Mailer: mailer})
//
// [Mailer.Send] puts a mail into a queue in memory and returns in a microsecond or two.
// Goroutines write and send it. A mail that the server refuses for now, or that it does not
// get, is tried again after growing pauses. One that it refuses for good is not, and none
// is whose code has expired. Every mail that is not sent is an error in the log, with its
// kind, the account's ID and the reason. No address, no code and no text of the server is
// in the log.
//
// # What goes out
//
// A mail goes to one address, with no copy to anybody. It has plain text and the same as
// HTML, which fetches nothing. Its links are made of the configuration, the account's ID
// and the code. It says nothing that the maker of the account has chosen, but for the first
// name in a password reset to an address that is verified: anybody can sign up with the
// address of somebody else.
//
// The default texts are in English. [Options.Templates] replaces them by kind and language.
//
// # What it does not do
//
// The queue is in memory: what is in it when the process is killed is lost, and its reader
// has to ask again. Addresses have to be ASCII, the domain as it is in the DNS (xn--…).
// Mails that bounce later go to the address of Options.From.
package smtpmail
