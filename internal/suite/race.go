package suite

import "sync"

// Race calls f from n goroutines at the same moment, with the numbers from 0, and returns
// what each call returned. The goroutines must not end the test, so f returns its findings
// as an error.
func Race(n int, f func(i int) error) []error {
	var (
		errs  = make([]error, n)
		start = make(chan struct{})
		wg    sync.WaitGroup
	)
	for i := range errs {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}
