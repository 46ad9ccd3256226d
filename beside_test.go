package deskauth_test

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

var besideTiledesk = deskauth.Config{
	BesideTiledesk: true, ReservedEmails: []string{"Admin@Tiledesk.com", "root@example.com"},
}

// Beside a Tiledesk server agents have IDs of 24 hexadecimal digits, and nobody else has.
func TestS47_IDsTellAgentsApart(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, besideTiledesk)
	agent := regexp.MustCompile(`^[0-9a-f]{24}$`)
	seen := map[string]bool{}
	for _, kind := range testkit.Kinds {
		u := k.MustSession(t, kind).User
		if agent.MatchString(u.ID) != (kind == deskauth.KindUser) {
			t.Errorf("a %s has the ID %q", kind, u.ID)
		}
		seen[u.ID] = true
	}
	for i := range 50 {
		u := k.MustSignup(t, strings.Repeat("a", i+1)+"@f22.it", "a long password")
		if seen[u.ID] || !agent.MatchString(u.ID) {
			t.Errorf("an agent has the ID %q, or had it before", u.ID)
		}
		seen[u.ID] = true
	}
	for id, looksLikeAgent := range map[string]bool{
		`"5c81593adf767b0017d1aa66"`: true, `"5C81593ADF767B0017D1AA66"`: true, `"twelve bytes"`: true,
		`123456789012`: true, `"éééééé"`: true, `"éééééééééééé"`: true, `"日本語日本語日本語日本語"`: true, `"日本語日"`: true,
		`"😀😀😀😀😀😀"`: true, `"😀😀😀"`: true, `"a😀b😀c😀d😀"`: true,
		`"ééééééééééé"`: false, `"ééééééééééééé"`: false, `"😀😀😀😀😀"`: false, `"😀😀😀😀😀😀😀😀😀😀😀😀"`: false,
		`123456789012345678901234`: true, `"000000000000000000000000"`: true,
		`"5c81593adf767b0017d1aa6"`: false, `"5c81593adf767b0017d1aa666"`: false, `"5c81593adf767b0017d1aa6x"`: false,
		`"eleven byte"`: false, `"thirteen bytes"`: false, `42`: false,
	} {
		if looksLikeAgent {
			k.RefusedCustom(t, testkit.TokenA(id), deskauth.ReasonBadClaims)
		} else {
			k.MustCustom(t, testkit.TokenA(id))
		}
		testkit.New(t, deskauth.Config{}).MustCustom(t, testkit.TokenA(id)) // with no other system beside
	}
}

// Accounts from before the setting get no new token with an ID in the form of an agent's,
// or with a reserved address.
func TestS47_AccountsFromBefore(t *testing.T) {
	t.Parallel()
	ids := []string{"5c81593adf767b0017d1aa66", "twelve bytes"}
	n := 0
	before := testkit.New(t, deskauth.Config{NewID: func() string { n++; return ids[n-1] }})
	reserved := before.MustCustom(t, testkit.TokenA(`"42"`, `"email":"admin@tiledesk.com"`))
	var old []deskauth.Session
	for _, id := range ids {
		old = append(old, before.MustGuest(t, testkit.ProjectA), before.MustCustom(t, testkit.TokenA(`"`+id+`"`)))
	}
	k := testkit.NewOn(t, before.Store, testkit.Secrets(), besideTiledesk)
	k.Clock.Advance(20 * testkit.Day) // of the 30 that a guest's token lives
	for _, s := range old {
		got, err := k.IssueSession(t.Context(), deskauth.IssueInput{UserID: s.User.ID})
		if err != deskauth.ErrInvalidToken || got.Token != "" || k.Events.TakeLast().Reason != deskauth.ReasonBadClaims {
			t.Errorf("IssueSession for %+v: %v", s.User, err)
		}
		if s.User.Kind == deskauth.KindGuest { // an external user's token has expired
			k.RefusedCustom(t, s.Token, deskauth.ReasonBadClaims)
		}
	}
	agent := k.MustSignup(t, "ada@f22.it", "a long password")
	k.MustIssue(t, agent.ID)
	token := k.MustIssue(t, reserved.User.ID).Token
	for _, m := range testkit.Members(t, token) {
		if strings.Contains(m.Value, "admin@") || m.Name == "email" && !strings.HasSuffix(m.Value, `@tiledesk.com"`) {
			t.Errorf("the token of a user with a reserved address has %s: %s", m.Name, m.Value)
		}
	}
}

// Beside a Tiledesk server every token has an address.
func TestS47_EveryTokenHasAnAddress(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, besideTiledesk)
	tokens := map[string]string{
		"user":               k.MustSession(t, deskauth.KindUser).Token,
		"guest":              k.MustSession(t, deskauth.KindGuest).Token,
		"no address":         k.MustCustom(t, testkit.TokenA(`"1"`)).Token,
		"null":               k.MustCustom(t, testkit.TokenA(`"2"`, `"email":null`)).Token,
		"empty":              k.MustCustom(t, testkit.TokenA(`"3"`, `"email":""`)).Token,
		"a number":           k.MustCustom(t, testkit.TokenA(`"4"`, `"email":7`)).Token,
		"a reserved one":     k.MustCustom(t, testkit.TokenA(`"5"`, `"email":"admin@tiledesk.com"`)).Token,
		"one of its own":     k.MustCustom(t, testkit.TokenA(`"6"`, `"email":"a@b.it"`)).Token,
		"another's spelling": k.MustCustom(t, testkit.TokenA(`"7"`, `"Email":"x@y.it"`)).Token,
	}
	own := map[string]string{"user": `"andrea@f22.it"`, "one of its own": `"a@b.it"`}
	for what, token := range tokens {
		found := 0
		for _, m := range testkit.Members(t, token) {
			if m.Name == "email" {
				found++
				if own := own[what]; !strings.Contains(m.Value, "@") || own != "" && m.Value != own ||
					own == "" && !strings.HasSuffix(m.Value, `@tiledesk.com"`) {
					t.Errorf("%s: the address is %s, want %s", what, m.Value, cmp.Or(own, "one that is made up"))
				}
			}
		}
		if found != 1 {
			t.Errorf("%s: %d addresses in the token, want one", what, found)
		}
		// The one that is made up is no claim of the other system.
		id, err := k.VerifyStateless(t.Context(), token)
		if err != nil || strings.Contains(string(id.Claims), "@tiledesk.com") {
			t.Errorf("%s: VerifyStateless has the claims %s, %v", what, id.Claims, err)
		}
	}
}

// A reserved address is nobody's, in any spelling.
func TestS47_ReservedAddresses(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, besideTiledesk)
	agent := k.MustSession(t, deskauth.KindUser).User
	for _, address := range []string{
		"admin@tiledesk.com", "ADMIN@TILEDESK.COM", "Admin@Tiledesk.com", "root@example.com",
	} {
		in := testkit.Andrea()
		in.Email = address
		_, err := k.Signup(t.Context(), in)
		testkit.WantFields(t, address, err, "Email")
		_, err = k.UpdateAccount(t.Context(), agent.ID, func(a *deskauth.Account) error {
			a.Email = strings.ToLower(address)
			return nil
		})
		testkit.WantFields(t, "update to "+address, err, "Email")
		local, domain, _ := strings.Cut(address, "@")
		kelvin := strings.NewReplacer("k", "\u212A", "K", "\u212A").Replace(address) // its lower case is k
		for _, claimed := range []string{
			address, " " + address, address + "\\n", address + "\\t", address + `\u0000`, address + ".", address + ". .",
			`\ufeff` + address, local + `\u200b@` + domain, local + `\u00ad@\u2060` + domain, local + ` @ ` + domain,
			`\"` + local + `\"@` + domain, `\" ` + local + `\"@` + domain + ".", "Ada <" + address + ">", "<" + address,
			wide(local) + "@" + domain, local + wide("@"+domain), kelvin,
			address + " (Ada)", "(x)" + address, local + "(x (y))@" + domain, local + "@(x)" + domain,
			"(x" + address + ")" + address,
			"(" + address, address + ")", "((((((((((x)" + address,
			address + ">", "x@y.z," + address, "team:" + address,
			"<" + address + ">, <x@y.z>", "x@y.z, " + address, "x@y.z;" + address, "team: " + address + ";",
			local + `\ufe0f@` + domain, local + `@\u034f` + domain, local + `\u3164@` + domain, `\u115f` + address,
		} {
			for _, name := range []string{"email", "Email", "EMAIL", `emai\u006c`} {
				u := k.MustCustom(t, testkit.TokenA(`"1"`, `"`+name+`":"`+claimed+`"`)).User
				if strings.Contains(string(u.Attributes), "mail") {
					t.Errorf("claimed %q as %s: %s", claimed, name, u.Attributes)
				}
			}
		}
	}
	in := testkit.Andrea()
	in.Email = "admin@example.com"
	if _, err := k.Signup(t.Context(), in); err != nil {
		t.Errorf("an address that is not reserved: %v", err)
	}
}

// wide returns a text in full-width forms.
func wide(text string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '\uff01' }, text)
}

// A guest's made-up address is nobody's either, in any spelling.
func TestS47_GuestAddresses(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	address := k.MustGuest(t, testkit.ProjectA).User.Email
	for _, claimed := range []string{
		address, strings.ToUpper(address), " " + address, `\ufeff` + address, address + ".", `\u200b` + address + `\n`,
	} {
		u := k.MustCustom(t, testkit.TokenA(`"1"`, `"email":"`+claimed+`"`)).User
		if strings.Contains(string(u.Attributes), "email") {
			t.Errorf("claimed %q: %s", claimed, u.Attributes)
		}
	}
	const another = `"email":"ada.lovelace@example.com"`
	if u := k.MustCustom(t, testkit.TokenA(`"1"`, another)).User; string(u.Attributes) != "{"+another+"}" {
		t.Errorf("an address of its own: %s", u.Attributes)
	}
}

// A Tiledesk server takes no guest's ID for an agent's. So no guest becomes a user there.
func TestS47_GuestsBecomeNoAgents(t *testing.T) {
	t.Parallel()
	upgrade := func(a *deskauth.Account) error {
		a.Kind, a.Email = deskauth.KindUser, "ada@f22.it"
		return nil
	}
	for _, beside := range []bool{false, true} {
		k := testkit.New(t, deskauth.Config{BesideTiledesk: beside})
		guest := k.MustGuest(t, testkit.ProjectA)
		u, err := k.UpdateAccount(t.Context(), guest.User.ID, upgrade)
		if beside != errors.Is(err, errors.ErrUnsupported) || beside != (u.Kind == "") {
			t.Errorf("BesideTiledesk %t: %v, kind %q", beside, err, u.Kind)
		}
		if beside {
			k.GoesOn(t, "the guest", guest.Token)
			if !strings.Contains(err.Error(), "Config.BesideTiledesk") {
				t.Errorf("the error is %v, which does not say why", err)
			}
			_, err = k.Upgrade(t, guest.Token, "ada@f22.it")
			if !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, deskauth.ErrGuestsOnly) {
				t.Errorf("UpgradeGuest: %v, want ErrUnsupported and ErrGuestsOnly", err)
			}
			if e := k.Events.TakeLast(); e.Type != deskauth.EventRefused || e.Reason != deskauth.ReasonGuestsOnly {
				t.Errorf("UpgradeGuest: event %+v, want it refused", e)
			}
			k.GoesOn(t, "the guest", guest.Token)
		}
	}
}

// In the token of another server the address of a guest is what the guest has written.
func TestS47_AddressOfAForeignGuest(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, besideTiledesk)
	guest := k.MustGuest(t, testkit.ProjectA)
	endless := testkit.EndlessGuest(guest.User)
	for _, token := range []string{
		guest.Token, endless,
		testkit.ForgeSession(strings.TrimSuffix(testkit.PartOf(t, endless, 1), "}") + `,"email":"admin@tiledesk.com"}`),
		testkit.ForgeSession(strings.TrimSuffix(testkit.PartOf(t, endless, 1), "}") + `,"email":"ada@f22.it"}`),
	} {
		for name, verify := range map[string]func(context.Context, string) (deskauth.Identity, error){
			"Verify": k.Verify, "VerifyStateless": k.VerifyStateless,
		} {
			id, err := verify(t.Context(), token)
			if err != nil || id.Email != guest.User.Email || id.EmailVerified {
				t.Errorf("%s of %s: %q, %v; want %q", name, testkit.PartOf(t, token, 1), id.Email, err, guest.User.Email)
			}
		}
	}
}

func TestBesideTiledeskSaysWhatToMend(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]deskauth.Config{
		"Config.NewID":          {BesideTiledesk: true, NewID: func() string { return "x" }},
		"Config.ReservedEmails": {ReservedEmails: []string{"admin@tiledesk.com", "admin"}},
	} {
		_, err := deskauth.New(memstore.New(), testkit.Secrets(), cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that names %s", err, want)
		}
	}
	k := testkit.New(t, deskauth.Config{NewID: func() string { return "x" }})
	if _, err := k.TryGuest(t, testkit.ProjectA); err != nil || errors.Is(err, deskauth.ErrUserExists) {
		t.Errorf("NewID without a Tiledesk server: %v", err)
	}
}

// One reserved address is enough, and a spelling that CanonicalEmail refuses is reserved
// all the same: the other system may read it.
func TestOneReservedAddress(t *testing.T) {
	t.Parallel()
	before := testkit.New(t, deskauth.Config{})
	reserved := before.MustCustom(t, testkit.TokenA(`"8"`, `"email":"admin@tiledesk.com"`))
	k := testkit.NewOn(t, before.Store, testkit.Secrets(), deskauth.Config{
		ReservedEmails: []string{"admin@tiledesk.com"},
		CanonicalEmail: func(address string) (string, error) {
			if address != strings.ToLower(address) {
				return "", errors.New("must be in lower case")
			}
			return address, nil
		},
	})
	for address, reserved := range map[string]bool{
		"admin@tiledesk.com": true, "ADMIN@tiledesk.com": true, "root@tiledesk.com": false, "ROOT@tiledesk.com": false,
	} {
		s := k.MustCustom(t, testkit.TokenA(`"7"`, `"email":"`+address+`"`))
		if kept := strings.Contains(string(s.User.Attributes), address); kept == reserved {
			t.Errorf("the claim %s is kept: %t, want %t", address, kept, !reserved)
		}
	}
	if payload := testkit.PartOf(t, k.MustIssue(t, reserved.User.ID).Token, 1); strings.Contains(payload, "admin@") {
		t.Errorf("the token of an account from before has the address: %s", payload)
	}
}
