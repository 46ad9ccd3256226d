package storetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

var fullClauses = []faultClause{{
	Name: "CreateFails",
	Says: "CreateUser returns an error when there is no room. " +
		"It wraps none of ErrUserNotFound, ErrUserExists and ErrConflict.",
	Mend: "Return the error of the database as it is. " +
		"A database that throws old accounts away to make room cannot keep accounts.",
	Test: func(p *faultProbe) {
		_, failed, err := p.fill()
		p.isFailure(err, "CreateUser of "+suite.Quote(failed.ID)+" without room")
	},
}, {
	Name: "KeepsWhatItHas",
	Says: "When there is no room, an account is there if CreateUser returned no error for it, and not otherwise.",
	Mend: "Write the account and its keys in one transaction. Throw nothing away to make room.",
	Test: func(p *faultProbe) {
		before := fullAccount("before")
		p.create(before)
		created, failed, _ := p.fill()
		p.holds(before)
		p.holds(created...)
		p.noID(failed.ID)
		p.noEmail(failed.Email)
	},
}, {
	Name: "WorksAgain",
	Says: "When there is room again, every method works again, without a new store.",
	Mend: "Give back what a failed call holds, and remember no failure.",
	Test: func(p *faultProbe) {
		created, failed, _ := p.fill()
		for range tries { // more than a pool has connections
			_ = p.store.CreateUser(p.ctx, failed)
		}
		p.switches("Full", p.door.Full, false)
		p.recovers("a time without room")
		p.holds(created...)
	},
}}

// maxFill is the number of accounts with the longest Attributes in 32 MiB.
const maxFill = 32 << 20 / maxAttributes

// fill creates large accounts until one of them fails, which must happen within maxFill.
func (p *faultProbe) fill() (created []deskauth.Account, failed deskauth.Account, err error) {
	p.Helper()
	p.switches("Full", p.door.Full, true)
	noise := rand.New(rand.NewPCG(1, 2)) // which no database can compress
	for i := range maxFill {
		buf := make([]byte, maxAttributes*3/4-len(`{"x":""}`))
		for n := range buf {
			buf[n] = byte(noise.Uint32())
		}
		a := fullAccount(fmt.Sprintf("large-%d", i))
		a.Attributes = json.RawMessage(`{"x":"` + base64.StdEncoding.EncodeToString(buf) + `"}`)
		if err := p.store.CreateUser(p.ctx, a); err != nil {
			return created, a, err
		}
		created = append(created, a)
	}
	p.Fatalf("CreateUser without room: got no error for %d accounts with Attributes of %d bytes, want one",
		maxFill, maxAttributes)
	return nil, deskauth.Account{}, nil
}
