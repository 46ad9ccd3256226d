package storetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/deskauth/deskauth"
)

var fullClauses = []faultClause{{
	name: "CreateFails",
	says: "CreateUser returns an error when there is no room, wrapping none of ErrUserNotFound, ErrUserExists and ErrConflict",
	mend: "let the database's error through as it is; one that throws old accounts away to make room is none to keep accounts in",
	test: func(p *faultProbe) {
		_, failed, err := p.fill()
		p.isNoOutcome(err, "CreateUser of "+quote(failed.ID)+" without room")
	},
}, {
	name: "KeepsWhatItHas",
	says: "what CreateUser returned no error for is there, and what it returned an error for is not, when there is no room",
	mend: "write the account and its keys in one transaction, and throw nothing away to make room",
	test: func(p *faultProbe) {
		before := fullAccount("before")
		p.create(before)
		made, failed, _ := p.fill()
		p.holds(before)
		p.holds(made...)
		p.noID(failed.ID)
		p.noEmail(failed.Email)
	},
}, {
	name: "WorksAgain",
	says: "when there is room again, every method works again, with no new store",
	mend: "give back what a failed call holds, and remember no failure",
	test: func(p *faultProbe) {
		made, failed, _ := p.fill()
		for range tries { // more than a pool has connections
			_ = p.store.CreateUser(p.ctx, failed)
		}
		p.switches("Full", p.door.Full, false)
		p.recovers("a time without room")
		p.holds(made...)
	},
}}

// maxFill is how many accounts with the longest Attributes may have room: 32 MiB of them.
const maxFill = 32 << 20 / maxAttributes

// fill creates large accounts until one fails, which has to be soon.
func (p *faultProbe) fill() (made []deskauth.Account, failed deskauth.Account, err error) {
	p.Helper()
	p.switches("Full", p.door.Full, true)
	noise := rand.New(rand.NewPCG(1, 2)) // or the database would compress it
	for i := range maxFill {
		text := make([]byte, maxAttributes*3/4-len(`{"x":""}`))
		for n := range text {
			text[n] = byte(noise.Uint32())
		}
		a := fullAccount(fmt.Sprintf("large-%d", i))
		a.Attributes = json.RawMessage(`{"x":"` + base64.StdEncoding.EncodeToString(text) + `"}`)
		if err := p.store.CreateUser(p.ctx, a); err != nil {
			return made, a, err
		}
		made = append(made, a)
	}
	p.Fatalf("CreateUser without room: got no error for %d accounts with Attributes of %d bytes, want one", maxFill, maxAttributes)
	return nil, deskauth.Account{}, nil
}
