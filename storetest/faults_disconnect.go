package storetest

var disconnectClauses = []faultClause{{
	Name: "FailuresAreNotOutcomes",
	Says: "When the database is gone, an error says that the store failed. " +
		"It wraps none of ErrUserNotFound, ErrUserExists and ErrConflict.",
	Mend: "Return the error of a lost connection as it is. Do not repeat a write whose answer was lost: " +
		"it meets its own first attempt and takes it for another caller's.",
	Test: func(p *faultProbe) {
		for _, err := range p.load().wrong {
			p.Error(err)
		}
	},
}, {
	Name: "AcknowledgedIsKept",
	Says: "When a method returned no error, its work was done and stays done, also when the database is gone.",
	Mend: "Return no error before the database has committed. Write nothing later, " +
		"and let the database put no commit off.",
	Test: func(p *faultProbe) {
		l := p.load()
		p.recovers("a disconnect")
		if len(l.records) == 0 {
			p.Fatalf(
				"CreateUser under load: got an error for each of %d accounts, want success while "+
					"the database is there",
				len(l.unsure))
		}
		for _, r := range l.records {
			p.isKept(r)
		}
	},
}, {
	Name: "WholeOrAbsent",
	Says: "Each method is atomic when the database is gone, too. An account that was not acknowledged " +
		"is there with all its fields and under both its keys, or not at all.",
	Mend: "Write the account and its keys in one transaction.",
	Test: func(p *faultProbe) {
		l := p.load()
		p.recovers("a disconnect")
		for _, a := range l.unsure {
			if _, err := p.whole(p.ctx, a); err != nil {
				p.Errorf("after a CreateUser that returned an error: %v", err)
			}
		}
	},
}, {
	Name: "RecoversByItself",
	Says: "When the database is back, every method works again, without a new store.",
	Mend: "Replace a lost connection by a new one. Give back what a failed call holds: " +
		"locks, transactions, places in the pool.",
	Test: func(p *faultProbe) {
		p.load()
		p.recovers("disconnects under load")
		if err := p.door.Disconnect(); err != nil {
			p.Fatalf("Backdoor.Disconnect: got the error %v, want nil", err)
		}
		p.recovers("a disconnect of idle connections")
	},
}}

// isKept checks that an account is there as the store acknowledged it last, or as a later
// update made it whose outcome is not known.
func (p *faultProbe) isKept(r *record) {
	p.Helper()
	for _, look := range p.lookUps(r.sure) {
		got, err := look.up()
		if err == nil && r.learn(got) {
			continue
		}
		p.same(look.String()+", which was acknowledged", got, r.sure, err)
	}
}
