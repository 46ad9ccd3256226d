package redislimit_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/limitertest/redistest"
	"github.com/deskauth/deskauth/redislimit"
	"github.com/redis/go-redis/v9"
)

func median[T cmp.Ordered](of []T) T { return slices.Sorted(slices.Values(of))[len(of)/2] }

// The scripts beside which BenchmarkTake measures, with the keys and arguments of a Take.
var (
	bareScript = redis.NewScript(`redis.call('MGET', unpack(KEYS))
for i = 1, #KEYS - 1 do redis.call('SET', KEYS[i], '1764108000000000', 'PX', ARGV[3 * i]) end
return {-1, 0, 1764108000000000}`)
	emptyScript = redis.NewScript("return {-1, 0, 1764108000000000}")
)

// BenchmarkTake measures P12: a call of the keys of a sign-in takes turns with a bare
// EVALSHA that reads and writes as many keys, and with one that does nothing. The ratios
// are those of medians.
func BenchmarkTake(b *testing.B) {
	for _, keys := range []int{1, 3, 5} {
		b.Run(fmt.Sprint(keys, " keys"), func(b *testing.B) { benchmarkTake(b, keys) })
	}
}

func benchmarkTake(b *testing.B, keys int) {
	client := connect(b, redistest.Start(b))
	l := newLimiter(b, client, redislimit.Options{})
	var attempts []deskauth.Attempt
	var names []string
	var args []any
	for i := range keys {
		attempts = append(attempts, attempt(fmt.Sprint("key ", i), 1_000_000, time.Hour))
		names = append(names, fmt.Sprintf("deskauth:{limits}:%043d", i))
		args = append(args, 3600, 3_600_000_000, 3_600_001)
	}
	names = append(names, "deskauth:{limits}:since")
	run := func(s *redis.Script) func() error {
		if err := s.Load(b.Context(), client).Err(); err != nil {
			b.Fatal(err)
		}
		return func() error { return client.EvalSha(b.Context(), s.Hash(), names, args...).Err() }
	}
	calls := []func() error{
		func() error { _, _, err := l.Take(b.Context(), attempts...); return err },
		run(bareScript),
		run(emptyScript),
	}
	took := make([][]time.Duration, len(calls))
	for b.Loop() {
		for i, call := range calls {
			begun := time.Now()
			if err := call(); err != nil {
				b.Fatal(err)
			}
			took[i] = append(took[i], time.Since(begun))
		}
	}
	take, bare, empty := median(took[0]), median(took[1]), median(took[2])
	b.ReportMetric(float64(take.Nanoseconds()), "ns/take")
	b.ReportMetric(float64(take)/float64(bare), "×bare")
	b.ReportMetric(float64(take)/float64(empty), "×empty")
}

// BenchmarkTakesASecond measures what one process takes from Redis.
func BenchmarkTakesASecond(b *testing.B) {
	l := newLimiter(b, connect(b, redistest.Start(b)), redislimit.Options{})
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			a := attempt(fmt.Sprint("client ", i%1000), 1_000_000, time.Hour)
			c := attempt(fmt.Sprint("account ", i%1000), 1_000_000, time.Hour)
			if _, _, err := l.Take(b.Context(), a, c); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "takes/s")
}
