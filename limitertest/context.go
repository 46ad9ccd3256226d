package limitertest

import (
	"context"
	"time"

	"github.com/deskauth/deskauth"
)

var contextClauses = []clause{{
	Name: "WorksAfterCancelled",
	Says: "A call whose context has ended may answer or fail, and returns soon. The limiter goes on working.",
	Mend: "Pass ctx to every call of the driver. Give back what a cancelled call holds: locks, connections, transactions.",
	Test: func(p *probe) {
		rate := deskauth.Rate{Attempts: 3, Per: time.Hour}
		p.usesUp("known", rate)
		ctx, cancel := context.WithCancel(p.ctx)
		cancel()
		for range 30 { // more than a pool has connections
			p.limiter.Take(ctx, attempt("given up", rate))
			p.limiter.GiveBack(ctx, attempt("given up", rate), attempt("given up too", rate))
		}
		p.usesUp("fresh", rate)
		p.giveBack(attempt("fresh", rate), attempt("known", rate))
		p.allows(1, "fresh", rate)
	},
}}
