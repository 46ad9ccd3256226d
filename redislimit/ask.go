package redislimit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/redis/go-redis/v9"
)

var (
	errAway = errors.New("redislimit: Redis is away")
	// errStillAway says that Redis was away before the call.
	errStillAway = fmt.Errorf("%w, and is asked every second", errAway)
)

// probeAttempts are what a probe counts: an empty key, which stands for nothing that is
// limited. It has as many attempts as it needs.
var probeAttempts = []deskauth.Attempt{{Rate: deskauth.Rate{Attempts: 1_000_000, Per: time.Second}}}

// ask runs a script in Redis for all attempts of a call. It returns an error that wraps
// errAway if Redis does not answer, and the context's error if the caller has gone.
//
// While Redis is away no call waits for it: a probe asks beside the call. A caller that
// goes before Redis has answered leaves a probe behind too. Its own wait says nothing of
// Redis, because it had less time than Options.Patience.
func (l *Limiter) ask(
	ctx context.Context, s script, attempts []deskauth.Attempt,
) (refused int, wait time.Duration, err error) {
	turn, ask, probe := l.circuit.enter(longest(attempts))
	if probe {
		go l.probe(turn)
	}
	if !ask {
		return -1, 0, errStillAway
	}
	answer, err := l.answer(ctx, s, attempts)
	if gone := ended(ctx); err != nil && gone != nil {
		if l.circuit.doubt(turn) {
			go l.probe(turn)
		}
		return -1, 0, fmt.Errorf("redislimit: %w", gone)
	}
	if err != nil {
		l.circuit.fail(turn, err)
		return -1, 0, fmt.Errorf("%w: %w", errAway, err)
	}
	l.circuit.succeed(turn, answer[2])
	return int(answer[0]), time.Duration(answer[1]) * time.Microsecond, nil
}

// ended returns the error of a context that has ended. A client that heeds deadlines may
// find out a moment before the context does.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// probe finds out whether Redis counts, with all of Options.Patience. The circuit lets one
// run at a time.
func (l *Limiter) probe(turn int) {
	defer l.circuit.probed()
	answer, err := l.answer(context.Background(), take, probeAttempts)
	if err != nil {
		l.circuit.fail(turn, err)
		return
	}
	l.circuit.succeed(turn, answer[2])
}

// answer runs a script, and checks that its answer can be one.
func (l *Limiter) answer(ctx context.Context, s script, attempts []deskauth.Attempt) ([]int64, error) {
	answer, err := l.patiently(ctx, s, attempts)
	if err == nil && (len(answer) != 3 || answer[0] >= int64(len(attempts))) {
		err = fmt.Errorf("the script answers %v", answer)
	}
	return answer, err
}

// patiently runs a script, and gives up when the patience is over.
func (l *Limiter) patiently(ctx context.Context, s script, attempts []deskauth.Attempt) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	if l.heeds {
		return l.run(ctx, s, attempts)
	}
	type result struct {
		answer []int64
		err    error
	}
	done := make(chan result, 1)
	go func() {
		answer, err := l.run(ctx, s, attempts)
		done <- result{answer, err}
	}()
	select {
	case r := <-done:
		return r.answer, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run is the round trip. A server that does not know the script, because it has restarted,
// gets it whole. The client and its hooks are the host's: one that panics is away.
func (l *Limiter) run(ctx context.Context, s script, attempts []deskauth.Attempt) (answer []int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			answer, err = nil, fmt.Errorf("the client panics: %v", p)
		}
	}()
	keys := make([]string, len(attempts), len(attempts)+1)
	args := make([]any, 0, 3*len(attempts))
	for i, a := range attempts {
		keys[i] = l.key(a)
		step, all := microseconds(a.Rate)
		args = append(args, step, all, all/1000+1)
	}
	keys = append(keys, l.prefix+"since")
	answer, err = l.client.EvalSha(ctx, s.hash, keys, args...).Int64Slice()
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		answer, err = l.client.Eval(ctx, s.source, keys, args...).Int64Slice()
	}
	return answer, err
}

// longest returns after how long all attempts of a call have come back.
func longest(attempts []deskauth.Attempt) (per time.Duration) {
	for _, a := range attempts {
		per = max(per, a.Rate.Per)
	}
	return per
}

// microseconds returns after how many microseconds one attempt has come back, and all of
// them. Both are rounded up, so that a key has all attempts of its rate and none comes back
// before its time.
func microseconds(r deskauth.Rate) (step, all int64) {
	unit := int64(time.Microsecond) * int64(r.Attempts)
	step = (int64(r.Per) + unit - 1) / unit
	return step, step * int64(r.Attempts)
}
