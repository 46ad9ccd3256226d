package memstore_test

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// The parts of a guest's ID and address that are not its number.
const (
	guestID   = "018f4d2e-7c3a-7b61-9d55-"
	guestName = "7f9c24e8-3b12-4fef-91e0-"
	guestHost = "@auth.example.com"
)

// guest is an account as an anonymous sign-in makes it.
func guest(n int) deskauth.Account {
	at := time.UnixMilli(1_700_000_000_000 + int64(n)).UTC()
	return deskauth.Account{User: deskauth.User{
		ID:        fmt.Sprintf("%sx%011x", guestID, n),
		Kind:      deskauth.KindGuest,
		Email:     guestEmail(n),
		FirstName: fmt.Sprintf("guest#%04x", n&0xffff),
		ProjectID: "5b55e806c93dde00143163dd",
		CreatedAt: at,
		UpdatedAt: at,
	}}
}

func guestEmail(n int) string {
	return fmt.Sprintf("%sx%011x%s", guestName, n, guestHost)
}

// recordBytes is the size of an account by itself: its struct and the bytes of its strings.
func recordBytes(a deskauth.Account) int {
	size := int(unsafe.Sizeof(a)) + len(a.Attributes)
	v := reflect.ValueOf(a)
	for _, f := range reflect.VisibleFields(v.Type()) {
		// Kinds are constants of the program.
		if f.Type.Kind() == reflect.String && f.Type != reflect.TypeFor[deskauth.Kind]() {
			size += v.FieldByIndex(f.Index).Len()
		}
	}
	return size
}

// filled returns a store with n guests.
func filled(tb testing.TB, n int) *memstore.Store {
	store := memstore.New()
	for i := range n {
		if err := store.CreateUser(context.Background(), guest(i)); err != nil {
			tb.Fatal(err)
		}
	}
	return store
}

// BenchmarkMemory measures the memory of a guest in the store. P8 allows 1.5 times its
// record. One iteration fills a whole store, so -benchtime=1x is enough.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				before := heap()
				store := filled(b, n)
				each := float64(heap()-before) / float64(n)
				b.ReportMetric(each, "bytes/account")
				b.ReportMetric(each/float64(recordBytes(guest(n))), "ratio")
				runtime.KeepAlive(store)
			}
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first one freed is swept by now
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkUserByID(b *testing.B) {
	benchmarkLookUp(b, func(n int) string { return guest(n).ID }, (*memstore.Store).UserByID)
}

func BenchmarkUserByEmail(b *testing.B) {
	benchmarkLookUp(b, guestEmail, (*memstore.Store).UserByEmail)
}

func benchmarkLookUp(
	b *testing.B, key func(n int) string,
	find func(*memstore.Store, context.Context, string) (deskauth.Account, error),
) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			store := filled(b, n)
			keys := make([]string, 1<<12) // from all over the store
			for i := range keys {
				keys[i] = key(i * 7919 % n)
			}
			ctx := b.Context()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := find(store, ctx, keys[i%len(keys)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCreateUser creates guests in a store that has n of them and grows to twice as
// many, so that the figure includes its share of the maps' growth.
func BenchmarkCreateUser(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ctx := b.Context()
			store, a := filled(b, n), guest(n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i > 0 && i%n == 0 {
					b.StopTimer()
					store = filled(b, n)
					b.StartTimer()
				}
				// Keys as long as a guest's, and cheaper to make: three of the allocations.
				number := strconv.Itoa(1e12 + i)[1:]
				a.ID = guestID + number
				a.Email = guestName + number + guestHost
				if err := store.CreateUser(ctx, a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
