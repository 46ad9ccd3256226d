package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/deskauth/deskauth"
)

// maxNamed bounds how many accounts one error names.
const maxNamed = 20

// brokenAccounts is the error of accounts that cannot be copied.
type brokenAccounts []*deskauth.RowError

func (b brokenAccounts) Error() string {
	var reasons []string
	for _, row := range b[:min(len(b), maxNamed)] {
		reasons = append(reasons, row.Error())
	}
	if more := len(b) - len(reasons); more > 0 {
		reasons = append(reasons, fmt.Sprintf("and %d others", more))
	}
	return "mend these accounts, or set CopyConfig.SkipBroken: " + strings.Join(reasons, "; ")
}

func (b brokenAccounts) Unwrap() (all []error) {
	for _, row := range b {
		all = append(all, row)
	}
	return all
}

// leaveOut tells the caller which accounts are left out, or returns them as an error.
func (c *copier) leaveOut(broken []*deskauth.RowError) error {
	if len(broken) == 0 {
		return nil
	}
	if c.cfg.SkipBroken == nil {
		return brokenAccounts(broken)
	}
	for _, row := range broken {
		c.cfg.SkipBroken(row.ID, row)
	}
	return nil
}

// brokenRow returns the row that a store could not read. When the context has ended, that
// may be all that was wrong with it.
func brokenRow(ctx context.Context, err error) (row *deskauth.RowError, ok bool) {
	if err == nil || ctx.Err() != nil {
		return nil, false
	}
	return errors.AsType[*deskauth.RowError](err)
}
