package storetest

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/deskauth/deskauth"
)

// contenders is the number of goroutines that race for what one of them can have.
const contenders = 16

// rounds is how often each race runs.
const rounds = 8

// contender marks an account as written by contender i.
func contender(a deskauth.Account, i int) deskauth.Account {
	a.FirstName = fmt.Sprintf("contender %d", i)
	a.SessionEpoch = int64(i)
	return a
}

// oneWinner checks that one contender succeeded and that the errors of the others wrap the
// loser's. It returns the number of the winner.
func (p *probe) oneWinner(call string, errs []error, loser error) int {
	p.Helper()
	winners := 0
	winner := -1
	for i, err := range errs {
		if err == nil {
			winners++
			winner = i
			continue
		}
		p.wraps(err, loser, call)
	}
	if winners != 1 {
		p.Fatalf("%s by %d goroutines at once: %d succeeded, want 1", call, len(errs), winners)
	}
	return winner
}

// readers is the number of goroutines that read while one writes.
const readers = 4

// watch runs write beside some readers, and starts it when all of them are there. A reader
// goes on until writing reports false, or ends earlier. Between its writes, write calls
// turn, which waits until a reader calls writing again, however slow the readers are. watch
// reports every error that is returned.
func (p *probe) watch(write func(turn func()) error, read func(writing func() bool) error) {
	p.Helper()
	var (
		done  atomic.Bool
		errs  = make([]error, readers+1)
		asked = make(chan struct{}, 1)
		gone  = make(chan struct{})

		ready, wg sync.WaitGroup
	)
	writing := func() bool {
		select {
		case asked <- struct{}{}:
		default:
		}
		runtime.Gosched() // else the writer waits for a reader's time slice, 10 ms each turn
		return !done.Load()
	}
	ready.Add(readers)
	for i := range readers {
		wg.Go(func() {
			ready.Done()
			errs[i] = read(writing)
		})
	}
	go func() {
		wg.Wait()
		close(gone)
	}()
	ready.Wait()
	errs[readers] = write(func() {
		select {
		case <-asked:
		case <-gone:
		}
	})
	done.Store(true)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			p.Error(err)
		}
	}
}
