package smtpmail

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/deskauth/deskauth"
)

const (
	defaultQueue       = 1000
	defaultConnections = 4
	defaultTries       = 6
	defaultPause       = 15 * time.Second
	defaultTimeout     = 30 * time.Second

	implicitPort = "465" // RFC 8314 §3.3

	maxTextBytes = 200 // of Options.Product
)

// A TLSMode says how the connection to the server is encrypted.
type TLSMode int

const (
	// TLSByPort is implicit TLS on port 465 and STARTTLS on every other port. The mail and
	// the password never go out in the clear, with one exception: the address is localhost
	// or a loopback address, and the server offers no STARTTLS.
	TLSByPort TLSMode = iota
	// TLSStart is STARTTLS, on loopback addresses too.
	TLSStart
	// TLSImplicit is TLS from the first byte on.
	TLSImplicit
)

// Options are the settings of a Mailer. Server, From and BaseURL are required.
type Options struct {
	// Server is HOST:PORT of the server that takes the mail, such as
	// "smtp.example.com:587".
	Server string
	// From is the address that mails come from, with or without a name, such as "Example
	// <noreply@example.com>". Bounces go there too. Message-IDs have its domain.
	From string
	// BaseURL is the address that links begin with, such as
	// "https://desk.example.com/dashboard". No part of a link comes from a request.
	BaseURL string

	// Username and Password sign in to the server, with PLAIN or LOGIN. The default is not
	// to sign in.
	Username string
	Password deskauth.Secret
	// TLS is how the connection is encrypted. The default is [TLSByPort].
	TLS TLSMode
	// TLSConfig is for a server whose certificate the system does not trust: set RootCAs.
	// The default trusts what the system trusts, for the host of Server, from TLS 1.2 on.
	TLSConfig *tls.Config

	// Product is what the mails call your service, up to 200 bytes. The default is the name
	// in From, or its domain.
	Product string
	// Links are what the links of each kind end with, behind BaseURL, or whole addresses
	// that begin with https:// or http://. {code} stands for the code, which must be in
	// each, and {id} for the account's ID. The defaults are those of Tiledesk's dashboard:
	//
	//	MailPasswordReset      /#/resetpassword/{code}
	//	MailEmailVerification  /#/verify/email/{id}/{code}
	//	MailEmailChange        /#/changeemail/{code}
	//
	// The dashboard has no page for the last one: set it if you let addresses be changed.
	Links map[deskauth.MailKind]string
	// Templates replace the default texts, which are in English. The first key is a
	// language, such as "de" or "pt-BR", or "" for every language without texts of its own.
	// A mail to "pt-BR" has the template of "pt-BR", else that of "pt", else that of "",
	// else the default.
	Templates map[string]map[deskauth.MailKind]Template

	// Queue is how many mails may wait or be on their way at once, 1 to 100,000. When it is
	// full, [Mailer.Send] returns an error. A mail takes some 2 KB. The default is 1000.
	Queue int
	// Connections is how many mails are on their way at once, each on a connection of its
	// own, 1 to 100. The default is 4.
	Connections int
	// Tries is how often a mail is tried, 1 to 20. The default is 6. A mail that the server
	// refuses for good (a reply of 500 or more) is not tried again.
	Tries int
	// Pause is the time between the first try and the second, 1 ms to 1 h. Each further
	// pause is three times as long, and none is over an hour. The default is 15 s, so that
	// six tries take half an hour.
	Pause time.Duration
	// Timeout is how long one try may take, 10 ms to 10 min. The default is 30 s.
	Timeout time.Duration

	// Now is the clock for expired codes and the date of a mail. The default is [time.Now].
	Now func() time.Time
	// Logger hears of each mail that is not sent, and why. The default is [slog.Default] at
	// the time of [New].
	Logger *slog.Logger

	dial dialFunc // of tests
}

func (o Options) withDefaults() Options {
	o.Queue = cmp.Or(o.Queue, defaultQueue)
	o.Connections = cmp.Or(o.Connections, defaultConnections)
	o.Tries = cmp.Or(o.Tries, defaultTries)
	o.Pause = cmp.Or(o.Pause, defaultPause)
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.dial == nil {
		o.dial = new(net.Dialer).DialContext
	}
	return o
}

// check checks the numbers. What is read further is checked where it is read.
func (o Options) check() error {
	for _, n := range []struct {
		field    string
		value    int
		min, max int
	}{
		{"Queue", o.Queue, 1, 100_000},
		{"Connections", o.Connections, 1, 100},
		{"Tries", o.Tries, 1, 20},
		{"TLS", int(o.TLS), int(TLSByPort), int(TLSImplicit)},
	} {
		if n.value < n.min || n.value > n.max {
			return fmt.Errorf("smtpmail: Options.%s is %d; %d to %d are allowed", n.field, n.value, n.min, n.max)
		}
	}
	for _, d := range []struct {
		field    string
		value    time.Duration
		min, max time.Duration
	}{
		{"Pause", o.Pause, time.Millisecond, time.Hour},
		{"Timeout", o.Timeout, 10 * time.Millisecond, 10 * time.Minute},
	} {
		if d.value < d.min || d.value > d.max {
			return fmt.Errorf("smtpmail: Options.%s is %v; %v to %v are allowed", d.field, d.value, d.min, d.max)
		}
	}
	if (o.Username == "") != (reveal(o.Password) == "") {
		return errors.New("smtpmail: Options.Username and Options.Password go together: set both, or neither")
	}
	return nil
}

// reveal returns the text of a password. A Secret can be read as the code of a mail only.
func reveal(password deskauth.Secret) string { return deskauth.Mail{Code: password}.CodeText() }

// host checks Options.Server and takes it apart.
func (o Options) host() (host, port string, err error) {
	host, port, err = net.SplitHostPort(o.Server)
	number, numberErr := strconv.ParseUint(port, 10, 16)
	if err != nil || numberErr != nil || number == 0 || host == "" || !isPlain(host) {
		return "", "", fmt.Errorf(
			"smtpmail: Options.Server is %.200q; it needs HOST:PORT, such as smtp.example.com:587", shown(o.Server))
	}
	return host, port, nil
}

// sender checks Options.From and returns it with its domain.
func (o Options) sender() (from *netmail.Address, domain string, err error) {
	from, err = netmail.ParseAddress(o.From)
	if err == nil && !isText(o.From+from.Name) {
		err = errors.New("a control character")
	}
	if err == nil && !isAddress(from.Address) {
		err = errors.New("an address of other than plain ASCII characters")
	}
	if err != nil {
		return nil, "", fmt.Errorf(
			"smtpmail: Options.From is %.200q (%w); it needs an address, such as Example <noreply@example.com>",
			o.From, err)
	}
	return from, from.Address[strings.LastIndexByte(from.Address, '@')+1:], nil
}

// product checks Options.Product, or derives it.
func (o Options) product(from *netmail.Address, domain string) (string, error) {
	name := cmp.Or(cmp.Or(o.Product, from.Name), domain)
	if !isText(name) || len(name) > maxTextBytes {
		return "", fmt.Errorf("smtpmail: Options.Product is %.200q; at most %d bytes without control characters "+
			"are allowed", name, maxTextBytes)
	}
	return name, nil
}
