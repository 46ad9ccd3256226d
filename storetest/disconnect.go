package storetest

import "github.com/deskauth/deskauth"

var disconnectClauses = []faultClause{{
	name: "ErrorsAreNoOutcome",
	says: "when the database is gone, an error says that the store failed, and wraps none of ErrUserNotFound, ErrUserExists and ErrConflict",
	mend: "let a lost connection through as it is; do not repeat a write whose answer was lost, because it finds its own work and takes it for another's",
	test: func(p *faultProbe) {
		for _, err := range p.load().wrong {
			p.Error(err)
		}
	},
}, {
	name: "AcknowledgedIsThere",
	says: "what a method returned no error for was done, and stays done when the database is gone",
	mend: "return no error before the database has committed; no writing later, and no commit that the database makes up its mind about later",
	test: func(p *faultProbe) {
		l := p.load()
		p.recovers("a disconnect")
		if len(l.records) == 0 {
			p.Fatalf("CreateUser under load: got an error for each of %d accounts, want success while the database is there", len(l.unsure))
		}
		for _, r := range l.records {
			p.isThere(r)
		}
	},
}, {
	name: "WholeOrAbsent",
	says: "each method is atomic when the database is gone, too: an account that was not acknowledged is there with all its fields and both its keys, or not at all",
	mend: "write the account and its keys in one transaction",
	test: func(p *faultProbe) {
		l := p.load()
		p.recovers("a disconnect")
		for _, a := range l.unsure {
			if _, err := p.whole(p.ctx, a); err != nil {
				p.Errorf("after a CreateUser that returned an error: %v", err)
			}
		}
	},
}, {
	name: "RecoversByItself",
	says: "when the database is back, every method works again, with no new store",
	mend: "take a new connection for a lost one, and give back what a failed call holds: locks, transactions, places in the pool",
	test: func(p *faultProbe) {
		p.load()
		p.recovers("disconnects under load")
		if err := p.door.Disconnect(); err != nil {
			p.Fatalf("Backdoor.Disconnect: %v", err)
		}
		p.recovers("a disconnect of idle connections")
	},
}}

// isThere checks that an account is there, as it was acknowledged last or as a later update
// would have made it of which nobody knows.
func (p *faultProbe) isThere(r *record) {
	p.Helper()
	for _, look := range p.lookUps(r.sure) {
		got, err := look.up()
		if err == nil && r.learn(got) {
			continue
		}
		p.same(look.method+" of "+quote(r.sure.ID)+", which was acknowledged", got, r.sure, err)
	}
}

// A record is what is known of an account that was created.
type record struct {
	sure  deskauth.Account   // as it was acknowledged or read last
	maybe []deskauth.Account // by later updates that returned an error
}

// learn takes note of what was read. It reports false for what cannot be.
func (r *record) learn(got deskauth.Account) bool {
	if differences(got, r.sure) == nil {
		return true // an update may still be on its way
	}
	for _, a := range r.maybe {
		if differences(got, a) == nil {
			// The other updates had the same Version, and are out.
			r.sure, r.maybe = a, nil
			return true
		}
	}
	return false
}
