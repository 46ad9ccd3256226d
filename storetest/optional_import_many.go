package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/suite"
)

func importsThousands(p *probe) {
	sizes := []int{1000, 5000}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, n := range sizes {
		batch := make([]deskauth.Account, n)
		for i := range batch {
			batch[i] = fullAccount(fmt.Sprintf("%d-%d", n, i))
		}
		p.imports(n, batch...)
		for i := 0; i < n; i += n / 100 {
			p.holds(batch[i])
		}
		p.holds(batch[n-1])
		p.imports(0, batch...)
	}
}

// importRaces imports the same accounts in two orders, so that imports which lock as they
// go wait for each other.
func importRaces(p *probe) {
	const n, importers = 60, 4
	for round := range rounds {
		batch := make([]deskauth.Account, n)
		for i := range batch {
			batch[i] = fullAccount(fmt.Sprintf("%d-%02d", round, i))
		}
		reversed := slices.Clone(batch)
		slices.Reverse(reversed)
		counts := make([]int, importers)
		errs := suite.Race(importers, func(i int) error {
			result, err := p.importer().ImportUsers(p.ctx, [][]deskauth.Account{batch, reversed}[i%2], nil)
			counts[i] = result.Created
			return err
		})
		sum := 0
		for i, err := range errs {
			if err != nil {
				p.Errorf("ImportUsers by %d goroutines at once: got the error %v, want nil", importers, err)
			}
			sum += counts[i]
		}
		if sum != n {
			p.Errorf(
				"ImportUsers of the same %d accounts by %d goroutines at once: got %v, which is "+
					"%d in all, want %d",
				n, importers, counts, sum, n)
		}
		p.holds(batch...)
	}
}
