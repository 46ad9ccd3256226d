package deskauth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// Codes are for agents. An account that another hand made a guest's or an external user's
// takes none, not even a good one of before.
func TestACodeIsOfAnAgent(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		for _, kind := range []deskauth.Kind{deskauth.KindGuest, deskauth.KindExternal} {
			bySQL(func(a *deskauth.Account) { a.Kind = kind })(t, k, agent.ID)
			u, err := k.Use(t.Context(), m.Kind, m.Code, "")
			k.WantBadCode(t, "the code of a "+string(kind), u, err, deskauth.ReasonUsersOnly)
		}
	})
}

// An account that is deleted between the check of a code and its write has no code, with
// and without another write before that.
func TestS32_DeletedWhileACodeIsUsed(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]error{"alone": nil, "after another write": deskauth.ErrConflict} {
		for _, kind := range testkit.CodeKinds {
			accounts := memstore.New()
			store := &testkit.CountingStore{UserStore: accounts}
			k := testkit.NewWithMail(t, store, testkit.Secrets(), deskauth.Config{})
			m := k.MustMail(t, kind, k.MustAgent(t, "andrea@f22.it"))
			store.BeforeUpdate = func(ctx context.Context, a deskauth.Account) error {
				return errors.Join(then, accounts.DeleteUser(ctx, a.ID))
			}
			u, err := k.Use(t.Context(), kind, m.Code, "")
			k.WantBadCode(t, string(kind)+", deleted "+name, u, err, deskauth.ReasonAccountGone)
		}
	}
}

// An agent that uses a code is active, and one that looks at it is not yet.
func TestAUsedCodeIsActivity(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		before := testkit.Start.Add(-testkit.Day)
		bySQL(func(a *deskauth.Account) { a.LastActiveAt = before })(t, k, agent.ID)
		_, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code})
		testkit.Must(t, err)
		if got := k.Stored(t, agent.ID).LastActiveAt; !got.Equal(before) {
			t.Errorf("looked at: active at %v, want %v", got, before)
		}
		_, err = k.Use(t.Context(), m.Kind, m.Code, "")
		testkit.Must(t, err)
		if got := k.Stored(t, agent.ID).LastActiveAt; !got.Equal(testkit.Start) {
			t.Errorf("used: active at %v, want %v", got, testkit.Start)
		}
	})
}

// Where the State cannot be read, it may say that the code has ended. So no code is taken,
// and none is made.
func TestUnreadableStateHasNoCodes(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		bySQL(func(a *deskauth.Account) { a.State = "x" })(t, k, agent.ID)
		before := k.Stored(t, agent.ID)
		looked, lookErr := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code})
		used, useErr := k.Use(t.Context(), m.Kind, m.Code, "")
		askErr := k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: agent.Email})
		for name, err := range map[string]error{"CheckCode": lookErr, "its use": useErr, "another code": askErr} {
			if errors.Is(err, deskauth.ErrInvalidCode) {
				t.Errorf("%s: the code is blamed: %v", name, err)
			}
			testkit.WantFailure(t, looked.ID+used.ID, err)
		}
		if mails := k.Mail.Take(); len(mails) != 0 {
			t.Errorf("got the mails %v, want none", mails)
		}
		if after := k.Stored(t, agent.ID); after.Version != before.Version {
			t.Errorf("the account was changed to %+v", after)
		}
	})
}

// An ID that is too long for a code can come from another hand only. It gets no code, which
// might be read as one of another account.
func TestS51_NoCodeForALongID(t *testing.T) {
	t.Parallel()
	for _, length := range []int{129, 256 + 44, 1000} {
		k := testkit.NewMail(t, deskauth.Config{Logger: testkit.Quiet})
		agent := testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash, func(a *deskauth.Account) {
			a.ID = strings.Repeat("1", length)
		})
		err := k.RequestPasswordReset(t.Context(), deskauth.MailInput{Email: agent.Email})
		mails := k.Mail.Take()
		if err == nil || !strings.Contains(err.Error(), "must have 128 bytes or fewer") || len(mails) > 0 {
			t.Errorf("an ID of %d bytes: %v and the mails %v, want an error and none", length, err, mails)
		}
	}
}

// The event of a code says whose it is and which client brought it, whatever came of it.
func TestEventsOfCodes(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		for _, c := range []struct {
			what, client string
			ended        bool // the code
			use          bool
		}{
			{"CheckCode", testkit.Here, false, false},
			{"the use", testkit.There, false, true},
			{"CheckCode of a used one", testkit.Here, true, false},
			{"the use of a used one", testkit.There, true, true},
		} {
			var err error
			if c.use {
				_, err = k.Use(t.Context(), m.Kind, m.Code, c.client)
			} else {
				in := deskauth.CheckCodeInput{Purpose: m.Kind, Code: m.Code, Client: c.client}
				_, err = k.CheckCode(t.Context(), in)
			}
			e := k.Events.TakeLast()
			if (err != nil) != c.ended || (e.Type == deskauth.EventRefused) != c.ended ||
				e.UserID != agent.ID || e.Kind != deskauth.KindUser || e.Client != c.client {
				t.Errorf("%s: %v, event %+v; want the account %s, a user, and the client %s",
					c.what, err, e, agent.ID, c.client)
			}
		}
	})
}
