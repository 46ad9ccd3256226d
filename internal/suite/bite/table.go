package bite

import (
	"iter"
	"sync"
)

// A Table is what a broken implementation remembers besides its data. It is safe for
// concurrent use, so that -race finds nothing in what is broken in another way. Its zero
// value is empty.
type Table[V any] struct{ values sync.Map }

// Set sets the value of a key.
func (t *Table[V]) Set(key string, v V) { t.values.Store(key, v) }

// Drop forgets a key.
func (t *Table[V]) Drop(key string) { t.values.Delete(key) }

// At returns the value of a key, or the zero value and false if it has none.
func (t *Table[V]) At(key string) (v V, ok bool) {
	value, ok := t.values.Load(key)
	if ok {
		v = value.(V)
	}
	return v, ok
}

// Keys returns the keys that have a value, in no order.
func (t *Table[V]) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		t.values.Range(func(key, _ any) bool { return yield(key.(string)) })
	}
}
